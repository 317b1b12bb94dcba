"""Figures of several rounds, and how they are shown: the median, with minimum and maximum."""

import json
import os
import platform
import sqlite3
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from tests.servers import mosquitto_program, postgres_programs

Figures = dict[str, float]
"""Name of a figure, its unit at the end in parentheses: what one round of a case found."""


class Summary(NamedTuple):
    """One figure over all rounds."""

    case: str
    figure: str
    median: float
    low: float
    high: float
    rounds: int


def summarize(rounds: Mapping[str, Sequence[Figures]]) -> list[Summary]:
    """Take the median of each figure of each case."""
    summaries = []
    for case, found in rounds.items():
        for figure in found[0]:
            values = [one[figure] for one in found]
            summaries.append(Summary(case, figure, statistics.median(values), min(values), max(values), len(values)))
    return summaries


def machine(arguments: Sequence[str]) -> dict[str, str]:
    """Say where, when, with what and by which command was measured."""
    return {
        "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        "command": " ".join(["make bench", *([f'ARGS="{" ".join(arguments)}"'] if arguments else [])]),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {_memory()}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        **_servers(),
    }


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB"


def _servers() -> dict[str, str]:
    broker = subprocess.run([mosquitto_program(), "-h"], capture_output=True, text=True, check=False).stdout
    database = subprocess.run(
        [postgres_programs() / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    return {"mosquitto": broker.split("\n", 1)[0].split()[-1], "postgresql": database.stdout.split()[2]}


def show(value: float) -> str:
    """Print a figure with about three digits.

    >>> show(38123.4), show(999.7), show(4.237), show(0.0123)
    ('38,100', '1,000', '4.24', '0.0123')
    """
    if round(abs(value)) >= 1000:
        digits = len(str(round(abs(value)))) - 3
        return f"{round(value, -digits):,.0f}"
    return f"{value:.3g}"


def markdown(summaries: Sequence[Summary], about: Mapping[str, str]) -> str:
    """Print a table for docs/performance.md."""
    where = (
        f"{about['machine']}; {about['system']}; Python {about['python']}, SQLite {about['sqlite']}, "
        f"PostgreSQL {about['postgresql']}, Mosquitto {about['mosquitto']}; {about['date']}; `{about['command']}`."
    )
    rows = [where, "", "| case | figure | median | min - max | rounds |", "|---|---|--:|--:|--:|"]
    case = ""
    for one in summaries:
        name = "" if one.case == case else one.case
        case = one.case
        rows.append(
            f"| {name} | {one.figure} | {show(one.median)} | {show(one.low)} - {show(one.high)} | {one.rounds} |"
        )
    return "\n".join(rows)


def as_json(summaries: Sequence[Summary], about: Mapping[str, str], rounds: Mapping[str, Sequence[Figures]]) -> str:
    """Print everything that was found, each round included."""
    figures = [one._asdict() for one in summaries]
    return json.dumps({"about": about, "figures": figures, "rounds": rounds}, indent=1)


def tell(text: str) -> None:
    """Say how far it is; the table alone goes to standard output."""
    print(text, file=sys.stderr, flush=True)
