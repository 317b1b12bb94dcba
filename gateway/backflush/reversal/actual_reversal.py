"""Actual quantities in a reversal: those of a document, in proportion if a part of it is reversed.

Each component and each time falls in the same proportion as the report's units, rounded to the component's step; the
last units take the rest. Quantities that were not issued go first, for which nothing comes back, then issued ones, as
they were booked. Components that came back unused (`returns`) were never used: the reversal of the whole document takes
the return back as well.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.records import Backlog
from gateway.backflush.posting.booking import DIFFERENCE
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.prices import currency_step
from gateway.backflush.reversal.mirror import close_missing, not_issued
from gateway.backflush.values.documents import DIRECT, ISSUE, MIRROR, ActivityItem, Document, MaterialItem, Measure
from gateway.backflush.values.movements import StockKey, reversal_of
from gateway.backflush.values.quantities import step_of

_ALL = Fraction(1)


class ActualShare(NamedTuple):
    """One reported component, and the quantity of it to take back, signed as the item is."""

    item: MaterialItem
    quantity: int
    amount: int

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Its place: material, location, batch, stock type."""
        return self.item.material, self.item.location, self.item.batch, self.item.stock_type


def says_more(books: Books, dossier: Dossier) -> bool:
    """Return whether any actual quantity of a document is left."""
    said = any(each.quantity for each in goods_of_actuals(books, dossier, _ALL)) or _times_of_actuals(
        books, dossier, _ALL
    )
    return bool(said) or not_issued(records_of_actuals(dossier)) > 0


def goods_of_actuals(books: Books, dossier: Dossier, share: Fraction) -> list[ActualShare]:
    """Return the parts to take back of reported components, as far as they were moved; read-only."""
    parts, result = _parts(books, dossier, share), []
    for item, quantity, amount in _remaining_moves(dossier):
        of_it = parts[item.material].issued if quantity < 0 and item.material in parts else share
        part = _part(quantity, of_it, _step(books, dossier.document.plant, item.material))
        step = currency_step(books.state.master, dossier.document.plant)
        worth = _part(amount, Fraction(part, quantity), step) if quantity else 0
        result.append(ActualShare(item, part, amount if part == quantity else worth))
    return result


def _remaining_moves(dossier: Dossier) -> list[ActualShare]:
    """Return the movements of reported components that are not mirrored yet, by place."""
    left: dict[tuple[object, ...], list[int]] = {}
    items: dict[tuple[object, ...], MaterialItem] = {}
    for item in _moves(dossier):
        key: tuple[object, ...] = (reversal_of(item.movement), *item[5:9])
        items.setdefault(key, item)
        sums = left.setdefault(key, [0, 0])
        sums[:] = [sums[0] + item.quantity, sums[1] + item.amount]
    for item in dossier.mirrored:
        sums = left.get((item.movement, *item[5:9]), [])
        if (item.origin, item.mirrors) == (MIRROR, dossier.document.number) and sums:
            sums[:] = [sums[0] + item.quantity, sums[1] + item.amount]
    return [ActualShare(items[key], quantity, amount) for key, (quantity, amount) in left.items()]


class _ComponentPart(NamedTuple):
    """The part to take back of a component that was not issued in full, ..."""

    missing: int
    """... of its missing quantity, which goes first, ..."""
    issued: Fraction
    """... and the share of its issued quantity."""


def _parts(books: Books, dossier: Dossier, share: Fraction) -> dict[str, _ComponentPart]:
    """Return by component the parts to take back of missing and of issued quantity; read-only."""
    records, left, parts = records_of_actuals(dossier), _remaining_moves(dossier), {}
    for material in dict.fromkeys(record.material for record in records):
        missing = not_issued(record for record in records if record.material == material)
        issued = -sum(said.quantity for said in left if said.item.material == material and said.quantity < 0)
        wanted = _part(missing + issued, share, _step(books, dossier.document.plant, material))
        first = min(missing, wanted)
        parts[material] = _ComponentPart(first, Fraction(wanted - first, issued) if issued else share)
    return parts


def _moves(dossier: Dossier) -> Iterator[MaterialItem]:
    """Yield the movements of reported components: at once, and later from the backlog."""
    number = dossier.document.number
    yield from (item for item in dossier.items if (item.origin, item.document) == (DIRECT, number))
    for record in records_of_actuals(dossier):
        done = booked = 0
        for key, units in record.issued_from.items():
            done += units
            value = record.issued_amount * done // record.issued - booked
            booked += value
            where = (key.material, key.location, key.batch, key.stock_type)
            about = (record.unit, value, record.cost_object, 0)
            yield MaterialItem(number, 0, DIRECT, ISSUE, record.movement, *where, -units, *about)


def _step(books: Books, plant: str, material: str) -> int:
    known = books.state.master.materials.get((plant, material))
    return step_of(known.decimals) if known is not None else 1


def _part(quantity: int, share: Fraction, step: int) -> int:
    """Return a share of a signed quantity in whole steps, rounding half a step away from zero."""
    if share == 1:
        return quantity
    part = abs(quantity) * share
    rounded = int((2 * part + step) // (2 * step)) * step
    return min(rounded, abs(quantity)) * (1 if quantity > 0 else -1)


def sum_returned(dossier: Dossier) -> list[MaterialItem]:
    """Return the items of a document that came back unused."""
    return [item for item in dossier.mirrored if item.origin == DIRECT and item.document in dossier.reversed_by]


def without_returns(dossier: Dossier) -> Dossier:
    """Return a document as if its returns had been taken back with some of its pieces.

    If pieces turn out to be scrap the return stays: it is neither taken back with them nor charged again.
    """
    back = {*sum_returned(dossier)}
    mirrored = (item._replace(origin=MIRROR) if item in back else item for item in dossier.mirrored)
    return dossier._replace(mirrored=tuple(mirrored)) if back else dossier


def records_of_actuals(dossier: Dossier) -> list[Backlog]:
    """Return the backlog records of reported components."""
    number = dossier.document.number
    return [record for record in dossier.backlog if (record.document, record.origin) == (number, DIRECT)]


def mirror_said(books: Books, document: Document, dossier: Dossier, share: Fraction) -> None:
    """Mirror a share of the actual quantities, or the whole rest; quantities never issued are closed."""
    number, parts = dossier.document.number, _parts(books, dossier, share)
    for item, quantity, amount in goods_of_actuals(books, dossier, share):
        if quantity:
            back = item._replace(movement=reversal_of(item.movement), quantity=-quantity, amount=-amount)
            _move(books, document, back, number)
            measure: Measure = "component" if item.quantity < 0 else "by_product"
            forget_usage(books, document, measure, item.material, item.unit, abs(quantity))
    for material, part in parts.items():
        records = [record for record in records_of_actuals(dossier) if record.material == material]
        if close_missing(books, records, part.missing, document.number):
            forget_usage(books, document, "component", material, records[0].unit, part.missing)
    for work, hours, amount in _times_of_actuals(books, dossier, share):
        own, position = document.number, books.next_item(document.number)
        books.work(document, work._replace(document=own, item=position, origin=MIRROR, hours=-hours, amount=-amount))
        forget_usage(books, document, "activity", work.activity, "H", hours)
    if share != 1:
        return
    issues = {reversal_of(item.movement): item.movement for item in dossier.items}
    for item in sum_returned(dossier):
        movement = issues.get(item.movement, item.movement)
        back = item._replace(movement=movement, quantity=-item.quantity, amount=-item.amount)
        _move(books, document, back, item.document)
        forget_usage(books, document, "component", item.material, item.unit, -item.quantity)


def _times_of_actuals(books: Books, dossier: Dossier, share: Fraction) -> list[tuple[ActivityItem, int, int]]:
    """Return the part to take back of each reported time."""
    number, step = dossier.document.number, currency_step(books.state.master, dossier.document.plant)
    left: dict[tuple[str, str], list[int]] = {}
    works: dict[tuple[str, str], ActivityItem] = {}
    for work in dossier.activities:
        key = work.work_center, work.activity
        if (work.document, work.origin) == (number, DIRECT):
            works.setdefault(key, work)
        elif work.origin != MIRROR or key not in works:
            continue
        sums = left.setdefault(key, [0, 0])
        sums[:] = [sums[0] + work.hours, sums[1] + work.amount]
    result = []
    for key, (hours, amount) in left.items():
        part = _part(hours, share, 1)
        if part:
            worth = amount if part == hours else _part(amount, Fraction(part, hours), step)
            result.append((works[key], part, worth))
    return result


def _move(books: Books, document: Document, back: MaterialItem, mirrors: int) -> None:
    """Book the mirror of a document's item."""
    number, position = document.number, books.next_item(document.number)
    key = StockKey(document.plant, back.material, back.location, back.batch, back.stock_type)
    books.move(document, key, back._replace(document=number, item=position, origin=MIRROR, mirrors=mirrors))


def forget_usage(books: Books, document: Document, measure: Measure, detail: str, unit: str, quantity: int) -> None:
    """Take an actual quantity, and its excess over the standard, out of the statistics of its day and shift."""
    flow = books.state.flows[document.flow]
    for name in (measure, measure + DIFFERENCE):
        books.statistic(document, flow, name, detail, unit, -quantity)
