"""Window policies: the rule that closes a window, set by a device or the settings; see `posting.windows`."""

import re
from typing import Literal, NamedTuple, assert_never

FOREVER = 1 << 62
"""The time of a window that no tick closes."""
_WINDOW = re.compile(r"(reading|shift|scan)|(\d{1,7})pc|(\d{1,6})s", re.ASCII)
WindowKind = Literal["reading", "shift", "scan", "timed", "pieces"]


class WindowPolicy(NamedTuple):
    """The rule that closes a window; `seconds` and `pieces` are 0 if they do not apply."""

    kind: WindowKind
    seconds: int = 0
    pieces: int = 0

    @property
    def holds_nothing(self) -> bool:
        """Return whether a timed or counting policy closes with the reading that opens it."""
        return self.kind in ("timed", "pieces") and not (self.seconds or self.pieces)

    def closes_at(self, now: int, shift_end: int) -> int:
        """Return the time at which a tick closes a window that opens now, unless something closes it earlier.

        >>> WindowPolicy("timed", seconds=30).closes_at(1_000_000, 9_000_000)
        31000000
        >>> WindowPolicy("scan").closes_at(1_000_000, 9_000_000)
        9000000
        """
        match self.kind:
            case "timed":
                return now + self.seconds * 1_000_000
            case "reading":
                return FOREVER  # its reading closes it
            case "shift" | "scan" | "pieces":
                return shift_end
            case _:
                assert_never(self.kind)


def parse_window(text: str) -> WindowPolicy | None:
    """Read a confirmation window: `reading`, `100pc`, `30s`, `shift`, `scan`.

    >>> parse_window("30s"), parse_window("soon")
    (WindowPolicy(kind='timed', seconds=30, pieces=0), None)
    """
    match = _WINDOW.fullmatch(text)
    if match is None:
        return None
    word, pieces, seconds = match.groups()
    match word:
        case "reading" | "shift" | "scan":
            return WindowPolicy(word)
        case _:
            return WindowPolicy("pieces", pieces=int(pieces)) if pieces else WindowPolicy("timed", seconds=int(seconds))
