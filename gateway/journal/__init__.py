"""The local journal: everything that arrived, in order, on disk before it is acknowledged.

`batches` packs and checks entries and rows, `file` writes the rows to one SQLite file, `reader` reads them.
"""

from gateway.errors import JournalUnavailable
from gateway.journal.batches import MAX_ENTRIES, Entry, JournalBatch, entry_id, locate
from gateway.journal.file import SET_US, Journal, JournalInUse, sync_folder, writers_lock
from gateway.journal.reader import JournalCorrupt, Reader

__all__ = [
    "MAX_ENTRIES",
    "SET_US",
    "Entry",
    "Journal",
    "JournalBatch",
    "JournalCorrupt",
    "JournalInUse",
    "JournalUnavailable",
    "Reader",
    "entry_id",
    "locate",
    "sync_folder",
    "writers_lock",
]
