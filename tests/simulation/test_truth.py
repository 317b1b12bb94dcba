"""Promises 2, 3, 6, 8, 10, 13 and 19: whatever goes wrong and heals again, what was made is in the books, once."""

import asyncio
from itertools import pairwise
from pathlib import Path

import pytest

from tests.simulation.schedule import KINDS, kinds, schedule
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


EVERY = pytest.mark.parametrize("seed", range(20))


@EVERY
def test_the_same_seed_has_the_same_plan_and_another_one_another(seed: int) -> None:
    possible = kinds("postgresql")
    assert schedule(seed, 12, possible) == schedule(seed, 12, possible)
    assert schedule(seed, 12, possible) != schedule(seed + 1, 12, possible)


@EVERY
@pytest.mark.parametrize("seconds", [0, 12, 600])
def test_every_kind_happens_and_nothing_happens_to_one_thing_twice_at_once(seed: int, seconds: int) -> None:
    plan = schedule(seed, seconds, kinds("postgresql"))
    assert {fault.kind for fault in plan} == {*KINDS}
    for lane in {kind.lane for kind in KINDS}:
        own = [fault for fault in plan if fault.kind.lane == lane]
        assert all(one.at_s + one.for_s < other.at_s for one, other in pairwise(own))
        assert own[-1].at_s + own[-1].for_s + 2 >= seconds


def test_a_run_without_postgresql_has_nothing_that_needs_it() -> None:
    assert {kind.needs for kind in kinds("sqlite")} == {""}
    assert {kind.needs for kind in kinds("postgresql")} == {"", "postgresql"}
