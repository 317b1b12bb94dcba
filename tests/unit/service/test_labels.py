"""Printed cards: every card of a sheet is read back from its picture, in both symbologies, and words stay on theirs."""

import re
from dataclasses import replace
from html import unescape

import pypdfium2
import pytest
import zxingcpp

from devices.barcodes import Verb, control_code, parse_barcode
from devices.errors import Malformed, Rejection
from gateway.backflush.plant.snapshot import MasterData
from gateway.cli.devices.labels import _KINDS
from gateway.service.labels.cards import KINDS, TEST_TEXT, Card, cards_of
from gateway.service.labels.drawings import to_pdf, to_svg
from gateway.service.labels.sheets import Sheets, lay_out, paper_of
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
        aliases={"KANBAN-1234567": ("material", "FG"), "Größe 7": ("control", "BF:QTY:7")},
        lines={("1000", "L1"): "Assembly"},
    )


def sheets(symbol: str = "qr", paper: str = "a4", language: str = "en") -> Sheets:
    size = paper_of(paper)
    assert size is not None
    return lay_out(cards_of(busy(), language=language).cards, size, symbol)


def codes_in(picture: bytes | bytearray, width: int, height: int) -> list[str]:
    view = memoryview(picture).cast("B", (height, width))
    return [found.text.replace("<GS>", "\x1d") for found in zxingcpp.read_barcodes(view)]


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
@pytest.mark.parametrize(("paper", "on_a_page"), [("a4", 10), ("100x50", 1)])
def test_every_card_of_a_sheet_is_read_back_from_its_picture(symbol: str, paper: str, on_a_page: int) -> None:
    printed = sheets(symbol, paper)
    assert [card.code for card in printed.left_out] == (["Größe 7"] if symbol == "code128" else [])
    cards = [card.text for card in cards_of(busy()).cards if card not in printed.left_out]
    assert len(printed.pages) == -(-len(cards) // on_a_page)
    assert sorted(codes_of_pdf(to_pdf(printed))) == sorted(cards)
    assert sorted(code for page in to_svg(printed) for code in codes_of_svg(page)) == sorted(cards)


def test_there_is_a_card_for_whatever_a_code_can_hold() -> None:
    made = cards_of(busy())
    codes = {card.code for card in made.cards}
    assert {"BF:LINE:1000:L1", "BF:POINT:0020", "BF:RUN:FG:V1", "BF:OPERATOR:4711", "BF:LOST:99"} <= codes
    assert {"KANBAN-1234567", "Größe 7", "BF:TEST-AYZ_#<GS>17"} <= codes
    assert made.unfit == ["OPERATOR no blanks"]
    assert {card.kind for card in made.cards} == set(KINDS) == set(_KINDS)
    assert cards_of(busy(), line="L9", kinds=["points", "versions", "lines"]).cards == []
    assert len(codes) == len(made.cards)


def test_words_are_in_the_language_that_was_asked_for() -> None:
    title = {language: cards_of(busy(), ["points"], language=language).cards[0].title for language in ("en", "de")}
    assert title == {"en": "Point 0010", "de": "Meldepunkt 0010"}
    english, german = (cards_of(busy(), language=language).cards for language in ("en", "de"))
    assert [card.code for card in english] == [card.code for card in german]
    assert all(
        e.title != g.title
        for e, g in zip(english, german, strict=True)
        if e.code[:6] != "BF:QTY" and e.kind != "aliases"
    )


@pytest.mark.parametrize("symbol", ["qr", "code128"])
@pytest.mark.parametrize("paper", ["a4", "62x29", "100x150"])
def test_nothing_leaves_its_card(symbol: str, paper: str) -> None:
    for page in sheets(symbol, paper).pages:
        size = paper_of(paper)
        assert size is not None
        assert all(bar.x >= 0 and bar.x + bar.width <= size.width for bar in page.bars)
        assert all(bar.y >= 0 and bar.y + bar.height <= size.height for bar in page.bars)
        assert all(0 < words.y <= size.height and words.x < size.width for words in page.words)


POINT = Card("points", "Point 0020", "Łukasz Győr <Größe>", "BF:POINT:0020")
SCRAP = Card("reasons", "Scrap 99", "a reason of far too many words. The next label is scrap.", "BF:SCRAP:99")
LAID_OUT = """
a4 qr Point 0020
    14.8 23.5
    49.6 20.2 6.5 Point 0020
    49.6 27.3 3.4 Łukasz Győr <Größe>
    49.6 63.0 2.2 BF:POINT:0020

a4 code128 Point 0020
    14.5 14.0
    13.0 43.3 4.5 Point 0020
    13.0 48.6 2.8 Łukasz Győr <Größe>
    13.0 63.0 2.2 BF:POINT:0020

62x29 code128 Scrap 99
    3.3 3.0
    3.0 20.6 3.2 Scrap 99
    3.0 26.0 1.6 BF:SCRAP:99

40x25 qr Scrap 99
    3.0 4.5
    22.0 6.0 3.2 Scrap 99
    22.0 9.8 2.0 a reason of
    22.0 12.3 2.0 far too many
    22.0 14.8 2.0 words. The
    22.0 17.3 2.0 next label i...
    22.0 22.0 1.6 BF:SCRAP:99
"""
"""Where the first bar begins, and place, size and text of each line, in millimetres."""


@pytest.mark.parametrize("laid_out", LAID_OUT.strip().split("\n\n"))
def test_words_stand_beside_or_below_their_symbol_the_title_the_largest(laid_out: str) -> None:
    what, corner, *lines = laid_out.split("\n    ")
    paper, symbol, title = what.split(" ", 2)
    size = paper_of(paper)
    assert size is not None
    [page] = lay_out([card for card in (POINT, SCRAP) if card.title == title], size, symbol).pages
    assert f"{page.bars[0].x:.1f} {page.bars[0].y:.1f}" == corner
    assert [f"{w.x:.1f} {w.y:.1f} {w.size:.1f} {w.text}" for w in page.words] == lines
    assert [w.is_bold for w in page.words] == [w.text == title for w in page.words]
    assert len(page.frames) == (paper == "a4")


def test_what_is_drawn_says_what_is_laid_out_where_it_is_laid_out() -> None:
    size = paper_of("a4")
    assert size is not None
    printed = lay_out([POINT, SCRAP], size, "qr")
    [page], [svg] = printed.pages, to_svg(printed)
    drawn = re.findall(r'<text x="(.+?)" y="(.+?)" font-size="(.+?)"( font-weight="bold")?>(.+?)</text>', svg)
    assert [(float(x), float(y), float(h), unescape(text), bool(bold)) for x, y, h, bold, text in drawn] == [
        (round(w.x, 2), round(w.y, 2), round(w.size, 2), w.text, w.is_bold) for w in page.words
    ]
    assert svg.count("stroke") == 2 * len(page.frames)
    text = pypdfium2.PdfDocument(to_pdf(printed))[0].get_textpage()
    for w in page.words:
        box = [POINTS * mm for mm in (w.x - 1, size.height - w.y - 1, w.x + 50, size.height - w.y + w.size)]
        assert text.get_text_bounded(*box).strip() == w.text.replace("Ł", "?").replace("ő", "o")
    assert b"/Helvetica-Bold" in to_pdf(printed)


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


PAIRS = [f"BF{pair:02}{99 - pair:02}" for pair in range(100)]
TEXTS = ["BF:TEST-AYZ_#\x1d17", "1234567", "A12345Z", "12 34", "\x1d1234\x1d56", "".join(map(chr, range(32, 127)))]


@pytest.mark.parametrize("text", [*PAIRS, *TEXTS])
def test_a_text_of_ascii_is_read_back_from_its_code_128(text: str) -> None:
    bars = code_128(text)
    assert bars is not None
    width, height = (bars.columns + 40) * 3, 90
    row = bytearray(b"\xff" * width)
    for column, _, length in bars.runs:
        row[(column + 20) * 3 : (column + 20 + length) * 3] = bytes(length * 3)
    picture = memoryview(bytes(row) * height).cast("B", (height, width))
    [found] = zxingcpp.read_barcodes(picture)
    assert found.bytes.decode() == text.removeprefix("\x1d")


def test_code_128_has_no_letters_beyond_ascii() -> None:
    assert [code_128(text) for text in ("Größe", "\x07", "\u0663")] == [None, None, None]


def test_the_test_card_is_refused_and_posts_nothing() -> None:
    read = parse_barcode(TEST_TEXT)
    assert isinstance(read, Rejection)
    assert read.code == Malformed.UNKNOWN_BARCODE


def test_text_of_a_name_is_text_in_an_svg() -> None:
    assert any("&lt;Größe&gt;" in page and "<Größe>" not in page for page in to_svg(sheets()))
