"""By what a scan is known when it comes again: its id, or its text and its own time."""

from typing import Any

import pytest

from gateway.backflush.memory.state import Rules
from gateway.errors import Reason
from tests.book import Book
from tests.builders import moment
from tests.unit.backflush.test_scans import labelled

NOW = "08:00"
HOUR = 3_600


def pull(book: Book, offset_s: float, **said: Any) -> str:
    """Scan FG with a time so far from eight o'clock, and return code or result."""
    told = book.scan("FG", ts=moment(NOW) + int(offset_s * 1_000_000), **said)
    return told.result if told.result != "nok" else str(told.code)


@pytest.mark.parametrize(
    ("first", "second", "after_s", "expected"),
    [
        # the same time is the same pull, at any distance
        ((0, {}), (0, {}), 4, "dup"),
        ((0, {}), (0, {}), 100 * HOUR, "dup"),
        ((0, {}), (0, {"hist": True}), HOUR, "dup"),
        ((-4000, {"hist": True}), (-4000, {"hist": True}), 90 * HOUR, "dup"),
        # another time is another pull, at no distance
        ((-60, {}), (-30, {}), 0, "ok"),
        ((0, {}), (0.001, {}), 0, "ok"),
        ((-4000, {"hist": True}), (-3000, {"hist": True}), 0, "ok"),
        ((-HOUR, {}), (-HOUR + 1, {}), 0, "ok"),
        ((-1000 * HOUR, {}), (-1000 * HOUR + 5, {}), 0, "ok"),
        # stored and not said to be so: perhaps a repetition, perhaps a clock that stands still
        ((-HOUR, {}), (-HOUR, {}), 1, "dup"),
        ((-HOUR, {}), (-HOUR, {}), 60, Reason.WAITED),
        ((-HOUR, {}), (-HOUR, {"hist": True}), 60, "dup"),
        # a clock that cannot be right, and stands still, swallows nothing beyond the moment
        ((-1000 * HOUR, {}), (-1000 * HOUR, {}), 1, "dup"),
        ((-1000 * HOUR, {}), (-1000 * HOUR, {}), 4, "ok"),
        ((100 * HOUR, {}), (100 * HOUR, {}), 4, "ok"),
        # the same time with something else said
        ((0, {}), (0, {"operator": "7"}), 4, Reason.CONFLICT),
        # with an id the time is part of the content
        ((0, {"id": "a"}), (0, {"id": "a"}), HOUR, "ok again"),
        ((0, {"id": "a"}), (0, {"id": "a", "hist": True}), HOUR, "ok again"),
        ((0, {"id": "a"}), (1, {"id": "a"}), 0, Reason.CONFLICT),
        ((0, {"id": "a"}), (0, {"id": "b"}), 0, "ok"),
    ],
)
@pytest.mark.parametrize("crash", [False, True])
def test_a_scan_that_comes_again(first: Any, second: Any, after_s: int, expected: str, *, crash: bool) -> None:
    book = Book(labelled(), now=NOW)
    assert pull(book, first[0], **first[1]) == "ok"
    if after_s:
        book.wait(after_s)
    book.crash(only_if=crash)
    assert pull(book, second[0], **second[1]) == expected.partition(" ")[0]
    assert book.stock("FG") == ("2" if expected == "ok" else "1")


def test_a_pull_is_known_when_it_has_left_memory() -> None:
    book = Book(labelled(), now=NOW)
    assert [pull(book, second) for second in range(10)] == ["ok"] * 10
    book.state.scans.clear()
    assert [pull(book, second) for second in range(10)] == ["dup"] * 10


def test_a_card_is_scanned_once_too() -> None:
    book = Book(labelled(), now=NOW)
    for name in ("a", "b"):
        book.scan("FG", id=name)
    assert [book.scan("BF:UNDO", ts=NOW).result for _ in range(2)] == ["ok", "dup"]
    assert book.documents() == ["assembly", "assembly", "reversal"]


def test_a_refused_pull_is_kept_once_and_told_again() -> None:
    book = Book(labelled(), now=NOW)
    assert [book.scan("UNKNOWN", ts=NOW).code for _ in range(3)] == [Reason.UNKNOWN_CODE] * 3
    assert len(book.open_entries()) == 1


def test_a_pull_that_a_person_replays_is_posted_once() -> None:
    book = Book(labelled(), now=NOW)
    pull(book, -HOUR)
    book.wait(60)
    assert pull(book, -HOUR) == Reason.WAITED
    book.replay()
    assert (book.stock("FG"), book.open_entries()) == ("2", [])


def test_a_pull_that_another_gateway_posted_is_known_to_the_next_gateway_on_its_journal() -> None:
    book = Book(labelled(), now=NOW)
    pull(book, 0)
    other = Book(labelled(), now="08:10", ledger=book.ledger)
    left = other.scanned("FG", ts=NOW)._replace(behind=True)
    other.feed(left, other.scanned("FG", ts="08:10")._replace(behind=True), other.scanned("FG")._replace(behind=True))
    told = [feedback.outcome.result for feedback in other.feedback[-3:]]
    assert (told, [entry.code for entry in other.open_entries()]) == (["dup", "ok", "nok"], [Reason.LEFT_BEHIND])


def test_a_wider_limit_believes_older_times() -> None:
    book = Book(labelled(), now=NOW, rules=Rules(skew=2 * HOUR * 1_000_000))
    assert pull(book, -HOUR) == "ok"
    book.wait(60)
    assert pull(book, -HOUR) == "dup"
