"""The board, the page of a line, and the stream that keeps them true."""

import asyncio
from collections import Counter
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gateway.errors import BackflushError
from gateway.web.board import Board, PageContent
from gateway.web.guard import DISPLAY, Door, Guard, MenuEntry, cookie_name
from gateway.web.ledger_reader import LedgerReader
from gateway.web.line_lists import LineLists
from gateway.web.pages import A_YEAR_S, Pages, line_of, remember
from gateway.web.problems import API
from gateway.web.rights import Visitor
from gateway.web.stream import PageStream

_MOST_LINES: Final = 200
_MOST_OF_VISITOR, _MOST_STREAMS = 128, 600
"""Streams of one person, program or display, and of all: other pages need connections as well."""
_LATER: Final = {"retry-after": "30"}


class BoardPages:
    """The pages that show lines as they are now."""

    def __init__(self, pages: Pages, guard: Guard, board: Board, reader: LedgerReader, page_every_s: float) -> None:
        self._pages = pages
        self._guard = guard
        self._board = board
        self._reader = reader
        self._lists = LineLists(reader)
        self._page_every_s = page_every_s
        self._open: Counter[tuple[str, str]] = Counter()
        self.stopping = asyncio.Event()
        """Set when the process is about to end: streams say so, and end."""

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            Door("/board", "GET", "board", self._board_page, menu=MenuEntry("floor", "board")),
            Door("/line/{plant}/{line}", "GET", "read", self._line_page),
            Door("/line/{plant}/{line}/latest", "GET", "read", self._latest),
            Door("/stream", "GET", "board", self._stream),
            Door(f"{API}/stream", "GET", "board", self._stream),
        ]

    async def _board_page(self, request: Request) -> Response:
        is_wall = request.query_params.get("view") == "wall"
        page = self._pages.show(request, "board.html", is_wall=is_wall, page_every_s=self._page_every_s)
        if request.state.visitor.kind != "display":
            return page
        # A browser forgets a cookie after a year: each night, when a wall is loaded again, the year begins again.
        return remember(request, page, DISPLAY, request.cookies[cookie_name(request, DISPLAY)], A_YEAR_S)

    async def _line_page(self, request: Request) -> Response:
        plant, line = line_of(request)
        return self._pages.show(request, "line.html", plant=plant, line=line, is_wall=False)

    async def _latest(self, request: Request) -> Response:
        place = line_of(request)
        try:
            found = await self._lists.of(place, self._board.silent_at(place))
        except BackflushError as error:
            return JSONResponse({"why": str(error)}, 503)
        plant = self._reader.facts.master.plants.get(place[0])
        return JSONResponse({"zone": plant.time_zone if plant is not None else None, **found.record})

    async def _stream(self, request: Request) -> Response:
        visitor: Visitor = request.state.visitor
        asked = [text for text in request.query_params.get("lines", "").split(",") if text]
        topics = frozenset({"lines", "days", *(["detail"] if request.query_params.get("detail") else [])})
        if "detail" in topics and "read" not in visitor.scopes:
            return PlainTextResponse("the details of a line need the right to read\n", 403)
        who = visitor.kind, visitor.name
        if self._open[who] >= _MOST_OF_VISITOR:
            return PlainTextResponse("too many pages of this visitor are open: close some\n", 429, _LATER)
        if self._open.total() >= _MOST_STREAMS:
            return PlainTextResponse("too many pages are open: try again later\n", 503, _LATER)
        wanted = PageContent(topics, frozenset(asked[:_MOST_LINES]))  # type: ignore[arg-type]  # of the three topics
        stream = PageStream(self._board, wanted, visitor, lambda: self._guard.may_stay(visitor),
                            {"version": self._pages.version}, self.stopping)  # fmt: skip
        return _Events(stream, self._open, who)


class _Events(Response):
    """A stream, in the form of an answer."""

    def __init__(self, stream: PageStream, streams: Counter[tuple[str, str]], who: tuple[str, str]) -> None:
        self._stream = stream
        self._open = streams
        self._who = who
        self.background = None

    async def __call__(self, *asgi: Any) -> None:  # noqa: ANN401 - scope, receive and send
        self._open[self._who] += 1
        try:
            await self._stream(*asgi)
        finally:
            self._open[self._who] -= 1
            if not self._open[self._who]:
                del self._open[self._who]
