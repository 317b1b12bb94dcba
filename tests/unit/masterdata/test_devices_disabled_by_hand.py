"""A device that a command has disabled stays so, until a command or a file that says something new enables it."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.masterdata.amendments import amend, dump_amendment, load_amendment
from gateway.masterdata.by_hand import note_disabled
from gateway.masterdata.importing import Prepared, weigh
from gateway.masterdata.merge import Missing, diff, merge
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Origin, Tables, dump_tables, load_tables, tables_of
from tests.unit.masterdata.small_plant import write_folder
from tests.unit.masterdata.test_laws import ITEMS, any_tables, read, small

SAID = {"device": "c-1", "plant": "1000", "line": "L1", "kind": "counter"}


def devices(*, file: bool, **more: str) -> Tables:
    """Return a table of two devices, of which one has something more, from a file or a command."""
    rows = [DeviceRow.parse({**SAID, **more}), DeviceRow.parse({**SAID, "device": "c-2"})]
    origins = {("devices", row.key()): Origin("devices.csv", 2) for row in rows} if file else {}
    return tables_of({"devices": rows}, origins)


def after(prepared: Prepared, in_force: Tables) -> Tables:
    """Return what is in force after an import came through the journal, and was stored and read."""
    return load_tables(dump_tables(amend(in_force, load_amendment(dump_amendment(prepared.amendment)))))


@pytest.fixture
def in_force() -> Tables:
    """Offer what is in force after a file, and a command that has disabled a device of it."""
    before = after(weigh(devices(file=True), Tables()), Tables())
    command = note_disabled(devices(file=False, disabled="yes"), "c-1")
    return after(weigh(command, before), before)


def is_disabled(tables: Tables) -> bool:
    return {row.device: row.disabled for row in tables.of(DeviceRow)}["c-1"]


def test_a_file_that_says_what_it_said_changes_nothing_and_is_told_so(in_force: Tables) -> None:
    again = weigh(devices(file=True), in_force)
    assert (again.changes, again.merged.rows) == ([], in_force.rows)
    [told] = [str(finding) for finding in again.findings if "stays disabled" in finding.text]
    assert told == (
        "devices.csv:2: disabled: warning: stays disabled, by a command; `backflush devices disable c-1 --undo` enables"
        " it again"
    )


def test_a_file_that_has_another_table_leaves_it(in_force: Tables) -> None:
    other = tables_of({"operators": []}, {})
    assert is_disabled(after(weigh(other, in_force), in_force))
    assert weigh(devices(file=True), after(weigh(other, in_force), in_force)).changes == []


def test_a_file_that_says_something_new_of_it_takes_effect(in_force: Tables) -> None:
    moved = weigh(devices(file=True, line="L2"), in_force)
    assert [field for change in moved.changes for field in change.fields] == [
        ("line", "L1", "L2"),
        ("disabled", "yes", ""),
    ]
    enabled = after(moved, in_force)
    assert not is_disabled(enabled)
    assert enabled.retired == {}


def test_a_file_without_some_columns_says_nothing_of_them(in_force: Tables) -> None:
    limited = devices(file=False, disabled="yes", max_step="600")
    in_force = after(weigh(note_disabled(limited, "c-1"), in_force), in_force)
    for lacks in (["max_step"], ["disabled"], ["max_step", "disabled"]):
        said = devices(file=True) if "max_step" in lacks else devices(file=True, max_step="600")
        origins = {key: Origin("devices.csv", 2, frozenset(lacks)) for key in said.origins}
        assert weigh(replace(said, origins=origins), in_force).changes == [], lacks


def test_what_a_command_enables_is_no_longer_remembered(in_force: Tables) -> None:
    undone = after(weigh(devices(file=False), in_force), in_force)
    assert not is_disabled(undone)
    by_file = after(weigh(devices(file=True, disabled="yes"), undone), undone)
    assert not is_disabled(after(weigh(devices(file=True), by_file), by_file)), (
        "files alone decide what files have said"
    )


def test_what_is_exported_changes_nothing_and_a_row_that_goes_is_forgotten(in_force: Tables) -> None:
    exported = replace(devices(file=True, disabled="yes"), retired={})
    assert weigh(exported, in_force).changes == []
    rest = tables_of({"devices": devices(file=True).rows["devices"][1:]}, devices(file=True).origins)
    left = after(weigh(rest, in_force, (), Missing.REMOVED), in_force)
    assert left.retired == {}


@given(any_tables(), any_tables(), st.data(), st.sampled_from(Missing))
@settings(max_examples=100, deadline=None)
def test_what_a_file_has_no_column_for_stays(old: Tables, new: Tables, data: st.DataObject, missing: Missing) -> None:
    """And of a new row it is the default."""
    lacks = {
        (table, row.key()): frozenset(data.draw(st.sets(st.sampled_from(list(type(row).model_fields)))))
        for table, rows in new.rows.items()
        for row in rows
    }
    partial = Tables(new.rows, {key: Origin("file", 2, columns) for key, columns in lacks.items()})
    once = merge(old, partial.fill(old), missing).tables
    assert merge(once, partial.fill(once), missing).tables == once
    before, after = ({(t, row.key()): row for t, rows in some.rows.items() for row in rows} for some in (old, once))
    for table, rows in new.rows.items():
        for row in rows:
            key = table, row.key()
            held = before.get(key, row)
            for column in type(row).model_fields:
                assert getattr(after[key], column) == getattr(held if column in lacks[key] else row, column)


VERSIONS = "plant,material,version,bom_alternative,routing,line"
HAD = {
    "production_versions": f"{VERSIONS},issue_location,locked\n1000,PUMP,0001,1,1,L01,RM02,yes",
    "planned_orders": "order,plant,material,start,quantity,closed\nP1,1000,PUMP,2026-11-23,100,yes",
    "devices": "device,plant,line,max_step,disabled\nc1,1000,L01,1000,yes",
    "bom_items": f"{ITEMS.strip()},issue_location\n1000,PUMP,1,0010,SEALS,1,RM02\n1000,PUMP,1,0020,GLUE,0.8,RM02",
}


def test_a_file_with_fewer_columns_unlocks_opens_enables_and_moves_nothing(tmp_path: Path) -> None:
    old = small(tmp_path / "old", **HAD)
    files = {
        "production_versions": f"{VERSIONS}\n1000,PUMP,0001,1,1,L01\n1000,PUMP,0002,1,1,L01",
        "planned_orders": "order,plant,material,start,quantity\nP1,1000,PUMP,2026-11-23,120",
        "devices": "device,plant,line\nc1,1000,L01",
        "bom_items": f"{ITEMS}1000,PUMP,1,0010,SEALS,2",
    }
    merged = weigh(read(write_folder(tmp_path / "new", files)), old, (), Missing.KEPT).merged
    assert [str(change) for change in diff(old, merged)] == [
        "~ bom_items 1000/PUMP/1/0010/0001-01-01: quantity 1 -> 2",
        "+ production_versions 1000/PUMP/0002: bom_alternative 1, routing 1, line L01",
        "~ planned_orders P1: quantity 100 -> 120",
    ]


def test_an_empty_cell_is_the_default_and_a_row_of_yaml_has_the_columns_that_it_names(tmp_path: Path) -> None:
    old = small(tmp_path / "old", **HAD)
    files = {"devices": "device,plant,line,max_step,disabled\nc1,1000,L01,,no"}
    emptied = ["~ devices c1: max_step 1000 -> (none), disabled yes -> (none)"]
    new = read(write_folder(tmp_path / "new", files))
    assert list(map(str, weigh(new, old).changes)) == emptied
    yaml = tmp_path / "plant.yaml"
    yaml.write_text("devices:\n- {device: c1, plant: '1000', line: L01}\n- {device: c2, plant: '1000', disabled: yes}")
    assert list(map(str, weigh(read(yaml), old).changes)) == ["+ devices c2: plant 1000, disabled yes"]
    yaml.write_text("devices:\n- {device: c1, plant: '1000', line: L01, max_step: , disabled: no}")
    assert list(map(str, weigh(read(yaml), old).changes)) == emptied
