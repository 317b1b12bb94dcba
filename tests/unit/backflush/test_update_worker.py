"""The update worker: issues and activities handed over with the receipt, posted with the next tick, and never twice."""

import pytest

from gateway.backflush.memory.events import Hold
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.values.documents import AnyProcess
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, operation, plant, routing, stock


def book_with(*, cumulate: bool = False, negative_stock: bool = True, window: str = "reading", **stocks: int) -> Book:
    """Return a book whose issues and activities are handed to the update worker."""
    master = plant(
        profile=RemProfile(
            "R",
            goods_issue_timing="update",
            activity_timing="update",
            cumulate_goods_issues=cumulate,
            cumulate_activities=cumulate,
        ),
        boms=[bom({"A": 1})],
        routings=[routing([operation("0010", {"machine": "0.1"})])],
        devices=[counter(window=window)],
        negative_stock=negative_stock,
    )
    return Book(master, stock=stock(**stocks) if stocks else None)


def hold(book: Book, process: AnyProcess = "") -> None:
    """Hold the worklist of the line."""
    book.ask(Hold(PLANT, LINE, process, held=True))


def release(book: Book, process: AnyProcess = "") -> None:
    """Release the worklist of the line."""
    book.ask(Hold(PLANT, LINE, process, held=False))


@pytest.fixture
def book() -> Book:
    """Offer a book with nothing else in it."""
    return book_with()


def test_the_receipt_does_not_wait_and_the_next_tick_posts_the_rest(book: Book) -> None:
    book.count(good=5)
    assert (book.moved(1), book.open_rows()) == (["131 FG 5"], {"issue": "5", "activity": "5"})
    book.tick()
    assert (book.stock("A"), book.open_rows()) == ("-5", {})
    assert {d.actor for d in book.ledger.documents.values() if d.type == "worklist"} == {"update"}


@pytest.mark.parametrize("crash", [False, True])
def test_each_row_is_posted_once(book: Book, crash: bool) -> None:
    for total in (3, 5, 9):
        book.count(good=total)
        book.crash(only_if=crash)
    for _ in range(3):
        book.tick()
    assert (book.stock("FG"), book.stock("A"), book.statistic("activity")) == ("9", "-9", "0.9")
    assert book.documents().count("worklist") == 6


def test_a_crash_does_not_change_with_which_tick_is_posted_what_a_closed_window_holds() -> None:
    papers = []
    for crash in (False, True):
        book = book_with(window="5s")
        book.count(good=5)
        book.wait(5)
        book.crash(only_if=crash)
        book.wait(1)
        book.wait(1)
        papers.append([(d.type, d.entered_at) for d in book.ledger.documents.values()])
    assert papers[0] == papers[1]
    assert len(papers[0]) == 3


def test_cumulated_rows_of_one_batch_are_one_document_per_process() -> None:
    book = book_with(cumulate=True)
    book.feed(*(book.counted(good=total) for total in (3, 5, 9)))
    book.tick()
    assert [book.moved(n) or book.hours(n) for n in (4, 5)] == [["261 A -9"], ["machine 0.9"]]


def test_a_command_sees_what_was_handed_over_as_posted(book: Book) -> None:
    book.count(good=5)
    book.reverse(1)
    assert (book.stock("A"), book.stock("FG"), book.balance()) == ("0", "0", "0")
    assert (book.moved(4), book.hours(4)) == (["262 A 5", "132 FG -5"], ["machine -0.5"])


def test_the_worklist_by_hand_finds_nothing_left(book: Book) -> None:
    book.count(good=5)
    assert book.work().data["posted"] == 0
    assert book.stock("A") == "-5"


def test_a_shortage_of_the_update_worker_is_in_the_backlog() -> None:
    book = book_with(negative_stock=False, A=3)
    book.count(good=5)
    assert book.backlog() == {}
    book.tick()
    assert (book.backlog(), book.stock("A"), book.open_rows()) == ({"A": "5"}, "3", {})


# -- held back


def test_what_is_held_is_not_posted_until_it_is_released(book: Book) -> None:
    hold(book)
    book.count(good=5)
    book.tick()
    told = book.work()
    assert told.data == {"documents": 0, "posted": 0, "left": 2, "more": False, "held": ["1000/L1"]}
    assert told.text.endswith("; held back: 1000/L1")
    assert (book.stock("FG"), book.stock("A"), book.open_rows()) == ("5", "0", {"issue": "5", "activity": "5"})
    release(book)
    book.tick()
    assert (book.stock("A"), book.open_rows()) == ("-5", {})


def test_one_process_is_held_and_the_other_goes_on(book: Book) -> None:
    hold(book, "issue")
    book.count(good=5)
    book.tick()
    assert book.open_rows() == {"issue": "5"}
    release(book, "issue")
    book.tick()
    assert book.open_rows() == {}


def test_a_release_of_the_line_does_not_release_what_is_held_on_its_own(book: Book) -> None:
    hold(book)
    hold(book, "issue")
    book.count(good=5)
    release(book)
    book.tick()
    assert book.open_rows() == {"issue": "5"}


@pytest.mark.parametrize("crash", ["never", "while it is held", "after the release"])
def test_a_restart_posts_what_a_gateway_that_ran_on_posts(book: Book, crash: str) -> None:
    hold(book)
    book.count(good=5)
    book.tick()
    if crash == "while it is held":
        book.crash()
        book.tick()
        assert book.open_rows() == {"issue": "5", "activity": "5"}
    release(book)
    if crash == "after the release":
        book.crash()
    book.tick()
    assert (book.stock("A"), book.open_rows()) == ("-5", {})


@pytest.mark.parametrize("crash", [False, True])
def test_what_was_reversed_while_it_was_held_is_not_posted_later(book: Book, crash: bool) -> None:
    hold(book)
    book.count(good=5)
    book.count(good=8)
    book.reverse(1)
    book.crash(only_if=crash)
    release(book)
    book.tick()
    assert (book.stock("FG"), book.stock("A"), book.open_rows()) == ("3", "-3", {})
