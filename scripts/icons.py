"""Draw the icons of the web pages for home screens, from `gateway/web/static/icon.svg` alone.

For maintainers: the pictures are committed, with their hashes and that of their source in `scripts/icons.json`, by
which a test finds a picture of another source. Chromium draws them.
"""

import hashlib
import json
import shutil
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

ROOT: Final = Path(__file__).parents[1]
LIST: Final = ROOT / "scripts" / "icons.json"
FOLDER: Final = ROOT / "gateway" / "web" / "static"
SOURCE: Final = FOLDER / "icon.svg"
GROUND: Final = "#18212a"
PICTURES: Final = {"icon-192.png": (192, 1.0), "icon-512.png": (512, 1.0), "icon-maskable.png": (512, 0.8)}
"""Sizes in pixels, and the part that the icon takes: a system cuts a maskable one to a shape of its own."""


def main() -> None:
    """Draw each picture, and note the hashes."""
    svg = SOURCE.read_text(encoding="utf-8")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        for name, (size, part) in PICTURES.items():
            page = browser.new_page(viewport={"width": size, "height": size})
            ground = GROUND if part < 1 else "transparent"
            page.set_content(
                f"<style>html, body {{ margin: 0; height: 100%; background: {ground}; display: grid; "
                f"place-items: center }} svg {{ width: {part * 100}%; height: {part * 100}% }}</style>{svg}"
            )
            page.screenshot(path=FOLDER / name, omit_background=True)
        browser.close()
    hashes = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (SOURCE, *map(FOLDER.joinpath, PICTURES))
    }
    LIST.write_text(f"{json.dumps(hashes, indent=2)}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
