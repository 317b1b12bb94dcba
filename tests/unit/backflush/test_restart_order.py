"""What is posted at once comes in an order of its own, not in that in which memory happens to hold it.

A restart reads it in the order of the ledger's keys. Documents that were numbered by chance would get other numbers
when the journal is folded again, and so would the events that carry them.
"""

from typing import Any

import pytest

from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import RemProfile
from tests.book import Book
from tests.builders import bom, counter, operation, plant, points, routing, scanner, version

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
