"""Build the engine's snapshot from tables; pure, and total for checked tables.

The snapshot's master data is indexed for the engine. Runs, planned orders and opening stock are state: they are handed
over next to it, and `narrow` narrows them to the changes of one import, so that an import with an unchanged row does
not reopen a run that the shop floor has ended since.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import time
from functools import cache
from math import gcd
from typing import Any, NamedTuple

from gateway.backflush.plant import snapshot as s
from gateway.backflush.plant.snapshot import ROAMING, BomItem, Imported, MasterData, PlannedOrder
from gateway.backflush.plant.versions import ProductionVersion, Run
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.phrases import LANGUAGES
from gateway.masterdata import rows as r
from gateway.masterdata.amendments import Amendment
from gateway.masterdata.cells import microseconds
from gateway.masterdata.tables import Tables

_RENAMED = {
    "standard_price": "price",
    "fixed_quantity": "fixed",
    "component_scrap_percent": "component_scrap",
    "operation_scrap_percent": "operation_scrap",
}
"""Columns that have another name in the snapshot."""


def build(tables: Tables) -> Imported:
    """Return the snapshot of the tables and their state; an absent table of state is None."""
    return Imported(
        master=master_of(tables),
        runs=runs_of(tables) if tables.has_table(r.RunRow) else None,
        orders=orders_of(tables) if tables.has_table(r.PlannedOrderRow) else None,
        opening_stock=opening_stock_of(tables) if tables.has_table(r.OpeningStockRow) else None,
    )


def narrow(imported: Imported, change: Amendment) -> Imported:
    """Narrow the state of an amended snapshot to the rows that the import has touched."""
    new = change.given
    zones = {plant.plant: plant.time_zone for plant in imported.master.plants.values()}
    runs = {(row.plant, row.line, microseconds(row.start, zones[row.plant])) for row in new.of(r.RunRow)}
    orders = {key[0] for table, key in change.keys if table in (r.PlannedOrderRow.table, r.OrderComponentRow.table)}
    return imported._replace(
        runs=tuple(run for run in imported.runs or () if run[:3] in runs) if new.has_table(r.RunRow) else None,
        orders=tuple(order for order in imported.orders or () if order.order in orders) if orders else None,
        opening_stock=imported.opening_stock if change.touches(r.OpeningStockRow) else None,
    )


def master_of(tables: Tables) -> MasterData:
    """Return the engine's index of names; also for tables with errors."""
    closed = frozenset(row.order for row in tables.of(r.PlannedOrderRow) if row.closed)
    parts = {name: part.of(tables) for name, part in PARTS.items()}
    return derive_lines(
        MasterData(digest=tables.digest, closed_orders=closed, gtins=gtins_of(tables), **parts), tables.of(r.LineRow)
    )


def derive_lines(master: MasterData, lines: Iterable[r.LineRow]) -> MasterData:
    """Return master data with its lines: those of their own rows, of versions and of devices."""
    of_line: dict[tuple[str, str], list[ProductionVersion]] = defaultdict(list)
    for versions in master.versions.values():
        for version in versions:
            of_line[version.plant, version.line].append(version)
    named = [*of_line, *((d.plant, d.line) for d in master.devices.values() if d.line != ROAMING)]
    return replace(
        master,
        versions_of_line={key: tuple(found) for key, found in of_line.items()},
        lines=dict.fromkeys(named, "") | {(row.plant, row.line): row.name for row in lines},
    )


@cache
def _columns(row: type[r.TableRow], record: type) -> Mapping[str, str]:
    """Return the columns of a row that a kind of record has, by the record's name."""
    named = {_RENAMED.get(column, column): column for column in row.model_fields}
    return {name: column for name, column in named.items() if name in record.__annotations__}


def _alike(row: r.TableRow, record: type) -> dict[str, Any]:
    """Return what a record takes over from a row."""
    return {name: getattr(row, column) for name, column in _columns(type(row), record).items()}


def _plants(tables: Tables) -> Mapping[str, s.Plant]:
    shifts: dict[str, list[s.Shift]] = defaultdict(list)
    for row in tables.of(r.ShiftRow):
        shifts[row.plant].append(
            s.Shift(row.shift, row.days, time.fromisoformat(row.start), time.fromisoformat(row.end))
        )
    exceptions: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for exception in tables.of(r.CalendarExceptionRow):
        exceptions[exception.plant].add((exception.date, exception.shift))
    return {
        row.plant: s.Plant(**dict(row), shifts=tuple(shifts[row.plant]), exceptions=frozenset(exceptions[row.plant]))
        for row in tables.of(r.PlantRow)
    }


def _materials(tables: Tables) -> Mapping[tuple[str, str], s.Material]:
    units: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
    for unit in tables.of(r.UnitRow):
        divisor = gcd(unit.numerator, unit.denominator)
        units[unit.material][unit.unit] = (unit.numerator // divisor, unit.denominator // divisor)
    return {
        (row.plant, row.material): s.Material(**_alike(row, s.Material), units=units.get(row.material, {}))
        for row in tables.of(r.MaterialRow)
    }


def _boms(tables: Tables) -> Mapping[tuple[str, str, str], tuple[s.Bom, ...]]:
    items: dict[tuple[str, ...], list[BomItem]] = defaultdict(list)
    for row in tables.of(r.BomItemRow):
        items[row.plant, row.material, row.alternative, row.revision].append(BomItem(**_alike(row, BomItem)))
    boms: dict[tuple[str, str, str], list[s.Bom]] = defaultdict(list)
    for bom in tables.of(r.BomRow):
        boms[bom.plant, bom.material, bom.alternative].append(s.Bom(**dict(bom), items=tuple(items[bom.key()])))
    return {key: tuple(found) for key, found in boms.items()}


def _work_centers(tables: Tables) -> Mapping[tuple[str, str], s.WorkCenter]:
    rates: dict[tuple[str, str], dict[str, int]] = defaultdict(dict)
    for rate in tables.of(r.ActivityRateRow):
        rates[rate.plant, rate.work_center][rate.activity] = rate.rate_per_hour
    return {
        (row.plant, row.work_center): s.WorkCenter(
            **_alike(row, s.WorkCenter), rates=rates.get((row.plant, row.work_center), {})
        )
        for row in tables.of(r.WorkCenterRow)
    }


def _routings(tables: Tables) -> Mapping[tuple[str, str, str], tuple[s.Routing, ...]]:
    values: dict[tuple[str, ...], list[s.StandardValue]] = defaultdict(list)
    for value in tables.of(r.OperationActivityRow):
        values[value.plant, value.material, value.routing, value.operation].append(
            s.StandardValue(value.activity, value.hours, value.fixed)
        )
    operations: dict[tuple[str, ...], list[s.Operation]] = defaultdict(list)
    for row in tables.of(r.OperationRow):
        operations[row.plant, row.material, row.routing].append(
            s.Operation(**_alike(row, s.Operation), activities=tuple(values[row.key()]))
        )
    return {
        (row.plant, row.material, row.routing): (
            s.Routing(**dict(row), operations=tuple(sorted(operations[row.key()], key=lambda o: o.operation))),
        )
        for row in tables.of(r.RoutingRow)
    }


def _estimates(tables: Tables) -> Mapping[tuple[str, str, str], tuple[s.EstimateActivity, ...]]:
    estimates: dict[tuple[str, str, str], list[s.EstimateActivity]] = defaultdict(list)
    for row in tables.of(r.EstimateActivityRow):
        activity = s.EstimateActivity(**_alike(row, s.EstimateActivity))
        estimates[row.plant, row.material, row.version].append(activity)
    return {key: tuple(sorted(found)) for key, found in estimates.items()}


def _versions(tables: Tables) -> Mapping[tuple[str, str], tuple[ProductionVersion, ...]]:
    versions: dict[tuple[str, str], list[ProductionVersion]] = defaultdict(list)
    for row in tables.of(r.VersionRow):
        versions[row.plant, row.material].append(ProductionVersion(**dict(row)))
    return {key: tuple(found) for key, found in versions.items()}


def gtins_of(tables: Tables) -> Mapping[str, s.Gtin]:
    """Return the meaning of each GTIN; one in the table of GTINs precedes one in a material's row."""
    own = {row.gtin: s.Gtin(row.material, row.unit) for row in tables.of(r.MaterialRow) if row.gtin}
    return own | {row.gtin: s.Gtin(row.material, row.unit) for row in tables.of(r.GtinRow)}


def runs_of(tables: Tables) -> tuple[Run, ...]:
    """Return the runs of the tables, by line and start."""
    zones = {plant.plant: plant.time_zone for plant in tables.of(r.PlantRow)}
    runs = []
    for row in tables.of(r.RunRow):
        start, end = (microseconds(at, zones[row.plant]) if at else None for at in (row.start, row.end))
        runs.append(Run(**{**dict(row), "start": start, "end": end}))
    return tuple(sorted(runs, key=lambda run: run[:3]))


def orders_of(tables: Tables) -> tuple[PlannedOrder, ...]:
    """Return the planned orders of the tables."""
    components: dict[str, list[BomItem]] = defaultdict(list)
    for row in tables.of(r.OrderComponentRow):
        components[row.order].append(BomItem(**_alike(row, BomItem)))
    return tuple(
        PlannedOrder(**_alike(row, PlannedOrder), components=tuple(components[row.order]))
        for row in tables.of(r.PlannedOrderRow)
    )


def opening_stock_of(tables: Tables) -> Mapping[StockKey, int]:
    """Return the opening stock of the tables."""
    return {
        StockKey(row.plant, row.material, row.location, row.batch, row.stock_type): row.quantity
        for row in tables.of(r.OpeningStockRow)
    }


class SnapshotPart(NamedTuple):
    """A mapping of the snapshot, and its rows.

    Keys and rows with the same leading columns are a group: an entry is made only of the rows of its own group.
    """

    columns: int
    of: Callable[[Tables], Mapping[Any, Any]]
    tables: tuple[type[r.TableRow], ...]


PARTS: Mapping[str, SnapshotPart] = {
    "plants": SnapshotPart(1, _plants, (r.PlantRow, r.ShiftRow, r.CalendarExceptionRow)),
    "locations": SnapshotPart(
        2,
        lambda tables: {
            (row.plant, row.location): s.StorageLocation(**dict(row)) for row in tables.of(r.StorageLocationRow)
        },
        (r.StorageLocationRow,),
    ),
    "materials": SnapshotPart(2, _materials, (r.MaterialRow, r.UnitRow)),
    "boms": SnapshotPart(2, _boms, (r.BomRow, r.BomItemRow)),
    "work_centers": SnapshotPart(2, _work_centers, (r.WorkCenterRow, r.ActivityRateRow)),
    "routings": SnapshotPart(2, _routings, (r.RoutingRow, r.OperationRow, r.OperationActivityRow)),
    "versions": SnapshotPart(2, _versions, (r.VersionRow,)),
    "estimates": SnapshotPart(2, _estimates, (r.EstimateActivityRow,)),
    "profiles": SnapshotPart(
        1, lambda tables: {row.profile: s.RemProfile(**dict(row)) for row in tables.of(r.ProfileRow)}, (r.ProfileRow,)
    ),
    "devices": SnapshotPart(
        1,
        lambda tables: {
            row.device: s.Device(**{**dict(row), "line": row.line or ROAMING}) for row in tables.of(r.DeviceRow)
        },
        (r.DeviceRow,),
    ),
    "aliases": SnapshotPart(
        1, lambda tables: {row.code: (row.kind, row.value) for row in tables.of(r.AliasRow)}, (r.AliasRow,)
    ),
    "batches": SnapshotPart(
        3,
        lambda tables: {
            (row.plant, row.material, row.batch): s.Batch(row.received, row.expires) for row in tables.of(r.BatchRow)
        },
        (r.BatchRow,),
    ),
    "scrap_reasons": SnapshotPart(
        1, lambda tables: {row.reason: row.text for row in tables.of(r.ScrapReasonRow)}, (r.ScrapReasonRow,)
    ),
    "operators": SnapshotPart(
        1, lambda tables: {row.operator: row.name for row in tables.of(r.OperatorRow)}, (r.OperatorRow,)
    ),
    "languages": SnapshotPart(
        1,
        lambda tables: {row.operator: row.language for row in tables.of(r.OperatorRow) if row.language in LANGUAGES},
        (r.OperatorRow,),
    ),
    "sales_orders": SnapshotPart(
        0,
        lambda tables: {
            cost_object_of(row.order, row.item, ""): s.SalesOrder(row.plant, row.material, row.quantity)
            for row in tables.of(r.SalesOrderRow)
        },
        (r.SalesOrderRow,),
    ),
}
"""The mappings made of rows directly, by the name of the field."""
