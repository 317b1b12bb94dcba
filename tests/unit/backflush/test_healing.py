"""Healing: which later total settles an entry that was not believed, and which does not."""

from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.events import Refused
from gateway.errors import Reason
from tests.book import Book
from tests.builders import LINE, PLANT, counter, moment, plant
from tests.unit.backflush.test_counting import story


def test_a_total_that_was_not_believed_stays_visible_until_another_one_is_as_high() -> None:
    book = story({"max_step": 100}, {"good": 10, "seq": 1}, {"good": 5_000, "seq": 2})
    assert [entry.code for entry in book.open_entries()] == [Reason.JUMP]
    assert book.asked == ["C1"]
    book.count(good=20, seq=3)
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["open"]
    assert book.stock("FG") == "20"


A, B = {"boot": "a"}, {"boot": "b"}


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize(
    ("rule", "readings", "states"),
    [
        pytest.param({}, [A | {"good": 300}, A | {"good": 300, "ts": "08:05"}], "healed", id="as high"),
        pytest.param({}, [A | {"good": 300}, A | {"good": 299, "ts": "08:05"}], "open", id="not as high"),
        pytest.param({}, [A | {"good": 300}, B | {"good": 50}, B | {"good": 400, "ts": "08:09"}], "open", id="life"),
        pytest.param({}, [A | {"good": 300}, B | {"good": 9}, A | {"good": 301, "ts": "08:05"}], "healed", id="late"),
        pytest.param({}, [A | {"good": 5}, A | {"good": 11}], "healed", id="a drop is below every later total"),
        pytest.param({}, [A | {"good": 300, "scrap": 2}, A | {"good": 300, "ts": "08:05"}], "open", id="one of two"),
        pytest.param(
            {},
            [A | {"good": 300, "scrap": 2}, A | {"good": 300, "scrap": 2, "ts": "08:05"}],
            "healed",
            id="both of two",
        ),
        pytest.param(
            {"reset": "allow"},
            [A | {"good": 300}, A | {"good": 5, "ts": "08:01"}, A | {"good": 400, "ts": "08:09"}],
            "open",
            id="a reset is another life",
        ),
        pytest.param(
            {"modulus": 1_000},
            [A | {"good": 300}, A | {"good": 305, "ts": "08:05"}, A | {"good": 310, "ts": "08:06"}],
            "healed",
            id="modulus",
        ),
    ],
)
def test_a_refused_total_is_healed_by_one_of_its_own_life_that_is_as_high(
    rule: dict[str, Any], readings: list[dict[str, Any]], states: str, crash: bool
) -> None:
    book = Book(plant(devices=[counter("C1", max_step=100, **rule)]))
    for seq, reading in enumerate([A | {"good": 10}, *readings]):
        book.now = moment(reading.get("ts", "08:00"))
        book.count(seq=seq, **reading)
        if crash:
            book.crash()
    assert [entry.state for entry in book.ledger.quarantine.values()] == [states]


def test_what_nobody_understood_is_healed_by_a_total_of_the_newest_life_only() -> None:
    book = story({}, {"good": 5, "boot": "a", "seq": 1})
    nonsense = Rejection(Malformed.NOT_JSON, "expected JSON")
    book.feed(Refused(100, PLANT, LINE, "C1", "count/C1", b"{", nonsense, feedback=False))
    book.count(good=7, boot="b", seq=1)
    assert [entry.state for entry in book.open_entries()] == ["open"]
    book.count(good=6, boot="a", seq=2)
    assert book.open_entries() == []


@pytest.mark.parametrize("first", ["zero", "baseline"])
def test_what_nobody_understood_before_the_first_total_is_healed_by_whichever_life_begins(first: str) -> None:
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
