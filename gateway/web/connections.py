"""Connections: their number is bounded, and so is the time that a request may take to arrive, or its answer to be read.

Otherwise a program that opens many of them, and says or reads nothing, would keep every person out.

    408    the header or the body of a request has not arrived in time
    429    this address has too many connections; a proxy may have more
    431    the header of a request is too long
    503    there are too many connections

A connection whose answer is not read is ended: nothing can be said there. A host with IPv6 has as many addresses as
it likes, so those of one network of 64 bits count together.
"""

from asyncio import TimerHandle, Transport
from http import HTTPStatus
from ipaddress import ip_address, ip_network
from typing import Any, Final, cast

from uvicorn._types import ASGI3Application
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

MOST: Final = 800
"""Below the number of files that a process may have open."""
MOST_OF_ADDRESS: Final = 256
HEAD_S: Final = 10.0
BODY_S: Final = 20.0
MOST_HEAD: Final = 64 << 10
UNREAD_S: Final = 30.0
_LEAST_READ: Final = 16 << 10
"""Bytes that are read in this time, of an answer that the system's own buffers do not take."""
MOST_UNSENT: Final = 64 << 10
"""Bytes that the system takes before they can be sent, so that a slow reader is told from one that does not read."""
_OF_NETWORK: Final = 64


def host_of(address: str) -> str:
    """Return the host that an address is counted for.

    >>> host_of("192.0.2.7"), host_of("2001:db8::1:2:3:4"), host_of("::ffff:192.0.2.7"), host_of("")
    ('192.0.2.7', '2001:db8::/64', '192.0.2.7', '')
    """
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 4:  # noqa: PLR2004 - of the protocol
        return str(found)
    mapped = found.ipv4_mapped
    return str(mapped) if mapped is not None else str(ip_network((int(found), _OF_NETWORK), strict=False))


class BoundedConnection(HttpToolsProtocol):
    """A connection of the web process."""

    _late: TimerHandle | None = None
    """Ends the connection if what is awaited does not come."""
    _unread: TimerHandle | None = None
    """Ends the connection if its answer is not read."""
    _in_work: RequestResponseCycle | None = None
    _is_heading = True
    _head = 0

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # of a class without types
        """Take a connection, unless there are too many."""
        super().connection_made(transport)
        transport.set_write_buffer_limits(0)  # so that whatever waits to be read is told
        self.host = host_of(self.client[0]) if self.client else ""
        there = [each.host for each in self.connections if isinstance(each, BoundedConnection)]
        if len(there) > MOST:
            self._refuse(503, "too many connections are open: try again later")
        elif self.client and there.count(self.host) > MOST_OF_ADDRESS and not self._is_proxy(self.client[0]):
            self._refuse(429, "too many connections of this address are open: close some")
        else:
            self._await(HEAD_S)

    def _is_proxy(self, address: str) -> bool:
        return address in (self.config.forwarded_allow_ips or ())

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it, and the requests that wait behind the one in work: none of them is answered any longer."""
        self._await(None)
        self.resume_writing()
        self.pipeline.clear()
        if self._in_work is not None:  # the class above knows the last request alone
            self._in_work.disconnected = True
        super().connection_lost(exc)

    def _start_asgi_task(self, cycle: RequestResponseCycle, app: ASGI3Application) -> None:
        self._in_work = cycle
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        """Wait until what was written has been read."""
        super().pause_writing()
        self._look_again(self.transport.get_write_buffer_size())

    def resume_writing(self) -> None:
        """Go on: everything has been read."""
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None
        super().resume_writing()

    def _look_again(self, unread: int) -> None:
        self._unread = self.loop.call_later(UNREAD_S, self._end_unread, unread)

    def _end_unread(self, before: int) -> None:
        """End the connection if hardly anything was read meanwhile: to close it would wait for the rest."""
        unread = self.transport.get_write_buffer_size()
        if before - unread < _LEAST_READ:
            self.transport.abort()
        else:
            self._look_again(unread)

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
