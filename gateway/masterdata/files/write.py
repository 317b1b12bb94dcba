"""Export: the tables as CSV in a folder or archive or as a workbook, which import to the same digest; one to fill in.

No cell can carry a formula into a spreadsheet: text that would run as one is refused on reading (`cells.clean`), so
the text written here is inert and needs no quoting that an import would have to undo. In a workbook
text is formatted as text, so that codes keep their zeros; quantities are numbers, and dates are dates.
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import Cell as Written
from openpyxl.comments import Comment
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from gateway.errors import UsageError
from gateway.masterdata.cells import Cell
from gateway.masterdata.files.meanings import meaning_of
from gateway.masterdata.files.page import default_of
from gateway.masterdata.rows import TABLES, TableRow, cell_of
from gateway.masterdata.tables import Tables

WORKBOOK: Final = ".xlsx"
_OTHER_FILES: Final = (".csv", ".json", ".ods", ".toml", ".xls", ".yaml", ".yml")
_ORDINARY_FILE: Final = 0o644 << 16
"""The rights of a file that is unpacked."""
_LAST_ROW: Final = 1 << 20
_FORMATS: Final = {"text": "@", "number": "General", "date": "yyyy-mm-dd", "moment": "@"}
_WIDTHS: Final = {"text": 18, "number": 12, "date": 12, "moment": 20}
_KEPT_DIGITS: Final = 15
_BOLD: Final = Font(bold=True)


def export_files(tables: Tables, target: Path) -> list[Path]:
    """Write a workbook or an archive if the name ends so, else a folder of CSV files; return the files.

    The ending of another kind of file is refused: a folder of that name cannot be intended.
    """
    if target.suffix.lower() in _OTHER_FILES and not target.is_dir():
        raise UsageError(f"expected a folder, a workbook such as masterdata.xlsx, or a .zip, got {str(target)!r}")
    match target.suffix.lower():
        case ".xlsx":
            export_workbook(tables, target)
        case ".zip":
            export_archive(tables, target)
        case _:
            return export_tables(tables, target)
    return [target]


def export_tables(tables: Tables, folder: Path) -> list[Path]:
    """Write one CSV file per existing table and return the files.

    Every column is written; other files in the folder are left alone.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, text in _csv_files(tables):
        path = folder / name
        path.write_text(text, encoding="utf-8", newline="")
        written.append(path)
    return written


def export_archive(tables: Tables, file: Path | BinaryIO) -> None:
    """Write an archive with one CSV file per existing table; equal tables give equal bytes."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in _csv_files(tables):
            member = zipfile.ZipInfo(name)
            member.external_attr, member.compress_type = _ORDINARY_FILE, zipfile.ZIP_DEFLATED
            archive.writestr(member, text)


def _csv_files(tables: Tables) -> Iterator[tuple[str, str]]:
    """Yield name and text of the file of each table."""
    for table, rows in tables.rows.items():
        file = io.StringIO(newline="")
        writer = csv.DictWriter(file, list(TABLES[table].model_fields), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(row.cells() for row in rows)
        yield f"{table}.csv", file.getvalue()


def export_workbook(tables: Tables, file: Path) -> None:
    """Write a workbook with a sheet per existing table."""
    _save(tables.rows, file)


def write_template(file: Path) -> None:
    """Write a workbook with a sheet for every table: columns, their meanings, and lists of words to choose from."""
    _save(dict.fromkeys(TABLES, ()), file)


def _save(tables: Mapping[str, Iterable[TableRow]], file: Path) -> None:
    book = Workbook(write_only=True)
    for table, rows in tables.items():
        kind = TABLES[table]
        cells = {column: cell_of(kind, column) for column in kind.model_fields}
        sheet = book.create_sheet(table)
        _prepare(sheet, cells)
        sheet.append([_header(sheet, kind, column) for column in cells])
        for row in rows:
            shown = row.cells()
            sheet.append([_value(sheet, cell, shown.get(column, "")) for column, cell in cells.items()])
    book.save(file)


def _prepare(sheet: Worksheet, cells: Mapping[str, Cell]) -> None:
    """Format whole columns, so that input below the last row is read as intended."""
    sheet.freeze_panes = "A2"
    for position, (column, cell) in enumerate(cells.items(), start=1):
        letter = get_column_letter(position)
        dimension = sheet.column_dimensions[letter]
        dimension.width = max(_WIDTHS[cell.kind], len(column) + 2)
        dimension.number_format = _FORMATS[cell.kind]
        if cell.words:
            words = DataValidation(
                "list", formula1=f'"{",".join(cell.words)}"', allow_blank=True, showErrorMessage=True
            )
            words.error = f"expected {', '.join(cell.words)}"
            words.add(f"{letter}2:{letter}{_LAST_ROW}")
            sheet.data_validations.append(words)


def _header(sheet: Worksheet, kind: type[TableRow], column: str) -> Written:
    """Name a column, with its meaning as a note."""
    made = WriteOnlyCell(sheet, column)
    default, meaning, cell = default_of(kind, column), meaning_of(kind.table, column), cell_of(kind, column)
    lines = [meaning.text, f"Holds {', '.join(cell.words) or cell.says}."]
    if meaning.unit:
        lines.append(f"Unit: {meaning.unit}.")
    lines.append("Must be given." if default is None else f"Empty means {default}." if default else "May be empty.")
    note = Comment("\n".join(lines), "backflush")
    note.width, note.height = 320, 120
    made.comment = note
    if column in kind.key_columns:
        made.font = _BOLD
    return made


def _value(sheet: Worksheet, cell: Cell, text: str) -> Written | None:
    if not text:
        return None
    value: str | float | datetime = text
    match cell.kind:
        case "number" if sum(map(str.isdigit, text)) <= _KEPT_DIGITS:
            value = float(text) if "." in text else int(text)
        case "date" if text >= "1900-03-01":  # from there on Excel counts days correctly
            value = datetime.fromisoformat(text)
        case _:
            pass
    made = WriteOnlyCell(sheet, value)
    if value is text:
        # The library would turn a text like #N/A into an error.
        made.number_format, made.data_type = "@", "s"
    else:
        made.number_format = _FORMATS[cell.kind]
    return made
