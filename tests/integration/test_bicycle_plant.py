"""A plant as large as a bicycle factory, on its way from CSV files over a simulated day to its reports."""

import asyncio
from pathlib import Path

from devices.simulators import BrokerAccess, Faults, SimulatedPlant
from tests.integration.bicycle_plant import PLANT, generate, write
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import figures, in_windows
from tests.servers import Mosquitto

HALF_AN_HOUR_S = 1_800
TELEGRAMS = 48 * 238


def test_a_day_of_238_products_is_posted_reported_traced_and_audited(tmp_path: Path, mosquitto: Mosquitto) -> None:
    bicycles = generate(2_026)
    faults = Faults(duplicate=0.02, lose=0.02, reorder=0.02)
    plant = SimulatedPlant(bicycles.counters(rate_per_s=0.02, interval_s=HALF_AN_HOUR_S), faults, 2_026)

    async def day() -> None:
        await plant.run(BrokerAccess(url=mosquitto.url), messages=TELEGRAMS, rate=2_000)
        await plant.settle()

    with GatewayProcess(mosquitto.url) as gateway:
        imported = gateway.backflush("masterdata", "import", str(write(tmp_path / "bicycles", bicycles)))
        assert imported["imported"]
        assert [finding for finding in imported["findings"] if finding["severity"] == "error"] == []
        gateway.start().ready()
        asyncio.run(day())
        yields = {device.device.removeprefix("c-"): device.good for device in plant.truth()}
        scrap = {device.device.removeprefix("c-"): device.scrap for device in plant.truth()}
        made = sum(yields.values()) + sum(scrap.values())

        def posted() -> bool:
            with gateway.ledger() as connection:
                return figures(connection) == (made, made, 0, made) and not in_windows(connection)

        gateway.caught_up()
        until(posted, lambda: f"{made} made\n{gateway.log}")
        while gateway.backflush("work")["data"]["posted"]:
            pass

        stock = gateway.backflush("report", "stock")
        assert {record["plant"] for record in stock} == {PLANT}
        in_stock = {record["material"]: int(record["quantity"]) for record in stock if record["quantity"] != "0"}
        assert in_stock == bicycles.stock_after(yields, scrap)

        (document,) = gateway.backflush("report", "documents", "--line", f"{PLANT}/L-BIKE-000", "--limit", "1")
        assert gateway.backflush("trace", document["document"])["document"] == document["document"]
        assert gateway.backflush("trace", "c-BIKE-000")["device"] == "c-BIKE-000"
        assert all(law["ok"] for law in gateway.backflush("audit")["laws"])
        assert gateway.stop() == 0
