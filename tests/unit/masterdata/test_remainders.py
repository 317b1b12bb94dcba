"""Where a remainder of its own hides a whole unit from a sales order or a lot: the small plant, and what is said."""

from pathlib import Path

import pytest

from devices.sources.source import ForeignSource, MapRow
from gateway.masterdata.checks.catalogue import Catalogue
from gateway.masterdata.checks.remainders import lots
from gateway.masterdata.checks.sources import check_sources
from gateway.masterdata.importing import prepare
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder

HEADER = "plant,material,alternative,item,component,quantity,unit,operation,fixed_quantity,component_scrap_percent\n"
EACH = "because each order keeps a remainder of its own"


def warnings(
    folder: Path, *items: str, base: str = "1", scrap: str = "no", orders: str = "", runs: str = ""
) -> list[str]:
    """Return what is said of the remainders of a pump that is made of these items."""
    sold = [f"S{n},10,1000,PUMP,{quantity},2026-12-01" for n, quantity in enumerate(orders.split())]
    tables = {
        "boms": f"plant,material,alternative,base_quantity\n1000,PUMP,1,{base}\n1000,SEALS,1,1",
        "bom_items": HEADER + "\n".join((*items, "1000,SEALS,1,0010,RING,0.25,,,,")),
        "rem_profiles": f"profile,include_component_scrap\nREM1,{scrap}",
        "sales_orders": "\n".join(("order,item,plant,material,quantity,date", *sold)),
        "runs": f"plant,line,material,version,start,sales_order\n{runs}" if runs else SMALL["runs"],
    }
    prepared = prepare(write_folder(folder, {**SMALL, **tables}), Tables())
    assert not prepared.refused, prepared.findings
    return [finding.text for finding in prepared.findings if "remainder" in finding.text]


@pytest.mark.parametrize(
    ("items", "settings", "said"),
    [
        # W07: a sheet for 248 pieces.
        (
            ["1000,PUMP,1,0010,RING,1,,0010,,"],
            {"base": "248"},
            "5 x 100: 2.016129 PC of RING are needed and 0 are posted",
        ),
        (
            ["1000,PUMP,1,0010,RING,1,,0010,,"],
            {"base": "248"},
            "1 x 100: 0.403225 PC of RING are needed and 0 are posted",
        ),
        (["1000,PUMP,1,0010,RING,1,,0010,,"], {"base": "248"}, "2 x 248:"),
        (["1000,PUMP,1,0010,RING,1,,0010,,"], {"base": "248"}, "1 x 300:"),
        # Each takes one too many, all of them together too many by far.
        (["1000,PUMP,1,0010,RING,1,,0010,,"], {"base": "2"}, "4 x 1: 2 PC of RING are needed and 4 are posted"),
        (["1000,PUMP,1,0010,RING,2,,0010,,"], {}, "5 x 7:"),
        # Grams are no whole units, whole units are no grams.
        (["1000,PUMP,1,0010,GLUE,0.0333,,0010,,"], {}, "5 x 7:"),
        (["1000,PUMP,1,0010,GLUE,0.3,ML,0010,,"], {}, "5 x 1: 0.0015 L of GLUE are needed and 0 are posted"),
        # Fixed items are charged whole.
        (["1000,PUMP,1,0010,RING,0.25,,0010,yes,"], {}, "5 x 1:"),
        # A phantom holds a quarter of a ring.
        (["1000,PUMP,1,0010,SEALS,1,,0010,,"], {}, "3 x 1: 0.75 PC of RING are needed and 0 are posted"),
        # 6 % of scrap count where the profile says so.
        (["1000,PUMP,1,0010,RING,1,,0010,,6"], {"scrap": "yes"}, "9 x 1: 9.54 PC of RING are needed and 9 are posted"),
        (["1000,PUMP,1,0010,RING,1,,0010,,6"], {}, "9 x 1:"),
    ],
)
def test_sales_orders_that_differ_together_by_a_whole_unit_are_warned_of(
    items: list[str], settings: dict[str, str], said: str, tmp_path: Path
) -> None:
    orders, text = said.split(":")
    number, quantity = orders.split(" x ")
    many = "a sales order" if number == "1" else f"{number} sales orders"
    expected = [f"{many} of PUMP:{text}, {EACH}"] if text else []
    assert warnings(tmp_path, *items, orders=" ".join([quantity] * int(number)), **settings) == expected


def test_a_small_lot_that_takes_nothing_of_a_whole_unit_is_warned_of(tmp_path: Path) -> None:
    rings = ("1000,PUMP,1,0010,RING,1,,0010,,", "1000,PUMP,1,0020,GLUE,0.8,ML,0020,,")
    run = "1000,L01,PUMP,0001,2026-01-01,S7"
    told = "each lot or sales order of PUMP keeps a remainder of its own: one below 124 takes no RING"
    assert warnings(tmp_path, *rings, base="248") == []
    assert warnings(tmp_path, *rings, base="248", runs=run) == [told]
    assert warnings(tmp_path, *rings, base="2", runs=run) == []
    tables = prepare(write_folder(tmp_path, SMALL), Tables()).merged
    assert not list(lots(Catalogue(tables), {("1000", "PUMP")}))


@pytest.mark.parametrize(("mode", "told"), [("manual", 0), ("backflush", 1)])
def test_what_is_issued_by_hand_has_no_remainder(mode: str, told: int, tmp_path: Path) -> None:
    items = (
        f"plant,material,item,component,quantity,issue_mode\n1000,PUMP,0010,RING,0.25,{mode}\n1000,SEALS,0010,RING,1,"
    )
    orders = "order,item,plant,material,quantity,date\nS1,10,1000,PUMP,1,2026-12-01"
    prepared = prepare(write_folder(tmp_path, {**SMALL, "bom_items": items, "sales_orders": orders}), Tables())
    assert len([finding for finding in prepared.findings if "remainder" in finding.text]) == told


DEVICES = {"c-1": {}, "c-off": {"disabled": "yes"}, "s-1": {"kind": "scanner"}, "c-0": {"reset": "allow"}}
TABLES = Tables({"devices": tuple(DeviceRow.model_validate({"device": name, **row}) for name, row in DEVICES.items())})
GOOD = MapRow("c-1", "good")
FOUND: list[tuple[str, tuple[MapRow, ...], str, str]] = [
    ("a total of each kind", (MapRow("c-1", "good", kind="good"), MapRow("c-1", "bad", kind="scrap")), "", ""),
    ("two tags of a total", (GOOD, MapRow("c-1", "more")), "map.1", "map.0 has the same total of c-1"),
    ("a total on two topics", (MapRow("c-1", "good", "a/1"), MapRow("c-1", "good", "a/2")), "map.1", "the same total"),
    ("a total by its role", (GOOD, MapRow("c-1", "more", kind="good")), "map.1", "the same total"),
    ("an unknown device", (MapRow("c-2", "good"),), "map.0", "not in the master data"),
    ("a disabled device", (MapRow("c-off", "good"),), "map.0", "is disabled"),
    ("a reset that needs a time", (MapRow("c-0", "good"),), "map.0", "zigbee2mqtt tells none"),
    ("a scanner", (MapRow("s-1", "good"),), "map.0", "expected a counter"),
    ("no row", (), "map", "nothing of it is counted"),
]


@pytest.mark.parametrize(("what", "rows", "place", "text"), FOUND, ids=[row[0] for row in FOUND])
def test_a_row_that_counts_nothing_or_wrongly_is_told(
    what: str, rows: tuple[MapRow, ...], place: str, text: str
) -> None:
    found = list(check_sources([ForeignSource("a/#", "zigbee2mqtt", rows)], TABLES, "f"))
    assert [finding.field.startswith(f"source.0.{place}") for finding in found] == [True] * bool(place), (what, found)
    assert all(text in finding.text for finding in found), found


def test_a_total_has_one_row_in_all_sources_together() -> None:
    sources = [ForeignSource(topic, "zigbee2mqtt", (GOOD,)) for topic in ("a", "b")]
    [finding] = check_sources(sources, TABLES, "f")
    assert (finding.severity, finding.field) == ("warning", "source.1.map.0.device")
