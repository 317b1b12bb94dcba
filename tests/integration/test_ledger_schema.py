"""The schema: made from nothing by the migrations, refused when it is not ours, and its history cannot be changed."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, Final, get_args

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import func, inspect, select
from sqlalchemy.exc import IntegrityError

from gateway.backflush.memory.balance import RowState
from gateway.backflush.memory.records import EntryKind, EntryState, Result
from gateway.backflush.values.counting import Ending
from gateway.backflush.values.documents import AnyProcess, Disposition, DocumentType, Origin, Process, Timing
from gateway.backflush.values.window_policy import WindowKind
from gateway.errors import Reason, UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.database.schema import REVISIONS, revision, upgrade
from gateway.ledger.store.writer import Ledger
from tests.integration.ledger_plant import everything, fresh_url, open_ledger
from tests.integration.released import RELEASED, bring, kept
from tests.servers import Postgres


@pytest.fixture
def url(database: str, tmp_path: Path, postgres: Postgres) -> str:
    """Offer a database of each kind that does not exist yet, or is empty."""
    return fresh_url(database, tmp_path, postgres)


def execute(url: str, *statements: str) -> None:
    """Run statements as somebody who has the database open beside the gateway."""
    engine = open_database(url)
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
    finally:
        engine.dispose()


def test_the_migrations_make_what_the_tables_say(database: str, url: str) -> None:
    assert upgrade(url) == REVISIONS[-1]
    with reading(url) as connection:
        assert revision(connection) == REVISIONS[-1]
        compared = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(compared, t.metadata) == []
        for table in t.metadata.tables.values():
            columns = [column["name"] for column in inspect(connection).get_columns(table.name)]
            assert columns == [column.name for column in table.columns], table.name
            found = {
                each["name"]: each.get("dialect_options", {}).get(f"{database}_where", "")
                for each in inspect(connection).get_indexes(table.name)
            }
            # PostgreSQL writes parentheses and types into it.
            spelled = {name: re.sub(r"[()]|::text", "", str(where)) for name, where in found.items()}
            assert spelled == {index.name: index.info.get("where", "") for index in table.indexes}, table.name


def test_every_text_is_ordered_by_code_points(postgres: Postgres) -> None:
    url = postgres.fresh_url()
    upgrade(url)
    own = "SELECT datlocprovider FROM pg_database WHERE datname = current_database()"
    ordered = (
        "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
        " JOIN pg_collation o ON o.oid = a.attcollation"
        " WHERE c.relkind = 'r' AND pg_table_is_visible(c.oid) AND a.atttypid = 'text'::regtype AND o.collname <> 'C'"
        " AND c.relnamespace = 'public'::regnamespace"
    )
    with reading(url) as connection:
        assert connection.exec_driver_sql(ordered).all() == []
        if (connection.dialect.server_version_info or (0,)) >= (15,):
            assert connection.exec_driver_sql(own).scalar() == "i", "the database itself orders otherwise"


def test_a_database_that_cannot_hold_every_character_is_refused(postgres: Postgres) -> None:
    latin = postgres.fresh_url("ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(UsageError, match="expected a database of encoding UTF8, got LATIN1; `createdb --encoding"):
        upgrade(latin)


def test_an_upgrade_of_what_is_up_to_date_changes_nothing(url: str) -> None:
    ledger, state = open_ledger(url)
    ledger.commit(everything(state), offset=1, now=0)
    ledger.close()
    assert upgrade(url) == REVISIONS[-1]
    ledger, state = open_ledger(url)
    assert state.documents == 3
    ledger.close()


def test_a_database_without_a_ledger_is_refused_with_what_to_do(url: str) -> None:
    with pytest.raises(UsageError, match="holds no ledger; `backflush init` creates it"):
        Ledger.open(url, gateway="gw1")


def test_a_newer_schema_is_refused_and_left_alone(url: str) -> None:
    upgrade(url)
    execute(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(UsageError, match="schema is 9999, this program knows none newer than"):
        Ledger.open(url, gateway="gw1")
    with pytest.raises(UsageError, match="install the newer program"):
        upgrade(url)


def test_history_is_neither_changed_nor_removed(database: str, url: str) -> None:
    ledger, state = open_ledger(url)
    ledger.commit(everything(state), offset=1, now=0)
    ledger.close()
    for table in (*t.HISTORY, *t.RECORDS):
        last = [column.name for column in table.columns][-1]
        refused = [f"DELETE FROM {table.name}"]  # noqa: S608 - names of our own tables
        if table in t.HISTORY:
            refused.append(f"UPDATE {table.name} SET {last} = {last}")  # noqa: S608 - names of our own tables
        if database == "postgresql":
            refused.append(f"TRUNCATE {table.name} CASCADE")
        elif table in t.HISTORY:
            refused.append(f"INSERT OR REPLACE INTO {table.name} SELECT * FROM {table.name}")  # noqa: S608 - as above
        for statement in refused:
            with pytest.raises(IntegrityError, match="is refused: the ledger keeps its history"):
                execute(url, statement)
        with reading(url) as connection:
            assert connection.scalar(select(func.count()).select_from(table)), table.name


def test_of_a_quarantine_entry_only_state_and_reason_may_change(url: str) -> None:
    ledger, state = open_ledger(url)
    ledger.commit(everything(state), offset=1, now=0)
    ledger.close()
    execute(url, "UPDATE quarantine SET state = 'dismissed', reason = 'seen'")
    with pytest.raises(IntegrityError, match="UPDATE of quarantine is refused"):
        execute(url, "UPDATE quarantine SET yield = 0")


def test_a_reader_cannot_write(tmp_path: Path, postgres: Postgres) -> None:
    for database in ("sqlite", "postgresql"):
        url = fresh_url(database, tmp_path, postgres)
        upgrade(url)
        with pytest.raises(Exception, match=r"readonly|read-only"), reading(url) as connection:
            connection.exec_driver_sql("INSERT INTO serials VALUES ('S', 1)")


KINDS: Final[dict[tuple[str, str], Any]] = {
    ("documents", "type"): DocumentType,
    ("material_items", "origin"): Origin,
    ("material_items", "process"): Process,
    ("activity_items", "origin"): Origin,
    ("worklist_rows", "process"): Process,
    ("worklist_rows", "timing"): Timing,
    ("worklist_rows", "state"): RowState,
    ("marks", "process"): Process,
    ("accounts", "process"): Process,
    ("holds", "process"): AnyProcess,
    ("collectors", "element"): Process,
    ("backlog", "origin"): Origin,
    ("backlog", "cause"): Reason,
    ("windows", "policy"): WindowKind,
    ("quarantine", "kind"): EntryKind,
    ("quarantine", "state"): EntryState,
    ("outcomes", "outcome"): Ending,
    ("scans", "result"): Result,
    ("contexts", "mode"): Disposition,
}


KEPT: Final = sorted({file.name.partition(".")[0] for file in RELEASED.iterdir()} & {*REVISIONS})
"""The schemas of which a ledger is kept; that of the next release is kept before the one after it."""


def words_of(kind: Any) -> set[str]:
    """Return all words of a kind: of an enumeration, of a `Literal`, of several."""
    if isinstance(kind, str):
        return {kind}
    return {word for part in get_args(kind) or kind for word in words_of(part)}


@pytest.mark.parametrize("what", ["", "plant"])
@pytest.mark.parametrize("revision", KEPT)
def test_a_released_ledger_holds_only_words_of_their_kind(revision: str, what: str, tmp_path: Path) -> None:
    bring(kept(RELEASED, revision, "sqlite", what), f"sqlite:///{tmp_path / 'ledger.db'}")
    with closing(sqlite3.connect(tmp_path / "ledger.db")) as ledger:
        strange = {
            (table, column): words - words_of(kind)
            for (table, column), kind in KINDS.items()
            if (words := {row[0] for row in ledger.execute(f"SELECT {column} FROM {table}")})  # noqa: S608 - our own names
        }
    assert {place: words for place, words in strange.items() if words - {""}} == {}
    assert len(strange) > len(KINDS) // 2, "there is something to look at"
