"""Healing: which later total settles an entry that was not believed, and which does not."""

from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Refused
from gateway.errors import Reason
from tests.book import Book, story, totals
from tests.builders import LINE, PLANT, counter, moment, plant


def test_a_total_that_was_not_accepted_stays_visible_until_another_one_is_as_high() -> None:
    book = story({"max_step": 100}, "10#1 5000#2")
    assert [entry.code for entry in book.open_entries()] == [Reason.JUMP]
    assert book.asked == ["C1"]
    book.count(good=20, seq=3)
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["open"]
    assert book.stock("FG") == "20"


HEALED: dict[str, tuple[dict[str, Any], str, str]] = {
    "as high": ({}, "a:300 a:300@08:05", "healed"),
    "not as high": ({}, "a:300 a:299@08:05", "open"),
    "another life": ({}, "a:300 b:50 b:400@08:09", "open"),
    "late, of its own life": ({}, "a:300 b:9 a:301@08:05", "healed"),
    "a drop is below every later total": ({}, "a:5 a:11", "healed"),
    "one of two": ({}, "a:300+2 a:300@08:05", "open"),
    "both of two": ({}, "a:300+2 a:300+2@08:05", "healed"),
    "a reset is another life": ({"reset": "allow"}, "a:300 a:5@08:01 a:400@08:09", "open"),
    "modulus": ({"modulus": 1_000}, "a:300 a:305@08:05 a:310@08:06", "healed"),
}


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("what", HEALED)
def test_a_refused_total_is_healed_by_one_of_its_own_life_that_is_as_high(what: str, crash: bool) -> None:
    rule, said, state = HEALED[what]
    book = Book(plant(devices=[counter("C1", max_step=100, **rule)]))
    for seq, reading in enumerate(totals(f"a:10 {said}")):
        book.now = moment(reading.get("ts", "08:00"))
        book.count(seq=seq, **reading)
        book.crash(only_if=crash)
    assert [entry.state for entry in book.ledger.quarantine.values()] == [state]


def test_what_was_not_understood_is_healed_by_a_total_of_the_newest_life_only() -> None:
    book = story({}, "a:5#1")
    nonsense = Rejection(Malformed.NOT_JSON, "expected JSON")
    book.feed(Refused(100, PLANT, LINE, "C1", "count/C1", b"{", nonsense, feedback=False))
    book.count(good=7, boot="b", seq=1)
    assert [entry.state for entry in book.open_entries()] == ["open"]
    book.count(good=6, boot="a", seq=2)
    assert book.open_entries() == []


@pytest.mark.parametrize("first", ["zero", "baseline"])
def test_what_was_not_understood_before_the_first_total_is_healed_by_whichever_life_begins(first: str) -> None:
    """I31: a counter that says `nan` or `unavailable` until its sensor is up."""
    book = Book(plant(devices=[counter("C1", first=first)]))
    nonsense = Rejection(Malformed.NOT_JSON, "expected JSON")
    book.feed(Refused(100, PLANT, LINE, "C1", "count/C1", b"nan", nonsense, feedback=False))
    book.crash()
    book.count(good=7, boot="a", seq=1)
    book.count(good=9, boot="a", seq=2)
    assert book.open_entries() == []


def test_a_total_heals_nothing_that_another_device_may_have_said() -> None:
    book = Book(plant())
    book.count(good=5, seq=1)
    book.count(good=9, seq=2, line="L2")
    book.count(good=8, seq=3)
    assert [(entry.code, entry.state) for entry in book.ledger.quarantine.values()] == [(Reason.WRONG_PLACE, "open")]
