"""A point does nothing unless it is armed, and nobody arms one by accident."""

import os
import signal
import subprocess
import sys

import pytest

from gateway.errors import UsageError
from gateway.failpoints import Point, arm, arm_from, reach


def test_a_point_that_is_not_armed_does_nothing() -> None:
    for point in Point:
        reach(point)


def test_what_is_armed_hears_of_every_point_until_it_is_disarmed() -> None:
    heard: list[Point] = []
    arm(heard.append)
    reach(Point.JOURNAL_SYNCED)
    reach(Point.COMMITTED)
    arm(None)
    reach(Point.COMMITTED)
    assert heard == [Point.JOURNAL_SYNCED, Point.COMMITTED]


@pytest.mark.parametrize(
    ("environment", "said"),
    [
        ({"BACKFLUSH_FAILPOINT": "committed"}, "expected BACKFLUSH_FAILPOINTS=allowed beside it"),
        ({"BACKFLUSH_FAILPOINT": "committed", "BACKFLUSH_FAILPOINTS": "yes"}, "expected BACKFLUSH_FAILPOINTS=allowed"),
        ({"BACKFLUSH_FAILPOINT": "comitted", "BACKFLUSH_FAILPOINTS": "allowed"}, "got comitted"),
        ({"BACKFLUSH_FAILPOINT": "committed:0", "BACKFLUSH_FAILPOINTS": "allowed"}, "got committed:0"),
        ({"BACKFLUSH_FAILPOINT": "committed:x", "BACKFLUSH_FAILPOINTS": "allowed"}, "got committed:x"),
        ({"BACKFLUSH_FAILPOINT": "committed:1:halt", "BACKFLUSH_FAILPOINTS": "allowed"}, "got committed:1:halt"),
    ],
)
def test_the_environment_arms_a_point_only_in_plain_words(environment: dict[str, str], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        arm_from(environment)


@pytest.mark.parametrize("environment", [{}, {"BACKFLUSH_FAILPOINTS": "allowed"}, {"BACKFLUSH_FAILPOINT": ""}])
def test_without_a_point_nothing_is_armed(environment: dict[str, str]) -> None:
    assert arm_from(environment) == ""


PROGRAM = """
from gateway.failpoints import Point, arm_from, reach
arm_from({'BACKFLUSH_FAILPOINT': '%s', 'BACKFLUSH_FAILPOINTS': 'allowed'})
for name in (Point.STEPPED, Point.COMMITTED, Point.STEPPED, Point.COMMITTED, Point.COMMITTED):
    print(name, flush=True)
    reach(name)
"""


def test_an_armed_process_dies_at_the_passing_that_was_asked_for() -> None:
    program = PROGRAM % "committed:2"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    assert done.stdout.split() == ["stepped", "committed", "stepped", "committed"]


def test_an_armed_process_stops_where_it_was_asked_to_and_goes_on_when_it_may() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM % "committed:2:stop"], stdout=subprocess.PIPE, text=True
    ) as one:
        _, status = os.waitpid(one.pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        one.send_signal(signal.SIGCONT)
        said, _ = one.communicate()
    assert one.returncode == 0
    assert said.split() == ["stepped", "committed", "stepped", "committed", "committed"]
