"""Events: decoded journal entries, the input of a step. Each is a value; each ends as exactly one outcome."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from devices.barcodes import Control, Label
from devices.errors import Rejection
from devices.messages import Reading, Scan, Used, WorkedHours
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.explosion import name_of
from gateway.backflush.plant.snapshot import Imported
from gateway.backflush.values.documents import ACTIVITY, ISSUE
from gateway.backflush.values.quantities import parse_quantity


class ActualComponent(NamedTuple):
    """A component as it was really used; an empty unit is its base unit, an empty location is chosen by rule."""

    material: str
    quantity: int
    unit: str = ""
    location: str = ""
    batch: str = ""


class ActualActivity(NamedTuple):
    """Hours as they were really worked."""

    work_center: str
    activity: str
    hours: int


class Actual(NamedTuple):
    """What was said in place of the standard; None: nothing was said, the standard holds.

    What is named replaces its own standard alone, unless the list is `complete`; an empty list says that nothing was.
    """

    components: tuple[ActualComponent, ...] | None = None
    activities: tuple[ActualActivity, ...] | None = None
    complete: bool = False

    @property
    def replaced(self) -> frozenset[str]:
        """What is not posted by the standard: processes as a whole, or components and activities by name."""
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
    """Return what a telegram said in place of the standard."""
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
    """Another gateway has had the lines since it came, and may have received it as well."""
    waited: bool = False
    """The broker may have kept it for a while, so its time of receipt says nothing."""


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
    """It came from a scanner, who waits for an answer."""


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
    """Device: where its total begins again with this run."""
    force: bool = False
    """Begin it although that is longer ago than what is late may be."""


class RunStop(NamedTuple):
    """End the run of a line."""

    plant: str
    line: str
    end: int | None = None
    force: bool = False
    """End it although that is longer ago than what is late may be."""


class Post(NamedTuple):
    """A manual posting: units at a point of a line, or consumption alone."""

    type: str
    """assembly | point | scrap | component | activity | component_scrap | by_product"""
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
    """Units that were worked again, beside `quantity`."""
    unclear: str = ""
    """How what is said of who bears the cost contradicts itself."""
    force: bool = False
    """Post it although `at` is still to come, or longer ago than what is late may be."""


class Reverse(NamedTuple):
    """Reverse a document, in whole, or `quantity` units of its yield and `scrap` of one reason."""

    document: int
    quantity: int | None = None
    scrap: int = 0
    scrap_reason: str | None = None
    components: tuple[ActualComponent, ...] = ()
    """What came back unused: these alone, and no units of the product."""


class ReverseLatest(NamedTuple):
    """Reverse units made to stock without naming a document: those of the newest documents of a version at a point."""

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
    process: str = ""
    limit: int = 20_000


class BacklogRetry(NamedTuple):
    """Work off backlog records, oldest first; empty text is all."""

    plant: str = ""
    line: str = ""
    material: str = ""
    limit: int = 20_000
    date: str = ""
    """The posting date; empty: today, since that is when the stock has come."""


class BacklogClose(NamedTuple):
    """Close what is open of backlog records, without an issue; each is a (document, item)."""

    records: tuple[tuple[int, int], ...]


class WindowClose(NamedTuple):
    """Post what is open on a line now: its counters' windows, and scrap that was told late."""

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
    process: str
    held: bool
    every: bool = False
    """A release of every hold of the line, not only of the one on the whole line."""


class QuarantineReplay(NamedTuple):
    """Post quarantine entries after what was wrong has been corrected."""

    numbers: tuple[int, ...]


class QuarantineDismiss(NamedTuple):
    """Settle quarantine entries without posting; nothing is deleted."""

    numbers: tuple[int, ...]


class Begin(NamedTuple):
    """Let a counter begin again: by kind of total (empty: what its role says) where, as a person says."""

    device: str
    totals: Mapping[str, int]


class Period(NamedTuple):
    """Open or close a posting period (YYYY-MM) of a plant."""

    plant: str
    period: str
    closed: bool
    force: bool = False
    """Close it although something of it is not posted yet, or it is not over."""


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
)


class Command(NamedTuple):
    """What a person or system asks for, by the command line or a request topic."""

    entry: int
    verb: str
    plant: str
    line: str
    action: Action | Rejection
    actor: str
    reason: str
    transaction: str
    digest: str
    """Of the content: the same transaction with another content is refused."""
    replays: "Mapping[int, Event]" = MappingProxyType({})
    """For a replay: the quarantined messages, decoded again with today's master data."""


class Answer(NamedTuple):
    """What a command's sender is told."""

    text: str
    data: dict[str, Any]


class MasterDataImport(NamedTuple):
    """New master data, checked before it entered the journal."""

    entry: int
    imported: Imported
    tables: bytes
    actor: str
    reason: str = ""
    judged: bool = False
    """Its stock is judged; that of the first releases was not."""
    differs: bytes = b""
    """By what the tables differ from those before; empty: they are another whole."""


class Configured(NamedTuple):
    """The settings that the engine obeys have changed."""

    entry: int
    rules: Rules


Event = Counted | Scanned | Presence | Refused | Command | MasterDataImport | Configured


def time_said(event: Event) -> int | None:
    """Return the time that a device's message says of itself, if it does."""
    match event:
        case Counted():
            return event.reading.ts
        case Scanned():
            return event.scan.ts
        case _:
            return None
