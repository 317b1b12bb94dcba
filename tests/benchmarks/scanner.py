"""Scanners in a process of their own: they scan at a steady rate and wait for their feedback.

    python -m tests.benchmarks.scanner JOB        JOB is a Job as JSON

It prints, for each scan, the milliseconds from handing it to the socket to its answer (`queued` is none).
"""

import asyncio
import json
import random
import sys
import time

import uvloop

from gateway.mqtt.broker import Address, Broker
from gateway.mqtt.client import Connection
from gateway.mqtt.wire.packets import Delivery
from tests.benchmarks.plant import PLANT
from tests.benchmarks.publisher import Job, read_job
from tests.builders import listener

_PATIENCE_S = 30.0


async def _scan(job: Job) -> None:
    up, done = asyncio.Event(), asyncio.Event()
    sent: dict[str, float] = {}
    took: list[float] = []

    def delivered(epoch: int, deliveries: list[Delivery]) -> None:
        now = time.perf_counter()
        for delivery in deliveries:
            said = json.loads(delivery.payload)
            if said["result"] != "queued" and said["ref"] in sent:
                assert said["result"] == "ok", said
                took.append(1000 * (now - sent.pop(said["ref"])))
        connection.acknowledge(epoch, [delivery.mid for delivery in deliveries])
        if len(took) == job.many:
            done.set()

    connection = Connection(
        Broker(Address.parse(job.url), "scanners", "3.1.1", session_expiry_s=0),
        listener(on_deliveries=delivered, on_up=lambda _: up.set()),
        filters=[f"bf/v1/{PLANT}/+/+/feedback"],
        chance=random.random,
    )
    running = asyncio.create_task(connection.run())
    await up.wait()
    telegrams = list(job.shape.scans(job.first, job.many, time.time_ns() // 1000, 1e6 / job.rate))
    began = time.perf_counter()
    for index, (topic, payload) in enumerate(telegrams):
        await asyncio.sleep(max(0.0, began + index / job.rate - time.perf_counter()))
        sent[json.loads(payload)["id"]] = time.perf_counter()
        assert connection.publish(topic, payload)
    async with asyncio.timeout(_PATIENCE_S):
        await done.wait()
    await connection.close(3.0)
    await running
    print(*took)


if __name__ == "__main__":
    uvloop.run(_scan(read_job(sys.argv[1])))
