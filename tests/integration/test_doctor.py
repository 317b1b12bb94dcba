"""The doctor finds what is wrong with the world, says what it expected, and what to do."""

import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr

from gateway.journal import Entry, Journal
from gateway.ledger.database.schema import REVISIONS
from gateway.service.watch.file_permissions import too_wide
from gateway.settings import GatewaySection, MqttSection, Settings
from tests.integration.cli_program import SHIPPED, Program
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
from tests.integration.shipped_broker import Authority, ShippedBroker, Speaker
from tests.servers import Mosquitto
from tests.simulation.faults import frozen


def findings(program: Program, *options: str) -> list[dict[str, str]]:
    said = program("doctor", "--json", *options)
    found: list[dict[str, str]] = json.loads(said.out)
    for finding in found:
        assert set(finding) == {"about", "state", "got", "expected", "hint"}
        assert finding["state"] == "ok" or (finding["expected"] and finding["hint"]), finding
    assert said.status == int(any(finding["state"] == "fail" for finding in found))
    return found


def _logins(folder: Path, *names: str) -> dict[str, str]:
    """Return logins with their names as passwords; each stands in a file of its name, and a wrong one beside them."""
    for name in (*names, "wrong"):
        (folder / name).write_text(name)
        (folder / name).chmod(0o600)
    (folder / "broker").mkdir()
    return {name: name for name in names}


def wrong(found: list[dict[str, str]]) -> dict[str, str]:
    return {finding["about"]: finding["got"] for finding in found if finding["state"] != "ok"}


def test_the_doctor_finds_a_broker_that_lets_anybody_in_keeps_little_and_drops(tmp_path: Path) -> None:
    small = "sys_interval 1\nmax_inflight_messages 20\nmax_queued_messages 50"
    with Mosquitto(small) as broker, Monitor(broker) as monitor:
        backflush = Program(tmp_path, MQTT__URL=broker.url)
        assert backflush.here("init").status == 0
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
    assert backflush.here("init").status == 0
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
        monitor.say("bf/v1/1000/L01/nobody/count", "5")
        monitor.wait("bf/v1/_gateway/gw1/alert/quarantine")
        program = Program(gateway.data, MQTT__URL=mosquitto.url)
        with ThreadPoolExecutor(1) as doctor:
            examined = doctor.submit(findings, program)
            while not examined.done():  # both say who they are every 30 s: the newest is retained
                twin = {"gateway": "gw1", "instance": "x", "host": "elsewhere"}
                monitor.say("bf/v1/_gateway/gw1/info", twin, retain=True)
                time.sleep(0.1)
        found = examined.result()
        with frozen(gateway.pid):
            frozen_ones = findings(program)
    alerts = [finding["got"] for finding in found if finding["about"] == "alert"]
    assert any(alert.startswith("quarantine: 1 ") for alert in alerts)
    assert any("another gateway uses the id gw1, on elsewhere" in finding["got"] for finding in found)
    assert any(finding["about"] == "retained" for finding in frozen_ones), "the broker is examined all the same"
    assert not [finding for finding in frozen_ones if (finding["about"], finding["state"]) == ("broker", "fail")]


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
            other = Authority(tmp_path / "other").ca_file
            of_other = findings(Program(gateway.data, MQTT__URL=url, MQTT__CA_FILE=str(other)))[-1]
    by_about = {finding["about"]: finding for finding in found}
    assert "certificate has expired" in by_about["broker"]["got"]
    assert "has a certificate expired" in by_about["broker"]["hint"]
    hints = {finding["got"].partition(":")[0]: finding["hint"] for finding in found if finding["about"] == "alert"}
    assert "has a certificate expired" in hints["broker"]
    assert hints["certificate"]
    assert by_about["certificate"]["got"].startswith(f"mqtt.cert_file: the certificate in {own.file} ends on ")
    assert checked.status == 0
    assert "mqtt.cert_file" in checked.err
    assert f"{url} shows a certificate that is not trusted here: " in of_other["got"]
    assert "is it for another authority" in of_other["hint"]


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
    assert backflush.here("masterdata", "import", str(SHIPPED)).status == 0
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
    logins = _logins(tmp_path, "bf-gateway", "bf-gateway-sparkplug", "bf-tools")
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
        assert (state, got.startswith(f"{who}: source.password_file: ")) == ("fail", True), got
        with Monitor(broker, login="bf-gateway") as gateway:
            gateway.say("bf/v1/_gateway/gw1/state", {"state": "online"}, retain=True)
        [(state, got)] = said("wrong")
        assert (state, got.startswith(f"{who}: not tried")) == ("ok", True), got


def test_the_doctor_tries_the_gateways_login_and_leaves_its_session_as_it_is(tmp_path: Path) -> None:
    logins = _logins(tmp_path, "bf-gateway", "bf-tools", "L04-CNT1")
    access = {"username": "bf-gateway", "password_file": str(tmp_path / "bf-gateway")}
    with ShippedBroker(tmp_path / "broker", logins) as broker, GatewayProcess(broker.url, mqtt=access) as gateway:

        def said(**settings: str) -> list[tuple[str, str]]:
            own = "--username", "bf-tools", "--password-file", str(tmp_path / "bf-tools")
            backflush = Program(gateway.data, **settings)
            examined = backflush("doctor", "-c", str(gateway.config), "--json", *own).json
            return [(each["state"], each["got"]) for each in examined if each["about"] == "login"]

        who = "gateway gw1, bf-gateway"
        gateway.start().ready()
        until(lambda: gateway.health()["mqtt"]["connected"], gateway.pong)
        [(state, got)] = said()
        assert (state, got.startswith(f"{who}: not tried")) == ("ok", True), got
        assert gateway.stop() == 0
        with Speaker(broker, "L04-CNT1") as counter:
            counter.say(("bf/v1/1000/L04/L04-CNT1/count", "5"))
        for protocol in ("5", "3.1.1", "auto"):
            assert said(MQTT__PROTOCOL=protocol) == [("ok", f"{who}: the broker accepts it")]
        [(state, got)] = said(MQTT__PASSWORD_FILE=str(tmp_path / "wrong"))
        assert (state, "Not authorized" in got) == ("fail", True), got
        [(state, got)] = said(MQTT__PASSWORD_FILE=str(tmp_path / "nowhere"))
        assert (state, "mqtt.password_file: " in got) == ("fail", True), got

        gateway.start().ready()
        until(lambda: gateway.health()["quarantine"] == 1, lambda: f"what the broker has kept\n{gateway.log}")


def test_a_gateway_that_the_broker_refuses_is_not_its_own_twin(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("bf-gateway")
    (tmp_path / "broker").mkdir()
    (tmp_path / "tools").write_text("bf-tools")
    logins = {login: login for login in ("bf-gateway", "bf-tools")}
    access = {"username": "bf-gateway", "password_file": str(password)}
    with ShippedBroker(tmp_path / "broker", logins) as broker, GatewayProcess(broker.url, mqtt=access) as gateway:
        gateway.start().ready()
        with Monitor(broker, "bf/v1/_gateway/+/info", login="bf-tools") as monitor:
            monitor.wait("bf/v1/_gateway/gw1/info")
        assert gateway.stop() == 0
        password.write_text("wrong")
        gateway.start()
        until(lambda: any(a["id"] == "broker" for a in (gateway.pong() or {}).get("alerts", ())), "an alert")
        own = "--username", "bf-tools", "--password-file", str(tmp_path / "tools")

        def failed(**settings: str) -> list[str]:
            examined = Program(gateway.data, **settings)("doctor", "-c", str(gateway.config), "--json", *own).json
            found = [finding["got"] for finding in examined if finding["state"] == "fail"]
            assert any(got.startswith("broker: ") and "refuses bf-gateway: Not authorized" in got for got in found), (
                found
            )
            return [got for got in found if "another gateway" in got]

        assert failed() == []
        with Monitor(broker, login="bf-gateway") as twin:
            twin.say("bf/v1/_gateway/gw1/info", {"instance": "x", "host": "elsewhere"}, retain=True)
            twin.say("bf/v1/_gateway/gw1/state", {"state": "online"}, retain=True)
        assert failed() == ["another gateway uses the id gw1, on elsewhere"]
        assert failed(GATEWAY__STANDBY="true") == [], "a standby waits for the other"


@pytest.mark.parametrize("kind", ["count", "scan", "state"])
def test_a_gateway_that_may_not_read_what_devices_say_tells_the_doctor(tmp_path: Path, kind: str) -> None:
    logins = _logins(tmp_path, "bf-gateway", "bf-tools")
    broker = ShippedBroker(tmp_path / "broker", logins, as_is=True)
    rights = tmp_path / "broker" / "acl"
    lines = rights.read_text().splitlines()
    lines.remove(f"topic read bf/v1/+/+/+/{kind}")
    rights.write_text("\n".join(lines))
    alert = f"subscription: this gateway does not hear its own canary of {kind}:"
    own = {"username": "bf-gateway", "password_file": str(tmp_path / "bf-gateway")}
    with broker, GatewayProcess(broker.url, mqtt=own) as gateway:
        gateway.start()
        until(lambda: any(a["id"] == "subscription" for a in (gateway.pong() or {}).get("alerts", ())), "an alert")
        tools = "--username", "bf-tools", "--password-file", str(tmp_path / "bf-tools")
        said = Program(gateway.data)("doctor", "-c", str(gateway.config), "--json", *tools)
    assert said.status == 1
    assert any(each["state"] == "fail" and each["got"].startswith(alert) for each in said.json), said.out
    [rights_of_its_own] = [each["got"] for each in said.json if each["about"] == "rights"]
    assert "came back to this login" in rights_of_its_own
