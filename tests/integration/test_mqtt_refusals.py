"""What a real Mosquitto refuses, and TLS: in words, tried again, never trusted by mistake; the demo's broker."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import uvloop

from gateway.errors import BrokerUnavailable
from gateway.mqtt.broker import Address, Broker, Protocol
from gateway.mqtt.embedded import EmbeddedBroker, Kind
from tests.integration.mqtt_peer import Peer
from tests.integration.shipped_broker import Authority
from tests.servers import Mosquitto, free_port, mosquitto_plugin, mosquitto_program

BOTH: list[Protocol] = ["3.1.1", "5"]
TOPIC = "bf/v1/1000/L04/c1/count"


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


async def test_a_second_connection_with_the_same_id_throws_the_first_one_out(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url) as first:
        await first.up()
        async with Peer(mosquitto.url, closes=False) as second:
            await second.up()
            await first.until(lambda: first.downs != [])
            # It comes back, so that the two would go on throwing each other out: the caller has to notice that.
            await second.until(lambda: second.downs != [])
            assert (await first.up(2)).terms.session_present


def test_the_brokers_reason_for_ending_a_connection_is_told(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, client_id="one", protocol="5") as peer:
            await peer.up()
            async with Peer(mosquitto.url, client_id="one", protocol="5"):
                await peer.until(lambda: peer.downs != [])
            assert peer.downs[0].startswith("the broker says: ")


async def test_what_no_topic_may_be_called_is_not_sent(mosquitto: Mosquitto) -> None:
    async with Peer(mosquitto.url, TOPIC, protocol="5") as peer:
        await peer.up()
        peer.connection.publish("no/wildcards/+", b"")
        await peer.publish(TOPIC, [b"goes on"])
        await peer.until(lambda: peer.payloads == [b"goes on"])
        assert (peer.refusals, peer.downs) == ([("no/wildcards/+", 0x90)], [])


async def test_a_publication_that_is_too_large_for_the_broker_ends_without_a_loop() -> None:
    with Mosquitto("max_packet_size 2000") as broker:
        async with Peer(broker.url, TOPIC, protocol="5") as peer:
            assert (await peer.up()).terms.maximum_packet == 2_000
            await peer.publish(TOPIC, [bytes(3_000), b"small"])
            await peer.until(lambda: peer.payloads == [b"small"])
            assert peer.refusals == [(TOPIC, 0x95)]
            assert peer.downs == []


def test_a_wrong_password_is_told_in_words_and_tried_again(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "gw", "right"], check=True, capture_output=True)

    async def scenario(url: str, protocol: Protocol) -> None:
        wrong = Broker(Address.parse(url), "gateway", protocol, username="gw", password="wrong")
        async with Peer(wrong) as peer:
            await peer.until(lambda: len(peer.downs) >= 2)
            assert "refuses gw: " in peer.downs[0]
            assert "uthori" in peer.downs[0]
            assert "wrong" not in peer.downs[0]
        right = Broker(Address.parse(url), "gateway", protocol, username="gw", password="right")
        async with Peer(right) as peer:
            await peer.up()
            assert peer.downs == []

    with Mosquitto(f"password_file {passwords}") as broker:
        for protocol in BOTH:
            uvloop.run(scenario(broker.url, protocol))


def test_filters_that_the_broker_does_not_grant_are_reported(tmp_path: Path) -> None:
    plugin = mosquitto_plugin("dynamic_security")
    rules = tmp_path / "rules.json"
    default = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True}
    rules.write_text(
        json.dumps(
            {
                "defaultACLAccess": default,
                "roles": [
                    {"rolename": "all", "acls": [{"acltype": "subscribePattern", "topic": "allowed/#", "allow": True}]}
                ],
                "groups": [{"groupname": "anybody", "roles": [{"rolename": "all"}]}],
                "anonymousGroup": "anybody",
            }
        )
    )

    async def scenario(url: str, protocol: Protocol) -> None:
        async with Peer(url, "allowed/t", "forbidden/t", protocol=protocol) as peer:
            assert (await peer.up()).terms.refused == ("forbidden/t",)
            await peer.publish("allowed/t", [b"1"])
            await peer.until(lambda: peer.payloads == [b"1"])

    with Mosquitto(f"plugin {plugin}\nplugin_opt_config_file {rules}") as broker:
        for protocol in BOTH:
            uvloop.run(scenario(broker.url, protocol))


async def test_something_that_is_no_broker_is_given_up_and_tried_again() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(200))
        writer.close()

    port = free_port()
    async with await asyncio.start_server(hang_up, "127.0.0.1", port), Peer(f"mqtt://127.0.0.1:{port}") as peer:
        await peer.until(lambda: len(peer.downs) >= 3)
        assert all("did not accept the connection" in why for why in peer.downs)


def test_tls_carries_the_same_and_trusts_no_other(tmp_path: Path) -> None:
    payloads = [*numbered(200), bytes(300_000)]

    async def scenario(port: int, ca: Path) -> None:
        address = Address.parse(f"mqtts://localhost:{port}")
        async with Peer(Broker(address, "gateway", ca_file=ca), TOPIC) as peer:
            await peer.up()
            await peer.publish(TOPIC, payloads)
            await peer.until(lambda: len(peer.deliveries) == len(payloads))
            assert peer.payloads == payloads
        async with Peer(Broker(address, "gateway"), TOPIC) as peer:
            await peer.until(lambda: len(peer.downs) >= 1)
            assert "certificate" in peer.downs[0].lower()
        other_name = Broker(Address.parse(f"mqtts://127.0.0.1:{port}"), "gateway", ca_file=ca)
        async with Peer(other_name, TOPIC) as peer:
            await peer.until(lambda: len(peer.downs) >= 1)
            assert "certificate" in peer.downs[0].lower()
        nowhere = Broker(address, "gateway", ca_file=tmp_path / "missing")
        async with Peer(nowhere, TOPIC) as peer:
            await peer.until(lambda: len(peer.downs) >= 1)
            assert "TLS files cannot be used" in peer.downs[0]

    authority = Authority(tmp_path / "certs")
    server = authority.issue("localhost", server=True)
    with Mosquitto(f"listener {{port}} 127.0.0.1\ncertfile {server.file}\nkeyfile {server.key}") as broker:
        uvloop.run(scenario(broker.port, authority.ca_file))


KINDS: list[Kind] = ["iotcore", "mosquitto"]


@pytest.fixture(params=KINDS)
def kind(request: pytest.FixtureRequest) -> Kind:
    """Name each kind that there is on this machine."""
    found: Kind = request.param
    if found == "iotcore":
        pytest.importorskip("iotcore", reason="iotcore has no wheel for this platform")
    else:
        mosquitto_program()
    return found


async def test_messages_and_retained_states_go_through_it(kind: Kind) -> None:
    payloads = [*(str(number).encode() for number in range(3_000)), bytes(100_000)]
    with EmbeddedBroker.start([kind]) as broker:
        async with Peer(str(broker.address), client_id="device", protocol="3.1.1") as device:
            await device.up()
            await device.publish("t/state", [b"online"], retain=True)
            async with Peer(str(broker.address), "t/+", protocol="3.1.1") as peer:
                await peer.until(lambda: peer.payloads == [b"online"])
                assert peer.deliveries[0][1].retain
                await device.publish("t/count", payloads)
                await peer.until(lambda: len(peer.deliveries) == 1 + len(payloads))
                assert peer.payloads[1:] == payloads


async def test_what_is_not_acknowledged_comes_again_from_it_as_well(kind: Kind) -> None:
    payloads = [str(number).encode() for number in range(1_500)]
    with EmbeddedBroker.start([kind]) as broker:
        async with Peer(str(broker.address), "t", protocol="3.1.1", acknowledges=False) as peer:
            await peer.up()
            async with Peer(str(broker.address), client_id="device", protocol="3.1.1") as device:
                await device.up()
                await device.publish("t", payloads)
            await peer.until(lambda: len(peer.deliveries) >= 100)
        async with Peer(str(broker.address), "t", protocol="3.1.1") as peer:
            await peer.until(lambda: len(peer.deliveries) >= len(payloads))
            assert sorted(peer.payloads) == sorted(payloads)


async def test_the_gateway_finds_out_that_it_speaks_3_1_1_only() -> None:
    pytest.importorskip("iotcore", reason="iotcore has no wheel for this platform")
    with EmbeddedBroker.start(["iotcore"]) as broker:
        async with Peer(str(broker.address), "t", protocol="auto") as peer:
            assert (await peer.up()).terms.protocol == "3.1.1"
            assert len(peer.downs) == 1


def test_it_listens_on_this_machine_only_and_is_gone_after_stop(kind: Kind) -> None:
    with EmbeddedBroker.start([kind]) as broker:
        assert broker.address.host == "127.0.0.1"
        os.kill(broker.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(broker.pid, 0)
    broker.stop()


def test_it_ends_when_its_owner_is_killed(kind: Kind) -> None:
    program = (
        "import sys, time; from gateway.mqtt.embedded import EmbeddedBroker\n"
        "broker = EmbeddedBroker.start([sys.argv[1]]); print(broker.address.port, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", program, kind], stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        port = int(owner.stdout.readline())
        owner.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 30
    while answers(port):
        assert time.monotonic() < deadline, "the broker outlives its owner"
        time.sleep(0.05)


def answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def test_without_any_broker_it_says_what_is_missing() -> None:
    with pytest.raises(BrokerUnavailable, match="expected the iotcore package or a mosquitto binary"):
        EmbeddedBroker.start([])
