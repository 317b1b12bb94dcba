"""Standard streams that nobody reads: a stream that is closed, or a reader that has stopped.

a standard stream that is closed   reads and writes nothing: its number must not be given to a file or a socket
a reader that has stopped          never blocks the program: lines beyond the buffer are dropped and counted
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
"""How many lines wait for their reader."""
LAST_S: Final = 2.0
"""How long the last ones may take."""


def fill_closed_streams() -> None:
    """Let standard input, output and error be open; a closed one reads and writes nothing.

    Before anything is opened: what is opened first would have the number of the closed one, and hear what others say.
    """
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        try:
            os.fstat(number)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # noqa: FBT003 - the lowest number that is free
        if getattr(sys, name) is None:
            setattr(sys, name, open(number, mode, encoding="utf-8", closefd=False))  # noqa: SIM115 - it stays open


class Lines(Thread):
    """Writes lines to a file descriptor in a thread of its own, so that nobody waits for who reads them."""

    def __init__(self, descriptor: int, missing: Callable[[int], str], most: int = MOST_LINES) -> None:
        """Prepare it; `missing` makes the line that says how many had no room."""
        super().__init__(name="log", daemon=True)
        self._descriptor = descriptor
        self._missing = missing
        self._waiting: Queue[str | None] = Queue(most)
        self._counting = Lock()
        self._dropped = 0

    def say(self, line: str) -> None:
        """Have a line written, if there is room."""
        try:
            self._waiting.put_nowait(line)
        except Full:
            with self._counting:
                self._dropped += 1

    def run(self) -> None:
        """Write what is said, in order, until the end."""
        while (line := self._waiting.get()) is not None:
            self._write(line)
            with self._counting:
                dropped, self._dropped = self._dropped, 0
            if dropped:
                self._write(self._missing(dropped))

    def end(self, seconds: float = LAST_S) -> None:
        """Write what is left; a reader that takes longer hears nothing more, whoever speaks."""
        with suppress(Full):
            self._waiting.put(None, timeout=seconds)
        self.join(seconds)
        if self.is_alive():
            with open(os.devnull, "wb") as nothing:  # noqa: PTH123 - it is no path of ours
                os.dup2(nothing.fileno(), self._descriptor)

    def _write(self, line: str) -> None:
        data = f"{line}\n".encode(errors="backslashreplace")
        # Not by a stream of Python: a thread that stands in one holds its lock, and the program could not end.
        with suppress(OSError):  # nobody reads it any more
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    select.select([], [self._descriptor], [])
