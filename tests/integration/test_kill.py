"""Promises 1, 2, 3 and 19: at whichever step the gateway is killed, every piece and scan is posted exactly once."""

import asyncio
import json
import random
from pathlib import Path

import pytest
from sqlalchemy import func, select

from devices.simulators import BrokerAccess, SimulatedPlant
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Unavailable
from gateway.failpoints import PERMISSION, VARIABLE, Point
from gateway.ledger.database import tables as t
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.monitor import Monitor
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
from tests.simulation.core_plant import tables

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


OF_THE_LEDGER = [point for point in Point if point.startswith(("commit", "cursor")) or point is Point.IMPORTED]
"""Those at which another database makes a difference."""


@pytest.mark.parametrize(("database", "points"), [("sqlite", list(Point)), ("postgresql", OF_THE_LEDGER)])
def test_a_gateway_that_is_killed_at_each_step_posts_what_was_made(
    database: str, points: list[Point], tmp_path: Path, mosquitto: Mosquitto, postgres: Postgres
) -> None:
    url = postgres.fresh_url() if database == "postgresql" else ""
    good = 0
    with (
        GatewayProcess(mosquitto.url, database=url, posting={"window": "reading"}) as gateway,
        Monitor(mosquitto) as devices,
    ):
        gateway.import_tables(tables(tmp_path / "first"))
        gateway.start().ready()
        gateway.kill()  # from now on the broker keeps what it cannot deliver
        for number, point in enumerate(points):
            for _ in range(3):
                good += number + 1
                devices.say("bf/v1/1000/L01/pumps/count", {"good": good, "boot": "a", "seq": good})
            devices.say("bf/v1/1000/L03/scanner/scan", {"id": f"scan-{number}", "data": "CARD"})
            gateway.environment = {VARIABLE: point, PERMISSION: "allowed"}
            gateway.start()
            if point is Point.IMPORTED:
                gateway.ready()
                with pytest.raises(Unavailable, match="went away"):
                    gateway.import_tables(tables(tmp_path / "more", glue="0.35"))
            assert gateway.ended() == -9, f"{point}\n{gateway.log}"
        gateway.environment = {}
        gateway.start().ready()
        gateway.caught_up()
        until(lambda: gateway.health()["outbox"] == 0, lambda: gateway.log)
        with gateway.ledger() as ledger:
            marks, documents, items = t.device_marks.c, t.documents.c, t.material_items.c
            received = select(func.sum(items.quantity)).where(items.process == "receipt")
            assert ledger.scalar(select(func.sum(marks.units)).where(marks.device == "pumps")) == good
            assert ledger.scalar(received.where(items.material == "PUMP")) == good * MICRO
            assert ledger.scalar(received.where(items.material == "CABLE")) == len(points) * MICRO
            scans = list(ledger.scalars(select(documents.reference).where(documents.reference.like("scan-%"))))
            assert sorted(scans) == sorted(f"scan-{number}" for number in range(len(points)))
            receipts = set(ledger.scalars(select(items.document).where(items.process == "receipt")))
        gateway.audit()
        told = [heard.body for heard in devices.on("bf/v1/1000/L01/_posting/receipt")]
        told += [heard.body for heard in devices.on("bf/v1/1000/L03/_posting/receipt")]
        contents = {(body["id"], json.dumps(body, sort_keys=True)) for body in told}
        assert len(contents) == len({body["id"] for body in told}), "an event came with two contents"
        assert {int(body["data"]["document"]) for body in told} == receipts
        assert gateway.stop() == 0
