"""Many rows in one statement: the writes of a commit to SQLite and to PostgreSQL.

SQLite takes prepared statements of fifty rows, and of one row for the rest: it runs inside this process, and a step of
it costs more than a row, because each lets other threads of Python go first. PostgreSQL takes each column
as one array (`INSERT ... SELECT FROM unnest`), and all statements of a transaction, its BEGIN and COMMIT among them, in
one trip (`pipeline`): the trip costs, not the row.

A guard is a statement with the number of rows that it has to match; if it matches fewer, the given exception is raised
and nothing is committed. Rows are written in the order given; the caller sorts rows that it shares with other writers.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from enum import Enum
from functools import cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from sqlalchemy import Connection, LargeBinary, Table, Text

from gateway.ledger.database.connection import driver_errors

if TYPE_CHECKING:
    from types import ModuleType

    import psycopg
    from psycopg.pq.abc import PGresult

    from gateway.ledger.store.pipeline import Statement, Trips

Value = int | str | bytes | None
Values = tuple[Value, ...]
Missed = Callable[[], Exception]
Found = list[tuple[Any, ...]]
_Value = TypeVar("_Value")
_TOGETHER: Final = 50
"""The rows of one statement of SQLite."""
_CHUNK: Final = 400
"""At most this many names are read at once: PostgreSQL takes 65,535 per statement."""


class Conflict(Enum):
    """The treatment of a row whose key exists already."""

    FAIL = "fail"
    KEEP = "keep"
    REPLACE = "replace"
    ADD = "add"
    SUCCEED = "succeed"
    """Replace it if its last column is one less, else it is missed."""
    VACANT = "vacant"
    """Replace it if its last column is 0, else it is missed."""


class Reads(Protocol):
    """Finds rows."""

    def find(self, table: Table, keys: Iterable[Values], columns: Sequence[str] = ()) -> Found:
        """Return the rows with one of the keys, in no order; a key holds the named columns, else the first ones."""


class Bulk(Reads, Protocol):
    """Reads and writes of one transaction."""

    def write(self, table: Table, rows: Sequence[Values], conflict: Conflict, missed: Missed | None = None) -> None:
        """Write whole rows, in the order of the table's columns."""

    def change(self, sql: str, rows: Sequence[Values], missed: Missed | None = None) -> None:
        """Run one UPDATE or DELETE per row of parameters; with `missed`, each has to match a row."""

    def be_alone(self, table: Table) -> None:
        """Wait for the transactions that have written a table; others write it after this one."""


def reads(connection: Connection) -> Reads:
    """Return the reads of a connection's transaction."""
    raw: Any = connection.connection.driver_connection
    return _PostgresReads(raw) if connection.dialect.name == "postgresql" else _SqliteBulk(raw)


@contextmanager
def writes(connection: Connection) -> Iterator[Bulk]:
    """Run one transaction of writes: all of it or nothing."""
    if connection.dialect.name == "postgresql":
        trips = _trips(connection)
        bulk = _PostgresBulk(trips)
        try:
            yield bulk
            bulk.commit()
        except BaseException:
            with suppress(*driver_errors()):
                trips.roll_back()
            raise
    else:
        with _transaction(connection, "BEGIN IMMEDIATE") as raw:
            yield _SqliteBulk(raw)


def look_up(connection: Connection, wanted: Sequence[tuple[Table, Sequence[Values]]]) -> list[Found]:
    """Find rows in several tables by key, outside of a transaction: as of one moment, in one trip."""
    if connection.dialect.name == "postgresql":
        asked = [(table, keys) for table, keys in wanted if keys]
        results = iter(_trips(connection).run([_asking(table, keys, ()) for table, keys in asked]))
        return [_rows(table, next(results)) if keys else [] for table, keys in wanted]
    with _transaction(connection, "BEGIN") as raw:
        rows = _SqliteBulk(raw)
        return [rows.find(table, keys) for table, keys in wanted]


@contextmanager
def _transaction(connection: Connection, begin: str) -> Iterator[sqlite3.Connection]:
    """Run a native SQLite transaction: SQLAlchemy's takes as long as a small commit."""
    raw: Any = connection.connection.driver_connection
    raw.execute(begin)
    try:
        yield raw
        raw.execute("COMMIT")
    except BaseException:
        # A full disk may have rolled it back already.
        if raw.in_transaction:
            raw.execute("ROLLBACK")
        raise


def _trips(connection: Connection) -> "Trips":
    """Return the trips of a connection to PostgreSQL, with its prepared statements."""
    found: Trips | None = connection.info.get("trips")
    if found is None:
        raw: Any = connection.connection.driver_connection
        found = connection.info["trips"] = _postgres().Trips(raw)
    return found


def _postgres() -> "ModuleType":
    """Load the driver of PostgreSQL, which takes 10 MB and which SQLite does not need."""
    from gateway.ledger.store import pipeline as trips  # noqa: PLC0415 - see above

    return trips


class _SqliteBulk:
    def __init__(self, raw: sqlite3.Connection) -> None:
        self._cursor = raw.cursor()

    def write(self, table: Table, rows: Sequence[Values], conflict: Conflict, missed: Missed | None = None) -> None:
        if not rows:
            return
        single = len(rows) % _TOGETHER
        parts = [tuple(chain.from_iterable(part)) for part in zip(*[iter(rows[single:])] * _TOGETHER, strict=True)]
        written = self._run(_sqlite_insert(table, conflict, 1), rows[:single])
        written += self._run(_sqlite_insert(table, conflict, _TOGETHER), parts)
        if missed is not None and written < len(rows):
            raise missed()

    def be_alone(self, table: Table) -> None:
        """Do nothing: a transaction that writes is alone."""

    def change(self, sql: str, rows: Sequence[Values], missed: Missed | None = None) -> None:
        if self._run(sql, rows) < len(rows) and missed is not None:
            raise missed()

    def _run(self, sql: str, rows: Sequence[Values]) -> int:
        """Run a statement per row of parameters; return the number of rows that it has matched."""
        return self._cursor.executemany(sql, rows).rowcount if rows else 0

    def find(self, table: Table, keys: Iterable[Values], columns: Sequence[str] = ()) -> Found:
        wanted = dict.fromkeys(keys)
        by = columns or _names(table)[: len(next(iter(wanted), ()))]
        sql = _select(table) + " AND ".join(f'"{name}" = ?' for name in by)
        return [row for key in wanted for row in self._cursor.execute(sql, key)]


class _PostgresReads:
    """Finds rows within a transaction that its caller began."""

    def __init__(self, raw: "psycopg.Connection[Any]") -> None:
        self._cursor = raw.cursor()

    def find(self, table: Table, keys: Iterable[Values], columns: Sequence[str] = ()) -> Found:
        wanted = list(keys)
        if not wanted:
            return []
        by = tuple(columns) or _names(table)[: len(wanted[0])]
        self._cursor.execute(_postgres_select(table, by).replace("?", "%s").encode(), _arrays(table, by, wanted))
        return self._cursor.fetchall()


class _PostgresBulk:
    """A transaction of its own: writes wait for the next read, or for its end."""

    def __init__(self, trips: "Trips") -> None:
        self._trips = trips
        self._waiting: list[Statement] = []
        self._begun = False

    def write(self, table: Table, rows: Sequence[Values], conflict: Conflict, missed: Missed | None = None) -> None:
        if rows:
            arrays = _arrays(table, _names(table), rows)
            self._add(_postgres_insert(table, conflict), arrays, len(rows), missed)

    def change(self, sql: str, rows: Sequence[Values], missed: Missed | None = None) -> None:
        for row in rows:
            self._add(sql, row, 1, missed)

    def be_alone(self, table: Table) -> None:
        self._add(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE", (), 0, None)

    def find(self, table: Table, keys: Iterable[Values], columns: Sequence[str] = ()) -> Found:
        wanted = list(keys)
        if not wanted:
            return []
        self._waiting.append(_asking(table, wanted, columns))
        return _rows(table, self._send()[-1])

    def commit(self) -> None:
        if self._waiting or self._begun:
            self._waiting.append(_postgres().Statement(b"COMMIT"))
            self._send()

    def _add(self, sql: str, parameters: Sequence[Value], rows: int, missed: Missed | None) -> None:
        if missed is None:
            statement = _postgres().Statement(_number_parameters(sql), parameters)
        else:
            statement = _postgres().Statement(_number_parameters(_guard(sql)), (*parameters, rows), missed)
        self._waiting.append(statement)

    def _send(self) -> "list[PGresult]":
        waiting, self._waiting = self._waiting, []
        if not self._begun:
            self._begun = True
            waiting.insert(0, _postgres().Statement(b"BEGIN ISOLATION LEVEL READ COMMITTED"))
        return self._trips.run(waiting)


@cache
def _names(table: Table) -> tuple[str, ...]:
    return tuple(column.name for column in table.columns)


@cache
def _kind(table: Table, name: str) -> str:
    column = next(column for column in table.columns if column.name == name)
    if isinstance(column.type, Text):
        return "text"
    return "bytea" if isinstance(column.type, LargeBinary) else "bigint"


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@cache
def _on_conflict(table: Table, conflict: Conflict) -> str:
    if conflict is Conflict.FAIL:
        return ""
    keys = [column.name for column in table.primary_key]
    rest = [name for name in _names(table) if name not in keys]
    target = f" ON CONFLICT ({_list(keys)}) DO "
    if conflict is Conflict.KEEP:
        return target + "NOTHING"
    if conflict is Conflict.ADD:
        return target + "UPDATE SET " + ", ".join(f'"{n}" = "{table.name}"."{n}" + excluded."{n}"' for n in rest)
    update = target + "UPDATE SET " + ", ".join(f'"{n}" = excluded."{n}"' for n in rest)
    if conflict is Conflict.SUCCEED:
        update += f' WHERE "{table.name}"."{rest[-1]}" = excluded."{rest[-1]}" - 1'
    if conflict is Conflict.VACANT:
        update += f' WHERE "{table.name}"."{rest[-1]}" = 0'
    return update


# The names in these statements are those of our own tables; values are always parameters.


@cache
def _sqlite_insert(table: Table, conflict: Conflict, rows: int) -> str:
    places = ", ".join(["(" + ", ".join("?" * len(table.columns)) + ")"] * rows)
    return f"{_insert(table)} VALUES {places}{_on_conflict(table, conflict)}"


@cache
def _postgres_insert(table: Table, conflict: Conflict) -> str:
    rows = f"SELECT * FROM {_unnest(table, _names(table))}"  # noqa: S608 - places for parameters
    return f"{_insert(table)} {rows}{_on_conflict(table, conflict)}"


@cache
def _postgres_select(table: Table, by: tuple[str, ...]) -> str:
    keys = f"SELECT * FROM {_unnest(table, by)}"  # noqa: S608 - places for parameters
    return f"{_select(table)}({_list(by)}) IN ({keys})"


def _unnest(table: Table, names: Sequence[str]) -> str:
    return f"unnest({', '.join(f'?::{_kind(table, name)}[]' for name in names)})"


@cache
def _guard(sql: str) -> str:
    """Let a statement divide by zero if it matches fewer rows than its last parameter, so that the COMMIT fails."""
    return f"WITH met AS ({sql} RETURNING 1) SELECT 1 / (count(*) >= ?)::int FROM met"  # noqa: S608 - our own text


@cache
def _number_parameters(sql: str) -> bytes:
    first, *rest = sql.split("?")
    return "".join([first, *(f"${n}{part}" for n, part in enumerate(rest, 1))]).encode()


def _asking(table: Table, keys: Sequence[Values], columns: Sequence[str]) -> "Statement":
    by = tuple(columns) or _names(table)[: len(keys[0])]
    made: Statement = _postgres().Statement(_number_parameters(_postgres_select(table, by)), _arrays(table, by, keys))
    return made


def _rows(table: Table, result: "PGresult") -> Found:
    """Read the rows of a table as the server wrote them."""
    columns = [
        [read(result.get_value(row, at)) for row in range(result.ntuples)]
        for at, read in enumerate(_READERS[_kind(table, name)] for name in _names(table))
    ]
    return list(zip(*columns, strict=True))


def _insert(table: Table) -> str:
    return f'INSERT INTO "{table.name}" ({_list(_names(table))})'


@cache
def _select(table: Table) -> str:
    return f'SELECT {_list(_names(table))} FROM "{table.name}" WHERE '  # noqa: S608 - names of our own


def _arrays(table: Table, names: Sequence[str], rows: Sequence[Values]) -> list[str]:
    columns = zip(*rows, strict=True)
    return [array(_kind(table, name), column) for name, column in zip(names, columns, strict=True)]


def array(kind: str, values: tuple[Any, ...]) -> str:
    """Write an array as PostgreSQL reads it: a tenth of the time that the driver takes to walk over a list."""
    if kind == "bigint":
        return "{" + ",".join(map(str, values)).replace("None", "NULL") + "}"
    if kind == "bytea":
        return "{" + ",".join(f'"\\\\x{value.hex()}"' for value in values) + "}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') != 2 * (len(values) - 1):
        joined = '","'.join(value.replace("\\", "\\\\").replace('"', '\\"') for value in values)
    return f'{{"{joined}"}}'


_READERS: dict[str, Callable[[Any], Value]] = {
    "bigint": lambda value: None if value is None else int(value),
    "text": lambda value: str(value, "utf-8"),
    "bytea": lambda value: bytes.fromhex(value[2:].decode()),
}
"""The conversion from the server's text to a value."""


def chunks(values: Sequence[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield values in parts: databases limit the number of parameters."""
    for start in range(0, len(values), _CHUNK):
        yield values[start : start + _CHUNK]
