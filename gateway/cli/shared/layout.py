"""The layout of a table on a screen of a given width.

Law: nothing is cut or left out. If a table does not fit, in this order: sentences are folded at blanks, a column equal
in all rows stands once above the table, columns move closer, and columns stand under their row, if not empty: those on
the right first. If little would be left, each row is a block of lines instead. A number is never folded; above the
table and under its rows a value is folded only if it is wider than the screen.
"""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Final, NamedTuple

_GAP: Final = "  "
_CLOSE: Final = " "
"""Between columns, if that avoids lines under the rows."""
INDENT: Final = "    "
"""Before the lines under a row, and before further lines of a sentence."""
_WITHIN: Final = "\xa0"
"""A blank within a number, which is never folded; other texts have none: unprintable characters are spelled out."""
_LONGEST_NAME: Final = 32
"""The longest cell that is never folded; a longer one is a sentence."""
_NARROWEST: Final = 24
"""The least width of a folded sentence: one word per line is unreadable."""
_FEWEST: Final = 3
"""The least number of columns of a table."""


class ColumnHead(NamedTuple):
    """The head of a column, and whether it holds numbers."""

    text: str
    numbers: bool = False


class _Column(NamedTuple):
    heading: ColumnHead
    cells: list[str]
    natural: int
    """Its width on the screen."""
    least: int
    """The least width that it can be folded into."""

    @property
    def folds(self) -> bool:
        return self.least < self.natural

    @property
    def constant(self) -> bool:
        return len(self.cells) > 1 and len(set(self.cells)) == 1


def cells_wide(text: str) -> int:
    """Return the width of a text on a terminal: East Asian letters take two columns, accents none.

    >>> cells_wide("PUMP"), cells_wide("ポンプ"), cells_wide("e\u0301")
    (4, 6, 1)
    """
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def lines_of(headings: Sequence[ColumnHead], rows: Sequence[Sequence[str]], width: int | None) -> list[str]:
    """Return the lines of a table, its head first; `width` None is an endless screen, on which nothing is folded.

    >>> lines_of([ColumnHead("material"), ColumnHead("stock", True)], [["PUMP-40", "5"]], 80)
    ['material  stock', 'PUMP-40       5']
    """
    return [line.replace(_WITHIN, " ") for line in _layout(headings, rows, width)]


def _layout(headings: Sequence[ColumnHead], rows: Sequence[Sequence[str]], width: int | None) -> Iterable[str]:
    columns = [
        _column(heading, [row[index] for row in rows], folds=width is not None)
        for index, heading in enumerate(headings)
    ]
    if width is None or _width_taken(columns, natural=True) <= width:
        return _lines(columns, [column.natural for column in columns], _GAP)
    gap, (shown, once, under) = _GAP, _choose_columns(columns, width)
    if under and not (close := _choose_columns(columns, width, _CLOSE))[2]:
        gap, (shown, once, under) = _CLOSE, close
    if len(shown) < min(_FEWEST, len(columns)) or (under and len(rows) == 1):
        return _blocks(columns, width)
    above = _fill((f"{column.heading.text} {column.cells[0]}" for column in once), width, _GAP)
    told = [*_under(under, len(rows), width)] if under else ()
    return [*above, *_lines(shown, _widths(shown, width, gap), gap, told)]


def _column(heading: ColumnHead, cells: list[str], *, folds: bool) -> _Column:
    if heading.numbers:
        cells = [text.replace(" ", _WITHIN) for text in cells]
    natural = max(map(cells_wide, (heading.text, *cells)))
    least = natural
    if folds and not heading.numbers and any(", " in text or len(text) > _LONGEST_NAME for text in cells):
        words = (word for text in cells for word in text.split(" "))
        longest = max(map(cells_wide, (heading.text, *words)))
        least = max(longest, min(natural, _NARROWEST))
    return _Column(heading, cells, natural, least)


def _width_taken(columns: Sequence[_Column], gap: str = _GAP, *, natural: bool = False) -> int:
    return sum(column.natural if natural else column.least for column in columns) + len(gap) * (len(columns) - 1)


def _choose_columns(
    columns: Sequence[_Column], width: int, gap: str = _GAP
) -> tuple[list[_Column], list[_Column], list[_Column]]:
    """Return the columns shown, those above the table, and those under the rows, each in order.

    Columns on the left identify a row, and sentences give reasons: they leave last.
    """
    shown = list(columns)
    once = set[int]()
    under = set[int]()
    alike = [column for column in reversed(columns) if column.constant and not column.folds]
    for column in sorted(alike, key=lambda column: column.heading.numbers):
        if _width_taken(shown, gap) > width:
            shown.remove(column)
            once.add(id(column))
    for column in sorted(shown[:0:-1], key=lambda column: column.folds):
        if _width_taken(shown, gap) > width:
            shown.remove(column)
            under.add(id(column))
    if _width_taken(shown, gap) > width:
        shown.clear()
    return shown, [each for each in columns if id(each) in once], [each for each in columns if id(each) in under]


def _under(columns: Sequence[_Column], rows: int, width: int) -> Iterator[list[str]]:
    """Yield the lines under each row: non-empty cells with their headings."""
    for index in range(rows):
        cells = [(column.heading, column.cells[index]) for column in columns]
        there = [
            f"{heading.text} {text}" for heading, text in cells if text not in ("", "0" if heading.numbers else "")
        ]
        listed = [*(f"{each}," for each in there[:-1]), *there[-1:]]
        yield [INDENT + line for line in _fill(listed, width - len(INDENT), " ")]


def _widths(columns: Sequence[_Column], width: int, gap: str) -> list[int]:
    """Return the widths of columns: those that fold share the rest of the screen."""
    rest = width - _width_taken(columns, gap)
    wanted = sum(column.natural - column.least for column in columns)
    given = rest / wanted if wanted > rest else 1
    return [column.least + int((column.natural - column.least) * given) for column in columns]


def _lines(
    columns: Sequence[_Column], widths: Sequence[int], gap: str, under: Sequence[list[str]] = ()
) -> Iterator[str]:
    yield _line([column.heading.text for column in columns], columns, widths, gap)
    for row, more in zip_longest(zip(*(column.cells for column in columns), strict=True), under, fillvalue=()):
        parts = [[*wrap(text, width)] for text, width in zip(row, widths, strict=True)]
        for index in range(max(map(len, parts))):
            yield _line([part[index] if index < len(part) else "" for part in parts], columns, widths, gap)
        yield from more


def _line(texts: Sequence[str], columns: Sequence[_Column], widths: Sequence[int], gap: str) -> str:
    padded = []
    for text, column, width in zip(texts, columns, widths, strict=True):
        blanks = " " * (width - cells_wide(text))
        padded.append(blanks + text if column.heading.numbers else text + blanks)
    return gap.join(padded).rstrip(" ")


def _blocks(columns: Sequence[_Column], width: int) -> Iterator[str]:
    """Yield each row as a block of lines: non-empty cells with their headings."""
    indent = max(cells_wide(column.heading.text) for column in columns) + len(_GAP)
    for index in range(len(columns[0].cells)):
        if index:
            yield ""
        for column in columns:
            if not column.cells[index]:
                continue
            head = column.heading.text + " " * (indent - cells_wide(column.heading.text))
            for line in wrap(column.cells[index], max(1, width - indent)):
                yield (head + line).rstrip(" ")
                head = " " * indent


def wrap_word(text: str, width: int) -> Iterator[str]:
    """Yield a text in lines, folded at its blanks; a word longer than a line is split, preferably after a comma.

    >>> list(wrap_word('count {"id":"7","data":"123456"}', 14))
    ['count', '{"id":"7",', '"data":"123456', '"}']
    """
    for line in wrap(text, width):
        left = line
        while cells_wide(left) > width:
            most = next(length for length in range(width, 0, -1) if cells_wide(left[:length]) <= width)
            at = left[:most].rfind(",") + 1 or most
            yield left[:at]
            left = left[at:]
        yield left


def wrap(text: str, width: int, indent: str = "") -> Iterator[str]:
    """Yield a text in lines, split only at blanks: a word longer than a line stays whole.

    >>> list(wrap("yield 1234567 of a-very-long-name", 10, "  "))
    ['yield', '  1234567', '  of', '  a-very-long-name']
    """
    yield from join(text.split(" ") if cells_wide(text) > width else [text], width, " ", indent)


def _fill(values: Iterable[str], width: int, gap: str) -> Iterator[str]:
    """Yield values in lines; one that is wider than a line is parted at its blanks."""
    for line in join(values, width, gap, ""):
        yield from wrap(line, width)


def join(parts: Iterable[str], width: int, gap: str, indent: str) -> Iterator[str]:
    """Yield parts in lines, each of them whole."""
    line: str | None = None
    for part in parts:
        longer = part if line is None else line + gap + part
        if line and line.strip(" ") and cells_wide(longer) > width:
            yield line.rstrip(" ")
            longer = indent + part
        line = longer
    if line is not None:
        yield line
