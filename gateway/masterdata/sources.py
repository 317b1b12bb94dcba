"""Three doors, one shape: CSV files, sheets of a workbook, keys of a YAML file all become sheets of text.

Nothing is interpreted here beyond what the format itself says; a number in a workbook becomes the text that a
person sees. Every source is total: whatever the bytes are, it answers with sheets and findings. Size, depth and
breadth are bounded before anything is parsed.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

import openpyxl
import yaml

from gateway.masterdata.cells import shown
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

_ZEROS = re.compile("0{1,40}")
_ABSENT = ("", "~", "null", "Null", "NULL")
_TEXT_TAG = "tag:yaml.org,2002:str"


class Record(NamedTuple):
    """One row as text: its number in the file, and its cells that are not empty."""

    number: int
    cells: Mapping[str, str]


@dataclass(slots=True)
class Sheet:
    """A table as it was found; `columns` is None where every row names its own."""

    table: str
    file: str
    columns: tuple[str, ...] | None
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


def sheets_of(path: Path) -> tuple[list[Sheet], list[Finding]]:
    """Read a folder of CSV, an XLSX file or a YAML file."""
    name = path.name or str(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
        if not files:
            return [], [Finding(name, 0, "", "expected CSV files named as tables, found none", "")]
        read = [_bytes_of(file, _csv_sheet) for file in files]
        return [sheet for sheets, _ in read for sheet in sheets], [
            finding for _, findings in read for finding in findings
        ]
    formats = {".xlsx": _xlsx_sheets, ".yaml": _yaml_sheets, ".yml": _yaml_sheets}
    source = formats.get(path.suffix.lower())
    if source is None or not path.is_file():
        what = "nothing" if not path.exists() else shown(path.name)
        return [], [Finding(name, 0, "", f"expected a folder of CSV files, an .xlsx or a .yaml file, got {what}", "")]
    return _bytes_of(path, source)


_Source = Callable[[str, bytes], tuple[list[Sheet], list[Finding]]]


def _bytes_of(path: Path, source: _Source) -> tuple[list[Sheet], list[Finding]]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [], [Finding(path.name, 0, "", f"cannot be read: {error.strerror}", "")]
    if len(data) > MAX_BYTES:
        return [], [Finding(path.name, 0, "", f"expected at most {MAX_BYTES // 2**20} MiB", "")]
    return source(path.name, data)


def _csv_sheet(name: str, data: bytes) -> tuple[list[Sheet], list[Finding]]:
    # An invalid byte becomes a surrogate, so that it is found in its cell and not only in its file.
    text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "surrogateescape")
    sheet = Sheet(name[: -len(".csv")][:MAX_NAME], name, ())
    numbered = _numbered(io.StringIO(text, newline=""), sheet)
    number, header = next(numbered, (1, []))
    if not any(header):
        return [], [Finding(name, 1, "", "expected a header row, found none", sheet.table)]
    if len(header) == 1 and ";" in header[0]:
        return [], [Finding(name, number, "", "expected commas between columns, got semicolons", sheet.table)]
    _fill(sheet, number, header, numbered)
    return [sheet], []


def _numbered(text: io.StringIO, sheet: Sheet) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the number of their first line; a row may span lines, and is bounded before it is taken apart."""
    before = left = 0

    def lines() -> Iterator[str]:
        nonlocal left
        while line := text.readline(left + 1):
            left -= len(line)
            if left < 0:
                raise csv.Error(f"expected rows of at most {MAX_ROW_CHARACTERS} characters, got a longer one")
            yield line

    rows = csv.reader(lines(), strict=True)
    try:
        left = MAX_ROW_CHARACTERS
        for row in rows:
            yield before + 1, row
            before, left = rows.line_num, MAX_ROW_CHARACTERS
    except csv.Error as error:
        sheet.find(before + 1, "", f"not CSV: {error}")


def _fill(sheet: Sheet, header_row: int, header: list[str], rows: Iterator[tuple[int, list[str]]]) -> None:
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
            sheet.find(header_row, column, f"column {shown(column)} is there twice")
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
            sheet.records.append(Record(number, {column: cell for column, cell in pairs if cell and column}))


def _xlsx_sheets(name: str, data: bytes) -> tuple[list[Sheet], list[Finding]]:
    sheets: list[Sheet] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            if unpacked > MAX_UNPACKED_BYTES:
                text = f"expected at most {MAX_UNPACKED_BYTES // 2**20} MiB unpacked"
                return [], [Finding(name, 0, "", text, "")]
            if unpacked > max(MAX_RATIO * len(data), SMALL_UNPACKED_BYTES):
                text = (
                    f"expected at most {MAX_RATIO} times its size unpacked, got {unpacked // max(1, len(data))} times"
                )
                return [], [Finding(name, 0, "", text, "")]
        with warnings.catch_warnings():
            # Styles and validations that the library does not know are none of ours.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            for worksheet in book.worksheets:
                sheet = Sheet(worksheet.title[:MAX_NAME], name, ())
                sheets.append(sheet)
                # The dimensions that a workbook claims are only a claim.
                worksheet.reset_dimensions()
                rows = _filled_rows(sheet, worksheet.iter_rows())
                number, header = next(rows, (1, ()))
                if not header:
                    sheet.find(1, "", "expected a header row, found none")
                    continue
                named = [_seen(sheet, number, "", cell) for cell in header]
                _fill(sheet, number, named, ((n, _texts(sheet, n, named, row)) for n, row in rows))
    except Exception as error:  # noqa: BLE001  the library raises nearly anything for a broken workbook; it is the sender's fault
        text = f"not a readable workbook: {type(error).__name__}: {shown(str(error))}"
        return sheets, [Finding(name, 0, "", text, "")]
    return sheets, []


def _filled_rows(sheet: Sheet, rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[int, tuple[object, ...]]]:
    looked_at = 0
    for number, row in enumerate(rows, start=1):
        looked_at += len(row)
        if number > MAX_ROW_NUMBER or looked_at > MAX_CELLS:
            # The library fills what a sheet leaves out: a row may claim any number, and a cell any column.
            sheet.find(number, "", f"expected at most {MAX_ROW_NUMBER} rows and {MAX_CELLS} cells, empty ones included")
            return
        filled = [position for position, cell in enumerate(row) if getattr(cell, "value", None) is not None]
        if filled and filled[-1] >= MAX_COLUMNS:
            sheet.find(number, "", f"expected at most {MAX_COLUMNS} columns, got {filled[-1] + 1}")
            return
        if filled:
            yield number, row[: filled[-1] + 1]


def _texts(sheet: Sheet, number: int, header: list[str], row: "tuple[object, ...]") -> list[str]:
    texts = [_seen(sheet, number, header[i] if i < len(header) else "", cell) for i, cell in enumerate(row)]
    width = len(sheet.columns or ())
    while len(texts) > width and not texts[-1]:
        texts.pop()
    return texts + [""] * (width - len(texts))


def _seen(sheet: Sheet, number: int, column: str, cell: object) -> str:
    """Return a cell as the text that a person sees; what is no plain value is a finding."""
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "")
    if kind in {"f", "e"}:
        what = "a formula" if kind == "f" else "an error value"
        sheet.find(number, column, f"expected a value, got {what}: {shown(str(value))}")
        return ""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            pattern = getattr(cell, "number_format", "")
            text = format(Decimal(repr(value)), "f")
            text = text.removesuffix(".0")
            # Operation 0010 is stored as the number 10 that is shown with four digits.
            return text.zfill(len(pattern)) if _ZEROS.fullmatch(pattern) and text.isdigit() else text
        case datetime():
            return value.isoformat() if value.time() != time(0) else value.date().isoformat()
        case date():
            return value.isoformat()
        case time():
            return value.isoformat("minutes" if not value.second else "seconds")
        case str():
            return value
        case _:
            sheet.find(number, column, f"expected text, number or date, got {type(value).__name__}")
            return ""


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 0


class _Unexpected(Exception):
    """A YAML file is not a mapping of tables to lists of mappings."""

    def __init__(self, event: yaml.Event, expected: str) -> None:
        super().__init__(expected)
        self.line = _line(event)
        kind = type(event).__name__.removesuffix("Event").removesuffix("Start").lower()
        self.text = f"expected {expected}, got {kind or 'nothing'}"


def _yaml_sheets(name: str, data: bytes) -> tuple[list[Sheet], list[Finding]]:
    # Read event by event: no aliases to multiply, no depth to exhaust, and 0010 stays text.
    sheets: list[Sheet] = []
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return [], [Finding(name, line, "", "expected UTF-8, got an invalid byte", "")]
    try:
        _read_yaml(name, yaml.parse(text, Loader=_Parser), sheets)
    except _Unexpected as problem:
        table = sheets[-1].table if sheets else ""
        return sheets, [Finding(name, problem.line, "", problem.text, table)]
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        detail = getattr(problem, "problem", None) or str(problem)
        return sheets, [Finding(name, mark.line + 1 if mark else 0, "", f"not YAML: {shown(detail)}", "")]
    return sheets, []


_Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Events = Iterator[yaml.Event]


def _read_yaml(name: str, events: _Events, sheets: list[Sheet]) -> None:
    _expect(events, yaml.StreamStartEvent, "YAML")
    _expect(events, yaml.DocumentStartEvent, "a mapping of tables")
    _expect(events, yaml.MappingStartEvent, "a mapping of tables")
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        sheet = Sheet(_scalar(key, "the name of a table")[:MAX_NAME], name, None)
        if len(sheets) >= MAX_TABLES:
            raise _Unexpected(key, f"at most {MAX_TABLES} tables")
        if any(other.table == sheet.table for other in sheets):
            sheet.find(_line(key), "", f"table {shown(sheet.table)} is there twice")
        sheets.append(sheet)
        start = next(events)
        if isinstance(start, yaml.ScalarEvent) and _is_absent(start):
            continue
        if not isinstance(start, yaml.SequenceStartEvent):
            raise _Unexpected(start, f"a list of rows of {shown(sheet.table)}")
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            _read_record(sheet, item, events)
    _expect(events, yaml.DocumentEndEvent, "the end of the mapping")
    _expect(events, yaml.StreamEndEvent, "one document only")


def _read_record(sheet: Sheet, start: yaml.Event, events: _Events) -> None:
    if not isinstance(start, yaml.MappingStartEvent):
        raise _Unexpected(start, f"a row of {shown(sheet.table)}: a mapping of columns")
    number = _line(start)
    cells: dict[str, str] = {}
    seen: set[str] = set()
    read = 0
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        column = _scalar(key, "the name of a column")[:MAX_NAME]
        value = next(events)
        text = _scalar(value, f"a plain value of {shown(column)}").strip(" ")
        if column in seen:
            sheet.find(_line(value), column, f"column {shown(column)} is there twice in one row")
        seen.add(column)
        read += 1
        if read > MAX_COLUMNS:
            raise _Unexpected(start, f"at most {MAX_COLUMNS} columns")
        if not _is_absent(value):
            cells[column] = text
    if len(sheet.records) >= MAX_ROWS:
        raise _Unexpected(start, f"at most {MAX_ROWS} rows")
    sheet.records.append(Record(number, cells))


def _expect(events: _Events, kind: type[yaml.Event], expected: str) -> None:
    event = next(events)
    if not isinstance(event, kind):
        raise _Unexpected(event, expected)


def _scalar(event: yaml.Event, expected: str) -> str:
    if not isinstance(event, yaml.ScalarEvent) or event.tag not in (None, _TEXT_TAG):
        raise _Unexpected(event, expected)
    return str(event.value)


def _is_absent(event: yaml.Event) -> bool:
    if not isinstance(event, yaml.ScalarEvent):
        return False
    return not event.value.strip(" ") or (event.style in (None, "") and event.value in _ABSENT)
