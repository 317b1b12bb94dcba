"""A bad network between two real programs: a TCP proxy that cuts, swallows, dribbles, delays, doubles and loses.

Idea: a `Network` is one thread with an event loop; each `Proxy` in it listens on a port and connects each client to the
server behind it. What may be done to bytes is a `Weather`, changed at will; `cut`, `silence` and the rest act at once.

Laws: in fair weather every byte passes, in order. Packets are only lost together with the connection that carried them,
or after it has died, as in TCP. A doubled packet is one that its sender might have sent twice (QoS 1, DUP set, MQTT
3.1.1). `figures` counts what really happened, not what was asked for.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from random import Random
from typing import Any, Final, Self, TypeVar

_CHUNK: Final = 1 << 16
_MOMENT_S: Final = 0.02
_RESET: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no time: closing is a reset, and what was not sent is gone."""

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Weather:
    """What happens to what passes; shares are chances per packet."""

    dribble: bool = False
    """Bytes come one to seven at a time."""
    delay_s: float = 0.0
    """Each chunk waits at most so long."""
    double: float = 0.0
    """A device's publication arrives twice."""
    reorder: float = 0.0
    """A device's publication is overtaken by its next one."""
    lose: float = 0.0
    """A publication is lost, and the connection with it."""
    lose_answer: float = 0.0
    """An acknowledgement is lost, and the connection with it."""


FAIR: Final = Weather()


class Pipe:
    """One direction of one connection."""

    def __init__(self, line: "Line", reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, up: bool) -> None:
        self.line = line
        self.up = up
        """From the client to the server."""
        self._reader = reader
        self._writer = writer

    async def run(self) -> None:
        """Carry bytes until either side ends."""
        proxy = self.line.proxy
        try:
            while data := await self._reader.read(_CHUNK):
                if proxy.silent:
                    proxy.figures["swallowed"] += 1
                    continue
                if proxy.weather.delay_s:
                    proxy.figures["delayed"] += 1
                    await asyncio.sleep(proxy.chance.random() * proxy.weather.delay_s)
                await self.put(self.line.shape(data, self))
        except (ConnectionError, OSError):
            pass
        while proxy.silent:  # noqa: ASYNC110 - behind a dead network nobody hears of the other's end
            await asyncio.sleep(0.02)

    async def put(self, data: bytes) -> None:
        """Let bytes through, as the weather is."""
        if not data:
            return
        proxy = self.line.proxy
        if not proxy.weather.dribble:
            self._writer.write(data)
            await self._writer.drain()
            return
        proxy.figures["dribbled"] += 1
        at = 0
        while at < len(data):
            size = proxy.chance.randint(1, 7)
            self._writer.write(data[at : at + size])
            await self._writer.drain()
            await asyncio.sleep(0)
            at += size

    def slip(self, data: bytes) -> None:
        """Let bytes through that were held back."""
        if not self._writer.is_closing():
            self._writer.write(data)


class Line:
    """One connection through a proxy; what its bytes mean is its subclasses' business."""

    def __init__(self, proxy: "Proxy", client: Ends, server: Ends) -> None:
        self.proxy = proxy
        self._ends = client, server
        self._pipes = Pipe(self, client[0], server[1], up=True), Pipe(self, server[0], client[1], up=False)
        self._dead = asyncio.Event()
        self.ending = False
        """Nothing passes any more; the end is on its way."""

    async def run(self) -> None:
        """Carry both directions until one ends or it is cut; then end both."""
        tasks: list[asyncio.Task[Any]] = [asyncio.create_task(pipe.run()) for pipe in self._pipes]
        tasks.append(asyncio.create_task(self._dead.wait()))
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        except asyncio.CancelledError:
            for _, writer in self._ends:
                writer.transport.abort()  # what is still to be sent would keep it open beyond the end of the network
            raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            for _, writer in self._ends:
                writer.close()

    def cut(self) -> None:
        """Reset both sides, whatever is under way."""
        for _, writer in self._ends:
            sock = writer.get_extra_info("socket")
            if sock is not None and not writer.is_closing():
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
                writer.transport.abort()
        self._dead.set()

    def shape(self, data: bytes, pipe: Pipe) -> bytes:  # noqa: ARG002 - what knows a protocol asks for the direction
        """Return what passes of some bytes; the connection may end with it."""
        if self.ending:
            return b""
        return self.broken(data) if self.proxy.breaks_now(data) else data

    def broken(self, data: bytes) -> bytes:
        """Let half of it pass, and nothing after it: it must still arrive, so the end comes a moment later."""
        self.ending = True
        self.proxy.later(_MOMENT_S, self._dead.set)
        return data[: len(data) // 2]

    def lose(self) -> bytes:
        """Let nothing of it pass, and nothing after it."""
        self.ending = True
        self.proxy.later(0, self.cut)
        return b""


class Proxy:
    """One listening port, and what is done to all that connects to it; its methods may be called by any thread."""

    lines_are: type[Line] = Line

    def __init__(self, network: "Network", port: int, seed: object) -> None:
        """Stand in front of a server on a loopback port."""
        self.chance = Random(str(seed))
        self.weather = FAIR
        self.silent = False
        self.figures: Counter[str] = Counter()
        self._network = network
        self._behind = port
        self._lines: set[Line] = set()
        self._closed = False
        self._breaks = 0
        self.port = network.call(self._listen())

    def set(self, weather: Weather) -> None:
        """Change the weather."""
        self.weather = weather

    def cut(self) -> None:
        """Reset every connection."""
        self._network.call(self._cut("cut"))

    def break_next(self, chunks: int = 1) -> None:
        """Cut so many connections in the middle of the next packet that passes."""
        self._breaks = chunks

    def close_door(self, *, closed: bool = True) -> None:
        """Reset every connection and refuse new ones, or let them in again."""
        self._closed = closed
        if closed:
            self.cut()

    def silence(self, *, silent: bool = True) -> None:
        """Swallow everything without a word, as a network that drops packets does; or reset what was swallowed."""
        self.silent = silent
        if not silent:
            self._network.call(self._cut("half-open"))

    def breaks_now(self, data: bytes) -> bool:
        """Say whether this piece is to be broken off in the middle."""
        if self._breaks <= 0 or len(data) < 2:
            return False
        self._breaks -= 1
        self.figures["broken"] += 1
        return True

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something in the proxy's thread after a time."""
        self._network.later(seconds, call)

    async def _listen(self) -> int:
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0, limit=_CHUNK)
        self._network.servers.append(server)
        port: int = server.sockets[0].getsockname()[1]
        return port

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._closed:
            self.figures["refused"] += 1
            writer.transport.abort()
            return
        self._network.opening += 1
        try:
            server = await asyncio.open_connection("127.0.0.1", self._behind, limit=_CHUNK)
        except OSError:
            writer.transport.abort()
            return
        finally:
            self._network.opening -= 1
        line = self.lines_are(self, (reader, writer), server)
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)

    async def _cut(self, name: str) -> None:
        for line in list(self._lines):
            self.figures[name] += 1
            line.cut()


class Network:
    """The thread in which proxies live; a context manager."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self.servers: list[asyncio.Server] = []
        self.opening = 0
        """Connections that are accepted and not carried on yet."""
        self._thread = threading.Thread(target=self._loop.run_forever, name="network", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.call(self._end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the thread and return its result."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def later(self, seconds: float, call: Callable[[], None]) -> None:
        """Call something in the thread after a time."""
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, call)

    async def _end(self) -> None:
        for server in self.servers:
            server.close()
        turns = 10
        while turns or self.opening:  # who is cancelled while it opens a connection leaves it to nobody
            turns = max(0, turns - 1)
            await asyncio.sleep(0)
        tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)  # closed connections say goodbye in the loop's next turn
