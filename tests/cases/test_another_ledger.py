"""Another ledger in the place of the one that was there: nothing is posted to it, and it is said."""

from collections.abc import Iterable, Iterator

import psycopg
import pytest

from tests.cases.rig import Rig, until
from tests.servers import Postgres

THROW_OUT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = '{db}' AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)
CASES = {
    "the database is another one, and empty": (
        ["ALTER DATABASE {db} RENAME TO {db}_away", "CREATE DATABASE {db}"],
        ["DROP DATABASE {db} WITH (FORCE)", "ALTER DATABASE {db}_away RENAME TO {db}"],
        "its tables were removed",
    ),
    "the role looks into another schema": (
        ["ALTER DATABASE {db} SET search_path = other"],
        ["ALTER DATABASE {db} RESET search_path"],
        "its tables were removed",
    ),
    "a copy of its schema that has folded nothing": (
        ["ALTER DATABASE {db} RENAME TO {db}_away", "CREATE DATABASE {db} TEMPLATE fresh"],
        ["DROP DATABASE {db} WITH (FORCE)", "ALTER DATABASE {db}_away RENAME TO {db}"],
        "a ledger that does not know this journal",
    ),
}


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Offer a server with a ledger, as the database `fresh`, that has folded nothing."""
    with Postgres() as made:
        with Rig(database=made.fresh_url(), imports=False) as rig:
            rig.done("init")
        run(made, "ALTER DATABASE test_1 RENAME TO fresh")
        yield made


def run(server: Postgres, *statements: str) -> None:
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement.encode())


@pytest.mark.parametrize("case", CASES)
def test_no_second_ledger_is_made_or_taken_in_place_of_the_one_that_was_there(case: str, server: Postgres) -> None:
    bad, good, said = CASES[case]
    url = server.fresh_url()
    with Rig(database=url) as rig:
        rig.start()
        rig.count("c-L06-good", 3)
        rig.settle()
        swapped(server, url, bad)
        rig.count("c-L06-good", 10)
        until(lambda: any(said in alert["text"] for alert in rig.alerts()), lambda: rig.gateway.log)
        rig.gateway.ready("degraded")
        swapped(server, url, good)
        rig.gateway.ready()
        rig.settle()
        assert [document["yield"] for document in rig.documents()] == ["3", "7"]
        assert rig.gateway.stop() == 0
        rig.audit()


def test_a_table_that_somebody_has_renamed_is_told_and_the_gateway_goes_on_once_it_is_back(server: Postgres) -> None:
    url = server.fresh_url()
    with Rig(database=url) as rig, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as database:
        rig.start()
        database.execute("ALTER TABLE device_marks RENAME TO away")
        rig.count("c-L06-good", 3)
        until(lambda: any("device_marks is gone" in each["text"] for each in rig.alerts()), lambda: rig.gateway.log)
        rig.gateway.ready("degraded")
        database.execute("ALTER TABLE away RENAME TO device_marks")
        rig.gateway.ready()
        rig.settle()
        assert [document["yield"] for document in rig.documents()] == ["3"]
        assert rig.gateway.stop() == 0


def swapped(server: Postgres, url: str, statements: Iterable[str]) -> None:
    """Do something to a database that everybody is thrown out of."""
    db = url.rpartition("/")[2]
    run(server, f"ALTER DATABASE {db} ALLOW_CONNECTIONS false", THROW_OUT.format(db=db))
    run(server, *(statement.format(db=db) for statement in statements), f"ALTER DATABASE {db} ALLOW_CONNECTIONS true")
