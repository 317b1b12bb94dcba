"""Belonging: whether journal and ledger match. The ledger knows when the last batch came that it has folded.

A journal that ends before that batch, or in which it came at another time, is an older copy, and what is appended to it
would carry numbers that the ledger has folded already: it would be passed over. So nothing is stored, acknowledged or
promised in a life of the gateway before this was looked at.
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
    """Say what is wrong between a journal and how far the ledger has folded it; empty if nothing is."""
    number, index = locate(offset)
    folded = number if index else number - 1
    if folded > journal.last:
        return f"the ledger has consumed {folded} batches of this journal, which has {journal.last}"
    found = journal.time_of_receipt(folded)  # nothing is found where it was pruned
    if found not in (None, read_at):
        return f"batch {folded} of this journal is not the one that the ledger has consumed: it came at another time"
    return ""


def prove(journal: Journal | Reader, offset: int, read_at: int) -> None:
    """Refuse a journal that the ledger has not folded."""
    wrong = apart(journal, offset, read_at)
    if wrong:
        raise UsageError(
            f"{wrong}: an older copy of it was restored. Move it away: a new journal begins, and the devices' next "
            "totals heal the gap"
        )


def examine_pair(settings: Settings, connection: Connection) -> str | None:
    """Say what is wrong between the ledger and the journal beside it; None where there is nothing to compare."""
    if not settings.journal_path.exists():
        return None
    with Reader(settings.journal_path) as journal:
        own = t.heads.c.gateway == settings.gateway.id, t.heads.c.journal == journal.id
        head = connection.execute(select(t.heads).where(*own)).one_or_none()
        return None if head is None else apart(journal, head.journal_offset, head.read_at)
