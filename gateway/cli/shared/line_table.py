"""The table of lines: one row for each, from its retained status, for the demo and for a real plant."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

from gateway.cli.shared.layout import ColumnHead, join, lines_of
from gateway.ledger.reports.cells import cell, inert
from gateway.service.floor.floor import LineView

_SUMMED: Final = ("counted", "posted", "open", "scrap")
_COLUMNS: Final = ("state", *_SUMMED, "rate_per_min", "quarantined", "backlog", "worklist", "last_document")
_HEADINGS: Final = {"rate_per_min": "/min", "quarantined": "quar.", "last_document": "document"}
_RARE: Final = frozenset({"quarantined", "backlog", "worklist"})
"""Figures that are shown only if they are not zero."""
_WORDS: Final = frozenset({"state", "last_document"})


def table_of_lines(rows: Sequence[LineView], width: int | None, *, shown: slice = slice(None)) -> list[str]:
    """Return the lines of the table, its head first; the totals below include rows that are not shown."""
    one_plant = len({row.plant for row in rows}) <= 1
    cells = [_cells(row, one_plant=one_plant) for row in rows[shown]]
    if len(rows) > 1:
        sums = {name: str(total(name, (row.picture for row in rows))) for name in (*_SUMMED, *_RARE)}
        cells.append(_cells(LineView("", "all", {**sums, "rate_per_min": ""}), one_plant=True))
    columns = [(name, ColumnHead(_HEADINGS.get(name, name), name not in _WORDS)) for name in _COLUMNS]
    heads = [ColumnHead("line"), ColumnHead("product"), *(heading for _, heading in columns)]
    some = [index for index in range(len(heads)) if index < 2 or any(line[index] for line in cells)]  # noqa: PLR2004 - line and product
    return lines_of([heads[index] for index in some], [[line[index] for index in some] for line in cells], width)


def points_of_lines(rows: Iterable[LineView], width: int) -> list[str]:
    """Return lines with the units that passed each reporting point, and those on the line after it."""
    lines: list[str] = []
    for row in rows:
        parts = [
            inert(f"{point['point']} passed {group_digits(point['yield'])} wip {group_digits(point['wip'])}")
            for point in row.picture.get("points", ())
        ]
        lines += join([f"{inert(row.line)} points", *parts], width, "   ", " " * 8) if parts else ()
    return lines


def total(name: str, pictures: Iterable[Mapping[str, Any]]) -> Decimal:
    """Sum a figure of line statuses."""
    return sum((Decimal(str(picture.get(name) or 0)) for picture in pictures), Decimal())


def group_digits(number: str) -> str:
    """Print a number of pieces in groups of three.

    >>> group_digits("1234567"), group_digits("1234.5"), group_digits("12.0"), group_digits("-0.25"), group_digits("")
    ('1 234 567', '1 234.5', '12', '-0.25', '')
    """
    whole, _, decimals = number.partition(".")
    sign, digits = ("-", whole[1:]) if whole.startswith("-") else ("", whole)
    text = sign + (f"{int(digits):,}".replace(",", " ") if digits else "")
    return f"{text}.{decimals}" if decimals.strip("0") else text


def _cells(row: LineView, *, one_plant: bool) -> list[str]:
    picture, run = row.picture, row.picture.get("run") or {}
    name = row.line if one_plant else f"{row.plant}/{row.line}"
    said: dict[str, Any] = {**picture, "state": row.state}
    values = []
    for column in _COLUMNS:
        value = said.get(column)
        text = "" if value is None or (column in _RARE and not Decimal(str(value))) else str(value)
        values.append(text if column in _WORDS else group_digits(text))
    return [cell(name), cell(run.get("material", "")), *map(cell, values)]
