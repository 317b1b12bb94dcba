"""The records of answers, as types: the description of the API is made of them.

Names and values are those of the command line's `--json`: quantities, hours and amounts are decimal text, times ISO
8601 in UTC, dates those of the plant.
"""

from typing import Any, Literal

from typing_extensions import TypedDict

from gateway.service.tell.line_payloads import PointStatus, RunStatus, Yield, YieldSoFar
from gateway.service.tell.payloads import AlertMessage
from gateway.service.tell.scan_payloads import DocumentNumber, Quantity, Time
from gateway.web.api.document_records import PlainDocument
from gateway.web.api.open_records import EntryRecord
from gateway.web.rights import Kind, Scope

_For = TypedDict("_For", {"for": str})
"""The word is one of Python's too, so it stands in this form."""


class Wait(_For):
    """Open pieces of a line, and why they wait."""

    units: Quantity
    point: str
    until: Time | None


class LineRecord(TypedDict):
    """A line, by the ledger: pieces since its first reading."""

    plant: str
    line: str
    state_since: Time | None
    run: RunStatus | None
    read: Quantity
    counted: Quantity
    posted: Quantity
    open: Quantity
    scrap: Quantity
    scrap_open: Quantity
    rework: Quantity
    reversed: Quantity
    quarantined: Quantity
    worklist: int
    backlog: int
    documents: int
    last_document: DocumentNumber | None
    last_count: Time | None
    points: list[PointStatus]
    ts: Time
    quarantine: int
    waits: list[Wait]


class CurveHour(YieldSoFar):
    """A production day of a line at the end of an hour: sums since its begin. Null: the hour has not begun."""

    plant: str
    line: str
    date: str
    shift: str
    hour: str
    until: Time
    planned: Quantity
    scrap: Quantity | None


class RunRecord(TypedDict):
    """A run of a line."""

    plant: str
    line: str
    start: Time
    end: Time | None
    material: str
    version: str
    batch: str
    sales_order: str
    sales_order_item: str
    revision: str
    actor: str


class CorrectionRecord(TypedDict):
    """A correction of a person, or a reversal."""

    at: Time
    what: str
    plant: str
    line: str
    actor: str
    reason: str
    document: DocumentNumber | None
    text: str
    transaction: str


class GatewayPhase(TypedDict):
    """A gateway and its phase, or the length of its silence."""

    gateway: str
    phase: str


class BrokerRecord(TypedDict):
    """The connection to the broker."""

    connected: bool
    why: str | None


class Gateways(TypedDict):
    """The gateways of the plant, and the broker."""

    broker: BrokerRecord
    gateways: list[GatewayPhase]


class AlertRecord(AlertMessage):
    """An alert of a gateway."""

    gateway: str


class Me(TypedDict):
    """The account that asks."""

    name: str
    kind: Kind
    scopes: list[Scope]
    lines: list[str]


class StockRecord(TypedDict):
    """Stock of a material at a location."""

    plant: str
    material: str
    location: str
    batch: str
    stock_type: str
    quantity: Quantity
    unit: str


class PointRecord(Yield):
    """The pieces that a reporting point has passed."""

    plant: str
    material: str
    version: str
    cost_object: str
    point: str
    scrap: Quantity
    lost: Quantity
    wip: Quantity
    waiting: Quantity


class CollectorRecord(TypedDict):
    """A cost object in a period."""

    plant: str
    cost_object: str
    period: str
    debits: Quantity
    credits: Quantity
    balance: Quantity
    elements: dict[str, Quantity]
    currency: str


class ProductionRecord(Yield):
    """The quantities planned and made of a version on a line, in a shift, on a day or in all."""

    plant: str
    line: str
    material: str
    version: str
    date: str
    shift: str
    planned: Quantity
    scrap: Quantity
    rework: Quantity
    percent: Quantity | None
    scrap_by: dict[str, Quantity]


class StatisticRecord(TypedDict):
    """A measure of a day and shift; the last three are those of use alone."""

    plant: str
    date: str
    shift: str
    line: str
    material: str
    version: str
    measure: str
    detail: str
    unit: str
    quantity: Quantity
    standard: Quantity | None
    difference: Quantity | None
    backlog: Quantity | None


class Need(TypedDict):
    """A component that a planned order needs."""

    component: str
    quantity: Quantity
    open: Quantity
    unit: str


class OrderRecord(TypedDict):
    """A planned order: the units that passed each point, and the components that were used."""

    order: str
    plant: str
    material: str
    version: str
    line: str
    start: str
    finish: str
    quantity: Quantity
    reduced: Quantity
    open: Quantity
    points: dict[str, Quantity]
    used: dict[str, Quantity]
    components: list[Need]
    closed: bool


class Hindrance(TypedDict):
    """Rows that are not posted yet and prevent closing."""

    what: str
    count: int


class PeriodRecord(TypedDict):
    """A posting period of a plant."""

    plant: str
    period: str
    state: Literal["open", "closed"]
    hinders: list[Hindrance]


class TableChanges(TypedDict):
    """The rows of a table that an import changed."""

    added: int
    changed: int
    removed: int


class ImportRecord(TableChanges):
    """An import of master data."""

    at: Time
    actor: str
    reason: str
    digest: str
    tables: dict[str, TableChanges]


class MarkRecord(TypedDict):
    """The last accepted total of a device, as it counts."""

    device: str
    state: str
    boot: str | None
    kind: str | None
    total: int | None
    units: int | None
    seq: int | None
    at: Time | None
    late: int | None


class DeviceRecord(MarkRecord):
    """A device; one with several totals has a record for each. Without a place it is not in the master data."""

    plant: str | None
    line: str | None
    point: str | None
    role: str | None
    disabled: bool | None
    stale_s: int | None
    since: Time | None
    heard_at: Time | None
    quarantine: int
    change: str
    change_at: Time | None


class DeviceTrace(TypedDict):
    """A device with its newest documents and quarantine entries."""

    device: str
    state: str
    marks: list[MarkRecord]
    documents: list[PlainDocument]
    quarantine: list[EntryRecord]


class TableSize(TypedDict):
    """A table of the master data."""

    table: str
    rows: int


class TablesRecord(TypedDict):
    """The master data in force; an empty digest: none are."""

    digest: str
    tables: list[TableSize]


class TableRowRecord(TypedDict):
    """A row of a table of the master data, in the order of their keys; cells with their default are left out."""

    row: int
    cells: dict[str, str]


class ReplyRecord(TypedDict):
    """The gateway's answer to a request; `unknown`: none is known yet, and the same request again gets it."""

    transaction: str
    status: Literal["ok", "error", "unknown"]
    code: str
    text: str
    data: dict[str, Any]


class PreviewRecord(TypedDict):
    """The documents that a posting would make, without numbers; nothing was posted."""

    status: Literal["ok"]
    code: str
    text: str
    data: dict[str, Any]
    documents: list[dict[str, Any]]
