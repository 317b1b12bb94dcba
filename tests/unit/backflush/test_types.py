"""Types of backflush: which of receipt, issue, activities and orders each posts, and what actual quantities replace."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Actual, ActualActivity, ActualComponent
from gateway.backflush.plant.snapshot import RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import bom, component, operation, order, plant, q, routing, stock


def book_with(**profile: Any) -> Book:
    """Return a book where FG takes 2 A and gives 1 W, with an order of 100."""
    settings: dict[str, Any] = {"order_reduction": "all_versions", **profile}
    master = plant(
        profile=RemProfile("R", **settings),
        materials=[component("W", 1)],
        boms=[bom({"A": 2, "W": -1})],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
    )
    return Book(master, orders=[order("O1", 100)])


@pytest.mark.parametrize(
    ("type_", "moved", "hours", "reduced"),
    [
        ("assembly", ["131 FG 5", "261 A -10", "531 W 5"], ["machine 0.5"], "5"),
        ("scrap", ["261 A -10", "531 W 5"], ["machine 0.5"], "0"),
        ("component", ["261 A -10", "531 W 5"], [], "0"),
        ("activity", [], ["machine 0.5"], "0"),
        ("component_scrap", ["551 A -10"], [], "0"),
        ("by_product", ["531 W 5"], [], "0"),
    ],
)
@pytest.mark.parametrize("goods_issue", [True, False])
def test_each_type_posts_its_own(
    type_: str, moved: list[str], hours: list[str], reduced: str, goods_issue: bool
) -> None:
    book = book_with(goods_issue=goods_issue)
    assert book.post(5, type_).status == "ok"
    if goods_issue or type_ not in ("assembly", "scrap"):
        assert sorted(book.moved(1)) == moved
    assert book.hours(1) == hours
    assert book.reduced("O1").get("quantity", "0") == reduced


@pytest.mark.parametrize("type_", ["assembly", "scrap", "component", "activity", "component_scrap", "by_product"])
def test_each_type_is_reversed_once_and_leaves_nothing(type_: str) -> None:
    book = book_with()
    book.post(5, type_)
    assert book.reverse(1).status == "ok"
    assert [book.stock(name) for name in ("FG", "A", "W")] == ["0", "0", "0"]
    assert (book.balance(), book.statistic("activity")) == ("0", "0")
    told = book.reverse(1)
    assert (told.status, told.code) == ("error", Reason.ALREADY_REVERSED)


def test_actual_quantities_replace_the_standard_of_their_process_only() -> None:
    book = book_with()
    book.post(5, actual=Actual((ActualComponent("B", q(7)),), complete=True))
    assert book.moved(1) == ["131 FG 5", "261 B -7"]
    assert book.hours(1) == ["machine 0.5"]
    book.post(5, actual=Actual(activities=(ActualActivity("W1", "machine", q("0.8")),)))
    assert sorted(book.moved(2)) == ["131 FG 5", "261 A -10", "531 W 5"]
    assert book.hours(2) == ["machine 0.8"]
    book.reverse(1)
    book.reverse(2)
    assert [book.stock(name) for name in ("FG", "A", "B", "W")] == ["0"] * 4


def test_actual_quantities_are_reversed_in_proportion_to_the_units_and_the_rest_with_the_last() -> None:
    book = book_with()
    said = (ActualActivity("W1", "machine", q("0.7")),)
    book.post(5, actual=Actual((ActualComponent("B", q(7)),), said, complete=True))
    for part, left in ((2, ("3", "-4", "0.42")), (1, ("2", "-3", "0.28")), (None, ("0", "0", "0"))):
        assert book.reverse(1, part).status == "ok"
        assert (book.stock("FG"), book.stock("B"), book.statistic("activity", "machine")) == left
    assert (book.balance(), book.statistic("component", "B")) == ("0", "0")
    assert book.reverse(1).code == Reason.ALREADY_REVERSED


def test_an_actual_component_that_is_short_waits_in_the_backlog_and_goes_with_its_document() -> None:
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False), stock=stock(A=1))
    book.post(5, actual=Actual(components=(ActualComponent("A", q(7)),)))
    assert (book.stock("A"), book.backlog()) == ("1", {"A": "7"})
    book.reverse(1)
    assert (book.stock("A"), book.stock("FG"), book.backlog()) == ("1", "0", {})


def test_a_by_product_that_was_said_is_not_taken_back_when_its_stock_is_gone() -> None:
    book = Book(plant(boms=[bom({"A": 1, "B": -1})], negative_stock=False))
    book.post(5, "by_product")
    book.load(book.state.master, stock=stock(B=-4))
    assert book.reverse(1).code == Reason.STOCK_GONE
