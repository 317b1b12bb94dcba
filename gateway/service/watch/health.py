"""Health: the gateway's own state, info and health messages, including event-loop lag."""

import hashlib
import json
import logging
import os
import resource
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from gateway.addresses import public
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.ledger.database.schema import REVISIONS
from gateway.mqtt.topics import Topics
from gateway.service.parts import Part
from gateway.service.program import instance, program_version
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.loop_report import HealthFigures
from gateway.service.tell.messages import OFFLINE, Message, encode
from gateway.service.tell.payloads import Delays, GatewayInfo, GatewayState, Health, Phase, ProcessFigures
from gateway.service.times import Durations, SteadyClock, iso
from gateway.settings import Settings

log = logging.getLogger("backflush")

PUBLISH_EVERY_S = 30.0
LATE_S = 6.0
"""A message that has waited in the journal for longer makes the gateway late."""


class FlowProgress(NamedTuple):
    """The progress from the broker's socket to the ledger and back."""

    connected: bool
    watched: bool
    """Whether the broker reports drops."""
    waiting_in: int
    waiting_out: int
    last: int
    """The newest batch of the journal."""
    consumed: int
    used: int
    """Bytes of the journal."""
    cursor: int
    """The last document whose events the broker has."""
    progress: tuple[int, int]
    """Counts that grow as long as the ledger answers."""
    commits: Durations
    answers: Durations
    """From a scan in the journal to its answer."""
    disk_free: int | None
    """Bytes; None: unknown."""
    dropped: int | None
    """Messages that the broker has dropped since its start; None: it does not say."""


class Vitals(Part):
    """The signs of life of one gateway; the composition root keeps `figures`, `ledger_up` and `protocol`."""

    every_s = 0.5

    def __init__(
        self,
        settings: Settings,
        topics: Topics,
        flow: Callable[[], FlowProgress],
        clock: SteadyClock,
        alerts: Alerts,
        send: Callable[[list[Message]], None],
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._flow = flow
        self._clock = clock
        self._alerts = alerts
        self._send = send
        self._started_at = iso(clock())
        self._began = self._ticked = self._published = clock.monotonic()
        self._lag = 0.0
        self.phase: Phase = "starting"
        self.fails = False
        """Whether an error ends this life: then it ends in no phase, as if it was killed."""
        self.figures = HealthFigures()
        self.ledger_up = False
        self.protocol = ""
        self._progress = (0, 0)
        self._stands = 0
        self._mark = 0, self._began
        """The newest batch of a moment, and that moment; what is consumed then is not looked for again."""
        self.is_late = False
        """Whether messages have waited in the journal for longer than `LATE_S`."""

    async def tick(self) -> None:
        """Measure the delay of the loop, and publish health now and then."""
        now = self._clock.monotonic()
        self._lag = max(0.0, now - self._ticked - self.every_s)
        self._follow(self._flow(), now)
        if now - self._published >= PUBLISH_EVERY_S:
            self._published = now
            self._send([self.health_message(), self.info()])
        self._ticked = self._clock.monotonic()

    @property
    def follows(self) -> bool:
        """Whether the ledger is there, and takes what arrives."""
        return self.ledger_up and not self.is_late

    def _follow(self, flow: FlowProgress, now: float) -> None:
        """Judge whether the ledger follows the journal."""
        newest, since = self._mark
        waited = now - since >= LATE_S
        if flow.consumed >= newest:
            self.is_late, self._mark = self.is_late and waited, (flow.last, now)
        else:
            self.is_late = self.is_late or waited

    async def stop(self) -> None:
        """Publish that this gateway is away."""
        if self.fails:
            self._send([Message(self._topics.state, encode(OFFLINE), retain=True)])
        self.enter("stopped")

    def enter(self, phase: Phase) -> None:
        """Begin a phase of the gateway's life, and publish it; after an error there is none."""
        if phase == self.phase or self.fails:
            return
        self.phase = phase
        log.info("phase %s", phase)
        self._send([self.state(), self.health_message()])
        self._alerts.publish_event("phase", {"phase": phase})

    def state(self) -> Message:
        """Return the retained state; the last will also publishes `offline`."""
        body: GatewayState = {"state": "offline" if self.phase == "stopped" else "online", "phase": self.phase}
        return Message(self._topics.state, encode(body), retain=True)

    def info(self) -> Message:
        """Return the gateway's identity."""
        settings = self._settings
        configuration = json.dumps(settings.without_secrets(), sort_keys=True).encode()
        body: GatewayInfo = {
            "gateway": settings.gateway.id,
            "version": program_version(),
            "started_at": self._started_at,
            "instance": instance(),
            "host": socket.gethostname(),
            "schema": REVISIONS[-1],
            "database": settings.database_url.partition(":")[0].partition("+")[0],
            "broker": settings.mqtt.url,
            "protocol": self.protocol,
            "master_data": self.figures.digest,
            "configuration": hashlib.sha256(configuration).hexdigest()[:16],
        }
        return Message(self._topics.info, encode(body), retain=True)

    def pong(self) -> dict[str, Any]:
        """Return the control socket's answer to a ping."""
        return {
            "gateway": self._settings.gateway.id,
            "phase": self.phase,
            "version": program_version(),
            "health": self.health(),
            "alerts": list(self._alerts.up.values()),
            "instance": instance(),
        }

    def health_message(self) -> Message:
        """Return the health message."""
        return Message(self._topics.health, encode(self.health()), retain=True)

    def health(self) -> Health:
        """Return its health."""
        figures, flow = self.figures, self._flow()
        return {
            "ts": iso(self._clock()),
            "phase": self.phase,
            "uptime_s": round(self._clock.monotonic() - self._began, 1),
            "mqtt": {
                "connected": flow.connected,
                "watched": flow.watched,
                "waiting_in": flow.waiting_in,
                "waiting_out": flow.waiting_out,
            },
            "database": {"up": self.ledger_up, "url": public(self._settings.database_url)},
            "journal": {"last": flow.last, "unconsumed": flow.last - flow.consumed, "bytes": flow.used},
            "worklist": figures.worklist,
            "backlog": figures.backlog,
            "quarantine": figures.quarantine,
            "outbox": figures.documents - flow.cursor % HEAD_STRIDE if self.ledger_up else None,
            "devices": figures.of_devices,
            "messages": dict(figures.outcomes),
            **process_figures(),
            "loop_lag_ms": round(self._lag * 1000, 1),
            "commit_ms": _delays(flow.commits),
            "feedback_ms": _delays(flow.answers),
            "disk_free": flow.disk_free,
            "dropped": flow.dropped,
            "documents": figures.documents,
        }

    def ledger_stands(self) -> int:
        """Return the number of consecutive looks, including this one, without progress of the ledger."""
        before, self._progress = self._progress, self._flow().progress
        self._stands = self._stands + 1 if self.ledger_up and self._progress == before else 0
        return self._stands


def _delays(some: Durations) -> Delays | None:
    half, most = some.percentile(50), some.percentile(99)
    if half is None or most is None:
        return None
    return {"p50": round(half * 1000, 1), "p99": round(most * 1000, 1)}


def process_figures() -> ProcessFigures:
    """Return resident memory and used processor time of this process."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return {"memory_mb": round(_memory(used.ru_maxrss) / 1e6, 1), "cpu_s": round(used.ru_utime + used.ru_stime, 2)}


def _memory(peak: int) -> int:
    """Return the present resident bytes; the peak if the system does not provide them."""
    statm = Path("/proc/self/statm")
    if statm.exists():
        return int(statm.read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return peak if sys.platform == "darwin" else peak * 1024
