"""Output: JSON for programs, tables for people, plain columns without a terminal.

Laws: no text, of any origin, can move the cursor, change colours or forge a line: unprintable characters are spelled
out, and markup is not interpreted. Numbers are right-aligned. A table never cuts a digit or a name (`layout`), and a
sentence is folded at blanks; without a terminal nothing is folded or left out, so that `grep` and `awk` see everything.
"""

import csv
import json
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import click

from gateway.cli.shared.layout import INDENT, ColumnHead, lines_of, wrap
from gateway.ledger.reports.cells import cell, csv_cell, inert, money

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Record = TypeVar("Record")

TABLE, JSON, CSV = "table", "json", "csv"
"""The forms of a report."""


def say(text: str, *, err: bool = False, indent: str = INDENT, paint: tuple[str, str] = ("", "")) -> None:
    """Print a sentence as inert text; a screen that is narrower has its further lines `indent`ed.

    paint: a word of its first line, and the colour of that.
    """
    shown, (word, colour) = inert(text), paint
    watched = (sys.stderr if err else sys.stdout).isatty()
    for line in wrap(shown, shutil.get_terminal_size().columns, indent) if watched else [shown]:
        click.echo(line.replace(word, click.style(word, fg=colour), 1) if word else line, err=err)
        word = ""


def age(seconds: int) -> str:
    """Print an age in its largest unit.

    >>> age(42), age(3_600), age(200_000)
    ('42 s', '60 min', '2 d')
    """
    for limit, size, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < limit:
            return f"{seconds // size} {unit}"
    return f"{seconds // 86_400} d"


def print_json(data: object, *, lines: bool = False) -> None:
    """Print one JSON value, in ASCII: it must not affect a terminal either; `lines`: on one line, as one of many."""
    click.echo(json.dumps(data, indent=None if lines else 2, ensure_ascii=True))


def print_csv(
    records: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    row: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
) -> None:
    """Print these fields of records as CSV, under their names in JSON; `run.material` is a field of a field.

    The header is always the same, and no cell holds JSON: nested records are printed as in the table.
    """
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(name.replace(".", "_") for name in names)
    writer.writerows([csv_cell(_field(record, name, row)) for name in names] for record in records)


def _field(record: Mapping[str, Any], name: str, row: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> object:
    outer, _, inner = name.partition(".")
    value = record.get(outer)
    if inner:
        return value.get(inner) if isinstance(value, Mapping) else None
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return row(record).get(name) if any(isinstance(part, Mapping) for part in parts) else value


def print_records(
    records: Sequence[Mapping[str, Any]],
    columns: str,
    *,
    form: str = TABLE,
    empty: str,
    row: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    more: str = "",
) -> None:
    """Print records as JSON, as CSV, or as a table of these columns; `row` returns a record's fields for the table.

    A column is a field's name, followed by `=` and its heading if that differs (`_` is a blank), preceded by `>` for a
    number, by `*` if only `row` has it. The most important come first; CSV has them too, and those after `|`. The table
    leaves out columns that are empty in all records. `more` is the hint of `cut`, and is printed at the end.
    """
    if form == JSON:
        print_json(records)
    elif form == CSV:
        named = (column for column in columns.replace("|", " ").split() if not column.startswith("*"))
        print_csv(records, [column.lstrip(">").partition("=")[0] for column in named], row)
    elif records:
        _print_table(records, columns.partition("|")[0].split(), row)
    if not records and form != JSON:
        say(empty, err=True)
    if more:
        say(more, err=True)


def print_document(document: Mapping[str, Any]) -> None:
    """Print a document of a dry run: its bracket, its items, and the processes that would wait."""
    bracket = "type material version posting_date=date shift >yield >scrap >rework"
    print_records([document], bracket, empty="")
    tables = (
        ("goods movements", "items", "movement material >quantity unit location batch >amount currency"),
        ("activities", "activities", "activity >hours work_center cost_center >amount currency"),
        ("waits in the worklist", "waiting", "process point timing >units"),
        ("missing, goes to the backlog", "backlog", "material >quantity unit location movement cause"),
    )
    for title, name, columns in tables:
        if document[name]:
            click.secho(f"-- {title}", bold=True)
            print_records(document[name], columns, empty="", row=lambda row: {
                **row, "amount": money(row.get("amount", ""), document["currency"]), "currency": document["currency"]
            })  # fmt: skip


def cut(
    records: Sequence[Record], limit: int, which: str = "newest", *, last: bool = False
) -> tuple[list[Record], str]:
    """Return at most `limit` of the records, of which one more was read, and a hint if there are more.

    last: keep those at the end.

    >>> cut([1, 2, 3], 3), cut([1, 2, 3], 2), cut([1, 2, 3], 2, "oldest", last=True)[0]
    (([1, 2, 3], ''), ([1, 2], 'these are the newest 2; --limit shows more'), [2, 3])
    """
    if len(records) <= limit:
        return [*records], ""
    kept = records[-limit:] if last else records[:limit]
    return [*kept], f"these are the {which} {limit}; --limit shows more"


def _print_table(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str], row: Callable[[Mapping[str, Any]], Mapping[str, Any]]
) -> None:
    fields = [_column(column) for column in columns]
    cells = [[cell(shown.get(name)) for name, _ in fields] for shown in map(row, records)]
    some = [index for index in range(len(fields)) if any(line[index] for line in cells)]
    print_table([fields[index][1] for index in some], [[line[index] for index in some] for line in cells])


def _column(column: str) -> tuple[str, ColumnHead]:
    name, _, heading = column.lstrip("*>").partition("=")
    return name, ColumnHead((heading or name).replace("_", " "), numbers=">" in column)


def print_table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> None:
    """Print rows of inert text under their headings; True marks a column of numbers."""
    watched = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else None
    for line in lines_of([ColumnHead(*column) for column in columns], [*rows], width):
        click.echo(line)


def terminal() -> "Console":
    """Return the screen."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def plain(text: str, style: str = "") -> "Text":
    """Make text that is shown literally."""
    from rich.text import Text

    return Text(inert(text), style=style)
