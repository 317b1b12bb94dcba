"""A program on a terminal of its own, of so many columns and rows, as the person before it sees it."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from typing import Self

from tests.integration.gateway_process import ROOT, until

_HOME = b"\x1b[H"
"""Each picture is drawn from the upper left corner on."""
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal:
    """A context manager: the program is ended with it."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], columns: int = 80, rows: int = 24
    ) -> None:
        self._master, slave = pty.openpty()
        self._slave = slave
        self.resize(columns, rows)
        self.before = termios.tcgetattr(slave)
        kept = {name: value for name, value in environment.items() if name not in ("COLUMNS", "LINES", "NO_COLOR")}
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=ROOT,
            env={**kept, "TERM": "xterm-256color"},
            start_new_session=True,
        )
        self.said = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self._slave)
        os.close(self._master)

    def resize(self, columns: int, rows: int) -> None:
        """Make the window of another size."""
        fcntl.ioctl(self._master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit status."""
        self.process.send_signal(signal.SIGINT)
        until(lambda: self.lines() is not None and self.process.poll() is not None, lambda: str(self.lines()))
        return self.process.wait()

    @property
    def settings(self) -> list[object]:
        """How the terminal is set now: what is typed is seen, and comes line by line."""
        return list(termios.tcgetattr(self._slave))

    def lines(self) -> list[str]:
        """Return the newest whole picture, without colours and blanks at the ends of lines."""
        while select.select([self._master], [], [], 0)[0]:
            self.said += os.read(self._master, 65_536)
        drawn = self.said.split(_HOME)
        text = _CONTROL.sub("", drawn[-2 if len(drawn) > 2 else -1].decode(errors="replace"))
        return [line.rstrip() for line in text.replace("\r", "").split("\n")]

    def shows(self, wanted: Callable[[str], bool]) -> list[str]:
        """Wait for a picture that is as wanted, and return it."""
        until(lambda: wanted("\n".join(self.lines())), lambda: "\n".join(self.lines()))
        return self.lines()
