"""Manual postings, reversals and the curve of a day by commands: what a person types, and what it comes to."""

from pathlib import Path
from typing import Any

import pytest

from tests.integration.cli_program import SHIPPED, Commands

CABLE = ("1000/L05", "--quantity", "10")
"""Line L05 makes CABLE-15 from WIRE-3, PLUG-3, SLEEVE-6 and COLOUR."""
UNITS = ("--line", "1000/L05", "--material", "CABLE-15", "--version", "0001", "--quantity")
LATE = ("--force", "--reason", "found late")


@pytest.fixture
def backflush(tmp_path: Path) -> Commands:
    """Offer the commands with a ledger that has the shipped master data."""
    commands = Commands(tmp_path / "data")
    assert commands("init").status == 0
    assert commands("masterdata", "import", str(SHIPPED)).status == 0
    ordered = (SHIPPED / "sales_orders.csv").read_text() + "4711,0,1000,CABLE-15,50,2026-12-01\n"
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "sales_orders.csv").write_text(ordered + "4711,10,1000,CABLE-15,50,2026-12-01\n")
    assert commands("masterdata", "import", str(tmp_path / "more")).status == 0
    return commands


def newest(backflush: Commands) -> Any:
    """Return the newest document."""
    return backflush("report", "documents", "--limit", "1", "--json").json[0]


def items(document: Any) -> list[str]:
    """Show the movements and times of a document."""
    moved = [f"{i['movement']} {i['material']} {i['quantity']} {i['unit']}" for i in document["items"]]
    return sorted(moved) + [f"{a['work_center']} {a['activity']} {a['hours']}" for a in document["activities"]]


@pytest.mark.parametrize(
    ("arguments", "type_", "posted"),
    [
        (
            ("--type", "component", "--quantity", "10"),
            "component",
            ["261 COLOUR -0.002 KG", "261 PLUG-3 -10 PC", "261 SLEEVE-6 -30 PC", "261 WIRE-3 -1.275 KG"],
        ),
        (("--type", "component", "--component", "WIRE-3=0.5"), "component", ["261 WIRE-3 -0.5 KG"]),
        (("--type", "component", "--component", "COLOUR=250G"), "component", ["261 COLOUR -0.25 KG"]),
        (("--type", "component-scrap", "--component", "PLUG-3=2@RM01"), "component_scrap", ["551 PLUG-3 -2 PC"]),
        (("--type", "by-product", "--component", "WIRE-3=0.1@RM01"), "by_product", ["531 WIRE-3 0.1 KG"]),
        (("--type", "activity", "--activity", "CAB1/LABOUR=0.75"), "activity", ["CAB1 LABOUR 0.75"]),
        (("--type", "activity", "--quantity", "100"), "activity", ["CAB1 LABOUR 0.85"]),
    ],
)
def test_consumption_is_posted_alone_and_taken_back_as_a_whole(
    backflush: Commands, arguments: tuple[str, ...], type_: str, posted: list[str]
) -> None:
    before = backflush("report", "stock", "--json").json
    assert backflush("post", "1000/L05", *arguments).status == 0
    document = newest(backflush)
    assert (document["type"], document["yield"], items(document)) == (type_, "0", posted)
    assert backflush("reverse", document["document"]).status == 0
    found = {row["document"]: row["reversed"] for row in backflush("report", "documents", "--json").json}
    assert found.pop(document["document"]) == "whole"
    assert {*found.values()} == {"none"}
    after = backflush("report", "stock", "--json").json
    assert [row for row in after if row["quantity"] != "0"] == before
    assert backflush("audit").status == 0


def test_a_component_names_its_unit_location_and_batch(backflush: Commands) -> None:
    said = ("--type", "by-product", "--component", "COLOUR=500G@RM01#LOT7")
    assert backflush("post", "1000/L05", *said).status == 0
    [item] = newest(backflush)["items"]
    assert (item["quantity"], item["unit"], item["location"], item["batch"]) == ("0.5", "KG", "RM01", "LOT7")


@pytest.mark.parametrize(
    ("arguments", "status", "code"),
    [
        (("--component", "WIRE-3"), 2, "expected MATERIAL=QUANTITY"),
        (("--component", "WIRE-3=much"), 2, "expected MATERIAL=QUANTITY"),
        (("--component", "WIRE-3=1@"), 2, "expected MATERIAL=QUANTITY"),
        (("--activity", "CAB1=1"), 2, "expected WORK_CENTER/ACTIVITY=HOURS"),
        (("--type", "component", "--component", "WIRE-3=1BOX"), 1, "BF3013"),
        (("--type", "component", "--component", "NOTHING=1"), 1, "BF3011"),
        (("--type", "component", "--component", "NOTHING=2=1"), 1, "NOTHING=2"),
        (("--type", "component", "--component", "PLUG-3=-1"), 2, "expected a number above 0"),
        (("--type", "activity", "--component", "WIRE-3=1"), 2, "BF5008"),
        (("--type", "component", "--activity", "CAB1/LABOUR=1"), 2, "BF5008"),
        (("--quantity", "1", "--order", "P9999"), 1, "BF3018"),
        (("--quantity", "1", "--order", "P1004", "--material", "CABLE-15"), 1, "BF3018"),
        (("--quantity", "1", "--revision", "Z"), 1, "BF3008"),
        (("--type", "component"), 1, "BF5006"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_line_and_posts_nothing(
    backflush: Commands, arguments: tuple[str, ...], status: int, code: str
) -> None:
    said = backflush("post", "1000/L05", *arguments)
    assert (said.status, code in said.err, said.out) == (status, True, ""), said
    assert backflush("report", "documents", "--json").json == []


def test_pieces_for_a_sales_order_and_a_lot_have_accounts_of_their_own(backflush: Commands) -> None:
    assert backflush("post", *CABLE, "--sales-order", "4711", "--sales-order-item", "10").status == 0
    made = newest(backflush)
    assert (made["cost_object"], "571 CABLE-15 10 PC" in items(made)) == ("SO 4711 10", True)
    assert backflush("post", *CABLE, "--lot", "L7", "--batch", "L7").status == 0
    assert newest(backflush)["cost_object"] == "LOT L7"
    stock = backflush("report", "stock", "--material", "CABLE-15", "--json").json
    assert {(row["batch"], row["stock_type"]): row["quantity"] for row in stock} == {
        ("", ""): "500",
        ("", "E/4711/10"): "10",
        ("L7", ""): "10",
    }
    collectors = {row["cost_object"] for row in backflush("report", "collectors", "--json").json}
    assert collectors == {"SO 4711 10", "LOT L7"}


def test_a_named_order_is_reduced_and_no_other(backflush: Commands) -> None:
    assert backflush("post", "1000/L04", "--quantity", "10", "--order", "P1004").status == 0
    assert newest(backflush)["status"]["orders"] == "posted"


def test_units_are_reversed_without_a_document_and_those_of_a_customer_are_not(backflush: Commands) -> None:
    for more in ((), ("--sales-order", "4711"), ()):
        assert backflush("post", *CABLE, *more).status == 0
    said = backflush("reverse", *UNITS, "21")
    assert (said.status, "BF5006" in said.err) == (1, True)
    assert backflush("reverse", *UNITS, "15", "--json").json["data"]["complete"] is True
    reversed_ = [row["reverses"] for row in backflush("report", "documents", "--json").json if row["reverses"]]
    assert sorted(reversed_) == ["0000000001", "0000000003"]
    told = {row["document"]: row["reversed"] for row in backflush("report", "documents", "--json").json}
    assert [told[f"{number:010}"] for number in (1, 2, 3)] == ["partly", "none", "whole"]
    shown = {line.split()[0]: line for line in backflush("report", "documents").out.splitlines()}
    assert ["in part by" in shown[f"{number:010}"] for number in (1, 2, 3)] == [True, False, False]
    assert backflush("audit").status == 0


def test_a_shortage_is_issued_from_elsewhere_or_closed(backflush: Commands) -> None:
    for _ in range(2):
        assert backflush("post", "1000/L04", "--quantity", "100000").status == 0
    [first, second] = backflush("backlog", "list", "--json").json
    name, other = (f"{record['document']}/{record['item']}" for record in (first, second))
    assert backflush("backlog", "correct", name, "--location", "NOWHERE", "--reason", "seen").status == 1
    some = ("--quantity", "1", "--location", "RM01", "--reason", "seen")
    assert (
        backflush("post", "1000/L05", "--type", "by-product", "--component", f"{first['material']}=1@RM01").status == 0
    )
    assert backflush("backlog", "correct", name, *some).status == 0
    assert backflush("backlog", "close", other, "--reason", "counted again").status == 0
    left = {f"{record['document']}/{record['item']}" for record in backflush("backlog", "list", "--json").json}
    assert not {name, other} & left
    assert backflush("audit").status == 0


def test_what_is_held_does_not_crowd_out_others(backflush: Commands) -> None:
    assert backflush("hold", "1000/L01", "--kind", "issue").status == 0
    assert backflush("post", "1000/L01", "--quantity", "100").status == 0
    said = backflush("work", "--limit", "1")
    assert said.out == "1 posted in 1 document, 2 left; held back: 1000/L01 issue\n"
    assert newest(backflush)["activities"]
    assert backflush("release", "1000/L01", "--kind", "issue").status == 0
    assert backflush("work", "--kind", "issue", "--json").json["data"]["posted"] == 1


def test_a_period_with_work_left_is_closed_by_force_only(backflush: Commands) -> None:
    assert backflush("post", "1000/L01", "--quantity", "10", "--at", "2026-02-10T12:00", *LATE).status == 0
    said = backflush("period", "close", "1000", "2026-02")
    assert (said.status, "worklist rows" in said.err) == (1, True)
    assert backflush("period", "close", "1000", "2026-02", "--force").status == 0


def test_the_curve_of_a_day_shows_plan_and_yield(backflush: Commands) -> None:
    made = ("--at", "2026-02-10T07:30", *LATE)
    assert backflush("post", "1000/L04", "--quantity", "30", "--material", "MOTOR-24", *made).status == 0
    day = ("report", "curve", "1000/L04", "--date", "2026-02-10")
    records = backflush(*day, "--json").json
    assert [(record["hour"], record["yield"]) for record in records][:3] == [
        ("06:00", "0"),
        ("07:00", "30"),
        ("08:00", "30"),
    ]
    table = backflush(*day).out.splitlines()
    assert (len(table), table[0].split()[:4]) == (25, ["hour", "shift", "planned", "yield"])
    assert table[2].split()[-1] == "#" * 40
    assert backflush("report", "curve", "9999/L04").status == 2
    assert backflush("report", "curve", "1000/L04", "--date", "soon").status == 2
    planned = backflush("report", "curve", "1000/L04", "--date", "2026-11-23", "--json").json
    assert planned[-1]["planned"] == "450"


def test_rework_and_pieces_lost_after_a_point_are_on_the_document_and_in_the_statistics(backflush: Commands) -> None:
    made = ("post", "1000/L04", "--material", "MOTOR-24", "--at", "2026-11-23T10:00", *LATE)
    assert backflush(*made, "--quantity", "10", "--rework", "3").status == 0
    assert newest(backflush)["rework"] == "3"
    lost = ("--type", "scrap", "--after", "0020", "--quantity", "2", "--scrap-reason", "03")
    assert "scrap" in backflush(*made, *lost, "--dry-run").out
    assert backflush(*made, *lost).status == 0
    assert [(c["point"], c["lost"]) for c in newest(backflush)["confirmations"] if c["lost"] != "0"] == [("0020", "2")]
    assert backflush(*made[:4], "--type", "scrap", "--after", "0030", "--quantity", "1", "--rework", "1").status == 2
    found = backflush("report", "statistics", "--line", "1000/L04", "--since", "2026-11-23", "--json").json
    told = {(r["measure"], r["detail"]): r["quantity"] for r in found if r["date"] == "2026-11-23"}
    assert (told["rework", "final"], told["scrap", "0020 03"], told["yield", "0020"]) == ("3", "2", "12")
    assert ("planned", "") in told
    shown = backflush("report", "statistics", "--line", "1000/L04", "--since", "2026-11-23").out.splitlines()[0].split()
    assert shown[5:9] == ["quantity", "standard", "difference", "unit"]
    points = backflush("report", "points", "--material", "MOTOR-24", "--json").json
    assert {p["point"]: p["lost"] for p in points} == {"0010": "0", "0020": "2", "0030": "0", "final": "0"}
    assert backflush("audit").status == 0


def test_each_of_them_has_an_example_in_its_help(backflush: Commands) -> None:
    for words in (["post"], ["reverse"], ["hold"], ["release"], ["backlog", "correct"], ["report", "curve"]):
        assert f"backflush {' '.join(words)}" in backflush(*words, "--help").out


BAD_QUANTITIES = ["", "0", "-1", "abc", "1e3", "NaN", "1.1234567", "1234567890123", " 5", "\u0663"]
TAKES_A_QUANTITY = [
    ["post", "1000/L05", "--quantity={}"],
    ["post", "1000/L05", "--quantity={}", "--dry-run"],
    ["post", "1000/L05", "--quantity=1", "--rework={}"],
    ["post", "1000/L05", "--quantity=1", "--activity=ASM1/LABOUR={}"],
    ["reverse", "1", "--quantity={}"],
    ["reverse", "--line=1000/L05", "--material=CABLE-15", "--version=0001", "--quantity={}"],
    ["backlog", "correct", "1/1", "--quantity={}"],
]


@pytest.mark.parametrize("words", TAKES_A_QUANTITY)
def test_what_is_no_quantity_is_wrong_usage_everywhere(words: list[str], tmp_path: Path) -> None:
    backflush = Commands(tmp_path)
    for text in BAD_QUANTITIES:
        said = backflush(*(word.format(text) for word in words))
        assert (said.status, said.out, said.err.count("\n")) == (2, "", 1), (text, said)


def test_a_part_of_a_piece_is_neither_posted_nor_reversed(tmp_path: Path) -> None:
    backflush = Commands(tmp_path)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "5").status == 0
    by_version = ("--line", "1000/L05", "--material", "CABLE-15", "--version", "0001")
    for words in (["post", "1000/L05"], ["reverse", "1"], ["reverse", *by_version]):
        said = backflush(*words, "--quantity", "1.5")
        assert (said.status, "PC has 0 decimals" in said.err) == (1, True), said
    assert len(backflush("report", "documents", "--json").json) == 1
