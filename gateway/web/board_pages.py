"""The board, the page of a line, and the stream that keeps them true."""

import asyncio
import time
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from gateway.errors import BackflushError
from gateway.web.board import Board, PageContent
from gateway.web.guard import DISPLAY, Door, Guard, MenuEntry, cookie_name
from gateway.web.ledger_reader import LedgerReader
from gateway.web.pages import A_YEAR_S, Pages, line_of, remember
from gateway.web.rights import Visitor
from gateway.web.stream import PageStream

_MOST_LINES: Final = 200


class BoardPages:
    """The pages that show lines as they are now."""

    def __init__(self, pages: Pages, guard: Guard, board: Board, reader: LedgerReader, page_every_s: float) -> None:
        self._pages = pages
        self._guard = guard
        self._board = board
        self._reader = reader
        self._page_every_s = page_every_s
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
        try:
            found = await self._reader.latest(*line_of(request), self._board.silent_at(line_of(request)))
        except BackflushError as error:
            return JSONResponse({"why": str(error)}, 503)
        return JSONResponse({**found, "now": time.time()})

    async def _stream(self, request: Request) -> Response:
        visitor: Visitor = request.state.visitor
        asked = [text for text in request.query_params.get("lines", "").split(",") if text]
        topics = frozenset({"lines", "days", *(["detail"] if request.query_params.get("detail") else [])})
        if "detail" in topics and "read" not in visitor.scopes:
            return PlainTextResponse("the details of a line need the right to read\n", 403)
        wanted = PageContent(topics, frozenset(asked[:_MOST_LINES]))  # type: ignore[arg-type]  # of the three topics
        return _Events(PageStream(self._board, wanted, visitor, lambda: self._guard.may_stay(visitor),
                              {"version": self._pages.version}, self.stopping))  # fmt: skip


class _Events(Response):
    """A stream, in the form of an answer."""

    def __init__(self, stream: PageStream) -> None:
        self.stream = stream
        self.background = None

    async def __call__(self, *asgi: Any) -> None:  # noqa: ANN401 - scope, receive and send
        await self.stream(*asgi)
