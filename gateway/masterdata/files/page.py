"""The page of the documentation that lists every table and column: ``python -m gateway.masterdata.files.page``."""

import sys
from collections.abc import Iterator

from gateway.backflush.plant.snapshot import EARLIEST, LATEST
from gateway.masterdata.files.meanings import TABLES_MEAN, meaning_of
from gateway.masterdata.rows import TABLES, TableRow, cell_of

_HEAD = """# Master data

Every table and column, written by `make docs` from the program itself.
[Operations](operations.md#master-data) explains how to import, and the treatment of rows that a file does not have.

A table is a CSV file of that name in a folder or ZIP archive, a sheet of one XLSX workbook, or a key of one YAML file.
Tables and columns that are not needed may be left out, in any order. An empty cell is not given, and means the default;
a column that is left out (in YAML a key of a row) keeps the values in force, and means the default for new rows.
`backflush masterdata template plant.xlsx` writes a workbook with all of them, `backflush masterdata export` the data in
force.

Columns in bold are the key: a row is recognised by them. A column without a default must be given.

## The least for one line

These tables are enough to post what a counter counts: boxes, each of two sheets. Save them as `first.yaml` in an empty
folder:

```yaml
plants:
  - {plant: "2000", time_zone: Europe/Berlin}
materials:
  - {plant: "2000", material: BOX, receiving_location: FG01, rem_profile: PLAIN}
  - {plant: "2000", material: SHEET, issue_location: RM01}
boms:
  - {plant: "2000", material: BOX}
bom_items:
  - {plant: "2000", material: BOX, item: "0010", component: SHEET, quantity: 2}
work_centers:
  - {plant: "2000", work_center: BEND1}
routings:
  - {plant: "2000", material: BOX}
operations:
  - {plant: "2000", material: BOX, operation: "0010", work_center: BEND1}
rem_profiles:
  - {profile: PLAIN}
production_versions:
  - {plant: "2000", material: BOX, version: "0001", bom_alternative: "1", routing: "1", line: L01}
runs:
  - {plant: "2000", line: L01, material: BOX, version: "0001", start: "2026-01-01T00:00"}
devices:
  - {device: c-box, plant: "2000", line: L01, first: zero}
opening_stock:
  - {plant: "2000", material: SHEET, location: RM01, quantity: 100}
```

With a broker running, type in this folder, where the gateway makes its folder `data`:

    backflush check first.yaml
    backflush masterdata import first.yaml
    backflush run

The counter `c-box` then reports its first piece, from another terminal:

    mosquitto_pub -q 1 -t bf/v1/2000/L01/c-box/count -m 1
    backflush report documents
    backflush report stock

One box is received, and 98 sheets are left. A counter that has counted before is added without `first`: its first
total is its baseline, and posts nothing. Each other table adds something: `shifts` the times at which a line works,
`storage_locations` whether stock may go below zero, `operation_activities` and `activity_rates` hours and their cost,
`planned_orders` the plan, `gtins` the labels of boxes. Prices are a column of `materials`.
"""


def page() -> str:
    """Return the page."""
    return "\n".join([_HEAD, *(part for kind in TABLES.values() for part in _table(kind))]).rstrip("\n") + "\n"


def default_of(kind: type[TableRow], column: str) -> str | None:
    """Return the meaning of an empty cell, as text; None if a cell must not be empty."""
    field = kind.model_fields[column]
    if field.is_required():
        return None
    return "" if field.default in ("", None, EARLIEST, LATEST) else cell_of(kind, column).format(field.default)


def _table(kind: type[TableRow]) -> Iterator[str]:
    yield f"## {kind.table}\n\n{TABLES_MEAN[kind.table]}\n"
    yield "| column | holds | unit | default | what it is |\n|---|---|---|---|---|"
    for column in kind.model_fields:
        cell, meaning = cell_of(kind, column), meaning_of(kind.table, column)
        holds = ", ".join(f"`{word}`" for word in cell.words) or cell.says
        name = f"**{column}**" if column in kind.key_columns else column
        default = default_of(kind, column)
        shown = "must be given" if default is None else default and f"`{default}`"
        yield f"| {name} | {holds} | {meaning.unit} | {shown} | {meaning.text} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(page())
