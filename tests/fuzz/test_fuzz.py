"""Whatever comes to a door ends as one of its legal outcomes: the kept inputs, and mutations of them by seeded chance.

The first seed is always the same; the second is new in every run and stands in the failure's message.
"""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.fuzz import world
from tests.fuzz.bombs import of
from tests.fuzz.corpus import FOLDER, FOUND, Case, cases
from tests.fuzz.seeds import SEEDS
from tests.fuzz.targets import TARGETS, attempt, mutated, mutations_of

KEPT = [(name, case) for name in TARGETS for case in cases(name)]


@pytest.fixture(scope="module", autouse=True)
def _tidy() -> object:
    yield
    world.discard()


@pytest.mark.parametrize(("name", "case"), KEPT, ids=[f"{name}/{case.name}" for name, case in KEPT])
def test_a_kept_input_becomes_what_its_name_says(name: str, case: Case) -> None:
    outcome = attempt(TARGETS[name], case, "kept")
    assert case.outcome in (outcome, FOUND), f"{case.name}: {outcome}"


@pytest.mark.parametrize("name", TARGETS)
@pytest.mark.parametrize("seed", SEEDS)
def test_a_mutated_input_ends_as_a_legal_outcome(name: str, seed: str) -> None:
    target = TARGETS[name]
    for number, case in enumerate(islice(mutations_of(target, seed), target.tries)):
        attempt(target, case, f"seed {seed}, number {number}")


@pytest.mark.parametrize("seed", SEEDS)
def test_a_gateway_posts_the_honest_totals_between_any_messages(seed: str) -> None:
    target = TARGETS["stream"]
    inputs = [case.data for case in islice(mutations_of(target, seed), 400)]
    inputs += [case.data for case in cases("stream")]
    try:
        world.streams(inputs, 9)
    except Exception as error:
        raise AssertionError(f"seed {seed}: {error}") from error


def test_equal_seeds_give_equal_inputs() -> None:
    for target in TARGETS.values():
        kept = cases(target.name)
        assert mutated(target, kept, "1", 3) == mutated(target, kept, "1", 3)


def test_every_table_of_the_corpus_is_a_target_and_every_input_has_a_name() -> None:
    assert sorted(path.stem for path in FOLDER.glob("[!.]*")) == sorted(TARGETS)
    for name, case in KEPT:
        assert case.name.partition("-")[2], f"{name}/{case.name}"
        assert len(case.data) <= 70_000, case.name


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
