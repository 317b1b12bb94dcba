"""Who may write: one gateway per line, told by leases, and proved by the heads.

A lease says which gateway owns which lines, and until when; `*` is every line, `1000/*` a plant's, `1000/L04` one.
Leases only prevent accidents: what makes two writers impossible is the head. Every commit advances its head's sequence
by compare-and-set, and whoever takes an expired lease over advances the loser's head as well, so that the loser's next
commit fails.
"""

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from gateway.errors import Fenced, UsageError
from gateway.ledger.tables import heads, leases

_CLAIM_LOCK: Final = 0x62666C63
_PATTERN: Final = re.compile(r"\*|[^/*]+/(\*|[^/*]+)")


class Head(NamedTuple):
    """One writer's place in the ledger."""

    ordinal: int
    gateway: str
    journal: str
    patterns: tuple[str, ...]
    offset: int
    """What of the journal is committed."""
    sequence: int
    documents: int
    quarantines: int
    chain: str
    master: str
    """Digest of the master data that it imported last; empty: none."""
    at: int
    """Time of its last commit."""


class Claimed(NamedTuple):
    """What a claim has got."""

    head: Head
    taken_from: tuple[str, ...]
    """Gateways whose leases on these lines had run out; none if all were given back."""
    fresh: bool
    """Whether the journal is new to a ledger that others have written."""


def overlap(one: str, other: str) -> bool:
    """Say whether two patterns have a line in common.

    >>> overlap("*", "1000/L04"), overlap("1000/*", "1000/L04"), overlap("1000/L03", "1000/L04")
    (True, True, False)
    """
    if "*" in {one, other} or one == other:
        return True
    (plant, line), (other_plant, other_line) = one.split("/"), other.split("/")
    return plant == other_plant and "*" in {line, other_line}


def claim(connection: Connection, gateway: str, journal: str, patterns: Sequence[str], now: int, ttl: int) -> Claimed:
    """Take the lines, or raise Fenced naming who has them. A head that the ledger does not know starts at offset 0."""
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise UsageError(f'lines: expected "*", "PLANT/*" or "PLANT/LINE", got "{pattern}"')
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_CLAIM_LOCK})")
    # The lock on the heads waits for commits under way, which renew leases.
    known = connection.execute(select(heads).order_by(heads.c.ordinal).with_for_update()).all()
    renamed = next((row.gateway for row in known if row.journal == journal and row.gateway != gateway), None)
    if renamed is not None:
        raise UsageError(
            f'this journal was folded by gateway "{renamed}": as "{gateway}" all of it would be posted again. '
            f'Keep the id "{renamed}", or give "{gateway}" a data directory of its own'
        )
    own = next((row for row in known if (row.gateway, row.journal) == (gateway, journal)), None)
    others = {row.ordinal: row for row in known if row is not own}
    losers: set[int] = set()
    for lease in connection.execute(select(leases)).all():
        other = others.get(lease.head)
        if other is None:
            continue
        if other.gateway != gateway and not any(overlap(lease.pattern, pattern) for pattern in patterns):
            continue
        if lease.until > now:
            raise Fenced(_refusal(other.gateway, other.journal, gateway, lease.pattern, lease.until - now))
        losers.add(lease.head)
    if own is None:
        ordinal = max((row.ordinal for row in known), default=-1) + 1
        fresh = {
            "journal_offset": 0,
            "sequence": 0,
            "documents": 0,
            "quarantines": 0,
            "chain": "",
            "master": "",
            "at": 0,
        }
        connection.execute(insert(heads).values(ordinal=ordinal, gateway=gateway, journal=journal, **fresh))
    else:
        ordinal = own.ordinal
    fenced = [*sorted(losers), ordinal]
    connection.execute(update(heads).where(heads.c.ordinal.in_(fenced)).values(sequence=heads.c.sequence + 1))
    connection.execute(delete(leases).where(leases.c.head.in_(fenced)))
    connection.execute(
        insert(leases), [{"head": ordinal, "pattern": p, "until": now + ttl} for p in sorted(set(patterns))]
    )
    taken = tuple(sorted({others[loser].gateway for loser in losers}))
    return Claimed(read_head(connection, ordinal), taken, fresh=own is None and bool(known))


def read_head(connection: Connection, ordinal: int) -> Head:
    """Read a head as it stands, with the lines that it owns."""
    row = connection.execute(select(heads).where(heads.c.ordinal == ordinal)).one()
    owned = connection.scalars(select(leases.c.pattern).where(leases.c.head == ordinal).order_by(leases.c.pattern))
    return Head(
        row.ordinal,
        row.gateway,
        row.journal,
        tuple(owned),
        row.journal_offset,
        row.sequence,
        row.documents,
        row.quarantines,
        row.chain,
        row.master,
        row.at,
    )


def fenced(head: Head) -> Fenced:
    """Say that a head or its lines were taken over."""
    return Fenced(f'gateway "{head.gateway}", journal {head.journal}: another writer has taken over its lines')


def _refusal(other: str, journal: str, gateway: str, pattern: str, left: int) -> str:
    seconds = -(-left // 1_000_000)
    if other == gateway:
        return f'gateway "{gateway}" runs already, with journal {journal}; its lease on "{pattern}" ends in {seconds} s'
    return f'the lines "{pattern}" belong to gateway "{other}"; its lease ends in {seconds} s'
