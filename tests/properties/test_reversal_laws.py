"""The law of reversals: what is taken back as a whole leaves nothing, in whatever order and parts."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import bom, component, plant

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
