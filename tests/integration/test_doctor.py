"""The doctor finds what is wrong with the world, says what it expected, and what to do."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

from pydantic import SecretStr

from gateway.journal import Entry, Journal
from gateway.ledger.database.schema import REVISIONS
from gateway.service.watch.file_permissions import too_wide
from gateway.settings import GatewaySection, MqttSection, Settings
from tests.integration.cli_program import SHIPPED, Program
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.shipped_broker import Authority, ShippedBroker
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

        file, press = tmp_path / "gateway.toml", "tele/press1"
        row = '{device = "c-L01-good", tag = "C1"}'
        file.write_text(f'[[source]]\nfilter = "tele/#"\ndecoder = "tasmota"\nmap = [{row}]\n')
        for topic, payload in (("SENSOR", '{"COUNTER":{"C1":5}}'), ("LWT", "Online"), ("STATE", '{"Uptime":"1"}')):
            monitor.say(f"{press}/{topic}", payload, retain=True)
        said = json.loads(backflush("-c", str(file), "doctor", "--json").out)
        [retained] = [each["got"] for each in said if each["about"] == "retained"]
        assert retained == f"2 production messages are retained, bf/v1/1000/L01/c-L01-good/count, {press}/SENSOR"
        [queue] = [finding for finding in found if finding["about"] == "queue"]
        assert queue["state"] == "fail"
        assert int(queue["got"].split()[2]) < 100
        assert not {"disk", "database", "files", "rights"} & set(at_first)

        shown = backflush("doctor").out
        assert "; expected a broker that requires a login" in shown
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
    assert f"schema {REVISIONS[-1]} without holds, lines.backlog" in found["database"]

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
    assert any("another gateway uses the id gw1, on elsewhere" in finding["got"] for finding in found)


def test_the_doctor_names_a_certificate_as_the_reason_why_no_client_gets_in(tmp_path: Path) -> None:
    authority = Authority(tmp_path / "certs")
    ended = authority.issue("localhost", server=True, days=-1)
    own = authority.issue("gateway", days=7)
    listener = f"listener {{port}} 127.0.0.1\ncertfile {ended.file}\nkeyfile {ended.key}"
    with Mosquitto(listener) as broker:
        url = f"mqtts://localhost:{broker.port}"
        files = {"ca_file": str(authority.ca_file), "cert_file": str(own.file), "key_file": str(own.key)}
        with GatewayProcess(url, mqtt=files) as gateway:
            gateway.start()
            until(lambda: any(a["id"] == "broker" for a in (gateway.pong() or {}).get("alerts", ())), "an alert")
            of_files = {f"MQTT__{name.upper()}": value for name, value in files.items()}
            program = Program(gateway.data, MQTT__URL=url, **of_files)
            found = findings(program)
            checked = program("check")
    by_about = {finding["about"]: finding for finding in found}
    assert "certificate has expired" in by_about["broker"]["got"]
    assert "has a certificate expired" in by_about["broker"]["hint"]
    hints = {finding["got"].partition(":")[0]: finding["hint"] for finding in found if finding["about"] == "alert"}
    assert "has a certificate expired" in hints["broker"]
    assert hints["certificate"]
    assert by_about["certificate"]["got"].startswith(f"mqtt.cert_file: the certificate in {own.file} ends on ")
    assert checked.status == 0
    assert "mqtt.cert_file" in checked.err


def test_the_doctor_blames_the_file_that_holds_the_secret_and_says_how_to_mend_it(tmp_path: Path) -> None:
    named = tmp_path / "gateway.toml"
    for text, blamed in (
        ("", False),
        ('[mqtt]\nusername = "gw"\n', False),
        ('[mqtt]\npassword = "p"\n', True),
        ('[database]\nurl = "postgresql://bf:p@db/ledger"\n', True),
        ('[database]\nurl = "postgresql://bf@db/ledger"\n', False),
    ):
        named.write_text(text)
        named.chmod(0o644)
        secret = MqttSection(password=SecretStr("from the environment"))
        settings = Settings(mqtt=secret, gateway=GatewaySection(data_dir=tmp_path / "none"))
        assert [wide.hint for wide in too_wide(settings, named)] == [f"chmod 600 {named}"] * blamed, text


def test_the_doctor_finds_what_is_damaged_in_an_old_batch_and_in_the_ledger(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    backflush = Program(tmp_path, MQTT__URL=mosquitto.url)
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        for number in range(30):
            journal.append(number, [Entry("message", "bf/v1/1000/L05/c-L05-good/count", b"1")])
        last = journal.last
    sound = {finding["about"]: finding["got"] for finding in findings(backflush)}
    assert sound["journal"].endswith(f"checked and sound: 1 to {last}")

    with sqlite3.connect(tmp_path / "journal.sqlite") as file:
        file.execute("UPDATE batch SET body = zeroblob(length(body)) WHERE number = 5")
    file.close()
    (tmp_path / "ledger.sqlite").write_bytes(b"no ledger" * 1000)
    found = {finding["about"]: finding for finding in findings(backflush)}
    assert "batch 5 cannot be trusted: its checksum does not match" in found["journal"]["got"]
    assert found["journal"]["state"] == found["database"]["state"] == "fail"
    assert "restore --keep-journal" in found["database"]["hint"]


def test_the_doctor_tries_the_login_of_each_host_application_unless_its_gateway_runs(tmp_path: Path) -> None:
    logins = {login: login for login in ("bf-gateway", "bf-gateway-sparkplug", "bf-tools")}
    for login in (*logins, "wrong"):
        (tmp_path / login).write_text(login)
        (tmp_path / login).chmod(0o600)
    (tmp_path / "broker").mkdir()
    with ShippedBroker(tmp_path / "broker", logins) as broker:

        def said(password: str) -> list[tuple[str, str]]:
            source = ["[[source]]", 'filter = "spBv1.0/hall/#"', 'decoder = "sparkplug"', 'host = "plant"']
            login = ['username = "bf-gateway-sparkplug"', f'password_file = "{tmp_path / password}"']
            (tmp_path / "gateway.toml").write_text("\n".join([*source, *login]))
            own = "--username", "bf-tools", "--password-file", str(tmp_path / "bf-tools")
            examined = json.loads(backflush("-c", str(tmp_path / "gateway.toml"), "doctor", "--json", *own).out)
            return [(each["state"], each["got"]) for each in examined if each["about"] == "source"]

        backflush = Program(tmp_path / "data", MQTT__URL=broker.url, MQTT__USERNAME="bf-gateway")
        who = "host application plant, bf-gateway-sparkplug"
        assert said("bf-gateway-sparkplug") == [("ok", f"{who}: the broker accepts it")]
        [(state, got)] = said("wrong")
        assert (state, "refuses bf-gateway-sparkplug" in got) == ("fail", True), got
        [(state, got)] = said("nowhere")
        assert (state, got.startswith(f"{who}: password_file: ")) == ("fail", True), got
        with Monitor(broker, login="bf-gateway") as gateway:
            gateway.say("bf/v1/_gateway/gw1/state", {"state": "online"}, retain=True)
            gateway.wait("bf/v1/_gateway/gw1/state")
        [(state, got)] = said("wrong")
        assert (state, got.startswith(f"{who}: not tried")) == ("ok", True), got
