"""Numbers and dates of files with semicolons between columns: those of countries with a decimal comma.

A number with three digits after its only separator may be thousands or decimals. Any unambiguous number in the file
decides; without one nothing is guessed, and the number is refused. Separators of thousands are removed; a per cent sign
decides nothing.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.backflush.values.names import quote
from gateway.masterdata.files.sheets import Sheet
from gateway.masterdata.rows import TableRow, cell_of

_NUMBER = re.compile(r"([+-]?)(\d*[.,][\d.,]*)( *%)?", re.ASCII)
_DECIMALS = re.compile(r"\d*[.,]\d+", re.ASCII)
_THOUSANDS = re.compile(r"[1-9]\d{0,2}(?:(?:\.\d{3})+(?:,\d+)?|(?:,\d{3})+(?:\.\d+)?)", re.ASCII)
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}:\d\d(?::\d\d)?))?", re.ASCII)
_OTHER = {",": ".", ".": ","}


class _Said(NamedTuple):
    """A number with separators."""

    position: int
    column: str
    decimal: str
    """Its decimal sign; empty if it is ambiguous."""


def read_punctuation(sheet: Sheet, kind: type[TableRow]) -> None:
    """Rewrite numbers with a point and dates as year, month, day; note ambiguous ones."""
    kinds = {name: cell_of(kind, name).kind for name in kind.model_fields}
    said = list(_rewrite(sheet, kinds))
    signs = {number.decimal for number in said if number.decimal}
    records = [dict(record.cells) for record in sheet.records]
    for number in said:
        cells, row = records[number.position], sheet.records[number.position].number
        text = cells[number.column]
        if len(signs) == 1:
            [sign] = signs
            cells[number.column] = text.replace(_OTHER[sign], "").replace(sign, ".")
            continue
        del cells[number.column]
        sheet.find(row, number.column, _why(text, signs))
    for cells in records:
        for column in cells.keys() & {name for name, of in kinds.items() if of in ("date", "moment")}:
            cells[column] = _date(cells[column])
    sheet.records[:] = [old._replace(cells=cells) for old, cells in zip(sheet.records, records, strict=True)]


def _rewrite(sheet: Sheet, kinds: dict[str, str]) -> Iterator[_Said]:
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    for position, record in enumerate(sheet.records):
        for column in numbers:
            found = _NUMBER.fullmatch(record.cells.get(column, ""))
            if found and (decimal := _decimal(found[2])) is not None:
                yield _Said(position, column, decimal)


def _decimal(digits: str) -> str | None:
    """Return the decimal sign of digits with separators, empty if it is ambiguous; None if they are no number.

    >>> [_decimal(digits) for digits in ("2,5", "1.250,5", "1.250.000", "1.500", "0.250", "1.25,5")]
    [',', ',', ',', '', '.', None]
    """
    last = next(sign for sign in reversed(digits) if sign in _OTHER)
    match bool(_DECIMALS.fullmatch(digits)), bool(_THOUSANDS.fullmatch(digits)):
        case True, thousands:
            return "" if thousands else last
        case False, True:
            # A sign that is the only kind, and comes more than once, separates thousands.
            return last if _OTHER[last] in digits else _OTHER[last]
        case _:
            return None


def _why(text: str, signs: set[str]) -> str:
    if not signs:
        whole, plain = text.replace(",", "").replace(".", ""), re.sub("[.,]?0*( *%)?$", r"\1", text)
        plain = plain.replace(",", ".")
        return f"expected a number that can be read in one way, got {quote(text)}: write {whole} or {plain}"
    return f"expected one decimal sign, got {quote(text)} in a file that writes decimals with a comma and with a point"


def _date(text: str) -> str:
    """Reverse day.month.year, the only order of dates with points.

    >>> _date("1.2.2026"), _date("31.01.2026 06:00"), _date("2026-01-31")
    ('2026-02-01', '2026-01-31T06:00', '2026-01-31')
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    day, month, year, clock = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}" + (f"T{clock:0>5}" if clock else "")
