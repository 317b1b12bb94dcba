"""Mistakes as a table that a person can read: the small plant with one table replaced, and what is found where."""

from pathlib import Path
from typing import NamedTuple

from gateway.masterdata.importing import prepare
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder


class Mistake(NamedTuple):
    """A table with a mistake in it; the header is row 1. `words` are some of those of the finding."""

    what: str
    table: str
    rows: str
    row: int
    field: str
    severity: str
    words: str

    def must_be_found(self, folder: Path) -> None:
        """Prepare the small plant with this mistake: it is found at its place, in its words."""
        findings = prepare(write_folder(folder, {**SMALL, self.table: self.rows}), Tables()).findings
        place = (self.row, self.field, self.severity)
        found = [f.text for f in findings if (f.row, f.field, f.severity) == place and self.words in f.text]
        assert found, "\n".join(map(str, findings)) or "nothing found"


def mistakes(text: str) -> list[Mistake]:
    """Read blocks: what is wrong; the table and its rows; arrows to row, column and severity, each with some words."""
    found = []
    for block in text.strip().split("\n\n"):
        told, *arrows = block.split("\n    -> ")
        what, table, *rows = (line.removeprefix("    ") for line in told.split("\n"))
        content = "\n".join(rows).replace("{long}", "x" * 201)
        for arrow in arrows:
            place, words = arrow.split(": ", 1)
            row, field, severity = place.split()
            found.append(Mistake(what, table, content, int(row), field.strip("-"), severity, words))
    return found
