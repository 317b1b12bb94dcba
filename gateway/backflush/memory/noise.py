"""Noise: the bounds of the quarantine for one noisy device, without dropping anything silently.

A message that is not believed holds no units, so a thousand of them say no more than the first hundred and a number.
Of each device and reason a limited number a day are entries of their own; every further one joins the *group* of the
last of them: it is counted, with the newest as a sample. The journal has each of them word for word for as long as it
is kept. Scans are given more room, because each may be a piece that somebody wants to replay. Units that are certain
are never grouped.

Laws
    messages in quarantine == entries + messages of their groups
    entries a day <= `MOST_KEYS` x entries of one device and reason, even under invented names
    the same messages are grouped alike after any restart: the day's entries alone decide
"""

from typing import Final

from gateway.backflush.plant.schedules import DAY_US

KEPT_SINGLY: Final = 100
SCANS_KEPT_SINGLY: Final = 2_000
LARGEST_SCAN: Final = 16_384
"""Bytes beyond which a payload is nobody's piece: a code has 7,089 characters at most."""
MOST_KEYS: Final = 1_000
"""Devices and reasons that are distinguished in a day; those beyond are grouped by reason."""

_Key = tuple[str, str]


class MessageGroup:
    """The messages that one quarantine entry stands for, besides its own."""

    __slots__ = ("device", "last_at", "last_entry", "messages", "number", "open", "payload", "text", "topic")

    def __init__(self, number: int, device: str) -> None:
        self.number = number
        self.device = device
        """Of the entry."""
        self.messages = 0
        self.last_entry = 0
        self.last_at = 0
        self.text = ""
        """Why the newest of them was refused."""
        self.topic = ""
        self.payload = b""
        self.open = False
        """Whether its entry is known to be open: one that was settled is opened again by the next message."""


class Noise:
    """The entries of the day by device and reason, and their groups."""

    __slots__ = ("_day", "_kept", "groups")

    def __init__(self) -> None:
        self._day = 0
        self._kept: dict[_Key, tuple[int, int, str]] = {}
        """Entries, and number and device of the newest."""
        self.groups: dict[int, MessageGroup] = {}

    def group(self, now: int, device: str, code: str, topic: str, size: int) -> MessageGroup | None:
        """Return the group that a message joins, to be changed; None if it becomes an entry of its own."""
        self._turn_day(now)
        entries, newest, spoke = self._kept.get(self._key(device, code), (0, 0, ""))
        scan = topic.endswith("/scan") and size <= LARGEST_SCAN
        if entries < (SCANS_KEPT_SINGLY if scan else KEPT_SINGLY):
            return None
        return self.groups.setdefault(newest, MessageGroup(newest, spoke))

    def note(self, now: int, device: str, code: str, number: int) -> None:
        """Note an entry."""
        self._turn_day(now)
        key = self._key(device, code)
        self._kept[key] = self._kept.get(key, (0, 0, ""))[0] + 1, number, device

    def settle(self, number: int) -> None:
        """Note that an entry was settled."""
        known = self.groups.get(number)
        if known is not None:
            known.open = False

    def _key(self, device: str, code: str) -> _Key:
        key = device, code
        return key if key in self._kept or len(self._kept) < MOST_KEYS else ("", code)

    def _turn_day(self, now: int) -> None:
        if now // DAY_US != self._day:
            self._day = now // DAY_US
            self._kept.clear()
            self.groups.clear()
