"""What the numbers of a telegram are totals of, which later ones heal a refused one, and since when a device lives."""

from typing import Any

import pytest

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.device_life import DeviceLife, Signs, life_of, newest_mark
from gateway.backflush.memory.events import Begin, Refused
from gateway.errors import Reason
from gateway.ledger.audit.units import _bounds, _Described
from tests.book import Book, story, totals
from tests.builders import LINE, PLANT, counter, moment, plant

SHIFT = {"window": "shift"}


def ended(book: Book) -> list[str]:
    """Return what the documents confirm when the shift is over."""
    book.wait(30 * 3600)
    return [confirmed for number in book.ledger.documents for confirmed in book.confirmed(number)]


def test_firmware_that_begins_to_say_gross_and_scrap_goes_on_where_its_yield_was() -> None:
    book = Book(plant())
    book.count(good=5_000, boot="a", seq=1)
    book.count(gross=5_001, scrap=1, boot="a", seq=2)
    assert (book.line()["read"], book.stock("FG")) == ("5001", "5000")
    book.count(gross=5_011, scrap=1, boot="b", seq=1)
    assert book.line()["read"] == "10012"


def test_a_new_life_under_a_new_name_begins_at_zero_and_is_no_baseline() -> None:
    book = Book(plant(devices=[counter(first="baseline")]))
    book.count(good=5_000, boot="a", seq=1)
    book.count(gross=7, boot="b", seq=1)
    assert book.line()["read"] == "7"


def test_where_a_person_let_the_next_life_begin_is_known_by_the_new_role_too() -> None:
    book = Book(plant())
    book.count(good=500, boot="a", seq=1)
    book.ask(Begin("C1", {"": 200}))
    book.load(plant(devices=[counter(role="gross")]))
    book.count(good=210, boot="b", seq=1)
    assert book.line()["read"] == "510"


def test_a_person_lets_a_counter_begin_again_by_the_name_of_its_new_role() -> None:
    book = Book(plant())
    book.count(good=500)
    book.load(plant(devices=[counter(role="gross")]))
    assert book.ask(Begin("C1", {"": 10})).status == "ok"
    book.count(good=12)
    assert book.line()["read"] == "502"


@pytest.mark.parametrize("told", [{}, {"delta": True}])
@pytest.mark.parametrize("name", ["good", "scrap"])
def test_scrap_beside_a_gross_counter_is_taken_off_the_yield_told_as_total_or_as_difference(
    told: dict[str, Any], name: str
) -> None:
    book = Book(plant(devices=[counter("G1", role="gross", **SHIFT), counter("X1", role="scrap", **SHIFT)]))
    book.count("G1", good=100, boot="a", seq=1)
    book.count("X1", boot="a", seq=1, **told | {name: 3})
    assert book.line()["read"] == "100"
    assert ended(book) == ["final 97+3"]


@pytest.mark.parametrize("said", [{}, {"delta": True}])
@pytest.mark.parametrize("wrong", ["good", "gross"])
def test_a_scrap_counter_whose_role_was_wrong_is_one_as_soon_as_it_is_put_right(
    said: dict[str, Any], wrong: str
) -> None:
    gross = counter("G1", role="gross", **SHIFT)
    book = Book(plant(devices=[gross, counter("X1", role=wrong, first="baseline", **SHIFT)]))
    if said:
        book.count("X1", good=0, boot="a", seq=1, delta=True)
    else:
        book.count("X1", good=40)
    book.load(plant(devices=[gross, counter("X1", role="scrap", first="baseline", **SHIFT)]))
    book.count("G1", good=100)
    book.count("X1", **({"good": 3, "boot": "a", "seq": 2, "delta": True} if said else {"good": 43}))
    assert ended(book) == ["final 97+3"]


def test_who_counts_yield_and_scrap_beside_a_gross_counter_has_told_them_apart() -> None:
    book = Book(plant(devices=[counter("G1", role="gross", **SHIFT), counter("X1", role="scrap", **SHIFT)]))
    book.count("X1", good=10, scrap=2)
    book.count("X1", good=5, scrap=1, delta=True, id="1")
    assert ended(book) == ["final 15+3"]


@pytest.mark.parametrize(
    ("steps", "roles", "beside", "pieces"),
    [
        ({"good": 10, "scrap": 2}, {"good"}, {False}, (12, 12)),
        ({"good": 10, "scrap": 2}, {"good"}, {True}, (12, 12)),
        ({"gross": 10, "scrap": 2}, {"good"}, {False}, (10, 10)),
        ({"gross": 10, "scrap": 2}, {"gross"}, {True}, (10, 10)),
        ({"scrap": 2}, {"scrap"}, {True}, (0, 0)),
        ({"scrap": 2}, {"scrap"}, {False}, (2, 2)),
        ({"scrap": 2}, {"scrap"}, {True, False}, (0, 2)),
        ({"delta scrap": 3}, {"scrap"}, {True}, (0, 0)),
        ({"delta scrap": 3}, {"scrap"}, {False}, (3, 3)),
        ({"delta good": 10, "delta scrap": 3}, {"good"}, {False}, (13, 13)),
        ({"good": 0, "scrap": 3}, {"good", "scrap"}, {True}, (0, 3)),
        ({"good": 10, "gross": 5, "scrap": 2}, {"good", "gross"}, {True, False}, (15, 17)),
        ({"gross": 5, "scrap": 2}, {"gross", "scrap"}, {True, False}, (5, 7)),
    ],
)
def test_the_audit_expects_the_pieces_that_totals_mean(
    steps: dict[str, int], roles: set[str], beside: set[bool], pieces: tuple[int, int]
) -> None:
    assert _bounds(steps, _Described({1}, roles, beside)) == pieces


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
