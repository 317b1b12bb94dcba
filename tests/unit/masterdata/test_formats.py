"""Three formats, one meaning; and whatever the bytes are, the answer is tables or findings."""

import csv
import io
import zipfile
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.masterdata.files.read import read_all, read_tables
from gateway.masterdata.files.sheets import MAX_COLUMNS
from gateway.masterdata.rows import TABLES
from gateway.masterdata.tables import Finding, Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder

QUIET = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def rows_of(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text.strip("\n"))))


def workbook(path: Path, tables: dict[str, list[list[object]]]) -> Path:
    book = openpyxl.Workbook()
    for name in book.sheetnames:
        del book[name]
    for name, rows in tables.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def tables_in(path: Path) -> Tables:
    read = read_tables(path)
    assert isinstance(read, Tables), "\n".join(map(str, read))
    return read


def findings_in(path: Path) -> list[Finding]:
    read = read_tables(path)
    assert not isinstance(read, Tables)
    return read


def test_folder_workbook_and_yaml_mean_the_same(tmp_path: Path) -> None:
    as_csv = write_folder(tmp_path / "csv", SMALL)
    as_xlsx = workbook(tmp_path / "plant.xlsx", {n: [list(row) for row in rows_of(t)] for n, t in SMALL.items()})
    as_yaml = tmp_path / "plant.yaml"
    lines = []
    for name, text in SMALL.items():
        header, *rows = rows_of(text)
        lines.append(f"{name}:")
        for row in rows:
            cells = ", ".join(f"{column}: {cell or '~'}" for column, cell in zip(header, row, strict=True))
            lines.append(f"  - {{{cells}}}")
    as_yaml.write_text("\n".join(lines))
    assert tables_in(as_csv).digest == tables_in(as_xlsx).digest == tables_in(as_yaml).digest


def test_a_byte_order_mark_and_windows_line_ends_are_tolerated(tmp_path: Path) -> None:
    (tmp_path / "scrap_reasons.csv").write_bytes(b"\xef\xbb\xbfreason,text\r\n05,Scratched\r\n")
    assert [row.cells() for row in tables_in(tmp_path).rows["scrap_reasons"]] == [{"reason": "05", "text": "Scratched"}]


def test_a_table_in_another_encoding_or_twice_is_one_sentence(tmp_path: Path) -> None:
    for encoding in ("utf-16", "utf-16-be"):
        text = "\ufeffreason,text\n05,x\n" if encoding == "utf-16-be" else "reason,text\n05,x\n"
        (tmp_path / "scrap_reasons.csv").write_bytes(text.encode(encoding))
        [found] = findings_in(tmp_path)
        assert found.text == "expected UTF-8, got UTF-16: in Excel, save it as CSV UTF-8"
    for name in ("scrap_reasons.csv", "scrap_reasons.CSV"):
        (tmp_path / name).write_text("reason,text\n05,x\n")
    [found] = findings_in(tmp_path)
    assert found.text == "table scrap_reasons is in another file already"


def test_blanks_empty_lines_and_columns_in_any_order_do_not_matter(tmp_path: Path) -> None:
    (tmp_path / "scrap_reasons.csv").write_text("text , reason\n\n Scratched ,05\n,\n")
    assert [row.cells() for row in tables_in(tmp_path).rows["scrap_reasons"]] == [{"reason": "05", "text": "Scratched"}]


def test_a_table_in_the_code_of_windows_is_one_finding_with_its_first_such_line_and_the_remedy(tmp_path: Path) -> None:
    rows = b"reason;text\r\n05;Scratched\r\n07;Gr\xf6\xdfe\r\n08;H\xf6he\r\n"
    (tmp_path / "scrap_reasons.csv").write_bytes(rows)
    [found] = findings_in(tmp_path)
    assert (found.row, found.text) == (3, "expected UTF-8, got an invalid byte: in Excel, save it as CSV UTF-8")


@pytest.mark.parametrize(("cell", "delimiter"), [("1.00023E+12", ","), ("9,99032E+17", ";"), ("4E+11", ",")])
def test_a_code_that_excel_has_rounded_is_refused(cell: str, delimiter: str, tmp_path: Path) -> None:
    (tmp_path / "scrap_reasons.csv").write_text(f"reason{delimiter}text\n{cell}{delimiter}Scratched\n")
    [found] = findings_in(tmp_path)
    assert (found.row, found.field) == (2, "reason")
    assert found.text == f"expected all digits, got '{cell}', which Excel has rounded: format the column as text"


@pytest.mark.parametrize("cell", ["E+12", "1.5E3", "A1E+12", "1E+123"])
def test_a_code_that_only_looks_like_a_number_is_taken(cell: str, tmp_path: Path) -> None:
    (tmp_path / "scrap_reasons.csv").write_text(f"reason,text\n{cell},Scratched\n")
    assert [row.cells()["reason"] for row in tables_in(tmp_path).rows["scrap_reasons"]] == [cell]


def test_a_file_alone_is_a_folder_of_one(tmp_path: Path) -> None:
    folder = tmp_path / "brought"
    write_folder(folder, SMALL)
    file = folder / "storage_locations.csv"
    of_folder, alone = tables_in(folder), tables_in(file)
    assert alone.rows == {"storage_locations": of_folder.rows["storage_locations"]}
    assert tables_in(file.rename(folder / "storage_locations.CSV")).rows == alone.rows


def test_other_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    write_folder(tmp_path, SMALL)
    (tmp_path / "README.md").write_text("not a table")
    assert tables_in(tmp_path).rows.keys() == SMALL.keys()


def test_a_cell_of_a_workbook_is_the_text_that_a_person_sees(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "operations"
    sheet.append(["plant", "material", "operation", "work_center", "reporting_point"])
    sheet.append([1000, "PUMP", 10, "ASM1", True])
    sheet["C2"].number_format = "0000"
    prices = book.create_sheet("activity_rates")
    prices.append(["plant", "work_center", "activity", "rate_per_hour"])
    prices.append([1000, "ASM1", "LABOUR", 41.25])
    shifts = book.create_sheet("shifts")
    shifts.append(["plant", "shift", "start", "end"])
    shifts.append([1000, "early", time(6), time(14)])
    runs = book.create_sheet("runs")
    runs.append(["plant", "line", "material", "version", "start", "end"])
    runs.append([1000, "L01", "PUMP", "0001", date(2026, 1, 1), datetime(2026, 1, 1, 14, 30)])  # noqa: DTZ001  plant time
    book.save(tmp_path / "plant.xlsx")
    tables = tables_in(tmp_path / "plant.xlsx")
    cells = {name: dict(rows[0].cells()) for name, rows in tables.rows.items()}
    assert (cells["operations"]["operation"], cells["operations"]["reporting_point"]) == ("0010", "yes")
    assert cells["activity_rates"]["rate_per_hour"] == "41.25"
    assert (cells["shifts"]["start"], cells["shifts"]["end"]) == ("06:00", "14:00")
    assert (cells["runs"]["start"], cells["runs"]["end"]) == ("2026-01-01T00:00:00", "2026-01-01T14:30:00")


def test_a_formula_is_refused_and_not_told_a_second_time_as_missing(tmp_path: Path) -> None:
    rows: list[list[object]] = [["reason", "text"], ["=1+4", "Scratched"], ["07", '=HYPERLINK("x")']]
    findings = findings_in(workbook(tmp_path / "plant.xlsx", {"scrap_reasons": rows}))
    assert [(f.file, f.table, f.row, f.field, f.text) for f in findings] == [
        ("plant.xlsx", "scrap_reasons", 2, "reason", "expected a value, got a formula: '=1+4'"),
        ("plant.xlsx", "scrap_reasons", 3, "text", "expected a value, got a formula: '=HYPERLINK(\"x\")'"),
    ]


def test_a_workbook_that_unpacks_to_far_too_much_is_refused_unread(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a", "w") as file:
        for _ in range(300):
            file.write(bytes(2**20))
    assert [f.text for f in findings_in(tmp_path / "bomb.xlsx")] == ["expected at most 256 MiB unpacked"]


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    header: list[object] = [f"c{i}" for i in range(MAX_COLUMNS + 10)]
    rows: list[list[object]] = [["reason", *header], ["05"]]
    texts = [f.text for f in findings_in(workbook(tmp_path / "wide.xlsx", {"scrap_reasons": rows}))]
    assert any(text.startswith("expected at most 64 columns") for text in texts)


@pytest.mark.parametrize("place", ["XFD3", "A1048576"])
def test_a_lonely_cell_far_away_is_never_dropped_silently(place: str, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "scrap_reasons"
    sheet.append(["text", "reason"])
    sheet[place] = "far away"
    book.save(tmp_path / "plant.xlsx")
    (finding,) = findings_in(tmp_path / "plant.xlsx")
    assert finding.row == int(place.lstrip("AXFD"))


YAML = [
    ("plants: [{plant: 1000, plant: 2000}]", 1, "plant", "column 'plant' is there twice in one row"),
    ("plants: []\nlines: []\nplants: []", 3, "", "table 'plants' is there twice"),
    ("plants:\n  - &a {plant: 1000}\n  - *a", 3, "", "expected a row of 'plants': a mapping of columns, got alias"),
    ("plants:\n  - {plant: [1000]}", 2, "", "expected a plain value of 'plant', got sequence"),
    ("plants: {plant: 1000}", 1, "", "expected a list of rows of 'plants', got mapping"),
    ("- plants", 1, "", "expected a mapping of tables, got sequence"),
    ("plants:\n  - {plant: !!python/name:os.system x}", 2, "", "expected a plain value of 'plant', got scalar"),
    ("plants: [{plant: 1000}]\n---\nplants: []", 2, "", "expected one document only, got document"),
    ("plants: [{plant: 1000]", 1, "", "not YAML"),
    ("plants: [{plant: 1000, colour: red}]", 1, "colour", "unknown column 'colour'"),
    ("plants: [{name: Pump works}]", 1, "plant", "expected a value, got an empty cell"),
    ('plants: [{plant: "a\\0b"}]', 1, "plant", "expected 1 to 40 letters"),
    ("[" * 100_000, 1, "", "expected a mapping of tables"),
    ("plants: " + "[" * 100_000, 1, "", "expected a row of 'plants'"),
    ("", 1, "", "expected a mapping of tables, got streamend"),
]


@pytest.mark.parametrize(("text", "row", "field", "words"), YAML, ids=range(len(YAML)))
def test_yaml_is_tables_of_rows_of_plain_cells(text: str, row: int, field: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_text(text)
    found = [(f.row, f.field) for f in findings_in(path) if words in f.text]
    assert found == [(row, field)], "\n".join(map(str, findings_in(path)))


def test_an_invalid_byte_in_yaml_is_found_in_its_line(tmp_path: Path) -> None:
    path = tmp_path / "plant.yaml"
    path.write_bytes(b"scrap_reasons:\n  - {reason: 05, text: Gr\xf6\xdfe}\n")
    assert [(f.row, f.text) for f in findings_in(path)] == [(2, "expected UTF-8, got an invalid byte")]


def test_codes_keep_their_zeros_in_yaml(tmp_path: Path) -> None:
    path = tmp_path / "plant.yml"
    path.write_text("scrap_reasons:\n  - {reason: 007, text: no}\n")
    assert [row.cells() for row in tables_in(path).rows["scrap_reasons"]] == [{"reason": "007", "text": "no"}]


@pytest.mark.parametrize("name", ["nothing-here", "plant.ods", "empty"])
def test_what_is_no_source_is_said(name: str, tmp_path: Path) -> None:
    (tmp_path / "plant.ods").write_bytes(b"")
    (tmp_path / "empty").mkdir()
    assert len(findings_in(tmp_path / name)) == 1


@given(st.binary(max_size=300), st.sampled_from([".csv", ".xlsx", ".yaml"]))
@QUIET
def test_any_bytes_are_tables_or_findings(tmp_path: Path, data: bytes, suffix: str) -> None:
    for file in tmp_path.iterdir():
        file.unlink()
    (tmp_path / f"materials{suffix}").write_bytes(data)
    tables, findings = read_all(tmp_path if suffix == ".csv" else tmp_path / f"materials{suffix}")
    assert findings or tables.rows


@given(st.sampled_from(sorted(TABLES)), st.data())
@QUIET
def test_any_cells_are_rows_or_findings_of_their_file(tmp_path: Path, table: str, data: st.DataObject) -> None:
    columns = list(TABLES[table].model_fields)
    cell = st.text(max_size=12) | st.sampled_from(["1000", "0", "-1", "yes", "2026-01-01", "06:00", "Mon-Fri", "=1"])
    rows = data.draw(st.lists(st.lists(cell, min_size=len(columns), max_size=len(columns)), max_size=4))
    path = tmp_path / f"{table}.csv"
    with path.open("w", encoding="utf-8", errors="surrogatepass", newline="") as file:
        csv.writer(file).writerows([columns, *rows])
    tables, findings = read_all(tmp_path)
    path.unlink()
    assert {f.file for f in findings} <= {path.name}
    assert findings or len(tables.rows[table]) <= len(rows)
