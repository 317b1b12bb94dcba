"""The pump: fold the journal into the ledger, batch by batch, and report each commit.

    read entries -> decode -> needs -> read facts -> step -> ... -> tick -> commit with the offset

One thread runs it. It waits only for the database. A commit holds as many journal batches as there are, each stepped
with its own time, so the grouping of batches does not change the ledger. After any failure the state is discarded and
loaded again, and the journal is read again from the ledger's own offset: nothing else needs recovery.

The offset counts entries, so that a command in the middle of a batch sees the postings of the entries before it:
`number * 65536 + index` means that all batches before `number` are folded, and `index` entries of it.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, Protocol

from devices.barcodes import parse_barcode
from gateway.backflush.eviction import evict, is_crowded
from gateway.backflush.memory.changes import NO_FACTS, Changes, Facts
from gateway.backflush.memory.events import (
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    QuarantineReplay,
    Scanned,
)
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import Rules, State
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.prefetch import gather, inquire, is_barrier
from gateway.backflush.step import (
    derive_state,
    due_at,
    move_on,
    needs_of_tick,
    needs_updates,
    rests,
    settle_updates,
    step,
    tick,
)
from gateway.failpoints import Point, reach
from gateway.journal import Entry, JournalBatch, entry_id, locate
from gateway.ledger.store.leases import Head, Vigil, common
from gateway.ledger.store.row_values import rules as rules_of
from gateway.ledger.store.writer import Ledger, Moved
from gateway.masterdata.build import build
from gateway.masterdata.tables import tables_in
from gateway.mqtt.topics import Topics
from gateway.service.cycles import keep_loaded
from gateway.service.entries import SETTINGS, beside_of
from gateway.service.fold.decode import Intake
from gateway.service.fold.requests import Request
from gateway.service.tell.loop_report import Committed, Reply
from gateway.service.times import Durations

MOST_ENTRIES = 4_000
MOST_DOCUMENTS = 500
MOST_BYTES = 2 << 20
"""A commit ends with the batch that reaches this many entries, documents or bytes.

This bounds the memory, the work to repeat after a failure, and the delay between posting and publishing.
"""
_FEW = 8
ANY_LABEL = "]C10104006381333931"
"""A label that is read over the tables of GS1."""


class Batches(Protocol):
    """The journal, or the part of it to fold."""

    @property
    def id(self) -> str:
        """Name the journal."""
        ...

    @property
    def last(self) -> int:
        """Return the number of its newest batch."""
        ...

    def read(self, after: int, limit: int, /) -> list[JournalBatch]:
        """Read at most `limit` batches after number `after`."""
        ...


class Claim(NamedTuple):
    """The lines for which the pump folds."""

    lines: Sequence[str]
    lease_us: int = 30_000_000
    again: bool = False
    """Whether folded entries are folded again; `lines` are then those that the gateway had at the time."""


class Pump:
    """Folds one journal into one ledger."""

    def __init__(
        self,
        open_ledger: Callable[[], Ledger],
        journal: Batches,
        claim: Claim,
        clock: Callable[[], int],
        begun: Callable[[Head], None] = lambda _: None,
    ) -> None:
        """Prepare it; `start` connects. `clock` gives microseconds UTC and is used for leases only.

        `begun` is called at each start, with the ledger's head, before anything is folded.
        """
        self._open_ledger = open_ledger
        self._journal = journal
        self._lines, self._lease_us, self._again = claim
        self._clock = clock
        self._begun = begun
        self._ledger: Ledger | None = None
        self.state = State()
        self._content = b""
        """The master data in force, as canonical text: its tables would take fifteen times the memory."""
        self._master = MasterData()
        """The snapshot built from it: a reloaded state uses the same, unless there was an import since."""
        self._changes = Changes()
        self._dirty = False
        self._commits: list[Committed] = []
        self._replies: dict[int, Reply] = {}
        self._beside: int | None = None
        self.commits = Durations()
        self.number = 1
        """The next journal batch to fold."""
        self._index = 0

    @property
    def ledger(self) -> Ledger:
        """The open ledger."""
        assert self._ledger is not None, "the pump was not started"
        return self._ledger

    def start(self, vigil: Vigil | None = None) -> None:
        """Connect, claim the lines and load the state; again after a failure. UsageError, LedgerUnavailable, Fenced.

        A waiting standby keeps a `vigil`.
        """
        self.stop()
        ledger = self._open_ledger()
        try:
            end = entry_id(self._journal.last + 1, 0)
            head = ledger.claim(self._journal.id, self._lines, self._clock(), self._lease_us, end, vigil)
            self._begun(head)
            self._ledger = ledger
            self._load()
        except BaseException:
            self._ledger = None
            ledger.close()
            raise
        self.number, self._index = locate(max(head.offset, entry_id(1, 0)))

    def stop(self) -> None:
        """Close the ledger; uncommitted changes are forgotten, and folded again after the next start."""
        if self._ledger is not None:
            self._ledger.close()
            self._ledger = None
        self._forget()

    def _forget(self) -> None:
        self._changes = Changes()
        self._dirty = False
        self._commits = []

    def reload(self) -> None:
        """Load the state again between two folds, because another writer has changed its basis."""
        assert not self._dirty, "a reload would forget what is not committed"
        self._load()

    def _load(self) -> None:
        """Read the state; it lives long, so it is hidden from the garbage collector."""
        self._changes = Changes()
        self._dirty = False
        self.state = self.ledger.load(self._snapshot, self._master)
        self.state.beside = self._beside
        derive_state(self.state, midway=locate(max(self._head.offset, entry_id(1, 0)))[1] > 0)
        self._obey()
        if any(device.kind == "scanner" for device in self.state.master.devices.values()):
            parse_barcode(ANY_LABEL)  # else the first label would wait for the tables of GS1
        keep_loaded()

    def _obey(self) -> None:
        """Read entries from now on by the settings in force: those in the journal, not the configured ones."""
        rules = self.state.rules
        self._intake = Intake(Topics(rules.base, self.ledger.gateway), rules, self.state.knowledge)

    def _snapshot(self, content: bytes) -> MasterData:
        self._content, self._master = content, build(tables_in(content)).master
        return self._master

    def due_at(self) -> int | None:
        """Return the time of the next tick, microseconds UTC; None if nothing waits for a time."""
        return due_at(self.state)

    @property
    def is_behind(self) -> bool:
        """Whether the journal holds batches that are not folded."""
        return self.number <= self._journal.last

    def behind(self, limit: int) -> list[JournalBatch]:
        """Read the next batches from the journal itself."""
        return self._journal.read(self.number - 1, limit)

    def fold(self, batches: Iterable[JournalBatch]) -> list[Committed]:
        """Fold the next batches and commit them, as many as make one commit; return the commits, in order.

        The rest of the batches is left, on `Moved` all of them, with the state loaded again: `number` is the next one.
        Any other LedgerUnavailable goes to the caller, which starts the pump again.
        """
        reach(Point.FOLDING)
        entries = size = 0
        try:
            for batch in batches:
                assert batch.number == self.number, f"journal batch {batch.number} came, {self.number} was next"
                self._fold(batch)
                entries, size = entries + len(batch.entries), size + batch.size
                if entries >= MOST_ENTRIES or size >= MOST_BYTES or len(self._changes.documents) >= MOST_DOCUMENTS:
                    break
            self._commit(self.state.now)
        except Moved:
            self._load()
            self.number, self._index = locate(max(self._head.offset, entry_id(1, 0)))
        done, self._commits = self._commits, []
        return done

    @property
    def needed(self) -> int:
        """The first journal batch that a restart would read: batches without changes are not committed."""
        return locate(max(self._head.offset, entry_id(1, 0)))[0]

    @property
    def _head(self) -> Head:
        head = self.ledger.head
        assert head is not None, "the ledger was not claimed"
        return head

    def fold_part(self, batch: JournalBatch, entries: int) -> None:
        """Fold the first entries of the next batch and commit them, to reproduce a commit in the middle of it."""
        self._fold(batch._replace(entries=batch.entries[:entries]), part_of=True)
        self._commit(batch.at)

    def _fold(self, batch: JournalBatch, *, part_of: bool = False) -> None:
        self.state.beside = self._beside = beside_of(batch)
        self._intake.at = batch.at
        self._dirty = self._dirty or batch.at < self.state.now
        part: list[Event] = []
        first = entry_id(batch.number, 0)
        for index in range(self._index, len(batch.entries)):
            entry = batch.entries[index]
            if entry.response_topic or "/_request/" in entry.topic:
                self._replies[first + index] = Reply(entry.response_topic or "", entry.correlation, entry.topic)
            event = self._intake.decode(first + index, entry, self.state.master, self._content)
            if event is None:
                continue
            if isinstance(event, Counted):  # nearly all are; the rest of the loop is for the others
                part.append(event)
                continue
            if isinstance(event, Scanned) and batch.number < locate(self._head.behind)[0]:
                event = event._replace(behind=True)
            if not is_barrier(event):
                part.append(event)
                continue
            self._step(part, batch.at)
            part = []
            self._settle(batch.at)
            self._index = index
            self._commit(batch.at)
            self._barrier(event, entry, batch.at)
            self._index = index + 1
            imported = event.action if isinstance(event, Command) else event
            if isinstance(imported, MasterDataImport):
                if self.state.master is imported.imported.master:
                    self._content, self._master = imported.tables, imported.imported.master
                self._commit(batch.at)
                reach(Point.IMPORTED)
                self._load()
            elif isinstance(event, Configured):
                self._adopt_lines(batch.at)
            self._intake.at = batch.at  # after an import and new settings it is another one
        self._step(part, batch.at)
        if part_of:
            self._settle(batch.at)
            self._index = len(batch.entries)
            return
        if rests(self.state, batch.at):
            move_on(self.state, batch.at)
        else:
            self._tick(batch)
        self.number, self._index = batch.number + 1, 0

    def _step(self, events: list[Event], at: int) -> None:
        if events:
            step(self.state, self._changes, self._gather(events, at), at, events)
            self._dirty = True

    def _gather(self, events: list[Event], at: int) -> Facts:
        """Read the facts that events need, before they are stepped."""
        return gather(inquire(self.state, events, at), self.ledger.read)

    def _settle(self, at: int) -> None:
        """Let the update worker finish before the ledger is read."""
        if self.state.updates:
            settle_updates(self.state, self._changes, at)
            self._dirty = True

    def _barrier(self, event: Event, entry: Entry, at: int) -> None:
        facts = self._gather([event], at)
        if isinstance(event, Command) and isinstance(event.action, QuarantineReplay):
            request = self._intake.request_of(entry)
            assert isinstance(request, Request), "it was read before"
            event = self._intake.command(event.entry, request, self.state.master, facts.quarantine)
            # Quarantined messages may be scans, whose identities have to be read as well.
            facts = self._gather([event], at)
        step(self.state, self._changes, facts, at, [event])
        self._dirty = True

    @property
    def known(self) -> tuple[Rules, ...]:
        """The settings in force, and those in the next few batches."""
        entries = (entry for batch in self.behind(_FEW) for entry in batch.entries)
        return self.state.rules, *(rules_of(entry.payload) for entry in entries if entry.kind == SETTINGS)

    @property
    def obeyed(self) -> Rules | None:
        """The settings in force; None if the journal may still hold others, or lines must be given back."""
        rules, *others = self.known
        unlike = {*self._head.patterns} != {*rules.lines}
        return None if others or unlike or self._journal.last >= self.number + _FEW else rules

    def _adopt_lines(self, at: int) -> None:
        """Continue with the lines of the settings now in force, and give back the others.

        Before, the lines are those of the earlier settings that no other gateway has taken over, so that the journal is
        folded again with the same lines. Settings of an earlier life give nothing back that this one needs.
        """
        lines = self.state.rules.lines
        if self._again or {*lines} == {*self._lines}:
            if not {*lines} <= {*self._head.patterns}:
                self._commit(at)
                self.ledger.claim(self._journal.id, lines, self._clock(), self._lease_us)
            if {*lines} != {*self._head.patterns}:
                self._commit(at)
                self.ledger.keep(lines)
        if common(lines, self._head.patterns) != self.state.owned:
            self._commit(at)
            self._load()
        self._obey()

    def _tick(self, batch: JournalBatch) -> None:
        facts = NO_FACTS
        wanted = needs_of_tick(self.state, batch.at)
        if wanted:
            if needs_updates(self.state, wanted):
                self._settle(batch.at)
            self._index = len(batch.entries)
            self._commit(batch.at)
            facts = gather(Inquiry(self.state, batch.at, once=needs_of_tick(self.state, batch.at)), self.ledger.read)
        documents, windows = len(self._changes.documents), len(self._changes.windows)
        tick(self.state, self._changes, facts, batch.at)
        if facts is not NO_FACTS or (documents, windows) != (len(self._changes.documents), len(self._changes.windows)):
            self._dirty = True

    def _commit(self, at: int) -> None:
        """Commit the changes; without any there is no commit, because folding again changes nothing."""
        if not self._dirty:
            return
        reach(Point.STEPPED)
        changes, offset = self._changes, entry_id(self.number, self._index)
        began_s = time.monotonic()
        self.ledger.commit(changes, offset, self._clock(), at if self._index else self.state.now)
        self.commits.note(time.monotonic() - began_s)
        self._commits.append(Committed(changes, self.state, offset, at, self._replies))
        self._replies = {}
        self._changes = Changes()
        self._dirty = False
        if is_crowded(self.state):
            evict(self.state)
            self.ledger.forget()
