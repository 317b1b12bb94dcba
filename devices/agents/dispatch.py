"""The dispatch of an agent: its stored telegrams, sent in their order and repeated until they end.

Laws: at most `WINDOW` telegrams are on the way, the oldest ones; each connection begins with the oldest; a telegram
that is sent late is marked (`hist`), so that the gateway places it at its own time.
"""

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from itertools import islice
from math import inf
from time import monotonic
from typing import Final

from devices.agents.store import Store
from devices.uplinks import Uplink, UplinkMessage

WINDOW: Final = 20
"""The messages that a broker takes from one client by default before it acknowledges."""
_LONGEST_S: Final = 300.0
_LATE_MS: Final = 10_000
_LOOK_S: Final = 1.0


class Dispatch:
    """The telegrams of one store, on their way."""

    def __init__(self, store: Store, topic: str, repeat_s: float | None, clock_ms: Callable[[], int]) -> None:
        """Without `repeat_s` the acknowledgement ends a telegram; with it, it is repeated until `end` is called."""
        self._store = store
        self._topic = topic
        self._repeat_s = repeat_s
        self._clock_ms = clock_ms
        self._numbers: dict[int, int] = {}
        """Numbers of telegrams, by those of their messages."""
        self._next_s: dict[int, tuple[float, int]] = {}
        """The time of the next repetition, and the count so far, by number of telegram."""
        self._ended: list[int] = []
        self._wake = asyncio.Event()

    def connect(self) -> None:
        """Begin with the oldest."""
        self._numbers.clear()
        self.repeat()

    def acknowledge(self, mid: int) -> None:
        """Take the broker's acknowledgement of a message."""
        number = self._numbers.pop(mid, None)
        if number is not None and self._repeat_s is None:
            self.end(number)

    def end(self, number: int) -> None:
        """End a telegram."""
        self._ended.append(number)
        self._wake.set()

    def repeat(self) -> None:
        """Send all telegrams that wait, now."""
        self._next_s.clear()
        self._wake.set()

    def wake(self) -> None:
        """Send new telegrams."""
        self._wake.set()

    async def run(self, uplink: Uplink) -> None:
        """Send telegrams whenever the broker is there."""
        while True:
            self.send_due(uplink, monotonic())
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_S):
                    await self._wake.wait()
            self._wake.clear()

    def send_due(self, uplink: Uplink, now_s: float) -> None:
        """Note the ends of telegrams, and send those that are due if the broker is there."""
        ended, self._ended = self._ended, []
        self._store.end(ended)
        for number in ended:
            self._next_s.pop(number, None)
        if not uplink.is_connected:
            return
        for number, said in list(islice(self._store.waiting.items(), WINDOW)):
            due_s, times = self._next_s.get(number, (now_s, 0))
            if now_s < due_s:
                continue
            late = {"hist": True} if self._clock_ms() - said["ts"] > _LATE_MS else {}
            payload = json.dumps({**said, **late}, separators=(",", ":")).encode()
            mid = uplink.send(UplinkMessage(self._topic, payload))
            self._numbers[mid] = number
            wait_s = inf if self._repeat_s is None else min(self._repeat_s * 2 ** min(times, 16), _LONGEST_S)
            self._next_s[number] = now_s + wait_s, times + 1
