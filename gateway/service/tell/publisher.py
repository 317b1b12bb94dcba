"""The publisher: sends messages to the broker, keeps those it cannot take now, and sends posting events in order.

Events follow a cursor: the last document whose events the broker has acknowledged. While the broker keeps up they
come straight from the commits; after it was away they are read from the ledger, from the cursor on. So each event is
sent at least once, and its id identifies a repetition.

Other messages are held until the broker has acknowledged them. After a lost connection the next one sends
unacknowledged messages again, on a retained topic unless there is a newer one; a message with an expiry is sent within
that time or not at all.
"""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final, NamedTuple, Protocol

from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.ledger.reports.outbox import Posted
from gateway.mqtt.topics import Topics
from gateway.mqtt.wire.packets import NO_EXTRAS, Extras
from gateway.service.parts import Part, ask_apart, begin_task
from gateway.service.tell.messages import Message
from gateway.service.tell.posting_events import Event, events_of

log = logging.getLogger("backflush")

MOST_KEPT = 20_000
"""The most messages waiting for the broker; beyond it the oldest are dropped, with a line in the log."""
READ_AT_ONCE = 500
MOST_IN_FLIGHT = 4_000
"""The most documents with events under way."""
MOST_WAITING = 10_000
"""The most documents waiting in memory; further ones are read from the ledger."""
PAUSE_S = 0.05
SETTLE_S = 2.0
_NONE: Final[tuple[int, deque[Event]]] = (0, deque())


class Connected(Protocol):
    """The publisher's view of a connection."""

    @property
    def connected(self) -> bool:
        """Whether the connection is up."""
        ...

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        extras: Extras = NO_EXTRAS,
        on_done: Callable[[], None] | None = None,
    ) -> bool:
        """Publish, or return False if it cannot be sent now."""
        ...


class PublishingProgress(Protocol):
    """The publisher's progress, which the thread of the ledger stores."""

    cursor: int
    """The last document whose events the broker has."""
    live: bool
    """Whether posting events are handed over directly; else they are read from the ledger."""


class _Unsent(NamedTuple):
    """A message that the broker has not acknowledged."""

    message: Message
    until_s: float
    """It is worthless afterwards."""

    def expiry_s(self, now_s: float) -> int | None:
        return None if self.until_s == math.inf else max(1, round(self.until_s - now_s))


class Publisher(Part):
    """Sends messages and posting events over one connection."""

    def __init__(
        self,
        connection: Connected,
        topics: Topics,
        read: Callable[[int, int], list[Posted]],
        progress: PublishingProgress,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Prepare it. `read(after, limit)` reads documents from the ledger, in another thread."""
        self._connection = connection
        self._topics = topics
        self._source = topics.base + "/_gateway/" + topics.gateway
        self._read = read
        self._progress = progress
        self._monotonic = monotonic
        self._kept: deque[_Unsent] = deque()
        self._retained: dict[str, _Unsent] = {}
        self._in_flight: dict[int, _Unsent] = {}
        """Messages that the broker has still to acknowledge, in the order of sending."""
        self._number = 0
        self._flushing: asyncio.TimerHandle | None = None
        self._under_way: dict[int, int] = {}
        """Events that the broker has still to acknowledge, by document."""
        self._half: tuple[int, deque[Event]] = _NONE
        """The document after `_sent`, with the events that the broker had no room for yet."""
        self._next: deque[Posted] = deque()
        self._sent: int | None = None
        self._documents = 0
        """The number of committed documents, by the last report."""
        self._waking: asyncio.TimerHandle | None = None
        self._following: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._epoch = 0
        self.events = 0
        """The number of events that the broker has acknowledged."""

    @property
    def waiting(self) -> int:
        """The number of messages and documents that the broker has not got yet."""
        return len(self._kept) + len(self._retained) + len(self._under_way) + len(self._next)

    def send(self, messages: list[Message]) -> None:
        """Send messages, or keep them: on a retained topic only the newest, and none of QoS 0."""
        now_s = self._monotonic()
        for message in messages:
            unsent = _Unsent(message, math.inf if message.expiry_s is None else now_s + message.expiry_s)
            in_line = message.qos > 0 and (self._kept or self._flushing is not None)
            if in_line or not self._publish(unsent, message.expiry_s):
                self._keep(unsent)

    def _publish(self, unsent: _Unsent, expiry_s: int | None) -> bool:
        message = unsent.message
        number = self._number = self._number + 1
        if message.qos:
            self._in_flight[number] = unsent
        taken = self._connection.publish(
            message.topic,
            message.payload,
            qos=message.qos,
            retain=message.retain,
            extras=Extras(expiry_s, message.correlation),
            on_done=(lambda: self._forget(number)) if message.qos else None,
        )
        if not taken:
            self._forget(number)
        return taken

    def _forget(self, number: int) -> None:
        self._in_flight.pop(number, None)

    def lose(self) -> None:
        """Keep unacknowledged messages of a lost connection, before later ones."""
        lost, self._in_flight = self._in_flight, {}
        for unsent in reversed(lost.values()):
            if unsent.message.retain:
                self._retained.setdefault(unsent.message.topic, unsent)
            else:
                self._kept.appendleft(unsent)
        self._flush_soon()

    def _keep(self, unsent: _Unsent) -> None:
        message = unsent.message
        if message.retain:
            self._retained[message.topic] = unsent
        elif message.qos:
            self._kept.append(unsent)
        else:
            return
        if len(self._kept) > MOST_KEPT:
            log.warning("left out: the oldest of %d messages that wait for the broker", MOST_KEPT)
            self._kept.popleft()
        self._flush_soon()

    def _flush_soon(self) -> None:
        if self._flushing is None and (self._kept or self._retained):
            self._flushing = asyncio.get_running_loop().call_later(PAUSE_S, self.flush)

    def flush(self) -> None:
        """Send kept messages."""
        if self._flushing is not None:
            self._flushing.cancel()
            self._flushing = None
        now_s = self._monotonic()
        while self._kept:
            first = self._kept[0]
            if first.until_s > now_s and not self._publish(first, first.expiry_s(now_s)):
                break
            self._kept.popleft()
        for topic, unsent in list(self._retained.items()):
            if not self._publish(unsent, unsent.expiry_s(now_s)):
                break
            del self._retained[topic]
        self._flush_soon()

    # -- posting events

    def follow(self, cursor: int) -> None:
        """Begin after the last document whose events the broker has."""
        if self._sent is None:
            self._sent = cursor
            self._fall_behind()

    def resend(self) -> None:
        """Send again the events that an earlier connection may have lost."""
        self._epoch += 1
        self._half = _NONE
        if self._under_way:
            self._sent = min(self._under_way) - 1
            self._under_way.clear()
        self.flush()
        if self._sent is not None:
            self._fall_behind()

    def offer(self, posted: Sequence[Posted], documents: int) -> None:
        """Send the events of new documents, if they follow those sent; the rest waits.

        `documents` is the number committed so far: documents that were not offered are read from the ledger.
        """
        self._documents = documents
        if self._sent is None or not self._progress.live:
            return
        newest = self._next[-1].document.number if self._next else self._sent
        if posted and posted[0].document.number == newest + 1 and len(self._next) <= MOST_WAITING:
            self._next.extend(posted)
            self._send_next()
        elif newest % HEAD_STRIDE < documents:
            self._fall_behind()

    def _send_next(self) -> None:
        while self._next and len(self._under_way) < MOST_IN_FLIGHT and self._send_document(self._next[0]):
            self._next.popleft()
        if self._next and not self._under_way and self._waking is None:
            # Nothing under way will wake us: the connection is gone or busy.
            self._waking = asyncio.get_running_loop().call_later(PAUSE_S, self._wake)

    def _wake(self) -> None:
        self._waking = None
        self._send_next()

    def _send_all(self, posted: list[Posted]) -> bool:
        return all(len(self._under_way) < MOST_IN_FLIGHT and self._send_document(each) for each in posted)

    def _send_document(self, posted: Posted) -> bool:
        number = posted.document.number
        if self._half[0] != number:
            self._half = number, deque(events_of(posted, self._source))
        events = self._half[1]
        if not events:
            self._sent = number
            if not self._under_way:
                self._progress.cursor = number
            return True
        while events:
            if not self._send_event(events[0], number, self._epoch):
                return False
            events.popleft()
            self._under_way[number] = self._under_way.get(number, 0) + 1
        self._sent, self._half = number, _NONE
        return True

    def _send_event(self, event: Event, number: int, epoch: int) -> bool:
        return self._connection.publish(
            self._topics.posting(event.plant, event.line, event.kind),
            event.payload,
            on_done=lambda: self._note_receipt(number, epoch),
        )

    def _note_receipt(self, number: int, epoch: int) -> None:
        left = self._under_way.get(number)
        if left is None or epoch != self._epoch:
            return
        self.events += 1
        if left > 1:
            self._under_way[number] = left - 1
        else:
            del self._under_way[number]
            assert self._sent is not None
            # Documents are sent in order of their numbers, so the first under way is the lowest.
            self._progress.cursor = next(iter(self._under_way)) - 1 if self._under_way else self._sent
        if self._next:
            self._send_next()

    def _fall_behind(self) -> None:
        self._next.clear()
        self._progress.live = False
        if self._following is None or self._following.done():
            self._following = begin_task(self._follow(), self._tasks)

    async def _follow(self) -> None:
        """Read unsent documents from the ledger, until none is left; then commits are live again."""
        while True:
            assert self._sent is not None
            if len(self._under_way) >= MOST_IN_FLIGHT // 2:
                await asyncio.sleep(PAUSE_S)
                continue
            after = self._sent
            try:
                posted = await ask_apart(partial(self._read, after, READ_AT_ONCE))
            except Exception:  # noqa: BLE001 - any error of an absent database: it will be back, and the cursor stays
                await asyncio.sleep(1.0)
                continue
            if after != self._sent:
                continue  # a connection was lost meanwhile, with the events under way before these
            if not posted:
                if after % HEAD_STRIDE < self._documents:
                    # Committed since we read, and not offered; or in no ledger at all.
                    await asyncio.sleep(PAUSE_S)
                    continue
                # From here on commits are offered; the next report counts those in between.
                self._progress.live = True
                return
            if not self._send_all(posted):
                await asyncio.sleep(PAUSE_S)

    async def stop(self) -> None:
        """Wait until the broker has everything, at most 2 s: the next start sends the rest."""
        deadline = time.monotonic() + SETTLE_S
        while self._connection.connected and self.waiting and time.monotonic() < deadline:  # noqa: ASYNC110 - no signal
            await asyncio.sleep(PAUSE_S / 5)
        for timer in (self._flushing, self._waking):
            if timer is not None:
                timer.cancel()
        if self._following is not None:
            self._following.cancel()
            await asyncio.gather(self._following, return_exceptions=True)
