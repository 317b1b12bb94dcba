"""The guard: every request passes it, and every route is judged here, by one function.

    421    the Host header is neither ours nor loopback: a foreign name may have been bound to this address
    403    a change that comes from another site, or without the text of its session; a token that could be read on
           its way; or the right is missing
    401    no account; a page leads to the sign-in instead

An answer carries the headers that keep foreign content out of a page, whatever route it is of.
"""

import hmac
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Literal, NamedTuple, get_args
from urllib.parse import parse_qsl, quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.sections import WebSection, is_loopback
from gateway.web.accounts import TOKEN, Limits, WebAccounts, digest_of
from gateway.web.problems import is_program, refuse
from gateway.web.rights import Lack, Need, Place, Reach, Visitor, find_lack

Endpoint = Callable[[Request], Awaitable[Response]]
SESSION, DISPLAY = "bf", "bf-display"
_SAFE: Final = frozenset({"GET", "HEAD"})
_MOST_FORM: Final = 16 << 10
_MOST_FIELDS: Final = 250
"""A person confirms up to 200 rows, one by one."""
_BROWSERS_OMIT: Final = {"https": ":443", "http": ":80"}
_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=(), usb=()",
    "content-security-policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "manifest-src 'self'; worker-src 'self'; media-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types bf"
    ),
}
_SCAN_POLICY: Final = _HEADERS["content-security-policy"].replace(
    "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'"
)
"""The pages of scanners read codes from the camera by WebAssembly."""


Group = Literal["floor", "tasks", "books", "plant", "admin"]
GROUPS: Final[tuple[Group, ...]] = get_args(Group)
"""The groups of the menu, in their order."""


class MenuEntry(NamedTuple):
    """The place of a page in the menu: its group, and the key of its name."""

    group: Group
    name: str


class Door(NamedTuple):
    """A route: its address, method, the scope that it needs (None: no account), and its work."""

    path: str
    method: str
    need: Need | None
    work: Endpoint
    reach: Reach = "lines"
    menu: MenuEntry | None = None
    """None: it is not in the menu."""
    read_form: Callable[[Request], Awaitable[Mapping[str, str]]] | None = None
    """Reads the body of a form that is not an ordinary one."""
    judges_place: bool = False
    """Whether its work judges the line that the address names."""


class Guard:
    """Finds out where a request comes from, and judges it."""

    def __init__(
        self, section: WebSection, accounts: WebAccounts, explain: Callable[[Request, Lack], Response]
    ) -> None:
        """Take what explains a refusal to a person, as a page."""
        self._accounts = accounts
        self._explain = explain
        self._limits = Limits(section.session_idle, section.session_longest)
        said = urlsplit(section.public_url)
        self._netloc = said.netloc.lower().removesuffix(_BROWSERS_OMIT.get(said.scheme, ":"))

    # -- the frame of every answer

    def frame(self, app: ASGIApp) -> ASGIApp:
        """Wrap the routes: foreign hosts are refused, and every answer gets its headers."""

        async def answer_framed(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                return
            is_secure = scope["scheme"] == "https"

            async def send_framed(message: Message) -> None:
                if message["type"] == "http.response.start":
                    headers = MutableHeaders(scope=message)
                    headers.update(_HEADERS)
                    if scope["path"].startswith("/scan/"):
                        headers["content-security-policy"] = _SCAN_POLICY
                    headers.setdefault("cache-control", "no-store")
                    if is_secure:
                        headers["strict-transport-security"] = "max-age=31536000"
                await send(message)

            if self._is_ours(Headers(scope=scope).get("host", "")):
                await app(scope, receive, send_framed)
            else:
                text = "this name is not the gateway's: [web] public_url is the address that people type"
                await refuse(Request(scope), 421, text)(scope, receive, send_framed)

        return answer_framed

    def _is_ours(self, host: str) -> bool:
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        return (bool(self._netloc) and host.lower() == self._netloc) or is_loopback(name)

    # -- the judgement of every route

    def protect(self, door: Door, place_of: Callable[[Request], Place | None]) -> Endpoint:
        """Wrap a route by its right."""

        async def judge_first(request: Request) -> Response:
            if not request.scope["path"].isprintable():
                raise HTTPException(404)  # no database takes a NUL, and nothing has such a name
            visitor = self.visitor_of(request, door.need)
            request.state.visitor = visitor
            if visitor is not None and visitor.kind == "token" and not is_private(request):
                return self.refuse(request, Lack("readable"))
            if door.need is not None:
                if visitor is None:
                    return _ask_to_sign_in(request)
                place = None if door.judges_place else place_of(request)
                lack = find_lack(visitor, door.need, place, door.reach)
                if lack is not None:
                    return self.refuse(request, lack)
            if door.method not in _SAFE:
                # The body of a program is read where it is understood.
                request.state.form = {} if is_program(request) else await (door.read_form or read_form)(request)
                if not self._is_same_site(request, visitor):
                    return self.refuse(request, Lack("site"))
            return await door.work(request)

        return judge_first

    def visitor_of(self, request: Request, need: Need | None = None) -> Visitor | None:
        """Return the visitor of a request: by its token, else by its session, else as a display or scanner.

        What a scanner does is its own, also where a person has signed in beside it.
        """
        now_s = time.time()
        said = request.headers.get("authorization", "")
        visitor = None
        if said.startswith(f"Bearer {TOKEN}"):
            return self._again(self._accounts.find_key(digest_of(said.removeprefix("Bearer ")), now_s), now_s)
        if need == "scan" and (secret := request.cookies.get(cookie_name(request, DISPLAY))) is not None:
            visitor = self._accounts.find_key(digest_of(secret), now_s)
        if visitor is None and (secret := request.cookies.get(cookie_name(request, SESSION))) is not None:
            visitor = self._accounts.find_session(digest_of(secret), now_s, self._limits)
        if visitor is None and (secret := request.cookies.get(cookie_name(request, DISPLAY))) is not None:
            visitor = self._accounts.find_key(digest_of(secret), now_s)
        return self._again(visitor, now_s)

    def _again(self, visitor: Visitor | None, now_s: float) -> Visitor | None:
        if visitor is not None:
            self._accounts.touch(visitor, now_s)
        return visitor

    def may_stay(self, visitor: Visitor) -> bool:
        """Return whether the right of a visitor who stays is still the same."""
        now_s = time.time()
        if visitor.kind == "session":
            found = self._accounts.find_session(visitor.digest, now_s, self._limits)
        else:
            found = self._accounts.find_key(visitor.digest, now_s)
        return self._again(found, now_s) == visitor

    def _is_same_site(self, request: Request, visitor: Visitor | None) -> bool:
        """Return whether a change comes from a page of ours; a token comes from no page."""
        if visitor is not None and visitor.kind == "token":
            return True
        site = request.headers.get("sec-fetch-site")
        if site is None:
            origin = f"{request.url.scheme}://{request.headers.get('host', '')}"
            site = "same-origin" if request.headers.get("origin") == origin else "none"
        said = request.headers.get("x-csrf") or request.state.form.get("csrf", "")
        mine = visitor.csrf if visitor is not None else ""
        return site == "same-origin" and (not mine or hmac.compare_digest(said.encode(), mine.encode()))

    def refuse(self, request: Request, refusal: Lack) -> Response:
        """Refuse a request, and note it in the trail and the log; a browser gets a page."""
        visitor: Visitor | None = request.state.visitor
        actor = visitor.name if visitor is not None else ""
        self._accounts.note(
            time.time(), actor, "refused", f"{request.method} {request.url.path}"[:200], address_of(request)
        )
        request.state.why = refusal.print("en", visitor)
        if _is_browser(request) and not is_program(request):
            return self._explain(request, refusal)
        return refuse(request, 403, f"refused: {request.state.why}")


def _is_browser(request: Request) -> bool:
    """Return whether a person waits for a page."""
    return "text/html" in request.headers.get("accept", "")


def _ask_to_sign_in(request: Request) -> Response:
    """Lead a page to the sign-in; a program gets the status alone."""
    if request.method in _SAFE and _is_browser(request):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(path, safe='')}", 303)
    return refuse(request, 401, "sign in first", {"www-authenticate": "Bearer"})


async def read_body(request: Request, most: int) -> bytes | None:
    """Read the body of a request; None if it is longer, or its sender has gone."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > most:
                return None
    except ClientDisconnect:
        return None
    return body


async def read_form(request: Request) -> Mapping[str, str]:
    """Read the fields of a form; a body that is too long, or has too many of them, has none."""
    body = await read_body(request, _MOST_FORM) or b""
    try:
        return dict(parse_qsl(body.decode("utf-8", "replace"), max_num_fields=_MOST_FIELDS))
    except ValueError:
        return {}


def cookie_name(request: Request, name: str) -> str:
    """Return the name of a cookie: over TLS one that no other host can set."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def address_of(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client is not None else ""


def is_private(request: Request) -> bool:
    """Return whether no one on the way can read a request: over TLS, or within this machine."""
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname or ""
    return request.url.scheme == "https" or (is_loopback(host) and is_loopback(address_of(request)))
