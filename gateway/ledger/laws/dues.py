"""Laws of the dues: what is due and not posted is open, what is posted tiles its mark, and items are its explosion.

The postings of a document are computed again: E(mark + units) - E(mark) of every due that it posted, folded by
account, quantity and amount, and held against its items and what it left in the backlog.
"""

from typing import Any

from sqlalchemy import Connection, select

from gateway.backflush.documents import ACTIVITY, ISSUE, RECEIPT
from gateway.backflush.explosion import ExplodedItem
from gateway.backflush.quantities import format_quantity
from gateway.backflush.records import OPEN, POSTED, REPLACED, WITHDRAWN, MarkKey
from gateway.ledger import tables as t
from gateway.ledger.laws.law import Law, add, name_of, path
from gateway.ledger.laws.walk import Paper

Account = tuple[str, str, str, str, str, str, str]
"""Cost object, process, movement, object, place, cost center, unit."""

_MOVED = frozenset({POSTED, REPLACED})
"""The states of a due that has moved its mark."""


def mark_key(due: Any) -> MarkKey:  # noqa: ANN401 - a row of worklist_rows or marks
    """Return the mark that a due belongs to."""
    return MarkKey(due.flow, due.explosion, due.segment, due.process, due.scope)


def signed(item: ExplodedItem, quantity: int, amount: int) -> tuple[int, int]:
    """Sign what units account for as an item of a document does."""
    if item.process == ACTIVITY:
        return quantity, amount
    return item.sign * quantity, -item.sign * amount


def account_of(cost_object: str, item: ExplodedItem, movement: str) -> Account:
    """Return the account that an exploded item is booked to."""
    return cost_object, item.process, movement, item.object, item.place, item.cost_center, item.unit


def booked(paper: Paper, origin: str) -> dict[Account, tuple[int, int]]:
    """Fold the items of one origin by account: signed quantity and amount."""
    return fold_items(paper.under[t.material_items], paper.under[t.activity_items], origin)


def fold_items(items: list[Any], activities: list[Any], origin: str) -> dict[Account, tuple[int, int]]:
    """Fold rows of items by account."""
    accounts: dict[Account, tuple[int, int]] = {}
    for row in items:
        if row.origin == origin:
            key = (row.cost_object, row.process, row.movement, row.material, row.location, "", row.unit)
            fold(accounts, key, row.quantity, row.amount)
    for row in activities:
        if row.origin == origin:
            center = (row.activity, row.work_center, row.cost_center)
            fold(accounts, (row.cost_object, ACTIVITY, "", *center, "H"), row.hours, row.amount)
    return accounts


def fold(accounts: dict[Account, tuple[int, int]], key: Account, quantity: int, amount: int) -> None:
    """Add to an account."""
    before = accounts.get(key, (0, 0))
    accounts[key] = before[0] + quantity, before[1] + amount


def cost_objects(connection: Connection) -> dict[str, str]:
    """Return the cost object of every flow."""
    return {row.id: row.cost_object for row in connection.execute(select(t.flows.c.id, t.flows.c.cost_object))}


def _anywhere(accounts: dict[Account, tuple[int, int]], materials: set[str]) -> dict[Account, tuple[int, int]]:
    """Fold the issues of some materials over all locations."""
    folded: dict[Account, tuple[int, int]] = {}
    for key, (quantity, amount) in accounts.items():
        cost_object, process, movement, material, place, *rest = key
        anywhere = process == ISSUE and material in materials
        fold(folded, (cost_object, process, movement, material, "" if anywhere else place, *rest), quantity, amount)  # type: ignore[arg-type]  # the rest are center and unit
    return folded


class Dues(Law):
    """Due - posted = open dues, per mark; and every due is in one of four states."""

    name = "dues"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._open: dict[MarkKey, int] = {}
        self._total = 0

    def _see(self, paper: Paper) -> None:
        for due in paper.dues:
            if due.state == OPEN:
                add(self._open, mark_key(due), due.units)
                self._total += due.units
            elif due.state == WITHDRAWN and due.units:
                self.broken(
                    f"{name_of(due.document)}: {format_quantity(due.units)} units are withdrawn and still there"
                )
            elif due.state not in {*_MOVED, WITHDRAWN}:
                self.broken(f"{name_of(due.document)}: a due is in state {due.state}")
            if (due.state == POSTED) != bool(due.posted_by):
                self.broken(f"{name_of(due.document)}: a due is {due.state}, and posted by {due.posted_by}")

    def _conclude(self) -> str:
        kept = ((mark_key(mark), mark.due - mark.posted) for mark in self.rows(t.marks))
        count = self.compare(kept, self._open, path)
        return f"{count} marks, {format_quantity(self._total)} units open"


class Marks(Law):
    """The dues of a mark that were posted or replaced cover 0 to `posted`, each unit once.

    Of a lot or shift: one document holds the fixed items, or what was said for them, if anything is posted, else none
    does.
    """

    name = "marks"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._ranges: dict[MarkKey, tuple[dict[int, int], dict[int, int]]] = {}
        self._holders: dict[MarkKey, int] = {}

    def _see(self, paper: Paper) -> None:
        for due in paper.dues:
            if due.state in _MOVED and due.scope:
                add(self._holders, mark_key(due), int(not due.mark and due.reversed < due.units))
            elif due.state in _MOVED:
                self._cover(due)

    def _conclude(self) -> str:
        count = 0
        for mark in self.rows(t.marks):
            count += 1
            key = mark_key(mark)
            if mark.scope:
                holders = self._holders.pop(key, 0)
                if holders != bool(mark.posted):
                    self.broken(
                        f"{path(key)}: posted {format_quantity(mark.posted)}, {holders} documents hold its fixed items"
                    )
                continue
            covered = sorted(self._ranges.pop(key, ({}, {}))[0].items())
            if covered != ([(0, mark.posted)] if mark.posted else []):
                shown = ", ".join(f"{format_quantity(low)} to {format_quantity(high)}" for low, high in covered[:5])
                self.broken(f"{path(key)}: posted {format_quantity(mark.posted)}, dues cover {shown or 'nothing'}")
        for key in [*self._ranges, *self._holders]:
            self.broken(f"{path(key)}: dues are posted, and there is no mark")
        return f"{count} marks"

    def _cover(self, due: Any) -> None:  # noqa: ANN401 - a row of worklist_rows
        """Join the range of a due to the ranges that end where it begins or begin where it ends."""
        starts, ends = self._ranges.setdefault(mark_key(due), ({}, {}))
        low, high = due.mark, due.mark + due.units
        if high <= low or low in starts or high in ends:
            self.broken(f"{name_of(due.document)}: {due.process} covers {low} to {high} of its mark, which is covered")
            return
        low = ends.pop(low, low)
        high = starts.pop(high, high)
        starts[low], ends[high] = high, low


class Postings(Law):
    """Exploded items and backlog of a document are the explosion of the units that it posted, per account."""

    name = "postings"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._cost_objects = cost_objects(connection)
        self._accounts = 0

    def _see(self, paper: Paper) -> None:
        expected: dict[Account, tuple[int, int]] = {}
        for due in paper.posts:
            cost_object = self._cost_objects.get(due.flow, "")
            for item, quantity, amount in paper.posted(due):
                fold(expected, account_of(cost_object, item, item.movement), *signed(item, quantity, amount))
        found = booked(paper, "exploded")
        records = paper.under[t.backlog] if paper.explodes else []
        for record in records:
            key = (record.cost_object, ISSUE, record.movement, record.material, record.location, "", record.unit)
            fold(found, key, -record.required, record.amount)
        self._accounts += len(expected)
        if found != expected and any(record.issued for record in records):
            # A record that a person corrected was issued from another location than the one that lacked it.
            moved = {record.material for record in records if record.issued}
            found, expected = _anywhere(found, moved), _anywhere(expected, moved)
        if found != expected:
            self._differ(paper, found, expected)
        for item in paper.under[t.material_items]:
            if (item.origin, item.process) == ("exploded", RECEIPT) and item.batch != paper.document.batch:
                self.broken(f"{name_of(paper.number)}: item {item.item} is of batch {item.batch or 'none'}")

    def _conclude(self) -> str:
        return f"{self._accounts} accounts of documents"

    def _differ(
        self, paper: Paper, found: dict[Account, tuple[int, int]], expected: dict[Account, tuple[int, int]]
    ) -> None:
        for key in sorted({*found, *expected}):
            has, due = found.get(key, (0, 0)), expected.get(key, (0, 0))
            if has != due:
                self.broken(
                    f"{name_of(paper.number)}, {path(key[1:])}: booked {format_quantity(has[0])} worth "
                    f"{format_quantity(has[1])}, its dues explode to {format_quantity(due[0])} worth "
                    f"{format_quantity(due[1])}"
                )
