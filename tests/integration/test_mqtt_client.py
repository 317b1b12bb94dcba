"""The gateway's connection against a real Mosquitto: what arrives, what is acknowledged, what happens in between."""

import asyncio
import sys

import paho.mqtt.client as paho
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from gateway.mqtt.broker import Address, Broker, Protocol, Will
from gateway.mqtt.wire.backpressure import MAX_HELD_BYTES
from gateway.mqtt.wire.keepalive import PINGREQ, QUESTIONS
from gateway.mqtt.wire.packets import Delivery, Extras
from tests.integration.mqtt_peer import Peer
from tests.servers import Mosquitto, free_port
from tests.simulation.links import MqttProxy
from tests.simulation.proxy import Network

BOTH: list[Protocol] = ["3.1.1", "5"]
TOPIC = "bf/v1/1000/L04/c1/count"


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


@pytest.mark.parametrize("protocol", BOTH)
async def test_what_is_published_arrives_as_it_was_sent(mosquitto: Mosquitto, protocol: Protocol) -> None:
    sent = [b"", b"\x00\xff" * 9, b"x" * 127, b"y" * 128, b"z" * 70_000, b"w" * 900_000]
    async with Peer(mosquitto.url, "t/#", protocol=protocol) as peer:
        assert (await peer.up()).terms.protocol == protocol
        await peer.publish("t/ä/\N{FACTORY}", sent)
        await peer.until(lambda: len(peer.deliveries) == len(sent))
        assert peer.payloads == sent
        assert {delivery.topic for _, delivery in peer.deliveries} == {"t/ä/\N{FACTORY}"}
        assert {delivery.qos for _, delivery in peer.deliveries} == {1}


def test_it_runs_on_the_loop_of_the_standard_library_as_well(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC) as peer:
            await peer.up()
            await peer.publish(TOPIC, numbered(500))
            await peer.until(lambda: peer.payloads == numbered(500))

    asyncio.run(scenario())


async def test_qos_0_needs_no_acknowledgement(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, TOPIC) as peer:
        await peer.up()
        await peer.publish(TOPIC, [b"1"], qos=0)
        await peer.until(lambda: len(peer.deliveries) == 1)
        assert peer.deliveries[0][1] == Delivery(TOPIC, b"1", 0, False, None, None, 0)  # noqa: FBT003


async def test_a_retained_message_is_told_from_a_fresh_one(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, client_id="device") as device:
        await device.up()
        await device.publish("a/state", [b"online"], retain=True)
        async with Peer(mosquitto.url, "+/state") as peer:
            await peer.until(lambda: len(peer.deliveries) == 1)
            await device.publish("a/state", [b"offline"], retain=True)
            await peer.until(lambda: len(peer.deliveries) == 2)
            found = [(delivery.payload, delivery.retain) for _, delivery in peer.deliveries]
            assert found == [(b"online", True), (b"offline", False)]


@pytest.mark.parametrize("protocol", BOTH)
async def test_a_kept_session_delivers_what_arrived_meanwhile_in_order(
    mosquitto: Mosquitto, protocol: Protocol
) -> None:
    async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
        assert (await peer.up()).terms.session_present is False
    async with Peer(mosquitto.url, client_id="device") as device:
        await device.up()
        await device.publish(TOPIC, numbered(5_000))
    async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
        assert (await peer.up()).terms.session_present is True
        await peer.until(lambda: len(peer.deliveries) >= 5_000)
        assert peer.payloads == numbered(5_000)


@pytest.mark.parametrize("protocol", BOTH)
async def test_what_is_not_acknowledged_comes_again(mosquitto: Mosquitto, protocol: Protocol) -> None:
    async with Peer(mosquitto.url, TOPIC, protocol=protocol, acknowledges=False) as peer:
        await peer.up()
        await peer.publish(TOPIC, numbered(10))
        await peer.until(lambda: len(peer.deliveries) == 10)
        peer.connection.acknowledge(peer.connection.epoch, [delivery.mid for _, delivery in peer.deliveries[:4]])
        # The broker answers in order: when it has this one, it has read the acknowledgements as well.
        await peer.publish("elsewhere", [b"1"])
    async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
        await peer.until(lambda: len(peer.deliveries) == 6)
        assert peer.payloads == numbered(10)[4:]
        await peer.publish("elsewhere", [b"2"])
    async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
        await peer.up()
        await peer.publish(TOPIC, [b"next"])
        await peer.until(lambda: peer.payloads == [b"next"])


@pytest.mark.parametrize("protocol", BOTH)
async def test_an_earlier_connections_packet_ids_acknowledge_nothing(mosquitto: Mosquitto, protocol: Protocol) -> None:
    async with Peer(mosquitto.url, TOPIC, protocol=protocol, acknowledges=False) as peer:
        await peer.up()
        await peer.publish(TOPIC, numbered(3))
        await peer.until(lambda: len(peer.deliveries) == 3)
        for times in (2, 3):
            mosquitto.stop()
            mosquitto.start()
            await peer.up(times)
            await peer.until(lambda times=times: len(peer.deliveries) == 3 * times)  # type: ignore[misc]
            first = peer.deliveries[0][0]
            peer.connection.acknowledge(first, [delivery.mid for _, delivery in peer.deliveries[:3]])
            await peer.publish("elsewhere", [b"what was sent before this has reached the broker"])
        assert peer.payloads == numbered(3) * 3
        assert len({epoch for epoch, _ in peer.deliveries}) == 3
        assert len(peer.downs) >= 2


async def test_a_broker_that_was_killed_is_found_again(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, TOPIC) as peer:
        await peer.up()
        mosquitto.kill()
        await peer.until(lambda: len(peer.downs) >= 2)
        assert peer.connection.publish(TOPIC, b"lost?") is False
        mosquitto.start()
        await peer.up(2)
        await peer.publish(TOPIC, [b"after"])
        await peer.until(lambda: peer.payloads == [b"after"])
        assert f"the broker at {mosquitto.url} cannot be reached" in peer.downs[-1]


async def test_a_broker_that_has_spoken_version_5_is_not_asked_for_less_after_a_bad_moment(
    mosquitto: Mosquitto,
) -> None:
    with Network() as network:
        proxy = MqttProxy(network, mosquitto.port, 0)
        async with Peer(f"mqtt://127.0.0.1:{proxy.port}", TOPIC) as peer:
            assert (await peer.up()).terms.protocol == "5"
            # The next attempt ends with a hang-up, as with a broker that does not know the version.
            proxy.break_next()
            await asyncio.to_thread(proxy.cut)
            assert (await peer.up(2)).terms.protocol == "5"
            assert len(peer.downs) == 2


async def test_the_will_is_published_when_the_gateway_dies_and_not_when_it_leaves(mosquitto: Mosquitto) -> None:
    will = Will("gw/state", b"offline")
    async with Peer(mosquitto.url, "gw/state", client_id="watcher") as watcher:
        await watcher.up()
        async with Peer(mosquitto.url, will=will) as leaves:
            await leaves.up()
            await leaves.publish("gw/state", [b"online"])
        async with Peer(mosquitto.url, will=will, closes=False) as dies:
            await dies.up()
        await watcher.until(lambda: len(watcher.deliveries) == 2)
        assert watcher.payloads == [b"online", b"offline"]


async def test_request_and_answer_carry_topic_correlation_and_expiry(mosquitto: Mosquitto) -> None:
    heard: list[tuple[bytes, int]] = []

    def expiry(told: paho.MQTTMessage) -> int:
        return int(getattr(told.properties, "MessageExpiryInterval", 0))

    asks = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho is not typed here
    asks.ResponseTopic, asks.CorrelationData = "a/feedback", b"\x01r17"
    async with Peer(mosquitto.url, TOPIC) as peer:
        await peer.up()
        scanner = paho.Client(CallbackAPIVersion.VERSION2, client_id="scanner", protocol=paho.MQTTv5)
        scanner.on_message = lambda _, __, told: heard.append((bytes(told.payload), expiry(told)))
        scanner.connect("127.0.0.1", mosquitto.port)
        scanner.subscribe("a/feedback", 1)
        scanner.loop_start()
        try:
            scanner.publish(TOPIC, b"scan", 1, properties=asks)
            await peer.until(lambda: len(peer.deliveries) == 1)
            delivery = peer.deliveries[0][1]
            assert (delivery.response_topic, delivery.correlation) == ("a/feedback", b"\x01r17")
            while not heard:
                peer.connection.publish(delivery.response_topic or "", b"ok", extras=Extras(30, delivery.correlation))
                await asyncio.sleep(0.05)
        finally:
            scanner.disconnect()
            scanner.loop_stop()
    assert heard[0] == (b"ok", 30)


async def test_no_more_is_in_flight_than_the_broker_allows() -> None:
    with Mosquitto("max_inflight_messages 7") as broker:
        async with Peer(broker.url, client_id="publisher", protocol="5") as peer:
            assert (await peer.up()).terms.receive_maximum == 7
            taken = [peer.connection.publish(TOPIC, b"1", on_done=lambda: None) for _ in range(10)]
            assert taken == [True] * 7 + [False] * 3
            await peer.publish(TOPIC, numbered(100))


async def test_a_publication_that_the_broker_refuses_is_reported_and_over(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, client_id="publisher", protocol="5") as peer:
        await peer.up()
        await peer.publish("$SYS/forbidden", [b"1"])
        assert [topic for topic, reason in peer.refusals if reason >= 0x80] == ["$SYS/forbidden"]


@pytest.mark.parametrize("qos", [0, 1])
async def test_reading_pauses_while_too_much_is_held(qos: int) -> None:
    payload = bytes(100_000)
    count = 400
    with Mosquitto("max_inflight_messages 0\nmax_queued_messages 0\nmax_queued_bytes 0") as server:
        async with Peer(server.url, TOPIC, acknowledges=False) as peer:
            await peer.up()
            # A process of its own, or the flood would wait for its reader.
            module = [sys.executable, "-m", "tests.integration.mqtt_flood"]
            sizes = [str(number) for number in (qos, count, len(payload))]
            flood = await asyncio.create_subprocess_exec(*module, server.url, TOPIC, *sizes)
            assert await flood.wait() == 0
            await peer.until(lambda: len(peer.deliveries) * len(payload) >= MAX_HELD_BYTES)
            held = 0
            while len(peer.deliveries) > held:
                held = len(peer.deliveries)
                await asyncio.sleep(0.2)
            assert held < count
            acknowledged = 0
            while acknowledged < count:
                await peer.until(lambda seen=acknowledged: len(peer.deliveries) > seen)  # type: ignore[misc]
                fresh = peer.deliveries[acknowledged:]
                peer.connection.acknowledge(peer.connection.epoch, [delivery.mid for _, delivery in fresh])
                acknowledged += len(fresh)
            assert peer.payloads == [payload] * count
            assert peer.downs == []


async def test_more_can_be_subscribed_for_a_while(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, "always") as peer:
        await peer.up()
        await peer.publish("sometimes", [b"old"], retain=True)
        assert peer.connection.subscribe(["sometimes"])
        await peer.until(lambda: peer.payloads == [b"old"])
        assert peer.connection.unsubscribe(["sometimes"])
        await peer.publish("sometimes", [b"unheard"])
        await peer.publish("always", [b"heard"])
        await peer.until(lambda: len(peer.deliveries) == 2)
        assert peer.payloads == [b"old", b"heard"]


class Silent:
    """A broker that accepts a connection and, from some question on, answers nothing, but reads what it is sent."""

    def __init__(self, answers: int) -> None:
        self.questions = 0
        self.publications = 0
        self._answers = answers

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(4096)
        writer.write(b"\x20\x02\x00\x00")
        while said := await reader.read(4096):
            asked = said.count(PINGREQ)
            self.publications += said.count(b"t/busy")
            for _ in range(asked):
                self.questions += 1
                if self.questions <= self._answers:
                    writer.write(b"\xd0\x00")
        writer.close()


@pytest.mark.parametrize("busy", [False, True])
@pytest.mark.parametrize("answers", [0, 5])
async def test_a_broker_that_answers_nothing_is_given_up_after_two_questions_whatever_it_is_sent(
    busy: bool, answers: int
) -> None:
    broker, port = Silent(answers), free_port()
    async with await asyncio.start_server(broker.serve, "127.0.0.1", port):
        address = Address.parse(f"mqtt://127.0.0.1:{port}")
        async with Peer(Broker(address, "gateway", "3.1.1", keepalive_s=1), closes=False) as peer:
            await peer.up()
            while not peer.downs:
                if busy:
                    peer.connection.publish("t/busy", b"1", qos=0)
                await asyncio.sleep(0.02)
                assert broker.questions <= answers + QUESTIONS, "it goes on asking"
            assert broker.questions == answers + QUESTIONS, peer.downs
            assert "answered nothing" in peer.downs[0]
            assert bool(broker.publications) == busy
