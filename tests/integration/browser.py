"""Chromium, driven by Playwright: the system's own, under the pages' own content security policy.

An error of a page, or a report of its policy, fails the test that opened it. The windows of a module are of one
browser, and each has cookies, stores and workers of its own.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, sync_playwright

from tests.integration.web_process import PASSWORD, WebProcess
from tests.servers import missing

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"]  # fmt: skip
PATIENCE_S = 60
AWAY = ("net::ERR_", "Failed to load resource")
"""What the console says of a server that is away; tests that end it allow this."""


def chromium_program() -> Path:
    """Return the path of the browser, or skip or fail the test without it."""
    found = shutil.which("chromium") or shutil.which("google-chrome")
    return Path(found) if found else missing("chromium")


class Window:
    """A browser's profile with pages, and what their consoles said."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.faults: list[str] = []
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.faults.append(str(error.error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.faults.append(message.text)

    def sign_in(self, web: WebProcess, path: str = "/board", name: str = "anna") -> Page:
        """Open a page and sign in on the way to it."""
        page = self.context.new_page()
        page.goto(web.url + path)
        page.fill("#name", name)
        page.fill("#password", PASSWORD)
        page.click("button")
        return page

    def check(self, *allowed: str) -> None:
        """Fail if a console said anything else."""
        assert [fault for fault in self.faults if not any(text in fault for text in allowed)] == []


_OPEN = ExitStack()


@cache
def _driver() -> Playwright:
    return _OPEN.enter_context(sync_playwright())


@cache
def _browser() -> Browser:
    return _OPEN.enter_context(_driver().chromium.launch(executable_path=chromium_program(), args=FLAGS, headless=True))


def close_browser() -> None:
    """End the browser that all windows share: while it runs, no test of its process can have a loop of its own."""
    _browser.cache_clear()
    _driver.cache_clear()
    _OPEN.close()


@contextmanager
def window(*flags: str, **options: Any) -> Iterator[Window]:
    """Open a window with a fresh profile; `options` are those of a Playwright context.

    With more flags it is of a browser of its own.
    """
    with ExitStack() as own:
        if flags:
            folder = own.enter_context(
                tempfile.TemporaryDirectory(prefix="backflush-browser-", ignore_cleanup_errors=True)
            )
            context = _driver().chromium.launch_persistent_context(
                folder, executable_path=chromium_program(), args=[*FLAGS, *flags], headless=True, **options
            )
        else:
            context = _browser().new_context(**options)
        own.callback(context.close)
        yield Window(context)


def wait_for(holds: Callable[[], bool], what: Callable[[], object], page: Page) -> None:
    """Wait until something of a page holds: the policy forbids Playwright's own waiting, which evaluates text."""
    deadline = time.monotonic() + PATIENCE_S
    while not holds():
        if time.monotonic() > deadline:
            pytest.fail(f"waited {PATIENCE_S} s in vain: {what()}")
        page.wait_for_timeout(100)


def states(page: Page) -> dict[str, str]:
    """Return the state that each tile shows."""
    shown: dict[str, str] = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#tiles .tile')]"
        ".map((tile) => [tile.querySelector('.name').textContent, tile.dataset.state]))"
    )
    return shown


def await_state(page: Page, line: str, state: str) -> None:
    """Wait until a tile shows a state."""
    wait_for(lambda: states(page).get(line) == state, lambda: states(page), page)
