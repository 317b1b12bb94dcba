"""The check of scanners: a page with a test code, which tells how a scanner that types is set.

Like the page of a scanner it holds nothing of a plant or person, so that a browser keeps it, and shows it without a
network.
"""

from base64 import b64encode
from functools import cache
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from devices.agents.inputs.layouts import KEYS, LAYOUTS, Layout
from devices.barcodes.normal import WRITTEN_OUT
from gateway.backflush.plant.snapshot import MasterData
from gateway.service.labels.cards import TEST_TEXT, cards_of
from gateway.service.labels.drawings import to_svg
from gateway.service.labels.sheets import SYMBOLS, lay_out, paper_of
from gateway.web.guard import Door, MenuEntry
from gateway.web.pages import Pages

PATH: Final = "/scan/check"
_PAPER: Final = "100x50"


class ScanCheck:
    """The page by which a scanner is set."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages

    @property
    def doors(self) -> list[Door]:
        """The route."""
        return [Door(PATH, "GET", None, self._page, menu=MenuEntry("plant", "scan_check"))]

    async def _page(self, request: Request) -> Response:
        pictures = _pictures(self._pages.language_of(request))
        layouts = {name: rows_of(layout) for name, layout in LAYOUTS.items()}
        keyboards = {"wanted": TEST_TEXT, "written": WRITTEN_OUT.pattern, "layouts": layouts}
        return self._pages.show(request, "scan_check.html", pictures=pictures, keyboards=keyboards)


def rows_of(layout: Layout) -> list[str]:
    """Return the characters of a layout's keys, a text for each level; a blank stands for none."""
    levels = layout.plain, layout.shift, layout.alt_gr, layout.both
    return ["".join(level.get(key, " ") for key in KEYS) for level in levels]


@cache
def _pictures(language: str) -> dict[str, str]:
    """Return the test card in each symbology, as the address of a picture."""
    paper, [card] = paper_of(_PAPER), cards_of(MasterData(), ["test"], language=language).cards
    assert paper is not None
    drawn = {symbol: to_svg(lay_out([card], paper, symbol))[0] for symbol in SYMBOLS}
    return {symbol: f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}" for symbol, svg in drawn.items()}
