"""Check of leading zeros: a spreadsheet drops them from a CSV file, and item 10 would stand beside item 0010.

Only names that an import adds are compared, with all that would be in force beside them: two that are in force both are
maintained as they are.
"""

from collections.abc import Iterator
from typing import Final

from gateway.masterdata import rows as r
from gateway.masterdata.cells import reader
from gateway.masterdata.checks.references import REFERENCES
from gateway.masterdata.rows import TABLES, Key
from gateway.masterdata.tables import Finding, Tables

_COUNTED: Final = frozenset({"item", "operation", "alternative", "revision", "version", "routing", "order"})
"""Columns that count: no two of them differ in leading zeros alone. Another name may, so that it is a warning."""
_AS_READ: Final = frozenset({"code"})
"""The text of a barcode, where each zero counts."""


def find_lost_zeros(brought: Tables, in_force: Tables, merged: Tables) -> Iterator[Finding]:
    """Find names that an import adds beside others which differ in leading zeros alone."""
    for table, rows in brought.rows.items():
        columns = [name for name in TABLES[table].key_columns if name != "valid_from"]
        read, own = reader(columns), _own_columns(TABLES[table])
        before = {tuple(map(str, read(row))) for row in in_force.rows.get(table, ())}
        added = {name: row for row in rows if (name := tuple(map(str, read(row)))) not in before}
        places = [at for at, column in enumerate(columns) if column in own]
        if not any(name[at].isdigit() for name in added for at in places):
            continue
        alike: dict[Key, set[Key]] = {}
        for row in merged.rows.get(table, ()):
            name = tuple(map(str, read(row)))
            alike.setdefault(tuple(map(_bare, name)), set()).add(name)
        for name, row in added.items():
            for other in sorted(alike.get(tuple(map(_bare, name)), set()) - {name}):
                # Of two that are added, the one that has lost its zeros is told.
                if other in added and len("".join(name)) > len("".join(other)):
                    continue
                at = next(i for i, part in enumerate(name) if part != other[i])
                if columns[at] in own:
                    severity = "error" if columns[at] in _COUNTED else "warning"
                    text = (
                        f"{name[at]} would stand beside {other[at]}, and differs in leading zeros alone, which "
                        "spreadsheets drop: write both alike (a workbook, or a column formatted as text, keeps them)"
                    )
                    where = brought.origin(row)
                    yield Finding(where.file, where.row, columns[at], text, table, severity)


def _bare(part: str) -> str:
    return (part.lstrip("0") or "0") if part.isascii() and part.isdigit() else part


def _own_columns(kind: type[r.TableRow]) -> frozenset[str]:
    """Return the columns of a key that no other table has as its own: there it would be told."""
    others = {name for reference in REFERENCES if reference.source is kind for name in reference.columns.split()}
    return frozenset(kind.key_columns) - others - _AS_READ | frozenset(kind.key_columns) & {"location"}
