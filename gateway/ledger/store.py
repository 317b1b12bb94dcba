"""The ledger as its one writer sees it: claim, load, read, commit.

A commit is one transaction: documents, dues, marks, windows, quarantine, figures and the journal offset that they come
from. So a crash anywhere resumes at the offset, and a commit whose answer was lost is found out by claiming again.

    head       compare-and-set of the sequence: of two writers with one head, one gets `Fenced`
    moved      guards against what writers of other lines change (stock that must not go negative, orders, a flow that
               runs over both): `Moved` says that the state is not what was committed any more: load it again, and step
               again
    away       any other `LedgerUnavailable` leaves open whether the commit happened: close, open, claim, load, resume
               at the head's offset

Writers cannot deadlock: every commit writes the tables in one order, and shared rows in the order of their keys; those
that many share come last, to be locked for the shortest time.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final, Self

import psycopg
from sqlalchemy import Connection, Engine, Table, func, select
from sqlalchemy.exc import DBAPIError

from gateway.backflush.documents import HEAD_STRIDE
from gateway.backflush.state import OPEN, Changes, Facts, Needs, State
from gateway.errors import Fenced, LedgerUnavailable
from gateway.ledger import tables as t
from gateway.ledger import values
from gateway.ledger.bulk import Bulk, Conflict, Values, writes
from gateway.ledger.chain import chain_content, chain_link
from gateway.ledger.database import is_broken_world, open_database
from gateway.ledger.facts import read_facts
from gateway.ledger.leases import Head, claim, read_head
from gateway.ledger.load import Snapshot, load
from gateway.ledger.schema import check_schema, upgrade_engine

_FAIL, _KEEP, _REPLACE, _ADD, _SUCCEED = Conflict


class Moved(LedgerUnavailable):
    """Another writer changed what the step relied on: nothing was committed; load and step again."""


class Ledger:
    """A ledger opened by its one writer. All calls come from one thread at a time."""

    def __init__(self, engine: Engine, connection: Connection, gateway: str) -> None:
        self._engine: Final = engine
        self._connection: Final = connection
        self.gateway: Final = gateway
        self.head: Head | None = None
        """As of the last claim or commit; None before the first claim."""
        self._ttl = 0
        self._state = State()
        self._revisions: dict[str, int] = {}
        self._orders: dict[str, Values] = {}

    @classmethod
    def open(cls, url: str, *, gateway: str, create: bool = False) -> Self:
        """Connect to a ledger of this program's schema; `create` makes or upgrades it first.

        UsageError, LedgerUnavailable.
        """
        engine = open_database(url)
        with ExitStack() as failed:
            failed.callback(engine.dispose)
            with _reachable():
                if create:
                    upgrade_engine(engine)
                connection = failed.enter_context(engine.connect())
                with connection.begin():
                    check_schema(connection)
            failed.pop_all()
        return cls(engine, connection, gateway)

    def close(self) -> None:
        """Let go of the database, whatever state it is in. The leases stay until they end or are released."""
        with suppress(DBAPIError, sqlite3.Error, psycopg.Error):
            self._connection.close()
        self._engine.dispose()

    def claim(self, journal: str, patterns: Sequence[str], now: int, ttl: int) -> Head:
        """Take lines for `ttl` microseconds; Fenced if another gateway's live lease is on one of them."""
        with self._transaction():
            self.head = claim(self._connection, self.gateway, journal, patterns, now, ttl)
        self._ttl = ttl
        return self.head

    def renew(self, now: int) -> None:
        """Keep the lines without a commit; Fenced if they were taken over."""
        head = self._claimed
        with self._writes() as bulk:
            _renew(bulk, head, now + self._ttl)

    def release(self) -> None:
        """Give the lines back, so that another gateway need not wait for the lease to end."""
        with self._writes() as bulk:
            bulk.change("DELETE FROM leases WHERE head = ?", [(self._claimed.ordinal,)])

    def load(self, snapshot: Snapshot) -> State:
        """Return the state as it was last committed. `snapshot` reads the master data's canonical bytes.

        The ledger goes on reading from this state what `Changes` only names (runs, rules, counters of numbers).
        """
        with self._one_moment():
            self.head = self._unfenced()
            self._state, self._revisions = load(self._connection, self.head, snapshot)
        self._orders = {name: values.order_row(order) for name, order in self._state.orders.items()}
        return self._state

    def read(self, needs: Needs) -> Facts:
        """Return what a batch has to see."""
        if not needs:
            return Facts()
        with self._one_moment():
            return read_facts(self._connection, needs, self._claimed.patterns)

    def commit(self, changes: Changes, offset: int, now: int) -> None:
        """Make everything of one step durable, together with the journal offset up to which it has read.

        Fenced: another writer has the head. Moved: nothing was committed, load and step again. Any other
        LedgerUnavailable: open anew.
        """
        state, before = self._state, self._claimed
        sealed = _sealed(changes)
        content, chain = "", before.chain
        if changes.documents:
            content = chain_content({table.name: rows for table, rows in sealed})
            chain = chain_link(before.chain, content)
        master = state.master.digest if changes.tables is not None else before.master
        after = before._replace(
            offset=offset,
            sequence=before.sequence + 1,
            documents=state.documents,
            quarantines=state.quarantines,
            chain=chain,
            master=master,
            at=state.now,
        )
        revisions = self._touched(changes)
        orders = {name: values.order_row(order) for name, (order, _) in sorted(changes.orders.items())}
        with self._writes() as bulk:
            _advance(bulk, before, after)
            _renew(bulk, after, now + self._ttl)
            if changes.documents:
                numbers = [document.number for document in changes.documents]
                link = (after.ordinal, after.sequence, offset, now, numbers[0], numbers[-1], content, chain)
                bulk.write(t.batches, [link], _FAIL)
            for table, rows in sealed:
                bulk.write(table, rows, _FAIL)
            self._write_flows(bulk, changes, revisions)
            _write_dues(bulk, changes)
            _write_devices(bulk, changes)
            _write_plant(bulk, changes, state, after)
            fresh = [row for name, row in orders.items() if self._orders.get(name) != row]
            _write_shared(bulk, changes, after.ordinal, fresh)
            bulk.settle()
            _guard(bulk, changes)
        self.head = after
        self._revisions.update(revisions)
        self._orders.update(orders)

    def open_quarantine(self) -> int:
        """Return how many quarantine entries are open."""
        with self._transaction():
            wanted = select(func.count()).where(t.quarantine.c.state == OPEN)
            return self._connection.scalar(wanted) or 0

    def outcomes(self) -> dict[str, int]:
        """Return how many messages of this head ended how."""
        with self._transaction():
            columns = t.outcomes.c
            wanted = select(columns.outcome, columns.messages).where(columns.head == self._claimed.ordinal)
            return {row.outcome: row.messages for row in self._connection.execute(wanted)}

    def cursor(self, target: str) -> int:
        """Return the last document of this head that a target has got; before the first, the number below it."""
        head = self._claimed
        columns = t.cursors.c
        wanted = select(columns.document).where(columns.head == head.ordinal, columns.target == target)
        with self._transaction():
            found: int | None = self._connection.scalar(wanted)
        return head.ordinal * HEAD_STRIDE if found is None else found

    def advance_cursor(self, target: str, document: int) -> None:
        """Note that a target has got everything up to a document."""
        with self._writes() as bulk:
            bulk.write(t.cursors, [(self._claimed.ordinal, target, document)], _REPLACE)

    @property
    def _claimed(self) -> Head:
        assert self.head is not None, "the ledger was not claimed"
        return self.head

    def _unfenced(self) -> Head:
        """Read the head again; Fenced if it is not where this writer left it."""
        head = read_head(self._connection, self._claimed.ordinal)
        if head.sequence != self._claimed.sequence:
            raise _fenced(head)
        return head

    def _touched(self, changes: Changes) -> dict[str, int]:
        """Return the new revision of every flow that is changed, or whose marks are."""
        names = sorted({*changes.flows, *(key.flow for key in changes.marks)})
        return {name: self._revisions.get(name, 0) + 1 for name in names}

    def _write_flows(self, bulk: Bulk, changes: Changes, revisions: Mapping[str, int]) -> None:
        rows: list[Values] = []
        for name, revision in revisions.items():
            flow = self._state.flows[name]
            rows.append((name, flow.plant, flow.material, flow.version, flow.cost_object, revision))
        bulk.write(t.flows, rows, _SUCCEED, _moved("a flow was changed by another gateway"))
        segments = [row for name in sorted(changes.flows) for row in values.flow_segment_rows(changes.flows[name])]
        bulk.write(t.flow_segments, segments, _REPLACE)
        marks: list[Values] = [(*key, mark.due, mark.posted) for key, mark in sorted(changes.marks.items(), key=_key)]
        bulk.write(t.marks, marks, _REPLACE)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run one transaction: all of it or nothing; what breaks of the world is LedgerUnavailable."""
        with _reachable(), self._connection.begin():
            yield

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """Run one transaction whose reads do not see what others commit meanwhile."""
        with self._transaction():
            if self._connection.dialect.name == "postgresql":
                self._connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    @contextmanager
    def _writes(self) -> Iterator[Bulk]:
        with self._transaction(), writes(self._connection) as bulk:
            yield bulk


@contextmanager
def _reachable() -> Iterator[None]:
    try:
        yield
    except (DBAPIError, sqlite3.Error, psycopg.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if cause is None or not is_broken_world(cause):
            raise
        raise LedgerUnavailable(f"ledger: {_line(cause)}") from error


def _line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__


def _moved(what: str) -> Callable[[], Moved]:
    return lambda: Moved(what)


def _fenced(head: Head) -> Fenced:
    return Fenced(f'gateway "{head.gateway}", journal {head.journal}: another writer has taken over its lines')


def _sealed(changes: Changes) -> list[tuple[Table, list[Values]]]:
    """Return the rows that the hash chain covers; all belong to documents of this commit."""
    rows: list[list[Values]] = [
        list(changes.documents),
        values.numbered([values.confirmation_row(confirmation) for confirmation in changes.confirmations]),
        list(changes.items),
        list(changes.activities),
        values.numbered([values.source_row(source) for source in changes.sources]),
        values.numbered(list(changes.reductions)),
    ]
    numbers = {document.number for document in changes.documents}
    for table, some in zip(t.SEALED, rows, strict=True):
        strange = {row[0] for row in some} - numbers
        assert not strange, f"{table.name} of documents that are not of this commit: {strange}"
    return list(zip(t.SEALED, rows, strict=True))


def _advance(bulk: Bulk, before: Head, after: Head) -> None:
    sql = (
        "UPDATE heads SET sequence = ?, journal_offset = ?, documents = ?, quarantines = ?, chain = ?, master = ?,"
        " at = ? WHERE ordinal = ? AND sequence = ?"
    )
    row = (after.sequence, after.offset, after.documents, after.quarantines, after.chain, after.master, after.at)
    bulk.change(sql, [(*row, before.ordinal, before.sequence)], lambda: _fenced(before))


def _renew(bulk: Bulk, head: Head, until: int) -> None:
    rows = [(until, head.ordinal, pattern) for pattern in head.patterns]
    bulk.change("UPDATE leases SET until = ? WHERE head = ? AND pattern = ?", rows, lambda: _fenced(head))


def _write_dues(bulk: Bulk, changes: Changes) -> None:
    bulk.write(t.explosions, [(key, e.text) for key, e in sorted(changes.explosions.items(), key=_key)], _KEEP)
    bulk.write(t.worklist_rows, [values.worklist_row(row) for row in changes.rows], _FAIL)
    bulk.write(t.worklist_rows, [values.worklist_row(row) for row in changes.updated_rows.values()], _REPLACE)
    closed = [key for key, window in changes.windows.items() if window is None]
    where = " AND ".join(f"{column.name} = ?" for column in t.windows.primary_key)
    bulk.change(f"DELETE FROM windows WHERE {where}", closed)  # noqa: S608 - names of our own columns
    opened = [values.window_row(window) for window in changes.windows.values() if window is not None]
    bulk.write(t.windows, opened, _REPLACE)
    bulk.write(t.backlog, [values.backlog_row(record) for record in changes.backlog], _FAIL)
    updated = [values.backlog_row(record) for record in changes.updated_backlog.values()]
    bulk.write(t.backlog, updated, _REPLACE)


def _write_devices(bulk: Bulk, changes: Changes) -> None:
    marks = [values.device_mark_row(key, mark) for key, mark in changes.device_marks.items()]
    bulk.write(t.device_marks, marks, _REPLACE)
    bulk.write(t.device_states, [(device, int(online)) for device, online in changes.online.items()], _REPLACE)
    contexts = [values.context_row(device, context) for device, context in changes.contexts.items()]
    bulk.write(t.contexts, contexts, _REPLACE)
    bulk.write(t.scans, [values.scan_row(key, scan) for key, scan in changes.scans.items()], _KEEP)
    bulk.write(t.commands, [(command, *answer) for command, answer in changes.commands.items()], _KEEP)
    bulk.write(t.quarantine, [values.quarantine_row(entry) for entry in changes.quarantine], _FAIL)
    states = [(*settled, number) for number, settled in changes.quarantine_states.items()]
    bulk.change("UPDATE quarantine SET state = ?, reason = ? WHERE number = ?", states)


def _write_plant(bulk: Bulk, changes: Changes, state: State, head: Head) -> None:
    bulk.change("DELETE FROM runs WHERE plant = ? AND line = ?", sorted(changes.runs))
    runs = [row for key in sorted(changes.runs) for row in values.run_rows(*key, state.runs.get(key, ()))]
    bulk.write(t.runs, runs, _FAIL)
    bulk.write(t.periods, [(*key, int(closed)) for key, closed in sorted(changes.periods.items())], _REPLACE)
    if changes.rules:
        bulk.write(t.rules, [(head.ordinal, values.rules_text(state.rules))], _REPLACE)
    if changes.tables is not None:
        row = (head.ordinal, head.sequence, head.at, head.master, changes.tables)
        bulk.write(t.master_tables, [row], _FAIL)
    bulk.write(t.lines, [values.line_row(line) for _, line in sorted(changes.lines.items(), key=_key)], _REPLACE)


def _write_shared(bulk: Bulk, changes: Changes, ordinal: int, orders: Sequence[Values]) -> None:
    """Write what other writers write as well: differences, in the order of their keys."""
    bulk.write(t.serials, sorted(changes.serials.items()), _REPLACE)
    bulk.write(t.outcomes, [(ordinal, *outcome) for outcome in sorted(changes.outcomes.items())], _ADD)
    bulk.write(t.orders, orders, _REPLACE)
    reduced: list[Values] = []
    for name, (order, before) in sorted(changes.orders.items(), key=_key):
        for segment in sorted(order.reduced):
            difference = order.reduced[segment] - before.get(segment, 0)
            if difference:
                reduced.append((name, segment, difference))
    bulk.write(t.order_segments, reduced, _ADD)
    bulk.write(t.opening_stock, _flat(changes.opening.items()), _REPLACE)
    bulk.write(t.stock, _flat(changes.stock.items()), _ADD)
    bulk.write(t.collectors, _flat(changes.collectors.items()), _ADD)
    bulk.write(t.statistics, _flat(changes.statistics.items()), _ADD)


def _guard(bulk: Bulk, changes: Changes) -> None:
    """Look, before the end of the transaction, at the rows that another writer may have used up."""
    falling = sorted(key for key in changes.guarded if changes.stock.get(key, 0) < 0)
    for *key, quantity in bulk.find(t.stock, falling):
        if quantity < 0:
            raise Moved(f"stock {'/'.join(key)} was used up by another gateway")
    wanted = {
        (name, segment): reduced
        for name, (order, before) in changes.orders.items()
        for segment, reduced in order.reduced.items()
        if reduced != before.get(segment, 0)
    }
    for name, segment, reduced in bulk.find(t.order_segments, sorted(wanted)):
        if reduced != wanted[name, segment]:
            raise Moved(f"order {name} was reduced by another gateway")


def _flat(pairs: Iterable[tuple[tuple[str, ...], int]]) -> list[Values]:
    return [(*key, value) for key, value in sorted(pairs)]


def _key(pair: tuple[Any, object]) -> Any:  # noqa: ANN401 - keys of every kind that can be sorted
    return pair[0]
