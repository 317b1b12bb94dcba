"""The shipped configuration and access list, on a real Mosquitto: who may say what, and as whom."""

import asyncio
import re
import shlex
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from typing import Any, Literal

import pytest

from devices.errors import Rejection
from devices.simulators import BrokerAccess, Faults, SimulatedPlant
from gateway.cli.shared.broker_client import Tool
from gateway.errors import BrokerUnavailable
from gateway.mqtt.topics import Topics
from gateway.service.tell.messages import encode
from gateway.settings import MqttSection, Settings
from tests.integration.cli_program import SHIPPED, Program
from tests.integration.gateway_process import ROOT, GatewayProcess, until
from tests.integration.plant import counters, figures, stocked
from tests.integration.shipped_broker import Certificate, ShippedBroker, Speaker
from tests.servers import SHIPPED_CONF

OPERATIONS = ROOT / "docs" / "operations.md"

HOSTILE = "L04/CNT1", "+", "#", "a b", "Ä\u202e", "x" * 200, "_canary"
"""Logins that no device should have; passwords files cannot hold a colon."""
LOGINS = ("bf-gateway", "bf-gateway-2", "L04-CNT1", "state", "count", "display", "shift-lead", "erp", "bf-tools",
          "bf-web", *HOSTILE)  # fmt: skip
"""The login `everything` is the tests' own; no plant has one."""
LAST = "bf/v1/1000/L04/_status", "last"


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShippedBroker]:
    """Start the shipped broker with the logins of a small plant, each login its own password."""
    logins = {login: login for login in (*LOGINS, "everything")}
    folder = tmp_path_factory.mktemp("broker")
    with ShippedBroker(folder, logins, access="user everything\ntopic readwrite bf/v1/#\n") as broker:
        yield broker


WRITES = [
    # login, topic, arrives
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/count", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/scan", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/state", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/count", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/state", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/command", False),
    ("L04-CNT1", "bf/v1/1000/L04/_request/run-start", False),
    ("L04-CNT1", "bf/v1/1000/L04/_response/run-start", False),
    ("L04-CNT1", "bf/v1/1000/L04/_posting/receipt", False),
    ("L04-CNT1", "bf/v1/1000/L04/_status", False),
    ("L04-CNT1", "bf/v1/1000/L04/_point/0020", False),
    ("L04-CNT1", "bf/v1/1000/L04/_device/L04-CNT1", False),
    ("L04-CNT1", "bf/v1/_gateway/main/state", False),
    ("state", "bf/v1/_gateway/main/state", False),
    ("state", "bf/v1/1000/L04/state/feedback", False),
    ("count", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("count", "bf/v1/_gateway/main/count", False),
    ("_canary", "bf/v1/_gateway/main/state", False),
    ("_canary", "bf/v1/1000/L04/L04-CNT1/count", False),
    *((login, "bf/v1/1000/L04/L04-CNT1/count", False) for login in HOSTILE[1:-1]),
    *((login, "bf/v1/_gateway/main/state", False) for login in HOSTILE),
    ("bf-gateway-2", "bf/v1/_gateway/main/state", True),
    ("bf-gateway-2", "bf/v1/_gateway/main/alert/quarantine", True),
    ("bf-gateway-2", "bf/v1/1000/L04/L04-CNT1/feedback", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/feedback", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/feedback/7", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/command", True),
    ("bf-gateway", "bf/v1/1000/L04/_response/post", True),
    ("bf-gateway", "bf/v1/1000/L04/_status", True),
    ("bf-gateway", "bf/v1/1000/L04/_point/0020", True),
    ("bf-gateway", "bf/v1/1000/L04/_device/L04-CNT1", True),
    ("bf-gateway", "bf/v1/1000/L04/_posting/receipt", True),
    ("bf-gateway", "bf/v1/_gateway/main/alert/dropped", True),
    ("bf-gateway", "bf/v1/_gateway/main/_canary/count", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("bf-gateway", "bf/v1/1000/L04/_request/run-start", False),
    ("shift-lead", "bf/v1/1000/L04/_request/run-start", True),
    ("shift-lead", "bf/v1/1000/L04/_request/run-stop", True),
    ("shift-lead", "bf/v1/1000/L04/_request/reverse", False),
    ("shift-lead", "bf/v1/1000/L05/_request/run-start", False),
    ("shift-lead", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("display", "bf/v1/1000/L04/_status", False),
    ("erp", "bf/v1/1000/L04/_posting/receipt", False),
    ("bf-tools", "bf/v1/_gateway/bf-doctor-1/_canary/count", True),
    ("bf-tools", "bf/v1/_gateway/main/state", False),
    ("bf-tools", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("bf-web", "bf/v1/1000/L04/_status", False),
    ("bf-web", "bf/v1/_gateway/main/state", False),
    ("bf-web", "bf/v1/1000/L04/L04-CNT1/count", False),
    *(
        ("bf-web", f"bf/v1/1000/{line}/w-4k7m2p9x/{kind}", kind == "scan")
        for line in ("_", "L04")
        for kind in ("scan", "state", "count", "feedback")
    ),
]

READS = [
    # login, topic, arrives
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/count", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/scan", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/state", True),
    ("bf-gateway", "bf/v1/1000/L04/_request/work", True),
    ("bf-gateway", "bf/v1/1000/L04/_status", True),
    ("bf-gateway", "bf/v1/_gateway/main/_canary/scan", True),
    ("bf-gateway", "bf/v1/_gateway/main/alert/dropped", True),
    ("bf-gateway", "bf/v1/_gateway/main/info", True),
    ("bf-gateway", "bf/v1/_gateway/main/log", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback/7", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/command", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/feedback", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/command", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/count", False),
    ("L04-CNT1", "bf/v1/1000/L04/_status", False),
    ("L04-CNT1", "bf/v1/1000/L04/_response/work", False),
    ("shift-lead", "bf/v1/1000/L04/_response/run-start", True),
    ("shift-lead", "bf/v1/1000/L05/_response/run-start", False),
    ("shift-lead", "bf/v1/1000/L04/L04-CNT1/scan", False),
    ("display", "bf/v1/1000/L04/_status", True),
    ("display", "bf/v1/1000/L04/_posting/receipt", False),
    ("erp", "bf/v1/1000/L04/_posting/receipt", True),
    ("erp", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("bf-tools", "bf/v1/1000/L04/L04-CNT1/count", True),
    ("bf-web", "bf/v1/1000/L04/_status", True),
    ("bf-web", "bf/v1/_gateway/main/state", True),
    ("bf-web", "bf/v1/_gateway/main/alert/dropped", True),
    ("bf-web", "bf/v1/1000/L04/_posting/receipt", False),
    ("bf-web", "bf/v1/1000/L04/L04-CNT1/count", False),
    ("bf-web", "bf/v1/1000/_/w-4k7m2p9x/feedback", True),
    ("bf-web", "bf/v1/1000/L04/w-4k7m2p9x/feedback", True),
]


def test_who_may_write(shipped: ShippedBroker) -> None:
    said = [(topic, login) for login, topic, _ in WRITES]
    with Speaker(shipped, "everything") as everything:
        everything.subscribe("bf/v1/#")
        for login in LOGINS:
            with Speaker(shipped, login) as speaker:
                # One that the broker refuses is one that cannot write.
                if speaker.answer == "Success":
                    speaker.say(*(message for message in said if message[1] == login))
        everything.say(LAST)
        came = everything.hears_until(LAST)
    assert [(login, topic, (topic, login) in came) for login, topic, _ in WRITES] == WRITES


@pytest.mark.parametrize("login", sorted({login for login, _, _ in READS}))
def test_who_may_read(shipped: ShippedBroker, login: str) -> None:
    last = next((topic, f"last for {login}") for name, topic, arrives in READS if name == login and arrives)
    with Speaker(shipped, login) as reader, Speaker(shipped, "everything") as everything:
        reader.subscribe("#", *(topic for name, topic, _ in READS if name == login))
        everything.say(*((topic, "1") for _, topic, _ in READS), last)
        came = {topic for topic, _ in reader.hears_until(last)}
    expected = [row for row in READS if row[0] == login]
    assert [(login, topic, topic in came) for _, topic, _ in expected] == expected


def test_what_a_hostile_login_may_still_write_is_no_topic_of_a_device() -> None:
    topics = Topics("bf/v1", "gw1")
    for login in HOSTILE[:-1]:
        for kind in ("count", "scan", "state"):
            assert isinstance(topics.parse(f"bf/v1/1000/L04/{login}/{kind}"), Rejection), login


@pytest.mark.parametrize(("login", "password"), [("", ""), ("L04-CNT1", "wrong"), ("nobody", "nobody")])
def test_no_client_connects_without_a_login(shipped: ShippedBroker, login: str, password: str) -> None:
    with Speaker(shipped, login, password) as speaker:
        assert speaker.answer == "Not authorized"


def test_a_login_with_a_nul_is_refused(shipped: ShippedBroker) -> None:
    login = b"L04-CNT1\0x"
    content = b"\x00\x04MQTT\x04\xc2\x00\x3c\x00\x01a" + b"".join(len(t).to_bytes(2, "big") + t for t in (login, login))
    with socket.create_connection(("127.0.0.1", shipped.port), timeout=10) as client:
        client.sendall(bytes([0x10, len(content)]) + content)
        try:
            answer = client.recv(4)
        except ConnectionResetError:
            answer = b""
    assert answer[3:] != b"\x00", "not accepted"


def _trusting(broker: ShippedBroker, certificate: Certificate | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=broker.authority.ca_file)
    if certificate is not None:
        context.load_cert_chain(*certificate)
    return context


@pytest.mark.parametrize("way", ["login", "login over TLS", "certificate"])
def test_the_client_id_is_the_login(shipped: ShippedBroker, way: str) -> None:
    def connect(login: str, client_id: str) -> Speaker:
        match way:
            case "login":
                return Speaker(shipped, login, client_id=client_id)
            case "login over TLS":
                return Speaker(shipped, login, client_id=client_id, port=shipped.tls_port, tls=_trusting(shipped))
            case _:
                tls = _trusting(shipped, shipped.authority.issue(login))
                return Speaker(shipped, "", client_id=client_id, port=shipped.certificate_port, tls=tls)

    with connect("bf-gateway", "anything") as gateway:
        with connect("L04-CNT1", "bf-gateway") as thief:
            assert thief.answer == "Success"
        gateway.say(LAST)
        with connect("bf-gateway", "another"):
            assert gateway.news() == "disconnected"


def test_a_certificate_is_the_login_whatever_login_is_said(shipped: ShippedBroker) -> None:
    tls = _trusting(shipped, shipped.authority.issue("L04-CNT1"))
    own, other = "bf/v1/1000/L04/L04-CNT1/count", "bf/v1/1000/L04/L04-CNT2/count"
    with (
        Speaker(shipped, "everything") as everything,
        Speaker(shipped, "everything", port=shipped.certificate_port, tls=tls) as device,
    ):
        everything.subscribe("bf/v1/#")
        device.say((other, "as another"), (own, "as itself"))
        assert everything.hears_until((own, "as itself"))[-1:] == [(own, "as itself")]
        everything.say(LAST)
        assert (other, "as another") not in everything.hears_until(LAST)


def test_without_a_certificate_of_the_authority_no_client_is_served(shipped: ShippedBroker, tmp_path: Path) -> None:
    strange = ShippedBroker(_made(tmp_path / "strange"), {"L04-CNT1": "L04-CNT1"}).authority.issue("L04-CNT1")
    for certificate in (None, strange):
        with pytest.raises((ssl.SSLError, OSError, AssertionError)):  # noqa: PT012 - the broker hangs up at one of them
            speaker = Speaker(shipped, "L04-CNT1", port=shipped.certificate_port, tls=_trusting(shipped, certificate))
            with speaker:
                assert speaker.answer == "Success"


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def test_the_doctor_finds_nothing_wrong_with_the_shipped_broker(shipped: ShippedBroker, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("bf-tools")
    login = ("--username", "bf-tools", "--password-file", str(tmp_path / "password"))
    own, gateways = shipped.authority.issue("bf-tools"), shipped.authority.issue("bf-gateway")
    certificate = ("--cert-file", str(own.file), "--key-file", str(own.key))
    by_login = {"MQTT__USERNAME": "bf-gateway", "MQTT__PASSWORD": "bf-gateway"}
    by_certificate = {"MQTT__CERT_FILE": str(gateways.file), "MQTT__KEY_FILE": str(gateways.key)}
    for url, options, access in (
        (shipped.tls_url, login, by_login),
        (shipped.certificate_url, certificate, by_certificate),
    ):
        authority = str(shipped.authority.ca_file)
        backflush = Program(tmp_path / "data", MQTT__URL=url, MQTT__CA_FILE=authority, **access)
        said = backflush("doctor", *options, "--json")
        assert said.status == 0, said
        assert _of(said.json, "rights") == ["ok"], said.out
        assert _of(said.json, "session") == ["ok"], said.out
        assert _of(said.json, "login") == ["ok"], said.out


def test_the_installation_as_it_is_described_ends_with_a_doctor_that_finds_nothing_wrong(tmp_path: Path) -> None:
    """The files are those that are shipped, the logins those of the list in them, the last command that of the page."""
    logins = re.findall(r"^#   mosquitto_passwd .*/etc/mosquitto/passwd (\S+) ", SHIPPED_CONF.read_text(), re.MULTILINE)
    assert logins[:2] == ["bf-gateway", "bf-tools"]
    [last] = re.findall(r"^    sudo -u backflush \S+/backflush (doctor .*)$", OPERATIONS.read_text(), re.MULTILINE)
    for login in logins[:2]:
        (tmp_path / login).write_text(f"{login}\n")
        (tmp_path / login).chmod(0o600)
    own = {"username": "bf-gateway", "password_file": str(tmp_path / "bf-gateway")}
    broker = ShippedBroker(_made(tmp_path / "broker"), {login: login for login in logins}, as_is=True)
    with broker, GatewayProcess(broker.url, mqtt=own) as gateway:
        gateway.start().ready()
        backflush = Program(gateway.data)
        assert backflush("masterdata", "import", "-c", str(gateway.config), str(SHIPPED)).status == 0
        last = last.replace("/etc/backflush/gateway.toml", str(gateway.config))
        last = last.replace("/etc/backflush/tools.password", str(tmp_path / "bf-tools"))
        said = backflush(*shlex.split(last))
    assert (said.status, said.err) == (0, "doctor: nothing failed, no warnings\n"), said.out


def test_one_alert_names_all_host_applications_that_are_offline(shipped: ShippedBroker, tmp_path: Path) -> None:
    for name, password in (("own", "bf-gateway"), ("wrong", "wrong")):
        (tmp_path / name).write_text(password)
    hosts = [
        {"filter": f"spBv1.0/{host}/#", "decoder": "sparkplug", "host": host, "username": login}
        | {"password_file": str(tmp_path / "wrong")}
        for host, login in (("north", "nobody-1"), ("south", "nobody-2"))
    ]
    own = {"username": "bf-gateway", "password_file": str(tmp_path / "own")}
    with GatewayProcess(shipped.url, mqtt=own, source=hosts) as gateway:
        gateway.start().ready()

        def alerts() -> list[dict[str, Any]]:
            return [alert for alert in gateway.backflush("report", "alerts") if alert["id"] == "source"]

        until(lambda: [alert["objects"] for alert in alerts()] == [["north", "south"]], alerts)
        assert all(f"the host application {host} is offline" in alerts()[0]["text"] for host in ("north", "south"))


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
def test_a_tool_that_another_one_throws_out_says_so_and_the_doctor_gives_no_verdict(
    shipped: ShippedBroker, tmp_path: Path, protocol: Literal["5", "3.1.1"]
) -> None:
    (tmp_path / "password").write_text("bf-tools")
    login: dict[str, Any] = {"url": shipped.url, "username": "bf-tools", "password_file": tmp_path / "password"}
    settings = Settings(mqtt=MqttSection(url=shipped.url, protocol=protocol))
    with Tool(settings, "listen", **login) as one:
        with Tool(settings, "doctor", **login):
            until(lambda: _lost(one), "the first to notice")
        with pytest.raises(BrokerUnavailable, match=r"another program has connected with the same login \(bf-tools\)"):
            one.check()

    over = Event()

    def intrude() -> None:
        while not over.is_set():
            with suppress(BrokerUnavailable), Tool(settings, "watch", **login):
                over.wait(0.1)

    intruder = Thread(target=intrude)
    intruder.start()
    try:
        options = ("--username", "bf-tools", "--password-file", str(tmp_path / "password"), "--queue", "5000")
        said = Program(tmp_path / "data", MQTT__URL=shipped.url, MQTT__PROTOCOL=protocol)("doctor", *options, "--json")
    finally:
        over.set()
        intruder.join()
    assert said.status == 1
    assert _of(said.json, "queue") == []
    assert "another program has connected with the same login" in said.json[-1]["got"], said.json[-1]


def _lost(tool: Tool) -> bool:
    try:
        tool.check()
    except BrokerUnavailable:
        return True
    return False


def _of(findings: Sequence[dict[str, str]], about: str) -> list[str]:
    return [finding["state"] for finding in findings if finding["about"] == about]


@pytest.mark.parametrize("as_is", [True, False])
def test_the_broker_starts_with_the_shipped_files(tmp_path: Path, *, as_is: bool) -> None:
    with ShippedBroker(tmp_path, {"bf-gateway": "geheim"}, as_is=as_is) as broker:
        with Speaker(broker, "bf-gateway", "geheim") as gateway:
            assert gateway.answer == "Success"
        complaints = [line for line in broker.log.splitlines() if "Error" in line or "Warning" in line]
        assert not [line for line in complaints if "run as root" not in line]
        broker.stop()
        assert (tmp_path / "mosquitto.db").stat().st_size > 0


def test_what_is_counted_over_tls_is_posted(tmp_path: Path) -> None:
    devices = counters()
    logins = {counter.device: "of a device" for counter in devices}
    with ShippedBroker(tmp_path, {**logins, "bf-gateway": "not used", "bf-tools": "bf-tools"}) as broker:
        ca_file, own = broker.authority.ca_file, broker.authority.issue("bf-gateway")
        files = {"ca_file": str(ca_file), "cert_file": str(own.file), "key_file": str(own.key)}
        with GatewayProcess(broker.certificate_url, mqtt=files) as gateway:
            stocked(gateway, tmp_path / "shop").start().ready()
            plant = SimulatedPlant(devices, Faults(), 7)
            reached = BrokerAccess(
                url=broker.tls_url, ca_file=str(ca_file), password="of a device", own_connections=True
            )

            async def produce() -> None:
                await plant.run(reached, messages=300, rate=500)
                assert await plant.settle() == 0

            asyncio.run(produce())
            made = sum(device.good + device.scrap for device in plant.truth())

            def read() -> int:
                with gateway.ledger() as connection:
                    return figures(connection).read

            until(lambda: read() == made, lambda: f"{made} made, {read()} read\n{gateway.log}")
            with Speaker(broker, "bf-tools") as tools:
                tools.subscribe("bf/v1/_gateway/gw1/alert/+", "bf/v1/_gateway/gw1/state")
                ready = "bf/v1/_gateway/gw1/state", encode({"state": "online", "phase": "ready"}).decode()
                said = {topic for topic, _ in tools.hears_until(ready)}
                # The devices are switched off by now, and that is all there is to say.
                assert said <= {ready[0], "bf/v1/_gateway/gw1/alert/silent"}, "the gateway has all its rights"
            assert gateway.stop() == 0
            gateway.audit()
