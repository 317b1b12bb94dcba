"""Schedules of the worklist: when it runs by itself, by the clock of the plant, and the same after a restart."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.backflush.memory.events import Hold
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.schedules import next_run, parse_schedule
from gateway.backflush.plant.snapshot import MasterData, Plant, RemProfile
from tests.book import Book
from tests.builders import EARLY_LATE_NIGHT, LINE, PLANT, bom, moment, operation, plant, routing, shift, version

BERLIN, LOS_ANGELES = "Europe/Berlin", "America/Los_Angeles"
BACKGROUND: dict[str, Any] = {"goods_issue_timing": "background", "activity_timing": "background"}


def line(schedule: str, *, zone: str = "UTC", now: str = "08:00") -> Book:
    """Return a line in three shifts whose issues are posted by a schedule."""
    master = plant(profile=RemProfile("R", **BACKGROUND), boms=[bom({"A": 1})], shifts=EARLY_LATE_NIGHT, time_zone=zone)
    return Book(master, rules=Rules(worklist=schedule), now=now)


def run_times(schedule: str, zone: str, first: str, count: int) -> list[str]:
    """Return the next runs after a local time, each by the clock on the wall with its offset."""
    parsed = parse_schedule(schedule)
    assert parsed is not None
    calendar = Plant(PLANT, time_zone=zone, shifts=EARLY_LATE_NIGHT)
    at, found = moment(first, zone), []
    for _ in range(count):
        run = next_run(parsed, calendar, at)
        assert run is not None
        at = run
        local = datetime.fromtimestamp(at / 1e6, UTC).astimezone(ZoneInfo(zone))
        found.append(f"{local:%m-%d %H:%M:%S%z}"[:-2])
    return found


@pytest.mark.parametrize(
    ("text", "read"),
    [
        *((text, True) for text in ("1s", "30s", "at 22:00", "at 00:00", "shift", "1 rows", "500 rows", "demand")),
        *((text, False) for text in ("", "0s", "30 s", "-1s", "at 24:00", "at 7:00", "0 rows", "rows", "daily")),
    ],
)
def test_a_schedule_is_read_from_its_text(text: str, read: bool) -> None:
    assert (parse_schedule(text) is not None) is read


@pytest.mark.parametrize(
    ("schedule", "zone", "after", "runs"),
    [
        ("30s", "UTC", "2026-03-16 08:00:10", ["03-16 08:00:30+00", "03-16 08:01:00+00"]),
        ("at 22:00", BERLIN, "2026-03-27 22:00", ["03-28 22:00:00+01", "03-29 22:00:00+02", "03-30 22:00:00+02"]),
        ("at 22:00", BERLIN, "2026-10-24 21:59", ["10-24 22:00:00+02", "10-25 22:00:00+01"]),
        # On the day of 23 hours there is no half past two, on that of 25 hours there are two.
        ("at 02:30", BERLIN, "2026-03-28 12:00", ["03-29 03:30:00+02", "03-30 02:30:00+02"]),
        ("at 02:30", BERLIN, "2026-10-24 12:00", ["10-25 02:30:00+02", "10-26 02:30:00+01"]),
        ("at 00:00", LOS_ANGELES, "2026-10-31 12:00", ["11-01 00:00:00-07", "11-02 00:00:00-08"]),
        ("shift", BERLIN, "2026-03-28 20:00", ["03-28 22:00:00+01", "03-29 06:00:00+02", "03-29 14:00:00+02"]),
    ],
)
def test_the_next_runs(schedule: str, zone: str, after: str, runs: list[str]) -> None:
    assert run_times(schedule, zone, after, len(runs)) == runs


@pytest.mark.parametrize("crash", [False, True])
@pytest.mark.parametrize(
    ("schedule", "quiet", "run"),
    [
        ("30s", "08:00:29", "08:00:30"),
        ("at 22:00", "21:59:59", "22:00"),
        ("shift", "13:59:59", "14:00"),
        ("demand", "23:59:59", None),
    ],
)
def test_the_worklist_runs_when_its_time_has_come(schedule: str, quiet: str, run: str | None, crash: bool) -> None:
    book = line(schedule)
    book.post(5)
    book.at(quiet)
    book.crash(only_if=crash)
    assert (book.open_rows(), book.documents()) == ({"issue": "5"}, ["assembly"])
    if run is None:
        return
    book.at(run)
    assert (book.open_rows(), book.documents()) == ({}, ["assembly", "worklist"])
    book.wait(1)
    assert book.documents() == ["assembly", "worklist"]


def test_a_tick_that_comes_late_runs_a_schedule_once() -> None:
    book = line("30s")
    book.post(5)
    book.at("09:00")
    assert book.documents() == ["assembly", "worklist"]


def test_the_day_on_which_the_clock_is_changed_has_one_run() -> None:
    book = line("at 22:00", zone=BERLIN)
    for day in ("2026-03-28", "2026-03-29"):
        book.now = moment(f"{day} 12:00", BERLIN)
        book.tick()
        book.post(5)
        book.at(f"{day} 21:59", BERLIN)
        assert book.open_rows() == {"issue": "5"}
        book.at(f"{day} 22:00", BERLIN)
        assert book.open_rows() == {}
    assert book.documents() == ["assembly", "worklist"] * 2


@pytest.mark.parametrize("crash", [False, True])
def test_a_number_of_open_rows_runs_the_worklist(crash: bool) -> None:
    book = line("3 rows")
    for pieces, rows in ((5, {"issue": "5"}), (4, {"issue": "9"}), (3, {})):
        book.post(pieces)
        if crash:
            book.crash()
            book.tick()
        assert book.open_rows() == rows


def test_rows_that_are_held_do_not_keep_the_worklist_running() -> None:
    book = line("2 rows")
    book.ask(Hold(PLANT, LINE, "", held=True))
    for _ in range(3):
        book.post(5)
    assert book.open_rows() == {"issue": "15"}
    book.ask(Hold(PLANT, LINE, "", held=False))
    assert book.open_rows() == {}


def test_rows_of_a_process_that_is_held_do_not_count() -> None:
    profile = RemProfile("R", **BACKGROUND)
    times = [routing([operation("0010", {"machine": 1})])]
    book = Book(plant(profile=profile, boms=[bom({"A": 1})], routings=times), rules=Rules(worklist="4 rows"))
    book.ask(Hold(PLANT, LINE, "issue", held=True))
    for _ in range(3):
        book.post(5)
    assert book.open_rows() == {"issue": "15", "activity": "15"}
    book.post(5)
    assert book.open_rows() == {"issue": "20"}


def test_a_gap_between_shifts_is_no_end_of_a_shift() -> None:
    one_shift = (shift("E", "06:00", "14:00", "01234"),)
    calendar = Plant(PLANT, shifts=one_shift)
    schedule = parse_schedule("shift")
    assert schedule is not None
    runs = [
        next_run(schedule, calendar, moment(at)) for at in ("2026-03-20 13:59", "2026-03-20 14:00", "2026-03-22 03:00")
    ]
    assert runs == [moment(at) for at in ("2026-03-20 14:00", "2026-03-23 14:00", "2026-03-23 14:00")]
    assert next_run(schedule, Plant(PLANT), moment("2026-03-20 14:00")) == moment("2026-03-21 00:00")
    assert next_run(schedule, Plant(PLANT, shifts=(shift("E", "06:00", "14:00", ""),)), moment("08:00")) is None


def two_plants() -> MasterData:
    """Return plant 1000 in UTC and plant 2000 in Los Angeles, each with a line that makes FG."""
    here = plant(profile=RemProfile("R", **BACKGROUND), boms=[bom({"A": 1})])
    there = "2000"
    return replace(
        here,
        plants={**here.plants, there: replace(here.plants[PLANT], plant=there, time_zone=LOS_ANGELES)},
        locations={**here.locations, **{(there, k[1]): v._replace(plant=there) for k, v in here.locations.items()}},
        materials={**here.materials, **{(there, k[1]): replace(v, plant=there) for k, v in here.materials.items()}},
        boms={**here.boms, (there, "FG", "1"): (replace(bom({"A": 1}), plant=there),)},
        work_centers={**here.work_centers, (there, "W1"): replace(here.work_centers[PLANT, "W1"], plant=there)},
        routings={**here.routings, (there, "FG", "R1"): (replace(here.routings[PLANT, "FG", "R1"][0], plant=there),)},
        versions={**here.versions, (there, "FG"): (replace(version(), plant=there),)},
        versions_of_line={**here.versions_of_line, (there, LINE): (replace(version(), plant=there),)},
        lines={**here.lines, (there, LINE): ""},
    )


def test_a_time_of_day_is_that_of_the_plant_that_the_row_belongs_to() -> None:
    book = Book(two_plants(), rules=Rules(worklist="at 22:00"), now="20:00")
    book.post(5)
    book.post(3, plant="2000")
    book.at("22:00")
    assert book.open_rows() == {"issue": "3"}
    book.at("2026-03-16 22:00", LOS_ANGELES)
    assert book.open_rows() == {}
