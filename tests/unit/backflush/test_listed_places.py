"""A component that the list has at several places: what is said of it is shared out as the list does."""

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.messages import Used
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile, StorageLocation
from tests.book import Book
from tests.builders import PLANT, bom, component, item, plant, points, routing, used

PLACES = ("RAW", "R2", "R3")


def placed(quantities: list[int], mode: Any = "none") -> MasterData:
    """Return FG of A at three places, each of an operation of its own, and as much of the by-product W there."""
    items = [
        item(name, sign * quantity, f"{n}{k}", issue_location=place, operation=f"00{k + 1}0")
        for n, (name, sign) in enumerate((("A", 1), ("W", -1)))
        for k, (place, quantity) in enumerate(zip(PLACES, quantities, strict=True))
        if quantity
    ]
    made = plant(
        profile=RemProfile("R", reporting_points=mode),
        materials=[component("A"), component("W")],
        boms=[bom(items)],
        routings=[routing(points("0010", "0020", "0030"))],
    )
    places = {(PLANT, place): StorageLocation(PLANT, place, negative_stock=True) for place in PLACES}
    return replace(made, locations={**made.locations, **places})


def everywhere(book: Book) -> list[str]:
    """Return the stock of A and of W at each place."""
    return [book.stock(name, place) for name in ("A", "W") for place in PLACES]


@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), st.integers(1, 9), st.integers(1, 200))
def test_what_is_said_is_shared_out_in_the_ratio_of_the_list(quantities: list[int], pieces: int, said: int) -> None:
    whole = sum(quantities)
    book = Book(placed(quantities))
    book.post(pieces, actual=used(f"A {said}", f"W {said}", complete=False))
    taken = [int(figure) for figure in everywhere(book)]
    assert (sum(taken[:3]), sum(taken[3:])) == (-said, said)
    for quantity, part in zip(2 * quantities, taken, strict=True):
        assert abs(abs(part) - Fraction(said * quantity, whole)) <= 1


@pytest.mark.parametrize("mode", ["none", "optional", "mandatory"])
@given(st.lists(st.integers(0, 9), min_size=3, max_size=3).filter(any), st.integers(1, 9), st.integers(0, 2))
def test_who_says_what_the_list_says_takes_it_where_the_list_does(
    mode: str, quantities: list[int], pieces: int, at: int
) -> None:
    listed, said = Book(placed(quantities, mode)), Book(placed(quantities, mode))
    passed = quantities[at : at + 1] if mode == "mandatory" else quantities[: at + 1]
    for book in (listed, said):
        for k in range(at) if mode == "mandatory" else ():
            book.post(pieces, "point", point=f"00{k + 1}0")
    point = "" if mode == "none" else f"00{at + 1}0"
    units = sum(passed if point else quantities) * pieces
    listed.post(pieces, "point" if point else "assembly", point=point)
    actual = used(f"A {units}", f"W {units}", complete=False)
    said.post(pieces, "point" if point else "assembly", point=point, actual=actual)
    assert everywhere(said) == everywhere(listed)


def test_scans_and_consumption_alone_are_shared_out_as_well() -> None:
    book = Book(placed([24, 4, 0]))
    book.scan("FG", components=(Used("A", "56"),))
    assert everywhere(book)[:2] == ["-48", "-8"]
    book.post(0, "component", actual=used("A 28"))
    book.post(0, "component_scrap", actual=used("A 28"))
    assert everywhere(book)[:2] == ["-96", "-16"]
    book.post(1, actual=used("A 28 - R3"))
    assert everywhere(book)[:3] == ["-96", "-16", "-28"], "who names a place is believed"


def test_a_journal_of_before_is_folded_as_it_was() -> None:
    book = Book(placed([24, 4, 0]), rules=Rules())
    book.post(2, actual=used("A 56", complete=False))
    assert everywhere(book)[:2] == ["0", "-56"]
