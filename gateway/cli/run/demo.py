"""The demo, the whole job in one command: a broker, gateways, a simulated plant that knows its real output, a board.

Everything is the production code over a real socket: each gateway is a process of its own, the devices publish over
MQTT. At the end the devices report their last totals, the gateways drain, and the ledger is audited.
"""

import asyncio
import random
import signal
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gateway.cli.run.demo_broker import leave_nothing, open_broker, refuse_publishers
from gateway.cli.run.demo_ledger import (
    DemoEnd,
    conclude,
    count_closing,
    import_plant,
    program_name,
    read_figures,
    write_configuration,
)
from gateway.cli.shared.command import FiniteNumber, Invocation, answer_no, command, pass_invocation, tell

if TYPE_CHECKING:
    from devices.simulators import BrokerAccess, ForeignPlant, SimulatedPlant
    from gateway.backflush.plant.snapshot import MasterData
    from gateway.cli.run.demo_screen import Screen
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings

_FOREVER_S = 10**9
_START_S = 300.0
_SETTLE_S = 20.0
_DRAIN_S = 30.0
_LINES = 6
_SCANS_PER_S = 0.1
_HOME = Path(__file__).parents[3] / "config" / "masterdata"
_FOREIGN = Path(__file__).parent / "foreign"
_LABEL = "]C10102000000000015" + "21"
"""The GS1 label of the foreign plant's product, up to the serial number."""


@command(example="backflush demo --lines 4 --rate 20 --for 60", data=True)
@click.option("--plant", type=click.Choice(["foreign"]), help="A plant of machines of other makers, a line for each.")
@click.option("--lines", type=click.IntRange(1, 500), help="Production lines; by default 6, or one for each maker.")
@click.option(
    "--rate", type=FiniteNumber(0.01, 1_000_000), default=1.0, show_default=True, help="Pieces per second of each line."
)
@click.option("--gateways", type=click.IntRange(1, 9),
              help="Several share the lines, and the first has a standby; 2 unless of another plant.")  # fmt: skip
@click.option("--for", "seconds", type=FiniteNumber(0.1), metavar="S", help="Stop after this many seconds.")
@click.option("--seed", type=click.IntRange(0), help="The same seed makes the same plant; by default a random one.")
@click.option(
    "--mqtt", "url", metavar="URL", help="An existing broker, on a base topic of its own; by default a built-in one."
)
@click.option("--database", metavar="URL", help="A PostgreSQL database; by default SQLite in the data directory.")
@click.option("--data-dir", type=click.Path(file_okay=False, path_type=Path), help="Keep journal and ledger here.")
@click.option("--masterdata", "source", type=click.Path(exists=True, path_type=Path), metavar="DIR|FILE",
              help="Another plant; by default the one shipped with the program.")  # fmt: skip
@pass_invocation
def demo(invocation: Invocation, *, as_json: bool, **said: Any) -> None:  # noqa: ANN401 - the options above, as `_Wish`
    """Run broker, gateway, a simulated plant and its board; audit the ledger at the end.

    Needs nothing prepared. The plant has made its pieces since the production day began. With --json it runs without
    screen and board and ends with one JSON object. Status 0 means that the audit holds and that every piece that the
    devices made was read, counted or quarantined, posted or open.
    """
    from gateway.cli.run.run import with_uvloop

    wish = _Wish(**said)
    ended: list[DemoEnd] = []

    async def whole() -> None:
        ended.append(await _run(settings, tables, wish, as_json=as_json, broker=broker))

    with ExitStack() as stack:
        tables = _tables(wish)
        folder = wish.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backflush-")))
        url, broker = stack.enter_context(open_broker(wish.url))
        settings = _settings(invocation, wish, folder, url, broker)
        if wish.url is not None:
            tell(f"the demo uses topics below {settings.mqtt.base_topic} on {url}")
            refuse_publishers(settings)
            stack.callback(leave_nothing, settings)
        with_uvloop(whole())
        [end] = ended
        good = conclude(end, settings, as_json=as_json)
        if wish.data_dir is not None:
            tell(f"journal and ledger are kept in {wish.data_dir}")
    if not good:
        answer_no()


class _Wish(NamedTuple):
    """The options of the demo."""

    plant: str | None
    lines: int | None
    rate: float
    gateways: int | None
    seconds: float | None
    seed: int | None
    url: str | None
    database: str | None
    data_dir: Path | None
    source: Path | None

    @property
    def is_of_the_shipped_plant(self) -> bool:
        """Whether it is of the plant that comes with the program."""
        return self.plant is None and self.source is None


def _tables(wish: _Wish) -> "Tables":
    from gateway.cli.run.demo_plant import past_of, plan
    from gateway.cli.shared.simulated_plant import widen
    from gateway.errors import UsageError
    from gateway.masterdata.build import build
    from gateway.masterdata.files.read import read_tables

    if wish.plant is not None and wish.source is not None:
        raise UsageError("--plant foreign has a plant of its own: expected no --masterdata")
    source = wish.source or (_FOREIGN / "plant.yaml" if wish.plant is not None else _HOME)
    if not source.exists():
        raise UsageError(f"expected the demo's plant in {source}, found none; --masterdata DIR names another")
    found = read_tables(source)
    if isinstance(found, list):
        raise UsageError(f"{source} cannot be used: {found[0]}; `backflush check {source}` lists all findings")
    if wish.plant is not None:
        return found
    wide = widen(found, wish.lines or _LINES)
    if not wish.is_of_the_shipped_plant or past_of(wish.rate, 0) is None:
        return wide
    return plan(wide, build(wide).master, wish.rate, time.time_ns() // 1000)


def _settings(invocation: Invocation, wish: _Wish, folder: Path, url: str, broker: str) -> "Settings":
    """Make the demo's own settings, based on a configuration only if one was named."""
    from gateway.cli.run.demo_plant import WINDOW
    from gateway.settings import Settings

    options: dict[str, dict[str, Any]] = {"gateway": {"data_dir": folder}, "mqtt": {"url": url}}
    if wish.url is not None:
        # It may be the broker of a real plant: the demo reads none of its topics, and publishes under other ones.
        options["mqtt"]["base_topic"] = f"demo-{random.SystemRandom().getrandbits(32):08x}"
    if broker == "iotcore":
        options["mqtt"]["protocol"] = "3.1.1"
    if wish.database:
        options["database"] = {"url": wish.database}
    if wish.is_of_the_shipped_plant:
        options["posting"] = {"window": WINDOW}
    if wish.plant is not None:
        found = tomllib.loads((_FOREIGN / "sources.toml").read_text(encoding="utf-8"))
        sources = {"source": Settings.model_validate(found).source}
    else:
        sources = {}
    if invocation.config is not None:
        return invocation.settings(options).model_copy(update=sources)
    options["gateway"]["id"] = "demo"
    options["mqtt"]["client_id"] = f"bf-demo-{random.SystemRandom().getrandbits(32):08x}"
    # This session is never resumed: it ends soon after the demo.
    options["mqtt"]["session_expiry_s"] = 60
    options["journal"] = {"min_free": 64 << 20}
    return Settings.model_validate(options).model_copy(update=sources)


async def _run(settings: "Settings", tables: "Tables", wish: _Wish, *, as_json: bool, broker: str) -> DemoEnd:
    """Start the gateways, let the plant work, and end all in order."""
    from devices.simulators import BrokerAccess, Unreachable
    from gateway.cli.run.demo_gateways import DemoGateways, share_out
    from gateway.cli.run.demo_screen import Screen
    from gateway.cli.shared.simulated_plant import lines_of, roams_at
    from gateway.errors import BrokerUnavailable
    from gateway.masterdata.build import build
    from gateway.masterdata.rows import DeviceRow

    master = build(tables).master
    lines = (sorted(master.versions_of_line) if wish.plant is not None else lines_of(master))[: wish.lines or _LINES]
    number = wish.gateways or (2 if wish.is_of_the_shipped_plant else 1)
    fleet = share_out(settings, lines, number, roams_at(master, lines))
    settings = fleet[0]
    await asyncio.to_thread(import_plant, settings, tables)
    seed = random.SystemRandom().randrange(10**6) if wish.seed is None else wish.seed
    devices = {row.device for row in tables.of(DeviceRow)}
    before = read_figures(settings, devices)
    plant, run = _plant(wish, master, lines, seed, is_new=not before.read)
    end, stop = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    screen, gateways = Screen(settings, broker, quiet=as_json), DemoGateways(fleet)
    serving = asyncio.create_task(gateways.run(stop))
    began = time.monotonic()
    async with _show(screen, settings, quiet=as_json):
        try:
            await _first(serving, gateways.ready.wait(), seconds=_START_S)
            if not gateways.ready.is_set():
                raise BrokerUnavailable(f"the gateway is not ready after {_START_S:.0f} s")
            screen.tell_way(gateways.describe)
            began = time.monotonic()
            access = BrokerAccess(url=settings.mqtt.url, base=settings.mqtt.base_topic, patience_s=10.0,
                             client_id=f"bf-demo-plant-{seed}-{random.SystemRandom().getrandbits(24):06x}")  # fmt: skip
            working = asyncio.create_task(run(access))
            await _first(serving, working, end.wait())
            seconds = time.monotonic() - began
            screen.phase = "the devices report their last totals"
            working.cancel()
            with suppress(asyncio.CancelledError):
                await working
            # A second Ctrl-C ends every wait.
            for number in (signal.SIGINT, signal.SIGTERM):
                loop.remove_signal_handler(number)
            unanswered = await plant.settle(_SETTLE_S)
            screen.phase = "the gateway drains"
            await _drain(settings, devices, serving, before.by_devices + _pieces_made(plant))
        except Unreachable as error:
            raise BrokerUnavailable(str(error)) from error
        finally:
            stop.set()
            await serving
    return DemoEnd(before, read_figures(settings, devices), _pieces_made(plant), unanswered, seconds, seed)


def _plant(
    wish: _Wish, master: "MasterData", lines: "Sequence[tuple[str, str]]", seed: int, *, is_new: bool
) -> "tuple[SimulatedPlant | ForeignPlant, Callable[[BrokerAccess], Coroutine[Any, Any, object]]]":
    """Return the plant, and the function that runs it; in a new ledger it has worked since its day began."""
    from devices.simulators import Faults, ForeignPlant, SimulatedPlant
    from gateway.cli.run.demo_plant import begin_of_day, past_of, temper
    from gateway.cli.shared.simulated_plant import Pace, specs_of
    from gateway.errors import UsageError

    seconds = wish.seconds or _FOREVER_S
    if wish.plant is not None:
        if not is_new:
            raise UsageError("--data-dir: expected an empty one, because the machines of this plant begin at zero")
        foreign = ForeignPlant([line for _, line in lines], _LABEL, wish.rate, seed)
        return foreign, partial(foreign.run, seconds=seconds)
    specs, past = specs_of(master, lines, Pace(wish.rate, scans_per_s=_SCANS_PER_S), seed), None
    if wish.is_of_the_shipped_plant and is_new:
        now_us = time.time_ns() // 1000
        specs = temper(specs, now_us)
        past = past_of(wish.rate, begin_of_day(master.plants[lines[0][0]], now_us))
    own = SimulatedPlant(specs, Faults(), seed)
    return own, partial(own.run, seconds=seconds, past=past)


@asynccontextmanager
async def _show(screen: "Screen", settings: "Settings", *, quiet: bool) -> AsyncIterator[None]:
    """Show the demo on the terminal and on the board while the context lasts, unless it is quiet."""
    from gateway.cli.run.demo_board import show_board

    with screen.show():
        if quiet:
            yield
            return
        look = {"look": f"{program_name()} report documents -c {write_configuration(settings)}"}
        screen.tell_way(lambda: look)
        async with show_board(settings, screen.tell_way):
            yield


async def _first(gateway: "asyncio.Task[None]", *others: Any, seconds: float | None = None) -> None:  # noqa: ANN401 - any awaitable
    """Wait for the first of these to end; the gateway's own end is its failure."""
    waiting = [asyncio.ensure_future(other) for other in others]
    try:
        await asyncio.wait([gateway, *waiting], timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if gateway.done():
            gateway.result()
    finally:
        for other in waiting[-1:]:
            other.cancel()


async def _drain(settings: "Settings", devices: set[str], gateway: "asyncio.Task[None]", made: int) -> None:
    """Wait until the ledger has read everything and all timed windows are closed; up to a limit."""
    deadline = time.monotonic() + _DRAIN_S
    while time.monotonic() < deadline and not gateway.done():
        figures, closing = await asyncio.to_thread(lambda: (read_figures(settings, devices), count_closing(settings)))
        if figures.by_devices >= made and not closing:
            return
        await asyncio.sleep(0.1)


def _pieces_made(plant: "SimulatedPlant | ForeignPlant") -> int:
    return sum(truth.good + truth.scrap for truth in plant.truth())
