"""How anything is printed: JSON for programs, tables for people, plain columns where nobody watches.

Laws: whatever the text is and wherever it came from, it cannot move the cursor, change colours or forge a line: what
is not printable is spelled out, and no markup is read in it. Numbers stand to the right. Without a terminal nothing
is cut off, so that `grep` and `awk` see all of it.
"""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import click

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

_LONGEST_NAME: Final = 32
"""Characters of a cell that is never folded; what is longer is a sentence."""


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


def clock(time: str | None) -> str:
    """Shorten a time for a table: to the second, as its heading says that it is UTC.

    >>> clock("2026-11-22T08:15:30.120Z")
    '2026-11-22 08:15:30'
    """
    return time[:19].replace("T", " ") if time else ""


def print_json(data: object, *, lines: bool = False) -> None:
    """Print one JSON value, in ASCII: a terminal that shows it must not act on it either; `lines`: as one of many."""
    click.echo(json.dumps(data, indent=None if lines else 2, ensure_ascii=True))


def print_records(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str], *, as_json: bool, empty: str, title: str = ""
) -> None:
    """Print records as JSON or as a table of these columns.

    A column is a field's name, after `>` where it is a number, before `=` and its heading where that differs. Columns
    in which all records are empty are left out.
    """
    if as_json:
        print_json(records)
        return
    if not records:
        click.echo(empty, err=True)
        return
    fields = [_column(column) for column in columns]
    shown = [field for field in fields if any(cell(record.get(field[0])) for record in records)]
    rows = [[cell(record.get(field[0])) for field in shown] for record in records]
    print_table([(heading, right) for _, heading, right in shown], rows, title=title)


def _column(column: str) -> tuple[str, str, bool]:
    name, _, heading = column.removeprefix(">").partition("=")
    return name, heading or name.replace("_", " "), column.startswith(">")


def print_table(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]], *, title: str = "") -> None:
    """Print rows of inert text under their headings; True stands for a column of numbers."""
    if sys.stdout.isatty():
        console = terminal()
        if title:
            console.print(plain(title), style="bold")
        console.print(table_of(columns, rows))
        return
    lines = [[heading for heading, _ in columns], *rows]
    widths = [max(len(line[index]) for line in lines) for index in range(len(columns))]
    if title:
        click.echo(title)
    for line in lines:
        padded = (
            text.rjust(width) if right else text.ljust(width)
            for text, width, (_, right) in zip(line, widths, columns, strict=True)
        )
        click.echo("  ".join(padded).rstrip())


def table_of(columns: Sequence[tuple[str, bool]], rows: Iterable[Sequence[str]]) -> "Table":
    """Make a table for a terminal: names and numbers stay whole, sentences are folded."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    lines = list(rows)
    for index, (heading, right) in enumerate(columns):
        sentence = not right and any(", " in line[index] or len(line[index]) > _LONGEST_NAME for line in lines)
        table.add_column(plain(heading), justify="right" if right else "left", no_wrap=not sentence, overflow="fold")
    for line in lines:
        table.add_row(*(plain(text) for text in line))
    return table


def terminal() -> "Console":
    """Return the screen."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def plain(text: str, style: str = "") -> "Text":
    """Make text that is shown as it is."""
    from rich.text import Text

    return Text(inert(text), style=style)
