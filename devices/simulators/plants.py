"""A simulated plant: when its devices act and their telegrams arrive, and the pieces really made.

Idea: one simulated clock. The devices act in the order of their times, the network decides when each telegram arrives,
and the merged arrivals are one endless script. The script depends only on specs, faults, seed and start, not on the
pace of publishing. Only answers to the gateway (reports, repeated scans) are outside it.

Laws: the same seed gives the same script; once a plant has settled, the gateway's counts must equal `truth`.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from itertools import count
from math import inf
from random import Random
from time import time
from typing import NamedTuple

from devices.answers import is_report
from devices.simulators.counters import Counter
from devices.simulators.network import arrivals
from devices.simulators.scanners import Scanner
from devices.simulators.specs import CounterSpec, Faults, Past, ScannerSpec, Telegram
from devices.uplinks import BrokerAccess, Uplink, UplinkMessage, UplinkPresence

_BREATH = 200
"""The event loop gets its turn after this many telegrams, at any pace."""
_SHORTEST_SLEEP_S = 0.001
_REPEAT_CHECK_S = 0.1


class Truth(NamedTuple):
    """The pieces that one device really made or scanned."""

    plant: str
    line: str
    device: str
    good: int
    scrap: int
    totals: dict[str, int]
    """The display of a counter at the end; empty for scanners."""
    scans: int
    results: dict[str, int]
    """The answers to a scanner's scans."""


class SimulatedPlant:
    """Simulated devices, their network and their truth."""

    def __init__(self, specs: Sequence[CounterSpec | ScannerSpec], faults: Faults, seed: int) -> None:
        self._faults = faults
        self._devices: dict[str, Counter | Scanner] = {}
        self._network: dict[str, Random] = {}
        for spec in specs:
            if spec.device in self._devices:
                raise ValueError(f"expected each device once, got {spec.device} twice")
            own = f"{seed}/{spec.plant}/{spec.line}/{spec.device}"
            # Each device has its own random numbers: another device in the plant changes nothing for it.
            chance = Random(own)
            self._network[spec.device] = Random(f"{own}/network")
            make = Counter(spec, faults, chance) if isinstance(spec, CounterSpec) else Scanner(spec, faults, chance)
            self._devices[spec.device] = make
        self._now_us: int | None = None
        self._numbers = count(1)
        self._acts: list[tuple[int, int, str]] = []
        self._on_the_way: list[tuple[int, int, Telegram]] = []
        self._broker: BrokerAccess | None = None
        self._asked: set[str] = set()

    @property
    def telegrams_per_s(self) -> float:
        """The telegrams that the devices send per second of simulated time, without faults."""
        return sum(1 / self._interval_s(device) for device in self._devices.values())

    def truth(self) -> list[Truth]:
        """Return the pieces that every device has really made so far, in the order of the specs."""
        return [
            Truth(
                device.spec.plant,
                device.spec.line,
                device.spec.device,
                device.good,
                device.scrap,
                device.totals if isinstance(device, Counter) else {},
                device.scans if isinstance(device, Scanner) else 0,
                dict(device.results) if isinstance(device, Scanner) else {},
            )
            for device in self._devices.values()
        ]

    def script(self, start_us: int) -> Iterator[tuple[int, Telegram]]:
        """Yield telegrams with their simulated arrival time (microseconds UTC), in that order, endlessly.

        A second call continues the first; only the first `start_us` counts.
        """
        if self._now_us is None:
            self._begin(start_us)
        while self._acts or self._on_the_way:
            if self._on_the_way and (not self._acts or self._on_the_way[0][0] <= self._acts[0][0]):
                self._now_us, _, telegram = heapq.heappop(self._on_the_way)
                yield self._now_us, telegram
            else:
                self._act()

    def past(self, past: Past, until_us: int) -> Iterator[Telegram]:
        """Yield the totals of all counters at the end of each step of a past, in the order of time."""
        at_us = past.since_us
        while at_us < until_us:
            since_us, at_us = at_us, min(until_us, at_us + round(past.step_s * 1_000_000))
            for device in self._devices.values():
                if isinstance(device, Counter):
                    yield device.tell_past(since_us, at_us)

    def ending(self) -> Iterator[Telegram]:
        """Yield telegrams still on the way, every counter's last total, and every scan without an answer."""
        now_us = self._now_us or 0
        while self._on_the_way:
            now_us, _, telegram = heapq.heappop(self._on_the_way)
            yield telegram
        for at_us, _, _ in self._acts:
            now_us = max(now_us, at_us)
        self._now_us = now_us
        for device in self._devices.values():
            if isinstance(device, Counter):
                yield device.final(now_us)
            else:
                yield from device.report()

    async def run(
        self,
        broker: BrokerAccess,
        *,
        seconds: float | None = None,
        messages: int | None = None,
        rate: float | None = None,
        start_us: int | None = None,
        past: Past | None = None,
    ) -> int:
        """Publish for a number of seconds or messages, whichever ends first, and return the number published.

        The counters first tell what they have made in the `past`, which ends when the simulation begins.
        `rate` is telegrams per second; `inf` publishes as fast as the broker takes them; without it the devices keep
        their own pace. Simulated time then runs faster or slower than the clock, and begins so that it ends about now.
        """
        if messages is None and (seconds is None or rate == inf):
            raise ValueError("expected seconds or messages, and messages with an infinite rate, got neither")
        self._broker = broker
        pace = 1.0 if rate is None else rate / self.telegrams_per_s
        if start_us is None:
            start_us = round(time() * 1_000_000) - _head_start_us(pace, seconds, messages, self.telegrams_per_s)
        loop = asyncio.get_running_loop()
        published = 0
        async with self._on_air(broker) as uplinks:
            for telegram in self.past(past, start_us) if past is not None else ():
                await self._send(uplinks, telegram)
            begin_s, begin_us = loop.time(), None
            for at_us, telegram in self.script(start_us):
                begin_us = at_us if begin_us is None else begin_us
                wait_s = (at_us - begin_us) / 1_000_000 / pace - (loop.time() - begin_s)
                if seconds is not None and loop.time() - begin_s + max(0.0, wait_s) >= seconds:
                    heapq.heappush(self._on_the_way, (at_us, 0, telegram))
                    await asyncio.sleep(max(0.0, begin_s + seconds - loop.time()))
                    break
                if wait_s > _SHORTEST_SLEEP_S or published % _BREATH == 0:
                    await asyncio.sleep(max(0.0, wait_s))
                await self._send(uplinks, telegram)
                published += 1
                if messages is not None and published >= messages:
                    break
            for uplink in set(uplinks.values()):
                await uplink.drain()
        return published

    async def settle(self, patience_s: float = 30.0) -> int:
        """Let every counter send its last total, and wait until every scan has been answered.

        Returns the number of scans without an answer after `patience_s`: 0 means that the gateway has everything.
        """
        if self._broker is None:
            raise ValueError("expected a plant that has run, got one that has not")
        loop = asyncio.get_running_loop()
        async with self._on_air(self._broker) as uplinks:
            for telegram in self.ending():
                await self._send(uplinks, telegram)
            for uplink in set(uplinks.values()):
                await uplink.drain()
            deadline_s = loop.time() + patience_s
            while self.unanswered and loop.time() < deadline_s:  # noqa: ASYNC110 - answers from many scanners
                await asyncio.sleep(0.01)
        return self.unanswered

    @property
    def unanswered(self) -> int:
        """The number of scans that wait for feedback."""
        return sum(device.unanswered for device in self._devices.values() if isinstance(device, Scanner))

    def _begin(self, start_us: int) -> None:
        self._now_us = start_us
        for name, device in self._devices.items():
            if isinstance(device, Counter):
                for telegram in device.begin(start_us):
                    self._hand_over(device, start_us, telegram)
            phase_us = round(self._interval_s(device) * self._network[name].random() * 1_000_000)
            heapq.heappush(self._acts, (start_us + phase_us, next(self._numbers), name))

    def _act(self) -> None:
        at_us, number, name = heapq.heappop(self._acts)
        device = self._devices[name]
        for telegram in device.step(at_us):
            self._hand_over(device, at_us, telegram)
        if not (isinstance(device, Scanner) and device.is_done):
            next_us = at_us + round(self._interval_s(device) * 1_000_000)
            heapq.heappush(self._acts, (next_us, number, name))

    def _hand_over(self, device: Counter | Scanner, at_us: int, telegram: Telegram) -> None:
        spec = device.spec
        ordered = isinstance(spec, CounterSpec) and not spec.seq and not spec.ts
        chance = self._network[spec.device]
        interval_s = self._interval_s(device)
        for delay_s in arrivals(telegram, interval_s, ordered=ordered, faults=self._faults, chance=chance):
            arrival_us = at_us + round(delay_s * 1_000_000)
            heapq.heappush(self._on_the_way, (arrival_us, next(self._numbers), telegram))

    @staticmethod
    def _interval_s(device: Counter | Scanner) -> float:
        return device.spec.interval_s if isinstance(device, Counter) else 1 / device.spec.rate_per_s

    @asynccontextmanager
    async def _on_air(self, broker: BrokerAccess) -> AsyncIterator[dict[str, Uplink]]:
        """Connect the devices, and let them answer the gateway while they are connected."""
        async with AsyncExitStack() as stack:
            groups = [[name] for name in self._devices] if broker.own_connections else [list(self._devices)]
            uplinks: dict[str, Uplink] = {}
            for names in groups:
                client_id = names[0] if broker.own_connections else broker.client_id
                places = [self._place(broker, name) for name in names]
                uplink = await stack.enter_async_context(
                    Uplink(broker, client_id, UplinkPresence.of(places), self._hear)
                )
                uplinks |= dict.fromkeys(names, uplink)
            answering = asyncio.create_task(self._answer(uplinks))
            try:
                yield uplinks
            finally:
                answering.cancel()
                await asyncio.gather(answering, return_exceptions=True)

    async def _answer(self, uplinks: dict[str, Uplink]) -> None:
        """Repeat the reports that the gateway asks for, and every scan whose answer is overdue."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(_REPEAT_CHECK_S)
            asked, self._asked = self._asked, set()
            for name in sorted(asked):
                for telegram in self._devices[name].report():
                    await self._send(uplinks, telegram)
            for device in self._devices.values():
                if isinstance(device, Scanner):
                    for telegram in device.repeats(loop.time()):
                        await self._send(uplinks, telegram)

    def _hear(self, topic: str, payload: bytes) -> None:
        *_, name, kind = topic.split("/")
        device = self._devices.get(name)
        if kind == "feedback" and isinstance(device, Scanner):
            device.answer(payload)
        elif kind == "command" and device is not None and is_report(payload):
            self._asked.add(name)

    async def _send(self, uplinks: dict[str, Uplink], telegram: Telegram) -> None:
        assert self._broker is not None
        topic = f"{self._place(self._broker, telegram.device)}/{telegram.kind}"
        await uplinks[telegram.device].publish(UplinkMessage(topic, telegram.payload))

    def _place(self, broker: BrokerAccess, name: str) -> str:
        spec = self._devices[name].spec
        return f"{broker.base}/{spec.plant}/{spec.line}/{spec.device}"


def _head_start_us(pace: float, seconds: float | None, messages: int | None, telegrams_per_s: float) -> int:
    """Return how far before now simulated time must begin, so that it ends about now."""
    by_messages = messages / telegrams_per_s if messages is not None else inf
    by_seconds = seconds * pace if seconds is not None else inf
    simulated_s = min(by_messages, by_seconds)
    return max(0, round((simulated_s - simulated_s / pace) * 1_000_000))
