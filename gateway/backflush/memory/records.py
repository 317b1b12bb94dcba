"""The records of the state: flows, windows, backlog, figures of lines, quarantine, and what is known of scans.

Each is keyed as `docs/architecture.md` says, changed in place by `posting.books` and its neighbours, and committed as
it stands.
"""

import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import ISSUE
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import Segment, work_in_process
from gateway.backflush.values.quantities import LIMIT, LIMIT_AT_ONCE

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
        """The newest explosion of its structure: what is still on the line when the structure changes stays with it."""

    @property
    def to_stock(self) -> bool:
        """Whether it is made to stock, and so goes on for as long as its version is made."""
        return parse_cost_object(self.cost_object).to_stock

    @property
    def kind(self) -> FlowKind:
        """What flows of other structures have in common with it."""
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
    cause: str
    cost_object: str
    posting_date: str
    production_date: str
    created_at: int
    origin: str = "exploded"
    """exploded | direct: what its document would have issued it as."""
    determination: bool = False
    """Issued as its posting would have been: from other stock of the location, own first, the oldest batch first."""
    issued: int = 0
    issued_amount: int = 0
    closed: int = 0
    reversed: int = 0
    """How much of `closed` reversals have taken back; the rest of it a person has given up."""
    reason: str = ""
    """Why something of it was closed without an issue."""
    issued_location: str = ""
    """Where a correction had it issued from; empty: from where it was missing."""
    lots: dict[tuple[str, str], int] = field(default_factory=dict)
    """(batch, stock type): how much of `issued` was taken from it."""

    @property
    def open(self) -> int:
        """What is still missing."""
        return self.required - self.issued - self.closed

    @property
    def stock_key(self) -> StockKey:
        """Where it is missing."""
        return StockKey(self.plant, self.material, self.location, self.batch, self.stock_type)

    @property
    def issued_from(self) -> dict[StockKey, int]:
        """What was issued, by where it was taken from; the last lot last."""
        place = self.issued_location or self.location
        return {StockKey(self.plant, self.material, place, *lot): units for lot, units in self.lots.items()}


class WindowKey(NamedTuple):
    """What one backflush document may hold."""

    flow: str
    point: str
    explosion: str
    date: str
    shift: str
    batch: str
    line: str
    policy: str
    """reading | shift | scan | timed | pieces"""


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
    """Readings that become one document together; `short` where scrap is told after its gross pieces were posted."""

    __slots__ = ("close_at", "good", "key", "pieces", "plant", "rework", "scrap", "sources")

    def __init__(self, key: WindowKey, plant: str, close_at: int, pieces: int) -> None:
        self.key = key
        self.plant = plant
        self.close_at = close_at
        """Microseconds UTC of the tick that closes it."""
        self.pieces = pieces
        """Units at which it closes at once; 0: never."""
        self.good = 0
        self.scrap: dict[str, int] = {}
        self.rework = 0
        self.sources: dict[str, WindowSource] = {}

    @property
    def line(self) -> str:
        """The production line that counts into it."""
        return self.key.line

    @property
    def policy(self) -> str:
        """What closes it."""
        return self.key.policy

    @property
    def short(self) -> int:
        """Pieces that are told to be scrap and are still posted as yield."""
        return max(0, -self.good)

    @property
    def units(self) -> int:
        """All pieces in it."""
        return self.good + sum(self.scrap.values())


@dataclass(slots=True)
class LineFigures:
    """The figures of one line, in millionths of pieces; all only grow, but `quarantined`, open rows and `backlog`.

    Only its methods change them, so that each law is kept in one place: read = counted + quarantined.
    """

    plant: str
    line: str
    read: int = 0
    """Units that devices and people reported."""
    counted: int = 0
    """Units that have a place."""
    quarantined: int = 0
    """Units whose place is unknown; they leave by replay."""
    posted: int = 0
    """Units that documents hold: counted = posted + open."""
    scrap: int = 0
    """Scrapped at a point, and lost after one."""
    rework: int = 0
    """Pieces worked again; they are no units: nothing is due for them."""
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
        """Add units that a document holds now; negative units wait again."""
        self.posted += units

    def reverse(self, units: int) -> None:
        """Add units whose document is reversed."""
        self.reversed += units

    def lose(self, units: int) -> None:
        """Add units that are scrapped or lost."""
        self.scrap += units

    def repeat(self, units: int) -> None:
        """Add pieces that were worked again."""
        self.rework += units

    def number(self, document: int) -> None:
        """Count a document of the line."""
        self.documents += 1
        self.last_document = document

    def lack(self, records: int) -> None:
        """Count backlog records that open, or close."""
        self.backlog += records

    def wait(self, process: str, rows: int) -> None:
        """Count rows that come to the worklist, or leave it: receipts are always posted at once."""
        if process == ISSUE:
            self.open_issues += rows
        else:
            self.open_activities += rows

    def fits(self, units: int) -> bool:
        """Return whether the line's figures can take `units` more."""
        return units < LIMIT_AT_ONCE and self.read + units < LIMIT


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
    waiting: int = 0
    """How much of the quantity waits for an earlier point."""


class LastScan(NamedTuple):
    """What a scanner read last without an id: the same content a moment later is the same trigger pull."""

    content: str
    """Digest of the text."""
    at: int
    """Time of receipt."""


class ScanRecord(NamedTuple):
    """A scan identity that was seen."""

    content: str
    """Digest of what was scanned: the same id with another content is a conflict."""
    outcome: Outcome


@dataclass(slots=True)
class Context:
    """What the operator of a scanner has chosen by control codes."""

    plant: str = ""
    line: str = ""
    point: str = ""
    operator: str = ""
    quantity: int = 0
    mode: str = ""
    """What the next quantity is, if not good pieces: scrap | lost | rework."""
    reason: str = ""
    undo: int = 0
    undo_to: int = 0
    """The first and the last document that the scanner's last scan made."""


class Cover(NamedTuple):
    """What settles a refused total: the marks of the same life of its device have read as much."""

    boot: str
    totals: tuple[tuple[str, int, int], ...]
    """Kind, units that its mark must have read, its life (`counting.reaches`); empty: unknown."""

    @classmethod
    def parse(cls, content: str) -> "Cover | None":
        """Read it from a quarantine entry; None where no total can settle that."""
        said = json.loads(content)
        return cls(said["boot"], tuple(map(tuple, said["totals"]))) if "boot" in said else None

    @property
    def text(self) -> str:
        """What a quarantine entry keeps of it."""
        return json.dumps(self._asdict())


class EntryState(StrEnum):
    """What became of a quarantine entry."""

    OPEN = "open"
    REPLAYED = "replayed"
    HEALED = "healed"
    DISMISSED = "dismissed"


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
    """JSON: what is certain of an unbooked step (scrap by reason, batch, unit), or what settles a refused total."""
    state: EntryState = EntryState.OPEN
    reason: str = ""
