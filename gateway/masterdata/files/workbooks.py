"""Workbooks: each sheet is a table, and a cell is read as a person sees it.

Content that a person does not see, or that Excel has changed, is refused with a sentence: formulas and errors, merged
cells, hidden sheets, digits that Excel has rounded away. Sizes are bounded before anything is parsed.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Context, Decimal

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from gateway.backflush.values.names import quote
from gateway.masterdata.files.sheets import (
    MAX_CELLS,
    MAX_COLUMNS,
    MAX_NAME,
    MAX_RATIO,
    MAX_ROW_NUMBER,
    MAX_UNPACKED_BYTES,
    SMALL_UNPACKED_BYTES,
    Sheet,
    fill,
)
from gateway.masterdata.rows import TABLES, cell_of
from gateway.masterdata.tables import Finding

_ZEROS = re.compile("0{1,40}")
_PRINTED = re.compile(r'"[^"]*"?|\\.|[_*].|\[[^\]]*\]')
"""The parts of a number format that change no number: text beside the digits, space, colour."""
_THOUSANDS = re.compile(r"[0#?],+(?![0#?,])")
"""Commas after the last digit: each divides the shown number by a thousand."""
_MERGED = re.compile(rb'<(?:\w{1,20}:)?mergeCell\s+ref="([A-Z]{1,3}(\d{1,7}):[A-Z]{1,3}\d{1,7})"')
_LONGEST_TAG = 256
_DIGITS = 15
"""The digits of a number that Excel keeps; further ones become zeros."""
_DAY = timedelta(days=1)
_SHOWN = Context(prec=_DIGITS)


def workbook_sheets(name: str, data: bytes) -> tuple[list[Sheet], list[Finding]]:
    """Read every sheet of a workbook."""
    sheets: list[Sheet] = []
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if excess := describe_excess(archive, len(data)):
                return [], [Finding(name, 0, "", excess, "")]
        with warnings.catch_warnings():
            # Styles and validations unknown to the library do not matter.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=False, keep_links=False)
            for worksheet in book.worksheets:
                sheet = Sheet(worksheet.title[:MAX_NAME], name, ())
                sheets.append(sheet)
                if worksheet.sheet_state != "visible":
                    sheet.find(0, "", "expected a sheet that can be seen, got a hidden one: show it, or delete it")
                _find_merged(sheet, worksheet)
                # A workbook may claim any dimensions.
                worksheet.reset_dimensions()
                rows = _rows_with_content(sheet, worksheet.iter_rows())
                number, header = next(rows, (1, ()))
                if not header:
                    sheet.find(1, "", "expected a header row, found none")
                    continue
                named = [_visible_text(sheet, number, "", cell) for cell in header]
                fill(sheet, number, named, ((n, _texts(sheet, n, named, row)) for n, row in rows))
    except MemoryError:
        raise  # no fault of the file's form
    except Exception as error:  # noqa: BLE001  the library raises nearly anything for a broken workbook, which is the sender's fault
        text = f"not a readable workbook: {type(error).__name__}: {quote(str(error))}"
        return sheets, [Finding(name, 0, "", text, "")]
    return sheets, []


def describe_excess(archive: zipfile.ZipFile, size: int) -> str:
    """Return why an archive of this size is not unpacked; empty if it is."""
    unpacked = sum(member.file_size for member in archive.infolist())
    if unpacked > MAX_UNPACKED_BYTES:
        return f"expected at most {MAX_UNPACKED_BYTES // 2**20} MiB unpacked"
    if unpacked > max(MAX_RATIO * size, SMALL_UNPACKED_BYTES):
        return f"expected at most {MAX_RATIO} times its size unpacked, got {unpacked // max(1, size)} times"
    return ""


def _find_merged(sheet: Sheet, worksheet: ReadOnlyWorksheet) -> None:
    """Refuse merged cells: all but the first are empty, though a person sees a value."""
    rest = b""
    source_of = worksheet._get_source  # type: ignore[attr-defined]  # noqa: SLF001 - the only way when reading by rows
    with source_of() as source:
        while chunk := source.read(1 << 20):
            for found in _MERGED.finditer(rest + chunk):
                where = found[1].decode("ascii")
                text = f"expected a value in each cell, got the merged cells {where}: unmerge them"
                sheet.find(int(found[2]), "", text)
            rest = (rest + chunk)[-_LONGEST_TAG:].rpartition(b">")[2]


def _holds_text(table: str, column: str) -> bool:
    """Return whether a column holds text, and no number or date."""
    kind = TABLES.get(table)
    return kind is not None and column in kind.model_fields and cell_of(kind, column).kind == "text"


def _rows_with_content(sheet: Sheet, rows: Iterable[tuple[object, ...]]) -> Iterator[tuple[int, tuple[object, ...]]]:
    looked_at = 0
    for number, row in enumerate(rows, start=1):
        looked_at += len(row)
        if number > MAX_ROW_NUMBER or looked_at > MAX_CELLS:
            # The library fills gaps of a sheet: a row may claim any number, and a cell any column.
            sheet.find(number, "", f"expected at most {MAX_ROW_NUMBER} rows and {MAX_CELLS} cells, empty ones included")
            return
        filled = [position for position, cell in enumerate(row) if getattr(cell, "value", None) is not None]
        if filled and filled[-1] >= MAX_COLUMNS:
            sheet.find(number, "", f"expected at most {MAX_COLUMNS} columns, got {filled[-1] + 1}")
            return
        if filled:
            yield number, row[: filled[-1] + 1]


def _texts(sheet: Sheet, number: int, header: list[str], row: "tuple[object, ...]") -> list[str]:
    texts = [_visible_text(sheet, number, header[i] if i < len(header) else "", cell) for i, cell in enumerate(row)]
    width = len(sheet.columns or ())
    while len(texts) > width and not texts[-1]:
        texts.pop()
    return texts + [""] * (width - len(texts))


def _visible_text(sheet: Sheet, number: int, column: str, cell: object) -> str:
    """Return a cell as a person sees it; anything but a plain value is a finding."""
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "")
    if kind in {"f", "e"}:
        what = "a formula" if kind == "f" else "an error value"
        sheet.find(number, column, f"expected a value, got {what}: {quote(str(value))}")
        return ""
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int() | float():
            return _number(sheet, number, column, value, getattr(cell, "number_format", ""))
        case timedelta() if timedelta() <= value <= _DAY and not value.seconds % 60:
            minutes = value // timedelta(minutes=1)
            return f"{minutes // 60:02}:{minutes % 60:02}"
        case date() if _holds_text(sheet.table, column):
            # Excel makes a date of what looks like one, such as 1-2, and shows another text than a person has typed.
            got = value.isoformat()[:10]
            sheet.find(
                number, column, f"expected text, got the date {got}, which Excel has made of it: format it as text"
            )
            return ""
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


def _number(sheet: Sheet, number: int, column: str, value: float, pattern: str) -> str:
    """Return a number as Excel shows it: with 15 digits, with leading zeros and per cent if its format has them."""
    shape = _shape(pattern, value)
    exact = Decimal(repr(value))
    if _THOUSANDS.search(shape):
        text = f"expected a number that is shown as it is, got thousands of it, by its format {quote(pattern)}"
        sheet.find(number, column, text)
        return ""
    if "%" in shape:
        return f"{_plain(exact * 100 ** shape.count('%'))}%"
    if exact == exact.to_integral_value() and abs(exact) >= 10**_DIGITS:
        text = f"expected at most {_DIGITS} digits in a number, got more, which Excel has rounded: format it as text"
        sheet.find(number, column, text)
        return ""
    text = _plain(exact)
    # Operation 0010 is stored as the number 10, shown with four digits.
    return text.zfill(len(shape)) if _ZEROS.fullmatch(shape) and text.isdigit() else text


def _shape(pattern: str, value: float) -> str:
    """Return the effective part of a number format: that for this sign, without text that is only printed.

    >>> _shape('0.0"%"', 5), _shape("0%", 0.05), _shape("0%;[Red]-0_)", -5)
    ('0.0', '0%', '-0')
    """
    parts = _PRINTED.sub("", pattern).split(";")
    own = 1 if value < 0 else 2 if not value else 0
    return parts[own] if own < len(parts) else parts[0]


def _plain(exact: Decimal) -> str:
    """Print a number with the digits that Excel keeps: 0.30000000000000004 is 0.3.

    >>> _plain(Decimal("0.30000000000000004")), _plain(Decimal("1E+3")), _plain(Decimal("-2.50"))
    ('0.3', '1000', '-2.5')
    """
    text = format(_SHOWN.create_decimal(exact), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
