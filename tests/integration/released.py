"""Ledgers and journals as a program has left them, as SQL: what upgrades begin from.

A release keeps its own, for SQLite and for PostgreSQL, before anybody writes the next migration:

    .venv/bin/python -m tests.integration.released

For each database that writes into `released` the file `REVISION.DATABASE.sql`, a ledger with data of every kind, and
`REVISION.DATABASE.plant.sql` with `REVISION.DATABASE.journal.sql`, a ledger and the journal that has made it.
`test_upgrade` begins from what was kept of every revision, and fails where one is missing.
"""

import sqlite3
import subprocess
import tempfile
from contextlib import closing
from pathlib import Path
from typing import Final

from sqlalchemy import make_url

from gateway.ledger.database.schema import REVISIONS
from tests.integration.imports import import_tables
from tests.integration.stored_plant import busy_ledger
from tests.servers import Postgres, postgres_program, run_sql
from tests.simulation.core_plant import tables
from tests.simulation.core_run import Simulation
from tests.simulation.test_core import settings_in

DATABASES: Final = ("sqlite", "postgresql")
RELEASED: Final = Path(__file__).parent / "released"
_SEED: Final = 9
"""One in which much happens: documents of most kinds, crashes and reversals."""
_NUMBERS: Final = ("application_id", "user_version")
"""What a file says of itself outside its tables."""


def kept(folder: Path, revision: str, database: str, what: str = "") -> Path:
    """Return the file of one kept ledger, of a `plant` that has a `journal`, or of that journal."""
    return folder / ".".join(part for part in (revision, database, what, "sql") if part)


def keep(folder: Path, database: str, postgres: Postgres) -> None:
    """Write a ledger of this program's schema with data of every kind, and one that has a journal."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        data = Path(name)
        dumped = _dump(busy_ledger(database, data, postgres))
        kept(folder, REVISIONS[-1], database).write_text(dumped, encoding="utf-8")
        settings = settings_in(data / "plant", postgres.fresh_url() if database == "postgresql" else "")
        imports = [tables(data / "first"), tables(data / "more", glue="0.35"), tables(data / "nine", nine=True)]
        import_tables(settings, imports[0], "tests")
        Simulation(settings, _SEED, imports).run()
        for what, url in (("plant", settings.database_url), ("journal", f"sqlite:///{settings.journal_path}")):
            kept(folder, REVISIONS[-1], database, what).write_text(_dump(url), encoding="utf-8")


def _dump(url: str) -> str:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        address = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        command = postgres_program("pg_dump"), "--inserts", "--no-owner", "--no-privileges", "--dbname", address
        sql = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        # Newer programs frame it in commands that older ones do not know.
        return "".join(line for line in sql.splitlines(keepends=True) if not line.startswith("\\"))
    with closing(sqlite3.connect(parsed.database or "")) as file:
        numbers = [f"PRAGMA {name} = {file.execute(f'PRAGMA {name}').fetchone()[0]};" for name in _NUMBERS]
        return "\n".join([*numbers, *file.iterdump()])


def bring(file: Path, url: str) -> None:
    """Fill an empty database from a kept file."""
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
