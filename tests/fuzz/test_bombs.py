"""No input costs more than it weighs: each bomb goes off in a child whose CPU and memory the kernel limits."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.bombs import of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("group", ["messages", "files"])
def test_no_bomb_goes_off(group: str) -> None:
    child = [sys.executable, "-m", "tests.fuzz.bombs", group]
    done = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, check=False)
    everything = f"{done.stdout[-400:]}\nexit status {done.returncode}\n{done.stderr[-2_000:]}"
    ended = [line.split(": ") for line in done.stdout.splitlines()]
    assert [(target, name) for target, name, *_ in ended] == [(b.target, b.name) for b in of(group)], everything
    assert all(outcome for _, _, outcome in ended), everything
    if group == "files":
        assert {outcome for _, _, outcome in ended} == {"refused"}, everything


def test_the_limit_ends_a_child_that_works_too_long() -> None:
    program = "from tests.fuzz.bombs import limit\nlimit('count')\nprint('begun', flush=True)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode < 0) == ("begun\n", True), done.stderr
