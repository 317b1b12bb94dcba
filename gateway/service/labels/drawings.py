"""Drawings: pages of cards as PDF and SVG.

Law: the same pages give the same bytes. A PDF uses the fonts of every reader; a character that they lack
(beyond Windows-1252) is written without its accents, else as `?`. An SVG has every character.
"""

import unicodedata
from html import escape
from io import BytesIO
from typing import Final

import pydyf

from gateway.service.labels.sheets import Page, Sheets

_POINTS: Final = 72 / 25.4
"""Points of a millimetre."""
_FRAME: Final = 0.1
_GREY: Final = 0.75


def to_svg(sheets: Sheets) -> list[str]:
    """Return each page as an SVG of its own."""
    width, height = sheets.paper.width, sheets.paper.height
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}mm" height="{height:g}mm" '
        f'viewBox="0 0 {width:g} {height:g}" font-family="Helvetica, Arial, sans-serif">'
    )
    return ["\n".join((head, *_svg_parts(page), "</svg>\n")) for page in sheets.pages]


def _svg_parts(page: Page) -> list[str]:
    parts = ['<rect width="100%" height="100%" fill="white"/>']
    bars = "".join(f"M{x:.3f} {y:.3f}h{width:.3f}v{height:.3f}h-{width:.3f}z" for x, y, width, height in page.bars)
    parts.append(f'<path shape-rendering="crispEdges" d="{bars}"/>')
    for x, y, width, height in page.frames:
        sides = f'width="{width:g}" height="{height:g}" fill="none" stroke="silver" stroke-width="{_FRAME}"'
        parts.append(f'<rect x="{x:g}" y="{y:g}" {sides}/>')
    for x, y, size, text, is_bold in page.words:
        weight = ' font-weight="bold"' if is_bold else ""
        parts.append(f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size:.2f}"{weight}>{escape(text)}</text>')
    return parts


def to_pdf(sheets: Sheets) -> bytes:
    """Return all pages as one PDF."""
    document = pydyf.PDF()
    fonts = pydyf.Dictionary({name: _font(document, base) for name, base in _FONTS.items()})
    box = pydyf.Array([0, 0, sheets.paper.width * _POINTS, sheets.paper.height * _POINTS])
    for page in sheets.pages:
        stream = _stream(page, sheets.paper.height)
        document.add_object(stream)
        document.add_page(
            pydyf.Dictionary(
                {
                    "Type": "/Page",
                    "Parent": document.pages.reference,
                    "MediaBox": box,
                    "Contents": stream.reference,
                    "Resources": pydyf.Dictionary({"Font": fonts}),
                }
            )
        )
    output = BytesIO()
    document.write(output)
    return output.getvalue()


_FONTS: Final = {"Plain": "Helvetica", "Bold": "Helvetica-Bold"}


def _font(document: pydyf.PDF, base: str) -> bytes:
    font = pydyf.Dictionary(
        {"Type": "/Font", "Subtype": "/Type1", "BaseFont": f"/{base}", "Encoding": "/WinAnsiEncoding"}
    )
    document.add_object(font)
    reference: bytes = font.reference
    return reference


def _stream(page: Page, height: float) -> pydyf.Stream:
    stream = pydyf.Stream(compress=True)
    # From here on a unit is a millimetre, and y grows downwards.
    stream.set_matrix(_POINTS, 0, 0, -_POINTS, 0, height * _POINTS)
    for bar in page.bars:
        stream.rectangle(*bar)
    stream.fill()
    stream.set_line_width(_FRAME)
    stream.set_color_rgb(_GREY, _GREY, _GREY, stroke=True)
    for frame in page.frames:
        stream.rectangle(*frame)
    stream.stroke()
    for x, y, size, text, is_bold in page.words:
        stream.begin_text()
        stream.set_font_size("Bold" if is_bold else "Plain", size)
        stream.set_text_matrix(1, 0, 0, -1, x, y)
        stream.show_text(f"<{_windows_1252(text).hex()}>")
        stream.end_text()
    return stream


def _windows_1252(text: str) -> bytes:
    return b"".join(map(_encode, text))


def _encode(character: str) -> bytes:
    for form in (character, unicodedata.normalize("NFKD", character)[0]):
        try:
            return form.encode("cp1252")
        except UnicodeEncodeError:
            continue
    return b"?"
