"""Lists besides the documents: orders, runs, periods, imports, corrections.

Records with the names of the outside contract. Long lists are read from their newest end, over an index, so a list of a
big ledger costs as much as it prints.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, exists, func, select, tuple_

from devices.errors import Rejection
from gateway.backflush.plant.explode import explode
from gateway.backflush.plant.orders import QUANTITY, Order
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.order_reduction import COMPONENT, open_need
from gateway.backflush.values.documents import ISSUE, NEED, format_number
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import format_quantity
from gateway.canonical import Texts, sides, split
from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import WITH_ACTOR
from gateway.ledger.reports.document_filter import ALL_DOCUMENTS, DocumentFilter, find_documents
from gateway.ledger.reports.planned import place_of, version_of
from gateway.ledger.reports.postings import LIMIT, Record, fields, format_time, on_line, restrict
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import chunks
from gateway.ledger.store.facts import months_undone, undone
from gateway.ledger.store.stored_imports import Stored, content_of, read_difference, read_imports, text_of


class OrderFilter(NamedTuple):
    """The planned orders to list; an empty field is all."""

    line: str = ""
    material: str = ""
    order: str = ""
    open_only: bool = False


ALL_ORDERS: Final = OrderFilter()


def orders(
    connection: Connection,
    master: MasterData,
    which: OrderFilter = ALL_ORDERS,
    *,
    limit: int = LIMIT,
    after: tuple[str, str] | None = None,
) -> list[Record]:
    """Return the planned orders that start last, by start, with the units made and the components still needed.

    after: start and number of an order; only those before it.

    Units that passed a point have reduced the needs of its operations (`points`); actual use that of the component
    (`used`). Components are those of the order's own list, else of the bill of material on its start, if the master
    data have it. A closed order needs nothing more, and is marked.
    """
    line, material, order, open_only = which
    columns = t.orders.c
    wanted = restrict(select(t.orders), t.orders, material=material, planned_order=order)
    start: ColumnElement[str] = columns.start_date
    if open_only:
        # Finished orders are many: they are read together with their segments, by the key of both, not by date.
        start = columns.start_date.concat("")
        reduced = t.order_segments.c
        done = and_(reduced.planned_order == columns.planned_order, reduced.segment == QUANTITY)
        wanted = wanted.where(~exists().where(done, reduced.reduced >= columns.quantity))
    plant, _, name = line.partition("/")
    if name:  # an order without a line belongs to the one that can make it
        wanted = wanted.where(columns.line.in_((name, "")))
    if after is not None:
        wanted = wanted.where(tuple_(start, columns.planned_order) < after)
    newest = restrict(wanted, t.orders, plant=plant).order_by(start.desc(), columns.planned_order.desc())
    closed = master.closed_orders if open_only else ()
    with connection.execute(newest.execution_options(yield_per=1_000)) as found:
        some = (row for row in found if row.planned_order not in closed)
        of_line = (row_values.order(row) for row in some if name in ("", row.line) or place_of(master, row)[0] == name)
        rows = [*islice(of_line, limit)]
    reduced_of: dict[str, dict[str, int]] = {}
    for names in chunks([row.order for row in rows]):
        segments = select(t.order_segments).where(t.order_segments.c.planned_order.in_(names))
        for name, segment, units in connection.execute(segments):
            reduced_of.setdefault(name, {})[segment] = units
    for row in rows:
        row.reduced = reduced_of.get(row.order, {})
    return [_order(row, master) for row in reversed(rows)]


def _order(order: Order, master: MasterData) -> Record:
    closed = order.order in master.closed_orders
    taken = [(name, format_quantity(units)) for name, units in sorted(order.reduced.items()) if name != QUANTITY]
    return {
        **fields(order, "order", "plant", "material", "version", "line", "start", "finish"),
        "quantity": format_quantity(order.quantity),
        "reduced": format_quantity(order.reduced.get(QUANTITY, 0)),
        "open": format_quantity(order.open(QUANTITY)),
        "points": {name: units for name, units in taken if not name.startswith(COMPONENT)},
        "used": {name.removeprefix(COMPONENT): units for name, units in taken if name.startswith(COMPONENT)},
        "components": list(_requirements(order, master, closed=closed)),
        "closed": closed,
    }


def _requirements(order: Order, master: MasterData, *, closed: bool) -> Iterator[Record]:
    """Yield the total and open need of each component of an order; nothing if it cannot be exploded."""
    version = version_of(master, order, order.start)
    explosion = explode(master, version, order.start, order=order) if not isinstance(version, Rejection) else version
    if isinstance(explosion, Rejection):
        return
    bare = replace(order, reduced={})
    used = (item.object for item in explosion.items if item.process in (ISSUE, NEED) and item.sign < 0)
    for component in dict.fromkeys(used):
        known = master.materials.get((order.plant, component))
        yield {
            "component": component,
            "quantity": format_quantity(open_need(explosion, bare, component)),
            "open": "0" if closed else format_quantity(open_need(explosion, order, component)),
            "unit": known.unit if known else "",
        }


RUN_KEY: Final = ("start", "plant", "line", "end", "material", "version", "batch")
"""The fields by which runs are told apart: one may have ended, and the next begun, within a millisecond."""


def runs(
    connection: Connection,
    *,
    line: str = "",
    material: str = "",
    limit: int = LIMIT,
    after: tuple[str, ...] | None = None,
) -> list[Record]:
    """Return the runs of lines, the newest first.

    after: the `RUN_KEY` of a run, as printed; only those before it.
    """
    columns = t.runs.c
    found = on_line(restrict(select(t.runs), t.runs, material=material), t.runs, line)
    key = (columns.start_at, columns.plant, columns.line)
    if after is not None:
        began, plant, name, *_ = after
        own = columns.plant == plant, columns.line == name
        printed = _read_printed(began)
        within = columns.start_at >= printed, columns.start_at < printed + _MILLISECOND
        there = connection.execute(select(t.runs).where(*own, *within).order_by(columns.start_at.desc())).all()
        if not there:
            raise UsageError(f"there is no run of {plant}/{name} since {began} for a page to follow")
        # If it has ended meanwhile it is the newest there: another one is rather shown twice than left out.
        same = [row for row in there if tuple(str(_run(row)[part] or "") for part in RUN_KEY) == after]
        found = found.where(tuple_(*key) < ((same or there)[0].start_at, plant, name))
    newest = (columns.plant, columns.line, columns.start_at.desc()) if "/" in line else [each.desc() for each in key]
    return [_run(row) for row in connection.execute(found.order_by(*newest).limit(limit))]


def _run(row: Any) -> Record:  # noqa: ANN401 - a row of runs
    return {
        **fields(row, "plant", "line"),
        "start": format_time(row.start_at),
        "end": format_time(row.end_at) if row.end_at else None,
        **fields(row, "material", "version", "batch", "sales_order", "sales_order_item", "revision", "actor"),
    }


_MILLISECOND: Final = 1_000


def _read_printed(text: str) -> int:
    """Return a time, microseconds UTC, that was printed by `format_time`; below 0: it was not.

    >>> _read_printed("2026-11-22T08:15:30.120Z"), _read_printed("yesterday")
    (1795335330120000, -1000)
    """
    try:
        at = round(datetime.fromisoformat(text).timestamp() * 1_000) * _MILLISECOND
        return at if format_time(at) == text else -_MILLISECOND
    except (ValueError, OverflowError):
        return -_MILLISECOND


def periods(
    connection: Connection, master: MasterData, now: int, *, plant: str = "", limit: int = LIMIT
) -> list[Record]:
    """Return the posting periods of each plant, newest first: those with production, closed ones, the current one.

    Each lists its unposted rows, which prevent closing; a closed one that was forced has what was left. One that was
    reopened is like one never closed.
    """
    columns = t.periods.c
    result = []
    for name in sorted({plant} if plant else master.plants):
        found = select(columns.period).where(columns.plant == name, columns.closed != 0)
        closed = set(connection.scalars(found.order_by(columns.period.desc()).limit(limit)))
        months = {*closed, *islice(_months(connection, name), limit)}
        left = months_undone(connection, name) if closed else set()
        if name in master.plants:
            months.add(master.plants[name].day(now).date[:7])
        for month in sorted(months, reverse=True)[:limit]:
            is_open = month not in closed
            hinders = undone(connection, name, month) if is_open or month in left else {}
            result.append(
                {
                    "plant": name,
                    "period": month,
                    "state": "open" if is_open else "closed",
                    "hinders": [{"what": what, "count": count} for what, count in hinders.items() if count],
                }
            )
    return result


def _months(connection: Connection, plant: str) -> Iterator[str]:
    """Yield the months with statistics, newest first, each found over the key."""
    columns = t.statistics.c
    newest = select(func.max(columns.date)).where(columns.plant == plant)
    date = connection.scalar(newest)
    while date is not None:
        yield date[:7]
        date = connection.scalar(newest.where(columns.date < date[:7]))


_CORRECTING: Final = (
    "hold", "release", "backlog-correct", "backlog-close", "quarantine-replay", "quarantine-dismiss", "period",
)  # fmt: skip
"""Requests that correct what no document holds."""
_BEGUN: Final = '["ok"%begins again at %'
"""The answer to the request that says where the totals of a device begin; the other requests of devices are imports."""


def corrections(
    connection: Connection, which: DocumentFilter = ALL_DOCUMENTS, *, limit: int = LIMIT, transaction: str = ""
) -> list[Record]:
    """Return the corrections of people, and reversals of the gateway, newest first: what, by whom and why.

    Of a filter line, times and actor count. What was refused has corrected nothing. The list follows the reversal
    `which.after`, or the request `transaction`; at the same time reversals come first.
    """
    columns = t.commands.c
    of_documents, at_most = which._replace(type="reversal"), [columns.at >= max(1, which.since)]
    if which.until:
        at_most.append(columns.at < which.until)
    if which.after:
        at = connection.scalar(select(t.documents.c.entered_at).where(t.documents.c.number == which.after))
        at_most += [columns.at <= at] if at is not None else []
    elif transaction:
        at = connection.scalar(select(columns.at).where(columns.command == transaction))
        if at is None:
            raise UsageError(f"there is no request {quote(transaction)} for a page to follow")
        at_most.append(tuple_(columns.at, columns.command) < (at, transaction))
        of_documents = of_documents._replace(until=min(at, which.until or at))
    reversals = connection.execute(find_documents(connection, of_documents).limit(limit))
    done = [
        {
            "at": row.entered_at,
            "what": "reverse",
            **fields(row, "plant", "line", "actor", "reason"),
            "document": format_number(row.number),
            "text": f"{format_number(row.number)} reverses document {format_number(row.reverses)}, or a part of it",
            "transaction": "",
        }
        for row in reversals
    ]
    is_begun = (columns.verb == "devices") & columns.response.like(_BEGUN)
    found = select(t.commands).where(columns.verb.in_(_CORRECTING) | is_begun, columns.response.startswith('["ok"'))
    found = on_line(restrict(found, t.commands, actor=which.actor), t.commands, which.line)
    found = found.where(*at_most)
    done += [
        {
            "at": row.at,
            "what": row.verb,
            **fields(row, "plant", "line", "actor", "reason"),
            "document": None,
            "text": json.loads(row.response)[2],
            "transaction": row.command,
        }
        for row in connection.execute(found.order_by(columns.at.desc(), columns.command.desc()).limit(limit))
    ]
    done.sort(key=lambda one: -one["at"])
    return [{**one, "at": format_time(one["at"])} for one in done[:limit]]


def refuse_unknown_actor(connection: Connection, actor: str) -> None:
    """Refuse a person or system by whom there is no document and no request."""
    documents, commands = t.documents.c, t.commands.c
    of_documents = select(documents.number).where(WITH_ACTOR, documents.actor == actor)
    for found in (of_documents, select(commands.command).where(commands.actor == actor)):
        if connection.execute(found.limit(1)).first() is not None:
            return
    raise UsageError(f"there is no document and no request by {quote(actor)}")


class Import(NamedTuple):
    """One import of master data, with the rows that it removed and added; a changed row is in both."""

    record: Record
    gone: Texts
    came: Texts


def imports(connection: Connection, *, limit: int = LIMIT, after: tuple[str, str] | None = None) -> Iterator[Import]:
    """Yield the imports, newest first: actor, time and reason, and the changes of each.

    after: time (as printed) and digest of an import; only those before it.
    """
    columns = t.master_tables.c
    found = read_imports(connection)
    named = [(format_time(one.at), one.digest) for one in found]
    if after is not None and after not in named:
        raise UsageError(f"there is no import {after[1][:12]} of {after[0]} for a page to follow")
    first = named.index(after) + 1 if after is not None else 0
    for number, one in enumerate(found[first : first + limit], first):
        own = columns.head == one.head, columns.sequence == one.sequence
        by = connection.execute(select(columns.actor, columns.reason).where(*own)).one()
        record = {"at": format_time(one.at), **fields(by, "actor", "reason"), "digest": one.digest}
        yield Import(record, *changes_of(connection, found, number))


def changes_of(connection: Connection, found: Sequence[Stored], number: int) -> tuple[Texts, Texts]:
    """Return the rows that an import removed and added, of the tables that it changed."""
    before = found[number + 1].digest if number + 1 < len(found) else ""
    if found[number].amends == before != "":
        return sides(read_difference(content_of(connection, found[number])) or {})
    was = split(text_of(connection, found, number + 1)) if before else {}
    return was, split(text_of(connection, found, number))


_OF_PLACES: Final = (t.lines, t.documents, t.runs, t.orders, t.stock, t.holds, t.quarantine)
_OF_MATERIALS: Final = (t.stock, t.flows, t.orders, t.runs, t.backlog)
_OF_DEVICES: Final = (t.device_marks, t.device_states, t.quarantine)


def mentions(connection: Connection, *, plant: str = "", line: str = "", material: str = "", device: str = "") -> bool:
    """Return whether the ledger has any row of a place, of a material there or of a device."""
    asked = {"plant": plant, "line": line, "material": material, "device": device}
    tables = _OF_DEVICES if device else _OF_MATERIALS if material else _OF_PLACES
    return any(
        connection.execute(restrict(select(table.primary_key.columns[0]), table, **asked).limit(1)).first() is not None
        for table in tables
        if {name for name, value in asked.items() if value} <= {*table.c.keys()}
    )
