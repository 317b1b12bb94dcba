"""Three doors, one shape: CSV files, sheets of a workbook, keys of a YAML file all become sheets of text.

CSV files may lie in a folder or in an archive, which is read in memory: nothing of it is written to a disk.

Only the format itself is interpreted here; a number in a workbook becomes the text that a person sees. Every source is
total: any bytes give sheets and findings. Size, depth and breadth are bounded before anything is parsed.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import Final

import yaml

from gateway.backflush.values.names import quote
from gateway.masterdata.files.sheets import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_NAME,
    MAX_ROW_CHARACTERS,
    MAX_ROWS,
    MAX_TABLES,
    Record,
    Sheet,
    fill,
)
from gateway.masterdata.files.workbooks import describe_excess, workbook_sheets
from gateway.masterdata.tables import Finding

_SAID = ("sep=,", "sep=;")
_ABSENT = ("", "~", "null", "Null", "NULL")
_ENCRYPTED: Final = 1
"""A flag of a member of an archive."""
_LONGEST_NAME: Final = 255
"""Of a file on most disks; a member of an archive may have a longer one."""
_TEXT_TAG = "tag:yaml.org,2002:str"


def sheets_of(path: Path) -> tuple[list[Sheet], list[Finding]]:
    """Read a folder or archive of CSV files, one of them, an XLSX file or a YAML file."""
    name = path.name or str(path)
    if path.is_dir():
        files = sorted(file for file in path.iterdir() if file.suffix.lower() == ".csv" and file.is_file())
        return _all_of(name, (_bytes_of(file, _csv_sheet) for file in files))
    formats = {".csv": _csv_sheet, ".xlsx": workbook_sheets, ".zip": _archive_sheets, ".yaml": _yaml_sheets,
               ".yml": _yaml_sheets}  # fmt: skip
    source = formats.get(path.suffix.lower())
    if source is None or not path.is_file():
        what = "nothing" if not path.exists() else quote(path.name)
        return [], [
            Finding(name, 0, "", f"expected a folder of CSV files, a .csv, .xlsx, .yaml or .zip file, got {what}", "")
        ]
    return _bytes_of(path, source)


_REMEDY: Final = "in Excel, save it as CSV UTF-8"
_Read = tuple[list[Sheet], list[Finding]]
_Source = Callable[[str, bytes], _Read]


def _all_of(name: str, read: Iterator[_Read]) -> _Read:
    """Put the sheets and findings of CSV files together."""
    found = list(read)
    if not found:
        return [], [Finding(name, 0, "", "expected CSV files named as tables, found none", "")]
    return [sheet for sheets, _ in found for sheet in sheets], [each for _, findings in found for each in findings]


def _bytes_of(path: Path, source: _Source) -> tuple[list[Sheet], list[Finding]]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        return [], [Finding(path.name, 0, "", f"cannot be read: {error.strerror}", "")]
    if len(data) > MAX_BYTES:
        return [], [Finding(path.name, 0, "", f"expected at most {MAX_BYTES // 2**20} MiB", "")]
    return source(path.name, data)


def _archive_sheets(name: str, data: bytes) -> _Read:
    """Read the CSV files of an archive, in whatever folder of it they lie."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if excess := describe_excess(archive, len(data)):
                return [], [Finding(name, 0, "", excess, "")]
            members = [each for each in archive.infolist() if not each.is_dir() and _is_table(each.filename)]
            if len(members) > MAX_TABLES:
                return [], [Finding(name, 0, "", f"expected at most {MAX_TABLES} tables, got {len(members)}", "")]
            if any(member.flag_bits & _ENCRYPTED for member in members):
                return [], [Finding(name, 0, "", "expected an archive without a password, got an encrypted one", "")]
            return _all_of(name, (_member_sheet(name, each.filename, archive.read(each)) for each in members))
    except MemoryError:
        raise  # no fault of the file's form
    except Exception as error:  # noqa: BLE001  the library raises nearly anything for a broken archive, which is the sender's fault
        return [], [Finding(name, 0, "", f"not a readable archive: {type(error).__name__}: {quote(str(error))}", "")]


def _is_table(path: str) -> bool:
    """Return whether a member of an archive is a CSV file; macOS adds a hidden one beside each."""
    way = _way(path)
    return way.suffix.lower() == ".csv" and not way.name.startswith(".")


def _way(path: str) -> PurePosixPath:
    """Return the path of a member; some programs on Windows write it with backslashes."""
    return PurePosixPath(path.replace("\\", "/"))


def _member_sheet(name: str, path: str, data: bytes) -> _Read:
    way = _way(path)
    if ".." in way.parts or way.is_absolute():
        return [], [Finding(name, 0, "", f"expected files within the archive, got the path {quote(path)}", "")]
    return _csv_sheet(way.name[-_LONGEST_NAME:], data)


def _csv_sheet(name: str, data: bytes) -> tuple[list[Sheet], list[Finding]]:
    # Without a mark the first character still shows it: half of it is zero.
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) or 0 in data[:2]:
        return [], [Finding(name, 0, "", f"expected UTF-8, got UTF-16: {_REMEDY}", "")]
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return [], [_invalid(name, data, error, f": {_REMEDY}")]
    lines = io.StringIO(text, newline="")
    header = lines.readline(MAX_ROW_CHARACTERS)
    before = 0
    if header.rstrip("\r\n") in _SAID:  # Excel's line that names the separator
        text, before = text[len(header) :], 1
        header = lines.readline(MAX_ROW_CHARACTERS)
    sheet = Sheet(name[: -len(".csv")][:MAX_NAME], name, (), semicolons=";" in header and "," not in header)
    numbered = _number_rows(io.StringIO(text, newline=""), sheet, before)
    number, columns = next(numbered, (1, []))
    if not any(columns):
        return [], [Finding(name, 1, "", "expected a header row, found none", sheet.table)]
    fill(sheet, number, columns, numbered)
    return [sheet], []


def _number_rows(text: io.StringIO, sheet: Sheet, above: int) -> Iterator[tuple[int, list[str]]]:
    """Yield rows with the number of their first line; a row may span lines, and is bounded before it is split."""
    before, left = above, 0

    def lines() -> Iterator[str]:
        nonlocal left
        while line := text.readline(left + 1):
            left -= len(line)
            if left < 0:
                raise csv.Error(f"expected rows of at most {MAX_ROW_CHARACTERS} characters, got a longer one")
            yield line

    rows = csv.reader(lines(), strict=True, delimiter=";" if sheet.semicolons else ",")
    try:
        left = MAX_ROW_CHARACTERS
        for row in rows:
            yield before + 1, row
            before, left = above + rows.line_num, MAX_ROW_CHARACTERS
    except csv.Error as error:
        sheet.find(before + 1, "", f"not CSV: {error}")


def _invalid(name: str, data: bytes, error: UnicodeDecodeError, remedy: str = "") -> Finding:
    """Return the one finding of a file in another encoding: its first line that shows it."""
    line = data.count(b"\n", 0, error.start) + 1
    return Finding(name, line, "", f"expected UTF-8, got an invalid byte{remedy}", "")


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
        return [], [_invalid(name, data, error)]
    try:
        _read_yaml(name, yaml.parse(text, Loader=_Parser), sheets)
    except _Unexpected as problem:
        table = sheets[-1].table if sheets else ""
        return sheets, [Finding(name, problem.line, "", problem.text, table)]
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        mark = getattr(problem, "problem_mark", None)
        detail = getattr(problem, "problem", None) or str(problem)
        return sheets, [Finding(name, mark.line + 1 if mark else 0, "", f"not YAML: {quote(detail)}", "")]
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
            sheet.find(_line(key), "", f"table {quote(sheet.table)} is there twice")
        sheets.append(sheet)
        start = next(events)
        if isinstance(start, yaml.ScalarEvent) and _is_absent(start):
            continue
        if not isinstance(start, yaml.SequenceStartEvent):
            raise _Unexpected(start, f"a list of rows of {quote(sheet.table)}")
        while not isinstance(item := next(events), yaml.SequenceEndEvent):
            _read_record(sheet, item, events)
    _expect(events, yaml.DocumentEndEvent, "the end of the mapping")
    _expect(events, yaml.StreamEndEvent, "one document only")


def _read_record(sheet: Sheet, start: yaml.Event, events: _Events) -> None:
    if not isinstance(start, yaml.MappingStartEvent):
        raise _Unexpected(start, f"a row of {quote(sheet.table)}: a mapping of columns")
    number = _line(start)
    cells: dict[str, str] = {}
    seen: set[str] = set()
    read = 0
    while not isinstance(key := next(events), yaml.MappingEndEvent):
        column = _scalar(key, "the name of a column")[:MAX_NAME]
        value = next(events)
        text = _scalar(value, f"a plain value of {quote(column)}").strip(" ")
        if column in seen:
            sheet.find(_line(value), column, f"column {quote(column)} is there twice in one row")
        seen.add(column)
        read += 1
        if read > MAX_COLUMNS:
            raise _Unexpected(start, f"at most {MAX_COLUMNS} columns")
        if not _is_absent(value):
            cells[column] = text
    if len(sheet.records) >= MAX_ROWS:
        raise _Unexpected(start, f"at most {MAX_ROWS} rows")
    sheet.records.append(Record(number, cells, frozenset(seen)))


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
