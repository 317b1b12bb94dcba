"""Laws of the foundations: tables, triggers and references of the ledger, master data of each import."""

from typing import Any

from sqlalchemy import Column, exists, func, inspect, select, text

from gateway.backflush.values.quantities import number_of
from gateway.ledger.audit.law import Law
from gateway.ledger.database import tables as t
from gateway.ledger.store.stored_imports import walk_imports

_TRIGGERS = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        " AND tgrelid IN (SELECT oid FROM pg_class WHERE pg_table_is_visible(oid))"
    ),
}
_NAMED = (
    (t.scans.c.document, t.documents.c.number),
    (t.serials.c.document, t.documents.c.number),
    (t.contexts.c.undo, t.documents.c.number),
    (t.contexts.c.undo_to, t.documents.c.number),
)
"""The columns that name a document, or with 0 none: the database has no foreign key for them."""


class Schema(Law):
    """Every table has this program's columns and triggers, and every reference of a row exists."""

    name = "schema"

    def _conclude(self) -> str:
        known = inspect(self.connection)
        there = {*known.get_table_names()} - {"alembic_version"}
        for name in sorted(there ^ {*t.metadata.tables}):
            self.broken(f"table {name} is {'not of this schema' if name in there else 'not there'}")
        for name in sorted(there & {*t.metadata.tables}):
            has = {column["name"] for column in known.get_columns(name)}
            for column in sorted(has ^ {column.name for column in t.metadata.tables[name].columns}):
                self.broken(f"column {name}.{column} is {'not of this schema' if column in has else 'not there'}")
        if there >= {*t.metadata.tables}:
            self._refer()
        dialect = self.connection.dialect.name
        triggers = {*self.connection.scalars(text(_TRIGGERS[dialect]))}
        expected = _triggers(truncate=dialect == "postgresql")
        for name in sorted(expected - triggers):
            self.broken(f"trigger {name} is not there: nothing keeps what it protects from being changed")
        for name in sorted(triggers - expected):
            self.broken(f"trigger {name} is not of this schema")
        return f"{len(there)} tables, {len(triggers)} triggers"

    def _refer(self) -> None:
        """Look for dangling references: a role that may disable triggers also disables their check."""
        keys = [(key.parent, key.column) for table in t.metadata.sorted_tables for key in table.foreign_keys]
        pairs: list[tuple[Column[Any], Column[Any]]] = [*keys, *_NAMED]
        for child, parent in pairs:
            query = select(func.count()).select_from(child.table).where(~exists().where(parent == child))
            lost = self.connection.scalar(query if (child, parent) in keys else query.where(child != 0))
            if lost:
                self.broken(
                    f"{child.table.name}.{child.name} has {lost} references that {parent.table.name} does not have"
                )


def _triggers(*, truncate: bool) -> set[str]:
    kept = {table.name for table in (*t.HISTORY, *t.RECORDS)}
    expected = {f"{table.name}_no_update" for table in (*t.HISTORY, t.quarantine)} | {
        f"{name}_no_delete" for name in kept
    }
    return expected | ({f"{name}_no_truncate" for name in kept} if truncate else set())


class Master(Law):
    """Each import matches its digest; a head's newest is the one that it names; documents refer to one of them."""

    name = "master"

    def _conclude(self) -> str:
        digests, newest = {""}, dict[int, tuple[int, str]]()
        imports = 0
        for one, master in walk_imports(self.connection):
            imports += 1
            digests.add(one.digest)
            newest[one.head] = max(newest.get(one.head, (0, "")), (one.sequence, one.digest))
            if master is None:
                self.broken(f"import {one.head}/{one.sequence}: its tables are not those that were imported")
        for head in self.rows(t.heads):
            _, last = newest.get(head.ordinal, (0, ""))
            if last != head.master:
                self.broken(f"writer {head.ordinal} imported {head.master[:12] or 'nothing'} last, not {last[:12]}")
        for batch in self.rows(t.batches):
            if batch.master not in digests:
                self.broken(f"batch {batch.head}/{batch.sequence} rests on master data {batch.master[:12]}: not there")
        return number_of(imports, "import")
