"""Every column of every table, changed behind the program's back, breaks a law of the plain audit, or the docs say why.

So a new column has a law, or a reason there. Another value is put into the last row of each table, with the triggers
back in their place; what the database itself refuses needs no law.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, Table, func, select
from sqlalchemy.exc import DataError, IntegrityError

from devices.errors import Malformed, Rejection
from devices.sources.knowledge import Lesson, Node
from gateway.backflush.memory.events import Hold, Period, Published, Refused, RunStart
from gateway.backflush.memory.noise import KEPT_SINGLY
from gateway.backflush.plant.snapshot import Gtin
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from tests.integration.stored_plant import PLANT, Shop, busy, master_data, without_triggers
from tests.servers import Postgres

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
ROW = re.compile(r"^\| `(\w+)` \| (`[^|]+`) \| [`\w]", re.MULTILINE)


def everything(shop: Shop) -> None:
    """Let the plant be busy, and do what else leaves a row: no table of the ledger is empty after it."""
    busy(shop)
    shop.bring(replace(master_data(), gtins={"07612345678900": Gtin("FO")}))
    assert shop.ask(RunStart(PLANT, "L1", "FG", "V1", batch="R1", sales_order="S1")).startswith("ok"), shop.answers
    assert shop.ask(RunStart(PLANT, "L3", "FO", "V1")).startswith("ok"), shop.answers
    shop.scan("]C1010761234567890021S7", "L3", id="scan-9")
    shop.scan("BF:QTY:2", "L3")
    assert shop.ask(Hold(PLANT, "L1", "issue", held=True)).startswith("ok"), shop.answers
    assert shop.ask(Period(PLANT, "2026-02", closed=True)).startswith("ok"), shop.answers
    nonsense = Rejection(Malformed.NOT_JSON, "payload: expected JSON")
    for _ in range(KEPT_SINGLY + 5):
        shop.feed(Refused(shop.entry, PLANT, "L1", "C1", "topic", b"?", nonsense, feedback=False))
    lesson = Lesson({("sparkplug", "G/E"): {"1": "good"}}, {"G/E": Node(seq=1, bdseq=0, asked_at=5)})
    shop.feed(Published(shop.entry, (), lesson, mapped=True, repeated=False, retained=False, ask=""))
    shop.ledger.advance_cursor("mqtt", 3)


@contextmanager
def busy_with_everything(url: str) -> Iterator[Engine]:
    """Offer a ledger in which every table has rows."""
    shop = Shop(url)
    try:
        everything(shop)
    finally:
        shop.close()
    engine = open_database(url)
    # What is changed is looked at in the transaction that changes it.
    yield engine if engine.dialect.name == "sqlite" else engine.execution_options(isolation_level="REPEATABLE READ")
    engine.dispose()


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    with busy_with_everything(f"sqlite:///{tmp_path_factory.mktemp('sweep')}/ledger.db") as engine:
        yield engine


def documented() -> dict[str, set[str]]:
    """Read which columns only the journal can prove."""
    section = PAGE.read_text().partition("## What only `audit --deep` can find")[2].partition("\n## ")[0]
    return {table: set(re.findall(r"`(\w+)`", columns)) for table, columns in ROW.findall(section)}


def change(connection: Connection, table: Table, column: Column[Any]) -> bool:
    """Put another value into the last row; return whether there is one."""
    kind = str(column.type)
    name = f'"{column.name}"'
    blob = "x'00'" if connection.dialect.name == "sqlite" else "'\\x00'::bytea"
    other = f"coalesce({name}, 0) + 1" if "INT" in kind else blob if "BLOB" in kind else f"{name} || 'x'"
    keys = [f'"{key.name}"' for key in table.primary_key]
    last = f"SELECT {', '.join(keys)} FROM {table.name} ORDER BY {' DESC, '.join(keys)} DESC LIMIT 1"  # noqa: S608 - our own names
    changed = f"UPDATE {table.name} SET {name} = {other} WHERE ({', '.join(keys)}) = ({last})"  # noqa: S608 - our own names
    with without_triggers(connection):
        found = connection.exec_driver_sql(changed).rowcount
    return bool(found)


def test_no_table_is_empty(ledger: Engine) -> None:
    with ledger.connect() as connection:
        counts = {
            table.name: connection.scalar(select(func.count()).select_from(table)) for table in t.metadata.sorted_tables
        }
        assert [name for name, rows in counts.items() if not rows] == []
        assert [result for result in audit(connection) if not result.ok] == []


@pytest.mark.parametrize("table", t.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_column_that_is_changed_breaks_a_law_or_the_page_says_why_not(ledger: Engine, table: Table) -> None:
    silent = set()
    for column in table.columns:
        with ledger.connect() as connection:
            try:
                if not change(connection, table, column) or all(result.ok for result in audit(connection)):
                    silent.add(column.name)
            except (IntegrityError, DataError):
                pass
            connection.rollback()
    assert silent == documented().get(table.name, set()), "no law, or no reason in docs/reliability.md"


def test_a_row_that_is_removed_breaks_a_law_or_the_page_names_its_table(ledger: Engine) -> None:
    named = re.search(
        r"A row that is missing from one of these tables breaks no law either: ([^.]+)\.", PAGE.read_text()
    )
    silent = set()
    for table in t.metadata.sorted_tables:
        keys = [f'"{key.name}"' for key in table.primary_key]
        last = f"SELECT {', '.join(keys)} FROM {table.name} ORDER BY {' DESC, '.join(keys)} DESC LIMIT 1"  # noqa: S608 - our own names
        gone = f"DELETE FROM {table.name} WHERE ({', '.join(keys)}) = ({last})"  # noqa: S608 - our own names
        with ledger.connect() as connection:
            try:
                with without_triggers(connection):
                    connection.exec_driver_sql(gone)
                if all(result.ok for result in audit(connection)):
                    silent.add(table.name)
            except IntegrityError:
                pass  # other rows refer to it
            connection.rollback()
    assert silent == set(re.findall(r"`(\w+)`", named[1] if named else ""))


def test_postgresql_is_held_to_the_same_laws(postgres: Postgres) -> None:
    unseen = []
    with busy_with_everything(postgres.fresh_url()) as engine, engine.connect() as connection:
        for table in t.metadata.sorted_tables:
            for column in [c for c in table.columns if c.name not in documented().get(table.name, ())][-1:]:
                try:
                    if not change(connection, table, column) or all(result.ok for result in audit(connection)):
                        unseen.append(f"{table.name}.{column.name}")
                except (IntegrityError, DataError):
                    pass
                connection.rollback()
        with without_triggers(connection):
            connection.exec_driver_sql("UPDATE leases SET head = 77")
        broken = [result.law for result in audit(connection) if not result.ok]
    assert unseen == []
    assert broken == ["schema"], "a reference that PostgreSQL does not check while triggers are off"


def test_the_page_names_no_table_that_is_not_there() -> None:
    assert documented().keys() <= t.metadata.tables.keys()
    assert documented()


@pytest.mark.parametrize(
    ("table", "column", "law"),
    [
        ("windows", "sources", "read"),
        ("waiting", "scrap", "counted"),
        ("backlog", "lots", "backlog"),
        ("explosions", "content", "accounts"),
    ],
)
def test_garbage_in_a_json_column_breaks_its_law_and_not_the_audit(
    ledger: Engine, table: str, column: str, law: str
) -> None:
    with ledger.connect() as connection:
        with without_triggers(connection):
            changed = connection.exec_driver_sql(f"UPDATE {table} SET {column} = '[garbage'")  # noqa: S608 - our own names
        results = {result.law: result.ok for result in audit(connection)}
        connection.rollback()
    if changed.rowcount:
        assert not results[law]
