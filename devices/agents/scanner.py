"""A scanner: texts of labels and cards, each sent under an id of its own until it is answered.

Laws: each repetition of a scan is equal to the first; a scan that cannot be stored is refused at once and never sent.
"""

import secrets
from collections import deque
from collections.abc import Callable

from devices.agents.panel import Panel
from devices.agents.store import Store
from devices.agents.store_file import Full
from devices.answers import NOT_STORED, ScanAnswer
from devices.messages import ENDS, MAX_SCAN, control_character


class LabelScanner:
    """One scanner of labels and cards."""

    kind = "scan"

    def __init__(
        self, store: Store, panel: Panel, clock_ms: Callable[[], int], said: dict[str, str], *, repeat_s: float
    ) -> None:
        """`said` are the fields of every scan: the operator, the point."""
        self.repeat_s: float | None = repeat_s
        self._store = store
        self._panel = panel
        self._clock_ms = clock_ms
        self._said = said
        self._shown: deque[ScanAnswer] = deque(maxlen=50)
        self._store_id = secrets.token_hex(4)
        if store.waiting:
            panel.show("blue", "WAITING", f"scans without an answer: {len(store.waiting)}", 1)

    def take(self, value: int | str) -> None:
        """Store a scan, or refuse it."""
        text = str(value).strip(ENDS)
        if not text.strip():
            return
        if len(text) > MAX_SCAN or control_character(text, ENDS):
            self._panel.show("red", "NOT READ", "no text of a barcode: scan again", 3)
            return
        now = self._clock_ms()
        said = {"ts": now, "data": text, **self._said}
        try:
            if not self._store.is_full:
                self._store.take(now, lambda number: {"id": f"{self._store_id}-{number}", **said})
                return
            reason = "too many scans wait for their answer"
        except Full as error:
            reason = str(error)
        self._panel.show("red", "NOT STORED", f"scan again later: {reason}", 3)

    def look(self) -> None:
        """Do nothing: a scanner stores nothing by itself."""

    def report(self) -> None:
        """Do nothing: scans without feedback are repeated anyway."""

    def hear(self, feedback: ScanAnswer) -> int | None:
        """Show a feedback once; return the number of the scan that it ends."""
        if feedback not in self._shown:
            self._shown.append(feedback)
            self._panel.show(feedback.led or feedback.result, feedback.title, feedback.text, feedback.beep)
        if feedback.code == NOT_STORED:
            return None
        return next((number for number, said in self._store.waiting.items() if said["id"] == feedback.ref), None)
