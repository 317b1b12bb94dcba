"""What the numbers of a telegram are totals of, and what scrap is a part of."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Begin
from gateway.ledger.audit.units import _bounds, _Described
from tests.book import Book
from tests.builders import counter, plant

SHIFT = {"window": "shift"}


def ended(book: Book) -> list[str]:
    """Return what the documents confirm when the shift is over."""
    book.wait(30 * 3600)
    return [confirmed for number in book.ledger.documents for confirmed in book.confirmed(number)]


def test_firmware_that_begins_to_say_gross_and_scrap_goes_on_where_its_yield_was() -> None:
    book = Book(plant())
    book.count(good=5_000, boot="a", seq=1)
    book.count(gross=5_001, scrap=1, boot="a", seq=2)
    assert (book.line()["read"], book.stock("FG")) == ("5001", "5000")
    book.count(gross=5_011, scrap=1, boot="b", seq=1)
    assert book.line()["read"] == "10012"


def test_a_new_life_under_a_new_name_begins_at_zero_and_is_no_baseline() -> None:
    book = Book(plant(devices=[counter(first="baseline")]))
    book.count(good=5_000, boot="a", seq=1)
    book.count(gross=7, boot="b", seq=1)
    assert book.line()["read"] == "7"


def test_where_a_person_let_the_next_life_begin_is_known_by_the_new_role_too() -> None:
    book = Book(plant())
    book.count(good=500, boot="a", seq=1)
    book.ask(Begin("C1", {"": 200}))
    book.load(plant(devices=[counter(role="gross")]))
    book.count(good=210, boot="b", seq=1)
    assert book.line()["read"] == "510"


def test_a_person_lets_a_counter_begin_again_by_the_name_of_its_new_role() -> None:
    book = Book(plant())
    book.count(good=500)
    book.load(plant(devices=[counter(role="gross")]))
    assert book.ask(Begin("C1", {"": 10})).status == "ok"
    book.count(good=12)
    assert book.line()["read"] == "502"


@pytest.mark.parametrize("told", [{}, {"delta": True}])
@pytest.mark.parametrize("name", ["good", "scrap"])
def test_scrap_beside_a_gross_counter_is_taken_off_the_yield_told_as_total_or_as_difference(
    told: dict[str, Any], name: str
) -> None:
    book = Book(plant(devices=[counter("G1", role="gross", **SHIFT), counter("X1", role="scrap", **SHIFT)]))
    book.count("G1", good=100, boot="a", seq=1)
    book.count("X1", boot="a", seq=1, **told | {name: 3})
    assert book.line()["read"] == "100"
    assert ended(book) == ["final 97+3"]


@pytest.mark.parametrize("said", [{}, {"delta": True}])
@pytest.mark.parametrize("wrong", ["good", "gross"])
def test_a_scrap_counter_whose_role_was_wrong_is_one_as_soon_as_it_is_put_right(
    said: dict[str, Any], wrong: str
) -> None:
    gross = counter("G1", role="gross", **SHIFT)
    book = Book(plant(devices=[gross, counter("X1", role=wrong, first="baseline", **SHIFT)]))
    if said:
        book.count("X1", good=0, boot="a", seq=1, delta=True)
    else:
        book.count("X1", good=40)
    book.load(plant(devices=[gross, counter("X1", role="scrap", first="baseline", **SHIFT)]))
    book.count("G1", good=100)
    book.count("X1", **({"good": 3, "boot": "a", "seq": 2, "delta": True} if said else {"good": 43}))
    assert ended(book) == ["final 97+3"]


def test_who_counts_yield_and_scrap_beside_a_gross_counter_has_told_them_apart() -> None:
    book = Book(plant(devices=[counter("G1", role="gross", **SHIFT), counter("X1", role="scrap", **SHIFT)]))
    book.count("X1", good=10, scrap=2)
    book.count("X1", good=5, scrap=1, delta=True, id="1")
    assert ended(book) == ["final 15+3"]


@pytest.mark.parametrize(
    ("steps", "roles", "beside", "pieces"),
    [
        ({"good": 10, "scrap": 2}, {"good"}, {False}, (12, 12)),
        ({"good": 10, "scrap": 2}, {"good"}, {True}, (12, 12)),
        ({"gross": 10, "scrap": 2}, {"good"}, {False}, (10, 10)),
        ({"gross": 10, "scrap": 2}, {"gross"}, {True}, (10, 10)),
        ({"scrap": 2}, {"scrap"}, {True}, (0, 0)),
        ({"scrap": 2}, {"scrap"}, {False}, (2, 2)),
        ({"scrap": 2}, {"scrap"}, {True, False}, (0, 2)),
        ({"delta scrap": 3}, {"scrap"}, {True}, (0, 0)),
        ({"delta scrap": 3}, {"scrap"}, {False}, (3, 3)),
        ({"delta good": 10, "delta scrap": 3}, {"good"}, {False}, (13, 13)),
        ({"good": 0, "scrap": 3}, {"good", "scrap"}, {True}, (0, 3)),
        ({"good": 10, "gross": 5, "scrap": 2}, {"good", "gross"}, {True, False}, (15, 17)),
        ({"gross": 5, "scrap": 2}, {"gross", "scrap"}, {True, False}, (5, 7)),
    ],
)
def test_the_audit_expects_the_pieces_that_totals_mean(
    steps: dict[str, int], roles: set[str], beside: set[bool], pieces: tuple[int, int]
) -> None:
    assert _bounds(steps, _Described({1}, roles, beside)) == pieces
