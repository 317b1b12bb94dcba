"""By what a scan is known when it comes again, and scans whose telegrams say more than a label."""

from typing import Any

import pytest

from devices.messages import Used, WorkedHours
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import component, moment, operation, order, points, product, routing, scanner, version
from tests.unit.backflush.test_scans import SERIAL_1, labelled

NOW = "08:00"
HOUR = 3_600


def pull(book: Book, offset_s: float, **said: Any) -> str:
    """Scan FG with a time so far from eight o'clock, and return code or result."""
    told = book.scan("FG", ts=moment(NOW) + int(offset_s * 1_000_000), **said)
    return told.result if told.result != "nok" else str(told.code)


@pytest.mark.parametrize(
    ("first", "second", "after_s", "expected"),
    [
        # the same time is the same pull, at any distance
        ((0, {}), (0, {}), 4, "dup"),
        ((0, {}), (0, {}), 100 * HOUR, "dup"),
        ((0, {}), (0, {"hist": True}), HOUR, "dup"),
        ((-4000, {"hist": True}), (-4000, {"hist": True}), 90 * HOUR, "dup"),
        # another time is another pull, at no distance
        ((-60, {}), (-30, {}), 0, "ok"),
        ((0, {}), (0.001, {}), 0, "ok"),
        ((-4000, {"hist": True}), (-3000, {"hist": True}), 0, "ok"),
        ((-HOUR, {}), (-HOUR + 1, {}), 0, "ok"),
        ((-1000 * HOUR, {}), (-1000 * HOUR + 5, {}), 0, "ok"),
        # stored and not said to be so: perhaps a repetition, perhaps a clock that stands still
        ((-HOUR, {}), (-HOUR, {}), 1, "dup"),
        ((-HOUR, {}), (-HOUR, {}), 60, Reason.WAITED),
        ((-HOUR, {}), (-HOUR, {"hist": True}), 60, "dup"),
        # a clock that cannot be right, and stands still, swallows nothing beyond the moment
        ((-1000 * HOUR, {}), (-1000 * HOUR, {}), 1, "dup"),
        ((-1000 * HOUR, {}), (-1000 * HOUR, {}), 4, "ok"),
        ((100 * HOUR, {}), (100 * HOUR, {}), 4, "ok"),
        # the same time with something else said
        ((0, {}), (0, {"operator": "7"}), 4, Reason.CONFLICT),
        # with an id the time is part of the content
        ((0, {"id": "a"}), (0, {"id": "a"}), HOUR, "ok again"),
        ((0, {"id": "a"}), (0, {"id": "a", "hist": True}), HOUR, "ok again"),
        ((0, {"id": "a"}), (1, {"id": "a"}), 0, Reason.CONFLICT),
        ((0, {"id": "a"}), (0, {"id": "b"}), 0, "ok"),
    ],
)
@pytest.mark.parametrize("crash", [False, True])
def test_a_scan_that_comes_again(first: Any, second: Any, after_s: int, expected: str, *, crash: bool) -> None:
    book = Book(labelled(), now=NOW)
    assert pull(book, first[0], **first[1]) == "ok"
    if after_s:
        book.wait(after_s)
    book.crash(only_if=crash)
    assert pull(book, second[0], **second[1]) == expected.partition(" ")[0]
    assert book.stock("FG") == ("2" if expected == "ok" else "1")


def test_a_pull_is_known_when_it_has_left_memory() -> None:
    book = Book(labelled(), now=NOW)
    assert [pull(book, second) for second in range(10)] == ["ok"] * 10
    book.state.scans.clear()
    assert [pull(book, second) for second in range(10)] == ["dup"] * 10


def test_a_card_is_scanned_once_too() -> None:
    book = Book(labelled(), now=NOW)
    for name in ("a", "b"):
        book.scan("FG", id=name)
    assert [book.scan("BF:UNDO", ts=NOW).result for _ in range(2)] == ["ok", "dup"]
    assert book.documents() == ["assembly", "assembly", "reversal"]


def test_a_refused_pull_is_kept_once_and_told_again() -> None:
    book = Book(labelled(), now=NOW)
    assert [book.scan("UNKNOWN", ts=NOW).code for _ in range(3)] == [Reason.UNKNOWN_CODE] * 3
    assert len(book.open_entries()) == 1


def test_a_pull_that_a_person_replays_is_posted_once() -> None:
    book = Book(labelled(), now=NOW)
    pull(book, -HOUR)
    book.wait(60)
    assert pull(book, -HOUR) == Reason.WAITED
    book.replay()
    assert (book.stock("FG"), book.open_entries()) == ("2", [])


def test_a_pull_that_another_gateway_posted_is_known_to_the_next_gateway_on_its_journal() -> None:
    book = Book(labelled(), now=NOW)
    pull(book, 0)
    other = Book(labelled(), now="08:10", ledger=book.ledger)
    left = other.scanned("FG", ts=NOW)._replace(behind=True)
    other.feed(left, other.scanned("FG", ts="08:10")._replace(behind=True), other.scanned("FG")._replace(behind=True))
    told = [feedback.outcome.result for feedback in other.feedback[-3:]]
    assert (told, [entry.code for entry in other.open_entries()]) == (["dup", "ok", "nok"], [Reason.LEFT_BEHIND])


def test_a_wider_limit_believes_older_times() -> None:
    book = Book(labelled(), now=NOW, rules=Rules(skew=2 * HOUR * 1_000_000))
    assert pull(book, -HOUR) == "ok"
    book.wait(60)
    assert pull(book, -HOUR) == "dup"


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
