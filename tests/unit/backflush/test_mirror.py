"""The mirror: what is left of a posting is rounded once, and runs that post for many documents give back all of it."""

from typing import Any

import pytest

from gateway.backflush.plant.snapshot import MasterData, RemProfile
from tests.book import Book
from tests.builders import bom, component, plant

BACKGROUND: dict[str, Any] = {"goods_issue_timing": "background", "activity_timing": "background"}
CUMULATED: dict[str, Any] = {**BACKGROUND, "cumulate_goods_issues": True, "cumulate_activities": True}


@pytest.mark.parametrize(
    ("quantity", "made", "taken", "left"),
    [
        ("0.142857", 14, 10, "-1"),  # seven to a carton: 4 left are 0.57 of 1
        ("0.75", 4, 3, "-1"),
        ("0.75", 4, 2, "-2"),
        ("1.666667", 3, 2, "-2"),
    ],
)
@pytest.mark.parametrize("singly", [True, False])
@pytest.mark.parametrize("timing", [{}, BACKGROUND, CUMULATED])
def test_what_is_left_of_a_posting_is_rounded_once_however_it_was_taken_back(
    quantity: str, made: int, taken: int, left: str, singly: bool, timing: dict[str, Any]
) -> None:
    book = Book(plant(profile=RemProfile("R", **timing), boms=[bom({"A": quantity})], materials=[component("A")]))
    book.post(made)
    book.work()
    for units in [1] * taken if singly else [taken]:
        assert book.reverse(1, units).status == "ok"
    assert book.stock("A") == left
    book.reverse(1)
    assert book.stock("A") == "0"


def test_a_list_that_changes_between_runs_leaves_nothing_behind_when_all_is_reversed() -> None:
    """Each run posts what the account rounds; the documents that it holds give back just that."""

    def made(c: int) -> MasterData:
        components: dict[str, int | str] = {"B": "0.5", "C": c}
        profile = RemProfile("R", **CUMULATED)
        return plant(profile=profile, materials=[component("B"), component("C")], boms=[bom(components)])

    book = Book(made(1))
    book.post(1)
    book.work()
    book.load(made(2))
    for _ in range(9):
        book.post(1)
        book.work()
    assert (book.stock("B"), book.stock("C")) == ("-5", "-19")
    for number in [n for n, document in book.ledger.documents.items() if document.type == "assembly"]:
        assert book.reverse(number).status == "ok"
    assert [book.stock(name) for name in ("FG", "B", "C")] == ["0", "0", "0"]
    book.audit()
