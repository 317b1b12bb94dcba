"""No input costs more than it weighs: each bomb goes off in a child whose CPU and memory the kernel limits."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.bombs import BOMBS, FILES, of

ROOT = Path(__file__).parents[2]


def told(target: str) -> tuple[list[str], str]:
    """Set off the bombs of a target in a child; return what it said, and what it complained about."""
    child = [sys.executable, "-m", "tests.fuzz.bombs", target]
    done = subprocess.run(child, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.splitlines(), f"{done.stdout[-300:]}\nexit status {done.returncode}\n{done.stderr[-2_000:]}"


@pytest.mark.parametrize("target", dict.fromkeys(bomb.target for bomb in BOMBS))
def test_a_bomb_does_not_go_off(target: str) -> None:
    lines, everything = told(target)
    names = [bomb.name for bomb in of(target)]
    assert [line.partition(":")[0] for line in lines] == names, everything
    outcomes = {name: line.partition(": ")[2] for name, line in zip(names, lines, strict=True)}
    assert all(outcomes.values()), everything
    if target in FILES:
        assert set(outcomes.values()) == {"refused"}, outcomes


def test_the_limit_ends_a_child_that_works_too_long() -> None:
    program = "from tests.fuzz.bombs import limit\nlimit('count')\nprint('begun', flush=True)\nwhile True: pass"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.returncode < 0) == ("begun\n", True), done.stderr
