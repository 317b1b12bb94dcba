"""The journal's clock never goes back, and never stands still."""

import pytest

from gateway.service.times import Steady

S = 1_000_000
HOUR = 3600 * S

STORIES = [
    ("the wall clock runs", 0, [(0, 100), (1, 101), (2, 102)], [100, 101, 102]),
    ("it is set forward", 0, [(0, 100), (1, 500)], [100, 500]),
    ("it is set back", 0, [(0, 500), (2, 102), (4, 104)], [500, 501, 502]),
    ("it is set back and overtakes", 0, [(0, 104), (2, 102), (4, 104), (8, 108), (9, 109)], [104, 105, 106, 108, 109]),
    ("the journal is newer than the clock", 500, [(2, 102), (4, 104)], [501, 502]),
    ("the journal is older", 50, [(2, 102)], [102]),
]


@pytest.mark.parametrize(("story", "newest", "looks", "told"), STORIES, ids=[story for story, *_ in STORIES])
def test_a_clock_that_is_set_back_goes_half_as_fast(
    story: str, newest: int, looks: list[tuple[int, int]], told: list[int]
) -> None:
    moments = iter([0.0, *(float(elapsed) for elapsed, _ in looks)])
    walls = iter([wall * S for _, wall in looks])
    clock = Steady(lambda: next(walls), lambda: next(moments), newest * S)
    assert [clock() for _ in looks] == [at * S for at in told], story
