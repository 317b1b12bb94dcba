"""Pending replies: scanners wait for their feedback, people for the answers to their commands.

A scanner gets `queued` if its scan is safe but not yet posted after the configured time, and the real outcome
afterwards, unless that comes too late. It gets `not stored` once if the journal cannot be written: then nothing is
acknowledged, the operator scans again, and the front ensures that only the second scan is posted.
"""

import asyncio
import json
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from devices.decoders.strict_json import id_in
from gateway.backflush.inputs.contexts import language_at
from gateway.backflush.memory.changes import Response
from gateway.backflush.memory.noise import LARGEST_SCAN
from gateway.backflush.memory.records import Result
from gateway.backflush.memory.state import State
from gateway.backflush.values.phrases import phrase
from gateway.errors import Reason
from gateway.journal import Entry, JournalBatch, entry_id
from gateway.mqtt.topics import DeviceTopic, Topics
from gateway.service.entries import is_scan
from gateway.service.parts import Part
from gateway.service.tell.messages import FEEDBACK_EXPIRY_S, SIGNALS, Message, encode
from gateway.service.tell.payloads import RequestAnswer
from gateway.service.tell.scan_payloads import ScanFeedback
from gateway.service.times import Durations, iso

MOST_ANSWERS = 1_000
"""The most answers kept for callers that do not wait for them yet."""


class _Scan(NamedTuple):
    entry: Entry
    since: float


class Scanners:
    """The scans that are durable, but not committed yet."""

    def __init__(
        self,
        topics: Topics,
        timeout_ms: float,
        clock: Callable[[], int],
        send: Callable[[list[Message]], None],
        state: Callable[[], State],
    ) -> None:
        """Take the present state, for the language of each scanner."""
        self._topics = topics
        self._state = state
        self._timeout_s = timeout_ms / 1000
        self._clock = clock
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._scans: dict[int, _Scan] = {}
        self._queued: dict[int, float] = {}
        self.answers = Durations()
        """From a scan in the journal to its answer after the commit."""

    def durable(self, batch: JournalBatch) -> None:
        """Start the wait of a batch's scans."""
        now = time.monotonic()
        scans = {
            entry_id(batch.number, index): _Scan(_shorten(entry), now)
            for index, entry in enumerate(batch.entries)
            if is_scan(entry)
        }
        if scans:
            self._scans.update(scans)
            self._loop.call_later(self._timeout_s, self._tell_queued, list(scans))

    def end_wait(self, entries: Iterable[int]) -> None:
        """End the wait of committed scans."""
        now_s = time.monotonic()
        for key in entries:
            scan = self._scans.pop(key, None)
            since = scan.since if scan is not None else self._queued.pop(key, None)
            if since is not None:
                self.answers.note(now_s - since)

    def cancel(self) -> None:
        """Send no further `queued`."""
        self._scans.clear()

    def not_stored(self, entries: Iterable[Entry]) -> None:
        """Answer the senders of scans that nothing was stored."""
        self._tell(entries, "nok", Reason.NOT_STORED, "not_stored", "scan_again")

    def _tell_queued(self, keys: list[int]) -> None:
        waiting = {key: self._scans.pop(key) for key in keys if key in self._scans}
        self._queued.update((key, scan.since) for key, scan in waiting.items())
        entries = (scan.entry for scan in waiting.values())
        self._tell(entries, "queued", Reason.QUEUED, "stored", "safe")

    def _tell(self, entries: Iterable[Entry], result: Result, code: Reason, title: str, text: str) -> None:
        messages, now = [], iso(self._clock())
        for entry in entries:
            topic = self._topics.parse(entry.topic)
            if isinstance(topic, DeviceTopic):
                to = self._topics.feedback(topic.plant, topic.line, topic.device)
                if entry.response_topic and self._topics.may_answer(topic, entry.response_topic):
                    to = entry.response_topic
                language = language_at(self._state(), topic.plant, topic.device)
                body: ScanFeedback = {
                    "ref": id_in(entry.payload),
                    "ts": now,
                    "result": result,
                    "code": str(code),
                    "title": phrase(language, title),
                    "text": phrase(language, text),
                    "data": {},
                    "signal": SIGNALS[result],
                }
                messages.append(Message(to, encode(body), expiry_s=FEEDBACK_EXPIRY_S, correlation=entry.correlation))
        self._send(messages)


def _shorten(entry: Entry) -> Entry:
    """Keep only the id of an oversized scan, which is invalid anyway: there may be many."""
    if len(entry.payload) <= LARGEST_SCAN:
        return entry
    return entry._replace(payload=encode({"id": id_in(entry.payload)}))


class Callers(Part):
    """The commands from the control socket that are not committed yet."""

    def __init__(self) -> None:
        self._waiting: dict[int, asyncio.Future[RequestAnswer]] = {}
        self._early: dict[int, RequestAnswer] = {}

    async def answer(self, entry: int) -> RequestAnswer:
        """Wait for the answer to a command."""
        early = self._early.pop(entry, None)
        if early is not None:
            return early
        waiter: asyncio.Future[RequestAnswer] = asyncio.get_running_loop().create_future()
        self._waiting[entry] = waiter
        return await waiter

    def hand_over(self, answers: Mapping[int, Response]) -> None:
        """Hand answers to their waiting callers."""
        for entry, response in answers.items():
            waiter = self._waiting.pop(entry, None)
            if waiter is None:
                self._early[entry] = answer_of(response)
                if len(self._early) > MOST_ANSWERS:
                    del self._early[next(iter(self._early))]
            elif not waiter.done():
                waiter.set_result(answer_of(response))

    async def stop(self) -> None:
        """Dismiss all callers: journaled requests are processed after the next start."""
        for waiter in self._waiting.values():
            waiter.cancel()


def answer_of(response: Response) -> RequestAnswer:
    """Return a response in the form for its caller."""
    return {
        "transaction": response.transaction,
        "status": response.status,
        "code": response.code,
        "text": response.text,
        "data": json.loads(response.data),
    }
