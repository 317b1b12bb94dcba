"""Belonging: a journal must match its ledger, which knows the time of the last batch that it has folded.

A journal that ends before that batch, or has another time for it, is an older copy. New entries in it would get numbers
that the ledger has folded already, and would be skipped. So a starting gateway checks this before it stores,
acknowledges or promises anything.
"""

from sqlalchemy import Connection, select

from gateway.errors import UsageError
from gateway.journal import Journal, Reader, locate
from gateway.ledger.database import tables as t
from gateway.settings import Settings

UNPROVED = (
    "the ledger has not answered since the start: nothing is stored until it confirms that it has processed "
    "this journal"
)


def apart(journal: Journal | Reader, offset: int, read_at: int) -> str:
    """Explain why a journal does not match the ledger's position in it; empty if it does."""
    number, index = locate(offset)
    folded = number if index else number - 1
    if folded > journal.last:
        return f"the ledger has consumed {folded} batches of this journal, which has {journal.last}"
    found = journal.time_of_receipt(folded)  # None if it was pruned
    if found not in (None, read_at):
        return f"batch {folded} of this journal is not the one that the ledger has consumed: it came at another time"
    return ""


def prove(journal: Journal | Reader, offset: int, read_at: int) -> None:
    """Refuse a journal other than the one that the ledger has folded."""
    wrong = apart(journal, offset, read_at)
    if wrong:
        raise UsageError(
            f"{wrong}: an older copy of it was restored. Move it away: a new journal begins, and the devices' next "
            "totals heal the gap"
        )


def examine_pair(settings: Settings, connection: Connection) -> str | None:
    """Explain why ledger and journal do not match, empty if they do; None if there is nothing to compare."""
    if not settings.journal_path.exists():
        return None
    with Reader(settings.journal_path) as journal:
        own = t.heads.c.gateway == settings.gateway.id, t.heads.c.journal == journal.id
        head = connection.execute(select(t.heads).where(*own)).one_or_none()
        return None if head is None else apart(journal, head.journal_offset, head.read_at)
