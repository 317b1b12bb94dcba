"""Session owner: the broker session belongs to the gateway that owns the lines.

A session holds the unacknowledged messages of the lines, so the owner of the lines must have it, and no other gateway
may touch it. Gateways of one id share it: the broker hands it to the one that connects last, and delivers again the
messages that the other had not acknowledged. A gateway of another id has a session of its own, in which the broker has
kept everything that was delivered to the other as well.

    a gateway connects only after it owns the lines
    with a standby waiting, it reconnects only after the ledger has confirmed that it still owns them
    after taking lines over from another id, it drops its own session, notes that in the ledger, and then connects
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from gateway.mqtt.client import Connection
from gateway.service.fold.worker import Worker
from gateway.service.parts import Part
from gateway.service.tell.loop_report import LoopReport

GOODBYE_S: Final = 3.0
_LOOK_S: Final = 0.1


class SessionOwner(Part):
    """Runs the connection, and decides when it may connect, and how."""

    def __init__(
        self, worker: Worker, connection: Connection, fail: Callable[[BaseException], None], *, contested: bool
    ) -> None:
        """Prepare it; `contested` lines may be taken over at any time. `fail` gets the error that ends its task."""
        self._worker = worker
        self._connection = connection
        self.fail = fail
        """Ends this life of the gateway."""
        self._running: asyncio.Task[None] | None = None
        self._contested = contested
        self._told = asyncio.Event()
        self._ledger_up = False
        self._new_session = False
        self._received = False

    async def start(self) -> None:
        """Connect as soon as the session is ours."""
        self._running = asyncio.create_task(self.run(self._connection, self.ours))

    async def run(
        self, connection: Connection, ours: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]] | None = None
    ) -> None:
        """Keep a connection up while the lines are ours; an error ends the gateway: nothing is received after it."""
        try:
            await connection.run(ours or (lambda _: self.confirm()))
        except Exception as error:  # noqa: BLE001 - whatever it is
            self.fail(error)

    async def stop(self) -> None:
        """Disconnect properly."""
        await self._connection.close(GOODBYE_S)
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def take_report(self, report: LoopReport) -> None:
        """Take a report of the pump, once it no longer waits for the lines."""
        self._told.set()
        self._ledger_up = not report.error
        if report.claimed is not None:
            self._new_session = report.claimed.new_session
            if self._received and self._new_session:
                self._worker.session_begun()  # earlier messages are in the journal already
                self._new_session = False

    async def confirm(self) -> None:
        """Wait until the lines are ours; with a standby waiting, at this moment."""
        await self._told.wait()
        if self._contested and self._received:
            await self._hear()

    async def ours(self, drop: Callable[[], Awaitable[None]]) -> None:
        """Wait until the session is ours, and `drop` the messages that another owner of the lines has had."""
        await self.confirm()
        if self._new_session:
            await drop()
            # Nothing is subscribed yet: dropping it again after a crash loses nothing.
            self._worker.session_begun()
            await self._hear()
            self._new_session = False
        self._received = True

    async def _hear(self) -> None:
        """Wait until the ledger has answered: of the next two turns to end, one has begun after now."""
        turns, _ = self._worker.progress
        while not self._ledger_up or self._worker.progress[0] < turns + 2:  # noqa: ASYNC110 - a thread takes them
            await asyncio.sleep(_LOOK_S)
