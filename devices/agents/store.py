"""The store of an agent: its telegrams and their ends, in a file that lines are added to.

A line is a checksum and a JSON object: `{"n":number,"say":telegram}` or `{"done":[numbers]}`. A telegram is stored as
it is sent, because each repetition of it must be equal. Numbers begin at the clock's milliseconds and grow by one, so
that those of a new store are above those of a store that was lost with its disk.

Laws: a telegram that `take` returned survives any crash until it ends; one that `take` refused never appears. A crash
may forget an end: the telegram is sent once more, and the gateway recognises it.
"""

import json
import zlib
from collections.abc import Callable, Iterable
from typing import Any, Final, NamedTuple

from devices.agents.store_file import Full, StoreFile

MOST: Final = 100_000
"""The most telegrams that may wait."""
SPARE: Final = 1 << 18
"""Bytes that the file may grow by before it is replaced."""


class StoredTelegram(NamedTuple):
    """A telegram and its number in the store."""

    number: int
    said: dict[str, Any]


class Store:
    """The telegrams that wait, and the newest one."""

    def __init__(self, file: StoreFile, *, most: int = MOST, spare: int = SPARE) -> None:
        """Read the file, and cut off a line that a crash has torn."""
        self.waiting: dict[int, dict[str, Any]] = {}
        """Telegrams that have not ended, by number, the oldest first."""
        self.newest: StoredTelegram | None = None
        self.unreadable = 0
        """Damaged lines, which are left out."""
        self._file = file
        self._most = most
        content = file.read()
        self._length = content.rfind(b"\n") + 1
        # Synced even if it is whole: a killed program may have left lines that are not on the disk yet.
        file.cut(self._length)
        for line in content[: self._length].split(b"\n")[:-1]:
            self._read(line)
        self._longest = self._spare = spare

    @property
    def is_full(self) -> bool:
        """Whether no more telegrams may wait."""
        return len(self.waiting) >= self._most

    def take(self, clock_ms: int, say: Callable[[int], dict[str, Any]]) -> StoredTelegram:
        """Store a telegram, made by its number, and return it; `Full` if it is not stored."""
        number = self.newest.number + 1 if self.newest is not None else clock_ms
        telegram = StoredTelegram(number, say(number))
        line = _line({"n": number, "say": telegram.said})
        self._file.add(line, sync=True)
        self._length += len(line)
        self._note(telegram)
        return telegram

    def end(self, numbers: Iterable[int]) -> None:
        """Note the end of telegrams: they are not sent again."""
        ended = [number for number in numbers if self.waiting.pop(number, None) is not None]
        if not ended:
            return
        line = _line({"done": ended})
        try:
            # Not synced: a telegram whose end is forgotten is sent once more.
            self._file.add(line, sync=False)
            self._length += len(line)
            if self._length > self._longest:
                self._renew()
        except Full:
            pass

    def _renew(self) -> None:
        assert self.newest is not None
        kept = {**self.waiting, self.newest.number: self.newest.said}
        lines = [_line({"n": number, "say": said}) for number, said in kept.items()]
        if self.newest.number not in self.waiting:
            lines.append(_line({"done": [self.newest.number]}))
        content = b"".join(lines)
        self._file.replace(content)
        self._length = len(content)
        self._longest = 2 * self._length + self._spare

    def _read(self, line: bytes) -> None:
        checksum, _, body = line.partition(b" ")
        if checksum != b"%08x" % zlib.crc32(body):
            self.unreadable += 1
            return
        entry = json.loads(body)
        if "say" in entry:
            self._note(StoredTelegram(entry["n"], entry["say"]))
        else:
            for number in entry["done"]:
                self.waiting.pop(number, None)

    def _note(self, telegram: StoredTelegram) -> None:
        self.newest = telegram
        self.waiting[telegram.number] = telegram.said


def _line(entry: dict[str, Any]) -> bytes:
    body = json.dumps(entry, separators=(",", ":")).encode()
    return b"%08x %s\n" % (zlib.crc32(body), body)
