"""Produced quantities, next to the planned ones of the same line, version, production date and shift."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from sqlalchemy import Connection

from gateway.backflush.memory.hours import PIECES
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.ledger.database import tables as t
from gateway.ledger.reports.planned import of_days, read_plan
from gateway.ledger.reports.postings import Record

SHIFT, DAILY, TOTAL = "shift", "day", "total"
"""The key of a row of production."""
_KEY: Final = ("plant", "line", "material", "version", "date", "shift")
_UNITS: Final = ("planned", *PIECES)


def production(
    connection: Connection, master: MasterData, *, plant: str = "", line: str = "", since: str = "", until: str = ""
) -> list[Record]:
    """Return planned and made quantities in one row per line, version, production date and shift.

    An order without line or version that several could make joins the row of its material that day, if only one line
    and version made it.
    """
    rows: dict[tuple[str, ...], Record] = {}

    def of(*key: str) -> Record:
        return rows.setdefault(key, {**dict.fromkeys(_UNITS, 0), "scrap_by": {}})

    columns = t.statistics.c
    days = (columns.plant, columns.line, columns.material, columns.version, columns.date, columns.shift)
    found = of_days(*days, columns.measure, columns.detail, columns.quantity, plant=plant, since=since, until=until)
    for *key, measure, detail, quantity in connection.execute(found.where(columns.measure.in_(PIECES))):
        record, (point, _, reason) = of(*key), detail.partition(" ")
        if measure == "scrap":
            record["scrap"] += quantity
            record["scrap_by"][reason] = record["scrap_by"].get(reason, 0) + quantity
        elif measure == "rework" or point == FINAL:
            record[measure] += quantity
    for share in read_plan(connection, master, plant=plant, since=since, until=until):
        of(share.plant, share.line, share.material, share.version, share.date, share.shift)["planned"] += share.quantity
    return [_row(key, record) for key, record in sorted(rows.items()) if line in ("", key[1])]


def plan_by_shift(
    connection: Connection, master: MasterData, *, plant: str = "", line: str = "", since: str = "", until: str = ""
) -> dict[tuple[str, ...], int]:
    """Return the planned quantities of `production`: by plant, line, material, version, date and shift."""
    sums: dict[tuple[str, ...], int] = {}
    for *key, quantity in read_plan(connection, master, plant=plant, since=since, until=until):
        if line in ("", key[1]):
            sums[tuple(key)] = sums.get(tuple(key), 0) + quantity
    return sums


def sum_rows(records: Iterable[Record], by: str) -> list[Record]:
    """Sum rows of production to one per day, or one for all days."""
    kept = {SHIFT: 6, DAILY: 5, TOTAL: 4}[by]
    rows: dict[tuple[str, ...], Record] = {}
    for record in records:
        key = tuple(record[name] if place < kept else "" for place, name in enumerate(_KEY))
        row = rows.setdefault(key, {**dict.fromkeys(_UNITS, 0), "scrap_by": {}})
        for name in _UNITS:
            row[name] += _millionths(record[name])
        for reason, units in record["scrap_by"].items():
            row["scrap_by"][reason] = row["scrap_by"].get(reason, 0) + _millionths(units)
    return [_row(key, row) for key, row in sorted(rows.items())]


def _millionths(text: str) -> int:
    return int(Decimal(text) * MICRO)


def _row(key: tuple[str, ...], record: Record) -> Record:
    planned, done = record["planned"], record["yield"]
    return {
        **dict(zip(_KEY, key, strict=True)),
        **{name: format_quantity(record[name]) for name in _UNITS},
        "percent": format_quantity((2_000 * done + planned) // (2 * planned) * MICRO // 10) if planned else None,
        "scrap_by": {reason: format_quantity(units) for reason, units in sorted(record["scrap_by"].items()) if units},
    }
