"""Shortages that a person has closed or corrected, and stock that no device tells of."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Actual, BacklogClose, BacklogCorrect
from gateway.backflush.plant.snapshot import RemProfile
from tests.book import Book
from tests.builders import bom, plant, q, stock, used


@pytest.mark.parametrize("said", [False, True], ids=["by the list", "said"])
@pytest.mark.parametrize(
    ("issued", "parts", "back"),
    [
        (None, [3], ["0"]),
        (None, [3, 9], ["0", "0"]),
        ("10", [12], ["10"]),
        ("10", [3, 4, 5], ["0", "0", "10"]),
        ("20", [3, 3, 6], ["2", "8", "20"]),
    ],
)
def test_of_what_a_person_closed_only_what_was_issued_comes_back(
    issued: str | None, parts: list[int], back: list[str], *, said: bool
) -> None:
    book = Book(plant(boms=[bom({"A": 2})], negative_stock=False))
    book.post(12, actual=used("A 24") if said else Actual())
    (record,) = book.ledger.backlog
    if issued is None:
        book.ask(BacklogClose((record,)), reason="from the floor")
    else:
        book.load(book.state.master, stock=stock(A=20))
        book.ask(BacklogCorrect(record, quantity=q(issued)), reason="only these")
    was, reason = Decimal(book.stock("A")), book.ledger.backlog[record].reason
    for quantity, came in zip(parts, back, strict=True):
        assert book.reverse(1, quantity).status == "ok"
        assert Decimal(book.stock("A")) - was == Decimal(came)
    left = 12 - sum(parts)
    assert (book.stock("FG"), book.statistic("component", "A")) == (str(left), str(2 * left))
    assert (book.ledger.backlog[record].reason, book.ledger.lines["1000", "L1"].backlog) == (reason, 0)
    if not left:
        assert book.balance() == "0"


def test_what_is_open_goes_before_what_a_person_closed() -> None:
    profile = RemProfile("R", stock_determination=True)
    book = Book(plant(profile=profile, boms=[bom({"A": 1, "B": 1})], negative_stock=False), stock=stock(A=2))
    book.post(10)
    book.reverse(1, 2)
    assert book.backlog() == {"B": "8", "A": "6"}
    closed = next(key for key, record in book.ledger.backlog.items() if record.material == "A")
    book.ask(BacklogClose((closed,)), reason="from the floor")
    book.reverse(1, 7)
    assert (book.stock("FG"), book.stock("A"), book.backlog()) == ("1", "1", {"B": "1"})
    book.reverse(1)
    assert (book.stock("FG"), book.stock("A"), book.backlog(), book.balance()) == ("0", "2", {}, "0")


LEAST = plant(boms=[bom({"A": 1})], negative_stock=False)


def test_what_was_bought_is_added_to_the_figure_and_the_backlog_is_issued_at_once() -> None:
    book = Book(LEAST, stock=stock(A=5))
    book.post(8)
    assert (book.stock("A"), book.backlog()) == ("5", {"A": "8"})
    book.load(LEAST, stock=stock(A=15))
    assert (book.stock("A"), book.backlog()) == ("7", {})
    book.load(LEAST, stock=stock(A=15))
    assert (book.stock("A"), book.backlog()) == ("7", {})


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), max_size=8))
def test_whatever_is_bought_and_used_in_whatever_order_all_of_it_is_there_or_used(
    days: list[tuple[int, int, bool]],
) -> None:
    book, bought, used = Book(LEAST, stock=stock(A=0)), 0, 0
    for more, made, crash in days:
        bought, used = bought + more, used + made
        book.load(LEAST, stock=stock(A=bought))
        if made:
            book.post(made)
        book.crash(only_if=crash)
    missing = q(book.backlog().get("A", "0"))
    assert q(book.stock("A")) - missing == q(bought - used)
    assert q(book.stock("A")) >= 0
