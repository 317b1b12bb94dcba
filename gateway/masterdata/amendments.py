"""Amendments: an import in its journal entry, with the rows added or changed and the keys of those removed.

An import is decided at the person's own machine: `merge` compares the file with the data in force there, and the person
confirms removals. The journal holds the outcome, so that it touches nothing else wherever and whenever it is folded: a
run that the shop floor has ended, an order that was reduced, a row that another import has changed meanwhile.

On arrival it is a difference of texts: rows that it does not name are not read, and not printed again.

Laws: ``amend(old, amendment(old, new)) == new``; ``load_amendment(dump_amendment(a)) == a``.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf
from typing import Final, NamedTuple

from gateway.canonical import Difference, Splice, Texts, join, patch, print_row, split
from gateway.errors import UsageError
from gateway.masterdata.rows import TABLES, Key, TableRow
from gateway.masterdata.tables import Origin, Tables, TextTable, cells_of, load_rows, print_rows, tables_of

_LONGEST_TRANSACTION: Final = 200


class Amendment(NamedTuple):
    """Rows added or changed, and keys of rows that go, by table; a named table exists afterwards."""

    given: Tables
    gone: Mapping[str, tuple[Key, ...]]
    reason: str = ""
    """The reason given by the person who imports it."""
    judged: bool = False
    """Whether its stock is judged: it may not take stock that is not there; older imports could."""
    beside: str = ""
    """The digest of the data in force when it was checked: against the same data it is not checked again."""
    transaction: str = ""
    """The name of its sender's choice: it takes effect once."""

    @property
    def keys(self) -> frozenset[tuple[str, Key]]:
        """All rows that it touches."""
        given = {(table, row.key()) for table, rows in self.given.rows.items() for row in rows}
        return frozenset(given | {(table, key) for table, keys in self.gone.items() for key in keys})

    def touches(self, kind: type[TableRow]) -> bool:
        """Return whether it adds a table or changes a row of it."""
        return kind.table in self.given.rows or kind.table in self.gone


def amendment(old: Tables, new: Tables) -> Amendment:
    """Return the amendment that turns old tables into new ones; no table of the old ones may be missing."""
    given: dict[str, list[TableRow]] = {}
    gone: dict[str, tuple[Key, ...]] = {}
    for table, rows in new.rows.items():
        if rows is old.rows.get(table):
            continue
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
    """Return the tables after an amendment."""
    rows = {table: {row.key(): row for row in of_table} for table, of_table in old.rows.items()}
    for table, keys in change.gone.items():
        of_table = rows.setdefault(table, {})
        for key in keys:
            of_table.pop(key, None)
    for table, given in change.given.rows.items():
        rows.setdefault(table, {}).update((row.key(), row) for row in given)
    # After the import the file of a row is unknown: its origin is the import.
    origins = {key: Origin("import", number) for number, key in enumerate(sorted(change.keys), start=1)}
    tables = tables_of({table: of_table.values() for table, of_table in rows.items()}, origins)
    retired = {key: words for key, words in old.retired.items() if key not in origins} | dict(change.given.retired)
    return replace(tables, retired=retired)


def difference(texts: Texts, change: Amendment) -> Difference:
    """Return the changes of an amendment in a canonical text, reading only the neighbouring rows.

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


def amend_text(in_force: bytes, change: Amendment) -> bytes:
    """Return the canonical text after an amendment."""
    texts = split(in_force)
    return join(patch(texts, difference(texts, change)))


def dump_amendment(change: Amendment) -> bytes:
    """Print an amendment as canonical JSON: ``{"given": {table: [cells]}, "gone": {table: [key]}, ...}``."""
    content = {
        "given": print_rows(change.given),
        "gone": {table: list(map(list, keys)) for table, keys in change.gone.items()},
        "reason": change.reason,
        **({"judged": True} if change.judged else {}),
        **({"beside": change.beside} if change.beside else {}),
        **({"transaction": change.transaction} if change.transaction else {}),
    }
    return _print(content)


def name_amendment(amendment: bytes, reason: str, transaction: str) -> bytes:
    """Return a printed amendment with another reason and transaction; its rows are not read."""
    return _print({**json.loads(amendment), "reason": reason, "transaction": transaction})


def _print(content: Mapping[str, object]) -> bytes:
    return json.dumps(content, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def load_amendment(data: bytes) -> Amendment:
    """Read canonical JSON; raises UsageError for any other text."""
    try:
        content = json.loads(data)
        given = load_rows(content["given"])
        gone = {
            TABLES[table].table: tuple(map(_key_of(TABLES[table]), keys)) for table, keys in content["gone"].items()
        }
        reason, beside = (_printable(content.get(name, "")) for name in ("reason", "beside"))
        transaction = _printable(content.get("transaction", ""), _LONGEST_TRANSACTION)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        told = ascii(" ".join(f"{type(error).__name__}: {error}".split()))[1:-1]
        raise UsageError(f"master data: expected the canonical text of an import, got {told:.400}") from error
    return Amendment(given, gone, reason, content.get("judged") is True, beside, transaction)


def _printable(said: object, longest: float = inf) -> str:
    if not (isinstance(said, str) and said.isprintable() and len(said) <= longest):
        raise TypeError("expected printable text" + (f" of at most {longest} characters" if longest < inf else ""))
    return said


def _key_of(kind: type[TableRow]) -> Callable[[object], Key]:
    def read(key: object) -> Key:
        if not isinstance(key, list) or len(key) != len(kind.key_columns) or not all(isinstance(p, str) for p in key):
            raise TypeError(f"no key of {kind.table}")
        return tuple(key)

    return read
