"""What the running gateway notices by itself: each of these is done to it, and it says so on an alert topic."""

import shutil
import signal
import stat
import threading
from collections.abc import Callable
from os import kill
from pathlib import Path

import paho.mqtt.client as paho
import psycopg
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
from gateway.ledger.store.server_settings import Setting, examine
from gateway.mqtt.embedded import EmbeddedBroker
from gateway.service.local.submission import system_clock
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Heard, Monitor
from tests.integration.plant import SCANNERS, documents_of_scans, stocked
from tests.servers import Mosquitto, Postgres

OWN = "bf/v1/_gateway/gw1"
L01 = "bf/v1/1000/L01"
L05 = "bf/v1/1000/L05"
SILENT_AFTER_A_SECOND = ("c-quiet,1000,L05,,counter,good,native,,60000,quarantine,zero,,1",)


def alert(name: str) -> str:
    return f"{OWN}/alert/{name}"


def says(words: str) -> Callable[[Heard], bool]:
    return lambda heard: bool(heard.payload) and words in heard.body["text"]


def over(heard: Heard) -> bool:
    return heard.payload == b""


def standing(gateway: GatewayProcess) -> set[str]:
    return {each["id"] for each in (gateway.pong() or {})["alerts"]}


def fill_the_queue_of_an_absent_client(broker: Mosquitto, messages: int) -> None:
    """Let the broker drop messages: somebody with a session is away, and there is no room for what comes."""
    subscribed = threading.Event()
    absent = paho.Client(
        CallbackAPIVersion.VERSION2, "absent", clean_session=False, protocol=MQTTProtocolVersion.MQTTv311
    )
    absent.on_connect = lambda client, *_: client.subscribe("elsewhere", 1)
    absent.on_subscribe = lambda *_: subscribed.set()
    absent.connect("127.0.0.1", broker.port)
    absent.loop_start()
    assert subscribed.wait(150)
    absent.disconnect()
    absent.loop_stop()
    with Monitor(broker, "nothing", client_id="speaker") as speaker:
        for number in range(messages):
            speaker.say("elsewhere", str(number))


def test_it_notices_what_the_broker_drops_and_that_it_was_restarted_and_asks_for_reports(tmp_path: Path) -> None:
    small = "sys_interval 1\nmax_inflight_messages 20\nmax_queued_messages 5"
    with Mosquitto(small) as broker, Monitor(broker) as monitor, GatewayProcess(broker.url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        limits = monitor.wait(alert("broker-limits")).body
        assert "20 messages at once" in limits["text"]
        assert "without a login" in monitor.wait(alert("anonymous")).body["text"]
        assert alert("dropped") not in monitor.topics()

        asked = len(monitor.has_heard)
        fill_the_queue_of_an_absent_client(broker, 60)
        dropped = monitor.wait(alert("dropped"))
        assert dropped.retain
        assert set(dropped.body) == {"id", "severity", "since", "text", "object", "objects", "hint"}
        report = monitor.wait(f"{L05}/c-L05-good/command", after=asked).body
        assert (report["command"], report["reason"]) == ("report", "the broker has dropped messages")

        broker.kill()
        gateway.ready("degraded")
        broker.start()
        gateway.ready()
        monitor.wait(alert("broker-restarted"))
        monitor.wait(alert("session-lost"))
        assert gateway.stop() == 0
        gateway.audit()


def test_it_takes_a_broker_that_hangs_up_on_sys_topics_as_it_is(tmp_path: Path) -> None:
    with (
        EmbeddedBroker.start(("iotcore",)) as broker,
        GatewayProcess(str(broker.address), mqtt={"protocol": "3.1.1"}) as gateway,
    ):
        stocked(gateway, tmp_path / "shop").start().ready()
        assert not standing(gateway) & {"broker", "takeover", "dropped"}
        assert gateway.log.count("connected to") == 1


def test_it_notices_that_it_was_forbidden_to_read_while_it_runs_and_that_it_may_again(tmp_path: Path) -> None:
    rights = tmp_path / "acl"
    rights.write_text("topic readwrite #\n")
    with (
        Mosquitto(f"acl_file {rights}") as broker,
        Monitor(broker, f"{OWN}/_canary/+", alert("subscription")) as monitor,
        GatewayProcess(broker.url) as gateway,
    ):
        stocked(gateway, tmp_path / "shop").start().ready()
        for kind in ("count", "scan", "state"):
            monitor.wait(f"{OWN}/_canary/{kind}")
        rights.write_text(f"topic write bf/v1/#\ntopic read {OWN}/alert/#\n")
        kill(broker.pid, signal.SIGHUP)
        # A canary flies every 30 s, and is missed after another five.
        until(lambda: "subscription" in standing(gateway), gateway.pong, patience_s=240)
        assert "does not hear its own canary" in monitor.wait(alert("subscription")).body["text"]
        assert gateway.log.count("connected to") == 1

        rights.write_text("topic readwrite #\n")
        broker.stop()
        broker.start()
        until(lambda: "subscription" not in standing(gateway), gateway.pong)
        assert gateway.stop() == 0


def test_it_notices_unsafe_silent_flapping_and_wrong_devices_and_its_own_twin(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url, watch={"flaps": 3}) as gateway:
        stocked(gateway, tmp_path / "shop", devices=(*SCANNERS, *SILENT_AFTER_A_SECOND))
        monitor.say(f"{L05}/c-L05-scrap/count", "7", retain=True)
        gateway.start().ready()
        retained = monitor.wait(alert("retained")).body
        assert "c-L05-scrap" in retained["text"]

        monitor.whisper(f"{L05}/c-L05-good/count", "5")
        assert monitor.wait(alert("qos")).body["object"] == f"{L05}/c-L05-good/count"

        monitor.wait(alert("silent"), says("c-quiet"))
        for word in ("online", "offline", "online", "offline"):
            monitor.say(f"{L05}/s-L05/state", word)
        assert monitor.wait(alert("flapping")).body["object"] == "s-L05"
        monitor.wait(alert("silent"), says("s-L05"))
        monitor.say(f"{L05}/s-L05/state", "online")
        monitor.wait(alert("silent"), lambda heard: bool(heard.payload) and "s-L05" not in heard.body["text"])

        tomorrow = system_clock() // 1000 + 86_400_000
        for total in (1, 2, 3):
            monitor.say(f"{L05}/c-L05-scrap/count", {"scrap": total, "ts": tomorrow + total, "seq": total, "boot": "x"})
        assert "c-L05-scrap by +86" in monitor.wait(alert("clock-skew")).body["text"]
        monitor.say(f"{L05}/c-L05-scrap/count", {"scrap": 4, "ts": system_clock() // 1000, "seq": 4, "boot": "x"})
        monitor.wait(alert("clock-skew"), over)

        begun = len(monitor.has_heard)
        monitor.say(f"{OWN}/info", {"gateway": "gw1", "instance": "another", "host": "elsewhere"})
        assert monitor.wait(alert("twin"), after=begun).body["object"] == "elsewhere"
        assert gateway.stop() == 0
        gateway.audit()


def test_it_notices_a_database_disk_and_files_that_are_not_as_they_should_be(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    password = tmp_path / "password"
    password.write_text("secret")
    password.chmod(0o644)
    free = shutil.disk_usage(tmp_path).free
    with (
        Postgres() as server,
        Monitor(mosquitto) as monitor,
        GatewayProcess(
            mosquitto.url,
            database=server.fresh_url(),
            journal={"min_free": int(free * 0.6)},
            mqtt={"username": "gw", "password_file": str(password)},
            watch={"worklist_age": "1s", "backlog_age": "1s"},
        ) as gateway,
    ):
        stocked(gateway, tmp_path / "shop")
        set_up(server, "full_page_writes = off")
        gateway.start().ready()
        text = monitor.wait(alert("database-settings")).body["text"]
        assert text == "the database: full_page_writes is off, expected on", "what a role may is no alert"
        until(lambda: "rights that it does not need: it is a superuser" in gateway.log, lambda: gateway.log)
        assert monitor.wait(alert("disk")).body["severity"] == "warning"
        assert "has rights 644, expected the owner's alone" in monitor.wait(alert("file-rights")).body["text"]
        password.chmod(stat.S_IRUSR | stat.S_IWUSR)
        monitor.wait(alert("file-rights"), over)

        # What a profile times as background waits in the worklist until somebody asks for it.
        monitor.say(f"{L01}/c-L01-good/count", "5")
        until(lambda: gateway.health()["worklist"] > 0, gateway.health)
        # So do components of which there is not enough.
        gateway.ask("post", {"type": "assembly", "quantity": "100000"}, plant="1000", line="L04")
        assert gateway.health()["backlog"] > 0
        assert gateway.stop() == 0
        set_up(server, "full_page_writes = on")
        gateway.start().ready()
        waits = monitor.wait(alert("worklist-age")).body
        assert alert("database-settings") not in monitor.retained()
        assert "open worklist rows" in waits["text"]
        gateway.ask("work", {})
        monitor.wait(alert("worklist-age"), over)
        assert "open backlog records" in monitor.wait(alert("backlog-age")).body["text"]
        missing = [f"{row['document']}/{row['item']}" for row in gateway.backflush("backlog", "list")]
        closing = len(monitor.has_heard)
        gateway.ask("backlog-close", {"records": missing}, reason="counted again")
        monitor.wait(alert("backlog-age"), over, after=closing)
        assert gateway.stop() == 0


def set_up(server: Postgres, *settings: str) -> None:
    """Set a running server up, as its administrator does."""
    with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
        for setting in settings:
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")


def settings_of(url: str) -> list[Setting]:
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            return examine(connection)
    finally:
        engine.dispose()


def not_ok(url: str) -> set[str]:
    return {setting.name for setting in settings_of(url) if not setting.ok}


def test_settings_that_lose_commits_are_found(tmp_path: Path) -> None:
    with Postgres() as server:
        with psycopg.connect(server.url.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("CREATE ROLE plain LOGIN")
        assert not_ok(server.url.replace("backflush@", "plain@")) == set()
        set_up(server, "fsync = off", "full_page_writes = off")
        until(lambda: not_ok(server.url) == {"fsync", "full_page_writes"}, lambda: not_ok(server.url))
        ledger = server.fresh_url()
        upgrade(ledger)
        assert "unlogged" not in not_ok(ledger)
        with psycopg.connect(ledger.replace("+psycopg", ""), autocommit=True) as connection:
            connection.execute("ALTER TABLE last_scans SET UNLOGGED")
        assert "unlogged" in not_ok(ledger)

    lite = f"sqlite:///{tmp_path}/ledger.sqlite"
    assert not_ok(lite) == set()
    engine = open_database(lite)
    with engine.connect() as connection:
        raw = connection.connection.cursor()
        for weaker in ("synchronous = NORMAL", "journal_mode = DELETE"):
            raw.execute(f"PRAGMA {weaker}")
        assert {each.name for each in examine(connection) if not each.ok} == {"journal_mode", "synchronous"}
    engine.dispose()


def moved_away(file: Path, to: Path) -> None:
    """Move a database with what SQLite keeps beside it."""
    to.mkdir(exist_ok=True)
    for each in file.parent.glob(f"{file.name}*"):
        if not each.name.endswith(".lock"):
            each.rename(to / each.name)


def scanned(monitor: Monitor, name: str, result: str) -> str:
    """Scan a cable, and return the code of the answer of a kind."""
    told = len(monitor.has_heard)
    monitor.say(f"{L05}/s-L05/scan", {"id": name, "data": "]d20102000000000077"})
    heard = monitor.wait(
        f"{L05}/s-L05/feedback", lambda heard: (heard.body["ref"], heard.body["result"]) == (name, result), after=told
    )
    return str(heard.body["code"])


def test_a_ledger_that_is_removed_takes_nothing_more_and_is_made_again_from_the_journal_by_the_next_start(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url, posting={"feedback_timeout_ms": 300}) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        file = gateway.data / "ledger.sqlite"
        assert scanned(monitor, "before", "ok") == "BF0000"

        moved_away(file, gateway.data / "away")
        monitor.wait(alert("ledger"), says("removed or replaced"))
        gateway.ready("degraded")
        assert scanned(monitor, "meanwhile", "queued") == "BF0001"
        assert not file.exists(), "nobody makes another one while it runs"
        told = len(monitor.has_heard)
        moved_away(gateway.data / "away" / "ledger.sqlite", gateway.data)
        monitor.wait(alert("ledger"), over, after=told)
        gateway.ready().caught_up()

        moved_away(file, gateway.data / "gone")
        monitor.wait(alert("ledger"), says("removed or replaced"), after=told)
        assert scanned(monitor, "after", "queued") == "BF0001"
        assert gateway.stop() == 0
        assert not file.exists()
        gateway.start().ready().caught_up()
        with gateway.ledger() as connection:
            assert documents_of_scans(connection) == {"before": 1, "meanwhile": 1, "after": 1}
        assert gateway.stop() == 0
        gateway.audit()


def test_a_journal_that_is_removed_takes_nothing_more(tmp_path: Path, mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        file = gateway.settings.journal_path
        moved_away(file, gateway.data / "away")
        # Nothing arrives meanwhile: it is looked for all the same.
        monitor.wait(alert("journal"), says("removed or replaced"))
        gateway.ready("degraded")
        assert scanned(monitor, "meanwhile", "nok") == "BF9001"
        assert not file.exists()
        told = len(monitor.has_heard)
        moved_away(gateway.data / "away" / file.name, gateway.data)
        monitor.wait(alert("journal"), over, after=told)
        gateway.ready()
        assert scanned(monitor, "meanwhile", "ok") == "BF0000"
        assert gateway.stop() == 0
        gateway.audit()
