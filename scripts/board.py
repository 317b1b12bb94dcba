"""Take the picture of the board that the README shows, of a running demo. For maintainers: it needs Chromium.

.venv/bin/python scripts/board.py
"""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
SHOWN = ROOT / "docs" / "board.png"
STATES = {"L02": "behind", "L03": "stopped"}
PATIENCE_S = 120


def main() -> None:
    """Start a demo, wait until its day is on the board, take the picture, and end the demo."""
    words = [sys.executable, "-m", "gateway", "demo", "--lines", "12", "--seed", "7"]
    demo = subprocess.Popen(words, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=ROOT)  # noqa: S603 - our own program
    try:
        assert demo.stderr is not None
        link = next(line for line in demo.stderr if line.startswith("sign in: ")).split()[2]
        take_picture(link)
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate()


def take_picture(link: str) -> None:
    """Open the link, and take the board as soon as each line has its state and its pace."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 820}, color_scheme="dark", locale="en-GB")
        page.goto(link)
        for _ in range(PATIENCE_S):
            page.wait_for_timeout(1_000)
            if shows_the_day(page):
                break
        page.wait_for_timeout(120_000)  # the pace of the last minute has nothing of the past that was told at the start
        page.screenshot(path=SHOWN)
        browser.close()


def shows_the_day(page: Page) -> bool:
    """Return whether the lines that are not as planned are shown so."""
    states = page.evaluate(
        "Object.fromEntries([...document.querySelectorAll('#tiles .tile')]"
        ".map((tile) => [tile.querySelector('.name').textContent, tile.dataset.state]))"
    )
    return len(states) > len(STATES) and all(states.get(line) == state for line, state in STATES.items())


if __name__ == "__main__":
    main()
