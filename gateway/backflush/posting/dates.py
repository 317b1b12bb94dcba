"""Dates: the posting date, and the times and dates that people may enter.

A posting is dated on its own day; if that day's period is closed, on the first day of the next open one. Counted units
and automatic postings are dated so without a question, and the answer shows it. A posting date that a person entered is
refused instead (`undatable`). A plant that waits for its period (`closed_period_policy`) keeps counted units in
quarantine: `posting.places` refuses the place.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from devices.errors import Rejection
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.errors import Reason

FIRST_YEAR, LAST_YEAR = 1971, 2200
"""Later times have no production day in every zone."""


def posting_date(state: State, plant: str, date: str) -> str:
    """Return the date itself, or the first day of the next open period.

    >>> state = State()
    >>> state.closed_periods |= {("1000", "2026-11"), ("1000", "2026-12")}
    >>> posting_date(state, "1000", "2026-11-29"), posting_date(state, "2000", "2026-11-29")
    ('2027-01-01', '2026-11-29')
    """
    while (plant, date[:7]) in state.closed_periods:
        year, month = int(date[:4]), int(date[5:7])
        date = f"{year + month // 12:04d}-{month % 12 + 1:02d}-01"
    return date


def instant(moment: datetime, zone: str) -> int | Rejection:
    """Return the moment of a local time, microseconds UTC; a rejection if it never comes, or comes twice.

    >>> instant(datetime(1970, 1, 1, 1), "Europe/Berlin")
    0
    >>> print(instant(datetime(2026, 3, 29, 2, 30), "Europe/Berlin").code)
    BF3025
    """
    first, second = (moment.replace(tzinfo=ZoneInfo(zone), fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return round(first.timestamp() * 1_000_000)
    said = moment.isoformat(" ")
    if first.astimezone(UTC).astimezone(first.tzinfo).replace(tzinfo=None) != moment:
        return Rejection(Reason.BAD_DATE, f"there is no {said} in {zone}: clocks are set forward over it")
    twice = f"{first.isoformat()[-6:]} or {second.isoformat()[-6:]}"
    return Rejection(Reason.BAD_DATE, f"{said} occurs twice in {zone}: add the offset, {twice}")


def bad_time(state: State, plant: str, at: int, now: int, *, planned: bool = False) -> Rejection | None:
    """Refuse a time in the future, unless it is a plan, or one before the late limit."""
    known = state.master.plants.get(plant)
    if known is None or not judges(state):
        return None
    zone = ZoneInfo(known.time_zone)
    least, most = now - state.rules.late_max, now + state.rules.skew
    if at < least:
        expected = f"from {_clock(least, zone)} on"
    elif at > most and not planned:
        expected = f"up to {_clock(now, zone)}"
    else:
        return None
    text = f"expected a time {expected} in plant {plant}, got {_clock(at, zone)}: --force with a reason takes it"
    return Rejection(Reason.BAD_DATE, text)


def _clock(at: int, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(at // 1_000_000, zone).strftime("%Y-%m-%d %H:%M:%S")


def still_to_come(state: State, plant: str, date: str, now: int) -> Rejection | None:
    """Refuse a posting date in the future."""
    today = state.master.plants[plant].day(now).date
    if date <= today:
        return None
    return Rejection(Reason.BAD_DATE, f"expected a day up to {today} in plant {plant}, got {date}")


def not_over(state: State, plant: str, period: str, now: int) -> Rejection | None:
    """Refuse to close a period whose last production day is not over."""
    today = state.master.plants[plant].day(now).date
    if period < today[:7] or not judges(state):
        return None
    return Rejection(Reason.BAD_DATE, f"period {period} of plant {plant} is not over: it is {today} there")


def undatable(books: Books, plants: Iterable[str], date: str) -> Rejection | None:
    """Return why a person may not date postings so: the day is in the future, or its period is closed."""
    for plant in dict.fromkeys(plants) if date else ():
        early = still_to_come(books.state, plant, date, books.now)
        if early is not None:
            return early
        if posting_date(books.state, plant, date) != date:
            return Rejection(Reason.PERIOD_CLOSED, f"period {date[:7]} of plant {plant} is closed")
    return None
