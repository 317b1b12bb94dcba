"""The schema is upgraded whole or not at all, wherever it is killed, and a newer one is left alone by every command."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import inspect

from gateway.ledger import tables as t
from gateway.ledger.audit import audit
from gateway.ledger.database import open_database, reading
from gateway.ledger.schema import REVISIONS, revision, upgrade
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.ledger_plant import both_databases, fresh_url
from tests.servers import Postgres

RELEASED = Path(__file__).parent / "released"
STARTS = ("", *REVISIONS[:-1])
"""Nothing at all, and every released schema before this one: `released/REVISION.sql` makes it, with data."""
KILLED_AT = (3, 40, 10_000)
"""Statements before the kill; the last is never reached, so that it dies after the last one and before the commit."""
UPGRADE = """
import os, signal, sys
from sqlalchemy import Engine, event
from gateway.ledger.schema import upgrade

left = int(sys.argv[2])

def die():
    os.kill(os.getpid(), signal.SIGKILL)

@event.listens_for(Engine, "before_cursor_execute")
def count(*said):
    global left
    left -= 1
    if left <= 0:
        die()

@event.listens_for(Engine, "commit")
def commit(connection):
    die()

upgrade(sys.argv[1])
"""


def _begin(url: str, start: str) -> None:
    """Make a database as a released program has left it."""
    if not start:
        return
    engine = open_database(url)
    with engine.begin() as connection:
        for statement in (RELEASED / f"{start}.sql").read_text(encoding="utf-8").split(";\n"):
            connection.exec_driver_sql(statement)
    engine.dispose()


def _state(url: str) -> tuple[str, set[str], int]:
    """Return revision, tables and documents."""
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            names = set(inspect(connection).get_table_names())
            documents = connection.exec_driver_sql("SELECT count(*) FROM documents").scalar() if names else 0
            return revision(connection), names, int(documents or 0)
    finally:
        engine.dispose()


@both_databases
@pytest.mark.parametrize("start", STARTS)
def test_an_upgrade_that_is_killed_has_not_happened_and_the_next_one_completes_it(
    database: str, start: str, tmp_path: Path, postgres: Postgres
) -> None:
    url = fresh_url(database, tmp_path, postgres)
    _begin(url, start)
    before = _state(url)
    for statements in KILLED_AT:
        program = [sys.executable, "-c", UPGRADE, url, str(statements)]
        done = subprocess.run(program, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert _state(url) == before, f"killed at statement {statements}"
    assert upgrade(url) == REVISIONS[-1]
    found, names, documents = _state(url)
    assert (found, documents) == (REVISIONS[-1], before[2])
    assert names == {*t.metadata.tables, "alembic_version"}
    with reading(url) as connection:
        assert [law.law for law in audit(connection) if not law.ok] == []


@both_databases
def test_every_command_leaves_a_newer_schema_alone_and_says_what_to_do(
    database: str, tmp_path: Path, postgres: Postgres
) -> None:
    url = fresh_url(database, tmp_path, postgres)
    backflush = Commands(tmp_path / "data", url)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    engine = open_database(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    before = _state(url)
    for words in (["init"], ["run"], ["report", "stock"], ["post", "1000/L05", "--quantity", "1"], ["audit"]):
        said = backflush(*words)
        assert (said.status, said.out) == (2, ""), said
        assert "schema is 9999, this program knows none newer than" in said.err
        assert said.err.splitlines()[-1].endswith("install the newer program")
    assert _state(url) == before
