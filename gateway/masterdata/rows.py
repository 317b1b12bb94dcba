"""One strict model per table: its columns in their order, its key, and what an empty cell means.

The columns are promises; a column without a default is required. Rows are frozen and hold parsed values; `cells`
prints them back.
"""

# ruff: noqa: D101  -- the name of its table says what a row is

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict

from gateway.backflush.plant import EARLIEST, LATEST
from gateway.backflush.quantities import MICRO
from gateway.masterdata.cells import (
    Cell,
    Clock,
    Code,
    Count,
    Date,
    Days,
    Decimals,
    DeviceId,
    Gtin14,
    Moment,
    Movement,
    NotNegative,
    OptionalCount,
    OptionalCountFromOne,
    Percent,
    Positive,
    Quantity,
    RoamingLine,
    Segment,
    StockType,
    Strategy,
    Text,
    Window,
    YesNo,
    Zone,
    choice,
)

Key = tuple[str, ...]
TABLES: "dict[str, type[Row]]" = {}
"""Every table by name, in the order in which a person maintains them."""

DECODERS = (
    "native",
    "number",
    "kepware",
    "s7databus",
    "neuron",
    "umh",
    "tasmota",
    "shelly",
    "sparkplug",
    "proglove",
    "jmespath",
)
Timing = Annotated[str, choice("online", "update", "background")]


class Row(BaseModel):
    """A row of any table."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    table: ClassVar[str]
    key_columns: ClassVar[tuple[str, ...]]
    required: ClassVar[frozenset[str]]
    _printers: ClassVar[tuple[tuple[str, object, Callable[[Any], str]], ...]]

    def __init_subclass__(cls, *, table: str, key: str) -> None:
        super().__init_subclass__()
        cls.table = table
        cls.key_columns = tuple(key.split())

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        # The columns are known only now.
        cls.required = frozenset(name for name, field in cls.model_fields.items() if field.is_required())
        cls._printers = tuple(
            (name, field.default, next(m.format for m in field.metadata if isinstance(m, Cell)))
            for name, field in cls.model_fields.items()
        )
        TABLES[cls.table] = cls

    @classmethod
    def parse(cls, cells: Mapping[str, str]) -> Self:
        """Validate a row given as text; empty cells must have been left out."""
        return cls.model_validate(cells)

    def cells(self) -> dict[str, str]:
        """Print the row as text, in the order of the columns, without what is at its default."""
        return {
            name: show(value)
            for name, default, show in self._printers
            if (value := getattr(self, name)) != default and value is not None
        }

    def key(self) -> Key:
        """Return what no other row of the table may share."""
        return tuple(str(getattr(self, column)) for column in self.key_columns)


class PlantRow(Row, table="plants", key="plant"):
    plant: Segment
    name: Text = ""
    time_zone: Zone = "UTC"
    currency: Code = "EUR"
    issue_location_strategy: Strategy = 3
    closed_period_policy: Annotated[str, choice("next", "wait")] = "next"


class ShiftRow(Row, table="shifts", key="plant shift"):
    plant: Segment
    shift: Code
    days: Days = frozenset(range(7))
    start: Clock
    end: Clock


class CalendarExceptionRow(Row, table="calendar_exceptions", key="plant date shift"):
    plant: Segment
    date: Date
    shift: Code = ""


class StorageLocationRow(Row, table="storage_locations", key="plant location"):
    plant: Segment
    location: Code
    name: Text = ""
    negative_stock: YesNo = False


class LineRow(Row, table="lines", key="plant line"):
    plant: Segment
    line: Segment
    work_center: Code = ""
    name: Text = ""


class MaterialRow(Row, table="materials", key="plant material"):
    plant: Segment
    material: Code
    description: Text = ""
    unit: Code = "PC"
    decimals: Decimals = 0
    type: Annotated[str, choice("made", "bought")] = "made"
    standard_price: NotNegative = 0
    price_unit: Positive = MICRO
    gtin: Gtin14 = ""
    issue_location: Code = ""
    receiving_location: Code = ""
    rem_profile: Code = ""
    assembly_scrap_percent: Percent = 0
    component_scrap_percent: Percent = 0
    phantom: YesNo = False
    bulk: YesNo = False
    lot_size_rule: Annotated[str, choice("exact", "fixed", "minimum", "multiple")] = "exact"
    lot_size: NotNegative = 0


class UnitRow(Row, table="units", key="material unit"):
    material: Code
    unit: Code
    numerator: Positive
    denominator: Positive = MICRO


class GtinRow(Row, table="gtins", key="gtin"):
    gtin: Gtin14
    material: Code
    unit: Code = ""


class AliasRow(Row, table="aliases", key="code"):
    code: Text
    kind: Annotated[str, choice("material", "version", "control")]
    value: Text


class BomRow(Row, table="boms", key="plant material alternative revision"):
    plant: Segment
    material: Code
    alternative: Code = "1"
    base_quantity: Positive = MICRO
    revision: Code = ""
    valid_from: Date = EARLIEST
    valid_to: Date = LATEST


class BomItemRow(Row, table="bom_items", key="plant material alternative revision item valid_from"):
    plant: Segment
    material: Code
    alternative: Code = "1"
    revision: Code = ""
    item: Code
    component: Code
    quantity: Quantity
    unit: Code = ""
    operation: Segment = ""
    issue_location: Code = ""
    issue_mode: Code = ""
    fixed_quantity: YesNo = False
    component_scrap_percent: Percent = 0
    operation_scrap_percent: Percent = 0
    net: YesNo = False
    valid_from: Date = EARLIEST
    valid_to: Date = LATEST


class WorkCenterRow(Row, table="work_centers", key="plant work_center"):
    plant: Segment
    work_center: Code
    name: Text = ""
    cost_center: Code = ""
    capacity_hours: NotNegative = 0


class ActivityRateRow(Row, table="activity_rates", key="plant work_center activity"):
    plant: Segment
    work_center: Code
    activity: Code
    rate_per_hour: NotNegative


class RoutingRow(Row, table="routings", key="plant material routing"):
    plant: Segment
    material: Code
    routing: Code = "1"
    base_quantity: Positive = MICRO
    valid_from: Date = EARLIEST
    valid_to: Date = LATEST


class OperationRow(Row, table="operations", key="plant material routing operation"):
    plant: Segment
    material: Code
    routing: Code = "1"
    operation: Segment
    work_center: Code
    description: Text = ""
    reporting_point: YesNo = False
    scrap_percent: Percent = 0


class OperationActivityRow(Row, table="operation_activities", key="plant material routing operation activity fixed"):
    plant: Segment
    material: Code
    routing: Code = "1"
    operation: Segment
    activity: Code
    hours: NotNegative
    fixed: YesNo = False


class VersionRow(Row, table="production_versions", key="plant material version"):
    plant: Segment
    material: Code
    version: Code
    bom_alternative: Code = ""
    routing: Code = ""
    line: Segment
    valid_from: Date = EARLIEST
    valid_to: Date = LATEST
    lot_size_from: NotNegative = 0
    lot_size_to: NotNegative = 0
    receiving_location: Code = ""
    issue_location: Code = ""
    locked: YesNo = False


class ProfileRow(Row, table="rem_profiles", key="profile"):
    profile: Code
    goods_issue: YesNo = True
    activities: YesNo = True
    reporting_points: Annotated[str, choice("none", "mandatory", "optional")] = "none"
    auto_goods_receipt: YesNo = False
    backfill: Annotated[str, choice("none", "predecessors")] = "none"
    order_reduction: Annotated[str, choice("none", "own_version", "own_and_unassigned", "all_versions")] = "none"
    order_window_days: OptionalCount = None
    withdrawal_errors: Annotated[str, choice("backlog", "reject")] = "backlog"
    stock_determination: YesNo = False
    include_component_scrap: YesNo = False
    activity_source: Annotated[str, choice("standard_values", "cost_estimate")] = "standard_values"
    goods_issue_timing: Timing = "online"
    activity_timing: Timing = "online"
    cumulate_goods_issues: YesNo = False
    cumulate_activities: YesNo = False
    recreate_orders_on_reversal: YesNo = False
    movement_receipt: Movement = "131"
    movement_issue: Movement = "261"
    movement_scrap: Movement = "551"
    movement_by_product: Movement = "531"


class DeviceRow(Row, table="devices", key="device"):
    device: DeviceId
    plant: Segment = ""
    line: RoamingLine = ""
    operation: Segment = ""
    kind: Annotated[str, choice("counter", "scanner")] = "counter"
    role: Annotated[str, choice("good", "gross", "scrap")] = "good"
    decoder: Annotated[str, choice(*DECODERS)] = "native"
    modulus: OptionalCountFromOne = None
    max_step: OptionalCountFromOne = None
    reset: Annotated[str, choice("allow", "quarantine")] = "quarantine"
    weight: Positive = MICRO
    first: Annotated[str, choice("baseline", "zero")] = "baseline"
    window: Window = ""
    unit: Code = ""
    time_zone: Zone = ""
    stale_s: Count = 0
    disabled: YesNo = False


class RunRow(Row, table="runs", key="plant line start"):
    plant: Segment
    line: Segment
    material: Code
    version: Code
    start: Moment
    end: Moment = ""
    batch: Code = ""
    sales_order: Code = ""
    sales_order_item: Code = ""
    revision: Code = ""


class PlannedOrderRow(Row, table="planned_orders", key="order"):
    order: Code
    plant: Segment
    material: Code
    version: Code = ""
    line: Segment = ""
    start: Date
    finish: Date = ""
    quantity: Positive


class OrderComponentRow(Row, table="planned_order_components", key="order item"):
    order: Code
    item: Code
    component: Code
    quantity: Quantity
    unit: Code = ""
    operation: Segment = ""


class SalesOrderRow(Row, table="sales_orders", key="order item"):
    order: Code
    item: Code
    plant: Segment
    material: Code
    quantity: Positive
    date: Date


class DemandRow(Row, table="demands", key="plant material date kind"):
    plant: Segment
    material: Code
    date: Date
    quantity: NotNegative
    kind: Code = ""


class OperatorRow(Row, table="operators", key="operator"):
    operator: Code
    name: Text = ""
    language: Code = ""


class ScrapReasonRow(Row, table="scrap_reasons", key="reason"):
    reason: Code
    text: Text = ""


class BatchRow(Row, table="batches", key="plant material batch"):
    plant: Segment
    material: Code
    batch: Code
    received: Date = ""
    expires: Date = ""


class OpeningStockRow(Row, table="opening_stock", key="plant material location batch stock_type"):
    plant: Segment
    material: Code
    location: Code
    batch: Code = ""
    stock_type: StockType = ""
    quantity: Quantity


class OverheadRow(Row, table="overheads", key="plant base"):
    plant: Segment
    base: Code
    percent: Percent
