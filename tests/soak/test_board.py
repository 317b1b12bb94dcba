"""A board that stays open while fifty statuses a second come: neither the page nor the web process grows.

SOAK_BOARD=43200 make soak ARGS="-s -k board"        twelve hours; without it ten minutes
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.benchmarks.web import Telling, rss_mb
from tests.integration.browser import close_browser, wait_for, window
from tests.integration.gateway_process import GatewayProcess
from tests.integration.plant import stocked
from tests.integration.web_process import WebProcess
from tests.servers import Mosquitto

SECONDS = float(os.environ.get("SOAK_BOARD", "600"))
PARTS = 10
PER_S = 50


def heap_mb(page: Page) -> float:
    """Return what the page's scripts keep, once the rest is collected."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    used: float = session.send("Runtime.getHeapUsage")["usedSize"] / 1e6
    session.detach()
    return used


@pytest.fixture(autouse=True)
def one_browser() -> Iterator[None]:
    """End the browser with the test."""
    yield
    close_browser()


def test_a_board_that_stays_open_does_not_grow(mosquitto: Mosquitto, tmp_path: Path) -> None:
    with GatewayProcess(mosquitto.url) as gateway, WebProcess(gateway.config) as web:
        stocked(gateway, tmp_path / "shop")
        web.add_user().start()
        with Telling(mosquitto.port, PER_S) as telling, window(viewport={"width": 1920, "height": 1080}) as shown:
            page = shown.sign_in(web)
            tiles = page.locator("#tiles .tile")
            wait_for(lambda: tiles.count() >= 50, tiles.count, page)
            heap, memory = [], []
            for _ in range(PARTS):
                before = telling.delivered
                page.wait_for_timeout(1000 * SECONDS / PARTS)
                assert telling.delivered > before
                heap.append(heap_mb(page))
                memory.append(rss_mb(web))
                line = f"{time.strftime('%H:%M:%S')} page {heap[-1]:.2f} MB, web process {memory[-1]:.1f} MB"
                print(line, flush=True)  # noqa: T201 - a soak prints its figures
            shown.check()
            assert not page.locator("#lost").is_visible()
    # The first part fills what is kept once: shapes of objects, compiled code, buffers.
    assert heap[-1] < 1.2 * heap[1] + 0.5, heap
    assert memory[-1] < 1.1 * memory[1] + 2, memory
