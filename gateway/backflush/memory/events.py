"""Events: decoded journal entries, the input of a step. Each is a value; each ends as exactly one outcome."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from devices.barcodes import Control, Label
from devices.errors import Rejection
from devices.messages import Reading, Scan, Used, WorkedHours
from devices.sources.knowledge import Lesson
from gateway.backflush.memory.changes import EntryFilter
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.explosion import name_of
from gateway.backflush.plant.snapshot import Imported
from gateway.backflush.values.documents import ACTIVITY, ISSUE, AnyProcess, DocumentType
from gateway.backflush.values.quantities import parse_quantity


class ActualComponent(NamedTuple):
    """The actual use of a component; an empty unit is its base unit, an empty location is chosen by rule."""

    material: str
    quantity: int
    unit: str = ""
    location: str = ""
    batch: str = ""


class ActualActivity(NamedTuple):
    """Hours actually worked."""

    work_center: str
    activity: str
    hours: int


class Actual(NamedTuple):
    """Actual quantities in place of the standard; None: none were reported, the standard holds.

    A named item replaces its own standard alone, unless the list is `complete`; an empty list means nothing was used.
    """

    components: tuple[ActualComponent, ...] | None = None
    activities: tuple[ActualActivity, ...] | None = None
    complete: bool = False

    @property
    def replaced(self) -> frozenset[str]:
        """The items that the standard does not post: processes as a whole, or components and activities by name."""
        result: set[str] = set()
        components = self.components and [name_of(ISSUE, c.material, "") for c in self.components]
        activities = self.activities and [name_of(ACTIVITY, a.activity, a.work_center) for a in self.activities]
        for process, names in ((ISSUE, components), (ACTIVITY, activities)):
            if names is not None:
                result.update(names if names and not self.complete else [process])
        return frozenset(result)


def actual_of(
    components: tuple[Used, ...] | None, activities: tuple[WorkedHours, ...] | None, *, complete: bool = False
) -> Actual:
    """Return the actual quantities of a telegram."""
    used, worked = None, None
    if components is not None:
        used = tuple(
            ActualComponent(c.material, parse_quantity(c.quantity) or 0, c.unit, c.location, c.batch)
            for c in components
        )
    if activities is not None:
        worked = tuple(ActualActivity(a.work_center, a.activity, parse_quantity(a.hours) or 0) for a in activities)
    return Actual(used, worked, complete)


class Counted(NamedTuple):
    """A counter's telegram, on the topic of a plant, line and device."""

    entry: int
    plant: str
    line: str
    device: str
    reading: Reading
    topic: str
    payload: bytes


class Scanned(NamedTuple):
    """A scanner's telegram with its barcode parsed."""

    entry: int
    plant: str
    line: str
    device: str
    scan: Scan
    label: Label | Control | Rejection
    topic: str
    payload: bytes
    behind: bool = False
    """Another gateway has owned the lines since it arrived, and may have received it as well."""
    waited: bool = False
    """The broker may have kept it for a while, so its time of receipt proves nothing."""


class Presence(NamedTuple):
    """A device came or went."""

    entry: int
    plant: str
    line: str
    device: str
    online: bool


class Refused(NamedTuple):
    """A message that no decoder understood."""

    entry: int
    plant: str
    line: str
    device: str
    topic: str
    payload: bytes
    rejection: Rejection
    feedback: bool
    """It came from a scanner, whose operator waits for an answer."""
    text: str = ""
    """The code of a scan whose sender was told that it was not stored."""
    ref: str = ""
    """The scan's id, by which its sender knows the answer."""


class Published(NamedTuple):
    """A message of another publisher: for any number of devices, asked for by a source or not, taken before or not."""

    entry: int
    parts: "tuple[Counted | Scanned | Presence | Refused, ...]"
    """In the order sent; each has the entry's number."""
    lesson: Lesson
    """The change of what is known of its publisher; it holds already."""
    mapped: bool
    repeated: bool
    retained: bool
    """Whether the broker had kept it, so that it is no sign of life."""
    ask: str
    """The edge node that is asked for its births; empty: none."""


class RunStart(NamedTuple):
    """Begin a run; the run before it on the line ends. `totals` are the counters' totals at the change."""

    plant: str
    line: str
    material: str
    version: str
    start: int | None = None
    batch: str = ""
    sales_order: str = ""
    sales_order_item: str = ""
    revision: str = ""
    totals: Mapping[str, Reading] = MappingProxyType({})
    begins: Mapping[str, int] = MappingProxyType({})
    """Device: the total at which it restarts with this run."""
    force: bool = False
    """Begin it even before the late limit."""


class RunStop(NamedTuple):
    """End the run of a line."""

    plant: str
    line: str
    end: int | None = None
    force: bool = False
    """End it even before the late limit."""


class Post(NamedTuple):
    """A manual posting: units at a point of a line, or consumption alone."""

    type: DocumentType
    plant: str
    line: str
    material: str
    version: str
    quantity: int
    """Units, in millionths of the base unit."""
    point: str = ""
    scrap_reason: str = ""
    at: int | None = None
    batch: str = ""
    cost_object: str = ""
    order: str = ""
    revision: str = ""
    actual: Actual = Actual()
    after: str = ""
    """For scrap: the reporting point that the pieces had passed; they were scrapped before the next one."""
    rework: int = 0
    """Reworked units, besides `quantity`."""
    unclear: str = ""
    """The contradiction in the given cost objects; empty: none."""
    force: bool = False
    """Post it even if `at` is in the future, or before the late limit."""


class Reverse(NamedTuple):
    """Reverse a document, in whole, or `quantity` units of its yield and `scrap` of one reason."""

    document: int
    quantity: int | None = None
    scrap: int = 0
    scrap_reason: str | None = None
    components: tuple[ActualComponent, ...] = ()
    """Components that came back unused: only these are reversed, no units of the product."""


class ReverseLatest(NamedTuple):
    """Reverse units made to stock by version and point instead of document: those of the newest documents."""

    plant: str
    line: str
    material: str
    version: str
    point: str
    quantity: int


class Work(NamedTuple):
    """Post the open rows of the worklist now; empty text is all."""

    plant: str = ""
    line: str = ""
    process: AnyProcess = ""
    limit: int = 20_000


class BacklogRetry(NamedTuple):
    """Issue backlog records, oldest first; empty text is all."""

    plant: str = ""
    line: str = ""
    material: str = ""
    limit: int = 20_000
    date: str = ""
    """The posting date; empty: today, because the stock has just arrived."""


class BacklogClose(NamedTuple):
    """Close the open rest of backlog records, (document, item) each, without an issue."""

    records: tuple[tuple[int, int], ...]


class WindowClose(NamedTuple):
    """Post everything that is open on a line now: its counters' windows, and scrap that was reported late."""

    plant: str
    line: str


class BacklogCorrect(NamedTuple):
    """Issue a backlog record from elsewhere, or less of it: the rest is closed with the reason."""

    record: tuple[int, int]
    quantity: int | None = None
    location: str = ""
    batch: str = ""
    date: str = ""
    """The posting date; empty: today."""


class Hold(NamedTuple):
    """Hold the open rows of a line back from every run of the worklist, or release them; an empty process is all."""

    plant: str
    line: str
    process: AnyProcess
    held: bool
    every: bool = False
    """Release every hold of the line, not only the one on the whole line."""


class QuarantineReplay(NamedTuple):
    """Post quarantine entries after the cause has been corrected: those named, or those of a filter."""

    numbers: tuple[int, ...]
    which: EntryFilter | None = None


class QuarantineDismiss(NamedTuple):
    """Settle quarantine entries without posting; nothing is deleted."""

    numbers: tuple[int, ...]
    which: EntryFilter | None = None


class Begin(NamedTuple):
    """Restart a counter: by kind of total (empty: that of its role), at the total that a person enters."""

    device: str
    totals: Mapping[str, int]


class Period(NamedTuple):
    """Open or close a posting period (YYYY-MM) of a plant."""

    plant: str
    period: str
    closed: bool
    force: bool = False
    """Close it even if it is not over, or something in it is not posted yet."""


class Answer(NamedTuple):
    """The answer to a command's sender; as an action, there is nothing to do."""

    text: str
    data: dict[str, Any]


class MasterDataImport(NamedTuple):
    """New master data, checked before it entered the journal."""

    entry: int
    imported: Imported
    tables: bytes
    actor: str
    reason: str = ""
    judged: bool = False  # the first releases did not judge its stock
    differs: bytes = b""
    """The difference of the tables from those before; empty: all of them are new."""
    answer: Answer = Answer("the master data is in force", {})


Action = (
    RunStart
    | RunStop
    | Post
    | Reverse
    | ReverseLatest
    | Work
    | WindowClose
    | Hold
    | BacklogRetry
    | BacklogCorrect
    | BacklogClose
    | QuarantineReplay
    | QuarantineDismiss
    | Period
    | Begin
    | MasterDataImport
    | Answer
)


class Sender(NamedTuple):
    """The sender of a posting: a person or system by a command, a device by a telegram, or the gateway itself."""

    actor: str
    reason: str = ""
    reference: str = ""
    """The sender's own scan id or transaction."""
    device: str = ""


class Command(NamedTuple):
    """A request of a person or system, by the command line or a request topic."""

    entry: int
    verb: str
    plant: str
    line: str
    action: Action | Rejection
    actor: str
    reason: str
    transaction: str
    digest: str
    """Digest of the content: the same transaction with another content is refused."""
    replays: "Mapping[int, Event]" = MappingProxyType({})
    """For a replay: the quarantined messages, decoded again with today's master data."""

    @property
    def sender(self) -> Sender:
        """The sender, and the reason."""
        return Sender(self.actor, self.reason, self.transaction)


class Configured(NamedTuple):
    """The settings that the engine obeys have changed."""

    entry: int
    rules: Rules


Event = Counted | Scanned | Presence | Refused | Published | Command | MasterDataImport | Configured


def time_said(event: Event) -> int | None:
    """Return the time in a device's message, if it has one."""
    if isinstance(event, Counted):
        return event.reading.ts
    return event.scan.ts if isinstance(event, Scanned) else None
