"""Every column of every table, changed behind the program's back, breaks a law of the plain audit, or the docs say why.

So a new column has a law, or a reason there. Another value is put into the last row of each table, with the triggers
back in their place; what the database itself refuses needs no law.
"""

import re
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, Engine, Table, text
from sqlalchemy.exc import IntegrityError

from gateway.ledger import tables as t
from gateway.ledger.audit import audit
from gateway.ledger.database import open_database
from tests.integration.stored_plant import Shop, busy

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
ROW = re.compile(r"^\| `(\w+)` \| (`[^|]+`) \| [`\w]", re.MULTILINE)


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    url = f"sqlite:///{tmp_path_factory.mktemp('sweep')}/ledger.db"
    shop = Shop(url)
    try:
        busy(shop)
    finally:
        shop.close()
    return open_database(url)


def documented() -> dict[str, set[str]]:
    """Read which columns only the journal can prove."""
    section = PAGE.read_text().partition("## What only `audit --deep` can find")[2].partition("\n## ")[0]
    return {table: set(re.findall(r"`(\w+)`", columns)) for table, columns in ROW.findall(section)}


def change(connection: Connection, table: Table, column: Column[Any]) -> bool:
    """Put another value into the last row; return whether there is one."""
    kind = str(column.type)
    name = f'"{column.name}"'
    other = f"coalesce({name}, 0) + 1" if "INT" in kind else "x'00'" if "BLOB" in kind else f"{name} || 'x'"
    keys = [f'"{key.name}"' for key in table.primary_key]
    last = f"SELECT {', '.join(keys)} FROM {table.name} ORDER BY {' DESC, '.join(keys)} DESC LIMIT 1"  # noqa: S608 - our own names
    changed = f"UPDATE {table.name} SET {name} = {other} WHERE ({', '.join(keys)}) = ({last})"  # noqa: S608 - our own names
    triggers = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")).all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    found = connection.exec_driver_sql(changed).rowcount
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)
    return bool(found)


@pytest.mark.parametrize("table", t.metadata.sorted_tables, ids=lambda table: table.name)
def test_a_column_that_is_changed_breaks_a_law_or_the_page_says_why_not(ledger: Engine, table: Table) -> None:
    silent = set()
    for column in table.columns:
        with ledger.connect() as connection:
            try:
                if not change(connection, table, column) or all(result.ok for result in audit(connection)):
                    silent.add(column.name)
            except IntegrityError:
                pass
            connection.rollback()
    assert silent == documented().get(table.name, set()), "no law, or no reason in docs/reliability.md"


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
        for trigger in connection.scalars(text("SELECT name FROM sqlite_master WHERE type = 'trigger'")).all():
            connection.exec_driver_sql(f"DROP TRIGGER {trigger}")
        changed = connection.exec_driver_sql(f"UPDATE {table} SET {column} = '[garbage'")  # noqa: S608 - our own names
        results = {result.law: result.ok for result in audit(connection)}
        connection.rollback()
    if changed.rowcount:
        assert not results[law]
