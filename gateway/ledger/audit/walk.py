"""The walk: the whole ledger once, document by document, with only one in memory.

Every table of documents is read in the order of its key, so nothing is sorted, and the streams are merged by document
number. A `DocumentRows` is one document with all its rows, and with the dues of others that it posted.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, Table, select

from gateway.backflush.plant.explosion import Explosion
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import CUMULATED

_AT_ONCE: Final = 1000
_EXPLOSIONS: Final = 2000
_UNDER: Final = (*t.SEALED[1:], t.worklist_rows, t.backlog)


def stream(connection: Connection, query: Select[Any]) -> Iterator[Row[Any]]:
    """Stream rows, a thousand at a time."""
    result = connection.execute(query.execution_options(yield_per=_AT_ONCE))
    for rows in result.partitions():
        yield from rows


class Explosions:
    """Explosions by id, read on first use."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._known: dict[str, Explosion | None] = {}

    def get(self, key: str) -> Explosion | None:
        """Return an explosion; None if there is none, or if its content does not match its id."""
        if key not in self._known:
            if len(self._known) >= _EXPLOSIONS:
                self._known.clear()
            content = self._connection.scalar(select(t.explosions.c.content).where(t.explosions.c.id == key))
            made = Explosion.parse(content) if content is not None else None
            self._known[key] = made if made is not None and made.id == key else None
        return self._known[key]


class DocumentRows:
    """One document, with its rows of each table."""

    __slots__ = ("document", "late", "number", "under")

    def __init__(
        self,
        document: Any,  # noqa: ANN401 - a row of documents
        under: dict[Table, list[Any]],
        late: list[Any],
    ) -> None:
        self.document = document
        self.number: int = document.number
        self.under = under
        self.late = late
        """Dues of other documents that this one posted."""

    @property
    def dues(self) -> list[Any]:
        """Its own rows of the worklist, in any state."""
        return self.under[t.worklist_rows]


class _Stream:
    """Rows in the order of a number, handed out number by number."""

    def __init__(self, rows: Iterator[Any], number: str) -> None:
        self._rows = rows
        self._position: int | None = None
        self._name = number
        self.number = -1
        self._next: Any = None
        self._step()

    def _step(self) -> None:
        self._next = next(self._rows, None)
        if self._next is not None:
            if self._position is None:
                self._position = self._next._fields.index(self._name)
            self.number = self._next[self._position]
        else:
            self.number = _NEVER

    def take(self, number: int) -> list[Any]:
        """Return the rows of a number, which must not be above the next one."""
        taken = []
        while self.number == number:
            taken.append(self._next)
            self._step()
        return taken


_NEVER: Final = 1 << 63


def walk(connection: Connection, stray: Callable[[int, list[str]], None]) -> Iterator[DocumentRows]:
    """Yield every document in the order of numbers; rows without a document go to `stray`."""
    heads = _Stream(stream(connection, select(t.documents).order_by(t.documents.c.number)), "number")
    under = {
        table: _Stream(stream(connection, select(table).order_by(*table.primary_key)), "document") for table in _UNDER
    }
    columns = t.worklist_rows.c
    # Literal, because a partial index is found only by its own condition.
    elsewhere = select(t.worklist_rows).where(CUMULATED)
    late = _Stream(stream(connection, elsewhere.order_by(columns.posted_by)), "posted_by")
    while True:
        number = min(heads.number, late.number, *(rows.number for rows in under.values()))
        if number == _NEVER:
            return
        document = heads.take(number)
        below = {table: rows.take(number) for table, rows in under.items()}
        posted = late.take(number)
        if document:
            yield DocumentRows(document[0], below, posted)
        else:
            found = [table.name for table, rows in below.items() if rows]
            stray(number, [*found, *(["rows that it is said to have posted"] if posted else [])])
