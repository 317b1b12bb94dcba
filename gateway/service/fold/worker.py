"""The pump's thread: takes batches as they come, folds, reports; connects again after the database was away.

The thread consists of turns and rests, so a caller with another clock can take the turns.

It is never interrupted in the middle of a commit. Batches are handed over in memory while the ledger keeps up; when
it falls behind they are read from the journal's file, so that memory does not grow with the distance.
"""

import asyncio
import threading
from collections import deque
from contextlib import suppress
from typing import Protocol

from gateway.errors import Fenced, LedgerUnavailable, Unavailable
from gateway.failpoints import Point, reach
from gateway.journal import JournalBatch
from gateway.ledger.store.leases import Vigil
from gateway.service.fold.pump import Pump
from gateway.service.fold.reporter import LOOK_S, Reporter
from gateway.service.parts import Part
from gateway.service.tell.loop_report import NOTHING, LoopReport
from gateway.service.times import SteadyClock

MOST_HELD = 16_000
MOST_HELD_BYTES = 4 << 20
"""Limits of entries handed over in memory, and of their bytes; beyond either the journal's file is read."""
READ_AT_ONCE = 400
"""The most batches per read: with a dozen messages each they fill one commit. The journal bounds their bytes."""
IDLE_S = 0.25
LONGEST_PAUSE_S = 10.0
STANDBY_S = 0.5
"""The interval at which a standby checks for free lines."""
STOP_S = 5.0


class WorkerListener(Protocol):
    """Is called by the worker, in its thread."""

    @property
    def deaf_since(self) -> int | None:
        """The time since which messages may not be in the journal yet, microseconds UTC; None: all are."""
        ...

    def on_report(self, report: LoopReport) -> None:
        """Take a report."""

    def on_fault(self, error: BaseException) -> None:
        """Take the error that ended the thread."""


class Worker(Part):
    """Runs a pump in a thread until it is stopped."""

    def __init__(
        self, pump: Pump, reporter: Reporter, clock: SteadyClock, listener: WorkerListener, *, standby: bool = False
    ) -> None:
        """Prepare it; a `standby` waits for lines of another gateway."""
        self._pump = pump
        self._reporter = reporter
        self._clock = clock
        self._listener = listener
        self._thread = threading.Thread(target=self._run, name="pump", daemon=True)
        self._inbox: deque[JournalBatch] = deque()
        self._held = self._held_bytes = self._turns = self._kept_cursor = 0
        self._wake = threading.Condition()
        self._stopping = self._connected = self._begun = False
        self._waits = standby
        """Whether it waits for lines of another gateway. One that has owned them, and received since, ends instead."""
        self._vigil = Vigil(clock.monotonic)
        self._pause_s = 0.0
        self._looked_s = float("-inf")
        self.consumed = 0
        """The last journal batch that is folded, and committed if it changed anything."""
        self.needed = 0
        """The first journal batch that a restart would read."""
        self.cursor = 0
        """Set by the loop: the last document whose events the broker has."""
        self.live = True
        """Set by the loop: whether posting events are handed over directly; else they are read from the ledger."""

    async def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    async def stop(self) -> None:
        """Fold the waiting batches, within a bound: the rest stays in the journal."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        await asyncio.to_thread(self._thread.join, STOP_S)

    def offer(self, batch: JournalBatch) -> None:
        """Hand over a durable batch."""
        with self._wake:
            room = self._held < MOST_HELD and self._held_bytes < MOST_HELD_BYTES
            if room and (not self._inbox or self._inbox[-1].number + 1 == batch.number):
                self._inbox.append(batch)
                self._held += len(batch.entries)
                self._held_bytes += batch.size
            self._wake.notify()

    def session_begun(self) -> None:
        """Note that the broker session has started since the lines came from another gateway."""
        self._begun = True

    @property
    def progress(self) -> tuple[int, int]:
        """Counts that grow as long as the ledger answers: finished turns, and folded batches."""
        return self._turns, self._pump.number

    def _run(self) -> None:
        """Take turns until stopped; any failure except an unavailable ledger ends the program."""
        try:
            while (pause_s := self.turn()) is not None:
                self._turns += 1
                self._rest(pause_s)
        except BaseException as error:  # noqa: BLE001 - any error that ends this thread must end the program
            self._listener.on_fault(error)
        finally:
            self._pump.stop()

    def turn(self) -> float | None:
        """Take one turn: connect, or fold waiting batches, or do timed work.

        Return the seconds until there is more to do; None at the end.
        """
        if not self._connected:
            return self._connect()
        try:
            if self._begun:
                self._pump.ledger.note_session()
                self._begun = False
            folded = self._fold()
            self._pause_s = 0.0
            if folded:
                return 0.0 if self._pump.is_behind else IDLE_S
            if not self._stopping:
                return IDLE_S
            if self._pump.is_behind:
                return 0.0
        except Fenced:
            raise
        except LedgerUnavailable as error:
            self._pump.stop()
            self._connected = False
            self._tell_away(error)
            # At once the first time; a ledger that opens but accepts no commit is not reopened endlessly.
            pause_s, self._pause_s = self._pause_s, self._longer()
            return pause_s
        with suppress(LedgerUnavailable):  # the leases also expire
            self._pump.ledger.release()
        return None

    def _connect(self) -> float | None:
        try:
            self._start()
        except LedgerUnavailable as error:
            fenced = isinstance(error, Fenced)
            if fenced and not self._waits:
                raise
            if self._stopping:
                return None  # the journal holds the rest
            self._pause_s = STANDBY_S if fenced else self._longer()
            self._tell_away(error)
            return self._pause_s
        self._connected, self._waits = True, False
        return 0.0

    def _longer(self) -> float:
        return min(LONGEST_PAUSE_S, self._pause_s * 2 or 0.25)

    def _rest(self, seconds: float) -> None:
        """Wait for a batch; while the ledger is away, wait for the next attempt, even if batches arrive."""
        with self._wake:
            if self._connected:
                next_one = self._inbox and self._inbox[-1].number >= self._pump.number
                if seconds and not next_one and not self._stopping:
                    self._wake.wait(seconds)
            else:
                self._wake.wait_for(lambda: self._stopping, seconds)

    def _start(self) -> None:
        self._pump.start(self._vigil if self._waits else None)
        self.consumed, self.needed = self._pump.number - 1, self._pump.needed
        report = self._reporter.report_start(self._listener.deaf_since)
        self.cursor = self._kept_cursor = self._pump.ledger.cursor("mqtt")
        self._listener.on_report(report)

    def _fold(self) -> bool:
        """Fold waiting batches, or else do timed work; return whether there was any."""
        batches = self._next()
        if batches:
            commits = self._pump.fold(batches)
            self.consumed, self.needed = self._pump.number - 1, self._pump.needed
            # One commit may not hold them all: the rest comes again.
            self._reporter.hear(batch for batch in batches if batch.number < self._pump.number)
            report = self._reporter.report_commits(commits, live=self.live)
            self._look_after()
            pictures = self._reporter.show_lines(self._listener.deaf_since)
            self._listener.on_report(self._reporter.complete(report, pictures))
            return True
        began_s, before = self._clock.monotonic(), self._reporter.presence
        changed = self._look_after()
        pictures = self._reporter.show_lines(self._listener.deaf_since)
        waited = self._clock.monotonic() - began_s > LOOK_S  # the ledger may have been reported away
        if changed or waited or pictures or before != self._reporter.presence:
            self._listener.on_report(self._reporter.complete(NOTHING, pictures))
        return False

    def _look_after(self) -> bool:
        """Once a second: renew leases, store the cursor, check changes by others; return whether figures changed."""
        now_s = self._clock.monotonic()
        if now_s - self._looked_s < LOOK_S:
            return False
        self._looked_s = now_s
        ledger = self._pump.ledger
        ledger.renew(self._clock())
        if self.cursor != self._kept_cursor:
            cursor = self.cursor
            reach(Point.CURSOR_WRITING)
            ledger.advance_cursor("mqtt", cursor)
            reach(Point.CURSOR_WRITTEN)
            self._kept_cursor = cursor
        if ledger.has_moved():
            self._pump.reload()
            self._reporter.show_all_lines()
        return self._reporter.look()

    def _next(self) -> list[JournalBatch]:
        """Return the next batches: those handed over if they follow, else from the journal's file."""
        with self._wake:
            while self._inbox and self._inbox[0].number < self._pump.number:
                folded = self._inbox.popleft()
                self._held -= len(folded.entries)
                self._held_bytes -= folded.size
            if self._inbox and self._inbox[0].number == self._pump.number:
                return list(self._inbox)
        return self._pump.behind(READ_AT_ONCE) if self._pump.is_behind else []

    def _tell_away(self, error: Unavailable) -> None:
        self._listener.on_report(NOTHING._replace(error=str(error), waits=self._waits))
