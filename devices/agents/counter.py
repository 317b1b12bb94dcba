"""A counter: totals of pulses that it adds up itself, or of a machine that it reads.

The totals of pulses have a life (`boot`), which begins with the store. A machine's total has none: the master data of
the gateway say what a drop of it means (`modulus`, `reset`), and a store that was lost with its disk must not begin a
life at a million pieces.

Laws: only stored totals are sent; a total that cannot be stored stays in memory until it can.
"""

import secrets
from collections.abc import Callable
from typing import Any, Final

from devices.agents.panel import Panel
from devices.agents.store import Store
from devices.agents.store_file import Full
from devices.answers import ScanAnswer
from devices.messages import MAX_TOTAL

_WARN_MS: Final = 60_000
TOTALS: Final = "good", "gross", "scrap", "rework"


class PieceCounter:
    """One counter of pieces."""

    kind = "count"
    repeat_s = None

    def __init__(
        self, store: Store, panel: Panel, name: str, clock_ms: Callable[[], int], *, pulses: bool, alive_s: float
    ) -> None:
        """`name` is the total that it sends; with `pulses` it adds its values up, else they are totals."""
        self._store = store
        self._panel = panel
        self._name = name
        self._clock_ms = clock_ms
        self._pulses = pulses
        self._alive_ms = alive_s * 1000
        said = store.newest.said if store.newest is not None else {}
        self._boot: str | None = (said.get("boot") or secrets.token_hex(4)) if pulses else None
        before = next((said[total] for total in TOTALS if total in said), None)
        self.total: int | None = (before if "boot" in said else 0) if pulses else None
        """The newest total; None before a machine has been read."""
        self._stored: int | None = None
        self._said_ms = 0
        self._is_full = self._is_asked = False
        self._left_out = self._warned_ms = 0

    def take(self, value: int | str) -> None:
        """Add pulses, or take a machine's total; leave out what is none, with a word in the log once a minute."""
        total = (self.total or 0) + value if self._pulses and isinstance(value, int) else value
        if isinstance(total, int) and 0 <= total <= MAX_TOTAL:
            self.total = total
            return
        self._left_out += 1
        if abs(self._clock_ms() - self._warned_ms) >= _WARN_MS:
            self._warned_ms = self._clock_ms()
            self._panel.warn(
                f"the input: expected a total from 0 to 2^53, got {value!s:.40}; left out: {self._left_out}"
            )

    def look(self) -> None:
        """Store the total if it has changed, or if none was stored for `alive_s`."""
        now = self._clock_ms()
        is_due = self._is_asked or abs(now - self._said_ms) >= self._alive_ms
        if self.total is None or (self.total == self._stored and not is_due):
            return
        if self._store.is_full:
            # The newest total is enough to count; older ones place the pieces in time, and half of them still do.
            self._store.end(list(self._store.waiting)[:-1:2])
        try:
            self._store.take(now, self._say(now))
        except Full:
            self._is_full = True
            self._panel.warn("NOT STORED: the disk is full; counting goes on in memory alone")
            return
        if self._is_full:
            self._is_full = False
            self._panel.warn(f"stored again: {self.total}")
        if self.total != self._stored:
            self._panel.show("", str(self.total))
        self._stored, self._said_ms, self._is_asked = self.total, now, False

    def report(self) -> None:
        """Store the total with the next `look`, changed or not."""
        self._is_asked = True

    def hear(self, feedback: ScanAnswer) -> int | None:
        """Ignore it: a counter gets no feedback."""
        del feedback
        return None

    def _say(self, now_ms: int) -> Callable[[int], dict[str, Any]]:
        boot = {"boot": self._boot} if self._boot else {}
        return lambda number: {"ts": now_ms, **boot, "seq": number, self._name: self.total}
