"""Labels that are none of GS1: messages of ISO 15434, forms of the site, aliases; each quantity is used or refused."""

from typing import Any

import pytest

from devices.errors import Malformed
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData
from gateway.errors import Reason
from tests.book import Book
from tests.builders import order, plant, points, product, routing, scanner

PATTERNS = (
    r"(?P<material>[A-Z0-9]+);(?P<batch>[^;]*);(?P<quantity>[0-9.]+)(?P<unit>[A-Z]*)",
    r"#(?P<order>[A-Z0-9]+)#(?P<serial>[0-9]*)",
    r"(?P<gtin>[0-9]{13})/(?P<version>.+)",
    r"(?P<material>G2);;(?P<batch>[0-9])",
)
RULES = Rules(window="reading", open_names=(), edition=EDITION, patterns=PATTERNS)
GTIN = "04012345000009"


def site(**more: Any) -> MasterData:
    settings: dict[str, Any] = {
        "materials": [
            product(units={"BOX": (12, 1), "M": (5, 1), "m": (3, 1), "ROLL": (2, 1), "roll": (4, 1)}),
            product("G2", 30),
        ],
        "routings": [routing(points("0010", "0020"))],
        "devices": [scanner("S2")],
        "gtins": {GTIN: Gtin("FG", "BOX")},
        "aliases": {
            "CUSTOMER-1": ("material", "FG"),
            "OTHER": ("material", "G2"),
            "SHEET": ("order", "P1"),
            "GATE": ("point", "0010"),
            "NOWHERE": ("point", "0099"),
        },
        **more,
    }
    return plant(**settings)


def book() -> Book:
    return Book(site(), rules=RULES, orders=[order("P1", 50), order("P2", 50)])


def message(*fields: str) -> str:
    return "\x1d".join(("[)>\x1e06", *fields)) + "\x1e\x04"


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (message("1PFG", "Q5"), "5"),
        (message("PCUSTOMER-1", "1PFG", "Q5", "1TL7"), "5"),
        (message("PNOBODY-KNOWS", "1PFG", "Q5"), "5"),
        (message("8P" + GTIN), "12"),
        (message("8P" + GTIN, "Q2"), "24"),
        (message("8P" + GTIN, "Q24", "3QPC"), "24"),
        (message("1PFG", "7Q2BO"), Reason.NO_UNIT),
        (message("1PFG", "Q2", "3QBOX"), "24"),
        (message("1PFG", "Q2", "3Qbox"), "24"),
        (message("1PFG", "Q2", "3Qm"), "6"),
        (message("1PFG", "Q2", "3QM"), "10"),
        (message("1PFG", "Q2", "3QROll"), Reason.NO_UNIT),
        (message("1PFG", "Q24", "3QPC", "7Q24PC"), "24"),
        (message("1PFG", "Q24", "7Q25PC"), Reason.BAD_QUANTITY),
        (message("1PFG", "Q2.5"), Reason.BAD_QUANTITY),
        (message("1PFG", "POTHER", "Q5"), Malformed.CONTRADICTING_BARCODE),
        (message("1PNOBODY", "Q5"), Reason.UNKNOWN_CODE),
        (message("1PA", "Q5"), Reason.NO_VERSION),
        ("FG;L7;5", "5"),
        ("CUSTOMER-1;L7;5", Reason.UNKNOWN_CODE),
        ("FG;L7;2BOX", "24"),
        ("FG;L 7;2", Malformed.UNKNOWN_BARCODE),
        ("FG;;0", Malformed.OUT_OF_RANGE),
        ("4012345000009/V1", "12"),
        ("4012345000009/V9", Reason.UNKNOWN_VERSION),
        ("4012345000008/V1", Malformed.BAD_CHECK_DIGIT),
        ("#P1#", "1"),
        ("#P9#", Reason.UNKNOWN_ORDER),
        ("SHEET", "1"),
    ],
)
def test_a_label_is_posted_by_all_that_it_says_or_refused(text: str, made: str | Reason | Malformed) -> None:
    shop = book()
    told = shop.scan(text, id="s1")
    if not isinstance(made, Reason | Malformed):
        assert (told.result, shop.stock("FG")) == ("ok", made), told
    else:
        assert (told.result, told.code, shop.stock("FG")) == ("nok", made, "0"), told
        assert [entry.code for entry in shop.open_entries()] == [made]


@pytest.mark.parametrize(("text", "card", "made"), [(message("1PFG", "Q5"), 5, "5"), (message("1PFG", "Q5"), 6, "0")])
def test_a_card_and_a_label_say_the_same_quantity(text: str, card: int, made: str) -> None:
    shop = book()
    shop.scan(f"BF:QTY:{card}")
    assert (shop.scan(text, id="s1").code == Reason.BAD_QUANTITY, shop.stock("FG")) == (made == "0", made)


def test_a_planned_order_on_a_label_is_the_one_that_is_reduced() -> None:
    shop = book()
    shop.scan("#P2#7", id="s1")
    shop.scan("SHEET", id="s2")
    assert [(shop.state.orders[name].reduced) for name in ("P1", "P2")]
    assert {row.order for row in shop.ledger.reductions} == {"P1", "P2"}
    assert shop.scan("#P2#7", "S2", id="s3").code == Reason.SERIAL_USED
    assert shop.scan("#P1#8", order="P2", id="s4").code == Reason.BAD_COMMAND


def test_a_text_of_two_forms_that_differ_is_refused() -> None:
    assert book().scan("G2;;7", id="s1").code == Malformed.CONTRADICTING_BARCODE


def test_an_item_of_a_serial_number_is_one_piece() -> None:
    shop = book()
    told = [shop.scan(message("1PFG", "S1", f"1T{batch}"), id=batch).result for batch in ("A", "B")]
    assert (told, shop.stock("FG")) == (["ok", "dup"], "1")


def test_an_alias_of_a_point_is_its_card() -> None:
    shop = book()
    assert (shop.scan("GATE").result, shop.state.contexts["S1"].point) == ("info", "0010")
    assert shop.scan("NOWHERE").code == Reason.UNKNOWN_POINT


def test_what_was_scanned_before_is_read_as_it_was() -> None:
    before = RULES._replace(edition=2)
    shop = Book(site(aliases={"BF5152474810": ("material", "FG")}), rules=before)
    assert shop.scan("BF5152474810", id="s1").result == "ok"
    assert shop.scan(message("1PFG"), id="s2").code == Malformed.CONTROL_CHARACTER
    assert shop.scan("[)>06FG", id="s3").code == Reason.UNKNOWN_CODE
