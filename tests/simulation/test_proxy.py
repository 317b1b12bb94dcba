"""The bad network does to real programs what it says, and nothing else; in fair weather nothing at all."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Self

import paho.mqtt.client as paho
import psycopg
import pytest
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion

from tests.integration.gateway_process import until
from tests.servers import Mosquitto, Postgres
from tests.simulation.frames import Publication, publication, sent_again, split
from tests.simulation.links import MqttProxy, PostgresProxy
from tests.simulation.proxy import FAIR, Network, Weather

TOPIC = "bf/v1/1000/L01/c1/count"
BOTH = pytest.mark.parametrize("version", [MQTTProtocolVersion.MQTTv311, MQTTProtocolVersion.MQTTv5])


class Client:
    """One MQTT client that keeps what it hears, connects again by itself, and resends what was not acknowledged."""

    def __init__(self, port: int, name: str, *filters: str, version: int = MQTTProtocolVersion.MQTTv311) -> None:
        self.has_heard: list[bytes] = []
        self.again: list[bytes] = []
        self.connections = 0
        self.lost = 0
        clean = True if version == MQTTProtocolVersion.MQTTv311 else None  # version 5 has no such flag
        self.paho = paho.Client(CallbackAPIVersion.VERSION2, name, clean, protocol=MQTTProtocolVersion(version))
        self.paho.reconnect_delay_set(0, 0)
        self._filters = filters
        self.paho.on_connect = self._connected
        self.paho.on_disconnect = self._disconnected
        self.paho.on_message = self._hear
        self._published: set[int] = set()
        self.paho.on_publish = self._sent
        self.paho.connect("127.0.0.1", port)
        self.paho.loop_start()
        until(lambda: self.connections > 0, "no connection")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.paho.disconnect()
        self.paho.loop_stop()

    def say(self, *payloads: bytes, topic: str = TOPIC) -> None:
        """Publish with QoS 1, and wait until the broker has all of it."""
        # What is said while there is no connection is queued, though paho's own waiting takes it for a failure.
        sent = {self.paho.publish(topic, payload, 1).mid for payload in payloads}
        until(lambda: sent <= self._published, lambda: sent - self._published)

    def _sent(self, _client: paho.Client, _data: object, number: int, *_: object) -> None:
        self._published.add(number)

    def _connected(self, *_: object) -> None:
        for name in self._filters:
            self.paho.subscribe(name, 1)
        self.connections += 1

    def _disconnected(self, *_: object) -> None:
        self.lost += 1

    def _hear(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        (self.again if message.dup else self.has_heard).append(bytes(message.payload))


@contextmanager
def between(mosquitto: Mosquitto, version: int = MQTTProtocolVersion.MQTTv311) -> Iterator[tuple[MqttProxy, Client]]:
    with Network() as network:
        proxy = MqttProxy(network, mosquitto.port, 1)
        with Client(proxy.port, "device", version=version) as client:
            yield proxy, client


@contextmanager
def listener(mosquitto: Mosquitto) -> Iterator[Client]:
    with Client(mosquitto.port, "listener", "bf/#") as client:
        client.say(b"ready", topic="bf/ready")
        until(lambda: client.has_heard == [b"ready"], "the subscription does not work")
        client.has_heard.clear()
        yield client


@pytest.fixture(scope="module")
def mosquitto() -> Iterator[Mosquitto]:
    """Offer one broker to the tests of this file: it keeps nothing of their clients."""
    with Mosquitto() as server:
        yield server


MANY = [b"%d" % number for number in range(200)]


def test_packets_are_found_wherever_chunks_end() -> None:
    packets = [b"\x30\x05\x00\x01ab" + b"c", b"\xc0\x00", b"\x30\x82\x01\x00\x01t" + bytes(127)]
    stream = b"".join(packets)
    for size in (1, 2, 3, 50, 500):
        waiting, found = bytearray(), []
        for at in range(0, len(stream), size):
            waiting += stream[at : at + size]
            found += split(waiting)
        assert found == packets
        assert waiting == b""


def test_a_publication_is_read_in_both_versions() -> None:
    plain = b"\x32\x08\x00\x03a/b\x00\x07x"
    with_properties = b"\x32\x0e\x00\x03a/b\x00\x07\x05\x02\x00\x00\x00\x1exy"
    assert publication(plain, version5=False) == Publication("a/b", 7, b"x")
    assert publication(with_properties, version5=True) == Publication("a/b", 7, b"xy")
    assert publication(sent_again(plain), version5=False) == Publication("a/b", 7, b"x")
    assert sent_again(plain)[0] == 0x3A


@BOTH
@pytest.mark.parametrize("weather", [FAIR, Weather(dribble=True), Weather(delay_s=0.005)])
def test_what_is_not_lost_arrives_once_and_in_order(weather: Weather, version: int, mosquitto: Mosquitto) -> None:
    with between(mosquitto, version) as (proxy, client), listener(mosquitto) as heard:
        proxy.set(weather)
        client.say(*MANY)
        until(lambda: len(heard.has_heard) == len(MANY), lambda: heard.has_heard)
        assert (heard.has_heard, heard.again, client.lost) == (MANY, [], 0)


def test_a_doubled_publication_comes_twice(mosquitto: Mosquitto) -> None:
    with between(mosquitto) as (proxy, client), listener(mosquitto) as heard:
        proxy.set(Weather(double=1))
        client.say(*MANY[:5])
        until(lambda: len(heard.has_heard) == 10, lambda: heard.has_heard)
        assert sorted(heard.has_heard) == sorted(MANY[:5] * 2)
        assert (proxy.figures["doubled"], client.lost) == (5, 0)


def test_a_publication_is_overtaken_by_the_next_one_or_passes_after_a_moment(mosquitto: Mosquitto) -> None:
    with between(mosquitto) as (proxy, client), listener(mosquitto) as heard:
        proxy.set(Weather(reorder=1))
        client.say(b"1")
        client.say(b"2", b"3")
        until(lambda: len(heard.has_heard) == 3, lambda: heard.has_heard)
        assert heard.has_heard == [b"1", b"3", b"2"]
        assert (proxy.figures["reordered"], client.lost) == (1, 0)


@BOTH
@pytest.mark.parametrize("weather", [Weather(lose=0.02), Weather(lose_answer=0.02)])
def test_what_is_lost_is_lost_with_its_connection_and_sent_again(
    weather: Weather, version: int, mosquitto: Mosquitto
) -> None:
    with between(mosquitto, version) as (proxy, client), listener(mosquitto) as heard:
        proxy.set(weather)
        for payload in MANY:
            client.paho.publish(TOPIC, payload, 1)

        def is_lost() -> bool:
            client.paho.publish(TOPIC, MANY[0], 1)  # chance may have spared all of them: until one is hit
            return client.lost > 0

        until(is_lost, lambda: proxy.figures)
        proxy.set(FAIR)
        until(client.paho.is_connected, "no connection")
        client.say(b"last")
        until(lambda: {*heard.has_heard} == {*MANY, b"last"}, lambda: {*MANY} - {*heard.has_heard})
        assert proxy.figures["lost"] + proxy.figures["answer lost"] > 0


@pytest.mark.parametrize("how", ["cut", "break", "half-open", "door"])
def test_a_connection_that_ends_is_noticed_and_taken_up_again(how: str, mosquitto: Mosquitto) -> None:
    with between(mosquitto) as (proxy, client), listener(mosquitto) as heard:
        client.say(b"before")
        match how:
            case "cut":
                proxy.cut()
            case "break":
                proxy.break_next()
                client.paho.publish(TOPIC, b"broken", 1)
            case "half-open":
                proxy.silence()
                client.paho.publish(TOPIC, b"swallowed", 1)
                until(lambda: proxy.figures["swallowed"] > 0, "nothing was swallowed")
                assert client.lost == 0
                proxy.silence(silent=False)
            case _:
                proxy.close_door()
                until(lambda: proxy.figures["refused"] > 0, "nobody knocked")
                proxy.close_door(closed=False)
        until(lambda: client.connections == 2, lambda: proxy.figures)
        client.say(b"after")
        until(lambda: heard.has_heard[-1:] == [b"after"], lambda: heard.has_heard)
        assert {b"before", b"after"} <= {*heard.has_heard} <= {b"before", b"broken", b"swallowed", b"after"}


def test_the_proxy_tells_what_was_acknowledged_to_the_broker(mosquitto: Mosquitto) -> None:
    with Network() as network:
        proxy = MqttProxy(network, mosquitto.port, 1)
        told: list[Publication] = []
        proxy.on_acknowledged = told.append
        version = MQTTProtocolVersion.MQTTv5
        with Client(proxy.port, "gateway", "bf/#", version=version), Client(mosquitto.port, "device") as device:
            device.say(b"ready", topic="bf/ready")
            until(lambda: len(told) == 1, "the subscription does not work")
            device.say(b"x", b"y")
            until(lambda: len(told) == 3, lambda: told)
            assert [(each.topic, each.payload) for each in told[1:]] == [(TOPIC, b"x"), (TOPIC, b"y")]


ADVANCE = "UPDATE heads SET sequence = sequence + 1"


@pytest.mark.parametrize(
    ("what", "sequence"), [("lose_answers", 1), ("lose_commits", 0)], ids=["answer lost", "commit lost"]
)
@pytest.mark.parametrize("earlier", [0, 8], ids=["first commit", "prepared statement"])
def test_the_fate_of_a_commit_is_hidden_from_its_client(
    what: str, sequence: int, earlier: int, postgres: Postgres
) -> None:
    name = postgres.fresh_url().rpartition("/")[2]
    with Network() as network:
        proxy = PostgresProxy(network, postgres.port, 1)

        def connect(port: int) -> psycopg.Connection:
            return psycopg.connect(host="127.0.0.1", port=port, user="backflush", dbname=name, connect_timeout=5)

        with connect(postgres.port) as direct:
            direct.execute("CREATE TABLE heads (sequence int)")
            direct.execute("INSERT INTO heads VALUES (0)")
        with connect(proxy.port) as client:
            for _ in range(earlier):
                client.execute(ADVANCE)
                client.commit()
            setattr(proxy, what, 1)
            client.execute("SELECT 1")
            client.commit()  # one that wrote nothing is let through
            client.execute(ADVANCE)
            with pytest.raises(psycopg.OperationalError):
                client.commit()
        with connect(proxy.port) as client:
            found = client.execute("SELECT sequence FROM heads").fetchone()
        assert found == (earlier + sequence,)
        assert sum(proxy.figures.values()) == 1


def test_a_port_that_leads_nowhere_ends_its_clients() -> None:
    with Network() as network, socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        proxy = MqttProxy(network, nobody.getsockname()[1], 1)
        with socket.create_connection(("127.0.0.1", proxy.port), timeout=10) as client:
            client.settimeout(10)
            with suppress(ConnectionResetError):
                assert client.recv(1) == b""
