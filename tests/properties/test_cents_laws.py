"""Fractions of a cent: a collector is worth what was used, whatever was posted and reversed in which parts."""

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from tests.book import Book
from tests.builders import bom, component, operation, plant, q, routing

_CENT = 10_000
happenings = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=6)


@given(happenings, st.sampled_from(["0.064", "0.333", "1", "7.005"]))
def test_what_is_reversed_in_parts_takes_its_fraction_of_a_cent_along(story: list[tuple[int, int]], price: str) -> None:
    times = routing([operation("0010", {"machine": "0.001"})])
    made = plant(materials=[component("A", price)], boms=[bom({"A": 1})], routings=[times], rates={"machine": 37})
    book = Book(made)
    left: dict[int, int] = {}
    for units, back in story:
        book.post(units)
        left[book.state.documents] = units
        number = max(left, key=lambda each: (each * units) % 5)
        if back and left[number]:
            part = min(back, left[number])
            assert book.reverse(number, part).status == "ok"
            left[number] -= part
    book.post(1)
    pieces = sum(left.values()) + 1
    for detail, worth in (("A", Fraction(price)), ("machine", Fraction("0.037"))):
        [amount] = [a for (_, _, _, _, of), a in book.ledger.collectors.items() if of == detail]
        assert abs(amount - pieces * worth * q(1)) <= _CENT


def test_a_part_is_worth_what_it_is_and_not_what_half_a_rounded_amount_is() -> None:
    made = plant(materials=[component("A", "0.064")], boms=[bom({"A": 1})])
    for edition, taken in ((EDITION, "0.06"), (0, "0.07")):
        book = Book(made, rules=Rules(edition=edition))
        book.post(1)
        book.post(2)
        book.reverse(2, 1)
        [back] = [item for item in book.ledger.items if item.movement == "262" and item.material == "A"]
        assert back.amount == -q(taken)
