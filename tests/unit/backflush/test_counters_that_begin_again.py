"""Counters that begin again: seen where nobody tells of it, and a person's word where one does."""

from typing import Any

import pytest

from devices.messages import Reading
from gateway.backflush.memory.events import Begin
from gateway.errors import Reason
from tests.book import Book
from tests.builders import counter, moment, plant
from tests.unit.backflush.test_counting import story

NOBODY = {"ts": "1970-01-01 00:00"}
"""A time stamp that nobody believes."""


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize(
    ("device", "readings", "received", "entries"),
    [
        pytest.param(
            {"modulus": 100_000},
            [{"good": 500, "seq": 40}, {"good": 510, "seq": 1}, {"good": 520, "seq": 2}],
            "520",
            [],
            id="the sequence begins again, the total goes on",
        ),
        pytest.param(
            {"modulus": 100_000},
            [{"good": 99_990, "seq": 40}, {"good": 99_995, "seq": 1}, {"good": 5, "seq": 2}],
            "100005",
            [],
            id="and rolls over by the new sequence",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 600},
            [{"good": 500, "ts": "08:00"}, NOBODY | {"good": 510}, NOBODY | {"good": 540}],
            "540",
            [],
            id="the clock is not believed",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, {"good": 3, "seq": 1}, {"good": 40, "seq": 2}],
            "500",
            [],
            id="two late ones are late",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, *({"good": 3 * n, "seq": n} for n in range(1, 9))],
            "500",
            ["BF2012 open"],
            id="late ones that rise are told once",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, *({"good": 3 * n, "seq": n} for n in range(1, 9)), {"good": 510, "seq": 9}],
            "510",
            ["BF2012 open"],
            id="and not healed where they pass the mark",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, {"good": 300, "seq": 1}, {"good": 510, "seq": 2}, {"good": 520, "seq": 3}],
            "520",
            ["BF2012 open"],
            id="one late one, then the mark is passed",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, *({"good": n, "seq": n} for n in (13, 18, 13, 18, 21))],
            "500",
            ["BF2012 open"],
            id="late ones that are said twice rise as well",
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 900}, {"good": 499, "seq": 899}, *({"good": n, "seq": n} for n in (1, 2, 3))],
            "500",
            ["BF2012 open"],
            id="a late one of the life before hides none",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 600},
            [{"good": g, "ts": f"08:0{n}"} for g, n in ((100, 1), (5, 2), (7, 3), (12, 3))],
            "112",
            [],
            id="two in one second after a reset",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 600},
            [{"good": g, "ts": f"08:0{n}"} for g, n in ((100, 1), (5, 2), (12, 2))],
            "105",
            ["BF2006 open"],
            id="two in the second of a reset",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 600},
            [{"good": g, "ts": f"08:0{n}"} for g, n in ((100, 1), (5, 2), (12, 2), (12, 3))],
            "112",
            ["BF2006 healed"],
            id="and the next one tells",
        ),
        pytest.param(
            {"modulus": 100_000},
            [{"good": g, "ts": f"08:0{n}"} for g, n in ((99_998, 1), (3, 2), (8, 2), (99_999, 2), (9, 2))],
            "100009",
            [],
            id="several in the second of a rollover",
        ),
        pytest.param(
            {},
            [*({"good": n, "seq": n} for n in (9, 6, 7, 8, 9, 10))],
            "10",
            ["BF2012 healed"],
            id="a queue that was sent again",
        ),
        pytest.param(
            {},
            [{"good": n, "seq": n, "ts": f"08:{n:02}"} for n in (9, 6, 7, 8, 9, 10)],
            "10",
            [],
            id="a queue whose clock is believed",
        ),
        pytest.param(
            {},
            [{"good": 60, "ts": "08:00"}, *({"good": n, "ts": f"07:{n}", "hist": True} for n in (10, 20, 30, 40))],
            "60",
            [],
            id="the newest first, then what was stored",
        ),
        pytest.param(
            {},
            [{"good": n} for n in (500, 3, 40, 400, 510)],
            "510",
            ["BF2005 open"] * 3,
            id="bare numbers that begin again",
        ),
        pytest.param({}, [{"good": n} for n in (500, 3, 40, 2, 510)], "510", ["BF2005 open"] * 3, id="and do so twice"),
        pytest.param(
            {}, [{"good": n} for n in (500, 3, 40, 500, 510)], "510", ["BF2005 open"] * 2, id="and meet the mark"
        ),
        pytest.param(
            {}, [{"good": n} for n in (500, 0, 0, 510)], "510", ["BF2005 healed"] * 2, id="a zero now and then"
        ),
        pytest.param(
            {},
            [{"good": 500, "seq": 3}, {"good": 5, "seq": 1}, {"good": 8, "seq": 3}, {"good": 510, "seq": 4}],
            "510",
            ["BF2006 open"],
            id="a conflict among them",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 60_000},
            [{"good": 40_482, "seq": 1}, {"good": 0, "seq": 2}, {"good": 40_484, "seq": 3}],
            "40484",
            ["BF2005 healed"],
            id="a single zero is no reset",
        ),
        pytest.param(
            {"reset": "allow", "max_step": 60_000},
            [{"good": 5_000, "seq": 1}, {"good": 4_990, "seq": 2}, {"good": 5_010, "seq": 3}],
            "5010",
            ["BF2005 healed"],
            id="nor is a dip",
        ),
        pytest.param(
            {}, [{"good": 10, "seq": 2, "ts": "09:00"}] * 2, "10", [], id="the same again, by a clock that is ahead"
        ),
        pytest.param(
            {"modulus": 65_536},
            [{"good": n} for n in (65_000, 65_530, 4, 100)],
            "65636",
            [],
            id="a register of 16 bits",
        ),
    ],
)
def test_pieces_never_vanish_in_silence(
    device: dict[str, Any], readings: list[dict[str, Any]], received: str, entries: list[str], crash: bool
) -> None:
    book = Book(plant(devices=[counter(**device)]))
    for reading in readings:
        book.now = max(book.now, moment(reading["ts"])) if reading.get("ts", "").startswith("08") else book.now
        book.count(**reading)
        if crash:
            book.crash()
    assert book.stock("FG") == received
    assert [f"{entry.code} {entry.state}" for entry in book.ledger.quarantine.values()] == entries


def test_totals_that_stray_are_known_until_the_mark_moves() -> None:
    book = story({}, {"good": 500, "seq": 900}, *({"good": n, "seq": n} for n in (3, 4, 5)))
    book.crash()
    assert [mark.strays and mark.strays.late for mark in book.state.strayed.values()] == [3]
    book.count(good=501, seq=901)
    assert book.state.strayed == {}


@pytest.mark.parametrize("by", ["command", "run", "card"])
@pytest.mark.parametrize(
    ("before", "again", "received"),
    [
        ([{"good": 500}, {"good": 3}], [{"good": 40}, {"good": 510}], "700"),
        ([{"good": 500, "seq": 9}], [{"good": 320, "seq": 1}, {"good": 510, "seq": 2}], "700"),
        ([{"good": 500, "boot": "a"}], [{"good": 310, "boot": "b"}, {"good": 510, "boot": "b"}], "700"),
        ([{"good": 500, "boot": "a"}], [{"good": 510, "boot": "a"}], "700"),
        ([{"good": 500, "boot": "a"}], [{"good": 510, "boot": "b"}, {"good": 20, "boot": "c"}], "720"),
        ([], [{"good": 510}], "200"),
    ],
)
def test_a_person_says_where_a_counter_begins_again(
    by: str, before: list[dict[str, Any]], again: list[dict[str, Any]], received: str
) -> None:
    book = story({}, *before)
    refused = [entry.number for entry in book.open_entries()]
    match by:
        case "command":
            assert book.ask(Begin("C1", {"": 310})).data == {"device": "C1", "begins": {"good": 310}}
        case "run":
            assert book.run(begins={"C1": 310}).data["begins"]["C1"]["result"] == "begins again at 310"
        case _:
            assert book.scan("BF:BEGIN:C1:310").result == "info"
    book.crash()
    for reading in again:
        book.wait(1)
        book.count(**reading)
    assert book.stock("FG") == received
    assert [entry.number for entry in book.open_entries()] == refused or again[0]["good"] < 310


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


def test_the_start_of_a_run_says_what_became_of_each_total() -> None:
    book = story({}, {"good": 500})
    totals = {"C1": Reading(good=40), "S9": Reading(good=1)}
    told = book.run(totals=totals)
    assert told.status == "ok"
    assert {name: (t["result"], t["code"]) for name, t in told.data["totals"].items()} == {
        "C1": ("refused", "BF2005"),
        "S9": ("refused", "BF2001"),
    }
    told = book.run(totals={"C1": Reading(good=510)})
    assert told.data["totals"]["C1"]["result"] == "counted"


def test_a_refused_word_changes_no_total_and_no_name_of_one() -> None:
    """The counter says gross and scrap; whoever names its one total alone is refused, and it goes on as gross."""
    book = Book(plant(devices=[counter("C2", role="good")]))
    book.count("C2", gross=10, scrap=1)
    before = dict(book.ledger.device_marks)
    assert book.ask(Begin("C2", {"": 5})).code == Reason.BAD_COMMAND
    assert book.ledger.device_marks == before
    book.count("C2", gross=12, scrap=1)
    assert book.stock("FG") == "11"
