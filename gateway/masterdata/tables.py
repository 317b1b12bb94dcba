"""All tables of a plant as one immutable value, and its canonical text.

The canonical text (sorted tables, sorted rows, no defaults) is stored in the journal and the ledger; its SHA-256 is the
digest that identifies an import. An absent table was not given; an empty one was given without rows.

Laws: ``load_tables(dump_tables(t)) == t``; equal content has equal text, whatever the order of its rows.
"""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from sys import intern
from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from gateway.canonical import Texts, join, read, split
from gateway.errors import UsageError
from gateway.masterdata.rows import BY_HAND, COME_TO_LIFE, TABLES, Key, TableRow

R = TypeVar("R", bound=TableRow)


class Origin(NamedTuple):
    """The origin of a row: file and row number, a header being row 1. Rows in force have no origin."""

    file: str = ""
    row: int = 0
    lacks: frozenset[str] = frozenset()
    """Columns that the file does not have: their values stay."""


class Finding(NamedTuple):
    """A fault and its place; only an `error` refuses an import."""

    file: str
    row: int
    field: str
    text: str
    table: str
    severity: str = "error"

    def __str__(self) -> str:
        place = f"{self.file}:{self.row}" if self.row else self.file or "in use"
        table = f" {self.table}" if self.table and not self.file.startswith(f"{self.table}.") else ""
        subject = f"{table}.{self.field}" if table and self.field else f"{table}{self.field and f' {self.field}'}"
        told = f"{place}:{subject}{':' if subject else ''} {self.severity}: {self.text}"
        # Names of files, tables and columns come from the sender.
        return told if told.isprintable() else ascii(told)[1:-1]


@dataclass(frozen=True)
class Tables:
    """Validated rows by table, each table sorted by key."""

    rows: Mapping[str, tuple[TableRow, ...]] = field(default_factory=dict)
    origins: Mapping[tuple[str, Key], Origin] = field(default_factory=dict, compare=False, repr=False)
    refused: frozenset[tuple[str, Key]] = field(default=frozenset(), compare=False, repr=False)
    """Keys of rows that have findings of their own: they are not reported as missing as well."""
    retired: Mapping[tuple[str, Key], Mapping[str, str]] = field(default_factory=dict)
    """Notes on a row, kept only in the text: values of columns that had no effect when they were imported, and that a
    command has disabled a device."""

    def of(self, kind: type[R]) -> tuple[R, ...]:
        """Return the rows of a table; none if it was not given."""
        return self.rows.get(kind.table, ())  # type: ignore[return-value]  # a table holds rows of its own kind only

    def has_table(self, kind: type[TableRow]) -> bool:
        """Return whether there is such a table."""
        return kind.table in self.rows

    def origin(self, row: TableRow) -> Origin:
        """Return the origin of a row."""
        return self.origins.get((row.table, row.key()), Origin())

    def fill(self, in_force: "Tables") -> "Tables":
        """Return the rows with the values in force of columns that their file lacks; a new row has the default."""
        rows = dict(self.rows)
        for table in {table for (table, _), origin in self.origins.items() if origin.lacks}:
            before = {row.key(): row for row in in_force.rows.get(table, ())}
            rows[table] = tuple(
                _fill(row, before.get(row.key(), row), self.origin(row).lacks) for row in self.rows[table]
            )
        return replace(self, rows=rows)

    @cached_property
    def text(self) -> bytes:
        """The canonical text."""
        return dump_tables(self)

    def keep_text(self, text: bytes) -> "Tables":
        """Keep the canonical text, known already, so that it is not printed again."""
        self.__dict__["text"] = text
        return self

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical text, in hexadecimal."""
        return hashlib.sha256(self.text).hexdigest()


def _fill(row: TableRow, before: TableRow, lacks: Iterable[str]) -> TableRow:
    kept = {column: held for column in lacks if (held := getattr(before, column)) != getattr(row, column)}
    return row.model_copy(update=kept) if kept else row


def tables_of(rows: Mapping[str, Iterable[TableRow]], origins: Mapping[tuple[str, Key], Origin]) -> Tables:
    """Put rows into their canonical order."""
    return Tables({name: tuple(sorted(rows[name], key=TableRow.key)) for name in TABLES if name in rows}, origins)


def dump_tables(tables: Tables) -> bytes:
    """Print tables as canonical JSON: ``{table: [{column: cell text}]}``."""
    return json.dumps(print_rows(tables), ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def print_rows(tables: Tables) -> dict[str, list[Mapping[str, str]]]:
    """Print rows by table, for `load_rows`."""
    return {name: [cells_of(tables, row) for row in tables.rows[name]] for name in sorted(tables.rows)}


def cells_of(tables: Tables, row: TableRow) -> Mapping[str, str]:
    """Print a row for the canonical text."""
    cells = row.cells()
    for (table, column), name in COME_TO_LIFE.items():
        if table == row.table and column in cells:
            cells[name] = cells.pop(column)
    return {**cells, **tables.retired.get((row.table, row.key()), {})} if tables.retired else cells


def tables_in(text: bytes, only: Collection[str] = ()) -> Tables:
    """Read an imported canonical text, or some of its tables; its digest is known without printing it again."""
    if not text:
        return Tables()
    tables = load_tables(join({name: rows for name, rows in split(text).items() if name in only}) if only else text)
    return tables.keep_text(text)


def load_tables(data: bytes) -> Tables:
    """Read canonical JSON; raises UsageError if this version of the program would not write it so."""
    try:
        return load_rows(json.loads(data))
    except (ValidationError, ValueError, TypeError, KeyError, RecursionError) as error:
        told = ascii(" ".join(f"{type(error).__name__}: {error}".split()))[1:-1]
        raise UsageError(f"master data: expected the canonical text of tables, got {told:.400}") from error


def load_rows(content: object) -> Tables:
    """Read rows by table as `dump_tables` prints them; raises for any other content."""
    if not isinstance(content, dict):
        raise TypeError(f"no object of tables but {type(content).__name__}")
    kinds = {name: TABLES[name] for name in content}
    retired: dict[tuple[str, Key], Mapping[str, str]] = {}
    rows = {name: [load_row(kind, cells, retired) for cells in content[name]] for name, kind in kinds.items()}
    return replace(tables_of(rows, {}), retired=retired)


def load_row(kind: type[R], cells: object, retired: dict[tuple[str, Key], Mapping[str, str]]) -> R:
    """Read one row; its notes are added to `retired`."""
    if not isinstance(cells, dict) or not all(isinstance(cell, str) for cell in cells.values()):
        raise TypeError(f"a row of {kind.table} is no object of texts")
    # The same names occur in thousands of rows: each is kept once, so that the rows can be freed.
    known = {name: intern(cell) for name, cell in cells.items()}
    old: dict[str, str] = {}
    for (table, column), name in COME_TO_LIFE.items():
        if table == kind.table:
            if column in known:
                old[column] = known.pop(column)
            if name in known:
                known[column] = known.pop(name)
    if BY_HAND in known:
        old[BY_HAND] = known.pop(BY_HAND)
    row = kind.parse(known)
    if old:
        retired[kind.table, row.key()] = old
    return row


class TextTable(Generic[R]):
    """A table of a canonical text, in the order of its keys: a row is read only on demand."""

    def __init__(self, kind: type[R], texts: Texts) -> None:
        self.texts = texts.get(kind.table, ())
        self._kind = kind
        self._read: dict[int, R] = {}

    def row(self, at: int) -> R:
        """Read one row."""
        found = self._read.get(at)
        if found is None:
            found = self._read[at] = load_row(self._kind, read(self.texts[at]), {})
        return found

    def find(self, key: Key, low: int = 0) -> int:
        """Return the position of the row of a key, or its place; rows that begin with the key follow from there."""
        return bisect_left(range(len(self.texts)), key, low, key=lambda at: self.row(at).key())

    def under(self, start: Key) -> Iterator[R]:
        """Yield the rows whose key begins with another one."""
        for at in range(self.find(start), len(self.texts)):
            if self.row(at).key()[: len(start)] != start:
                return
            yield self.row(at)
