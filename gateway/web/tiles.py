"""Tiles: the state of each line as a board shows it, judged by one rule from what was heard.

    no-data    broker or gateway away, the picture too old, or every counter of finished pieces silent
    no-run     the line is to make nothing
    rest       no shift works now
    stopped    nothing was counted for longer than `[board] stopped_after`
    behind     more than `behind_percent` and more than `behind_least` pieces below the plan by now
    ok

The first that holds is the state. A worse one is shown at once, a better one only after the present one was shown for
15 s: a line at a limit does not flicker. The end of no-data is shown at once: it says that figures are true.

Before a shift no one works, so a line has the limit once more from the begin of a shift, or of the first of
shifts that follow each other without a pause.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from math import inf, isfinite
from typing import Any, Final, Literal, NamedTuple

from gateway.backflush.plant.snapshot import Plant
from gateway.sections import BoardSection
from gateway.service.floor.floor import OLD_S

State = Literal["no-data", "stopped", "behind", "no-run", "rest", "ok"]
WORST: Final[tuple[State, ...]] = ("no-data", "stopped", "behind", "no-run", "rest", "ok")
HELD_S: Final = 15.0
_A_DAY_US: Final = 86_400 * 1_000_000


class LineFacts(NamedTuple):
    """A line, as the master data in force have it."""

    name: str = ""
    counters: frozenset[str] = frozenset()
    """The devices that count its finished pieces."""


class Figures(NamedTuple):
    """The figures that decide about the state of a line."""

    is_live: bool
    """Whether broker and gateway are there."""
    age_s: float
    """The age of the picture."""
    is_deaf: bool
    """Whether every counter of finished pieces is silent."""
    has_run: bool
    is_resting: bool
    idle_s: float
    """The time without a count."""
    working_s: float
    """The time for which shifts have worked without a pause; infinite where it does not matter."""
    takt_s: float
    """0: nothing is planned."""
    made: Decimal
    planned: Decimal | None


def state_of(line: Figures, board: BoardSection) -> State:
    """Judge a line."""
    takts, least_s = board.idle_limit
    limit_s = max(takts * line.takt_s, least_s)
    is_still = line.idle_s > limit_s
    if not line.is_live or line.age_s > OLD_S or line.is_deaf:
        return "no-data"
    if is_still and not line.has_run:
        return "no-run"
    if is_still and line.is_resting:
        return "rest"
    if is_still and line.working_s > limit_s:
        return "stopped"
    lack = line.planned - line.made if line.planned is not None else Decimal()
    if lack > board.behind_least and lack * 100 > (line.planned or 0) * board.behind_percent:
        return "behind"
    return "ok"


class Shown(NamedTuple):
    """The state that is shown, and since when."""

    state: State
    since_s: float


def show(before: Shown | None, state: State, now_s: float) -> Shown:
    """Return the state to be shown after another one."""
    if before is None or before.state == state:
        return before or Shown(state, now_s)
    is_better = WORST.index(state) > WORST.index(before.state)
    if is_better and before.state != "no-data" and now_s - before.since_s < HELD_S:
        return before
    return Shown(state, now_s)


class Picture(NamedTuple):
    """The status of a line with the figures that are read once; `said` is checked (`service.floor`)."""

    said: Mapping[str, Any]
    idle_s: float
    """The time without a count when it was sent, by its gateway's clock."""
    made: Decimal
    planned: Decimal | None
    silent: tuple[str, ...]


def read_picture(said: Mapping[str, Any]) -> Picture:
    """Read a line's status."""
    day = said.get("day") or {}
    run_began = said.get("state_since") if said.get("run") else None
    planned = Decimal(str(day["planned_now"])) if _plans(day) else None
    stale = said.get("stale_devices") or ()
    return Picture(
        said,
        _between(said.get("last_count") or run_began, said.get("ts")),
        Decimal(str(day.get("yield") or 0)),
        planned,
        tuple(each["device"] if isinstance(each, Mapping) else str(each) for each in stale),
    )


def _plans(day: Mapping[str, Any]) -> bool:
    return Decimal(str(day.get("planned") or 0)) > 0


def _between(earlier: str | None, later: str | None) -> float:
    """Return the seconds between two times; infinite without one."""
    try:
        return (datetime.fromisoformat(str(later)) - datetime.fromisoformat(str(earlier))).total_seconds()
    except (ValueError, TypeError):
        return inf


def figures_of(
    picture: Picture, age_s: float, now_s: float, *, is_live: bool, plant: Plant | None, line: LineFacts
) -> Figures:
    """Put together what decides about a line; `now_s` is the time of the clock."""
    said = picture.said
    day = said.get("day") or {}
    return Figures(
        is_live=is_live,
        age_s=age_s,
        is_deaf=bool(line.counters) and line.counters <= set(picture.silent),
        has_run=said.get("run") is not None,
        is_resting=bool(day) and not day.get("shift") and plant is not None and bool(plant.shifts),
        idle_s=picture.idle_s + age_s,
        working_s=_working_s(plant, now_s) if plant is not None else inf,
        takt_s=float(said.get("takt_s") or 0.0),
        made=picture.made,
        planned=picture.planned,
    )


def _working_s(plant: Plant, now_s: float) -> float:
    """Return for how long shifts have worked without a pause; infinite for a day and more, and outside of shifts."""
    at = int(now_s * 1e6)
    began = at + 1
    while (shift := plant.day(began - 1)).shift and at - shift.start < _A_DAY_US:
        began = shift.start
    return inf if shift.shift or began > at else (at - began) / 1e6


_STILL: Final = frozenset({"stopped", "no-run", "rest"})


def untold_tile(place: tuple[str, str], line: LineFacts) -> dict[str, Any]:
    """Return the tile of a maintained line of which no gateway has told anything."""
    names = ("since", "at", "made", "planned", "difference", "scrap", "rework", "rate", "shift_end")
    about = {
        "plant": place[0],
        "line": place[1],
        "name": line.name,
        "product": "",
        "unit": "",
        "state": "no-data",
        "gateway": "",
    }
    return {**about, **dict.fromkeys(names), "silent": [], "shift": ""}


def tile_of(picture: Picture, state: State, line: LineFacts, heard_at: float) -> dict[str, Any]:
    """Return a tile as pages get it; `since` (of a line that counts nothing) and `at` are seconds of the clock."""
    said, run = picture.said, picture.said.get("run") or {}
    day = said.get("day") or {}
    is_today = bool(day)
    planned = picture.planned
    has_counted = bool(said.get("last_count")) and isfinite(picture.idle_s)
    return {
        "plant": said["plant"],
        "line": said["line"],
        "name": line.name,
        "product": said.get("description") or run.get("material", ""),
        "unit": said.get("unit", ""),
        "state": state,
        "gateway": said.get("gateway", ""),
        "since": round(heard_at - picture.idle_s) if state in _STILL and has_counted else None,
        "at": round(heard_at),
        "made": _text(picture.made) if is_today else None,
        "planned": _text(planned) if planned is not None else None,
        "difference": _text(picture.made - planned) if planned is not None else None,
        "scrap": day.get("scrap"),
        "rework": day.get("rework"),
        "rate": said.get("rate_per_min"),
        "silent": list(picture.silent),
        "shift": day.get("shift", ""),
        "shift_end": day.get("shift_end"),
    }


def day_of(picture: Picture) -> dict[str, Any] | None:
    """Return a line's day by hours, as pages get it: sums at the end of each hour; None while it is not known."""
    day = picture.said.get("day") or {}
    if not day:
        return None
    names = ("hour", "until", "planned", "yield", "scrap")
    return {
        "plant": picture.said["plant"],
        "line": picture.said["line"],
        "date": day["date"],
        "planned": day["planned"],
        "hours": [[hour[name] for name in names] for hour in day["hours"]],
    }


_DETAILS: Final = ("run", "order", "points", "open", "last_count", "takt_s", "gateway", "state_since")


def detail_of(picture: Picture) -> dict[str, Any]:
    """Return what the page of a line shows beyond its tile."""
    said = picture.said
    return {name: said.get(name) for name in ("plant", "line", *_DETAILS)}


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"
