"""The present state of the ledger: stock, collectors, points, worklist, backlog, quarantine.

Names are those of the outside contract, values are printed as in `postings`. Nothing is computed that the ledger
already keeps: figures come from summed tables and indexes of open rows, so a report of a big ledger costs as much as it
prints.
"""

from collections.abc import Collection
from itertools import groupby
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, Select, func, select, tuple_

from gateway.backflush.memory.records import Cover
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.cost_objects import BEGINNINGS, Bearer
from gateway.backflush.values.documents import format_number
from gateway.backflush.values.movements import CONSIGNMENT, StockKey
from gateway.backflush.values.points import Segment, Units, work_in_process
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason, UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import HEALED_BY_A_TOTAL, OPEN, OPEN_BACKLOG
from gateway.ledger.reports.postings import LIMIT, Record, fields, format_time, inert, on_line, restrict
from gateway.ledger.store.bulk import chunks


class StockFilter(NamedTuple):
    """The stock to list; an empty field is all."""

    plant: str = ""
    material: str = ""
    location: str = ""

    def restrict(self, found: Select[Any]) -> Select[Any]:
        """Restrict a query to it."""
        return restrict(found, t.stock, **self._asdict())


ALL_STOCK: Final = StockFilter()


def stock(
    connection: Connection,
    master: MasterData,
    which: StockFilter = ALL_STOCK,
    *,
    limit: int = 0,
    after: Collection[str] = (),
) -> list[Record]:
    """Return stock by its key; `limit` 0 is all. `after` is the key that the first one follows.

    Its units are those of the master data in force.
    """
    key = t.stock.primary_key
    found = which.restrict(select(t.stock)).order_by(*key)
    if after:
        found = found.where(tuple_(*key) > tuple_(*after))
    result = []
    for row in connection.execute(found.limit(limit) if limit else found):
        known = master.materials.get((row.plant, row.material))
        record = fields(row, "plant", "material", "location", "batch", "stock_type")
        result.append({**record, "quantity": format_quantity(row.quantity), "unit": known.unit if known else ""})
    return result


def stock_at(connection: Connection, places: Collection[tuple[str, str, str]]) -> dict[tuple[str, str, str], list[str]]:
    """Return the quantities, batch by batch, of materials at locations, as (plant, material, location)."""
    columns = t.stock.c
    key = columns.plant, columns.material, columns.location
    found: dict[tuple[str, str, str], list[str]] = {}
    for some in chunks([*places]):
        wanted = select(*key, columns.quantity).where(tuple_(*key).in_(some)).order_by(*t.stock.primary_key)
        for row in connection.execute(wanted):
            found.setdefault((row.plant, row.material, row.location), []).append(format_quantity(row.quantity))
    return found


def is_more_stock(connection: Connection, which: StockFilter, than: int) -> bool:
    """Return whether there is more stock than a number of keys; no more than these are read."""
    some = which.restrict(select(t.stock.c.plant)).limit(than + 1).subquery()
    return bool((connection.scalar(select(func.count()).select_from(some)) or 0) > than)


def lots_in_process(connection: Connection) -> set[tuple[str, str]]:
    """Return the products made by lot, as (plant, material)."""
    by_lot = t.flows.c.cost_object.startswith(BEGINNINGS[Bearer.LOT])
    found = select(t.flows.c.plant, t.flows.c.material).where(by_lot).distinct()
    return {(row.plant, row.material) for row in connection.execute(found)}


def points(connection: Connection, *, plant: str = "", material: str = "", period: str = "") -> list[Record]:
    """Return the passed, lost, held and waiting units of every reporting point of every flow.

    With a period (YYYY-MM) as documents had posted them by its end: the work in process of the month's closing.
    """
    flows, segments = t.flows, t.flow_segments
    found = select(flows, segments).join(segments, segments.c.flow == flows.c.id)
    found = found.order_by(flows.c.id, segments.c.position)
    result = []
    rows = connection.execute(restrict(found, flows, plant=plant, material=material)).all()
    posted = _sum_confirmed(connection, period) if period else {}
    nothing = Segment()
    for _, group in groupby(rows, key=lambda row: row.id):
        members = list(group)
        passed = [posted.get((row.id, row.point), nothing) if period else _sum_passed(row) for row in members]
        for row, segment, wip in zip(members, passed, [*work_in_process(passed), 0], strict=True):
            result.append(
                {
                    **fields(row, "plant", "material", "version", "cost_object", "point"),
                    "yield": format_quantity(segment.documented.good),
                    "scrap": format_quantity(segment.documented.scrap),
                    "lost": format_quantity(segment.lost),
                    "wip": format_quantity(wip),
                    "waiting": format_quantity(segment.waiting.passed),
                }
            )
    return result


def _sum_confirmed(connection: Connection, period: str) -> dict[tuple[str, str], Segment]:
    """Sum the confirmed units up to the end of a period, by flow and point, and those lost after the point."""
    papers, lines = t.documents.c, t.confirmations.c
    found = (
        select(papers.flow, lines.point, func.sum(lines.yield_), func.sum(lines.scrap), func.sum(lines.lost))
        .join_from(t.documents, t.confirmations, lines.document == papers.number)
        .where(papers.posting_date <= f"{period}-31")
        .group_by(papers.flow, lines.point)
    )
    return {
        (flow, point): Segment(units := Units(int(good), int(scrap)), units, int(lost))
        for flow, point, good, scrap, lost in connection.execute(found)
    }


def _sum_passed(row: Any) -> Segment:  # noqa: ANN401 - a row of flow_segments
    reported = Units(row.reported_yield, row.reported_scrap)
    return Segment(reported, Units(row.documented_yield, row.documented_scrap), row.lost)


def collectors(connection: Connection, *, plant: str = "", period: str = "") -> list[Record]:
    """Return debits, credits and balance of every cost object and period, and the balance of each cost element."""
    found = restrict(select(t.collectors), t.collectors, plant=plant, period=period).order_by(*t.collectors.primary_key)
    rows = connection.execute(found).all()
    result = []
    for (plant_, cost_object, period_), group in groupby(rows, key=lambda row: tuple(row[:3])):
        members = list(group)
        elements: dict[str, int] = {}
        for row in members:
            elements[row.element] = elements.get(row.element, 0) + row.amount
        result.append(
            {
                "plant": plant_,
                "cost_object": cost_object,
                "period": period_,
                "debits": format_quantity(sum(row.amount for row in members if row.amount > 0)),
                "credits": format_quantity(-sum(row.amount for row in members if row.amount < 0)),
                "balance": format_quantity(sum(row.amount for row in members)),
                "elements": {name: format_quantity(amount) for name, amount in sorted(elements.items())},
            }
        )
    return result


def backlog(
    connection: Connection,
    now: int,
    *,
    line: str = "",
    material: str = "",
    limit: int = 0,
    after: tuple[int, int] = (0, 0),
) -> list[Record]:
    """Return the open backlog records, oldest first; `limit` 0 is all. `after` is the one that the first one follows.

    UsageError if there is no record that the first one would follow.
    """
    columns = t.backlog.c
    found = select(t.backlog).where(OPEN_BACKLOG).order_by(columns.created_at, columns.document, columns.item)
    found = on_line(restrict(found, t.backlog, material=material), t.backlog, line)
    if any(after):
        of = columns.document == after[0], columns.item == after[1]
        at = connection.scalar(select(columns.created_at).where(*of))
        if at is None:
            raise UsageError(f"there is no record {format_number(after[0])}/{after[1]} for a page to follow")
        found = found.where(tuple_(columns.created_at, columns.document, columns.item) > tuple_(at, *after))
    return [
        {
            "document": format_number(row.document),
            **fields(row, "item", "plant", "line", "movement", "material", "location"),
            "quantity": format_quantity(row.required - row.issued - row.closed),
            "unit": row.unit,
            **{name: format_quantity(getattr(row, name)) for name in ("required", "issued", "closed")},
            **fields(row, "cause", "cost_object", "production_date"),
            "created_at": format_time(row.created_at),
            "age_s": max(0, now - row.created_at) // 1_000_000,
        }
        for row in connection.execute(found.limit(limit) if limit else found)
    ]


def batches_there(connection: Connection, places: Collection[tuple[str, str, str]]) -> list[tuple[StockKey, int]]:
    """Return the stock in batches of (plant, material, location), without sales-order stock."""
    columns = t.stock.c
    found = select(t.stock).where(columns.batch != "", columns.quantity > 0, columns.stock_type.in_(("", CONSIGNMENT)))
    found = found.where(columns.material.in_({material for _, material, _ in places})).order_by(*t.stock.primary_key)
    stock_there = ((StockKey(*row[:5]), int(row.quantity)) for row in connection.execute(found))
    return [(key, quantity) for key, quantity in stock_there if key[:3] in places]


def sum_backlog(connection: Connection, now: int, *, line: str = "", material: str = "") -> list[Record]:
    """Return the open backlog summed by material and location."""
    columns = t.backlog.c
    key = (columns.plant, columns.material, columns.location, columns.unit)
    missing = func.sum(columns.required - columns.issued - columns.closed).label("missing")
    oldest = func.min(columns.created_at).label("oldest")
    found = select(*key, missing, func.count().label("records"), oldest).where(OPEN_BACKLOG)
    found = on_line(restrict(found, t.backlog, material=material), t.backlog, line)
    return [
        {
            **fields(row, "plant", "material", "location"),
            "quantity": format_quantity(int(row.missing)),
            "unit": row.unit,
            "records": row.records,
            "created_at": format_time(row.oldest),
            "age_s": max(0, now - row.oldest) // 1_000_000,
        }
        for row in connection.execute(found.group_by(*key).order_by(*key))
    ]


class Entries(NamedTuple):
    """The quarantine entries to list; an empty field is all."""

    state: str = "open"
    line: str = ""
    """Plant, or plant/line."""
    device: str = ""
    code: str = ""
    until: int = 0
    """Microseconds UTC: entries that came later are left out; 0: none are."""
    after: int = 0
    """The entry that the first one follows in the list; 0: the list begins with the newest."""
    kind: str = ""
    since: int = 0
    """Microseconds UTC: entries that came earlier are left out."""


_MOST_AT_ONCE: Final = 1_000
OPEN_ENTRIES: Final = Entries()


def quarantine(connection: Connection, which: Entries = OPEN_ENTRIES, *, limit: int = LIMIT) -> list[Record]:
    """Return quarantine entries, newest first; the payload is inert text."""
    folded = t.quarantine_folds
    joined = select(t.quarantine, folded.c.messages, folded.c.last_entry, folded.c.last_at).outerjoin(folded)
    found = _restrict(joined, which).order_by(t.quarantine.c.number.desc()).limit(limit)
    return [
        {
            "number": format_number(row.number),
            **fields(row, "entry", "kind", "code", "text", "device", "plant", "line"),
            "yield": format_quantity(row.yield_),
            "scrap": format_quantity(row.scrap),
            **fields(row, "state", "reason"),
            "at": format_time(row.at),
            "topic": inert(row.topic.encode()),
            "payload": inert(row.payload),
            "messages": 1 + (row.messages or 0),
            "last_entry": row.last_entry or row.entry,
            "last_at": format_time(row.last_at or row.at),
        }
        for row in connection.execute(found)
    ]


def sum_quarantine(connection: Connection, which: Entries = OPEN_ENTRIES, *, limit: int = LIMIT) -> list[Record]:
    """Return quarantine entries summed by device and code, the most first: what many have in common is one cause."""
    columns, folds = t.quarantine.c, t.quarantine_folds.c
    count, key = func.count(), (columns.device, columns.code)
    messages = count + func.coalesce(func.sum(folds.messages), 0)
    last = func.max(func.coalesce(folds.last_at, columns.at))
    sums = [func.sum(columns[name]) for name in ("yield_", "scrap")]
    found = select(*key, count, messages, *sums, func.min(columns.at), last, func.max(columns.number))
    found = _restrict(found.outerjoin(t.quarantine_folds), which).group_by(*key)
    return [
        {
            "device": device,
            "code": code,
            "entries": entries,
            "messages": int(said),
            "yield": format_quantity(int(good)),
            "scrap": format_quantity(int(scrap)),
            "first_at": format_time(first_at),
            "last_at": format_time(last_at),
            "newest": format_number(newest),
        }
        for device, code, entries, said, good, scrap, first_at, last_at, newest in connection.execute(
            found.order_by(count.desc(), *key).limit(limit)
        )
    ]


def _restrict(found: Select[Any], which: Entries) -> Select[Any]:
    columns = t.quarantine.c
    if which.state == "open":
        found = found.where(OPEN)
    elif which.state:
        found = found.where(columns.state == which.state)
    if which.until:
        found = found.where(columns.at <= which.until)
    if which.since:
        found = found.where(columns.at >= which.since)
    if which.after:
        found = found.where(columns.number < which.after)
    named = {"device": which.device, "code": which.code, "kind": which.kind}
    return on_line(restrict(found, t.quarantine, **named), t.quarantine, which.line)


def sum_unknown(connection: Connection, device: str) -> Record | None:
    """Return the last place and kind of an unknown device, from its quarantine entries; None without any."""
    columns = t.quarantine.c
    own = select(t.quarantine).where(columns.device == device, columns.code == Reason.UNKNOWN_DEVICE)
    row = connection.execute(own.order_by(columns.number.desc()).limit(1)).first()
    if row is None:
        return None
    return {**fields(row, "plant", "line"), "kind": "scanner" if row.topic.endswith("/scan") else "counter"}


def open_quarantine(connection: Connection, device: str) -> list[str]:
    """Return the numbers of a device's open quarantine entries that no total closes, oldest first, at most 1,000."""
    columns = t.quarantine.c
    found = select(columns.number, columns.content, HEALED_BY_A_TOTAL.label("total"))
    found = found.where(OPEN, columns.device == device).order_by(columns.number).limit(_MOST_AT_ONCE)
    return [
        format_number(row.number) for row in connection.execute(found) if not (row.total and Cover.parse(row.content))
    ]


def worklist(connection: Connection, *, line: str = "") -> list[Record]:
    """Return the open dues summed by line, version, process, point and posting date, with their holds.

    Fixed items of a lot or shift are due for the same pieces as the rest: a document's pieces count once.
    """
    rows, flows = t.worklist_rows, t.flows
    key = ("plant", "line", "flow", "process", "segment", "posting_date", "timing")
    columns = [rows.c[name] for name in key]
    units = select(*columns, rows.c.document, func.count().label("rows"), func.max(rows.c.units).label("units"))
    due = on_line(units.where(OPEN), rows, line).group_by(*columns, rows.c.document, rows.c.explosion).subquery()
    of = (*(due.c[name] for name in ("plant", "line")), flows.c.material, flows.c.version,
          *(due.c[name] for name in ("process", "segment", "posting_date", "timing")))  # fmt: skip
    sums = (
        func.sum(due.c.rows).label("rows"),
        func.sum(due.c.units).label("units"),
        func.min(due.c.document).label("first"),
    )
    found = select(*of, *sums).join(flows, flows.c.id == due.c.flow).group_by(*of).order_by(*of)
    holds = select(t.holds).where(t.holds.c.held != 0)
    held = {(row.plant, row.line, row.process): row.actor for row in connection.execute(holds)}
    return [
        {
            **fields(row, "plant", "line", "material", "version", "process"),
            "point": row.segment,
            **fields(row, "posting_date", "timing"),
            "rows": int(row.rows),
            "units": format_quantity(int(row.units)),
            "first_document": format_number(row.first),
            "held_by": held.get((row.plant, row.line, row.process), held.get((row.plant, row.line, ""))),
        }
        for row in connection.execute(found)
    ]


def holds(connection: Connection, *, line: str = "") -> list[Record]:
    """Return the holds: line, process, actor, reason and time."""
    found = select(t.holds).where(t.holds.c.held != 0).order_by(*t.holds.primary_key)
    return [
        {**fields(row, "plant", "line", "process", "actor", "reason"), "at": format_time(row.at) if row.at else None}
        for row in connection.execute(on_line(found, t.holds, line))
    ]


def sum_worklist(connection: Connection, *, line: str = "") -> list[Record]:
    """Return the open rows of each line that has any: their number, the oldest posting date, the holds."""
    lines, rows = t.lines.c, t.worklist_rows.c
    of_line = rows.plant == lines.plant, rows.line == lines.line
    oldest = select(func.min(rows.posting_date)).where(OPEN, *of_line).scalar_subquery()
    found = select(t.lines, oldest.label("oldest")).where(lines.open_issues + lines.open_activities > 0)
    held = holds(connection, line=line)
    return [
        {
            **fields(row, "plant", "line"),
            "issues": row.open_issues,
            "activities": row.open_activities,
            "posting_date": row.oldest,
            "holds": [hold for hold in held if (hold["plant"], hold["line"]) == (row.plant, row.line)],
        }
        for row in connection.execute(on_line(found, t.lines, line).order_by(*t.lines.primary_key))
    ]
