"""Work pages: what the ledger holds, as lists that are filtered, turned page by page, and taken along as CSV."""

import time
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from sqlalchemy import Connection
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.errors import BackflushError, BrokerUnavailable
from gateway.ledger.reports.postings import format_time
from gateway.web.board import Board
from gateway.web.guard import Door, Endpoint, Group, MenuEntry
from gateway.web.ledger_reader import LedgerReader
from gateway.web.lists import (
    MOST_CSV,
    PAGE,
    Field,
    Query,
    WorkList,
    cursor_of,
    cut_whole,
    fields_of,
    is_narrowed,
    key_of,
    print_csv,
    read_query,
)
from gateway.web.pages import Pages
from gateway.web.rights import Visitor
from gateway.web.tables import PageWords, Record
from gateway.web.texts import texts
from gateway.web.work_lists import all_lists

_GROUPS: Final[dict[str, Group]] = {
    **dict.fromkeys(("documents", "production", "hours", "scrap", "statistics", "orders", "runs"), "floor"),
    **dict.fromkeys(
        ("worklist", "windows", "backlog", "shortages", "quarantine", "periods", "holds", "corrections"), "tasks"
    ),
    **dict.fromkeys(("stock", "costs"), "books"),
    **dict.fromkeys(("devices", "alerts", "gateways", "masterdata", "imports"), "plant"),
}
_CSV_PAGE: Final = 500


class WorkPages:
    """The lists."""

    def __init__(self, pages: Pages, reader: LedgerReader, board: Board) -> None:
        self._pages = pages
        self._reader = reader
        self._board = board
        self._lists = all_lists(board)

    @property
    def doors(self) -> list[Door]:
        """The routes: a file and a page for each list; the tables of the master data share theirs."""
        own = [which for which in self._lists if not which.is_raw]
        return [
            *(Door(f"/{which.name}.csv", "GET", "read", self._file_of(which), which.reach) for which in own),
            *(
                Door(f"/{which.name}", "GET", "read", self._page_of(which), which.reach,
                     MenuEntry(_GROUPS[which.name], which.name) if which.name in _GROUPS else None)
                for which in own
            ),
            Door("/masterdata/{table}.csv", "GET", "read", self._of_table(self._file_of), "all"),
            Door("/masterdata/{table}", "GET", "read", self._of_table(self._page_of), "all"),
        ]  # fmt: skip

    def _of_table(self, make: Callable[[WorkList], Endpoint]) -> Endpoint:
        answers = {which.name.partition("/")[2]: make(which) for which in self._lists if which.is_raw}

        async def answer(request: Request) -> Response:
            found = answers.get(request.path_params["table"])
            return await found(request) if found else self._pages.show(request, "message.html", 404, message="no_page")

        return answer

    def _page_of(self, which: WorkList) -> Endpoint:
        async def answer(request: Request) -> Response:
            fields: Sequence[Field] = ()
            try:
                query = self._read(which, request)
                words = PageWords(self._pages.language_of(request), query.master)
                fields = [*fields_of(which, query, words, request.state.visitor)]
                found = await self._ask(which, query)
            except BackflushError as error:
                return self._explain(request, which, error, fields)
            return self._show(request, which, query, found, fields)

        return answer

    def _explain(
        self, request: Request, which: WorkList, error: BackflushError, fields: Sequence[Field] = ()
    ) -> Response:
        if not isinstance(error, BrokerUnavailable):
            return self._pages.explain(request, which.name, error, fields)
        told = {"why": str(error), "meaning": texts(self._pages.language_of(request))["fault_broker"]}
        return self._pages.show(request, "fault.html", 503, name=which.name, remedy="remedy_broker", code="",
                                fields=(), **told)  # fmt: skip

    def _show(
        self, request: Request, which: WorkList, query: Query, found: Sequence[Record], fields: Sequence[Field]
    ) -> Response:
        visitor: Visitor = request.state.visitor
        words = PageWords(self._pages.language_of(request), query.master)
        records = found[:PAGE]
        lang = request.query_params.get("lang", "")
        kept = [(name, value) for name, value in {**query.said, "lang": lang}.items() if value]
        more = urlencode([*kept, ("after", cursor_of(which, records[-1]))]) if len(found) > PAGE else ""
        table = words.table(which.columns, records, lambda record: which.row(record, words), is_raw=which.is_raw)
        return self._pages.show(
            request, f"{which.name.partition('/')[0]}.html", name=which.name, table=table, query=query,
            fields=fields, first=urlencode(kept), is_first=not query.after,
            more=more, lang=lang, asof=words.moment(format_time(query.now), query.place[0]),
            is_filtered=is_narrowed(which, query, visitor), beside=which.beside(words),
        )  # fmt: skip

    def _file_of(self, which: WorkList) -> Endpoint:
        async def answer(request: Request) -> Response:
            try:
                query = self._read(which, request)._replace(limit=(MOST_CSV if which.is_whole else _CSV_PAGE) + 1)
                found = await self._ask(which, query)
            except BackflushError as error:
                return self._explain(request, which, error)
            name = f'attachment; filename="{which.name.rpartition("/")[2]}.csv"'
            return StreamingResponse(
                self._lines(which, query, found), media_type="text/csv", headers={"content-disposition": name}
            )

        return answer

    async def _lines(self, which: WorkList, query: Query, found: Sequence[Record]) -> AsyncIterator[str]:
        """Print page after page, each of which is read as of its own moment; at most 10,000 records.

        If the ledger fails meanwhile the connection breaks, so that no file looks complete that is not.
        """
        done, size = 0, query.limit - 1
        while True:
            yield print_csv(which, found[:size], with_head=not done)
            done += size
            if len(found) <= size or done >= MOST_CSV:
                return
            found = await self._ask(which, query._replace(after=key_of(which, found[size - 1])))

    def _read(self, which: WorkList, request: Request) -> Query:
        now = time.time_ns() // 1000
        return read_query(which, request.query_params, request.state.visitor, self._reader.facts.master, now)

    async def _ask(self, which: WorkList, query: Query) -> Sequence[Record]:
        report = which.report
        if report is None:
            assert which.watch is not None
            if not self._board.floor.connected:
                raise BrokerUnavailable(str(self._board.floor.broker["why"]))
            return cut_whole(which, which.watch(query), query)

        def read(connection: Connection) -> Sequence[Record]:
            found = report(connection, query)
            return cut_whole(which, found, query) if which.is_whole else found

        read.__qualname__ = which.name.partition("/")[0]  # the name of its times in the metrics
        return await self._reader.ask(read)
