"""Scans whose telegrams say more than a label: what was used, how long it took, for whom."""

from typing import Any

import pytest

from devices.messages import Used, WorkedHours
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import component, operation, order, points, product, routing, scanner, version
from tests.unit.backflush.test_scans import SERIAL_1, labelled

USED = (Used("A", "3", batch="A7"),)
TIMED = [routing([operation("0010", {"machine": 1})]), routing([operation("0010")], material="G2")]
HOURS = (WorkedHours("W1", "machine", "0.75"),)


def test_a_scan_says_what_was_really_used_and_how_long_it_took() -> None:
    book = Book(labelled(routings=TIMED))
    told = book.scan("FG", id="1", components=USED, activities=HOURS)
    assert (told.result, told.title, told.document) == ("ok", "1 PC", 1)
    assert (book.moved(1), book.hours(1)) == (["131 FG 1", "261 A -3"], ["machine 0.75"])
    assert book.line() == {"read": "1", "counted": "1", "posted": "1"}
    assert book.scan("FG", id="1", components=USED, activities=HOURS) == told
    assert book.scan("FG", id="1", components=USED).code == Reason.CONFLICT


@pytest.mark.parametrize(
    ("said", "title", "moved", "hours"),
    [
        ({"type": "component"}, "2 PC COMPONENT", ["261 A -2"], []),
        ({"type": "component", "components": USED}, "2 PC COMPONENT", ["261 A -3"], []),
        ({"type": "activity"}, "2 PC ACTIVITY", [], ["machine 2"]),
        ({"type": "activity", "activities": HOURS}, "2 PC ACTIVITY", [], ["machine 0.75"]),
        ({"type": "component-scrap", "components": USED}, "2 PC COMPONENT SCRAP", ["551 A -3"], []),
        ({"type": "by-product", "components": USED}, "2 PC BY PRODUCT", ["531 A 3"], []),
    ],
)
def test_a_scan_books_consumption_alone(said: dict[str, Any], title: str, moved: list[str], hours: list[str]) -> None:
    book = Book(labelled(routings=TIMED))
    book.scan("BF:QTY:2")
    told = book.scan("FG", id="1", **said)
    assert (told.result, told.title, book.moved(1), book.hours(1)) == ("ok", title, moved, hours)
    assert (book.stock("FG"), book.line()) == ("0", {})


def test_a_scan_names_the_sales_order_the_lot_or_the_planned_order() -> None:
    book = Book(labelled(profile=RemProfile("R", order_reduction="none")), orders=[order("O1", 5), order("O2", 5)])
    book.scan("FG", id="1", sales_order="4500", sales_order_item="10")
    book.scan("FG", id="2", lot="L7")
    book.scan("FG", id="3", order="O2")
    assert [d.cost_object for d in book.ledger.documents.values()] == ["SO 4500 10", "LOT L7", "PCC 1000 FG V1"]
    assert (book.reduced("O1"), book.reduced("O2").get("quantity")) == ({}, "1")


def test_scrap_by_card_may_say_what_was_used() -> None:
    book = Book(labelled())
    book.scan("BF:SCRAP:DENT")
    told = book.scan("FG", id="1", components=USED)
    assert (told.title, book.confirmed(1), book.moved(1)) == ("1 PC SCRAP", ["final 0+1 DENT"], ["261 A -3"])


def test_a_serial_number_is_confirmed_once_whatever_its_scan_says() -> None:
    book = Book(labelled())
    assert book.scan(SERIAL_1, id="1", components=USED).result == "ok"
    assert [book.scan(SERIAL_1, id="2").result, book.scan(SERIAL_1, id="3", components=USED).result] == ["dup", "dup"]
    assert book.scan(SERIAL_1, id="4", type="component").result == "ok"


def test_a_scan_that_names_what_is_not_known_waits_without_units_and_is_replayed() -> None:
    book = Book(labelled())
    told = book.scan("FG", id="1", components=(Used("C", "1"),), complete=True)
    assert (told.result, told.code, book.documents(), book.ledger.lines) == ("nok", Reason.UNKNOWN_MATERIAL, [], {})
    book.load(labelled(materials=[product(), product("G2", 30), component("C")]))
    book.replay()
    assert (book.moved(1), book.open_entries()) == (["131 FG 1", "261 C -1"], [])


def test_a_scan_without_an_id_that_says_something_else_is_no_repetition() -> None:
    book = Book(labelled())
    told = [book.scan("FG", components=USED).result, book.scan("FG", components=USED).result]
    assert (told, book.scan("FG", type="component").result) == (["ok", "dup"], "ok")
    assert book.documents() == ["assembly", "component"]


def pointed(**more: Any) -> MasterData:
    """Return a plant with the points 0010 and 0020, and scanners that choose theirs by card."""
    routings = [routing(points("0010", "0020")), routing([operation("0010")], material="G2")]
    profile = RemProfile("R", reporting_points="optional")
    return labelled(routings=routings, profile=profile, devices=[scanner("S1"), scanner("S2")], **more)


def test_a_serial_number_is_known_at_the_point_of_a_card_that_came_with_it() -> None:
    book = Book(pointed())
    assert [book.scan(text).result for text in ("BF:POINT:0010", SERIAL_1, "BF:POINT:0020")] == ["info", "ok", "info"]
    book.crash()
    book.feed(book.scanned("BF:POINT:0010"), book.scanned(SERIAL_1, id="1"))
    assert (book.feedback[-1].outcome.result, book.line()["counted"]) == ("dup", "1")


@pytest.mark.parametrize("said", [{"components": (Used("C", "1"),)}, {}])
def test_a_replayed_serial_number_is_known_at_the_point_that_was_chosen_then(said: dict[str, Any]) -> None:
    whole = pointed(materials=[product(), product("G2", 30), component("C")])
    book = Book(pointed() if said else pointed(versions=[version(material="G2")]))
    assert [book.scan("BF:POINT:0010").result, book.scan(SERIAL_1, id="1", **said).result] == ["info", "nok"]
    book.scan("BF:POINT:0020")
    book.load(whole)
    assert [book.scan("BF:POINT:0010", "S2").result, book.scan(SERIAL_1, "S2").result] == ["info", "ok"]
    book.crash()
    book.replay()
    assert (book.documents(), book.line()["counted"]) == (["point"], "1")


def test_a_card_for_pieces_does_not_go_with_consumption_alone() -> None:
    book = Book(labelled())
    book.scan("BF:SCRAP:DENT")
    told = book.scan("FG", id="1", type="component")
    assert (told.result, told.code, book.documents()) == ("nok", Reason.BAD_COMMAND, [])
