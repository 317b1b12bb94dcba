"""The doctor finds what is wrong with the world, says what it expected, and what to do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.integration.cli_program import Program
from tests.integration.gateway_process import GatewayProcess
from tests.integration.monitor import Monitor
from tests.servers import Mosquitto


def findings(program: Program, *options: str) -> list[dict[str, str]]:
    said = program("doctor", "--json", *options)
    found: list[dict[str, str]] = json.loads(said.out)
    for finding in found:
        assert set(finding) == {"about", "state", "got", "expected", "hint"}
        assert finding["state"] == "ok" or (finding["expected"] and finding["hint"]), finding
    assert said.status == int(any(finding["state"] == "fail" for finding in found))
    return found


def wrong(found: list[dict[str, str]]) -> dict[str, str]:
    return {finding["about"]: finding["got"] for finding in found if finding["state"] != "ok"}


def test_the_doctor_finds_a_broker_that_lets_anybody_in_keeps_little_and_drops(tmp_path: Path) -> None:
    small = "sys_interval 1\nmax_inflight_messages 20\nmax_queued_messages 50"
    with Mosquitto(small) as broker, Monitor(broker) as monitor:
        backflush = Program(tmp_path, MQTT__URL=broker.url)
        assert backflush("init").status == 0
        monitor.say("bf/v1/1000/L01/c-L01-good/count", "5", retain=True)
        found = findings(backflush, "--queue", "300")
        at_first = wrong(found)
        assert "anybody" in at_first["anonymous"]
        assert "20 publications" in at_first["session"]
        assert "1 production messages are retained, bf/v1/1000/L01/c-L01-good/count" in at_first["retained"]
        [queue] = [finding for finding in found if finding["about"] == "queue"]
        assert queue["state"] == "fail"
        assert int(queue["got"].split()[2]) < 100
        assert not {"disk", "database", "files", "rights"} & set(at_first)

        shown = backflush("doctor").out
        assert "; expected that it asks for a login" in shown
        assert "warn  broker         it has dropped" in shown


def test_the_doctor_finds_files_that_others_can_read_and_a_ledger_of_a_development_version(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    data = tmp_path / "data"
    backflush = Program(data, MQTT__URL=mosquitto.url)
    assert backflush("init").status == 0
    data.chmod(0o755)
    (data / "ledger.sqlite").chmod(0o644)
    with closing(sqlite3.connect(data / "ledger.sqlite")) as ledger, ledger:
        ledger.execute("DROP TABLE holds")
        ledger.execute("ALTER TABLE lines DROP COLUMN backlog")
    examined = findings(backflush)
    found = wrong(examined)
    said = [finding["got"] for finding in examined if "rights" in finding["got"]]
    assert said == [f"{data} has rights 755", f"{data}/ledger.sqlite has rights 644"], "each is said once"
    assert "schema 0001 without holds, lines.backlog" in found["database"]

    refused = backflush("audit")
    assert refused.status == 2
    assert "a development version has made this ledger" in refused.err
    started = backflush("run")
    assert started.status == 2
    assert "without holds, lines.backlog" in started.err
    assert "Traceback" not in started.err


def test_the_doctor_reads_the_alerts_of_the_running_gateway_and_finds_its_twin(mosquitto: Mosquitto) -> None:
    with Monitor(mosquitto) as monitor, GatewayProcess(mosquitto.url) as gateway:
        gateway.start().ready()
        monitor.say("bf/v1/_gateway/gw1/info", {"gateway": "gw1", "instance": "x", "host": "elsewhere"}, retain=True)
        monitor.say("bf/v1/1000/L01/nobody/count", "5")
        monitor.wait("bf/v1/_gateway/gw1/alert/quarantine")
        program = Program(gateway.data, MQTT__URL=mosquitto.url)
        found = findings(program)
    alerts = [finding["got"] for finding in found if finding["about"] == "alert"]
    assert any(alert.startswith("quarantine: 1 ") for alert in alerts)
    assert any("another gateway says that it is gw1, on elsewhere" in finding["got"] for finding in found)
