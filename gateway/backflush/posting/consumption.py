"""Consumption alone: components or times without a product, by the list for a reference quantity, or as reported.

It raises dues as scrapped pieces would, but the flow's quantities stay as they are: nothing was made. Reported use has
no standard, because it belongs to no number of pieces. Components reduce the needs of planned orders, by the profile's
rule.
"""

from dataclasses import replace

from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.booking import post_rows
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.drafts import Report
from gateway.backflush.posting.order_reduction import orders_of, reduce_requirements, reduce_segment
from gateway.backflush.posting.report import bracket, post_direct, profile_by, raise_dues
from gateway.backflush.values.documents import ACTIVITY, FINAL, ISSUE, ONLINE, Document, DocumentType, Process
from gateway.backflush.values.points import Units


def consume(books: Books, what: Report, type_: DocumentType, processes: frozenset[Process], units: int) -> Document:
    """Post consumption alone, by the bill of material and routing for a reference quantity, or as reported.

    It raises the dues of `processes` at the reported point, or at all segments if none is named (`FINAL`); the flow's
    quantities stay as they are.
    """
    flow = what.flow
    document = bracket(books, what, type_)
    books.changes.flows[flow.id] = flow
    profile = consumption(books, what, processes)
    gone = as_consumption(units)
    rows = [row for point in segments_of(what) for row in raise_dues(books, what, profile, document, point, gone)]
    books.changes.rows.extend(rows)
    post_rows(books, document, [row for row in rows if row.timing == ONLINE], profile)
    post_direct(books, document, what, profile)
    if type_ == "component":
        _reduce(books, document, what, profile, {row.key.segment for row in rows}, units)
    return document


def _reduce(
    books: Books, document: Document, what: Report, profile: RemProfile, segments: set[str], units: int
) -> None:
    """Reduce the requirements of planned orders by the issues of a component posting."""
    orders = orders_of(books, document, what.flow, profile, what.order)
    for segment in sorted(segments):
        reduce_segment(books, document, orders, segment, units)
    used: dict[str, int] = {}
    for item, _, quantity, _ in what.direct:
        if item.sign < 0:
            used[item.object] = used.get(item.object, 0) + quantity
    explosion = books.state.explosions[what.explosion]
    reduce_requirements(books, document, what.flow, orders, explosion, used)


def consumption(books: Books, what: Report, processes: frozenset[Process]) -> RemProfile:
    """Return the profile that makes some processes due, even if the product is not backflushed."""
    return replace(profile_by(books, what.flow), goods_issue=ISSUE in processes, activities=ACTIVITY in processes)


def as_consumption(units: int) -> Units:
    """Return a reference quantity as units without a receipt."""
    return Units(scrap=units)


def segments_of(what: Report) -> tuple[str, ...]:
    """Return the segments of consumption alone: that of its point, or all if none is named."""
    return what.flow.points if what.point == FINAL else (what.point,)
