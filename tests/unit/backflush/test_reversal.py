"""Reversals: open rows are withdrawn, posted ones mirrored, and nothing is taken back twice."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Reverse
from gateway.backflush.plant.snapshot import RemProfile
from gateway.errors import Reason
from tests.book import Book, Told
from tests.builders import (
    EARLY_LATE_NIGHT,
    bom,
    component,
    item,
    operation,
    order,
    plant,
    q,
    routing,
    stock,
    two_points,
)

BACKGROUND: dict[str, Any] = {"goods_issue_timing": "background", "activity_timing": "background"}
CUMULATED: dict[str, Any] = {**BACKGROUND, "cumulate_goods_issues": True, "cumulate_activities": True}


def book_with(*, now: str = "08:00", orders: Any = (), stocks: Any = None, master: Any = None, **profile: Any) -> Book:
    """Return a book of a plant with machine time, under a profile."""
    made = master or plant(
        profile=RemProfile("R", **profile), routings=[routing([operation("0010", {"machine": "0.1"})])]
    )
    return Book(made, now=now, orders=orders, stock=stocks)


def refused(told: Told) -> str:
    """Return the code of a refusal."""
    assert told.status == "error", told
    return told.code


@pytest.mark.parametrize("timing", [{}, BACKGROUND, CUMULATED])
@pytest.mark.parametrize("worked", ["before", "after", "never"])
def test_a_whole_reversal_leaves_nothing(timing: dict[str, Any], worked: str) -> None:
    book = book_with(**timing)
    book.post(5)
    if worked == "before":
        book.work()
    book.reverse(1)
    if worked == "after":
        book.work()
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["0", "0", "0"]
    assert (book.balance(), book.open_rows()) == ("0", {})
    assert book.statistic("yield") == book.statistic("component") == book.statistic("activity") == "0"
    assert book.line() == {"read": "5", "counted": "5", "posted": "5", "reversed": "5"}


def test_a_reversal_mirrors_activities_first_then_issues_then_the_receipt() -> None:
    book = book_with()
    book.post(5)
    book.reverse(1)
    assert book.hours(2) == ["machine -0.5"]
    assert book.moved(2) == ["262 A 5", "262 B 5", "132 FG -5"]
    numbers = [item.item for item in book.ledger.activities if item.document == 2]
    assert numbers == [1]


def test_an_open_row_is_withdrawn_and_no_other() -> None:
    book = book_with(**BACKGROUND)
    book.post(5)
    book.post(3)
    book.reverse(1)
    assert book.open_rows() == {"issue": "3", "activity": "3"}
    assert book.moved(3) == ["132 FG -5"]
    book.work()
    assert book.stock("A") == "-3"


@pytest.mark.parametrize("timing", [{}, BACKGROUND, CUMULATED])
def test_a_partial_reversal_shrinks_or_mirrors_the_last_units(timing: dict[str, Any]) -> None:
    book = book_with(**timing)
    book.post(5)
    book.reverse(1, 2)
    book.work()
    assert [book.stock(name) for name in ("FG", "A")] == ["3", "-3"]
    book.reverse(1, 1)
    assert [book.stock(name) for name in ("FG", "A")] == ["2", "-2"]
    assert refused(book.reverse(1, 3)) == Reason.BAD_QUANTITY
    book.reverse(1)
    assert [book.stock(name) for name in ("FG", "A")] == ["0", "0"]
    assert refused(book.reverse(1)) == Reason.ALREADY_REVERSED


def test_reversals_of_parts_of_a_fraction_add_up_to_the_whole() -> None:
    master = plant(materials=[component("G", 3, decimals=3)], boms=[bom({"G": "0.3335"})])
    book = Book(master)
    book.post(1)
    book.post(7)
    for _ in range(7):
        book.reverse(2, 1)
    assert book.stock("G") == "-0.334"
    book.reverse(1)
    assert (book.stock("G"), book.balance()) == ("0", "0")


def test_one_document_of_a_cumulated_posting_is_reversed_alone() -> None:
    book = book_with(**CUMULATED)
    for pieces in (5, 3, 2):
        book.post(pieces)
    book.work()
    assert book.documents() == ["assembly", "assembly", "assembly", "worklist", "worklist"]
    book.reverse(2)
    assert book.moved(6) == ["262 A 3", "262 B 3", "132 FG -3"]


@pytest.mark.parametrize("quantity", [0, -1, 6])
def test_no_more_than_the_document_is_reversed(quantity: int) -> None:
    book = book_with()
    book.post(5)
    assert refused(book.reverse(1, quantity)) == Reason.BAD_QUANTITY


def test_what_is_no_backflush_is_not_reversed() -> None:
    book = book_with(**CUMULATED)
    book.post(5)
    book.work()
    book.reverse(1)
    assert [refused(book.reverse(n)) for n in (2, 4)] == [Reason.NOT_REVERSIBLE] * 2
    assert refused(book.reverse(99)) == Reason.UNKNOWN_DOCUMENT


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"quantity": 2}, Reason.OK),
        ({"scrap": 2, "scrap_reason": "DENT"}, Reason.OK),
        ({"quantity": 1, "scrap": 3, "scrap_reason": "SCRATCH"}, Reason.OK),
        ({"scrap": 2}, Reason.BAD_QUANTITY),
        ({"scrap": 3, "scrap_reason": "DENT"}, Reason.BAD_QUANTITY),
        ({"scrap": 1, "scrap_reason": "OTHER"}, Reason.BAD_QUANTITY),
        ({"quantity": 6}, Reason.BAD_QUANTITY),
        ({"quantity": 0}, Reason.BAD_QUANTITY),
        ({"quantity": 1, "scrap": -1, "scrap_reason": "DENT"}, Reason.BAD_QUANTITY),
    ],
)
def test_yield_and_scrap_of_one_reason_are_reversed_in_part(said: dict[str, Any], code: Reason) -> None:
    book = book_with()
    book.count(good=5, scrap=5, scrap_by=(("DENT", 2), ("SCRATCH", 3)))
    part: dict[str, Any] = {name: q(value) if isinstance(value, int) else value for name, value in said.items()}
    assert book.ask(Reverse(1, **part)).code == code
    good, bad = (said.get("quantity", 0), said.get("scrap", 0)) if code == Reason.OK else (0, 0)
    left = [str(5 - good), str(5 - bad), str(good + bad - 10)]
    assert [book.stock("FG"), book.statistic("scrap"), book.stock("A")] == left
    assert book.reverse(1).status == "ok"
    assert [book.stock("FG"), book.statistic("scrap"), book.stock("A"), book.balance()] == ["0"] * 4


def test_a_part_of_scrap_alone_says_its_reason_where_there_are_several() -> None:
    book = book_with()
    book.count(scrap=5, scrap_by=(("DENT", 2), ("SCRATCH", 3)))
    told = book.reverse(1, 2)
    assert (refused(told), "--scrap-reason" in told.text) == (Reason.BAD_QUANTITY, True)
    assert book.reverse(1).status == "ok"
    assert (book.stock("A"), book.statistic("scrap")) == ("0", "0")


def test_pieces_that_have_gone_on_are_not_reversed_and_the_later_documents_are_named() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0010")
    book.post(3, "point", point="0020")
    told = book.reverse(1)
    assert refused(told) == Reason.NEGATIVE_WIP
    assert "0000000002" in told.text
    assert book.reverse(1, 2).status == "ok"
    assert book.wip() == {"0010": "0", "0020": "3"}
    book.reverse(2)
    book.reverse(1)
    assert [book.stock(name) for name in ("A", "B")] == ["0", "0"]


def test_a_receipt_whose_stock_is_gone_is_not_reversed() -> None:
    book = book_with()
    book.post(5)
    (key,) = (k for k in book.ledger.stock if k.material == "FG")
    book.load(book.state.master, stock={key: -3_000_000})
    told = book.reverse(1)
    assert refused(told) == Reason.STOCK_GONE
    assert "holds 2" in told.text
    assert book.reverse(1, 2).status == "ok"


def test_a_by_product_whose_stock_is_gone_is_not_taken_back() -> None:
    master = plant(boms=[bom({"A": 1, "B": -1})], negative_stock=False)
    book = Book(master, stock=stock(A=100))
    book.post(5)
    assert book.moved(1)[1:] == ["261 A -5", "531 B 5"]
    book.load(master, stock=stock(A=100, B=-4))
    assert refused(book.reverse(1)) == Reason.STOCK_GONE


def test_pieces_that_waited_are_reversed_for_good() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020")
    book.post(8, "point", point="0010")
    assert book.confirmed(3) == ["0020 5+0"]
    book.reverse(3)
    book.post(1, "point", point="0010")
    assert book.wip() == {"0010": "9", "0020": "0"}
    assert book.waiting() == "0"


def test_a_report_that_still_waits_is_withdrawn_by_its_reversal() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0020")
    assert (book.reverse(1, 2).data["withdrawn"], book.waiting()) == ("2", "3")
    assert (book.reverse(1).data["withdrawn"], book.waiting()) == ("3", "0")
    assert refused(book.reverse(1)) == Reason.ALREADY_REVERSED


def test_automatic_lines_fall_with_the_document_that_demanded_them() -> None:
    book = Book(two_points("optional"))
    book.post(5)
    book.reverse(1)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["0", "0", "0"]
    book.post(2)
    assert [book.stock(name) for name in ("FG", "A", "B")] == ["2", "-2", "-2"]


def test_what_a_point_had_reported_itself_waits_again_after_its_demander_is_reversed() -> None:
    book = Book(two_points("optional"))
    book.post(5)
    book.post(3, "point", point="0010")
    assert book.wip() == {"0010": "0", "0020": "0"}
    book.reverse(1)
    book.post(1, "point", point="0010")
    assert book.wip() == {"0010": "4", "0020": "0"}


ORDERS: dict[str, Any] = {"order_reduction": "own_and_unassigned", "recreate_orders_on_reversal": True}


def test_a_reversal_gives_back_what_its_document_took_and_nothing_else() -> None:
    book = book_with(orders=[order("O1", 100)], **ORDERS)
    book.post(10)
    book.post(20)
    book.reverse(1, 6)
    assert book.reduced("O1")["quantity"] == "24"
    book.reverse(1)
    assert book.reduced("O1")["quantity"] == "20"


def test_the_youngest_order_gets_back_first() -> None:
    book = book_with(orders=[order("O1", 10, start="2026-03-10"), order("O2", 10, start="2026-03-12")], **ORDERS)
    book.post(15)
    assert (book.reduced("O1")["quantity"], book.reduced("O2")["quantity"]) == ("10", "5")
    book.reverse(1, 7)
    assert (book.reduced("O1")["quantity"], book.reduced("O2")["quantity"]) == ("8", "0")


def test_orders_stay_reduced_unless_the_profile_recreates_them() -> None:
    book = book_with(orders=[order("O1", 100)], order_reduction="own_and_unassigned")
    book.post(10)
    book.reverse(1)
    assert book.reduced("O1")["quantity"] == "10"


def test_a_partly_issued_shortage_is_mirrored_and_closed() -> None:
    master = plant(profile=RemProfile("R", stock_determination=True), boms=[bom({"A": 1})], negative_stock=False)
    book = Book(master, stock=stock(A=6))
    book.post(10)
    book.reverse(1)
    assert (book.stock("A"), book.backlog(), book.balance()) == ("6", {}, "0")


def test_a_shortage_that_was_worked_off_is_mirrored() -> None:
    master = plant(boms=[bom({"A": 1})], negative_stock=False)
    book = Book(master)
    book.post(10)
    book.load(master, stock=stock(A=25))
    book.retry()
    assert book.stock("A") == "15"
    book.reverse(1)
    assert (book.stock("A"), book.balance()) == ("25", "0")


def test_amounts_come_back_to_the_cent() -> None:
    master = plant(
        materials=[component("A", "0.01", decimals=3)],
        profile=RemProfile("R", stock_determination=True, goods_issue=True),
        boms=[bom({"A": 1})],
        negative_stock=False,
    )
    book = Book(master, stock=stock(A="0.5"))
    book.post(1)
    book.reverse(1)
    assert book.balance() == "0"


def a_shift_with_setup() -> Book:
    """Return a book of a plant whose every shift takes a fixed S and an hour of setup."""
    made = plant(
        materials=[component("S")],
        boms=[bom([item("A"), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"setup": 1})])],
        rates={"setup": 60},
        shifts=EARLY_LATE_NIGHT,
    )
    return Book(made)


def test_a_shift_whose_first_label_was_undone_has_its_fixed_items_from_the_next_one() -> None:
    book = a_shift_with_setup()
    book.scan("FG", id="1")
    assert (book.stock("S"), book.hours(1)) == ("-2", ["setup 1"])
    book.scan("BF:UNDO", id="2")
    assert book.stock("S") == "0"
    book.crash()
    book.scan("FG", id="3")
    book.scan("FG", id="4")
    assert (book.stock("S"), book.hours(3), book.hours(4)) == ("-2", ["setup 1"], [])


@pytest.mark.parametrize(
    ("reversed_", "left"),
    [
        ([2], "-2"),
        ([2, 3], "-2"),
        ([1, 2, 3], "0"),
        ([3, 2, 1], "0"),
        # The pieces that remain have no fixed items until the next ones of their shift.
        ([1], "0"),
    ],
)
def test_the_fixed_items_of_a_shift_go_with_the_document_that_holds_them(reversed_: list[int], left: str) -> None:
    book = a_shift_with_setup()
    for _ in range(3):
        book.post(5)
    for number in reversed_:
        book.reverse(number)
    assert book.stock("S") == left
    book.post(1)
    assert book.stock("S") == "-2"
    book.post(1, at="15:00")
    assert book.stock("S") == "-4"


def test_a_part_of_the_document_that_holds_the_fixed_items_leaves_them() -> None:
    book = a_shift_with_setup()
    book.post(5)
    book.reverse(1, 4)
    book.post(3)
    assert book.stock("S") == "-2"
    book.reverse(1, 1)
    assert book.stock("S") == "0"
    book.post(3)
    assert book.stock("S") == "-2"


def test_scrap_of_one_reason_that_waits_is_withdrawn_before_what_is_documented() -> None:
    book = Book(two_points())
    book.post(2, "point", point="0010")
    for pieces, reason in ((2, "DENT"), (3, "SCRATCH")):
        book.post(pieces, "scrap", point="0020", scrap_reason=reason)
    assert book.ask(Reverse(3, scrap=q(1), scrap_reason="DENT")).code == Reason.BAD_QUANTITY
    assert (book.ask(Reverse(3, scrap=q(2))).code, book.waiting()) == (Reason.OK, "1")
    assert (book.ask(Reverse(2, scrap=q(1), scrap_reason="DENT")).code, book.wip()["0010"]) == (Reason.OK, "1")
