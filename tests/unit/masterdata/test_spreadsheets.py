"""What spreadsheets make of what people type: used as it is seen, or refused with a sentence that says where."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from gateway.errors import UsageError
from gateway.masterdata.checks.later import LATER, SCRAP
from gateway.masterdata.files.meanings import COLUMNS_MEAN, TABLES_MEAN, meaning_of
from gateway.masterdata.files.page import page
from gateway.masterdata.files.read import read_all
from gateway.masterdata.files.write import export_files, export_workbook, write_template
from gateway.masterdata.importing import prepare
from gateway.masterdata.rows import TABLES, cell_of
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder

PAGE = Path(__file__).parents[3] / "docs" / "master-data.md"


def seen(tmp_path: Path, column: str, value: object, pattern: str = "General") -> str:
    """Return what is read of one cell of a material, or the sentence that refuses it."""
    book = openpyxl.Workbook()
    sheet = _sheet(book)
    sheet.title = "materials"
    sheet.append(["plant", "material", column])
    sheet.append(["1000", "PUMP", value])
    sheet["C2"].number_format = pattern
    book.save(tmp_path / "plant.xlsx")
    tables, findings = read_all(tmp_path / "plant.xlsx")
    if findings:
        return str(findings[0])
    return tables.rows["materials"][0].cells().get(column, "")


def _sheet(book: openpyxl.Workbook) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    return sheet


CELLS: list[tuple[str, object, str, str]] = [
    ("standard_price", 12.5, "General", "12.5"),
    ("standard_price", 0.1 + 0.2, "General", "0.3"),
    ("standard_price", "12.50", "@", "12.5"),
    ("standard_price", 1234.5, "#,##0.00", "1234.5"),
    (
        "standard_price",
        "12,50",
        "@",
        "expected a number of at least 0 with up to 12 digits and 6 decimals, with a decimal point",
    ),
    ("standard_price", datetime.fromisoformat("2026-05-01"), "d-mmm", "expected a number of at least 0"),
    ("standard_price", 1e16, "General", "expected at most 15 digits in a number, got more, which Excel has rounded"),
    ("standard_price", "=1+1", "General", "expected a value, got a formula: '=1+1'"),
    ("standard_price", "#DIV/0!", "General", "expected a value, got an error value: '#DIV/0!'"),
    ("component_scrap_percent", 0.05, "0.0%", "5"),
    ("component_scrap_percent", "5 %", "@", "5"),
    ("component_scrap_percent", 5, '0" %"', "5"),
    ("component_scrap_percent", 5, r"0\%", "5"),
    ("component_scrap_percent", 2.5, '0.0"%"', "2.5"),
    ("component_scrap_percent", 0.05, '0.0" of "%_);-0', "5"),
    ("component_scrap_percent", 5, "0;[Red]-0%", "5"),
    ("standard_price", 5, '0.00" EUR"', "5"),
    ("standard_price", 1500, "#,##0.00_ ", "1500"),
    ("standard_price", 5000, "#,##0,", "expected a number that is shown as it is, got thousands of it, by its format"),
    ("standard_price", 0.05, "0%", "expected a number of at least 0 with up to 12 digits and 6 decimals, got '5%'"),
    ("unit", datetime.fromisoformat("2026-01-02"), "d-mmm", "expected text, got the date 2026-01-02, which Excel has"),
    ("decimals", 3.0, "General", "3"),
    ("phantom", True, "General", "yes"),
    ("description", 7, "0000", "0007"),
    ("description", 7, "0000_)", "0007"),
    ("description", timedelta(hours=6), "[h]:mm", "06:00"),
    ("description", timedelta(days=2), "[h]:mm", "expected text, number or date, got timedelta"),
]


@pytest.mark.parametrize(("column", "value", "pattern", "expected"), CELLS, ids=range(len(CELLS)))
def test_a_cell_is_used_as_it_is_seen_or_refused_with_its_place(
    column: str, value: object, pattern: str, expected: str, tmp_path: Path
) -> None:
    got = seen(tmp_path, column, value, pattern)
    if expected.startswith("expected"):
        assert got.startswith(f"plant.xlsx:2: materials.{column}: error: {expected}")
    else:
        assert got == expected


def test_a_text_like_an_error_of_a_spreadsheet_comes_back_from_a_workbook(tmp_path: Path) -> None:
    read = read_all(write_folder(tmp_path / "csv", {"scrap_reasons": "reason,text\n#N/A,#DIV/0!"})).tables
    export_workbook(read, tmp_path / "plant.xlsx")
    assert read_all(tmp_path / "plant.xlsx") == (read, [])


@pytest.mark.parametrize("name", ["exp.yaml", "exp.yml", "o.xls", "scrap.CSV"])
def test_a_file_that_no_export_writes_is_refused_and_no_folder_of_its_name_is_made(name: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="expected a folder, a workbook"):
        export_files(Tables(), tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_merged_cells_and_hidden_sheets_are_refused(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = _sheet(book)
    sheet.title = "scrap_reasons"
    for row in (["reason", "text"], ["05", "Scratched"], ["07", None]):
        sheet.append(row)
    sheet.merge_cells("B2:B3")
    hidden = book.create_sheet("operators")
    hidden.append(["operator"])
    hidden.sheet_state = "hidden"
    book.save(tmp_path / "plant.xlsx")
    assert [str(finding) for finding in read_all(tmp_path / "plant.xlsx").findings] == [
        "plant.xlsx: operators: error: expected a sheet that can be seen, got a hidden one: show it, or delete it",
        "plant.xlsx:2: scrap_reasons: error: expected a value in each cell, got the merged cells B2:B3: unmerge them",
    ]


SEMICOLONS = [
    ("1,5", "", "1.5"),
    ("1.5", "", "1.5"),
    ("0.250", "", "0.25"),
    ("1500", "", "1500"),
    ("1.500", "0,5", "1500"),
    ("1,500", "0,5", "1.5"),
    ("1,500", "0.5", "1500"),
    ("1,500", "", "expected a number that can be read in one way, got '1,500': write 1500 or 1.5"),
    ("100.000", "", "expected a number that can be read in one way, got '100.000': write 100000 or 100"),
    ("1.234,5", "", "1234.5"),
    ("1,234.500", "", "1234.5"),
    ("1.234.000", "0,5", "1234000"),
    ("1.500", "1.234.000", "1500"),
    (
        "1.234.000",
        "0.5",
        "expected one decimal sign, got '1.234.000' in a file that writes decimals with a comma and with a point",
    ),
    ("1.25,5", "", "expected a number above 0 with up to 12 digits and 6 decimals, with a decimal point, got '1.25,5'"),
    (
        "1.234,5,6",
        "",
        "expected a number above 0 with up to 12 digits and 6 decimals, with a decimal point, got '1.234,5,6'",
    ),
]


@pytest.mark.parametrize(("text", "beside", "expected"), SEMICOLONS, ids=range(len(SEMICOLONS)))
def test_semicolons_come_with_a_decimal_comma_or_a_point_and_never_with_a_guess(
    text: str, beside: str, expected: str, tmp_path: Path
) -> None:
    more = f"PUMP;ML;{beside};\n" if beside else ""
    content = f"\ufeffsep=;\r\nmaterial;unit;numerator;denominator\n{more}GLUE;ML;{text};\n"
    (tmp_path / "units.csv").write_text(content, encoding="utf-8")
    tables, findings = read_all(tmp_path)
    if findings:
        assert (findings[-1].row, findings[-1].field, findings[-1].text) == (4 if beside else 3, "numerator", expected)
    else:
        assert tables.rows["units"][0].cells()["numerator"] == expected


PERCENTAGES = [
    ("2,5%", "", "2.5"),
    ("2,5 %", "1.500,5", "2.5"),
    ("1.500%", "2,5", "expected a percentage from 0 to 1000 with up to 6 decimals, got '1500'"),
    ("1.000 %", "2,5", "1000"),
    ("1.500%", "2.5", "1.5"),
    ("1.500%", "", "expected a number that can be read in one way, got '1.500%': write 1500% or 1.5%"),
]


@pytest.mark.parametrize(("text", "beside", "expected"), PERCENTAGES, ids=range(len(PERCENTAGES)))
def test_a_percentage_is_written_as_the_other_numbers_are(
    text: str, beside: str, expected: str, tmp_path: Path
) -> None:
    content = f"plant;material;component_scrap_percent;lot_size\n1000;GLUE;{text};{beside}\n"
    (tmp_path / "materials.csv").write_text(content, encoding="utf-8")
    tables, findings = read_all(tmp_path)
    told = [f.text for f in findings] or [tables.rows["materials"][0].cells()["component_scrap_percent"]]
    assert told == [expected]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_refused_in_one_sentence_with_and_without_its_mark(encoding: str, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("material,unit,numerator\nGLUE,ML,1\n", encoding=encoding)
    told = "units.csv: error: expected UTF-8, got UTF-16: in Excel, save it as CSV UTF-8"
    assert list(map(str, read_all(tmp_path).findings)) == [told]


def test_dates_with_points_are_read_where_semicolons_are(tmp_path: Path) -> None:
    header = "plant;material;batch;received"
    (tmp_path / "batches.csv").write_text(f"{header}\n1000;P;B1;1.2.2026\n1000;P;B2;31.02.2026\n1000;P;B3;2026-02-03\n")
    tables, findings = read_all(tmp_path)
    assert [row.cells().get("received") for row in tables.rows["batches"]] == ["2026-02-01", None, "2026-02-03"]
    assert [(f.row, f.text) for f in findings] == [(3, "expected a date like 2026-01-31, got '2026-02-31'")]


def test_a_template_that_is_filled_in_is_imported(tmp_path: Path) -> None:
    file = tmp_path / "plant.xlsx"
    write_template(file)
    assert read_all(file).findings == []
    book = openpyxl.load_workbook(file)
    for table, text in SMALL.items():
        header, *rows = [line.split(",") for line in text.strip().split("\n")]
        columns = [cell.value for cell in book[table][1]]
        for row in rows:
            said = dict(zip(header, row, strict=True))
            book[table].append([said.get(str(column)) or None for column in columns])
    book.save(file)
    filled = prepare(file, Tables())
    assert not filled.refused, "\n".join(map(str, filled.findings))
    in_force = prepare(write_folder(tmp_path / "csv", SMALL), Tables()).merged
    assert {name: rows for name, rows in filled.merged.rows.items() if rows} == in_force.rows


def test_a_template_offers_words_says_what_columns_are_and_keeps_zeros(tmp_path: Path) -> None:
    file = tmp_path / "plant.xlsx"
    write_template(file)
    book = openpyxl.load_workbook(file)
    assert book.sheetnames == list(TABLES)
    for table, kind in TABLES.items():
        sheet = book[table]
        offered = {str(found.sqref)[0:2].rstrip("2"): found.formula1 for found in sheet.data_validations.dataValidation}
        for letter, cell in zip(map(get_column_letter, range(1, 65)), sheet[1], strict=False):
            column = str(cell.value)
            assert cell.comment is not None
            assert cell.comment.text.startswith(meaning_of(table, column).text)
            words = cell_of(kind, column).words
            assert offered.get(letter) == (f'"{",".join(words)}"' if words else None)
            if cell_of(kind, column).kind == "text":
                assert sheet.column_dimensions[letter].number_format == "@"


def test_the_page_of_tables_is_what_the_program_reads() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "write it again: make docs"


def test_every_table_and_column_has_a_meaning_and_no_other() -> None:
    assert TABLES_MEAN.keys() == {*TABLES, "*"}
    for table, kind in TABLES.items():
        for column in kind.model_fields:
            assert meaning_of(table, column).text
            words = re.findall("`([a-z_]+)`", meaning_of(table, column).text)
            allowed = {*cell_of(kind, column).words, "check", "reading", "shift", "scan", "_"}
            assert {*words} <= allowed, f"{table}.{column} speaks of words that it does not hold"
    later = {name for columns in (*SCRAP, *LATER.values()) for name in columns}
    unused = {
        f"{t}.{c}" for t, kind in TABLES.items() for c in kind.model_fields if "not used yet" in meaning_of(t, c).text
    }
    assert unused == later
    known = {(table, column) for table, kind in TABLES.items() for column in kind.model_fields}
    assert {(table, column) for table, column in COLUMNS_MEAN if table != "*"} <= known
    assert {column for table, column in COLUMNS_MEAN if table == "*"} <= {column for _, column in known}
