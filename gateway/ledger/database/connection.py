"""The connection to the ledger's database, set up for durable commits and isolated transactions.

SQLite       WAL and synchronous=FULL: a commit that returned survives a power cut; BEGIN IMMEDIATE: a writer
             locks before it reads, so that no update is lost; recursive triggers: INSERT OR REPLACE cannot bypass the
             protection of history
PostgreSQL   READ COMMITTED, synchronous commit, and sockets that notice a silent server within half a minute
"""

import os
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, Final
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, StaticPool

from gateway.addresses import public
from gateway.errors import LedgerUnavailable, UsageError, remedy_of

_SQLITE: Final = (
    "PRAGMA busy_timeout = 10000",
    "PRAGMA foreign_keys = ON",
    "PRAGMA recursive_triggers = ON",
    "PRAGMA temp_store = MEMORY",
)
_SQLITE_WRITER: Final = (
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    "PRAGMA fullfsync = ON",  # macOS: fsync alone stops at the drive's cache
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA wal_autocheckpoint = 4000",  # 16 MiB: big commits would otherwise checkpoint at every other one
    "PRAGMA journal_size_limit = 67108864",
    "PRAGMA cache_size = -65536",  # 64 MiB
)
_CONNECTION: Final = re.compile(
    r'connection to server (?:at|on socket) "([^"]+)"(?: \([^)]*\))?(?:, port (\d+))? failed: (.*?)'
    r"(?: Is the server running.*| Multiple connection attempts.*)?$"
)
"""PostgreSQL's driver refuses a login with these words, and then asks questions that no planner can answer."""
_STRAY: Final = re.compile(r"[:@#?;=\s]")
_SECRET: Final = re.compile(r"(?i)pass(?!file)|pwd|secret")
_NO_FILE: Final = {None, "", ":memory:"}
_POSTGRES: Final = {
    "connect_timeout": "10",
    "keepalives_idle": "10",
    "keepalives_interval": "5",
    "keepalives_count": "4",
    "tcp_user_timeout": "30000",
    "application_name": "backflush",
}
_FORBIDDEN: Final = "42501"
_CHANGED: Final = {
    "3F000": "no such schema",
    "26000": "no such prepared statement: somebody has discarded it",
    "42P01": "no such table",
    "42703": "no such column",
    "42704": "no such type or index",
    "42883": "no such function, or none for this type",
    "42804": "a column of another type",
    "42809": "no table, but a view",
    "42P10": "no such key",
}
"""PostgreSQL's error states for a schema that this program did not make."""
File = tuple[int, int]
"""Device and inode, which identify the file at a path."""


def driver_errors() -> tuple[type[Exception], ...]:
    """Return the drivers' own errors: those of PostgreSQL only if its driver is loaded, which takes 10 MB."""
    if "psycopg" not in sys.modules:
        return (DBAPIError, sqlite3.Error)
    import psycopg  # noqa: PLC0415 - it is loaded already

    return (DBAPIError, sqlite3.Error, psycopg.Error)


def is_broken_world(error: BaseException | None) -> bool:
    """Return whether a driver's error means that the database is away, full, locked, damaged, forbidden or changed.

    Any other is a fault of the program. A damaged file is the only SQLite error without a class of its own; SQLite
    reports a changed table as an OperationalError.
    """
    if isinstance(error, sqlite3.OperationalError | sqlite3.InterfaceError) or type(error) is sqlite3.DatabaseError:
        return True
    if "psycopg" not in sys.modules:
        return False
    import psycopg  # noqa: PLC0415 - it is loaded already

    broken = (psycopg.OperationalError, psycopg.InterfaceError, psycopg.InternalError, psycopg.NotSupportedError)
    return isinstance(error, broken) or getattr(error, "sqlstate", None) in {_FORBIDDEN, *_CHANGED}


def is_forbidden(error: BaseException | None) -> bool:
    """Return whether PostgreSQL's error means that the role lacks the right."""
    return getattr(error, "sqlstate", None) == _FORBIDDEN


def is_damaged(error: BaseException | None) -> bool:
    """Return whether a driver's error means that the file of a SQLite ledger is damaged."""
    return str(getattr(error, "sqlite_errorname", "")).startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB"))


def describe_error(error: BaseException) -> str:
    """Describe a driver's error in one line, without the SQL, and with the remedy if it is known."""
    said = " ".join(str(error).split())
    reached = _CONNECTION.search(said)
    if reached is not None:
        host, port, why = reached.groups()
        return f"the database at {host}{f':{port}' if port else ''} says: {why}"
    line = f"the database says: {said or type(error).__name__}"
    if is_damaged(error):
        return (
            f"{line}; the ledger's file is damaged: stop the gateway, and restore a backup by `backflush restore "
            "--keep-journal`"
        )
    if str(getattr(error, "sqlite_errorname", "")).startswith("SQLITE_BUSY"):
        # The operating system holds the lock: it cannot be taken from a stopped process.
        line += "; another process writes, or is stopped in the middle of it: resume or end that one"
    return line + remedy_of(error)


@contextmanager
def reachable() -> Iterator[None]:
    """Turn a driver's error that a broken world explains into LedgerUnavailable."""
    try:
        yield
    except driver_errors() as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if not is_broken_world(cause):
            raise
        raise LedgerUnavailable(describe_error(cause or error)) from error


def database_url(url: str) -> URL:
    """Read the address of a ledger: `sqlite:///FILE` or `postgresql://...`; UsageError for any other."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):
        raise UsageError("database url: expected sqlite:///FILE or postgresql://..., got something else") from None
    if any(_STRAY.search(str(part or "")) for part in _places(parsed)) or _SECRET.search(" ".join(parsed.query)):
        # Else a part of the password would be read as another field, which servers and drivers print in messages.
        raise UsageError(
            "database url: expected user:password@host, with @ and % of the password written as %40 and %25, and no "
            "password among the options"
        )
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        query = {**_POSTGRES, **parsed.query}
        return parsed.set(drivername="postgresql+psycopg").set(query=query)
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"} and not parsed.host:
        if "?" in url:
            raise UsageError(
                "database url: expected sqlite:///FILE without options; a ? of a file's name is written %3F"
            )
        return parsed.set(drivername="sqlite+pysqlite")
    raise UsageError(f"database url: expected sqlite:///FILE or postgresql://..., got {public(url)}")


def _places(url: URL) -> tuple[str | None, ...]:
    """Return the parts of an address that may hold pieces of an unescaped password."""
    # Some servers have an @ in user names; a space is allowed in the names of roles and databases.
    user = (url.username or "").replace("@", "").replace(" ", "")
    database = "" if url.drivername.startswith("sqlite") else (url.database or "").replace(" ", "")
    return user, (url.host or "").replace(":", ""), database


def open_database(url: str, *, read_only: bool = False) -> Engine:
    """Make the engine of a ledger.

    Nothing is connected yet; a reader cannot write, and opens a new connection each time.
    """
    parsed = database_url(url)
    if parsed.get_backend_name() == "postgresql":
        return _open_postgres(parsed, read_only=read_only)
    return _open_sqlite(parsed, read_only=read_only)


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """Open one read-only transaction: everything in it is read as of one moment."""
    with _reader(url).connect() as connection, connection.begin():
        yield connection


@lru_cache(maxsize=8)
def _reader(url: str) -> Engine:
    """Return the cached engine of a reader, for its compiled queries. It holds no connection."""
    return open_database(url, read_only=True)


def file_of(engine: Engine) -> File | None:
    """Return the file at the ledger's path; None if there is none, and on PostgreSQL."""
    if engine.dialect.name != "sqlite" or engine.url.database in _NO_FILE:
        return None
    try:
        found = os.stat(engine.url.database or "")  # noqa: PTH116 - once per commit, and a Path takes ten times as long
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _open_sqlite(url: URL, *, read_only: bool) -> Engine:
    memory = url.database in _NO_FILE
    if read_only and not memory:
        url = url.set(database=f"file:{quote(url.database or '')}", query={**url.query, "mode": "ro", "uri": "true"})
    engine = create_engine(
        url,
        poolclass=StaticPool if memory else NullPool,
        connect_args={"check_same_thread": False, "isolation_level": None},
    )
    pragmas = (*_SQLITE, "PRAGMA query_only = ON") if read_only else (*_SQLITE, *_SQLITE_WRITER)

    if not (read_only or memory):

        @event.listens_for(engine, "do_connect")
        def _private(_dialect: object, _record: object, arguments: list[str], _options: object) -> None:
            # For its owner alone, under any umask; SQLite's other files take the same mode.
            with suppress(OSError):
                os.close(os.open(arguments[0], os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))

    @event.listens_for(engine, "connect")
    def _prepare(connection: sqlite3.Connection, _: object) -> None:
        for pragma in pragmas:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def _open_postgres(url: URL, *, read_only: bool) -> Engine:
    pool: dict[str, Any] = {"poolclass": NullPool} if read_only else {"pool_size": 2}
    engine = create_engine(url, isolation_level="REPEATABLE READ" if read_only else "READ COMMITTED", **pool)

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _: object) -> None:  # noqa: ANN401 - a psycopg connection; see `driver_errors`
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = on")
            # For reads in one trip without a BEGIN; a BEGIN sets its own.
            cursor.execute("SET default_transaction_isolation = 'repeatable read'")
            cursor.execute(f"SET default_transaction_read_only = {'on' if read_only else 'off'}".encode())
        connection.commit()

    return engine
