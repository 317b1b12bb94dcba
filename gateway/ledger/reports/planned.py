"""Planned quantities of a day and shift: one figure, for the curve of a line and for the report of production.

What an order wants runs evenly through the time that is worked from its start to its finish; one that says no finish is
of its first day. Its shares are whole steps of the unit, and add up to the order. Where nothing is worked all of it is
of its first day and of no shift. An order that names no line or version is of the one that can make its quantity, if
it is one; else of the one that made its material on the day.
An order that is closed wanted what was made of it.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import CTE, Connection, Select, func, or_, select

from devices.errors import Rejection
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.backflush.plant.versions import Named, ProductionVersion, resolve
from gateway.backflush.values.quantities import proportion, step_of
from gateway.ledger.database import tables as t
from gateway.ledger.reports.postings import restrict
from gateway.ledger.store.bulk import chunks

DAY: Final = 24 * 3_600_000_000
MADE: Final = ("yield", "scrap", "rework")
"""Statistics that say what a line has made."""
_LONGEST: Final = 366
"""Days over which an order is spread at most."""
_FIRST, _LAST = "1973", "9999-12-29"
"""Days between these have shifts: clocks differed by odd seconds before, and the calendar ends after."""
DECIMALS: Final = 3
"""Of a material that is no longer maintained."""


class Span(NamedTuple):
    """A piece of a production day; microseconds UTC."""

    start: int
    end: int
    shift: str


class Share(NamedTuple):
    """What an order wants of one shift."""

    plant: str
    line: str
    material: str
    version: str
    date: str
    shift: str
    quantity: int


def spans_of(plant: Plant, date: str) -> Iterator[Span]:
    """Yield the shifts and gaps of a production day, which may reach into the next calendar day.

    The first days of the calendar and the last, which people write for "never" and "always", have none.
    """
    if not _FIRST < date < _LAST:
        return
    midnight = datetime.fromisoformat(date).replace(tzinfo=ZoneInfo(plant.time_zone))
    at = int(midnight.timestamp()) * 1_000_000
    last = at + 2 * DAY
    while at < last:
        day = plant.day(at)
        if day.date == date:
            yield Span(max(at, day.start), day.end, day.shift)
        at = day.end


def shifts_of(plant: Plant, spans: list[Span]) -> list[Span]:
    """Return the shifts; a plant without any works around the clock."""
    return [span for span in spans if span.shift or not plant.shifts]


def shares(
    connection: Connection, master: MasterData, *, plant: str = "", since: str = "", until: str = ""
) -> Iterator[Share]:
    """Yield what orders want of the days from `since` to `until`, order by order."""
    columns = t.orders.c
    found = select(*_WANTED).order_by(columns.start_date, columns.planned_order)
    if until:
        found = found.where(columns.start_date <= until)
    if since:
        # What began before is spread over no day from then on.
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
    """Return on which lines and by which versions each material was made, day by day."""
    columns = t.statistics.c
    key = (columns.plant, columns.material, columns.date, columns.line, columns.version)
    found = of_days(*key, plant=plant, since=since, until=until).where(columns.measure.in_(MADE)).distinct()
    made: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for *day, line, version in connection.execute(found):
        made.setdefault(tuple(day), set()).add((line, version))
    return made


def _where_made(share: Share, made: Iterable[tuple[str, str]]) -> Share:
    """Let what an order leaves open be that of the one line and version that made its material on the day."""
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
    """Return the plants of which there are statistics, from one to the next over the key."""
    columns = t.statistics.c
    found = select(func.min(columns.plant).label("plant")).cte("plants", recursive=True)
    after = select(func.min(columns.plant)).where(columns.plant > found.c.plant).scalar_subquery()
    return found.union_all(select(after).where(found.c.plant.is_not(None)))


class PlanFilter(NamedTuple):
    """What an order wants."""

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
    """Yield what rows of orders want: one that is closed no more than was made of it."""
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


def spread(orders: Iterable[Any], master: MasterData) -> Iterator[Share]:
    """Yield what rows of orders want of each shift."""
    hours = _Hours(master)
    for order in orders:
        line, version = place_of(master, order)
        for date, shift, quantity in hours.shares(order):
            if quantity:
                yield Share(order.plant, line, order.material, version, date, shift, quantity)


class _Hours:
    """The time that plants work, day by day, each looked at once."""

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
        """Return the shifts of a day and how long each is worked."""
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
    """Return line and version of an order: what it leaves open is that of the one version which can make it."""
    if order.line and order.version:
        return order.line, order.version
    version = version_of(master, order, order.start_date)
    return (order.line, order.version) if isinstance(version, Rejection) else (version.line, version.version)


def version_of(master: MasterData, order: Any, start: str) -> ProductionVersion | Rejection:  # noqa: ANN401 - an order
    """Choose the version that makes an order, as the engine chooses one for a lot of its size."""
    made = master.versions.get((order.plant, order.material), ())
    there = [version for version in made if order.line in ("", version.line)]
    return resolve(there, Named(order.material, order.version), start, order.quantity, order.plant)


def _days(start: str, last: str) -> Iterator[str]:
    first = Date.fromisoformat(start)
    days = min((Date.fromisoformat(last) - first).days + 1, _LONGEST)
    yield from ((first + timedelta(days=n)).isoformat() for n in range(days))
