"""Alerts and health: what is wrong, told while it is wrong.

An alert is a retained message that is emptied when it is over, so whoever looks sees what is wrong now.
"""

import hashlib
import json
import logging
import os
import resource
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from gateway.ledger.schema import REVISIONS
from gateway.mqtt.topics import Topics
from gateway.service.outgoing import Message, encode
from gateway.service.times import iso
from gateway.service.worker import Figures
from gateway.settings import Settings


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
            if old is None:
                self.happened("alert", {"id": alert, "severity": severity, "text": text})

    def over(self, alert: str) -> None:
        """Take an alert back."""
        if self.up.pop(alert, None) is not None:
            self._send([Message(self._topics.alert(alert), b"", retain=True)])
            self.happened("alert-over", {"id": alert})

    def happened(self, event: str, about: dict[str, Any]) -> None:
        """Say once what happened."""
        body = {"ts": iso(self._clock()), "event": event, **about}
        self._send([Message(self._topics.event, encode(body))])

    def when(self, alert: str, wrong: object, text: str, *, hint: str, severity: str = "warning") -> None:
        """Raise or take back, as the case is."""
        if wrong:
            self.set(alert, text, severity=severity, hint=hint)
        else:
            self.over(alert)

    def figures(self, figures: Figures) -> None:
        """Raise or take back what the ledger's figures say."""
        self.when(
            "quarantine",
            figures.quarantine,
            f"{figures.quarantine} messages are in quarantine",
            hint="backflush quarantine list",
        )
        self.when(
            "backlog",
            figures.backlog,
            f"{figures.backlog} components could not be issued",
            hint="backflush backlog list",
        )
        self.when(
            "response-topic",
            figures.refused_replies,
            f"{figures.refused_replies} answers were wanted outside their sender's prefix, and went to its usual topic",
            hint="let clients choose response topics below their own prefix",
        )

    def tell_all(self) -> list[Message]:
        """Return every alert that is up, for a new session."""
        return [Message(self._topics.alert(name), encode(body), retain=True) for name, body in self.up.items()]


class LogTopic(logging.Handler):
    """Publishes what is logged, at QoS 0: who listens hears it, and nobody waits for it."""

    def __init__(self, topics: Topics, clock: Callable[[], int], send: Callable[[list[Message]], None]) -> None:
        super().__init__()
        self._topic = topics.log
        self._clock = clock
        self._send = send

    def emit(self, record: logging.LogRecord) -> None:
        """Publish one record; `send` may be called from any thread."""
        body = {"ts": iso(self._clock()), "level": record.levelname.lower(), "text": record.getMessage()}
        self._send([Message(self._topic, encode(body), qos=0)])


def program_version() -> str:
    """Return the version of the installed distribution."""
    try:
        return version("backflush-gateway")
    except PackageNotFoundError:
        return "0+unknown"


def info(settings: Settings, started_at: str, protocol: str, figures: Figures) -> dict[str, Any]:
    """Return what the info topic says: what this gateway is."""
    configuration = json.dumps(settings.shown(), sort_keys=True).encode()
    return {
        "gateway": settings.gateway.id,
        "version": program_version(),
        "started_at": started_at,
        "schema": REVISIONS[-1],
        "database": settings.database_url.partition(":")[0].partition("+")[0],
        "broker": settings.mqtt.url,
        "protocol": protocol,
        "master_data": figures.digest,
        "configuration": hashlib.sha256(configuration).hexdigest()[:16],
    }


def process_figures() -> dict[str, float]:
    """Return resident memory and used processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"memory_mb": round(_memory(used.ru_maxrss) / 1e6, 1), "cpu_s": round(used.ru_utime + used.ru_stime, 2)}


def _memory(peak: int) -> int:
    """Return the resident bytes now; where the system does not tell, the peak."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return peak if sys.platform == "darwin" else peak * 1024
