"""Every column of every table decides something, or whoever fills it in is told that it does not; nothing lies between.

One plant and a few days of it are folded by the engine. Each column is changed in one row, and what is found wrong, or
what the ledger and the devices are told, is another (`CHANGED`; columns of keys: a row goes). What is kept for later is
warned of and changes nothing; texts for people change nothing. A new column has to be put into one of these lists.
"""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.checks.later import LATER, SCRAP
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.busy_plant import PLANT, days, key_of, parsed, read, write

ROOT = Path(__file__).parents[3]
TEXTS = ("plants.name", "storage_locations.name", "lines.name", "work_centers.name", "operations.description")
"""Texts for whoever reads the tables: they decide nothing, and never will."""


class Changed(NamedTuple):
    """A column, a word of the row, what is written there instead, and what has to be so before that it shows."""

    column: str
    row: str
    value: str
    before: tuple[tuple[str, str, str], ...] = ()


CHANGED = (
    Changed("plants.time_zone", "1000", "Asia/Tokyo"),
    Changed("plants.currency", "1000", "JPY"),
    Changed("plants.issue_location_strategy", "1000", "2"),
    Changed("plants.closed_period_policy", "1000", "wait"),
    Changed("plants.language", "1000", "de"),
    Changed("shifts.days", "E", "Tue-Sun"),
    Changed("shifts.start", "E", "07:00"),
    Changed("shifts.end", "E", "13:00"),
    Changed("storage_locations.negative_stock", "RAW", "no"),
    Changed("materials.description", "FG", "Pump"),
    Changed("materials.unit", "A", "G"),
    Changed("materials.decimals", "A", "0"),
    Changed("materials.standard_price", "A", "6"),
    Changed("materials.price_unit", "A", "1000"),
    Changed("materials.gtin", "FG", ""),
    Changed("materials.issue_location", "A", "WIP"),
    Changed("materials.receiving_location", "FG", "WIP"),
    Changed("materials.rem_profile", "FG", "R3"),
    Changed("materials.component_scrap_percent", "A", "10"),
    Changed("materials.backflush", "A", "work_center"),
    Changed("materials.phantom", "KIT", "yes"),
    Changed("materials.bulk", "A", "yes"),
    Changed("units.numerator", "D", "10"),
    Changed("units.denominator", "D", "2"),
    Changed("gtins.material", "02000000001012", "D"),
    Changed("gtins.unit", "02000000001012", ""),
    Changed("aliases.kind", "pump", "version"),
    Changed("aliases.value", "tens", "BF:QTY:9"),
    Changed("boms.base_quantity", "FG", "2"),
    Changed("boms.valid_from", "FG", "2027-01-01"),
    Changed("boms.valid_to", "FG", "2026-02-01"),
    Changed("bom_items.component", "FG 1  10", "C"),
    Changed("bom_items.quantity", "FG 1  10", "0.5"),
    Changed("bom_items.unit", "FG 1  30", "PC"),
    Changed("bom_items.operation", "FG 1  10", "0020"),
    Changed("bom_items.issue_location", "FG 1  10", "WIP"),
    Changed("bom_items.issue_mode", "FG 1  10", "manual"),
    Changed("bom_items.fixed_quantity", "FG 1  10", "yes"),
    Changed("bom_items.component_scrap_percent", "FG 1  10", "10"),
    Changed("bom_items.valid_to", "FG 1  10", "2026-02-01"),
    Changed("work_centers.cost_center", "W1", "CC9"),
    Changed("work_centers.backflush", "W1", "yes", (("materials.backflush", "A", "work_center"),)),
    Changed("activity_rates.rate_per_hour", "W1", "61"),
    Changed("routings.base_quantity", "FG 1", "20"),
    Changed("routings.valid_from", "FG 1", "2027-01-01"),
    Changed("routings.valid_to", "FG 1", "2026-02-01"),
    Changed("operations.work_center", "FG 1 0010", "W2"),
    Changed("operations.reporting_point", "FG 1 0010", "no"),
    Changed("operations.backflush", "FG 1 0010", "no"),
    Changed("operation_activities.hours", "FG 1 0010", "2"),
    Changed("production_versions.bom_alternative", "FG V1", "2"),
    Changed("production_versions.routing", "FG V1", "2"),
    Changed("production_versions.line", "FG V1", "L3"),
    Changed("production_versions.valid_from", "FG V1", "2027-01-01"),
    Changed("production_versions.valid_to", "FG V1", "2026-02-01"),
    Changed("production_versions.lot_size_from", "FG V2", "2000"),
    Changed("production_versions.lot_size_to", "FG V2", "10"),
    Changed("production_versions.receiving_location", "FG V1", "WIP"),
    Changed("production_versions.issue_location", "FG V1", "RAW", (("materials.issue_location", "A", ""),)),
    Changed("production_versions.locked", "FG V1", "yes"),
    Changed("estimate_activities.hours", "V1", "0.75"),
    Changed("estimate_activities.base_quantity", "V1", "2"),
    Changed("estimate_activities.valid_to", "V1", "2026-02-01"),
    Changed("devices.plant", "c1", ""),
    Changed("devices.line", "c1", "L3"),
    Changed("devices.operation", "c1", "0010"),
    Changed("devices.kind", "c1", "scanner"),
    Changed("devices.role", "c1", "scrap"),
    Changed("devices.modulus", "c2", ""),
    Changed("devices.max_step", "c1", "2"),
    Changed("devices.reset", "c3", "quarantine"),
    Changed("devices.weight", "c1", "2"),
    Changed("devices.first", "c1", "baseline"),
    Changed("devices.window", "c1", "shift"),
    Changed("devices.unit", "c1", "BOX"),
    Changed("devices.decoder", "c1", "number"),
    Changed("devices.time_zone", "c1", "Asia/Tokyo"),
    Changed("devices.disabled", "c1", "yes"),
    Changed("devices.language", "s1", "de"),
    Changed("devices.context_s", "s1", "59"),
    Changed("runs.material", "L2", "FG"),
    Changed("runs.version", "L2", "V2"),
    Changed("runs.end", "L2", "2026-02-01T00:00"),
    Changed("runs.batch", "L2", "LOT2"),
    Changed("runs.sales_order", "L2", "S2"),
    Changed("runs.sales_order_item", "L2", "20"),
    Changed("runs.revision", "L2", "R2"),
    Changed("planned_orders.plant", "O1", "2000"),
    Changed("planned_orders.material", "O1", "FH"),
    Changed("planned_orders.version", "O1", "V2"),
    Changed("planned_orders.line", "O2", "L1"),
    Changed("planned_orders.start", "O2", "2026-03-31"),
    Changed("planned_orders.finish", "O2", "2026-03-02"),
    Changed("planned_orders.quantity", "O1", "5"),
    Changed("planned_orders.closed", "O1", "yes"),
    Changed("planned_order_components.component", "O3 10", "C"),
    Changed("planned_order_components.quantity", "O3 10", "600"),
    Changed("planned_order_components.unit", "O3 20", ""),
    Changed("planned_order_components.operation", "O3 10", "0020"),
    Changed("sales_orders.plant", "S1", "2000"),
    Changed("sales_orders.material", "S1", "FG"),
    Changed("sales_orders.quantity", "S1", "1"),
    Changed("operators.name", "7", "Berta"),
    Changed("operators.language", "7", "de"),
    Changed("scrap_reasons.text", "DENT", "beaten"),
    Changed("batches.received", "B2", "2026-02-01"),
    Changed("batches.expires", "B2", "2026-03-20"),
    Changed("opening_stock.quantity", "B1", "9"),
)
LATER_COLUMNS = {
    "lines.work_center": ("L9", "W1"),
    "materials.type": ("A", "bought"),
    "materials.assembly_scrap_percent": ("FG", "10"),
    "materials.lot_size_rule": ("FG", "fixed"),
    "materials.lot_size": ("FG", "12"),
    "bom_items.operation_scrap_percent": ("FG 1  10", "10"),
    "bom_items.net": ("FG 1  10", "yes"),
    "operations.scrap_percent": ("FG 1 0010", "10"),
    "work_centers.capacity_hours": ("W1", "22"),
    "sales_orders.date": ("S1", "2026-03-21"),
    "demands.quantity": ("FG", "11"),
    "demands.kind": ("FG", "X"),
    "overheads.percent": ("material", "6"),
}
"""A word of a row, and what is written there."""
ELSEWHERE = {"devices.stale_s": "tests/unit/service/test_device_presence.py"} | {
    f"rem_profiles.{name}": "docs/profiles.md" for name in TABLES["rem_profiles"].model_fields if name != "profile"
}
"""What other tests change: silence is the service's matter, profiles have a page that runs every value."""
NO_EFFECT = {"demands", "overheads"}
"""Tables that are kept for later as a whole."""


@cache
def outcome(*written: tuple[str, str, str]) -> tuple[str, ...]:
    """Return what is found wrong with the plant, with some cells written, and what becomes of its days."""
    cells = read(PLANT)
    for cell in written:
        write(cells, *cell)
    return days(cells)


@pytest.mark.parametrize("change", CHANGED, ids=lambda change: change.column)
def test_a_changed_column_changes_what_becomes_of_it(change: Changed) -> None:
    before = outcome(*change.before)
    assert not any(line.startswith(("error", "refused")) for line in before)
    assert outcome(*change.before, (change.column, change.row, change.value)) != before


@pytest.mark.parametrize("table", sorted(TABLES.keys() - NO_EFFECT))
def test_a_row_that_goes_changes_what_becomes_of_it(table: str) -> None:
    cells, whole = read(PLANT), outcome()
    for position in range(len(cells[table])):
        fewer = {**cells, table: [row for n, row in enumerate(cells[table]) if n != position]}
        if days(fewer) != whole:
            return
    pytest.fail(f"no row of {table} is missed")


@pytest.mark.parametrize("column", LATER_COLUMNS)
def test_what_decides_nothing_yet_is_warned_of_and_decides_nothing(column: str) -> None:
    row, value = LATER_COLUMNS[column]
    cells = read(PLANT)
    for name in ("operation_scrap_percent", "lot_size"):
        # Without these, what goes with them is told of as well.
        cells["bom_items" if name.startswith("op") else "materials"][0][name] = "5"
    before = days(cells)
    write(cells, column, row, value)
    assert any(column in f.text and f.severity == "warning" for f in check_tables(parsed(cells)))
    assert days(cells) == before


@pytest.mark.parametrize("column", TEXTS)
def test_texts_for_people_decide_nothing(column: str) -> None:
    table, _ = column.split(".")
    cells = read(PLANT)
    first = key_of(TABLES[table], cells[table][0])
    write(cells, column, " ".join(first), "Something")
    assert days(cells) == outcome()


def test_what_no_profile_includes_is_warned_of() -> None:
    cells = read(PLANT)
    write(cells, "materials.component_scrap_percent", "A", "10")
    assert not any("component_scrap_percent" in f.text for f in check_tables(parsed(cells)))
    write(cells, "rem_profiles.include_component_scrap", "R", "no")
    [told] = [f for f in check_tables(parsed(cells)) if "component_scrap_percent" in f.text]
    assert (told.severity, told.table, told.field) == ("warning", "materials", "component_scrap_percent")


def test_what_is_in_use_already_is_not_warned_of_again() -> None:
    cells = read(PLANT)
    write(cells, "materials.lot_size", "FG", "12")
    found = parsed(cells)
    brought = Tables(found.rows, {key: at for key, at in found.origins.items() if key[0] == "runs"})
    assert not [f for f in check_tables(brought) if " in this version: " in f.text]


def test_there_is_no_column_between() -> None:
    keys = {f"{table}.{column}" for table, kind in TABLES.items() for column in kind.key_columns}
    later = [column for columns in (*LATER.values(), *SCRAP) for column in columns]
    known: list[Iterable[str]] = [[change.column for change in CHANGED], later, TEXTS, ELSEWHERE]
    columns = [f"{table}.{column}" for table, kind in TABLES.items() for column in kind.model_fields]
    told = [column for list_ in known for column in list_]
    assert sorted(told) == sorted(set(told)), "a column stands in two lists"
    assert set(columns) - keys - set(told) == set(), "what do they decide?"
    assert set(told) <= set(columns), "there is no such column"
    assert set(later) == LATER_COLUMNS.keys()
    for column, place in ELSEWHERE.items():
        assert column.split(".")[1] in (ROOT / place).read_text(encoding="utf-8"), place


def test_the_plant_of_this_page_has_every_table_and_nothing_wrong() -> None:
    assert set(read(PLANT)) == set(TABLES)
    assert [line for line in outcome() if line.startswith("error")] == []
