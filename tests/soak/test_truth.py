"""The truth plant for as long as somebody wants: `make soak ARGS="-s -k truth"`.

SOAK_SEEDS=20         so many seeds with each database, from SOAK_FIRST (1) on
SOAK_HOURS=1          each run takes so long; without it a minute
SOAK_MESSAGES=1e6     each run goes on until so many telegrams are sent, 3,000 a second where the machine can
SOAK_DATABASE=sqlite  only this one
"""

import asyncio
import os
from pathlib import Path

import pytest

from tests.simulation.listener import Stopwatch
from tests.simulation.truth import Order, Run, produce, quiet, stage
from tests.simulation.verdict import judge

FIRST, SEEDS = int(os.environ.get("SOAK_FIRST", "1")), int(os.environ.get("SOAK_SEEDS", "3"))
HOURS = float(os.environ.get("SOAK_HOURS", "0"))
MESSAGES = int(float(os.environ.get("SOAK_MESSAGES", "0")))
DATABASES = os.environ.get("SOAK_DATABASE", "sqlite postgresql").split()
MANY_PER_S, SOME_PER_S = 3_000, 400
PROGRESS_S = 30


def order(database: str, seed: int) -> Order:
    """Return what was asked for."""
    asked = f"SOAK_HOURS={HOURS} SOAK_MESSAGES={MESSAGES} SOAK_DATABASE={database} SOAK_FIRST={seed} SOAK_SEEDS=1"
    again = f'{asked} make soak ARGS="-s -k truth"'
    if MESSAGES:
        return Order(database, seed, MESSAGES / MANY_PER_S, MANY_PER_S, again, MESSAGES, calm_s=20)
    return Order(database, seed, HOURS * 3600 or 60, SOME_PER_S, again, calm_s=5)


@pytest.mark.parametrize("seed", range(FIRST, FIRST + SEEDS))
@pytest.mark.parametrize("database", DATABASES)
def test_no_seed_loses_or_doubles_a_piece_whatever_goes_wrong(database: str, seed: int, tmp_path: Path) -> None:
    with stage(order(database, seed), tmp_path) as run, Stopwatch(lambda: print(run.progress()), PROGRESS_S):  # noqa: T201
        asyncio.run(produce(run))
        quiet(run)
        assert run.world.gateway.stop() == 0
        judge(run)
        assert run.world.gateway.backflush("audit", "--deep")["audit"] == "ok"
        tell(run)


def tell(run: Run) -> None:
    """Print what the run was."""
    print(run.figures())  # noqa: T201 - a soak prints its figures
    for kind, times in sorted(run.world.done.items()):
        print(f"{times:6d}  {kind}")  # noqa: T201 - the same
