"""Telegrams: the raw messages behind the readings of documents, as the journal of this machine keeps them.

A telegram that another journal received, or that is no longer kept, is said to be there or gone. One beyond the
number that a reader asks for is said to be unread.
"""

from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import count
from typing import Any, Final

from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.journal import Reader, locate
from gateway.ledger.reports.postings import Record, format_time, inert
from gateway.service.entries import MESSAGES
from gateway.settings import Settings

_KINDS: Final = ("origins", "documents", "made", "used", "reducing")
"""The documents that the record of a trace holds."""


def add_telegrams(
    settings: Settings, record: Record, writers: Mapping[int, tuple[str, str]], most: int | None = None
) -> None:
    """Add to each reading of a trace its first and last telegram. `writers` are those of ranges of documents.

    `most` telegrams are read, or all. JournalUnavailable: there is a journal here, and it cannot be read.
    """
    left: Iterator[int] = iter(range(most)) if most is not None else count()
    with Reader(settings.journal_path) if settings.journal_path.exists() else nullcontext() as journal:
        for document in (record, *(one for kind in _KINDS for one in record.get(kind, ()))):
            gateway, written = writers[int(document.get("document", 0)) // HEAD_STRIDE]
            for reading in document.get("readings", ()):
                entries = [entry for entry in dict.fromkeys((reading["first_entry"], reading["last_entry"])) if entry]
                if journal is None or written != journal.id:
                    elsewhere = {"gateway": gateway, "journal": written}
                    reading["telegrams"] = [{"entry": entry, "elsewhere": elsewhere} for entry in entries]
                else:
                    reading["telegrams"] = [
                        _telegram(journal, entry, reading["device"])
                        if next(left, None) is not None
                        else {"entry": entry, "unread": True}
                        for entry in entries
                    ]


def _telegram(journal: Reader, entry: int, device: str) -> dict[str, Any]:
    number, index = locate(entry)
    if not journal.first <= number <= journal.last:
        return {"entry": entry, "gone": True}
    [batch] = journal.read(number - 1, 1)
    found = batch.entries[index] if index < len(batch.entries) else None
    if found is None or (device and found.kind in MESSAGES and f"/{device}/" not in found.topic):
        # A window that was taken over with its line holds readings from another gateway's journal.
        return {"entry": entry, "elsewhere": {"gateway": "", "journal": ""}}
    said = {"topic": inert(found.topic.encode()), "payload": inert(found.payload)}
    return {"entry": entry, "received_at": format_time(batch.at), "kind": found.kind, **said}
