"""Documents: postings, complete and immutable.

A `Document` is the bracket of one posting; its number is unique in the ledger. It holds what was reported
(`Confirmation`), the goods movements (`MaterialItem`), the activities (`ActivityItem`), the readings that caused it
(`Source`) and the order quantities that it reduced (`Reduction`). Corrections are new documents. Quantities and
amounts are signed millionths (`movements`); dates are ISO text.

The state of the non-critical processes of a document is not stored in it: it is the state of its worklist rows
(`records.Row`).
"""

from collections.abc import Mapping
from typing import Final, Literal, NamedTuple, get_args

from gateway.backflush.values.quantities import parse_whole

FINAL = "final"
"""The segment after the last reporting point; without points, the only one."""

Process = Literal["receipt", "issue", "activity", "need"]
"""The parts of a posting, each with a time of its own: receipt of goods, issue of components, activities."""
RECEIPT: Final = "receipt"
ISSUE: Final = "issue"
ACTIVITY: Final = "activity"
NEED: Final = "need"
"""The process of a component that is not backflushed: units need it, and their postings do not issue it."""

AnyProcess = Process | Literal[""]
"""A process; empty: all of them."""

Timing = Literal["online", "update", "background"]
"""The time at which a process is posted: in the same step, by the update worker, with the worklist."""
ONLINE: Final = "online"
UPDATE: Final = "update"

Origin = Literal["exploded", "direct", "backlog", "mirror"]
"""The origin of an item: the lists, actual quantities in their place, a shortage, a reversal."""
EXPLODED: Final = "exploded"
DIRECT: Final = "direct"
MIRROR: Final = "mirror"

DocumentType = Literal[
    "assembly",
    "point",
    "scrap",
    "rework",
    "component",
    "activity",
    "component_scrap",
    "by_product",
    "worklist",
    "backlog",
    "reversal",
]
"""The thing confirmed; worklist: cumulated or late postings of other documents' rows; backlog: shortages worked off."""
CONSUMPTION: Final[frozenset[DocumentType]] = frozenset({"component", "activity", "component_scrap", "by_product"})
"""Types of documents that hold no pieces."""
REPORTS: Final[frozenset[DocumentType]] = frozenset({"assembly", "point", "scrap", "rework"})
"""Types of documents that confirm pieces."""

Disposition = Literal["scrap", "lost", "rework"]
"""The disposition of pieces that are no yield: scrapped at a point, lost after it, worked again."""
SCRAP: Final = "scrap"
LOST: Final = "lost"
REWORK: Final = "rework"
DISPOSITIONS: Final[tuple[Disposition, ...]] = (SCRAP, LOST, REWORK)

Measure = Literal["yield", "scrap", "rework", "component", "by_product", "activity"]
"""The measures of the statistics."""


class Document(NamedTuple):
    """One posting, as a bracket."""

    number: int
    type: DocumentType
    plant: str
    line: str
    material: str
    version: str
    cost_object: str
    flow: str
    batch: str
    posting_date: str
    production_date: str
    shift: str
    entered_at: int
    """Microseconds UTC: the time of the journal batch that posted it."""
    cause: int
    """Entry id of the message or command; 0 if a tick closed a window."""
    actor: str
    reason: str
    reference: str
    """The caller's name for it: scan id or transaction."""
    reverses: int
    """The document that this one reverses; 0 is none."""
    caused_by: int = 0
    """The report's document that it follows from, which released, received or demanded its units; 0: none."""


class Confirmation(NamedTuple):
    """The units that a document reports at one point.

    Scrap has a row per reason; `automatic` lines were demanded by a later point.
    """

    document: int
    point: str
    reason: str
    yield_: int
    scrap: int
    automatic: bool
    lost: int = 0
    """Pieces that had passed the point and were scrapped before the next one."""
    rework: int = 0
    """Reworked pieces: they are not made again, so nothing is due for them."""
    said_yield: int = 0
    said_scrap: int = 0
    """The yield that the document's report stated here, wherever it is documented, less the reversed part."""

    @property
    def said(self) -> int:
        """All units that were reported."""
        return self.said_yield + self.said_scrap

    @property
    def key(self) -> tuple[str, str, bool, bool, bool]:
        """The fields that a reversal of its document shares with it."""
        return self.point, self.reason, self.automatic, bool(self.lost), bool(self.rework)


class MaterialItem(NamedTuple):
    """One goods movement."""

    document: int
    item: int
    origin: Origin
    process: Process
    movement: str
    material: str
    location: str
    batch: str
    stock_type: str
    quantity: int
    unit: str
    amount: int
    cost_object: str
    mirrors: int
    """The document whose item a mirror takes back; 0: none."""


class ActivityItem(NamedTuple):
    """Hours of one activity, from a work center's cost center to the cost object."""

    document: int
    item: int
    origin: Origin
    work_center: str
    cost_center: str
    activity: str
    hours: int
    amount: int
    cost_object: str


class Source(NamedTuple):
    """The readings of one device that caused a document: first and last entry id, their number and units."""

    document: int
    device: str
    first_entry: int
    last_entry: int
    readings: int
    yield_: int
    scrap: int
    first_at: int
    last_at: int
    spans_change: bool
    """A step spanned a change of run: it was booked to the run of the later reading."""


class Reduction(NamedTuple):
    """The units by which a document reduced a planned order, per segment or in quantity; negative re-creates."""

    document: int
    order: str
    segment: str
    quantity: int


TOLD_LATE = "scrap told late"
"""The reference of a reversal of units that turned out to be scrap: they were never yield."""
REOPENED = "open again"
"""The reference of a reversal of units that an undo has opened again."""
UNPOSTED = frozenset({TOLD_LATE, REOPENED})
"""References of reversals whose units are posted again: they are no longer posted, not reversed."""

DOCUMENT_DIGITS = 10
_PARTS = ("-1", "-2")
"""The suffixes of material and activity documents, after the number of their document."""
HEAD_STRIDE = 10**DOCUMENT_DIGITS
"""Each head numbers its documents in a range of its own, so that writers need no coordination."""


def format_number(number: int) -> str:
    """Print a document number for people.

    >>> format_number(4712)
    '0000004712'
    """
    return f"{number:0{DOCUMENT_DIGITS}d}"


def document_type(said: str) -> DocumentType:
    """Return a type of document by its outward name, which has hyphens.

    >>> document_type("by-product")
    'by_product'
    """
    return _TYPES[said]


_TYPES: Final[Mapping[str, DocumentType]] = {name.replace("_", "-"): name for name in get_args(DocumentType)}


def material_document(number: int) -> str:
    """Print the number of a document's goods movements.

    >>> material_document(4712), activity_document(4712)
    ('0000004712-1', '0000004712-2')
    """
    return f"{format_number(number)}{_PARTS[0]}"


def activity_document(number: int) -> str:
    """Print the number of a document's activities."""
    return f"{format_number(number)}{_PARTS[1]}"


def bracket_of(text: str) -> str:
    """Return the document of a material or activity document; any other text as it is.

    >>> bracket_of("0000004712-2"), bracket_of("0000004712"), bracket_of("L04-2"), bracket_of("0000004712-3")
    ('0000004712', '0000004712', 'L04-2', '0000004712-3')
    """
    number = text[: -len(_PARTS[0])]
    return number if text.endswith(_PARTS) and parse_whole(number) is not None else text
