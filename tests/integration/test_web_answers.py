"""Answers over the broker: each is of one request, and one of another form is of none."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import aiomqtt
import pytest

from gateway.mqtt.broker import Address
from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.monitor import Monitor
from tests.servers import Mosquitto

ASKED, ANSWERED = "bf/v1/_gateway/gw/_request/period", "bf/v1/_gateway/gw/_response/period"


@asynccontextmanager
async def monitor_at(url: str, protocol: str) -> AsyncIterator[Monitor]:
    """Offer the monitor of a web process, once it is connected."""
    settings = Settings.model_validate({"mqtt": {"url": url, "protocol": protocol}})
    floor, up = Floor("bf/v1", "", "", time.monotonic, time.time), asyncio.Event()
    monitor = Monitor(settings, floor, up.set)
    listening = asyncio.create_task(monitor.run())
    try:
        async with asyncio.timeout(60):
            while not floor.connected:
                up.clear()
                await up.wait()
        yield monitor
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)


def request(reason: str) -> dict[str, Any]:
    """Return a request of one transaction."""
    return {"transaction": "t-1", "reason": reason}


def answer(text: str) -> str:
    """Return an answer to it."""
    return json.dumps({"transaction": "t-1", "status": "ok", "code": "BF0000", "text": text, "data": {}})


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_an_answer_is_of_the_request_that_got_it(mosquitto: Mosquitto, protocol: str) -> None:
    address = Address.parse(mosquitto.url)
    gateway = aiomqtt.Client(address.host, address.port, protocol=aiomqtt.ProtocolVersion.V5)
    async with (
        monitor_at(mosquitto.url, protocol) as one,
        monitor_at(mosquitto.url, "5") as other,
        gateway,
        asyncio.timeout(60),
    ):
        await gateway.subscribe(ASKED)
        waiting = [asyncio.create_task(other.ask(ASKED, ANSWERED, request("mine")))]
        messages = [await anext(gateway.messages)]
        if protocol == "5":
            waiting += [asyncio.create_task(one.ask(ASKED, ANSWERED, request("hers")))]
            messages += [await anext(gateway.messages)]
        refused = await other.ask(ASKED, ANSWERED, request("another"))
        assert (refused["status"], refused["code"]) == ("error", "BF2006")
        for message in reversed(messages):
            for text in ("{}", '{"transaction": "t-1"}', answer(json.loads(message.payload)["reason"])):
                await gateway.publish(ANSWERED, text, qos=1, properties=message.properties)
        assert [(await each)["text"] for each in waiting] == ["mine", "hers"][: len(waiting)]
        if protocol == "3.1.1":
            alone = asyncio.create_task(one.ask(ASKED, ANSWERED, request("alone")))
            await anext(gateway.messages)
            for text in ("{}", '{"transaction": "t-1"}', answer("alone")):
                await gateway.publish(ANSWERED, text, qos=1)
            assert (await alone)["text"] == "alone"
