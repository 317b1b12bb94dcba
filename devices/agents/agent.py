"""The event loop of an agent: it reads the input, has the device store telegrams, and sends them.

The input runs in a thread, because its libraries block. An input that fails is opened again; the end of standard input
ends the agent, once its telegrams have ended or the broker stays away.
"""

import asyncio
import signal
import threading
import time
from contextlib import suppress
from typing import Final

from devices.agents.counter import PieceCounter
from devices.agents.dispatch import Dispatch
from devices.agents.inputs import InputSource, Lost
from devices.agents.panel import Panel
from devices.agents.scanner import LabelScanner
from devices.agents.store import Store
from devices.answers import is_report, read_feedback
from devices.uplinks import BrokerAccess, Unreachable, Uplink, UplinkPresence

_AHEAD: Final = 1_000
"""Values of an input that may wait for the event loop."""
_AGAIN_S: Final = 3.0
"""The pause before a failed input is opened again."""
_AWAY_S: Final = 5.0
_LAST_S: Final = 10.0
"""The longest wait for answers at the end."""


class Agent:
    """One device, from its start to its end."""

    def __init__(
        self, device: PieceCounter | LabelScanner, store: Store, panel: Panel, place: str, every_s: float
    ) -> None:
        """`place` is the device's topic without the last level; `every_s` 0: it looks after each value of its input."""
        self._device = device
        self._store = store
        self._panel = panel
        self._place = place
        self._every_s = every_s
        self._dispatch = Dispatch(store, f"{place}/{device.kind}", device.repeat_s, clock_ms)

    async def run(self, source: InputSource, broker: BrokerAccess) -> int:
        """Run until the input ends or a signal comes; return the number of telegrams that wait."""
        ended = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
        # If the broker does not answer at the end, its telegrams stay in the store for the next start.
        with suppress(Unreachable):
            async with Uplink(broker, broker.client_id, UplinkPresence.of([self._place]), self._hear, self) as uplink:
                works = self._read(source), ended.wait(), self._look_often(uplink), self._dispatch.run(uplink)
                tasks = [asyncio.create_task(work) for work in works]
                try:
                    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                    for task in done:
                        task.result()
                    self._look()
                    await self._settle(uplink, ended)
                finally:
                    for task in tasks:
                        task.cancel()
                    await asyncio.gather(*tasks, return_exceptions=True)
        return len(self._store.waiting)

    def connect(self) -> None:
        """Send the telegrams that wait, and a new total with the next `look`."""
        self._panel.warn("connected to the broker")
        self._dispatch.connect()
        self._device.report()

    def acknowledge(self, mid: int) -> None:
        """Take the broker's acknowledgement of a message."""
        self._dispatch.acknowledge(mid)

    def _hear(self, topic: str, payload: bytes) -> None:
        kind = topic.rpartition("/")[2]
        if kind == "command" and is_report(payload):
            self._device.report()
            self._dispatch.repeat()
        feedback = read_feedback(payload) if kind == "feedback" else None
        ended = self._device.hear(feedback) if feedback is not None else None
        if ended is not None:
            self._dispatch.end(ended)

    def _look(self) -> None:
        self._device.look()
        self._dispatch.wake()

    async def _look_often(self, uplink: Uplink) -> None:
        away_s = 0.0
        pause_s = self._every_s or 1.0
        while True:
            self._look()
            await asyncio.sleep(pause_s)
            away_s = 0.0 if uplink.is_connected else away_s + pause_s
            if away_s > _AWAY_S:
                self._panel.warn(f"no broker ({uplink.refusal}): telegrams are stored, and sent later")

    async def _read(self, source: InputSource) -> None:
        values: asyncio.Queue[int | str | BaseException | None] = asyncio.Queue()
        room = threading.Semaphore(_AHEAD)
        loop = asyncio.get_running_loop()

        def put(value: int | str | BaseException | None) -> None:
            room.acquire()
            loop.call_soon_threadsafe(values.put_nowait, value)

        def feed() -> None:
            with suppress(RuntimeError):  # the loop has ended meanwhile
                while True:
                    try:
                        for value in source.values():
                            put(value)
                        return put(None)
                    except (Lost, OSError) as error:
                        reason = getattr(error, "strerror", None) or error
                        loop.call_soon_threadsafe(self._panel.warn, f"the input cannot be read: {reason}")
                    except Exception as error:  # noqa: BLE001 - the loop raises it
                        return put(error)
                    time.sleep(_AGAIN_S)

        threading.Thread(target=feed, name="input", daemon=True).start()
        while (value := await values.get()) is not None:
            if isinstance(value, BaseException):
                raise value
            room.release()
            self._device.take(value)
            if not self._every_s:
                self._look()

    async def _settle(self, uplink: Uplink, ended: asyncio.Event) -> None:
        """Wait for the last answers; after a signal not for a broker that is away."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_LAST_S):
                while self._store.waiting and (uplink.is_connected or not ended.is_set()):  # noqa: ASYNC110 - many answers
                    await asyncio.sleep(0.02)


def clock_ms() -> int:
    """Return the milliseconds since 1970-01-01T00:00Z."""
    return time.time_ns() // 1_000_000
