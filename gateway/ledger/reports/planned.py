"""Planned quantities of a day and shift: one figure, for the curve of a line and for the report of production.

The quantity of an order runs evenly through the working time from its start to its finish; an order without a finish
belongs to its first day. Its shares are whole steps of the unit, and add up to the order. Without working time all of
it belongs to its first day and to no shift. An order without line or version belongs to the only one that can make its
quantity, else to the one that made its material on the day. The plan of a closed order is its made quantity.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Connection, Select, func, or_, select

from devices.errors import Rejection
from gateway.backflush.memory.hours import PIECES
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.backflush.plant.versions import Named, ProductionVersion, resolve
from gateway.backflush.values.quantities import proportion, step_of
from gateway.ledger.database import tables as t
from gateway.ledger.reports.postings import restrict
from gateway.ledger.store.bulk import chunks

DAY: Final = 24 * 3_600_000_000
_LONGEST: Final = 366
"""An order is spread over at most this many days."""
_FIRST, _LAST = "1973", "9999-12-29"
"""Only days between these have shifts: earlier clocks differed by odd seconds, and the calendar ends later."""
DECIMALS: Final = 3
"""In place of a material that is no longer maintained."""


class DaySpan(NamedTuple):
    """A piece of a production day; microseconds UTC."""

    start: int
    end: int
    shift: str


class PlannedShare(NamedTuple):
    """The share of an order in one shift."""

    plant: str
    line: str
    material: str
    version: str
    date: str
    shift: str
    quantity: int


def spans_of(plant: Plant, date: str) -> Iterator[DaySpan]:
    """Yield the shifts and gaps of a production day, which may reach into the next calendar day.

    The first and last days of the calendar, which people enter for "never" and "always", have none.
    """
    if not _FIRST < date < _LAST:
        return
    midnight = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(plant.time_zone))
    at = int(midnight.timestamp()) * 1_000_000
    last = at + 2 * DAY
    while at < last:
        day = plant.day(at)
        if day.date == date:
            yield DaySpan(max(at, day.start), day.end, day.shift)
        at = day.end


def shifts_of(plant: Plant, spans: list[DaySpan]) -> list[DaySpan]:
    """Return the shifts; a plant without any works around the clock."""
    return [span for span in spans if span.shift or not plant.shifts]


def read_plan(
    connection: Connection, master: MasterData, *, plant: str = "", since: str = "", until: str = ""
) -> Iterator[PlannedShare]:
    """Yield the shares of orders in the days from `since` to `until`, order by order."""
    columns = t.orders.c
    found = select(*_WANTED).order_by(columns.start_date, columns.planned_order)
    if until:
        found = found.where(columns.start_date <= until)
    if since:
        # An order that began earlier is spread over no day from then on.
        earliest = Date.fromordinal(max(1, Date.fromisoformat(since).toordinal() - _LONGEST))
        found = found.where(columns.start_date >= str(earliest))
        found = found.where(or_(columns.start_date >= since, columns.finish_date >= since))
    orders = _plan_rows(connection, master, connection.execute(restrict(found, t.orders, plant=plant)).all())
    wants = [share for share in spread(orders, master) if since <= share.date <= (until or share.date)]
    if all(share.line and share.version for share in wants):
        return iter(wants)
    made = _pieces_by_day(connection, plant, since, until)
    return (_where_made(share, made.get((share.plant, share.material, share.date), ())) for share in wants)


def _pieces_by_day(
    connection: Connection, plant: str, since: str, until: str
) -> dict[tuple[str, ...], set[tuple[str, str]]]:
    """Return the lines and versions that made each material, day by day."""
    columns = t.statistics.c
    key = (columns.plant, columns.material, columns.date, columns.line, columns.version)
    found = of_days(*key, plant=plant, since=since, until=until).where(columns.measure.in_(PIECES)).distinct()
    made: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for *day, line, version in connection.execute(found):
        made.setdefault(tuple(day), set()).add((line, version))
    return made


def _where_made(share: PlannedShare, made: Iterable[tuple[str, str]]) -> PlannedShare:
    """Fill an order's open line or version with the only one that made its material on the day."""
    fit = [one for one in made if share.line in ("", one[0]) and share.version in ("", one[1])]
    return share._replace(line=fit[0][0], version=fit[0][1]) if len(fit) == 1 else share


def of_days(*what: Any, plant: str, since: str, until: str) -> Select[Any]:  # noqa: ANN401 - columns or a table
    """Find statistics of production dates from `since` to `until` over their key, which begins with the plant."""
    columns = t.statistics.c
    found: Select[Any] = select(*what).where(columns.plant.in_([plant] if plant else select(_plants())))
    if since:
        found = found.where(columns.date >= since)
    return found.where(columns.date <= until) if until else found


def _plants() -> CTE:
    """Return the plants with statistics, each found over the key."""
    columns = t.statistics.c
    found = select(func.min(columns.plant).label("plant")).cte("plants", recursive=True)
    after = select(func.min(columns.plant)).where(columns.plant > found.c.plant).scalar_subquery()
    return found.union_all(select(after).where(found.c.plant.is_not(None)))


class PlanFilter(NamedTuple):
    """The plan of an order."""

    order: str
    plant: str
    material: str
    version: str
    line: str
    start_date: str
    finish_date: str
    quantity: int


_WANTED: Final = [*t.orders.c][: len(PlanFilter._fields)]


def _plan_rows(connection: Connection, master: MasterData, orders: Sequence[Any]) -> Iterator[PlanFilter]:
    """Yield the plans of rows of orders: of a closed one, its made quantity."""
    columns = t.order_segments.c
    made: dict[str, int] = {}
    closed = [row.planned_order for row in orders if row.planned_order in master.closed_orders]
    for some in chunks(closed):
        of = columns.planned_order.in_(some), columns.segment == QUANTITY
        found = connection.execute(select(columns.planned_order, columns.reduced).where(*of))
        made.update((row.planned_order, row.reduced) for row in found)
    for row in orders:
        want = PlanFilter(*row)
        yield want._replace(quantity=made.get(want.order, 0)) if want.order in master.closed_orders else want


def spread(orders: Iterable[Any], master: MasterData) -> Iterator[PlannedShare]:
    """Yield the shares of rows of orders in each shift."""
    hours = _Hours(master)
    for order in orders:
        line, version = place_of(master, order)
        for date, shift, quantity in hours.shares(order):
            if quantity:
                yield PlannedShare(order.plant, line, order.material, version, date, shift, quantity)


class _Hours:
    """The working time of plants, day by day, computed once."""

    def __init__(self, master: MasterData) -> None:
        self._master = master
        self._days: dict[tuple[str, str], list[tuple[str, int]]] = {}

    def shares(self, order: Any) -> Iterator[tuple[str, str, int]]:  # noqa: ANN401 - a row of orders
        """Yield an order's quantity by date and shift."""
        known = self._master.plants.get(order.plant)
        days = _days(order.start_date, order.finish_date or order.start_date)
        time = [(date, *span) for date in days for span in self._of(known, date)]
        material = self._master.materials.get((order.plant, order.material))
        step = step_of(material.decimals if material is not None else DECIMALS)
        whole = sum(each[2] for each in time)
        if not whole:
            yield order.start_date, "", order.quantity
            return
        done = given = 0
        for date, shift, length in time:
            done += length
            upto = (
                order.quantity if done == whole else min(order.quantity, proportion(done, order.quantity, whole, step))
            )
            yield date, shift, upto - given
            given = upto

    def _of(self, plant: Plant | None, date: str) -> list[tuple[str, int]]:
        """Return the shifts of a day and their working time."""
        if plant is None:
            return []
        key = plant.plant, date
        if key not in self._days:
            lengths: dict[str, int] = {}
            for span in shifts_of(plant, list(spans_of(plant, date))):
                lengths[span.shift] = lengths.get(span.shift, 0) + span.end - span.start
            self._days[key] = list(lengths.items())
        return self._days[key]


def place_of(master: MasterData, order: Any) -> tuple[str, str]:  # noqa: ANN401 - a row of orders
    """Return line and version of an order: open ones are those of the only version that can make it."""
    if order.line and order.version:
        return order.line, order.version
    version = version_of(master, order, order.start_date)
    return (order.line, order.version) if isinstance(version, Rejection) else (version.line, version.version)


def version_of(master: MasterData, order: Any, start: str) -> ProductionVersion | Rejection:  # noqa: ANN401 - an order
    """Choose the version of an order, as the engine does for a lot of its size."""
    made = master.versions.get((order.plant, order.material), ())
    there = [version for version in made if order.line in ("", version.line)]
    return resolve(there, Named(order.material, order.version), start, order.quantity, order.plant)


def _days(start: str, last: str) -> Iterator[str]:
    first = Date.fromisoformat(start)
    days = min((Date.fromisoformat(last) - first).days + 1, _LONGEST)
    yield from ((first + timedelta(days=n)).isoformat() for n in range(days))
