"""The records of documents and their traces, as types; `records` has the others."""

from typing import Literal

from typing_extensions import TypedDict

from gateway.backflush.values.documents import DocumentType
from gateway.service.tell.line_payloads import Yield
from gateway.service.tell.scan_payloads import DocumentNumber, Quantity, Time


class Status(TypedDict):
    """The status of a document, by process."""

    receipt: str
    issue: str
    activity: str
    orders: Literal["none", "posted"]
    capacity: Literal["none", "posted"]


class ConfirmationRecord(Yield):
    """The pieces that a document confirms at a reporting point."""

    point: str
    reason: str
    scrap: Quantity
    lost: Quantity
    rework: Quantity
    reported: Quantity
    automatic: bool


class ItemRecord(TypedDict):
    """A goods movement."""

    item: int
    origin: str
    process: str
    movement: str
    material: str
    location: str
    batch: str
    stock_type: str
    quantity: Quantity
    unit: str
    amount: Quantity
    cost_object: str


class ActivityRecord(TypedDict):
    """Hours that were posted."""

    item: int
    origin: str
    work_center: str
    cost_center: str
    activity: str
    hours: Quantity
    amount: Quantity
    cost_object: str


class Elsewhere(TypedDict):
    """The journal that holds a telegram; empty: that of a gateway that had the line before."""

    gateway: str
    journal: str


class TelegramRecord(TypedDict, total=False):
    """A telegram as it was received; the payload is inert text."""

    entry: int
    received_at: Time
    kind: str
    topic: str
    payload: str
    gone: bool
    elsewhere: Elsewhere
    unread: bool
    """There are too many behind this document: it was not looked for."""


class ReadingRecord(Yield):
    """The readings of a device behind a document."""

    device: str
    first_entry: int
    last_entry: int
    readings: int
    scrap: Quantity
    first_at: Time
    last_at: Time
    spans_change: bool


class TelegramReading(ReadingRecord):
    """The readings of a device, with their first and last telegram."""

    telegrams: list[TelegramRecord]


class _Reduction(TypedDict):
    order: str
    point: str
    quantity: Quantity


class ReductionRecord(_Reduction, total=False):
    """A planned order that a document reduces."""

    component: str


class PlainDocument(Yield):
    """A document within a trace."""

    document: DocumentNumber
    type: DocumentType
    plant: str
    line: str
    material: str
    version: str
    cost_object: str
    batch: str
    posting_date: str
    production_date: str
    shift: str
    entered_at: Time
    scrap: Quantity
    rework: Quantity
    status: Status
    reversed: Literal["none", "partly", "whole"]
    reversed_by: list[DocumentNumber]
    reverses: DocumentNumber | None
    caused_by: DocumentNumber | None
    material_document: str | None
    activity_document: str | None
    actor: str
    reason: str
    reference: str
    confirmations: list[ConfirmationRecord]
    items: list[ItemRecord]
    activities: list[ActivityRecord]
    readings: list[ReadingRecord]
    orders: list[ReductionRecord]


class DocumentRecord(PlainDocument):
    """A backflush document with all that stands under it."""

    currency: str


class Due(TypedDict):
    """A process that a document has raised or posted."""

    document: DocumentNumber
    process: str
    point: str
    flow: str
    scope: str
    explosion: str
    units: Quantity
    posting_date: str
    production_date: str
    shift: str
    timing: str
    state: str
    mark: Quantity
    posted_by: DocumentNumber | None
    reversed: Quantity


class ShortageRecord(TypedDict):
    """A backlog record, in the trace of a document."""

    document: DocumentNumber
    item: int
    material: str
    location: str
    unit: str
    cause: str
    reason: str
    quantity: Quantity
    required: Quantity
    issued: Quantity
    closed: Quantity
    issued_by: list[DocumentNumber]


class OriginReading(Yield):
    """The readings of a device behind all origins of a document."""

    device: str
    first_entry: int
    last_entry: int
    readings: int
    scrap: Quantity


class Trace(DocumentRecord):
    """A document with its dues, origins, backlog and reversals."""

    dues: list[Due]
    posted_dues: list[Due]
    backlog: list[ShortageRecord]
    origins: list[PlainDocument]
    more_origins: int
    caused_by_document: PlainDocument | None
    caused: list[PlainDocument]
    origin_readings: list[OriginReading]
    reversals: list[PlainDocument]


class DocumentTelegrams(TypedDict):
    """The readings of a document, with telegrams."""

    document: DocumentNumber
    readings: list[TelegramReading]
