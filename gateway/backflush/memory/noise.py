"""Noise: the bounds of the quarantine for one noisy device, without dropping anything silently.

A rejected message holds no units, so a thousand of them tell no more than the first hundred and a number. Each day a
limited number per device and reason are entries of their own; every further one joins the *group* of the last entry: it
is counted, and the newest is kept as a sample. The journal keeps each of them word for word until it is pruned. Scans
have a higher limit, because each may be a piece that is worth a replay. Certain units are never grouped.

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
"""A longer payload, in bytes, is no code: a code has 7,089 characters at most."""
MOST_KEYS: Final = 1_000
"""The devices and reasons distinguished in a day; further ones are grouped by reason."""

_Key = tuple[str, str]


class MessageGroup:
    """The messages that one quarantine entry represents, besides its own."""

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
        """Whether its entry is known to be open: the next message reopens a settled one."""


class Noise:
    """The entries of the day by device and reason, and their groups."""

    __slots__ = ("_day", "_kept", "groups")

    def __init__(self) -> None:
        self._day = 0
        self._kept: dict[_Key, tuple[int, int, str]] = {}
        """Entries, and number and device of the newest."""
        self.groups: dict[int, MessageGroup] = {}

    def group(self, now: int, device: str, code: str, topic: str, size: int) -> MessageGroup | None:
        """Return the group that a message joins, mutable; None if it becomes an entry of its own."""
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
