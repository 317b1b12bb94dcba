"""Promises 2, 3, 6, 8, 10, 13 and 19: whatever goes wrong and heals again, what was made is in the books, once."""

import asyncio
from pathlib import Path

import pytest

from tests.simulation.truth import Order, faults_by_kind, produce, quiet, seed_of, stage
from tests.simulation.verdict import judge

SECONDS = 12
TELEGRAMS_PER_S = 400


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(("database", "seed"), [("sqlite", 3), ("postgresql", 5)])
def test_what_was_made_is_posted_once_whatever_goes_wrong(database: str, seed: int, tmp_path: Path) -> None:
    seed = seed_of(seed)
    again = f'TRUTH_SEED={seed} make test ARGS="tests/simulation/test_truth.py -k {database}"'
    order = Order(database, seed, SECONDS, TELEGRAMS_PER_S, again)
    with stage(order, tmp_path) as run:
        asyncio.run(produce(run))
        quiet(run)
        assert run.world.gateway.stop() == 0
        judge(run)
        assert run.world.gateway.backflush("audit", "--deep")["audit"] == "ok"
        planned = {fault.kind.name for fault in run.plan}
        assert set(faults_by_kind(run)) == planned, "every kind of fault took effect"
    print(run.figures())  # noqa: T201 - shown with -s
