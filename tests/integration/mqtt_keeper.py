"""A gateway reduced to its first promise: receive, journal, acknowledge, and say so. A test kills it again and again.

python -m tests.integration.mqtt_keeper BROKER_URL JOURNAL PROTOCOL FILTER
"""

import asyncio
import random
import sys
import time
from typing import cast

import uvloop

from gateway.journal import Entry, Journal
from gateway.mqtt.broker import Address, Broker, Protocol
from gateway.mqtt.client import Connection
from gateway.mqtt.wire.packets import Delivery
from tests.builders import listener


async def keep(url: str, path: str, protocol: str, topic_filter: str) -> None:
    loop = asyncio.get_running_loop()
    journal = Journal.open(path)
    arrived: asyncio.Queue[tuple[int, list[Delivery]]] = asyncio.Queue()
    connection = Connection(
        Broker(Address.parse(url), "keeper", cast("Protocol", protocol)),
        listener(on_deliveries=lambda epoch, deliveries: arrived.put_nowait((epoch, deliveries))),
        filters=[topic_filter],
        chance=random.random,
    )

    async def journal_then_acknowledge() -> None:
        while True:
            epoch, deliveries = await arrived.get()
            entries = [Entry("message", delivery.topic, delivery.payload) for delivery in deliveries]
            await loop.run_in_executor(None, journal.append, time.time_ns() // 1_000, entries)
            connection.acknowledge(epoch, [delivery.mid for delivery in deliveries])
            sys.stdout.write(f"{len(deliveries)}\n")
            sys.stdout.flush()

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(connection.run())
        tasks.create_task(journal_then_acknowledge())


if __name__ == "__main__":
    uvloop.run(keep(*sys.argv[1:]))
