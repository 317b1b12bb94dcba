"""What an import changes.

A table that an import brings replaces that table as a whole, because a missing row means "no longer". Runs and
planned orders are different: they are happenings that accumulate, so their rows are added or changed by key, and
none disappears by being left out. The component list of a planned order belongs to its order and is replaced order
by order.

Laws: ``merge(t, t) == t``; ``merge(merge(old, new), new) == merge(old, new)``; ``diff(t, t) == []``.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gateway.masterdata.rows import TABLES, Key, OrderComponentRow, PlannedOrderRow, Row, RunRow
from gateway.masterdata.tables import Tables, tables_of

ACCUMULATED = frozenset({RunRow.table, PlannedOrderRow.table})


def merge(old: Tables, new: Tables) -> Tables:
    """Return the tables in force after an import; rows keep the origin of the import that brings them now."""
    rows: dict[str, Iterable[Row]] = {**old.rows, **new.rows}
    for table in ACCUMULATED & old.rows.keys() & new.rows.keys():
        rows[table] = {row.key(): row for source in (old, new) for row in source.rows[table]}.values()
    if old.given(OrderComponentRow) and new.given(OrderComponentRow):
        brought = {row.order for row in new.of(OrderComponentRow)} | {row.order for row in new.of(PlannedOrderRow)}
        kept = [row for row in old.of(OrderComponentRow) if row.order not in brought]
        rows[OrderComponentRow.table] = (*kept, *new.of(OrderComponentRow))
    merged = tables_of(rows, new.origins)
    return Tables(merged.rows, merged.origins, new.refused, _retired(old, new, merged))


def _retired(old: Tables, new: Tables, merged: Tables) -> Mapping[tuple[str, Key], Mapping[str, str]]:
    """Return the words without effect of the rows that stay as they were, and of those that are brought."""
    if not old.retired:
        return new.retired
    brought, stay = ({(t, row.key()) for t, rows in some.rows.items() for row in rows} for some in (new, merged))
    return {key: words for key, words in old.retired.items() if key in stay - brought} | dict(new.retired)


class Change(NamedTuple):
    """One row that an import adds, removes or changes; `fields` holds (column, before, after) as text."""

    table: str
    key: Key
    kind: str
    """added | removed | changed"""
    fields: tuple[tuple[str, str, str], ...]

    def __str__(self) -> str:
        sign = {"added": "+", "removed": "-", "changed": "~"}[self.kind]
        name = "/".join(part for part in self.key if part)
        if self.kind == "changed":
            details = ", ".join(
                f"{column} {before or '(none)'} -> {after or '(none)'}" for column, before, after in self.fields
            )
        else:
            details = ", ".join(f"{column} {before or after}" for column, before, after in self.fields)
        return f"{sign} {self.table} {name}{': ' if details else ''}{details}"


def diff(old: Tables, new: Tables) -> list[Change]:
    """Compare tables row by row, in the order of tables and keys."""
    changes: list[Change] = []
    for table, kind in TABLES.items():
        before, after = (_by_key(source.rows.get(table, ())) for source in (old, new))
        for key in sorted(before.keys() | after.keys()):
            was, now = before.get(key), after.get(key)
            if was == now:
                continue
            word = "added" if was is None else "removed" if now is None else "changed"
            changes.append(Change(table, key, word, _fields(kind, was, now)))
    return changes


def _by_key(rows: Iterable[Row]) -> Mapping[Key, Row]:
    return {row.key(): row for row in rows}


def _fields(kind: type[Row], was: Row | None, now: Row | None) -> tuple[tuple[str, str, str], ...]:
    before, after = (row.cells() if row is not None else {} for row in (was, now))
    pairs = ((column, before.get(column, ""), after.get(column, "")) for column in kind.model_fields)
    if was is not None and now is not None:
        return tuple(pair for pair in pairs if pair[1] != pair[2])
    return tuple(pair for pair in pairs if pair[1] != pair[2] and pair[0] not in kind.key_columns)
