"""Orders: planned orders as pages and programs add, change and close them, each by an import of its row.

A column that is left out stays as it is in force. A form brings the row along as it was seen, so that a change in
between is not overwritten.
"""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from sqlalchemy import Connection

from gateway.backflush.plant.snapshot import MasterData
from gateway.canonical import split
from gateway.ledger.reports.lists import OrderFilter, orders
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.rows import PlannedOrderRow
from gateway.masterdata.tables import TextTable
from gateway.web.acts import Act, ActField
from gateway.web.pages import read_place
from gateway.web.rights import Visitor

_TABLE: Final = PlannedOrderRow.table
_COLUMNS: Final = (*PlannedOrderRow.model_fields,)
_ORDER: Final = ActField("order", is_required=True, is_given=True)
_SEEN: Final = ActField("seen", "hidden")
_MADE: Final = ActField("made", "shown")
_WHAT: Final = (
    ActField("line", is_required=True),
    ActField("material", is_required=True),
    ActField("version"),
    ActField("quantity", is_required=True),
    ActField("start", "date", is_required=True),
    ActField("finish", "date"),
)


def add_order(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for an order that is not there yet, by its columns."""
    return _import_row(said, [])


def change_order(said: Mapping[str, Any]) -> dict[str, Any]:
    """Return the request for columns of an order, and for the row as it was `seen`, if that is said."""
    row = {column: cell for column, cell in said.items() if column != "seen"}
    return _import_row(row, [said.get("seen") or {"order": said.get("order", "")}])


def _import_row(row: Mapping[str, Any], seen: list[Any]) -> dict[str, Any]:
    return {"tables": {_TABLE: [dict(row)]}, "seen": {_TABLE: seen}}


# -- forms


def _row_of(said: Mapping[str, str]) -> dict[str, str]:
    """Return the cells that a form says, which sends no empty ones; plant and line are one field of it."""
    row = {column: said.get(column, "").strip() for column in _COLUMNS}
    row["plant"], row["line"] = read_place(row["line"])
    return row


def _add(said: Mapping[str, str]) -> dict[str, Any]:
    return add_order({column: cell for column, cell in _row_of(said).items() if cell})


def _change(said: Mapping[str, str]) -> dict[str, Any]:
    return change_order({**_row_of(said), "seen": _read_seen(said)})


def _close(said: Mapping[str, str]) -> dict[str, Any]:
    return change_order({"order": said.get("order", ""), "closed": "yes", "seen": _read_seen(said)})


def _read_seen(said: Mapping[str, str]) -> dict[str, str]:
    return dict(parse_qsl(said.get("seen", ""), keep_blank_values=True))


def _fill(
    connection: Connection, master: MasterData, visitor: Visitor, said: Mapping[str, str]
) -> dict[str, str] | None:
    """Return the fields of an order in force; None if the visitor sees none of this name."""
    name = said.get("order", "")
    table = TextTable(PlannedOrderRow, split(master_bytes(connection) or b""))
    row = next(table.under((name,)), None) if name else None
    if row is None or not visitor.sees(row.plant, row.line or "*"):
        return None
    cells = {column: row.cells().get(column, "") for column in _COLUMNS}
    found = orders(connection, master, OrderFilter(order=name))
    line = "/".join(filter(None, (row.plant, row.line)))
    closed = "yes" if row.closed else "no"
    return {**cells, "line": line, "closed": closed, "made": found[0]["reduced"] if found else "0",
            "seen": urlencode(cells)}  # fmt: skip


ORDER_ACTS: Final = (
    Act("/orders/add", "import", (ActField("order", is_required=True), *_WHAT), "/orders", has_preview=True,
        scope="plan", shape=_add),
    Act("/orders/change", "import", (_ORDER, _MADE, *_WHAT, ActField("closed", choices=("no", "yes")), _SEEN),
        "/orders", has_preview=True, scope="plan", shape=_change, fill=_fill),
    Act("/orders/close", "import", (_ORDER, _MADE, _SEEN), "/orders", has_preview=True, scope="plan", shape=_close,
        fill=_fill),
)  # fmt: skip
