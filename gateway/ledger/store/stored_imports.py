"""Imports as stored: the master data of each, whole or as the difference from an earlier one.

    {"materials":[...],...}                  whole
    ["DIGEST",{"materials":[...],...}]       a difference (`gateway.canonical`) from the master data of that digest

An import stores its changes. Once the changes since the last whole one are longer than the text itself, it stores the
whole text: so reading the data in force takes at most twice the text, and the store is at most twice the size of all
changes, besides the first import.

Law: the SHA-256 of the text of an import is its digest.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from gateway.canonical import Difference, Texts, join, load_difference, patch, split
from gateway.errors import LedgerUnavailable
from gateway.ledger.database import tables as t

_UNREADABLE = (ValueError, TypeError, LookupError, AttributeError, RecursionError)
_BEGINS = len('["",') + hashlib.sha256().digest_size * 2


class Stored(NamedTuple):
    """One import without its content, which may be long."""

    head: int
    sequence: int
    at: int
    digest: str
    size: int
    begins: bytes

    @property
    def amends(self) -> str:
        """The digest of the master data that it changes; empty: it is whole."""
        return _amend(self.begins)


def read_imports(connection: Connection) -> list[Stored]:
    """Return every import, the newest first: that is in force for all heads."""
    columns = t.master_tables.c
    light = columns.head, columns.sequence, columns.at, columns.digest, func.length(columns.content)
    found = select(*light, func.substr(columns.content, 1, _BEGINS))
    newest = connection.execute(found.order_by(columns.at.desc(), columns.sequence.desc()))
    return [Stored(*row[:5], bytes(row[5])) for row in newest]


def sum_differences(imports: Sequence[Stored]) -> int:
    """Return the bytes stored since the whole import that the newest one refers to.

    LedgerUnavailable if one of those is gone.
    """
    return sum(one.size for one in _path(imports, 0)[1:]) if imports else 0


def pack(tables: bytes, amended: tuple[str, bytes], spent_before: int) -> bytes:
    """Return the content to store for an import: its changes, unless the whole text is shorter."""
    digest, differs = amended
    short = b'["%s",%s]' % (digest.encode(), differs)
    return short if digest and spent_before + len(short) <= len(tables) else tables


def content_of(connection: Connection, one: Stored) -> bytes:
    """Return the stored content of an import."""
    columns = t.master_tables.c
    own = select(columns.content).where(columns.head == one.head, columns.sequence == one.sequence)
    return bytes(connection.execute(own).scalar_one())


def read_difference(stored_content: bytes) -> Difference | None:
    """Return the changes of an import; None if it is whole."""
    return load_difference(stored_content[_BEGINS:-1]) if _amend(stored_content) else None


def text_of(connection: Connection, imports: Sequence[Stored], number: int = 0) -> bytes:
    """Return the master data of an import; LedgerUnavailable if it is not what was imported."""
    texts: Texts = {}
    try:
        for one in _path(imports, number):
            text = content_of(connection, one)
            differs = read_difference(text)
            texts = split(text) if differs is None else patch(texts, differs)
        if imports[number].amends:
            text = join(texts)
    except _UNREADABLE:
        text = b""
    digest = imports[number].digest
    if hashlib.sha256(text).hexdigest() != digest:
        raise describe_tampering(digest)
    return text


def walk_imports(connection: Connection) -> Iterator[tuple[Stored, bytes | None]]:
    """Yield every import, the oldest first, with its master data; None if that does not match its digest."""
    imports = read_imports(connection)
    known: tuple[str, Texts] = "", {}
    for number in range(len(imports) - 1, -1, -1):
        one = imports[number]
        try:
            if one.amends == known[0] != "":
                differs = read_difference(content_of(connection, one))
                texts = patch(known[1], differs or {})
                text = join(texts)
            else:
                text = text_of(connection, imports, number)
                texts = split(text)
        except (*_UNREADABLE, LedgerUnavailable):
            yield one, None
            continue
        known = one.digest, texts
        yield one, text if hashlib.sha256(text).hexdigest() == one.digest else None


def describe_tampering(digest: str) -> LedgerUnavailable:
    """Return the error for master data that does not match its digest."""
    return LedgerUnavailable(
        f"the master data in force is not what was imported ({digest[:12]}): somebody has changed the "
        "ledger; keep it, find out what happened, and `backflush restore --keep-journal`"
    )


def _amend(begins: bytes) -> str:
    return begins[2 : _BEGINS - 2].decode(errors="replace") if begins[:1] == b"[" else ""


def _path(imports: Sequence[Stored], number: int) -> list[Stored]:
    """Return a whole import, and the later differences that lead to one of them; LedgerUnavailable without."""
    digest, found = imports[number].digest, [imports[number]]
    while amends := found[-1].amends:
        number = next((n for n in range(number + 1, len(imports)) if imports[n].digest == amends), -1)
        if number < 0:
            raise describe_tampering(digest)
        found.append(imports[number])
    return found[::-1]
