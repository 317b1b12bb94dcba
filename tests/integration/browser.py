"""Chromium, driven by Playwright: the system's own, under the pages' own content security policy.

An error of a page, or a report of its policy, fails the test that opened it.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, sync_playwright

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


@contextmanager
def window(*flags: str, **options: Any) -> Iterator[Window]:
    """Open a browser with a fresh profile, and more flags; `options` are those of a Playwright context."""
    folder = tempfile.mkdtemp(prefix="backflush-browser-")
    try:
        with sync_playwright() as playwright:
            context = playwright.chromium.launch_persistent_context(
                folder, executable_path=chromium_program(), args=[*FLAGS, *flags], headless=True, **options
            )
            try:
                yield Window(context)
            finally:
                context.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


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
