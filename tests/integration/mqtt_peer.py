"""A client for the tests of the broker's side: the gateway's own connection, and everything that it reported."""

import asyncio
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Self, TypeVar

from gateway.mqtt.broker import Address, Broker, Protocol, Will
from gateway.mqtt.client import Connection, Up
from gateway.mqtt.wire.packets import Delivery
from tests.builders import listener

PATIENCE_S = 150

_Note = TypeVar("_Note")


class Peer:
    """Runs a connection for the length of an `async with`, and keeps what it hears."""

    def __init__(
        self,
        broker: Broker | str,
        *filters: str,
        client_id: str = "gateway",
        protocol: Protocol = "auto",
        will: Will | None = None,
        acknowledges: bool = True,
        closes: bool = True,
    ) -> None:
        if isinstance(broker, str):
            broker = Broker(Address.parse(broker), client_id, protocol)
        self.deliveries: list[tuple[int, Delivery]] = []
        self.ups: list[Up] = []
        self.downs: list[str] = []
        self.refusals: list[tuple[str, int]] = []
        self.answered = 0
        self._acknowledges = acknowledges
        self._closes = closes
        self._changed = asyncio.Event()
        self.connection = Connection(
            broker,
            listener(
                on_deliveries=self._take,
                on_up=lambda up: self._note(self.ups, up),
                on_down=lambda why: self._note(self.downs, why),
                on_refused=lambda topic, reason: self._note(self.refusals, (topic, reason)),
            ),
            will=(lambda: will) if will is not None else None,
            filters=filters,
            chance=lambda: 0.0,
        )

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self.connection.run())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._closes:
            await self.connection.close()
        else:
            self._task.cancel()
        await asyncio.wait([self._task])

    @property
    def payloads(self) -> list[bytes]:
        return [delivery.payload for _, delivery in self.deliveries]

    async def up(self, times: int = 1) -> Up:
        await self.until(lambda: len(self.ups) >= times)
        return self.ups[-1]

    async def until(self, holds: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE_S):
            while not holds():
                self._changed.clear()
                await self._changed.wait()

    async def publish(self, topic: str, payloads: Sequence[bytes], *, retain: bool = False, qos: int = 1) -> None:
        """Publish all of it and wait until the broker has it."""
        await self.publish_each([(topic, payload) for payload in payloads], retain=retain, qos=qos)

    async def publish_each(self, messages: Sequence[tuple[str, bytes]], *, retain: bool = False, qos: int = 1) -> None:
        """Publish each on its topic and wait until the broker has them."""
        expected = self.answered + len(messages)
        for topic, payload in messages:
            while not self.connection.publish(topic, payload, qos=qos, retain=retain, on_done=self._answer):  # noqa: ASYNC110
                await asyncio.sleep(0)
        await self.until(lambda: self.answered == expected)

    def _answer(self) -> None:
        self.answered += 1
        self._changed.set()

    def _take(self, epoch: int, deliveries: list[Delivery]) -> None:
        self.deliveries += [(epoch, delivery) for delivery in deliveries]
        if self._acknowledges:
            self.connection.acknowledge(epoch, [delivery.mid for delivery in deliveries])
        self._changed.set()

    def _note(self, notes: list[_Note], note: _Note) -> None:
        notes.append(note)
        self._changed.set()
