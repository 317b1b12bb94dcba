"""The demo, the whole job in one command: a broker, the gateway, a simulated plant that knows its real output, a board.

Everything is the production code over a real socket: the gateway runs as `backflush run` does, the devices publish
over MQTT. At the end the devices report their last totals, the gateway drains, and the ledger is audited.
"""

import asyncio
import random
import signal
import socket
import tempfile
import time
import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gateway.cli.run.demo_screen import DemoTotals
from gateway.cli.shared.command import FiniteNumber, Invocation, answer_no, command, pass_invocation, tell
from gateway.cli.shared.output import print_json

if TYPE_CHECKING:
    from devices.simulators import ForeignPlant, SimulatedPlant
    from gateway.cli.run.demo_screen import Screen
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings

_FOREVER_S = 10**9
_START_S = 20.0
_SETTLE_S = 20.0
_DRAIN_S = 20.0
_QUIET_S = 1.0
_SOON_US = 10_000_000
_LINES = 6
_HOME = Path(__file__).parents[3] / "config" / "masterdata"
_FOREIGN = Path(__file__).parent / "foreign"
_LABEL = "]C10102000000000015" + "21"
"""The GS1 label of the foreign plant's product, up to the serial number."""


@command(example="backflush demo --lines 4 --rate 20 --for 60", data=True)
@click.option("--plant", type=click.Choice(["foreign"]), help="A plant of machines of other makers, a line for each.")
@click.option("--lines", type=click.IntRange(1, 500), help="Production lines; by default 6, or one for each maker.")
@click.option(
    "--rate", type=FiniteNumber(0.01, 1_000_000), default=5.0, show_default=True, help="Pieces per second of each line."
)
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

    Needs nothing prepared. With --json it runs without screen and board and ends with one JSON object. Status 0 means
    that the audit holds and that every piece that the devices made was read, counted or quarantined, posted or open.
    """
    from gateway.cli.run.run import with_uvloop

    wish = _Wish(**said)
    ended: list[_End] = []

    async def whole() -> None:
        ended.append(await _run(settings, tables, wish, as_json=as_json, broker=broker))

    with ExitStack() as stack:
        tables = _tables(wish)
        folder = wish.data_dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="backflush-")))
        url, broker = stack.enter_context(_broker(wish.url))
        settings = _settings(invocation, wish, folder, url, broker)
        if wish.url is not None:
            tell(f"the demo uses topics below {settings.mqtt.base_topic} on {url}")
            _refuse_publishers(settings)
            stack.callback(_leave_nothing, settings)
        with_uvloop(whole())
        [end] = ended
        good = _conclude(end, settings, as_json=as_json)
        if wish.data_dir is not None:
            tell(f"journal and ledger are kept in {wish.data_dir}")
    if not good:
        answer_no()


class _Wish(NamedTuple):
    """The options of the demo."""

    plant: str | None
    lines: int | None
    rate: float
    seconds: float | None
    seed: int | None
    url: str | None
    database: str | None
    data_dir: Path | None
    source: Path | None


class _End(NamedTuple):
    """The result of the demo."""

    before: DemoTotals
    after: DemoTotals
    made: int
    unanswered: int
    seconds: float
    seed: int


def _tables(wish: _Wish) -> "Tables":
    from gateway.cli.shared.simulated_plant import widen
    from gateway.errors import UsageError
    from gateway.masterdata.files.read import read_tables

    if wish.plant is not None and wish.source is not None:
        raise UsageError("--plant foreign has a plant of its own: expected no --masterdata")
    source = wish.source or (_FOREIGN / "plant.yaml" if wish.plant is not None else _HOME)
    if not source.exists():
        raise UsageError(f"expected the demo's plant in {source}, found none; --masterdata DIR names another")
    found = read_tables(source)
    if isinstance(found, list):
        raise UsageError(f"{source} cannot be used: {found[0]}; `backflush check {source}` lists all findings")
    return found if wish.plant is not None else widen(found, wish.lines or _LINES)


def _settings(invocation: Invocation, wish: _Wish, folder: Path, url: str, broker: str) -> "Settings":
    """Make the demo's own settings, based on a configuration only if one was named."""
    from gateway.settings import Settings

    options: dict[str, dict[str, Any]] = {"gateway": {"data_dir": folder}, "mqtt": {"url": url}}
    if wish.url is not None:
        # It may be the broker of a real plant: the demo reads none of its topics, and publishes under other ones.
        options["mqtt"]["base_topic"] = f"demo-{random.SystemRandom().getrandbits(32):08x}"
    if broker == "iotcore":
        options["mqtt"]["protocol"] = "3.1.1"
    if wish.database:
        options["database"] = {"url": wish.database}
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


@contextmanager
def _broker(url: str | None) -> Iterator[tuple[str, str]]:
    """Yield the broker's address and description."""
    from gateway.mqtt.embedded import EmbeddedBroker

    if url is not None:
        _reach(url)
        yield url, ""
        return
    # Ctrl-C reaches every process of the terminal; the broker must outlive it, until the gateway has drained.
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        broker = EmbeddedBroker.start()
    finally:
        signal.signal(signal.SIGINT, before)
    with broker:
        yield str(broker.address), broker.kind


def _refuse_publishers(settings: "Settings") -> None:
    """Refuse a broker on which real machines have the topics of the demo's: it would count them, and disturb others."""
    from gateway.backflush.values.names import quote
    from gateway.cli.shared.broker_client import Tool
    from gateway.errors import UsageError

    filters = [source.filter for source in settings.sources]
    if filters:
        with Tool(settings, "demo") as tool:
            tool.subscribe(*filters)
            if (message := tool.next(_QUIET_S)) is not None:
                raise UsageError(
                    f"--mqtt: expected a broker without publishers of this plant, heard {quote(message.topic)}"
                )


def _leave_nothing(settings: "Settings") -> None:
    """Clear the demo's retained messages on a broker that is not its own."""
    from gateway.cli.shared.broker_client import Tool
    from gateway.errors import BrokerUnavailable

    base = settings.mqtt.base_topic
    try:
        with Tool(settings, "demo") as tool:
            tool.subscribe(f"{base}/#", *(source.filter for source in settings.sources))
            while (message := tool.next(_QUIET_S)) is not None:
                if message.retain and message.payload:
                    tool.publish(message.topic, b"", retain=True)
    except BrokerUnavailable as error:
        tell(f"retained messages of the demo are left below {base}: {error}")


def _reach(url: str) -> None:
    """Fail at once, not after the gateway has tried in vain for a while."""
    from gateway.errors import BrokerUnavailable
    from gateway.mqtt.broker import Address

    address = Address.parse(url)
    try:
        socket.create_connection((address.host, address.port), timeout=_START_S).close()
    except OSError as error:
        raise BrokerUnavailable(f"the broker at {address} cannot be reached: {error.strerror or error}") from error


async def _run(settings: "Settings", tables: "Tables", wish: _Wish, *, as_json: bool, broker: str) -> _End:
    """Start the gateway, let the plant work, and end both in order."""
    from devices.simulators import BrokerAccess, Faults, ForeignPlant, SimulatedPlant, Unreachable
    from gateway.app import run_gateway
    from gateway.cli.run.demo_screen import Screen
    from gateway.cli.shared.simulated_plant import Pace, lines_of, specs_of
    from gateway.errors import BrokerUnavailable, UsageError
    from gateway.masterdata.build import build

    await asyncio.to_thread(_import, settings, tables)
    master = build(tables).master
    seed = random.SystemRandom().randrange(10**6) if wish.seed is None else wish.seed
    before = _figures(settings)
    if wish.plant is not None:
        lines = sorted(master.versions_of_line)[: wish.lines]
        plant: SimulatedPlant | ForeignPlant = ForeignPlant([line for _, line in lines], _LABEL, wish.rate, seed)
        if before.read:
            raise UsageError("--data-dir: expected an empty one, because the machines of this plant begin at zero")
    else:
        lines = lines_of(master)[: wish.lines or _LINES]
        plant = SimulatedPlant(specs_of(master, lines, Pace(wish.rate), seed), Faults(), seed)
    end, stop, ready = asyncio.Event(), asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, end.set)
    screen = Screen(settings, lines, broker)
    gateway = asyncio.create_task(run_gateway(settings, stop=stop, on_commit=screen.take, on_ready=ready.set))
    began = time.monotonic()
    async with _show(screen, settings, quiet=as_json):
        try:
            await _first(gateway, ready.wait(), seconds=_START_S)
            if not ready.is_set():
                raise BrokerUnavailable(
                    f"the gateway is not ready after {_START_S:.0f} s: {screen.warning or 'no reason'}"
                )
            began = time.monotonic()
            devices = BrokerAccess(url=settings.mqtt.url, base=settings.mqtt.base_topic, patience_s=10.0,
                             client_id=f"bf-demo-plant-{seed}-{random.SystemRandom().getrandbits(24):06x}")  # fmt: skip
            working = asyncio.create_task(plant.run(devices, seconds=wish.seconds or _FOREVER_S))
            await _first(gateway, working, end.wait())
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
            await _drain(settings, gateway, before.read + _pieces_made(plant))
        except Unreachable as error:
            raise BrokerUnavailable(str(error)) from error
        finally:
            stop.set()
            await gateway
    return _End(before, _figures(settings), _pieces_made(plant), unanswered, seconds, seed)


@asynccontextmanager
async def _show(screen: "Screen", settings: "Settings", *, quiet: bool) -> AsyncIterator[None]:
    """Show the demo on the terminal and on the board while the context lasts, unless it is quiet."""
    from gateway.cli.run.demo_board import show_board

    with screen.show(quiet=quiet):
        if quiet:
            yield
            return
        async with show_board(settings, screen.take_board):
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


async def _drain(settings: "Settings", gateway: "asyncio.Task[None]", made: int) -> None:
    """Wait until the ledger has read everything and all timed windows are closed; up to a limit."""
    deadline = time.monotonic() + _DRAIN_S
    while time.monotonic() < deadline and not gateway.done():
        figures, closing = await asyncio.to_thread(lambda: (_figures(settings), _closing(settings)))
        if figures.read >= made and not closing:
            return
        await asyncio.sleep(0.1)


def _import(settings: "Settings", tables: "Tables") -> None:
    from gateway.cli.shared.arguments import in_force
    from gateway.cli.shared.command import database_errors
    from gateway.masterdata.importing import weigh
    from gateway.masterdata.merge import Missing
    from gateway.service.local.imports import take_effect

    prepared = weigh(tables, in_force(settings), missing=Missing.REMOVED)
    with database_errors():
        take_effect(settings, prepared, "demo", "")


def _figures(settings: "Settings") -> DemoTotals:
    from sqlalchemy import func, select

    from gateway.backflush.values.quantities import MICRO
    from gateway.ledger.database import tables as t
    from gateway.service.local.read_only import read_ledger

    columns = t.lines.c
    sums = [func.coalesce(func.sum(c), 0) for c in (columns.read, columns.counted, columns.posted, columns.scrap)]
    with read_ledger(settings) as connection:
        found = connection.execute(select(*sums, func.coalesce(func.sum(columns.quarantined), 0))).one()
        read, counted, posted, scrapped, quarantined = (int(value) // MICRO for value in found)
        documents = connection.scalar(select(func.count()).select_from(t.documents)) or 0
    return DemoTotals(read, counted, posted, counted - posted, scrapped, documents, quarantined)


def _closing(settings: "Settings") -> int:
    """Return the number of timed windows about to close."""
    from sqlalchemy import func, select

    from gateway.ledger.database import tables as t
    from gateway.service.local.read_only import read_ledger

    soon = time.time_ns() // 1000 + _SOON_US
    with read_ledger(settings) as connection:
        wanted = select(func.count()).select_from(t.windows).where(t.windows.c.close_at < soon)
        return connection.scalar(wanted) or 0


def _pieces_made(plant: "SimulatedPlant | ForeignPlant") -> int:
    return sum(truth.good + truth.scrap for truth in plant.truth())


def _conclude(end: _End, settings: "Settings", *, as_json: bool) -> bool:
    """Audit the ledger, print the result, and return whether all is well."""
    from gateway.ledger.audit.audit import audit
    from gateway.service.local.read_only import read_ledger

    with read_ledger(settings) as connection:
        laws = audit(connection)
    broken = [law for law in laws if not law.ok]
    figures = end.after
    read = figures.read - end.before.read
    balanced = (
        figures.read == figures.counted + figures.quarantined and figures.counted == figures.posted + figures.open
    )
    if as_json:
        print_json(
            {
                **figures._asdict(),
                "audit": "broken" if broken else "ok",
                "truth": end.made,
                "read_now": read,
                "unanswered": end.unanswered,
                "seconds": round(end.seconds, 1),
                "seed": end.seed,
                **({"broken": [finding for law in broken for finding in law.findings]} if broken else {}),
            }
        )
    else:
        from gateway.cli.run.demo_screen import print_summary

        print_summary(figures, read=read, made=end.made, seconds=end.seconds, laws=laws, unanswered=end.unanswered)
    return not broken and balanced and read == end.made
