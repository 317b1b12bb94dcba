"""Sheets: tables as text from any file, with numbered rows and findings; and the limits of reading."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.backflush.values.names import quote
from gateway.masterdata.tables import Finding

MAX_BYTES = 64 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_RATIO = 60
"""The highest packing ratio: tables of text and numbers pack to a tenth or a twentieth."""
SMALL_UNPACKED_BYTES = 8 * 2**20
"""Up to this size the ratio does not matter."""
MAX_ROWS = 500_000
MAX_COLUMNS = 64
MAX_TABLES = 200
MAX_NAME = 80
"""The characters kept of the name of a table or column: no known one is as long."""
MAX_FINDINGS = 10_000
MAX_ROW_CHARACTERS = 1 << 20
"""Far above 64 cells of 200 characters: a longer row is no row of a table."""
MAX_CELLS = 16 * MAX_ROWS
MAX_ROW_NUMBER = 1 << 20
"""Of a worksheet, by its format."""
_ROUNDED = re.compile(r"\d([.,]\d+)?E\+\d\d")
"""As Excel shows a number of twelve digits and more, and saves it as CSV: codes that differ become one."""


class Record(NamedTuple):
    """One row as text: its number in the file, its non-empty cells, and its columns."""

    number: int
    cells: Mapping[str, str]
    columns: tuple[str, ...] | frozenset[str]


@dataclass(slots=True)
class Sheet:
    """A table as found in a file; `columns` is None if every row names its own."""

    table: str
    file: str
    columns: tuple[str, ...] | None
    semicolons: bool = False
    """Whether semicolons separate its columns: then a comma may be the decimal sign."""
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(self, row: int, column: str, text: str) -> None:
        """Note a finding about the sheet itself; the last one of an abandoned sheet tells that."""
        if self.is_given_up:
            return
        if len(self.findings) == MAX_FINDINGS - 1:
            column, text = "", f"given up after {MAX_FINDINGS} findings: what follows was not looked at"
        self.findings.append(Finding(self.file, row, column, text, self.table))

    @property
    def is_given_up(self) -> bool:
        """Whether it has more findings than a person reads."""
        return len(self.findings) >= MAX_FINDINGS


def fill(sheet: Sheet, header_row: int, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> None:
    """Take over a header and the rows below it."""
    columns = [column.strip()[:MAX_NAME] for column in header]
    while columns and not columns[-1]:
        columns.pop()
    sheet.columns = tuple(columns[:MAX_COLUMNS])
    if len(columns) > MAX_COLUMNS:
        sheet.find(header_row, "", f"expected at most {MAX_COLUMNS} columns, got {len(columns)}")
    for position, column in enumerate(sheet.columns):
        if not column:
            sheet.find(header_row, "", f"column {position + 1} has no name")
        elif column in sheet.columns[:position]:
            sheet.find(header_row, column, f"column {quote(column)} is there twice")
    width = len(sheet.columns)
    for number, row in rows:
        cells = [cell.strip(" ") for cell in row]
        if not any(cells):
            continue
        if len(sheet.records) >= MAX_ROWS:
            sheet.find(number, "", f"expected at most {MAX_ROWS} rows")
            return
        if sheet.is_given_up:
            return
        if len(cells) < width or any(cells[width:]):
            sheet.find(number, "", f"expected {width} cells as in the header, got {len(cells)}")
        else:
            pairs = zip(sheet.columns, cells, strict=False)
            texts = {column: cell for column, cell in pairs if cell and column}
            for column, cell in texts.items():
                if "E+" in cell and _ROUNDED.fullmatch(cell):
                    told = f"expected all digits, got {quote(cell)}, which Excel has rounded: format the column as text"
                    sheet.find(number, column, told)
            sheet.records.append(Record(number, texts, sheet.columns))
