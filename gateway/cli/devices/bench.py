"""The benchmark that docs/performance.md quotes. It lies with the tests, and uses their servers."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import click

import gateway
from gateway.cli.shared.command import command
from gateway.errors import Unavailable, UsageError


@command(example="backflush bench --quick --only backlog", data=True)
@click.option("--quick", is_flag=True, help="Small counts and one round: two minutes instead of twenty.")
@click.option("--rounds", type=click.IntRange(min=1), metavar="N", help="Rounds; 3, or 1 with --quick.")
@click.option("--only", metavar="NAME", help="Only the cases whose name contains this.")
@click.option("--list", "names", is_flag=True, help="Print the names of the cases, and measure nothing.")
def bench(*, quick: bool, rounds: int | None, only: str | None, names: bool, as_json: bool) -> None:
    """Measure throughput and latency against a real broker and real databases.

    It starts Mosquitto, PostgreSQL and gateways of its own on free ports and in folders of their own; no configured
    file or server is touched. Every figure is the median of interleaved rounds. The totals of each round are checked in
    the ledger; wrong ones end it with status 3.
    """
    root = Path(gateway.__file__).parents[1]
    if not (root / "tests" / "benchmarks").is_dir() or importlib.util.find_spec("pytest") is None:
        raise UsageError(
            f"{root}: expected the source tree with what its tests need, got less: `make bench` installs it"
        )
    flags = {"--quick": quick, "--list": names, "--json": as_json}
    values = {"--rounds": rounds, "--only": only}
    said = [flag for flag, given in flags.items() if given]
    said += [word for option, value in values.items() if value is not None for word in (option, str(value))]
    program = [sys.executable, "-m", "tests.benchmarks", *said]
    status = subprocess.run(program, cwd=root, check=False).returncode  # noqa: S603 - our own program, checked options
    if status:
        raise Unavailable(f"the benchmark ended with status {status}: what it printed says why")
