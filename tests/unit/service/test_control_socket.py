"""The control socket under clients that mean no good: lines, connections and time have an end."""

import asyncio
import json
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from gateway.service.local import control
from gateway.service.local.control import LONGEST_REQUEST, Answer, ControlSocket

PING = b'{"ping": true}\n'


@asynccontextmanager
async def listening(folder: Path, verbs: Collection[str] | None) -> AsyncIterator[str]:
    """Listen at a socket, and return its address."""

    async def submit(_entry: object) -> Answer:
        return {"text": "taken"}

    socket = ControlSocket(folder / "s", submit, lambda: {"text": "here"}, None if verbs is None else frozenset(verbs))
    await socket.start()
    try:
        yield str(folder / "s")
    finally:
        await socket.stop()


async def ask(path: str, line: bytes) -> Any:
    """Send a line, and return the text of the answer."""
    reader, writer = await asyncio.open_unix_connection(path)
    writer.write(line)
    said = json.loads(await reader.readline())
    writer.close()
    return said["text"]


async def test_a_long_line_is_for_those_alone_who_may_import(tmp_path: Path) -> None:
    line = json.dumps({"import": "x" * (LONGEST_REQUEST + 1), "actor": "web:anna"}).encode() + b"\n"
    for verbs, answer in ((None, "taken"), (("import",), "taken"), (("reverse",), "got more")):
        async with listening(tmp_path, verbs) as path:
            assert (await ask(path, line)).endswith(answer), verbs
            assert await ask(path, PING) == "here"


async def test_a_connection_too_many_is_refused_until_another_ends(tmp_path: Path) -> None:
    async with listening(tmp_path, ("reverse",)) as path:
        idle = [await asyncio.open_unix_connection(path) for _ in range(48)]
        assert "connections" in await ask(path, PING)
        for reader, writer in idle:
            writer.write(PING)
            assert b"here" in await reader.read()
            writer.close()
            assert await ask(path, PING) == "here"


async def test_a_line_that_does_not_come_ends_its_connection(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "_LINE_S", 0.01)
    async with listening(tmp_path, ("reverse",)) as path:
        assert "within" in await ask(path, b'{"ping"')
