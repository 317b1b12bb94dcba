"""The parts of a running gateway: all have one shape, and an unexpected error in any of them ends the gateway.

An event loop logs the error of a callback and goes on: then a gateway could stand still and look alive.
"""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from typing import Any, ClassVar, Final, TypeVar

Result = TypeVar("Result")


class Part:
    """One part; all are started, and later stopped, in the order in which a message passes them."""

    every_s: ClassVar[float] = 0.0
    """The pause between two ticks; 0: it never ticks."""

    async def start(self) -> None:
        """Start."""

    async def tick(self) -> None:
        """Do timed work. Parts tick independently: one that hangs blocks no other."""

    async def stop(self) -> None:
        """Accept nothing more, finish accepted work within a bound, and end."""


def end_with(loop: asyncio.AbstractEventLoop, fail: Callable[[BaseException], None]) -> asyncio.AbstractEventLoop:
    """Let any error of a callback of the loop end the gateway, and return the loop.

    Network errors do not: connections handle those themselves.
    """

    def end_or_report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, OSError | asyncio.CancelledError):
            fail(error)
        loop.default_exception_handler(context)

    loop.set_exception_handler(end_or_report)
    return loop


def begin_task(task: Coroutine[Any, Any, Any], kept: set[asyncio.Task[Any]]) -> asyncio.Task[Any]:
    """Start a task and keep it until its end; its error reaches the loop, which ends the gateway."""

    def raise_failure(done: asyncio.Task[Any]) -> None:
        kept.discard(done)
        if not done.cancelled():
            done.result()

    made = asyncio.get_running_loop().create_task(task)
    kept.add(made)
    made.add_done_callback(raise_failure)
    return made


class _Apart(Executor):
    """Makes each call in a thread of its own, for which no end of the program waits."""

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> "Future[Result]":  # noqa: ANN401 - as its base
        future: Future[Result] = Future()

        def run() -> None:
            try:
                future.set_result(fn(*args, **kwargs))
            except Exception as error:  # noqa: BLE001 - it is raised where the answer is awaited
                future.set_exception(error)

        future.set_running_or_notify_cancel()
        threading.Thread(target=run, name="apart", daemon=True).start()
        return future


_APART: Final = _Apart()


async def ask_apart(call: Callable[[], Result]) -> Result:
    """Make a call in a thread for which no end of the program waits: a database may never answer.

    The threads of `asyncio.to_thread` are waited for, by the loop's end and by the program's.
    """
    return await asyncio.get_running_loop().run_in_executor(_APART, call)
