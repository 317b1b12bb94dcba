"""The seeded truth plant: devices that know what they have made, real programs, and a schedule of faults.

A run starts broker, database and gateway as processes of their own, puts a bad network between them, lets the devices
produce while everything goes wrong that `schedule` has planned, heals it all, lets the devices say their last word, and
waits until it is quiet. Then `verdict` holds what is in the books against what was made.

    TRUTH_SEED=7 make test ARGS="tests/simulation/test_truth.py"      has the plan of seed 7 again
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from devices.simulators import BrokerAccess, Code, CounterSpec, Faults, ScannerSpec, SimulatedPlant
from tests.integration.gateway_process import GatewayProcess, until
from tests.integration.plant import CABLE, MOTOR, PUMP_BOX, SCANNERS, counters, figures, in_windows, stocked
from tests.servers import Mosquitto, Postgres
from tests.simulation.faults import ALONE_S, World
from tests.simulation.frames import Publication
from tests.simulation.links import MqttProxy, PostgresProxy
from tests.simulation.listener import Listener, Stopwatch
from tests.simulation.proxy import Network
from tests.simulation.schedule import Fault, kinds, schedule
from tests.simulation.shim import Shim

SHORT_S, LONG_S = 2.0, 60.0
"""How long the devices are switched on at a stretch: short at the end, when it is open how long it takes."""
PATIENCE_S = 240
"""How long a healed plant may take until it is quiet."""
PACKAGED = """
max_queued_messages 1000
max_queued_bytes 0
max_inflight_messages 20
autosave_interval 1800
message_size_limit 0
set_tcp_nodelay false
"""
"""What Mosquitto does where a distribution's configuration file says nothing."""
HOT_BOX = Code("]d20102000000001029\x1d21{n}", pieces=12)
"""A box of twelve pumps of another version than the line's run makes."""
NETWORK = Faults(duplicate=0.03, lose=0.03, reorder=0.03, late=0.02, late_s=4, skew_s=20)
"""No resets: what a counter has said last in a life that is over is lost for good, if the broker loses it."""


_GROWN = 20
"""Samples of a life of the gateway, two a second, that do not count as growth."""


class Order(NamedTuple):
    """What a run is to be."""

    database: str
    """`sqlite` or `postgresql`."""
    seed: int
    seconds: float
    telegrams_per_s: float
    again: str
    """The command that has the same plan again."""
    messages: int = 0
    """Go on until so many telegrams are sent; 0: as long as there are faults."""
    calm_s: float = 2.0
    """The longest time in which nothing happens to one of the programs or networks."""


@dataclass
class Run:
    """What happened in a run, for the verdict and for those who read it."""

    order: Order
    plan: list[Fault]
    world: World
    plant: SimulatedPlant
    listener: Listener
    sent: int = 0
    acknowledged: set[int] = field(default_factory=set)
    """Digests of all deliveries that the gateway has acknowledged to the broker."""
    memory: dict[int, list[float]] = field(default_factory=dict)
    """Megabytes of each life of the gateway, by process id."""
    catch_up: tuple[int, float] = (0, 0.0)
    """Messages that were committed after the healing, and in how many seconds."""
    lost: int = 0
    doubled: int = 0
    """Pieces and scans, as the verdict found them."""

    @property
    def made(self) -> int:
        """Pieces that the devices have made so far."""
        return sum(device.good + device.scrap for device in self.plant.truth())

    @property
    def growth_mb(self) -> float:
        """By how much memory grew in one life of the gateway, at most; its first ten seconds do not count."""
        grown = [max(life[_GROWN:]) - life[_GROWN] for life in self.memory.values() if len(life) > _GROWN]
        return max(grown, default=0.0)

    def progress(self) -> str:
        """Say how far it is."""
        faults = sum(self.world.done.values())
        pid, life = next(reversed(self.memory.items()), (0, [0.0]))
        return f"{self.sent} telegrams, {self.made} pieces made, {faults} faults, process {pid} has {life[-1]:.0f} MB"

    def story(self) -> str:
        """Say what one needs to know to have this run again, and what happened in it."""
        order, world = self.order, self.world
        plan = "\n".join(map(str, self.plan))
        happened = "\n".join(world.log)
        wire = dict(world.wire.figures) if world.wire else {}
        return f"""seed {order.seed}, {order.database}; to have it again:
{order.again}
{plan}
what happened:
{happened}
devices' network {dict(world.devices.figures)}
gateway's network {dict(world.uplink.figures)}
database's network {wire}
the gateway's log:
{world.gateway.log[-20_000:]}"""

    def figures(self) -> str:
        """Say in one line what the run was."""
        messages, seconds = self.catch_up
        lives = len(self.memory)
        rate = f"{messages} messages in {seconds:.1f} s" if messages else "nothing was behind"
        return (
            f"{self.order.database}, seed {self.order.seed}: {self.sent} telegrams, {self.made} pieces, "
            f"{sum(self.world.done.values())} faults of {len(+self.world.done)} kinds, "
            f"lost {self.lost}, doubled {self.doubled}, "
            f"{len(self.listener.events)} events and {self.listener.repeated} repetitions, "
            f"{lives} lives of the gateway, memory +{self.growth_mb:.1f} MB in one of them at most, catch-up: {rate}"
        )


def seed_of(default: int) -> int:
    """Return the seed of a run: `TRUTH_SEED` has the faults of another one again."""
    return int(os.environ.get("TRUTH_SEED", default))


def digest(topic: str, payload: bytes) -> int:
    """Name a message in little memory."""
    return hash((topic, payload))


def devices(telegrams_per_s: float) -> list[CounterSpec | ScannerSpec]:
    """Make counters and scanners that together say about so much in a second, in real time.

    However often they say it, most telegrams are news: a plant of heartbeats would hardly try the counting.
    """
    interval_s = len(counters()) / telegrams_per_s
    made: list[CounterSpec | ScannerSpec] = list(counters(interval_s=interval_s, rate_per_s=max(20, 2 / interval_s)))
    for device, codes in {"s-L04-0020": (MOTOR,), "s-L05": (CABLE,), "s-L06": (PUMP_BOX, HOT_BOX)}.items():
        made.append(
            ScannerSpec(plant="1000", line=device[2:5], device=device, codes=codes, rate_per_s=1.5, repeat_after_s=1.5)
        )
    return made


@contextmanager
def stage(order: Order, folder: Path) -> Iterator[Run]:
    """Start everything that a run needs; what was started is ended."""
    with ExitStack() as stack:
        network = stack.enter_context(Network())
        broker = stack.enter_context(Mosquitto())
        packaged = Mosquitto(PACKAGED, port=broker.port)
        stack.callback(packaged.close)
        uplink = MqttProxy(network, broker.port, f"{order.seed}/uplink")
        wire = database = None
        url = ""
        if order.database == "postgresql":
            database = stack.enter_context(Postgres())
            wire = PostgresProxy(network, database.port, f"{order.seed}/wire")
            url = database.fresh_url().replace(f":{database.port}/", f":{wire.port}/")
        gateway = stack.enter_context(
            GatewayProcess(f"mqtt://127.0.0.1:{uplink.port}", database=url, mqtt={"keepalive_s": 5})
        )
        shim = Shim(gateway.folder / "shim", gateway.data)
        gateway.environment = shim.environment
        world = World(
            gateway,
            (broker, packaged),
            database,
            MqttProxy(network, broker.port, f"{order.seed}/devices"),
            uplink,
            wire,
            shim,
            order.seed,
        )
        stocked(gateway, folder / "shop", devices=SCANNERS).start().ready()
        run = Run(
            order,
            schedule(order.seed, order.seconds, kinds(order.database), order.calm_s),
            world,
            SimulatedPlant(devices(order.telegrams_per_s), NETWORK, order.seed),
            stack.enter_context(Listener(broker.port)),
        )
        uplink.on_acknowledged = lambda heard: _note(run, heard)
        stack.enter_context(Stopwatch(lambda: _sample(run), 0.5))
        try:
            yield run
        except BaseException:
            print(run.story())  # noqa: T201 - pytest shows it with the failure
            raise


def _note(run: Run, heard: Publication) -> None:
    if "/_" not in heard.topic:
        run.acknowledged.add(digest(heard.topic, heard.payload))


def _sample(run: Run) -> None:
    """Note the memory of the gateway's process, where the system tells it."""
    try:
        pid = run.world.gateway.pid
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, IndexError):
        return
    run.memory.setdefault(pid, []).append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)


async def produce(run: Run) -> None:
    """Let the devices produce through all faults; heal everything; let them say their last word."""
    plant, world = run.plant, run.world
    broker = BrokerAccess(url=f"mqtt://127.0.0.1:{world.devices.port}", own_connections=True)
    over = asyncio.Event()

    async def publish() -> None:
        # The plant's own clock begins with the first part and goes on in the others.
        began = time.monotonic()
        while not over.is_set() or run.sent < run.order.messages:
            left = run.order.seconds - (time.monotonic() - began)
            run.sent += await plant.run(broker, seconds=max(SHORT_S, min(left, LONG_S)))

    async def lane(faults: list[Fault], began: float) -> None:
        for fault in faults:
            await asyncio.sleep(max(0.0, began + fault.at_s - time.monotonic()))
            await world.have(fault)

    async def go_wrong() -> None:
        began = time.monotonic()
        names = dict.fromkeys(fault.kind.lane for fault in run.plan)
        await asyncio.gather(*(lane([f for f in run.plan if f.kind.lane == name], began) for name in names))
        await world.heal()
        world.patience_s = ALONE_S
        missed = {fault.kind: fault for fault in run.plan if not world.done[fault.kind.name]}
        for fault in missed.values():
            # What others kept from taking effect happens once more, alone.
            await world.connected()
            await world.have(fault)
        over.set()

    guard = asyncio.create_task(world.look_after())
    try:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(publish())
            tasks.create_task(go_wrong())
        await world.heal()
        await _settle(run)
    finally:
        guard.cancel()
        await asyncio.gather(guard, return_exceptions=True)


async def _settle(run: Run) -> None:
    gateway = run.world.gateway
    began = time.monotonic()
    await asyncio.to_thread(until, lambda: (gateway.pong() or {}).get("phase") == "ready", "not ready", PATIENCE_S)
    committed = _committed(gateway)
    await asyncio.to_thread(gateway.caught_up)
    run.catch_up = _committed(gateway) - committed, time.monotonic() - began
    unanswered = await run.plant.settle(PATIENCE_S)
    assert unanswered == 0, f"{unanswered} scans are not answered"


def _committed(gateway: GatewayProcess) -> int:
    return sum(gateway.health()["messages"].values())


def quiet(run: Run) -> None:
    """Wait until everything that was made has been read, and no window waits for time."""
    gateway = run.world.gateway
    made = run.made
    gateway.caught_up()

    def settled() -> bool:
        with gateway.ledger() as connection:
            return figures(connection).read == made and not in_windows(connection, "timed")

    def found() -> str:
        with gateway.ledger() as connection:
            return f"{made} made, {figures(connection)}, {in_windows(connection, 'timed')} in windows"

    until(settled, found, PATIENCE_S)
    run.world.say("it is quiet")


def faults_by_kind(run: Run) -> Counter[str]:
    """Count the faults that took effect."""
    return +run.world.done
