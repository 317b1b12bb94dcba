"""The records of what is still to be posted: worklist, backlog, quarantine."""

from typing_extensions import TypedDict

from gateway.backflush.values.window_policy import WindowKind
from gateway.service.tell.line_payloads import Yield
from gateway.service.tell.scan_payloads import DocumentNumber, Quantity, Time


class WorklistRow(TypedDict):
    """The rows of a line still to be posted, summed."""

    plant: str
    line: str
    material: str
    version: str
    process: str
    point: str
    posting_date: str
    timing: str
    rows: int
    units: Quantity
    first_document: DocumentNumber
    held_by: str | None


class OpenWindow(Yield):
    """Counted pieces that no document holds yet; `closes_at` is null if no time closes them."""

    plant: str
    line: str
    point: str
    material: str
    version: str
    production_date: str
    shift: str
    batch: str
    scrap: Quantity
    rework: Quantity
    devices: list[str]
    readings: int
    first_at: Time | None
    last_at: Time | None
    closes_by: WindowKind
    closes_at: Time | None


class HoldRecord(TypedDict):
    """A worklist that is held back; without a process all of it."""

    plant: str
    line: str
    process: str
    actor: str
    reason: str
    at: Time | None


class WorklistSum(TypedDict):
    """The open rows of a line."""

    plant: str
    line: str
    issues: int
    activities: int
    posting_date: str | None
    holds: list[HoldRecord]


class BacklogRecord(TypedDict):
    """A component that was short and is still to be issued."""

    document: DocumentNumber
    item: int
    plant: str
    line: str
    movement: str
    material: str
    location: str
    quantity: Quantity
    unit: str
    required: Quantity
    issued: Quantity
    closed: Quantity
    cause: str
    cost_object: str
    production_date: str
    created_at: Time
    age_s: int


class BacklogSum(TypedDict):
    """The open backlog of a material at a location."""

    plant: str
    material: str
    location: str
    quantity: Quantity
    unit: str
    records: int
    created_at: Time
    age_s: int


class EntryRecord(Yield):
    """A message that could not be posted; topic and payload are inert text."""

    number: DocumentNumber
    entry: int
    kind: str
    code: str
    text: str
    device: str
    plant: str
    line: str
    scrap: Quantity
    state: str
    reason: str
    at: Time
    topic: str
    payload: str
    messages: int
    last_entry: int
    last_at: Time


class EntrySum(Yield):
    """The quarantine entries of a device with one code."""

    device: str
    code: str
    entries: int
    messages: int
    scrap: Quantity
    first_at: Time
    last_at: Time
    newest: DocumentNumber
