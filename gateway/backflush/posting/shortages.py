"""Shortages that refuse a posting: of pieces on the line, and of components if the profile rejects them.

Everything that the posting would issue is checked: at the points that it fills and those that have waited for it, in
flows of an older structure, fixed items, and actual quantities. Nothing is changed.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.balance import Account, AccountKey
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.booking import charges, lacking
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.consumption import as_consumption, consumption, segments_of
from gateway.backflush.posting.dates import posting_date
from gateway.backflush.posting.drafts import Report, close_points
from gateway.backflush.posting.report import dues, profile_by, split_report
from gateway.backflush.values.documents import FINAL, ISSUE, ONLINE, Process
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import Units, work_in_process
from gateway.backflush.values.quantities import agree, format_quantity
from gateway.errors import Reason


class SegmentUnits(NamedTuple):
    """Units that pass one segment."""

    what: Report
    profile: RemProfile
    point: str
    delta: Units


def shortfall(books: Books, what: Report) -> Rejection | None:
    """Return the missing component of a report, if the profile rejects shortages."""
    return _lacking(books, what, segments_passed(books, what))


def not_on_line(books: Books, what: Report) -> Rejection | None:
    """Return why pieces cannot have been lost after a point: it is none, or fewer are on the line after it."""
    lost = sum(what.lost.values())
    if lost and what.point == FINAL:
        points = ", ".join(what.flow.points[:-1]) or "none"
        return Rejection(Reason.UNKNOWN_POINT, f"pieces are lost after a reporting point; the points are {points}")
    for share in split_report(books, what) if lost else ():
        segments = [segment.copy() for segment in share.flow.segments]
        close_points(books, share, profile_by(books, share.flow), segments)
        missing = -min(work_in_process(segments))
        if missing > 0:
            there = f"{agree(lost - missing, 'is')} {format_quantity(lost - missing)}"
            text = f"after point {what.point} {there} on the line, not {format_quantity(lost)}"
            return Rejection(Reason.NOT_ON_LINE, text)
    return None


def shortfall_of_consumption(books: Books, what: Report, processes: frozenset[Process], units: int) -> Rejection | None:
    """Return the missing component of consumption alone, if the profile rejects shortages."""
    profile = consumption(books, what, processes)
    return _lacking(
        books, what, (SegmentUnits(what, profile, point, as_consumption(units)) for point in segments_of(what))
    )


def segments_passed(books: Books, what: Report) -> Iterator[SegmentUnits]:
    """Yield the units of a report that pass each segment; read-only."""
    for share in split_report(books, what):
        profile = profile_by(books, share.flow)
        for sheet in close_points(books, share, profile, [segment.copy() for segment in share.flow.segments]).sheets:
            for point, delta in sheet.deltas.items():
                yield SegmentUnits(sheet.what, profile, point, delta)


def _lacking(books: Books, what: Report, parts: Iterable[SegmentUnits]) -> Rejection | None:
    profile = profile_by(books, what.flow)
    if profile.withdrawal_errors != "reject":
        return None
    needed: dict[StockKey, int] = {}
    for key, quantity in (*_actual_items(what), *_items_of_list(books, parts)):
        needed[key] = needed.get(key, 0) + quantity
    date, determination = posting_date(books.state, what.plant, what.production_date), profile.stock_determination
    for key, quantity in needed.items():
        short = lacking(books, key, quantity, date, determination=determination)
        if short is not None:
            return short
    return None


def _actual_items(what: Report) -> Iterator[tuple[StockKey, int]]:
    for item, _, quantity, batch in what.direct:
        if item.process == ISSUE and item.sign < 0:
            yield StockKey(what.plant, item.object, item.place, batch), quantity


def _items_of_list(books: Books, parts: Iterable[SegmentUnits]) -> Iterator[tuple[StockKey, int]]:
    """Yield the items issued at once; no sender waits for the others."""
    reached: dict[AccountKey, Account] = {}
    for what, profile, point, delta in parts:
        for of, units, timing, _, replaced in dues(books, what, profile, point, delta):
            if of.process != ISSUE or timing != ONLINE:
                continue
            items = books.state.explosions[of.explosion].part(ISSUE, of.segment, fixed=bool(of.scope))
            for key, item, quantity in charges(of.flow, of.scope, items):
                account = reached.get(key)
                if account is None:
                    known = books.find_account(key)
                    account = reached[key] = known.copy() if known is not None else Account()
                if of.scope:
                    issued = account.charge(0 if replaced else quantity, books.next_document)
                else:
                    issued = 0 if replaced else account.post_share(units, item.numerator, item.denominator, item.step)
                if issued and item.sign < 0:
                    yield StockKey(what.plant, item.object, item.place), issued
