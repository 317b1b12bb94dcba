"""A law of the audit: it sees every document and quarantine entry once, then names its figure and its violations."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, select

from gateway.backflush.values.documents import format_number
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.audit.walk import DocumentRows, stream

K = TypeVar("K", bound=tuple[Any, ...])

_UNREADABLE: Final = (
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
)
"""Errors on reading a ledger that was tampered with: text instead of numbers, no JSON."""
MOST: Final = 20
"""The findings listed per law; the figure counts them all."""


class LawResult(NamedTuple):
    """The result of a law: its figure, and at most `MOST` of the findings that break it."""

    law: str
    """A stable short name."""
    figure: str
    ok: bool
    findings: tuple[str, ...]


class Law(ABC):
    """One law. `see` and `entry` are called in the order of numbers, `result` once, at the end."""

    name = ""

    def __init__(self, connection: Connection) -> None:
        self.connection: Final = connection
        self.sums: Final[dict[Any, int]] = {}
        """The law's sums, by keys of its own."""
        self._told: list[str] = []
        self._broken = 0

    def see(self, paper: DocumentRows) -> None:
        """Take one document into account."""
        with self._telling(f"the rows of {name_of(paper.number)}"):
            self._see(paper)

    def stray(self, number: int, tables: list[str]) -> None:
        """Take rows into account that belong to no document."""
        with self._telling(name_of(number)):
            self._stray(number, tables)

    def entry(self, row: Any) -> None:  # noqa: ANN401 - a row of quarantine
        """Take one quarantine entry into account."""
        with self._telling(f"quarantine entry {format_number(row.number)}"):
            self._entry(row)

    def result(self) -> LawResult:
        """Conclude, and return the result."""
        figure = "not all of it can be read"
        with self._telling("what it is about"):
            figure = self._conclude()
        if self._broken:
            figure = f"{figure}; {self._broken} broken"
        return LawResult(self.name, figure, not self._broken, tuple(self._told))

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Let an unreadable row break this law, not the audit."""
        try:
            yield
        except _UNREADABLE as error:
            self.broken(f"{what} cannot be read: {type(error).__name__}: {' '.join(str(error).split())[:200]}")

    def _see(self, paper: DocumentRows) -> None:  # noqa: B027 - optional: a law reads only its own rows
        """Do it for this law; likewise below. A law that needs no such rows leaves it out."""

    def _stray(self, number: int, tables: list[str]) -> None:  # noqa: B027 - optional, as above
        pass

    def _entry(self, row: Any) -> None:  # noqa: ANN401, B027 - a row of quarantine; optional, as above
        pass

    @abstractmethod
    def _conclude(self) -> str:
        """Compare the sums with those of the ledger, and return the figure."""

    def broken(self, finding: str) -> None:
        """Note a finding that breaks the law."""
        self._broken += 1
        if self._broken <= MOST:
            self._told.append(finding)

    def rows(self, table: Table, *order: ColumnElement[Any]) -> Iterable[Any]:
        """Read a whole table without holding it."""
        return stream(self.connection, select(table).order_by(*order))

    def compare(self, kept: Iterable[tuple[K, int]], computed: Mapping[K, int], say: Callable[[K], str]) -> int:
        """Compare the ledger's sums with those of its documents; a sum of 0 may be absent.

        Return the number of sums in the ledger.
        """
        left = dict(computed)
        count = 0
        for key, value in kept:
            count += 1
            expected = left.pop(key, 0)
            if value != expected:
                self.broken(f"{say(key)}: kept {format_quantity(value)}, documents give {format_quantity(expected)}")
        for key, expected in left.items():
            if expected:
                self.broken(f"{say(key)}: kept nothing, documents give {format_quantity(expected)}")
        return count


def name_of(number: int) -> str:
    """Print a document for a finding."""
    return f"document {format_number(number)}"


def path(key: tuple[Any, ...]) -> str:
    """Print a key for a finding."""
    return "/".join(map(str, key))


def add(sums: dict[K, int], key: K, value: int) -> None:
    """Add to one of many sums."""
    sums[key] = sums.get(key, 0) + value
