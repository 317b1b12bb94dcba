"""The parts of a running gateway: all have one shape, and an unexpected error in any of them ends the gateway.

An event loop logs the error of a callback and goes on: then a gateway could stand still and look alive.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ClassVar


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
