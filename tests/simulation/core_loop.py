"""An event loop without threads and without time of its own: whoever drives it says what happens next.

Time passes when the driver says so. What the program hands to another thread (writing the journal, reading the outbox)
becomes one more thing that happens later in this one, so that a seed decides all of it. A crash is an exception that
no part of the program catches; after it the loop is dead, and nothing that still waited in it happens.
"""

import asyncio
import random
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


class Crash(SystemExit):
    """The process ends here. Like SystemExit, because an event loop lets nothing else out of a callback."""


class SimulatedLoop(asyncio.SelectorEventLoop):
    """Runs callbacks when told to, at a time that is told."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance
        self._at = 0.0
        self._dead = False
        self._broken: list[BaseException] = []
        self.set_exception_handler(self._note)

    def time(self) -> float:
        """Return the seconds that have passed."""
        return self._at

    def run_in_executor(self, _: Executor | None, func: Callable[[*Ts], T], *args: *Ts) -> asyncio.Future[T]:
        """Have something done later, as another thread would; it is one step, with nothing in its middle."""
        future: asyncio.Future[T] = self.create_future()

        def work() -> None:
            if self._dead:
                return
            try:
                result = func(*args)
            except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to whoever waits for it
                if not future.done():
                    future.set_exception(error)
            else:
                if not future.done():
                    future.set_result(result)

        self.call_later(self._chance.choice([0.0, 0.0, 0.001, 0.02]), work)
        return future

    def turn(self, seconds: float = 0.0) -> None:
        """Let time pass, then run what is due; raise what broke in it."""
        self._at += seconds
        self.call_soon(self.stop)
        self.run_forever()
        if self._broken:
            raise self._broken.pop()

    def die(self) -> None:
        """Forget everything that was to happen."""
        self._dead = True
        for task in asyncio.all_tasks(self):
            task.cancel()
        self.call_soon(self.stop)
        self.run_forever()
        self.close()

    def _note(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if not self._dead and isinstance(error, BaseException):
            self._broken.append(error)
