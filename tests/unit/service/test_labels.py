"""Printed cards: every card of a sheet is read back from its picture, in both symbologies, and words stay on theirs."""

import re
from dataclasses import replace

import pypdfium2
import pytest
import zxingcpp

from devices.barcodes import Verb, control_code
from gateway.backflush.plant.snapshot import MasterData
from gateway.cli.devices.labels import _KINDS
from gateway.service.labels import KINDS, Card, Sheets, cards_of, lay_out, paper_of, to_pdf, to_svg
from gateway.service.labels.symbols import code_128
from tests.builders import plant, points, routing

DOTS = 8
"""Dots in a millimetre, 203 in an inch: what a label printer has."""
POINTS = 72 / 25.4


def busy() -> MasterData:
    return replace(
        plant(routings=[routing(points("0010", "0020"))]),
        operators={"4711": "Łukasz <Größe>", "no blanks": "nobody"},
        scrap_reasons={"03": "Short shot", "99": "a reason of far too many words " * 12},
        lines={("1000", "L1"): "Assembly"},
    )


def sheets(symbol: str = "qr", paper: str = "a4", language: str = "en") -> Sheets:
    size = paper_of(paper)
    assert size is not None
    return lay_out(cards_of(busy(), language=language).cards, size, symbol)


def codes_in(picture: bytes | bytearray, width: int, height: int) -> list[str]:
    view = memoryview(picture).cast("B", (height, width))
    return [found.text for found in zxingcpp.read_barcodes(view)]


def codes_of_pdf(pdf: bytes) -> list[str]:
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=DOTS / POINTS, grayscale=True)
        found += codes_in(bytes(picture.buffer), picture.stride, picture.height)
    return found


def codes_of_svg(svg: str) -> list[str]:
    size = re.search(r'viewBox="0 0 (\d+) (\d+)"', svg)
    assert size is not None
    width, height = int(size[1]) * DOTS, int(size[2]) * DOTS
    picture = bytearray(b"\xff" * (width * height))
    for bar in re.findall(r"M([\d.]+) ([\d.]+)h([\d.]+)v([\d.]+)", svg):
        x, y, w, h = (float(figure) * DOTS for figure in bar)
        for row in range(round(y), round(y + h)):
            picture[row * width + round(x) : row * width + round(x + w)] = bytes(round(x + w) - round(x))
    return codes_in(picture, width, height)


@pytest.mark.parametrize("symbol", ["qr", "code128"])
@pytest.mark.parametrize(("paper", "pages"), [("a4", 3), ("100x50", 23)])
def test_every_card_of_a_sheet_is_read_back_from_its_picture(symbol: str, paper: str, pages: int) -> None:
    cards = [card.text for card in cards_of(busy()).cards]
    printed = sheets(symbol, paper)
    assert (len(printed.pages), printed.left_out) == (pages, [])
    assert sorted(codes_of_pdf(to_pdf(printed))) == sorted(cards)
    assert sorted(code for page in to_svg(printed) for code in codes_of_svg(page)) == sorted(cards)


def test_there_is_a_card_for_whatever_a_code_can_hold() -> None:
    made = cards_of(busy())
    codes = {card.code for card in made.cards}
    assert {"BF:LINE:1000:L1", "BF:POINT:0020", "BF:RUN:FG:V1", "BF:OPERATOR:4711", "BF:LOST:99"} <= codes
    assert made.unfit == ["OPERATOR no blanks"]
    assert {card.kind for card in made.cards} == set(KINDS) == set(_KINDS)
    assert cards_of(busy(), line="L9", kinds=["points", "versions", "lines"]).cards == []
    assert len(codes) == len(made.cards)


def test_words_are_in_the_language_that_was_asked_for() -> None:
    title = {language: cards_of(busy(), ["points"], language=language).cards[0].title for language in ("en", "de")}
    assert title == {"en": "Point 0010", "de": "Meldepunkt 0010"}
    english, german = (cards_of(busy(), language=language).cards for language in ("en", "de"))
    assert [card.code for card in english] == [card.code for card in german]
    assert all(e.title != g.title for e, g in zip(english, german, strict=True) if e.code[:6] != "BF:QTY")


@pytest.mark.parametrize("symbol", ["qr", "code128"])
@pytest.mark.parametrize("paper", ["a4", "62x29", "100x150"])
def test_nothing_leaves_its_card(symbol: str, paper: str) -> None:
    for page in sheets(symbol, paper).pages:
        size = paper_of(paper)
        assert size is not None
        assert all(bar.x >= 0 and bar.x + bar.width <= size.width for bar in page.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= size.height for bar in page.bars)
        assert all(0 < words.y <= size.height and words.x < size.width for words in page.words)


def test_a_card_that_does_not_fit_is_named_and_leaves_no_gap() -> None:
    small = paper_of("40x25")
    assert small is not None
    long = Card("versions", "long", "", control_code(Verb.RUN, "M" * 40, "V" * 40))
    short = Card("controls", "short", "", "BF:STOP")
    printed = lay_out([short, long, short], small, "code128")
    assert (len(printed.pages), printed.left_out) == (2, [long])


def test_the_same_cards_are_the_same_bytes() -> None:
    assert to_pdf(sheets()) == to_pdf(sheets())
    assert b"/CreationDate" not in to_pdf(sheets())


@pytest.mark.parametrize("name", ["a5", "10x10", "62x", "999x10", "62x29mm", ""])
def test_a_paper_that_is_none_is_refused(name: str) -> None:
    assert paper_of(name) is None


def test_every_pair_of_digits_is_a_symbol_of_code_128() -> None:
    for pair in range(100):
        text = f"BF{pair:02}{99 - pair:02}"
        bars = code_128(text)
        width, height = (bars.columns + 40) * 3, 90
        row = bytearray(b"\xff" * width)
        for column, _, length in bars.runs:
            row[(column + 20) * 3 : (column + 20 + length) * 3] = bytes(length * 3)
        assert codes_in(bytes(row) * height, width, height) == [text]


def test_text_of_a_name_is_text_in_an_svg() -> None:
    assert any("&lt;Größe&gt;" in page and "<Größe>" not in page for page in to_svg(sheets()))
