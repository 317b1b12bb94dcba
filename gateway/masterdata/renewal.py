"""The snapshot after an amendment: untouched parts are shared with the one before, and not read again.

`build` makes everything, from fewer rows: an entry of the snapshot depends only on the rows of its own group
(`build.PARTS`), and those lie together in the text.

Law: ``renew(build(old).master, ...) == narrow(build(new), amendment)``, in the same order as well.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Any, TypeVar

from gateway.backflush.plant.snapshot import Imported, MasterData
from gateway.canonical import Difference, Texts, read
from gateway.masterdata import rows as r
from gateway.masterdata.amendments import Amendment
from gateway.masterdata.build import (
    PARTS,
    SnapshotPart,
    derive_lines,
    gtins_of,
    narrow,
    opening_stock_of,
    orders_of,
    runs_of,
)
from gateway.masterdata.rows import Key, TableRow
from gateway.masterdata.tables import Tables, TextTable, load_row

R = TypeVar("R", bound=TableRow)
_WHOLE = frozenset[Key]([()])
"""Every key begins with the empty key."""


def renew(master: MasterData, texts: Texts, change: Amendment, differs: Difference, digest: str) -> Imported:
    """Return the snapshot of amended texts, made from the one before, with the state that the amendment brings."""
    new = _Rows(texts)
    touched: dict[str, set[Key]] = {}
    for table, key in change.keys:
        touched.setdefault(table, set()).add(key)
    plants = [row.plant for row in new.under(r.PlantRow)]
    parts: dict[str, Any] = {}
    for name, part in PARTS.items():
        groups = _groups(part, touched, plants)
        parts[name] = _part(part, getattr(master, name), groups, new) if groups else getattr(master, name)
    after = replace(master, digest=digest, **parts)
    if not touched.keys().isdisjoint((r.VersionRow.table, r.DeviceRow.table, r.LineRow.table)):
        after = derive_lines(after, new.under(r.LineRow))
    if _touches_gtins(differs):
        beside = [row for row in texts.get(r.MaterialRow.table, ()) if b'gtin":"' in row]
        named = {r.MaterialRow.table: beside, r.GtinRow.table: texts.get(r.GtinRow.table, ())}
        after = replace(after, gtins=gtins_of(_Rows(named).tables((r.MaterialRow, r.GtinRow))))
    if orders := {key[:1] for key in touched.get(r.PlannedOrderRow.table, ())}:
        closed = {row.order for row in new.under(r.PlannedOrderRow, orders) if row.closed}
        after = replace(after, closed_orders=after.closed_orders - {order for (order,) in orders} | closed)
    orders |= {key[:1] for key in touched.get(r.OrderComponentRow.table, ())}
    lines = {(row.plant, row.line) for row in change.given.of(r.RunRow)}
    stock = new.tables((r.OpeningStockRow,), _WHOLE if r.OpeningStockRow.table in touched else frozenset())
    runs = Tables({r.PlantRow.table: new.under(r.PlantRow), r.RunRow.table: new.under(r.RunRow, lines)})
    several = new.tables((r.PlannedOrderRow, r.OrderComponentRow), orders)
    return narrow(Imported(after, runs_of(runs), orders_of(several), opening_stock_of(stock)), change)


class _Rows:
    """The rows of texts, each read at most once."""

    def __init__(self, texts: Texts) -> None:
        self._texts = texts
        self._tables: dict[str, TextTable[Any]] = {}

    def under(self, kind: type[R], starts: AbstractSet[Key] = _WHOLE) -> tuple[R, ...]:
        """Return the rows of a table whose keys have one of some beginnings, all of one length."""
        table = self._tables.setdefault(kind.table, TextTable(kind, self._texts))
        return tuple(row for start in sorted(starts) for row in table.under(start))

    def tables(self, kinds: Iterable[type[TableRow]], starts: AbstractSet[Key] = _WHOLE) -> Tables:
        """Return such rows of several tables; units belong to a material in every plant, and have none."""
        of_units = {start[1:2] for start in starts}
        return Tables({kind.table: self.under(kind, of_units if kind is r.UnitRow else starts) for kind in kinds})


def _groups(part: SnapshotPart, touched: Mapping[str, AbstractSet[Key]], plants: Iterable[str]) -> AbstractSet[Key]:
    """Return the groups of a part with rows that an amendment touches."""
    groups: set[Key] = set()
    for kind in part.tables:
        keys = touched.get(kind.table, ())
        if kind is r.UnitRow:
            groups.update((plant, key[0]) for key in keys for plant in plants)
        else:
            groups.update(key[: part.columns] for key in keys)
    return groups


def _part(part: SnapshotPart, before: Mapping[Any, Any], groups: AbstractSet[Key], new: _Rows) -> Mapping[Any, Any]:
    """Rebuild the entries of some groups, and keep the others."""
    made = part.of(new.tables(part.tables, groups))
    stay = {
        key: entry
        for key, entry in before.items()
        if ((key,) if isinstance(key, str) else key)[: part.columns] not in groups
    }
    return dict(sorted({**stay, **made}.items())) if stay else made


def _touches_gtins(differs: Difference) -> bool:
    """Return whether any GTIN has a new meaning."""
    before, after = set[tuple[str, ...]](), set[tuple[str, ...]]()
    for kind in (r.MaterialRow, r.GtinRow):
        for splice in differs.get(kind.table, ()):
            for rows, found in ((splice.gone, before), (splice.came, after)):
                told: Iterable[Any] = (load_row(kind, read(row), {}) for row in rows if b'gtin":"' in row)
                found.update((kind.table, row.gtin, row.material, row.unit) for row in told)
    return before != after
