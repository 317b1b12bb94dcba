"""The outbox: a target has not got the documents after its cursor yet.

Events are a function of documents, so nothing is stored twice and nothing can be missing: a target that was
away reads on from its cursor.
"""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, select

from gateway.backflush.values.documents import (
    HEAD_STRIDE,
    ActivityItem,
    Confirmation,
    Document,
    MaterialItem,
    Reduction,
)
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import reading
from gateway.ledger.store import row_values


class Shortage(NamedTuple):
    """A backlog record as it arose."""

    document: int
    item: int
    material: str
    location: str
    required: int
    unit: str
    cause: str


class Posted(NamedTuple):
    """A document with its postings."""

    document: Document
    confirmations: list[Confirmation]
    items: list[MaterialItem]
    activities: list[ActivityItem]
    shortages: list[Shortage]
    reductions: list[Reduction]


def read_outbox(url: str, number: int, limit: int) -> list[Posted]:
    """Read the next documents of a ledger over a connection of its own."""
    with reading(url) as connection:
        return documents_after(connection, number, limit)


def documents_after(connection: Connection, number: int, limit: int) -> list[Posted]:
    """Return the next documents of the head of `number`, in order, at most `limit`."""
    last = (number // HEAD_STRIDE + 1) * HEAD_STRIDE
    columns = t.documents.c
    wanted = select(t.documents).where(columns.number > number, columns.number < last).order_by(columns.number)
    posted = {row[0]: Posted(Document(*row), [], [], [], [], []) for row in connection.execute(wanted.limit(limit))}
    if not posted:
        return []
    low, high = min(posted), max(posted)
    for row in _between(connection, t.confirmations, low, high):
        posted[row[0]].confirmations.append(row_values.confirmation(row))
    for row in _between(connection, t.material_items, low, high):
        posted[row[0]].items.append(MaterialItem(*row))
    for row in _between(connection, t.activity_items, low, high):
        posted[row[0]].activities.append(ActivityItem(*row))
    for row in _between(connection, t.reductions, low, high):
        posted[row[0]].reductions.append(row_values.reduction(row))
    backlog = t.backlog.c
    shortages = select(*(backlog[name] for name in Shortage._fields)).where(backlog.document.between(low, high))
    for row in connection.execute(shortages.order_by(backlog.document, backlog.item)):
        posted[row[0]].shortages.append(Shortage(*row))
    return list(posted.values())


def _between(connection: Connection, table: Table, low: int, high: int) -> list[tuple[Any, ...]]:
    column = table.c.document
    rows = connection.execute(select(table).where(column.between(low, high)).order_by(*table.primary_key))
    return [tuple(row) for row in rows]
