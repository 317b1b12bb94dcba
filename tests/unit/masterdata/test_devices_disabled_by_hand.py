"""A device that a command has disabled stays so, until a command or a file that says something new enables it."""

from dataclasses import replace

import pytest

from gateway.masterdata.amendments import amend, dump_amendment, load_amendment
from gateway.masterdata.by_hand import note_disabled
from gateway.masterdata.importing import Prepared, weigh
from gateway.masterdata.merge import Missing
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Origin, Tables, dump_tables, load_tables, tables_of

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
