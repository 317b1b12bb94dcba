"""The backflush indicator: which components a posting issues, and what becomes of those that it does not."""

from dataclasses import replace
from itertools import product as every
from typing import Any

import pytest

from gateway.backflush.memory.events import Actual, ActualComponent
from gateway.backflush.plant.snapshot import BomItem, MasterData, RemProfile, WorkCenter
from gateway.backflush.posting.order_reduction import open_need
from gateway.backflush.values.documents import Timing
from gateway.backflush.values.quantities import format_quantity
from tests.book import Book, OpenBook
from tests.builders import PLANT, Figure, bom, component, counter, item, operation, order, plant, points, q, routing

MODES = ("", "backflush", "manual")
OPERATIONS = ("", "yes", "no")
MATERIALS = ("always", "work_center")
CENTERS = (False, True)


def indicated(
    items: list[BomItem] | None = None,
    *,
    of_operation: str = "",
    of_material: str = "always",
    of_center: bool = False,
    **more: Any,
) -> MasterData:
    """Return a plant in which FG takes A and B, one each; the indicator of A's operation, of A and of the center."""
    settings = {"boms": [bom(items or [item("A", 1, "0010"), item("B", 1, "0020", operation="0020")])], **more}
    steps = [operation("0010", backflush=of_operation), replace(operation("0020"), work_center="W2")]
    made = plant(
        materials=[component("A", 5, backflush=of_material), *more.pop("materials", ())],
        routings=[routing(steps)],
        **{k: v for k, v in settings.items() if k != "materials"},
    )
    centers = {(PLANT, "W1"): replace(made.work_centers[PLANT, "W1"], backflush=of_center)}
    return replace(made, work_centers=centers | {(PLANT, "W2"): WorkCenter(PLANT, "W2")})


def said(**quantities: Figure) -> Actual:
    """Return components as they were said."""
    return Actual(tuple(ActualComponent(name, q(quantity)) for name, quantity in quantities.items()))


def issued(book: Book, number: int) -> list[str]:
    """Return what a document issued or received of components."""
    return sorted(line for line in book.moved(number) if " FG " not in line)


@pytest.mark.parametrize(
    ("mode", "of_operation", "of_material", "of_center"), list(every(MODES, OPERATIONS, MATERIALS, CENTERS))
)
@pytest.mark.parametrize("at", ["", "0010"])
def test_the_item_decides_else_the_operation_else_the_material_else_the_work_center(
    mode: str, of_operation: str, of_material: str, of_center: bool, at: str
) -> None:
    items = [item("A", 1, "0010", operation=at, issue_mode=mode), item("B", 1, "0020", operation="0020")]
    book = Book(indicated(items, of_operation=of_operation, of_material=of_material, of_center=of_center))
    book.post(10)
    if mode:
        expected = mode == "backflush"
    elif of_operation:
        expected = of_operation == "yes"
    else:
        expected = of_material == "always" or of_center
    assert issued(book, 1) == (["261 A -10", "261 B -10"] if expected else ["261 B -10"])


def test_nothing_is_backflushed_where_the_profile_issues_nothing() -> None:
    items = [item("A", 1, "0010", issue_mode="backflush"), item("B", 1, "0020")]
    book = Book(indicated(items, profile=RemProfile("R", goods_issue=False)))
    book.post(10)
    assert issued(book, 1) == []


def test_where_the_operation_is_unknown_a_component_is_backflushed() -> None:
    book = Book(indicated([item("A", 1, operation="0099")], of_material="work_center", of_operation="no"))
    book.post(10)
    assert issued(book, 1) == ["261 A -10"]


@pytest.mark.parametrize(
    ("outer", "inner", "expected"),
    [("manual", "", []), ("", "manual", []), ("manual", "backflush", ["261 A -10"]), ("backflush", "manual", [])],
)
def test_what_the_item_of_a_phantom_says_holds_for_all_that_has_no_word_of_its_own(
    outer: str, inner: str, expected: list[str]
) -> None:
    book = Book(
        indicated(
            boms=[bom([item("KIT", 1, issue_mode=outer)]), bom([item("A", 1, issue_mode=inner)], material="KIT")],
            materials=[component("KIT", phantom=True)],
        )
    )
    book.post(10)
    assert issued(book, 1) == expected


def test_the_list_of_a_planned_order_is_judged_by_operation_and_material() -> None:
    own = (item("A", 10, "0010"), item("B", 10, "0020", operation="0020"))
    book = Book(indicated(of_operation="no"), orders=[order("O1", 10, components=own)])
    book.post(10, order="O1")
    assert issued(book, 1) == ["261 B -10"]


MANUAL = [item("A", 1, "0010", issue_mode="manual"), item("B", 1, "0020", operation="0020")]


@pytest.mark.parametrize(
    ("type_", "quantity", "actual", "expected"),
    [
        ("assembly", 10, said(A=12), ["261 A -12", "261 B -10"]),
        ("component", 0, said(A=12), ["261 A -12"]),
        ("component", 10, Actual(), ["261 A -10", "261 B -10"]),
        ("component_scrap", 10, Actual(), ["551 A -10", "551 B -10"]),
    ],
)
def test_what_is_not_backflushed_is_issued_by_hand(
    type_: str, quantity: int, actual: Actual, expected: list[str]
) -> None:
    book = Book(indicated(MANUAL))
    book.post(quantity, type_, actual=actual)
    assert issued(book, 1) == expected
    book.reverse(1)
    assert (book.stock("A"), book.stock("B")) == ("0", "0")


def test_by_hand_it_comes_from_where_the_list_says() -> None:
    book = Book(indicated([item("A", 1, issue_mode="manual", issue_location="WIP")]))
    book.post(0, "component", actual=said(A=4))
    assert book.stock("A", "WIP") == "-4"


def test_a_by_product_that_is_not_backflushed_is_received_by_hand() -> None:
    book = Book(indicated([item("A", 1, "0010"), item("B", -1, "0020", issue_mode="manual")]))
    book.post(10)
    assert issued(book, 1) == ["261 A -10"]
    book.post(10, "by_product")
    assert issued(book, 2) == ["531 B 10"]


@pytest.mark.parametrize(
    ("story", "used", "difference"),
    [
        ([("assembly", 10, Actual())], "0", "-10"),
        ([("assembly", 10, Actual()), ("component", 0, said(A=12))], "12", "2"),
        ([("assembly", 10, said(A=9))], "9", "-1"),
        ([("component", 10, Actual()), ("assembly", 10, Actual())], "10", "0"),
        ([("assembly", 10, Actual()), ("component_scrap", 1, Actual())], "1", "-9"),
    ],
)
def test_its_use_is_held_against_what_was_made(
    open_book: OpenBook, story: list[tuple[str, int, Actual]], used: str, difference: str
) -> None:
    book = open_book(indicated(MANUAL))
    for type_, quantity, actual in story:
        book.post(quantity, type_, actual=actual)
    assert (book.statistic("component", "A"), book.statistic("component difference", "A")) == (used, difference)
    for number in range(1, len(story) + 1):
        book.reverse(number)
    assert (book.statistic("component", "A"), book.statistic("component difference", "A")) == ("0", "0")


def test_the_standard_of_a_fixed_item_is_that_of_the_lot_and_nothing_is_charged() -> None:
    book = Book(indicated([item("A", 3, issue_mode="manual", fixed=True), item("B", 1, "0020")]))
    for batch in ("LOT1", "LOT1", "LOT2"):
        book.post(5, batch=batch)
    assert (book.stock("A"), book.statistic("component difference", "A")) == ("0", "-6")
    book.post(10, "component")
    assert book.stock("A") == "0", "what is fixed is issued by name"


def test_a_component_that_stands_in_two_items_is_issued_for_the_one_that_is_backflushed() -> None:
    both = [item("A", 3, "0010", fixed=True), item("A", 2, "0020", fixed=True, issue_mode="manual")]
    for timing in ("online", "background"):
        book = Book(indicated(both, profile=RemProfile("R", goods_issue_timing=timing)))
        book.post(5)
        book.work()
        assert (book.stock("A"), book.statistic("component difference", "A")) == ("-3", "-2")


# -- planned orders


def still(book: Book, name: str) -> str:
    """Return how much of A an order still needs."""
    flow = next(iter(book.state.flows.values()))
    return format_quantity(open_need(book.state.explosions[flow.explosion], book.ledger.orders[name], "A"))


def planned(open_book: OpenBook) -> Book:
    profile = RemProfile("R", order_reduction="all_versions", recreate_orders_on_reversal=True)
    return open_book(indicated(MANUAL, profile=profile), orders=[order("O1", 100)])


def test_an_order_needs_it_until_it_is_issued_because_its_stock_is_still_there(open_book: OpenBook) -> None:
    book = planned(open_book)
    book.post(10)
    assert (still(book, "O1"), book.reduced("O1")) == ("100", {"final": "10", "quantity": "10"})
    book.post(0, "component", actual=said(A=10))
    assert (still(book, "O1"), book.stock("A")) == ("90", "-10")
    book.post(20, actual=said(A=25))
    assert (still(book, "O1"), book.stock("A")) == ("65", "-35")
    book.post(5, "component")
    assert (still(book, "O1"), book.stock("A")) == ("60", "-40")
    for number, left in ((4, "65"), (3, "90"), (2, "100"), (1, "100")):
        book.reverse(number)
        assert still(book, "O1") == left
    assert set(book.reduced("O1").values()) == {"0"}


def test_a_part_of_a_report_gives_back_a_part_of_what_was_said_with_it(open_book: OpenBook) -> None:
    book = planned(open_book)
    book.post(20, actual=said(A=20))
    book.reverse(1, 5)
    assert (still(book, "O1"), book.stock("A")) == ("85", "-15")


# -- a later word


def test_a_later_word_changes_nothing_that_was_posted_and_decides_for_what_comes() -> None:
    book = Book(indicated([item("A", "0.5", "0010"), item("B", 1, "0020")], devices=[counter(window="30s")]))
    book.count(good=5)
    book.wait(31)
    book.count(good=8)
    book.load(indicated([item("A", "0.5", "0010", issue_mode="manual"), item("B", 1, "0020")]))
    book.wait(31)
    # What was counted under the old list is issued by it.
    assert (book.stock("A"), book.stock("B")) == ("-4", "-8")
    book.count(good=18)
    assert (book.stock("A"), book.stock("B")) == ("-4", "-18")
    book.load(indicated([item("A", "0.5", "0010", issue_mode="backflush"), item("B", 1, "0020")]))
    book.count(good=19)
    book.count(good=20)
    assert (book.stock("A"), book.stock("B")) == ("-5", "-20")


@pytest.mark.parametrize("timing", ["online", "background"])
def test_at_points_it_is_needed_where_its_operation_lies(timing: Timing) -> None:
    profile = RemProfile("R", reporting_points="mandatory", goods_issue_timing=timing)
    made = plant(
        profile=profile,
        boms=[
            bom([item("A", 1, "0010", operation="0010", issue_mode="manual"), item("B", 1, "0020", operation="0020")])
        ],
        routings=[routing([*points("0010", "0020"), operation("0030")])],
    )
    book = Book(made)
    book.post(3, "point", point="0010")
    assert (book.statistic("component difference", "A"), book.open_rows()) == ("-3", {})
    book.post(0, "component", point="0010", actual=said(A=3))
    book.post(3, "point", point="0020")
    book.work()
    assert (book.stock("A"), book.stock("B"), book.statistic("component difference", "A")) == ("-3", "-3", "0")
