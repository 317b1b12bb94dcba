"""The yardstick `bare`: the gateway's own connection receives and acknowledges, and does nothing else.

    python -m tests.benchmarks.bare URL PROTOCOL MANY        MANY 0: only makes the session

It prints the seconds from the first delivery to the acknowledgement of the last.
"""

import asyncio
import random
import sys
import time
from typing import cast

import uvloop

from gateway.mqtt.broker import Address, Broker, Protocol
from gateway.mqtt.client import Connection
from gateway.mqtt.topics import Topics
from gateway.mqtt.wire.packets import Delivery
from tests.builders import listener


async def _receive(url: str, protocol: str, many: int) -> None:
    done = asyncio.Event()
    began = ended = 0.0
    seen = 0

    def delivered(epoch: int, deliveries: list[Delivery]) -> None:
        nonlocal began, ended, seen
        began = began or time.perf_counter()
        connection.acknowledge(epoch, [delivery.mid for delivery in deliveries])
        seen += len(deliveries)
        if seen >= many:
            ended = time.perf_counter()
            done.set()

    connection = Connection(
        Broker(Address.parse(url), "bare", cast("Protocol", protocol)),
        listener(on_deliveries=delivered, on_up=lambda _: None if many else done.set()),
        filters=Topics("bf/v1", "bare").filters(["*"]),
        chance=random.random,
    )
    running = asyncio.create_task(connection.run())
    await done.wait()
    await connection.close(3.0)
    await running
    if many:
        print(ended - began)


if __name__ == "__main__":
    uvloop.run(_receive(sys.argv[1], sys.argv[2], int(sys.argv[3])))
