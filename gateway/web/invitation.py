"""An invitation: a link by which a person signs in without a password, once, within ten minutes.

Its secret is the fragment of the address, which a browser sends to no server: so it is in no log, and in no address of
a request. A script of the page takes it out of the address and posts it. The program that invites has it in memory
alone, as its digest.
"""

import hmac
import secrets
import time
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web.accounts import WebAccounts, digest_of
from gateway.web.guard import SESSION, Door, address_of
from gateway.web.meters import LOGINS
from gateway.web.pages import Pages, remember
from gateway.web.sign_in import begin_session

_GOOD_S: Final = 600.0
_HOW: Final = "invitation"


class Invitation:
    """An invitation of one user."""

    def __init__(self, user: str) -> None:
        self.user: Final = user
        secret = secrets.token_urlsafe(16)
        self.path: Final = f"/enter#{secret}"
        self._digest = digest_of(secret)
        self._until_s = time.monotonic() + _GOOD_S

    @property
    def is_open(self) -> bool:
        """Whether it can be used: it was not, and is not too old."""
        return time.monotonic() < self._until_s

    def accept(self, secret: str) -> bool:
        """Use it; return whether the secret is right and it was open."""
        is_right = self.is_open and hmac.compare_digest(digest_of(secret), self._digest)
        if is_right:
            self._until_s = 0.0
        return is_right


class InvitationPages:
    """The page that an invitation leads to."""

    def __init__(self, pages: Pages, accounts: WebAccounts, session_longest: int, invitation: Invitation) -> None:
        self._pages = pages
        self._accounts = accounts
        self._session_longest = session_longest
        self._invitation = invitation

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        return [Door("/enter", "GET", None, self._show), Door("/enter", "POST", None, self._enter)]

    async def _show(self, request: Request) -> Response:
        return self._pages.show(request, "enter.html", fault="")

    async def _enter(self, request: Request) -> Response:
        user, accounts = self._invitation.user, self._accounts
        async with accounts.change():  # first, so that a busy file does not use the invitation up
            is_right = self._invitation.accept(request.state.form.get("code", ""))
            secret = begin_session(request, accounts, user, accounts.password_of(user), _HOW) if is_right else None
        LOGINS.labels("ok" if secret else "wrong_link").inc()
        if secret is None:
            accounts.note(time.time(), "", "login failed", _HOW, address_of(request))
            return self._pages.show(request, "enter.html", 403, fault="wrong_link")
        return remember(request, RedirectResponse("/board", 303), SESSION, secret, self._session_longest)
