"""Reversal without a document: the newest reports of a product first, wherever their units stand."""

import pytest

from gateway.backflush.memory.events import ReverseLatest
from gateway.backflush.plant.snapshot import RemProfile
from gateway.errors import Reason
from tests.book import Book, Told
from tests.builders import LINE, PLANT, Figure, bom, operation, plant, points, q, routing, two_points


def two_each() -> Book:
    """Return a book in which FG takes 2 A."""
    return Book(plant(boms=[bom({"A": 2})], routings=[routing([operation("0010")])]))


def latest(book: Book, quantity: Figure, point: str = "final") -> Told:
    """Reverse units of the newest documents of FG V1."""
    return book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", point, q(quantity)))


@pytest.mark.parametrize(
    ("quantity", "reversed_", "left"),
    [(1, ["3"], "9"), (2, ["3"], "8"), (3, ["3", "2"], "7"), (10, ["3", "2", "1"], "0")],
)
def test_the_newest_documents_are_reversed_first(quantity: int, reversed_: list[str], left: str) -> None:
    book = two_each()
    for pieces in (3, 5, 2):
        book.post(pieces)
    told = latest(book, quantity)
    assert (told.status, told.data["complete"]) == ("ok", True)
    made = [str(d.reverses) for d in book.ledger.documents.values() if d.type == "reversal"]
    assert (made, book.stock("FG"), book.stock("A")) == (reversed_, left, str(-2 * int(left)).replace("-0", "0"))


def test_the_answer_says_how_many_of_which_document_of_which_day_are_reversed() -> None:
    book = Book(plant(boms=[bom({"A": 1})]))
    book.post(2, at="2026-03-15 12:00")
    book.post(3)
    told = book.ask(ReverseLatest(PLANT, LINE, "FG", "V1", "final", q(4)))
    assert told.text == (
        "reversed by 0000000003, 0000000004: "
        "3 of document 0000000002 of 2026-03-16, 1 of document 0000000001 of 2026-03-15"
    )


def test_what_is_reversed_already_is_not_reversed_again() -> None:
    book = two_each()
    book.post(3)
    book.post(5)
    latest(book, 6)
    assert book.stock("FG") == "2"
    told = latest(book, 3)
    assert (told.code, "2 to reverse" in told.text) == (Reason.BAD_QUANTITY, True)
    latest(book, 2)
    assert (book.stock("FG"), book.balance()) == ("0", "0")


def test_what_waits_again_is_reversed_without_its_document() -> None:
    """A posting had taken five along that their point said later; the reversal of that posting lets them wait."""
    book = Book(
        plant(
            profile=RemProfile("R", reporting_points="optional"),
            routings=[routing([operation("0010", point=True), operation("0020")])],
        )
    )
    book.post(8)
    book.post(5, "point", point="0010")
    book.reverse(1)
    assert book.waiting() == "5"
    assert latest(book, 6, "0010").code == Reason.BAD_QUANTITY
    told = latest(book, 5, "0010")
    assert (told.status, told.data, book.waiting()) == ("ok", {"documents": ["0000000004"], "complete": True}, "0")


def test_what_waited_is_reversed_by_its_report_without_its_document() -> None:
    """The ten of one report stand in its own document and in a later one."""
    master = plant(profile=RemProfile("R", reporting_points="mandatory"), routings=[routing(points("0010", "0020"))])
    book = Book(master)
    book.post(4, "point", point="0010")
    book.post(10, "point", point="0020")
    book.post(3, "point", point="0010")
    assert book.waiting() == "3"
    assert latest(book, 8, "0020").data["complete"]
    assert (book.waiting(), latest(book, 3, "0020").code) == ("0", Reason.BAD_QUANTITY)
    assert latest(book, 2, "0020").data["complete"]


@pytest.mark.parametrize("quantity", [11, 0, -1])
def test_more_than_was_made_or_nothing_is_refused_as_a_whole(quantity: int) -> None:
    book = two_each()
    book.post(10)
    assert latest(book, quantity).code == Reason.BAD_QUANTITY
    assert (book.documents(), book.stock("FG")) == (["assembly"], "10")


def test_the_newest_documents_of_a_point_are_those_that_reported_there() -> None:
    book = Book(two_points())
    book.post(5, "point", point="0010")
    book.post(3, "point", point="0020")
    book.post(2, "point", point="0010")
    assert latest(book, 4, "0010").status == "ok"
    assert book.wip() == {"0010": "0", "0020": "3"}
    assert latest(book, 1, "0010").code == Reason.NEGATIVE_WIP
    assert book.wip() == {"0010": "0", "0020": "3"}


def test_documents_that_share_a_shortage_are_reversed_together() -> None:
    master = plant(
        profile=RemProfile("R", goods_issue_timing="background", cumulate_goods_issues=True),
        boms=[bom({"A": 1})],
        negative_stock=False,
    )
    book = Book(master)
    for pieces in (5, 3, 2):
        book.post(pieces)
    book.work()
    assert book.backlog() == {"A": "10"}
    assert latest(book, 6).data["complete"] is True
    assert (book.backlog(), book.stock("FG"), book.stock("A")) == ({"A": "4"}, "4", "0")


def test_what_together_they_may_not_take_is_told_with_what_was_taken() -> None:
    """Each of two reports may go, and both would leave less than nothing on the line."""
    book = Book(
        plant(
            profile=RemProfile("R", reporting_points="mandatory"),
            routings=[routing([operation("0010", point=True), operation("0020", point=True), operation("0030")])],
        )
    )
    for pieces, point in ((3, "0010"), (3, "0010"), (2, "0020")):
        book.post(pieces, "point", point=point)
    told = latest(book, 6, "0010")
    assert (told.data, book.wip()["0010"]) == ({"documents": ["0000000004"], "complete": False}, "1")
    assert told.text.startswith(
        "3 reversed by 0000000004, the rest is not: the pieces have moved on: after it, point 0010 would hold -2"
    )
