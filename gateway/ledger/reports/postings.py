"""Documents as data: each with its items, readings, confirmations and the state of its processes.

Names are those of the outside contract. Quantities, hours and amounts are decimal text, document numbers are printed,
times are ISO 8601 in UTC. Documents are found over an index, newest first, and their rows over their keys.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, Final

from sqlalchemy import Connection, Select, Table, exists, select

from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.values.documents import (
    ACTIVITY,
    ISSUE,
    RECEIPT,
    activity_document,
    format_number,
    material_document,
)
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import REVERSAL
from gateway.ledger.reports.document_filter import ALL_DOCUMENTS, DocumentFilter, find_documents
from gateway.ledger.store.bulk import chunks

Record = dict[str, Any]

LIMIT: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_PAYLOAD: Final = 1024
_TAKEN_BACK: Final = (t.confirmations, t.material_items, t.activity_items)

_Under = Mapping[Table, Sequence[Any]]
"""The rows of a document, by table."""


def format_time(at: int) -> str:
    """Print microseconds UTC as ISO 8601.

    >>> format_time(1_795_335_330_120_000)
    '2026-11-22T08:15:30.120Z'
    """
    return f"{(_EPOCH + timedelta(microseconds=at)).isoformat(timespec='milliseconds')[:-6]}Z"


def inert(data: bytes) -> str:
    r"""Print a payload as inert text: unprintable characters are spelled out.

    >>> inert(b'{"good":1}\x1b[2J'), inert(b"\xff")
    ('{"good":1}\\x1b[2J', '\\xff')
    """
    shown = data[:_PAYLOAD].decode(errors="backslashreplace")
    safe = "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in shown)
    return safe if len(data) <= _PAYLOAD else f"{safe}... ({len(data)} bytes)"


def documents(connection: Connection, which: DocumentFilter = ALL_DOCUMENTS, *, limit: int = LIMIT) -> list[Record]:
    """Return documents, newest first, with all that stands under them."""
    found = connection.execute(find_documents(connection, which).limit(limit)).all()
    return [record for rows in chunks(found) for record in _documents(connection, rows)]


def movements(connection: Connection, which: DocumentFilter = ALL_DOCUMENTS, *, limit: int = LIMIT) -> list[Record]:
    """Return goods movements, one per record: those of the newest documents that moved goods, at most `limit`."""
    papers, items = t.documents.c, t.material_items
    moved = find_documents(connection, which).with_only_columns(papers.number)
    moved = moved.where(exists().where(items.c.document == papers.number)).limit(limit)
    head = [papers[name] for name in ("number", "type", "plant", "line", "posting_date", "entered_at")]
    found = select(*head, *items.c).join_from(t.documents, items, items.c.document == papers.number)
    newest = (papers.entered_at.desc(), papers.number.desc())
    found = found.where(papers.number.in_(moved)).order_by(*newest, items.c.item)
    return [
        {
            "document": format_number(row.number),
            "material_document": material_document(row.number),
            **fields(row, "plant", "line", "type", "posting_date"),
            "entered_at": format_time(row.entered_at),
            **_item(row),
        }
        for row in connection.execute(found)
    ]


def documents_of(connection: Connection, numbers: Iterable[int]) -> list[Record]:
    """Return the existing documents of these numbers, in order."""
    result = []
    for some in chunks(sorted(set(numbers))):
        found = select(t.documents).where(t.documents.c.number.in_(some)).order_by(t.documents.c.number)
        result += _documents(connection, connection.execute(found).all())
    return result


def document_heads(
    connection: Connection, which: DocumentFilter = ALL_DOCUMENTS, *, limit: int = LIMIT
) -> list[Record]:
    """Return documents, newest first, without the rows under them and without their processes."""
    result = []
    for rows in chunks(connection.execute(find_documents(connection, which).limit(limit)).all()):
        numbers = [row.number for row in rows]
        reversed_by = _find_mirrors(connection, numbers)
        told = _under(connection, t.confirmations, numbers)
        # The movements of the few that are reversed say whether anything of them is left.
        under = {table: _under(connection, table, [*reversed_by]) for table in _TAKEN_BACK}
        back = {table: _under(connection, table, [*chain(*reversed_by.values())]) for table in _TAKEN_BACK}
        for row in rows:
            mirrors = reversed_by.get(row.number, ())
            own = {**_rows_of([row.number], under), t.confirmations: told.get(row.number, [])}
            result.append(_head(row, own, mirrors, _rows_of(mirrors, back)))
    return result


def _find_mirrors(connection: Connection, numbers: Sequence[int]) -> dict[int, list[int]]:
    """Return the reversals of each reversed document."""
    columns = t.documents.c
    result: dict[int, list[int]] = {}
    mirrors = select(columns.reverses, columns.number).where(REVERSAL, columns.reverses.in_(numbers))
    for number, mirror in connection.execute(mirrors.order_by(columns.number)):
        result.setdefault(number, []).append(mirror)
    return result


def _rows_of(numbers: Collection[int], under: Mapping[Table, Mapping[int, Sequence[Any]]]) -> _Under:
    return {table: [row for number in numbers for row in some.get(number, ())] for table, some in under.items()}


def _documents(connection: Connection, rows: Sequence[Any]) -> list[Record]:
    numbers = [row.number for row in rows]
    under = {table: _under(connection, table, numbers) for table in (*t.SEALED[1:], t.worklist_rows, t.backlog)}
    reversed_by = _find_mirrors(connection, numbers)
    back = {table: _under(connection, table, [*chain(*reversed_by.values())]) for table in _TAKEN_BACK}
    result = []
    for row in rows:
        mirrors = reversed_by.get(row.number, ())
        result.append(_document(row, _rows_of([row.number], under), mirrors, _rows_of(mirrors, back)))
    return result


def _head(row: Any, under: _Under, reversed_by: Collection[int], taken: _Under) -> Record:  # noqa: ANN401 - a row of documents
    reported = _print_report(under[t.confirmations])
    return {
        "document": format_number(row.number),
        **fields(row, "type", "plant", "line", "material", "version", "cost_object", "batch"),
        **fields(row, "posting_date", "production_date", "shift"),
        "entered_at": format_time(row.entered_at),
        "yield": format_quantity(sum(c.yield_ for c in reported)),
        "scrap": format_quantity(sum(c.scrap + c.lost for c in reported)),
        "rework": format_quantity(sum(c.rework for c in reported)),
        "reversed": "none" if not reversed_by else "partly" if _is_left(under, taken) else "whole",
        "reversed_by": [*map(format_number, reversed_by)],
        "reverses": format_number(row.reverses) if row.reverses else None,
        "caused_by": format_number(row.caused_by) if row.caused_by else None,
        **fields(row, "actor", "reason", "reference"),
    }


def _document(row: Any, under: _Under, reversed_by: Collection[int], taken: _Under) -> Record:  # noqa: ANN401 - a row of documents
    return {
        **_head(row, under, reversed_by, taken),
        "status": _status(under),
        "material_document": material_document(row.number) if under[t.material_items] else None,
        "activity_document": activity_document(row.number) if under[t.activity_items] else None,
        "confirmations": [_confirmation(c) for c in under[t.confirmations]],
        "items": [_item(item) for item in under[t.material_items]],
        "activities": [_activity(item) for item in under[t.activity_items]],
        "readings": [reading(source) for source in under[t.sources]],
        "orders": [print_reduction(r.planned_order, r.segment, r.quantity) for r in under[t.reductions]],
    }


def _print_report(confirmations: Sequence[Any]) -> Sequence[Any]:
    return [c for c in confirmations if not c.automatic] or confirmations


def _is_left(under: _Under, taken: _Under) -> bool:
    """Return whether a document has anything left: units, or without units movements and activities."""
    units = [c.yield_ + c.scrap + c.lost for c in _print_report(under[t.confirmations])]
    if any(units):
        return bool(sum(units) + sum(c.yield_ + c.scrap + c.lost for c in _print_report(taken[t.confirmations])))
    left: Counter[tuple[str, str]] = Counter()
    for item in (*under[t.material_items], *taken[t.material_items]):
        left[item.material, item.process] += item.quantity
    for work in (*under[t.activity_items], *taken[t.activity_items]):
        left[work.activity, ACTIVITY] += work.hours
    return any(left.values())


def _status(under: _Under) -> dict[str, str]:
    """Return the status of a document per process: by its own dues or, without dues, by its movements."""
    moved = {item.process for item in under[t.material_items]} | ({ACTIVITY} if under[t.activity_items] else set())
    short = any(record.required > record.issued + record.closed for record in under[t.backlog])
    status = {}
    for process in (RECEIPT, ISSUE, ACTIVITY):
        states = {row.state for row in under[t.worklist_rows] if row.process == process} - {"replaced"}
        if not states:
            status[process] = "posted" if process in moved else "none"
        elif len(states - {"withdrawn"}) > 1 or (process == ISSUE and short and states != {"withdrawn"}):
            status[process] = "partly"
        else:
            status[process] = min(states - {"withdrawn"}, default="withdrawn")
    segments = {reduction.segment for reduction in under[t.reductions]}
    status["orders"] = "posted" if segments else "none"
    status["capacity"] = "posted" if QUANTITY in segments else "none"
    return status


def _confirmation(row: Any) -> Record:  # noqa: ANN401 - a row of confirmations
    names = {"yield": "yield_", "scrap": "scrap", "lost": "lost", "rework": "rework"}
    said = {"reported": format_quantity(row.said_yield + row.said_scrap)}
    quantities = {name: format_quantity(getattr(row, column)) for name, column in names.items()}
    return {**fields(row, "point", "reason"), **quantities, **said, "automatic": bool(row.automatic)}


def _item(row: Any) -> Record:  # noqa: ANN401 - a row of material_items
    record = fields(row, "item", "origin", "process", "movement", "material", "location", "batch", "stock_type")
    return {
        **record,
        "quantity": format_quantity(row.quantity),
        "unit": row.unit,
        "amount": format_quantity(row.amount),
        "cost_object": row.cost_object,
    }


def _activity(row: Any) -> Record:  # noqa: ANN401 - a row of activity_items
    record = fields(row, "item", "origin", "work_center", "cost_center", "activity")
    worked = {"hours": format_quantity(row.hours), "amount": format_quantity(row.amount)}
    return {**record, **worked, "cost_object": row.cost_object}


def reading(row: Any) -> Record:  # noqa: ANN401 - a row of sources
    """Print the readings of one device behind a document."""
    return {
        **fields(row, "device", "first_entry", "last_entry", "readings"),
        "yield": format_quantity(row.yield_),
        "scrap": format_quantity(row.scrap),
        "first_at": format_time(row.first_at),
        "last_at": format_time(row.last_at),
        "spans_change": bool(row.spans_change),
    }


def print_reduction(order: str, segment: str, quantity: int) -> Record:
    """Print the reduction of an order.

    Of its own quantity, which has no point; of the requirements at a point; or of one component.
    """
    component = segment.removeprefix(COMPONENT) if segment.startswith(COMPONENT) else ""
    point = "" if component or segment == QUANTITY else segment
    of = {"component": component} if component else {}
    return {"order": order, "point": point, **of, "quantity": format_quantity(quantity)}


def fields(row: Any, *names: str) -> Record:  # noqa: ANN401 - a row of any table
    """Return columns of a row as they are, by name."""
    return {name: getattr(row, name) for name in names}


def restrict(found: Select[Any], table: Table, **wanted: str) -> Select[Any]:
    """Restrict a query to rows whose columns have these values; an empty value restricts nothing."""
    return found.where(*(table.c[name] == value for name, value in wanted.items() if value))


def on_line(found: Select[Any], table: Table, line: str) -> Select[Any]:
    """Restrict a query to a line, `plant/line`, or to a plant; empty is all."""
    plant, _, name = line.partition("/")
    return restrict(found, table, plant=plant, line=name)


def _under(connection: Connection, table: Table, numbers: Sequence[int]) -> dict[int, list[Any]]:
    """Return the rows of documents, by document, in the order of their keys."""
    result: dict[int, list[Any]] = {}
    found = select(table).where(table.c.document.in_(numbers)).order_by(*table.primary_key)
    for row in connection.execute(found):
        result.setdefault(row.document, []).append(row)
    return result
