"""Agents as real processes: whatever is killed, away or full, a gateway posts what was counted and scanned, once."""

import asyncio
import json
import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt

from tests.integration.agent_process import AgentProcess
from tests.integration.gateway_process import PATIENCE_S, GatewayProcess, until
from tests.integration.plant import receipts
from tests.servers import Mosquitto, free_port
from tests.simulation.core_plant import tables
from tests.simulation.shim import Shim

KILLS = 20


def pumps(broker: str, *options: str) -> list[str]:
    return ["--broker", broker, "--line", "L01", "--device", "pumps", *options]


def scanner(broker: str, *options: str) -> list[str]:
    return [
        "--broker",
        broker,
        "--line",
        "L03",
        "--device",
        "scanner",
        "--repeat",
        "0.5",
        "--input",
        "stdin:",
        *options,
    ]


def write(path: Path, total: int) -> None:
    """Say a total as a machine should: whole or not at all."""
    path.with_suffix(".new").write_text(f"{total}\n")
    path.with_suffix(".new").replace(path)


def made(gateway: GatewayProcess) -> dict[str, int]:
    with gateway.ledger() as connection:
        return receipts(connection)


def test_what_is_counted_and_scanned_is_posted_once_however_often_agents_and_broker_are_killed(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    chance = random.Random(20_261_129)
    total = tmp_path / "total"
    write(total, 0)
    counting = pumps(mosquitto.url, "--every", "0", "--input", f"file:{total}?every_s=0.01")
    with (
        GatewayProcess(mosquitto.url) as gateway,
        AgentProcess("counter", tmp_path / "c", *counting) as counter,
        AgentProcess("scanner", tmp_path / "s", *scanner(mosquitto.url)) as scans,
    ):
        gateway.import_tables(tables(tmp_path / "tables"))
        gateway.start().ready()
        until(lambda: bool(counter.stored), lambda: counter.log)
        pieces = 0
        for number in range(KILLS):
            pieces += chance.choice([1, 7, 100])
            write(total, pieces)
            scans.say(*["CARD"] * chance.choice([1, 2, 5]))
            time.sleep(chance.uniform(0, 0.6))
            died = chance.choice([counter, scans])
            died.kill()
            if number % 8 == 4:
                mosquitto.kill()
                mosquitto.start()
            died.start()
        scans.say("CARD")
        until(lambda: made(gateway).get("PUMP") == pieces, lambda: f"{pieces}: {made(gateway)}\n{counter.log}")
        assert (counter.stop(), scans.end()) == (0, 0), f"{counter.log}\n{scans.log}"
        gateway.caught_up()
        taken = {scan["id"] for scan in scans.stored}
        assert len(taken) > KILLS
        assert made(gateway) == {"PUMP": pieces, "CABLE": len(taken)}
        assert gateway.backflush("quarantine", "list") == []
        gateway.audit()


class Listener:
    """What devices have published, as a broker's client hears it; scans are answered."""

    def __init__(self, port: int) -> None:
        self._port = port
        self.said: list[tuple[str, dict[str, Any]]] = []

    async def listen(self, enough: Callable[[], bool]) -> None:
        """Hear all that is published until it is enough."""
        async with asyncio.timeout(PATIENCE_S), aiomqtt.Client("127.0.0.1", self._port, identifier="ear") as client:
            await client.subscribe("bf/v1/#", 1)
            async for message in client.messages:
                assert isinstance(message.payload, bytes)
                place, _, kind = message.topic.value.rpartition("/")
                said = json.loads(message.payload)
                self.said.append((kind, said))
                if kind == "scan":
                    answer = {"ref": said["id"], "result": "ok", "code": "BF0000", "title": said["data"]}
                    await client.publish(f"{place}/feedback", json.dumps(answer), qos=1)
                if enough():
                    return

    def of(self, kind: str, name: str) -> list[Any]:
        """Return what was said of one kind, in order."""
        return [said[name] for heard, said in self.said if heard == kind]


async def test_what_is_taken_while_the_broker_is_away_is_said_in_order_when_it_comes(tmp_path: Path) -> None:
    port = free_port()
    broker = f"mqtt://127.0.0.1:{port}"
    with (
        AgentProcess(
            "counter", tmp_path / "c", *pumps(broker, "--every", "0", "--input", "stdin:?lines=pulses")
        ) as pulses,
        AgentProcess("scanner", tmp_path / "s", *scanner(broker)) as scans,
    ):
        for number in range(1, 6):
            pulses.say("pulse")
            scans.say(f"BOX{number}")
            await asyncio.to_thread(until, lambda: len(scans.stored) == number, scans.log)  # noqa: B023 - waited for here
        await asyncio.to_thread(until, lambda: pulses.shown[-1:] == ["       5"], lambda: str(pulses.shown))
        with Mosquitto(port=port):
            ear = Listener(port)
            await ear.listen(lambda: len(set(ear.of("scan", "data"))) == 5 and 5 in ear.of("count", "good"))
            assert list(dict.fromkeys(ear.of("scan", "data"))) == [f"BOX{number}" for number in range(1, 6)]
            assert ear.of("count", "good") == sorted(ear.of("count", "good"))
            assert len(set(ear.of("count", "boot"))) == 1
            assert await asyncio.to_thread(scans.end) == 0
            assert await asyncio.to_thread(pulses.stop) == 0
    assert [line for line in scans.shown if "BOX" in line] == [f"OK     BOX{number}" for number in range(1, 6)]


async def test_a_report_is_answered_and_a_will_is_told(tmp_path: Path, mosquitto: Mosquitto) -> None:
    ear = Listener(mosquitto.port)
    with AgentProcess("counter", tmp_path, *pumps(mosquitto.url, "--input", "stdin:?lines=pulses")) as pulses:
        await ear.listen(lambda: 0 in ear.of("count", "good"))
        async with aiomqtt.Client("127.0.0.1", mosquitto.port) as client:
            await client.publish("bf/v1/1000/L01/pumps/command", '{"command":"report"}', qos=1)
        said = len(ear.said)
        await ear.listen(lambda: 0 in [entry.get("good") for _, entry in ear.said[said:]])
        pulses.kill()
        await ear.listen(lambda: ear.of("state", "state")[-1:] == ["offline"])
    assert "online" in ear.of("state", "state")


async def test_on_a_full_disk_pulses_are_counted_in_memory_and_scans_refused(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    shim = Shim(tmp_path / "control", tmp_path / "disk")
    (tmp_path / "disk").mkdir()
    options = pumps(
        mosquitto.url, "--every", "0", "--input", "stdin:?lines=pulses", "--store", str(tmp_path / "disk/c")
    )
    reading = scanner(mosquitto.url, "--store", str(tmp_path / "disk/s"))
    ear = Listener(mosquitto.port)
    with (
        AgentProcess("counter", tmp_path / "c", *options, environment=shim.environment) as pulses,
        AgentProcess("scanner", tmp_path / "s", *reading, environment=shim.environment) as scans,
    ):
        pulses.say("pulse", "pulse", "pulse")
        # Both have their stores before the disk is full.
        await ear.listen(lambda: 3 in ear.of("count", "good") and ear.of("state", "state").count("online") > 1)
        shim.disk_full(full=True)
        pulses.say("pulse", "pulse")
        scans.say("BOX1")
        await asyncio.to_thread(until, lambda: "NOT STORED" in pulses.log, lambda: pulses.log)
        await asyncio.to_thread(until, lambda: any("NOT STORED" in line for line in scans.shown), lambda: scans.log)
        assert max(ear.of("count", "good")) == 3
        shim.disk_full(full=False)
        pulses.say("pulse")
        scans.say("BOX2")
        await ear.listen(lambda: 6 in ear.of("count", "good") and "BOX2" in ear.of("scan", "data"))
        assert set(ear.of("scan", "data")) == {"BOX2"}
        assert (await asyncio.to_thread(scans.end), await asyncio.to_thread(pulses.stop)) == (0, 0)


def test_usage_is_refused_in_one_line(tmp_path: Path) -> None:
    with AgentProcess("counter", tmp_path, *pumps("mqtt://127.0.0.1", "--input", "gpio:/dev/gpiochip0")) as agent:
        assert agent.end() == 2
        assert agent.log == "backflush: expected line=NUMBER in the address, got none\n"
