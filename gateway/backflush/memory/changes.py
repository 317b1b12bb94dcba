"""Changes of a batch (`Changes`), and the ledger rows that it reads (`Needs`, `Facts`)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from devices.sources.knowledge import Node, Scope
from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey, Row
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import (
    Backlog,
    CommandRecord,
    EntryState,
    Flow,
    LastScan,
    LineFigures,
    Outcome,
    QuarantineEntry,
    ScanRecord,
    Window,
    WindowKey,
)
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.versions import Run
from gateway.backflush.values.counting import CounterPosition, Ending
from gateway.backflush.values.documents import (
    ActivityItem,
    AnyProcess,
    Confirmation,
    Document,
    MaterialItem,
    Reduction,
    Source,
    Timing,
)
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import QueuedUnits


class Held(NamedTuple):
    """The units of one balance in a cumulated posting, of all its documents."""

    poster: int
    key: BalanceKey
    units: int
    reversed: int


class Later(NamedTuple):
    """A document that still has pieces at a point, or has lost some after it: neither a reversal nor reversed."""

    document: int
    point: str
    passed: int
    lost: int


def still_held(lines: Iterable[Later]) -> tuple[Later, ...]:
    """Sum the lines of documents and their reversals, and return those with something left."""
    sums: dict[tuple[int, str], tuple[int, int]] = {}
    for document, point, passed, lost in lines:
        before = sums.get((document, point), (0, 0))
        sums[document, point] = before[0] + passed, before[1] + lost
    return tuple(Later(*key, passed, lost) for key, (passed, lost) in sums.items() if passed > 0 or lost > 0)


class Dossier(NamedTuple):
    """One document with all its rows."""

    document: Document
    confirmations: tuple[Confirmation, ...]
    rows: tuple[Row, ...]
    items: tuple[MaterialItem, ...]
    """Its own, and those of the documents that posted its rows."""
    mirrored: tuple[MaterialItem, ...]
    """Their mirrors: by reversals of it, and of other documents that the same postings covered."""
    activities: tuple[ActivityItem, ...]
    """Its own, those of the documents that posted its rows, and those of its reversals."""
    reductions: tuple[Reduction, ...]
    backlog: tuple[Backlog, ...]
    """Its own records, and those of the cumulated documents that posted its rows."""
    sources: tuple[Source, ...]
    reversed_by: tuple[int, ...]
    """Documents that reverse it, in whole or in part."""
    reversing: tuple[Confirmation, ...]
    """The confirmations of those (negative)."""
    serials: tuple[str, ...]
    """The serial numbers that it has confirmed and that were not freed since."""
    caused: tuple[int, ...] = ()
    """Documents that follow from it, directly or not (`Document.caused_by`); their dossiers are read as well, and those
    of the documents that it follows from.
    """
    held: tuple[Held, ...] = ()
    """All units of the cumulated documents that posted its rows, its own included."""
    beside: tuple[tuple[str, int], ...] = ()
    """For a pallet of several reports: the names under its SSCC, and the report of each (`serials`)."""


class Unvalued(NamedTuple):
    """Units that are counted and not posted: their items are valued when they are posted."""

    plant: str
    explosion: str
    process: AnyProcess
    """Empty: all."""
    segment: str
    """Empty: all."""
    fixed: bool | None
    """Whether it holds fixed items, which are charged once for each row, or the others; None: both."""
    units: int
    rows: int


class EntryFilter(NamedTuple):
    """Open quarantine entries, oldest first; an empty field is all."""

    plant: str = ""
    line: str = ""
    device: str = ""
    code: str = ""
    age: int = 0
    """Microseconds: entries that are younger are left out."""
    after: int = 0
    """The entry that the first one follows."""
    limit: int = 500


class Needs(NamedTuple):
    """The ledger rows that must be read before a batch can be stepped."""

    documents: tuple[int, ...] = ()
    scans: tuple[tuple[str, str], ...] = ()
    """(device, scan id)"""
    serials: tuple[str, ...] = ()
    commands: tuple[str, ...] = ()
    """Transactions"""
    quarantine: tuple[int, ...] = ()
    entries: tuple[EntryFilter, int, int] | None = None
    """Open quarantine entries, the latest time that is old enough, and the head whose entries without a place count."""
    marks: tuple[tuple[str, str], ...] = ()
    """(device, boot) that are not in memory."""
    worklist: tuple[str, str, str, int] | None = None
    """(plant, line, process, limit), empty text and 0 are all: open rows in the order of posting."""
    timing: Timing | Literal[""] = ""
    """The timing of the worklist rows; empty is all."""
    held: tuple[tuple[str, str, AnyProcess], ...] = ()
    """(plant, line, process; empty is all) without rows in the worklist, so that they do not crowd others out."""
    backlog: tuple[str, str, str, int] | None = None
    """(plant, line, material, limit); open records, oldest first."""
    records: tuple[tuple[int, int], ...] = ()
    """Backlog records by (document, item), open or not."""
    arrived: tuple[tuple[str, str, str], ...] = ()
    """(plant, material, location) of open backlog, oldest first."""
    latest: tuple[str, str, str, str, int] | None = None
    """(plant, material, version, point, units): the newest reports that hold that many units made to stock there."""
    short: tuple[tuple[WindowKey, int, bool], ...] = ()
    """Windows with their missing units of yield, to find the documents of; whether also documents of pieces with serial
    numbers.
    """
    period: tuple[str, str] | None = None
    """(plant, YYYY-MM) of which unposted rows are counted."""
    scopes: tuple[str, ...] = ()
    """Lots and shifts whose balances are needed."""
    bearers: tuple[tuple[str, str], ...] = ()
    """(plant, cost object) whose flows are needed, with their balances."""
    flows: tuple[str, ...] = ()
    """Flows whose cost objects are needed."""
    explosions: tuple[str, ...] = ()
    sold: tuple[tuple[str, str, str], ...] = ()
    """(plant, cost object, material) of sales orders whose made pieces are summed."""
    runs: tuple[tuple[str, str, int], ...] = ()
    """(plant, line, time) from which the runs of a line are needed."""
    unvalued: bool = False
    """Whether all unvalued units are needed, of every gateway."""
    stocked: tuple[tuple[str, str], ...] = ()
    """(plant, location) whose stock is needed."""
    remeasured: tuple[tuple[str, str], ...] = ()
    """(plant, material) with a new base unit."""

    def __bool__(self) -> bool:
        """Return whether anything is needed."""
        return self is not NOTHING and any(self)


NOTHING: Final = Needs()


@dataclass(slots=True)
class Facts:
    """The ledger's answers to `Needs`; a missing key means that there is no such row."""

    documents: dict[int, Dossier] = field(default_factory=dict)
    scans: dict[tuple[str, str], ScanRecord] = field(default_factory=dict)
    serials: dict[str, int] = field(default_factory=dict)
    """Serial key: the document that confirmed it."""
    commands: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Transaction: (digest of its content, its response as JSON)."""
    quarantine: dict[int, QuarantineEntry] = field(default_factory=dict)
    """Those of a filter oldest first."""
    more: int = 0
    """The number of open entries behind those of the filter."""
    folded: dict[int, int] = field(default_factory=dict)
    """Quarantine entry: the number of messages counted with it besides its own."""
    marks: dict[tuple[str, str, str], CounterPosition] = field(default_factory=dict)
    worklist: tuple[Row, ...] = ()
    backlog: tuple[Backlog, ...] = ()
    records: dict[tuple[int, int], Backlog] = field(default_factory=dict)
    arrived: tuple[Backlog, ...] = ()
    came: dict[tuple[str, str, str], str] = field(default_factory=dict)
    """(plant, material, location) of those: the posting date of the last receipt there, since the oldest one arose."""
    latest: tuple[int, ...] = ()
    """Reports, newest first; their dossiers are in `documents`."""
    later: dict[str, tuple[Later, ...]] = field(default_factory=dict)
    """By flow: units still in the newest documents after the first of `documents`; a refused reversal names them."""
    short: dict[WindowKey, tuple[int, ...]] = field(default_factory=dict)
    """The documents that may hold the yield, those of the same shift first; their dossiers are in `documents`."""
    undone: dict[str, int] = field(default_factory=dict)
    """The numbers of open rows, backlog records, windows and quarantine entries of the period."""
    dues: dict[BalanceKey, Balance] = field(default_factory=dict)
    """All balances of the scopes and flows."""
    accounts: dict[AccountKey, Account] = field(default_factory=dict)
    """Likewise."""
    flows: dict[str, Flow] = field(default_factory=dict)
    """All flows of the cost objects."""
    revisions: dict[str, int] = field(default_factory=dict)
    """Versions of those flows, for the guard against other writers."""
    explosions: dict[str, Explosion] = field(default_factory=dict)
    """Those named, and those of the flows."""
    made: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """(plant, cost object) of those sales orders: pieces in documents of all gateways, by flow."""
    runs: dict[tuple[str, str], list[Run]] = field(default_factory=dict)
    """By (plant, line), sorted by start."""
    stock: dict[StockKey, int] = field(default_factory=dict)
    """The stock of the places."""
    there: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)
    """The ledger's rows of the materials with a new base unit: their number by kind."""
    unvalued: tuple[Unvalued, ...] = ()
    missing: dict[tuple[str, str], int] = field(default_factory=dict)
    """The open backlog, by plant and material."""


NO_FACTS = Facts()


class Feedback(NamedTuple):
    """A message to a scanner, sent after the commit."""

    entry: int
    plant: str
    line: str
    device: str
    reference: str
    outcome: Outcome
    received_at: int
    context: tuple[tuple[str, str], ...] = ()
    """The scanner's choices in force, by name."""


Status = Literal["ok", "error"]
"""The outcome of a command."""


class Response(NamedTuple):
    """The answer to a command's sender, sent after the commit."""

    entry: int
    transaction: str
    verb: str
    plant: str
    line: str
    status: Status
    code: str
    text: str
    data: str
    """JSON"""


class Signature(NamedTuple):
    """Actor, reason and time of a change that no document holds."""

    actor: str
    reason: str
    at: int


_NOBODY: Final = Signature("", "", 0)


GAP: Final = "a gap in the sequence"


class Ask(NamedTuple):
    """A request to a device to report its totals again."""

    plant: str
    line: str
    device: str
    reason: str


@dataclass(slots=True)
class Changes:
    """The changes of a step.

    Rows to add (lists) and rows to overwrite (dicts and sets, by key; the objects live in `State`).

    Additive keys (`stock`, `statistics`, `collectors`) hold differences. Everything of one `Changes` is committed
    together.
    """

    documents: list[Document] = field(default_factory=list)
    confirmations: list[Confirmation] = field(default_factory=list)
    items: list[MaterialItem] = field(default_factory=list)
    activities: list[ActivityItem] = field(default_factory=list)
    sources: list[Source] = field(default_factory=list)
    reductions: list[Reduction] = field(default_factory=list)
    taken_back: dict[int, int] = field(default_factory=dict)
    """Reversal: the time at which the pieces of its document were made."""
    rows: list[Row] = field(default_factory=list)
    """New rows."""
    updated_rows: dict[tuple[int, BalanceKey], Row] = field(default_factory=dict)
    """Rows of earlier commits that were posted, withdrawn or reversed."""
    explosions: dict[str, Explosion] = field(default_factory=dict)
    balances: dict[BalanceKey, Balance] = field(default_factory=dict)
    accounts: dict[AccountKey, Account] = field(default_factory=dict)
    flows: dict[str, Flow] = field(default_factory=dict)
    windows: dict[WindowKey, Window | None] = field(default_factory=dict)
    """None: the window was closed."""
    waiting: dict[tuple[str, str, int], QueuedUnits | None] = field(default_factory=dict)
    """(flow, point, document); None: it no longer waits."""
    device_marks: dict[tuple[str, str, str], CounterPosition] = field(default_factory=dict)
    """(device, boot, kind)"""
    backlog: list[Backlog] = field(default_factory=list)
    updated_backlog: dict[tuple[int, int], Backlog] = field(default_factory=dict)
    orders: dict[str, tuple[Order, dict[str, int]]] = field(default_factory=dict)
    """Order: (new state, `reduced` as it was read), for the guard against other writers."""
    stock: dict[StockKey, int] = field(default_factory=dict)
    guarded: set[StockKey] = field(default_factory=set)
    """Keys of `stock` that must not go negative in the commit."""
    opening: dict[StockKey, int] = field(default_factory=dict)
    statistics: dict[tuple[str, ...], int] = field(default_factory=dict)
    """(plant, date, shift, line, material, version, measure, detail, unit)"""
    collectors: dict[tuple[str, ...], int] = field(default_factory=dict)
    """(plant, cost object, period, element, detail): amount; debits positive"""
    scans: dict[tuple[str, str], ScanRecord] = field(default_factory=dict)
    last_scans: dict[str, LastScan] = field(default_factory=dict)
    serials: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Serial key: the document that confirms it now, and the one that did when the changes began; 0: none."""
    commands: dict[str, CommandRecord] = field(default_factory=dict)
    """By transaction."""
    quarantine: list[QuarantineEntry] = field(default_factory=list)
    quarantine_states: dict[int, tuple[EntryState, str]] = field(default_factory=dict)
    """Number: (state, reason); a settled one reopens when more messages join it."""
    groups: dict[int, MessageGroup] = field(default_factory=dict)
    """Groups that more messages have joined, by the number of their entry."""
    contexts: dict[str, Context] = field(default_factory=dict)
    lines: dict[tuple[str, str], LineFigures] = field(default_factory=dict)
    online: dict[str, bool] = field(default_factory=dict)
    heard: set[str] = field(default_factory=set)
    """Devices of other publishers that gave a sign of life; what the broker had kept is none."""
    spoke: dict[str, bool] = field(default_factory=dict)
    """Devices of other publishers, and whether the last of each was more than its presence, which may be kept."""
    names: dict[Scope, Mapping[str, str] | None] = field(default_factory=dict)
    """By decoder and scope: the names of ids; None: there are none any longer."""
    nodes: dict[str, Node | None] = field(default_factory=dict)
    """Edge nodes, likewise."""
    runs: dict[tuple[str, str], int] = field(default_factory=dict)
    """Lines with changed runs, and the time of the change: earlier runs stay as they are; a run that began then or
    later and is not in the state is taken back.
    """
    periods: dict[tuple[str, str], bool] = field(default_factory=dict)
    """(plant, YYYY-MM): closed"""
    holds: dict[tuple[str, str, AnyProcess], tuple[bool, Signature]] = field(default_factory=dict)
    """(plant, line, process): whether it is held, and by whose word"""
    rules: bool = False
    tables: bytes | None = None
    """Canonical master data after an import."""
    amended: tuple[str, bytes] = ("", b"")
    """The digest of the master data before it, and the import's changes to that; empty: all of it is new."""
    imported_by: Signature = _NOBODY
    outcomes: dict[Ending, int] = field(default_factory=dict)
    """Messages by ending."""
    feedback: list[Feedback] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)
    rebirths: list[str] = field(default_factory=list)
    """Edge nodes (group/node) that are asked for their births, after the commit."""
