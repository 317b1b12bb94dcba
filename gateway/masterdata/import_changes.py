"""The history of an import: the number of rows that it has removed, added and changed, by table.

Rows that are in both are unchanged. They are compared as texts: there may be many, written by older versions.
"""

from collections.abc import Sequence
from typing import Any

from gateway.canonical import Texts, read
from gateway.masterdata.rows import TABLES, Key


def find_changes(gone: Texts, came: Texts) -> dict[str, dict[str, int]]:
    """Return the numbers of rows added, changed and removed in each table that an import has touched.

    >>> find_changes({"reasons": []}, {"scrap_reasons": [b'reason":"03","text":"burr']})
    {'scrap_reasons': {'added': 1, 'changed': 0, 'removed': 0}}
    """
    result = {}
    for table in sorted({*gone, *came}):
        both = {*gone.get(table, ())} & {*came.get(table, ())}
        old, new = (_keys(table, [row for row in rows.get(table, ()) if row not in both]) for rows in (gone, came))
        counts = {"added": len(new - old), "changed": len(old & new), "removed": len(old - new)}
        if any(counts.values()):
            result[table] = counts
    return result


def _keys(table: str, texts: Sequence[bytes]) -> set[Key]:
    rows: list[Any] = [read(text) for text in texts]
    known = TABLES.get(table)
    columns = known.key_columns if known is not None else tuple(sorted({name for row in rows for name in row}))
    return {tuple(row.get(column, "") for column in columns) for row in rows}
