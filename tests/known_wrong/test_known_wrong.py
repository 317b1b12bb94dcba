"""Promise 22: each known-wrong change makes the test fail that has to notice it.

The tree is copied, the change is made in the copy, and the named test runs there. `make test` tries those that take a
moment; `make known-wrong` tries all.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from gateway.failpoints import Point
from tests.known_wrong.changes import KNOWN_WRONG
from tests.known_wrong.wrong import Wrong

ROOT = Path(__file__).parents[2]
FAILED = 1
"""How pytest ends when tests have failed; a test that is not there, or cannot be read, ends otherwise."""
PARAMETERS = " ".join(("and or sqlite postgresql", *Point))
"""What is asked of the names of tests, and does not stand in their files."""
ALL = os.environ.get("KNOWN_WRONG") == "all"


@pytest.mark.parametrize("wrong", KNOWN_WRONG, ids=lambda wrong: wrong.name)
def test_a_known_wrong_change_still_applies(wrong: Wrong) -> None:
    for file, right, _ in wrong.edits:
        assert (ROOT / file).read_text(encoding="utf-8").count(right) == 1, f"{file}: expected once: {right}"


@pytest.mark.parametrize("wrong", KNOWN_WRONG, ids=lambda wrong: wrong.name)
def test_a_known_wrong_change_names_a_test_that_is_there(wrong: Wrong) -> None:
    files, _, words = wrong.test.partition(" -k ")
    text = "".join((ROOT / file).read_text(encoding="utf-8") for file in files.split()) + PARAMETERS
    missing = [word for word in re.findall(r"\w+", words) if word not in text]
    assert missing == [], f"{files}: expected {missing} in the names of its tests"


def test_every_known_wrong_change_has_its_name() -> None:
    assert len({wrong.name for wrong in KNOWN_WRONG}) == len(KNOWN_WRONG)


@pytest.mark.timeout(600)
@pytest.mark.parametrize("wrong", [w for w in KNOWN_WRONG if w.quick or ALL], ids=lambda wrong: wrong.name)
def test_a_known_wrong_change_is_noticed(wrong: Wrong, tmp_path: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    for file, right, text in wrong.edits:
        path = tmp_path / file
        path.write_text(path.read_text(encoding="utf-8").replace(right, text), encoding="utf-8")
    options = "-q", "-x", "--timeout=120", "--hypothesis-profile=noticed"
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *shlex.split(wrong.test)],
        cwd=tmp_path,
        env={**os.environ, **dict(wrong.environment)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == FAILED, f"{wrong.test} did not notice that {wrong.name}\n{done.stdout}{done.stderr}"
