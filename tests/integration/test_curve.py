"""The curve of a day: what was made and planned by each hour, through shifts, reversals and a changed clock."""

import pytest

from gateway.backflush.memory.events import Post, Reverse
from gateway.errors import UsageError
from gateway.ledger.reports import day_curve
from gateway.ledger.reports.postings import Record
from tests.builders import EARLY_LATE_NIGHT, moment, order, plant, q, shift
from tests.integration.stored_plant import Shop, reader

BERLIN = "Europe/Berlin"
DAY = (shift("D", "06:00", "10:00"),)
TWO_DAYS = {"start": "2026-03-16", "finish": "2026-03-17"}


def curve(shop: Shop, date: str = "2026-03-16", line: str = "L1") -> list[Record]:
    """Return the curve of a day as of the shop's time."""
    with reader(shop.url) as connection:
        return day_curve.curve(connection, shop.state.master, "1000", line, date, shop.now)


def points(records: list[Record]) -> list[str]:
    """Show a curve: hour, planned, made and scrapped so far."""
    return [f"{r['hour']} {r['planned']} {r['yield']} {r['scrap']}" for r in records]


def at(shop: Shop, clock: str, zone: str = "UTC") -> None:
    """Set the clock."""
    shop.now = moment(clock, zone)
    shop.feed()


def test_the_line_is_held_against_its_plan_hour_by_hour(url: str) -> None:
    shop = Shop(url)
    shop.now = moment("06:00")
    shop.bring(plant(shifts=DAY), [order("O1", 40), order("O2", 40, **TWO_DAYS), order("O3", 99, line="L2")])
    at(shop, "06:30")
    shop.count("C1", boot="a", seq=1, good=8)
    at(shop, "07:00")
    shop.count("C1", boot="a", seq=2, good=20, scrap=2)
    at(shop, "08:59")
    shop.ask(Post("assembly", "1000", "L1", "FG", "", q(5)))
    assert points(curve(shop)) == ["06:00 15 8 0", "07:00 30 20 2", "08:00 45 25 2", "09:00 60 None None"]
    at(shop, "09:30")
    shop.ask(Reverse(1, q(3)))
    assert points(curve(shop)) == ["06:00 15 5 0", "07:00 30 17 2", "08:00 45 22 2", "09:00 60 22 2"]
    assert curve(shop)[0] == {
        "plant": "1000",
        "line": "L1",
        "date": "2026-03-16",
        "shift": "D",
        "hour": "06:00",
        "until": "2026-03-16T07:00:00.000Z",
        "planned": "15",
        "yield": "5",
        "scrap": "0",
    }
    assert points(curve(shop, "2026-03-17"))[-1] == "09:00 20 None None"
    shop.close()


def test_what_is_made_outside_the_shifts_widens_the_day(shop: Shop) -> None:
    shop.bring(plant(shifts=DAY), [order("O1", 40)])
    at(shop, "11:15")
    shop.count("C1", good=3)
    assert points(curve(shop)) == [
        "06:00 10 0 0",
        "07:00 20 0 0",
        "08:00 30 0 0",
        "09:00 40 0 0",
        "10:00 40 0 0",
        "11:00 40 3 0",
    ]


@pytest.mark.parametrize(("date", "hours"), [("2026-03-28", 23), ("2026-10-24", 25), ("2026-03-16", 24)])
def test_a_day_of_three_shifts_has_the_hours_that_it_has(date: str, hours: int, shop: Shop) -> None:
    shop.now = moment(f"{date} 06:00", BERLIN)
    shop.bring(plant(shifts=EARLY_LATE_NIGHT, time_zone=BERLIN), [order("O1", hours, start=date)])
    at(shop, f"{date} 23:30", BERLIN)
    shop.count("C1", good=3)
    found = curve(shop, date)
    assert (len(found), found[0]["hour"], found[-1]["hour"]) == (hours, "06:00", "05:00")
    assert [record["planned"] for record in found] == [str(n) for n in range(1, hours + 1)]
    assert [record["yield"] for record in found[16:19]] == ["0", "3", None]
    assert {record["shift"] for record in found} == {"E", "L", "N"}


def test_hours_are_those_of_a_clock_half_an_hour_off(shop: Shop) -> None:
    zone = "Asia/Kolkata"
    shop.now = moment("06:00", zone)
    shop.bring(plant(shifts=DAY, time_zone=zone), [order("O1", 10)])
    assert points(curve(shop))[:3] == ["06:00 3 0 0", "07:00 5 None None", "08:00 8 None None"]


def test_pieces_are_planned_whole_and_none_is_lost_over_the_day(shop: Shop) -> None:
    """Each product by itself, in the decimals of its unit; 125 of them over six hours were 20.833 an hour."""
    shop.now = moment("06:00")
    shop.bring(plant(shifts=(shift("D", "06:00", "12:00"),)), [order("O1", 125), order("O2", 1)])
    planned = [record["planned"] for record in curve(shop)]
    assert planned == ["21", "42", "63", "84", "105", "126"]


def test_a_plant_without_shifts_works_around_the_clock(shop: Shop) -> None:
    shop.bring(plant(), [order("O1", 48)])
    found = curve(shop)
    assert (len(found), found[-1]["planned"], found[8]["yield"]) == (24, "48", "0")


def test_a_day_that_is_not_worked_has_no_curve_and_an_unknown_plant_is_refused(shop: Shop) -> None:
    shop.bring(plant(shifts=(shift("D", "06:00", "10:00", days="01234"),)), [order("O1", 40, start="2026-03-14")])
    assert curve(shop, "2026-03-14") == []
    with reader(shop.url) as connection, pytest.raises(UsageError, match="expected one of 1000"):
        day_curve.curve(connection, shop.state.master, "9", "L1", "2026-03-16", shop.now)
