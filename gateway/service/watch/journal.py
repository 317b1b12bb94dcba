"""Upkeep of the journal's file, in other threads: its disk may hang, the loop must not."""

import asyncio
from contextlib import suppress

from gateway.backflush.plant.schedules import DAY_US
from gateway.errors import JournalUnavailable
from gateway.journal import Journal
from gateway.service.fold.checkpoint import keep_checkpoint
from gateway.service.fold.worker import Worker
from gateway.service.parts import Part
from gateway.service.times import SteadyClock
from gateway.service.watch.health import Vitals
from gateway.settings import Settings

PRUNE_EVERY_S = 60.0


class JournalWatch(Part):
    """Looks at the journal's file."""

    every_s = 2.0

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self.used = journal.used
        self.in_place = True
        """Whether the file was in place at the last look."""

    async def tick(self) -> None:
        """Look at it, in another thread."""
        with suppress(JournalUnavailable):  # its writer reports the fault
            self.used = await asyncio.to_thread(lambda: self._journal.used)
        self.in_place = await asyncio.to_thread(lambda: self._journal.in_place)


class JournalUpkeep(Part):
    """Prunes consumed journal batches that are too old, or that take needed space."""

    every_s = 2.0

    def __init__(
        self, settings: Settings, journal: Journal, worker: Worker, vitals: Vitals, clock: SteadyClock
    ) -> None:
        self._settings = settings
        self._journal = journal
        self._worker = worker
        self._vitals = vitals
        self._clock = clock
        self._due_s = 0.0

    async def tick(self) -> None:
        """Prune, and keep a checkpoint; once a minute, after the ledger is open."""
        if not self._vitals.ledger_up or self._clock.monotonic() < self._due_s:
            return
        now = self._clock()
        oldest = now - self._settings.journal.keep_days * DAY_US
        with suppress(JournalUnavailable):  # a full disk allows no deletion: again in a minute
            # Not by a clock that was just set: it would prune recent evidence.
            stands = self._clock.stands_s >= DAY_US / 1e6
            aged = await asyncio.to_thread(self._journal.since, oldest, now) if stands else 0
            while await asyncio.to_thread(self._journal.tidy, self._worker.needed, aged):
                pass
            await asyncio.to_thread(keep_checkpoint, self._settings, self._journal, now)
        self._due_s = self._clock.monotonic() + PRUNE_EVERY_S
