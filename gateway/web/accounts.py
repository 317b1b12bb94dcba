"""Accounts: users, sessions, tokens, displays and scanners in a SQLite file of their own, `web.sqlite`.

The ledger stays what the journal makes of it. Secrets are 32 random bytes, of which the SHA-256 alone is stored. Each
change of an account, each login and each refusal is a line of the trail.
"""

import hashlib
import os
import secrets
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Final, NamedTuple, get_args

from gateway.errors import Unavailable, UsageError
from gateway.web.rights import SCOPES_OF, Role, Scope, Visitor
from gateway.web.trail import IS_REFUSAL, PATIENCE_S, Trail

_FORM: Final = 1
_TABLES: Final = """
CREATE TABLE users (name TEXT PRIMARY KEY, role TEXT NOT NULL, lines TEXT NOT NULL, password TEXT NOT NULL,
                    disabled INTEGER NOT NULL DEFAULT 0, created_s REAL NOT NULL) STRICT;
CREATE TABLE sessions (digest BLOB PRIMARY KEY, user TEXT NOT NULL REFERENCES users, csrf TEXT NOT NULL,
                       created_s REAL NOT NULL, used_s REAL NOT NULL) STRICT;
CREATE TABLE keys (digest BLOB PRIMARY KEY, kind TEXT NOT NULL, name TEXT NOT NULL, scopes TEXT NOT NULL,
                   lines TEXT NOT NULL, created_s REAL NOT NULL, expires_s REAL, used_s REAL,
                   UNIQUE (kind, name)) STRICT;
CREATE TABLE pairings (code TEXT PRIMARY KEY, digest BLOB NOT NULL, expires_s REAL NOT NULL) STRICT;
CREATE TABLE trail (at_s REAL NOT NULL, actor TEXT NOT NULL, what TEXT NOT NULL, object TEXT NOT NULL,
                    address TEXT NOT NULL) STRICT;
CREATE INDEX trail_at ON trail (at_s);
"""
_TOUCH_S: Final = 60.0
"""A session's last use is written once a minute at most."""
_AHEAD_S: Final = 3_600.0
"""A session whose times lie further ahead was begun while the clock was wrong, and would not end by itself."""
_PAIRING_S: Final = 300.0
_MOST_PAIRINGS: Final = 50
_MOST_PAIRINGS_HERE: Final = 10
"""Browsers of one host that wait to be paired: the others have a place beside them."""
TOKEN: Final = "bf_"  # noqa: S105 - the beginning of every token


class Limits(NamedTuple):
    """The seconds that a session lasts without use, and at most."""

    idle_s: int
    longest_s: int


class User(NamedTuple):
    """A person with an account."""

    name: str
    role: str
    lines: tuple[str, ...]
    disabled: bool


class Session(NamedTuple):
    """A browser in which a person has signed in."""

    digest: bytes
    created_s: float
    used_s: float
    address: str


class Key(NamedTuple):
    """A token, a display or a scanner."""

    kind: str
    name: str
    scopes: tuple[str, ...]
    lines: tuple[str, ...]
    created_s: float
    expires_s: float | None
    used_s: float | None


class AccountFault(UsageError):
    """A change of an account that cannot be made; `key` is that of its text on pages."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def digest_of(secret: str) -> bytes:
    """Return the digest by which a secret is found."""
    return hashlib.sha256(secret.encode()).digest()


class WebAccounts(Trail):
    """The file of accounts; several processes may have it open."""

    def __init__(self, path: Path, *, is_of_pages: bool = False) -> None:
        """Open the file, or create it for its owner alone.

        is_of_pages: nothing but `change` waits for a busy file, because everybody's pages would wait with it.
        """
        self._path = path
        self._offered: dict[bytes, str] = {}
        """The hosts of browsers that wait to be paired, in their order."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        super().__init__(sqlite3.connect(path, isolation_level=None, timeout=PATIENCE_S, check_same_thread=False))
        try:
            form = self._prepare()
        except sqlite3.DatabaseError as error:
            raise Unavailable(f"{path}: the accounts of the web pages cannot be used: {error}") from error
        if form not in (0, _FORM):
            raise UsageError(f"{path}: expected accounts of form {_FORM}, got {form}: a newer program has written it")
        if is_of_pages:
            self._file.execute("PRAGMA busy_timeout = 0")

    def _prepare(self) -> int:
        """Make the tables of a new file, and return the form of an older one."""
        self._file.execute("PRAGMA journal_mode = WAL")
        self._file.execute("PRAGMA foreign_keys = ON")
        with self._change():
            [form] = self._file.execute("PRAGMA user_version").fetchone()
            if form == 0:
                for statement in _TABLES.split(";"):
                    self._file.execute(statement)
                self._file.execute(f"PRAGMA user_version = {_FORM}")
            if form in (0, _FORM):
                self._file.execute(f"CREATE INDEX IF NOT EXISTS trail_refusals ON trail ({IS_REFUSAL})")
                self._file.execute(
                    "CREATE INDEX IF NOT EXISTS trail_logins ON trail (actor, address) WHERE what = 'login'"
                )
        return int(form)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    # -- users

    def add_user(self, name: str, role: Role, lines: Collection[str], password: str, now_s: float) -> None:
        """Add a user with a hashed password; UsageError if the name is taken."""
        assert role in get_args(Role)
        with self._change():
            _refuse_alike("user", name, (user.name for user in self.users()))
            row = (name, role, " ".join(lines), password, now_s)
            self._file.execute("INSERT INTO users (name, role, lines, password, created_s) VALUES (?, ?, ?, ?, ?)", row)

    def disable_user(self, name: str, *, undo: bool = False) -> None:
        """Disable a user and end its sessions, or enable it again; UsageError for an unknown one."""
        with self._change():
            self._set(name, "disabled", int(not undo))
            self._file.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def change_role(self, name: str, role: Role) -> None:
        """Give a user another role; AccountFault for an unknown one."""
        assert role in get_args(Role)
        self._set(name, "role", role)

    def change_lines(self, name: str, lines: Collection[str]) -> None:
        """Let a user see other lines; AccountFault for an unknown one."""
        self._set(name, "lines", " ".join(lines))

    def change_password(self, name: str, password: str) -> None:
        """Give a user another hashed password, and end its sessions; AccountFault for an unknown one."""
        with self._change():
            self._set(name, "password", password)
            self._file.execute("DELETE FROM sessions WHERE user = ?", (name,))

    def _set(self, name: str, column: str, value: object) -> None:
        done = self._file.execute(f"UPDATE users SET {column} = ? WHERE name = ?", (value, name))  # noqa: S608 - a column
        if not done.rowcount:
            raise AccountFault("no_user", f"there is no user {name}; `backflush web user list` lists them")

    def users(self) -> list[User]:
        """Return the users by name."""
        found = self._file.execute("SELECT name, role, lines, disabled FROM users ORDER BY name")
        return [User(name, role, tuple(lines.split()), bool(disabled)) for name, role, lines, disabled in found]

    def password_of(self, name: str) -> str | None:
        """Return the hashed password of a user; None for an unknown or disabled one."""
        found = self._file.execute("SELECT password FROM users WHERE name = ? AND disabled = 0", (name,)).fetchone()
        return found[0] if found else None

    # -- sessions

    def begin_session(self, user: str, now_s: float, judged: str | None) -> str | None:
        """Begin a session of a user, and return its secret; None if the hashed password is no longer the judged one."""
        secret = secrets.token_urlsafe(32)
        row = (digest_of(secret), secrets.token_urlsafe(24), now_s, now_s, user, judged)
        begun = self._file.execute(
            "INSERT INTO sessions SELECT ?, name, ?, ?, ? FROM users WHERE name = ? AND password = ? AND disabled = 0",
            row,
        )
        return secret if begun.rowcount else None

    def sessions(self, user: str, now_s: float, limits: Limits) -> list[Session]:
        """Return the sessions of a user that have not ended, the newest first."""
        found = self._file.execute(
            "SELECT digest, created_s, used_s, coalesce(max(address), '') FROM sessions"
            " LEFT JOIN trail ON at_s = created_s AND actor = user AND what = 'login'"
            " WHERE user = ? AND used_s > ? AND created_s > ? GROUP BY digest ORDER BY created_s DESC",
            (user, now_s - limits.idle_s, now_s - limits.longest_s),
        )
        return [Session(*row) for row in found]

    def end_session(self, digest: bytes) -> None:
        """End a session."""
        self._file.execute("DELETE FROM sessions WHERE digest = ?", (digest,))

    def find_session(self, digest: bytes, now_s: float, limits: Limits) -> Visitor | None:
        """Return the visitor of a session that has not ended."""
        found = self._file.execute(
            "SELECT name, role, lines, csrf, s.created_s, used_s FROM sessions s JOIN users ON name = user"
            " WHERE digest = ? AND disabled = 0 AND max(s.created_s, used_s) <= ?",
            (digest, now_s + _AHEAD_S),
        ).fetchone()
        if found is None:
            return None
        name, role, lines, csrf, created_s, used_s = found
        if now_s - used_s >= limits.idle_s or now_s - created_s >= limits.longest_s:
            with suppress(sqlite3.OperationalError):
                self.end_session(digest)
            return None
        return Visitor(name, "session", SCOPES_OF[role], tuple(lines.split()), digest, csrf)

    def touch(self, visitor: Visitor, now_s: float) -> None:
        """Note that a visitor has come again; a full disk or a locked file does not keep a board from its screen."""
        table = "sessions" if visitor.kind == "session" else "keys"
        text = f"UPDATE {table} SET used_s = ? WHERE digest = ? AND coalesce(used_s, 0) < ?"  # noqa: S608 - one of two names
        with suppress(sqlite3.OperationalError):
            self._file.execute(text, (now_s, visitor.digest, now_s - _TOUCH_S))

    # -- tokens, displays and scanners

    def add_token(
        self, name: str, scopes: Collection[Scope], lines: Collection[str], now_s: float, expires_s: float | None
    ) -> str:
        """Add a token of a program, and return its secret, which is nowhere else."""
        secret = TOKEN + secrets.token_urlsafe(32)
        self._add_key(digest_of(secret), Key("token", name, tuple(scopes), tuple(lines), now_s, expires_s, None))
        return secret

    def _add_key(self, digest: bytes, key: Key) -> None:
        with self._change():
            _refuse_alike(key.kind, key.name, (other.name for other in self.keys(key.kind)))
            row = (digest, key.kind, key.name, " ".join(key.scopes), " ".join(key.lines), *key[4:])
            self._file.execute("INSERT INTO keys VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row)

    def remove_key(self, kind: str, name: str) -> None:
        """Remove a token, display or scanner; UsageError for an unknown one."""
        if not self._file.execute("DELETE FROM keys WHERE kind = ? AND name = ?", (kind, name)).rowcount:
            raise AccountFault("no_key", f"there is no {kind} {name}; `backflush web {kind} list` lists them")

    def keys(self, kind: str) -> list[Key]:
        """Return the tokens, displays or scanners by name."""
        columns = "kind, name, scopes, lines, created_s, expires_s, used_s"
        found = self._file.execute(f"SELECT {columns} FROM keys WHERE kind = ? ORDER BY name", (kind,))  # noqa: S608 - columns
        return [Key(row[0], row[1], tuple(row[2].split()), tuple(row[3].split()), *row[4:]) for row in found]

    def find_key(self, digest: bytes, now_s: float) -> Visitor | None:
        """Return the visitor of a token, display or scanner that has not expired."""
        found: Any = self._file.execute(
            "SELECT kind, name, scopes, lines, expires_s FROM keys WHERE digest = ?", (digest,)
        ).fetchone()
        if found is None or (found[4] is not None and now_s >= found[4]):
            return None
        kind, name, scopes, lines, _ = found
        return Visitor(name, kind, frozenset(scopes.split()), tuple(lines.split()), digest)

    # -- pairing of displays and scanners

    def new_secret(self) -> str:
        """Return a secret for a display or scanner."""
        return secrets.token_urlsafe(32)

    def offer_pairing(self, secret: str, now_s: float, host: str) -> str:
        """Return a code of six digits for a browser that keeps a secret; it is the same for five minutes.

        One host keeps the others out neither alone nor with a few addresses.
        """
        with self._change():
            self._file.execute("DELETE FROM pairings WHERE expires_s NOT BETWEEN ?1 AND ?1 + ?2", (now_s, _PAIRING_S))
            known = self._file.execute("SELECT code FROM pairings WHERE digest = ?", (digest_of(secret),)).fetchone()
            if known is not None:
                return str(known[0])
            waiting = {row[0] for row in self._file.execute("SELECT digest FROM pairings")}
            self._offered = {digest: whence for digest, whence in self._offered.items() if digest in waiting}
            by_host = Counter(self._offered.values())
            if by_host[host] >= _MOST_PAIRINGS_HERE:
                raise UsageError("too many browsers wait to be paired")
            if len(waiting) >= _MOST_PAIRINGS:
                self._make_room(by_host, host)
            for _ in range(100):
                code = f"{secrets.randbelow(10**6):06d}"
                row = (code, digest_of(secret), now_s + _PAIRING_S)
                if self._file.execute("INSERT OR IGNORE INTO pairings VALUES (?, ?, ?)", row).rowcount:
                    self._offered[digest_of(secret)] = host
                    return code
        raise AssertionError("a million codes cannot be taken by fifty browsers")

    def _make_room(self, by_host: Counter[str], host: str) -> None:
        """Take the newest code from the host that has most of them; UsageError if this host would have as many."""
        crowd = max(by_host, key=by_host.__getitem__, default="")
        if by_host[host] + 1 >= by_host[crowd]:
            raise UsageError("too many browsers wait to be paired")
        newest = next(digest for digest in reversed(self._offered) if self._offered[digest] == crowd)
        self._file.execute("DELETE FROM pairings WHERE digest = ?", (newest,))

    def find_pairing(self, code: str, now_s: float) -> bytes:
        """Return the digest of the browser that shows a code; UsageError for an unknown or old code."""
        found = self._file.execute(
            "SELECT digest FROM pairings WHERE code = ?1 AND expires_s BETWEEN ?2 AND ?2 + ?3",
            (code, now_s, _PAIRING_S),
        ).fetchone()
        if found is None:
            raise AccountFault("no_code", "no browser shows this code at /pair; a code is good for five minutes")
        return bytes(found[0])

    def pair(self, code: str, name: str, lines: Collection[str], now_s: float) -> None:
        """Make a display of the browser that shows a code; UsageError for an unknown or old code."""
        self._pair(code, Key("display", name, ("board",), tuple(lines), now_s, None, None))

    def pair_scanner(self, code: str, device: str, plant: str, now_s: float) -> None:
        """Make a scanner of the browser that shows a code; another browser that was this scanner is it no more."""
        with self._change():
            self._file.execute("DELETE FROM keys WHERE kind = 'scanner' AND name = ?", (device,))
            self._pair(code, Key("scanner", device, ("scan",), (f"{plant}/_",), now_s, None, None))

    def _pair(self, code: str, key: Key) -> None:
        with self._change():
            self._add_key(self.find_pairing(code, key.created_s), key)
            self._file.execute("DELETE FROM pairings WHERE code = ?", (code,))


def _refuse_alike(kind: str, name: str, others: Iterable[str]) -> None:
    """Refuse a name that people take for another: one that differs from it in upper and lower case at most."""
    for other in others:
        if other.casefold() == name.casefold():
            raise AccountFault("name_taken", f"there is a {kind} {other} already")


def has_users(path: Path) -> bool:
    """Return whether a file of accounts has a user who may sign in."""
    if not path.exists():
        return False
    accounts = WebAccounts(path)
    try:
        return any(not user.disabled for user in accounts.users())
    finally:
        accounts.close()
