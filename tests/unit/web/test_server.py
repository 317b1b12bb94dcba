"""The parts of the web process: what cannot work is said before its address is, and nothing small ends it."""

import asyncio
import errno
import time
from pathlib import Path

import pytest

from gateway.errors import UsageError
from gateway.sections import WebSection
from gateway.service.floor.floor import Floor
from gateway.settings import Settings
from gateway.web import server
from gateway.web.accounts import WebAccounts
from gateway.web.asking import Asking
from gateway.web.board import Board
from gateway.web.ledger_reader import LedgerReader
from gateway.web.monitor import Monitor
from gateway.web.site import Site


def parts_of(folder: Path) -> tuple[Settings, Board, Site]:
    """Make the parts of a web process without a broker or a ledger."""
    settings = Settings.model_validate({"gateway": {"data_dir": folder}})
    reader = LedgerReader(settings)
    board = Board(Floor("bf/v1", "", "", time.monotonic, time.time), reader, settings.board)
    asking = Asking(settings, board.floor, reader, Monitor(settings, board.floor, board.hear))
    return settings, board, Site(settings, WebAccounts(settings.accounts_path), board, reader, asking)


@pytest.mark.parametrize("content", [None, "no certificate"])
def test_a_certificate_that_cannot_be_read_is_named(tmp_path: Path, content: str | None) -> None:
    cert, key = tmp_path / "web.crt", tmp_path / "web.key"
    if content is not None:
        cert.write_text(content)
        key.write_text(content)
    _, _, site = parts_of(tmp_path)
    with pytest.raises(UsageError, match="expected a certificate and its key, got"):
        server._config(WebSection(cert_file=cert, key_file=key), site)  # noqa: SLF001 - the part that is tried


async def test_a_gateway_that_cannot_be_asked_ends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def fail(*_: object) -> None:
        loop.call_soon_threadsafe(asked.set)
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(server, "ping", fail)
    settings, board, _ = parts_of(tmp_path)
    watching = asyncio.ensure_future(server._watch_gateway(settings, board))  # noqa: SLF001 - the part that is tried
    await asyncio.wait_for(asked.wait(), 10)
    await asyncio.sleep(0.1)
    assert not watching.done()
    assert board.frozen is None
    watching.cancel()


async def test_the_end_of_one_part_ends_all_of_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = {"gateway": {"data_dir": tmp_path}, "web": {"port": 0}, "mqtt": {"url": "mqtt://127.0.0.1:1"}}
    settings = Settings.model_validate(said)
    accounts = WebAccounts(settings.accounts_path)
    accounts.add_user("anna", "viewer", ["*"], "", time.time())
    accounts.close()

    async def fail(*_: object) -> None:
        raise AssertionError("a fault")

    monkeypatch.setattr(server, "_refresh", fail)
    with pytest.raises(AssertionError, match="a fault"):
        await server.serve(settings, asyncio.Event(), lambda _: None)
    assert asyncio.all_tasks() == {asyncio.current_task()}
