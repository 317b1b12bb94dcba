"""Merge: the changes that an import makes.

A file is compared with the rows in force, and only differences are touched. A row of the file is added or changed. A
row that is missing in a table of the file:

* Runs and planned orders accumulate: it stays.
* The items of a list (of a bill of material, of a routing, of an order) are one thing with it: an item goes if the file
  has other items of its list, and with its list. If a person keeps rows, a file of items alone adds and changes items;
  one with the list itself too (its row of `boms`, `routings`, `planned_orders`) has all of its items.
* An order with a row in the file, and only components of other orders, no longer has a list of its own, unless rows are
  kept. A table without rows decides nothing about lists.
* Any other row would go, and a short file loses more than a person sees: it goes only by a person's word.

Laws: ``merge(t, t).tables == t``; importing twice is importing once; ``diff(t, t) == []``.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from enum import Enum
from typing import Any, NamedTuple

from gateway.canonical import Texts, read
from gateway.masterdata import rows as r
from gateway.masterdata.rows import TABLES, Key, OrderComponentRow, PlannedOrderRow, RunRow, TableRow
from gateway.masterdata.tables import Tables, tables_of

ACCUMULATED = frozenset({RunRow.table, PlannedOrderRow.table})
_STAY = ACCUMULATED | {OrderComponentRow.table}


class Missing(Enum):
    """A person's decision about rows that would go."""

    REFUSED = "refused"
    REMOVED = "removed"
    KEPT = "kept"


class _Items(NamedTuple):
    """The owner of a table's items, and the whole list; the key of an item begins with theirs."""

    owner: type[TableRow]
    list: type[TableRow]


_ITEMS = {
    r.BomItemRow.table: _Items(r.BomRow, r.BomRow),
    r.OperationRow.table: _Items(r.RoutingRow, r.RoutingRow),
    r.OperationActivityRow.table: _Items(r.OperationRow, r.RoutingRow),
    OrderComponentRow.table: _Items(PlannedOrderRow, PlannedOrderRow),
}
"""In the order in which removed rows take others along."""

_Rows = Mapping[Key, TableRow]


class Merged(NamedTuple):
    """The tables in force after an import, and the rows that go only after asking a person."""

    tables: Tables
    going: frozenset[tuple[str, Key]]


def merge(old: Tables, new: Tables, missing: Missing = Missing.REFUSED) -> Merged:
    """Return the tables in force after an import; rows keep the origin of the import that brings them now."""
    rows: dict[str, _Rows] = {}
    going: set[tuple[str, Key]] = set()
    for table, of_table in new.rows.items():
        brought, before = _by_key(of_table), _by_key(old.rows.get(table, ()))
        alone = _alone(table, before.keys() - brought.keys(), new, missing)
        stay = alone if table in _STAY or missing is Missing.KEPT else set()
        going.update((table, key) for key in alone - stay)
        rows[table] = {**{key: before[key] for key in stay}, **brought}
    for table, items in _ITEMS.items():
        columns = len(items.owner.key_columns)
        owners = rows.get(items.owner.table)
        lost = {row.key() for row in old.of(items.owner)} - owners.keys() if owners is not None else set()
        if lost and table in {*rows, *old.rows}:
            before = rows[table] if table in rows else _by_key(old.rows[table])
            with_it = {key for key in before if key[:columns] in lost} - _by_key(new.rows.get(table, ())).keys()
            rows[table] = {key: row for key, row in before.items() if key not in with_it}
        going -= {(name, key) for name, key in going if name == table and key[:columns] in lost}
    touched = tables_of({table: of_table.values() for table, of_table in rows.items()}, new.origins).rows
    changed = {
        (table, row.key())
        for table in {name for name, _ in old.retired} & rows.keys()
        for row in old.rows[table]
        if rows[table].get(row.key()) != row
    }
    retired = {key: words for key, words in old.retired.items() if key not in changed} | dict(new.retired)
    # A table that the import does not touch stays the very same object.
    merged = {**old.rows, **touched}
    merged = {table: merged[table] for table in TABLES if table in merged}
    return Merged(Tables(merged, new.origins, new.refused, retired), frozenset(going - new.refused))


def _alone(table: str, gone: AbstractSet[Key], new: Tables, missing: Missing) -> set[Key]:
    """Return the rows that do not belong to a list with other items in the file."""
    items = _ITEMS.get(table)
    if items is None or not new.rows[table]:
        return set(gone)
    columns = len(items.list.key_columns)
    spoken = {row.key()[:columns] for row in new.rows[table]}
    whole = {row.key() for row in new.of(items.list)}
    if missing is Missing.KEPT:
        spoken &= whole
    elif table == OrderComponentRow.table:
        # Its bill of material decides.
        spoken |= whole
    return {key for key in gone if key[:columns] not in spoken}


def replace(old: Tables, new: Tables) -> Tables:
    """Return the tables in force after an import of the first releases, whose journal entries hold whole tables.

    Every imported table replaced the old one, except runs, planned orders and the components of other orders.
    """
    rows: dict[str, Iterable[TableRow]] = {**old.rows, **new.rows}
    for table in ACCUMULATED & old.rows.keys() & new.rows.keys():
        rows[table] = {row.key(): row for source in (old, new) for row in source.rows[table]}.values()
    if old.has_table(OrderComponentRow) and new.has_table(OrderComponentRow):
        brought = {row.order for row in new.of(OrderComponentRow)} | {row.order for row in new.of(PlannedOrderRow)}
        kept = [row for row in old.of(OrderComponentRow) if row.order not in brought]
        rows[OrderComponentRow.table] = (*kept, *new.of(OrderComponentRow))
    merged = tables_of(rows, new.origins)
    return Tables(merged.rows, merged.origins, new.refused, _retire_words(old, new, merged))


def _retire_words(old: Tables, new: Tables, merged: Tables) -> Mapping[tuple[str, Key], Mapping[str, str]]:
    """Return the words without effect of unchanged rows, and of imported ones."""
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

    @property
    def record(self) -> dict[str, Any]:
        """It as data."""
        fields = {column: {"before": before, "after": after} for column, before, after in self.fields}
        return {"table": self.table, "key": list(self.key), "kind": self.kind, "fields": fields}

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
        if old.rows.get(table) is new.rows.get(table):
            continue
        before, after = (_by_key(source.rows.get(table, ())) for source in (old, new))
        for key in sorted(before.keys() | after.keys()):
            was, now = before.get(key), after.get(key)
            if was == now:
                continue
            word = "added" if was is None else "removed" if now is None else "changed"
            changes.append(Change(table, key, word, _fields(kind, was, now)))
    return changes


def _by_key(rows: Iterable[TableRow]) -> _Rows:
    return {row.key(): row for row in rows}


def _fields(kind: type[TableRow], was: TableRow | None, now: TableRow | None) -> tuple[tuple[str, str, str], ...]:
    before, after = (row.cells() if row is not None else {} for row in (was, now))
    pairs = ((column, before.get(column, ""), after.get(column, "")) for column in kind.model_fields)
    if was is not None and now is not None:
        return tuple(pair for pair in pairs if pair[1] != pair[2])
    return tuple(pair for pair in pairs if pair[1] != pair[2] and pair[0] not in kind.key_columns)


def find_changes(gone: Texts, came: Texts) -> dict[str, dict[str, int]]:
    """Return the numbers of rows added, changed and removed in each table that an import has touched.

    >>> find_changes({"reasons": []}, {"scrap_reasons": [b'reason":"03","text":"burr']})
    {'scrap_reasons': {'added': 1, 'changed': 0, 'removed': 0}}
    """
    result = {}
    for table in sorted({*gone, *came}):
        both = {*gone.get(table, ())} & {*came.get(table, ())}
        old, new = (_keys_of(table, [row for row in rows.get(table, ()) if row not in both]) for rows in (gone, came))
        counts = {"added": len(new - old), "changed": len(old & new), "removed": len(old - new)}
        if any(counts.values()):
            result[table] = counts
    return result


def _keys_of(table: str, texts: Sequence[bytes]) -> set[Key]:
    rows: list[Any] = [read(text) for text in texts]
    known = TABLES.get(table)
    columns = known.key_columns if known is not None else tuple(sorted({name for row in rows for name in row}))
    return {tuple(row.get(column, "") for column in columns) for row in rows}
