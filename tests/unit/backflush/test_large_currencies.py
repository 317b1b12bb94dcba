"""Currencies of large numbers: quantities add up for ever, amounts by month, and neither beyond what a column holds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import Rules
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Reason
from tests.book import Book
from tests.builders import component, counter, plant, product

STRICT = Rules(window="reading", open_names=())
A_MONTH = 100_000
"""Pieces at 20 million rupiah of which a month holds two million million."""


def motorcycles(rules: Rules = STRICT) -> Book:
    """Return a plant that makes FG at 20,000,000 IDR from A at 9,000,000."""
    materials = [product(price="20000000"), component("A", "9000000"), component("B", "40000")]
    return Book(
        plant(materials=materials, currency="IDR", devices=[counter("C1")]), rules=rules, now="2026-01-10 08:00"
    )


def test_a_line_goes_on_month_by_month_however_much_it_has_ever_made() -> None:
    book, total = motorcycles(), 0
    for month in range(1, 13):
        book.at(f"2026-{month:02d}-10 08:00")
        for _ in range(3):
            total += 30_000
            book.count(good=total)
    assert (book.open_entries(), book.stock("FG")) == ([], str(total))
    receipts = {key[2]: amount // MICRO for key, amount in book.ledger.collectors.items() if key[3] == "receipt"}
    assert receipts == {f"2026-{month:02d}": -90_000 * 20_000_000 for month in range(1, 13)}


@pytest.mark.parametrize("crash", [False, True])
def test_what_a_month_cannot_hold_is_kept_and_the_next_month_goes_on(crash: bool) -> None:
    book = motorcycles()
    book.count(good=A_MONTH)
    book.crash(only_if=crash)
    book.count(good=A_MONTH + 1)
    assert [(entry.code, entry.good) for entry in book.open_entries()] == [(Reason.BAD_QUANTITY, MICRO)]
    assert "expected at most 100000 units of FG V1 on a line in a month, got 1 more" in book.open_entries()[0].text
    assert book.post(1).code == Reason.BAD_QUANTITY
    book.at("2026-02-10 08:00")
    book.count(good=2 * A_MONTH)
    assert (len(book.open_entries()), book.stock("FG")) == (1, str(2 * A_MONTH - 1))
    # What is reversed makes room.
    assert book.reverse(1, 1).status == "ok"
    book.replay()
    assert (book.open_entries(), book.stock("FG")) == ([], str(2 * A_MONTH - 1))


def test_what_waited_for_months_is_replayed_into_its_own() -> None:
    book = motorcycles()
    book.count(good=A_MONTH)
    book.count(good=A_MONTH + 1)
    book.at("2026-06-10 08:00")
    book.count(good=2 * A_MONTH)
    book.replay()
    assert (book.open_entries(), book.stock("FG")) == ([], str(2 * A_MONTH))


def test_in_an_older_journal_it_is_refused_as_it_was() -> None:
    book = motorcycles(Rules(window="reading"))
    book.count(good=A_MONTH // 2)
    book.at("2026-02-10 08:00")
    book.count(good=A_MONTH // 2 + 1)
    assert [entry.code for entry in book.open_entries()] == [Reason.BAD_QUANTITY]


@given(
    st.lists(
        st.tuples(st.sampled_from(["count", "count", "reverse", "next month", "hour"]), st.integers(1, 60_000)),
        max_size=12,
    )
)
def test_a_restart_changes_nothing_and_every_collector_fits_into_its_column(story: list[tuple[str, int]]) -> None:
    books = (motorcycles(), motorcycles())
    for restarts, book in enumerate(books):
        total, month = 0, 1
        for what, number in story:
            match what:
                case "count":
                    total += number
                    book.count(good=total)
                case "reverse" if book.ledger.documents:
                    book.reverse(1 + number % len(book.ledger.documents))
                case "next month":
                    month += 1
                    book.at(f"2026-{month:02d}-01 07:00")
                case _:
                    book.wait(3_600)
            book.crash(only_if=bool(restarts))
    one, other = (book.ledger for book in books)
    assert (one.documents, one.quarantine) == (other.documents, other.quarantine)
    assert all(abs(amount) < 1 << 63 for amount in one.collectors.values())
