"""The plant as the engine sees it: one immutable snapshot of the master data, indexed for reading.

Quantities, prices and rates are millionths (`quantities`). Dates are ISO text, times microseconds UTC. Empty text is
"not given". An import replaces the snapshot as a whole; explosions derived from the old one are frozen and stay.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date as Date
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from gateway.backflush.plant.choices import (
    ActivitySource,
    Backfill,
    ClosedPeriod,
    DeviceKind,
    FirstTotal,
    IssueMode,
    MaterialBackflush,
    MaterialType,
    OperationBackflush,
    OrderReduction,
    ReportingPoints,
    Reset,
    Role,
    WithdrawalErrors,
)
from gateway.backflush.plant.versions import ProductionVersion, Run
from gateway.backflush.values.documents import ONLINE, Timing
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.phrases import Language
from gateway.backflush.values.quantities import MICRO

ROAMING = "_"
"""The line of roaming scanners: a card that they scan names their line."""
EARLIEST, LATEST = "0001-01-01", "9999-12-31"


class Shift(NamedTuple):
    """A shift by the wall clock.

    `end` <= `start` runs into the next day and belongs to the day on which it began. Days: 0 is Monday.
    """

    name: str
    days: frozenset[int]
    start: time
    end: time


class ProductionDay(NamedTuple):
    """The production date and shift of every moment with start <= moment < end (microseconds UTC)."""

    date: str
    shift: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Plant:
    """A plant: its zone, calendar and policies."""

    plant: str
    name: str = ""
    time_zone: str = "UTC"
    currency: str = "EUR"
    issue_location_strategy: int = 3
    """1 component's material master; 2 version's issue, version's receiving, assembly's own; 3: 1 then 2; 4: 2 then
    1.
    """
    closed_period_policy: ClosedPeriod = "next"
    shifts: tuple[Shift, ...] = ()
    exceptions: frozenset[tuple[str, str]] = frozenset()
    """(date, shift) that are not worked; an empty shift is the whole day."""
    language: Language | Literal[""] = ""

    def day(self, at: int) -> ProductionDay:
        """Return the production date and shift of a moment."""
        return _day(self.time_zone, self.shifts, self.exceptions, at // 60_000_000)


@lru_cache(maxsize=4096)
def _day(
    zone_name: str, shifts: tuple[Shift, ...], exceptions: frozenset[tuple[str, str]], minute: int
) -> ProductionDay:
    zone = ZoneInfo(zone_name)
    at = minute * 60_000_000
    local = datetime.fromtimestamp(minute * 60, zone).date()
    start, end = _midnight(local, zone), _midnight(local + timedelta(days=1), zone)
    for offset in (-1, 0, 1):
        day = local + timedelta(days=offset)
        for shift in shifts:
            if day.weekday() not in shift.days or {(day.isoformat(), shift.name), (day.isoformat(), "")} & exceptions:
                continue
            begins = _microseconds(day, shift.start, zone)
            ends = _microseconds(day + timedelta(days=shift.end <= shift.start), shift.end, zone)
            if begins <= at < ends:
                return ProductionDay(day.isoformat(), shift.name, begins, ends)
            # No shift holds this moment: the gap reaches from the last end to the next start.
            if ends <= at:
                start = max(start, ends)
            elif at < begins:
                end = min(end, begins)
    return ProductionDay(local.isoformat(), "", start, end)


def _microseconds(day: Date, clock: time, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, clock, zone).timestamp()) * 1_000_000


def _midnight(day: Date, zone: ZoneInfo) -> int:
    return _microseconds(day, time(0), zone)


@dataclass(frozen=True, slots=True)
class Material:
    """A material in a plant. `price` is the standard price of `price_unit` base units."""

    plant: str
    material: str
    description: str = ""
    unit: str = "PC"
    decimals: int = 0
    type: MaterialType = "made"
    price: int = 0
    price_unit: int = MICRO
    issue_location: str = ""
    receiving_location: str = ""
    rem_profile: str = ""
    phantom: bool = False
    bulk: bool = False
    component_scrap: int = 0
    """Per cent, in millionths of a per cent; issued on top where the profile says `include_component_scrap`."""
    backflush: MaterialBackflush = "always"
    units: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    """Alternative unit: (numerator, denominator); 1 alternative unit = numerator / denominator base units."""


@dataclass(frozen=True, slots=True)
class BomItem:
    """One component.

    A negative quantity is a by-product. `quantity` is per the BOM's base quantity, or per lot when `fixed`.
    """

    item: str
    component: str
    quantity: int
    unit: str = ""
    operation: str = ""
    issue_location: str = ""
    issue_mode: IssueMode | Literal[""] = ""
    """Empty: the operation decides, else the material."""
    fixed: bool = False
    component_scrap: int = 0
    operation_scrap: int = 0
    net: bool = False
    valid_from: str = EARLIEST
    valid_to: str = LATEST


@dataclass(frozen=True, slots=True)
class Bom:
    """A bill of material: one alternative at one revision."""

    plant: str
    material: str
    alternative: str
    base_quantity: int = MICRO
    revision: str = ""
    valid_from: str = EARLIEST
    valid_to: str = LATEST
    items: tuple[BomItem, ...] = ()


@dataclass(frozen=True, slots=True)
class WorkCenter:
    """A work center and its activity rates per hour."""

    plant: str
    work_center: str
    name: str = ""
    cost_center: str = ""
    rates: Mapping[str, int] = field(default_factory=dict)
    backflush: bool = False
    """Decides for components that leave it to the work center."""


class StandardValue(NamedTuple):
    """Hours of an activity per the routing's base quantity, or per lot when `fixed` (setup)."""

    activity: str
    hours: int
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation; `reporting_point` makes it a milestone at which pieces are counted."""

    operation: str
    work_center: str
    description: str = ""
    reporting_point: bool = False
    activities: tuple[StandardValue, ...] = ()
    backflush: OperationBackflush | Literal[""] = ""
    """Empty: the material decides."""


@dataclass(frozen=True, slots=True)
class Routing:
    """A rate routing; operations sorted by number."""

    plant: str
    material: str
    routing: str
    base_quantity: int = MICRO
    valid_from: str = EARLIEST
    valid_to: str = LATEST
    operations: tuple[Operation, ...] = ()


class EstimateActivity(NamedTuple):
    """Hours of an activity at an operation, from a version's released cost estimate."""

    operation: str
    work_center: str
    activity: str
    hours: int
    """Per base quantity, or per lot when `fixed`."""
    base_quantity: int = MICRO
    valid_from: str = EARLIEST
    valid_to: str = LATEST
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class RemProfile:
    """The rules for backflushing a material: postings, their timing and movement types."""

    profile: str
    goods_issue: bool = True
    activities: bool = True
    reporting_points: ReportingPoints = "none"
    auto_goods_receipt: bool = False
    backfill: Backfill = "none"
    order_reduction: OrderReduction = "none"
    order_window_days: int | None = None
    withdrawal_errors: WithdrawalErrors = "backlog"
    stock_determination: bool = False
    include_component_scrap: bool = False
    activity_source: ActivitySource = "standard_values"
    goods_issue_timing: Timing = ONLINE
    activity_timing: Timing = ONLINE
    cumulate_goods_issues: bool = False
    cumulate_activities: bool = False
    recreate_orders_on_reversal: bool = False
    movement_receipt: str = "131"
    movement_issue: str = "261"
    movement_scrap: str = "551"
    movement_by_product: str = "531"


@dataclass(frozen=True, slots=True)
class Device:
    """A counter or scanner: its place, the meaning of its numbers, and the limits of what it may report."""

    device: str
    plant: str = ""
    line: str = ROAMING
    operation: str = ""
    """The reporting point that it counts; empty is the final backflush."""
    kind: DeviceKind = "counter"
    role: Role = "good"
    decoder: str = "native"
    modulus: int | None = None
    max_step: int | None = None
    """The largest plausible step within a minute; it grows with the time since the last reading. None: no limit."""
    reset: Reset = "quarantine"
    weight: int = MICRO
    """Pieces per pulse, in millionths."""
    first: FirstTotal = "baseline"
    window: str = ""
    """reading | <n>pc | <n>s | shift | scan; empty is the default."""
    unit: str = ""
    time_zone: str = ""
    stale_s: int = 0
    disabled: bool = False
    language: Language | Literal[""] = ""
    context_s: int = 120
    """How long a choice for the next label holds."""


class StorageLocation(NamedTuple):
    """A storage location; only where negative stock is allowed can an issue always be posted."""

    plant: str
    location: str
    name: str = ""
    negative_stock: bool = False


class Batch(NamedTuple):
    """The date of receipt of a batch, and its last good day; dates are ISO, empty is not given."""

    received: str = ""
    expires: str = ""

    def is_expired(self, date: str) -> bool:
        """Return whether it has expired on a day; it is still good on the day of expiry."""
        return "" < self.expires < date


class Gtin(NamedTuple):
    """The meaning of a GTIN: a material and the unit that one label counts."""

    material: str
    unit: str = ""


class SalesOrder(NamedTuple):
    """An item of a sales order: a quantity of a material, made to order."""

    plant: str
    material: str
    quantity: int


@dataclass(frozen=True, slots=True)
class MasterData:
    """All maintained data, as of one import. `digest` identifies the content."""

    digest: str = ""
    plants: Mapping[str, Plant] = field(default_factory=dict)
    locations: Mapping[tuple[str, str], StorageLocation] = field(default_factory=dict)
    materials: Mapping[tuple[str, str], Material] = field(default_factory=dict)
    """By (plant, material)."""
    boms: Mapping[tuple[str, str, str], tuple[Bom, ...]] = field(default_factory=dict)
    """By (plant, material, alternative)."""
    work_centers: Mapping[tuple[str, str], WorkCenter] = field(default_factory=dict)
    routings: Mapping[tuple[str, str, str], tuple[Routing, ...]] = field(default_factory=dict)
    """By (plant, material, routing)."""
    versions: Mapping[tuple[str, str], tuple[ProductionVersion, ...]] = field(default_factory=dict)
    """By (plant, material)."""
    versions_of_line: Mapping[tuple[str, str], tuple[ProductionVersion, ...]] = field(default_factory=dict)
    """By (plant, line)."""
    lines: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """(plant, line): name. Every line that a row of its own, a version or a device names."""
    estimates: Mapping[tuple[str, str, str], tuple[EstimateActivity, ...]] = field(default_factory=dict)
    """By (plant, material, version), sorted by operation."""
    profiles: Mapping[str, RemProfile] = field(default_factory=dict)
    devices: Mapping[str, Device] = field(default_factory=dict)
    gtins: Mapping[str, Gtin] = field(default_factory=dict)
    """By GTIN-14."""
    aliases: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """Plain label text: (kind, value); a kind is material, version (material/version), order, control, point, operator.
    """
    batches: Mapping[tuple[str, str, str], Batch] = field(default_factory=dict)
    """By (plant, material, batch)."""
    scrap_reasons: Mapping[str, str] = field(default_factory=dict)
    operators: Mapping[str, str] = field(default_factory=dict)
    languages: Mapping[str, Language] = field(default_factory=dict)
    """Operator: the language of the feedback to them."""
    closed_orders: frozenset[str] = frozenset()
    """Planned orders without further needs, however much of them was made."""
    sales_orders: Mapping[str, SalesOrder] = field(default_factory=dict)
    """By cost object (`cost_objects.cost_object_of`)."""


class PlannedOrder(NamedTuple):
    """A run schedule quantity: never converted, only reduced. Dates are ISO text."""

    order: str
    plant: str
    material: str
    version: str
    """Empty: assigned to no version."""
    line: str
    start: str
    finish: str
    quantity: int
    components: tuple[BomItem, ...] = ()
    """The order's own component list, per order quantity; empty: the bill of material decides."""


class Imported(NamedTuple):
    """The content of one import.

    The whole snapshot, and data that is state rather than master data. None: the table was not given.
    """

    master: MasterData
    runs: tuple[Run, ...] | None = None
    orders: tuple[PlannedOrder, ...] | None = None
    opening_stock: Mapping[StockKey, int] | None = None
    """Opening quantity per key; a second import books only the difference."""
