"""The site: every page and route, with the scope that each needs."""

import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from gateway.errors import BackflushError, UsageError
from gateway.service.program import program_version
from gateway.settings import Settings
from gateway.web.accounts import WebAccounts
from gateway.web.assets import Assets
from gateway.web.board import Board, PageContent
from gateway.web.guard import DISPLAY, SESSION, Door, Guard, address_of, cookie_name, is_private
from gateway.web.ledger_reader import LedgerReader
from gateway.web.passwords import PasswordDoor
from gateway.web.rights import Place, Visitor
from gateway.web.stream import PageStream
from gateway.web.texts import choose_language, texts

_TEMPLATES: Final = Path(__file__).parent / "templates"
_A_YEAR_S: Final = 365 * 86_400
_MOST_LINES: Final = 200


class Site:
    """The pages, over what the process knows."""

    def __init__(self, settings: Settings, accounts: WebAccounts, board: Board, reader: LedgerReader) -> None:
        self._section = settings.web
        self._page_every_s = settings.board.page_every
        self._accounts = accounts
        self._board = board
        self._reader = reader
        self._guard = Guard(settings.web, accounts)
        self._passwords = PasswordDoor(time.monotonic)
        self._assets = Assets()
        self._templates = Environment(
            loader=FileSystemLoader(_TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
            lstrip_blocks=True)  # fmt: skip
        self._templates.globals["asset"] = self._assets.address
        self.stopping = asyncio.Event()
        """Set when the process is about to end: streams say so, and end."""

    @property
    def doors(self) -> list[Door]:
        """Every route."""
        return [
            Door("/", "GET", None, self._home),
            Door("/login", "GET", None, self._sign_in_page),
            Door("/login", "POST", None, self._sign_in),
            Door("/logout", "POST", None, self._sign_out),
            Door("/pair", "GET", None, self._pair),
            Door("/board", "GET", "board", self._board_page),
            Door("/line/{plant}/{line}", "GET", "read", self._line_page),
            Door("/line/{plant}/{line}/latest", "GET", "read", self._latest),
            Door("/stream", "GET", "board", self._stream),
            Door("/static/{digest}/{name}", "GET", None, self._assets.answer),
            Door("/healthz", "GET", None, self._is_alive),
            Door("/readyz", "GET", None, self._is_ready),
        ]

    def app(self) -> ASGIApp:
        """Make the application."""
        routes = [Route(door.path, self._guard.protect(door, place_of), methods=[door.method]) for door in self.doors]
        return self._guard.frame(
            Starlette(routes=routes, exception_handlers={404: self._missing, 500: self._explain_failure})
        )

    # -- pages

    def _show(self, request: Request, page: str, status: int = 200, **values: object) -> Response:
        language = choose_language(
            request.query_params.get("lang", ""), request.headers.get("accept-language", ""), self._section.language
        )
        visitor = getattr(request.state, "visitor", None)
        body = self._templates.get_template(page).render(
            t=texts(language), language=language, visitor=visitor, version=self._version, **values
        )
        return Response(body, status, media_type="text/html")

    @property
    def _version(self) -> str:
        return f"{program_version()}-{self._assets.digest}"

    async def _home(self, _: Request) -> Response:
        return RedirectResponse("/board", 303)

    async def _board_page(self, request: Request) -> Response:
        is_wall = request.query_params.get("view") == "wall"
        page = self._show(request, "board.html", is_wall=is_wall, page_every_s=self._page_every_s)
        if request.state.visitor.kind != "display":
            return page
        # A browser forgets a cookie after a year: each night, when a wall is loaded again, the year begins again.
        return _remember(request, page, DISPLAY, request.cookies[cookie_name(request, DISPLAY)], _A_YEAR_S)

    async def _line_page(self, request: Request) -> Response:
        plant, line = _place(request)
        return self._show(request, "line.html", plant=plant, line=line, is_wall=False)

    async def _latest(self, request: Request) -> Response:
        try:
            found = await self._reader.latest(*_place(request), self._board.silent_at(_place(request)))
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
                              {"version": self._version}, self.stopping))  # fmt: skip

    # -- signing in and out

    async def _sign_in_page(self, request: Request) -> Response:
        if request.state.visitor is not None and request.state.visitor.kind == "session":
            return RedirectResponse(_next_of(request.query_params), 303)
        return self._show(request, "login.html", next=_next_of(request.query_params), fault="", name="")

    async def _sign_in(self, request: Request) -> Response:
        form: Mapping[str, str] = request.state.form
        name, address, now_s = form.get("name", "")[:100], address_of(request), time.time()

        def fail(fault: str, status: int) -> Response:
            self._accounts.note(now_s, name, "login failed", fault, address)
            return self._show(request, "login.html", status, next=_next_of(form), fault=fault, name=name)

        if not is_private(request):
            return fail("insecure", 403)
        keys = f"name {name}", f"address {address}"
        if self._passwords.wait_s(*keys) > 0:
            return fail("too_many", 429)
        if not await self._passwords.is_right(self._accounts.password_of(name), form.get("password", ""), *keys):
            return fail("wrong_password", 403)
        if request.state.visitor is not None and request.state.visitor.kind == "session":
            self._accounts.end_session(request.state.visitor.digest)
        self._accounts.note(now_s, name, "login", "", address)
        answer = RedirectResponse(_next_of(form), 303)
        return _remember(
            request, answer, SESSION, self._accounts.begin_session(name, now_s), self._section.session_longest
        )

    async def _sign_out(self, request: Request) -> Response:
        visitor = request.state.visitor
        if visitor is not None and visitor.kind == "session":
            self._accounts.end_session(visitor.digest)
            self._accounts.note(time.time(), visitor.name, "logout", "", address_of(request))
        return _remember(request, RedirectResponse("/login", 303), SESSION, "", 0)

    async def _pair(self, request: Request) -> Response:
        """Show a display its code until a person has entered it; then lead it to the wall."""
        if request.state.visitor is not None and request.state.visitor.kind == "display":
            return RedirectResponse("/board?view=wall", 303)
        if not is_private(request):
            return self._show(request, "pair.html", 403, code="")
        secret = request.cookies.get(cookie_name(request, DISPLAY)) or self._accounts.new_secret()
        try:
            code = self._accounts.offer_pairing(secret, time.time())
        except UsageError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return _remember(request, self._show(request, "pair.html", code=code), DISPLAY, secret, _A_YEAR_S)

    # -- for machines

    async def _is_alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _is_ready(self, _: Request) -> Response:
        there = {"broker": self._board.floor.connected, "ledger": self._reader.why_away is None}
        return JSONResponse(there, 200 if all(there.values()) else 503)

    async def _missing(self, request: Request, _: Exception) -> Response:
        return self._show(request, "message.html", 404, message="no_page")

    async def _explain_failure(self, request: Request, _: Exception) -> Response:
        return self._show(request, "message.html", 500, message="failed")


class _Events(Response):
    """A stream, in the form of an answer."""

    def __init__(self, stream: PageStream) -> None:
        self.stream = stream
        self.background = None

    async def __call__(self, *asgi: Any) -> None:  # noqa: ANN401 - scope, receive and send
        await self.stream(*asgi)


def place_of(request: Request) -> Place | None:
    """Return the line that a route is of."""
    return _place(request) if "line" in request.path_params else None


def _place(request: Request) -> Place:
    return request.path_params["plant"], request.path_params["line"]


def _next_of(said: Mapping[str, str]) -> str:
    """Return the page to go on with: one of ours, never another site."""
    path = said.get("next", "")
    return path if path.startswith("/") and not path.startswith(("//", "/\\")) and path.isprintable() else "/board"


def _remember(request: Request, answer: Response, name: str, secret: str, seconds: int) -> Response:
    """Set a cookie that no script can read and no other site sends along; an empty one goes."""
    is_secure = request.url.scheme == "https"
    answer.set_cookie(cookie_name(request, name), secret, max_age=seconds, path="/", secure=is_secure, httponly=True,
                      samesite="lax")  # fmt: skip
    return answer
