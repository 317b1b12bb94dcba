"""Signing in and out, and the pairing of displays and scanners."""

import time
from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response

from gateway.errors import UsageError
from gateway.web.accounts import WebAccounts, digest_of
from gateway.web.connections import host_of
from gateway.web.guard import DISPLAY, SESSION, Door, address_of, cookie_name, is_private
from gateway.web.meters import LOGINS
from gateway.web.pages import A_YEAR_S, Pages, own_address, remember
from gateway.web.passwords import PasswordDoor


class SignIn:
    """The pages by which people and displays come in."""

    def __init__(self, pages: Pages, accounts: WebAccounts, passwords: PasswordDoor, session_longest: int) -> None:
        self._pages = pages
        self._accounts = accounts
        self._session_longest = session_longest
        self._passwords = passwords

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [
            Door("/login", "GET", None, self._sign_in_page),
            Door("/login", "POST", None, self._sign_in),
            Door("/logout", "POST", None, self._sign_out),
            Door("/pair", "GET", None, self._pair),
        ]

    async def _sign_in_page(self, request: Request) -> Response:
        if request.state.visitor is not None and request.state.visitor.kind == "session":
            return RedirectResponse(own_address(request.query_params.get("next", "")), 303)
        return self._pages.show(
            request, "login.html", next=own_address(request.query_params.get("next", "")), fault="", name=""
        )

    async def _sign_in(self, request: Request) -> Response:
        form: Mapping[str, str] = request.state.form
        name, address, now_s = form.get("name", "")[:100], address_of(request), time.time()

        def fail(fault: str, status: int) -> Response:
            LOGINS.labels(fault).inc()
            self._accounts.note(now_s, name, "login failed", fault, address)
            return self._pages.show(
                request, "login.html", status, next=own_address(form.get("next", "")), fault=fault, name=name
            )

        if not is_private(request):
            return fail("insecure", 403)
        # Guesses from elsewhere keep no one out where this person has signed in before.
        whence = f" at {address}" if self._accounts.has_come_from(name, address) else ""
        hashed, keys = self._accounts.password_of(name), (f"name {name}{whence}", f"address {address}")
        if fault := await self._passwords.fault_in(hashed, form.get("password", ""), *keys):
            return fail(fault, 429 if fault == "too_many" else 403)
        async with self._accounts.change():
            secret = begin_session(request, self._accounts, name, hashed, "")
        if secret is None:
            return fail("wrong_password", 403)
        LOGINS.labels("ok").inc()
        answer = RedirectResponse(own_address(form.get("next", "")), 303)
        return remember(request, answer, SESSION, secret, self._session_longest)

    async def _sign_out(self, request: Request) -> Response:
        visitor = request.state.visitor
        if visitor is not None and visitor.kind == "session":
            async with self._accounts.change():
                self._accounts.end_session(visitor.digest)
                self._accounts.note(time.time(), visitor.name, "logout", "", address_of(request))
        return remember(request, RedirectResponse("/login", 303), SESSION, "", 0)

    async def _pair(self, request: Request) -> Response:
        """Show a browser its code until a person has entered it; then lead it to the wall or to its scanner's page."""
        known = request.cookies.get(cookie_name(request, DISPLAY), "")
        paired = self._accounts.find_key(digest_of(known), time.time())
        if paired is not None:
            place, _, _ = paired.lines[0].partition("/")
            home = "/board?view=wall" if paired.kind == "display" else f"/scan/{place}/{paired.name}"
            return RedirectResponse(home, 303)
        if not is_private(request):
            return self._pages.show(request, "pair.html", 403, code="")
        secret = known or self._accounts.new_secret()
        try:
            async with self._accounts.change():
                code = self._accounts.offer_pairing(secret, time.time(), host_of(address_of(request)))
        except UsageError as error:
            return PlainTextResponse(f"{error}\n", 503)
        return remember(request, self._pages.show(request, "pair.html", code=code), DISPLAY, secret, A_YEAR_S)


def begin_session(request: Request, accounts: WebAccounts, name: str, hashed: str | None, how: str) -> str | None:
    """Begin a session of a person in place of the browser's own; None if the password is no longer the judged one."""
    now_s, before = time.time(), request.state.visitor
    secret = accounts.begin_session(name, now_s, hashed)
    if secret is not None:
        if before is not None and before.kind == "session":
            accounts.end_session(before.digest)
        accounts.note(now_s, name, "login", how, address_of(request))
    return secret
