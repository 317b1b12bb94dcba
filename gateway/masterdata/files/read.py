"""Read master data: sheets of text become validated rows, or a list of all findings.

A wrong row does not hide the next one, and a wrong cell does not hide its neighbour: reading never stops at the first
finding. For the checks across tables, a wrong optional cell counts as not given, and the key of an unreadable row
counts as known, so that one mistake is reported once.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from devices.plain import plain
from gateway.backflush.values.names import quote
from gateway.masterdata.files.punctuation import read_punctuation
from gateway.masterdata.files.sheets import Record, Sheet
from gateway.masterdata.files.sources import sheets_of
from gateway.masterdata.rows import TABLES, Key, TableRow
from gateway.masterdata.tables import Finding, Origin, Tables, tables_of


class FileContent(NamedTuple):
    """The rows that could be read, and the findings for all others."""

    tables: Tables
    findings: list[Finding]


def read_tables(path: Path) -> Tables | list[Finding]:
    """Read a folder of CSV files, an XLSX file or a YAML file; all findings if there are any."""
    tables, findings = read_all(path)
    return findings or tables


def read_all(path: Path) -> FileContent:
    """Read all readable rows, with findings for the others."""
    sheets, findings = sheets_of(path)
    rows: dict[str, list[TableRow]] = {}
    origins: dict[tuple[str, Key], Origin] = {}
    refused: set[tuple[str, Key]] = set()
    for sheet in sheets:
        kind = TABLES.get(sheet.table)
        if kind is None:
            sheet.find(
                1, "", f"unknown table {quote(sheet.table)}: a file or sheet is named as its table, {', '.join(TABLES)}"
            )
        elif sheet.table in rows:
            sheet.find(1, "", f"table {sheet.table} is in another file already")
        else:
            if sheet.semicolons:
                read_punctuation(sheet, kind)
            reader = _SheetReader(sheet, kind)
            rows[sheet.table] = list(reader.rows.values())
            origins.update(reader.origins)
            refused.update(reader.refused)
        findings += sheet.findings
    if not sheets and not findings:
        findings.append(Finding(path.name or str(path), 0, "", "expected at least one table, found none", ""))
    tables = tables_of(rows, origins)
    return FileContent(Tables(tables.rows, origins, frozenset(refused)), _once(findings))


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the first finding of a cell."""
    kept: dict[tuple[str, str, int, str], Finding] = {}
    for finding in findings:
        kept.setdefault((finding.file, finding.table, finding.row, finding.field or finding.text), finding)
    return sorted(kept.values(), key=lambda finding: (finding.file, finding.row))


class _SheetReader:
    """Validates the records of one sheet."""

    def __init__(self, sheet: Sheet, kind: type[TableRow]) -> None:
        self._sheet, self._kind = sheet, kind
        self.rows: dict[Key, TableRow] = {}
        self.origins: dict[tuple[str, Key], Origin] = {}
        self.refused: set[tuple[str, Key]] = set()
        self._missing = self._check_header()
        self._lacking: dict[tuple[str, ...] | frozenset[str], frozenset[str]] = {}
        for record in sheet.records:
            if sheet.is_given_up:
                break
            self._read(record)

    def _check_header(self) -> frozenset[str]:
        columns = self._sheet.columns
        if columns is None:
            return frozenset()
        for column in columns:
            if column and column not in self._kind.model_fields:
                self._unknown(1, column)
        missing = self._kind.required.difference(columns)
        for column in self._kind.model_fields:
            if column in missing:
                self._sheet.find(1, column, f"required column {column} is missing")
        return missing

    def _unknown(self, number: int, column: str) -> None:
        allowed = ", ".join(self._kind.model_fields)
        self._sheet.find(number, column, f"unknown column {quote(column)}; columns are {allowed}")

    def _read(self, record: Record) -> None:
        number, cells, columns = record
        if self._sheet.columns is not None:
            cells = {column: cell for column, cell in cells.items() if column in self._kind.model_fields}
        row = self._validate(number, cells)
        if row is None:
            self.refused.add((self._kind.table, self._key_of(cells)))
            return
        key = row.key()
        if key in self.rows:
            first = self.origins[self._kind.table, key].row
            names = ", ".join(f"{column} {quote(part)}" for column, part in zip(row.key_columns, key, strict=True))
            self._sheet.find(number, row.key_columns[-1], f"duplicate row: {names} is in row {first} already")
            return
        self.rows[key] = row
        if columns not in self._lacking:
            self._lacking[columns] = frozenset(self._kind.model_fields).difference(columns)
        self.origins[self._kind.table, key] = Origin(self._sheet.file, number, self._lacking[columns])

    def _key_of(self, cells: Mapping[str, str]) -> Key:
        fields = self._kind.model_fields
        absent = {name: "" if field.is_required() else str(field.default) for name, field in fields.items()}
        return tuple(cells.get(column, absent[column]) for column in self._kind.key_columns)

    def _validate(self, number: int, cells: Mapping[str, str]) -> TableRow | None:
        try:
            return self._kind.parse(cells)
        except ValidationError as error:
            problems = error.errors(include_url=False)
        wrong = {str(problem["loc"][0]) for problem in problems}
        for problem in problems:
            column = str(problem["loc"][0])
            match problem["type"]:
                case "missing":
                    if column not in self._missing:
                        self._sheet.find(number, column, "expected a value, got an empty cell")
                case "extra_forbidden":
                    self._unknown(number, column)
                case _:
                    self._sheet.find(number, column, plain(problem))
        if wrong & self._kind.required:
            return None
        return self._kind.parse({column: cell for column, cell in cells.items() if column not in wrong})
