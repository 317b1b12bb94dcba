"""A table as text, whatever the file was: numbered rows, and what is wrong with them; and how much is read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from gateway.masterdata.cells import quote
from gateway.masterdata.tables import Finding

MAX_BYTES = 64 * 2**20
MAX_UNPACKED_BYTES = 256 * 2**20
MAX_RATIO = 60
"""Tables of text and numbers pack to a tenth or a twentieth."""
SMALL_UNPACKED_BYTES = 8 * 2**20
"""Below this the ratio does not matter."""
MAX_ROWS = 500_000
MAX_COLUMNS = 64
MAX_TABLES = 200
MAX_NAME = 80
"""Characters of the name of a table or column that are kept: none that is known is as long."""
MAX_FINDINGS = 10_000
MAX_ROW_CHARACTERS = 1 << 20
"""Far above 64 cells of 200 characters: what is longer is no row of a table."""
MAX_CELLS = 16 * MAX_ROWS
MAX_ROW_NUMBER = 1 << 20
"""Of a worksheet, by the format's own rule."""


class Record(NamedTuple):
    """One row as text: its number in the file, its cells that are not empty, and its columns."""

    number: int
    cells: Mapping[str, str]
    columns: tuple[str, ...] | frozenset[str]


@dataclass(slots=True)
class Sheet:
    """A table as it was found; `columns` is None where every row names its own."""

    table: str
    file: str
    columns: tuple[str, ...] | None
    semicolons: bool = False
    """Between its columns: then a comma may be the decimal sign."""
    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def find(self, row: int, column: str, text: str) -> None:
        """Note what is wrong with the sheet itself; a sheet that is given up says so last."""
        if self.is_given_up:
            return
        if len(self.findings) == MAX_FINDINGS - 1:
            column, text = "", f"given up after {MAX_FINDINGS} findings: what follows was not looked at"
        self.findings.append(Finding(self.file, row, column, text, self.table))

    @property
    def is_given_up(self) -> bool:
        """Whether there is more wrong with it than anybody reads."""
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
            sheet.records.append(Record(number, texts, sheet.columns))
