"""Batches: the journal's entries, packed by the batch into one checked row.

The idea: the unit is the batch. Messages that arrived during the last commit become one row, so that a thousand of them
cost one insert and one fsync. A row is self-contained: its checksum covers its number, its time and its body, so a row
that was torn, changed or moved is detected when it is read.

Laws: numbers follow each other without a gap from 1; times grow, except where the clock was set back;
unpack(pack(entries)) == entries.
"""

from collections.abc import Sequence
from hashlib import blake2b
from struct import Struct
from typing import Final, NamedTuple

import msgpack  # type: ignore[import-untyped]  # it ships no type information

MAX_ENTRIES: Final = 65_536
"""The most entries of one batch; it is the factor of the entry ids, and therefore never changes."""

_HEAD: Final = Struct(">Qq")


class Entry(NamedTuple):
    """One thing that may change the ledger. A batch without entries is a tick: only its time matters."""

    kind: str
    """Its kind; the service defines the kinds."""
    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    response_topic: str | None = None
    correlation: bytes | None = None
    size: int = 0
    """The original size if the payload was cut, else 0."""
    sha256: str | None = None
    """The digest of the original, if the payload was cut."""


class JournalBatch(NamedTuple):
    """Entries that became durable together."""

    number: int
    at: int
    """The time of receipt, microseconds UTC; it grows with the number, unless the clock was set back."""
    entries: tuple[Entry, ...]
    size: int = 0
    """The packed size of all entries, in bytes."""


def entry_id(number: int, index: int) -> int:
    """Return the permanent id of an entry.

    >>> entry_id(3, 7)
    196615
    """
    return number * MAX_ENTRIES + index


def locate(entry: int) -> tuple[int, int]:
    """Find batch number and index of an entry id.

    >>> locate(196615)
    (3, 7)
    """
    return divmod(entry, MAX_ENTRIES)


def pack(entries: Sequence[Entry]) -> bytes:
    """Pack the entries of one batch; the field order of `Entry` is the file format."""
    packed: bytes = msgpack.packb(entries)
    return packed


def unpack(body: bytes) -> tuple[Entry, ...]:
    """Unpack a result of `pack`; raises msgpack's ValueError or TypeError for anything else."""
    return tuple(map(Entry._make, msgpack.unpackb(body, use_list=False)))


def checksum(number: int, at: int, body: bytes) -> bytes:
    """Return 16 bytes over the whole content of a row."""
    return blake2b(_HEAD.pack(number, at) + body, digest_size=16).digest()
