"""Connections whose other side does not read, or leaves: they keep no place, and nothing is worked on for nobody."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from gateway.sections import WebSection
from gateway.web import connections
from gateway.web.connections import BoundedConnection
from gateway.web.server import _listen

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
LONG = b"x" * (16 << 20)
"""More than the system's own buffers take."""


class Served:
    """A server of connections with one answer to everything."""

    def __init__(self, body: bytes) -> None:
        self.state = ServerState()
        self.begun = 0
        self.faults: list[BaseException] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self._body = body
        self.port = 0

    async def answer(self, _: Scope, __: Receive, send: Send) -> None:
        """Answer a request."""
        self.begun += 1
        await self.go_on.wait()
        try:
            length = str(len(self._body)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
            await send({"type": "http.response.body", "body": self._body})
        except BaseException as error:
            self.faults.append(error)
            raise

    async def ask(self, requests: int = 1) -> socket.socket:
        """Connect, and send requests at once."""
        made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        made.settimeout(0)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(made, ("127.0.0.1", self.port))
        await loop.sock_sendall(made, ASK * requests)
        return made

    async def until_gone(self) -> None:
        """Wait until no connection and no work is left."""
        async with asyncio.timeout(60):
            while not self.begun or self.state.connections or self.state.tasks:  # noqa: ASYNC110 - nothing tells it
                await asyncio.sleep(0.01)


@asynccontextmanager
async def served(body: bytes) -> AsyncIterator[Served]:
    """Serve an answer on a port of this machine."""
    made = Served(body)
    config = uvicorn.Config(
        made.answer, http=BoundedConnection, interface="asgi3", lifespan="off", log_config=None, access_log=False
    )
    config.load()
    listening = _listen(WebSection(port=0))
    made.port = listening.getsockname()[1]
    connect = partial(BoundedConnection, config, made.state, {})
    server = await asyncio.get_running_loop().create_server(connect, sock=listening)
    try:
        yield made
    finally:
        server.close()
        for each in [*made.state.connections]:
            each.transport.abort()


async def test_an_answer_that_is_not_read_ends_its_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD_S", 0.2)
    async with served(LONG) as server:
        silent = await server.ask()
        await server.until_gone()
        assert server.begun == 1
        silent.close()


async def test_an_answer_that_is_read_slowly_arrives_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "UNREAD_S", 0.2)
    looked, look = [], BoundedConnection._end_unread  # noqa: SLF001 - the look that is tried

    def note(self: BoundedConnection, before: int) -> None:
        looked.append(before)
        look(self, before)

    monkeypatch.setattr(BoundedConnection, "_end_unread", note)
    async with served(LONG) as server:
        slow, loop, said = await server.ask(), asyncio.get_running_loop(), 0
        while said < len(LONG):
            part = await loop.sock_recv(slow, 256 << 10)
            assert part, said
            said += len(part)
            if len(looked) < 2:  # slowly at first, and read in each look
                await asyncio.sleep(0.01)
        assert len(looked) >= 2
        slow.close()
        await server.until_gone()


async def test_requests_behind_the_one_in_work_end_with_their_connection() -> None:
    async with served(b"short") as server:
        server.go_on.clear()
        many = await server.ask(100)
        while not server.begun:  # noqa: ASYNC110 - nothing tells it
            await asyncio.sleep(0)
        many.close()
        server.go_on.set()  # the first words to nobody end the connection
        await server.until_gone()
        assert server.begun < 10
        assert not server.faults


@pytest.mark.parametrize(
    ("one", "other", "are_one"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("192.0.2.1", "192.0.2.2", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_addresses_of_one_network_of_64_bits_are_of_one_host(one: str, other: str, are_one: bool) -> None:
    assert (connections.host_of(one) == connections.host_of(other)) is are_one
