"""References from rows of one table to another, as one readable list.

A reference whose last column is empty names nothing. A plant may leave all of its locations unlisted: then any name is
good.
"""

from collections.abc import Iterator
from typing import NamedTuple

from gateway.backflush.posting.names import no_location, no_material, no_work_center
from gateway.masterdata import rows as r
from gateway.masterdata.cells import reader
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Finding, Tables


class Reference(NamedTuple):
    """Columns of a table that must be found in columns of another."""

    source: type[r.TableRow]
    columns: str
    target: type[r.TableRow]
    target_columns: str
    what: str


_PLANT_OF = tuple(
    Reference(kind, "plant", r.PlantRow, "plant", "plant")
    for kind in TABLES.values()
    if "plant" in kind.model_fields and kind is not r.PlantRow
)
_LOCATIONS = tuple(
    Reference(kind, f"plant {column}", r.StorageLocationRow, "plant location", "storage location")
    for kind in TABLES.values()
    for column in ("issue_location", "receiving_location", "location")
    if column in kind.model_fields and kind is not r.StorageLocationRow
)
_MATERIALS = tuple(
    Reference(kind, "plant material", r.MaterialRow, "plant material", "material")
    for kind in TABLES.values()
    if {"plant", "material"} <= kind.model_fields.keys() and kind is not r.MaterialRow
)
REFERENCES = (
    *_PLANT_OF,
    *_MATERIALS,
    *_LOCATIONS,
    Reference(r.CalendarExceptionRow, "plant shift", r.ShiftRow, "plant shift", "shift"),
    Reference(r.LineRow, "plant work_center", r.WorkCenterRow, "plant work_center", "work center"),
    Reference(r.MaterialRow, "rem_profile", r.ProfileRow, "profile", "REM profile"),
    Reference(r.UnitRow, "material", r.MaterialRow, "material", "material"),
    Reference(r.GtinRow, "material", r.MaterialRow, "material", "material"),
    Reference(
        r.BomItemRow,
        "plant material revision alternative",
        r.BomRow,
        "plant material revision alternative",
        "bill of material",
    ),
    Reference(r.BomItemRow, "plant component", r.MaterialRow, "plant material", "component"),
    Reference(r.ActivityRateRow, "plant work_center", r.WorkCenterRow, "plant work_center", "work center"),
    Reference(r.OperationRow, "plant material routing", r.RoutingRow, "plant material routing", "routing"),
    Reference(r.OperationRow, "plant work_center", r.WorkCenterRow, "plant work_center", "work center"),
    Reference(
        r.OperationActivityRow,
        "plant material routing operation",
        r.OperationRow,
        "plant material routing operation",
        "operation",
    ),
    Reference(
        r.VersionRow, "plant material bom_alternative", r.BomRow, "plant material alternative", "bill of material"
    ),
    Reference(r.VersionRow, "plant material routing", r.RoutingRow, "plant material routing", "routing"),
    Reference(
        r.EstimateActivityRow, "plant material version", r.VersionRow, "plant material version", "production version"
    ),
    Reference(r.EstimateActivityRow, "plant work_center", r.WorkCenterRow, "plant work_center", "work center"),
    Reference(r.RunRow, "plant material version", r.VersionRow, "plant material version", "production version"),
    Reference(
        r.PlannedOrderRow, "plant material version", r.VersionRow, "plant material version", "production version"
    ),
    Reference(r.OrderComponentRow, "order", r.PlannedOrderRow, "order", "planned order"),
)

_REFUSED = {r.MaterialRow: no_material, r.StorageLocationRow: no_location, r.WorkCenterRow: no_work_center}
"""The sentence of every door, of plant and name."""


def unknown_names(tables: Tables) -> Iterator[Finding]:
    """Yield a finding for every unknown name; below an unknown plant only for the plant."""
    plants = {row.plant for row in tables.of(r.PlantRow)} | {
        key[0] for table, key in tables.refused if table == r.PlantRow.table
    }
    known: dict[tuple[str, str], set[tuple[str, ...]]] = {}
    listed = {row.plant for row in tables.of(r.StorageLocationRow)}
    told: set[tuple[str, r.Key, str]] = set()
    for reference in REFERENCES:
        columns, targets = reference.columns.split(), reference.target_columns.split()
        names = known.get((reference.target.table, reference.target_columns))
        if names is None:
            names = _names(tables, reference.target, targets)
            known[reference.target.table, reference.target_columns] = names
        read = reader(columns)
        for row in tables.of(reference.source):
            name = read(row)
            if not name[-1] or name in names:
                continue
            if len(columns) > 1 and columns[0] == "plant" and name[0] not in plants:
                continue
            if reference.target is r.StorageLocationRow and name[0] not in listed:
                continue
            mark = (row.table, row.key(), "/".join(name))
            if mark in told:
                continue
            told.add(mark)
            where = tables.origin(row)
            text = f"expected a known {reference.what}, got {'/'.join(filter(None, name))}"
            if len(name) > 1 and (refuse := _REFUSED.get(reference.target)):
                refused = refuse(*name)
                text = f"{refused.code} {refused.text}"
            yield Finding(where.file, where.row, columns[-1], text, row.table)


def _names(tables: Tables, target: type[r.TableRow], columns: list[str]) -> set[tuple[str, ...]]:
    names = set(map(reader(columns), tables.of(target)))
    positions = [target.key_columns.index(column) for column in columns if column in target.key_columns]
    if len(positions) == len(columns):
        names |= {tuple(key[i] for i in positions) for table, key in tables.refused if table == target.table}
    return names
