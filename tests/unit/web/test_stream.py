"""The stream of one page."""

import asyncio
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web.board import Board, PageContent
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import Visitor
from gateway.web.stream import PageStream


async def test_a_beat_is_an_event_that_a_page_can_see(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.web.stream.BEAT_S", 0.05)
    settings = Settings.model_validate({"gateway": {"data_dir": tmp_path}})
    board = Board(Floor("bf/v1", "", "", time.monotonic, time.time), LedgerReader(settings), settings.board)
    stopping = asyncio.Event()
    sent: list[bytes] = []

    async def stay() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))
        if len(sent) > 3:
            stopping.set()

    visitor = Visitor("anna", "session", frozenset({"board"}), ("*",))
    stream = PageStream(board, PageContent(), visitor, lambda: True, {}, stopping)
    await asyncio.wait_for(stream({"type": "http", "method": "GET"}, stay, send), 30)
    assert b"event: beat\nid: 0\ndata: " in b"".join(sent)


async def test_a_stream_of_a_quiet_plant_ends_soon_after_the_process_is_to_stop(tmp_path: Path) -> None:
    settings = Settings.model_validate({"gateway": {"data_dir": tmp_path}})
    floor = Floor("bf/v1", "", "", time.monotonic, time.time)
    board = Board(floor, LedgerReader(settings), settings.board)
    stopping = asyncio.Event()
    sent: list[bytes] = []

    async def stay() -> Any:
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message.get("body", b""))

    visitor = Visitor("anna", "session", frozenset({"board"}), ("*",))
    stream = PageStream(board, PageContent(), visitor, lambda: True, {}, stopping)
    running = asyncio.ensure_future(stream({"type": "http", "method": "GET"}, stay, send))
    await asyncio.sleep(0.2)
    assert not running.done()
    stopping.set()
    await asyncio.wait_for(running, 3)
    assert sent[-1] == b"event: bye\nid: 0\ndata: {}\n\n"
