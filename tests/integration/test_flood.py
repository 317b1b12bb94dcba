"""Promises 14, 15 and 17: whoever floods the gateway, with whatever names, delays nobody else and costs no memory."""

import asyncio
import gc
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.app import run_gateway
from gateway.backflush.memory.noise import KEPT_SINGLY, MOST_KEYS
from gateway.failpoints import Action, Point
from gateway.ledger.database import tables as t
from gateway.settings import load_settings
from tests.integration.gateway_process import GatewayProcess
from tests.integration.monitor import Monitor
from tests.integration.mqtt_peer import Peer
from tests.integration.plant import SCANNERS, stocked
from tests.servers import Mosquitto

L05 = "bf/v1/1000/L05"
CABLE = "]d20102000000000077"
NAMES = 10_000
JUNK = 20_000
GROWTH_MB = 50
FEW = 2 * (KEPT_SINGLY + MOST_KEYS + KEPT_SINGLY)
"""Entries that are left of it all; twice, because midnight may pass."""


async def flood(url: str, *, junk: int, names: int) -> None:
    """Publish rubbish as one known device, as fast as it goes, and a count under each of many made-up names."""
    async with Peer(url, client_id="flood") as peer:
        await peer.up()
        await peer.publish(f"{L05}/c-L05-scrap/count", [b'{"scrap": '] * junk)
        said = [(f"{L05}/nobody-{n}", word) for n in range(names) for word in ("count", "state")]
        await peer.publish_each([(f"{device}/{word}", b"5" if word == "count" else b"online") for device, word in said])


def test_a_flood_of_rubbish_and_of_made_up_names_is_kept_in_bounds_and_counted_to_the_last(
    tmp_path: Path, mosquitto: Mosquitto
) -> None:
    with Monitor(mosquitto, f"{L05}/s-L05/feedback") as monitor, GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        asyncio.run(flood(mosquitto.url, junk=2_000, names=500))
        gateway.caught_up()
        before = gateway.health()["memory_mb"]
        asyncio.run(flood(mosquitto.url, junk=JUNK - 2_000, names=NAMES))
        monitor.say(f"{L05}/s-L05/scan", {"id": "first", "data": CABLE})
        answer = monitor.wait(f"{L05}/s-L05/feedback", lambda heard: heard.body["result"] != "queued")
        assert (answer.body["ref"], answer.body["result"]) == ("first", "ok")
        gateway.caught_up()
        health = gateway.health()
        assert health["memory_mb"] - before < GROWTH_MB
        assert health["devices"]["unknown"] <= 1_000
        assert 0 < health["quarantine"] <= FEW

        # A restart in the middle of the day goes on with the same entries.
        assert gateway.stop() == 0
        gateway.start().ready()
        asyncio.run(flood(mosquitto.url, junk=100, names=500))
        gateway.caught_up()
        assert gateway.stop() == 0
        with gateway.ledger() as connection:
            entries = connection.scalar(select(func.count()).select_from(t.quarantine)) or 0
            folded = connection.scalar(select(func.sum(t.quarantine_folds.c.messages))) or 0
            known = connection.scalar(select(func.count()).select_from(t.device_states))
        assert entries + folded == JUNK + 100 + NAMES + 1_000
        assert entries <= FEW
        assert known == 0, "no device is enrolled by what it says of itself"
        gateway.audit()
        listed = gateway.backflush("quarantine", "list", "--limit", "5000")
        assert sum(entry["messages"] for entry in listed) == entries + folded
        laws = {law["law"]: law["ok"] for law in gateway.backflush("audit", "--deep")["laws"]}
        assert laws["fold"]
        assert laws["messages"]


def test_a_flood_of_the_largest_messages_takes_little_memory(tmp_path: Path, mosquitto: Mosquitto) -> None:
    """H9: 64 KiB each, as counts and as scans; what waits for disk, ledger or answer is bounded by its bytes."""
    large = b'{"data":"' + b"x" * 65_000 + b'"}'

    async def say(number: int) -> None:
        async with Peer(mosquitto.url, client_id="flood") as peer:
            await peer.up()
            for topic in (f"{L05}/c-L05-scrap/count", f"{L05}/s-L05/scan"):
                await peer.publish(topic, [large] * number)

    with GatewayProcess(mosquitto.url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        asyncio.run(flood(mosquitto.url, junk=2_000, names=500))
        gateway.caught_up()
        before = gateway.health()["memory_mb"]
        asyncio.run(say(1_000))
        gateway.caught_up()
        assert gateway.health()["memory_mb"] - before < GROWTH_MB
        assert gateway.stop() == 0


class Unforeseen(Exception):
    """Something that no boundary knows."""


@pytest.mark.parametrize("where", [Point.JOURNAL_WRITING, Point.ACKNOWLEDGED])
def test_a_fault_in_the_writing_of_the_journal_or_after_it_ends_the_gateway(
    mosquitto: Mosquitto, armed: Callable[[Action], None], tmp_path: Path, where: Point
) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(
        f'[gateway]\ndata_dir = "{tmp_path}/data"\n[mqtt]\nurl = "{mosquitto.url}"\n[posting]\nwindow = "5s"\n'
    )

    def fault(point: Point) -> None:
        if point is where:
            raise Unforeseen(point)

    armed(fault)
    with pytest.raises(Unforeseen):
        asyncio.run(run_gateway(load_settings(config), stop=asyncio.Event()))


def test_a_gateway_searches_its_objects_for_cycles_rarely_whatever_program_runs_it(
    mosquitto: Mosquitto, tmp_path: Path
) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(f'[gateway]\ndata_dir = "{tmp_path}/data"\n[mqtt]\nurl = "{mosquitto.url}"\n')

    async def run() -> tuple[int, int, int]:
        stop, seen = asyncio.Event(), []
        asyncio.get_running_loop().call_later(0.5, stop.set)
        asyncio.get_running_loop().call_later(0.4, lambda: seen.append(gc.get_threshold()))
        await run_gateway(load_settings(config), stop=stop)
        return seen[0]

    before = gc.get_threshold()
    gc.set_threshold(700, 10, 10)  # Python's own
    try:
        assert asyncio.run(run()) == (500_000, 20, 100)
    finally:
        gc.set_threshold(*before)


def test_whatever_a_callback_of_the_loop_raises_ends_the_gateway(mosquitto: Mosquitto, tmp_path: Path) -> None:
    config = tmp_path / "gateway.toml"
    config.write_text(f'[gateway]\ndata_dir = "{tmp_path}/data"\n[mqtt]\nurl = "{mosquitto.url}"\n')

    def fall() -> None:
        raise Unforeseen

    async def run() -> None:
        asyncio.get_running_loop().call_later(0.5, fall)
        await run_gateway(load_settings(config), stop=asyncio.Event())

    with pytest.raises(Unforeseen):
        asyncio.run(run())
