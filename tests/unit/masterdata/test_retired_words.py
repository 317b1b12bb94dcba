"""Words of columns that had no effect when they were imported decide nothing, whatever they were."""

import json

import pytest

from devices.sources.knowledge import Knowledge
from gateway.backflush.memory.events import MasterDataImport
from gateway.backflush.memory.state import Rules
from gateway.errors import UsageError
from gateway.journal import Entry
from gateway.masterdata.amendments import amend, amendment, dump_amendment, load_amendment
from gateway.masterdata.build import build
from gateway.masterdata.merge import diff, merge, replace
from gateway.masterdata.rows import COME_TO_LIFE, BatchRow, BomItemRow, RunRow, VersionRow
from gateway.masterdata.tables import Tables, dump_tables, load_tables, tables_of
from gateway.mqtt.topics import Topics
from gateway.service.entries import IMPORT
from gateway.service.fold.decode import Intake

PLANT = {"plants": [{"plant": "1000"}]}
MATERIALS = {"materials": [{"plant": "1000", "material": name} for name in ("A", "FG")]}
BOMS = {"boms": [{"plant": "1000", "material": "FG"}]}
ITEM = {"plant": "1000", "material": "FG", "item": "10", "component": "A", "quantity": "1"}
BATCH = {"plant": "1000", "material": "A", "batch": "B1"}


def text(**tables: list[dict[str, str]]) -> bytes:
    """Return canonical text as a version of before wrote it."""
    content = {name: tables.get(name, rows) for name, rows in {**PLANT, **MATERIALS, **BOMS, **tables}.items()}
    return json.dumps(content, separators=(",", ":"), sort_keys=True).encode()


OLD = text(bom_items=[{**ITEM, "issue_mode": "by the foreman"}], batches=[{**BATCH, "expires": "2026-01-31"}])


def decided(tables: Tables) -> tuple[str, str]:
    """Return the issue mode of the item, and when the batch expires."""
    master = build(tables).master
    [bom] = master.boms["1000", "FG", "1"]
    return bom.items[0].issue_mode, master.batches["1000", "A", "B1"].expires


def new(mode: str = "", expires: str = "") -> Tables:
    """Return what is brought now."""
    item = BomItemRow.parse(ITEM | ({"issue_mode": mode} if mode else {}))
    batch = BatchRow.parse(BATCH | ({"expires": expires} if expires else {}))
    return tables_of({"bom_items": [item], "batches": [batch]}, {})


def test_the_text_of_before_is_read_and_written_as_it_was_and_decides_as_it_did() -> None:
    tables = load_tables(OLD)
    assert (dump_tables(tables), decided(tables)) == (OLD, ("", ""))


def test_an_entry_of_before_gives_the_ledger_that_it_gave() -> None:
    before = text(bom_items=[{**ITEM, "issue_mode": "manual"}], batches=[BATCH])
    made = Intake(Topics("bf/v1", "gw1"), Rules(open_names=()), Knowledge()).decode(
        1, Entry(IMPORT, "", OLD), build(Tables()).master, before
    )
    assert isinstance(made, MasterDataImport)
    assert made.tables == OLD
    assert made.imported.master.boms["1000", "FG", "1"][0].items[0].issue_mode == ""


def test_another_table_that_is_brought_leaves_them_as_they_are() -> None:
    old = load_tables(OLD)
    run = RunRow.parse({"plant": "1000", "line": "L1", "material": "FG", "version": "1", "start": "2026-01-01"})
    version = VersionRow.parse({"plant": "1000", "material": "FG", "version": "1", "line": "L1"})
    change = amendment(old, merge(old, tables_of({"production_versions": [version], "runs": [run]}, {})).tables)
    assert set(change.given.rows) == {"production_versions", "runs"}
    batches = load_tables(OLD).rows["batches"]
    for merged in (amend(old, load_amendment(dump_amendment(change))), replace(old, change.given)):
        assert decided(merged) == ("", "")
        assert merged.retired == old.retired
        assert merged.rows["batches"] == batches


@pytest.mark.parametrize(
    ("mode", "expires"), [("manual", "2026-01-31"), ("backflush", ""), ("", "2026-02-28"), ("", "")]
)
def test_what_is_brought_now_counts_and_the_import_says_so(mode: str, expires: str) -> None:
    old = load_tables(OLD)
    merged = merge(old, new(mode, expires)).tables
    assert decided(merged) == (mode, expires)
    changed = {field: after for change in diff(old, merged) for field, _, after in change.fields}
    assert changed == {field: word for field, word in (("issue_mode", mode), ("expires", expires)) if word}
    again = load_tables(dump_tables(merged))
    assert (again, decided(again)) == (merged, (mode, expires))
    assert (b"by the foreman" in dump_tables(merged)) == (not mode)


def test_a_word_that_decides_nothing_is_refused_now() -> None:
    for (table, column), name in COME_TO_LIFE.items():
        row = {"bom_items": ITEM, "batches": BATCH}[table]
        with pytest.raises(UsageError, match=column):
            load_tables(text(**{table: [{**row, name: "by the foreman"}]}))
