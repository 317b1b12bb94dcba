"""Requests as the ledger knows them: the lines of the records that one names, and the answer that it got."""

import json
from collections.abc import Collection
from typing import Any, Final

from sqlalchemy import Connection, Table, select, tuple_

from gateway.ledger.database import tables as t
from gateway.ledger.reports.postings import Record
from gateway.ledger.store.bulk import chunks

_ANSWER: Final = "status", "code", "text", "data"


def lines_of_documents(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return plant and line of each document; those that do not exist are left out."""
    return _lines_of(connection, t.documents, numbers)


def lines_of_entries(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return plant and line of each quarantine entry; those that do not exist are left out."""
    return _lines_of(connection, t.quarantine, numbers)


def lines_of_backlog(
    connection: Connection, records: Collection[tuple[int, int]]
) -> dict[tuple[int, int], tuple[str, str]]:
    """Return plant and line of each backlog record (document, item); those that do not exist are left out."""
    key = t.backlog.c.document, t.backlog.c.item
    found: dict[tuple[int, int], tuple[str, str]] = {}
    for names in chunks([*records]):
        wanted = select(*key, t.backlog.c.plant, t.backlog.c.line).where(tuple_(*key).in_(names))
        found |= {(row.document, row.item): (row.plant, row.line) for row in connection.execute(wanted)}
    return found


def lines_of_orders(connection: Connection, orders: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return plant and line of each planned order; those that do not exist are left out."""
    columns = t.orders.c
    found: dict[str, tuple[str, str]] = {}
    for some in chunks([*orders]):
        wanted = select(columns.planned_order, columns.plant, columns.line).where(columns.planned_order.in_(some))
        found |= {row.planned_order: (row.plant, row.line) for row in connection.execute(wanted)}
    return found


def find_settled_entries(connection: Connection, numbers: Collection[int]) -> dict[int, tuple[str, str]]:
    """Return the state of each quarantine entry that is open no longer, and the reason, which says who settled it."""
    columns = t.quarantine.c
    found: dict[int, tuple[str, str]] = {}
    for some in chunks([*numbers]):
        wanted = select(columns.number, columns.state, columns.reason)
        wanted = wanted.where(columns.number.in_(some), columns.state != "open")
        found |= {row.number: (row.state, row.reason) for row in connection.execute(wanted)}
    return found


def answer_to(connection: Connection, transaction: str) -> Record | None:
    """Return the answer that a transaction got, in the form of every answer; None if it is not known."""
    said = connection.scalar(select(t.commands.c.response).where(t.commands.c.command == transaction))
    return None if said is None else {"transaction": transaction, **dict(zip(_ANSWER, json.loads(said), strict=True))}


def asker_of(connection: Connection, transaction: str) -> str | None:
    """Return the actor of a transaction; None if it is not known."""
    return connection.scalar(select(t.commands.c.actor).where(t.commands.c.command == transaction))


def _lines_of(connection: Connection, table: Table, numbers: Collection[Any]) -> dict[int, tuple[str, str]]:
    columns = table.c
    found: dict[int, tuple[str, str]] = {}
    for some in chunks([*numbers]):
        wanted = select(columns.number, columns.plant, columns.line).where(columns.number.in_(some))
        found |= {row.number: (row.plant, row.line) for row in connection.execute(wanted)}
    return found
