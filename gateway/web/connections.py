"""Connections: their number is bounded, and so is the time that a request may take to arrive.

Otherwise a program that opens many of them and says nothing would keep every person out.

    408    the header or the body of a request has not arrived in time
    429    this address has too many connections; a proxy may have more
    431    the header of a request is too long
    503    there are too many connections
"""

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from typing import Any, Final, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST: Final = 800
"""Below the number of files that a process may have open."""
MOST_OF_ADDRESS: Final = 256
HEAD_S: Final = 10.0
BODY_S: Final = 20.0
MOST_HEAD: Final = 64 << 10


class BoundedConnection(HttpToolsProtocol):
    """A connection of the web process."""

    _late: TimerHandle | None = None
    """Ends the connection if what is awaited does not come."""
    _is_heading = True
    _head = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # of a class without types
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        there = [each.client[0] for each in self.connections if isinstance(each, HttpToolsProtocol) and each.client]
        if len(there) > MOST:
            self._refuse(503, "too many connections are open: try again later")
        elif self.client and there.count(self.client[0]) > MOST_OF_ADDRESS and not self._is_proxy(self.client[0]):
            self._refuse(429, "too many connections of this address are open: close some")
        else:
            self._await(HEAD_S)

    def _is_proxy(self, address: str) -> bool:
        return address in (self.config.forwarded_allow_ips or ())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        self._await(None)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take a part of a request."""
        if self._late is None and self._is_idle():
            self._is_heading = True
            self._await(HEAD_S)
        super().data_received(data)
        if self._is_heading:
            self._head += len(data)
            if self._head > MOST_HEAD:
                self._refuse(431, "the header of the request is too long")

    def on_headers_complete(self) -> None:
        """Begin the request, and await its body."""
        self._is_heading, self._head = False, 0
        self._await(BODY_S)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Await nothing: the request has arrived."""
        self._await(None)
        super().on_message_complete()

    def _is_idle(self) -> bool:
        """Return whether no request is in work."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is None or cycle.response_complete

    def _await(self, seconds: float | None) -> None:
        if self._late is not None:
            self._late.cancel()
        late: tuple[Any, ...] = (self._refuse, 408, "the request took too long to arrive")
        self._late = None if seconds is None else self.loop.call_later(seconds, *late)

    def _refuse(self, status: int, why: str) -> None:
        """Answer with a sentence, if nothing was answered yet, and close the connection."""
        if self.transport.is_closing():
            return
        if self._is_idle() or not self.cycle.response_started:
            head = f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\ncontent-type: text/plain; charset=utf-8\r\n"
            body = f"{why}\n"
            self.transport.write(f"{head}content-length: {len(body)}\r\nconnection: close\r\n\r\n{body}".encode())
        self.transport.close()
