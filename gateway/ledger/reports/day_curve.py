"""The day of a line: the pieces that it has made by each hour, next to the planned ones.

A piece counts at the time of its document's last reading, or of a person's posting; a reversal takes it back at that
time (`backflush.memory.hours`). Pieces in open windows count as those in documents do, at the time of the window's last
reading. The plan of a day (`planned`) runs evenly through its shifts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, select

from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import format_quantity, proportion, step_of
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.reports.planned import DECIMALS, DaySpan, shifts_of, spans_of
from gateway.ledger.reports.postings import Record, format_time
from gateway.ledger.reports.produced import plan_by_shift
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import chunks

_HOUR: Final = 3_600_000_000


class Output(NamedTuple):
    """Pieces that were made at a time."""

    at: int
    good: int
    scrap: int
    """Lost pieces are among it."""
    rework: int


class Wanted(NamedTuple):
    """The planned quantity of a material, in whole steps of its unit."""

    quantity: int
    step: int


class HourEnd(NamedTuple):
    """The sums of a day at the end of an hour of the plant's clock."""

    shift: str
    hour: str
    """Its begin by the plant's clock."""
    until: int
    planned: int
    made: Output | None
    """None: the hour has not begun."""


class LineDay(NamedTuple):
    """A production day of a line."""

    date: str
    planned: int
    planned_now: int
    made: Output
    works: int
    """The working time of the day, microseconds."""
    hours: list[HourEnd]


class DayPlan(NamedTuple):
    """The plan of a plant's production day, by line."""

    date: str
    spans: list[DaySpan]
    wanted: Mapping[str, Sequence[Wanted]]


def curve(connection: Connection, master: MasterData, plant: str, line: str, date: str, now: int) -> list[Record]:
    """Return the cumulated yield, scrap and plan of a production day at the end of each hour by the plant's clock.

    Made units are None if the hour has not begun at `now`.
    """
    known = master.plants.get(plant)
    if known is None:
        raise UsageError(f"plant: expected one of {', '.join(sorted(master.plants)) or 'none'}, got {quote(plant)}")
    plan = plan_of_day(connection, master, known, date, line)
    made = sum_made(connection, plant, date, [line], now).get(line, ()) if plan.spans else ()
    return [
        {
            "plant": plant,
            "line": line,
            "date": date,
            "shift": end.shift,
            "hour": end.hour,
            "until": format_time(end.until),
            "planned": format_quantity(end.planned),
            "yield": format_quantity(end.made.good) if end.made is not None else None,
            "scrap": format_quantity(end.made.scrap) if end.made is not None else None,
        }
        for end in line_day(known, plan, line, made, now).hours
    ]


def plan_of_day(connection: Connection, master: MasterData, plant: Plant, date: str, line: str = "") -> DayPlan:
    """Return the plan of a production day; without a line that of all lines."""
    sums: dict[str, dict[str, int]] = {}
    of_day = plan_by_shift(connection, master, plant=plant.plant, line=line, since=date, until=date)
    for (_, of_line, material, *_), quantity in of_day.items():
        wanted = sums.setdefault(of_line, {})
        wanted[material] = wanted.get(material, 0) + quantity
    return DayPlan(
        date,
        list(spans_of(plant, date)),
        {
            of_line: [Wanted(quantity, _step(master, plant.plant, material)) for material, quantity in wanted.items()]
            for of_line, wanted in sums.items()
        },
    )


def sum_made(connection: Connection, plant: str, date: str, lines: Sequence[str], now: int) -> dict[str, list[Output]]:
    """Return the pieces that lines have made on a production day, by line: those in documents and in open windows."""
    made: dict[str, list[Output]] = {}
    hours, windows = t.hours.c, t.windows.c
    sums = [func.sum(column) for column in (hours.yield_, hours.scrap, hours.rework)]
    for some in chunks(lines):
        of = hours.plant == plant, hours.line.in_(some), hours.date == date
        found = select(hours.line, hours.quarter, *sums).where(*of).group_by(hours.line, hours.quarter)
        for line, at, *units in connection.execute(found):
            made.setdefault(line, []).append(Output(at, *map(int, units)))
    wanted = frozenset(lines)
    open_windows = select(t.windows).where(windows.plant == plant, windows.production_date == date)
    for window in map(row_values.window, connection.execute(open_windows)):
        if window.line in wanted:
            at = max((source.last_at for source in window.sources.values()), default=now)
            good = window.good if window.key.point == FINAL else 0
            made.setdefault(window.line, []).append(Output(at, good, sum(window.scrap.values()), window.rework))
    return made


def line_day(plant: Plant, plan: DayPlan, line: str, made: Iterable[Output], now: int) -> LineDay:
    """Return the production day of a line as of `now`."""
    shifts, wanted = shifts_of(plant, plan.spans), plan.wanted.get(line, ())
    works = sum(span.end - span.start for span in shifts)

    def plan_until(at: int) -> int:
        done = sum(max(0, min(span.end, at) - span.start) for span in shifts)
        return sum(proportion(done, each.quantity, works, each.step) if done < works else each.quantity
                   for each in wanted)  # fmt: skip

    by_time = sorted(made, key=attrgetter("at"))
    begin = min([span.start for span in shifts] + [units.at for units in by_time], default=0)
    end = max([span.end for span in shifts] + [units.at + 1 for units in by_time], default=0)
    zone = ZoneInfo(plant.time_zone)
    offset = datetime.fromtimestamp(begin / 1e6, zone).utcoffset() or timedelta()
    first = begin - (begin + offset // timedelta(microseconds=1)) % _HOUR
    hours, so_far, index = [], Output(0, 0, 0, 0), 0
    for hour in range(first, end if shifts or by_time else first, _HOUR):
        until = hour + _HOUR
        while index < len(by_time) and by_time[index].at < until:
            so_far = _add(so_far, by_time[index])
            index += 1
        shift = next((s.shift for s in shifts if s.start < until and hour < s.end), "")
        shown = f"{datetime.fromtimestamp(hour / 1e6, zone):%H:%M}"
        hours.append(HourEnd(shift, shown, until, plan_until(until), so_far if hour <= now else None))
    whole = sum(each.quantity for each in wanted)
    return LineDay(plan.date, whole, plan_until(now), so_far, works, hours)


def days_of(
    connection: Connection,
    master: MasterData,
    lines: Iterable[tuple[str, str]],
    now: int,
    plan_of: Callable[[Connection, MasterData, Plant, str], DayPlan] = plan_of_day,
) -> dict[tuple[str, str], LineDay]:
    """Return the present production day of lines, by plant and line."""
    names: dict[str, list[str]] = {}
    for name, line in lines:
        names.setdefault(name, []).append(line)
    days = {}
    for name in names.keys() & master.plants.keys():
        plant = master.plants[name]
        plan = plan_of(connection, master, plant, plant.day(now).date)
        made = sum_made(connection, name, plan.date, names[name], now)
        for line in names[name]:
            days[name, line] = line_day(plant, plan, line, made.get(line, ()), now)
    return days


def _add(sum_: Output, more: Output) -> Output:
    return Output(more.at, sum_.good + more.good, sum_.scrap + more.scrap, sum_.rework + more.rework)


def _step(master: MasterData, plant: str, material: str) -> int:
    """Return the planning step of a material: whole pieces if its unit has no decimals."""
    known = master.materials.get((plant, material))
    return step_of(known.decimals if known is not None else DECIMALS)
