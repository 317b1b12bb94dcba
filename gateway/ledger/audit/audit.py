"""The audit: every law of the ledger, checked against the ledger alone, in one pass and one snapshot.

Each law sees every document once, in order, with all its rows (`walk`), and at the end compares its sums with those of
the ledger. So nothing is sorted, and memory is bounded by the plant (keys of stock, marks, statistics), not by its
history. Sums are recomputed with the engine's own arithmetic from the frozen explosions; no table is trusted because
another one agrees.

`LAWS` lists the laws, docs/architecture.md explains each. `service.local.ledger`, which has both, compares the ledger
with its journal.
"""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection, func, select

from gateway.errors import UsageError
from gateway.ledger.audit.corrections import BacklogRecords, Reversals, ReversedOnce
from gateway.ledger.audit.dues import Accounts, Dues, Marks
from gateway.ledger.audit.history import Chain, Complete, Messages, Numbers, Offset, Outbox
from gateway.ledger.audit.law import Law, LawResult
from gateway.ledger.audit.origin import Master, Schema
from gateway.ledger.audit.sums import Collectors, Hours, Orders, Points, Statistics, Stock
from gateway.ledger.audit.units import CountedUnits, DeviceUnits, LineFiguresLaw, Read
from gateway.ledger.audit.walk import stream, walk
from gateway.ledger.database import tables as t

__all__ = ["LAWS", "LawResult", "Progress", "audit"]

Progress = Callable[[int, int], None]
"""Gets the number of documents seen, and of all documents."""

LAWS: Final[tuple[type[Law], ...]] = (
    *(Schema, Master),
    *(Numbers, Complete, Chain, Offset, Messages, Outbox),
    *(Read, DeviceUnits, CountedUnits),
    *(Dues, Marks, Accounts),
    *(Stock, Collectors, Statistics, Hours, Orders, Points),
    *(BacklogRecords, Reversals, ReversedOnce, LineFiguresLaw),
)
_TELL_EVERY: Final = 1000
_SNAPSHOTS: Final = frozenset({"REPEATABLE READ", "SERIALIZABLE"})


def audit(connection: Connection, progress: Progress | None = None) -> list[LawResult]:
    """Check every law in one snapshot: of a connection from `open_database(url, read_only=True)`, in a transaction."""
    level = connection.get_isolation_level()
    if level not in _SNAPSHOTS:
        raise UsageError(f"audit: expected a connection that reads one snapshot, got isolation level {level}")
    total = connection.scalar(select(func.sum(t.heads.c.documents))) or 0
    laws = [law(connection) for law in LAWS]

    def stray(number: int, tables: list[str]) -> None:
        for law in laws:
            law.stray(number, tables)

    for seen, paper in enumerate(walk(connection, stray), 1):
        for law in laws:
            law.see(paper)
        if progress is not None and seen % _TELL_EVERY == 0:
            progress(seen, int(total))
    for row in stream(connection, select(t.quarantine).order_by(t.quarantine.c.number)):
        for law in laws:
            law.entry(row)
    results = [law.result() for law in laws]
    if progress is not None:
        progress(int(total), int(total))
    return results
