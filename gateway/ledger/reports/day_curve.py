"""The curve of a day: the units that a line has made by each hour, next to the planned ones.

A unit counts at the time of its document's last reading, or of a person's posting; a reversal takes it back at that
time (`backflush.memory.hours`). The plan of a day (`planned`) runs evenly through its shifts.
"""

from datetime import datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import format_quantity, proportion, step_of
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.reports.planned import DECIMALS, shifts_of, spans_of
from gateway.ledger.reports.postings import Record, format_time
from gateway.ledger.reports.produced import plan_by_shift

_HOUR: Final = 3_600_000_000


class Quarter(NamedTuple):
    """The pieces made in a quarter of an hour, which begins at a time; hours of every plant's clock begin with one."""

    at: int
    good: int
    scrap: int
    rework: int


def curve(connection: Connection, master: MasterData, plant: str, line: str, date: str, now: int) -> list[Record]:
    """Return the cumulated yield, scrap and plan of a production day at the end of each hour by the plant's clock.

    Made units are None if the hour has not begun at `now`.
    """
    known = master.plants.get(plant)
    if known is None:
        raise UsageError(f"plant: expected one of {', '.join(sorted(master.plants)) or 'none'}, got {quote(plant)}")
    zone = ZoneInfo(known.time_zone)
    spans = list(spans_of(known, date))
    shifts = shifts_of(known, spans)
    made = quarters_of_day(connection, plant, line, date) if spans else []
    wanted: dict[str, int] = {}
    for (_, _, material, *_), quantity in plan_by_shift(
        connection, master, plant=plant, line=line, since=date, until=date
    ).items():
        wanted[material] = wanted.get(material, 0) + quantity
    steps = {material: _step(master, plant, material) for material in wanted}
    begin = min([span.start for span in shifts] + [units.at for units in made], default=0)
    end = max([span.end for span in shifts] + [units.at + 1 for units in made], default=0)
    total = sum(span.end - span.start for span in shifts)
    result = []
    offset = datetime.fromtimestamp(begin / 1e6, zone).utcoffset() or timedelta()
    first = begin - (begin + offset // timedelta(microseconds=1)) % _HOUR
    for hour in range(first, end, _HOUR):
        until = hour + _HOUR
        done = sum(max(0, min(span.end, until) - span.start) for span in shifts)
        so_far = [units for units in made if units.at < until]
        begun = hour <= now
        result.append(
            {
                "plant": plant,
                "line": line,
                "date": date,
                "shift": next((s.shift for s in shifts if s.start < until and hour < s.end), ""),
                "hour": f"{datetime.fromtimestamp(hour / 1e6, zone):%H:%M}",
                "until": format_time(until),
                "planned": format_quantity(
                    sum(
                        proportion(done, quantity, total, steps[material]) if done < total else quantity
                        for material, quantity in wanted.items()
                    )
                ),
                "yield": format_quantity(sum(units.good for units in so_far)) if begun else None,
                "scrap": format_quantity(sum(units.scrap for units in so_far)) if begun else None,
            }
        )
    return result


def _step(master: MasterData, plant: str, material: str) -> int:
    """Return the planning step of a material: whole pieces if its unit has no decimals."""
    known = master.materials.get((plant, material))
    return step_of(known.decimals if known is not None else DECIMALS)


def quarters_of_day(connection: Connection, plant: str, line: str, date: str) -> list[Quarter]:
    """Return the pieces of a line's production day, by the quarter of an hour in which they were made."""
    columns = t.hours.c
    sums = (func.sum(column) for column in (columns.yield_, columns.scrap, columns.rework))
    of_day = columns.plant == plant, columns.line == line, columns.date == date
    found = select(columns.quarter, *sums).where(*of_day).group_by(columns.quarter).order_by(columns.quarter)
    return [Quarter(*map(int, row)) for row in connection.execute(found)]
