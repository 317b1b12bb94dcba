"""Numbers whose leading zeros a spreadsheet has dropped: item 10 beside item 0010 of the same list."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from gateway.masterdata.importing import prepare
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder

ITEMS = "plant,material,alternative,item,component,quantity,unit,operation,valid_from"


def found(folder: Path, tables: Mapping[str, str], missing: Missing = Missing.KEPT) -> list[str]:
    """Return the findings about leading zeros of an import into the small plant."""
    in_force = prepare(write_folder(folder / "old", SMALL), Tables()).merged
    findings = prepare(write_folder(folder / "new", tables), in_force, missing).findings
    return [
        f"{f.row} {f.field} {f.severity} {f.text.partition(',')[0]}" for f in findings if "would stand beside" in f.text
    ]


@pytest.mark.parametrize(
    ("table", "rows", "said"),
    [
        ("bom_items", f"{ITEMS}\n1000,PUMP,1,10,SEALS,1,PC,0010,", "2 item error 10 would stand beside 0010"),
        ("bom_items", f"{ITEMS}\n1000,PUMP,1,10,SEALS,1,PC,0010,2026-05-01", "2 item error 10 would stand beside 0010"),
        ("bom_items", f"{ITEMS}\n1000,PUMP,01,0010,SEALS,1,PC,0010,", ""),
        ("bom_items", f"{ITEMS}\n1000,PUMP,1,11,SEALS,1,PC,0010,", ""),
        ("bom_items", f"{ITEMS}\n1000,PUMP,1,0010,SEALS,1,PC,0010,2026-05-01", ""),
        (
            "operations",
            "plant,material,routing,operation,work_center\n1000,PUMP,1,0020,ASM1\n1000,PUMP,1,10,ASM1",
            "3 operation error 10 would stand beside 0010",
        ),
        (
            "production_versions",
            "plant,material,version,bom_alternative,routing,line\n1000,PUMP,1,1,1,L01",
            "2 version error 1 would stand beside 0001",
        ),
        ("boms", "plant,material,alternative\n1000,PUMP,01", "2 alternative error 01 would stand beside 1"),
        (
            "planned_order_components",
            "order,item,component,quantity\nP1,10,RING,210",
            "2 item error 10 would stand beside 0010",
        ),
    ],
)
def test_a_number_that_lost_its_zeros_is_found_beside_the_one_in_force(
    table: str, rows: str, said: str, tmp_path: Path
) -> None:
    assert found(tmp_path, {table: rows}) == ([said] if said else [])


def test_orders_and_names_are_found_within_one_file_as_well(tmp_path: Path) -> None:
    orders = "order,plant,material,start,quantity\n{},1000,PUMP,2026-12-01,50\n{},1000,PUMP,2026-12-01,50"
    tables = {
        "planned_orders": orders.format("0004711", "4711"),
        "scrap_reasons": "reason,text\n03,burr\n3,burr",
        "aliases": "code,kind,value\n0123,material,PUMP\n123,material,PUMP",
    }
    told = found(tmp_path, tables)
    assert told == ["3 order error 4711 would stand beside 0004711", "3 reason warning 3 would stand beside 03"]


def test_a_list_that_is_replaced_as_a_whole_may_be_written_otherwise(tmp_path: Path) -> None:
    rows = f"{ITEMS}\n1000,PUMP,1,10,SEALS,1,PC,0010,\n1000,PUMP,1,20,GLUE,0.8,ML,0020,\n1000,SEALS,1,10,RING,2,PC,,"
    assert found(tmp_path, {"bom_items": rows}, Missing.REFUSED) == []


def test_two_that_are_in_force_both_are_maintained_as_they_are(tmp_path: Path) -> None:
    """A ledger of before this check may have them."""
    both = SMALL["bom_items"].strip() + "\n1000,PUMP,1,10,SEALS,1,PC,0010"
    in_force = prepare(write_folder(tmp_path / "old", {**SMALL, "bom_items": both}), Tables()).merged
    change = {"bom_items": f"{ITEMS}\n1000,PUMP,1,10,SEALS,2,PC,0010,2026-05-01"}
    findings = prepare(write_folder(tmp_path / "new", change), in_force, Missing.KEPT).findings
    assert not [f for f in findings if "would stand beside" in f.text]
