"""Counters that begin again: seen where nobody tells of it, and a person's word where one does."""

from typing import Any

import pytest

from devices.messages import Reading
from gateway.backflush.memory.events import Begin
from gateway.backflush.memory.state import EDITION, Rules
from gateway.errors import Reason
from tests.book import Book, story, totals
from tests.builders import counter, moment, plant

BIG: dict[str, Any] = {"modulus": 100_000}
RESET: dict[str, Any] = {"reset": "allow", "max_step": 600}
FAST: dict[str, Any] = {"reset": "allow", "max_step": 60_000}
LATE = " ".join(f"{3 * n}#{n}" for n in range(1, 9))
BEGUN_AGAIN: dict[str, tuple[dict[str, Any], str, str, list[str]]] = {
    "the sequence begins again, the total goes on": (BIG, "500#40 510#1 520#2", "520", []),
    "and rolls over by the new sequence": (BIG, "99990#40 99995#1 5#2", "100005", []),
    "the clock is not believed": (RESET, "500@08:00 510@never 540@never", "540", []),
    "two late ones are late": ({}, "500#900 3#1 40#2", "500", []),
    "late ones that rise are told once": ({}, f"500#900 {LATE}", "500", ["BF2012 open"]),
    "and not healed where they pass the mark": ({}, f"500#900 {LATE} 510#9", "510", ["BF2012 open"]),
    "one late one, then the mark is passed": ({}, "500#900 300#1 510#2 520#3", "520", ["BF2012 open"]),
    "late ones that are said twice rise as well": ({}, "500#900 13#13 18#18 13#13 18#18 21#21", "500", ["BF2012 open"]),
    "a late one of the life before hides none": ({}, "500#900 499#899 1#1 2#2 3#3", "500", ["BF2012 open"]),
    "two in one second after a reset": (RESET, "100@08:01 5@08:02 7@08:03 12@08:03", "112", []),
    "two in the second of a reset": (RESET, "100@08:01 5@08:02 12@08:02", "105", ["BF2006 open"]),
    "and the next one tells": (RESET, "100@08:01 5@08:02 12@08:02 12@08:03", "112", ["BF2006 healed"]),
    "several in the second of a rollover": (BIG, "99998@08:01 3@08:02 8@08:02 99999@08:02 9@08:02", "100009", []),
    "a queue that was sent again": ({}, "9#9 6#6 7#7 8#8 9#9 10#10", "10", ["BF2012 healed"]),
    "a queue whose clock is believed": ({}, "9#9@08:09 6#6@08:06 7#7@08:07 8#8@08:08 9#9@08:09 10#10@08:10", "10", []),
    "bare numbers that begin again": ({}, "500 3 40 400 510", "510", ["BF2005 open"] * 3),
    "and do so twice": ({}, "500 3 40 2 510", "510", ["BF2005 open"] * 3),
    "and meet the mark": ({}, "500 3 40 500 510", "510", ["BF2005 open"] * 2),
    "a zero now and then": ({}, "500 0 0 510", "510", ["BF2005 healed"] * 2),
    "a conflict among them": ({}, "500#3 5#1 8#3 510#4", "510", ["BF2006 open"]),
    "a single zero is no reset": (FAST, "40482#1 0#2 40484#3", "40484", ["BF2005 healed"]),
    "nor is a dip": (FAST, "5000#1 4990#2 5010#3", "5010", ["BF2005 healed"]),
    "the same again, by a clock that is ahead": ({}, "10#2@09:00 10#2@09:00", "10", []),
    "a register of 16 bits": ({"modulus": 65_536}, "65000 65530 4 100", "65636", []),
}


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize("what", BEGUN_AGAIN)
def test_pieces_never_vanish_in_silence(what: str, crash: bool) -> None:
    device, said, received, entries = BEGUN_AGAIN[what]
    book = Book(plant(devices=[counter(**device)]))
    for reading in totals(said):
        book.now = max(book.now, moment(reading["ts"])) if reading.get("ts", "").startswith("08") else book.now
        book.count(**reading)
        book.crash(only_if=crash)
    assert book.stock("FG") == received
    assert [f"{entry.code} {entry.state}" for entry in book.ledger.quarantine.values()] == entries


def test_the_newest_first_and_then_what_was_stored_is_counted_once() -> None:
    stored = ({"good": n, "ts": f"07:{n}", "hist": True} for n in (10, 20, 30, 40))
    book = story({}, "60@08:00", *stored)
    assert (book.stock("FG"), book.ledger.quarantine) == ("60", {})


def test_totals_that_stray_are_known_until_the_mark_moves() -> None:
    book = story({}, "500#900 3#3 4#4 5#5")
    book.crash()
    assert [mark.strays and mark.strays.late for mark in book.state.strayed.values()] == [3]
    book.count(good=501, seq=901)
    assert book.state.strayed == {}


@pytest.mark.parametrize("by", ["command", "run", "card"])
@pytest.mark.parametrize(
    ("before", "again", "received"),
    [
        ("500 3", "40 510", "700"),
        ("500#9", "320#1 510#2", "700"),
        ("a:500", "b:310 b:510", "700"),
        ("a:500", "a:510", "700"),
        ("a:500", "b:510 c:20", "720"),
        ("", "510", "200"),
    ],
)
def test_a_person_says_where_a_counter_begins_again(by: str, before: str, again: str, received: str) -> None:
    book = story({}, before)
    refused = [entry.number for entry in book.open_entries()]
    match by:
        case "command":
            assert book.ask(Begin("C1", {"": 310})).data == {"device": "C1", "begins": {"good": 310}}
        case "run":
            assert book.run(begins={"C1": 310}).data["begins"]["C1"]["result"] == "begins again at 310"
        case _:
            assert book.scan("BF:BEGIN:C1:310").result == "info"
    book.crash()
    for reading in totals(again):
        book.wait(1)
        book.count(**reading)
    assert book.stock("FG") == received
    assert [entry.number for entry in book.open_entries()] == refused or totals(again)[0]["good"] < 310


@pytest.mark.parametrize(
    ("before", "begin", "after", "received"),
    [
        ("500#900", 0, "500#900 3#1 500#900 498#899 4#2", "504"),
        ("a:500#900", 0, "a:500#900 a:3#1 a:498#899 a:4#2", "504"),
        ("500#900@07:58", 0, "500#900@07:58 3#1@08:01 499#1@07:57 4#2@08:02", "504"),
        ("500@07:58", 0, "500@07:58 3@08:01 499@07:57 4@08:02", "504"),
        ("500#900", 310, "500#900 312#1", "502"),
        ("500#900", 0, "7#901 510#902", "1010"),
        ("500#900", 0, "200#150 420#300 499#890 501#892", "1001"),
        ("500#2", 0, "400#1 498#2 500#3", "1000"),
    ],
)
def test_what_a_counter_sent_before_a_person_let_it_begin_again_is_not_counted_twice(
    before: str, begin: int, after: str, received: str
) -> None:
    book = story({"first": "zero"}, before)
    for _ in range(2):  # a word that is said again ends no other life
        assert book.ask(Begin("C1", {"": begin})).status == "ok"
    book.crash()
    for reading in totals(after):
        book.wait(1)
        book.count(**reading)
    assert (book.stock("FG"), book.open_entries()) == (received, [])


def test_a_person_who_was_wrong_hears_of_totals_like_those_before() -> None:
    book = story({"first": "zero"}, "500#900")
    book.ask(Begin("C1", {"": 0}))
    for reading in totals("400#700 401#701 402#702"):
        book.count(**reading)
    assert (book.stock("FG"), [entry.code for entry in book.open_entries()]) == ("500", [Reason.OUT_OF_ORDER])
    book.count(good=501, seq=901)
    assert book.stock("FG") == "1001"


def test_a_counter_with_several_totals_begins_again_with_all_of_them() -> None:
    book = story({}, {"good": 500, "scrap": 9})
    assert book.ask(Begin("C1", {"": 310})).code == Reason.BAD_COMMAND
    assert book.ask(Begin("C1", {"good": 310, "scrap": 4})).status == "ok"
    book.count(good=320, scrap=5)
    assert book.ask(Begin("C1", {"": 0})).status == "ok"
    book.count(good=7, scrap=2)
    assert (book.stock("FG"), book.statistic("scrap")) == ("517", "12")


@pytest.mark.parametrize(
    ("action", "reason", "code"),
    [
        (Begin("C1", {"": 0}), "", Reason.BAD_COMMAND),
        (Begin("S1", {"": 0}), "why", Reason.BAD_COMMAND),
        (Begin("C9", {"": 0}), "why", Reason.UNKNOWN_DEVICE),
    ],
)
def test_only_a_known_counter_begins_again_and_with_a_reason(action: Begin, reason: str, code: Reason) -> None:
    assert Book(plant()).ask(action, reason=reason).code == code


def test_a_scanner_has_no_total_that_a_person_could_enter() -> None:
    for edition, said in ((EDITION, "refused"), (3, "baseline")):
        book = Book(plant(), rules=Rules(window="reading", open_names=(), edition=edition))
        entered = book.run(totals={"S1": Reading(good=5)}).data["totals"]["S1"]
        assert (entered["result"], entered["code"] == Reason.BAD_COMMAND) == (said, said == "refused")
        assert book.run(begins={"S1": 5}).data["begins"]["S1"]["code"] == Reason.BAD_COMMAND


def test_the_start_of_a_run_says_what_became_of_each_total() -> None:
    book = story({}, "500")
    totals = {"C1": Reading(good=40), "S9": Reading(good=1)}
    told = book.run(totals=totals)
    assert told.status == "ok"
    assert {name: (t["result"], t["code"]) for name, t in told.data["totals"].items()} == {
        "C1": ("refused", "BF2005"),
        "S9": ("refused", "BF2001"),
    }
    told = book.run(totals={"C1": Reading(good=510)})
    assert told.data["totals"]["C1"]["result"] == "counted"
    book.wait(60)
    assert book.run(totals={"C1": Reading(good=510)}).text.endswith("; C1: as before, its total was accepted already")


def test_a_refused_word_changes_no_total_and_no_name_of_one() -> None:
    """The counter says gross and scrap; whoever names its one total alone is refused, and it goes on as gross."""
    book = Book(plant(devices=[counter("C2", role="good")]))
    book.count("C2", gross=10, scrap=1)
    before = dict(book.ledger.device_marks)
    assert book.ask(Begin("C2", {"": 5})).code == Reason.BAD_COMMAND
    assert book.ledger.device_marks == before
    book.count("C2", gross=12, scrap=1)
    assert book.stock("FG") == "11"
