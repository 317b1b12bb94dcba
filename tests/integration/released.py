"""Ledgers as a program has left them, as SQL: what upgrades begin from.

A release keeps its own, for SQLite and for PostgreSQL, before anybody writes the next migration:

    .venv/bin/python -m tests.integration.released

That writes `released/REVISION.sqlite.sql` and `released/REVISION.postgresql.sql`. `test_upgrade` begins from a kept
ledger of every revision but the newest, and fails where one is missing.
"""

import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from gateway.ledger.schema import REVISIONS
from tests.integration.stored_plant import busy_ledger
from tests.servers import Postgres, postgres_program, run_sql

DATABASES: Final = ("sqlite", "postgresql")
RELEASED: Final = Path(__file__).parent / "released"


def kept(folder: Path, revision: str, database: str) -> Path:
    """Return the file of one kept ledger."""
    return folder / f"{revision}.{database}.sql"


def keep(folder: Path, database: str, postgres: Postgres) -> None:
    """Write a ledger of this program's schema, with data of every kind."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        url = make_url(busy_ledger(database, Path(name), postgres))
        if database == "sqlite":
            with closing(sqlite3.connect(url.database or "")) as ledger:
                sql = "\n".join(ledger.iterdump())
        else:
            address = url.set(drivername="postgresql").render_as_string()
            command = postgres_program("pg_dump"), "--inserts", "--no-owner", "--no-privileges", "--dbname", address
            sql = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    kept(folder, REVISIONS[-1], database).write_text(sql, encoding="utf-8")


def bring(file: Path, url: str) -> None:
    """Fill an empty database from a kept ledger."""
    sql = file.read_text(encoding="utf-8")
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        run_sql(url, sql)
        return
    with closing(sqlite3.connect(parsed.database or "")) as ledger:
        ledger.executescript(sql)


if __name__ == "__main__":
    with Postgres() as server:
        for one in DATABASES:
            keep(RELEASED, one, server)
