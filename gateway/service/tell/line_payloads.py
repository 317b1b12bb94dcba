"""The status of a line, as types: `payloads` has the other messages."""

from typing import Literal

from typing_extensions import TypedDict

from gateway.service.tell.scan_payloads import DocumentNumber, Quantity, Time

Yield = TypedDict("Yield", {"yield": Quantity})
"""The word is one of Python's too, so it stands in this form."""
YieldSoFar = TypedDict("YieldSoFar", {"yield": Quantity | None})
"""Null: the hour has not begun, as with `scrap`."""


class RunStatus(TypedDict):
    """The run in force."""

    material: str
    version: str
    start: Time
    batch: str


class PointStatus(Yield):
    """The status of a reporting point."""

    point: str
    """The operation; `final` is the receipt."""
    material: str
    version: str
    scrap: Quantity
    lost: Quantity
    """Pieces that passed this point and did not reach the next one."""
    waiting: Quantity
    """Units that wait for an earlier point."""
    wip: Quantity
    """Pieces on the line after this point."""


class OrderStatus(TypedDict):
    """A planned order."""

    order: str
    material: str
    open: Quantity
    """Not received yet."""


class StaleDevice(TypedDict):
    """A device that is missing."""

    device: str
    kind: Literal["counter", "scanner"]
    role: Literal["good", "gross", "scrap", ""]
    point: str
    why: Literal["offline", "stale"]
    """It said so or its last will did; or it is silent for too long."""
    since: Time | None
    """When it was last heard; null: unknown."""


class HourStatus(YieldSoFar):
    """A production day at the end of an hour of the plant's clock: sums since its begin."""

    hour: str
    """Its begin by the plant's clock, as 06:00; an hour that the clock shows twice is there twice."""
    until: Time
    planned: Quantity
    scrap: Quantity | None


class DayStatus(Yield):
    """The production day of a line: what is in documents and what is in open windows, by the time of its readings."""

    date: str
    shift: str
    """The present shift; empty: none."""
    shift_end: Time | None
    planned: Quantity
    """Of the planned orders, for the whole day."""
    planned_now: Quantity
    """The part that should be made by now."""
    scrap: Quantity
    """Lost pieces are among it."""
    rework: Quantity
    hours: list[HourStatus]


class LineStatus(TypedDict):
    """The status of a line. Quantities are pieces since its first reading."""

    gateway: str
    """The gateway that serves the line: without it the status is old."""
    plant: str
    line: str
    unit: str
    """The base unit of what the line makes now; empty if that is not clear, as is `description`."""
    description: str
    takt_s: float | None
    """The working time of the production day by its planned pieces, seconds; null: nothing is planned."""
    state_since: Time | None
    """When its run began or, without a run, the last one ended; null: it never had one."""
    order: OrderStatus | None
    """The planned order that the next piece reduces."""
    run: RunStatus | None
    read: Quantity
    """Counted and quarantined."""
    counted: Quantity
    posted: Quantity
    open: Quantity
    """Counted and not yet posted."""
    scrap: Quantity
    scrap_open: Quantity
    """Reported as scrap, and still posted as yield."""
    rework: Quantity
    reversed: Quantity
    quarantined: Quantity
    worklist: int
    """Open rows."""
    backlog: int
    """Open records."""
    rate_per_min: Quantity
    """Finished pieces per minute, over the last minute: the rise of the day's yield."""
    documents: int
    last_document: DocumentNumber | None
    last_count: Time | None
    stale_devices: list[StaleDevice]
    points: list[PointStatus]
    day: DayStatus | None
    """Read every ten seconds; null: the plant is not maintained, or the ledger is away or not read yet."""
    ts: Time
