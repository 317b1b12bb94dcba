"""The shim does to a process what it says, to the files below one folder alone."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.simulation.shim import Shim


def run(shim: Shim, program: str, *words: object) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, words)],
        env=shim.environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return (done.stdout + done.stderr.rpartition("\n")[0].rpartition("\n")[2]).strip()


WRITE = "import sys; print(open(sys.argv[1], 'wb', buffering=0).write(b'abc'))"
SYNC = "import os, sys; f = open(sys.argv[1], 'wb'); f.write(b'x'); f.flush(); os.fsync(f.fileno()); print('synced')"
CLOCK = "import time, datetime as d; print(time.time_ns() // 10**9, int(d.datetime.now().timestamp()))"


def test_a_full_disk_takes_nothing_until_there_is_room(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    shim = Shim(tmp_path / "control", tmp_path / "disk")
    shim.disk_full(full=True)
    assert "No space left on device" in run(shim, WRITE, tmp_path / "disk" / "file")
    assert run(shim, WRITE, tmp_path / "elsewhere") == "3"
    assert shim.refused_writes == 1
    shim.disk_full(full=False)
    assert run(shim, WRITE, tmp_path / "disk" / "file") == "3"


def test_so_many_fsyncs_fail(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    shim = Shim(tmp_path / "control", tmp_path / "disk")
    shim.fail_syncs(1)
    assert run(shim, SYNC, tmp_path / "elsewhere") == "synced"
    assert "Input/output error" in run(shim, SYNC, tmp_path / "disk" / "file")
    assert shim.syncs_to_fail == 0
    assert run(shim, SYNC, tmp_path / "disk" / "file") == "synced"


@pytest.mark.parametrize("seconds", [0, 3600, -86_400])
def test_the_clock_is_wrong_by_what_was_asked_for(seconds: int, tmp_path: Path) -> None:
    shim = Shim(tmp_path / "control", tmp_path)
    shim.clock(seconds)
    before = int(time.time())
    told = [int(word) - seconds for word in run(shim, CLOCK).split()]
    assert all(before <= moment <= int(time.time()) + 1 for moment in told)
