"""What a reversal sees is read for all documents at once, however many are named."""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, event, insert, select

from gateway.backflush.memory.changes import Needs
from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.reports import lists
from gateway.ledger.store.dossiers import dossiers, later
from gateway.ledger.store.facts import read_facts
from tests.integration.stored_plant import busy_ledger, reader
from tests.servers import Postgres

MANY = 70_000
"""More names than a question to PostgreSQL may have."""


def asked_of(connection: Connection) -> list[tuple[str, Any]]:
    """Note what is asked from now on."""
    asked: list[tuple[str, Any]] = []
    event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    return asked


def test_what_is_later_is_asked_once_of_each_flow(busy_url: str) -> None:
    with reader(busy_url) as connection:
        numbers = connection.scalars(select(t.documents.c.number)).all()
        found = dossiers(connection, numbers)
        flows = {dossier.document.flow for dossier in found.values()}
        asked = asked_of(connection)
        after = later(connection, found.values())
    assert len(asked) == len(flows) < len(numbers)
    assert after.keys() == flows
    assert any(after.values())


def test_the_newest_reports_of_a_version_are_found_over_its_flows(tmp_path: Path, postgres: Postgres) -> None:
    """The documents of other products are not read."""
    with reader(busy_ledger("sqlite", tmp_path, postgres)) as connection:
        asked = asked_of(connection)
        found = read_facts(connection, Needs(latest=("1000", "FG", "V1", "final", 10_000_000)), ("*",), ())
        assert found.latest
        [(sql, said)] = [each for each in asked if "said_yield" in each[0] and "documents.flow IN" in each[0]]
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", said).all()
    assert any("INDEX documents_flow" in str(step) for step in plan), plan


def test_however_many_are_named_all_are_read(busy_url: str) -> None:
    with reader(busy_url) as connection:
        there = connection.scalars(select(t.documents.c.number)).all()
        numbers = tuple(range(1, MANY))
        assert [*dossiers(connection, numbers)] == sorted(there)


def test_a_list_of_more_orders_than_a_question_takes_is_shown(busy_url: str) -> None:
    engine = open_database(busy_url)
    before = {"plant": "1000", "material": "Z", "version": "", "line": "", "finish_date": "", "components": "[]"}
    orders = [
        {**before, "planned_order": f"Z{number}", "start_date": "2026-01-01", "quantity": 1} for number in range(MANY)
    ]
    with engine.begin() as connection:
        connection.execute(insert(t.orders), orders)
    with reader(busy_url) as connection:
        assert len(lists.orders(connection, MasterData(), lists.OrderFilter(material="Z"), limit=MANY)) == MANY
    engine.dispose()
