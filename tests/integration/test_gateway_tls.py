"""The whole way over TLS: simulated counters, a broker that speaks nothing else, the gateway, the ledger."""

import asyncio
from pathlib import Path

from devices.simulators import Broker, Faults, Plant
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import counters, figures, shop, tables
from tests.integration.test_mqtt_refusals import tls_broker


def test_what_is_counted_over_tls_is_posted(tmp_path: Path) -> None:
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    with tls_broker(certificates) as (port, ca):
        url = f"mqtts://localhost:{port}"
        with GatewayProcess(url, mqtt={"ca_file": str(ca)}) as gateway:
            gateway.import_tables(tables(shop(tmp_path / "shop")))
            gateway.start().ready()
            plant = Plant(counters(), Faults(), 7)

            async def produce() -> None:
                await plant.run(Broker(url=url, ca_file=str(ca)), messages=300, rate=500)
                assert await plant.settle() == 0

            asyncio.run(produce())
            made = sum(device.good + device.scrap for device in plant.truth())

            def read() -> int:
                with gateway.ledger() as connection:
                    return figures(connection).read

            until(lambda: read() == made, lambda: f"{made} made, {read()} read\n{gateway.log}")
            assert gateway.stop() == 0
            gateway.audit()
