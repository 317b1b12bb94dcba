"""Schedules: the times at which the background worklist runs automatically.

A schedule is a function of the times of the last tick and this one, and of the number of open rows: so a restart
changes nothing, and a late tick runs it once, not several times.

    30s        at the first tick of each interval of the clock
    at 22:00   once a day, at this local time of the row's plant
    shift      at the end of each shift; of each day if the plant has no shifts
    500 rows   as soon as that many rows are open
    demand     only when a person or system asks
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, NamedTuple
from zoneinfo import ZoneInfo

from gateway.backflush.plant.snapshot import Plant

_SCHEDULE = re.compile(
    r"(?P<interval>[1-9]\d{0,5})s"
    r"|at (?P<hour>[01]\d|2[0-3]):(?P<minute>[0-5]\d)"
    r"|(?P<rows>[1-9]\d{0,6}) rows"
    r"|shift|demand"
)
DAY_US = 86_400_000_000
_GAPS = 40
"""The number of gaps searched for the next shift: a gap ends at midnight at the latest."""


class Schedule(NamedTuple):
    """One schedule; fields that do not apply are 0."""

    kind: Literal["interval", "daily", "shift", "rows", "demand"]
    interval: int = 0
    """Microseconds."""
    minute: int = 0
    """Of the plant's day."""
    rows: int = 0


@lru_cache(maxsize=256)
def parse_schedule(text: str) -> Schedule | None:
    """Read a schedule; None if the text is none.

    >>> parse_schedule("at 22:00")
    Schedule(kind='daily', interval=0, minute=1320, rows=0)
    >>> parse_schedule("sometimes") is None
    True
    """
    match = _SCHEDULE.fullmatch(text)
    if match is None:
        return None
    if match["interval"]:
        return Schedule("interval", interval=int(match["interval"]) * 1_000_000)
    if match["hour"]:
        return Schedule("daily", minute=int(match["hour"]) * 60 + int(match["minute"]))
    if match["rows"]:
        return Schedule("rows", rows=int(match["rows"]))
    return Schedule("shift" if text == "shift" else "demand")


def next_run(schedule: Schedule, plant: Plant, last: int) -> int | None:
    """Return the first time after `last` at which a schedule runs for a plant; None if time does not decide."""
    match schedule.kind:
        case "interval":
            return (last // schedule.interval + 1) * schedule.interval
        case "shift":
            return _shift_end(plant, last)
        case "daily":
            zone = ZoneInfo(plant.time_zone)
            local = datetime.fromtimestamp(last / 1e6, zone)
            for days in range(3):
                day = local.date() + timedelta(days=days)
                hour, minute = divmod(schedule.minute, 60)
                at = int(datetime(day.year, day.month, day.day, hour, minute, tzinfo=zone).timestamp()) * 1_000_000
                if at > last:
                    return at
            return last + DAY_US
        case _:
            return None


def _shift_end(plant: Plant, last: int) -> int | None:
    """Return the end of the shift at a time, else of the next one; None if there is none within reach."""
    day = plant.day(last)
    for _ in range(_GAPS):
        if day.shift or not plant.shifts:
            return day.end
        day = plant.day(day.end)
    return None


_AGES: Final = {"": 1, "s": 1, "min": 60, "h": 3600, "d": 86_400}
_AGE: Final = re.compile(r"(\d{1,9})\s*(s|min|h|d|)", re.ASCII)


def parse_age(text: str) -> int | None:
    """Read a time such as `90s`, `30min`, `36h` or `3d` as seconds; None if it is none.

    >>> parse_age("36h"), parse_age("0"), parse_age("soon")
    (129600, 0, None)
    """
    match = _AGE.fullmatch(text.strip())
    return int(match[1]) * _AGES[match[2]] if match else None
