"""The demo's broker: found, started, spoken to like any other, and gone with the process that started it."""

import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from gateway.errors import BrokerUnavailable
from gateway.mqtt.embedded import EmbeddedBroker, Kind
from tests.integration.mqtt_peer import Peer
from tests.servers import mosquitto_program

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
