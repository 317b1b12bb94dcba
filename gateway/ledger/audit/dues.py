"""Laws of the dues: due - posted = open rows, posted rows tile their balance, and accounts owe their exact shares."""

from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, select

from gateway.backflush.memory.balance import AccountKey, BalanceKey, account_key
from gateway.backflush.plant.explosion import ExplodedItem
from gateway.backflush.values.documents import ACTIVITY, DIRECT, EXPLODED, ISSUE, MIRROR, RECEIPT
from gateway.backflush.values.movements import reversal_of
from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.ledger.audit.law import Law, add, name_of, path
from gateway.ledger.audit.walk import DocumentRows, Explosions
from gateway.ledger.database import tables as t

_MOVED = frozenset({"posted", "replaced"})
"""The states of a due after it has moved its balance."""


def balance_key(due: Any) -> BalanceKey:  # noqa: ANN401 - a row of worklist_rows or marks
    """Return the balance of a due."""
    return BalanceKey(due.flow, due.explosion, due.segment, due.process, due.scope)


class Dues(Law):
    """Due - posted = open dues, per balance; and every due is in one of four states."""

    name = "dues"
    _total = 0

    def _see(self, paper: DocumentRows) -> None:
        for due in paper.dues:
            if due.state == "open":
                add(self.sums, balance_key(due), due.units)
                self._total += due.units
            elif due.state == "withdrawn" and due.units:
                self.broken(
                    f"{name_of(due.document)}: {format_quantity(due.units)} units are withdrawn and still there"
                )
            elif due.state not in {*_MOVED, "withdrawn"}:
                self.broken(f"{name_of(due.document)}: a row is in state {due.state}")
            if (due.state == "posted") != bool(due.posted_by):
                self.broken(f"{name_of(due.document)}: a row is {due.state}, and posted by {due.posted_by}")

    def _conclude(self) -> str:
        kept = ((balance_key(balance), balance.due - balance.posted) for balance in self.rows(t.marks))
        count = self.compare(kept, self.sums, path)
        return f"{count} balances, {format_quantity(self._total)} units open"


class Marks(Law):
    """The dues of a balance that were posted or replaced cover 0 to `posted`, each unit once."""

    name = "marks"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._ranges: dict[BalanceKey, tuple[dict[int, int], dict[int, int]]] = {}

    def _see(self, paper: DocumentRows) -> None:
        for due in paper.dues:
            if due.state in _MOVED:
                self._cover(due)

    def _conclude(self) -> str:
        count = 0
        for balance in self.rows(t.marks):
            count += 1
            key = balance_key(balance)
            covered = sorted(self._ranges.pop(key, ({}, {}))[0].items())
            if covered != ([(0, balance.posted)] if balance.posted else []):
                shown = ", ".join(f"{format_quantity(low)} to {format_quantity(high)}" for low, high in covered[:5])
                self.broken(f"{path(key)}: posted {format_quantity(balance.posted)}, rows cover {shown or 'nothing'}")
        for key in self._ranges:
            self.broken(f"{path(key)}: units are posted, and there is no balance")
        return f"{count} balances"

    def _cover(self, due: Any) -> None:  # noqa: ANN401 - a row of worklist_rows
        """Join the range of a due with its adjacent ranges."""
        starts, ends = self._ranges.setdefault(balance_key(due), ({}, {}))
        low, high = due.mark, due.mark + due.units
        if high <= low or low in starts or high in ends:
            self.broken(
                f"{name_of(due.document)}: {due.process} covers {low} to {high} of its balance, which are covered"
            )
            return
        low = ends.pop(low, low)
        high = starts.pop(high, high)
        starts[low], ends[high] = high, low


class Accounts(Law):
    """Posted + remainder = the exact debt of all posted dues, less reversals, per account.

    Fixed items are charged once to the lot or shift, to an existing document. Accounts have posted the bookings and
    backlog of documents, less mirrors. None of it needs an order of documents.
    """

    name = "accounts"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._explosions = Explosions(connection)
        self._units: dict[BalanceKey, int] = {}
        self._bearers: dict[tuple[BalanceKey, int], bool] = {}
        """Dues of fixed items that are not taken back: True if posted, False if replaced."""
        self._booked: dict[tuple[str, str, int, str], int] = {}
        self._mirrored: dict[tuple[int, str, str, str, int], int] = {}
        self._said: set[tuple[int, str, str]] = set()

    def _see(self, paper: DocumentRows) -> None:
        for due in paper.dues:
            key = balance_key(due)
            if due.scope and due.state in _MOVED and due.reversed < due.units:
                self._bearers[key, due.document] = due.state == "posted"
            elif due.state == "posted":
                add(self._units, key, due.units - due.reversed)
        for item in paper.under[t.material_items]:
            sign = 1 if item.quantity > 0 else -1
            if item.origin == EXPLODED:
                add(self._booked, (item.cost_object, item.process, sign, item.material), abs(item.quantity))
            elif item.origin == DIRECT:
                # A return is reversed by the movement type of its issue.
                movement = "" if paper.document.reverses else reversal_of(item.movement)
                self._said.add((paper.number, movement, item.material))
            elif item.origin == MIRROR:
                of = (item.mirrors, item.movement, item.material)
                add(self._mirrored, (*of, f"{item.cost_object}\n{item.process}", -sign), abs(item.quantity))
            if (item.origin, item.process) == (EXPLODED, RECEIPT) and item.batch != paper.document.batch:
                self.broken(f"{name_of(paper.number)}: item {item.item} is of batch {item.batch or 'none'}")
        for record in paper.under[t.backlog]:
            if record.origin == EXPLODED:
                key_ = (record.cost_object, ISSUE, -1, record.material)
                add(self._booked, key_, record.required - record.reversed)
            else:
                self._said.add((paper.number, reversal_of(record.movement), record.material))
        for work in paper.under[t.activity_items]:
            if work.origin == EXPLODED:
                add(self._booked, (work.cost_object, ACTIVITY, 1, work.activity), work.hours)
            elif work.origin == DIRECT:
                self._said.add((paper.number, work.work_center, work.activity))
            else:
                of = (paper.document.reverses, work.work_center, work.activity)
                add(self._mirrored, (*of, f"{work.cost_object}\n{ACTIVITY}", 1), -work.hours)

    def _conclude(self) -> str:
        owed, charged = self._sum_owed(), self._sum_charged()
        cost_objects = {row.id: row.cost_object for row in self.connection.execute(select(t.flows))}
        posted: dict[tuple[str, str, int, str], int] = {}
        count = 0
        for row in self.rows(t.accounts):
            count += 1
            key = AccountKey(*row[:7])
            add(posted, (cost_objects.get(key.flow, ""), key.process, key.sign, key.object), row.posted)
            if key.scope:
                bears = charged.get((key, row.document)) if row.document else 0
                if bears is None or row.posted != bears:
                    self.broken(
                        f"{path(key)}: {format_quantity(row.posted)} are charged to document {row.document or 'none'}, "
                        f"whose rows say {format_quantity(bears or 0)}"
                    )
            elif not _is_sum(row, owed.pop(key, Fraction(0))):
                self.broken(
                    f"{path(key)}: posted {format_quantity(row.posted)} and a remainder of {row.remainder} are not "
                    "what its rows owe"
                )
        for key in [key for key, share in owed.items() if share]:
            self.broken(f"{path(key)}: something is owed, and there is no account")
        for (number, movement, name, of, sign), quantity in self._mirrored.items():
            if not {(number, movement, name), (number, "", name)} & self._said:
                cost_object, process = of.split("\n")
                add(self._booked, (cost_object, process, sign, name), -quantity)
        self.compare(posted.items(), self._booked, path)
        return f"{count} accounts"

    def _sum_owed(self) -> dict[AccountKey, Fraction]:
        owed: dict[AccountKey, Fraction] = {}
        for key, units in self._units.items():
            for item in self._items(key):
                account = account_key(key.flow, "", item)
                owed[account] = owed.get(account, Fraction(0)) + Fraction(units * item.numerator, item.denominator)
        return owed

    def _sum_charged(self) -> dict[tuple[AccountKey, int], int]:
        charged: dict[tuple[AccountKey, int], int] = {}
        for (key, document), is_posted in self._bearers.items():
            for item in self._items(key):
                add(charged, (account_key(key.flow, key.scope, item), document), item.numerator if is_posted else 0)
        return charged

    def _items(self, key: BalanceKey) -> tuple[ExplodedItem, ...]:
        explosion = self._explosions.get(key.explosion)
        if explosion is None:
            self.broken(f"{path(key)}: the explosion is not there, or is not what its name says")
            return ()
        return explosion.part(key.process, key.segment, fixed=bool(key.scope))


def _is_sum(row: Any, owed: Fraction) -> bool:  # noqa: ANN401 - a row of accounts
    """Return whether posted and remainder equal the debt; unreadable values do not."""
    try:
        remainder, fraction = Fraction(row.remainder), Fraction(row.fraction)
    except (ValueError, ZeroDivisionError):
        return False
    return row.posted >= 0 and row.posted + remainder == owed and abs(fraction) <= MICRO
