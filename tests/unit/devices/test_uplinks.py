"""The way to the broker is tried again and again, whatever has ended the last attempt."""

import asyncio
from pathlib import Path

from devices.uplinks import BrokerAccess, Uplink, UplinkPresence
from tests.integration.shipped_broker import Authority
from tests.servers import free_port

PATIENCE_S = 60


def ignore(topic: str, payload: bytes) -> None:
    """Hear nothing: no broker answers here."""
    del topic, payload


async def refused_by(uplink: Uplink, reason: str) -> None:
    """Wait until an attempt has ended for a reason."""
    async with asyncio.timeout(PATIENCE_S):
        while reason not in uplink.refusal:  # noqa: ASYNC110 - nothing else says it
            await asyncio.sleep(0.01)


class Board:
    """The owner of an uplink, which has nothing to send."""

    def connect(self) -> None:
        pass

    def acknowledge(self, mid: int) -> None:
        del mid


async def test_a_certificate_that_is_being_replaced_is_read_with_the_next_attempt(tmp_path: Path) -> None:
    file = Authority(tmp_path).ca_file
    said = file.read_bytes()
    access = BrokerAccess(url=f"mqtts://127.0.0.1:{free_port()}", ca_file=str(file))
    uplink = Uplink(access, "c1", UplinkPresence.of(["bf/v1/1000/L1/c1"]), ignore, Board())
    file.unlink()
    async with uplink:
        await refused_by(uplink, "No such file")
        file.write_bytes(said)
        await refused_by(uplink, "Connection refused")


async def test_a_name_that_no_broker_can_have_is_named() -> None:
    access = BrokerAccess(url="mqtt://broker..example")
    async with Uplink(access, "c1", UplinkPresence.of(["bf/v1/1000/L1/c1"]), ignore, Board()) as uplink:
        await refused_by(uplink, "label empty")
