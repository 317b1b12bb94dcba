"""The lists on the page of a line: its newest documents and its devices, read once for all who look at it.

Documents come without the rows under them, and are read again only when the line has a newer one.
"""

import asyncio
import time
from collections.abc import Collection
from functools import partial
from typing import Any, Final, NamedTuple

from sqlalchemy import Connection

from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import BackflushError
from gateway.ledger.database import tables as t
from gateway.ledger.reports.devices import devices
from gateway.ledger.reports.document_filter import DocumentFilter, find_documents
from gateway.ledger.reports.postings import document_heads
from gateway.web.ledger_reader import LedgerReader
from gateway.web.rights import Place

_LATEST: Final = 20
_SHARED_S: Final = 10.0
"""The time for which all who look at a line get the same lists; a page asks every 15 s."""
_MOST: Final = 1_000
"""Lines whose lists are kept; the oldest are forgotten first."""
_OF_DOCUMENTS: Final = "document", "type", "material", "yield", "scrap", "rework", "entered_at", "reversed", "reverses"
_OF_DEVICES: Final = "device", "role", "point", "state", "heard_at", "quarantine", "disabled"


class LatestLists(NamedTuple):
    """The lists of a line."""

    at: float = 0.0
    """When they were read, in seconds of the clock."""
    newest: int | None = None
    """The number of the newest document."""
    documents: tuple[dict[str, Any], ...] = ()
    devices: tuple[dict[str, Any], ...] = ()

    @property
    def record(self) -> dict[str, Any]:
        """The part that pages get."""
        return {"at": self.at, "documents": self.documents, "devices": self.devices}


class _Kept:
    """The lists of a line, or the reason why they could not be read."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.read_s = float("-inf")
        self.lists = LatestLists()
        self.error: BackflushError | None = None


class LineLists:
    """Reads the lists of lines."""

    def __init__(self, reader: LedgerReader) -> None:
        self._reader = reader
        self._kept: dict[Place, _Kept] = {}

    async def of(self, place: Place, silent: Collection[str]) -> LatestLists:
        """Return the lists of a line; BackflushError if the ledger cannot be read.

        `silent` are the devices that the gateway misses, which the ledger does not know.
        """
        kept = self._kept.setdefault(place, _Kept())
        while len(self._kept) > _MOST:
            self._kept.pop(next(iter(self._kept)))
        master = self._reader.facts.master
        async with kept.lock:
            if time.monotonic() - kept.read_s >= _SHARED_S:
                try:
                    kept.lists = await self._reader.ask(
                        partial(_read_latest, master=master, place=place, silent=silent, before=kept.lists)
                    )
                    kept.error = None
                except BackflushError as error:
                    kept.error = error
                kept.read_s = time.monotonic()
        if kept.error is not None:
            raise kept.error
        return kept.lists


def _read_latest(
    connection: Connection, *, master: MasterData, place: Place, silent: Collection[str], before: LatestLists
) -> LatestLists:
    line = "/".join(place)
    which = DocumentFilter(line=line)
    newest = connection.scalar(find_documents(connection, which).with_only_columns(t.documents.c.number).limit(1))
    papers = before.documents
    if newest != before.newest:
        found = document_heads(connection, which, limit=_LATEST)
        papers = tuple({name: paper[name] for name in _OF_DOCUMENTS} for paper in found)
    # The report of devices has a record for each total.
    found_devices = devices(connection, master, line=line, silent=silent, with_changes=False)
    first = {record["device"]: record for record in reversed(found_devices)}
    kinds = {name: device.kind for name, device in master.devices.items()}
    rows = tuple(
        {**{name: first[each].get(name) for name in _OF_DEVICES}, "kind": kinds.get(each, "")} for each in sorted(first)
    )
    return LatestLists(time.time(), newest, papers, rows)
