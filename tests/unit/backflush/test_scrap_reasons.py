"""Scrap by reason: its totals divide that of all scrap, and a reject may be put from one reason to another."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.book import Book, story


def reasons(book: Book) -> str:
    """Return what is booked of each reason."""
    book.commit()
    sums: dict[str, int] = {}
    for line in book.ledger.confirmations:
        if line.scrap:
            sums[line.reason] = sums.get(line.reason, 0) + line.scrap // 1_000_000
    return " ".join(f"{reason}{units}" for reason, units in sorted(sums.items()))


@pytest.mark.parametrize(
    ("splits", "booked"),
    [
        (["A5", "A4 B2", "A4 B2", "A6 B2"], "A6 B2"),
        (["A5", "B6", "A1 B7", "A6 B7"], "A6 B7"),
        (["A5", "A4 B1", "A4 B2", "A5 B2"], "A5 B2"),
        (["A3 B3 C3", "A1 B4 C5", "A4 B4 C5"], "A4 B4 C5"),
    ],
)
@pytest.mark.parametrize("ordered", [True, False])
def test_a_reject_that_is_put_to_another_reason_is_made_up_for(
    splits: list[str], booked: str, *, ordered: bool
) -> None:
    readings: list[dict[str, Any]] = []
    for number, split in enumerate(splits, 1):
        by = {said[0]: int(said[1:]) for said in split.split()}
        order = {"seq": number} if ordered else {}
        readings.append({"good": 10 * number, "scrap": sum(by.values()), "scrap_by": tuple(by.items()), **order})
    assert reasons(story({}, *readings)) == booked


@given(st.lists(st.dictionaries(st.sampled_from("ABC"), st.integers(0, 5), min_size=1), min_size=1, max_size=8))
def test_whatever_is_put_to_other_reasons_the_split_follows_what_the_counter_says_last(
    told: list[dict[str, int]],
) -> None:
    """Law: once no reason has less than was booked of it, what is booked is what the counter says."""
    readings: list[dict[str, Any]] = []
    total = 0
    for number, by in enumerate(told, 1):
        # All scrap never falls: what of the reasons is less than before is filled up at one.
        split = {name: units for name, units in by.items() if units}
        split["A"] = split.get("A", 0) + max(0, total - sum(split.values()))
        total = sum(split.values())
        readings.append({"good": number, "scrap": total, "scrap_by": tuple(split.items()), "seq": number})
    last = {name: units + total for name, units in dict(readings[-1]["scrap_by"]).items()}
    last |= {name: total for name in "ABC" if name not in last}
    readings.append({"good": 99, "scrap": sum(last.values()), "scrap_by": tuple(last.items()), "seq": 99})
    wanted = " ".join(f"{name}{units}" for name, units in sorted(last.items()) if units)
    assert reasons(story({}, *readings)) == wanted


def test_the_reasons_of_a_counter_that_began_again_begin_again() -> None:
    book = story(
        {"reset": "allow", "max_step": 500},
        {"good": 200, "scrap": 60, "scrap_by": (("DENT", 60),), "seq": 1},
        {"good": 5, "scrap": 2, "scrap_by": (("DENT", 2),), "seq": 2},
    )
    assert book.line()["read"] == "267"
    assert reasons(book) == "DENT62"
