"""The laws of tables: text and tables are one another's inverse, imports are idempotent, and nothing changes unseen."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.errors import UsageError
from gateway.masterdata.amendments import amend, amendment, dump_amendment, load_amendment
from gateway.masterdata.arrival import arrive_whole
from gateway.masterdata.build import build, narrow
from gateway.masterdata.checks.check import has_errors
from gateway.masterdata.files.read import read_tables
from gateway.masterdata.files.write import export_tables, export_workbook
from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import ACCUMULATED, Merged, Missing, diff, merge, replace
from gateway.masterdata.rows import TABLES, Key, TableRow
from gateway.masterdata.tables import Tables, dump_tables, load_tables, tables_of
from tests.unit.masterdata.small_plant import SMALL, write_folder

LISTED = frozenset({"bom_items", "operations", "operation_activities", "planned_order_components"})
WORDS = st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=8)
CELLS = st.sampled_from(
    [
        *("1000", "0010", "L01", "1", "0.5", ".5", "-2", "yes", "no", "2026-01-01", "2026-01-01T06:00+01:00"),
        *("06:00", "Mon-Fri,Sun", "Europe/Berlin", "2000000000015", "100pc", "E/1/10", "good", "counter"),
        *("material", "none", "online"),
    ]
)


@st.composite
def any_tables(draw: st.DrawFn) -> Tables:
    """Draw tables of rows that are valid in themselves."""
    found: dict[str, dict[Key, TableRow]] = {}
    for name in draw(st.lists(st.sampled_from(sorted(TABLES)), max_size=4)):
        kind = TABLES[name]
        rows = found.setdefault(name, {})
        for _ in range(draw(st.integers(0, 3))):
            row = draw(any_row(kind))
            if row is not None:
                rows[row.key()] = row
    return tables_of({name: rows.values() for name, rows in found.items()}, {})


@st.composite
def any_row(draw: st.DrawFn, kind: type[TableRow]) -> TableRow | None:
    """Draw cells, and keep of them what their columns accept."""
    cells: dict[str, str] = {}
    for column in kind.model_fields:
        text = draw(CELLS | WORDS)
        candidate = {**cells, column: text} if text.strip(" ") else cells
        if not _refuses(kind, candidate, column):
            cells = candidate
    return kind.parse(cells) if cells.keys() >= kind.required else None


def _refuses(kind: type[TableRow], cells: Mapping[str, str], column: str) -> bool:
    try:
        kind.parse(cells)
    except ValueError as error:
        return any(problem["loc"] == (column,) for problem in error.errors())  # type: ignore[attr-defined]
    return False


@given(any_tables())
@settings(max_examples=100, deadline=None)
def test_canonical_text_reads_back_as_the_same_tables(tables: Tables) -> None:
    again = load_tables(dump_tables(tables))
    assert again == tables
    assert again.digest == tables.digest


@given(any_tables())
@settings(max_examples=60, deadline=None)
def test_an_export_imports_to_the_same_digest(tables: Tables) -> None:
    with TemporaryDirectory() as folder:
        if not export_tables(tables, Path(folder)):
            return
        export_workbook(tables, Path(folder) / "plant.xlsx")
        for source in (Path(folder), Path(folder) / "plant.xlsx"):
            again = read_tables(source)
            assert isinstance(again, Tables), "\n".join(map(str, again))
            assert again.digest == tables.digest


@given(any_tables())
@settings(max_examples=60, deadline=None)
def test_no_exported_cell_runs_in_a_spreadsheet(tables: Tables) -> None:
    for rows in tables.rows.values():
        for row in rows:
            for text in row.cells().values():
                assert not text.startswith(("=", "@"))
                assert not (text.startswith(("+", "-")) and set(text) & set("|!()"))


@given(any_tables(), any_tables(), st.sampled_from(Missing))
@settings(max_examples=100, deadline=None)
def test_importing_twice_is_importing_once(old: Tables, new: Tables, missing: Missing) -> None:
    once = merge(old, new, missing).tables
    assert merge(once, new, missing) == Merged(once, frozenset())
    assert merge(once, once, missing) == Merged(once, frozenset())
    assert diff(once, merge(once, new, missing).tables) == []


@given(any_tables(), any_tables())
@settings(max_examples=100, deadline=None)
def test_an_import_changes_its_own_tables_and_what_is_listed_in_them(old: Tables, new: Tables) -> None:
    merged = merge(old, new, Missing.REMOVED).tables
    assert merged.rows.keys() == old.rows.keys() | new.rows.keys()
    for table in merged.rows.keys() - ACCUMULATED - {"planned_order_components"}:
        if table in new.rows:
            assert merged.rows[table] == new.rows[table]
        elif table not in LISTED:
            assert merged.rows[table] == old.rows[table]
    for table in ACCUMULATED & old.rows.keys():
        assert _keys(old, table) <= _keys(merged, table)


@given(any_tables(), any_tables())
@settings(max_examples=100, deadline=None)
def test_no_row_is_lost_unasked_but_with_its_list(old: Tables, new: Tables) -> None:
    merged, going = merge(old, new)
    for table in old.rows:
        lost = _keys(old, table) - _keys(merged, table)
        asked = {key for name, key in going if name == table}
        assert asked <= lost
        assert asked == lost or table in LISTED
    kept = merge(old, new, Missing.KEPT)
    assert not kept.going
    for table in old.rows.keys() - LISTED:
        assert _keys(kept.tables, table) == _keys(old, table) | _keys(new, table)


@given(any_tables(), any_tables(), any_tables())
@settings(max_examples=100, deadline=None)
def test_what_travels_is_what_changes_and_it_touches_nothing_else(old: Tables, new: Tables, other: Tables) -> None:
    merged = merge(old, new, Missing.REMOVED).tables
    change = amendment(old, merged)
    assert load_amendment(dump_amendment(change)) == change
    assert amend(old, change) == merged
    assert amend(merged, change) == merged
    elsewhere = amend(other, change)
    touched = {(table, row.key()) for table, rows in change.given.rows.items() for row in rows}
    touched |= {(table, key) for table, keys in change.gone.items() for key in keys}
    assert {(c.table, c.key) for c in diff(other, elsewhere)} <= touched == change.keys
    assert {(c.table, c.key) for c in diff(old, merged)} == touched


def _keys(tables: Tables, table: str) -> set[Key]:
    return {row.key() for row in tables.rows.get(table, ())}


ITEMS = "plant,material,alternative,item,component,quantity\n"
BOMS = "plant,material,alternative\n1000,PUMP,1\n1000,SEALS,1"
PUMP_ALONE = BOMS.removesuffix("\n1000,SEALS,1")
OPERATIONS = "plant,material,routing,operation,work_center\n"
ACTIVITIES = "plant,material,routing,operation,activity,hours\n"
COMPONENTS = "order,item,component,quantity\n"
ORDERS = {
    "planned_orders": "order,plant,material,start,quantity\nP1,1000,PUMP,2026-11-23,100\nP2,1000,PUMP,2026-12-01,9"
}


@pytest.mark.parametrize(
    ("files", "going", "lost"),
    [
        pytest.param({"scrap_reasons": "reason\n07"}, ["scrap_reasons 05"], ["scrap_reasons 05"], id="a row"),
        pytest.param({"runs": "plant,line,material,version,start"}, [], [], id="runs accumulate"),
        pytest.param({"planned_orders": "order,plant,material,start,quantity"}, [], [], id="so do orders"),
        pytest.param(
            {"bom_items": f"{ITEMS}1000,PUMP,1,0010,SEALS,1\n1000,SEALS,1,0010,RING,2"},
            [],
            ["bom_items 1000/PUMP/1/0020/0001-01-01"],
            id="an item of a list that has others",
        ),
        pytest.param(
            {"bom_items": f"{ITEMS}1000,PUMP,1,0010,SEALS,1\n1000,PUMP,1,0020,GLUE,0.8"},
            ["bom_items 1000/SEALS/1/0010/0001-01-01"],
            ["bom_items 1000/SEALS/1/0010/0001-01-01"],
            id="a list of which nothing is said",
        ),
        pytest.param(
            {"boms": PUMP_ALONE},
            ["boms 1000/SEALS/1"],
            ["bom_items 1000/SEALS/1/0010/0001-01-01", "boms 1000/SEALS/1"],
            id="a list and its items",
        ),
        pytest.param(
            {"boms": PUMP_ALONE, "bom_items": f"{ITEMS}1000,PUMP,1,0010,SEALS,1\n1000,PUMP,1,0020,GLUE,0.8"},
            ["boms 1000/SEALS/1"],
            ["bom_items 1000/SEALS/1/0010/0001-01-01", "boms 1000/SEALS/1"],
            id="a list with items that the file has not either",
        ),
        pytest.param(
            {"boms": PUMP_ALONE, "bom_items": f"{ITEMS}1000,SEALS,1,0010,RING,2\n1000,PUMP,1,0010,SEALS,1"},
            ["boms 1000/SEALS/1"],
            ["bom_items 1000/PUMP/1/0020/0001-01-01", "boms 1000/SEALS/1"],
            id="a list whose items the file has",
        ),
        pytest.param({"routings": "plant,material,routing"}, ["routings 1000/PUMP/1"], [
            "operation_activities 1000/PUMP/1/0010/LABOUR/False", "operations 1000/PUMP/1/0010",
            "operations 1000/PUMP/1/0020", "routings 1000/PUMP/1",
        ], id="all lists, with what is in them"),
        pytest.param(
            {"operations": f"{OPERATIONS}1000,PUMP,1,0020,ASM1"},
            [],
            ["operation_activities 1000/PUMP/1/0010/LABOUR/False", "operations 1000/PUMP/1/0010"],
            id="an operation and its activities",
        ),
        pytest.param(
            {**ORDERS, "planned_order_components": f"{COMPONENTS}P2,0010,RING,1"},
            [],
            ["planned_order_components P1/0010"],
            id="an order that has no list of its own any more",
        ),
        pytest.param({**ORDERS, "planned_order_components": COMPONENTS}, [], [], id="no rows say nothing of an order"),
        pytest.param(
            {"boms": BOMS, "bom_items": ITEMS},
            ["bom_items 1000/PUMP/1/0010/0001-01-01", "bom_items 1000/PUMP/1/0020/0001-01-01",
             "bom_items 1000/SEALS/1/0010/0001-01-01"],
            ["bom_items 1000/PUMP/1/0010/0001-01-01", "bom_items 1000/PUMP/1/0020/0001-01-01",
             "bom_items 1000/SEALS/1/0010/0001-01-01"],
            id="nor of any other list",
        ),
    ],
)  # fmt: skip
def test_what_a_person_is_asked_about(
    files: Mapping[str, str], going: list[str], lost: list[str], tmp_path: Path
) -> None:
    old = small(tmp_path / "old", scrap_reasons="reason\n05\n07")
    new = read_tables(write_folder(tmp_path / "new", files))
    assert isinstance(new, Tables)
    merged = merge(old, new)
    assert sorted(f"{table} {'/'.join(filter(None, key))}" for table, key in merged.going) == going
    removed = [change for change in diff(old, merged.tables) if change.kind == "removed"]
    assert sorted(f"{change.table} {'/'.join(filter(None, change.key))}" for change in removed) == lost


@pytest.mark.parametrize(
    ("files", "lost"),
    [
        pytest.param({"bom_items": f"{ITEMS}1000,PUMP,1,0020,GLUE,2"}, [], id="an item"),
        pytest.param({"operations": f"{OPERATIONS}1000,PUMP,1,0020,ASM1"}, [], id="an operation"),
        pytest.param({"operation_activities": f"{ACTIVITIES}1000,PUMP,1,0020,MACHINE,1"}, [], id="an activity"),
        pytest.param({"planned_order_components": f"{COMPONENTS}P1,0020,GLUE,2"}, [], id="a component of an order"),
        pytest.param(
            {**ORDERS, "planned_order_components": f"{COMPONENTS}P2,0010,RING,1"}, [], id="an order without components"
        ),
        pytest.param({"boms": BOMS, "bom_items": ITEMS}, [], id="lists without items"),
        pytest.param(
            {"boms": BOMS, "bom_items": f"{ITEMS}1000,PUMP,1,0020,GLUE,2"},
            ["bom_items 1000/PUMP/1/0010/0001-01-01"],
            id="a list",
        ),
        pytest.param(
            {"routings": "plant,material,routing\n1000,PUMP,1", "operations": f"{OPERATIONS}1000,PUMP,1,0020,ASM1"},
            ["operation_activities 1000/PUMP/1/0010/LABOUR/False", "operations 1000/PUMP/1/0010"],
            id="a routing",
        ),
        pytest.param(
            {**ORDERS, "planned_order_components": f"{COMPONENTS}P1,0020,GLUE,2"},
            ["planned_order_components P1/0010"],
            id="an order",
        ),
    ],
)
def test_where_rows_are_kept_an_item_goes_with_its_whole_list_only(
    files: Mapping[str, str], lost: list[str], tmp_path: Path
) -> None:
    old, new = small(tmp_path / "old"), read_tables(write_folder(tmp_path / "new", files))
    assert isinstance(new, Tables)
    removed = [change for change in diff(old, merge(old, new, Missing.KEPT).tables) if change.kind == "removed"]
    assert sorted(f"{change.table} {'/'.join(filter(None, change.key))}" for change in removed) == lost


@given(any_tables(), any_tables())
@settings(max_examples=60, deadline=None)
def test_an_entry_of_whole_tables_replaces_them_as_it_did_when_it_was_written(old: Tables, new: Tables) -> None:
    after = replace(old, new)
    assert after.rows.keys() == old.rows.keys() | new.rows.keys()
    for table in after.rows.keys() - ACCUMULATED - {"planned_order_components"}:
        assert after.rows[table] == (new if table in new.rows else old).rows[table]
    for table in ACCUMULATED & old.rows.keys():
        assert _keys(old, table) <= _keys(after, table)


def test_an_entry_of_whole_tables_touches_every_row_that_it_has(tmp_path: Path) -> None:
    """One that was written before opened a run again that had been ended; so it does where it is folded again."""
    old = small(tmp_path / "old")
    arrived = arrive_whole(old.text, old.text, build(old).master)
    assert arrived.text == old.text
    assert [run.material for run in arrived.imported.runs or ()] == ["PUMP"]
    assert narrow(build(old), amendment(old, old)).runs is None


def test_equal_content_has_equal_text_however_it_is_written(tmp_path: Path) -> None:
    one = {"activity_rates": "plant,work_center,activity,rate_per_hour\n1000,B,X,1.50\n1000,A,X,.5"}
    two = {"activity_rates": "rate_per_hour,activity,work_center,plant\n0.500,X,A,1000\n1.5,X,B,1000"}
    first = read_tables(write_folder(tmp_path / "one", one))
    second = read_tables(write_folder(tmp_path / "two", two))
    assert isinstance(first, Tables)
    assert isinstance(second, Tables)
    assert dump_tables(first) == dump_tables(second)


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b"{", b'{"plants":1}', b'{"plants":[{"plant":1000}]}', b'{"stars":[]}', b'{"plants":[{}]}', b"\xff"],
)
def test_what_is_no_canonical_text_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError, match="master data: expected"):
        load_tables(data)


def small(folder: Path, **tables: str) -> Tables:
    """Return the small plant, with other tables beside its own."""
    return read(write_folder(folder, {**SMALL, **tables}))


def read(source: Path) -> Tables:
    """Read tables without a finding."""
    found = read_tables(source)
    assert isinstance(found, Tables), "\n".join(map(str, found))
    return found


@pytest.mark.parametrize("table", SMALL)
def test_what_only_follows_from_rows_that_a_person_has_not_let_go_is_no_finding(table: str, tmp_path: Path) -> None:
    in_force = small(tmp_path / "old")
    header, first, *_ = SMALL[table].strip().splitlines()
    new = read(write_folder(tmp_path / "new", {table: f"{header}\n{first}"}))
    found = weigh(new, in_force)
    assert not has_errors(found.findings)
    assert found.refused == bool(found.going)


def test_a_change_is_printed_as_one_line(tmp_path: Path) -> None:
    old = small(tmp_path / "old", scrap_reasons="reason,text\n03,Short shot\n05,Scratched")
    new = small(tmp_path / "new", scrap_reasons="reason,text\n05,\n07,Wrong dimension")
    assert [str(change) for change in diff(old, new)] == [
        "- scrap_reasons 03: text Short shot",
        "~ scrap_reasons 05: text Scratched -> (none)",
        "+ scrap_reasons 07: text Wrong dimension",
    ]


def test_runs_and_orders_accumulate_and_an_order_keeps_its_own_components(tmp_path: Path) -> None:
    old = small(tmp_path / "old")
    later = {
        "runs": "plant,line,material,version,start\n1000,L01,PUMP,0001,2026-02-01T06:00",
        "planned_orders": "order,plant,material,start,quantity\nP2,1000,PUMP,2026-12-01,50",
        "planned_order_components": "order,item,component,quantity\nP2,0010,RING,100",
    }
    new = read_tables(write_folder(tmp_path / "new", later))
    assert isinstance(new, Tables)
    assert [str(change) for change in diff(old, merge(old, new).tables)] == [
        "+ runs 1000/L01/2026-02-01T06:00:00: material PUMP, version 0001",
        "+ planned_orders P2: plant 1000, material PUMP, start 2026-12-01, quantity 50",
        "+ planned_order_components P2/0010: component RING, quantity 100",
    ]
