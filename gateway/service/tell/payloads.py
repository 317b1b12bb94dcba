"""The content of each message that the gateway publishes, as types: `docs/asyncapi.yaml` is made of them.

Quantities, amounts and hours are decimal texts, so that no reader rounds them; times are UTC.
"""

from typing import Any, Literal, NotRequired

from typing_extensions import TypedDict

from gateway.backflush.memory.device_life import DeviceState
from gateway.service.tell.line_payloads import Yield
from gateway.service.tell.scan_payloads import DocumentNumber, Quantity, Time

Severity = Literal["warning", "error"]
Phase = Literal["starting", "ready", "degraded", "draining", "stopped"]


class ReportCommand(TypedDict):
    """A command to a device: publish the totals again, and every scan without feedback."""

    command: Literal["report"]
    reason: str
    ts: Time
    """When it was sent: without the expiry of MQTT 5 a device leaves an old one."""


class RequestAnswer(TypedDict):
    """The answer to a request, after the commit."""

    transaction: str
    status: Literal["ok", "error"]
    code: str
    """A reason code; stable, unlike the text."""
    text: str
    data: dict[str, Any]
    """The effects, and the rest that waits, by verb."""


class DeviceStatus(TypedDict):
    """The status of a device; the topic is emptied when it goes."""

    state: DeviceState
    since: Time | None
    heard_at: Time | None
    kind: Literal["counter", "scanner"]
    role: Literal["good", "gross", "scrap", ""]
    point: str
    total: int | None
    seq: int | None
    gap: Time | None
    """When a gap in its sequence was last found that no total had made up for."""
    flapping: bool
    skew_s: int | None
    """Seconds that its clock is off; null: it is right, or unknown."""
    qos0: bool
    disabled: bool
    quarantine: int


class GatewayState(TypedDict):
    """The state of a gateway; its last will has no phase."""

    state: Literal["online", "offline"]
    phase: NotRequired[Phase]


class GatewayInfo(TypedDict):
    """The identity of a gateway."""

    gateway: str
    version: str
    started_at: Time
    instance: str
    """Names this life of the program."""
    host: str
    schema: str
    """The newest revision of the ledger's tables that it knows."""
    database: str
    broker: str
    protocol: str
    """The version of MQTT in use."""
    master_data: str
    """The digest of the master data in force; empty: none are."""
    configuration: str
    """A digest of the configuration."""


class BrokerHealth(TypedDict):
    """The connection to the broker."""

    connected: bool
    watched: bool
    """Whether the broker reports the messages that it drops."""
    waiting_in: int
    """Messages that are not in the journal yet."""
    waiting_out: int
    """Messages and documents that the broker has not got yet."""


class DatabaseHealth(TypedDict):
    """The connection to the ledger."""

    up: bool
    url: str


class JournalHealth(TypedDict):
    """The journal."""

    last: int
    """The newest batch."""
    unconsumed: int
    """Batches that are not in the ledger yet."""
    bytes: int


class Delays(TypedDict):
    """The length of the last thousand, in milliseconds."""

    p50: float
    """Half of them took no longer."""
    p99: float
    """All but one in a hundred took no longer."""


class DevicesHealth(TypedDict):
    """The number of devices."""

    known: int
    online: int
    stale: int
    """Offline, or silent for too long."""
    unknown: int
    """Names outside the master data since the start."""


class ProcessFigures(TypedDict):
    """The use of memory and processor."""

    memory_mb: float
    cpu_s: float


class Health(ProcessFigures):
    """The health of a gateway."""

    ts: Time
    phase: Phase
    uptime_s: float
    mqtt: BrokerHealth
    database: DatabaseHealth
    journal: JournalHealth
    worklist: int
    """Open rows."""
    backlog: int
    """Open records."""
    quarantine: int
    """Open entries."""
    outbox: int | None
    """Documents whose events the broker has not got yet; null: the ledger is away."""
    devices: DevicesHealth
    messages: dict[str, int]
    """The number of messages by how they ended."""
    loop_lag_ms: float
    commit_ms: Delays | None
    """Commits of the ledger; null: none since the start."""
    feedback_ms: Delays | None
    """From a scan in the journal to its answer; null: none since the start."""
    disk_free: int | None
    """Free bytes on the disk of the data directory; null: unknown."""
    dropped: int | None
    """Messages that the broker has dropped since its start; null: it does not say."""
    documents: int
    """Documents that this gateway has posted."""


class Canary(TypedDict, total=False):
    """A message of a gateway to itself."""

    canary: str


class AlertMessage(TypedDict):
    """Something that is wrong; the topic is emptied when it is over."""

    id: str
    severity: Severity
    since: Time
    text: str
    object: str
    """The first thing concerned; may be empty."""
    objects: list[str]
    """The things concerned, 1,000 at most."""
    hint: str
    """The remedy; may be empty."""


class GatewayEvent(TypedDict):
    """Something that has happened: a phase or an alert has begun, or an alert is over."""

    ts: Time
    event: Literal["phase", "alert", "alert-over"]
    phase: NotRequired[Phase]
    id: NotRequired[str]
    """The alert."""
    severity: NotRequired[Severity]
    text: NotRequired[str]


class LogLine(TypedDict):
    """A line of the log."""

    ts: Time
    level: Literal["debug", "info", "warning", "error", "critical"]
    text: str


class PostedItem(TypedDict):
    """A goods movement; its movement type gives the direction."""

    movement: str
    material: str
    location: str
    batch: str
    stock_type: str
    """Empty: unrestricted; `E/order/item`: of a sales order; `K`: of a supplier."""
    cost_object: str
    quantity: Quantity
    unit: str
    amount: Quantity


class PostedActivity(TypedDict):
    """Hours of an activity."""

    activity: str
    work_center: str
    cost_center: str
    cost_object: str
    hours: Quantity
    amount: Quantity


class PostedPieces(Yield):
    """Pieces that were confirmed at a reporting point."""

    point: str
    reason: str
    scrap: Quantity
    lost: Quantity
    rework: Quantity


class PostedShortage(TypedDict):
    """A component that could not be issued."""

    record: str
    """The backlog record: document and item."""
    material: str
    location: str
    quantity: Quantity
    unit: str
    cause: str
    """A reason code."""


class PostedReduction(TypedDict):
    """The reduction of a planned order; negative: given back."""

    order: str
    point: str
    """Empty: the order's own quantity, or that of a component."""
    component: NotRequired[str]
    quantity: Quantity


class PostingData(TypedDict):
    """A document; its lists are those of the kind of posting."""

    document: DocumentNumber
    type: str
    plant: str
    line: str
    material: str
    version: str
    batch: str
    posting_date: str
    production_date: str
    shift: str
    cost_object: str
    sales_order: str
    sales_order_item: str
    caused_by: NotRequired[DocumentNumber]
    orders: list[PostedReduction]
    reverses: NotRequired[DocumentNumber]
    material_document: NotRequired[str]
    items: NotRequired[list[PostedItem]]
    """Receipt, issue, reversal."""
    activity_document: NotRequired[str]
    activities: NotRequired[list[PostedActivity]]
    """Activity, reversal."""
    confirmations: NotRequired[list[PostedPieces]]
    """Scrap, rework, reversal."""
    records: NotRequired[list[PostedShortage]]
    """Backlog."""


class PostingEvent(TypedDict):
    """A posting, as CloudEvents 1.0."""

    specversion: Literal["1.0"]
    id: str
    """Document and kind: it tells a repetition."""
    type: str
    source: str
    subject: DocumentNumber
    time: Time
    datacontenttype: Literal["application/json"]
    data: PostingData
