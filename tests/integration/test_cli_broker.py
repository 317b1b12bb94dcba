"""The program on a real broker: run, simulate, listen, doctor and demo, each a process of its own."""

import json
import signal
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from gateway.mqtt.embedded import EmbeddedBroker
from tests.integration.cli_program import SHIPPED, Program
from tests.integration.gateway_process import until
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto, Postgres


def _program(folder: Path, mosquitto: Mosquitto) -> Program:
    backflush = Program(folder, MQTT__URL=mosquitto.url)
    assert backflush.here("masterdata", "import", str(SHIPPED)).status == 0
    return backflush


def _pieces(backflush: Program) -> int:
    """Sum what the ledger has read of every device."""
    return sum(
        int(row["units"] or 0) for row in backflush.here("report", "devices", "--json").json if row["kind"] in TOTALS
    )


TOTALS = ("good", "gross", "scrap")


def test_what_devices_made_under_faults_is_what_the_gateway_reads(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = _program(tmp_path, mosquitto)
    faults = ("--duplicates", "0.2", "--losses", "0.2", "--reorder", "0.2", "--resets", "0.1")
    with backflush.running("run", until="is ready") as gateway:
        plant = ("--for", "3", "--rate", "20", "--interval", "0.2", "--scans", "2", "--seed", "11")
        made = backflush("simulate", *faults, *plant, "--json")
        assert made.status == 0, made.err
        asked = backflush("post", "1000/L05", "--quantity", "2", "--json")
        assert asked.json["status"] == "ok", "a command goes to the running gateway"
        again = backflush("run")
        assert again.status == 3, "a second gateway is refused"
        assert again.err.splitlines()[-1].startswith("backflush: ")
        gateway.send_signal(signal.SIGTERM)
        assert gateway.wait(150) == 0
    counters = sum(device["good"] + device["scrap"] for device in made.json["devices"] if device["totals"])
    assert _pieces(backflush) == counters
    audited = backflush.here("audit", "--deep", "--json")
    assert (audited.status, audited.json["audit"]) == (0, "ok"), audited.out


_SIMULATE = "simulate", "--line", "1000/L01", "--scans", "0.0001"
"""Hardly a scan: without a gateway the settling would wait for its answer."""


def test_a_simulation_that_is_interrupted_settles_tells_and_says_so(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = _program(tmp_path, mosquitto)
    with (
        Monitor(mosquitto, "bf/v1/+/+/+/count") as monitor,
        backflush.running(*_SIMULATE, "--json", until="Ctrl-C ends") as simulation,
    ):
        until(lambda: bool(monitor.has_heard), "nothing was published")
        simulation.send_signal(signal.SIGINT)
        told = json.loads(simulation.communicate(timeout=150)[0])
    assert simulation.returncode == 130
    assert {device["device"] for device in told["devices"]} >= {"c-L01-good"}


def test_listen_says_what_each_message_would_become_and_posts_nothing(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = _program(tmp_path, mosquitto)
    with backflush.running("listen", "bf/v1/1000/L01/+/count", "--messages", "4", "--json", until="listening") as ears:
        simulated = backflush(
            "simulate", "--line", "1000/L01", "--messages", "4", "--interval", "0.2", "--seed", "1", "--json"
        )
        assert simulated.status == 0
        heard = [json.loads(line) for line in ears.communicate(timeout=150)[0].splitlines()]
        assert ears.returncode == 0
    assert len(heard) == 4
    assert {said["outcome"] for said in heard} <= {"counted", "heartbeat"}
    assert all(said["topic"].startswith("bf/v1/1000/L01/c-L01-") for said in heard)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as ledger, ledger:
        assert ledger.execute("SELECT count(*) FROM device_marks").fetchone() == (0,)


def test_listen_to_everything_leaves_out_what_gateways_publish(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = _program(tmp_path, mosquitto)
    ours = ["_gateway/gw1/health", "1000/L01/_device/c-L01-good", "1000/L01/s1/feedback"]
    others = ["plant/press1", "bf/v1/1000/L01/nobody/count"]
    for filter_, expected in (("#", others), ("bf/v1/#", [f"bf/v1/{topic}" for topic in ours])):
        listen = ("listen", filter_, "--messages", str(len(expected)), "--json")
        with backflush.running(*listen, until="listening") as ears, Monitor(mosquitto) as monitor:
            for topic in (*(f"bf/v1/{topic}" for topic in ours), *others):
                monitor.say(topic, b"5")
            heard = [json.loads(line) for line in ears.communicate(timeout=150)[0].splitlines()]
        assert [said["topic"] for said in heard] == expected


def test_the_gateways_own_login_is_refused_to_every_tool(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = Program(tmp_path, MQTT__URL=mosquitto.url, MQTT__USERNAME="bf-gateway")
    assert backflush.here("masterdata", "import", str(SHIPPED)).status == 0
    for command in (["doctor"], ["listen", "--for", "1"], ["simulate", "--for", "1"]):
        said = backflush(*command, "--username", "bf-gateway")
        assert "bf-gateway is the gateway's own" in (said.err + said.out), command
        assert said.status in (1, 2)


def test_a_broker_that_is_away_is_status_3(tmp_path: Path) -> None:
    backflush = Program(tmp_path, MQTT__URL="mqtt://127.0.0.1:1")
    assert backflush.here("masterdata", "import", str(SHIPPED)).status == 0
    for command in (["listen", "--for", "1"], ["demo", "--mqtt", "mqtt://127.0.0.1:1", "--for", "1", "--json"]):
        said = backflush(*command)
        assert (said.status, said.out) == (3, ""), said.err
        assert "127.0.0.1:1" in said.err.splitlines()[-1]


def test_the_doctor_examines_disk_database_and_broker(tmp_path: Path, mosquitto: Mosquitto) -> None:
    backflush = _program(tmp_path, mosquitto)
    said = backflush("doctor", "--json")
    assert said.status == 0
    found = {finding["about"]: finding["state"] for finding in said.json}
    assert found["disk"] == found["database"] == found["rights"] == "ok"
    mosquitto.stop()
    away = backflush("doctor", "--json")
    assert away.status == 1
    [failed] = [finding for finding in away.json if finding["state"] == "fail"]
    assert failed["about"] == "broker"
    assert failed["hint"]


def test_the_doctor_finds_a_login_without_rights(tmp_path: Path) -> None:
    acl = tmp_path / "acl"
    acl.write_text("topic read bf/v1/#\n")
    with Mosquitto(f"acl_file {acl}") as mosquitto:
        said = Program(tmp_path, MQTT__URL=mosquitto.url)("doctor", "--json")
    [rights] = [finding for finding in said.json if finding["about"] == "rights"]
    assert rights["state"] == "warn"


def test_the_demo_needs_nothing_and_ends_with_one_balanced_object(tmp_path: Path) -> None:
    said = Program(tmp_path)(
        "demo", "--gateways", "1", "--for", "3", "--lines", "7", "--rate", "20", "--seed", "5", "--json"
    )
    assert said.status == 0, said.err
    figures = said.json
    assert figures["audit"] == "ok"
    assert figures["read"] == figures["counted"] + figures["quarantined"] == figures["truth"] > 0
    assert figures["counted"] == figures["posted"] + figures["open"]
    assert figures["unanswered"] == 0
    assert figures["documents"] > 0
    assert not any(tmp_path.glob("*")), "nothing is left in the configured data directory"


def test_ctrl_c_ends_the_demo_with_its_audit(tmp_path: Path) -> None:
    with Program(tmp_path).running("demo", "--data-dir", str(tmp_path / "kept"), until="broker") as demo:
        time.sleep(3)
        demo.send_signal(signal.SIGINT)
        out, _ = demo.communicate(timeout=150)
        assert demo.returncode == 0
    assert "all of them were read" in out
    assert "laws hold" in out
    assert Program(tmp_path / "kept").here("audit").status == 0


def test_the_demo_takes_real_servers_and_may_come_again(
    tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    servers = (
        "--gateways",
        "1",
        "--mqtt",
        mosquitto.url,
        "--database",
        postgres.fresh_url(),
        "--data-dir",
        str(tmp_path),
    )
    first = Program(tmp_path)("demo", "--for", "1", *servers, "--json")
    assert first.status == 0, first.err
    second = Program(tmp_path)("demo", "--for", "1", *servers, "--json")
    assert second.status == 0, second.err
    assert second.json["read"] == first.json["read"] + second.json["truth"]


def test_the_demo_on_a_real_plants_broker_is_never_heard_there_and_leaves_nothing(tmp_path: Path) -> None:
    with Mosquitto() as mosquitto, Monitor(mosquitto, "#") as monitor:
        monitor.say("bf/v1/1000/L04/c-L04-good/state", "online", retain=True)
        said = Program(tmp_path)("demo", "--gateways", "1", "--for", "1", "--mqtt", mosquitto.url, "--json")
        assert said.status == 0, said.err
        bases = {heard.topic.partition("/")[0] for heard in monitor.has_heard} - {"bf"}
        assert [base for base in bases if base.startswith("demo-")] == list(bases)
        assert {heard.topic for heard in monitor.has_heard if heard.topic.startswith("bf/")} == {
            "bf/v1/1000/L04/c-L04-good/state"
        }
        assert [topic for topic in monitor.retained() if topic.startswith("demo-")] == []


def test_tools_fall_back_to_the_older_protocol(tmp_path: Path) -> None:
    with EmbeddedBroker.start(("iotcore",)) as broker:
        said = Program(tmp_path, MQTT__URL=str(broker.address))("doctor", "--json")
    assert "MQTT 3.1.1" in next(finding["got"] for finding in said.json if finding["about"] == "broker")
