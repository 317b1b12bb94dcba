"""Totals to differences: every row of the high-water rule, as a table and as whole stories of one counter."""

from typing import Any, get_args

import pytest

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.values.counting import CounterPosition, CounterRule, Ending, Step, count
from gateway.errors import Reason
from tests.book import Book, story
from tests.builders import EARLY_LATE_NIGHT, counter, plant

MINUTE = 60_000_000
PLAIN = CounterRule(modulus=None, max_step=None, reset_allowed=False, starts_at_zero=False)
MODULUS = PLAIN._replace(modulus=10_000)
LIMITED = PLAIN._replace(max_step=100)
RESET = PLAIN._replace(reset_allowed=True, max_step=5_000)
ZERO = PLAIN._replace(starts_at_zero=True)
ODOMETER = CounterRule(modulus=10_000, max_step=500, reset_allowed=False, starts_at_zero=False)

COUNTED, BASELINE, HEARTBEAT, DUPLICATE, LATE, *_ = get_args(Ending)


def judge(mark: CounterPosition, rule: CounterRule, said: tuple[int, int | None, int | None]) -> Step | Rejection:
    total, seq, ts = said
    return count(mark, rule, total, Reading(seq=seq, ts=ts), at=1, since=0)


@pytest.mark.parametrize(
    ("rule", "mark", "reading", "expected"),
    [
        # rule     mark: total, seq, ts     reading: total, seq, ts
        (PLAIN, (100, 1, None), (130, 2, None), (COUNTED, 30)),
        (PLAIN, (100, None, 5), (130, None, 6), (COUNTED, 30)),
        (PLAIN, (100, None, None), (130, None, None), (COUNTED, 30)),
        (LIMITED, (100, 1, None), (200, 2, None), (COUNTED, 100)),
        (LIMITED, (100, 1, None), (201, 2, None), Reason.JUMP),
        (PLAIN, (100, 1, None), (100, 2, None), (HEARTBEAT, 0)),
        (PLAIN, (100, None, 5), (100, None, 6), (HEARTBEAT, 0)),
        (PLAIN, (100, None, None), (100, None, None), (HEARTBEAT, 0)),
        (PLAIN, (100, 1, None), (100, 1, None), (DUPLICATE, 0)),
        (PLAIN, (100, None, 5), (100, None, 5), (DUPLICATE, 0)),
        (PLAIN, (100, 2, None), (100, 1, None), (DUPLICATE, 0)),
        (PLAIN, (100, 2, None), (90, 1, None), (LATE, 0)),
        (PLAIN, (100, None, 6), (90, None, 5), (LATE, 0)),
        (MODULUS, (100, 2, None), (130, 1, None), (COUNTED, 30)),
        (MODULUS, (100, None, 6), (130, None, 6), (COUNTED, 30)),
        (RESET, (500, 40, None), (510, 1, None), (COUNTED, 10)),
        # A sequence that goes back, or a clock, while the total goes up: no order, and no reason to hold pieces back.
        (MODULUS, (100, 2, None), (9_900, 1, None), (COUNTED, 9_800)),
        (MODULUS, (100, None, 6), (9_900, None, 5), (COUNTED, 9_800)),
        (RESET, (5, 2, None), (5_000, 1, None), (COUNTED, 4_995)),
        (PLAIN, (100, None, 5), (101, None, 5), (COUNTED, 1)),
        (PLAIN, (100, None, 5), (99, None, 5), Reason.WENT_BACK),
        (PLAIN, (100, 1, 5), (130, 2, None), (COUNTED, 30)),
        (PLAIN, (100, None, 5), (130, None, None), (COUNTED, 30)),
        (PLAIN, (100, 1, None), (101, 1, None), Reason.CONFLICT),
        (PLAIN, (100, 1, None), (99, 1, None), Reason.CONFLICT),
        (PLAIN, (100, 1, 5), (100, 1, 6), (DUPLICATE, 0)),
        (PLAIN, (100, 1, 5), (100, 1, None), (DUPLICATE, 0)),
        (MODULUS, (9_900, 1, None), (100, 2, None), (COUNTED, 200)),
        (MODULUS, (9_900, None, None), (100, None, None), (COUNTED, 200)),
        (MODULUS, (9_000, 1, None), (999, 2, None), (COUNTED, 1_999)),
        (MODULUS, (8_999, 1, None), (100, 2, None), Reason.WENT_BACK),
        (MODULUS, (9_900, 1, None), (1_000, 2, None), Reason.WENT_BACK),
        (MODULUS._replace(max_step=9_999), (5_000, 1, None), (4_000, 2, None), Reason.WENT_BACK),
        (ODOMETER, (9_900, 1, None), (400, 2, None), (COUNTED, 500)),
        (ODOMETER, (9_900, 1, None), (401, 2, None), Reason.WENT_BACK),
        (MODULUS, (9_900, 1, None), (10_000, 2, None), (COUNTED, 100)),
        (RESET, (9_900, 1, None), (100, 2, None), (COUNTED, 100)),
        (RESET, (9_900, None, 5), (100, None, 6), (COUNTED, 100)),
        (RESET, (9_900, 1, None), (0, 2, None), Reason.WENT_BACK),
        (RESET, (100, 1, None), (89, 2, None), (COUNTED, 89)),
        (RESET, (100, 1, None), (90, 2, None), Reason.WENT_BACK),
        (RESET._replace(max_step=None), (9_900, 1, None), (100, 2, None), Reason.WENT_BACK),
        (RESET, (9_900, None, None), (100, None, None), Reason.WENT_BACK),
        (RESET, (5_000, 1, None), (4_990, 2, None), Reason.WENT_BACK),
        (MODULUS, (5_000, 1, None), (100, 2, None), Reason.WENT_BACK),
        (MODULUS, (9_900, 1, None), (1_100, 2, None), Reason.WENT_BACK),
        (RESET._replace(max_step=50), (9_900, 1, None), (100, 2, None), Reason.WENT_BACK),
        (PLAIN, (9_900, 1, None), (100, 2, None), Reason.WENT_BACK),
        (PLAIN, (9_900, None, None), (100, None, None), Reason.WENT_BACK),
    ],
)
def test_a_total_against_its_mark(
    rule: CounterRule,
    mark: tuple[int, int | None, int | None],
    reading: tuple[int, int | None, int | None],
    expected: tuple[Ending, int] | Reason,
) -> None:
    told = judge(CounterPosition(*mark, at=0), rule, reading)
    if isinstance(expected, Reason):
        assert isinstance(told, Rejection)
        assert told.code == expected
    else:
        assert isinstance(told, Step)
        assert (told.ending, told.step) == expected


@pytest.mark.parametrize(
    ("rule", "mark", "reading"),
    [
        (MODULUS, (100, 2, None), (9_900, 1, None)),
        (MODULUS, (100, None, 6), (9_900, None, 5)),
        (RESET, (5, 2, None), (5_000, 1, None)),
    ],
)
def test_after_a_life_restarted_an_older_reading_above_the_mark_is_late(
    rule: CounterRule, mark: tuple[int, int | None, int | None], reading: tuple[int, int | None, int | None]
) -> None:
    assert judge(CounterPosition(*mark, at=0, restart=mark[2] or 1), rule, reading) == (LATE, 0, "")


@pytest.mark.parametrize("device", [{"modulus": 10_000}, {"reset": "allow"}, {}])
@pytest.mark.parametrize(
    "said",
    [
        "500#40 510#1 520#2 530#3",  # I01: a sequence begins again
        "500@08:00 510@never 520@never 530@never",  # I02: no clock
        "500@08:00 510@08:00 530@08:00",  # a clock of whole seconds
    ],
)
def test_what_cannot_be_an_order_decides_nothing_about_how_many_pieces_there_are(
    device: dict[str, Any], said: str
) -> None:
    assert story({"first": "zero", **device}, said).stock("FG") == "530"


@pytest.mark.parametrize(
    ("rule", "mark", "reading", "expected"),
    [
        (MODULUS, (100, 2, None), (9_900, 1, None), (LATE, 0)),
        (MODULUS, (100, None, 6), (9_900, None, 5), (LATE, 0)),
        (MODULUS, (100, None, 6), (9_900, None, 6), (LATE, 0)),
        (MODULUS, (100, None, None), (9_900, None, None), (LATE, 0)),
        (MODULUS, (100, None, None), (110, None, None), (COUNTED, 10)),
        (RESET, (5, 2, None), (5_000, 1, None), (LATE, 0)),
        (RESET, (5, 2, None), (500, 3, None), (COUNTED, 495)),
        (MODULUS, (100, None, 6), (110, None, 6), (COUNTED, 10)),
    ],
)
def test_a_total_may_be_from_before_the_life_restarted(
    rule: CounterRule,
    mark: tuple[int, int | None, int | None],
    reading: tuple[int, int | None, int | None],
    expected: tuple[Ending, int],
) -> None:
    told = judge(CounterPosition(*mark, at=0, restart=mark[2] or 1), rule, reading)
    assert isinstance(told, Step)
    assert (told.ending, told.step) == expected


@pytest.mark.parametrize(
    ("known", "rule", "total", "expected"),
    [
        ("never seen", PLAIN, 500, (BASELINE, 0)),
        ("never seen", ZERO, 500, (COUNTED, 500)),
        ("never seen", ZERO._replace(max_step=100), 500, Reason.JUMP),
        ("other boot", PLAIN, 500, (COUNTED, 500)),
        ("other boot", PLAIN, 0, (COUNTED, 0)),
        ("other boot", LIMITED, 500, Reason.JUMP),
    ],
)
def test_the_first_total_of_a_life(
    known: str, rule: CounterRule, total: int, expected: tuple[Ending, int] | Reason
) -> None:
    told = count(None, rule, total, Reading(seq=1), at=0, since=0 if known == "other boot" else None)
    if isinstance(expected, Reason):
        assert isinstance(told, Rejection)
        assert told.code == expected
    else:
        assert isinstance(told, Step)
        assert (told.ending, told.step) == expected


@pytest.mark.parametrize(("minutes", "largest"), [(0, 100), (0.9, 100), (1, 200), (10, 1_100)])
def test_what_is_believable_grows_with_the_time_since_the_mark(minutes: float, largest: int) -> None:
    at = int(minutes * MINUTE)
    mark = CounterPosition(1_000, 1, None, at=0)
    assert isinstance(count(mark, LIMITED, 1_000 + largest, Reading(seq=2), at, 0), Step)
    assert isinstance(count(mark, LIMITED, 1_001 + largest, Reading(seq=2), at, 0), Rejection)


STORIES: dict[str, tuple[dict[str, Any], str, str]] = {
    "a lost reading is healed": ({}, "5#1 9#3", "9"),
    "a late reading changes nothing": ({}, "9#3 5#1", "9"),
    "a baseline books nothing": ({"first": "baseline"}, "100 103", "3"),
    "the end of a life that is told late is counted": ({}, "a:5#9 b:3#1 a:6#10", "9"),
    "a telegram from before the rollover comes again": ({"modulus": 10_000}, "9900#1 100#2 9900#1 150#3", "10150"),
    "a telegram from before the rollover comes late": ({"modulus": 10_000}, "9900#1 9950#3 100#4 9920#2", "10100"),
    "a telegram from before the reset comes again": ({"reset": "allow", "max_step": 100}, "50#1 5#2 50#1 6#3", "56"),
    "equal totals of two lives are two lives": ({}, "a:5#1 a:5#1 b:5#1", "10"),
}


@pytest.mark.parametrize("what", STORIES)
def test_a_counter_posts_what_it_counted(what: str) -> None:
    device, said, received = STORIES[what]
    assert story(device, said).stock("FG") == received


def test_a_sequence_that_begins_again_is_followed() -> None:
    book = story({}, "120#7 130#5")
    assert book.state.marks_of_devices["C1"]["", "good"].seq == 5


@pytest.mark.parametrize(
    ("role", "readings", "received", "scrapped"),
    [
        ("good", [{"good": 10, "scrap": 2}], "10", "2"),
        ("gross", [{"gross": 12, "scrap": 2}], "10", "2"),
        ("gross", [{"good": 12}], "12", "0"),
        ("scrap", [{"good": 3}], "0", "3"),
        ("good", [{"gross": 12, "scrap": 2}, {"gross": 20, "scrap": 5}], "15", "5"),
        ("good", [{"good": 0}], "0", "0"),
    ],
)
def test_what_a_total_means(role: str, readings: list[dict[str, Any]], received: str, scrapped: str) -> None:
    book = story({"role": role}, *readings)
    assert (book.stock("FG"), book.statistic("scrap")) == (received, scrapped)


def test_a_scrap_counter_beside_a_gross_counter_takes_its_pieces_from_the_yield() -> None:
    book = Book(
        plant(devices=[counter("C2", role="gross", window="shift"), counter("C3", role="scrap", window="shift")])
    )
    book.count("C2", good=10)
    book.count("C3", good=2)
    book.at("2026-03-17 00:00")
    assert (book.stock("FG"), book.statistic("scrap")) == ("8", "2")


def test_a_counter_that_tells_yield_and_scrap_apart_keeps_its_yield_beside_a_gross_counter() -> None:
    book = Book(plant(devices=[counter("C2", role="gross")]))
    book.count("C2", good=10)
    book.count("C1", good=5, scrap=2, seq=1)
    book.count("C1", good=5, scrap=3, seq=2)
    assert (book.stock("FG"), book.statistic("scrap")) == ("15", "3")


def test_a_weight_turns_pulses_into_pieces() -> None:
    book = story({"weight": 4_000_000}, {"good": 3})
    assert book.stock("FG") == "12"
    assert book.line() == {"read": "12", "counted": "12", "posted": "12"}


def test_scrap_is_split_by_the_totals_of_its_reasons() -> None:
    book = story(
        {},
        {"good": 10, "scrap": 3, "scrap_by": (("DENT", 1), ("SCRATCH", 2)), "seq": 1},
        {"good": 10, "scrap": 7, "scrap_by": (("DENT", 2), ("SCRATCH", 3)), "seq": 2},
    )
    assert book.confirmed(1) == ["final 10+1 DENT", "final 0+2 SCRATCH"]
    assert book.confirmed(2) == ["final 0+2", "final 0+1 DENT", "final 0+1 SCRATCH"]


def test_reasons_are_told_apart_though_the_device_came_with_more_scrap_than_a_step_may_hold() -> None:
    device = {"first": "baseline", "max_step": 100}
    book = story(
        device,
        {"good": 9_000, "scrap": 500, "scrap_by": (("DENT", 500),), "seq": 1},
        {"good": 9_010, "scrap": 502, "scrap_by": (("DENT", 502),), "seq": 2},
    )
    assert book.confirmed(1) == ["final 10+2 DENT"]


@pytest.mark.parametrize(
    ("readings", "received", "entries"),
    [
        ([{"good": 5, "id": "x"}, {"good": 5, "id": "x"}], "5", []),
        ([{"good": 5, "id": "x"}, {"good": 5, "id": "y"}], "10", []),
        ([{"good": 5, "id": "x"}, {"good": 6, "id": "x"}], "5", [Reason.CONFLICT]),
        ([{"good": 5, "boot": "a", "seq": 1}, {"good": 5, "boot": "a", "seq": 1}], "5", []),
        ([{"good": 5}], "0", [Reason.NO_IDENTITY]),
    ],
)
def test_a_difference_counts_once_by_its_identity(
    readings: list[dict[str, Any]], received: str, entries: list[Reason]
) -> None:
    book = story({}, *({"delta": True, **reading} for reading in readings))
    assert book.stock("FG") == received
    assert [entry.code for entry in book.open_entries()] == entries


def test_a_difference_does_not_cover_what_was_refused_before() -> None:
    book = story({}, {"delta": True, "good": 1, "id": "a"}, {"delta": True, "good": 5})
    book.count(delta=True, good=3, id="b")
    assert [entry.state for entry in book.ledger.quarantine.values()] == ["open"]


def test_an_old_life_is_still_known_after_a_restart() -> None:
    book = story({}, *(f"{boot}:5#1" for boot in "abcdef"))
    book.crash()
    book.count(good=5, boot="a", seq=1)
    book.count(good=6, boot="a", seq=2)
    assert book.stock("FG") == "31"


@pytest.mark.parametrize(
    ("ts", "hist", "booked"),
    [
        ("07:58", False, "2026-03-16 E"),
        ("05:58", False, "2026-03-16 E"),
        ("05:58", True, "2026-03-15 N"),
        ("2026-03-12 07:00", True, "2026-03-16 E"),
        ("2027-03-16 08:00", False, "2026-03-16 E"),
    ],
)
def test_a_clock_is_accepted_within_its_limits_only(ts: str, hist: bool, booked: str) -> None:
    book = Book(plant(shifts=EARLY_LATE_NIGHT))
    book.count(good=1, ts=ts, hist=hist)
    document = book.ledger.documents[1]
    assert f"{document.production_date} {document.shift}" == booked
