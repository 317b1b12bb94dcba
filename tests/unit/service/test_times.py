"""The gateway's clock: it follows adjustments at once, and a clock that was set once that stands by what it says."""

from collections.abc import Iterable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.service.times import DOUBT_S, SteadyClock

S: Final = 1_000_000
HOUR, DAY, YEARS = 3600, 86_400, 10 * 365 * 86_400
D = int(DOUBT_S)


class Machine:
    """A wall clock that can be set, and a stopwatch that cannot."""

    def __init__(self, newest: float = 0.0) -> None:
        self.passed = 0.0
        self.off = 1e9
        self.clock = SteadyClock(lambda: int((self.passed + self.off) * S), lambda: self.passed, int(newest * S))

    def told(self, looks: Iterable[tuple[float, float]]) -> list[tuple[float, float | None]]:
        """Let time pass and the clock be set, look each time, and return what is said, relative to the truth."""
        result = []
        for passed, set_by in looks:
            self.passed += passed
            self.off += set_by
            truth = int((self.passed + 1e9) * S)
            at, beside = self.clock.look()
            result.append(((at - truth) / S, None if beside is None else (beside - truth) / S))
        return result


STORIES = [
    ("it runs", [(1, 0), (1, 0)], [(0, None), (0, None)]),
    ("it is adjusted", [(1, 1.5), (1, -1.5), (1, -1.9)], [(1.5, None), (0, None), (-1.9, None)]),
    ("it is set forward and back", [(1, DAY), (D - 1, 0), (0.5, -DAY)], [(0, DAY), (0, DAY), (0, None)]),
    ("it is set back and forward", [(1, -YEARS), (D - 1, 0), (1, YEARS)], [(0, -YEARS), (0, -YEARS), (0, None)]),
    ("it is set forward and stands", [(1, HOUR), (D, 0), (1, 0)], [(0, HOUR), (HOUR, None), (HOUR, None)]),
    ("it is set back and stands", [(1, -HOUR), (D, 0), (1, 0)], [(0, -HOUR), (-HOUR, None), (-HOUR, None)]),
    (
        "it is set again before it is followed",
        [(1, DAY), (D - 1, DAY), (D - 1, 0), (1, 0)],
        [(0, DAY), (0, 2 * DAY), (0, 2 * DAY), (2 * DAY, None)],
    ),
    (
        "it was followed, and is set right",
        [(1, DAY), (D, 0), (1, -DAY), (D, 0)],
        [(0, DAY), (DAY, None), (DAY, 0), (0, None)],
    ),
]


@pytest.mark.parametrize(("story", "looks", "told"), STORIES, ids=[story for story, *_ in STORIES])
def test_a_clock_that_was_set_is_followed_once_it_stands_by_what_it_says(
    story: str, looks: list[tuple[float, float]], told: list[tuple[float, float | None]]
) -> None:
    assert Machine().told(looks) == told, story


@pytest.mark.parametrize(("ahead", "said"), [(-DAY, None), (1, None), (HOUR, 0), (YEARS, 0)])
def test_a_clock_that_is_behind_what_was_received_before_the_start_is_in_doubt(ahead: int, said: int | None) -> None:
    begun, still, later = Machine(1e9 + ahead).told([(0, 0), (D - 1, 0), (1, 0)])
    at = 0 if said is None else ahead
    assert (begun, still, later) == ((at, said), (at, said), (0, None))


@given(st.lists(st.tuples(st.floats(0.01, 30), st.integers(-YEARS, YEARS)), max_size=8))
def test_however_often_it_is_set_time_goes_on_while_it_is_in_doubt_and_the_clock_wins(
    sets: list[tuple[float, int]],
) -> None:
    machine = Machine()
    before = machine.clock()
    for passed, set_by in sets:
        followed = machine.clock.followed
        machine.told([(passed, set_by)])
        now = machine.clock()
        if machine.clock.followed == followed and abs(set_by) > 2:
            assert now >= before, "nothing goes back before a clock is followed"
        before = now
    machine.told([(1, 0), (D, 0)])
    assert machine.clock.look() == (machine.clock.wall(), None)


def test_a_clock_that_was_followed_has_not_stood_for_long_and_neither_has_one_after_a_day_of_silence() -> None:
    machine, silent = Machine(1e9 - HOUR), Machine(1e9 - DAY)
    assert (machine.clock.stands_s, silent.clock.stands_s) == (float("inf"), 0)
    machine.told([(1, HOUR), (D, 0), (5, 0)])
    assert machine.clock.stands_s == pytest.approx(5)
