"""Sheets: the layout of symbols and words on paper, in millimetres from its upper left corner.

Laws: every card is on a sheet or is named as one that does not fit; no symbol is too small for scanners, and its quiet
zone is white; words are cut before they leave their card.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from gateway.service.labels.cards import Card
from gateway.service.labels.symbols import Symbol, code_128, qr_code


class Paper(NamedTuple):
    """A page and the cards on it."""

    width: float
    height: float
    columns: int = 1
    rows: int = 1
    card_width: float = 0
    card_height: float = 0


class Words(NamedTuple):
    """A line of text; `y` is its baseline, `size` the height of its type."""

    x: float
    y: float
    size: float
    text: str
    is_bold: bool = False


class Rectangle(NamedTuple):
    """A rectangle by its upper left corner."""

    x: float
    y: float
    width: float
    height: float


class Page(NamedTuple):
    """The drawing of one page."""

    bars: list[Rectangle]
    frames: list[Rectangle]
    """Thin lines along which cards are cut."""
    words: list[Words]


class Sheets(NamedTuple):
    """Pages of one paper, and the cards that do not fit on it."""

    paper: Paper
    pages: list[Page]
    left_out: list[Card]


PAPERS: Final = {"a4": Paper(210, 297, 2, 5, 95, 55)}
PAPER_SAYS: Final = "a4 or a size in mm from 25x15 to 297x297, such as 62x29"
SYMBOLS: Final[dict[str, Callable[[str], Symbol | None]]] = {"qr": qr_code, "code128": code_128}
_LABEL = re.compile(r"([0-9]{2,3})x([0-9]{2,3})")
_SMALLEST_LABEL: Final = 25, 15
_LARGEST_LABEL: Final = 297
_PADDING: Final = 3.0
_SMALLEST_MODULE: Final = {"qr": 0.35, "code128": 0.19}
_LARGEST_MODULE: Final = {"qr": 1.2, "code128": 0.5}
_TITLE_SIZES: Final = (6.5, 5.5, 4.5, 3.8, 3.2)
_TITLE_LINES: Final = 2
_LINE: Final = 1.25
"""The distance of two lines, in heights of the type."""


def paper_of(name: str) -> Paper | None:
    """Return a paper by its name, or a label of a roll by its size in mm, such as 62x29; None: neither."""
    label = _LABEL.fullmatch(name)
    if label is None:
        return PAPERS.get(name)
    width, height = int(label[1]), int(label[2])
    fits = width >= _SMALLEST_LABEL[0] and height >= _SMALLEST_LABEL[1] and max(width, height) <= _LARGEST_LABEL
    return Paper(width, height, 1, 1, width, height) if fits else None


def lay_out(cards: Sequence[Card], paper: Paper, symbol: str) -> Sheets:
    """Put cards on pages, from left to right and from above down; `symbol` is one of `SYMBOLS`."""
    sheets = Sheets(paper, [], [])
    left = (paper.width - paper.columns * paper.card_width) / 2
    top = (paper.height - paper.rows * paper.card_height) / 2
    place = 0
    for card in cards:
        page, drawn = Page([], [], []), SYMBOLS[symbol](card.text)
        if drawn is None or not _DRAW[symbol](page, card, drawn, paper.card_width, paper.card_height):
            sheets.left_out.append(card)
            continue
        at = place % (paper.columns * paper.rows)
        if at == 0:
            sheets.pages.append(Page([], [], []))
        x, y = left + at % paper.columns * paper.card_width, top + at // paper.columns * paper.card_height
        sheets.pages[-1].bars.extend(each._replace(x=each.x + x, y=each.y + y) for each in page.bars)
        sheets.pages[-1].words.extend(each._replace(x=each.x + x, y=each.y + y) for each in page.words)
        if paper.columns * paper.rows > 1:
            sheets.pages[-1].frames.append(Rectangle(x, y, paper.card_width, paper.card_height))
        place += 1
    return sheets


def _draw_qr(page: Page, card: Card, symbol: Symbol, width: float, height: float) -> bool:
    """Draw the symbol to the left of its words; return whether it fits."""
    space = min(height, width * 0.55)
    module = min(_LARGEST_MODULE["qr"], space / (symbol.columns + 2 * symbol.quiet))
    if module < _SMALLEST_MODULE["qr"]:
        return False
    side = module * (symbol.columns + 2 * symbol.quiet)
    _draw(page, symbol, symbol.quiet * module, (height - symbol.rows * module) / 2, module, module)
    _write(page, card, side, _PADDING, width - side - _PADDING, height - 2 * _PADDING)
    return True


def _draw_bars(page: Page, card: Card, symbol: Symbol, width: float, height: float) -> bool:
    """Draw the symbol above its words; return whether it fits."""
    module = min(_LARGEST_MODULE["code128"], width / (symbol.columns + 2 * symbol.quiet))
    if module < _SMALLEST_MODULE["code128"]:
        return False
    bars = height * 0.4
    _draw(page, symbol, (width - symbol.columns * module) / 2, _PADDING, module, bars)
    _write(page, card, _PADDING, bars + 2 * _PADDING, width - 2 * _PADDING, height - bars - 3 * _PADDING)
    return True


_DRAW: Final = {"qr": _draw_qr, "code128": _draw_bars}


def _draw(page: Page, symbol: Symbol, x: float, y: float, module: float, row: float) -> None:
    page.bars.extend(Rectangle(x + column * module, y + at * row, run * module, row) for column, at, run in symbol.runs)


def _write(page: Page, card: Card, x: float, y: float, width: float, height: float) -> None:
    """Write title, words and code into a space, the title as large as two lines of it allow."""
    sizes = (size for size in _TITLE_SIZES if size < height / 5 and len(_wrap(card.title, size, width)) <= _TITLE_LINES)
    size = next(sizes, _TITLE_SIZES[-1])
    small = min(size * 0.62, 3.4)
    code = min(small * 0.8, 2.2)
    end = y + height
    for text, type_size, is_bold in ((card.title, size, True), (card.words, small, False)):
        fits = max(0, int((end - y - code * _LINE) / (type_size * _LINE)))
        lines = _wrap(text, type_size, width)
        if len(lines) > fits > 0:
            lines = [*lines[: fits - 1], _cut(" ".join(lines[fits - 1 :]), type_size, width)]
        for line in lines[:fits]:
            y += type_size * _LINE
            page.words.append(Words(x, y - type_size * 0.3, type_size, line, is_bold))
        y += type_size * 0.3
    page.words.append(Words(x, end, code, _cut(card.code, code, width)))


def _wrap(text: str, size: float, width: float) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and _width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [_cut(line, size, width) for line in lines]


def _cut(text: str, size: float, width: float) -> str:
    if _width(text, size) <= width:
        return text
    while text and _width(f"{text}...", size) > width:
        text = text[:-1]
    return f"{text.rstrip()}..."


def _width(text: str, size: float) -> float:
    """Return the greatest width of a line, in any bold type without serifs."""
    return size * sum(_width_of(character) for character in text)


def _width_of(character: str) -> float:
    if character in " .,:;'|!()[]/-ijlftrI":
        return 0.4
    if character in "mwMW@%" or ord(character) > 0x2000:  # noqa: PLR2004 - from here on there are wide scripts
        return 1.0
    return 0.78 if character.isupper() else 0.62
