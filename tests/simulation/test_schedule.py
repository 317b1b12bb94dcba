"""The plan of faults is a function of the seed, and has every kind."""

from itertools import pairwise

import pytest

from tests.simulation.schedule import KINDS, kinds, schedule

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
