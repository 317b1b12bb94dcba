"""The control socket: commands on this machine reach the running gateway through it.

One connection carries one request: a line of JSON in, a line of JSON out. The socket lies in the data directory,
readable only by its owner, who may do everything. The web process may have a socket of its own, for its group: it takes
the verbs of `[web] allow_requests` alone, and the actor is always a visitor. Requests are journaled like everything
else; the answer comes after the commit. There are three:

    {"request": {"verb": ..., ...}}        a request
    {"import": "<canonical amendment>", "actor": ...}  the checked changes of an import
    {"ping": true}                         is anybody there?

A request may have a `traceparent` beside it, for the log.
"""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Final

from devices.errors import show
from gateway.errors import Reason, UsageError
from gateway.journal import Entry
from gateway.service.entries import AMENDMENT, COMMAND
from gateway.service.parts import Part
from gateway.service.tell.payloads import RequestAnswer
from gateway.service.traces import note_request
from gateway.settings import Settings

LONGEST_LINE = 64 << 20
"""The most bytes of a request: master data of a hundred thousand rows take a quarter of it."""
LONGEST_REQUEST = 4 << 20
"""The most bytes of it besides master data: ten thousand records take a fraction of it."""
_TOO_LONG = f"expected at most {LONGEST_REQUEST >> 20} MiB, of master data {LONGEST_LINE >> 20} MiB, got more"
_TEXTS = re.compile(rb'(?s)"(?:[^"\\]++|\\.?)*+"?')
_LONGEST_SOCKET_PATH = 100
_MOST_CONNECTIONS: Final = 48
"""More than the web process and commands need; each may hold two of the longest lines."""
_LINE_S: Final = 30.0
"""Seconds for the line of a connection, and for a client to take its answer."""
Answer = Mapping[str, object]
Submit = Callable[[Entry], Awaitable[Answer]]
Ping = Callable[[], Answer]
VISITORS: Final = "web:", "token:"
"""The actors of the web process begin with one of these."""


def sockets(settings: Settings, submit: Submit, ping: Ping) -> "list[ControlSocket]":
    """Return the control socket, and that of the web process if it may request anything by one of its own."""
    of_web = ControlSocket(settings.web_path, submit, ping, frozenset(settings.web.allow_requests))
    return [ControlSocket(settings.control_path, submit, ping), *([of_web] if settings.web.allow_requests else [])]


class ControlSocket(Part):
    """Listens for requests; `submit` journals an entry and returns its answer once that is committed."""

    def __init__(self, path: Path, submit: Submit, ping: Ping, verbs: frozenset[str] | None = None) -> None:
        """Take the verbs that visitors of the web process may request; None: it is the owner's, for every verb."""
        self._path = path
        self._submit = submit
        self._ping = ping
        self._verbs = verbs
        self._server: asyncio.Server | None = None
        self._connections = 0

    async def start(self) -> None:
        """Listen; UsageError if there can be no socket at its path."""
        address = _address(self._path)
        old = os.umask(0o177 if self._verbs is None else 0o117)
        longest = LONGEST_LINE if self._verbs is None or "import" in self._verbs else LONGEST_REQUEST
        try:
            self._server = await asyncio.start_unix_server(self._talk, address, limit=longest)
        except OSError as error:
            raise UsageError(f"{address}: expected a place for a socket, got {error.strerror or error}") from error
        finally:
            os.umask(old)

    async def stop(self) -> None:
        """Stop listening; earlier requests may still be answered."""
        if self._server is not None:
            self._server.close()
            self._path.unlink(missing_ok=True)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        try:
            answer = await self._hear(reader)
            writer.write(json.dumps(answer).encode() + b"\n")
            async with asyncio.timeout(_LINE_S):
                await writer.drain()
        except ConnectionError:
            pass
        except TimeoutError:
            writer.transport.abort()
        finally:
            self._connections -= 1
            writer.close()

    async def _hear(self, reader: asyncio.StreamReader) -> Answer:
        """Read a request, and return its answer."""
        if self._connections > _MOST_CONNECTIONS:
            return _not_understood(f"expected at most {_MOST_CONNECTIONS} connections at once, got more")
        try:
            async with asyncio.timeout(_LINE_S):
                line = await _line(reader)
        except TimeoutError:
            return _not_understood(f"expected a line within {_LINE_S:g} s")
        return await self._answer(line) if line is not None else _not_understood(_TOO_LONG)

    async def _answer(self, line: bytes) -> Answer:
        if len(line) > LONGEST_REQUEST and not _holds_tables(line):
            return _not_understood(_TOO_LONG)
        try:
            said = json.loads(line)
        except (ValueError, RecursionError):
            return _not_understood("expected one line of JSON, got something else")
        if not isinstance(said, dict) or not said.keys() & {"ping", "request", "import"}:
            return _not_understood("expected an object with a request, an import or a ping")
        if "ping" in said:
            return self._ping()
        try:
            if "request" in said and "traceparent" in said:
                note_request(str(said["request"]["verb"]), str(said["request"]["transaction"]), said["traceparent"])
            refused = _admit(said, self._verbs) if self._verbs is not None else None
            return refused or await self._submit(entry_of(said))
        except UsageError as error:
            return _not_understood(str(error))
        except (ValueError, TypeError, KeyError, RecursionError):
            return _not_understood("expected texts that can be stored, got something else")


async def _line(reader: asyncio.StreamReader) -> bytes | None:
    """Read one line; None for an overlong one, which is read to its end and discarded."""
    kept = True
    while True:
        try:
            line = await reader.readuntil()
        except asyncio.LimitOverrunError as long:
            await reader.readexactly(long.consumed)
            kept = False
        except asyncio.IncompleteReadError as end:
            return end.partial if kept else None
        else:
            return line if kept else None


def _holds_tables(line: bytes) -> bool:
    """Return whether the bulk of a line is the text of an import: other large requests would cost too much memory."""
    return line.lstrip().startswith(b'{"import"') and len(_TEXTS.sub(b"", line)) <= LONGEST_REQUEST


def _admit(said: dict[str, Any], verbs: frozenset[str]) -> RequestAnswer | None:
    """Refuse a verb that the web process may not request; name the visitor as the actor of any other."""
    request = said if "import" in said else said["request"]
    verb = "import" if "import" in said else request["verb"]
    if verb not in verbs:
        text = f"requests of {show(verb)} are not enabled: see web.allow_requests"
        return {"transaction": "", "status": "error", "code": Reason.NOT_ALLOWED, "text": text, "data": {}}
    if not str(request.get("actor", "")).startswith(VISITORS):
        request["actor"] = f"{VISITORS[0]}{request.get('actor', '')}"
    return None


def _not_understood(text: str) -> RequestAnswer:
    return {"transaction": "", "status": "error", "code": "BF5008", "text": f"control socket: {text}", "data": {}}


def _address(path: Path) -> str:
    """Make room for the socket: an existing one belongs to a killed process, because we hold the journal's lock."""
    address = str(path.absolute())
    if len(address) > _LONGEST_SOCKET_PATH:
        raise UsageError(f"{address} is too long for a socket; choose a directory with a shorter path")
    path.unlink(missing_ok=True)
    return address


def entry_of(said: dict[str, Any]) -> Entry:
    """Turn a request into a journal entry; UsageError, ValueError or TypeError if it is invalid."""
    if "import" in said:
        content, actor = said["import"], said.get("actor", "")
        if not (isinstance(content, str) and isinstance(actor, str) and actor.isprintable()):
            raise UsageError("expected master data and their actor as printable texts")
        return Entry(AMENDMENT, actor, content.encode())
    return Entry(COMMAND, "", json.dumps(said["request"]).encode())
