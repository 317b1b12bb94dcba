"""The site: every room of pages, behind the guard.

A room is an object with `doors`: its routes, and the scope that each needs.
"""

import time
from sqlite3 import OperationalError
from typing import Protocol

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response
from starlette.routing import Route, compile_path
from starlette.types import ASGIApp

from gateway.settings import Settings
from gateway.web.account_pages import AccountPages, OwnPassword
from gateway.web.accounts import WebAccounts
from gateway.web.act_pages import ActPages
from gateway.web.admin_pages import AdminPages
from gateway.web.api.changes import ChangeDoor
from gateway.web.api.service import Api
from gateway.web.asking import Asking
from gateway.web.board import Board
from gateway.web.board_pages import BoardPages
from gateway.web.guard import Door, Guard
from gateway.web.invitation import Invitation, InvitationPages
from gateway.web.label_pages import LabelPages
from gateway.web.ledger_reader import LedgerReader
from gateway.web.metrics import MetricsPage
from gateway.web.pages import Pages, line_of, read_place
from gateway.web.paper_pages import PaperPages
from gateway.web.passwords import PasswordDoor
from gateway.web.preview import Previews
from gateway.web.problems import is_program, refuse
from gateway.web.rights import Place
from gateway.web.scan_check import ScanCheck
from gateway.web.scanner_pages import ScannerPages
from gateway.web.scans import Scans
from gateway.web.sign_in import SignIn
from gateway.web.traffic import watch
from gateway.web.upload_pages import UploadPages
from gateway.web.uploads import Uploads
from gateway.web.work_pages import WorkPages


class Room(Protocol):
    """Pages that belong together."""

    @property
    def doors(self) -> list[Door]:
        """Its routes."""


class Site:
    """The pages, over what the process knows."""

    def __init__(
        self, settings: Settings, accounts: WebAccounts, board: Board, reader: LedgerReader, asking: Asking
    ) -> None:
        self._board = board
        self._reader = reader
        self._pages = Pages(settings.web.language)
        self._guard = Guard(settings.web, accounts, self._pages.refuse)
        boards = BoardPages(self._pages, self._guard, board, reader, settings.board.page_every)
        self.stopping = boards.stopping
        self.scans = Scans(settings.mqtt.base_topic, self._pages, reader)
        self._accounts = accounts
        self._session_longest = settings.web.session_longest
        passwords = PasswordDoor(time.monotonic)
        previews = Previews(settings)
        uploads = Uploads(settings, asking)
        own = OwnPassword(self._guard, accounts, passwords)
        self._rooms: list[Room] = [
            SignIn(self._pages, accounts, passwords, self._session_longest),
            boards,
            MetricsPage(board, settings.web),
            WorkPages(self._pages, reader, board),
            PaperPages(settings, self._pages, self._guard, reader, board),
            LabelPages(self._pages, self._guard, reader),
            ActPages(self._pages, asking, reader, previews),
            self.scans,
            ScanCheck(self._pages),
            Api(settings, board, reader, ChangeDoor(asking, previews, uploads)),
            UploadPages(self._pages, reader, uploads),
            AccountPages(self._pages, self._guard, accounts, passwords, settings.web),
            AdminPages(self._pages, accounts, own, reader),
            ScannerPages(self._pages, own, reader, asking, settings.web.public_url),
        ]
        self._pages.doors = self.doors
        self._pages.master = lambda: reader.facts.master

    def invite(self, invitation: Invitation) -> None:
        """Let a person in by an invitation."""
        self._rooms.append(InvitationPages(self._pages, self._accounts, self._session_longest, invitation))

    @property
    def doors(self) -> list[Door]:
        """Every route."""
        return [
            Door("/", "GET", None, self._home),
            *(door for room in self._rooms for door in room.doors),
            Door("/static/{digest}/{name}", "GET", None, self._pages.assets.answer),
            Door("/healthz", "GET", None, self._is_alive),
            Door("/readyz", "GET", None, self._is_ready),
        ]

    def app(self) -> ASGIApp:
        """Make the application."""
        routes = [Route(door.path, self._guard.protect(door, place_of), methods=[door.method]) for door in self.doors]
        told = {
            404: self._missing, 405: self._explain_method, 500: self._explain_failure,
            OperationalError: self._explain_accounts,
        }  # fmt: skip
        rooms = Starlette(routes=routes, exception_handlers=told)
        rooms.router.redirect_slashes = False  # its address would have the scheme and host that the request claims
        return watch(self._guard.frame(rooms), {route.endpoint: route.path for route in routes})

    async def _home(self, _: Request) -> Response:
        return RedirectResponse("/board", 303)

    async def _is_alive(self, _: Request) -> Response:
        return PlainTextResponse("ok\n")

    async def _is_ready(self, _: Request) -> Response:
        there = {"broker": self._board.floor.connected, "ledger": self._reader.why_away is None}
        return JSONResponse(there, 200 if all(there.values()) else 503)

    async def _missing(self, request: Request, _: Exception) -> Response:
        if is_program(request):
            return refuse(request, 404, "there is no such address")
        request.state.visitor = self._guard.visitor_of(request)
        return self._pages.show(request, "message.html", 404, message="no_page")

    async def _explain_method(self, request: Request, _: Exception) -> Response:
        allowed = {door.method for door in self.doors if compile_path(door.path)[0].fullmatch(request.url.path)}
        methods = sorted(allowed | ({"HEAD"} if "GET" in allowed else set()))
        return refuse(request, 405, f"expected one of {', '.join(methods)}", {"allow": ", ".join(methods)})

    async def _explain_accounts(self, request: Request, error: Exception) -> Response:
        """Answer that the file of accounts cannot be used: the disk is full, or another program keeps it busy."""
        request.state.why = f"the accounts cannot be written: {error}"
        if is_program(request):
            return refuse(request, 503, request.state.why)
        return self._pages.show(request, "message.html", 503, message="accounts_away")

    async def _explain_failure(self, request: Request, _: Exception) -> Response:
        if is_program(request):
            return refuse(request, 500, "the web process has failed; its log says why")
        return self._pages.show(request, "message.html", 500, message="failed")


def place_of(request: Request) -> Place | None:
    """Return the line that a route is of, or the line or plant that its filter names."""
    if "line" in request.path_params:
        return line_of(request)
    named = request.query_params.get("line") or request.query_params.get("plant")
    return read_place(named) if named else None
