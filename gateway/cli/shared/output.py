"""How anything is printed: JSON for programs, tables for people, plain columns where nobody watches.

Laws: whatever the text is and wherever it came from, it cannot move the cursor, change colours or forge a line: what
is not printable is spelled out, and no markup is read in it. Numbers stand to the right. A table never cuts a digit or
a name (`layout`); without a terminal nothing is folded or left out either, so that `grep` and `awk` see all of it.
"""

import csv
import json
import re
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from gateway.cli.shared.layout import Heading, lines_of

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

Record = TypeVar("Record")

TABLE, JSON, CSV = "table", "json", "csv"
"""The forms of a report."""
_FORMULA: Final = ("=", "+", "-", "@")
_NUMBER: Final = re.compile(r"[+-]?[0-9.]+")


def inert(text: str) -> str:
    r"""Spell out what is not printable: control characters, escapes, marks that turn the reading direction.

    >>> inert("ok\x1b[2J\u202e")
    'ok\\x1b[2J\\u202e'
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def cell(value: object) -> str:
    """Print a value of a report as one line of inert text.

    >>> cell({"03": "5", "": "1"}), cell(None), cell(True), cell(["a", "b"])
    ('03: 5, -: 1', '', 'yes', 'a, b')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case Mapping():
            return ", ".join(f"{cell(key) or '-'}: {cell(inner)}" for key, inner in value.items())
        case list() | tuple():
            return ", ".join(cell(inner) for inner in value)
        case _:
            return inert(str(value))


def print_json(data: object, *, lines: bool = False) -> None:
    """Print one JSON value, in ASCII: a terminal that shows it must not act on it either; `lines`: as one of many."""
    click.echo(json.dumps(data, indent=None if lines else 2, ensure_ascii=True))


def print_csv(records: Sequence[Mapping[str, Any]]) -> None:
    """Print records as CSV, the names and values of JSON: what is nested stands as JSON in its cell."""
    names = dict.fromkeys(name for record in records for name in record)
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([_csv_cell(record.get(name)) for name in names] for record in records)


def _csv_cell(value: object) -> str:
    r"""Print a value so that no spreadsheet takes it for a formula.

    >>> _csv_cell("-12.5"), _csv_cell("=1+1"), _csv_cell({"03": "5"}), _csv_cell(None)
    ('-12.5', "'=1+1", '{"03": "5"}', '')
    >>> print(_csv_cell(["\u202eabc", "ö\x9b"]))
    ["\u202eabc", "ö\u009b"]
    """
    if isinstance(value, Mapping | list | tuple):
        said = json.dumps(value, ensure_ascii=False)
        return said if said.isprintable() else "".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in said)
    text = cell(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text) else text


def print_records(
    records: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    *,
    form: str = TABLE,
    empty: str,
    title: str = "",
    row: Callable[[Mapping[str, Any]], Mapping[str, Any]] = dict,
    more: str = "",
) -> None:
    """Print records as JSON, as CSV, or as a table of these columns, for which `row` says what is shown of a record.

    A column is a field's name, after `>` where it is a number, before `=` and its heading where that differs. Columns
    in which all records are empty are left out. `more` is what `cut` says, and stands at the end.
    """
    if form == JSON:
        print_json(records)
    elif not records:
        click.echo(empty, err=True)
    elif form == CSV:
        print_csv(records)
    else:
        _print_table(records, columns, title, row)
    if more:
        click.echo(more, err=True)


def cut(
    records: Sequence[Record], limit: int, which: str = "newest", *, last: bool = False
) -> tuple[list[Record], str]:
    """Return at most `limit` of the records, of which one more was asked for, and what says so where there are more.

    last: those at the end are kept.

    >>> cut([1, 2, 3], 3), cut([1, 2, 3], 2), cut([1, 2, 3], 2, "oldest", last=True)[0]
    (([1, 2, 3], ''), ([1, 2], 'these are the newest 2; --limit shows more'), [2, 3])
    """
    if len(records) <= limit:
        return [*records], ""
    kept = records[-limit:] if last else records[:limit]
    return [*kept], f"these are the {which} {limit}; --limit shows more"


def _print_table(
    records: Sequence[Mapping[str, Any]],
    columns: Sequence[str],
    title: str,
    row: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    fields = [_column(column) for column in columns]
    cells = [[cell(shown.get(name)) for name, _ in fields] for shown in map(row, records)]
    some = [index for index in range(len(fields)) if any(line[index] for line in cells)]
    print_table([fields[index][1] for index in some], [[line[index] for index in some] for line in cells], title=title)


def _column(column: str) -> tuple[str, Heading]:
    name, _, heading = column.removeprefix(">").partition("=")
    return name, Heading(heading or name.replace("_", " "), numbers=column.startswith(">"))


def print_table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print rows of inert text under their headings; True stands for a column of numbers."""
    watched = sys.stdout.isatty()
    width = shutil.get_terminal_size().columns if watched else None
    if title:
        click.secho(title, bold=True)
    for line in lines_of([Heading(*column) for column in columns], [*rows], width):
        click.echo(line)


def terminal() -> "Console":
    """Return the screen."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def plain(text: str, style: str = "") -> "Text":
    """Make text that is shown as it is."""
    from rich.text import Text

    return Text(inert(text), style=style)
