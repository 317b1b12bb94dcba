"""The state of a line on a board: one table of what is known, and of what is shown."""

from datetime import datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from gateway.backflush.plant.snapshot import Plant, Shift
from gateway.sections import BoardSection
from gateway.web.tiles import (
    Figures,
    LineFacts,
    Shown,
    State,
    day_of,
    figures_of,
    read_picture,
    show,
    state_of,
    tile_of,
)

FINE = Figures(
    is_live=True, age_s=1, is_deaf=False, has_run=True, is_resting=False, idle_s=5, working_s=9_000, takt_s=30,
    made=Decimal(100), planned=Decimal(100),
)  # fmt: skip
BOARD = BoardSection()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "ok"),
        ({"is_live": False}, "no-data"),
        ({"age_s": 45}, "ok"),
        ({"age_s": 46}, "no-data"),
        ({"is_deaf": True}, "no-data"),
        ({"idle_s": 150}, "ok"),  # five takts of 30 s
        ({"idle_s": 151}, "stopped"),
        ({"idle_s": 121, "takt_s": 1}, "stopped"),  # 120 s at least
        ({"idle_s": 119, "takt_s": 1}, "ok"),
        ({"idle_s": float("inf")}, "stopped"),
        ({"idle_s": 40_000, "working_s": 150}, "ok"),  # the shift has only begun
        ({"idle_s": 40_000, "working_s": 151}, "stopped"),
        ({"idle_s": 40_000, "working_s": 10, "has_run": False}, "no-run"),
        ({"idle_s": 40_000, "working_s": 10, "made": Decimal(0)}, "behind"),
        ({"idle_s": 151, "has_run": False}, "no-run"),
        ({"idle_s": 5, "has_run": False}, "ok"),  # it counts, so it makes something
        ({"idle_s": 151, "is_resting": True}, "rest"),
        ({"idle_s": 151, "is_resting": True, "has_run": False}, "no-run"),
        ({"made": Decimal(95)}, "ok"),  # five pieces and five per cent
        ({"made": Decimal(94)}, "behind"),
        ({"made": Decimal(994), "planned": Decimal(1000)}, "ok"),  # six pieces, but less than five per cent
        ({"made": Decimal(4), "planned": Decimal(9)}, "ok"),  # much, but only five pieces
        ({"made": Decimal(0), "planned": None}, "ok"),  # without a plan nothing is behind
        ({"made": Decimal(90), "idle_s": 151}, "stopped"),  # the first that holds
        ({"made": Decimal(90), "is_live": False}, "no-data"),
    ],
)
def test_state_of_a_line(change: dict[str, Any], state: State) -> None:
    assert state_of(FINE._replace(**change), BOARD) == state


@pytest.mark.parametrize(
    ("before", "now", "after_s", "shown"),
    [
        ("ok", "stopped", 0, "stopped"),  # worse: at once
        ("stopped", "behind", 14, "stopped"),  # better: only after 15 s
        ("stopped", "behind", 15, "behind"),
        ("behind", "ok", 14, "behind"),
        ("no-data", "ok", 0, "ok"),  # figures are true again: at once
        ("behind", "no-data", 0, "no-data"),
    ],
)
def test_a_state_does_not_flicker(before: State, now: State, after_s: float, shown: State) -> None:
    assert show(Shown(before, 100), now, 100 + after_s).state == shown


def test_a_state_that_stays_keeps_its_time() -> None:
    assert show(Shown("behind", 100), "behind", 500) == Shown("behind", 100)


SAID = {
    "plant": "1000", "line": "L01", "gateway": "gw1", "unit": "PC", "description": "Pump housing", "takt_s": 20.0,
    "run": {"material": "HOUSING", "version": "0001", "start": "2026-11-22T05:00:00.000Z", "batch": ""},
    "state_since": "2026-11-22T05:00:00.000Z", "last_count": "2026-11-22T08:00:00.000Z", "rate_per_min": "3",
    "stale_devices": [{"device": "c-L01-scrap", "kind": "counter", "role": "scrap", "point": "", "why": "stale",
                       "since": None}],
    "day": {"date": "2026-11-22", "shift": "early", "shift_end": "2026-11-22T13:00:00.000Z", "planned": "1440",
            "planned_now": "540.5", "yield": "530", "scrap": "7", "rework": "0", "hours": [
                {"hour": "06:00", "until": "2026-11-22T06:00:00.000Z", "planned": "180", "yield": "170", "scrap": "2"},
                {"hour": "07:00", "until": "2026-11-22T07:00:00.000Z", "planned": "360", "yield": None, "scrap": None},
            ]},
    "ts": "2026-11-22T08:00:10.000Z",
}  # fmt: skip
DAYS = frozenset(range(7))
EARLY, LATE = Shift("early", DAYS, time(6), time(14)), Shift("late", DAYS, time(14), time(22))
NIGHT = Shift("night", DAYS, time(22), time(6))
PLANT = Plant("1000", "Pump works", "Europe/Berlin", shifts=(EARLY, LATE))
NOON_S = datetime(2026, 11, 23, 12, tzinfo=ZoneInfo("Europe/Berlin")).timestamp()
COUNTED = LineFacts("Moulding", frozenset({"c-L01-good"}))


def test_what_decides_is_read_from_the_status() -> None:
    figures = figures_of(read_picture(SAID), 3.0, NOON_S, is_live=True, plant=PLANT, line=COUNTED)
    assert figures == Figures(
        is_live=True, age_s=3.0, is_deaf=False, has_run=True, is_resting=False, idle_s=13.0, working_s=6 * 3600,
        takt_s=20.0, made=Decimal(530), planned=Decimal("540.5"),
    )  # fmt: skip


def test_a_line_is_deaf_only_if_every_counter_of_its_finished_pieces_is_silent() -> None:
    silent = [{"device": name} for name in ("c-L01-good", "c-L01-scrap")]
    picture = read_picture({**SAID, "stale_devices": silent})
    both = LineFacts("", frozenset({"c-L01-good", "c-L01-more"}))
    assert figures_of(picture, 0, NOON_S, is_live=True, plant=PLANT, line=COUNTED).is_deaf
    assert not figures_of(picture, 0, NOON_S, is_live=True, plant=PLANT, line=both).is_deaf
    assert not figures_of(picture, 0, NOON_S, is_live=True, plant=PLANT, line=LineFacts()).is_deaf


@pytest.mark.parametrize(
    ("has_shifts", "shift", "rests"), [(True, "", True), (True, "early", False), (False, "", False)]
)
def test_a_line_rests_where_shifts_are_maintained_and_none_works(has_shifts: bool, shift: str, rests: bool) -> None:
    picture = read_picture({**SAID, "day": {**SAID["day"], "shift": shift}})  # type: ignore[dict-item]
    plant = PLANT if has_shifts else Plant("1000")
    assert figures_of(picture, 0, NOON_S, is_live=True, plant=plant, line=COUNTED).is_resting is rests


@pytest.mark.parametrize(
    ("shifts", "hour", "working_s"),
    [
        ((EARLY, LATE), 6, 0),
        ((EARLY, LATE), 7, 3600),
        ((EARLY, LATE), 15, 9 * 3600),  # late follows early without a pause
        ((LATE,), 15, 3600),
        ((EARLY, LATE), 23, float("inf")),  # no shift works
        ((EARLY, LATE, NIGHT), 7, float("inf")),  # there is no pause at all
        ((), 7, float("inf")),
    ],
)
def test_work_begins_with_the_first_shift_after_a_pause(shifts: tuple[Shift, ...], hour: int, working_s: float) -> None:
    now_s = NOON_S + (hour - 12) * 3600
    plant = Plant("1000", time_zone="Europe/Berlin", shifts=shifts)
    figures = figures_of(read_picture(SAID), 0, now_s, is_live=True, plant=plant, line=COUNTED)
    assert figures.working_s == working_s
    holiday = Plant("1000", time_zone="Europe/Berlin", shifts=shifts, exceptions=frozenset({("2026-11-23", "")}))
    figures = figures_of(read_picture(SAID), 0, now_s, is_live=True, plant=holiday, line=COUNTED)
    assert figures.working_s == float("inf")


def test_a_line_that_never_counted_stands_since_its_run_began() -> None:
    assert read_picture({**SAID, "last_count": None}).idle_s == 3 * 3600 + 10
    assert read_picture({**SAID, "last_count": None, "run": None}).idle_s == float("inf")


def test_a_tile_has_exact_figures_as_text() -> None:
    tile = tile_of(read_picture(SAID), "ok", COUNTED, 99.6)
    wanted = {"made": "530", "planned": "540.5", "difference": "-10.5", "scrap": "7", "since": None, "at": 100}
    assert {name: tile[name] for name in wanted} == wanted
    assert (tile["product"], tile["name"], tile["silent"]) == ("Pump housing", "Moulding", ["c-L01-scrap"])
    assert tile["gateway"] == "gw1"


@pytest.mark.parametrize(("state", "since"), [("stopped", 87), ("no-run", 87), ("rest", 87), ("behind", None)])
def test_a_line_that_stands_shows_since_when_it_counted_nothing(state: State, since: int | None) -> None:
    assert tile_of(read_picture(SAID), state, COUNTED, 97.0)["since"] == since
    never = read_picture({**SAID, "last_count": None, "run": None})
    assert tile_of(never, state, COUNTED, 97.0)["since"] is None


def test_a_tile_of_an_older_gateway_has_no_plan_and_no_day() -> None:
    older = {"plant": "1000", "line": "L01", "run": {"material": "HOUSING"}, "stale_devices": ["c-1"], "ts": SAID["ts"]}
    tile = tile_of(read_picture(older), "ok", LineFacts(), 0)
    assert (tile["made"], tile["planned"], tile["difference"], tile["product"]) == (None, None, None, "HOUSING")
    assert (tile["silent"], day_of(read_picture(older))) == (["c-1"], None)


def test_a_day_is_its_hours_as_sums() -> None:
    day = day_of(read_picture(SAID))
    assert day is not None
    assert day["hours"] == [
        ["06:00", "2026-11-22T06:00:00.000Z", "180", "170", "2"],
        ["07:00", "2026-11-22T07:00:00.000Z", "360", None, None],
    ]
