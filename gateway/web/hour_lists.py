"""The hours of production days: what a line has made and should have made in each hour of any day."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import Connection

from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.errors import UsageError
from gateway.ledger.reports.day_curve import curve
from gateway.web.lists import Query, WorkList
from gateway.web.tables import Record

_MOST: Final = 62
"""Days of lines that one page reads."""
_SUMS: Final = ("planned", "yield", "scrap")


def _hours(connection: Connection, query: Query) -> Sequence[Record]:
    plant, line = query.place
    lines = sorted(each for each in query.master.lines if plant in ("", each[0]) and line in ("", each[1]))
    first, last = (date.fromisoformat(query.said[name]) for name in ("since", "until"))
    days = [f"{first + timedelta(days=number)}" for number in range((last - first).days + 1)]
    if len(lines) * len(days) > _MOST:
        raise UsageError(f"choose a line, or fewer days: {len(lines)} lines with {len(days)} days are too many hours")
    found = (curve(connection, query.master, *each, day, query.now) for each in lines for day in days)
    return [hour for day in found for hour in _by_hour(day)]


def _by_hour(day: Sequence[Record]) -> Iterator[Record]:
    """Yield the hours of a day with what was made in each, from its sums; nothing is known of a later one."""
    begin: Any = dict.fromkeys(_SUMS, "0")
    for before, hour in pairwise([begin, *day]):
        own = {name: _less(hour[name], before[name]) for name in _SUMS if hour[name] is not None}
        difference = _less(own["yield"], own["planned"]) if "yield" in own else None
        yield {**hour, "yield": None, "scrap": None, **own, "difference": difference}


def _less(sum_: str, before: str) -> str:
    return format_quantity(int((Decimal(sum_) - Decimal(before)) * MICRO))


HOURS: Final = WorkList(
    "hours",
    "date line shift hour >planned >yield >difference >scrap plant | until",
    ("date", "plant", "line", "until"),
    _hours,
    filters=("line", "since", "until"),
    days=1,
)
