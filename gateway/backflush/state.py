"""The state: what is due and what is posted, in memory exactly as it was committed.

`State` is owned by one writer. `step` changes it and notes every change in `Changes`; the ledger commits those in one transaction with the
journal offset. If a commit fails the state is thrown away and loaded again: it is a cache of the ledger, never the truth.

Worklist rows, posted documents, quarantine entries and old scans are not held here: `needs` names what a batch has to see of them, and the
shell reads it (`Facts`) before the step.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.backflush.counting import DeviceMark
from gateway.backflush.documents import (
    ActivityItem,
    Confirmation,
    Document,
    MaterialItem,
    Reduction,
    Source,
)
from gateway.backflush.explosion import Explosion
from gateway.backflush.movements import StockKey
from gateway.backflush.plant import BomItem, MasterData
from gateway.backflush.points import Segment, work_in_process
from gateway.backflush.versions import Run

RECENT_SCANS = 20_000
"""Scan identities kept in memory; older ones are looked up in the ledger."""


class Rules(NamedTuple):
    """The settings that the engine obeys. They enter by the journal, so that the ledger stays a fold over it."""

    window: str = "1s"
    skew: int = 300_000_000
    """Microseconds that a device clock may be off before it is not believed."""
    late_max: int = 72 * 3_600_000_000
    """Microseconds that a stored reading (`hist`) may be old."""
    duplicate_window: int = 3_000_000
    """Microseconds within which the same text of one scanner without an id is one scan."""
    worklist: int = 0
    """Microseconds between runs of the background worklist; 0: on demand only."""


class Flow:
    """The pieces of one version, cost object and point structure on their way through the line."""

    __slots__ = ("cost_object", "id", "material", "plant", "points", "segments", "version")

    def __init__(self, plant: str, material: str, version: str, cost_object: str, points: tuple[str, ...]) -> None:
        self.plant = plant
        self.material = material
        self.version = version
        self.cost_object = cost_object
        self.points = points
        """Segment names in order; the last is `FINAL`."""
        self.id = flow_id(plant, material, version, cost_object, points)
        self.segments = [Segment() for _ in points]

    @property
    def waiting(self) -> int:
        """Reported units that wait for a predecessor."""
        return sum(segment.waiting for segment in self.segments)

    @property
    def wip(self) -> list[tuple[str, int]]:
        """Pieces on the line after each point."""
        return list(zip(self.points, work_in_process(self.segments), strict=False))


def flow_id(plant: str, material: str, version: str, cost_object: str, points: tuple[str, ...]) -> str:
    """Name a flow; equal content is the same flow."""
    return "/".join((plant, material, version, cost_object, "-".join(points)))


class MarkKey(NamedTuple):
    """What one mark covers. `scope` is empty for proportional items, else the lot or shift of fixed items."""

    flow: str
    explosion: str
    segment: str
    process: str
    scope: str


class Mark:
    """How many units are due and how many posted; due - posted = open rows."""

    __slots__ = ("due", "posted")

    def __init__(self, due: int = 0, posted: int = 0) -> None:
        self.due = due
        self.posted = posted


OPEN, POSTED, WITHDRAWN = "open", "posted", "withdrawn"

QUANTITY = "quantity"
"""The key under which an order's own quantity is reduced, beside its segments."""


class Row:
    """One due of one document: units of one process, segment and explosion. The worklist is the open rows.

    When it is posted at mark m its items are E(m + units) - E(m), and `posted_by` is the document that holds them.
    """

    __slots__ = (
        "cumulate",
        "document",
        "key",
        "line",
        "mark",
        "plant",
        "posted_by",
        "posting_date",
        "production_date",
        "reversed",
        "shift",
        "state",
        "timing",
        "units",
    )

    def __init__(
        self,
        document: int,
        key: MarkKey,
        units: int,
        *,
        plant: str,
        line: str,
        posting_date: str,
        production_date: str,
        shift: str,
        timing: str,
        cumulate: bool,
        state: str = OPEN,
        mark: int = 0,
        posted_by: int = 0,
        reversed_: int = 0,
    ) -> None:
        self.document = document
        self.key = key
        self.units = units
        self.plant = plant
        self.line = line
        self.posting_date = posting_date
        self.production_date = production_date
        self.shift = shift
        self.timing = timing
        self.cumulate = cumulate
        self.state = state
        self.mark = mark
        self.posted_by = posted_by
        self.reversed = reversed_
        """Units mirrored after it was posted, counted from the upper end; an open row is shrunk instead."""


class Backlog:
    """A component that could not be issued: open + issued + closed = required. Kept by (document, item) for ever."""

    __slots__ = (
        "amount",
        "batch",
        "cause",
        "closed",
        "cost_object",
        "created_at",
        "document",
        "issued",
        "issued_amount",
        "item",
        "line",
        "location",
        "material",
        "movement",
        "plant",
        "posting_date",
        "production_date",
        "reason",
        "required",
        "stock_type",
        "unit",
    )

    def __init__(
        self,
        document: int,
        item: int,
        *,
        plant: str,
        line: str,
        movement: str,
        material: str,
        location: str,
        batch: str,
        stock_type: str,
        unit: str,
        required: int,
        amount: int,
        cause: str,
        cost_object: str,
        posting_date: str,
        production_date: str,
        created_at: int,
        issued: int = 0,
        issued_amount: int = 0,
        closed: int = 0,
        reason: str = "",
    ) -> None:
        self.document = document
        self.item = item
        self.plant = plant
        self.line = line
        self.movement = movement
        self.material = material
        self.location = location
        self.batch = batch
        self.stock_type = stock_type
        self.unit = unit
        self.required = required
        self.amount = amount
        """Value of `required`, at the prices frozen in the explosion."""
        self.cause = cause
        self.cost_object = cost_object
        self.posting_date = posting_date
        self.production_date = production_date
        self.created_at = created_at
        self.issued = issued
        self.issued_amount = issued_amount
        self.closed = closed
        self.reason = reason
        """Why something of it was closed without an issue."""

    @property
    def open(self) -> int:
        """What is still missing."""
        return self.required - self.issued - self.closed

    @property
    def stock_key(self) -> StockKey:
        """Where it has to come from."""
        return StockKey(self.plant, self.material, self.location, self.batch, self.stock_type)


class WindowKey(NamedTuple):
    """What one backflush document may hold."""

    flow: str
    point: str
    explosion: str
    date: str
    shift: str
    batch: str


class WindowSource:
    """The readings of one device inside a window."""

    __slots__ = ("first_at", "first_entry", "good", "last_at", "last_entry", "readings", "scrap", "spans")

    def __init__(self, entry: int, at: int) -> None:
        self.first_entry = self.last_entry = entry
        self.first_at = self.last_at = at
        self.readings = 0
        self.good = 0
        self.scrap = 0
        self.spans = False


class Window:
    """Readings that become one document together. Yield may be short of zero for a while where scrap is told after gross."""

    __slots__ = ("close_at", "good", "key", "line", "pieces", "plant", "policy", "scrap", "sources")

    def __init__(self, key: WindowKey, plant: str, line: str, policy: str, close_at: int, pieces: int) -> None:
        self.key = key
        self.plant = plant
        self.line = line
        self.policy = policy
        self.close_at = close_at
        """Microseconds UTC of the tick that closes it."""
        self.pieces = pieces
        """Units at which it closes at once; 0: never."""
        self.good = 0
        self.scrap: dict[str, int] = {}
        self.sources: dict[str, WindowSource] = {}

    @property
    def units(self) -> int:
        """All pieces in it."""
        return self.good + sum(self.scrap.values())


class Order:
    """A planned order's open part.

    `reduced` is per segment for the dependent requirements of its operations, and under `QUANTITY` for the order quantity itself.
    """

    __slots__ = (
        "components",
        "finish",
        "line",
        "material",
        "order",
        "plant",
        "quantity",
        "reduced",
        "start",
        "version",
    )

    def __init__(
        self,
        order: str,
        plant: str,
        material: str,
        version: str,
        line: str,
        start: str,
        finish: str,
        quantity: int,
        components: tuple[BomItem, ...] = (),
    ) -> None:
        self.order = order
        self.plant = plant
        self.material = material
        self.version = version
        self.line = line
        self.start = start
        self.finish = finish
        self.quantity = quantity
        self.components = components
        self.reduced: dict[str, int] = {}

    def open(self, segment: str) -> int:
        """Return the units that are still to be received (`QUANTITY`), or whose components are still to be consumed."""
        return max(0, self.quantity - self.reduced.get(segment, 0))


class Line:
    """The figures of one line, in millionths of pieces; all only grow."""

    __slots__ = (
        "backlog",
        "counted",
        "documents",
        "last_at",
        "last_document",
        "line",
        "plant",
        "posted",
        "quarantined",
        "read",
        "reversed",
        "scrap",
        "worklist",
    )

    def __init__(self, plant: str, line: str) -> None:
        self.plant = plant
        self.line = line
        self.read = 0
        """Units that devices and people reported."""
        self.counted = 0
        """Units that have a place: read = counted + quarantined."""
        self.quarantined = 0
        """Units whose place is unknown; they leave by replay."""
        self.posted = 0
        """Units that documents hold: counted = posted + open."""
        self.scrap = 0
        self.reversed = 0
        """Units of reversed documents; they stay counted and posted."""
        self.documents = 0
        self.last_document = 0
        self.last_at = 0
        """Event time of the newest count."""
        self.worklist = 0
        """Open worklist rows (may shrink)."""
        self.backlog = 0
        """Open backlog records (may shrink)."""


class Outcome(NamedTuple):
    """How a scan ended, as its scanner is told: see the feedback of the device protocol."""

    result: str
    """ok | nok | dup | prompt | info | queued"""
    code: str
    title: str
    text: str
    document: int = 0
    quantity: int = 0
    point: str = ""


class ScanRecord(NamedTuple):
    """A scan identity that was seen."""

    content: str
    """Digest of what was scanned: the same id with another content is a conflict."""
    outcome: Outcome


class Context:
    """What the operator of a scanner has chosen by control codes."""

    __slots__ = ("line", "operator", "plant", "point", "quantity", "reason", "scrap", "undo")

    def __init__(self) -> None:
        self.plant = ""
        self.line = ""
        self.point = ""
        self.operator = ""
        self.quantity = 0
        self.scrap = False
        self.reason = ""
        self.undo = 0
        """The scanner's last document."""


class QuarantineEntry(NamedTuple):
    """A message that was not posted, with everything that a replay needs."""

    number: int
    entry: int
    kind: str
    """unbooked: units are certain, their place is not; untrusted: holds no units."""
    code: str
    text: str
    plant: str
    line: str
    device: str
    at: int
    """Event time for unbooked units, else the time of receipt."""
    good: int
    scrap: int
    topic: str
    payload: bytes
    content: str
    """JSON: what is certain of an unbooked step (scrap by reason, batch, unit)."""
    state: str = OPEN
    """open | replayed | healed | dismissed"""
    reason: str = ""


class Dossier(NamedTuple):
    """One document with all that stands under it."""

    document: Document
    confirmations: tuple[Confirmation, ...]
    rows: tuple[Row, ...]
    items: tuple[MaterialItem, ...]
    activities: tuple[ActivityItem, ...]
    reductions: tuple[Reduction, ...]
    backlog: tuple[Backlog, ...]
    """Its own records, and those of the cumulated documents that posted its rows."""
    sources: tuple[Source, ...]
    reversed_by: tuple[int, ...]
    """Documents that reverse it, in whole or in part."""
    reversing: tuple[Confirmation, ...]
    """The confirmations of those (negative)."""
    later: tuple[int, ...]
    """Later documents of the same flow, at most 20: what a refused reversal names."""
    serials: tuple[str, ...]


class Needs(NamedTuple):
    """What a batch has to see of the ledger before it can be stepped."""

    documents: tuple[int, ...] = ()
    scans: tuple[tuple[str, str], ...] = ()
    """(device, scan id)"""
    serials: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """Transactions"""
    quarantine: tuple[int, ...] = ()
    marks: tuple[tuple[str, str], ...] = ()
    """(device, boot) that are not in memory."""
    worklist: tuple[str, str, str, int] | None = None
    """(plant, line, process, limit); empty text is all: open rows in the order in which they are posted."""
    backlog: tuple[str, str, str, int] | None = None
    """(plant, line, material, limit); open records, oldest first."""

    def __bool__(self) -> bool:
        """Say whether anything is needed."""
        return any(self)


@dataclass(slots=True)
class Facts:
    """What the ledger answered to `Needs`. What is not in it does not exist."""

    documents: dict[int, Dossier] = field(default_factory=dict)
    scans: dict[tuple[str, str], ScanRecord] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    """Serial key: the document that confirmed it."""
    commands: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Transaction: (digest of its content, its response as JSON)."""
    quarantine: dict[int, QuarantineEntry] = field(default_factory=dict)
    marks: dict[tuple[str, str, str], DeviceMark] = field(default_factory=dict)
    worklist: tuple[Row, ...] = ()
    backlog: tuple[Backlog, ...] = ()


@dataclass(slots=True)
class State:
    """Everything that the engine remembers between two steps."""

    ordinal: int = 0
    """Of this gateway's head; its document numbers start at ordinal x 10^10."""
    documents: int = 0
    """Numbers given to documents so far, by this head."""
    quarantines: int = 0
    rules: Rules = Rules()
    master: MasterData = field(default_factory=MasterData)
    marks_of_devices: dict[str, dict[tuple[str, str], DeviceMark]] = field(default_factory=dict)
    """Device: {(boot, kind): mark}."""
    windows: dict[WindowKey, Window] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    explosions: dict[str, Explosion] = field(default_factory=dict)
    marks: dict[MarkKey, Mark] = field(default_factory=dict)
    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    """By (plant, line), sorted by start."""
    orders: dict[str, Order] = field(default_factory=dict)
    guarded: dict[StockKey, int] = field(default_factory=dict)
    """Stock at locations where it must not go negative."""
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    contexts: dict[str, Context] = field(default_factory=dict)
    scans: "OrderedDict[tuple[str, str], ScanRecord]" = field(default_factory=OrderedDict)
    serials: dict[str, int] = field(default_factory=dict)
    """Confirmed since the last commit or lately; the ledger knows all."""
    last_text: dict[str, tuple[str, int]] = field(default_factory=dict)
    """Device: (text, time) of its last scan without an id."""
    untrusted: dict[str, list[int]] = field(default_factory=dict)
    """Device: open untrusted quarantine entries, which its next accepted total settles."""
    online: dict[str, bool] = field(default_factory=dict)
    closed_periods: set[tuple[str, str]] = field(default_factory=set)
    """(plant, YYYY-MM) that take no postings."""
    opening: dict[StockKey, int] = field(default_factory=dict)
    """Opening stock as last imported."""
    next_work: int = 0
    """Time of the next scheduled worklist run; 0: none."""
    now: int = 0
    """Time of the newest batch."""
    asked: dict[str, int] = field(default_factory=dict)
    """Device: when it was last asked to report; not kept over a restart."""
    places: dict[object, object] = field(default_factory=dict)
    """Derived: resolved booking places; dropped whenever master data, runs, orders or periods change."""
    closings: list[tuple[int, WindowKey]] = field(default_factory=list)
    """Derived: a heap of when open windows close."""
    orders_of: dict[tuple[str, str], list[Order]] = field(default_factory=dict)
    """Derived: open orders by (plant, material), oldest first."""


class Feedback(NamedTuple):
    """What a scanner is told after the commit."""

    entry: int
    plant: str
    line: str
    device: str
    reference: str
    outcome: Outcome
    received_at: int


class Response(NamedTuple):
    """What a command's sender is told after the commit."""

    entry: int
    transaction: str
    verb: str
    plant: str
    line: str
    status: str
    """ok | error"""
    code: str
    text: str
    data: str
    """JSON"""


class Ask(NamedTuple):
    """A device is asked to report its totals again."""

    plant: str
    line: str
    device: str
    reason: str


@dataclass(slots=True)
class Changes:
    """What a step changed: rows to add (lists) and rows to write over (dicts and sets, by key; the objects live in `State`).

    Additive keys (`stock`, `statistics`, `collectors`) hold differences. Everything of one `Changes` is committed together.
    """

    documents: list[Document] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    items: list[MaterialItem] = field(default_factory=list)
    activities: list[ActivityItem] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    reductions: list[Reduction] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    """New rows."""
    updated_rows: dict[tuple[int, MarkKey], Row] = field(default_factory=dict)
    """Rows of earlier commits that were posted, withdrawn or reversed."""
    explosions: dict[str, Explosion] = field(default_factory=dict)
    marks: dict[MarkKey, Mark] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    windows: dict[WindowKey, Window | None] = field(default_factory=dict)
    """None: the window was closed."""
    device_marks: dict[tuple[str, str, str], DeviceMark] = field(default_factory=dict)
    """(device, boot, kind)"""
    backlog: list[Backlog] = field(default_factory=list)
    updated_backlog: dict[tuple[int, int], Backlog] = field(default_factory=dict)
    orders: dict[str, tuple[Order, dict[str, int]]] = field(default_factory=dict)
    """Order: (new state, what `reduced` was when it was read), for the guard against other writers."""
    stock: dict[StockKey, int] = field(default_factory=dict)
    guarded: set[StockKey] = field(default_factory=set)
    """Keys of `stock` that must not go negative in the commit."""
    opening: dict[StockKey, int] = field(default_factory=dict)
    statistics: dict[tuple[str, ...], int] = field(default_factory=dict)
    """(plant, date, shift, line, material, version, measure, detail, unit)"""
    collectors: dict[tuple[str, ...], int] = field(default_factory=dict)
    """(plant, cost object, period, element, detail): amount; debits positive"""
    scans: dict[tuple[str, str], ScanRecord] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    """Serial key: document; 0 frees it."""
    commands: dict[str, tuple[str, str]] = field(default_factory=dict)
    quarantine: list[QuarantineEntry] = field(default_factory=list)
    quarantine_states: dict[int, tuple[str, str]] = field(default_factory=dict)
    """Number: (state, reason)"""
    contexts: dict[str, Context] = field(default_factory=dict)
    lines: dict[tuple[str, str], Line] = field(default_factory=dict)
    online: dict[str, bool] = field(default_factory=dict)
    runs: set[tuple[str, str]] = field(default_factory=set)
    """Lines whose runs changed."""
    periods: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(plant, YYYY-MM): closed"""
    rules: bool = False
    tables: bytes | None = None
    """Canonical master data after an import."""
    outcomes: dict[str, int] = field(default_factory=dict)
    """How many messages ended as counted, duplicate, heartbeat, late, context, state, request, quarantine, ..."""
    feedback: list[Feedback] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
