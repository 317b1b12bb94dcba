"""Leases: the right to write, for one gateway per line, proved by the heads.

A lease names the gateway that owns lines, and its end; `*` is every line, `1000/*` a plant's, `1000/L04` one.
Leases only prevent accidents: the head makes two writers impossible. Every commit advances its head's sequence
by compare-and-set, and taking over an expired lease also advances the loser's head, so that the loser's next
commit fails.

Clocks may be wrong, the owner's and the claimer's, and then a lease ends too late or too early:

    a renewal writes the end of the lease again, even if it is earlier than before
    no lease ends later than now plus its length: a gateway refused by a longer one shortens it
    a waiting gateway (`Vigil`) uses no clock, but watches if a lease is renewed within its length

A gateway that gives its lines back keeps its leases, ended: they name the last owner. Only another gateway that takes
the lines over removes them, so a gateway that finds none of its own has been away while another worked:

    the other may also have received the messages in its journal (`Head.behind`)
    the other also got the messages that the broker kept in a session of another name (`Claimed.new_session`)

On PostgreSQL a gateway that is stopped in the middle of a commit (a paused machine, a lost network) would hold its
locks forever, and block its successor. So no lock outlives a lease:

    a writer that waits for a lock longer than a lease gives up, and claims again
    the server terminates a writer that idles in a transaction longer than a lease
    a claim terminates a writer that blocks it in the middle of a commit for longer than a lease
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, delete, insert, select, text, update

from gateway.errors import Fenced, UsageError
from gateway.ledger.database.tables import heads, leases

_PATTERN: Final = re.compile(r"\*|[^/*]+/(\*|[^/*]+)")
# The server terminates a client that idles between two trips, but not one in the middle of a trip. A copy of a
# database has the same table numbers.
_THROW_OUT: Final = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity JOIN pg_locks USING (pid)"
    " WHERE relation = 'heads'::regclass AND mode <> 'AccessShareLock' AND granted AND wait_event_type = 'Client'"
    " AND datname = current_database() AND usename = current_user"
    " AND xact_start < clock_timestamp() - make_interval(secs => :seconds)"
)


class Head(NamedTuple):
    """One writer's place in the ledger."""

    ordinal: int
    gateway: str
    journal: str
    patterns: tuple[str, ...]
    offset: int
    """The committed part of the journal."""
    sequence: int
    documents: int
    quarantines: int
    chain: str
    master: str
    """Digest of its last import of master data; empty: none."""
    at: int
    """Time of its last commit."""
    behind: int
    """Entries of its journal below this number are old: another gateway has owned the lines since they arrived."""
    read_at: int = 0
    """The time of the batch that the offset ends, or lies in."""


class Claimed(NamedTuple):
    """The result of a claim."""

    head: Head
    taken_from: tuple[str, ...]
    """Gateways whose leases on these lines had expired; none if all were given back."""
    fresh: bool
    """Whether the journal is new to a ledger that others have written."""
    new_session: bool
    """Whether the lines came from a gateway with another id, and the broker session has not started since."""


class Vigil:
    """The leases that a waiting gateway has seen, by a stopwatch of its own."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        """Take a stopwatch in seconds."""
        self._monotonic = monotonic
        self._seen: dict[tuple[int, str], tuple[int, float]] = {}

    def over(self, head: int, pattern: str, until: int, lasts: int) -> bool:
        """Return whether a lease was not renewed within its length."""
        now_s = self._monotonic()
        known, since_s = self._seen.get((head, pattern), (None, now_s))
        if known != until:
            self._seen[head, pattern] = until, now_s
            return False
        return (now_s - since_s) * 1e6 >= lasts


def overlap(one: str, other: str) -> bool:
    """Return whether two patterns have a line in common.

    >>> overlap("*", "1000/L04"), overlap("1000/*", "1000/L04"), overlap("1000/L03", "1000/L04")
    (True, True, False)
    """
    if "*" in {one, other} or one == other:
        return True
    (plant, line), (other_plant, other_line) = one.split("/"), other.split("/")
    return plant == other_plant and "*" in {line, other_line}


def common(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    """Return the intersection of two groups of patterns.

    >>> common(["1000/*", "2000/L01"], ["1000/L04", "2000/*", "3000/*"])
    ('1000/L04', '2000/L01')
    """
    both = ((one, other) for one in some for other in others if overlap(one, other))
    return tuple(sorted({min(pair, key=lambda pattern: ("*" in pattern, pattern == "*")) for pair in both}))


class Wish(NamedTuple):
    """A gateway's request for lines, for `ttl` microseconds."""

    gateway: str
    journal: str
    patterns: Sequence[str]
    ttl: int
    end: int
    """The number of the journal's next entry."""


def claim(connection: Connection, wish: Wish, now: int, vigil: Vigil | None) -> Claimed | Fenced:
    """Take the lines, or return their owner. A head that is new to the ledger starts at offset 0.

    Earlier lines that no other gateway has taken over stay its own: its journal may still hold messages of those.
    Without a `vigil` a lease ends by the clock.
    """
    gateway, journal, patterns, ttl, end = wish
    for pattern in patterns:
        if not _PATTERN.fullmatch(pattern):
            raise UsageError(f'lines: expected "*", "PLANT/*" or "PLANT/LINE", got "{pattern}"')
    if connection.dialect.name == "postgresql":
        _lock_heads(connection, ttl)
    known = connection.execute(select(heads).order_by(heads.c.ordinal)).all()
    renamed = next((row.gateway for row in known if row.journal == journal and row.gateway != gateway), None)
    if renamed is not None:
        raise UsageError(
            f'this journal was posted by gateway "{renamed}": as "{gateway}" all of it would be posted again. '
            f'Keep the id "{renamed}", or give "{gateway}" a data directory of its own'
        )
    own = next((row for row in known if (row.gateway, row.journal) == (gateway, journal)), None)
    others = {row.ordinal: row for row in known if row is not own}
    losers: set[int] = set()
    late: set[str] = set()
    stayed, new_session = set[str](), False
    refused = ""
    for lease in connection.execute(select(leases)).all():
        other = others.get(lease.head)
        if other is None:
            stayed.add(lease.pattern)
            new_session = new_session or not lease.began
            continue
        if other.gateway != gateway and not any(overlap(lease.pattern, pattern) for pattern in patterns):
            continue
        if lease.until and not (vigil.over(*lease[:4]) if vigil is not None else lease.until <= now):
            left = max(0, min(lease.until - now, lease.lasts))
            refused = refused or _refusal(other.gateway, other.journal, gateway, lease.pattern, left)
            if lease.until > now + lease.lasts and vigil is None:
                ends = update(leases).where(leases.c.head == lease.head, leases.c.pattern == lease.pattern)
                connection.execute(ends.values(until=now + lease.lasts))
            continue
        losers.add(lease.head)
        new_session = new_session or other.gateway != gateway or not lease.began
        if lease.until:
            late.add(other.gateway)
    if refused:
        return Fenced(refused)
    if own is None:
        ordinal = max((row.ordinal for row in known), default=-1) + 1
        figures = ("journal_offset", "sequence", "documents", "quarantines", "at", "behind", "read_at")
        fresh = {"chain": "", "master": "", **dict.fromkeys(figures, 0)}
        connection.execute(insert(heads).values(ordinal=ordinal, gateway=gateway, journal=journal, **fresh))
    else:
        ordinal = own.ordinal
        if not stayed:
            connection.execute(update(heads).where(heads.c.ordinal == ordinal).values(behind=end))
    fenced = [*sorted(losers), ordinal]
    connection.execute(update(heads).where(heads.c.ordinal.in_(fenced)).values(sequence=heads.c.sequence + 1))
    connection.execute(delete(leases).where(leases.c.head.in_(fenced)))
    connection.execute(
        insert(leases),
        [
            {"head": ordinal, "pattern": p, "until": now + ttl, "lasts": ttl, "began": int(not new_session)}
            for p in sorted({*patterns, *stayed})
        ],
    )
    fresh_here = own is None and bool(known)
    return Claimed(read_head(connection, ordinal), tuple(sorted(late)), fresh=fresh_here, new_session=new_session)


def _lock_heads(connection: Connection, ttl: int) -> None:
    """Lock the heads after running commits, which renew leases, have ended; let no lock outlive a lease."""
    for setting in ("lock_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET {setting} = {max(1, ttl // 1000)}")
    connection.execute(_THROW_OUT, {"seconds": ttl / 1_000_000})
    connection.exec_driver_sql("LOCK TABLE heads IN SHARE ROW EXCLUSIVE MODE")


def knows(connection: Connection, gateway: str, journal: str) -> bool:
    """Return whether a ledger has ever had a head of this journal."""
    own = heads.c.gateway == gateway, heads.c.journal == journal
    return connection.scalar(select(heads.c.ordinal).where(*own)) is not None


def read_head(connection: Connection, ordinal: int) -> Head:
    """Read a head as it stands, with the lines that it owns."""
    row = connection.execute(select(heads).where(heads.c.ordinal == ordinal)).one()
    owned = connection.scalars(select(leases.c.pattern).where(leases.c.head == ordinal).order_by(leases.c.pattern))
    _, gateway, journal, *figures = row
    return Head(ordinal, gateway, journal, tuple(owned), *figures)


def describe_takeover(head: Head) -> Fenced:
    """Return the error for a head or lines that were taken over."""
    return Fenced(f'gateway "{head.gateway}", journal {head.journal}: another writer has taken over its lines')


def _refusal(other: str, journal: str, gateway: str, pattern: str, left: int) -> str:
    seconds = -(-left // 1_000_000)
    if other == gateway:
        return f'gateway "{gateway}" runs already, with journal {journal}; its lease on "{pattern}" ends in {seconds} s'
    return f'the lines "{pattern}" belong to gateway "{other}"; its lease ends in {seconds} s'
