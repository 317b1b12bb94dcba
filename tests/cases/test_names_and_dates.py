"""Every wrong name and date through every door that can say it: one code, one sentence, and nothing is booked."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, NamedTuple

import pytest

from tests.cases.rig import Rig, rows
from tests.cases.test_read_back import SMALL
from tests.integration.cli_program import called

PLANT = {
    **SMALL,
    "scrap_reasons": "reason text\n03 short",
    "operators": "operator name\n4711 Anna",
    "sales_orders": "order item plant material quantity date\nS1 10 1000 P 2 2026-12-01\nS2 10 1000 OTHER 2 2026-12-01",
    "planned_orders": "order plant material version line start quantity closed\n"
    "O1 1000 P 1 L1 2026-11-01 5 -\nO2 1000 OTHER 1 L2 2026-11-01 5 -\nO3 1000 P 1 L1 2026-11-01 5 yes",
}
OTHER = {
    "materials": """plant material unit receiving_location rem_profile
                    1000  OTHER    PC   FG                 R""",
    "boms": "plant material alternative\n1000 OTHER 1",
    "bom_items": "plant material alternative item component quantity\n1000 OTHER 1 0010 A 1",
    "routings": "plant material routing\n1000 OTHER 1",
    "operations": "plant material routing operation work_center\n1000 OTHER 1 0010 W",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  OTHER    1       1               1       L2   FG""",
    "devices": """device plant line kind    first role
                  k1     1000  L1   counter zero  scrap
                  roam   1000  _    scanner -     -""",
}
"""Line L1 makes P, line L2 OTHER."""


class Wrong(NamedTuple):
    """What is wrong, and what says it at each door."""

    code: str
    sentence: str
    command: tuple[str, ...] = ()
    request: tuple[str, str, Mapping[str, object]] = ("", "", {})
    """verb, line, data"""
    card: tuple[str, str] = ("", "")
    """scanner, card"""
    label: tuple[tuple[str, str, Mapping[str, object]], ...] = ()
    """scanner, label, what its telegram says beside it"""
    telegram: tuple[str, Any] = ("", "")
    """topic below the plant, payload"""
    imported: tuple[str, str] = ("", "")
    """table, row"""


POST = ("post", "1000/L1", "--quantity", "1")
PIECE: dict[str, object] = {"quantity": "1"}


WRONG = {
    "an unknown line": Wrong(
        "BF3021",
        "there is no line 'L9' in plant 1000",
        ("post", "1000/L9", "--quantity", "1"),
        ("run-start", "1000/L9", {"material": "P"}),
        ("roam", "BF:LINE:1000:L9"),
        telegram=("L9/c1", 5),
        imported=("runs", "plant line material version start\n1000 L9 P 1 2026-11-01T06:00"),
    ),
    "a wrong line": Wrong(
        "BF3003",
        "line 1000/L1 does not make 'OTHER 1': it is made on L2",
        (*POST, "--material", "OTHER", "--version", "1"),
        ("run-start", "1000/L1", {"material": "OTHER", "version": "1"}),
        ("s1", "BF:RUN:OTHER:1"),
        (("s1", "CARTON", {}),),
        imported=("runs", "plant line material version start\n1000 L1 OTHER 1 2026-11-01T06:00"),
    ),
    "an unknown version": Wrong(
        "BF3003",
        "line 1000/L1 does not make 'P 9': there is no such production version",
        ("run-start", "1000/L1", "P", "9"),
        ("post", "1000/L1", {**PIECE, "material": "P", "version": "9"}),
        ("s1", "BF:RUN:P:9"),
        imported=("planned_orders", "order plant material version line start quantity\nO9 1000 P 9 L1 2026-11-01 5"),
    ),
    "an unknown point": Wrong(
        "BF3010",
        "there is no operation '0099' on line 1000/L1",
        (*POST, "--point", "0099"),
        ("post", "1000/L1", {**PIECE, "point": "0099"}),
        ("s1", "BF:POINT:0099"),
        (("s1", "P", {"point": "0099"}), ("s1", "]C100376130321109103420", {"point": "0099"})),
        imported=("devices", "device plant line kind operation\nc9 1000 L1 counter 0099"),
    ),
    "an unknown reason": Wrong(
        "BF3022",
        "there is no scrap reason 'ZZ': maintain it in scrap_reasons",
        (*POST, "--type", "scrap", "--scrap-reason", "ZZ"),
        ("post", "1000/L1", {**PIECE, "type": "scrap", "scrap_reason": "ZZ"}),
        ("s1", "BF:SCRAP:ZZ"),
        telegram=("L1/k1", {"scrap": 1, "scrap_by": {"ZZ": 1}}),
        imported=("aliases", "code kind value\nDENT control BF:SCRAP:ZZ"),
    ),
    "an unknown operator": Wrong(
        "BF3023",
        "there is no operator 'otto': maintain it in operators",
        card=("s1", "BF:OPERATOR:otto"),
        label=(("s1", "P", {"operator": "otto"}),),
        imported=("aliases", "code kind value\nOTTO operator otto"),
    ),
    "an unknown order": Wrong(
        "BF3018",
        "there is no planned order 'O9'",
        (*POST, "--order", "O9"),
        ("post", "1000/L1", {**PIECE, "order": "O9"}),
        label=(("s1", "P", {"order": "O9"}),),
        imported=("planned_order_components", "order item component quantity\nO9 0010 A 1"),
    ),
    "a closed order": Wrong(
        "BF3018",
        "planned order O3 is closed",
        (*POST, "--order", "O3"),
        ("post", "1000/L1", {**PIECE, "order": "O3"}),
        label=(("s1", "P", {"order": "O3"}),),
    ),
    "an unknown sales order": Wrong(
        "BF3024",
        "there is no sales order 'S1 20' in plant 1000: maintain it in sales_orders",
        (*POST, "--sales-order", "S1", "--sales-order-item", "20"),
        ("run-start", "1000/L1", {"material": "P", "sales_order": "S1", "sales_order_item": "20"}),
        label=(("s1", "P", {"sales_order": "S1", "sales_order_item": "20"}),),
        imported=(
            "runs",
            "plant line material version start sales_order sales_order_item\n1000 L1 P 1 2026-11-01T06:00 S1 20",
        ),
    ),
    "an item without its sales order": Wrong(
        "BF5008",
        "expected the sales order of item '10', got none",
        ("run-start", "1000/L1", "P", "1", "--sales-order-item", "10"),
        ("run-start", "1000/L1", {"material": "P", "sales_order_item": "10"}),
        imported=("runs", "plant line material version start sales_order_item\n1000 L1 P 1 2026-11-01T06:00 10"),
    ),
    "a sales order for something else": Wrong(
        "BF3024",
        "sales order S2 10 is for OTHER, and P does not go into it",
        (*POST, "--sales-order", "S2", "--sales-order-item", "10"),
        ("post", "1000/L1", {**PIECE, "sales_order": "S2", "sales_order_item": "10"}),
        label=(("s1", "P", {"sales_order": "S2", "sales_order_item": "10"}),),
        imported=("opening_stock", "plant material location stock_type quantity\n1000 P FG E/S2/10 5"),
    ),
    "stock of an unknown sales order": Wrong(
        "BF3024",
        "there is no sales order 'S9 10' in plant 1000: maintain it in sales_orders",
        imported=("opening_stock", "plant material location stock_type quantity\n1000 P FG E/S9/10 5"),
    ),
    "a unit that is none": Wrong(
        "BF3013",
        "unit 'BOX' does not convert to KG, the unit of A",
        (*POST, "--component", "A=1BOX"),
        ("post", "1000/L1", {**PIECE, "components": [{"material": "A", "quantity": "1", "unit": "BOX"}]}),
        label=(("s1", "P", {"components": [{"material": "A", "quantity": "1", "unit": "BOX"}]}),),
        imported=("bom_items", "plant material alternative item component quantity unit\n1000 P 1 0020 A 1 BOX"),
    ),
    "a unit that no product has": Wrong(
        "BF3013",
        "unit 'BOX' does not convert to PC, the unit of P",
        telegram=("L1/c1", {"good": 5, "unit": "BOX"}),
        imported=("devices", "device plant line kind unit\nc9 1000 L1 counter BOX"),
    ),
    "an unknown plant": Wrong(
        "BF3012",
        "there is no plant '9999'",
        ("post", "9999/L1", "--quantity", "1"),
        ("run-start", "9999/L1", {"material": "P"}),
        ("roam", "BF:LINE:9999:L1"),
        imported=("runs", "plant line material version start\n9999 L1 P 1 2026-11-01T06:00"),
    ),
    "an unknown product": Wrong(
        "BF3011",
        "plant 1000 has no material 'NONE'",
        (*POST, "--material", "NONE"),
        ("run-start", "1000/L1", {"material": "NONE"}),
        ("s1", "BF:RUN:NONE:1"),
        imported=("runs", "plant line material version start\n1000 L1 NONE 1 2026-11-01T06:00"),
    ),
    "an unknown component": Wrong(
        "BF3011",
        "plant 1000 has no material 'NONE'",
        (*POST, "--component", "NONE=1"),
        ("post", "1000/L1", {**PIECE, "components": [{"material": "NONE", "quantity": "1"}]}),
        label=(("s1", "P", {"components": [{"material": "NONE", "quantity": "1"}]}),),
        imported=("bom_items", "plant material alternative item component quantity\n1000 P 1 0020 NONE 1"),
    ),
    "an unknown activity": Wrong(
        "BF3019",
        "work center W has no rate for activity 'NONE'; it has none",
        (*POST, "--activity", "W/NONE=1"),
        ("post", "1000/L1", {**PIECE, "activities": [{"work_center": "W", "activity": "NONE", "hours": "1"}]}),
        label=(("s1", "P", {"activities": [{"work_center": "W", "activity": "NONE", "hours": "1"}]}),),
    ),
    "an unknown work center": Wrong(
        "BF3019",
        "plant 1000 has no work center 'NONE'",
        (*POST, "--activity", "NONE/LABOUR=1"),
        ("post", "1000/L1", {**PIECE, "activities": [{"work_center": "NONE", "activity": "LABOUR", "hours": "1"}]}),
        label=(("s1", "P", {"activities": [{"work_center": "NONE", "activity": "LABOUR", "hours": "1"}]}),),
        imported=("activity_rates", "plant work_center activity rate_per_hour\n1000 NONE LABOUR 1"),
    ),
    "an unknown location": Wrong(
        "BF3026",
        "there is no storage location 'SOUTH' in plant 1000: maintain it in storage_locations",
        (*POST, "--component", "A=1@SOUTH"),
        ("post", "1000/L1", {**PIECE, "components": [{"material": "A", "quantity": "1", "location": "SOUTH"}]}),
        label=(("s1", "P", {"components": [{"material": "A", "quantity": "1", "location": "SOUTH"}]}),),
        imported=("opening_stock", "plant material location quantity\n1000 A SOUTH 5"),
    ),
    "two that bear the cost": Wrong(
        "BF5008",
        "expected a sales order or a lot, got sales order 'S1' and lot 'LOT'",
        (*POST, "--sales-order", "S1", "--sales-order-item", "10", "--lot", "LOT"),
        ("post", "1000/L1", {**PIECE, "sales_order": "S1", "sales_order_item": "10", "lot": "LOT"}),
        label=(("s1", "P", {"sales_order": "S1", "sales_order_item": "10", "lot": "LOT"}),),
    ),
    "a part of a piece": Wrong(
        "BF5006",
        "the quantity is 0.5, PC has 0 decimals",
        ("post", "1000/L1", "--quantity", "0.5"),
        ("post", "1000/L1", {"quantity": "0.5"}),
    ),
    "a time that no clock shows": Wrong(
        "BF3025",
        "there is no 2026-03-29 02:30:00 in Europe/Berlin: clocks are set forward over it",
        (*POST, "--at", "2026-03-29T02:30"),
        ("run-start", "1000/L1", {"material": "P", "start": "2026-03-29T02:30"}),
        imported=("runs", "plant line material version start\n1000 L1 P 1 2026-03-29T02:30"),
    ),
    "a time that comes twice": Wrong(
        "BF3025",
        "2026-10-25 02:30:00 occurs twice in Europe/Berlin: add the offset, +02:00 or +01:00",
        (*POST, "--at", "2026-10-25T02:30"),
        ("run-stop", "1000/L1", {"end": "2026-10-25T02:30"}),
        imported=("runs", "plant line material version start\n1000 L1 P 1 2026-10-25T02:30"),
    ),
}


@pytest.fixture(scope="module")
def shop() -> Iterator[Rig]:
    """Offer a plant whose gateway runs."""
    more = {**OTHER, "aliases": "code kind value\nCARTON version OTHER/1"}
    with Rig(PLANT, more=more, mqtt={"allow_requests": ["run-start", "run-stop", "post"]}) as rig:
        yield rig.start()


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_gets_one_code_and_one_sentence_at_every_door_and_books_nothing(shop: Rig, what: str) -> None:
    """E9, E11, E14, W16, W19."""
    wrong = WRONG[what]
    told: dict[str, tuple[str, str]] = {}
    if wrong.command:
        said = called(shop.gateway.config, *wrong.command, "--json").json
        told["command"] = said["code"], said["text"]
    if wrong.request[0]:
        answer = shop.request(*wrong.request)
        told["request"] = answer["code"], answer["text"]
    if wrong.card[0]:
        answer = shop.scan(*wrong.card)
        told["card"] = answer["code"], answer["data"]["reason"]
    for scanner, label, beside in wrong.label:
        answer = shop.scan(scanner, label, **beside)
        told[f"label {label}"] = answer["code"], answer["data"]["reason"]
    if wrong.telegram[0]:
        shop.say(f"bf/v1/1000/{wrong.telegram[0]}/count", wrong.telegram[1])
        shop.settle()
        entry = max(shop.quarantine(), key=lambda entry: entry["number"])
        told["telegram"] = entry["code"], entry["text"]
    if wrong.imported[0]:
        told["import"] = imported(shop, *wrong.imported)
    assert told == dict.fromkeys(told, (wrong.code, wrong.sentence))
    assert shop.documents() == []


def imported(shop: Rig, table: str, row: str) -> tuple[str, str]:
    """Return code and sentence by which an import of one more row is refused."""
    folder = shop.folder / "brought"
    folder.mkdir(exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    text = (shop.masterdata / f"{table}.csv").read_text() if (shop.masterdata / f"{table}.csv").exists() else ""
    header, *body = text.splitlines() or [",".join(rows(row)[0])]
    [more] = rows(row)
    columns = [*header.split(","), *(column for column in more if column not in header.split(","))]
    wider = "," * (len(columns) - len(header.split(",")))
    added = ",".join(more.get(column, "") for column in columns)
    lines = [",".join(columns), *(line + wider for line in body), added]
    (folder / f"{table}.csv").write_text("\n".join(lines) + "\n")
    found = called(shop.gateway.config, "masterdata", "diff", str(folder), "--json").json["findings"]
    errors = [finding["text"] for finding in found if finding["severity"] == "error"]
    assert len(errors) == 1, errors
    [error] = errors
    code, _, sentence = error.partition(" ")
    return code, sentence


def test_a_time_to_come_or_long_ago_is_taken_by_force_with_a_reason_alone() -> None:
    """W16: a posting a year ahead; and a period that is not over."""
    with Rig(SMALL) as rig:
        rig.start()
        ahead = (datetime.now(UTC) + timedelta(days=365)).strftime("%Y-%m-%dT%H:%M:%S")
        before = (datetime.now(UTC) - timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%S")
        call = partial(called, rig.gateway.config)
        for at in (ahead, before):
            for more in ((), ("--force",), ("--reason", "found late")):
                said = call(*POST, "--at", at, *more, "--json")
                assert (said.status, said.json["code"]) == (1, "BF3025"), said
        assert rig.documents() == []
        assert call(*POST, "--at", before, "--force", "--reason", "found late").status == 0
        month = datetime.now(UTC).strftime("%Y-%m")
        said = call("period", "close", "1000", month)
        assert (said.status, f"BF3025 period {month} of plant 1000 is not over" in said.err) == (1, True)
        rig.audit()


def test_a_plant_that_maintains_no_names_opens_them() -> None:
    """The setting decides how an entry is read, so it is journalled, and a fold needs no configuration."""
    opened = {"open_names": ["reasons", "operators", "sales_orders"]}
    with Rig(SMALL, posting=opened) as rig:
        rig.start()
        call = partial(called, rig.gateway.config)
        assert call(*POST, "--sales-order", "S9").status == 0
        assert call(*POST, "--type", "scrap", "--scrap-reason", "ZZ").status == 0
        assert rig.scan("s1", "P", operator="otto")["result"] == "ok"
        rig.settle()
        assert len(rig.documents()) == 3
        rig.audit()
