"""The front: messages go to the journal, and only then are they acknowledged.

Natural batching: the next journal batch holds everything that arrived while the last one was written; at least one
entry, at most a limit. A tick is an empty batch: it is written if something waits for a time and nothing else arrives.
While the journal cannot be written nothing is acknowledged, and everything waits here, in no more memory than the
broker may have in flight. The senders of scans are told so and scan again: their first scans are stored as `refused`
once there is room, and only a person posts them.
"""

import asyncio
import hashlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple, Protocol

from devices.filters import matches
from devices.sources.source import ForeignSource
from gateway.errors import JournalUnavailable
from gateway.failpoints import Point, reach
from gateway.journal import Entry, Journal, JournalBatch, entry_id
from gateway.mqtt.wire.packets import Delivery
from gateway.service.entries import KEPT_OF_OVERSIZE, MAX_PAYLOAD, MESSAGE, REFUSED, clock_entry, is_scan
from gateway.service.fold.belonging import UNPROVED
from gateway.service.parts import Part
from gateway.service.times import SteadyClock

MOST_ENTRIES = 1_000
"""The most entries of a batch: it is folded and committed as a whole, and later messages wait for all of it."""
MOST_BYTES = 1 << 20
"""A batch of this many bytes takes no further entry: a flood of large messages only makes more batches."""
RETRY_S = 1.0
STOP_S = 3.0


class Arrival(NamedTuple):
    """One entry to be journaled, and its waiting sender."""

    entry: Entry | None
    """None: nothing to journal, only to be acknowledged in its turn."""
    epoch: int
    mid: int
    """To be acknowledged to the broker, within its epoch; epoch 0 is none."""
    done: "asyncio.Future[int] | None"
    """Gets the entry id once it is durable."""


class FrontListener(Protocol):
    """Is called by the front, on its loop."""

    def on_durable(self, batch: JournalBatch) -> None:
        """Take a durable, acknowledged batch."""

    def on_unwritable(self, error: BaseException, scans: list[Entry]) -> None:
        """Take a failed attempt, and the scans whose senders must be told; the front may be given up."""


class Front(Part):
    """Writes messages into the journal, in a thread of its own, and acknowledges them."""

    def __init__(
        self,
        journal: Journal,
        clock: SteadyClock,
        acknowledge: Callable[[int, list[int]], None],
        listener: FrontListener,
        *,
        sources: Sequence[ForeignSource] = (),
        proven: bool = True,
    ) -> None:
        """Prepare it. Nothing is stored before `prove`. The `sources` limit the size of their messages."""
        self._limits = tuple((source.filter, source.max_bytes) for source in sources)
        self._least = min((MAX_PAYLOAD, *(limit for _, limit in self._limits)))
        self._journal = journal
        self._clock = clock
        self._acknowledge = acknowledge
        self._listener = listener
        self.proven = proven
        self._opening: Entry | None = None
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(1, "journal")
        self._arrivals: deque[Arrival] = deque()
        self._writing = False
        self._tick = False
        self._timer: asyncio.TimerHandle | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._taken_at = 0
        self._began_s = 0.0
        self.deaf_since: int | None = None
        """The time since which messages may not be durable yet, microseconds UTC; None: all are."""
        self.closed = False

    @property
    def waiting(self) -> int:
        """The number of entries that are not durable yet."""
        return len(self._arrivals)

    @property
    def stands_s(self) -> float:
        """The seconds since the journal's disk last answered; 0 while nothing is written."""
        return self._loop.time() - self._began_s if self._writing else 0.0

    def deliver(
        self, epoch: int, deliveries: list[Delivery], kind_of: Callable[[Delivery], str | None] | None = None
    ) -> None:
        """Take deliveries; one without a kind is not journaled, but acknowledged in its turn."""
        if self.closed:
            return  # not acknowledged: the broker delivers it to the next session
        if kind_of is None:
            self._arrivals.extend([Arrival(self._entry(MESSAGE, d), epoch, d.mid, None) for d in deliveries])
        else:
            for delivery in deliveries:
                kind = kind_of(delivery)
                entry = self._entry(kind, delivery) if kind is not None else None
                self._arrivals.append(Arrival(entry, epoch, delivery.mid, None))
        reach(Point.RECEIVED)
        self._kick()

    def _entry(self, kind: str, delivery: Delivery) -> Entry:
        payload = delivery.payload
        entry = Entry(
            kind, delivery.topic, payload, delivery.qos, delivery.retain, delivery.response_topic, delivery.correlation
        )
        most = self._least
        if len(payload) > most and self._limits:
            most = next((limit for filter_, limit in self._limits if matches(filter_, delivery.topic)), MAX_PAYLOAD)
        if len(payload) <= most and not delivery.size:
            return entry
        size, digest = delivery.size or len(payload), delivery.sha256 or hashlib.sha256(payload).hexdigest()
        return entry._replace(payload=payload[:KEPT_OF_OVERSIZE], size=size, sha256=digest)

    def prove(self, opening: Entry | None) -> None:
        """Store from now on, an `opening` before all waiting entries; once is enough."""
        if not self.proven and not self.closed:
            self.proven, self._opening = True, opening
            self._kick()

    async def put(self, entry: Entry) -> int:
        """Journal an entry of this program's own; return its id once it is durable."""
        done: asyncio.Future[int] = self._loop.create_future()
        self._arrivals.append(Arrival(entry, 0, 0, done))
        self._kick()
        return await done

    def tick_at(self, due: int | None) -> None:
        """Write a tick when the clock reaches `due` (microseconds UTC)."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if due is not None and not self.closed:
            delay = max(0.0, (due - self._clock()) / 1e6)
            self._timer = self._loop.call_later(min(delay, 3600.0), self._due)

    def _due(self) -> None:
        self._timer = None
        self._tick = True
        self._kick()

    def give_up(self) -> None:
        """Take and write nothing more: waiting entries are not acknowledged, and come again in the next life."""
        self.closed = True
        self._arrivals.clear()
        self.tick_at(None)

    async def stop(self) -> None:
        """Take nothing more, and wait for taken entries, within a bound: the rest is not acknowledged."""
        # Entries left here must not hide the error that ends this life.
        await asyncio.wait([asyncio.create_task(self.close())], timeout=STOP_S)

    async def close(self) -> None:
        """Take nothing more, and return when every taken entry is durable or cannot be."""
        self.closed = True
        self.tick_at(None)
        self._kick()
        await self._idle.wait()
        self._thread.shutdown()

    def _kick(self) -> None:
        while self._arrivals and self._arrivals[0].entry is None and not self._writing:
            alone = self._arrivals.popleft()
            self._acknowledge(alone.epoch, [alone.mid])
        if self._writing or not (self._arrivals or self._tick or self._opening):
            return
        if self._opening is not None:
            self._arrivals.appendleft(Arrival(self._opening, 0, 0, None))
            self._opening = None
        self._writing = True
        self._tick = False
        self._idle.clear()
        taken: list[Arrival] = []
        size = 0
        arrivals = self._arrivals
        while arrivals and len(taken) < MOST_ENTRIES and size < MOST_BYTES:
            arrival = arrivals.popleft()
            size += len(arrival.entry.payload) if arrival.entry is not None else 0
            taken.append(arrival)
        entries = [a.entry for a in taken if a.entry is not None]
        self._taken_at, beside = self._clock.look()
        self._began_s = self._loop.time()
        if beside is not None:
            entries.insert(0, clock_entry(beside))
        if self.deaf_since is None:
            self.deaf_since = self._taken_at
        done = self._loop.run_in_executor(self._thread, self._append, self._taken_at, entries, self.proven)
        done.add_done_callback(partial(self._end_write, taken))

    def _append(self, at: int, entries: list[Entry], proven: bool) -> JournalBatch:  # noqa: FBT001 - as of the time of taking them
        if not proven:
            raise JournalUnavailable(UNPROVED)
        return self._journal.append(at, entries)

    def _end_write(self, taken: list[Arrival], done: "asyncio.Future[JournalBatch]") -> None:
        try:
            self._settle(taken, done)
        except Exception as error:  # noqa: BLE001 - the front must go on after any error
            self._writing = False
            self._idle.set()
            self._listener.on_unwritable(error, [])

    def _settle(self, taken: list[Arrival], done: "asyncio.Future[JournalBatch]") -> None:
        error = done.exception()
        if error is not None:
            self._arrivals.extendleft(reversed(taken))
            self._began_s = float("inf")  # it has answered, even if with a refusal
            self._listener.on_unwritable(error, self._refuse())
            if self.closed:
                self._writing = False
                self._idle.set()
            else:
                self._loop.call_later(RETRY_S, self._retry)
            return
        batch = done.result()
        acks: dict[int, list[int]] = {}
        for arrival in taken:
            if arrival.epoch:
                acks.setdefault(arrival.epoch, []).append(arrival.mid)
        for epoch, mids in acks.items():
            self._acknowledge(epoch, mids)
        reach(Point.ACKNOWLEDGED)
        self._listener.on_durable(batch)
        kept = [arrival for arrival in taken if arrival.entry is not None]
        for index, arrival in enumerate(kept, len(batch.entries) - len(kept)):
            if arrival.done is not None and not arrival.done.done():
                arrival.done.set_result(entry_id(batch.number, index))
        self._writing = False
        self.deaf_since = self._taken_at  # waiting entries arrived since
        self._kick()
        if not self._writing:
            self.deaf_since = None
            self._idle.set()

    def _refuse(self) -> list[Entry]:
        """Mark waiting scans to be stored as refused, and return them: each sender is told once.

        At the gateway's end no sender is told: the next life gets the scans as new ones.
        """
        told = [] if self.closed else [a.entry for a in self._arrivals if a.entry is not None and is_scan(a.entry)]
        if told:
            self._arrivals = deque(map(_as_refusal, self._arrivals))
        return told

    def _retry(self) -> None:
        self._writing = False
        self._kick()


def _as_refusal(arrival: Arrival) -> Arrival:
    entry = arrival.entry
    if entry is None or not is_scan(entry):
        return arrival
    return arrival._replace(entry=entry._replace(kind=REFUSED))
