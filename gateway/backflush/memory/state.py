"""The state: everything due and posted, in memory exactly as it was committed.

`State` is owned by one writer. `step` changes it and notes every change in `Changes`; the ledger commits those in one
transaction with the journal offset. If a commit fails the state is discarded and loaded again: it is a cache of the
ledger, never the truth.

Worklist rows, posted documents, quarantine entries and old scans are not held here, nor finished lots, shifts, sales
orders and explosions (`eviction`): `prefetch` names those that a batch needs, and they are read before the step.
"""

from collections import OrderedDict
from collections.abc import Container
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any, NamedTuple

from devices.barcodes import LATE_CARDS, Dialect
from devices.errors import Rejection
from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey, Charge, Row
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.noise import Noise
from gateway.backflush.memory.records import (
    Cover,
    Flow,
    FlowKind,
    LastScan,
    LineFigures,
    RefusedScan,
    ScanRecord,
    Window,
    WindowKey,
)
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.plant.versions import Run
from gateway.backflush.values.counting import CounterPosition
from gateway.backflush.values.documents import ACTIVITY, ISSUE, AnyProcess
from gateway.backflush.values.movements import StockKey

RECENT_SCANS = 20_000
"""The scan identities kept in memory; older ones are read from the ledger."""

YIELD = "yield"
MADE = (YIELD, "scrap")
"""The measures of the statistics in pieces."""

ANYTHING = "*"
"""In `Rules.open_names`: no name is judged except lines."""

EDITION = 7
"""The edition of the entries that this version writes into the journal: see `Rules.edition`."""


def month_before(now: int) -> str:
    """Return the month of 31 days before a time, as YYYY-MM.

    >>> month_before(1_800_000_000_000_000)   # 2027-01-15
    '2026-12'
    """
    return datetime.fromtimestamp(now // 1_000_000 - 31 * 86_400, UTC).strftime("%Y-%m")


def days_before(now: int) -> str:
    """Return the day four days before a time, as ISO text: totals of shifts are shown since then.

    >>> days_before(1_800_000_000_000_000)   # 2027-01-15
    '2027-01-11'
    """
    return datetime.fromtimestamp(now // 1_000_000 - 4 * 86_400, UTC).strftime("%Y-%m-%d")


class Rules(NamedTuple):
    """The settings that decide the meaning of an entry. They enter by the journal: the ledger stays a fold over it."""

    window: str = "1s"
    skew: int = 300_000_000
    """Microseconds that a device clock may be off before its times are rejected."""
    late_max: int = 72 * 3_600_000_000
    """Microseconds that a stored reading (`hist`) may be old."""
    duplicate_window: int = 3_000_000
    """Microseconds within which the same content of one scanner without an id is one scan."""
    worklist: str = "demand"
    """The times at which the background worklist runs: see `schedules`."""
    base: str = "bf/v1"
    """The base topic of every message with a meaning."""
    requests: tuple[str, ...] = ("run-start", "run-stop", "work")
    """The verbs that request topics may ask for, sorted."""
    lines: tuple[str, ...] = ("*",)
    """The gateway's lines (`*`, `1000/*`, `1000/L04`): messages of other lines are refused."""
    open_names: tuple[str, ...] = (ANYTHING,)
    """Names that need not be maintained (`reasons`, `operators`, `sales_orders`), sorted; a journal without it was
    written when names and dates were not judged.
    """
    edition: int = 0
    """The meaning of postings with which the entries were written; the first one in a journal without it."""
    patterns: tuple[str, ...] = ()
    """The forms of a site's own labels, as regular expressions."""
    sources: tuple[str, ...] = ()
    """The sources (`devices.sources`), each as its text."""
    left: tuple[str, ...] = ()
    """Filters of earlier settings that the broker's session may still hold, sorted; they change no meaning."""

    @property
    def dialect(self) -> Dialect:
        """The forms in which scanned texts are read; before edition 3 there were fewer, before 4 fewer cards."""
        cards = () if self.leads else LATE_CARDS
        is_first = self.edition < 3  # noqa: PLR2004 - said above
        return Dialect(self.patterns, is_first, cards, believes_counts=not self.knows_scanners)

    @property
    def leads(self) -> bool:
        """Whether scanners are led: choices end with time, operator and line, and an undo goes back ten postings."""
        return self.edition >= 4  # noqa: PLR2004 - it is the first edition that does

    @property
    def reopens(self) -> bool:
        """Whether an undo opens closings again, and a label without a line holds no units."""
        return self.edition >= 5  # noqa: PLR2004 - it is the first edition that does

    @property
    def judges_cards(self) -> bool:
        """Whether a card without effect is refused: a line of a fixed scanner, a point of no label of the run."""
        return self.edition >= 5  # noqa: PLR2004 - it is the first edition that does

    @property
    def knows_scanners(self) -> bool:
        """Whether line ends around a code are left out, counts are doubted, and sources read as they are today."""
        return self.edition >= 6  # noqa: PLR2004 - it is the first edition that does


@dataclass(slots=True)
class Resolved:
    """Values derived from the rest of the state; forgotten when master data, runs, orders or periods change."""

    places: dict[object, Any] = field(default_factory=dict)
    """Booking places, by request."""
    homes: dict[str, Any] = field(default_factory=dict)
    """The place of a counter's last telegram, by device."""
    explosions: dict[tuple[object, ...], Explosion | Rejection] = field(default_factory=dict)
    """By version, production date, revision, order and bearer."""
    charges: dict[BalanceKey, tuple[Charge, ...]] = field(default_factory=dict)
    """The charges of a balance's units, for proportional items."""
    gross: frozenset[tuple[str, str, str]] | None = None
    """The (plant, line, operation) at which a counter counts all pieces."""
    limits: dict[tuple[str, str, str], int] | None = None
    """By plant, line and unit (empty is that of any product), the most that its fastest device may count in a day."""

    def forget(self) -> None:
        """Forget it all."""
        for known in (self.places, self.homes, self.explosions, self.charges):
            known.clear()
        self.gross = self.limits = None

    def keep(self, flows: Container[str], explosions: Container[str]) -> None:
        """Forget what rests on other flows and explosions than these, and on marks, which may be other ones."""
        self.homes.clear()
        places, lists, charges = self.places.items(), self.explosions.items(), self.charges.items()
        self.places = {key: at for key, at in places if at.flow in flows and at.explosion in explosions}
        self.explosions = {key: of for key, of in lists if isinstance(of, Rejection) or of.id in explosions}
        self.charges = {key: of for key, of in charges if key.flow in flows and key.explosion in explosions}

    def __len__(self) -> int:
        """Return the number of derived values."""
        return len(self.places) + len(self.homes) + len(self.explosions) + len(self.charges)


@dataclass(slots=True)
class State:
    """Everything that the engine remembers between two steps."""

    ordinal: int = 0
    """The number of this gateway's head; its document numbers start at ordinal x 10^10."""
    owned: tuple[str, ...] = ("*",)
    """Its own lines: those of the settings in force that no other gateway has taken over."""
    documents: int = 0
    """The number of documents of this head so far."""
    quarantines: int = 0
    rules: Rules = field(default_factory=Rules)
    master: MasterData = field(default_factory=MasterData)
    marks_of_devices: dict[str, dict[tuple[str, str], CounterPosition]] = field(default_factory=dict)
    """Device: {(boot, kind): mark}."""
    windows: dict[WindowKey, Window] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    explosions: dict[str, Explosion] = field(default_factory=dict)
    balances: dict[BalanceKey, Balance] = field(default_factory=dict)
    accounts: dict[AccountKey, Account] = field(default_factory=dict)
    """The balances of the flows and scopes in memory."""
    scopes: set[str] = field(default_factory=set)
    """Lots and shifts in memory, with all their balances and accounts; others have none here."""
    bearers: set[tuple[str, str]] = field(default_factory=set)
    """(plant, cost object) of sales orders and lots with all their flows in `flows`; others have none there."""
    kept: tuple[int, int] = (0, 0)
    """The last eviction: its day, and the number of records left."""
    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    """By (plant, line), sorted by start: the runs in force at `runs_since` or later."""
    runs_since: int = 0
    older_runs: dict[tuple[str, str], int] = field(default_factory=dict)
    """(plant, line): an earlier time since which its runs are in memory as well."""
    orders: dict[str, Order] = field(default_factory=dict)
    stock: dict[StockKey, int] = field(default_factory=dict)
    """Stock that matters: at locations where it must not go negative, and of components everywhere."""
    shelves: dict[tuple[str, str, str], list[StockKey]] = field(default_factory=dict)
    """The keys of `stock` by (plant, material, location)."""
    components: frozenset[tuple[str, str]] = frozenset()
    """(plant, material) on any list."""
    lines: dict[tuple[str, str], LineFigures] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    scans: "OrderedDict[tuple[str, str], ScanRecord]" = field(default_factory=OrderedDict)
    last_scans: dict[str, LastScan] = field(default_factory=dict)
    """Device: its last scan without an id."""
    untrusted: dict[str, dict[Cover, list[int]]] = field(default_factory=dict)
    """Device: open untrusted quarantine entries, and their covers."""
    refused: dict[str, dict[str, list[RefusedScan]]] = field(default_factory=dict)
    """Device: its open entries of scans, by the digest of their code."""
    noise: Noise = field(default_factory=Noise)
    """Today's untrusted entries, by device and reason: above a limit they are grouped."""
    online: dict[str, bool] = field(default_factory=dict)
    knowledge: Knowledge = field(default_factory=Knowledge)
    """The names and lives that other publishers have announced."""
    closed_periods: set[tuple[str, str]] = field(default_factory=set)
    """(plant, YYYY-MM) closed for postings."""
    opening: dict[StockKey, int] = field(default_factory=dict)
    """Opening stock as last imported."""
    now: int = 0
    """The time of the newest batch."""
    beside: int | None = None
    """The time of the machine's clock, while it is in doubt whether that or the batch's time is right."""
    made: dict[tuple[str, str, str], int] = field(default_factory=dict)
    """(plant, line, YYYY-MM): yield and scrap in the statistics, of the months from `month_before` on."""
    shift_yield: dict[tuple[str, str, str, str, str, str], int] = field(default_factory=dict)
    """(plant, line, date, shift, point, unit): yield in the statistics, of the days from `shift_yield_since` on."""
    shift_yield_since: str = ""
    updates: list[Row] = field(default_factory=list)
    """Open rows of the update worker, oldest first."""
    handed: int = 0
    """The newest document at the end of the last tick: the next tick posts the update worker's rows up to it."""
    holds: set[tuple[str, str, AnyProcess]] = field(default_factory=set)
    """(plant, line, process; empty is all) that no run of the worklist posts."""
    short: set[tuple[str, str, str]] = field(default_factory=set)
    """(plant, material, location) with open backlog."""
    arrived: set[tuple[str, str, str]] = field(default_factory=set)
    """Those of `short` with new stock or a smaller need since the last tick. Open backlog elsewhere cannot be issued,
    so a larger set changes nothing.
    """
    strayed: dict[tuple[str, str, str], CounterPosition] = field(default_factory=dict)
    """(device, boot, kind) of marks with strays, which have not moved since."""
    asked: dict[str, int] = field(default_factory=dict)
    """Device: the time of the last request to report; lost at a restart."""
    skewed: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Device: (microseconds that its clock is off, telegrams in a row) until it is accepted; lost at a restart."""
    resolved: Resolved = field(default_factory=Resolved)
    flows_of: dict[FlowKind, list[Flow]] = field(default_factory=dict)
    """Derived: flows by kind, then by name: more than one if the point structure has changed."""
    closings: list[tuple[int, WindowKey]] = field(default_factory=list)
    """Derived: a heap of the closing times of open windows."""
    orders_of: dict[tuple[str, str], list[Order]] = field(default_factory=dict)
    """Derived: orders by (plant, material), oldest first."""
    orders_on: dict[tuple[str, str], list[Order]] = field(default_factory=dict)
    """Derived: orders by (plant, line), oldest first."""

    def knows_runs(self, plant: str, line: str, at: int) -> bool:
        """Return whether the runs of a line since a time are in memory."""
        return at >= self.older_runs.get((plant, line), self.runs_since)

    def runs_from(self, plant: str, line: str, at: int) -> list[Run]:
        """Return the runs of a line, which may be read or changed since a time."""
        assert self.knows_runs(plant, line, at), f"the runs of {plant}/{line} from {at} on were not read before"
        return self.runs.get((plant, line), [])

    def is_held(self, row: Row) -> bool:
        """Return whether a row is held back from every run of the worklist."""
        holds, (plant, line) = self.holds, (row.plant, row.line)
        return bool(holds) and ((plant, line, row.key.process) in holds or (plant, line, "") in holds)

    def open_rows(self, plant: str, line: str, process: AnyProcess) -> int:
        """Count the open rows of the worklist, held ones included; empty text is all."""
        lines = (each for each in self.lines.values() if plant in ("", each.plant) and line in ("", each.line))
        return sum(
            (each.open_issues if process != ACTIVITY else 0) + (each.open_activities if process != ISSUE else 0)
            for each in lines
        )

    def holds_to_release(
        self, plant: str, line: str, process: AnyProcess, *, every: bool
    ) -> list[tuple[str, str, AnyProcess]]:
        """Return the holds that a release ends: that of a process or of the whole line, or `every` one of the line."""
        found = (hold for hold in self.holds if hold[:2] == (plant, line))
        return sorted(hold for hold in found if every or hold[2] == process)

    def short_windows(self, plant: str = "", line: str = "") -> list[Window]:
        """Return the windows that are short of yield; empty text is all."""
        short = (w for w in self.windows.values() if w.good < 0)
        return sorted((w for w in short if plant in ("", w.plant) and line in ("", w.line)), key=attrgetter("key"))

    def lines_left_short(self) -> tuple[str, ...]:
        """Name the lines that are still short of yield after the shift or run."""
        return tuple(sorted({f"{w.plant}/{w.line}" for w in self.short_windows() if w.close_at <= self.now}))

    def look_again(self) -> None:
        """Have the next tick issue backlog wherever there is stock."""
        there = (key for place in self.short for key in self.shelves.get(place, ()) if self.stock[key] > 0)
        self.arrived = {key[:3] for key in there if self.guards(key)}

    def guards(self, key: StockKey) -> bool:
        """Return whether stock must not go negative: it may only where master data allows it."""
        location = self.master.locations.get((key.plant, key.location))
        return location is None or not location.negative_stock

    def lay(self, key: StockKey, quantity: int) -> bool:
        """Add to stock that matters, or take from it; return whether it must not go negative."""
        there, guarded = self.stock.get(key), self.guards(key)
        if there is not None:
            self.stock[key] = there + quantity
        elif guarded or key[:2] in self.components:
            self.shelves.setdefault(key[:3], []).append(key)
            self.stock[key] = quantity
        return guarded

    def add_flow(self, flow: Flow) -> None:
        """Add a flow."""
        self.flows[flow.id] = flow
        alike = self.flows_of.setdefault(flow.kind, [])
        alike.append(flow)
        alike.sort(key=lambda other: other.id)
