"""A simulated plant of machines of other makers, each with a connection of its own, and the pieces really made.

Law: once it has settled, the gateway's counts must equal `truth`.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from random import Random
from time import time_ns
from typing import Final, NamedTuple

from devices.simulators.publishers import PUBLISHERS, Machine
from devices.uplinks import BrokerAccess, Uplink, UplinkMessage, UplinkPresence

INTERVAL_S: Final = 0.5
"""Between two reports of a machine."""
_SCRAP_SHARE: Final = 0.05
_LOOK_S: Final = 0.02


class MachineOutput(NamedTuple):
    """The pieces that one machine really made."""

    machine: str
    good: int
    scrap: int


class ForeignPlant:
    """One machine for each of some publishers, named after it."""

    def __init__(self, publishers: Sequence[str], label: str, pieces_per_s: float, seed: int) -> None:
        """`label` is the text on the labels of the machine that is scanned, but for the serial number of six digits."""
        scans = f"{label}{seed % 10**6:06d}"
        self._machines = [Machine(name, label=scans if name == "proglove" else "") for name in publishers]
        self._pieces_per_s = pieces_per_s
        self._chance = Random(seed)
        self._broker: BrokerAccess | None = None

    def truth(self) -> list[MachineOutput]:
        """Return the pieces that every machine has really made so far."""
        return [MachineOutput(machine.name, machine.good, machine.scrap) for machine in self._machines]

    async def run(self, broker: BrokerAccess, *, seconds: float) -> None:
        """Make pieces and publish for a number of seconds."""
        self._broker = broker
        loop = asyncio.get_running_loop()
        end_s = loop.time() + seconds
        async with self._on_air(broker) as uplinks:
            while (left_s := end_s - loop.time()) > 0:
                await asyncio.sleep(min(INTERVAL_S, left_s))
                for machine, uplink in zip(self._machines, uplinks, strict=True):
                    self._make(machine)
                    await self._report(machine, uplink)
            for uplink in uplinks:
                await uplink.drain()

    async def settle(self, patience_s: float = 30.0) -> int:
        """Let every machine send its last report; return the number of machines whose host application is away."""
        if self._broker is None:
            raise ValueError("expected a plant that has run, got one that has not")
        loop = asyncio.get_running_loop()
        async with self._on_air(self._broker) as uplinks:
            deadline_s = loop.time() + patience_s
            while self.unanswered and loop.time() < deadline_s:  # noqa: ASYNC110 - a retained message
                await asyncio.sleep(_LOOK_S)
            for machine, uplink in zip(self._machines, uplinks, strict=True):
                machine.last = True
                await self._report(machine, uplink)
                await uplink.drain()
        return self.unanswered

    @property
    def unanswered(self) -> int:
        """The number of machines that wait for their host application."""
        return sum(machine.waits for machine in self._machines)

    def _make(self, machine: Machine) -> None:
        pieces = int(self._pieces_per_s * INTERVAL_S * self._chance.uniform(0.5, 1.5) + self._chance.random())
        scrap = 0 if machine.label else sum(self._chance.random() < _SCRAP_SHARE for _ in range(pieces))
        machine.good += pieces - scrap
        machine.scrap += scrap

    @staticmethod
    async def _report(machine: Machine, uplink: Uplink) -> None:
        for message in PUBLISHERS[machine.name].report(machine, _now()):
            await uplink.publish(message)

    @asynccontextmanager
    async def _on_air(self, broker: BrokerAccess) -> AsyncIterator[list[Uplink]]:
        async with AsyncExitStack() as stack:
            yield [await stack.enter_async_context(_connect(broker, machine)) for machine in self._machines]


def _connect(broker: BrokerAccess, machine: Machine) -> Uplink:
    publisher = PUBLISHERS[machine.name]

    def will() -> UplinkMessage | None:
        machine.connections = (machine.connections + 1) % 256
        machine.waits = bool(publisher.hears)
        return next(iter(publisher.leave(machine, _now())), None)

    def hear(topic: str, payload: bytes) -> None:
        for message in publisher.answer(machine, _now(), topic, payload):
            uplink.send(message)

    presence = UplinkPresence(
        [topic.format(machine.name) for topic in publisher.hears],
        lambda: list(publisher.greet(machine, _now())),
        lambda: list(publisher.leave(machine, _now())),
        will,
    )
    uplink = Uplink(broker, f"{broker.client_id}-{machine.name}", presence, hear)
    return uplink


def _now() -> int:
    return time_ns() // 1000
