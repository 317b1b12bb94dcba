"""A file that holds a total, or standard input with a total or a pulse on each line."""

import os
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from devices.agents.inputs import InputAddress, Lost
from devices.agents.inputs.texts import LineCutter

_LONGEST = 64


class NumberLines:
    """`file:/run/counter?every_s=1`, `stdin:`, `stdin:?lines=pulses`."""

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._path = Path(address.path) if address.scheme == "file" else None
        self._every_s = address.number("every_s", 1) if self._path is not None else 0
        self.pulses = self._path is None and address.word("lines", "totals", "totals", "pulses") == "pulses"

    def values(self) -> Iterator[int | str]:
        """Yield totals, or numbers of pulses; a line of standard input that is no total as its text."""
        if self._path is None:
            cutter = LineCutter("ascii")
            # Not by a stream of Python: a thread that stands in one holds its lock, and the program could not end.
            while data := os.read(sys.stdin.fileno(), 4096):
                if self.pulses:
                    yield data.count(b"\n")
                else:
                    yield from read_totals(cutter.cut(data))
            return
        while True:
            with self._path.open("rb") as file:
                totals = list(read_totals(LineCutter("ascii").cut(file.read(_LONGEST))))
            if len(totals) != 1 or isinstance(totals[0], str):
                raise Lost(f"{self._path}: expected one line with a whole number")
            yield totals[0]
            time.sleep(self._every_s)


def read_totals(lines: Iterable[str]) -> Iterator[int | str]:
    """Yield the totals among lines, and the others as they are: the next total makes up for them.

    >>> list(read_totals(["182", " 183 ", " ", "-3", "1e3"]))
    [182, 183, '-3', '1e3']
    """
    for line in filter(str.strip, lines):
        yield int(line) if len(line) <= _LONGEST and line.strip().isdigit() else line
