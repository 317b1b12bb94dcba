"""What tests of several gateways on one ledger share: a scanner, a plant that is disturbed, and its truth."""

import asyncio
from collections.abc import Callable

from devices.simulators import BrokerAccess, SimulatedPlant
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import booked, documents_of_scans, expected, figures, in_windows
from tests.servers import Mosquitto

SCAN = "bf/v1/1000/L05/s-L05/scan"
FEEDBACK = "bf/v1/1000/L05/s-L05/feedback"
CABLE = "]d20102000000000077"


def produced(broker: Mosquitto, plant: SimulatedPlant, disturb: Callable[[], None]) -> None:
    """Let a plant run, disturb it in the middle, and let it say its last word once all is well again."""

    async def run() -> None:
        running = asyncio.create_task(plant.run(BrokerAccess(url=broker.url), seconds=5, rate=300))
        await asyncio.sleep(1)
        await asyncio.to_thread(disturb)
        await running
        assert await plant.settle() == 0, "every scan is answered"

    asyncio.run(run())


def assert_truth(gateway: GatewayProcess, plant: SimulatedPlant, by_hand: str = "", pieces: int = 0) -> None:
    """Hold what is booked against what was made; some pieces were scanned by hand at a place."""
    made = expected(plant.truth())
    if by_hand:
        made[by_hand] = made[by_hand]._replace(good=made[by_hand].good + pieces)
    everything = sum(units.good + units.scrap for units in made.values())

    def settled() -> bool:
        with gateway.ledger() as connection:
            return figures(connection).read == everything and not in_windows(connection, "timed")

    gateway.caught_up()
    until(settled, lambda: f"{everything} made\n{gateway.log}")
    with gateway.ledger() as connection:
        assert booked(connection) == made
        assert set(documents_of_scans(connection).values()) == {1}
