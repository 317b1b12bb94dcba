"""The lists of the work pages: what each shows, and which report it asks.

Times, quantities and names are those of the reports; nothing is judged or computed here but what a page alone shows.
"""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import Any, Final

from sqlalchemy import Connection

from gateway.backflush.values.quantities import parse_whole
from gateway.canonical import split
from gateway.errors import UsageError
from gateway.ledger.reports import devices as devices_report
from gateway.ledger.reports import lists, postings, present, produced, used
from gateway.ledger.reports.document_filter import DocumentFilter
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.merge import find_changes
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import tables_in
from gateway.web.alert_lists import alerts_list
from gateway.web.board import Board
from gateway.web.gateway_list import list_gateways
from gateway.web.hour_lists import HOURS
from gateway.web.lists import Query, WorkList
from gateway.web.order_lists import ORDERS
from gateway.web.tables import Bar, PageWords, Record, TableCell
from gateway.web.task_lists import TASKS

_DOCUMENT_NAMES: Final = ("material", "type", "batch", "device", "actor", "order", "serial", "open")
DOCUMENT_COLUMNS: Final = (
    "document type line material version >yield >scrap *waiting=waits *reversal posting_date entered_at=entered actor "
    "batch orders plant"
)
_MOST_STOCK: Final = 2_000
_WAITING: Final = {
    "worklist rows": "/worklist?line={}",
    "backlog records": "/backlog?line={}",
    "open windows": "/windows?line={}",
    "quarantine entries": "/quarantine?line={}",
}
"""The page of what prevents the closing of a period in a plant."""


def _documents(connection: Connection, query: Query) -> Sequence[Record]:
    which: Any = {name: query.said[name] for name in _DOCUMENT_NAMES}
    after = parse_whole(query.after[0]) if query.after else 0
    if after is None:
        raise UsageError("the address of this page is damaged; begin with the first page")
    chosen = DocumentFilter(query.line, query.since, query.until, after=after, **which)
    return [*map(sum_document, postings.documents(connection, chosen, limit=query.limit))]


def sum_document(record: Record) -> Record:
    """Return a document as one row: without confirmations it has no pieces, and its orders count once."""
    orders = list(dict.fromkeys(reduction["order"] for reduction in record["orders"]))
    return {**record, "orders": orders, **({} if record["confirmations"] else {"yield": "", "scrap": ""})}


def document_row(record: Record, words: PageWords) -> Record:
    """Add what waits in the worklist, and the reversals of a document."""
    status: Mapping[str, str] = record["status"]
    waiting = [
        TableCell(f"{words.word(process)}: {words.word(status[process])}")
        for process in ("receipt", "issue", "activity")
        if status[process] not in ("posted", "none")
    ]
    reverses = [record["reverses"]] if record["reverses"] else []
    mark = "reversal_of" if reverses else "reversed_partly_by" if record["reversed"] == "partly" else "reversed_by"
    reversal = [TableCell(words.texts[mark].format(document=number), f"/documents/{number}")
                for number in reverses or record["reversed_by"]]  # fmt: skip
    return {**record, "waiting": waiting, "reversal": reversal}


def _stock(connection: Connection, query: Query) -> Sequence[Record]:
    which = present.StockFilter(query.place[0], query.said["material"], query.said["location"])
    if not (which.material or which.location) and present.is_more_stock(connection, which, _MOST_STOCK):
        raise UsageError(f"there are more than {_MOST_STOCK} stocks: choose a material or a location")
    found = present.stock(connection, query.master, which, limit=query.limit, after=query.after)
    known = query.master.materials
    named = ((record, known.get((record["plant"], record["material"]))) for record in found)
    return [{**record, "description": material.description if material else ""} for record, material in named]


def _costs(connection: Connection, query: Query) -> Sequence[Record]:
    found = present.collectors(connection, plant=query.place[0], period=query.said["period"])
    known = query.master.plants
    return [{**record, "currency": known[record["plant"]].currency if record["plant"] in known else ""}
            for record in found]  # fmt: skip


def _production(connection: Connection, query: Query) -> Sequence[Record]:
    return produced.sum_rows(_list_production(connection, query), query.said["by"] or produced.SHIFT)


def _list_production(connection: Connection, query: Query) -> list[dict[str, Any]]:
    plant, line = query.place
    days = {"since": query.said["since"], "until": query.said["until"]}
    return produced.production(connection, query.master, plant=plant, line=line, **days)


def _production_row(record: Record, _: PageWords) -> Record:
    most = max(Decimal(record["planned"]), Decimal(record["yield"]))
    made, planned = (int(100 * Decimal(record[name]) / most) if most else 0 for name in ("yield", "planned"))
    return {**record, "bar": Bar(made, planned)}


def _scrap(connection: Connection, query: Query) -> Sequence[Record]:
    """Return the scrap of the days by reason, with its share of the scrap of its line and material."""
    rows = produced.sum_rows(_list_production(connection, query), produced.TOTAL)
    reasons = query.master.scrap_reasons
    return [
        {
            **{name: row[name] for name in ("plant", "line", "material", "version")},
            "reason": reason,
            "description": reasons.get(reason, ""),
            "scrap": scrap,
            "whole": row["scrap"],
        }
        for row in rows
        for reason, scrap in row["scrap_by"].items()
    ]


def _scrap_row(record: Record, _: PageWords) -> Record:
    whole = Decimal(record["whole"])
    return {**record, "bar": Bar(int(100 * Decimal(record["scrap"]) / whole) if whole > 0 else 0)}


def _statistics(connection: Connection, query: Query) -> Sequence[Record]:
    plant, line = query.place
    days = {"since": query.said["since"], "until": query.said["until"]}
    return used.statistics(connection, query.master, plant=plant, line=line, **days)


def _runs(connection: Connection, query: Query) -> Sequence[Record]:
    after: Any = query.after or None
    return lists.runs(connection, line=query.line, material=query.said["material"], limit=query.limit, after=after)


def _periods(connection: Connection, query: Query) -> Sequence[Record]:
    return lists.periods(connection, query.master, query.now, plant=query.place[0])


def _periods_row(record: Record, words: PageWords) -> Record:
    hinders = [TableCell(f"{words.number(str(each['count']))} {words.word(each['what'])}",
                    _WAITING.get(each["what"], "").format(record["plant"])) for each in record["hinders"]]  # fmt: skip
    return {**record, "hinders": hinders}


def _holds(connection: Connection, query: Query) -> Sequence[Record]:
    return present.holds(connection, line=query.line)


def _holds_row(record: Record, words: PageWords) -> Record:
    return {**record, "process": record["process"] or words.texts["all_processes"]}


def _imports(connection: Connection, query: Query) -> Sequence[Record]:
    after: Any = query.after or None
    return [{**one.record, **_count_changes(one)} for one in lists.imports(connection, limit=query.limit, after=after)]


def _count_changes(one: lists.Import) -> Record:
    tables = find_changes(one.gone, one.came)
    sums = {kind: sum(of[kind] for of in tables.values()) for kind in ("added", "changed", "removed")}
    return {**sums, "tables": [*tables]}


def _imports_row(record: Record, _: PageWords) -> Record:
    return {**record, "digest": record["digest"][:12],
            "tables": [TableCell(name, f"/masterdata/{name}") for name in record["tables"]]}  # fmt: skip


def _corrections(connection: Connection, query: Query) -> Sequence[Record]:
    number, transaction = query.after or ("", "")
    after = parse_whole(number or "0")
    if after is None:
        raise UsageError("the address of this page is damaged; begin with the first page")
    which = DocumentFilter(query.line, query.since, query.until, actor=query.said["actor"], after=after)
    return lists.corrections(connection, which, limit=query.limit, transaction=transaction)


def _devices(board: Board, connection: Connection, query: Query) -> Sequence[Record]:
    """Return one record of each device: the report has one for each of its totals."""
    found = devices_report.devices(connection, query.master, line=query.line, silent=board.silent)
    first = {record["device"]: record for record in reversed(found)}
    return [{**record, "known": record["state"] != "seen"} for record in first.values()]


def _tables(connection: Connection, _: Query) -> Sequence[Record]:
    found = split(master_bytes(connection) or b"")
    return [{"table": name, "rows": len(found.get(name, ()))} for name in TABLES]


def _rows(table: str, connection: Connection, query: Query) -> Sequence[Record]:
    """Return the rows of a table as its file has them."""
    content = master_bytes(connection)
    rows = tables_in(content, (table,)).rows.get(table, ()) if content is not None else ()
    material, part = query.said.get("material"), query.said["find"].casefold()
    found = ({**dict.fromkeys(type(row).model_fields, ""), **row.cells()} for row in rows)
    return [cells for cells in found if not material or cells["material"] == material
            if part in " ".join(cells.values()).casefold()]  # fmt: skip


def _master_list(table: str) -> WorkList:
    columns = TABLES[table].model_fields
    named = ("material",) if "material" in columns else ()
    return WorkList(
        f"masterdata/{table}",
        " ".join(columns),
        TABLES[table].key_columns,
        partial(_rows, table),
        filters=(*named, "find"),
        reach="all",
        is_raw=True,
    )


LISTS: Final = (
    WorkList(
        "documents",
        f"{DOCUMENT_COLUMNS} | status reversed reversed_by reverses caused_by production_date shift rework "
        "material_document activity_document cost_object reason reference",
        ("document",),
        _documents,
        filters=("line", "since", "until", "type", "material", "batch", "device", "actor", "order", "serial", "open"),
        is_whole=False,
        row=document_row,
    ),
    WorkList(
        "production",
        "date shift line material *bar >yield >planned >percent >scrap scrap_by >rework version plant",
        ("date", "plant", "line", "shift", "material", "version"),
        _production,
        filters=("line", "since", "until", "by"),
        newest_first=True,
        days=7,
        row=_production_row,
    ),
    WorkList(
        "scrap",
        "line material reason description *bar >scrap >whole=scrap_whole version plant",
        ("plant", "line", "material", "version", "reason"),
        _scrap,
        filters=("line", "since", "until"),
        days=7,
        row=_scrap_row,
    ),
    WorkList(
        "statistics",
        "date shift line material measure detail >quantity >standard >difference unit >backlog version plant",
        ("date", "plant", "line", "shift", "material", "version", "measure", "detail", "unit"),
        _statistics,
        filters=("line", "since", "until"),
        newest_first=True,
        days=7,
    ),
    ORDERS,
    WorkList(
        "runs",
        "line material version start end batch sales_order sales_order_item revision actor plant",
        lists.RUN_KEY,
        _runs,
        filters=("line", "material"),
        is_whole=False,
    ),
    WorkList(
        "stock",
        "material description location >quantity unit batch stock_type plant",
        ("plant", "material", "location", "batch", "stock_type"),
        _stock,
        filters=("plant", "material", "location"),
        is_whole=False,
        reach="plants",
    ),
    WorkList(
        "costs",
        "cost_object period >debits >credits >balance currency elements plant",
        ("period", "plant", "cost_object"),
        _costs,
        filters=("plant", "period"),
        newest_first=True,
        reach="plants",
    ),
    WorkList(
        "periods",
        "period state hinders plant",
        ("period", "plant"),
        _periods,
        filters=("plant",),
        newest_first=True,
        reach="plants",
        row=_periods_row,
    ),
    WorkList(
        "holds",
        "line process at=since actor=held_by reason plant",
        ("plant", "line", "process"),
        _holds,
        filters=("line",),
        row=_holds_row,
    ),
    WorkList(
        "corrections",
        "at what line document text=became actor reason plant | transaction",
        ("document", "transaction"),
        _corrections,
        filters=("line", "since", "until", "actor"),
        is_whole=False,
    ),
    WorkList(
        "imports",
        "at actor >added >changed >removed tables reason digest",
        ("at", "digest"),
        _imports,
        is_whole=False,
        reach="all",
        row=_imports_row,
    ),
    WorkList("masterdata", "table >rows", ("table",), _tables, reach="all"),
    *map(_master_list, TABLES),
)
"""The lists that need nothing but the ledger."""


def all_lists(board: Board) -> list[WorkList]:
    """Return every list, with those that show what the process hears from the broker."""
    return [
        *LISTS,
        *TASKS,
        HOURS,
        WorkList(
            "devices",
            "device state line point role kind=counts >total since heard_at=heard >quarantine >late disabled change "
            "plant | units seq boot at change_at stale_s",
            ("known", "device"),
            partial(_devices, board),
            filters=("line",),
        ),
        alerts_list(board),
        list_gateways(board),
    ]
