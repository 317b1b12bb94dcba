"""Administration: users, tokens, displays, and the trail. Each change asks for the administrator's own password."""

import time
from collections.abc import Callable, Mapping
from typing import Final, NamedTuple

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from gateway.web.account_pages import OwnPassword, of_person
from gateway.web.accounts import AccountFault, User, WebAccounts
from gateway.web.guard import Door, Endpoint, MenuEntry, address_of
from gateway.web.ledger_reader import LedgerReader
from gateway.web.pages import Pages
from gateway.web.passwords import fault_of
from gateway.web.rights import ROLES, TOKEN_SCOPES, Role, faulty_pattern, is_name, unknown_patterns

_KINDS: Final = "token", "display"
_PAGE: Final = 100
_DAY_S: Final = 86_400
_MOST_DAYS: Final = 3_650
_MOST_PATTERNS: Final = 200
_FORBIDDEN, _BAD = 403, 400

Form = Mapping[str, str]
Show = Callable[[Request, str, int], Response]
Change = Callable[[Form, str], "_Done"]
"""Makes a change that a form says; the hash is that of its new password, empty without one."""


class _Done(NamedTuple):
    """A change that was made, as lines of the trail tell it."""

    what: tuple[str, ...]
    object: str


class AdminPages:
    """The pages of administrators."""

    def __init__(self, pages: Pages, accounts: WebAccounts, own: OwnPassword, reader: LedgerReader) -> None:
        self._pages = pages
        self._reader = reader
        self._own = own
        self._accounts = accounts

    @property
    def doors(self) -> list[Door]:
        """The routes."""
        doors = [
            admin_page("/admin/users", self._users, "users"),
            admin_change("/admin/users", self._add_user),
            admin_page("/admin/users/{name}", self._user),
            admin_change("/admin/users/{name}", self._change_user),
        ]
        for kind in _KINDS:
            path = f"/admin/{kind}s"
            doors += [admin_page(path, self._keys, f"{kind}s"), admin_change(f"{path}/remove", self._remove_key)]
        doors += [admin_change("/admin/tokens", self._add_token), admin_change("/admin/displays", self._add_display)]
        return [*doors, admin_page("/admin/trail", self._trail, "trail")]

    async def _change(self, request: Request, show: Show, change: Change) -> Response:
        """Make a change by a form; show the page again with what hinders it."""
        new = request.state.form.get("new", "")
        hashed = await self._own.passwords.hash(new) if fault_of(new) is None else ""
        try:
            async with self._own.change(request) as fault:
                if not fault:
                    done, now_s = change(request.state.form, hashed), time.time()
                    for what in done.what:
                        self._accounts.note(now_s, request.state.visitor.name, what, done.object, address_of(request))
        except AccountFault as error:
            return show(request, error.key, _BAD)
        return show(request, fault, _FORBIDDEN) if fault else RedirectResponse(_list_of(request), 303)

    # -- users

    async def _users(self, request: Request) -> Response:
        return self._show_users(request)

    def _show_users(self, request: Request, fault: str = "", status: int = 200) -> Response:
        users, said = self._accounts.users(), form_of(request)
        return self._pages.show(request, "admin_users.html", status, users=users, roles=ROLES, fault=fault, said=said,
                                unknown=self._unknown)  # fmt: skip

    def _unknown(self, lines: tuple[str, ...]) -> str:
        """Return the patterns of an account that name nothing maintained; none is known before the ledger is read."""
        facts = self._reader.facts
        return " ".join(unknown_patterns(lines, facts.master.plants, facts.lines)) if facts.digest else ""

    async def _add_user(self, request: Request) -> Response:
        def add(form: Form, hashed: str) -> _Done:
            name, role, lines = _name(form), _role(form), _lines(form)
            if not hashed:
                raise AccountFault("password_length", "expected a password")
            self._accounts.add_user(name, role, lines, hashed, time.time())
            return _Done((f"user added as {role}",), name)

        return await self._change(request, self._show_users, add)

    async def _user(self, request: Request) -> Response:
        return self._show_user(request)

    def _show_user(self, request: Request, fault: str = "", status: int = 200) -> Response:
        user = self._find(request)
        if user is None:
            return self._pages.show(request, "message.html", 404, message="no_page")
        return self._pages.show(request, "admin_user.html", status, user=user, roles=ROLES, fault=fault)

    async def _change_user(self, request: Request) -> Response:
        def change(form: Form, hashed: str) -> _Done:
            user = self._find(request)
            if user is None:
                raise AccountFault("no_user", "there is no such user")
            if user.name == request.state.visitor.name:
                raise AccountFault("own_account", "expected the rights of another person")
            if form.get("new") and not hashed:
                raise AccountFault("password_length", "expected a password")
            role, lines, is_disabled = _role(form), _lines(form), "disabled" in form
            what: list[str] = []
            if role != user.role:
                self._accounts.change_role(user.name, role)
                what.append(f"role {role}")
            if lines != user.lines:
                self._accounts.change_lines(user.name, lines)
                what.append(f"lines {' '.join(lines)}")
            if hashed:
                self._accounts.change_password(user.name, hashed)
                what.append("password changed")
            if is_disabled != user.disabled:
                self._accounts.disable_user(user.name, undo=not is_disabled)
                what.append("user disabled" if is_disabled else "user enabled")
            return _Done(tuple(what), user.name)

        return await self._change(request, self._show_user, change)

    def _find(self, request: Request) -> User | None:
        wanted = request.path_params["name"]
        return next((user for user in self._accounts.users() if user.name == wanted), None)

    # -- tokens and displays

    async def _keys(self, request: Request) -> Response:
        return self._show_keys(request)

    def _show_keys(self, request: Request, fault: str = "", status: int = 200, secret: str = "") -> Response:
        kind = _kind_of(request)
        keys = self._accounts.keys(kind)
        return self._pages.show(request, "admin_keys.html", status, kind=kind, keys=keys, scopes=TOKEN_SCOPES,
                                fault=fault, said=form_of(request), secret=secret, unknown=self._unknown)  # fmt: skip

    async def _add_token(self, request: Request) -> Response:
        secret = ""

        def add(form: Form, _: str) -> _Done:
            nonlocal secret
            name, lines, days = _name(form), _lines(form), form.get("days", "").strip()
            scopes = [scope for scope in TOKEN_SCOPES if f"scope_{scope}" in form]
            if not scopes:
                raise AccountFault("no_scope", "expected a scope")
            is_count = days.isascii() and days.isdecimal() and len(days) <= len(str(_MOST_DAYS))
            if days and not (is_count and 0 < int(days) <= _MOST_DAYS):
                raise AccountFault("bad_days", "expected days")
            now_s = time.time()
            expires_s = now_s + int(days) * _DAY_S if days else None
            secret = self._accounts.add_token(name, scopes, lines, now_s, expires_s)
            return _Done(("token added",), name)

        answer = await self._change(request, self._show_keys, add)
        # The token is shown here and nowhere else: an address would stay in logs.
        return self._show_keys(request, secret=secret) if secret else answer

    async def _add_display(self, request: Request) -> Response:
        def add(form: Form, _: str) -> _Done:
            name = _name(form)
            self._accounts.pair("".join(form.get("code", "").split()), name, _lines(form), time.time())
            return _Done(("display paired",), name)

        return await self._change(request, self._show_keys, add)

    async def _remove_key(self, request: Request) -> Response:
        def remove(form: Form, _: str) -> _Done:
            kind, name = _kind_of(request), form.get("name", "")
            self._accounts.remove_key(kind, name)
            return _Done((f"{kind} removed",), name)

        return await self._change(request, self._show_keys, remove)

    # -- the trail

    async def _trail(self, request: Request) -> Response:
        said = request.query_params.get("before", "")
        before = int(said) if said.isascii() and said.isdecimal() and len(said) < 19 else 1 << 62  # noqa: PLR2004 - digits of 64 bits
        lines = self._accounts.trail(_PAGE, before)
        older = lines[-1].number if len(lines) == _PAGE else None
        return self._pages.show(request, "admin_trail.html", lines=lines, older=older)


def admin_page(path: str, work: Endpoint, name: str = "") -> Door:
    """Return the route of a page, which shows and changes things of every line."""
    return Door(path, "GET", "admin", work, "all", MenuEntry("admin", name) if name else None)


def admin_change(path: str, work: Endpoint) -> Door:
    """Return the route of a form of such a page."""
    return Door(path, "POST", "admin", of_person(work), "all")


def _list_of(request: Request) -> str:
    """Return the address of the list that a change is of."""
    return "/".join(request.url.path.split("/")[:3])


def _kind_of(request: Request) -> str:
    """Return the kind of what a list shows."""
    return _list_of(request).removeprefix("/admin/").removesuffix("s")


def form_of(request: Request) -> Form:
    """Return what a form has said; nothing for a page that is asked for."""
    return getattr(request.state, "form", {})


def _name(form: Form) -> str:
    name = form.get("name", "").strip()
    if not is_name(name):
        raise AccountFault("bad_name", "expected another name")
    return name


def _role(form: Form) -> Role:
    for role in ROLES:
        if role == form.get("role"):
            return role
    raise AccountFault("bad_role", "expected a role")


def _lines(form: Form) -> tuple[str, ...]:
    lines = tuple(form.get("lines", "").replace(",", " ").split())
    if not lines or len(lines) > _MOST_PATTERNS or faulty_pattern(lines) is not None:
        raise AccountFault("bad_lines", "expected patterns of lines")
    return lines
