"""How each fault is done to the real programs of a run, and how one sees that it took effect."""

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from random import Random

import psutil

from tests.integration.gateway_process import GatewayProcess
from tests.servers import Mosquitto, Postgres
from tests.simulation.links import MqttProxy, PostgresProxy
from tests.simulation.listener import Thief
from tests.simulation.proxy import FAIR, Proxy, Weather
from tests.simulation.schedule import Fault
from tests.simulation.shim import Shim

EFFECT_S, ALONE_S = 2.0, 30.0
"""How long a fault is kept up beyond its time until it has taken effect: among others, and alone."""
RARE, OFTEN = 0.02, 0.3
"""How likely a packet is to be lost with its connection, and to be doubled or overtaken."""
STEPS_S = (1.5, 3.0, 299.0, 301.0, 3600.0, 86_400.0, 250 * 86_400.0)
AHEAD_S = 3650 * 86_400.0
"""By how much the clock steps, in either direction, and forward alone."""


class World:
    """The programs of a run, the network between them, and what can be done to them."""

    def __init__(
        self,
        gateway: GatewayProcess,
        brokers: Sequence[Mosquitto],
        database: Postgres | None,
        devices: MqttProxy,
        uplink: MqttProxy,
        wire: PostgresProxy | None,
        shim: Shim,
        seed: int,
    ) -> None:
        """`brokers` have one port: the first runs, each of the others can take its place."""
        self.gateway = gateway
        self.database = database
        self.devices = devices
        self.uplink = uplink
        self.wire = wire
        self.shim = shim
        self.done: Counter[str] = Counter()
        """How often each kind of fault took effect."""
        self.log: list[str] = []
        self.exits: Counter[int] = Counter()
        """How the gateway ended when nobody had killed it."""
        self.patience_s = EFFECT_S
        self._brokers = list(brokers)
        self._chance = Random(f"{seed}/world")
        self.days = {datetime.now(UTC).date()}
        """What day it was by the gateway's clock whenever one of its lives began, and at the end."""
        self._off_s = 0.0
        self._began = time.monotonic()
        self._killing = False
        self._ways = self._made_ways()

    @property
    def broker(self) -> Mosquitto:
        """The broker that has its turn."""
        return self._brokers[0]

    def say(self, text: str) -> None:
        """Note something in the log of the run."""
        self.log.append(f"{time.monotonic() - self._began:7.2f} s  {text}")

    async def look_after(self) -> None:
        """Start the gateway again whenever it has ended by itself, as a service manager would."""
        while True:
            await asyncio.sleep(0.05)
            if not self.gateway.runs and not self._killing:
                status = self.gateway.ended()
                self.exits[status] += 1
                self.say(f"the gateway has ended with status {status}")
                await self._start_gateway()

    async def have(self, fault: Fault) -> None:
        """Have one fault from its beginning to its end, and see whether it took effect."""
        self.say(f"{fault.kind.name} ...")
        took_effect = await self._ways[fault.kind.name](fault.for_s)
        self.done[fault.kind.name] += took_effect
        self.say(f"... {fault.kind.name}: {'over' if took_effect else 'without effect'}")

    async def connected(self) -> None:
        """Wait until the gateway is ready; one that waits long after many failures is started anew."""
        for _ in range(20):
            if (await asyncio.to_thread(self.gateway.pong) or {}).get("phase") == "ready":
                return
            await asyncio.sleep(0.1)
        await self._kill_gateway(0)
        await asyncio.to_thread(self.gateway.ready)

    async def heal(self) -> None:
        """Have everything as it should be."""
        for proxy in filter(None, (self.devices, self.uplink, self.wire)):
            proxy.set(FAIR)
            proxy.close_door(closed=False)
            if proxy.silent:
                proxy.silence(silent=False)
        self.shim.disk_full(full=False)
        self.shim.fail_syncs(0)
        self.shim.clock(0)
        self.days.add(datetime.now(UTC).date())
        self.say("everything is healed")

    def _made_ways(self) -> dict[str, Callable[[float], Awaitable[bool]]]:
        """Return how each kind of fault is done; it is given how long, and says whether it took effect."""
        up, dev = self.uplink, self.devices
        ways: dict[str, Callable[[float], Awaitable[bool]]] = {
            "the gateway is killed": self._kill_gateway,
            "the gateway is told to end": self._stop_gateway,
            "the gateway is frozen": lambda s: self._freeze(self.gateway.pid, s),
            "the gateway's connection is cut": lambda s: self._cut(up, s),
            "the gateway's connection breaks in a packet": lambda s: self._break(up, s),
            "the gateway's connection is half-open": lambda s: self._silence(up, s),
            "the gateway's connection dribbles": lambda s: self._disturb(up, Weather(dribble=True), "dribbled", s),
            "the gateway's connection is slow": lambda s: self._disturb(up, Weather(delay_s=0.15), "delayed", s),
            "deliveries are lost before the acknowledgement": lambda s: self._disturb(
                up, Weather(lose=RARE), "lost", s
            ),
            "acknowledgements are lost": lambda s: self._disturb(up, Weather(lose_answer=RARE), "answer lost", s),
            "the gateway's client id is stolen": lambda s: self._steal(s, wipes=False),
            "the gateway's session is wiped": lambda s: self._steal(s, wipes=True),
            "the broker is killed": lambda s: self._restart(self.broker.kill, self.broker.start, s),
            "the broker is frozen": lambda s: self._freeze(self.broker.pid, s),
            "the broker is replaced by one with the packaged configuration": self._replace_broker,
            "the devices' connections are cut": lambda s: self._cut(dev, s),
            "the devices' connections break in a packet": lambda s: self._break(dev, s),
            "the devices' connections are half-open": lambda s: self._silence(dev, s),
            "the devices' connections dribble": lambda s: self._disturb(dev, Weather(dribble=True), "dribbled", s),
            "telegrams are slow": lambda s: self._disturb(dev, Weather(delay_s=0.15), "delayed", s),
            "telegrams are doubled": lambda s: self._disturb(dev, Weather(double=OFTEN), "doubled", s),
            "telegrams are reordered": lambda s: self._disturb(dev, Weather(reorder=OFTEN), "reordered", s),
            "telegrams are lost before the acknowledgement": lambda s: self._disturb(
                dev, Weather(lose=RARE), "lost", s
            ),
            "answers to telegrams are lost": lambda s: self._disturb(dev, Weather(lose_answer=RARE), "answer lost", s),
            "the disk is full": self._fill_disk,
            "an fsync fails": self._fail_sync,
            "the clock steps": self._step_clock,
        }
        if self.database is not None and self.wire is not None:
            ways |= self._ways_of_database(self.database, self.wire)
        return ways

    def _ways_of_database(
        self, database: Postgres, wire: PostgresProxy
    ) -> dict[str, Callable[[float], Awaitable[bool]]]:
        return {
            "the database is killed": lambda s: self._restart(database.kill, database.start, s),
            "the database is stopped at once": lambda s: self._restart(database.stop_at_once, database.start, s),
            "the database is away": lambda s: self._restart(database.stop, database.start, s),
            "the database is frozen": lambda s: self._freeze(database.pid, s),
            "the database's connections are cut": lambda s: self._cut(wire, s),
            "the database's connections are half-open": lambda s: self._silence(wire, s),
            "answers to commits are lost": lambda s: self._lose(wire, "lose_answers", "commit answered to nobody", s),
            "commits are lost": lambda s: self._lose(wire, "lose_commits", "commit not delivered", s),
        }

    # -- processes

    async def _stop_gateway(self, for_s: float) -> bool:
        self._killing = True
        try:
            status = await asyncio.to_thread(self.gateway.stop)
            self.exits[status] += 1
            self.say(f"the gateway has ended with status {status}")
            await asyncio.sleep(for_s)
            await self._start_gateway()
        finally:
            self._killing = False
        return True

    async def _kill_gateway(self, for_s: float) -> bool:
        self._killing = True
        try:
            await asyncio.to_thread(self.gateway.kill)
            await asyncio.sleep(for_s)
            await self._start_gateway()
        finally:
            self._killing = False
        return True

    async def _start_gateway(self) -> None:
        """Start it: a clock that is wrong then is the only one that it knows."""
        self.days.add((datetime.now(UTC) + timedelta(seconds=self._off_s)).date())
        await asyncio.to_thread(self.gateway.start)

    @staticmethod
    async def _restart(end: Callable[[], None], start: Callable[[], None], for_s: float) -> bool:
        await asyncio.to_thread(end)
        await asyncio.sleep(for_s)
        await asyncio.to_thread(start)
        return True

    async def _replace_broker(self, for_s: float) -> bool:
        old = self._brokers.pop(0)
        self._brokers.append(old)
        return await self._restart(old.kill, self._brokers[0].start, for_s)

    @staticmethod
    async def _freeze(pid: int, for_s: float) -> bool:
        try:
            with frozen(pid):
                await asyncio.sleep(for_s)
        except psutil.NoSuchProcess:  # it has ended by itself meanwhile: a full disk, an fsync that fails
            return False
        return True

    async def _steal(self, for_s: float, *, wipes: bool) -> bool:
        thief = Thief(self.broker.port, self.gateway.settings.client_id, wipes=wipes)
        await asyncio.to_thread(thief.__enter__)
        try:
            return await self._until(lambda: thief.connections > 0, for_s)
        finally:
            await asyncio.to_thread(thief.__exit__)

    # -- disk and clock

    async def _fill_disk(self, for_s: float) -> bool:
        refused = self.shim.refused_writes
        self.shim.disk_full(full=True)
        try:
            return await self._until(lambda: self.shim.refused_writes > refused, for_s)
        finally:
            self.shim.disk_full(full=False)

    async def _fail_sync(self, for_s: float) -> bool:
        self.shim.fail_syncs(1)
        try:
            return await self._until(lambda: self.shim.syncs_to_fail <= 0, for_s)
        finally:
            self.shim.fail_syncs(0)

    async def _step_clock(self, for_s: float) -> bool:
        self._off_s = self._chance.choice([AHEAD_S, *STEPS_S, *(-by for by in STEPS_S)])
        self.say(f"the clock is off by {self._off_s:.0f} s")
        self.shim.clock(self._off_s)
        await asyncio.sleep(for_s)
        self._off_s = 0.0
        self.shim.clock(0)
        return True

    # -- networks

    async def _shown(
        self, proxy: Proxy, figure: str, begin: Callable[[], None], end: Callable[[], None], for_s: float
    ) -> bool:
        """Have something begin at a proxy, and end once the figure by which it shows has grown."""
        before = proxy.figures[figure]
        begin()
        try:
            return await self._until(lambda: proxy.figures[figure] > before, for_s)
        finally:
            end()

    async def _disturb(self, proxy: Proxy, weather: Weather, figure: str, for_s: float) -> bool:
        return await self._shown(proxy, figure, lambda: proxy.set(weather), lambda: proxy.set(FAIR), for_s)

    async def _cut(self, proxy: Proxy, for_s: float) -> bool:
        before = proxy.figures["cut"]
        deadline = time.monotonic() + self.patience_s
        while proxy.figures["cut"] == before and time.monotonic() < deadline:
            proxy.cut()
            await asyncio.sleep(0.05)
        await asyncio.sleep(for_s)
        return proxy.figures["cut"] > before

    async def _break(self, proxy: Proxy, for_s: float) -> bool:
        return await self._shown(proxy, "broken", lambda: proxy.break_next(2), lambda: proxy.break_next(0), for_s)

    async def _silence(self, proxy: Proxy, for_s: float) -> bool:
        return await self._shown(proxy, "swallowed", proxy.silence, lambda: proxy.silence(silent=False), for_s)

    async def _lose(self, wire: PostgresProxy, what: str, figure: str, for_s: float) -> bool:
        def lose(number: int) -> None:
            setattr(wire, what, number)

        return await self._shown(wire, figure, lambda: lose(2), lambda: lose(0), for_s)

    async def _until(self, took_effect: Callable[[], bool], for_s: float) -> bool:
        await asyncio.sleep(for_s)
        deadline = time.monotonic() + self.patience_s
        while not (effect := took_effect()) and time.monotonic() < deadline:  # noqa: ASYNC110 - others make it so
            await asyncio.sleep(0.05)
        return effect


@contextmanager
def frozen(pid: int) -> Iterator[None]:
    """Freeze a process and its children for the length of a `with`."""
    family = [pid, *(child.pid for child in psutil.Process(pid).children())]
    for each in family:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            with suppress(ProcessLookupError):
                os.kill(each, signal.SIGCONT)
