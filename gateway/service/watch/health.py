"""What a gateway says of itself: state, info and health, and how well its loop and its journal do."""

import asyncio
import hashlib
import json
import os
import resource
import secrets
import socket
import sys
from collections.abc import Coroutine
from contextlib import suppress
from pathlib import Path
from typing import Any

from gateway.addresses import public
from gateway.backflush.plant.schedules import DAY_US
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.errors import JournalUnavailable
from gateway.journal import Journal
from gateway.ledger.database.schema import REVISIONS
from gateway.mqtt import Connection
from gateway.mqtt.topics import Topics
from gateway.service.fold.checkpoint import keep_checkpoint
from gateway.service.fold.worker import Worker
from gateway.service.program import program_version
from gateway.service.receive.front import Front
from gateway.service.tell.messages import Message, encode
from gateway.service.tell.publisher import Publisher
from gateway.service.tell.report import HealthFigures
from gateway.service.times import SteadyClock, iso
from gateway.settings import Settings

PRUNE_EVERY_S = 60.0
MEASURE_EVERY_S = 2.0
_LAG_EVERY_S = 0.5


class Vitals:
    """The signs of life of one gateway; the composition root keeps `phase`, `figures`, `ledger_up` and `protocol`."""

    def __init__(
        self,
        settings: Settings,
        topics: Topics,
        connection: Connection,
        journal: Journal,
        front: Front,
        worker: Worker,
        publisher: Publisher,
        clock: SteadyClock,
    ) -> None:
        self._settings = settings
        self._topics = topics
        self._connection = connection
        self._journal = journal
        self._front = front
        self._worker = worker
        self._publisher = publisher
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        self._started_at = iso(clock())
        self._began = self._loop.time()
        self._lag = 0.0
        self.instance = secrets.token_hex(8)
        """Names this life of the program."""
        self.phase = "starting"
        self.figures = HealthFigures()
        self.ledger_up = False
        self.protocol = ""
        self._progress = (0, 0)
        self._stands = 0
        self._used = journal.used
        self.in_place = True
        """Whether the journal's file is where it was, as of the last look: a disk may hang, and the loop may not."""
        self.watched = False
        """Whether the broker tells what it drops."""

    def state(self) -> Message:
        """Return the retained state; `offline` is said by the last will as well."""
        body = {"state": "offline" if self.phase == "stopped" else "online", "phase": self.phase}
        return Message(self._topics.state, encode(body), retain=True)

    def info(self) -> Message:
        """Return what this gateway is."""
        settings = self._settings
        configuration = json.dumps(settings.without_secrets(), sort_keys=True).encode()
        body = {
            "gateway": settings.gateway.id,
            "version": program_version(),
            "started_at": self._started_at,
            "instance": self.instance,
            "host": socket.gethostname(),
            "schema": REVISIONS[-1],
            "database": settings.database_url.partition(":")[0].partition("+")[0],
            "broker": settings.mqtt.url,
            "protocol": self.protocol,
            "master_data": self.figures.digest,
            "configuration": hashlib.sha256(configuration).hexdigest()[:16],
        }
        return Message(self._topics.info, encode(body), retain=True)

    def pong(self, alerts: dict[str, Any]) -> dict[str, Any]:
        """Return what the control socket answers to a ping."""
        return {
            "gateway": self._settings.gateway.id,
            "phase": self.phase,
            "version": program_version(),
            "health": self.health(),
            "alerts": list(alerts.values()),
            "instance": self.instance,
        }

    def health_message(self) -> Message:
        """Return how it is, as it is published."""
        return Message(self._topics.health, encode(self.health()), retain=True)

    def health(self) -> dict[str, Any]:
        """Return how it is."""
        figures = self.figures
        behind = figures.documents - self._worker.cursor % HEAD_STRIDE
        return {
            "ts": iso(self._clock()),
            "phase": self.phase,
            "uptime_s": round(self._loop.time() - self._began, 1),
            "mqtt": {
                "connected": self._connection.connected,
                "watched": self.watched,
                "waiting_in": self._front.waiting,
                "waiting_out": self._publisher.waiting,
            },
            "database": {"up": self.ledger_up, "url": public(self._settings.database_url)},
            "journal": {
                "last": self._journal.last,
                "unconsumed": self._journal.last - self._worker.consumed,
                "bytes": self._used,
            },
            "worklist": figures.worklist,
            "backlog": figures.backlog,
            "quarantine": figures.quarantine,
            "outbox": behind if self.ledger_up else None,
            "devices": figures.of_devices,
            "messages": dict(figures.outcomes),
            **process_figures(),
            "loop_lag_ms": round(self._lag * 1000, 1),
        }

    def ledger_stands(self) -> int:
        """Return in how many looks in a row, this one included, the ledger's side has not come any further."""
        before, self._progress = self._progress, self._worker.progress
        self._stands = self._stands + 1 if self.ledger_up and self._progress == before else 0
        return self._stands

    def chores(self) -> list[Coroutine[Any, Any, None]]:
        """Return what is done for ever beside everything else."""
        return [self._measure_lag(), self._measure_journal(), self._prune()]

    async def _measure_lag(self) -> None:
        """Measure for ever how late the loop is."""
        while True:
            before = self._loop.time()
            await asyncio.sleep(_LAG_EVERY_S)
            self._lag = max(0.0, self._loop.time() - before - _LAG_EVERY_S)

    async def _measure_journal(self) -> None:
        """Look at the journal's file for ever, in another thread."""
        while True:
            with suppress(JournalUnavailable):  # who writes it says what is wrong with it
                self._used = await asyncio.to_thread(lambda: self._journal.used)
            self.in_place = await asyncio.to_thread(lambda: self._journal.in_place)
            await asyncio.sleep(MEASURE_EVERY_S)

    async def _prune(self) -> None:
        """Forget for ever the journal batches that are consumed, and older than they are kept or in the way."""
        pause_s = MEASURE_EVERY_S
        while True:
            await asyncio.sleep(pause_s)
            if not self.ledger_up:
                continue
            pause_s = PRUNE_EVERY_S
            now = self._clock()
            oldest = now - self._settings.journal.keep_days * DAY_US
            with suppress(JournalUnavailable):  # a full disk lets nothing be deleted: again in a minute
                # Not by a clock that was just set: it would take evidence that is not old.
                stands = self._clock.stands_s >= DAY_US / 1e6
                aged = await asyncio.to_thread(self._journal.since, oldest, now) if stands else 0
                while await asyncio.to_thread(self._journal.tidy, self._worker.needed, aged):
                    pass
                await asyncio.to_thread(keep_checkpoint, self._settings, self._journal, now)


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
