"""What an import has changed, told from the canonical texts before and after it: how many rows of which table.

The texts are compared as they are, without building rows: there may be many of them, written by older versions.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from gateway.masterdata.rows import TABLES

_Rows = Mapping[tuple[str, ...], Mapping[str, str]]


def find_changes(before: bytes, after: bytes) -> dict[str, dict[str, int]]:
    """Return the rows added, changed and removed of each table that an import has touched.

    >>> find_changes(b'{"reasons":[]}', b'{"scrap_reasons":[{"reason":"03","text":"burr"}]}')
    {'scrap_reasons': {'added': 1, 'changed': 0, 'removed': 0}}
    """
    was, now = (json.loads(text or b"{}") for text in (before, after))
    result = {}
    for table in sorted({*was, *now}):
        old, new = (_by_key(table, tables.get(table, ())) for tables in (was, now))
        both = old.keys() & new.keys()
        counts = {
            "added": len(new) - len(both),
            "changed": sum(old[key] != new[key] for key in both),
            "removed": len(old) - len(both),
        }
        if any(counts.values()):
            result[table] = counts
    return result


def _by_key(table: str, rows: Sequence[Mapping[str, Any]]) -> _Rows:
    known = TABLES.get(table)
    columns = known.key_columns if known is not None else tuple(sorted({name for row in rows for name in row}))
    return {tuple(row.get(column, "") for column in columns): row for row in rows}
