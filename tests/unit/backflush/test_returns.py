"""Components that come back: unused ones of a document, and all that a reversal takes back, rounded once."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.backflush.memory.events import Reverse
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.errors import Reason
from tests.book import Book, Told
from tests.builders import bom, component, order, plant, stock, used


def press(**profile: object) -> Book:
    """Return a book of FG that takes 2 A at 5 each, and 1 B."""
    master = plant(profile=RemProfile("R", **profile), boms=[bom({"A": 2, "B": 1})])  # type: ignore[arg-type]  # settings
    return Book(master, stock=stock(A=100, B=100), orders=[order("O1", 100, version="V1")])


def back(book: Book, document: int, *components: str) -> Told:
    """Say what came back of a document."""
    return book.ask(Reverse(document, components=used(*components).components or ()))


@pytest.mark.parametrize(
    ("type_", "said"), [("assembly", ()), ("assembly", ("A 12",)), ("component", ("A 12",)), ("scrap", ("A 12", "B 6"))]
)
def test_two_of_twelve_come_back_and_the_rest_with_the_document(type_: str, said: tuple[str, ...]) -> None:
    book = press()
    book.post(0 if type_ == "component" else 6, type_, **({"actual": used(*said, complete=False)} if said else {}))
    assert back(book, 1, "A 2").status == "ok"
    assert (book.stock("A"), book.moved(2), book.statistic("component", "A")) == ("90", ["262 A 2"], "10")
    amounts = {i.document: i.amount for i in book.ledger.items if i.material == "A"}
    assert amounts[2] * 6 == -amounts[1]
    assert back(book, 1, "A 11").code == Reason.BAD_QUANTITY
    if type_ == "assembly":
        assert book.reverse(1, 1).code == Reason.BAD_QUANTITY
    assert book.reverse(1).status == "ok"
    assert [book.stock(name) for name in ("A", "B", "FG")] == ["100", "100", "0"]
    assert (book.balance(), book.statistic("component", "A")) == ("0", "0")
    assert back(book, 1, "A 1").code == Reason.BAD_QUANTITY
    assert book.reverse(1).code == Reason.ALREADY_REVERSED


def test_the_next_units_do_not_issue_again_what_came_back() -> None:
    book = press()
    book.post(6)
    back(book, 1, "A 2")
    book.post(6)
    assert (book.stock("A"), book.statistic("component difference", "A")) == ("78", "-2")
    book.reverse(1)
    book.post(6)
    assert (book.stock("A"), book.stock("FG")) == ("76", "12")


def test_orders_need_again_what_came_back_of_a_posting_of_components() -> None:
    book = press(order_reduction="own_version", recreate_orders_on_reversal=True)
    book.post(0, "component", actual=used("A 12"))
    assert book.reduced("O1") == {"component A": "12"}
    back(book, 1, "A 2")
    assert book.reduced("O1") == {"component A": "10"}
    book.reverse(1)
    assert book.reduced("O1").get("component A", "0") == "0"


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (("A 13",), Reason.BAD_QUANTITY),
        (("A 2 - WIP",), Reason.BAD_QUANTITY),
        (("A 0.5",), Reason.BAD_QUANTITY),
        (("FG 1",), Reason.BAD_QUANTITY),
        (("Z 1",), Reason.UNKNOWN_MATERIAL),
        (("A 7", "A 6"), Reason.BAD_QUANTITY),
    ],
)
def test_what_was_not_issued_does_not_come_back(said: tuple[str, ...], code: Reason) -> None:
    book = press()
    book.post(6)
    assert back(book, 1, *said).code == code
    assert book.documents() == ["assembly"]


def test_what_is_not_issued_yet_or_issued_with_others_does_not_come_back() -> None:
    book = press(goods_issue_timing="background", cumulate_goods_issues=True)
    book.post(6)
    assert back(book, 1, "A 2").code == Reason.BAD_QUANTITY
    book.work()
    assert "cumulated" in back(book, 1, "A 2").text


def test_units_of_components_alone_are_refused_with_the_option_that_is_meant() -> None:
    book = press()
    book.post(0, "component", actual=used("A 12"))
    told = book.reverse(1, 2)
    assert (told.code, "--component" in told.text) == (Reason.BAD_QUANTITY, True)
    both = book.ask(Reverse(1, 2_000_000, components=used("A 2").components or ()))
    assert both.code == Reason.BAD_COMMAND


@given(st.lists(st.tuples(st.sampled_from(["back", "part", "whole", "post"]), st.integers(1, 7)), max_size=8))
def test_returns_and_reversals_together_never_exceed_the_document(steps: list[tuple[str, int]]) -> None:
    master = plant(boms=[bom({"A": "0.7"})], materials=[component("A", 3, decimals=1)])
    book = Book(master, stock=stock(A=1000))
    book.post(6, actual=used("B 5", complete=False))
    for what, number in steps:
        match what:
            case "back":
                back(book, 1, f"A {number}")
                back(book, 1, f"B {number}")
            case "part":
                book.reverse(1, number)
            case "whole":
                book.reverse(1)
            case _:
                book.post(number)
    for name in "AB":
        of = [i for i in book.ledger.items if i.material == name]
        own = sum(i.quantity for i in of if i.document == 1 or book.ledger.documents[i.document].reverses == 1)
        assert own <= 0
    book.reverse(1)
    assert book.reverse(1).code == Reason.ALREADY_REVERSED


def test_what_came_back_is_said_of_the_document_that_was_posted_and_not_of_its_reversal() -> None:
    book = press()
    book.post(6)
    book.reverse(1, 1)
    assert back(book, 2, "A 1").code == Reason.NOT_REVERSIBLE
    assert back(book, 1, "A 11").code == Reason.BAD_QUANTITY
    assert back(book, 1, "A 10").code == Reason.OK
    assert back(book, 1, "A 0").code == Reason.BAD_QUANTITY


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
