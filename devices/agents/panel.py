"""The display of an agent: a line for each answer, in the colour of its lamp and with its beeps, and a log of faults.

Texts come from labels and from the network: no character in them moves the cursor or rings the bell.
"""

import sys
from contextlib import suppress
from typing import Final, TextIO

_COLOURS: Final = {"green": 32, "yellow": 33, "red": 31, "blue": 34, "purple": 35}


class Panel:
    """Standard output for answers, standard error for faults."""

    def __init__(self, out: TextIO = sys.stdout, log: TextIO = sys.stderr) -> None:
        self._out = out
        self._log = log
        self._last = ""

    def show(self, led: str, title: str, text: str = "", beep: int = 0) -> None:
        """Show one answer."""
        colour = _COLOURS.get(led) if self._out.isatty() else None
        line = f"{_inert(led).upper():<7}{_inert(title)}  {_inert(text)}".rstrip()
        line = f"\033[{colour}m{line}\033[0m" if colour else line
        with suppress(OSError):  # its reader has gone; the device goes on
            print(line + "\a" * max(0, min(beep, 5)), file=self._out, flush=True)

    def warn(self, text: str) -> None:
        """Log a fault; a repetition of the last one is left out."""
        if text != self._last:
            self._last = text
            with suppress(OSError):
                print(f"backflush: {_inert(text)}", file=self._log, flush=True)


def _inert(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
