"""The account of a person: the password, and the browsers in which this person has signed in."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.sections import WebSection
from gateway.web.accounts import Limits, WebAccounts
from gateway.web.guard import SESSION, Door, Endpoint, Guard, MenuEntry, address_of, is_private
from gateway.web.pages import Pages, remember
from gateway.web.passwords import PasswordDoor, fault_of
from gateway.web.rights import Visitor
from gateway.web.sign_in import begin_session


class AccountPages:
    """The pages of one's own account."""

    def __init__(
        self, pages: Pages, guard: Guard, accounts: WebAccounts, passwords: PasswordDoor, section: WebSection
    ) -> None:
        self._pages = pages
        self._guard = guard
        self._accounts = accounts
        self._passwords = passwords
        self._limits = Limits(section.session_idle, section.session_longest)

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            Door("/account", "GET", "board", of_person(self._show), menu=MenuEntry("admin", "account")),
            Door("/account/password", "POST", "board", of_person(self._change_password)),
            Door("/account/sessions/end", "POST", "board", of_person(self._end_session)),
        ]

    async def _show(self, request: Request) -> Response:
        return self._page(request)

    def _page(self, request: Request, fault: str = "", status: int = 200) -> Response:
        visitor: Visitor = request.state.visitor
        sessions = self._accounts.sessions(visitor.name, time.time(), self._limits)
        return self._pages.show(request, "account.html", status, sessions=sessions, fault=fault)

    async def _change_password(self, request: Request) -> Response:
        visitor: Visitor = request.state.visitor
        form = request.state.form
        new = form.get("new", "")
        if new != form.get("again", ""):
            return self._page(request, "not_the_same", 400)
        if fault_of(new) is not None:
            return self._page(request, "password_length", 400)
        hashed = await self._passwords.hash(new)
        now_s = time.time()
        async with OwnPassword(self._guard, self._accounts, self._passwords).change(request) as fault:
            if not fault:
                self._accounts.change_password(visitor.name, hashed)
                self._accounts.note(now_s, visitor.name, "password changed", visitor.name, address_of(request))
                # All sessions have ended, this one too: a new one goes on, so a person who knows the old one is out.
                secret = begin_session(request, self._accounts, visitor.name, hashed, "")
        if fault:
            return self._page(request, fault, 403)
        done = self._pages.show(request, "message.html", message="password_changed")
        return remember(request, done, SESSION, secret or "", self._limits.longest_s if secret else 0)

    async def _end_session(self, request: Request) -> Response:
        visitor: Visitor = request.state.visitor
        wanted = request.state.form.get("session", "")
        async with self._accounts.change():
            for session in self._accounts.sessions(visitor.name, time.time(), self._limits):
                if session.digest.hex() == wanted:
                    self._accounts.end_session(session.digest)
                    told = visitor.name, "session ended", session.address, address_of(request)
                    self._accounts.note(time.time(), *told)
        return RedirectResponse("/account", 303)


def of_person(work: Endpoint) -> Endpoint:
    """Let people alone through a door: programs and displays have no account."""

    async def judge(request: Request) -> Response:
        if request.state.visitor.kind != "session":
            return PlainTextResponse("refused: this page is of people who have signed in\n", 403)
        return await work(request)

    return judge


class OwnPassword:
    """The visitor's own password, asked once more before a grave change."""

    def __init__(self, guard: Guard, accounts: WebAccounts, passwords: PasswordDoor) -> None:
        self._guard = guard
        self.accounts = accounts
        self.passwords = passwords

    @asynccontextmanager
    async def change(self, request: Request) -> AsyncIterator[str]:
        """Begin a change of the accounts; yield why it may not be made, empty if it may."""
        if fault := await self.confirm(request):
            yield fault
            return
        async with self.accounts.change():  # the rights may change while the file is busy
            yield "" if self.may_stay(request.state.visitor) else "changed_meanwhile"

    async def confirm(self, request: Request) -> str:
        """Return why the visitor's own password, asked once more, is not taken; empty if it is right.

        Guesses count for this session alone: those of others do not keep out a person who has signed in.
        """
        visitor: Visitor = request.state.visitor
        name, address = visitor.name, address_of(request)
        if not is_private(request):
            return "insecure"
        said = request.state.form.get("password", "")
        stored, session = self.accounts.password_of(name), f"session {visitor.digest.hex()}"
        fault: str = await self.passwords.fault_in(stored, said, session)
        if not fault and not self.may_stay(visitor):
            fault = "changed_meanwhile"
        if fault:
            self.accounts.note(time.time(), name, "password refused", fault, address)
        return {"wrong_password": "wrong_own_password"}.get(fault, fault)

    def may_stay(self, visitor: Visitor) -> bool:
        """Return whether the visitor's right is still the same."""
        return self._guard.may_stay(visitor)
