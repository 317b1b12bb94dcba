"""The pump's thread: takes batches as they come, folds, reports; connects again when the database was away.

The thread is nothing but turns and rests, so whoever has another clock can take the turns.

It is never interrupted in the middle of a commit. Batches are handed over in memory while the ledger keeps up; when
it falls behind they are read from the journal's file, so that memory does not grow with the distance.
"""

import threading
from collections import Counter, deque
from collections.abc import Callable
from contextlib import suppress

from gateway.backflush.memory.changes import Changes, Response
from gateway.backflush.memory.records import EntryState
from gateway.backflush.memory.state import State
from gateway.backflush.posting.places import runs_beyond_orders
from gateway.backflush.values.counting import LATE_IN_A_ROW
from gateway.errors import Fenced, LedgerUnavailable, Reason, Unavailable
from gateway.failpoints import Point, reach
from gateway.journal import Batch, Journal
from gateway.ledger.reports.outbox import Posted
from gateway.ledger.store.leases import Vigil
from gateway.ledger.store.settings import OldestWaiting, Setting
from gateway.service.fold.device_presence import DevicePresence
from gateway.service.fold.pump import Pump
from gateway.service.tell.messages import Message
from gateway.service.tell.outgoing import Notifier
from gateway.service.tell.posting_events import collect_posted
from gateway.service.tell.report import MOST_NAMES, HealthFigures, Report
from gateway.service.times import SteadyClock

MOST_HELD = 16_000
MOST_HELD_BYTES = 4 << 20
"""Entries handed over in memory, and their bytes; beyond either the journal's file is read."""
READ_AT_ONCE = 400
"""Batches, if they are small: a dozen messages each make one commit full. The journal bounds their bytes."""
IDLE_S, LOOK_S, EXAMINE_S = 0.25, 1.0, 60.0
SKEWED_IN_A_ROW = 3
"""Telegrams that one late delivery does not make."""
LONGEST_PAUSE_S = 10.0
STANDBY_S = 0.5
"""How often a standby looks whether the lines are free."""


class Worker(threading.Thread):
    """Runs a pump until it is told to stop."""

    def __init__(
        self,
        pump: Pump,
        journal: Journal,
        teller: Notifier,
        ears: DevicePresence,
        clock: SteadyClock,
        report: Callable[[Report], None],
        failed: Callable[[BaseException], None],
        deaf_since: Callable[[], int | None],
        *,
        standby: bool = False,
    ) -> None:
        """Prepare it; `report` and `failed` are called in this thread. A `standby` waits for lines that others have.

        `deaf_since` says from when on what arrived may not be in the journal yet.
        """
        super().__init__(name="pump", daemon=True)
        self._pump = pump
        self._journal = journal
        self._teller = teller
        self._ears = ears
        self._clock = clock
        self._report = report
        self._failed = failed
        self._deaf_since = deaf_since
        self._inbox: deque[Batch] = deque()
        self._held = self._held_bytes = self._turns = self._quarantine = self._kept_cursor = 0
        self._wake = threading.Condition()
        self._stopping = self._connected = self._begun = False
        self._waits = standby
        """Whether it waits for lines that others have. Who has had them, and received since, ends instead."""
        self._vigil = Vigil(clock.monotonic)
        self._pause_s = 0.0
        self._looked_s = self._examined_s = float("-inf")
        self._followed = clock.followed
        self._waiting = OldestWaiting(0, 0)
        self._weak: tuple[Setting, ...] = ()
        self._scrap_open: tuple[str, ...] = ()
        self._beyond: tuple[str, ...] = ()
        self._outcomes: Counter[str] = Counter()
        self._sums = 0, 0, 0
        """Open worklist rows, open backlog records and devices online, as of `_summed`."""
        self._summed: State | None = None
        self._unknown: set[str] = set()
        self._strange: set[str] = set()
        self.consumed = 0
        """The last journal batch that is folded, and committed if it changed anything."""
        self.needed = 0
        """The first journal batch that a restart would read."""
        self.cursor = 0
        """Set by the loop: the last document whose events the broker has."""
        self.live = True
        """Set by the loop: posting events are wanted as they are made; else they will be read from the ledger."""

    def offer(self, batch: Batch) -> None:
        """Hand over a durable batch."""
        with self._wake:
            room = self._held < MOST_HELD and self._held_bytes < MOST_HELD_BYTES
            if room and (not self._inbox or self._inbox[-1].number + 1 == batch.number):
                self._inbox.append(batch)
                self._held += len(batch.entries)
                self._held_bytes += batch.size
            self._wake.notify()

    def set_cursor(self, document: int) -> None:
        """Note the last document whose events the broker has."""
        self.cursor = document

    def session_begun(self) -> None:
        """Note that the session at the broker has begun since the lines came from another gateway."""
        self._begun = True

    def set_live(self, *, live: bool) -> None:
        """Say whether posting events are wanted as they are made."""
        self.live = live

    @property
    def progress(self) -> tuple[int, int]:
        """What grows as long as the ledger answers: turns that have ended, and batches that are folded."""
        return self._turns, self._pump.number

    def finish(self) -> None:
        """Fold what is there, then end."""
        with self._wake:
            self._stopping = True
            self._wake.notify()

    def run(self) -> None:
        """Take turns until told to stop; a failure that is no broken world ends the program."""
        try:
            while (pause_s := self.turn()) is not None:
                self._turns += 1
                self._rest(pause_s)
        except BaseException as error:  # noqa: BLE001 - whatever ends this thread must end the program
            self._failed(error)
        finally:
            self._pump.stop()

    def turn(self) -> float | None:
        """Connect, fold what is there, or look after what waits for time: one of them.

        Return for how many seconds there is nothing more to do; None when all is done.
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
                return 0.0 if self._pump.number <= self._journal.last else IDLE_S
            if not self._stopping:
                return IDLE_S
            if self._pump.number <= self._journal.last:
                return 0.0
        except Fenced:
            raise
        except LedgerUnavailable as error:
            self._pump.stop()
            self._connected = False
            self._tell_away(error)
            # At once the first time; a ledger that lets itself be opened and takes nothing is not opened without end.
            pause_s, self._pause_s = self._pause_s, self._longer()
            return pause_s
        with suppress(LedgerUnavailable):  # the leases end by themselves as well
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
                return None  # the journal holds what the ledger has not
            self._pause_s = STANDBY_S if fenced else self._longer()
            self._tell_away(error)
            return self._pause_s
        self._connected, self._waits = True, False
        return 0.0

    def _longer(self) -> float:
        return min(LONGEST_PAUSE_S, self._pause_s * 2 or 0.25)

    def _rest(self, seconds: float) -> None:
        """Wait: for a batch, or, while the ledger is away, before the next attempt, whatever arrives meanwhile."""
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
        ledger = self._pump.ledger
        now = self._clock()
        self._examine()
        self._ears.judge(self._pump.state, now, self._complete_until(now))
        self._outcomes = Counter(ledger.outcomes())
        self.cursor = self._kept_cursor = ledger.cursor("mqtt")
        self._teller.all_lines(self._pump.state)
        self._strange.update(self._pump.state.rules.lines)
        self._report(self._made([], [], {}, (), moved=False)._replace(claimed=ledger.claimed, obeyed=self._pump.obeyed))

    def _fold(self) -> bool:
        """Fold what is there, or else look after what waits for time; return whether there was anything."""
        batches = self._next()
        if batches:
            commits = self._pump.fold(batches)
            self.consumed, self.needed = self._pump.number - 1, self._pump.needed
            # One commit does not hold them all: what is left comes again.
            self._ears.hear(batch for batch in batches if batch.number < self._pump.number)
            messages: list[Message] = []
            posted: list[Posted] = []
            answers = {response.entry: response for done in commits for response in done.changes.responses}
            entries = tuple(feedback.entry for done in commits for feedback in done.changes.feedback)
            for committed in commits:
                messages += self._teller.tell(committed)
                changes = committed.changes
                self._count(changes)
                if self.live and changes.documents:
                    posted += collect_posted(changes)
            now = self._clock()
            self._look_after(now)
            messages += self._pictures(now)
            self._report(self._made(messages, posted, answers, entries, moved=bool(commits)))
            return True
        now, began_s, before = self._clock(), self._clock.monotonic(), self._figures_seen()
        self._look_after(now)
        pictures = self._pictures(now)
        waited = self._clock.monotonic() - began_s > LOOK_S  # the ledger may have been told to be away
        if pictures or waited or before != self._figures_seen():
            self._report(self._made(pictures, [], {}, (), moved=False))
        return False

    def _figures_seen(self) -> tuple[object, ...]:
        return self._ears.silent, self._ears.flapping, self._scrap_open, self._beyond, self._examined_s

    def _pictures(self, now: int) -> list[Message]:
        if self._followed != self._clock.followed:
            self._followed = self._clock.followed
            self._ears.begin_anew(now)
        self._ears.judge(self._pump.state, now, self._complete_until(now))
        return self._teller.pictures(self._pump.state, now, self._ears.silent)

    def _complete_until(self, now: int) -> int:
        """Return until when everything that came is folded: silence after it may be this gateway's own."""
        deaf = self._deaf_since()  # before it is asked what is to be folded
        if self._pump.number <= self._journal.last:
            return min(now, self._pump.state.now)
        return now if deaf is None else min(now, deaf)

    def _examine(self) -> None:
        """Once a minute: ask the ledger for what is not counted along, and how its database is set."""
        ledger = self._pump.ledger
        self._examined_s = self._clock.monotonic()
        self._quarantine = ledger.open_quarantine()
        self._waiting = ledger.waiting_since()
        self._weak = tuple(setting for setting in ledger.examine() if not setting.ok)

    def _look_after(self, now: int) -> None:
        """Once a second: keep the leases and the cursor, see what others have imported or closed, and what is short."""
        now_s = self._clock.monotonic()
        if now_s - self._looked_s < LOOK_S:
            return
        self._looked_s = now_s
        ledger = self._pump.ledger
        ledger.renew(now)
        if self.cursor != self._kept_cursor:
            cursor = self.cursor
            reach(Point.CURSOR_WRITING)
            ledger.advance_cursor("mqtt", cursor)
            reach(Point.CURSOR_WRITTEN)
            self._kept_cursor = cursor
        state = self._pump.state
        if ledger.of_all() != (state.master.digest, state.closed_periods):
            self._pump.reload()
            self._teller.all_lines(self._pump.state)
        self._scrap_open = self._pump.state.lines_left_short()
        self._beyond = runs_beyond_orders(self._pump.state)
        if now_s - self._examined_s >= EXAMINE_S:
            self._examine()

    def _next(self) -> list[Batch]:
        """Return the next batches: those handed over if they follow, else from the journal's file."""
        with self._wake:
            while self._inbox and self._inbox[0].number < self._pump.number:
                folded = self._inbox.popleft()
                self._held -= len(folded.entries)
                self._held_bytes -= folded.size
            if self._inbox and self._inbox[0].number == self._pump.number:
                return list(self._inbox)
        if self._pump.number <= self._journal.last:
            return self._pump.behind(READ_AT_ONCE)
        return []

    def _count(self, changes: Changes) -> None:
        settled = sum(state != EntryState.OPEN for state, _ in changes.quarantine_states.values())
        self._quarantine += len(changes.quarantine) - settled
        if settled != len(changes.quarantine_states):
            self._examined_s = float("-inf")  # some were opened again: counted anew by the next look
        for entry in changes.quarantine:
            if entry.code == Reason.UNKNOWN_DEVICE and len(self._unknown) < MOST_NAMES:
                self._unknown.add(entry.device)
            elif entry.code == Reason.NOT_ALLOWED:
                self._strange |= {"*", f"{entry.plant}/*", f"{entry.plant}/{entry.line}"}
        if changes.documents or changes.updated_rows or changes.updated_backlog or changes.online:
            self._summed = None
        self._outcomes.update(changes.outcomes)

    def _tell_away(self, error: Unavailable) -> None:
        self._report(Report([], [], None, (), {}, HealthFigures(), str(error), waits=self._waits))

    def _made(
        self,
        messages: list[Message],
        posted: list[Posted],
        answers: dict[int, Response],
        entries: tuple[int, ...],
        *,
        moved: bool,
    ) -> Report:
        state = self._pump.state
        if self._summed is not state:
            self._summed = state
            lines = state.lines.values()
            worklist, backlog = sum(line.worklist for line in lines), sum(line.backlog for line in lines)
            self._sums = worklist, backlog, sum(state.online.values())
        worklist, backlog, online = self._sums
        figures = HealthFigures(
            lines=len(state.lines),
            worklist=worklist,
            backlog=backlog,
            quarantine=self._quarantine,
            devices=len(state.master.devices),
            online=online,
            silent=self._ears.silent,
            flapping=self._ears.flapping,
            skewed={name: off for name, (off, row) in state.skewed.items() if row >= SKEWED_IN_A_ROW},
            late=frozenset(d for (d, *_), m in state.strayed.items() if m.strays and m.strays.late >= LATE_IN_A_ROW),
            unknown=len(self._unknown),
            documents=state.documents,
            outcomes=dict(self._outcomes),
            digest=state.master.digest,
            refused_replies=self._teller.refused_replies,
            scrap_open=self._scrap_open,
            beyond_orders=self._beyond,
            waiting=self._waiting,
            weak=self._weak,
        )
        due_at, strange = self._pump.due_at(), frozenset(self._strange)
        return Report(messages, posted, due_at, entries, answers, figures, moved=moved, strange=strange)
