"""Laws of corrections: issued backlog, and reversals.

A document and its reversals are checked together when the walk passes the reversed one; reversals are few, so their
rows are read by key.
"""

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Table, select

from gateway.backflush.values.documents import CONSUMPTION, DIRECT, EXPLODED, RECEIPT, REPORTS, format_number
from gateway.backflush.values.movements import reversal_of
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.audit.history import backlog_key
from gateway.ledger.audit.law import Law, add, name_of, path
from gateway.ledger.audit.walk import DocumentRows
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import REVERSAL

_REVERSIBLE = REPORTS | CONSUMPTION


class BacklogRecords(Law):
    """Open + issued + closed = required; issued = the movements of its backlog documents."""

    name = "backlog"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._unexplained: dict[tuple[int, int], tuple[int, int]] = {}
        self._records = self._open = 0

    def _see(self, paper: DocumentRows) -> None:
        for record in paper.under[t.backlog]:
            self._records += 1
            missing = record.required - record.issued - record.closed
            self._open += bool(missing)
            lots = sum(units for *_, units in json.loads(record.lots))
            if (
                record.required <= 0
                or min(record.issued, record.reversed, record.closed - record.reversed, missing) < 0
                or lots != record.issued
            ):
                self.broken(
                    f"backlog {format_number(record.document)}/{record.item}: required "
                    f"{format_quantity(record.required)}, issued {format_quantity(record.issued)} from lots of "
                    f"{format_quantity(lots)}, closed "
                    f"{format_quantity(record.closed)}"
                )
            self._explain((record.document, record.item), record.issued, record.issued_amount)
        key = backlog_key(paper.document.reference) if paper.document.type == "backlog" else None
        if key is not None:
            for item in paper.under[t.material_items]:
                self._explain(key, item.quantity, -item.amount)

    def _conclude(self) -> str:
        for (document, item), (quantity, amount) in sorted(self._unexplained.items()):
            self.broken(
                f"backlog {format_number(document)}/{item}: issued is {format_quantity(quantity)} worth "
                f"{format_quantity(amount)} more than its documents moved"
            )
        return f"{self._records} records, {self._open} open"

    def _explain(self, key: tuple[int, int], quantity: int, amount: int) -> None:
        before = self._unexplained.pop(key, (0, 0))
        after = before[0] + quantity, before[1] + amount
        if after != (0, 0):
            self._unexplained[key] = after


class Reversals(Law):
    """A reversal mirrors its document: no more than it, at its accounts and amounts; dues hold the rest."""

    name = "reversals"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._of = _reversals(connection)
        self._count = sum(map(len, self._of.values()))

    def _see(self, paper: DocumentRows) -> None:
        numbers = self._of.pop(paper.number, None)
        if numbers is not None and paper.document.type not in _REVERSIBLE:
            self.broken(f"{name_of(paper.number)} of type {paper.document.type} is reversed by {_names(numbers)}")
        mirrors = _under(self.connection, t.confirmations, numbers) if numbers else []
        if paper.document.type not in CONSUMPTION:
            self._dues(paper, _sum_taken(mirrors))
        elif not numbers and any(due.reversed for due in paper.dues):
            self.broken(f"{name_of(paper.number)} has mirrored rows, and nothing reverses it")
        if numbers:
            whole = self._units(paper, mirrors)
            if paper.document.type in CONSUMPTION:
                whole = all(due.reversed == due.units for due in paper.dues) and bool(
                    _besides_returns(self.connection, numbers)
                )
            self._items(paper, numbers, whole=whole)

    def _conclude(self) -> str:
        for missing, numbers in sorted(self._of.items()):
            self.broken(f"{name_of(missing)} is not there, but is reversed by {_names(numbers)}")
        return f"{self._count} reversals"

    def _units(self, paper: DocumentRows, mirrors: Sequence[Any]) -> bool:
        """Compare reversed units with confirmed ones; return whether all are reversed."""
        left: dict[tuple[object, ...], list[int]] = {}
        for row in (*paper.under[t.confirmations], *mirrors):
            units = left.setdefault(_line(row), [0, 0, 0, 0])
            units[:] = [before + more for before, more in zip(units, _units_of(row), strict=True)]
        for key, units in left.items():
            if min(units) < 0:
                self.broken(f"{name_of(paper.number)}, {path(key)}: {format_quantity(-min(units))} more is reversed")
        for row in mirrors:
            if max(_units_of(row)) > 0:
                self.broken(f"{name_of(row.document)} adds to what it reverses")
        return not any(any(units) for units in left.values())

    def _dues(self, paper: DocumentRows, taken: dict[tuple[str, bool], int]) -> None:
        """Compare the dues with the units confirmed and taken back."""
        confirmed: dict[tuple[str, bool], int] = {}
        for row in paper.under[t.confirmations]:
            for scrap, units in ((False, row.yield_), (True, row.scrap)):
                confirmed[row.point, scrap] = confirmed.get((row.point, scrap), 0) + units
        for due in paper.dues:
            good, bad = (due.segment, False), (due.segment, True)
            units, gone = confirmed.get(good, 0), taken.get(good, 0)
            if due.process != RECEIPT:
                units, gone = units + confirmed.get(bad, 0), gone + taken.get(bad, 0)
            if units - due.units + due.reversed != gone or not 0 <= due.reversed <= due.units:
                self.broken(
                    f"{name_of(paper.number)}, {due.process} of {due.segment}: confirmed {format_quantity(units)}, "
                    f"reversed {format_quantity(gone)}, but its row is for {format_quantity(due.units)} of which "
                    f"{format_quantity(due.reversed)} are mirrored"
                )

    def _items(self, paper: DocumentRows, numbers: list[int], *, whole: bool) -> None:
        """Compare mirrors with the document's items: never more, all of them if it is reversed as a whole."""
        held: dict[_Booked, list[int]] = {}
        for item in paper.under[t.material_items]:
            if item.origin in (EXPLODED, DIRECT):
                _fold(held, (item.cost_object, reversal_of(item.movement), item.material), item.quantity, item.amount)
        for record in paper.under[t.backlog]:
            key = (record.cost_object, reversal_of(record.movement), record.material)
            _fold(held, key, record.reversed - record.required, record.issued_amount)
        items = _under(self.connection, t.material_items, numbers)
        for item in items:
            if item.mirrors == paper.number:
                _fold(held, (item.cost_object, item.movement, item.material), item.quantity, item.amount)
            elif item.mirrors in numbers:
                # The reversal of the whole document takes its returns back.
                key = (item.cost_object, reversal_of(item.movement), item.material)
                _fold(held, key, item.quantity, item.amount)
        if not any(due.posted_by not in (0, paper.number) for due in paper.dues):
            mirrors = _under(self.connection, t.activity_items, numbers)
            for work in (*paper.under[t.activity_items], *mirrors):
                _fold(held, (work.cost_object, work.work_center, work.activity), -work.hours, work.amount)
        for key, (quantity, amount, sign) in held.items():
            if quantity * sign < 0 or (whole and (quantity or amount)):
                self.broken(
                    f"{name_of(paper.number)}, {path(key)}: of what it booked {format_quantity(quantity)} worth "
                    f"{format_quantity(amount)} are left after {_names(numbers)}"
                )
        batch = paper.document.batch
        for item in items:
            if item.process == RECEIPT and item.batch != batch:
                self.broken(f"{name_of(item.document)}: item {item.item} is of batch {item.batch or 'none'}")


_Booked = tuple[str, str, str]
"""Cost object, reversing movement and material; or cost object, work center and activity."""


def _fold(held: dict[_Booked, list[int]], key: _Booked, quantity: int, amount: int) -> None:
    """Add to a booked quantity; its sign is that of the first item, the document's own."""
    sums = held.setdefault(key, [0, 0, 1 if quantity > 0 else -1])
    sums[0] += quantity
    sums[1] += amount


class ReversedOnce(Law):
    """No document is reversed again after it was reversed as a whole."""

    name = "reversed-once"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._of = _reversals(connection)

    def _see(self, paper: DocumentRows) -> None:
        numbers = self._of.get(paper.number)
        if numbers is None or (paper.document.type in CONSUMPTION and paper.dues):
            return
        if paper.document.type in CONSUMPTION:
            if len(_besides_returns(self.connection, numbers)) > 1:
                self.broken(f"{name_of(paper.number)} is reversed in whole by each of {_names(numbers)}")
            return
        left: dict[tuple[object, ...], int] = {}
        for row in paper.under[t.confirmations]:
            add(left, _line(row), sum(_units_of(row)))
        mirrors = _under(self.connection, t.confirmations, numbers)
        for number in numbers:
            again = any(row.said_yield or row.said_scrap for row in mirrors if row.document == number)
            if not any(left.values()) and not again and (paper.under[t.confirmations] or number != numbers[0]):
                self.broken(f"{name_of(paper.number)} was reversed in whole before {name_of(number)} reversed it")
                return
            for row in mirrors:
                if row.document == number:
                    add(left, _line(row), sum(_units_of(row)))

    def _conclude(self) -> str:
        return f"{len(self._of)} documents reversed"


def _reversals(connection: Connection) -> dict[int, list[int]]:
    """Return the reversals of each document that has any, in order."""
    columns = t.documents.c
    of: dict[int, list[int]] = {}
    for reverses, number in connection.execute(
        select(columns.reverses, columns.number).where(REVERSAL).order_by(columns.number)
    ):
        of.setdefault(reverses, []).append(number)
    return of


def _line(row: Any) -> tuple[object, ...]:  # noqa: ANN401 - a row of confirmations
    """Return the fields that the lines of a document and of its reversals share."""
    return row.point, row.reason, row.automatic, bool(row.lost), bool(row.rework)


def _units_of(row: Any) -> tuple[int, int, int, int]:  # noqa: ANN401 - a row of confirmations
    return row.yield_, row.scrap, row.lost, row.rework


def _sum_taken(mirrors: Sequence[Any]) -> dict[tuple[str, bool], int]:
    """Sum reversed units by point, yield and scrap."""
    taken: dict[tuple[str, bool], int] = {}
    for row in mirrors:
        for scrap, units in ((False, row.yield_), (True, row.scrap)):
            taken[row.point, scrap] = taken.get((row.point, scrap), 0) - units
    return taken


def _under(connection: Connection, table: Table, numbers: Sequence[int]) -> list[Any]:
    found = select(table).where(table.c.document.in_(numbers)).order_by(*table.primary_key)
    return list(connection.execute(found))


def _besides_returns(connection: Connection, numbers: Sequence[int]) -> list[int]:
    """Return the reversals that are more than returns of components."""
    returns = {item.document for item in _under(connection, t.material_items, numbers) if item.origin == DIRECT}
    return [number for number in numbers if number not in returns]


def _names(numbers: Sequence[int]) -> str:
    return ", ".join(map(format_number, numbers))
