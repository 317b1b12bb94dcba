"""The local journal: what arrived, in order, on disk before anybody is told that it arrived.

`batches` says what is kept and how one row is packed and checked, `file` writes the rows to one SQLite file,
`reader` reads them.
"""

from gateway.errors import JournalUnavailable
from gateway.journal.batches import MAX_ENTRIES, Batch, Entry, entry_id, locate
from gateway.journal.file import SET_US, Journal, JournalInUse, sync_folder, writers_lock
from gateway.journal.reader import JournalCorrupt, Reader

__all__ = [
    "MAX_ENTRIES",
    "SET_US",
    "Batch",
    "Entry",
    "Journal",
    "JournalCorrupt",
    "JournalInUse",
    "JournalUnavailable",
    "Reader",
    "entry_id",
    "locate",
    "sync_folder",
    "writers_lock",
]
