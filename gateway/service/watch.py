"""Alerts and health: what is wrong, told while it is wrong.

An alert is a retained message that is emptied when it is over, so whoever looks sees what is wrong now.
"""

import os
import resource
import sys
from collections.abc import Callable
from typing import Any

from gateway.mqtt.topics import Topics
from gateway.service.outgoing import Message, encode
from gateway.service.times import iso


class Alerts:
    """The alerts that are up."""

    def __init__(self, topics: Topics, clock: Callable[[], int], send: Callable[[list[Message]], None]) -> None:
        self._topics = topics
        self._clock = clock
        self._send = send
        self.up: dict[str, dict[str, Any]] = {}

    def set(self, alert: str, text: str, *, severity: str = "warning", about: str = "", hint: str = "") -> None:
        """Raise an alert, or change its text; it keeps the time at which it began."""
        old = self.up.get(alert)
        body = {
            "id": alert,
            "severity": severity,
            "since": old["since"] if old else iso(self._clock()),
            "text": text,
            "object": about,
            "hint": hint,
        }
        if body != old:
            self.up[alert] = body
            self._send([Message(self._topics.alert(alert), encode(body), retain=True)])

    def over(self, alert: str) -> None:
        """Take an alert back."""
        if self.up.pop(alert, None) is not None:
            self._send([Message(self._topics.alert(alert), b"", retain=True)])

    def when(self, alert: str, wrong: object, text: str, *, hint: str, severity: str = "warning") -> None:
        """Raise or take back, as the case is."""
        if wrong:
            self.set(alert, text, severity=severity, hint=hint)
        else:
            self.over(alert)

    def tell_all(self) -> list[Message]:
        """Return every alert that is up, for a new session."""
        return [Message(self._topics.alert(name), encode(body), retain=True) for name, body in self.up.items()]


def memory_bytes() -> int:
    """Return the resident memory of this process."""
    try:
        with open("/proc/self/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return peak if sys.platform == "darwin" else peak * 1024


def cpu_seconds() -> float:
    """Return the processor time that this process has used."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
