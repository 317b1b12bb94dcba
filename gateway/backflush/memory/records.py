"""The records of the state: flows, windows, backlog, figures of lines, quarantine and scans.

`docs/architecture.md` lists their keys. `posting.books` and its neighbours change them in place; they are committed as
they stand.
"""

import json
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import EXPLODED, ISSUE, Origin, Process
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import Segment, work_in_process
from gateway.backflush.values.quantities import LIMIT, LIMIT_AT_ONCE
from gateway.backflush.values.window_policy import WindowKind
from gateway.errors import Reason

FlowKind = tuple[str, str, str, str]
"""Plant, material, version, cost object."""


class Flow:
    """The pieces of one version, cost object and point structure on their way through the line."""

    __slots__ = ("cost_object", "explosion", "id", "material", "plant", "points", "segments", "version")

    def __init__(self, plant: str, material: str, version: str, cost_object: str, points: tuple[str, ...]) -> None:
        self.plant = plant
        self.material = material
        self.version = version
        self.cost_object = cost_object
        self.points = points
        """Segment names in order; the last is `FINAL`."""
        self.id = flow_id(plant, material, version, cost_object, points)
        self.segments = [Segment() for _ in points]
        self.explosion = ""
        """The newest explosion of its structure: pieces on the line when the structure changes stay with it."""

    @property
    def to_stock(self) -> bool:
        """Whether it is made to stock, and so lasts as long as its version is made."""
        return parse_cost_object(self.cost_object).to_stock

    @property
    def kind(self) -> FlowKind:
        """The key that it shares with flows of other structures."""
        return self.plant, self.material, self.version, self.cost_object

    @property
    def waiting(self) -> int:
        """Reported units that wait for a predecessor."""
        return sum(segment.waiting.passed for segment in self.segments)

    @property
    def wip(self) -> list[tuple[str, int]]:
        """Pieces on the line after each point."""
        return list(zip(self.points, work_in_process(self.segments), strict=False))


def flow_id(plant: str, material: str, version: str, cost_object: str, points: tuple[str, ...]) -> str:
    """Name a flow; equal content is the same flow."""
    return "/".join((plant, material, version, cost_object, "-".join(points)))


@dataclass(slots=True)
class Backlog:
    """A component that could not be issued: open + issued + closed = required. By (document, item), never deleted."""

    document: int
    item: int
    plant: str
    line: str
    movement: str
    material: str
    location: str
    batch: str
    stock_type: str
    unit: str
    required: int
    cause: Reason
    cost_object: str
    posting_date: str
    production_date: str
    created_at: int
    origin: Origin = EXPLODED
    """The origin of the missing item."""
    determination: bool = False
    """Whether other stock of the location may be issued as well: own first, the oldest batch first."""
    issued: int = 0
    issued_amount: int = 0
    closed: int = 0
    reversed: int = 0
    """The part of `closed` that reversals took back; a person gave up the rest."""
    reason: str = ""
    """The reason for closing without an issue."""
    issued_location: str = ""
    """The location that a correction issued it from; empty: its own."""
    lots: dict[tuple[str, str], int] = field(default_factory=dict)
    """(batch, stock type): the part of `issued` taken from it."""

    @property
    def open(self) -> int:
        """The quantity still missing."""
        return self.required - self.issued - self.closed

    @property
    def stock_key(self) -> StockKey:
        """The stock that lacks it."""
        return StockKey(self.plant, self.material, self.location, self.batch, self.stock_type)

    @property
    def issued_from(self) -> dict[StockKey, int]:
        """The quantity issued by stock key, the last lot last."""
        place = self.issued_location or self.location
        return {StockKey(self.plant, self.material, place, *lot): units for lot, units in self.lots.items()}


class WindowKey(NamedTuple):
    """The key of readings that may share one document."""

    flow: str
    point: str
    explosion: str
    date: str
    shift: str
    batch: str
    line: str
    policy: WindowKind


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
    """Readings that become one document together; `short` if scrap is reported after its gross pieces are posted."""

    __slots__ = ("close_at", "good", "key", "pieces", "plant", "rework", "scrap", "sources")

    def __init__(self, key: WindowKey, plant: str, close_at: int, pieces: int) -> None:
        self.key = key
        self.plant = plant
        self.close_at = close_at
        """The time of the tick that closes it, microseconds UTC."""
        self.pieces = pieces
        """The units at which it closes at once; 0: never."""
        self.good = 0
        self.scrap: dict[str, int] = {}
        self.rework = 0
        self.sources: dict[str, WindowSource] = {}

    @property
    def line(self) -> str:
        """The production line that counts into it."""
        return self.key.line

    @property
    def policy(self) -> WindowKind:
        """Its policy, which decides when it closes."""
        return self.key.policy

    @property
    def short(self) -> int:
        """Pieces that were reported as scrap and are still posted as yield."""
        return max(0, -self.good)

    @property
    def units(self) -> int:
        """All pieces in it."""
        return self.good + sum(self.scrap.values())


@dataclass(slots=True)
class LineFigures:
    """The figures of one line, in millionths of pieces; all only grow, except `quarantined`, open rows and `backlog`.

    What is open again leaves `posted`, `scrap` and `rework`. Only its methods change them, so that each law is kept in
    one place: read = counted + quarantined.
    """

    plant: str
    line: str
    read: int = 0
    """Units that devices and people reported."""
    counted: int = 0
    """Units that have a place."""
    quarantined: int = 0
    """Units without a place; they leave by replay."""
    posted: int = 0
    """Units in documents: counted = posted + open."""
    scrap: int = 0
    """Scrapped at a point, and lost after one."""
    rework: int = 0
    """Reworked pieces; they are not units: nothing is due for them."""
    reversed: int = 0
    """Units of reversed documents; they stay counted and posted."""
    documents: int = 0
    last_document: int = 0
    last_at: int = 0
    """Event time of the newest count."""
    open_issues: int = 0
    """Worklist rows that are open, by process."""
    open_activities: int = 0
    backlog: int = 0
    """Open backlog records."""

    @property
    def worklist(self) -> int:
        """All open worklist rows."""
        return self.open_issues + self.open_activities

    def count(self, units: int, at: int) -> None:
        """Add units that were read and have a place."""
        self.read += units
        self.counted += units
        self.last_at = max(self.last_at, at)

    def quarantine(self, units: int, at: int) -> None:
        """Add units that were read and have no place."""
        self.read += units
        self.quarantined += units
        self.last_at = max(self.last_at, at)

    def release(self, units: int) -> None:
        """Take units out of quarantine, to be counted at their place."""
        self.read -= units
        self.quarantined -= units

    def post(self, units: int) -> None:
        """Add units that a document now holds; negative units wait again."""
        self.posted += units

    def reverse(self, units: int) -> None:
        """Add units whose document is reversed."""
        self.reversed += units

    def lose(self, units: int) -> None:
        """Add scrapped or lost units."""
        self.scrap += units

    def repeat(self, units: int) -> None:
        """Add reworked pieces."""
        self.rework += units

    def number(self, document: int) -> None:
        """Count a document of the line."""
        self.documents += 1
        self.last_document = document

    def lack(self, records: int) -> None:
        """Count backlog records that open or, if negative, close."""
        self.backlog += records

    def wait(self, process: Process, rows: int) -> None:
        """Count rows that enter the worklist or, if negative, leave it: receipts are always posted at once."""
        if process == ISSUE:
            self.open_issues += rows
        else:
            self.open_activities += rows

    def fits(self, units: int) -> bool:
        """Return whether the line's figures can take `units` more."""
        return units < LIMIT_AT_ONCE and self.read + units < LIMIT


Result = Literal["ok", "nok", "dup", "prompt", "info", "queued"]
"""The outcome of a scan; dup: done before, prompt: another scan must follow, queued: safe, not yet posted."""


class Outcome(NamedTuple):
    """The end of a scan, as its scanner gets it: see the feedback of the device protocol."""

    result: Result
    code: str
    title: str
    text: str
    document: int = 0
    quantity: int = 0
    point: str = ""
    waiting: int = 0
    """The part of the quantity that waits for an earlier point."""
    facts: tuple[tuple[str, str], ...] = ()
    """Further data by name: product, batch, serial number, line, unit, kind of pieces, total of the shift."""


class LastScan(NamedTuple):
    """A scanner's last scan without an id: the same content a moment later is the same trigger pull."""

    content: str
    """Digest of the text."""
    at: int
    """Time of receipt."""
    answer: Outcome | None = None
    """Its answer, unless it was a repetition of a scan that was not refused."""


class ScanRecord(NamedTuple):
    """A known scan identity."""

    content: str
    """Digest of the scanned text: the same id with another content is a conflict."""
    outcome: Outcome


class CommandRecord(NamedTuple):
    """A command that was carried out or refused, with its first answer, and who has asked for it, when and why."""

    digest: str
    response: str
    """JSON"""
    at: int
    verb: str
    plant: str
    line: str
    actor: str
    reason: str


class Cover(NamedTuple):
    """The totals that settle a refused one: the marks of the same life of its device have read as much."""

    boot: str
    totals: tuple[tuple[str, int, int], ...]
    """Kind, units that its mark must have read, its life (`counting.reaches`); empty: unknown."""

    @classmethod
    def parse(cls, content: str) -> "Cover | None":
        """Read it from a quarantine entry; None if no total can settle that."""
        said = json.loads(content)
        return cls(said["boot"], tuple(map(tuple, said["totals"]))) if "boot" in said else None

    @property
    def text(self) -> str:
        """Its form in a quarantine entry."""
        return json.dumps(self._asdict())


class RefusedScan(NamedTuple):
    """An open entry of a scan, which a repetition of the scan settles."""

    number: int
    plant: str
    line: str
    """Its line, or the one that a roaming scanner had chosen."""
    units: int
    """The units that it holds; 0: none."""
    serials: tuple[str, ...]
    """The names that prove a repetition of units."""


EntryState = Literal["open", "replayed", "healed", "repeated", "dismissed"]
"""The state of a quarantine entry; repeated: its scanner has read the code again, and that was posted."""


EntryKind = Literal["unbooked", "untrusted"]
"""unbooked: certain units without a certain place; untrusted: no units."""
UNBOOKED: Final = "unbooked"
UNTRUSTED: Final = "untrusted"


class QuarantineEntry(NamedTuple):
    """A message that was not posted, with everything a replay needs."""

    number: int
    entry: int
    kind: EntryKind
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
    """JSON: the certain facts of an unbooked step (scrap by reason, batch, unit), the cover of a refused total, or the
    choices of a refused scan's operator; `code` finds a scan's repetition.
    """
    state: EntryState = "open"
    reason: str = ""
