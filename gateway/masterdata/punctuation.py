"""Numbers and dates of files with semicolons between columns: those of countries that write a decimal comma.

A number that has three digits after its only separator may be thousands or decimals, by who wrote it. The file itself
says which, if any number of it can be read in one way only; if not, nobody may guess, and the number is refused.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.masterdata.cells import shown
from gateway.masterdata.rows import Row, cell_of
from gateway.masterdata.sheets import Record, Sheet

_NUMBER = re.compile(r"[+-]?(\d*)([.,])(\d+)", re.ASCII)
_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?:[ T](\d{1,2}:\d\d(?::\d\d)?))?", re.ASCII)
_GROUP = 3


class _Said(NamedTuple):
    """A number with one separator in it."""

    position: int
    column: str
    sign: str
    ambiguous: bool


def read_punctuation(sheet: Sheet, kind: type[Row]) -> None:
    """Write numbers with a point and dates as year, month, day; note what can be read in two ways."""
    kinds = {name: cell_of(kind, name).kind for name in kind.model_fields}
    said = list(_said(sheet, kinds))
    signs = {number.sign for number in said if not number.ambiguous}
    records = [dict(record.cells) for record in sheet.records]
    for number in said:
        cells, row = records[number.position], sheet.records[number.position].number
        text = cells[number.column]
        if len(signs) == 1 and number.sign in signs:
            cells[number.column] = text.replace(",", ".")
            continue
        del cells[number.column]
        sheet.find(row, number.column, _why(text, signs))
    for cells in records:
        for column in cells.keys() & {name for name, of in kinds.items() if of in ("date", "moment")}:
            cells[column] = _date(cells[column])
    sheet.records[:] = [Record(old.number, cells) for old, cells in zip(sheet.records, records, strict=True)]


def _said(sheet: Sheet, kinds: dict[str, str]) -> Iterator[_Said]:
    numbers = [name for name, kind in kinds.items() if kind == "number"]
    for position, record in enumerate(sheet.records):
        for column in numbers:
            found = _NUMBER.fullmatch(record.cells.get(column, ""))
            if found:
                whole, sign, rest = found.groups()
                ambiguous = len(rest) == _GROUP and 1 <= len(whole) <= _GROUP and not whole.startswith("0")
                yield _Said(position, column, sign, ambiguous)


def _why(text: str, signs: set[str]) -> str:
    plain = text.replace(",", ".")
    if not signs:
        whole = text.replace(",", "").replace(".", "")
        return f"expected a number that can be read in one way, got {shown(text)}: write {whole} or {plain.rstrip('0')}"
    other = "a comma and with a point" if len(signs) > 1 else "a comma" if signs == {","} else "a point"
    return f"expected one decimal sign, got {shown(text)} in a file that writes decimals with {other}"


def _date(text: str) -> str:
    """Turn day.month.year around, which no country writes in another order.

    >>> _date("1.2.2026"), _date("31.01.2026 06:00"), _date("2026-01-31")
    ('2026-02-01', '2026-01-31T06:00', '2026-01-31')
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return text
    day, month, year, clock = found.groups()
    return f"{year}-{month:0>2}-{day:0>2}" + (f"T{clock:0>5}" if clock else "")
