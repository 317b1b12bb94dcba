"""Promise 6: the ledger's database is away for an hour at 100 messages/s; and what a long journal costs at the start.

The hour is simulated by its volume: 360,000 telegrams with the times of an hour, as fast as the broker takes them.

    make soak ARGS="-s -k away"        SOAK_AWAY=36000 and SOAK_JOURNAL=100000 make it shorter
"""

import asyncio
import os
import time
from math import inf
from pathlib import Path

import pytest
from sqlalchemy import func, select

from devices.simulators import BrokerAccess, Faults, SimulatedPlant, Truth
from gateway.journal import Entry, Journal
from gateway.ledger.database import tables as t
from gateway.service.local.submission import system_clock
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import LINES, booked, counters, expected, figures, in_windows, stocked
from tests.servers import Mosquitto, Postgres
from tests.simulation.shim import Shim

AWAY = int(os.environ.get("SOAK_AWAY", "360000"))
JOURNAL = int(os.environ.get("SOAK_JOURNAL", "1000000"))
PER_S = 100
PATIENCE_S = 1_800
BATCH = 1_000


def hold_against(gateway: GatewayProcess, truth: list[Truth]) -> None:
    """Hold what is booked against what was made, once no window waits for time."""
    made = sum(device.good + device.scrap for device in truth)

    def settled() -> bool:
        with gateway.ledger() as connection:
            return figures(connection).read == made and not in_windows(connection, "timed")

    until(settled, lambda: f"{made} made", PATIENCE_S)
    assert gateway.stop() == 0
    with gateway.ledger() as connection:
        assert booked(connection) == expected(truth)
    gateway.audit()


def caught_up(gateway: GatewayProcess) -> float:
    """Wait until everything is committed; return in how many seconds."""
    began = time.monotonic()

    def is_done() -> bool:
        health = (gateway.pong() or {}).get("health")
        return bool(health and health["database"]["up"] and health["journal"]["unconsumed"] == 0)

    until(is_done, lambda: gateway.log[-2_000:], PATIENCE_S)
    return time.monotonic() - began


def test_an_hour_without_the_database_is_caught_up(tmp_path: Path, mosquitto: Mosquitto) -> None:
    plant = SimulatedPlant(counters(interval_s=len(counters()) / PER_S), Faults(), 1)
    with Postgres() as postgres, GatewayProcess(mosquitto.url, database=postgres.fresh_url()) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        postgres.stop()
        began = time.monotonic()
        sent = asyncio.run(plant.run(BrokerAccess(url=mosquitto.url), messages=AWAY, rate=inf))
        assert asyncio.run(plant.settle(PATIENCE_S)) == 0
        until(lambda: gateway.health()["mqtt"]["waiting_in"] == 0, "the journal is slow", PATIENCE_S)
        stored = time.monotonic() - began
        postgres.start()
        seconds = caught_up(gateway)
        memory = gateway.health()["memory_mb"]
        with gateway.ledger() as connection:
            documents = connection.scalar(select(func.count()).select_from(t.documents))
        hold_against(gateway, plant.truth())
        print(  # noqa: T201 - a soak prints its figures
            f"{sent} telegrams stored in {stored:.1f} s without the database; caught up in {seconds:.1f} s: "
            f"{sent / seconds:.0f} messages/s, {documents} documents, {memory:.0f} MB; lost 0"
        )


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_an_hour_in_the_journal_is_folded_with_all_its_windows(
    database: str, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    with GatewayProcess(mosquitto.url, database=url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        assert gateway.stop() == 0
        # Ten batches a second: each window of a second closes at its own time, as it would have in that hour. It begins
        # now, so the gateway's clock is set to its end.
        last = fill(gateway.settings.journal_path, AWAY, 10, 10 * 1_000_000 // PER_S)
        shim = Shim(gateway.folder / "shim", gateway.data)
        shim.clock(AWAY / PER_S)
        gateway.environment = shim.environment
        gateway.start()
        seconds = caught_up(gateway)
        health = gateway.health()
        with gateway.ledger() as connection:
            assert figures(connection).read == last * len(LINES)
            documents = connection.scalar(select(func.count()).select_from(t.documents))
        assert gateway.stop() == 0
        gateway.audit()
        print(  # noqa: T201 - a soak prints its figures
            f"{database}: an hour of {AWAY} messages in batches of 10 caught up in {seconds:.1f} s: "
            f"{AWAY / seconds:.0f} messages/s, {documents} documents, {health['memory_mb']:.0f} MB; lost 0"
        )


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_gateway_with_a_long_journal_is_ready_after_it_was_killed(
    database: str, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    with GatewayProcess(mosquitto.url, database=url) as gateway:
        stocked(gateway, tmp_path / "shop").start().ready()
        assert gateway.stop() == 0
        last = fill(gateway.settings.journal_path, JOURNAL, BATCH)
        gateway.start().ready()
        gateway.kill()
        began = time.monotonic()
        gateway.start().ready()
        ready = time.monotonic() - began
        left = gateway.health()["journal"]["unconsumed"]
        seconds = caught_up(gateway)
        with gateway.ledger() as connection:
            assert figures(connection).read == last * len(LINES)
        assert gateway.stop() == 0
        gateway.audit()
        print(  # noqa: T201 - a soak prints its figures
            f"{database}: ready {ready:.2f} s after a kill, with {left} of {JOURNAL // BATCH} batches of {BATCH} "
            f"messages unconsumed; caught up {seconds:.1f} s later, {left * BATCH / max(seconds, 0.01):.0f} messages/s"
        )


def fill(path: Path, messages: int, batch: int, every_us: int = 1) -> int:
    """Write count telegrams of all lines into a journal as a gateway would; return the last total of each line.

    The batches come one every so many microseconds, from now on.
    """
    topics = [f"bf/v1/1000/{line}/c-{line}-good/count" for line in LINES]
    number, total = messages // batch, 0
    at = system_clock()
    said: list[Entry] = []
    with Journal.open(path) as journal:
        for _ in range(number):
            while len(said) < batch:
                total += 1
                payload = b'{"boot":"1","seq":%d,"good":%d}' % (total, total)
                said += [Entry("message", topic, payload) for topic in topics]
            at += every_us
            journal.append(at, said[:batch])
            del said[:batch]
        journal.append(at + 1, said)
    return total
