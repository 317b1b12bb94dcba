"""One strict model per table: its columns in order, its key, and the meaning of an empty cell.

The columns are promises; a column without a default is required. Rows are frozen and hold parsed values; `cells`
prints them back.
"""

# ruff: noqa: D101  -- a row is explained by the name of its table

from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BaseModel, ConfigDict

from gateway.backflush.plant import choices as w
from gateway.backflush.plant.snapshot import EARLIEST, LATEST
from gateway.backflush.values.documents import ONLINE, Timing
from gateway.backflush.values.phrases import Language
from gateway.backflush.values.quantities import MICRO
from gateway.masterdata import cells as c

Key = tuple[str, ...]
COME_TO_LIFE = {("bom_items", "issue_mode"): "issue_mode in use", ("batches", "expires"): "expires in use"}
"""(table, column): the name in the canonical text of a column that once had no effect, since it has one.

A value under the name of the column itself was written before; it had no effect, and never will.
"""
BY_HAND = "disabled by hand"
"""The note in the canonical text on the row of a device that a command has disabled."""
TABLES: "dict[str, type[TableRow]]" = {}
"""Every table by name, in the order in which a person maintains them."""


class TableRow(BaseModel):
    """A row of any table."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, defer_build=True)
    table: ClassVar[str]
    key_columns: ClassVar[tuple[str, ...]]
    read_key: ClassVar[Callable[[Any], tuple[Any, ...]]]
    required: ClassVar[frozenset[str]]
    _printers: ClassVar[tuple[tuple[str, object, Callable[[Any], str]], ...]]

    def __init_subclass__(cls, *, table: str, key: str) -> None:
        super().__init_subclass__()
        cls.table = table
        cls.key_columns = tuple(key.split())
        cls.read_key = c.reader(cls.key_columns)

    @classmethod
    def __pydantic_init_subclass__(cls, **_: object) -> None:
        # The columns are known only now.
        cls.required = frozenset(name for name, field in cls.model_fields.items() if field.is_required())
        cls._printers = tuple(
            (name, field.default, cell_of(cls, name).format) for name, field in cls.model_fields.items()
        )
        TABLES[cls.table] = cls

    @classmethod
    def parse(cls, cells: Mapping[str, str]) -> Self:
        """Validate a row given as text; empty cells must have been left out."""
        return cls.model_validate(cells)

    def cells(self) -> dict[str, str]:
        """Print the row as text, in the order of the columns, without defaults."""
        return {
            name: show(value)
            for name, default, show in self._printers
            if (value := getattr(self, name)) != default and value is not None
        }

    def key(self) -> Key:
        """Return the key, unique in the table."""
        return tuple(map(str, type(self).read_key(self)))


def cell_of(kind: type[TableRow], column: str) -> c.Cell:
    """Return the kind of cell of a column."""
    return next(found for found in kind.model_fields[column].metadata if isinstance(found, c.Cell))


class PlantRow(TableRow, table="plants", key="plant"):
    plant: c.Segment
    name: c.Text = ""
    time_zone: c.Zone = "UTC"
    currency: c.Code = "EUR"
    issue_location_strategy: c.Strategy = 3
    closed_period_policy: Annotated[w.ClosedPeriod, c.one_of(w.ClosedPeriod)] = "next"
    language: Annotated[Language | Literal[""], c.one_of(Language)] = ""


class ShiftRow(TableRow, table="shifts", key="plant shift"):
    plant: c.Segment
    shift: c.Code
    days: c.Days = frozenset(range(7))
    start: c.Clock
    end: c.Clock


class CalendarExceptionRow(TableRow, table="calendar_exceptions", key="plant date shift"):
    plant: c.Segment
    date: c.Date
    shift: c.Code = ""


class StorageLocationRow(TableRow, table="storage_locations", key="plant location"):
    plant: c.Segment
    location: c.Code
    name: c.Text = ""
    negative_stock: c.YesNo = False


class LineRow(TableRow, table="lines", key="plant line"):
    plant: c.Segment
    line: c.Segment
    work_center: c.Code = ""
    name: c.Text = ""


class MaterialRow(TableRow, table="materials", key="plant material"):
    plant: c.Segment
    material: c.Code
    description: c.Text = ""
    unit: c.Code = "PC"
    decimals: c.Decimals = 0
    type: Annotated[w.MaterialType, c.one_of(w.MaterialType)] = "made"
    standard_price: c.NotNegative = 0
    price_unit: c.Positive = MICRO
    gtin: c.Gtin14 = ""
    issue_location: c.Code = ""
    receiving_location: c.Code = ""
    rem_profile: c.Code = ""
    assembly_scrap_percent: c.Percent = 0
    component_scrap_percent: c.Percent = 0
    backflush: Annotated[w.MaterialBackflush, c.one_of(w.MaterialBackflush)] = "always"
    phantom: c.YesNo = False
    bulk: c.YesNo = False
    lot_size_rule: Annotated[w.LotSizeRule, c.one_of(w.LotSizeRule)] = "exact"
    lot_size: c.NotNegative = 0


class UnitRow(TableRow, table="units", key="material unit"):
    material: c.Code
    unit: c.Code
    numerator: c.Positive
    denominator: c.Positive = MICRO


class GtinRow(TableRow, table="gtins", key="gtin"):
    gtin: c.Gtin14
    material: c.Code
    unit: c.Code = ""


class AliasRow(TableRow, table="aliases", key="code"):
    code: c.Text
    kind: Annotated[w.AliasKind, c.one_of(w.AliasKind)]
    value: c.Text


class BomRow(TableRow, table="boms", key="plant material alternative revision"):
    plant: c.Segment
    material: c.Code
    alternative: c.Code = "1"
    base_quantity: c.Positive = MICRO
    revision: c.Code = ""
    valid_from: c.Date = EARLIEST
    valid_to: c.Date = LATEST


class BomItemRow(TableRow, table="bom_items", key="plant material alternative revision item valid_from"):
    plant: c.Segment
    material: c.Code
    alternative: c.Code = "1"
    revision: c.Code = ""
    item: c.Code
    component: c.Code
    quantity: c.Quantity
    unit: c.Code = ""
    operation: c.Segment = ""
    issue_location: c.Code = ""
    issue_mode: Annotated[w.IssueMode | Literal[""], c.one_of(w.IssueMode)] = ""
    fixed_quantity: c.YesNo = False
    component_scrap_percent: c.Percent = 0
    operation_scrap_percent: c.Percent = 0
    net: c.YesNo = False
    valid_from: c.Date = EARLIEST
    valid_to: c.Date = LATEST


class WorkCenterRow(TableRow, table="work_centers", key="plant work_center"):
    plant: c.Segment
    work_center: c.Code
    name: c.Text = ""
    cost_center: c.Code = ""
    capacity_hours: c.NotNegative = 0
    backflush: c.YesNo = False


class ActivityRateRow(TableRow, table="activity_rates", key="plant work_center activity"):
    plant: c.Segment
    work_center: c.Code
    activity: c.Code
    rate_per_hour: c.NotNegative


class RoutingRow(TableRow, table="routings", key="plant material routing"):
    plant: c.Segment
    material: c.Code
    routing: c.Code = "1"
    base_quantity: c.Positive = MICRO
    valid_from: c.Date = EARLIEST
    valid_to: c.Date = LATEST


class OperationRow(TableRow, table="operations", key="plant material routing operation"):
    plant: c.Segment
    material: c.Code
    routing: c.Code = "1"
    operation: c.Segment
    work_center: c.Code
    description: c.Text = ""
    reporting_point: c.YesNo = False
    scrap_percent: c.Percent = 0
    backflush: Annotated[w.OperationBackflush | Literal[""], c.one_of(w.OperationBackflush)] = ""


class OperationActivityRow(
    TableRow, table="operation_activities", key="plant material routing operation activity fixed"
):
    plant: c.Segment
    material: c.Code
    routing: c.Code = "1"
    operation: c.Segment
    activity: c.Code
    hours: c.NotNegative
    fixed: c.YesNo = False


class VersionRow(TableRow, table="production_versions", key="plant material version"):
    plant: c.Segment
    material: c.Code
    version: c.Code
    bom_alternative: c.Code = ""
    routing: c.Code = ""
    line: c.Segment
    valid_from: c.Date = EARLIEST
    valid_to: c.Date = LATEST
    lot_size_from: c.NotNegative = 0
    lot_size_to: c.NotNegative = 0
    receiving_location: c.Code = ""
    issue_location: c.Code = ""
    locked: c.YesNo = False


class EstimateActivityRow(
    TableRow, table="estimate_activities", key="plant material version operation work_center activity fixed valid_from"
):
    plant: c.Segment
    material: c.Code
    version: c.Code
    operation: c.Segment
    work_center: c.Code
    activity: c.Code
    hours: c.NotNegative
    base_quantity: c.Positive = MICRO
    valid_from: c.Date = EARLIEST
    valid_to: c.Date = LATEST
    fixed: c.YesNo = False


class ProfileRow(TableRow, table="rem_profiles", key="profile"):
    profile: c.Code
    goods_issue: c.YesNo = True
    activities: c.YesNo = True
    reporting_points: Annotated[w.ReportingPoints, c.one_of(w.ReportingPoints)] = "none"
    auto_goods_receipt: c.YesNo = False
    backfill: Annotated[w.Backfill, c.one_of(w.Backfill)] = "none"
    order_reduction: Annotated[w.OrderReduction, c.one_of(w.OrderReduction)] = "none"
    order_window_days: c.OptionalCount = None
    withdrawal_errors: Annotated[w.WithdrawalErrors, c.one_of(w.WithdrawalErrors)] = "backlog"
    stock_determination: c.YesNo = False
    include_component_scrap: c.YesNo = False
    activity_source: Annotated[w.ActivitySource, c.one_of(w.ActivitySource)] = "standard_values"
    goods_issue_timing: Annotated[Timing, c.one_of(Timing)] = ONLINE
    activity_timing: Annotated[Timing, c.one_of(Timing)] = ONLINE
    cumulate_goods_issues: c.YesNo = False
    cumulate_activities: c.YesNo = False
    recreate_orders_on_reversal: c.YesNo = False
    movement_receipt: c.Movement = "131"
    movement_issue: c.Movement = "261"
    movement_scrap: c.Movement = "551"
    movement_by_product: c.Movement = "531"


class DeviceRow(TableRow, table="devices", key="device"):
    device: c.DeviceId
    plant: c.Segment = ""
    line: c.RoamingLine = ""
    operation: c.Segment = ""
    kind: Annotated[w.DeviceKind, c.one_of(w.DeviceKind)] = "counter"
    role: Annotated[w.Role, c.one_of(w.Role)] = "good"
    decoder: c.Decoder = "native"
    modulus: c.OptionalCountFromOne = None
    max_step: c.OptionalCountFromOne = None
    reset: Annotated[w.Reset, c.one_of(w.Reset)] = "quarantine"
    weight: c.Positive = MICRO
    first: Annotated[w.FirstTotal, c.one_of(w.FirstTotal)] = "baseline"
    window: c.Window = ""
    unit: c.Code = ""
    time_zone: c.Zone = ""
    stale_s: c.Count = 0
    disabled: c.YesNo = False
    language: Annotated[Language | Literal[""], c.one_of(Language)] = ""
    context_s: c.CountFromOne = 120


class RunRow(TableRow, table="runs", key="plant line start"):
    plant: c.Segment
    line: c.Segment
    material: c.Code
    version: c.Code
    start: c.Moment
    end: c.Moment = ""
    batch: c.Code = ""
    sales_order: c.Code = ""
    sales_order_item: c.Code = ""
    revision: c.Code = ""


class PlannedOrderRow(TableRow, table="planned_orders", key="order"):
    order: c.Code
    plant: c.Segment
    material: c.Code
    version: c.Code = ""
    line: c.Segment = ""
    start: c.Date
    finish: c.Date = ""
    quantity: c.Positive
    closed: c.YesNo = False


class OrderComponentRow(TableRow, table="planned_order_components", key="order item"):
    order: c.Code
    item: c.Code
    component: c.Code
    quantity: c.Quantity
    unit: c.Code = ""
    operation: c.Segment = ""


class SalesOrderRow(TableRow, table="sales_orders", key="order item"):
    order: c.Code
    item: c.Code
    plant: c.Segment
    material: c.Code
    quantity: c.Positive
    date: c.Date


class DemandRow(TableRow, table="demands", key="plant material date kind"):
    plant: c.Segment
    material: c.Code
    date: c.Date
    quantity: c.NotNegative
    kind: c.Code = ""


class OperatorRow(TableRow, table="operators", key="operator"):
    operator: c.Code
    name: c.Text = ""
    language: c.Code = ""


class ScrapReasonRow(TableRow, table="scrap_reasons", key="reason"):
    reason: c.Code
    text: c.Text = ""


class BatchRow(TableRow, table="batches", key="plant material batch"):
    plant: c.Segment
    material: c.Code
    batch: c.Code
    received: c.Date = ""
    expires: c.Date = ""


class OpeningStockRow(TableRow, table="opening_stock", key="plant material location batch stock_type"):
    plant: c.Segment
    material: c.Code
    location: c.Code
    batch: c.Code = ""
    stock_type: c.StockType = ""
    quantity: c.Quantity


class OverheadRow(TableRow, table="overheads", key="plant base"):
    plant: c.Segment
    base: c.Code
    percent: c.Percent
