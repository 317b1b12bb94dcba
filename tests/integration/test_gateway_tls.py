"""The whole way on the shipped broker: counters log in over TLS, the gateway shows its certificate, all is posted."""

import asyncio
from pathlib import Path

from devices.simulators import BrokerAccess, Faults, SimulatedPlant
from gateway.service.tell.messages import encode
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import counters, figures, stocked
from tests.integration.shipped_broker import ShippedBroker, Speaker


def test_what_is_counted_over_tls_is_posted(tmp_path: Path) -> None:
    devices = counters()
    logins = {counter.device: "of a device" for counter in devices}
    with ShippedBroker(tmp_path, {**logins, "bf-gateway": "not used", "bf-tools": "bf-tools"}) as broker:
        ca_file, own = broker.authority.ca_file, broker.authority.issue("bf-gateway")
        files = {"ca_file": str(ca_file), "cert_file": str(own.file), "key_file": str(own.key)}
        with GatewayProcess(broker.certificate_url, mqtt=files) as gateway:
            stocked(gateway, tmp_path / "shop").start().ready()
            plant = SimulatedPlant(devices, Faults(), 7)
            reached = BrokerAccess(
                url=broker.tls_url, ca_file=str(ca_file), password="of a device", own_connections=True
            )

            async def produce() -> None:
                await plant.run(reached, messages=300, rate=500)
                assert await plant.settle() == 0

            asyncio.run(produce())
            made = sum(device.good + device.scrap for device in plant.truth())

            def read() -> int:
                with gateway.ledger() as connection:
                    return figures(connection).read

            until(lambda: read() == made, lambda: f"{made} made, {read()} read\n{gateway.log}")
            with Speaker(broker, "bf-tools") as tools:
                tools.subscribe("bf/v1/_gateway/gw1/alert/+", "bf/v1/_gateway/gw1/state")
                ready = "bf/v1/_gateway/gw1/state", encode({"state": "online", "phase": "ready"}).decode()
                said = {topic for topic, _ in tools.hears_until(ready)}
                # The devices are switched off by now, and that is all there is to say.
                assert said <= {ready[0], "bf/v1/_gateway/gw1/alert/silent"}, "the gateway has all its rights"
            assert gateway.stop() == 0
            gateway.audit()
