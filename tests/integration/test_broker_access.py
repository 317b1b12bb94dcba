"""The shipped configuration and access list, on a real Mosquitto: who may say what, and as whom."""

import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Self

import pytest
from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from tests.servers import SHIPPED_CONF, Mosquitto, mosquitto_program

LOGINS = "bf-gateway", "L04-CNT1", "state"
"""The login `everything` is the tests' own; no plant has one."""
LAST = "bf/v1/1000/L04/_status", "last"
ANSWER_S = 10


class Speaker:
    """A client with a login, which is its password as well, and what reaches it."""

    def __init__(self, broker: Mosquitto, login: str, password: str = "", client_id: str = "anything") -> None:
        self._came: SimpleQueue[tuple[str, str]] = SimpleQueue()
        self._news: SimpleQueue[str] = SimpleQueue()
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, reconnect_on_failure=False)
        if login:
            self._client.username_pw_set(login, password or login)
        self._client.on_connect = lambda _client, _data, _flags, reason, _properties: self._news.put(str(reason))
        self._client.on_disconnect = lambda _client, _data, _flags, _reason, _properties: self._news.put("disconnected")
        self._client.on_subscribe = lambda _client, _data, _mid, _reasons, _properties: self._news.put("subscribed")
        self._client.on_message = self._hear
        self._client.connect("127.0.0.1", broker.port)
        self._client.loop_start()
        self.answer = self._news.get(timeout=ANSWER_S)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def subscribe(self, *filters: str) -> None:
        self._client.subscribe([(topic, 1) for topic in filters])
        assert self.news() == "subscribed"

    def say(self, *messages: tuple[str, str]) -> None:
        """Publish and wait for the acknowledgements, which MQTT 3.1.1 gives to denied messages as well."""
        for topic, payload in messages:
            self._client.publish(topic, payload, qos=1).wait_for_publish(ANSWER_S)

    def news(self) -> str:
        return self._news.get(timeout=ANSWER_S)

    def hears_until(self, last: tuple[str, str]) -> list[tuple[str, str]]:
        """Return the messages that came, up to and with the last one."""
        came = [self._came.get(timeout=ANSWER_S)]
        while came[-1] != last:
            came.append(self._came.get(timeout=ANSWER_S))
        return came

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        self._came.put((message.topic, message.payload.decode()))


@pytest.fixture
def shipped(tmp_path: Path) -> Iterator[Mosquitto]:
    """Start a broker with the shipped access list and the logins of a small plant, each login its own password."""
    _passwords(tmp_path / "passwd")
    access = SHIPPED_CONF.with_name("acl").read_text()
    (tmp_path / "acl").write_text(f"{access}\nuser everything\ntopic readwrite bf/v1/#\n")
    logins = f"password_file {tmp_path}/passwd", f"acl_file {tmp_path}/acl", "allow_anonymous false"
    with Mosquitto("\n".join([*logins, "use_username_as_clientid true"])) as broker:
        yield broker


def _passwords(file: Path) -> None:
    file.write_text("".join(f"{login}:{login}\n" for login in (*LOGINS, "everything")))
    subprocess.run([_beside(mosquitto_program(), "mosquitto_passwd"), "-U", file], check=True)


def _beside(program: Path, name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path=f"{program.parent}:{program.parent.parent / 'bin'}")
    assert found, f"{name} comes with Mosquitto"
    return found


WRITES = [
    # login, topic, arrives
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/count", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/scan", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/state", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/count", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/command", False),
    ("L04-CNT1", "bf/v1/1000/L04/_request/run-start", False),
    ("L04-CNT1", "bf/v1/1000/L04/_posting/receipt", False),
    ("L04-CNT1", "bf/v1/_gateway/main/state", False),
    ("state", "bf/v1/_gateway/main/state", False),
    ("state", "bf/v1/1000/L04/state/feedback", False),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/feedback", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/feedback/7", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/command", True),
    ("bf-gateway", "bf/v1/1000/L04/_response/post", True),
    ("bf-gateway", "bf/v1/1000/L04/_status", True),
    ("bf-gateway", "bf/v1/1000/L04/_point/0020", True),
    ("bf-gateway", "bf/v1/1000/L04/_posting/receipt", True),
    ("bf-gateway", "bf/v1/_gateway/main/alert/dropped", True),
    ("bf-gateway", "bf/v1/_gateway/main/_canary/count", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/count", False),
]

READS = [
    # login, topic, arrives
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/count", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/scan", True),
    ("bf-gateway", "bf/v1/1000/L04/L04-CNT1/state", True),
    ("bf-gateway", "bf/v1/1000/L04/_request/work", True),
    ("bf-gateway", "bf/v1/1000/L04/_status", True),
    ("bf-gateway", "bf/v1/_gateway/main/_canary/scan", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/feedback/7", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT1/command", True),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/feedback", False),
    ("L04-CNT1", "bf/v1/1000/L04/L04-CNT2/count", False),
    ("L04-CNT1", "bf/v1/1000/L04/_status", False),
]


def test_who_may_write(shipped: Mosquitto) -> None:
    said = [(topic, login) for login, topic, _ in WRITES]
    with Speaker(shipped, "everything") as everything:
        everything.subscribe("bf/v1/#")
        for login in LOGINS:
            with Speaker(shipped, login) as speaker:
                speaker.say(*(message for message in said if message[1] == login))
        everything.say(LAST)
        came = everything.hears_until(LAST)
    assert [(login, topic, (topic, login) in came) for login, topic, _ in WRITES] == WRITES


@pytest.mark.parametrize("login", ["bf-gateway", "L04-CNT1"])
def test_who_may_read(shipped: Mosquitto, login: str) -> None:
    last = next((topic, "last") for name, topic, arrives in READS if name == login and arrives)
    with Speaker(shipped, login) as reader, Speaker(shipped, "everything") as everything:
        reader.subscribe("#", *(topic for name, topic, _ in READS if name == login))
        everything.say(*((topic, "1") for _, topic, _ in READS), last)
        came = {topic for topic, _ in reader.hears_until(last)}
    expected = [row for row in READS if row[0] == login]
    assert [(login, topic, topic in came) for _, topic, _ in expected] == expected


@pytest.mark.parametrize(("login", "password"), [("", ""), ("L04-CNT1", "wrong"), ("nobody", "nobody")])
def test_nobody_connects_without_a_login(shipped: Mosquitto, login: str, password: str) -> None:
    with Speaker(shipped, login, password) as speaker:
        assert speaker.answer == "Not authorized"


def test_the_client_id_is_the_login(shipped: Mosquitto) -> None:
    with Speaker(shipped, "bf-gateway") as gateway:
        with Speaker(shipped, "L04-CNT1", client_id="bf-gateway") as thief:
            assert thief.answer == "Success"
        gateway.say(LAST)
        with Speaker(shipped, "bf-gateway", client_id="another"):
            assert gateway.news() == "disconnected"


def test_the_broker_starts_with_the_shipped_files(tmp_path: Path) -> None:
    text = SHIPPED_CONF.read_text()
    moved = [
        ("/var/lib/mosquitto/", f"{tmp_path}/"),
        ("/etc/mosquitto/", f"{tmp_path}/"),
        ("listener 1883 ", "listener {port} "),
    ]
    for shipped, here in moved:
        assert shipped in text
        text = text.replace(shipped, here)
    shutil.copy(SHIPPED_CONF.with_name("acl"), tmp_path / "acl")
    _passwords(tmp_path / "passwd")
    with Mosquitto(text) as broker, Speaker(broker, "bf-gateway") as gateway:
        assert gateway.answer == "Success"
        complaints = [line for line in broker.log.splitlines() if "Error" in line or "Warning" in line]
        assert not [line for line in complaints if "run as root" not in line]
        broker.stop()
        assert (tmp_path / "mosquitto.db").stat().st_size > 0
