"""What planned orders still need: component postings reduce it, by the list or as said; a reversal gives it back."""

from collections import Counter
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Actual, ActualComponent
from gateway.backflush.plant.snapshot import PlannedOrder, RemProfile
from gateway.backflush.posting.order_reduction import open_need
from tests.book import Book
from tests.builders import bom, component, item, operation, order, plant, q, routing

LIST = {"A": ("2", "0010"), "G": ("0.5", "0020"), "B": ("1", "0020")}
"""Quantity per piece, and operation."""


def planned(*orders: PlannedOrder, **profile: Any) -> Book:
    """Return a book in which FG takes the list, with point 0010."""
    settings: dict[str, Any] = {"order_reduction": "all_versions", "recreate_orders_on_reversal": True, **profile}
    items = [item(name, per, f"00{n}0", operation=at) for n, (name, (per, at)) in enumerate(LIST.items(), 1)]
    master = plant(
        profile=RemProfile("R", reporting_points="optional", **settings),
        materials=[component("G", decimals=3)],
        boms=[bom(items)],
        routings=[routing([operation("0010", point=True), operation("0020")])],
    )
    return Book(master, orders=orders or [order("O1", 10, start="2026-03-10"), order("O2", 5, start="2026-03-11")])


def used(**quantities: Any) -> Actual:
    """Return components as they were said."""
    return Actual(tuple(ActualComponent(name, q(quantity)) for name, quantity in quantities.items()))


def still(book: Book, name: str, material: str) -> Fraction:
    """Return what an order still needs of a component."""
    explosion = next(e for e in book.ledger.explosions.values() if any(i.process == "issue" for i in e.items))
    return Fraction(open_need(explosion, book.ledger.orders[name], material), q(1))


@pytest.mark.parametrize(
    ("said", "first", "second"),
    [
        ({"A": 7}, {"component A": "7"}, {}),
        ({"A": 20}, {"component A": "20"}, {}),
        ({"A": 25}, {"component A": "20"}, {"component A": "5"}),
        ({"A": 99}, {"component A": "20"}, {"component A": "10"}),
        ({"A": 7, "G": "5.25"}, {"component A": "7", "component G": "5"}, {"component G": "0.25"}),
    ],
)
def test_components_that_were_said_reduce_the_oldest_order_that_needs_them(
    said: dict[str, Any], first: dict[str, str], second: dict[str, str]
) -> None:
    book = planned()
    book.post(0, "component", actual=used(**said))
    assert (book.reduced("O1"), book.reduced("O2")) == (first, second)
    book.reverse(1)
    assert {units for name in ("O1", "O2") for units in book.reduced(name).values()} <= {"0"}


@pytest.mark.parametrize("timing", ["online", "background"])
def test_a_reference_quantity_reduces_the_segments_and_no_order_quantity(timing: str) -> None:
    book = planned(goods_issue_timing=timing)
    book.post(12, "component")
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "10", "final": "10"}, {"0010": "2", "final": "2"})
    book.reverse(1, 4)
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "8", "final": "8"}, {"0010": "0", "final": "0"})
    book.reverse(1, 8)
    assert book.reduced("O1") == {"0010": "0", "final": "0"}


def test_more_than_orders_need_is_given_back_to_none_of_them() -> None:
    book = planned()
    book.post(20, "component", point="0010")
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "10"}, {"0010": "5"})
    book.reverse(1, 5)
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "10"}, {"0010": "5"})
    book.reverse(1, 7)
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "8"}, {"0010": "0"})


def test_what_pieces_have_used_is_not_needed_twice() -> None:
    book = planned()
    book.post(10, "point", point="0010")
    book.post(0, "component", actual=used(A=3, B=3))
    assert (book.reduced("O1"), book.reduced("O2")) == ({"0010": "10", "component B": "3"}, {"component A": "3"})


@pytest.mark.parametrize(
    ("type_", "profile", "named"),
    [("component_scrap", {}, ""), ("component", {"order_reduction": "none"}, ""), ("component", {}, "O2")],
)
def test_whose_requirements_are_reduced_is_the_profiles_or_the_postings_matter(
    type_: str, profile: dict[str, str], named: str
) -> None:
    book = planned(**profile)
    book.post(0, type_, actual=used(A=3), order=named)
    assert (book.reduced("O1"), book.reduced("O2")) == ({}, {"component A": "3"} if named else {})


def test_nothing_is_given_back_where_the_profile_does_not_say_so() -> None:
    book = planned(recreate_orders_on_reversal=False)
    book.post(0, "component", actual=used(A=3))
    book.post(2, "component", point="0010")
    book.reverse(1)
    book.reverse(2)
    assert book.reduced("O1") == {"component A": "3", "0010": "2"}


def test_an_order_with_a_list_of_its_own_needs_what_that_says() -> None:
    own = (item("B", 30, "0010"),)
    book = planned(order("O1", 10, components=own), order("O2", 5))
    book.post(0, "component", actual=used(A=4, B=32))
    assert (book.reduced("O1"), book.reduced("O2")) == ({"component B": "30"}, {"component A": "4", "component B": "2"})


happening = st.tuples(
    st.sampled_from(["piece", "point", "list", "said A", "said G", "reverse", "reverse part"]), st.integers(1, 9)
)


@given(st.lists(happening, max_size=10))
def test_what_an_order_needs_is_its_list_less_what_was_used(story: list[tuple[str, int]]) -> None:
    book = planned()
    taken: Counter[tuple[str, str]] = Counter()
    for what, pieces in story:
        match what:
            case "piece":
                book.post(pieces)
            case "point":
                book.post(pieces, "point", point="0010")
            case "list":
                book.post(pieces, "component")
            case "reverse" | "reverse part":
                number = 1 + pieces % max(1, len(book.ledger.documents))
                book.reverse(number, 1 if what == "reverse part" else None)
            case _:
                book.post(0, "component", actual=used(**{what.split()[1]: pieces}))
    for r in book.ledger.reductions:
        taken[r.order, r.segment] += r.quantity
    if not book.ledger.explosions:
        return
    for name, pieces in (("O1", 10), ("O2", 5)):
        for material, (per, at) in LIST.items():
            segment = at if at == "0010" else "final"
            gone = Fraction(taken[name, segment], q(1)) * Fraction(per)
            said = Fraction(taken[name, f"component {material}"], q(1))
            assert still(book, name, material) == max(Fraction(0), pieces * Fraction(per) - gone - said)
            assert 0 <= said <= pieces * Fraction(per)
