"""The schema is upgraded whole or not at all, wherever it is killed, and a newer one is left alone by every command.

Nothing has been released, so a next release is made up: a copy of this program with one more migration.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from sqlalchemy import inspect

from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.database.schema import REVISIONS, revision, upgrade
from tests.integration.cli_program import SHIPPED, Commands, Program
from tests.integration.ledger_plant import fresh_url
from tests.integration.released import RELEASED, bring, keep, kept
from tests.servers import Postgres

ROOT = Path(__file__).parents[2]
STARTS = ("", *REVISIONS[:-1])
KEPT = sorted({file.name.partition(".")[0] for file in RELEASED.iterdir()} & {*REVISIONS})
"""Schemas of which a plant is kept with its journal; that of the next release is kept before the one after it."""
"""Nothing at all, and every released schema before this one."""
KILLED_AT = (3, 40, 10_000)
"""Statements before the kill; the last is never reached, so that it dies after the last one and before the commit."""
NEXT = """
import sqlalchemy as sa
from alembic import op

revision, down_revision, branch_labels, depends_on = "9001", {last!r}, None, None


def upgrade() -> None:
    kind = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table("remarks", sa.Column("document", kind, primary_key=True), sa.Column("text", sa.Text()))
    op.execute("INSERT INTO remarks SELECT number, reference FROM documents")
    op.create_index("remarks_text", "remarks", ["text"])
    op.execute("UPDATE lines SET backlog = backlog")
"""


@pytest.fixture
def url(database: str, tmp_path: Path, postgres: Postgres) -> str:
    """Offer a database of each kind that does not exist yet, or is empty."""
    return fresh_url(database, tmp_path, postgres)


UPGRADE = """
import os, signal, sys
from sqlalchemy import Engine, event
from gateway.ledger.database.schema import upgrade

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


@pytest.mark.parametrize("start", STARTS)
def test_an_upgrade_that_is_killed_has_not_happened_and_the_next_one_completes_it(
    database: str, url: str, start: str
) -> None:
    if start:
        bring(kept(RELEASED, start, database), url)
    _killed_upgrades_change_nothing(url, KILLED_AT, ROOT)
    before = _state(url)
    assert upgrade(url) == REVISIONS[-1]
    found, names, documents = _state(url)
    assert (found, documents) == (REVISIONS[-1], before[2])
    assert names == {*t.metadata.tables, "alembic_version"}
    with reading(url) as connection:
        assert [law.law for law in audit(connection) if not law.ok] == []


def _killed_upgrades_change_nothing(url: str, killed_at: Iterable[int], program: Path) -> None:
    before = _state(url)
    for statements in killed_at:
        command = [sys.executable, "-c", UPGRADE, url, str(statements)]
        done = subprocess.run(command, cwd=program, capture_output=True, text=True, check=False)
        assert done.returncode == -signal.SIGKILL, done.stderr
        assert _state(url) == before, f"killed at statement {statements}"


def _next_release(folder: Path) -> Path:
    """Copy this program, and add a migration and its table."""
    for name in ("gateway", "devices"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    ledger = folder / "gateway" / "ledger"
    (ledger / "migrations" / "versions" / "9001_next.py").write_text(NEXT.format(last=REVISIONS[-1]))
    schema = ledger / "database" / "schema.py"
    known = f"REVISIONS: Final = {REVISIONS}".replace("'", '"')
    text = schema.read_text()
    assert known in text
    schema.write_text(text.replace(known, f"REVISIONS: Final = {(*REVISIONS, '9001')}"))
    with (ledger / "database" / "tables.py").open("a") as tables:
        tables.write('\nremarks = _table("remarks", "document#", "text")\n')
    return folder


def test_a_ledger_with_data_goes_over_to_the_next_release_or_stays_as_it_was(
    database: str, url: str, tmp_path: Path, postgres: Postgres
) -> None:
    keep(tmp_path / "released", database, postgres)
    here, following = Commands(tmp_path / "data", url), _next_release(tmp_path / "next")
    _bring_plant(tmp_path / "released", REVISIONS[-1], database, url, tmp_path / "data")
    _killed_upgrades_change_nothing(url, (8, 10, 10_000), following)
    _, names, documents = _state(url)
    assert here("audit").status == 0, "this release goes on as if nothing had happened"

    def ask_next(*words: str) -> str:
        settings = {"BACKFLUSH_GATEWAY__DATA_DIR": str(tmp_path / "data"), "BACKFLUSH_DATABASE__URL": url}
        done = subprocess.run(
            [sys.executable, "-m", "gateway", *words],
            cwd=following,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done
        return done.stdout

    ask_next("init")
    assert _state(url) == ("9001", {*names, "remarks"}, documents)
    assert list((tmp_path / "data" / "checkpoints").iterdir()), "from which the deep audit folds"
    assert '"audit": "ok"' in ask_next("audit", "--deep", "--json")
    ask_next("post", "1000/L01", "--quantity", "3")
    assert '"audit": "ok"' in ask_next("audit", "--deep", "--json")
    with reading(url) as connection:
        filled = "SELECT count(*) FROM remarks JOIN documents ON number = document AND text = reference"
        assert connection.exec_driver_sql(filled).scalar() == documents > 0
    refused = here("audit")
    assert (refused.status, "install the newer program" in refused.err) == (2, True)


@pytest.mark.parametrize("start", KEPT)
def test_a_released_plant_goes_on_and_its_journal_folds_from_the_upgrade_on(
    database: str, url: str, start: str, tmp_path: Path
) -> None:
    backflush = Commands(tmp_path / "data", url)
    _bring_plant(RELEASED, start, database, url, tmp_path / "data")
    documents = _state(url)[2]
    assert backflush("init").status == 0
    assert list((tmp_path / "data" / "checkpoints").iterdir()), "from which the deep audit folds"
    for posted in (0, 1):
        said = backflush("audit", "--deep")
        assert (said.status, said.err.startswith("audit: ok")) == (0, True), said
        assert _state(url)[2] == documents + posted
        if not posted:
            # Windows that were open when it was kept are posted by the first command after their time.
            assert backflush("work").status == 0
            documents = _state(url)[2]
            assert backflush("post", "1000/L01", "--quantity", "3").status == 0


def _bring_plant(folder: Path, revision: str, database: str, url: str, data: Path) -> None:
    bring(kept(folder, revision, database, "plant"), url)
    bring(kept(folder, revision, database, "journal"), f"sqlite:///{data / 'journal.sqlite'}")


def test_every_command_leaves_a_newer_schema_alone_and_says_what_to_do(url: str, tmp_path: Path) -> None:
    backflush = Commands(tmp_path / "data", url)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    engine = open_database(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    engine.dispose()
    before = _state(url)
    process = Program(tmp_path / "data", DATABASE__URL=url)  # `run` writes past the streams of Python
    for words in (["init"], ["run"], ["report", "stock"], ["post", "1000/L05", "--quantity", "1"], ["audit"]):
        said = process(*words) if words == ["run"] else backflush(*words)
        assert (said.status, said.out) == (2, ""), said
        assert "schema is 9999, this program knows none newer than" in said.err
        assert said.err.splitlines()[-1].endswith("install the newer program")
    assert _state(url) == before
