"""The gateway's connection against a real Mosquitto: what arrives, what is acknowledged, what happens in between."""

import asyncio
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvloop

from gateway.mqtt import Address, Broker, Delivery, Will
from gateway.mqtt.broker import Protocol
from tests.integration.mqtt_peer import Peer
from tests.servers import Mosquitto, free_port, mosquitto_program

BOTH: list[Protocol] = ["3.1.1", "5"]
TOPIC = "bf/v1/1000/L04/c1/count"


def numbered(count: int) -> list[bytes]:
    return [str(number).encode() for number in range(count)]


@pytest.mark.parametrize("protocol", BOTH)
def test_what_is_published_arrives_as_it_was_sent(mosquitto: Mosquitto, protocol: Protocol) -> None:
    sent = [b"", b"\x00\xff" * 9, b"x" * 127, b"y" * 128, b"z" * 70_000, b"w" * 900_000]

    async def scenario() -> None:
        async with Peer(mosquitto.url, "t/#", protocol=protocol) as peer:
            assert (await peer.up()).terms.protocol == protocol
            await peer.publish("t/ä/\N{FACTORY}", sent)
            await peer.until(lambda: len(peer.deliveries) == len(sent))
            assert peer.payloads == sent
            assert {delivery.topic for _, delivery in peer.deliveries} == {"t/ä/\N{FACTORY}"}
            assert {delivery.qos for _, delivery in peer.deliveries} == {1}

    uvloop.run(scenario())


def test_it_runs_on_the_loop_of_the_standard_library_as_well(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC) as peer:
            await peer.up()
            await peer.publish(TOPIC, numbered(500))
            await peer.until(lambda: peer.payloads == numbered(500))

    asyncio.run(scenario())


def test_qos_0_needs_no_acknowledgement(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC) as peer:
            await peer.up()
            await peer.publish(TOPIC, [b"1"], qos=0)
            await peer.until(lambda: len(peer.deliveries) == 1)
            assert peer.deliveries[0][1] == Delivery(TOPIC, b"1", 0, False, None, None, 0)  # noqa: FBT003

    uvloop.run(scenario())


def test_a_retained_message_is_told_from_a_fresh_one(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, client_id="device") as device:
            await device.up()
            await device.publish("a/state", [b"online"], retain=True)
            async with Peer(mosquitto.url, "+/state") as peer:
                await peer.until(lambda: len(peer.deliveries) == 1)
                await device.publish("a/state", [b"offline"], retain=True)
                await peer.until(lambda: len(peer.deliveries) == 2)
                found = [(delivery.payload, delivery.retain) for _, delivery in peer.deliveries]
                assert found == [(b"online", True), (b"offline", False)]

    uvloop.run(scenario())


@pytest.mark.parametrize("protocol", BOTH)
def test_a_kept_session_delivers_what_arrived_meanwhile_in_order(mosquitto: Mosquitto, protocol: Protocol) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
            assert (await peer.up()).terms.session_present is False
        async with Peer(mosquitto.url, client_id="device") as device:
            await device.up()
            await device.publish(TOPIC, numbered(5_000))
        async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
            assert (await peer.up()).terms.session_present is True
            await peer.until(lambda: len(peer.deliveries) >= 5_000)
            assert peer.payloads == numbered(5_000)

    uvloop.run(scenario())


@pytest.mark.parametrize("protocol", BOTH)
def test_what_is_not_acknowledged_comes_again(mosquitto: Mosquitto, protocol: Protocol) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC, protocol=protocol, acknowledges=False) as peer:
            await peer.up()
            await peer.publish(TOPIC, numbered(10))
            await peer.until(lambda: len(peer.deliveries) == 10)
            peer.connection.acknowledge(peer.connection.epoch, [delivery.mid for _, delivery in peer.deliveries[:4]])
        async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
            await peer.until(lambda: len(peer.deliveries) == 6)
            assert peer.payloads == numbered(10)[4:]
        async with Peer(mosquitto.url, TOPIC, protocol=protocol) as peer:
            await peer.up()
            await peer.publish(TOPIC, [b"next"])
            await peer.until(lambda: peer.payloads == [b"next"])

    uvloop.run(scenario())


@pytest.mark.parametrize("protocol", BOTH)
def test_an_earlier_connections_packet_ids_acknowledge_nothing(mosquitto: Mosquitto, protocol: Protocol) -> None:
    async def scenario() -> None:
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
            assert peer.payloads == numbered(3) * 3
            assert len({epoch for epoch, _ in peer.deliveries}) == 3
            assert len(peer.downs) >= 2

    uvloop.run(scenario())


def test_a_broker_that_was_killed_is_found_again(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
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

    uvloop.run(scenario())


def test_the_will_is_published_when_the_gateway_dies_and_not_when_it_leaves(mosquitto: Mosquitto) -> None:
    will = Will("gw/state", b"offline")

    async def scenario() -> None:
        async with Peer(mosquitto.url, "gw/state", client_id="watcher") as watcher:
            await watcher.up()
            async with Peer(mosquitto.url, will=will) as leaves:
                await leaves.up()
                await leaves.publish("gw/state", [b"online"])
            async with Peer(mosquitto.url, will=will, closes=False) as dies:
                await dies.up()
            await watcher.until(lambda: len(watcher.deliveries) == 2)
            assert watcher.payloads == [b"online", b"offline"]

    uvloop.run(scenario())


def test_request_and_answer_carry_topic_correlation_and_expiry(mosquitto: Mosquitto) -> None:
    port = str(mosquitto.port)
    ask = ["-h", "127.0.0.1", "-p", port, "-V", "5", "-q", "1", "-t", TOPIC, "-m", "scan"]
    asked = ["-D", "publish", "response-topic", "a/feedback", "-D", "publish", "correlation-data", "\x01r17"]
    hear = [
        "-h",
        "127.0.0.1",
        "-p",
        port,
        "-V",
        "5",
        "-q",
        "1",
        "-t",
        "a/feedback",
        "-C",
        "1",
        "-W",
        "20",
        "-F",
        "%p %E",
    ]

    async def scenario() -> None:
        async with Peer(mosquitto.url, TOPIC) as peer:
            await peer.up()
            listener = await asyncio.create_subprocess_exec(
                "mosquitto_sub", *hear, "-i", "scanner", stdout=asyncio.subprocess.PIPE
            )
            publisher = await asyncio.create_subprocess_exec("mosquitto_pub", *ask, *asked)
            await peer.until(lambda: len(peer.deliveries) == 1)
            await publisher.wait()
            delivery = peer.deliveries[0][1]
            assert (delivery.response_topic, delivery.correlation) == ("a/feedback", b"\x01r17")
            while listener.returncode is None:
                peer.connection.publish(
                    delivery.response_topic or "", b"ok", expiry_s=30, correlation=delivery.correlation
                )
                await asyncio.sleep(0.05)
            assert listener.stdout is not None
            assert (await listener.stdout.read()).split() == [b"ok", b"30"]

    uvloop.run(scenario())


def test_no_more_is_in_flight_than_the_broker_allows() -> None:
    async def scenario(url: str) -> None:
        async with Peer(url, client_id="publisher", protocol="5") as peer:
            assert (await peer.up()).terms.receive_maximum == 7
            taken = [peer.connection.publish(TOPIC, b"1", on_done=lambda: None) for _ in range(10)]
            assert taken == [True] * 7 + [False] * 3
            await peer.publish(TOPIC, numbered(100))

    with Mosquitto("max_inflight_messages 7") as broker:
        uvloop.run(scenario(broker.url))


def test_a_publication_that_the_broker_refuses_is_reported_and_over(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, client_id="publisher", protocol="5") as peer:
            await peer.up()
            await peer.publish("$SYS/forbidden", [b"1"])
            assert [topic for topic, reason in peer.refusals if reason >= 0x80] == ["$SYS/forbidden"]

    uvloop.run(scenario())


def test_reading_pauses_while_too_much_is_unacknowledged() -> None:
    broker = "max_inflight_messages 0\nmax_queued_messages 0"
    payload = bytes(10_000)

    async def scenario(url: str) -> None:
        limited = Broker(Address.parse(url), "gateway", "3.1.1", receive_maximum=50)
        async with Peer(limited, TOPIC, acknowledges=False) as peer:
            await peer.up()
            async with Peer(url, client_id="device") as device:
                await device.up()
                await device.publish(TOPIC, [payload] * 3_000)
            await peer.until(lambda: len(peer.deliveries) >= 50)
            for _ in range(50):
                await asyncio.sleep(0)
            assert len(peer.deliveries) < 500
            while len(peer.deliveries) < 3_000:
                seen = len(peer.deliveries)
                epoch = peer.connection.epoch
                waiting = [delivery.mid for _, delivery in peer.deliveries if delivery.mid]
                peer.connection.acknowledge(epoch, waiting)
                peer.deliveries[:] = [(at, delivery._replace(mid=0)) for at, delivery in peer.deliveries]
                await peer.until(lambda seen=seen: len(peer.deliveries) > seen)  # type: ignore[misc]
            assert len(peer.deliveries) == 3_000

    with Mosquitto(broker) as server:
        uvloop.run(scenario(server.url))


def test_a_second_connection_with_the_same_id_throws_the_first_one_out(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url) as first:
            await first.up()
            async with Peer(mosquitto.url, closes=False) as second:
                await second.up()
                await first.until(lambda: first.downs != [])
                # It comes back, so that the two would go on throwing each other out: the caller has to notice that.
                await second.until(lambda: second.downs != [])
                assert (await first.up(2)).terms.session_present

    uvloop.run(scenario())


def test_the_brokers_reason_for_ending_a_connection_is_told(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
        async with Peer(mosquitto.url, protocol="5") as peer:
            await peer.up()
            peer.connection.publish("no/wildcards/+", b"")
            await peer.until(lambda: peer.downs != [])
            assert peer.downs[0].startswith("the broker says: ")

    uvloop.run(scenario())


def test_a_publication_that_is_too_large_for_the_broker_ends_without_a_loop() -> None:
    async def scenario(url: str) -> None:
        async with Peer(url, TOPIC, protocol="5") as peer:
            assert (await peer.up()).terms.maximum_packet == 2_000
            await peer.publish(TOPIC, [bytes(3_000), b"small"])
            await peer.until(lambda: peer.payloads == [b"small"])
            assert peer.refusals == [(TOPIC, 0x95)]
            assert peer.downs == []

    with Mosquitto("max_packet_size 2000") as broker:
        uvloop.run(scenario(broker.url))


def test_a_wrong_password_is_told_in_words_and_tried_again(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, "gw", "right"], check=True, capture_output=True)

    async def scenario(url: str, protocol: Protocol) -> None:
        wrong = Broker(Address.parse(url), "gateway", protocol, username="gw", password="wrong")
        async with Peer(wrong) as peer:
            await peer.until(lambda: len(peer.downs) >= 2)
            assert "refuses 'gateway'" in peer.downs[0]
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
    plugin = next(
        (
            path
            for folder in (Path("/usr/lib"), Path("/usr/local/lib"), Path("/opt/homebrew/lib"))
            for path in folder.glob("**/mosquitto_dynamic_security.so")
        ),
        None,
    )
    if plugin is None:
        pytest.skip("this Mosquitto comes without its dynamic security plugin, which alone refuses subscriptions")
    rules = tmp_path / "rules.json"
    default = {"publishClientSend": True, "publishClientReceive": True, "subscribe": False, "unsubscribe": True}
    rules.write_text(
        json.dumps(
            {
                "defaultACLAccess": default,
                "roles": [
                    {
                        "rolename": "all",
                        "acls": [{"acltype": "subscribePattern", "topic": "allowed/#", "allow": True}],
                    }
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


def test_more_can_be_subscribed_for_a_while(mosquitto: Mosquitto) -> None:
    async def scenario() -> None:
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

    uvloop.run(scenario())


def test_something_that_is_no_broker_is_given_up_and_tried_again() -> None:
    async def scenario() -> None:
        async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.read(1)
            writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n" + bytes(200))
            writer.close()

        port = free_port()
        async with await asyncio.start_server(hang_up, "127.0.0.1", port), Peer(f"mqtt://127.0.0.1:{port}") as peer:
            await peer.until(lambda: len(peer.downs) >= 3)
            assert all("did not accept the connection" in why for why in peer.downs)

    uvloop.run(scenario())


@contextmanager
def tls_broker(folder: Path) -> Iterator[tuple[int, Path]]:
    """Run a broker that speaks TLS only, with a certificate for `localhost`; yield its port and the authority."""
    ca_key, ca, key, request, certificate = (folder / name for name in ("ca.key", "ca.crt", "key", "csr", "crt"))
    new: list[str | Path] = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-keyout"]
    subprocess.run(
        [*new, ca_key, "-x509", "-days", "2", "-subj", "/CN=test", "-out", ca], check=True, capture_output=True
    )
    subprocess.run([*new, key, "-subj", "/CN=localhost", "-out", request], check=True, capture_output=True)
    names = folder / "names"
    names.write_text("subjectAltName=DNS:localhost")
    sign: list[str | Path] = [
        "openssl",
        "x509",
        "-req",
        "-in",
        request,
        "-CA",
        ca,
        "-CAkey",
        ca_key,
        "-CAcreateserial",
        "-days",
        "2",
    ]
    subprocess.run([*sign, "-extfile", names, "-out", certificate], check=True, capture_output=True)
    port = free_port()
    configuration = folder / "mosquitto.conf"
    user = "user root\n" if os.geteuid() == 0 else ""
    configuration.write_text(
        f"{user}listener {port} 127.0.0.1\nallow_anonymous true\ncafile {ca}\ncertfile {certificate}\nkeyfile {key}\n"
    )
    broker = subprocess.Popen([mosquitto_program(), "-c", configuration], stderr=subprocess.DEVNULL)
    try:
        yield port, ca
    finally:
        broker.terminate()
        broker.wait()


def test_tls_carries_the_same_and_trusts_nobody_else(tmp_path: Path) -> None:
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

    with tls_broker(tmp_path) as (port, ca):
        uvloop.run(scenario(port, ca))
