"""The ledger as one file: copied as of one moment while its writer works, and put back if there is none.

SQLite       the online backup within one read transaction: a file that is a ledger
PostgreSQL   `pg_dump` on an exported snapshot, so that the recorded facts describe exactly this copy; put back by
             `pg_restore` in one transaction. Both belong to the server, and must not be older than it
"""

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, inspect
from sqlalchemy.exc import DBAPIError

from gateway.errors import LedgerUnavailable, UsageError
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import check_encoding, revision

Progress = Callable[[int, int], None]
"""Gets the work done and the whole work, in the same unit."""
PAGES_AT_ONCE: Final = 4096
_PROGRAMS: Final = Path("/usr/lib/postgresql")


class HeadFacts(NamedTuple):
    """The position of one writer."""

    gateway: str
    journal: str
    offset: int


class LedgerFacts(NamedTuple):
    """The identity of a ledger, as of the moment of its copy."""

    database: str
    schema: str
    heads: tuple[HeadFacts, ...]
    documents: int


def facts_of(connection: Connection) -> LedgerFacts:
    """Return the facts of a ledger; one without a schema has no heads."""
    schema = revision(connection)
    heads = "SELECT gateway, journal, journal_offset FROM heads ORDER BY ordinal"
    rows: Sequence[Any] = connection.exec_driver_sql(heads).all() if schema else ()
    documents = connection.exec_driver_sql("SELECT count(*) FROM documents").scalar() if schema else 0
    return LedgerFacts(connection.dialect.name, schema, tuple(HeadFacts(*row) for row in rows), int(documents or 0))


def copy_ledger(url: str, target: Path, progress: Progress) -> LedgerFacts:
    """Copy a ledger into a new file, as of one moment, while its writer works. UsageError without `pg_dump`."""
    engine = open_database(url, read_only=True)
    try:
        with engine.connect() as connection, connection.begin():
            facts = facts_of(connection)
            if facts.database == "postgresql":
                _dump(connection, target)
            else:
                _copy(connection, target, progress)
            return facts
    finally:
        engine.dispose()


def facts_at(url: str) -> LedgerFacts:
    """Return the facts of the ledger at an address."""
    engine = open_database(url, read_only=True)
    try:
        with engine.connect() as connection, connection.begin():
            return facts_of(connection)
    except DBAPIError as error:
        raise LedgerUnavailable(f"the ledger cannot be read: {' '.join(str(error.orig).split())}") from error
    finally:
        engine.dispose()


def put_back(url: str, source: Path) -> None:
    """Fill an empty PostgreSQL database from a dump, all or nothing. UsageError if it is not empty."""
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            tables = inspect(connection).get_table_names()
            if tables:
                raise UsageError(
                    f"database.url: expected an empty database to restore into, found {len(tables)} tables; "
                    "create another one and point database.url to it"
                )
            check_encoding(connection)
            schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
            connection.rollback()
            options = "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"
            _run(connection, "pg_restore", *options, f"--schema={schema}", source)
    finally:
        engine.dispose()


def _copy(connection: Connection, target: Path, progress: Progress) -> None:
    import sqlite3  # noqa: PLC0415 - it is loaded already

    copy = sqlite3.connect(target)
    try:
        # The open transaction holds the moment: without it every commit would restart the copy.
        source: Any = connection.connection.driver_connection
        source.backup(
            copy,
            pages=PAGES_AT_ONCE,
            progress=lambda _status, remaining, total: progress(total - remaining, total),
            sleep=0,
        )
    finally:
        copy.close()


def _dump(connection: Connection, target: Path) -> None:
    schema = connection.exec_driver_sql("SELECT current_schema()").scalar()
    moment = connection.exec_driver_sql("SELECT pg_export_snapshot()").scalar()
    options = "--format=custom", "--no-owner", "--no-privileges", f"--schema={schema}", f"--snapshot={moment}"
    _run(connection, "pg_dump", *options, f"--file={target}")


def _run(connection: Connection, program: str, *arguments: str | Path) -> None:
    """Run one of PostgreSQL's programs on a connection's database; the password travels only in its environment."""
    found = _program(program)
    if found is None:
        raise UsageError(
            f"{program}: expected PostgreSQL's client programs on the path, found none. Install them, or use the "
            "database's own backup and `backflush backup --without-ledger`"
        )
    from psycopg.conninfo import make_conninfo  # noqa: PLC0415 - the driver takes 10 MB, and SQLite needs none of it

    url = connection.engine.url
    named = {**url.translate_connect_args(username="user", database="dbname"), **url.query}
    named.pop("password", None)
    secret = {"PGPASSWORD": str(url.password)} if url.password else {}
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, arguments of ours
        [found, f"--dbname={make_conninfo(**named)}", "--no-password", *arguments],
        env={**os.environ, **secret},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise LedgerUnavailable(f"{program} exited with status {done.returncode}: {said[0] if said else 'no message'}")


def _program(name: str) -> str | None:
    """Find a program of PostgreSQL: on the path, else the newest in Debian's folder."""
    versions = (folder for folder in _PROGRAMS.glob("*") if folder.name.isdigit())
    newest = sorted(versions, key=lambda folder: int(folder.name), reverse=True)
    path = os.pathsep.join([os.environ.get("PATH", ""), *(str(folder / "bin") for folder in newest)])
    return shutil.which(name, path=path)
