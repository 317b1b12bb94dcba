"""Standard input with a scan on each line; `LineCutter` cuts any stream of bytes into lines."""

import os
import re
import sys
from collections.abc import Iterator

from devices.agents.inputs import InputAddress
from devices.messages import MAX_SCAN

_MOST = 4 * MAX_SCAN
_END = re.compile(rb"[\r\n]")
UNREADABLE = "\ufffd\0"
"""A text in place of one that could not be read: no scan has it, and a scanner refuses it."""


class TextLines:
    """`stdin:`."""

    pulses = False

    def __init__(self, address: InputAddress) -> None:
        """Take an address without options."""
        del address

    def values(self) -> Iterator[str]:
        """Yield each line."""
        cutter = LineCutter("utf-8")
        while data := os.read(sys.stdin.fileno(), 4096):
            yield from cutter.cut(data)
        if cutter.rest:
            yield UNREADABLE


class LineCutter:
    """Cuts bytes into lines that end with CR or LF or both; half a line waits for the rest."""

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self.rest = b""
        """The begun line."""

    def cut(self, data: bytes) -> Iterator[str]:
        """Yield the lines that have come to their end."""
        *lines, self.rest = _END.split(self.rest + data)
        for line in lines:
            if line:
                yield self._decode(line)
        # Kept beyond the longest barcode, so that the end of a longer line is refused with it.
        self.rest = self.rest[: _MOST + 1]

    def _decode(self, line: bytes) -> str:
        try:
            return line.decode(self._encoding) if len(line) <= _MOST else UNREADABLE
        except UnicodeDecodeError:
            return UNREADABLE
