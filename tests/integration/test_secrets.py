"""Secrets come from files and the environment and appear nowhere; what the gateway writes is for its owner alone."""

import os
import stat
import traceback
from pathlib import Path

import pytest
from sqlalchemy import make_url

from gateway.addresses import public
from gateway.errors import UsageError
from gateway.journal import Journal
from gateway.ledger.database.connection import database_url, open_database
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands, Program
from tests.integration.gateway_process import GatewayProcess
from tests.integration.monitor import Monitor
from tests.integration.plant import stocked
from tests.integration.shipped_broker import ShippedBroker
from tests.servers import Postgres, free_port

CANARY = "Zeisig7"
"""What must be seen nowhere; a part of every secret of these tests."""


def test_a_running_gateway_shows_no_secret_anywhere(tmp_path: Path, postgres: Postgres) -> None:
    database = make_url(postgres.fresh_url()).set(password=f"db-{CANARY}").render_as_string(hide_password=False)
    (tmp_path / "password").write_text(f"mqtt-{CANARY}\n")
    logins = {"bf-gateway": f"mqtt-{CANARY}", "everything": "everything"}
    mqtt = {"username": "bf-gateway", "password_file": str(tmp_path / "password")}
    with (
        ShippedBroker(tmp_path, logins, access="user everything\ntopic readwrite #\n") as broker,
        Monitor(broker, "#", login="everything") as monitor,
        GatewayProcess(broker.url, database=database, mqtt=mqtt, log={"level": "debug"}) as gateway,
    ):
        stocked(gateway, tmp_path / "shop").start().ready()
        post = gateway.ask("post", {"type": "assembly", "quantity": "2"}, plant="1000", line="L05")
        assert post["status"] == "ok"
        asked = [gateway.backflush(*words) for words in (["check"], ["backup", str(tmp_path / "copy.zip")])]
        said = [
            gateway.log,
            str(gateway.pong()),
            str(asked),
            Path(f"/proc/{gateway.pid}/cmdline").read_bytes().decode(),
        ]
        broker.stop()
        gateway.ready("degraded")
        assert gateway.stop() == 0
        written = [path.read_bytes() for path in (*gateway.data.iterdir(), tmp_path / "copy.zip") if path.is_file()]
        assert any(heard.topic.endswith("/info") for heard in monitor.has_heard)
        assert CANARY not in "".join([*said, gateway.log, str(monitor.has_heard)])
        assert [content for content in written if CANARY.encode() in content] == []


COMMANDS = [
    ["check"],
    ["doctor"],
    ["init"],
    ["audit"],
    ["report", "stock"],
    ["masterdata", "import", str(SHIPPED)],
    ["work"],
    ["backup", "copy.zip"],
]
DATABASES = [
    f"postgresql+psycopg://bf:{CANARY}@127.0.0.1:1/nothing",
    f"postgresql://bf:{CANARY}@127.0.0.1:port/nothing",
    f"postgresql://bf:x@{CANARY}@127.0.0.1:1/nothing",
    f"postgresql://bf@127.0.0.1:1/nothing?password={CANARY}",
    f"mysql://bf:{CANARY}@127.0.0.1/nothing",
    f"bf:{CANARY}",
]


@pytest.mark.parametrize("url", DATABASES)
def test_no_address_of_a_database_is_told_with_its_password(url: str) -> None:
    if "//" in url:
        assert CANARY not in public(url)
    try:
        shown = database_url(url).render_as_string()
    except UsageError as error:
        shown = "".join(traceback.format_exception(error))
    assert CANARY not in shown


def test_no_command_tells_a_secret_even_when_all_goes_wrong(tmp_path: Path) -> None:
    (tmp_path / "no text").write_bytes(CANARY.encode() + b"\xff")
    backflush = Commands(tmp_path / "data", DATABASES[0])
    for words in COMMANDS:
        said = backflush("--debug", *words)
        assert (said.status, CANARY in said.out + said.err) in {(0, False), (1, False), (3, False)}, (words, said)
    for settings in (
        {"MQTT__PASSWORD_FILE": str(tmp_path / "no text")},
        {"MQTT__URL": f"mqtt://gw:{CANARY}@127.0.0.1:1"},
    ):
        said = Program(tmp_path / "data", **{"MQTT__PASSWORD": CANARY, **settings})("--debug", "run")
        assert (said.status, CANARY in said.out + said.err) == (2, False), said


def test_a_wrong_kind_of_secret_is_not_told_either(tmp_path: Path) -> None:
    file = tmp_path / "gateway.toml"
    file.write_text(f'[mqtt]\npassword = ["{CANARY}"]\n[database]\nurl = {{ secret = "{CANARY}" }}\n')
    with pytest.raises(UsageError) as caught:
        load_settings(file)
    assert CANARY not in "".join(traceback.format_exception(caught.value))


def test_what_is_written_is_for_its_owner_alone_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        with Journal.open(tmp_path / "journal.sqlite") as journal:
            engine = open_database(f"sqlite:///{tmp_path}/ledger.sqlite")
            with engine.begin() as connection:
                connection.exec_driver_sql("CREATE TABLE t (x)")
                modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in journal.path.parent.iterdir()}
            engine.dispose()
    finally:
        os.umask(before)
    assert {"journal.sqlite-wal", "ledger.sqlite-wal"} <= modes.keys()
    assert set(modes.values()) == {0o600}, modes


def test_the_data_directory_and_the_socket_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    program = Program(folder, MQTT__URL=f"mqtt://127.0.0.1:{free_port()}")
    with program.running("run", until="no broker"):
        modes = {path: stat.S_IMODE(path.stat().st_mode) for path in folder.rglob("*")}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert folder / "control.sock" in modes
    assert all(mode == (0o700 if path.is_dir() else 0o600) for path, mode in modes.items()), modes
    folder.chmod(0o755)
    said = program("doctor")
    assert f"{folder} has rights 755" in said.out
