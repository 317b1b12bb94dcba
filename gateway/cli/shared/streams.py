"""Standard streams without a reader: a closed stream, or a reader that has stopped.

a closed standard stream    reads and writes nothing: no file or socket must get its number
a reader that has stopped   never blocks the program: lines beyond the buffer are dropped and counted
"""

import os
import select
import sys
from collections.abc import Callable
from contextlib import suppress
from queue import Full, Queue
from threading import Lock, Thread
from typing import Final

MOST_LINES: Final = 2_000
"""The most lines that wait for their reader."""
LAST_S: Final = 2.0
"""The time for the last lines."""


def fill_closed_streams() -> None:
    """Open closed standard streams on the null device.

    Call this first: the next opened file would get the number of the closed stream, and its data.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - the lowest free number
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - it stays open


class Lines(Thread):
    """Writes lines to a file descriptor in a thread of its own, so that no caller waits for a slow reader."""

    def __init__(self, descriptor: int, missing: Callable[[int], str], most: int = MOST_LINES) -> None:
        """Prepare it; `missing` makes the line with the number of dropped ones."""
        super().__init__(name="log", daemon=True)
        self._descriptor = descriptor
        self._missing = missing
        self._waiting: Queue[str | None] = Queue(most)
        self._counting = Lock()
        self._dropped = 0

    def say(self, line: str) -> None:
        """Queue a line, if there is room."""
        try:
            self._waiting.put_nowait(line)
        except Full:
            with self._counting:
                self._dropped += 1

    def run(self) -> None:
        """Write queued lines, in order, until the end."""
        while (line := self._waiting.get()) is not None:
            self._write(line)
            with self._counting:
                dropped, self._dropped = self._dropped, 0
            if dropped:
                self._write(self._missing(dropped))

    def end(self, seconds: float = LAST_S) -> None:
        """Write the rest; a slower reader gets nothing more, from any writer."""
        with suppress(Full):
            self._waiting.put(None, timeout=seconds)
        self.join(seconds)
        if self.is_alive():
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - the null device
                os.dup2(nothing.fileno(), self._descriptor)

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode(errors="backslashreplace")
        # Not by a Python stream: a thread blocked in one holds its lock, and the program could not end.
        with suppress(OSError):  # its reader has left
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])
