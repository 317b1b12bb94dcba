"""The ledger as its one writer sees it: claim, load, read, commit.

A commit is one transaction (`commit`), and it holds the journal offset up to which it has read. So a crash anywhere
resumes at the offset, and the next claim shows if a commit without an answer happened.

    Fenced                         another writer has the head or a line: stop
    Moved                          the state is no longer the committed one: load it again, and step again
    any other LedgerUnavailable    the commit may have happened: close, open, claim, load, resume at the offset
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Final, NamedTuple, Self

from sqlalchemy import Connection, Engine, func, select

from gateway.backflush.memory.changes import Changes, Facts, Needs
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.errors import Fenced, LedgerUnavailable
from gateway.failpoints import Point, reach
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import OPEN
from gateway.ledger.database.connection import File, driver_errors, file_of, open_database, reachable
from gateway.ledger.database.schema import REVISIONS, check_schema, describe_change, revision, upgrade_engine
from gateway.ledger.store.bulk import Bulk, Conflict, writes
from gateway.ledger.store.commit import NEWEST, Folded, Moved, Seen, only, prepare, renew, write
from gateway.ledger.store.facts import read_facts, read_identities
from gateway.ledger.store.leases import Claimed, Head, Vigil, Wish, claim, describe_takeover, knows, read_head
from gateway.ledger.store.load import NONE, Snapshot, load
from gateway.ledger.store.row_values import order_row
from gateway.ledger.store.server_settings import OldestWaiting, Setting, examine, waiting_since
from gateway.ledger.store.stored_imports import read_imports, sum_differences

__all__ = ["Known", "Ledger", "Moved"]


class Known(NamedTuple):
    """Knowledge of the ledger from earlier work with it."""

    file: File | None
    folded: bool = False
    """Whether it had a head of this journal."""


class Ledger:
    """A ledger opened by its one writer. All calls come from one thread at a time."""

    def __init__(self, engine: Engine, connection: Connection, gateway: str, known: Known | None = None) -> None:
        self.file: Final = file_of(engine)
        """Its file; None on PostgreSQL."""
        self._known: Final = known
        self._engine: Final = engine
        self._connection: Final = connection
        self.gateway: Final = gateway
        self.head: Head | None = None
        """The head as of the last claim or commit; None before the first claim."""
        self.claimed: Claimed | None = None
        """The result of the last claim."""
        self._ttl = 0
        self._until = 0
        self._state = State()
        self._seen = Seen()

    @classmethod
    def open(cls, url: str, *, gateway: str, create: bool = False, known: Known | None = None) -> Self:
        """Connect to a ledger of this program's schema; `create` makes or upgrades it first.

        A `known` one has to be the same as before, else LedgerUnavailable. UsageError, LedgerUnavailable.
        """
        engine = open_database(url)
        if known is not None:
            _hold(engine, known.file)
        with ExitStack() as failed:
            failed.callback(engine.dispose)
            with reachable():
                connection = failed.enter_context(engine.connect())
                with connection.begin():
                    found = revision(connection)
                if create and found != REVISIONS[-1]:
                    # Only then, because Alembic takes a tenth of a second and 11 MB.
                    upgrade_engine(engine)
                with connection.begin():
                    if known is None:
                        check_schema(connection)
                    elif what := describe_change(connection):
                        raise _describe_replacement(engine, what)
            failed.pop_all()
        return cls(engine, connection, gateway, known)

    def close(self) -> None:
        """Close the connection, in any state. The leases stay until they end or are released."""
        with suppress(*driver_errors()):
            self._connection.close()
        self._engine.dispose()

    def claim(
        self, journal: str, patterns: Sequence[str], now: int, ttl: int, end: int = 0, vigil: Vigil | None = None
    ) -> Head:
        """Take lines for `ttl` microseconds, besides those that it still has (`keep`).

        Fenced if another gateway has a live lease on one of them.
        `end` is the number of the journal's next entry. A waiting gateway keeps a `vigil`.
        """
        with self._transaction():
            if self._known and self._known.folded and not knows(self._connection, self.gateway, journal):
                raise _describe_replacement(
                    self._engine, "a ledger that does not know this journal was put in its place"
                )
            wish = Wish(self.gateway, journal, patterns, ttl, end)
            claimed = claim(self._connection, wish, now, vigil)
        if isinstance(claimed, Fenced):
            raise claimed
        self.claimed, self.head = claimed, claimed.head
        self._ttl, self._until = ttl, now + ttl
        return self.head

    def keep(self, patterns: Sequence[str]) -> None:
        """Give back all lines except these, for other gateways; Fenced if they were taken over."""
        head = self._claimed
        with self._writes() as bulk:
            only(bulk, head, patterns)
        self.head = head._replace(patterns=tuple(pattern for pattern in head.patterns if pattern in patterns))

    def renew(self, now: int) -> None:
        """Keep the lines without a commit, once a third of their time is over; Fenced if they were taken over."""
        until = self._renewal(now)
        if until:
            with self._writes() as bulk:
                renew(bulk, self._claimed, until)
            self._until = until

    def _renewal(self, now: int) -> int:
        """Return the new end of the leases; 0: no renewal yet."""
        until = now + self._ttl
        return 0 if 0 <= until - self._until < self._ttl // 3 else until  # also an earlier one: the clock was set back

    def release(self) -> None:
        """Give the lines back, so that another gateway need not wait for the lease to end."""
        with self._writes() as bulk:
            bulk.change("UPDATE leases SET until = 0 WHERE head = ?", [(self._claimed.ordinal,)])

    def note_session(self) -> None:
        """Note that the broker session has started since the lines came from another gateway."""
        with self._writes() as bulk:
            bulk.change("UPDATE leases SET began = 1 WHERE head = ?", [(self._claimed.ordinal,)])

    def load(self, snapshot: Snapshot, known: MasterData = NONE) -> State:
        """Return the state as it was last committed. `snapshot` reads the master data's canonical bytes.

        They are not read if they are `known` already.

        Commits read records from this state that `Changes` only names (runs, rules, counters of numbers).
        """
        with self._one_moment():
            if self._connection.dialect.name == "postgresql":
                # Reads block no other writer, and a large plant may take longer to build than a lease lasts.
                self._connection.exec_driver_sql("SET LOCAL idle_in_transaction_session_timeout = 0")
            self.head = self._read_own_head()
            self._state, revisions = load(self._connection, self.head, snapshot, known)
            imports = read_imports(self._connection)
        orders = {name: order_row(order) for name, order in self._state.orders.items()}
        imported = imports[0].at if imports else 0
        self._seen = Seen(revisions, orders, set(self._state.explosions), imported, sum_differences(imports))
        return self._state

    def read(self, needs: Needs) -> Facts:
        """Return the ledger rows that a batch needs."""
        if not needs:
            return Facts()
        with reachable():
            found = read_identities(self._connection, needs)
        if found is not None:
            return found
        with self._one_moment():
            facts = read_facts(self._connection, needs, self._state.owned, self._state.scopes)
        self._seen.note(facts, self._state)
        return facts

    def forget(self) -> None:
        """Forget everything that the state no longer holds."""
        self._seen.keep(self._state)

    def commit(self, changes: Changes, offset: int, now: int, read_at: int = 0) -> None:
        """Make everything of one step durable, together with the journal offset up to which it has read.

        `read_at` is the time of the batch that the offset ends, or lies in.
        Fenced: another writer has the head. Moved: nothing was committed, load and step again. Any other
        LedgerUnavailable: open the ledger again.
        """
        commit = prepare(changes, self._state, self._claimed, self._seen, Folded(offset, read_at), now)
        until = self._renewal(now)
        try:
            with self._writes() as bulk:
                write(bulk, commit, until)
        except Moved:
            with self._transaction():
                self._read_own_head()
            raise
        reach(Point.COMMITTED)
        self._until = until or self._until
        self.head = commit.after
        self._seen.update(commit)

    def open_quarantine(self) -> int:
        """Return the number of open quarantine entries."""
        with self._transaction():
            wanted = select(func.count()).select_from(t.quarantine).where(OPEN)
            return self._connection.scalar(wanted) or 0

    def open_by_device(self) -> dict[str, int]:
        """Return the number of open quarantine entries of each device."""
        columns = t.quarantine.c
        with self._transaction():
            found = select(columns.device, func.count()).where(OPEN).group_by(columns.device)
            return {row[0]: row[1] for row in self._connection.execute(found)}

    def waiting_since(self) -> OldestWaiting:
        """Return the time of the oldest open worklist row and backlog record."""
        with self._transaction():
            return waiting_since(self._connection, self._state.owned)

    def examine(self) -> list[Setting]:
        """Return the settings and rights of the database that the ledger depends on."""
        with self._transaction():
            return examine(self._connection)

    def outcomes(self) -> dict[str, int]:
        """Return the number of this head's messages per outcome."""
        with self._transaction():
            columns = t.outcomes.c
            wanted = select(columns.outcome, columns.messages).where(columns.head == self._claimed.ordinal)
            return {row.outcome: row.messages for row in self._connection.execute(wanted)}

    def has_moved(self) -> bool:
        """Return whether another gateway has imported master data, or closed or opened a period, since the load."""
        with self._transaction():
            newest = self._connection.exec_driver_sql(f"SELECT {NEWEST}").scalar()
            closed = select(t.periods.c.plant, t.periods.c.period).where(t.periods.c.closed != 0)
            periods = {(plant, period) for plant, period in self._connection.execute(closed)}
        return (newest, periods) != (self._seen.imported, self._state.closed_periods)

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
            bulk.write(t.cursors, [(self._claimed.ordinal, target, document)], Conflict.REPLACE)

    @property
    def _claimed(self) -> Head:
        assert self.head is not None, "the ledger was not claimed"
        return self.head

    def _read_own_head(self) -> Head:
        """Read the head again; Fenced if it is not where this writer left it."""
        head = read_head(self._connection, self._claimed.ordinal)
        if head.sequence != self._claimed.sequence:
            raise describe_takeover(head)
        return head

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Run one transaction: all of it or nothing; failures of the database are LedgerUnavailable."""
        _hold(self._engine, self.file)
        with reachable(), self._connection.begin():
            yield

    @contextmanager
    def _one_moment(self) -> Iterator[None]:
        """Run one transaction whose reads do not see commits of others."""
        with self._transaction():
            if self._connection.dialect.name == "postgresql":
                self._connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            yield

    @contextmanager
    def _writes(self) -> Iterator[Bulk]:
        _hold(self._engine, self.file)
        with reachable(), writes(self._connection) as bulk:
            yield bulk


def _hold(engine: Engine, file: File | None) -> None:
    """Refuse a file other than the one opened first: writes to a removed file are lost with the process."""
    if file_of(engine) != file:
        raise _describe_replacement(engine, "the file was removed or replaced")


def _describe_replacement(engine: Engine, what: str) -> LedgerUnavailable:
    return LedgerUnavailable(
        f"ledger: {engine.url.database}: {what} while the gateway ran: put it back, or stop the gateway, restore the "
        "ledger with --keep-journal and start again; started without it, the gateway posts its journal again, as far "
        "back as that goes"
    )
