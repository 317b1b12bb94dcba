"""A book whose ledger is a real one: entries are stepped as in `tests.book`, and what is looked at is read from tables.

Nothing is kept beside the database: after each commit the tables are read anew, so a figure that a test sees is one
that a report would show. The laws are the product's own audit.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy import Connection, select

from gateway.backflush.memory.changes import Changes, Facts, Needs
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.step import derive_state
from gateway.backflush.values.movements import StockKey
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.store import row_values
from gateway.ledger.store.leases import read_head
from gateway.ledger.store.load import load
from gateway.ledger.store.writer import Ledger as Store
from tests import memory
from tests.book import Book

_TTL = 30_000_000


class StoredLedger(memory.Ledger):
    """The tables of a real database, seen as those of the ledger in memory."""

    def __init__(self, url: str, gateway: str = "gw1", lines: str = "*", beside: "StoredLedger | None" = None) -> None:
        """Open it; `beside` is another gateway's view of the same tables."""
        super().__init__()
        self._reader = open_database(url, read_only=True)
        self._store = Store.open(url, gateway=gateway, create=True)
        self._store.claim(f"journal of {gateway}", (lines,), 0, _TTL)
        self.masters: dict[bytes, MasterData] = beside.masters if beside else {}
        self._entries = 0

    def close(self) -> None:
        """Let go of the database."""
        self._reader.dispose()
        self._store.close()

    def commit(self, changes: Changes, state: State) -> None:
        """Make everything of one step durable."""
        if changes.tables is not None:
            tables = f'{{"import": {len(self.masters)}}}'.encode()
            state.master = replace(state.master, digest=hashlib.sha256(tables).hexdigest())
            self.masters[tables] = state.master
            changes.tables = tables
        self._entries += 1
        unchanged = changes == Changes()
        self._store.commit(changes, self._entries, state.now)
        if not unchanged:
            self.refresh()

    def answer(self, wanted: Needs) -> Facts:
        """Read what a batch has to see."""
        return self._store.read(wanted)

    def load(self, *, midway: bool = False) -> State:
        """Return the state as a restart reads it, after a tick or before that of the newest batch."""
        state = self._store.load(self.masters.__getitem__)
        derive_state(state, midway=midway)
        return state

    def refresh(self) -> None:
        """Read the tables anew."""
        with self.reading() as connection:
            numbers = tuple(connection.scalars(select(t.documents.c.number).order_by(t.documents.c.number)))
            self.stock = Counter({StockKey(*row[:5]): row.quantity for row in connection.execute(select(t.stock))})
            self.collectors = Counter({tuple(row[:-1]): row[-1] for row in connection.execute(select(t.collectors))})
            self.statistics = Counter({tuple(row[:-1]): row[-1] for row in connection.execute(select(t.statistics))})
            shortages = [row_values.backlog(row) for row in connection.execute(select(t.backlog))]
            due = [row_values.due(row) for row in connection.execute(select(t.worklist_rows))]
            loaded, _ = load(connection, read_head(connection, 0), self.masters.__getitem__)
        self.flows, self.orders = loaded.flows, loaded.orders
        self.backlog = {(record.document, record.item): record for record in shortages}
        self.rows = {(row.document, row.key): row for row in due}
        dossiers = self._store.read(Needs(documents=numbers)).documents
        self.documents = {number: dossiers[number].document for number in numbers}
        self.confirmations = [line for number in numbers for line in dossiers[number].confirmations]
        self.items = [item for n in numbers for item in dossiers[n].items if item.document == n]
        self.activities = [work for n in numbers for work in dossiers[n].activities if work.document == n]

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Look at what was committed, in one snapshot."""
        with self._reader.connect() as connection:
            yield connection


class StoredBook(Book):
    """A book on a real database."""

    ledger: StoredLedger

    def audit(self) -> None:
        """Hold the product's own audit to what was committed."""
        with self.ledger.reading() as connection:
            broken = [(result.law, result.findings) for result in audit(connection) if not result.ok]
        assert not broken, broken
