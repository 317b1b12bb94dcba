"""Laws of the sums: stock, cost collectors, statistics, orders and points are the sums of documents.

The sums are in memory, as many as the summed tables have rows: that is bounded by the plant, not by its history.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.backflush.memory.balance import AccountKey, account_key
from gateway.backflush.memory.hours import PIECES, QUARTER
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.posting.booking import DIFFERENCE
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.values.documents import ACTIVITY, DIRECT, FINAL, ISSUE, MIRROR, RECEIPT
from gateway.backflush.values.movements import StockKey, reversal_of
from gateway.backflush.values.points import Segment, Units, work_in_process
from gateway.backflush.values.quantities import format_quantity
from gateway.ledger.audit.law import Law, add, name_of, path
from gateway.ledger.audit.walk import DocumentRows, Explosions, stream
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import REVERSAL
from gateway.ledger.store import row_values


class Stock(Law):
    """Stock = opening + sum of movements, per key."""

    name = "stock"
    _movements = 0

    def _see(self, paper: DocumentRows) -> None:
        items = paper.under[t.material_items]
        self._movements += len(items)
        for item in items:
            key = StockKey(paper.document.plant, item.material, item.location, item.batch, item.stock_type)
            add(self.sums, key, item.quantity)

    def _conclude(self) -> str:
        for row in self.rows(t.opening_stock):
            add(self.sums, StockKey(*row[:5]), row.quantity)
        kept = ((StockKey(*row[:5]), row.quantity) for row in self.rows(t.stock))
        return f"{self.compare(kept, self.sums, path)} keys, {self._movements} movements"


class Collectors(Law):
    """Collector = sum of the amounts of its items, per period, element and detail."""

    name = "collectors"

    def _see(self, paper: DocumentRows) -> None:
        plant, period = paper.document.plant, paper.document.posting_date[:7]
        for item in paper.under[t.material_items]:
            element = RECEIPT if item.process == RECEIPT else ISSUE
            add(self.sums, (plant, item.cost_object, period, element, item.material), item.amount)
        for work in paper.under[t.activity_items]:
            add(self.sums, (plant, work.cost_object, period, ACTIVITY, work.activity), work.amount)

    def _conclude(self) -> str:
        balance = 0

        def read_sums() -> Iterator[tuple[tuple[str, ...], int]]:
            nonlocal balance
            for row in self.rows(t.collectors):
                balance += row.amount
                yield tuple(row[:5]), row.amount

        count = self.compare(read_sums(), self.sums, path)
        return f"{count} sums, balance {format_quantity(balance)}"


class Statistics(Law):
    """Yield, scrap and rework are sums of confirmations; total use is the sum of accounts and actual quantities.

    Its difference from the standard is the actual quantities less the explosion of the dues that they replace. The days
    of use of a cumulated posting are checked by the deep audit only (`--deep`).
    """

    name = "statistics"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._explosions = Explosions(connection)
        self._fixed: dict[tuple[AccountKey, int], tuple[tuple[str, ...], int]] = {}
        """Actual quantities in place of fixed items, and their key."""
        self._flows = {row.id: (row.plant, row.material, row.version) for row in connection.execute(select(t.flows))}
        reversals = select(t.documents.c.reverses).where(REVERSAL)
        self._reversed = set(connection.scalars(reversals))
        self._said: dict[tuple[int, str, str], str] = {}
        """(document, reversing movement or work center, name) of reversible actual quantities: their measure."""

    def _see(self, paper: DocumentRows) -> None:
        document = paper.document
        day = (document.plant, document.production_date, document.shift, document.line)
        version = (document.material, document.version)
        for row in paper.under[t.confirmations]:
            add(self.sums, (*day, *version, "yield", row.point), row.yield_)
            add(self.sums, (*day, *version, "scrap", f"{row.point} {row.reason}".strip()), row.scrap + row.lost)
            add(self.sums, (*day, *version, "rework", row.point), row.rework)
        for due in paper.dues:
            if due.state == "replaced":
                self._stand_in(due)
        for item in paper.under[t.material_items]:
            measure = "component" if item.quantity < 0 or document.reverses else "by_product"
            if item.origin == DIRECT:
                # A return is reversed by the movement type of its issue.
                movement = "" if document.reverses else reversal_of(item.movement)
                self._know(document.reverses or paper.number, paper.number, movement, item.material, measure)
            elif item.origin == MIRROR:
                of = self._said.get((item.mirrors, "", item.material), "")
                measure = self._said.get((item.mirrors, item.movement, item.material), of)
            else:
                continue
            if measure:
                sign = -1 if measure == "component" else 1
                self._say((*day, *version, measure, item.material), sign * item.quantity)
        for work in paper.under[t.activity_items]:
            if work.origin == DIRECT:
                self._know(paper.number, paper.number, work.work_center, work.activity, ACTIVITY)
            elif (document.reverses, work.work_center, work.activity) not in self._said:
                continue
            self._say((*day, *version, ACTIVITY, work.activity), work.hours)
        for record in paper.under[t.backlog]:
            if record.origin == DIRECT:
                self._know(paper.number, paper.number, reversal_of(record.movement), record.material, "component")
                self._say((*day, *version, "component", record.material), record.required - record.reversed)

    def _conclude(self) -> str:
        columns = t.statistics.c
        order = (columns.plant, columns.date, columns.shift, columns.line, columns.material, columns.version)
        found = select(t.statistics).order_by(*order, columns.measure, columns.detail)
        # A unit that the master data changed splits a sum in two.
        groups = groupby(stream(self.connection, found), key=lambda row: tuple(row[:8]))
        used: dict[tuple[str, ...], int] = {}
        days: list[tuple[tuple[str, ...], int]] = []
        for key, rows in groups:
            quantity = sum(row.quantity for row in rows)
            if key[6] in _USED:
                add(used, (key[0], *key[4:]), quantity)
            else:
                days.append((key, quantity))
        in_all: dict[tuple[str, ...], int] = {}
        for key in [key for key in self.sums if key[6] in _USED]:
            add(in_all, (key[0], *key[4:]), self.sums.pop(key))
        for row in self.rows(t.accounts):
            account = AccountKey(*row[:7])
            stood = self._fixed.get((account, row.document))
            if stood is not None:
                add(self.sums, stood[0], -stood[1])
            if account.process != RECEIPT:
                plant, *version = self._flows.get(account.flow, ("", "", ""))
                add(in_all, (plant, *version, _measure(account), account.object), row.posted)
        self.compare(used.items(), in_all, path)
        return f"{self.compare(days, self.sums, path)} sums"

    def _stand_in(self, due: Any) -> None:  # noqa: ANN401 - a row of worklist_rows
        """Add the standard that actual quantities replaced."""
        explosion = self._explosions.get(due.explosion)
        day = (due.plant, due.production_date, due.shift, due.line, *self._flows.get(due.flow, ("", "", ""))[1:])
        for item in explosion.part(due.process, due.segment, fixed=bool(due.scope)) if explosion is not None else ():
            account = account_key(due.flow, due.scope, item)
            key = (*day, _measure(account) + DIFFERENCE, item.object)
            if not due.scope:
                high = due.mark + due.units - due.reversed
                add(self.sums, key, item.quantity(due.mark) - item.quantity(high))
            elif due.reversed < due.units:
                before = self._fixed.get((account, due.document), (key, 0))[1]
                self._fixed[account, due.document] = key, before + item.numerator

    def _know(self, reversed_: int, number: int, movement: str, name: str, measure: str) -> None:
        if reversed_ in self._reversed:
            self._said[number, movement, name] = measure

    def _say(self, key: tuple[str, ...], quantity: int) -> None:
        *day, measure, name = key
        add(self.sums, key, quantity)
        add(self.sums, (*day, measure + DIFFERENCE, name), quantity)


class Hours(Law):
    """The pieces of each quarter of an hour are those of the documents made in it.

    The sums are those of a day and shift: plain, and by weights of which each quarter has its own.
    """

    name = "hours"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._weighed: dict[tuple[str, ...], int] = {}
        original, read = t.documents.alias(), t.sources.c
        last = select(func.max(read.last_at)).where(read.document == original.c.number).scalar_subquery()
        reversed_ = original.c.number.in_(select(t.documents.c.reverses).where(REVERSAL))
        found = select(original.c.number, func.coalesce(last, original.c.entered_at)).where(reversed_)
        self._made: dict[int, int] = {number: at for number, at in connection.execute(found)}  # noqa: C416 - rows

    def _see(self, paper: DocumentRows) -> None:
        of = paper.document
        own = max((source.last_at for source in paper.under[t.sources]), default=of.entered_at)
        at = self._made.get(of.reverses, 0) if of.reverses else own
        for row in paper.under[t.confirmations]:
            units = row.yield_ if row.point == FINAL else 0, row.scrap + row.lost, row.rework
            key = of.plant, of.line, of.production_date, of.shift, of.material, of.version
            self._add(self.sums, self._weighed, at // QUARTER, key, units)

    def _add(
        self, sums: dict[Any, int], weighed: dict[Any, int], quarter: int, key: tuple[str, ...], units: Sequence[int]
    ) -> None:
        for measure, quantity in zip(PIECES, units, strict=True):
            if quantity:
                add(sums, (*key, measure), quantity)
                add(weighed, (*key, measure), quantity * quarter**3)

    def _conclude(self) -> str:
        kept: dict[tuple[str, ...], int] = {}
        weighed: dict[tuple[str, ...], int] = {}
        count = 0
        for row in self.rows(t.hours):
            count += 1
            day = row.plant, row.line, row.date, row.shift, row.material, row.version
            self._add(kept, weighed, row.quarter // QUARTER, day, (row.yield_, row.scrap, row.rework))
            if row.quarter % QUARTER:
                self.broken(f"{path(day)}: {row.quarter} begins no quarter of an hour")
        self.compare(kept.items(), self.sums, path)
        for key in sorted(weighed.keys() | self._weighed.keys()):
            if kept.get(key, 0) == self.sums.get(key, 0) and weighed.get(key, 0) != self._weighed.get(key, 0):
                self.broken(f"{path(key)}: not kept in the quarters of an hour in which its documents were made")
        return f"{count} quarters of an hour"


_USED = frozenset({"component", "by_product", ACTIVITY})
"""Measures of use."""


def _measure(account: AccountKey) -> str:
    return ACTIVITY if account.process == ACTIVITY else "component" if account.sign < 0 else "by_product"


class Orders(Law):
    """An order was reduced by the sum of its reductions, per segment; no document reduces by more than it made."""

    name = "orders"

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._used: dict[int, dict[tuple[str], int]] = {}
        """The reductions by actual use; those of a component posting include the list's."""

    def _see(self, paper: DocumentRows) -> None:
        if not paper.under[t.reductions]:
            return
        reduced: dict[tuple[str], int] = {}
        for row in paper.under[t.reductions]:
            add(self.sums, (row.planned_order, row.segment), row.quantity)
            add(reduced, (row.segment,), row.quantity)
        took = self._used.get(paper.document.reverses, {})
        alone = paper.document.type == "component"
        said = {k: units for k, units in reduced.items() if alone or k in took or k[0].startswith(COMPONENT)}
        if said:
            self._see_used(paper, said)
        made: dict[tuple[str], int] = {}
        for row in paper.under[t.confirmations]:
            add(made, (row.point,), row.yield_ + row.scrap)
            if row.point == FINAL:
                add(made, (QUANTITY,), row.yield_)
        for key in reduced.keys() - said.keys():
            units, most = reduced[key], made.get(key, 0)
            if not min(0, most) <= units <= max(0, most):
                self.broken(
                    f"{name_of(paper.number)}: made {format_quantity(most)}, reduces {key[0]} of orders by "
                    f"{format_quantity(units)}"
                )

    def _see_used(self, paper: DocumentRows, reduced: dict[tuple[str], int]) -> None:
        """Compare reductions with actual use, and those of a reversal with its document's."""
        if not paper.document.reverses:
            self._used[paper.number] = dict(reduced)
            said: dict[tuple[str], int] = {}
            for item in paper.under[t.material_items]:
                add(said, (COMPONENT + item.material,), -item.quantity if item.origin == DIRECT else 0)
            for record in paper.under[t.backlog]:
                add(said, (COMPONENT + record.material,), record.required if record.origin == DIRECT else 0)
            wrong = [key for key, units in reduced.items() if key[0].startswith(COMPONENT) and units > said.get(key, 0)]
        else:
            took = self._used.setdefault(paper.document.reverses, {})
            for key, units in reduced.items():
                add(took, key, units)
            wrong = [key for key, units in took.items() if units < 0]
        for key in wrong:
            self.broken(f"{name_of(paper.number)}: {key[0]} of orders changes by more than was used")

    def _conclude(self) -> str:
        rows = self.connection.execute(select(t.order_segments)).all()
        for row in rows:
            if row.reduced < 0:
                self.broken(f"{row.planned_order}/{row.segment} is reduced by {format_quantity(row.reduced)}")
        kept = (((row.planned_order, row.segment), row.reduced) for row in rows)
        return f"{self.compare(kept, self.sums, path)} segments of orders"


_SUMMED = {
    "documented_yield": "yield of",
    "documented_scrap": "scrap of",
    "lost": "lost after",
    "reported_yield": "reported yield of",
    "reported_scrap": "reported scrap of",
    "automatic": "automatic yield of",
}
"""Columns of a point that are sums of confirmations, and their names in findings."""


class Points(Law):
    """The documented and reported units of a point are sums of confirmations; no wip is below 0."""

    name = "points"

    def _see(self, paper: DocumentRows) -> None:
        for row in paper.under[t.confirmations]:
            automatic = row.yield_ if row.automatic else 0
            units = (row.yield_, row.scrap, row.lost, row.said_yield, row.said_scrap, automatic)
            for column, figure in zip(_SUMMED, units, strict=True):
                add(self.sums, (column, paper.document.flow, row.point), figure)

    def _conclude(self) -> str:
        rows = self.connection.execute(select(t.flow_segments).order_by(*t.flow_segments.primary_key)).all()
        kept = (((column, row.flow, row.point), getattr(row, column)) for column in _SUMMED for row in rows)
        self.compare(kept, self.sums, lambda key: f"{_SUMMED[key[0]]} {path(key[1:])}")
        self._queues(rows)
        total = 0
        for flow, group in groupby(rows, key=lambda row: row.flow):
            segments = [_segment(row) for row in group]
            for position, wip in enumerate(work_in_process(segments), 1):
                total += wip
                if wip < 0:
                    self.broken(f"{flow}: {format_quantity(wip)} pieces on the line after its point {position}")
            if any(min(*segment.reported, segment.lost) < 0 for segment in segments):
                self.broken(f"{flow}: less than nothing is reported or lost")
        return f"{len(rows)} points, {format_quantity(total)} pieces on the lines"

    def _queues(self, rows: Iterable[Any]) -> None:
        """Compare waiting units with those reported and not documented, yield and scrap."""
        waiting: dict[tuple[str, str, str], int] = {}
        for row in self.rows(t.waiting):
            units = row_values.waiting(row)
            add(waiting, (row.flow, row.point, "yield"), units.good)
            add(waiting, (row.flow, row.point, "scrap"), units.passed - units.good)
            if units.good < 0 or min(units.scrap.values(), default=1) <= 0 or not units.passed:
                self.broken(f"{row.flow}/{row.point}: what waits since {name_of(row.document)} is not above zero")
        open_ = (
            ((row.flow, row.point, name), units)
            for row in rows
            for name, units in zip(("yield", "scrap"), _segment(row).waiting, strict=True)
        )
        self.compare(open_, waiting, lambda key: f"waiting {key[2]} of {path(key[:2])}")


def _segment(row: Any) -> Segment:  # noqa: ANN401 - a row of flow_segments
    reported = Units(row.reported_yield, row.reported_scrap)
    return Segment(reported, Units(row.documented_yield, row.documented_scrap), row.lost)
