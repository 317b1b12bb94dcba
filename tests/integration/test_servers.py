"""The servers of the other tests: what is stored survives a restart and a kill, and nothing is left behind."""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from paho.mqtt import publish, subscribe

from tests.servers import Mosquitto, Postgres, ServerFailed


def _ask(url: str, sql: bytes) -> str:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        row = connection.execute(sql).fetchone()
    return str(row[0]) if row else ""


def _retain(broker: Mosquitto, text: str) -> None:
    publish.single("t", text, qos=1, retain=True, hostname="127.0.0.1", port=broker.port)


def _retained(broker: Mosquitto) -> str:
    message = subscribe.simple("t", qos=1, hostname="127.0.0.1", port=broker.port)  # type: ignore[no-untyped-call]  # paho has no types here
    return str(message.payload.decode())


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_each_database_is_fresh(postgres: Postgres) -> None:
    first, second = postgres.fresh_url(), postgres.fresh_url()
    with psycopg.connect(first.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE t (a int)")
    assert first != second
    assert _ask(second, b"SELECT count(*) FROM pg_tables WHERE schemaname = 'public'") == "0"


def test_postgresql_syncs_what_it_commits(postgres: Postgres) -> None:
    assert [_ask(postgres.url, sql) for sql in (b"SHOW fsync", b"SHOW synchronous_commit")] == ["on", "on"]


@pytest.mark.parametrize("how", ["stop", "kill"])
def test_postgresql_keeps_what_was_committed(how: str) -> None:
    with Postgres() as server:
        url = server.fresh_url()
        with psycopg.connect(url.replace("+psycopg", "")) as connection:
            connection.execute("CREATE TABLE t (a int)")
            connection.execute("INSERT INTO t VALUES (7)")
            connection.commit()
            # A connection that is open when the server ends keeps one of its processes busy for a moment.
            getattr(server, how)()
        server.start()
        assert _ask(url, b"SELECT a FROM t") == "7"


def test_mosquitto_keeps_what_it_stored_at_its_end() -> None:
    with Mosquitto() as broker:
        url = broker.url
        _retain(broker, "kept")
        broker.stop()
        broker.start()
        assert (broker.url, _retained(broker)) == (url, "kept")
        broker.kill()
        broker.start()
        assert (broker.url, _retained(broker)) == (url, "kept")


def test_a_server_that_refuses_its_configuration_says_so() -> None:
    with pytest.raises(ServerFailed, match="no_such_setting"), Mosquitto("no_such_setting 1"):
        pass


def test_nothing_is_left_of_a_server() -> None:
    with Mosquitto() as broker:
        pid, folder = broker.pid, broker.folder
        assert _is_alive(pid)
    assert not _is_alive(pid)
    assert not folder.exists()


@pytest.mark.parametrize(("allowed", "status"), [("", 1), ("1", 0)])
def test_a_test_that_is_skipped_has_failed_unless_that_is_allowed(allowed: str, status: int, tmp_path: Path) -> None:
    file = tmp_path / "test_left_out.py"
    file.write_text("import pytest\n\ndef test_left_out() -> None:\n    pytest.skip('it is not there')\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-p", "no:cacheprovider", "-rsf", file],
        env={**os.environ, "ALLOW_MISSING_SERVERS": allowed},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, "it is not there" in done.stdout) == (status, True), done.stdout
