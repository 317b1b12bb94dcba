"""Simulated plants on a real broker: what a subscriber receives is what was made, restarts included."""

import asyncio
import hashlib
import json
import signal
import subprocess
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from math import inf
from pathlib import Path

import aiomqtt
import pytest

from devices.decoders import decode_count
from devices.messages import Reading
from devices.simulators import BrokerAccess, Code, CounterSpec, Faults, ScannerSpec, SimulatedPlant, Unreachable
from tests.servers import Mosquitto, free_port

BAD = Faults(duplicate=0.1, lose=0.1, reorder=0.1, late=0.05, reset=0.01)


class Listener:
    """Notes all that devices say, and answers their scans."""

    def __init__(self, mosquitto: Mosquitto) -> None:
        self._port = mosquitto.port
        self.totals: dict[tuple[str, str | None], Reading] = {}
        self.scans: dict[str, str] = {}
        self.states: dict[str, str] = {}
        self.messages = 0
        self.answering = True
        self.client: aiomqtt.Client | None = None

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[None]:
        subscribed = asyncio.Event()
        task = asyncio.create_task(self._listen(subscribed))
        await subscribed.wait()
        try:
            yield
        finally:
            # Again and again: before Python 3.12 what aiomqtt waits with can lose a cancellation.
            while not task.done():
                task.cancel()
                await asyncio.wait([task], timeout=0.1)

    async def _listen(self, subscribed: asyncio.Event) -> None:
        while True:
            with suppress(aiomqtt.MqttError):
                async with aiomqtt.Client(
                    "127.0.0.1", self._port, identifier="listener", clean_session=False
                ) as client:
                    await client.subscribe([(f"bf/v1/+/+/+/{kind}", 1) for kind in ("count", "scan", "state")])
                    self.client = client
                    subscribed.set()
                    async for message in client.messages:
                        await self._note(client, message)
            await asyncio.sleep(0.1)

    async def _note(self, client: aiomqtt.Client, message: aiomqtt.Message) -> None:
        place, _, kind = message.topic.value.rpartition("/")
        device = place.rpartition("/")[2]
        assert isinstance(message.payload, bytes)
        if kind == "state":
            self.states[device] = json.loads(message.payload)["state"]
            return
        self.messages += 1
        if kind == "count":
            reading = decode_count(message.payload, None)
            assert isinstance(reading, Reading)
            newest = self.totals.get((device, reading.boot))
            if newest is None or (newest.seq or 0) < (reading.seq or 0):
                self.totals[device, reading.boot] = reading
        else:
            scan = json.loads(message.payload)
            self.scans[scan["id"]] = scan["data"]
            if self.answering:
                feedback = {"ref": scan["id"], "result": "ok", "code": "BF0000"}
                await client.publish(f"{place}/feedback", json.dumps(feedback), qos=0)

    def made(self, device: str) -> int:
        return sum(reading.good or 0 for (name, _), reading in self.totals.items() if name == device)


async def until(true: Callable[[], bool]) -> None:
    while not true():  # noqa: ASYNC110 - what is waited for happens in other programs
        await asyncio.sleep(0.01)


def a_plant(counters: int, scanners: int, faults: Faults = BAD) -> SimulatedPlant:
    specs: list[CounterSpec | ScannerSpec] = [
        CounterSpec(plant="1000", line=f"L{i % 4:02d}", device=f"C{i:02d}", rate_per_s=5) for i in range(counters)
    ]
    specs += [
        ScannerSpec(
            plant="1000",
            line="L00",
            device=f"S{i:02d}",
            codes=(Code("]C101076123456789003024", pieces=24), Code("]d20107612345678900" + "21A{n}", pieces=1)),
            rate_per_s=1,
            repeat_after_s=0.5,
        )
        for i in range(scanners)
    ]
    return SimulatedPlant(specs, faults, 11)


def assert_equal_to_truth(listener: Listener, plant: SimulatedPlant) -> None:
    for truth in plant.truth():
        if truth.totals:
            assert listener.made(truth.device) == truth.good, truth
    assert len(listener.scans) == sum(truth.scans for truth in plant.truth())
    assert sum(24 if text.startswith("]C1") else 1 for text in listener.scans.values()) == sum(
        truth.good for truth in plant.truth() if truth.scans
    )


@pytest.mark.parametrize("connections", ["shared", "own"])
async def test_a_subscriber_receives_what_was_made(mosquitto: Mosquitto, connections: str) -> None:
    plant, listener = a_plant(12, 3), Listener(mosquitto)
    async with listener.listening():
        broker = BrokerAccess(url=mosquitto.url, own_connections=connections == "own")
        assert await plant.run(broker, messages=3_000, rate=inf) == 3_000
        assert await plant.settle(patience_s=300) == 0
        await until(lambda: set(listener.states.values()) == {"offline"})
    assert len(listener.states) == 15
    assert_equal_to_truth(listener, plant)
    assert all(sum(truth.results.values()) == truth.scans for truth in plant.truth())


async def test_nothing_is_lost_when_the_broker_restarts(mosquitto: Mosquitto) -> None:
    # The last total of a life is said once: a broker that keeps nothing can lose it for good.
    plant, listener = a_plant(12, 3, replace(BAD, reset=0.0)), Listener(mosquitto)
    async with listener.listening():
        running = asyncio.create_task(plant.run(BrokerAccess(url=mosquitto.url), messages=2_000, rate=1_000))
        await until(lambda: listener.messages >= 300)
        restarted_before = listener.client
        await asyncio.to_thread(mosquitto.stop)
        await asyncio.sleep(0.1)
        await asyncio.to_thread(mosquitto.start)
        assert await running == 2_000
        await until(lambda: listener.client is not restarted_before)
        assert await plant.settle(patience_s=300) == 0
        await until(lambda: all(listener.made(truth.device) == truth.good for truth in plant.truth() if truth.totals))
    assert_equal_to_truth(listener, plant)


async def test_devices_repeat_what_the_gateway_asks_for(mosquitto: Mosquitto) -> None:
    plant, listener = a_plant(1, 1), Listener(mosquitto)
    listener.answering = False
    async with listener.listening():
        running = asyncio.create_task(plant.run(BrokerAccess(url=mosquitto.url), seconds=60))
        await until(lambda: bool(listener.totals and listener.scans))
        assert listener.client is not None
        listener.totals.clear()
        listener.scans.clear()
        listener.answering = True
        for place in ("L00/C00", "L00/S00"):
            await listener.client.publish(f"bf/v1/1000/{place}/command", b'{"command":"report"}', qos=1)
        await until(lambda: bool(listener.totals and listener.scans))
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert await plant.settle(patience_s=300) == 0


KILLED = """
import asyncio, sys
from devices.simulators import BrokerAccess, CounterSpec, Faults, SimulatedPlant
plant = SimulatedPlant([CounterSpec(plant="1000", line="L04", device="C1")], Faults(), 1)
asyncio.run(plant.run(BrokerAccess(url=sys.argv[1]), seconds=60))
"""


async def test_the_last_will_says_offline_for_a_device_that_dies(mosquitto: Mosquitto) -> None:
    listener = Listener(mosquitto)
    async with listener.listening():
        # Devices are programs of their own, and only a killed one leaves its last will.
        with subprocess.Popen([sys.executable, "-c", KILLED, mosquitto.url]) as device:  # noqa: ASYNC220 - starts at once
            await until(lambda: listener.states.get("C1") == "online")
            device.send_signal(signal.SIGKILL)
        await until(lambda: listener.states.get("C1") == "offline")


def password_line(username: str, password: str) -> str:
    """Make a line of a Mosquitto password file."""
    salt = b"twelve bytes"
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, 101)
    return f"{username}:$7$101${b64encode(salt).decode()}${b64encode(digest).decode()}\n"


def test_each_device_logs_in_as_itself(tmp_path: Path) -> None:
    passwords = tmp_path / "passwords"
    passwords.write_text("".join(password_line(device, "secret") for device in ("C00", "C01")))
    passwords.chmod(0o600)
    with Mosquitto(f"password_file {passwords}\nuse_username_as_clientid true\n") as server:

        async def scenario() -> None:
            plant = a_plant(2, 0)
            broker = BrokerAccess(url=server.url, password="secret", own_connections=True)
            assert await plant.run(broker, messages=100, rate=inf) == 100
            wrong = BrokerAccess(url=server.url, password="guess", own_connections=True, patience_s=3)
            with pytest.raises(Unreachable, match="Not authorized"):
                await plant.run(wrong, messages=100, rate=inf)

        asyncio.run(scenario())


async def test_a_run_ends_after_some_seconds_and_goes_on_where_it_was(mosquitto: Mosquitto) -> None:
    plant, listener = a_plant(2, 1), Listener(mosquitto)
    async with listener.listening():
        broker = BrokerAccess(url=mosquitto.url)
        first = await plant.run(broker, seconds=0.5, rate=100)
        second = await plant.run(broker, seconds=0.5)
        assert first > second > 0
        assert await plant.settle(patience_s=300) == 0
        await until(lambda: all(listener.made(truth.device) == truth.good for truth in plant.truth() if truth.totals))
    assert_equal_to_truth(listener, plant)


@pytest.mark.parametrize("limits", [{}, {"seconds": 1.0, "rate": inf}])
def test_a_run_without_an_end_is_refused(limits: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="expected seconds or messages"):
        asyncio.run(a_plant(1, 0).run(BrokerAccess(url="mqtt://127.0.0.1"), **limits))  # type: ignore[arg-type]


def test_a_broker_that_is_not_there_is_one_clear_error() -> None:
    plant = a_plant(1, 0)
    broker = BrokerAccess(url=f"mqtt://127.0.0.1:{free_port()}", patience_s=0.5)
    with pytest.raises(Unreachable, match="expected a connection"):
        asyncio.run(plant.run(broker, messages=1))
