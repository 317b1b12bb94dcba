"""Simulated devices against any broker: they publish, settle, and report the pieces really made."""

import asyncio
import random
import signal
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.shared.arguments import LINE, LinePlace, in_force
from gateway.cli.shared.command import INTERRUPTED, NO, FiniteNumber, Invocation, command, pass_invocation, tell
from gateway.cli.shared.output import print_json, print_table

if TYPE_CHECKING:
    from devices.simulators import BrokerAccess, Faults, SimulatedPlant, Truth
    from gateway.backflush.plant.snapshot import MasterData
    from gateway.masterdata.tables import Tables
    from gateway.settings import Settings

_FAULTS = {
    "duplicates": ("duplicate", "Telegrams that arrive twice."),
    "losses": ("lose", "Count telegrams that never arrive."),
    "reorder": ("reorder", "Telegrams that arrive after the next ones."),
    "late": ("late", "Telegrams that arrive late."),
    "resets": ("reset", "Telegrams after which a counter begins a new life at zero."),
}
_PROBABILITY, _SECONDS, _PER_SECOND = FiniteNumber(0, 1), FiniteNumber(), FiniteNumber(0, 1_000_000)


def fault_options(function: Any) -> Any:  # noqa: ANN401 - a click decorator over any command
    """Add the faults of devices and network."""
    for name, (_, text) in reversed(_FAULTS.items()):
        function = click.option(f"--{name}", default=0.0, type=_PROBABILITY, metavar="SHARE", help=text)(function)
    function = click.option("--late-s", default=60.0, type=_SECONDS, help="The longest delay in seconds.")(function)
    return click.option("--skew-s", default=0.0, type=_SECONDS, help="The largest error of each device's clock.")(
        function
    )


def faults_of(said: dict[str, Any]) -> "Faults":
    """Read the faults from a command's options."""
    from devices.simulators import Faults

    shares = {field: said.pop(name) for name, (field, _) in _FAULTS.items()}
    return Faults(**shares, late_s=said.pop("late_s"), skew_s=said.pop("skew_s"))


@command(example="backflush simulate --line 1000/L04 --for 60 --losses 0.1 --seed 7", data=True)
@click.option("--mqtt", "url", metavar="URL", help="The broker; by default that of the configuration.")
@click.option("--username", help="The login of the simulator, not the gateway's.")
@click.option("--password-file", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Its password.")
@click.option(
    "--own-connections", is_flag=True, help="Each device connects itself, with its id as client id and login."
)
@click.option("--masterdata", "source", type=click.Path(exists=True, path_type=Path), metavar="DIR|FILE",
              help="Master data of the devices; by default those in force.")  # fmt: skip
@click.option("--line", "places", type=LINE, multiple=True, help="Only this line; may be repeated.")
@click.option("--lines", type=click.IntRange(1), help="Only this many lines.")
@click.option("--rate", default=5.0, show_default=True, type=_PER_SECOND, help="Pieces per second of each line.")
@click.option(
    "--interval",
    default=1.0,
    show_default=True,
    type=FiniteNumber(0.001),
    help="Seconds between two telegrams of a counter.",
)
@click.option("--scans", default=0.5, show_default=True, type=_PER_SECOND, help="Scans per second of each scanner.")
@click.option("--for", "seconds", type=_SECONDS, metavar="S", help="Stop after this many seconds.")
@click.option("--messages", type=click.IntRange(1), help="Stop after this many telegrams.")
@click.option("--seed", type=click.IntRange(0), help="The same seed makes the same telegrams; by default a random one.")
@click.option("--rollovers", is_flag=True, help="Start counters that have a modulus just below it.")
@click.option(
    "--patience",
    default=30.0,
    show_default=True,
    type=_SECONDS,
    help="Seconds to wait for the answers to scans at the end.",
)
@fault_options
@pass_invocation
def simulate(
    invocation: Invocation,
    url: str | None,
    places: Sequence[LinePlace],
    lines: int | None,
    source: Path | None,
    *,
    seconds: float | None,
    messages: int | None,
    seed: int | None,
    patience: float,
    as_json: bool,
    **said: Any,  # noqa: ANN401 - pace, faults and login
) -> None:
    """Publish as the devices of a plant, with faults; print the true totals at the end.

    Ends after --for or --messages, or with Ctrl-C: then every counter reports its last total and every scan is repeated
    until it is answered. The totals counted by the gateway must then equal the printed ones.
    """
    from devices.simulators import SimulatedPlant, Unreachable
    from gateway.cli.shared.simulated_plant import Pace, specs_of
    from gateway.errors import BrokerUnavailable
    from gateway.masterdata.build import build

    settings = invocation.settings()
    master = build(_tables(settings, source)).master
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    pace = Pace(said.pop("rate"), said.pop("interval"), said.pop("scans"), said.pop("rollovers"))
    faults = faults_of(said)
    try:
        plant = SimulatedPlant(specs_of(master, _lines(master, places, lines), pace, seed), faults, seed)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    broker = _broker(settings, url, **said)
    tell(f"simulating at {broker.url} with seed {seed}; Ctrl-C ends")
    try:
        published, unanswered, told_to_end = asyncio.run(run_and_settle(plant, broker, seconds, messages, patience))
    except Unreachable as error:
        raise BrokerUnavailable(str(error)) from error
    _print_truth(plant.truth(), published, unanswered, seed, as_json=as_json)
    if unanswered:
        tell(f"backflush: {unanswered} scans have no answer: is a gateway running?")
        raise click.exceptions.Exit(NO)
    if told_to_end:
        raise click.exceptions.Exit(INTERRUPTED)


def _tables(settings: "Settings", source: Path | None) -> "Tables":
    from gateway.errors import UsageError
    from gateway.masterdata.files.read import read_tables

    if source is not None:
        found = read_tables(source)
        if isinstance(found, list):
            raise UsageError(f"{source} cannot be used: {found[0]}; `backflush check {source}` lists all findings")
        return found
    tables = in_force(settings)
    if not tables.rows:
        raise UsageError("expected master data, found none in force; import some, or name a folder by --masterdata")
    return tables


def _lines(master: "MasterData", places: Sequence[LinePlace], number: int | None) -> list[tuple[str, str]]:
    from gateway.cli.shared.simulated_plant import lines_of
    from gateway.errors import UsageError

    known = lines_of(master)
    wanted = [tuple(place) for place in places]
    for plant, line in wanted:
        if (plant, line) not in known:
            there = ", ".join("/".join(each) for each in sorted(known)) or "none"
            raise UsageError(f"expected a line with counters, got {plant}/{line}; there are {there}")
    return [line for line in known if not wanted or line in wanted][:number]


def _broker(
    settings: "Settings", url: str | None, *, username: str | None, password_file: Path | None, own_connections: bool
) -> "BrokerAccess":
    from devices.simulators import BrokerAccess
    from gateway.cli.shared.broker_client import refuse_gateways_login
    from gateway.errors import UsageError
    from gateway.files import read_secret
    from gateway.mqtt.broker import Address

    address = Address.parse(url or settings.mqtt.url)
    refuse_gateways_login(settings, username)
    if password_file is not None and not (username or own_connections):
        raise UsageError("--password-file: expected --username or --own-connections with it, got neither")
    return BrokerAccess(
        url=str(address),
        base=settings.mqtt.base_topic,
        client_id=f"bf-simulator-{random.SystemRandom().getrandbits(32):08x}",
        username=username,
        password=read_secret(password_file, "--password-file") if password_file else None,
        ca_file=str(settings.mqtt.ca_file) if settings.mqtt.ca_file else None,
        own_connections=own_connections,
        patience_s=10.0,
    )


async def run_and_settle(
    plant: "SimulatedPlant", broker: "BrokerAccess", seconds: float | None, messages: int | None, patience_s: float
) -> tuple[int, int, bool]:
    """Publish until the end or Ctrl-C, then settle; return the number published, and the unanswered scans."""
    endless = seconds is None and messages is None
    running = asyncio.create_task(plant.run(broker, seconds=10**9 if endless else seconds, messages=messages))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, running.cancel)
    published = 0
    with suppress(asyncio.CancelledError):
        published = await running
    # A second Ctrl-C ends the wait.
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.remove_signal_handler(number)
    return published, await plant.settle(patience_s), running.cancelled()


def _print_truth(truths: Sequence["Truth"], published: int, unanswered: int, seed: int, *, as_json: bool) -> None:
    good, scrap = sum(t.good for t in truths), sum(t.scrap for t in truths)
    if as_json:
        devices = [truth._asdict() for truth in truths]
        said = {"seed": seed, "published": published, "good": good, "scrap": scrap, "unanswered": unanswered}
        print_json({**said, "devices": devices})
        return
    columns = [("device", False), ("line", False), ("good", True), ("scrap", True), ("shows", False), ("scans", True)]
    rows = [
        [
            truth.device,
            f"{truth.plant}/{truth.line}",
            str(truth.good),
            str(truth.scrap),
            ", ".join(f"{name} {total}" for name, total in truth.totals.items()),
            str(truth.scans or ""),
        ]
        for truth in truths
    ]
    print_table(columns, [*rows, ["all", "", str(good), str(scrap), "", ""]])
