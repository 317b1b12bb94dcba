"""Restarts: what waits is decided by what happens, and numbered in an order of its own, never by a start in between."""

from typing import Any

import pytest

from gateway.backflush.memory.events import Command, Hold
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.prefetch import inquire
from tests.book import Book
from tests.builders import LINE, PLANT, bom, counter, operation, plant, points, routing, scanner, stock, version
from tests.unit.backflush.test_told_late import beside

JUDGING = Rules(window="reading", open_names=())
crashing = pytest.mark.parametrize("crash", [False, True])


def restarted(book: Book, *, crash: bool) -> None:
    """Let two ticks happen, after a restart perhaps."""
    book.commit()
    book.crash(only_if=crash)
    book.wait(60)
    book.wait(60)


@crashing
def test_what_is_left_of_a_shortage_is_issued_once_it_fits_the_stock(*, crash: bool) -> None:
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False), stock=stock(A=7), rules=JUDGING)
    book.post(10)
    book.reverse(1, 2)
    restarted(book, crash=crash)
    assert (book.backlog(), book.stock("A")) == ({"A": "8"}, "7")
    book.reverse(1, 3)
    restarted(book, crash=crash)
    assert (book.documents(), book.backlog()) == (["assembly", "reversal", "reversal", "backlog"], {})
    assert (book.moved(4), book.stock("A")) == (["261 A -5"], "2")


def test_what_is_left_of_a_shortage_waits_for_stock_in_a_journal_of_before() -> None:
    book = Book(plant(boms=[bom({"A": 1})], negative_stock=False), stock=stock(A=7), rules=Rules(window="reading"))
    book.post(10)
    book.reverse(1, 5)
    restarted(book, crash=False)
    assert (book.documents(), book.backlog()) == (["assembly", "reversal"], {"A": "5"})


@crashing
def test_scrap_that_could_not_be_taken_back_is_looked_at_again_when_somebody_asks(*, crash: bool) -> None:
    roles = [counter("G", role="gross", operation="0010"), counter("X", role="scrap", operation="0010")]
    profile = RemProfile("R", reporting_points="mandatory")
    book = Book(beside(profile=profile, devices=roles), now="13:00", rules=JUDGING)
    book.run("FG", "V1")
    book.count("G", gross=10)
    book.post(10)
    book.count("X", scrap=2)
    book.at("14:00")
    book.reverse(2)
    restarted(book, crash=crash)
    assert (book.documents(), len(book.ledger.windows)) == (["point", "assembly", "reversal"], 1)
    book.work()
    restarted(book, crash=crash)
    assert (book.documents()[3:], book.ledger.windows) == (["reversal", "scrap"], {})


@crashing
def test_what_the_update_worker_was_handed_is_posted_by_the_release_as_a_whole(*, crash: bool) -> None:
    profile = RemProfile("R", goods_issue_timing="update", activity_timing="background")
    book = Book(plant(profile=profile), rules=JUDGING)
    book.ask(Hold(PLANT, LINE, "", held=True))
    for _ in range(3):
        book.post(1)
    book.wait(60)
    release = Hold(PLANT, LINE, "", held=False, every=True)
    command = Command(1, "release", PLANT, LINE, release, "anna", "", "", "", {})
    said = inquire(book.state, [command], book.now).needs()
    assert (said.worklist, said.timing) == ((PLANT, LINE, "", 0), "update"), "all of it, and nothing else"
    book.ask(release)
    restarted(book, crash=crash)
    assert book.documents() == ["assembly"] * 3 + ["worklist"] * 3


TWO_LINES: dict[str, Any] = {
    "versions": [version(), version("V2", line="L2")],
    "routings": [routing([operation("0010", {"machine": "0.1"})])],
    "devices": [counter(window=""), counter("C2", line="L2", window=""), scanner()],
}


def documents(book: Book) -> list[tuple[Any, ...]]:
    """Return what was posted, by number."""
    return [(d.number, d.type, d.line, d.reference, book.moved(d.number)) for d in book.ledger.documents.values()]


def on_update(*, restarts: bool) -> Book:
    profile = RemProfile("R", goods_issue_timing="update", activity_timing="update")
    book = Book(plant(profile=profile, routings=TWO_LINES["routings"]))
    book.post(1)
    book.post(2)
    book.commit()
    book.crash(only_if=restarts)
    book.wait(60)
    return book


def a_window_that_is_opened_again(*, restarts: bool) -> Book:
    """Close the first window of a line by a card; the next one is to close after that of the other line."""
    book = Book(plant(**TWO_LINES), rules=Rules(window="20s"))
    book.count(good=5)
    book.scan("BF:CLOSE")
    book.wait(5)
    book.count("C2", line="L2", good=3)
    book.wait(5)
    book.count(good=9)
    book.commit()
    book.crash(only_if=restarts)
    book.wait(60)
    return book


def a_card_for_several_windows(*, restarts: bool) -> Book:
    """Count at the later point first."""
    master = plant(
        profile=RemProfile("R", reporting_points="optional"),
        boms=[bom({"A": 1})],
        routings=[routing(points("0010", "0020"))],
        devices=[counter(f"C{at}", operation=at, window="") for at in ("0020", "0010")] + [scanner()],
    )
    book = Book(master, rules=Rules(window="shift"))
    for at, batch in (("0020", "B2"), ("0020", "B1"), ("0010", "B1"), ("0010", "B2")):
        book.count(f"C{at}", good=5 if batch == "B2" else 8, boot=batch, batch=batch)
    book.commit()
    book.crash(only_if=restarts)
    book.scan("BF:CLOSE")
    return book


@pytest.mark.parametrize("story", [on_update, a_window_that_is_opened_again, a_card_for_several_windows])
def test_a_restart_changes_no_number(story: Any) -> None:
    lived, read = story(restarts=False), story(restarts=True)
    assert len(documents(lived)) > 2
    assert documents(lived) == documents(read)
