"""Papers: the page of one document, with its trace in both directions, and that of one device."""

import time
from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response

from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import parse_whole
from gateway.errors import BackflushError, JournalUnavailable
from gateway.ledger.reports.devices import devices
from gateway.ledger.reports.postings import format_time
from gateway.ledger.reports.trace import journals, trace_device, trace_document
from gateway.service.local.telegrams import add_telegrams
from gateway.settings import Settings
from gateway.web.board import Board
from gateway.web.guard import Door, Guard
from gateway.web.ledger_reader import LedgerReader
from gateway.web.pages import Pages
from gateway.web.rights import Lack, Visitor
from gateway.web.tables import PageWords, Record, TableCell, link_order
from gateway.web.work_lists import DOCUMENT_COLUMNS, document_row, sum_document

_HEAD: Final = (
    "type line material version batch >yield >scrap >rework posting_date production_date shift entered_at=entered "
    "actor reason reference cost_object"
)
_PARTS: Final = {
    "confirmations": "point >yield >scrap >lost >rework reason",
    "items": "movement material >quantity unit location batch stock_type >amount currency cost_object origin",
    "activities": "activity >hours work_center cost_center >amount currency cost_object origin",
}
"""The tables of a document, and their columns."""
_MOST_TELEGRAMS: Final = 40
_DEVICE: Final = "state since line point role disabled stale_s heard_at=heard >quarantine change change_at plant"
_TOTALS: Final = "kind=counts >total >units >seq boot at >late"
_ENTRIES: Final = "number at code text kind >yield >scrap state >messages topic payload"


class Node(NamedTuple):
    """A line of a trace, and those under it."""

    cell: TableCell
    below: Sequence["Node"] = ()


class PaperPages:
    """The pages of single documents and devices."""

    def __init__(self, settings: Settings, pages: Pages, guard: Guard, reader: LedgerReader, board: Board) -> None:
        self._settings = settings
        self._pages = pages
        self._guard = guard
        self._reader = reader
        self._board = board

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            Door("/documents/{number}", "GET", "read", self._document),
            Door("/devices/{device}", "GET", "read", self._device),
        ]

    async def _document(self, request: Request) -> Response:
        number = parse_whole(request.path_params["number"])

        def read(connection: Connection) -> tuple[Record | None, str]:
            found = trace_document(connection, number) if number is not None else None
            return found, self._add_telegrams(connection, found) if found is not None else ""

        try:
            record, journal_away = await self._reader.ask(read)
        except BackflushError as error:
            return self._pages.explain(request, "documents", error)
        if record is None:
            return self._pages.show(request, "message.html", 404, message="no_document")
        visitor: Visitor = request.state.visitor
        if not visitor.sees(record["plant"], record["line"]):
            return self._guard.refuse(request, Lack("line"))
        words = PageWords(self._pages.language_of(request), self._reader.facts.master)
        currency = words.currency(record["plant"])
        of = {"plant": record["plant"], "currency": currency}
        tables = {
            name: words.table(columns, [{**of, **each} for each in record[name]]) for name, columns in _PARTS.items()
        }
        return self._pages.show(
            request, "document.html", record=record, words=words, tables=tables, asof=_now(words, record["plant"]),
            head=words.table(_HEAD, [sum_document(record)]),
            state=document_row(record, words), trace=[*_trace(record, words, visitor)], journal_away=journal_away,
        )  # fmt: skip

    def _add_telegrams(self, connection: Connection, record: dict[str, Any]) -> str:
        """Add the telegrams to the readings of a trace; return why the journal of this machine cannot be read."""
        try:
            add_telegrams(self._settings, record, journals(connection), _MOST_TELEGRAMS)
        except JournalUnavailable as error:
            return str(error)
        return ""

    async def _device(self, request: Request) -> Response:
        device, master = request.path_params["device"], self._reader.facts.master

        def read(connection: Connection) -> tuple[list[dict[str, Any]], Record | None]:
            found = devices(connection, master, device=device, silent=self._board.silent)
            return found, trace_device(connection, device)

        try:
            totals, traced = await self._reader.ask(read)
        except BackflushError as error:
            return self._pages.explain(request, "devices", error)
        visitor: Visitor = request.state.visitor
        known = master.devices.get(device)
        # The place of an unknown device is what its messages say: it makes the device of no line.
        is_mine = visitor.sees(known.plant, known.line) if known is not None else visitor.sees_all
        if not is_mine:
            return self._guard.refuse(request, Lack("line"))
        if not totals and traced is None:
            return self._pages.show(request, "message.html", 404, message="no_device")
        about = totals[0] if totals else {"plant": "", "line": ""}
        words = PageWords(self._pages.language_of(request), master)
        papers, entries = (
            [each for each in (traced[name] if traced else ()) if visitor.sees(each["plant"], each["line"])]
            for name in ("documents", "quarantine")
        )
        return self._pages.show(
            request, "device.html", device=device, about=about, words=words, asof=_now(words, about["plant"] or ""),
            head=words.table(_DEVICE, [about]),
            totals=words.table(_TOTALS, [each for each in totals if each["kind"]]),
            documents=words.table(
                DOCUMENT_COLUMNS, map(sum_document, papers), lambda record: document_row(record, words)
            ),
            quarantine=words.table(_ENTRIES, entries),
        )  # fmt: skip


def _now(words: PageWords, plant: str) -> TableCell:
    return words.moment(format_time(time.time_ns() // 1000), plant)


def _trace(record: Record, words: PageWords, visitor: Visitor) -> Iterable[tuple[str, list[Node]]]:
    """Yield the branches of a trace that are not empty, each with the key of its title."""

    def paper(other: Record) -> Node:
        """Name another document; of a line that is not the visitor's there is nothing but its number."""
        if not visitor.sees(other["plant"], other["line"]):
            return Node(TableCell(other["document"]))
        return Node(
            TableCell(_title(other, words), f"/documents/{other['document']}"),
            _readings(other["readings"], words, other),
        )

    def number(name: str) -> Node:
        return Node(TableCell(name, f"/documents/{name}"))

    def order(each: Record) -> Node:
        kind = "component" if each.get("component") else "point" if each["point"] else "own"
        point = words.texts["final"] if each["point"] == FINAL else each["point"]
        of = {"order": each["order"], "quantity": words.number(each["quantity"]), "point": point}
        text = words.texts[f"reduced_{kind}"].format(component=each.get("component", ""), **of)
        return Node(TableCell(text, link_order(each["order"], record["plant"], record["line"])))

    cause, more = record["caused_by_document"], record["more_origins"]
    rest = [Node(TableCell(words.texts["more_documents"].format(count=words.number(str(more)))))] if more else []
    dues = dict.fromkeys((_due(due, words), due["posted_by"]) for due in record["dues"])
    elsewhere = {posted for _, posted in dues} - {record["document"], None}
    branches = {
        "reversals": map(paper, record["reversals"]),
        "follows_from": map(paper, [cause] if cause else []),
        "followed_by": map(paper, record["caused"]),
        "posts_for": [*map(paper, record["origins"]), *rest],
        "processes": [Node(TableCell(text), [number(posted)] if posted in elsewhere else []) for text, posted in dues],
        "missing": [
            Node(TableCell(_missing(each, words)), [*map(number, each["issued_by"])]) for each in record["backlog"]
        ],
        "orders_reduced": map(order, record["orders"]),
        "readings": _readings(record["readings"], words, record),
    }
    for name, nodes in branches.items():
        if found := [*nodes]:
            yield name, found


def _title(record: Record, words: PageWords) -> str:
    made = " ".join(filter(None, (record["material"], record["version"])))
    units = f"{words.texts['col_yield']} {words.number(record['yield'])}" if record["confirmations"] else ""
    where = f"{record['plant']}/{record['line']}".strip("/")
    return "  ".join(filter(None, (record["document"], words.word(record["type"]), where, made, units)))


def _due(due: Record, words: PageWords) -> str:
    process, units = words.word(due["process"]), words.number(due["units"])
    return words.texts["due"].format(process=process, units=units, point=due["point"], state=words.word(due["state"]))


def _missing(each: Record, words: PageWords) -> str:
    numbers = {name: words.number(each[name]) for name in ("quantity", "required")}
    return words.texts["lacks"].format(
        material=each["material"], location=each["location"] or "-", unit=each["unit"], **numbers
    )


def _readings(readings: Sequence[Record], words: PageWords, record: Record) -> list[Node]:
    def node(each: Record) -> Node:
        text = words.texts["reading"].format(
            device=each["device"] or words.texts["by_hand"],
            count=words.number(str(each["readings"])),
            quantity=words.number(each["yield"]),
            scrap=words.number(each["scrap"]),
            first=words.moment(each["first_at"], record["plant"]).text,
            last=words.moment(each["last_at"], record["plant"]).text,
        )
        link = f"/devices/{quote(each['device'], safe='')}" if each["device"] else ""
        return Node(
            TableCell(text, link), [_telegram(some, words, record["plant"]) for some in each.get("telegrams", ())]
        )

    return [*map(node, readings)]


def _telegram(each: Record, words: PageWords, plant: str) -> Node:
    """Name a telegram as it was received, or the place where it is to be looked for."""
    if "topic" not in each:
        where = "gone" if "gone" in each else "unread" if "unread" in each else "elsewhere"
        whose = each.get("elsewhere", {})
        if where == "elsewhere" and not whose["gateway"]:
            where = "before"
        return Node(TableCell(words.texts[f"telegram_{where}"].format(entry=each["entry"], **whose)))
    told = words.moment(each["received_at"], plant).text, each["topic"] or words.word(each["kind"]), each["payload"]
    return Node(TableCell("  ".join(told)))
