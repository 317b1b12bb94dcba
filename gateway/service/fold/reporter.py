"""The reporter of the ledger's thread: commits, figures, lines and silent devices, for the loop."""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial

from gateway.backflush.memory.changes import Changes, Needs
from gateway.backflush.memory.state import State
from gateway.backflush.posting.places import runs_beyond_orders, sold_by_runs
from gateway.backflush.values.counting import LATE_IN_A_ROW
from gateway.errors import Reason
from gateway.journal import JournalBatch
from gateway.ledger.reports.outbox import Posted
from gateway.ledger.store.server_settings import OldestWaiting, Setting
from gateway.service.fold.device_presence import DevicePresence
from gateway.service.fold.pump import Pump
from gateway.service.tell.device_status import KnownOfDevices
from gateway.service.tell.loop_report import MOST_NAMES, NOTHING, Committed, HealthFigures, LoopReport
from gateway.service.tell.messages import Message
from gateway.service.tell.outgoing import Notifier
from gateway.service.tell.posting_events import collect_posted
from gateway.service.times import SteadyClock

LOOK_S, EXAMINE_S = 1.0, 60.0
SKEWED_IN_A_ROW = 3
"""More late telegrams than one late delivery makes."""


class Reporter:
    """Makes the reports of one pump, in the pump's thread.

    `deaf_since` is the time since which messages may not be in the journal yet; None: all are.
    """

    def __init__(self, pump: Pump, notifier: Notifier, presence: DevicePresence, clock: SteadyClock) -> None:
        self._pump = pump
        self._held: Counter[str] = Counter()
        """Open quarantine entries by device, as of the last count."""
        self._held_in: State | None = None
        """The state of that count; None: entries were settled since, or the devices are others."""
        self._notifier = notifier
        self._presence = presence
        self._clock = clock
        self._followed = clock.followed
        self._examined_s = float("-inf")
        self._quarantine = 0
        self._waiting = OldestWaiting(0, 0)
        self._weak: tuple[Setting, ...] = ()
        self._scrap_open: tuple[str, ...] = ()
        self._beyond: tuple[str, ...] = ()
        self._made: dict[tuple[str, str], dict[str, int]] = {}
        self._outcomes: Counter[str] = Counter()
        self._sums = 0, 0, 0
        """Open worklist rows, open backlog records and devices online, as of `_summed`."""
        self._summed: State | None = None
        self._unknown: set[str] = set()
        self._strange: set[str] = set()

    def report_start(self, deaf_since: int | None) -> LoopReport:
        """Report the pump's findings at its start."""
        pump, now = self._pump, self._clock()
        self._examine()
        self._presence.judge(pump.state, now, self._complete_until(now, deaf_since))
        self._outcomes = Counter(pump.ledger.outcomes())
        self._notifier.all_lines(pump.state)
        return self.complete(NOTHING, [])._replace(claimed=pump.ledger.claimed, obeyed=pump.obeyed, known=pump.known)

    def hear(self, batches: Iterable[JournalBatch]) -> None:
        """Note the devices in folded batches."""
        self._presence.hear(batches)

    def report_commits(self, commits: Sequence[Committed], *, live: bool) -> LoopReport:
        """Report commits, if `live` with the documents themselves; `complete` adds the rest."""
        messages: list[Message] = []
        posted: list[Posted] = []
        for committed in commits:
            messages += self._notifier.tell(committed, self._clock())
            changes = committed.changes
            self._count(changes)
            self._presence.hear_published(changes.heard, changes.spoke, committed.at)
            if live and changes.documents:
                posted += collect_posted(changes)
        answers = {response.entry: response for done in commits for response in done.changes.responses}
        entries = tuple(feedback.entry for done in commits for feedback in done.changes.feedback)
        rebirths = tuple(node for done in commits for node in done.changes.rebirths)
        return NOTHING._replace(messages=messages, posted=posted, entries=entries, answers=answers, rebirths=rebirths)

    def show_lines(self, deaf_since: int | None) -> list[Message]:
        """Return the line statuses that are due, after finding silent devices."""
        now = self._clock()
        if self._followed != self._clock.followed:
            self._followed = self._clock.followed
            self._presence.begin_anew(now)
        self._presence.judge(self._pump.state, now, self._complete_until(now, deaf_since))
        signs = partial(self._presence.signs, self._pump.state)
        return [*self._notifier.pictures(self._pump.state, now, signs), *self._show_devices()]

    def _show_devices(self) -> list[Message]:
        """Return the device statuses that are due."""
        if not self._notifier.devices.is_due:
            return []
        state, presence = self._pump.state, self._presence
        if self._held_in is not state:
            held = self._pump.ledger.open_by_device()
            self._held = Counter({name: n for name, n in held.items() if name in state.master.devices})
            self._held_in = state
        known = KnownOfDevices(partial(presence.signs, state), presence.flapping, self._held)
        return self._notifier.devices.look(state, known)

    @property
    def presence(self) -> tuple[frozenset[str], frozenset[str]]:
        """The silent and the flapping devices, as of the last judgement."""
        return self._presence.silent, self._presence.flapping

    def show_all_lines(self) -> None:
        """Publish every line again: another writer has changed the basis of the state."""
        self._notifier.all_lines(self._pump.state)

    def look(self) -> bool:
        """Check shortages, and once a minute figures that are not kept up to date; return whether any is new."""
        state, before = self._pump.state, (self._scrap_open, self._beyond)
        due = self._clock.monotonic() - self._examined_s >= EXAMINE_S
        if due:
            self._examine()
        self._scrap_open, self._beyond = state.lines_left_short(), runs_beyond_orders(state, self._made)
        return due or before != (self._scrap_open, self._beyond)

    def _complete_until(self, now: int, deaf_since: int | None) -> int:
        """Return the time up to which everything is folded: silence after it may be this gateway's own."""
        if self._pump.is_behind:
            return min(now, self._pump.state.now)
        return now if deaf_since is None else min(now, deaf_since)

    def _examine(self) -> None:
        """Read figures that are not kept up to date, and the settings of the database."""
        ledger = self._pump.ledger
        self._examined_s = self._clock.monotonic()
        self._quarantine = ledger.open_quarantine()
        self._waiting = ledger.waiting_since()
        self._made = ledger.read(Needs(sold=tuple(dict.fromkeys(sold_by_runs(self._pump.state).values())))).made
        self._weak = tuple(setting for setting in ledger.examine() if not setting.ok)

    def _count(self, changes: Changes) -> None:
        settled = sum(state != "open" for state, _ in changes.quarantine_states.values())
        self._quarantine += len(changes.quarantine) - settled
        if settled != len(changes.quarantine_states):
            self._examined_s = float("-inf")  # some were reopened: the next look counts them
        if changes.quarantine_states or changes.tables is not None:
            self._held_in = None
        for entry in changes.quarantine:
            if entry.device in self._pump.state.master.devices:
                self._held[entry.device] += 1
            if entry.code == Reason.UNKNOWN_DEVICE and len(self._unknown) < MOST_NAMES:
                self._unknown.add(entry.device)
            elif entry.code == Reason.NOT_ALLOWED:
                self._strange |= {"*", f"{entry.plant}/*", f"{entry.plant}/{entry.line}"}
        if changes.documents or changes.updated_rows or changes.updated_backlog or changes.online:
            self._summed = None
        self._outcomes.update(changes.outcomes)

    def complete(self, report: LoopReport, pictures: list[Message]) -> LoopReport:
        """Add line statuses and figures."""
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
            silent=self._presence.silent,
            flapping=self._presence.flapping,
            skewed={name: off for name, (off, row) in state.skewed.items() if row >= SKEWED_IN_A_ROW},
            late=frozenset(d for (d, *_), m in state.strayed.items() if m.strays and m.strays.late >= LATE_IN_A_ROW),
            unknown=len(self._unknown),
            documents=state.documents,
            outcomes=dict(self._outcomes),
            digest=state.master.digest,
            refused_replies=self._notifier.refused_replies,
            scrap_open=self._scrap_open,
            beyond_orders=self._beyond,
            waiting=self._waiting,
            weak=self._weak,
        )
        strange = frozenset(self._strange)
        messages = [*report.messages, *pictures]
        return report._replace(figures=figures, messages=messages, due_at=self._pump.due_at(), strange=strange)
