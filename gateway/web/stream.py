"""The stream: server-sent events for one page, until it leaves, its right ends or the process stops.

    hello     version and time, first of all; then everything, so that nothing has to be repeated after an outage
    lines, days, detail, gateways    what has changed
    beat      every five seconds, as an event that a page can see: silence means that the connection is dead
    bye       the process stops in good order

A page that reads nothing for 30 s is left: its events would fill the memory.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateway.web.board import Board, PageContent, encode
from gateway.web.rights import Visitor

BEAT_S: Final = 5.0
_DRAIN_S: Final = 30.0
_LOOK_S: Final = 1.0
"""The time within which a stream notices that the process stops."""


class PageStream:
    """The answer to a request for a stream."""

    def __init__(
        self,
        board: Board,
        wanted: PageContent,
        visitor: Visitor,
        may_stay: Callable[[], bool],
        hello: dict[str, object],
        stopping: asyncio.Event,
    ) -> None:
        self._board = board
        self._wanted = wanted
        self._visitor = visitor
        self._may_stay = may_stay
        self._hello = hello
        self._stopping = stopping

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until one side ends it."""
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store"),
                   (b"x-accel-buffering", b"no")]  # fmt: skip
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        if scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return
        sending = asyncio.ensure_future(self._send(send))
        leaving = asyncio.ensure_future(_wait_until_it_leaves(Request(scope, receive)))
        await asyncio.wait([sending, leaving], return_when=asyncio.FIRST_COMPLETED)
        for task in (sending, leaving):
            task.cancel()
            with suppress(asyncio.CancelledError, OSError, TimeoutError):
                await task

    async def _send(self, send: Send) -> None:
        async def write(events: bytes, *, more: bool = True) -> None:
            async with asyncio.timeout(_DRAIN_S):
                await send({"type": "http.response.body", "body": events, "more_body": more})

        await write(b"retry: 2000\n" + _event("hello", encode({**self._hello, "now": time.time()}), self._board.number))
        seen, beaten_s = 0, time.monotonic()
        while not self._stopping.is_set():
            number = self._board.number
            events = [
                _event(name, data, number) for name, data in self._board.events(self._visitor, self._wanted, seen)
            ]
            seen = number
            if time.monotonic() - beaten_s >= BEAT_S:
                if not self._may_stay():
                    break
                beaten_s = time.monotonic()
                events.append(_event("beat", encode(time.time()), number))
            if events:
                await write(b"".join(events))
            await self._board.wait(seen, min(_LOOK_S, max(0.05, beaten_s + BEAT_S - time.monotonic())))
        await write(_event("bye", b"{}", seen), more=False)


def _event(name: str, data: bytes, number: int) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), number, data)


async def _wait_until_it_leaves(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
