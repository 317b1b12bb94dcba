"""The laws of an import in place: what is amended as text, and shared, is what the whole would have been made of."""

import hashlib
import json
from collections.abc import Iterator
from dataclasses import fields
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import MasterData
from gateway.canonical import dump_difference, join, load_difference, patch, print_row, read, sides, split
from gateway.errors import UsageError
from gateway.masterdata.amendments import amend, amend_text, amendment, difference, dump_amendment, load_amendment
from gateway.masterdata.arrival import take
from gateway.masterdata.build import PARTS, build, narrow
from gateway.masterdata.merge import Missing, diff, find_changes, merge
from gateway.masterdata.renewal import renew
from gateway.masterdata.rows import TABLES, TableRow
from gateway.masterdata.tables import Tables, dump_tables, tables_of
from tests.unit.masterdata.test_laws import any_tables

PLANTS, MADE = ("1000", "2000"), ("M1", "M2", "M3")
ODD = '"},{"plant":"9'
"""Text that looks as the marks between rows do."""
MARKS = st.text(st.sampled_from('{}[]",:\\a'), max_size=6) | st.sampled_from(("},{", '"},{', '\\"},{', "],", '],"a":['))
"""Cells of what the marks between rows and tables consist of."""


def _rows() -> Iterator[tuple[str, dict[str, str], dict[str, str]]]:
    """Yield table, key and two things that a row may say."""
    for plant in PLANTS:
        of = {"plant": plant}
        yield "shifts", {**of, "shift": "early", "start": "06:00"}, {"end": "14:00", "|end": "15:00"}
        yield "calendar_exceptions", {**of, "date": "2026-01-01"}, {}
        yield "storage_locations", {**of, "location": "RM01"}, {"name": "},{", "|name": ODD}
        yield "lines", {**of, "line": "L1"}, {"|name": "],"}
        yield "work_centers", {**of, "work_center": "W1"}, {"|name": "press"}
        yield (
            "activity_rates",
            {**of, "work_center": "W1", "activity": "LABOUR"},
            {"rate_per_hour": "40", "|rate_per_hour": "41"},
        )
    for plant, material in product(PLANTS, MADE):
        of = {"plant": plant, "material": material}
        yield "materials", of, {"gtin": "2000000000015", "|description": ODD}
        yield "materials", of, {"|unit": "KG", "|description": '"},{'}
        yield "batches", {**of, "batch": "B1"}, {"|expires": "2027-01-01"}
        yield "opening_stock", {**of, "location": "RM01"}, {"quantity": "1", "|quantity": "2"}
        for number in ("1", "2"):
            yield "boms", {**of, "alternative": number}, {"|base_quantity": "2"}
            yield "routings", {**of, "routing": number}, {"|base_quantity": "2"}
            yield (
                "bom_items",
                {**of, "alternative": number, "item": "0010"},
                {"component": "C", "quantity": "1", "|quantity": "2"},
            )
            operation = {**of, "routing": number, "operation": "0010"}
            yield "operations", operation, {"work_center": "W1", "|description": "drill"}
            yield "operation_activities", {**operation, "activity": "LABOUR"}, {"hours": "1", "|hours": "2"}
            version = {**of, "version": number}
            yield "production_versions", version, {"line": "L1", "valid_from": "2026-01-01", "|line": "L2"}
            estimated = {**version, "operation": "0010", "work_center": "W1", "activity": "LABOUR"}
            yield "estimate_activities", estimated, {"hours": "1", "|hours": "2"}
            run = {"plant": plant, "line": f"L{number}", "start": "2026-01-01"}
            yield "runs", run, {"material": material, "version": "1", "|version": "2"}
    for material in MADE:
        yield "units", {"material": material, "unit": "BOX"}, {"numerator": "6", "denominator": "1", "|numerator": "8"}
    for name in ("A", "B"):
        order = {"plant": "1000", "material": "M1", "start": "2026-01-01", "quantity": "5"}
        yield "planned_orders", {"order": name}, {**order, "|closed": "yes"}
        yield (
            "planned_order_components",
            {"order": name, "item": "1"},
            {"component": "C", "quantity": "1", "|quantity": "2"},
        )
        sold = {"plant": "1000", "material": "M1", "quantity": "5", "date": "2026-01-01"}
        yield "sales_orders", {"order": name, "item": "10"}, {**sold, "|quantity": "6"}
        yield "devices", {"device": name}, {"plant": "1000", "line": "L1", "|line": "L3"}
        yield "rem_profiles", {"profile": name}, {"|goods_issue": "no"}
        yield "aliases", {"code": name}, {"kind": "material", "value": "M1", "|value": "M2"}
        yield "operators", {"operator": name}, {"|name": "Ann"}
        yield "scrap_reasons", {"reason": name}, {"|text": "burr"}
    for gtin in ("2000000000015", "2000000000022"):
        yield "gtins", {"gtin": gtin}, {"material": "M1", "|material": "M2"}


POOL = [
    [
        TABLES[table].parse({**key, **{n: t for n, t in said.items() if n[0] != "|"}, **more})
        for more in ({}, {n[1:]: t for n, t in said.items() if n[0] == "|"})
    ]
    for table, key, said in _rows()
]
"""Rows with the same key, of which a plant has one or none."""


@st.composite
def plants(draw: st.DrawFn) -> Tables:
    """Draw a plant of which a part may be missing or say something else."""
    chosen = draw(st.lists(st.sampled_from((0, 0, 1, 2)), min_size=len(POOL), max_size=len(POOL)))
    return _plant([rows[choice] for rows, choice in zip(POOL, chosen, strict=True) if choice < len(rows)])


@st.composite
def changes(draw: st.DrawFn) -> tuple[Tables, Tables]:
    """Draw a plant before and after some of its rows are another."""
    old = draw(plants())
    rows = {(row.table, row.key()): row for of_table in old.rows.values() for row in of_table}
    for same in draw(st.lists(st.sampled_from(POOL), max_size=6)):
        row = draw(st.sampled_from((None, *same)))
        rows.pop((same[0].table, same[0].key()), None)
        if row is not None:
            rows[row.table, row.key()] = row
    return old, merge(old, _plant(list(rows.values())), Missing.REMOVED).tables


def _plant(rows: list[TableRow]) -> Tables:
    tables: dict[str, dict[Any, TableRow]] = {
        "plants": {plant: TABLES["plants"].parse({"plant": plant}) for plant in PLANTS}
    }
    for row in rows:
        tables.setdefault(row.table, {})[row.key()] = row
    return tables_of({table: of.values() for table, of in tables.items()}, {})


def _ordered(master: MasterData) -> dict[str, Any]:
    """Return the snapshot with the order of what the engine may go through."""
    found = {field.name: getattr(master, field.name) for field in fields(master)}
    return {
        name: list(of.items()) if isinstance(of, dict) and name != "sales_orders" else of for name, of in found.items()
    }


@given(
    st.dictionaries(
        st.sampled_from(("a", "b")),
        st.lists(st.dictionaries(st.sampled_from(("a", "b", "c")), MARKS, min_size=1), max_size=4),
        min_size=1,
    )
)
def test_a_text_is_taken_apart_into_the_rows_that_it_was_printed_of(tables: dict[str, list[dict[str, str]]]) -> None:
    text = json.dumps(tables, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()
    texts = split(text)
    assert {table: [read(row) for row in rows] for table, rows in texts.items()} == tables
    assert texts == {table: [print_row(row) for row in rows] for table, rows in tables.items()}
    assert join(texts) == text


@given(any_tables(), any_tables(), any_tables())
def test_an_amended_text_is_the_text_of_the_amended_tables(old: Tables, new: Tables, other: Tables) -> None:
    change = amendment(old, merge(old, new, Missing.REMOVED).tables)
    for tables in (old, other):
        texts = split(tables.text)
        assert join(texts) == tables.text
        differs = difference(texts, change)
        assert load_difference(dump_difference(differs)) == differs
        after = patch(texts, differs)
        assert amend_text(tables.text, change) == join(after) == dump_tables(amend(tables, change))
        assert all(after[table] is texts[table] for table in texts.keys() - differs.keys())


@given(changes())
def test_a_snapshot_that_shares_what_did_not_change_is_that_of_the_whole(two: tuple[Tables, Tables]) -> None:
    old, new = two
    change = amendment(old, new)
    before = build(old).master
    differs = difference(split(old.text), change)
    shared = renew(before, split(new.text), change, differs, new.digest)
    whole = narrow(build(new), change)
    assert shared == whole
    assert _ordered(shared.master) == _ordered(whole.master)
    touched = {table for table, _ in change.keys}
    for name, part in PARTS.items():
        if touched.isdisjoint(kind.table for kind in part.tables):
            assert getattr(shared.master, name) is getattr(before, name)


@given(changes())
def test_what_a_difference_counts_is_what_two_plants_differ_by(two: tuple[Tables, Tables]) -> None:
    old, new = two
    differs = difference(split(old.text), amendment(old, new))
    gone, came = sides(differs)
    counted = find_changes(gone, came)
    assert counted == find_changes(split(old.text), split(new.text))
    told: dict[str, dict[str, int]] = {}
    for change in diff(old, new):
        told.setdefault(change.table, {"added": 0, "changed": 0, "removed": 0})[change.kind] += 1
    assert counted == told


def test_an_import_checked_beside_what_is_in_force_is_not_checked_again_and_any_other_is() -> None:
    good = _plant([])
    wrong = amendment(
        good, _plant([TABLES["units"].parse({"material": "none", "unit": "BOX", "numerator": "2", "denominator": "1"})])
    )
    master = build(good).master
    assert hashlib.sha256(good.text).hexdigest() == master.digest
    assert (
        take(load_amendment(dump_amendment(wrong._replace(beside=master.digest))), good.text, master).text != good.text
    )
    for beside in ("", hashlib.sha256(b"another").hexdigest()):
        refused = dump_amendment(wrong._replace(beside=beside))
        with pytest.raises(UsageError, match="errors with what is in force"):
            take(load_amendment(refused), good.text, master)
