"""Faults that nobody has foreseen: they end the gateway, which starts again from what is on the disk.

An event loop tells of what a callback raises and goes on without it: then a gateway could stand still and look alive.
"""

import asyncio
from collections.abc import Callable
from typing import Any


def end_with(loop: asyncio.AbstractEventLoop, fail: Callable[[BaseException], None]) -> asyncio.AbstractEventLoop:
    """Have whatever a callback of the loop raises end the gateway, and return the loop.

    Faults of the network are not meant: connections mend those themselves.
    """

    def told(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, BaseException) and not isinstance(error, OSError | asyncio.CancelledError):
            fail(error)
        loop.default_exception_handler(context)

    loop.set_exception_handler(told)
    return loop
