"""Mistakes as a table that a person can read: the small plant with one table replaced, and what is found where."""

from typing import NamedTuple


class Mistake(NamedTuple):
    """A table with a mistake in it; the header is row 1. `words` are some of those of the finding."""

    what: str
    table: str
    rows: str
    row: int
    field: str
    severity: str
    words: str


def mistakes(text: str) -> list[Mistake]:
    """Read blocks of: what is wrong; the table and its rows; an arrow to row, column and severity, and some words."""
    found = []
    for block in text.strip().split("\n\n"):
        what, table, *rows, arrow = (line.removeprefix("    ") for line in block.split("\n"))
        place, words = arrow.removeprefix("-> ").split(": ", 1)
        row, field, severity = place.split()
        content = "\n".join(rows).replace("{long}", "x" * 201)
        found.append(Mistake(what, table, content, int(row), field.strip("-"), severity, words))
    return found
