"""Publishes as fast as it can: `python -m tests.integration.mqtt_flood BROKER_URL TOPIC QOS COUNT SIZE`."""

import sys

import uvloop

from tests.integration.mqtt_peer import Peer


async def flood(url: str, topic: str, qos: int, count: int, size: int) -> None:
    async with Peer(url, client_id="flood") as peer:
        await peer.up()
        await peer.publish(topic, [bytes(size)] * count, qos=qos)


if __name__ == "__main__":
    uvloop.run(flood(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:])))
