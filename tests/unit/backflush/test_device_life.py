"""The state of a device, and since when: by the master data, a person's word, its signs of life and its totals."""

from typing import Any

import pytest

from gateway.backflush.memory.device_life import DeviceLife, Signs, life_of, newest_mark
from gateway.backflush.memory.events import Begin
from tests.book import Book
from tests.builders import counter, plant

MISSED = Signs(heard_at=7, silent=True)


def lives() -> Book:
    """Return a book of a counter that began at a baseline, at 08:00."""
    book = Book(plant(devices=[counter(first="baseline")]))
    book.count(good=500)
    return book


def life(book: Book, signs: Signs = Signs(), **said: Any) -> DeviceLife:  # noqa: B008 - it cannot be changed
    return life_of(counter(**said), book.state.marks_of_devices.get("C1", {}), signs)


@pytest.mark.parametrize(
    ("said", "signs", "expected"),
    [
        ({}, Signs(), ("baseline", True)),
        ({"disabled": True}, MISSED, ("disabled", False)),
        ({}, MISSED, ("stale", True)),
        ({}, MISSED._replace(online=False), ("offline", True)),
    ],
)
def test_the_first_that_holds_is_the_state(said: dict[str, Any], signs: Signs, expected: tuple[str, bool]) -> None:
    state, since = life(lives(), signs, **said)
    assert (state, since > 0) == expected


def test_a_counter_lives_from_its_baseline_over_its_count_to_another_beginning() -> None:
    book = Book(plant(devices=[counter(first="baseline")]))
    assert life(book) == ("unknown", 0)
    began = book.now
    book.count(good=500)
    assert life(book) == ("baseline", began)
    book.wait(60)
    book.count(good=510)
    assert (life(book).state, life(book, Signs(online=True)).state) == ("heard", "online")
    book.wait(60)
    said = book.now
    book.ask(Begin("C1", {"": 0}))
    book.crash()
    assert life(book, MISSED) == ("begins", said), "even where it is missed"
    book.wait(60)
    book.count(good=3)
    assert life(book).state == "heard"
    mark = newest_mark(book.state.marks_of_devices["C1"], "good")
    assert mark is not None
    assert (mark.total, book.stock("FG")) == (3, "13")
