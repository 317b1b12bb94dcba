"""Activities from the cost estimate: by operation, valid on the production date, and nothing where there is none."""

from typing import Any

import pytest

from gateway.backflush.plant.snapshot import EstimateActivity, RemProfile
from gateway.errors import Reason
from tests.book import Book
from tests.builders import operation, plant, points, q, routing

OLD = EstimateActivity("0010", "W1", "machine", q("0.3"), q(3), valid_to="2026-03-15")
NEW = EstimateActivity("0010", "W1", "machine", q("0.4"), q(2), valid_from="2026-03-16")
LATER = EstimateActivity("0020", "W1", "machine", q("0.05"), valid_from="2026-03-16")
SETUP = EstimateActivity("0010", "W1", "setup", q("0.5"), valid_from="2026-03-16", fixed=True)


def book(*estimate: EstimateActivity, source: Any = "cost_estimate", reporting_points: Any = "none") -> Book:
    """Return a book whose routing takes 9 hours a piece, which nobody should find where an estimate holds."""
    operations = [operation("0010", {"machine": 9}, point=True), operation("0020", {"machine": 9})]
    profile = RemProfile("R", activity_source=source, reporting_points=reporting_points)
    return Book(
        plant(profile=profile, routings=[routing(operations)], estimate=estimate, rates={"machine": 60, "setup": 40})
    )


@pytest.mark.parametrize(
    ("estimate", "at", "hours"),
    [
        ((OLD, NEW), "2026-03-15 08:00", ["machine 0.4"]),
        ((OLD, NEW), "2026-03-16 08:00", ["machine 0.8"]),
        ((OLD, NEW, LATER), "2026-03-16 08:00", ["machine 1"]),
        ((NEW, SETUP), "2026-03-16 08:00", ["machine 0.8", "setup 0.5"]),
        ((), "2026-03-16 08:00", ["machine 72"]),
    ],
)
def test_hours_are_those_of_the_estimate_that_is_valid_on_the_production_date(
    estimate: tuple[EstimateActivity, ...], at: str, hours: list[str]
) -> None:
    made = book(*estimate, source="cost_estimate" if estimate else "standard_values")
    made.post(4, at=at)
    assert made.hours(1) == hours
    made.reverse(1)
    assert (made.balance(), made.statistic("activity")) == ("0", "0")


def test_each_reporting_point_books_the_estimate_of_its_operations() -> None:
    made = book(NEW, LATER, reporting_points="mandatory")
    made.post(4, "point", point="0010")
    made.post(4)
    assert [made.hours(1), made.hours(2)] == [["machine 0.8"], ["machine 0.2"]]


def test_a_version_without_an_estimate_waits_in_quarantine_until_it_has_one() -> None:
    made = book(OLD)
    made.count(good=4)
    assert made.post(4).code == Reason.NO_ESTIMATE
    assert ([e.code for e in made.open_entries()], made.documents()) == ([Reason.NO_ESTIMATE], [])
    made.load(book(OLD, NEW).state.master)
    made.replay()
    assert (made.hours(1), made.stock("FG")) == (["machine 0.8"], "4")


def test_a_new_estimate_is_a_new_explosion_and_the_old_one_keeps_its_hours() -> None:
    made = book(NEW)
    made.post(4)
    made.load(book(NEW._replace(hours=q(1))).state.master)
    made.post(4)
    made.reverse(1)
    assert [made.hours(n) for n in (1, 2, 3)] == [["machine 0.8"], ["machine 2"], ["machine -0.8"]]


def test_what_the_routing_says_is_not_read() -> None:
    made = book(NEW)
    made.load(plant(profile=made.state.master.profiles["R"], routings=[routing(points("0010"))], estimate=[NEW]))
    made.post(4)
    assert made.hours(1) == ["machine 0.8"]
