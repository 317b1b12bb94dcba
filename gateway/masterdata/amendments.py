"""Amendments: an import as its journal entry has it, with the rows added or changed and the keys of those removed.

An import is decided where the person is who may say what goes: `merge` compares the file with what is in force there.
What the journal holds is the outcome, so that it touches nothing else wherever and whenever it is folded: a run that
the shop floor has ended, an order that was reduced, a row that another import has changed meanwhile.

Where it takes effect it is a difference of texts: what it does not name is not read, and not printed again.

Laws: ``amend(old, amendment(old, new)) == new``; ``load_amendment(dump_amendment(a)) == a``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from gateway.canonical import Difference, Splice, Texts, print_row
from gateway.errors import UsageError
from gateway.masterdata.rows import TABLES, Key, Row
from gateway.masterdata.tables import Origin, Tables, TextTable, cells_of, load_rows, print_rows, tables_of


class Amendment(NamedTuple):
    """Rows added or changed, and keys of rows that go, by table; a table that is named is there afterwards."""

    given: Tables
    gone: Mapping[str, tuple[Key, ...]]
    reason: str = ""
    """Why, as whoever imports it says."""
    judged: bool = False
    """It may not take stock that is not there; what was imported before that was judged could."""
    beside: str = ""
    """The digest of what was in force when it was checked: beside that it need not be checked again."""

    @property
    def keys(self) -> frozenset[tuple[str, Key]]:
        """All that it touches."""
        given = {(table, row.key()) for table, rows in self.given.rows.items() for row in rows}
        return frozenset(given | {(table, key) for table, keys in self.gone.items() for key in keys})

    def touches(self, kind: type[Row]) -> bool:
        """Say whether a table is there that was not, or a row of it is another one."""
        return kind.table in self.given.rows or kind.table in self.gone


def amendment(old: Tables, new: Tables) -> Amendment:
    """Return what turns the one into the other; no table of the old one may be missing."""
    given: dict[str, list[Row]] = {}
    gone: dict[str, tuple[Key, ...]] = {}
    for table, rows in new.rows.items():
        before = {row.key(): row for row in old.rows.get(table, ())}
        changed = [row for row in rows if before.pop(row.key(), None) != row]
        if changed or table not in old.rows:
            given[table] = changed
        if before:
            gone[table] = tuple(before)
    touched = {(table, row.key()) for table, rows in given.items() for row in rows}
    retired = {key: words for key, words in new.retired.items() if key in touched}
    return Amendment(replace(tables_of(given, {}), retired=retired), gone, judged=True)


def amend(old: Tables, change: Amendment) -> Tables:
    """Return what is in force after an amendment."""
    rows = {table: {row.key(): row for row in of_table} for table, of_table in old.rows.items()}
    for table, keys in change.gone.items():
        of_table = rows.setdefault(table, {})
        for key in keys:
            of_table.pop(key, None)
    for table, given in change.given.rows.items():
        rows.setdefault(table, {}).update((row.key(), row) for row in given)
    # Nobody who reads the outcome can say in which file a row stood: what it names is the import.
    origins = {key: Origin("import", number) for number, key in enumerate(sorted(change.keys), start=1)}
    tables = tables_of({table: of_table.values() for table, of_table in rows.items()}, origins)
    retired = {key: words for key, words in old.retired.items() if key not in origins} | dict(change.given.retired)
    return replace(tables, retired=retired)


def difference(texts: Texts, change: Amendment) -> Difference:
    """Return what an amendment changes in a canonical text, of which only the rows are read beside which it lies.

    Law: ``join(patch(split(t), difference(split(t), a))) == dump_tables(amend(load_tables(t), a))``
    """
    result = {}
    for table in {*change.given.rows, *change.gone}:
        old, at = TextTable(TABLES[table], texts), 0
        new: dict[Key, bytes | None] = dict.fromkeys(change.gone.get(table, ()))
        new |= {row.key(): print_row(cells_of(change.given, row)) for row in change.given.rows.get(table, ())}
        splices = []
        for key in sorted(new):
            at, text = old.find(key, at), new[key]
            there = at < len(old.texts) and old.row(at).key() == key
            gone, came = old.texts[at : at + 1] if there else [], [text] if text is not None else []
            if gone != came:
                splices.append(Splice(at, gone, came))
        result[table] = splices
    return result


def dump_amendment(change: Amendment) -> bytes:
    """Print an amendment as canonical JSON: ``{"given": {table: [cells]}, "gone": {table: [key]}, ...}``."""
    content = {
        "given": print_rows(change.given),
        "gone": {table: list(map(list, keys)) for table, keys in change.gone.items()},
        "reason": change.reason,
        **({"judged": True} if change.judged else {}),
        **({"beside": change.beside} if change.beside else {}),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def load_amendment(data: bytes) -> Amendment:
    """Read canonical JSON; raises UsageError when it is none."""
    try:
        content = json.loads(data)
        given = load_rows(content["given"])
        gone = {
            TABLES[table].table: tuple(map(_key_of(TABLES[table]), keys)) for table, keys in content["gone"].items()
        }
        reason, beside = (_printable(content.get(name, "")) for name in ("reason", "beside"))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        told = ascii(" ".join(f"{type(error).__name__}: {error}".split()))[1:-1]
        raise UsageError(f"master data: expected the canonical text of an import, got {told:.400}") from error
    return Amendment(given, gone, reason, content.get("judged") is True, beside)


def _printable(said: object) -> str:
    if not (isinstance(said, str) and said.isprintable()):
        raise TypeError("expected printable text")
    return said


def _key_of(kind: type[Row]) -> Callable[[object], Key]:
    def read(key: object) -> Key:
        if not isinstance(key, list) or len(key) != len(kind.key_columns) or not all(isinstance(p, str) for p in key):
            raise TypeError(f"no key of {kind.table}")
        return tuple(key)

    return read
