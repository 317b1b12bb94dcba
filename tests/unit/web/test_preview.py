"""Previews, one at a time: a visitor waits for one of them, and no longer than the time of one."""

import asyncio
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.errors import Unavailable
from gateway.settings import Settings
from gateway.web import preview
from gateway.web.preview import Previews


class Slow(Previews):
    """Previews that end when they are let."""

    def __init__(self, folder: Path) -> None:
        super().__init__(Settings.model_validate({"gateway": {"data_dir": folder}}))
        self.go = asyncio.Event()

    async def _make(self, said: Mapping[str, Any]) -> dict[str, Any]:
        await self.go.wait()
        return dict(said)


async def test_a_visitor_waits_for_one_preview_and_others_wait_beside(tmp_path: Path) -> None:
    previews = Slow(tmp_path)
    said = [{"actor": "web:anna"}, {"actor": "web:anna"}, {"actor": "web:bert"}]
    asked = []
    for each in said:
        asked.append(asyncio.create_task(previews.show(each)))
        await asyncio.sleep(0)
    with pytest.raises(Unavailable, match="waits already"):
        await previews.show(said[0])
    previews.go.set()
    assert await asyncio.gather(*asked) == said
    assert await previews.show(said[0]) == said[0]


async def test_the_time_of_a_preview_begins_when_it_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    previews = Slow(tmp_path)
    first = asyncio.create_task(previews.show({"actor": "web:anna"}))
    await asyncio.sleep(0)
    monkeypatch.setattr(preview, "LONGEST_S", 0.01)
    for _ in range(2):
        with pytest.raises(Unavailable, match="too long"):
            await previews.show({"actor": "web:bert"})
    previews.go.set()
    assert await first == {"actor": "web:anna"}


def look_at_program(*_: object) -> dict[str, Any]:
    """Return whether this process has loaded the engine, although nothing has asked for it."""
    return {"is_loaded": "gateway.service.local.dry_run" in sys.modules}


async def test_a_preview_begins_with_the_program_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "rehearse", look_at_program)
    previews = Previews(Settings.model_validate({"gateway": {"data_dir": tmp_path}}))
    assert await previews.show({}) == {"is_loaded": True}
