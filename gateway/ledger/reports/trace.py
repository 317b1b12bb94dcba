"""The trace: from a document down to the readings that caused it, and up again.

    document -> the dues that it raised, and the documents that posted them
             -> the documents whose dues it posted (worklist), or whose shortage it works off (backlog)
             -> the documents that it reverses, or that reverse it
             -> the report that it follows from, or those that follow from it
             -> the readings: device, journal entries, units
    device, serial number, SSCC, batch, planned order -> the newest documents

A tree of plain values, for JSON and for a terminal. It goes one step in each direction; ask again for more.
Everything is found over an index.
"""

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, TextClause, func, select, text

from gateway.backflush.posting.serials import BESIDE
from gateway.backflush.values.documents import ISSUE, format_number
from gateway.backflush.values.quantities import format_quantity, parse_whole
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import CAUSED, CUMULATED, WITH_BATCH
from gateway.ledger.reports.devices import marks
from gateway.ledger.reports.document_filter import DocumentFilter, has_serial
from gateway.ledger.reports.postings import Record, documents, documents_of, fields
from gateway.ledger.reports.present import Entries, quarantine
from gateway.ledger.store.bulk import chunks

ORIGINS: Final = 100
"""The origin documents of a cumulated posting shown in full; the others are counted."""
NEWEST: Final = 20

# Literal, because a partial index is found only by its own condition.
_ISSUES_BACKLOG: Final = text("type = 'backlog'")


def trace_document(connection: Connection, number: int) -> Record | None:
    """Return a document with its dues, readings, origins, backlog and reversals; None if there is none."""
    found = documents_of(connection, [number])
    if not found:
        return None
    record = found[0]
    rows = t.worklist_rows
    own = connection.execute(_dues(rows.c.document == number)).all()
    posted = connection.execute(_dues(CUMULATED, rows.c.posted_by == number)).all()
    origins = sorted({due.document for due in posted} | _short(record))
    columns = t.documents.c
    following = select(columns.number).where(CAUSED, columns.caused_by == number).order_by(columns.number)
    caused = [format_number(n) for n in connection.scalars(following.limit(ORIGINS))]
    cause = [record["caused_by"]] if record["caused_by"] else []
    around = documents_of(connection, [*origins[:ORIGINS], *_reversals(record), *map(int, (*cause, *caused))])
    by_number = {some["document"]: some for some in around}
    return {
        **record,
        "dues": [_due(due) for due in own],
        "posted_dues": [_due(due) for due in posted],
        "backlog": [*_backlog(connection, t.backlog.c.document == number), *_elsewhere(connection, number, own)],
        "origins": [by_number[name] for n in origins[:ORIGINS] if (name := format_number(n)) in by_number],
        "caused_by_document": by_number.get(record["caused_by"]),
        "caused": [by_number[name] for name in caused],
        "more_origins": max(0, len(origins) - ORIGINS),
        "origin_readings": _readings(connection, origins),
        "reversals": [by_number[name] for n in _reversals(record) if (name := format_number(n)) in by_number],
    }


def trace_device(connection: Connection, device: str, limit: int = NEWEST) -> Record | None:
    """Return a device's marks, its newest documents and quarantine entries; None if it is unknown."""
    sources = t.sources
    newest = select(sources.c.document).where(sources.c.device == device).distinct()
    numbers = connection.scalars(newest.order_by(sources.c.document.desc()).limit(limit)).all()
    record = {
        "device": device,
        "marks": marks(connection, device),
        "documents": documents_of(connection, numbers)[::-1],
        "quarantine": quarantine(connection, Entries("", device=device), limit=limit),
    }
    return record if any(record[name] for name in ("marks", "documents", "quarantine")) else None


def trace_name(connection: Connection, name: str, limit: int = NEWEST) -> Record | None:
    """Return the newest documents of a serial number or SSCC, a batch or a planned order; None if nothing has the name.

    Its `documents` confirm a serial number or SSCC; those of a batch have made it (`made`) or used it as a component
    (`used`); `reducing` are those of a planned order.
    """
    confirmed = connection.execute(select(t.serials).where(has_serial(name)).order_by(t.serials.c.serial).limit(limit))
    names = [(row.serial.partition(BESIDE)[0], row.document) for row in confirmed]
    items = t.material_items.c
    used = select(items.document).where(WITH_BATCH, items.batch == name, items.process == ISSUE).distinct()
    numbers = connection.scalars(used.order_by(items.document.desc()).limit(limit)).all()
    record = {
        "name": name,
        "confirmed": [
            {
                "kind": text.partition(" ")[0],
                "point": text.rpartition(" ")[2],
                "document": format_number(number) if number else None,
            }
            for text, number in names
        ],
        "documents": documents_of(connection, [number for _, number in names])[::-1],
        "made": documents(connection, DocumentFilter(batch=name), limit=limit),
        "used": documents_of(connection, numbers)[::-1],
        "reducing": documents(connection, DocumentFilter(order=name), limit=limit),
    }
    return record if any(record[kind] for kind in record.keys() - {"name"}) else None


def journals(connection: Connection) -> dict[int, tuple[str, str]]:
    """Return the writer of each range of document numbers: gateway and journal."""
    columns = t.heads.c
    found = connection.execute(select(columns.ordinal, columns.gateway, columns.journal))
    return {row.ordinal: (row.gateway, row.journal) for row in found}


def _dues(*where: ColumnElement[bool] | TextClause) -> Select[Any]:
    columns = t.worklist_rows.c
    return select(t.worklist_rows).where(*where).order_by(columns.document, columns.process, columns.segment)


def _due(row: Any) -> Record:  # noqa: ANN401 - a row of worklist_rows
    return {
        "document": format_number(row.document),
        **fields(row, "process"),
        "point": row.segment,
        **fields(row, "flow", "scope", "explosion"),
        "units": format_quantity(row.units),
        **fields(row, "posting_date", "production_date", "shift", "timing", "state"),
        "mark": format_quantity(row.mark),
        "posted_by": format_number(row.posted_by) if row.posted_by else None,
        "reversed": format_quantity(row.reversed),
    }


def _short(record: Record) -> set[int]:
    """Return the document whose shortage a backlog document issues, or whose due was posted separately."""
    number = parse_whole(record["reference"].partition("/")[0])
    return {number} if number is not None and record["type"] in {"backlog", "worklist"} else set()


def _reversals(record: Record) -> list[int]:
    names = [*record["reversed_by"], *([record["reverses"]] if record["reverses"] else [])]
    return [int(name) for name in names]


def _backlog(connection: Connection, *where: ColumnElement[bool]) -> list[Record]:
    """Return backlog records, each with the documents that issued some of it."""
    records = connection.execute(select(t.backlog).where(*where).order_by(*t.backlog.primary_key)).all()
    return [_record(connection, row) for row in records]


def _record(connection: Connection, row: Any) -> Record:  # noqa: ANN401 - a row of backlog
    columns = t.documents.c
    reference = f"{format_number(row.document)}/{row.item}"
    issues = select(columns.number).where(_ISSUES_BACKLOG, columns.reference == reference)
    issued = connection.scalars(issues.order_by(columns.number)).all() if row.issued else []
    return {
        "document": format_number(row.document),
        **fields(row, "item", "material", "location", "unit", "cause", "reason"),
        "quantity": format_quantity(row.required - row.issued - row.closed),
        **{name: format_quantity(getattr(row, name)) for name in ("required", "issued", "closed")},
        "issued_by": [format_number(number) for number in issued],
    }


def _elsewhere(connection: Connection, number: int, own: Sequence[Any]) -> list[Record]:
    """Return the backlog of the documents that posted a document's issues."""
    posters = {due.posted_by for due in own if due.process == "issue"} - {0, number}
    return [row for some in chunks(sorted(posters)) for row in _backlog(connection, t.backlog.c.document.in_(some))]


def _readings(connection: Connection, origins: Sequence[int]) -> list[Record]:
    """Sum the readings of all origins by device: a cumulated posting leads to them directly."""
    columns = t.sources.c
    sums = [func.sum(columns[name]) for name in ("readings", "yield_", "scrap")]
    found = select(columns.device, func.min(columns.first_entry), func.max(columns.last_entry), *sums)
    total: dict[str, tuple[int, ...]] = {}
    for some in chunks(origins):
        of = found.where(columns.document.in_(some)).group_by(columns.device)
        for device, first, last, *units in connection.execute(of):
            before = total.get(device, (first, last, 0, 0, 0))
            added = (int(one) + more for one, more in zip(units, before[2:], strict=True))
            total[device] = min(first, before[0]), max(last, before[1]), *added
    return [
        {
            "device": device,
            "first_entry": first,
            "last_entry": last,
            "readings": readings,
            "yield": format_quantity(good),
            "scrap": format_quantity(scrap),
        }
        for device, (first, last, readings, good, scrap) in sorted(total.items())
    ]
