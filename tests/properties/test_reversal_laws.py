"""Laws of reversals: what is taken back whole leaves nothing, and a part takes its fraction of a cent along."""

from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import bom, component, operation, plant, q, routing

CUMULATED: dict[str, Any] = {"goods_issue_timing": "background", "cumulate_goods_issues": True}
shares = st.sampled_from(["0.5", "0.333333", "0.142857", "1.5", "0.75", "2", "0.1"])
steps = st.one_of(
    st.tuples(st.just("post"), st.integers(1, 5)),
    st.tuples(st.just("work"), st.just(0)),
    st.tuples(st.just("list"), st.integers(1, 3)),
    st.tuples(st.just("reverse"), st.integers(0, 20)),
)


@given(
    shares, st.lists(steps, min_size=3, max_size=20), st.booleans(), st.randoms(use_true_random=False), st.booleans()
)
def test_whatever_was_posted_and_in_whatever_order_it_is_reversed_nothing_is_left(
    share: str, steps: list[tuple[str, int]], cumulated: bool, chance: Any, in_parts: bool
) -> None:
    profile = RemProfile("R", **(CUMULATED if cumulated else {}))

    def made(c: int) -> MasterData:
        components: dict[str, int | str] = {"B": share, "C": c}
        return plant(profile=profile, materials=[component("B"), component("C")], boms=[bom(components)])

    book = Book(made(1))
    left: dict[int, int] = {}
    for step, figure in [*steps, ("work", 0)]:
        if step == "post":
            book.post(figure)
            left[max(book.ledger.documents)] = figure
        elif step == "work":
            book.work()
        elif step == "list":
            book.load(made(figure))
        elif left:
            number = sorted(left)[figure % len(left)]
            assert book.reverse(number, 1).status == "ok"
            left[number] -= 1
            left = {of: units for of, units in left.items() if units}
    rest = list(left)
    chance.shuffle(rest)
    for number in rest:
        for units in [1] * left[number] if in_parts else [left[number]]:
            assert book.reverse(number, units).status == "ok"
    assert [book.stock(name) for name in ("FG", "B", "C")] == ["0", "0", "0"]
    book.audit()


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
