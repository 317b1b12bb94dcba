"""Promises 2, 3 and 19: whenever the gateway is killed, every piece and every scan is posted exactly once."""

import asyncio
import random
from pathlib import Path

import pytest
from sqlalchemy import func, select

from devices.simulators import BrokerAccess, SimulatedPlant
from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import (
    BAD_NETWORK,
    SCANNERS,
    booked,
    counters,
    documents_of_scans,
    expected,
    figures,
    in_windows,
    receipts,
    scanners,
    stocked,
)
from tests.servers import Mosquitto, Postgres

TELEGRAMS = 21_000
KILLS = 10


@pytest.mark.parametrize("seed", [20_261_122])
def test_what_was_made_is_posted_once_however_often_the_gateway_is_killed(
    database: str, seed: int, tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    plant = SimulatedPlant([*counters(), *scanners(rate_per_s=0.8)], BAD_NETWORK, seed)
    chance = random.Random(seed)

    async def produce(gateway: GatewayProcess) -> None:
        publishing = asyncio.create_task(plant.run(BrokerAccess(url=mosquitto.url), messages=TELEGRAMS, rate=1_500))
        while gateway.kills < KILLS or not publishing.done():
            await asyncio.sleep(chance.uniform(0.1, 2.2))
            gateway.kill()
            gateway.start()
        assert await publishing == TELEGRAMS
        await asyncio.to_thread(gateway.ready)
        assert await plant.settle() == 0, "every scan is answered"

    with GatewayProcess(mosquitto.url, database=url) as gateway:
        stocked(gateway, tmp_path / "shop", devices=SCANNERS).start().ready()
        asyncio.run(produce(gateway))
        truth = plant.truth()
        made = sum(device.good + device.scrap for device in truth)

        def settled() -> bool:
            with gateway.ledger() as connection:
                return figures(connection).read == made and not in_windows(connection, "timed")

        gateway.caught_up()
        until(settled, lambda: f"{made} made\n{gateway.log}")
        assert gateway.stop() == 0

        with gateway.ledger() as connection:
            assert booked(connection) == expected(truth)
            read, counted, quarantined, posted = figures(connection)
            assert read == made == counted + quarantined
            assert quarantined == 0
            assert counted == posted + in_windows(connection)
            final = expected(truth)
            assert receipts(connection)["PUMP-40"] == final["L06"].good
            assert receipts(connection)["CABLE-15"] == final["L05"].good
            assert set(documents_of_scans(connection).values()) == {1}
            assert connection.scalar(select(func.count()).select_from(t.scans)) == sum(d.scans for d in truth)
        gateway.audit()
        # The ledger is what its journal gives when it is folded once more, without any kill.
        assert gateway.backflush("audit", "--deep")["audit"] == "ok"
