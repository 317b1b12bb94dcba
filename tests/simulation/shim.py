"""A disk that is full or fails, and a wall clock that steps, for one process and without root.

The C file beside this one is compiled once and loaded before the libraries of a process (LD_PRELOAD); what it does is
changed while that process runs. It needs Linux and a C compiler; the tests that use it are skipped where they may be.
"""

import atexit
import mmap
import os
import shutil
import struct
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from tests.servers import missing

_SOURCE = Path(__file__).with_name("shim.c")
_NUMBERS = struct.Struct("=qqqq")


def compiler() -> str:
    """Return the C compiler; the test ends where there is none, or where libraries are not loaded before others."""
    found = next(filter(None, map(shutil.which, ("cc", "gcc", "clang"))), None) if sys.platform == "linux" else None
    return found or str(missing("a C compiler on Linux"))


@cache
def compiled(source: Path) -> Path:
    """Compile a library to be loaded before others, once in a run of the tests."""
    folder = Path(tempfile.mkdtemp(prefix="backflush-shim-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    library = folder / "shim.so"
    subprocess.run([compiler(), "-shared", "-fPIC", "-O2", "-o", library, source, "-ldl"], check=True)
    return library


class Shim:
    """What is wrong with disk and clock of the processes that are started with its environment."""

    def __init__(self, control: Path, disk: Path) -> None:
        """`control` is a file of its own; only what lies below `disk` can be full or fail."""
        control.write_bytes(bytes(_NUMBERS.size))
        with control.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), _NUMBERS.size)
        self.environment = {
            "LD_PRELOAD": str(compiled(_SOURCE)),
            "TRUTH_SHIM": str(control),
            "TRUTH_DISK": os.path.realpath(disk),
        }

    def clock(self, seconds: float) -> None:
        """Have the wall clock wrong by so much."""
        self._set(0, round(seconds * 1e9))

    def disk_full(self, *, full: bool) -> None:
        """Take no byte more, or have room again."""
        self._set(1, int(full))

    def fail_syncs(self, number: int) -> None:
        """Have the next fsyncs fail."""
        self._set(2, number)

    @property
    def syncs_to_fail(self) -> int:
        """How many fsyncs have still to fail."""
        left: int = _NUMBERS.unpack_from(self._memory)[2]
        return left

    @property
    def refused_writes(self) -> int:
        """How many writes the full disk has refused."""
        refused: int = _NUMBERS.unpack_from(self._memory)[3]
        return refused

    def _set(self, index: int, value: int) -> None:
        struct.pack_into("=q", self._memory, 8 * index, value)
