"""Session owner: the broker session belongs to the gateway that owns the lines.

A session holds what came for the lines and was not acknowledged yet, so whoever has the lines must have it, and nobody
else may touch it. Gateways of one id share it: the broker hands it to the one that connects last, and delivers again
what the other had not acknowledged. A gateway of another id has a session of its own, in which the broker has kept
everything that was delivered to the other as well.

    nobody connects before it has the lines
    where others wait for the lines, nobody connects again before the ledger says that they are still its own
    whoever has the lines from a gateway of another id drops its session, notes it in the ledger, and connects then
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.mqtt.client import Connection
from gateway.service.fold.worker import Worker
from gateway.service.parts import Part
from gateway.service.tell.report import LoopReport

GOODBYE_S: Final = 3.0
_LOOK_S: Final = 0.1


class SessionOwner(Part):
    """Runs the connection, and says when it may connect, and how."""

    def __init__(
        self, worker: Worker, connection: Connection, fail: Callable[[BaseException], None], *, contested: bool
    ) -> None:
        """Prepare it; `contested` lines may be taken over at any time. `fail` hears what ends the connection's task."""
        self._worker = worker
        self._connection = connection
        self._fail = fail
        self._running: asyncio.Task[None] | None = None
        self._contested = contested
        self._told = asyncio.Event()
        self._ledger_up = False
        self._anew = False
        self._received = False

    async def start(self) -> None:
        """Connect as soon as the session is ours."""
        self._running = asyncio.create_task(self._run())

    async def _run(self) -> None:
        try:
            await self._connection.run(self.ours)
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing is received any more
            self._fail(error)

    async def stop(self) -> None:
        """Leave the broker in good order."""
        await self._connection.close(GOODBYE_S)
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def take_report(self, report: LoopReport) -> None:
        """Take what the pump tells, once it does not wait for the lines any more."""
        self._told.set()
        self._ledger_up = not report.error
        if report.claimed is not None:
            self._anew = report.claimed.anew
            if self._received and self._anew:
                self._worker.session_begun()  # what came meanwhile is in the journal already
                self._anew = False

    async def ours(self, drop: Callable[[], Awaitable[None]]) -> None:
        """Wait until the session is ours, and `drop` what the broker has kept for another owner of the lines."""
        await self._told.wait()
        if self._contested and self._received:
            await self._hear()
        if self._anew:
            await drop()
            # Nothing is subscribed yet: dropped once more after a crash, nothing more would be lost.
            self._worker.session_begun()
            await self._hear()
            self._anew = False
        self._received = True

    async def _hear(self) -> None:
        """Wait until the ledger has answered: of two turns that end from now on, one has begun after now."""
        turns, _ = self._worker.progress
        while not self._ledger_up or self._worker.progress[0] < turns + 2:  # noqa: ASYNC110 - a thread takes them
            await asyncio.sleep(_LOOK_S)
