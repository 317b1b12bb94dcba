"""One scan is one fact: its time, its separators, its quantities, its pallet."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.service.fold.requests import Request
from gateway.service.local.submission import submit
from tests.cases.rig import Answer, Rig

PIECE, BOX, WEIGHT = "02000000000015", "02000000001012", "92000000001077"
PALLET = "]C100340123450000000017"
MORE = {
    "materials": """plant material unit decimals type rem_profile
                    1000 COMPOUND KG 3 made REM1""",
    "boms": """plant material alternative valid_from
               1000 COMPOUND 1 2026-01-01""",
    "bom_items": """plant material alternative item component quantity unit operation
                    1000 COMPOUND 1 0010 GRANULATE 1 KG 0010""",
    "routings": """plant material routing base_quantity valid_from
                   1000 COMPOUND 1 100 2026-01-01""",
    "operations": """plant material routing operation work_center
                     1000 COMPOUND 1 0010 MOLD1""",
    "production_versions": """plant material version bom_alternative routing line valid_from receiving_location
                              1000 COMPOUND 0001 1 1 L05 2026-01-01 SF01""",
    "gtins": f"""gtin material unit
                 {WEIGHT} COMPOUND KG""",
    "devices": """device plant line kind first window
                  s-L05 1000 L05 scanner - -
                  s-L06 1000 L06 scanner - -
                  c-L06-pallet 1000 L06 counter zero scan""",
}


@pytest.fixture
def floor() -> Iterator[Rig]:
    """Offer a plant with scanners at two lines, and goods that are made by weight; the audit holds at the end."""
    with Rig(more=MORE, mqtt={"allow_requests": ["post"]}) as rig:
        yield rig.start()
        rig.settle()
        rig.audit()


def pull(rig: Rig, offset_s: float, **more: object) -> str:
    """Scan a code without an id, at a time so far from now, and return the code of its answer."""
    ts = (datetime.now(UTC) + timedelta(seconds=offset_s)).isoformat(timespec="milliseconds")
    return str(nameless(rig, {"data": "PUMP-40", "ts": ts, **more})["code"])


def nameless(rig: Rig, said: Mapping[str, object]) -> Answer:
    """Publish a scan without an id and return its answer."""
    after = len(rig.monitor.has_heard)
    rig.say(rig.topic("s-L06", "scan"), said)
    return rig.answer("s-L06", "", after)


def test_scans_of_equal_codes_are_as_many_as_their_times(floor: Rig) -> None:
    """I09: a scanner without ids sends what it has stored, and repeats a pull."""
    assert [pull(floor, offset) for offset in (-60, -30, -1)] == ["BF0000"] * 3
    assert [pull(floor, offset, hist=True) for offset in (-4000, -3000, -2000)] == ["BF0000"] * 3
    said = {"data": "PUMP-40", "ts": datetime.now(UTC).isoformat()}
    again = [nameless(floor, said | {"hist": stored})["code"] for stored in (False, False, True)]
    assert again == ["BF0000", "BF0002", "BF0002"]
    floor.restart()
    assert nameless(floor, said)["code"] == "BF0002"
    assert floor.scan("s-L06", "PUMP-40", id="a", ts="2026-01-01T00:00:00Z")["code"] == "BF0000"
    assert floor.scan("s-L06", "PUMP-40", id="a", ts="2026-01-01T00:00:01Z")["code"] == "BF2006"
    assert floor.stock()["PUMP-40 FG01"] == 8


def test_a_label_of_variable_measure_posts_its_measure(floor: Rig) -> None:
    """I11 and f_small: 1.250 kg, 12.50 kg, and pounds, which nobody converts; a card and a label that differ."""
    label = f"]C101{WEIGHT}"
    titles = [floor.scan("s-L05", f"{label}{said}")["title"] for said in ("3103001250", "3102001250")]
    assert titles == ["1.25 KG", "12.5 KG"]
    codes = [floor.scan("s-L05", f"{label}{said}")["code"] for said in ("3202001250", "")]
    assert codes == ["BF3013", "BF1014"]
    assert floor.scan("s-L06", "BF:QTY:7")["result"] == "prompt"
    assert floor.scan("s-L06", f"]C101{PIECE}305")["code"] == "BF5006"
    assert floor.stock()["COMPOUND SF01"] == Decimal("13.75")
    explained = floor.json("scan", f"{label}3103001250", "--line", "1000/L05")
    assert (explained["measures"], explained["would"][0]["title"]) == ("net weight 1.250 KG", "1.25 KG")


def test_a_label_is_read_in_one_form_by_the_gateway_and_by_the_tool_that_explains(floor: Rig) -> None:
    """I13, I14, I16, I23: separators that became visible, links in capitals, identifiers that make a number plain."""
    texts = {
        **{f"]C101{PIECE}10LOT7{gs}3024": "24 PC" for gs in ("<GS>", "%1D", "(GS)", "<0x1D>", "{GS}", "\x1d")},
        **{f"]C101{PIECE}10LOT7{mark}3024": "NOT POSTED" for mark in ("_", "|", "~", "^", "#", "?")},
        f"https://id.gs1.org/01/{BOX}/21/A1": "12 PC",
        f"HTTPS://ID.GS1.ORG/01/{BOX}/21/A2": "12 PC",
        f"]Q1HTTPS://id.gs1.org/01/{BOX}/21/A3": "12 PC",
        f"https://id.gs1.org/01/{BOX}/21/A4/": "12 PC",
        **{f"{aim}01{BOX}217001": "NOT POSTED" for aim in ("]c1", "]C0", "]Q1")},
        f"]I0{PIECE}": "NOT POSTED",
        f"(01){PIECE}(10)LOT7(30)24": "NOT POSTED",
        **dict.fromkeys(["BF\u00d6LINE\u00d61000\u00d6L06", "bf:qty:5", "BF:QTZ:5"], "NOT POSTED"),
    }
    for text in (f"]C101{PIECE}10LOT7<GS>3024", f"HTTPS://ID.GS1.ORG/01/{BOX}/21/A2"):
        assert floor.json("scan", text, "--line", "1000/L06")["would"][0]["title"] == texts[text]
    assert floor.backflush("scan", f"]C101{PIECE}10LOT7_3024", "--line", "1000/L06").status == 1
    assert {text: floor.scan("s-L06", text)["title"] for text in texts} == texts


def test_a_pallet_is_received_once_whatever_its_label_says(floor: Rig) -> None:
    """f_sscc: the SSCC alone closes the pallet; then its full label comes. What nobody can use beside it is refused."""
    floor.count("c-L06-pallet", 480)
    assert floor.scan("s-L06", PALLET, point="9999")["code"] == "BF3010"
    assert floor.scan("s-L06", PALLET, sales_order="4500", sales_order_item="10")["code"] == "BF5008"
    labels = (PALLET, f"{PALLET}02{PIECE}37480", f"{PALLET}02{PIECE}37480", PALLET)
    assert [floor.scan("s-L06", label)["result"] for label in labels] == ["ok", "dup", "dup", "dup"]
    assert floor.stock()["PUMP-40 FG01"] == 480


def test_a_pallet_of_two_batches_is_free_when_both_are_taken_back(floor: Rig) -> None:
    """f_sscc: its first report was taken back, and the pallet could be received again with the second one's pieces."""
    for total, batch in ((300, "B1"), (480, "B2")):
        floor.count("c-L06-pallet", {"good": total, "batch": batch})
    assert floor.scan("s-L06", PALLET)["result"] == "ok"
    first, second = (document["document"] for document in floor.documents("1000/L06"))
    floor.count("c-L06-pallet", {"good": 500, "batch": "B2"})
    told = []
    for number in (first, second):
        floor.done("reverse", number, "--reason", "wrong pallet")
        told.append(floor.scan("s-L06", PALLET))
    assert [each["result"] for each in told] == ["dup", "ok"]
    assert second in told[0]["text"]
    assert floor.stock()["PUMP-40 FG01"] == 20


def test_a_request_needs_a_transaction_at_every_door(floor: Rig) -> None:
    """f_request_twice: what nothing tells from its repetition is refused; the command line makes a name up."""
    data = {"material": "PUMP-40", "quantity": "5"}
    by_topic = floor.request("post", "1000/L06", data, transaction="")
    by_socket = submit(floor.gateway.settings, Request(verb="post", plant="1000", line="L06", data=data))
    for answer in (by_topic, by_socket):
        assert (answer["status"], answer["code"]) == ("error", "BF5008")
    floor.done("post", "1000/L06", "--material", "PUMP-40", "--quantity", "2")
    assert floor.stock()["PUMP-40 FG01"] == 2
