"""The list of planned orders, each of which leads to the documents that have made it."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Connection

from gateway.ledger.reports import lists
from gateway.web.lists import Query, WorkList
from gateway.web.tables import PageWords, Record, TableCell, link_order


def _orders(connection: Connection, query: Query) -> Sequence[Record]:
    which = lists.OrderFilter(query.line, query.said["material"], query.said["order"], bool(query.said["state"]))
    after: Any = query.after or None
    return lists.orders(connection, query.master, which, limit=query.limit, after=after)[::-1]


def _orders_row(record: Record, words: PageWords) -> Record:
    where = link_order(record["order"], record["plant"], record["line"] or "", page="documents")
    is_begun = Decimal(record["reduced"]) != 0
    return {**record, "papers": TableCell(words.texts["page_documents"], where) if is_begun else None}


ORDERS: Final = WorkList(
    "orders",
    "order line material version >quantity >reduced=made >open start finish closed *papers=documents plant "
    "| points used",
    ("start", "order"),
    _orders,
    filters=("line", "material", "order", "state"),
    is_whole=False,
    row=_orders_row,
)
