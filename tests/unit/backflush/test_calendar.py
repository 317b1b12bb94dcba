"""Production days and shifts: nights belong to the day they started, days of 23 and 25 hours exist."""

import pytest

from gateway.backflush.plant.snapshot import Plant
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, LINE, counter, moment, plant, shift

BERLIN, LOS_ANGELES = "Europe/Berlin", "America/Los_Angeles"
HOUR = 3_600_000_000


def day(zone: str, text: str, *, fold: int = 0) -> str:
    """Return the production day and shift of a wall-clock time in a plant of three shifts."""
    found = Plant("1000", time_zone=zone, shifts=EARLY_LATE_NIGHT).day(moment(text, zone, fold=fold))
    return f"{found.date} {found.shift}"


@pytest.mark.parametrize("zone", ["UTC", BERLIN, LOS_ANGELES])
@pytest.mark.parametrize(
    ("clock", "expected"),
    [
        ("2026-03-16 05:59", "2026-03-15 N"),
        ("2026-03-16 06:00", "2026-03-16 E"),
        ("2026-03-16 13:59", "2026-03-16 E"),
        ("2026-03-16 14:00", "2026-03-16 L"),
        ("2026-03-16 22:00", "2026-03-16 N"),
        ("2026-03-17 00:00", "2026-03-16 N"),
        ("2026-03-01 03:00", "2026-02-28 N"),
        ("2026-01-01 03:00", "2025-12-31 N"),
    ],
)
def test_a_moment_belongs_to_the_shift_in_which_it_lies(zone: str, clock: str, expected: str) -> None:
    assert day(zone, clock) == expected


@pytest.mark.parametrize(
    ("zone", "night", "hours"),
    [
        (BERLIN, "2026-03-28", 7),
        (BERLIN, "2026-10-24", 9),
        (LOS_ANGELES, "2026-03-07", 7),
        (LOS_ANGELES, "2026-10-31", 9),
        (BERLIN, "2026-03-16", 8),
    ],
)
def test_a_night_in_which_the_clock_is_changed_is_shorter_or_longer(zone: str, night: str, hours: int) -> None:
    found = Plant("1000", time_zone=zone, shifts=EARLY_LATE_NIGHT).day(moment(f"{night} 23:00", zone))
    assert (found.date, found.shift, (found.end - found.start) // HOUR) == (night, "N", hours)


def test_the_hour_that_comes_twice_is_one_night() -> None:
    assert {day(BERLIN, "2026-10-25 02:30", fold=fold) for fold in (0, 1)} == {"2026-10-24 N"}


@pytest.mark.parametrize(
    ("zone", "date"), [(BERLIN, "2026-03-29"), (BERLIN, "2026-10-25"), (LOS_ANGELES, "2026-11-01")]
)
def test_every_moment_of_a_changed_day_lies_in_exactly_one_production_day(zone: str, date: str) -> None:
    calendar = Plant("1000", time_zone=zone, shifts=EARLY_LATE_NIGHT)
    at = moment(f"{date} 00:00", zone)
    for _ in range(26 * 4):
        found = calendar.day(at)
        assert found.start <= at < found.end
        assert calendar.day(found.start) == calendar.day(found.end - 1) == found
        at += HOUR // 4


@pytest.mark.parametrize(("zone", "date", "hours"), [(BERLIN, "2026-03-29", 23), (BERLIN, "2026-10-25", 25)])
def test_without_shifts_a_day_is_the_calendar_day(zone: str, date: str, hours: int) -> None:
    found = Plant("1000", time_zone=zone).day(moment(f"{date} 12:00", zone))
    assert (found.date, found.shift, (found.end - found.start) // HOUR) == (date, "", hours)


def test_a_gap_between_shifts_has_no_shift_and_ends_where_the_next_begins() -> None:
    calendar = Plant("1000", shifts=(shift("E", "06:00", "14:00"), shift("L", "16:00", "22:00")))
    found = calendar.day(moment("15:00"))
    assert (found.shift, found.start, found.end) == ("", moment("14:00"), moment("16:00"))


def test_days_and_exceptions_say_which_shifts_are_worked() -> None:
    weekdays = Plant("1000", shifts=(shift("E", "06:00", "14:00", days="01234"),))
    assert [weekdays.day(moment(f"2026-03-{d} 08:00")).shift for d in (20, 21, 22, 23)] == ["E", "", "", "E"]
    holiday = Plant("1000", shifts=EARLY_LATE_NIGHT, exceptions=frozenset({("2026-03-16", ""), ("2026-03-17", "E")}))
    assert [holiday.day(moment(text)).shift for text in ("08:00", "23:00", "2026-03-17 08:00", "2026-03-17 15:00")] == [
        "",
        "",
        "",
        "L",
    ]


def test_the_posting_date_is_the_production_date_of_the_plant() -> None:
    book = Book(plant(time_zone=LOS_ANGELES, shifts=EARLY_LATE_NIGHT), now="2026-03-17 12:30")
    book.count(good=1)  # 05:30 in Los Angeles: still the night of the 16th
    document = book.ledger.documents[1]
    assert (document.posting_date, document.production_date, document.shift) == ("2026-03-16", "2026-03-16", "N")


def test_the_shift_window_closes_at_the_real_end_of_a_long_night() -> None:
    zoned = plant(time_zone=BERLIN, shifts=EARLY_LATE_NIGHT, devices=[counter(window="shift")])
    book = Book(zoned, now="2026-10-24 20:00")
    book.count(good=1)
    book.at("2026-10-25 05:59", BERLIN)
    assert book.documents() == []
    book.at("2026-10-25 06:00", BERLIN)
    assert book.documents() == ["assembly"]


@pytest.mark.parametrize(
    ("closed", "posting"),
    [
        ([], "2026-03-16"),
        (["2026-03"], "2026-04-01"),
        (["2026-03", "2026-04"], "2026-05-01"),
        (["2026-04"], "2026-03-16"),
    ],
)
def test_a_closed_period_moves_the_posting_date_and_nothing_else(closed: list[str], posting: str) -> None:
    book = Book(plant())
    for period in closed:
        book.period(period, closed=True)
    book.count(good=1)
    document = book.ledger.documents[1]
    assert (document.posting_date, document.production_date) == (posting, "2026-03-16")


def test_a_piece_of_december_is_posted_in_january_when_december_is_closed() -> None:
    book = Book(plant(), now="2025-12-31 23:00")
    book.period("2025-12", closed=True)
    book.count(good=1)
    assert book.ledger.documents[1].posting_date == "2026-01-01"


def test_a_plant_that_waits_keeps_the_pieces_of_a_closed_period_until_it_is_opened() -> None:
    book = Book(plant(closed_period_policy="wait"))
    book.period("2026-03", closed=True)
    book.count(good=5)
    assert book.line() == {"read": "5", "quarantined": "5"}
    assert book.replay().data == {"entries": {"0000000001": "still refused: period 2026-03 of plant 1000 is closed"}}
    book.period("2026-03", closed=False)
    book.replay()
    assert book.line() == {"read": "5", "counted": "5", "posted": "5"}
    assert book.stock("FG") == "5"


def test_a_reversal_goes_to_the_first_open_day_when_the_period_of_its_document_is_closed() -> None:
    book = Book(plant())
    book.count(good=5)
    book.period("2026-03", closed=True)
    book.reverse(1)
    document = book.ledger.documents[2]
    assert (document.posting_date, document.production_date) == ("2026-04-01", "2026-03-16")


def test_a_late_reading_is_booked_on_its_own_production_day() -> None:
    book = Book(plant(shifts=EARLY_LATE_NIGHT), now="06:03")
    book.count(good=2, ts="06:01", seq=2)
    book.count(good=5, ts="05:59", seq=3)
    assert [(d.production_date, d.shift) for d in book.ledger.documents.values()] == [
        ("2026-03-16", "E"),
        ("2026-03-15", "N"),
    ]
    assert LINE == "L1"
