"""A law of the audit: it sees every document and quarantine entry once, then names its figure and its violations."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Table, select

from gateway.backflush.values.documents import format_number
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.audit.walk import Paper, stream

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
"""What reading raises that was made by nobody but who changed the ledger: text where numbers belong, no JSON."""
MOST: Final = 20
"""Findings of one law that are told; the figure counts them all."""


class LawResult(NamedTuple):
    """Whether a law holds, with the figure that it is about and at most `MOST` of the findings that break it."""

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
        """What the law adds up, by keys of its own."""
        self._told: list[str] = []
        self._broken = 0

    def see(self, paper: Paper) -> None:
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
        """Conclude, and say how it stands."""
        figure = "not all of it can be read"
        with self._telling("what it is about"):
            figure = self._conclude()
        if self._broken:
            figure = f"{figure}; {self._broken} broken"
        return LawResult(self.name, figure, not self._broken, tuple(self._told))

    @contextmanager
    def _telling(self, what: str) -> Iterator[None]:
        """Have what cannot be read break this law, and not the audit."""
        try:
            yield
        except _UNREADABLE as error:
            self.broken(f"{what} cannot be read: {type(error).__name__}: {' '.join(str(error).split())[:200]}")

    def _see(self, paper: Paper) -> None:  # noqa: B027 - optional: a law looks at what concerns it
        """Do it for this law; likewise below. A law that does not look at them leaves them out."""

    def _stray(self, number: int, tables: list[str]) -> None:  # noqa: B027 - optional, as above
        pass

    def _entry(self, row: Any) -> None:  # noqa: ANN401, B027 - a row of quarantine; optional, as above
        pass

    @abstractmethod
    def _conclude(self) -> str:
        """Compare what was seen with what the ledger keeps, and return the figure."""

    def broken(self, finding: str) -> None:
        """Note something that breaks the law."""
        self._broken += 1
        if self._broken <= MOST:
            self._told.append(finding)

    def rows(self, table: Table, *order: ColumnElement[Any]) -> Iterable[Any]:
        """Read a whole table without holding it."""
        return stream(self.connection, select(table).order_by(*order))

    def compare(self, kept: Iterable[tuple[K, int]], computed: Mapping[K, int], say: Callable[[K], str]) -> int:
        """Hold sums that the ledger keeps against those that its documents give; a sum of 0 may be absent.

        Return how many are kept.
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
    """Print a document as findings name it."""
    return f"document {format_number(number)}"


def path(key: tuple[Any, ...]) -> str:
    """Print a key as findings name it."""
    return "/".join(map(str, key))


def add(sums: dict[K, int], key: K, value: int) -> None:
    """Add to one of many sums."""
    sums[key] = sums.get(key, 0) + value
