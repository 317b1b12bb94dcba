"""Promise 11 on PostgreSQL: the gateway's own role can work a whole day, and cannot change history or the schema."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import NamedTuple

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, make_url
from sqlalchemy.exc import ProgrammingError

from devices.simulators import BrokerAccess, SimulatedPlant
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.database.roles import excess
from gateway.ledger.database.schema import upgrade
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import BAD_NETWORK, SCANNERS, booked, counters, expected, scanners, stocked
from tests.servers import Mosquitto, Postgres, run_sql

_NUMBERS = count(1)


class Place(NamedTuple):
    """One database by the addresses of its roles."""

    superuser: str
    owner: str
    app: str
    read: str

    @property
    def names(self) -> tuple[str, str, str]:
        owner, app, read = (str(make_url(url).username) for url in self[1:])
        return owner, app, read


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    engine = open_database(url)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def fresh(postgres: Postgres) -> Place:
    """Make a database with three logins, as `createuser` and `createdb --owner` do."""
    url, number = postgres.fresh_url(), next(_NUMBERS)
    names = [f"bf {role} {number}" for role in ("owner", "app", "read")]  # a space: names are quoted
    with connected(url) as connection:
        for name in names:
            connection.exec_driver_sql(f'CREATE ROLE "{name}" LOGIN')
        connection.exec_driver_sql(f'ALTER DATABASE {make_url(url).database} OWNER TO "{names[0]}"')
        connection.exec_driver_sql(f'ALTER SCHEMA public OWNER TO "{names[0]}"')
    owner, app, read = (make_url(url).set(username=name).render_as_string() for name in names)
    return Place(url, owner, app, read)


def prepared(postgres: Postgres, folder: Path) -> Place:
    """Make a ledger and its roles as `init` does."""
    place = fresh(postgres)
    _, app, read = place.names
    said = Commands(folder / "owner", place.owner)("init", "--app-role", app, "--read-role", read, "--json")
    assert said.status == 0, said.err
    assert said.json["roles"] == {"app": app, "read": read}
    return place


def prepared_by_hand(postgres: Postgres, folder: Path) -> Place:
    """Make them as somebody does who runs no program of ours as the owner: by what `init` prints for the app."""
    place = fresh(postgres)
    owner, app, read = place.names
    backflush = Commands(folder / "app", place.app)
    wanted = "init", "--app-role", app, "--read-role", read, "--print-sql"
    run_sql(place.owner, backflush(*wanted).out)
    with reading(place.superuser) as connection:
        compared = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(compared, t.metadata) == []
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"
        assert connection.exec_driver_sql(owners).scalars().all() == [owner]
    again = backflush(*wanted)
    assert (again.status, "CREATE TABLE" in again.out, "GRANT" in again.out) == (0, False, True), again.err
    run_sql(place.owner, backflush(*wanted, "--json").json["sql"])
    return place


def test_a_gateway_works_a_whole_day_as_the_app_role(tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres) -> None:
    place = prepared(postgres, tmp_path)
    plant = SimulatedPlant([*counters(), *scanners(rate_per_s=2)], BAD_NETWORK, 11)

    async def produce() -> None:
        await plant.run(BrokerAccess(url=mosquitto.url), messages=800, rate=500)
        assert await plant.settle() == 0, "every scan is answered"

    with GatewayProcess(mosquitto.url, database=place.app, posting={"worklist": "1s"}) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        asyncio.run(produce())

        def settled() -> bool:
            with gateway.ledger() as connection:
                return booked(connection) == expected(plant.truth())

        until(settled, lambda: gateway.log)
        by_hand = gateway.ask("post", {"type": "assembly", "quantity": "4"}, plant="1000", line="L05")
        assert by_hand["status"] == "ok", by_hand
        asked = [
            ("run-start", {"material": "PUMP-40", "version": "0001"}, "L06"),
            ("run-stop", {}, "L06"),
            ("work", {}, ""),
            ("reverse", {"document": by_hand["data"]["documents"][0]}, ""),
            ("hold", {}, "L01"),
            ("release", {}, "L01"),
        ]
        for verb, data, line in asked:
            answer = gateway.ask(verb, data, plant="1000" if line else "", line=line, reason="tried")
            assert answer["status"] == "ok", (verb, answer)
        assert gateway.stop() == 0
        gateway.audit()
        by_hand_again = Commands(gateway.data, place.app)
        for words in (["backlog", "retry"], ["period", "close", "1000", "2026-01"], ["audit", "--deep"]):
            done = by_hand_again(*words)
            assert done.status == 0, done
        reads = Commands(tmp_path / "reader", place.read)
        for report in ("stock", "documents", "production", "points", "collectors", "devices", "statistics"):
            said = reads("report", report, "--json")
            assert said.status == 0, said.err
        assert reads("audit").status == 0
        assert reads("trace", "1").status == 0
        assert reads("quarantine", "list").status == 0


def test_the_app_role_backs_up_and_the_owner_restores(tmp_path: Path, postgres: Postgres) -> None:
    place, other = prepared(postgres, tmp_path), fresh(postgres)
    backflush, file = Commands(tmp_path / "app", place.app), tmp_path / "copy.zip"
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "3").status == 0
    assert backflush("backup", str(file)).status == 0
    assert Commands(tmp_path / "data", other.owner)("restore", str(file)).status == 0
    assert Commands(tmp_path / "data", other.app)("work").status == 3, "it has no rights yet"
    assert Commands(tmp_path / "data", other.owner)("init", "--app-role", other.names[1]).status == 0
    restored = Commands(tmp_path / "data", other.app)
    posted = restored("post", "1000/L05", "--quantity", "2")
    assert posted.status == 0, posted
    assert len(restored("report", "documents", "--json").json) == 2
    assert restored("audit", "--deep").status == 0


@pytest.mark.parametrize("how", [prepared, prepared_by_hand])
def test_the_app_role_can_neither_change_history_nor_the_schema(
    how: Callable[[Postgres, Path], Place], tmp_path: Path, postgres: Postgres
) -> None:
    place = how(postgres, tmp_path)
    backflush = Commands(tmp_path / "app", place.app)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "3").status == 0
    refused = [
        "DROP TABLE documents",
        "ALTER TABLE documents ADD COLUMN x text",
        "ALTER TABLE documents DISABLE TRIGGER ALL",
        "DROP TRIGGER documents_no_update ON documents",
        "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "CREATE TABLE mine (x text)",
        "SET session_replication_role = replica",
        "UPDATE alembic_version SET version_num = '0002'",
        "UPDATE quarantine SET yield = 0",
    ]
    for table in (*t.HISTORY, *t.RECORDS):
        last = [column.name for column in table.columns][-1]
        refused += [f"DELETE FROM {table.name}", f"TRUNCATE {table.name}"]  # noqa: S608 - names of our own tables
        if table in t.HISTORY:
            refused.append(f"UPDATE {table.name} SET {last} = {last}")  # noqa: S608 - as above
    copies = [f"INSERT INTO {name} SELECT * FROM {name}" for name in t.metadata.tables]  # noqa: S608 - as above
    for url, statements in ((place.app, refused), (place.read, copies)):
        with connected(url) as connection:
            for statement in statements:
                with (
                    pytest.raises(ProgrammingError, match=r"permission denied|must be owner"),
                    connection.begin_nested(),
                ):
                    connection.exec_driver_sql(statement)
    assert backflush("audit").status == 0


def test_rights_that_no_gateway_needs_are_found(tmp_path: Path, postgres: Postgres) -> None:
    place = prepared(postgres, tmp_path)
    _, app, _ = place.names
    found = {"superuser": "is a superuser", "owner": "owns the tables", "app": "", "read": ""}
    for role, text in found.items():
        with reading(getattr(place, role)) as connection:
            assert [text in right for right in excess(connection)] == ([True] if text else []), role
    with connected(place.superuser) as connection:
        connection.exec_driver_sql(f'GRANT UPDATE, TRUNCATE ON documents TO "{app}"')
        connection.exec_driver_sql(f'GRANT CREATE ON SCHEMA public TO "{app}"')
    with reading(place.app) as connection:
        assert excess(connection) == [
            "it may UPDATE documents",
            "it may TRUNCATE documents",
            "it may create in the schema",
        ]
    doctor = Commands(tmp_path / "app", place.app)("doctor", "--mqtt", "mqtt://127.0.0.1:1")
    assert "the gateway's role has rights that it does not need: it may UPDATE documents" in doctor.out
    assert Commands(tmp_path / "owner", place.owner)("init", "--app-role", app).status == 0
    with reading(place.app) as connection:
        assert excess(connection) == [], "what is not needed is taken away"
    with reading(f"sqlite:///{_ledger(tmp_path)}") as connection:
        assert excess(connection) == []


def _ledger(folder: Path) -> Path:
    upgrade(f"sqlite:///{folder}/ledger.sqlite")
    return folder / "ledger.sqlite"


def test_roles_that_are_not_there_and_rights_that_are_missing_are_told_in_one_line(
    tmp_path: Path, postgres: Postgres
) -> None:
    place = fresh(postgres)
    early = Commands(tmp_path / "app", place.app)("init")
    assert (early.status, early.err.count("\n")) == (2, 1)
    assert "run `backflush init` as the role that owns the ledger" in early.err
    unknown = Commands(tmp_path / "owner", place.owner)("init", "--app-role", "nobody here")
    assert (unknown.status, "expected a role nobody here, found none" in unknown.err) == (2, True)
    sqlite = Commands(tmp_path / "sqlite")("init", "--read-role", "reader")
    assert (sqlite.status, "SQLite has none" in sqlite.err) == (2, True)
    sqlite = Commands(tmp_path / "sqlite")("init", "--print-sql")
    assert (sqlite.status, "SQLite has none" in sqlite.err) == (2, True)
