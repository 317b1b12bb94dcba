"""Stock that no device tells of: it moves by what the figure of its row has changed, whatever was used meanwhile."""

from hypothesis import given
from hypothesis import strategies as st

from tests.book import Book
from tests.builders import bom, plant, q, stock

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
