"""Reversal: withdraw open rows, mirror posted ones, leave other documents' rows alone.

A reversal names a document. Its open rows are withdrawn (a partial one shrinks them), its postings are mirrored, its
direct items as they stand; nothing comes back for quantities that were not issued, because they wait in the backlog or
a person has closed them. The flow's quantities fall by the document's own lines, orders are re-created if the profile
demands it. Balances never fall, nor do device marks: read units stay read; only the fixed items that the document bears
are free again, so that the next units of the lot or shift bear them.

Laws: the sum of reversals never exceeds the document; a reversal that would make a wip negative, or take stock that
is gone, is refused and changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.balance import scope_of
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.events import Sender
from gateway.backflush.memory.hours import time_made
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.explode import profile_of
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.dates import posting_date
from gateway.backflush.posting.names import judges
from gateway.backflush.posting.order_reduction import recreate
from gateway.backflush.posting.serials import free
from gateway.backflush.posting.worklist import needs_of_rows
from gateway.backflush.reversal.actual_reversal import goods_of_actuals, mirror_said, sum_returned, without_returns
from gateway.backflush.reversal.mirror import find_posting, shares_of, stock_key, take_back_rows
from gateway.backflush.reversal.report_parts import WHOLE, ReportPart, remainder_of
from gateway.backflush.reversal.sharing import Taken, anything_left, as_of_now, share_consumption, share_out
from gateway.backflush.reversal.withdrawal import lower_flow, sum_actuals, sum_for_orders, withdraw
from gateway.backflush.values.documents import (
    ACTIVITY,
    CONSUMPTION,
    REPORTS,
    TOLD_LATE,
    UNPOSTED,
    Document,
    format_number,
)
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import Segment, Units, work_in_process
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.errors import Reason

NAMED: Final = 5
"""A refusal names at most this many documents, the newest first: the order in which they can be reversed."""


class Reversed(NamedTuple):
    """The result of a reversal."""

    documents: list[Document]
    """The reversals; the last one is that of the named document, if anything was left of it."""
    withdrawn: int
    """Units that had waited, or that other documents had covered."""
    covered: int
    """Of these, those that other documents had covered."""


def needs_of_dossiers(inquiry: Inquiry, dossiers: Iterable[Dossier]) -> None:
    """Name the records that documents to reverse refer to."""
    for dossier in dossiers:
        document = dossier.document
        inquiry.flow(document.flow)
        # Units that it had taken along wait again under their own heading.
        inquiry.scope(scope_of(document.batch, document.production_date, document.shift))
        needs_of_rows(inquiry, dossier.rows)
        for held in dossier.held:
            inquiry.balance(held.key)


def reverse(
    books: Books, dossier: Dossier, part: ReportPart, sender: Sender, *, told_late: bool = False
) -> Reversed | Rejection:
    """Reverse a report by its document, in whole or in part; return the result or a refusal.

    A person who names a document must first reverse the documents that followed automatically from it.

    told_late: the units turned out to be scrap and were never yield, so they leave the posted units, and orders get
    them back in any case.
    """
    taken = _judge(books, [dossier], part, told_late=told_late)
    return _take_back(books, taken, sender, TOLD_LATE if told_late else "")


def undo(books: Books, dossiers: Sequence[Dossier], sender: Sender, reference: str = "") -> Reversed | Rejection:
    """Reverse reports with the documents that followed automatically: all that have anything left, or none."""
    return _take_back(books, _judge(books, dossiers, WHOLE, along=True), sender, reference)


def _take_back(
    books: Books, taken: list[Taken] | Rejection, sender: Sender, reference: str = ""
) -> Reversed | Rejection:
    """Take back judged units, and free the serial numbers of reports with nothing left."""
    if isinstance(taken, Rejection):
        return taken
    documents = [_reverse(books, each, sender, reference) for each in taken]
    for each in taken:
        # A serial number belongs to the report, whichever document held its piece.
        report = each.dossier
        while report.document.caused_by in books.facts.documents:
            report = books.facts.documents[report.document.caused_by]
        if report.serials and not anything_left(books, report):
            free(books, report)
    rests = [each.rest for each in taken]
    return Reversed(documents, sum(rest.units for rest in rests), sum(rest.covered for rest in rests))


def _reverse(books: Books, taken: Taken, sender: Sender, reference: str) -> Document:
    """Take back the judged part of one document, by a new document."""
    dossier = as_of_now(books, taken.dossier)
    came_back = reference == TOLD_LATE and bool(sum_returned(dossier))
    if came_back:
        dossier = without_returns(dossier)
    left, flow = remainder_of(dossier), books.state.flows[dossier.document.flow]
    before = sum_for_orders(dossier, left) | sum_actuals(dossier)
    document = begin_reversal(books, dossier, sender, reference)
    withdraw(books, document, flow, dossier.document.number, taken.rest)
    lower_flow(books, document, dossier, taken.lines)
    take_back_rows(books, document, dossier, taken.gone, fixed_stay=came_back)
    mirror_said(books, document, dossier, taken.share)
    profile = profile_of(books.state.master, flow.plant, flow.material)
    if reference in UNPOSTED or (not isinstance(profile, Rejection) and profile.recreate_orders_on_reversal):
        stay = [line.less(gone) for line, gone in zip(left, taken.lines, strict=True)]
        after = sum_for_orders(dossier, stay) | sum_actuals(as_of_now(books, taken.dossier))
        recreate(books, document, dossier.reductions, before, after)
    return document


def begin_reversal(books: Books, dossier: Dossier, sender: Sender, reference: str = "") -> Document:
    """Begin the reversing document of another one."""
    original = dossier.document
    document = original._replace(
        number=books.next_document,
        type="reversal",
        posting_date=posting_date(books.state, original.plant, original.posting_date),
        entered_at=books.now,
        cause=books.entry,
        actor=sender.actor,
        reason=sender.reason,
        reference=reference,
        reverses=original.number,
        caused_by=0,
    )
    books.changes.taken_back[document.number] = time_made(original, dossier.sources)
    return books.begin(document)


def may_reverse(books: Books, dossier: Dossier, part: ReportPart) -> Rejection | None:
    """Return why a document may not be reversed, or None if it may; read-only."""
    taken = _judge(books, [dossier], part)
    return taken if isinstance(taken, Rejection) else None


def _judge(
    books: Books, named: Sequence[Dossier], part: ReportPart, *, along: bool = False, told_late: bool = False
) -> list[Taken] | Rejection:
    """Return the part to take back of each document of some reports, newest first, or a refusal."""
    refused: Rejection | None = None
    taken: list[Taken] = []
    for report in named:
        some = _split_part(books, report, part, along=along or told_late)
        if isinstance(some, Rejection):
            refused = refused or some
        else:
            taken += some
    if refused is not None and not taken:
        return refused
    taken.sort(key=lambda each: -each.dossier.document.number)
    now = [(as_of_now(books, each.dossier), each) for each in taken]
    refused = _check_flow(books, now, named) or _check_stock(books, now)
    # Scrap that was reported late has used its components. Older journals refused it all the same.
    for each, gone in now if not (told_late and judges(books.state)) else ():
        refused = refused or _check_returned(each, gone)
    return taken if refused is None else refused


def _split_part(books: Books, named: Dossier, part: ReportPart, *, along: bool) -> list[Taken] | Rejection:
    """Return a report's part by document, or a refusal if there is nothing of it."""
    original = named.document
    if original.type not in REPORTS | CONSUMPTION:
        number = format_number(original.number)
        return Rejection(
            Reason.NOT_REVERSIBLE, f"document {number} is of type {original.type}: reverse the document that caused it"
        )
    if original.type in CONSUMPTION:
        return share_consumption(books, named, part)
    return _fractional(books, original, part) or share_out(books, named, part, along=along)


def _fractional(books: Books, document: Document, part: ReportPart) -> Rejection | None:
    """Refuse a fraction of a piece; a material that is no longer known keeps its reported fractions."""
    made = books.state.master.materials.get((document.plant, document.material))
    broken = [units for units in (part.quantity or 0, part.scrap) if made and units % step_of(made.decimals)]
    if made is None or not broken:
        return None
    text = f"the quantity is {format_quantity(broken[0])}, {made.unit} has {made.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, text)


def _check_returned(dossier: Dossier, taken: Taken) -> Rejection | None:
    """Refuse a part of a document with returned components: their part is unknown."""
    if taken.whole or not sum_returned(dossier):
        return None
    number = format_number(dossier.document.number)
    return Rejection(Reason.BAD_QUANTITY, f"components of document {number} were returned: reverse it as a whole")


def _check_flow(books: Books, taken: Sequence[tuple[Dossier, Taken]], named: Sequence[Dossier]) -> Rejection | None:
    """Refuse the reversal of pieces that have gone on to a later point."""
    flows: dict[str, list[Segment]] = {}
    for dossier, each in taken:
        flow = books.state.flows[dossier.document.flow]
        copies = [Segment(s.reported, s.documented, s.lost) for s in flow.segments]
        segments = flows.setdefault(flow.id, copies)
        for line in each.lines:
            segment = segments[flow.points.index(line.confirmation.point)]
            segment.documented = Units(segment.documented.good - line.good, segment.documented.scrap - line.scrap)
            segment.lost -= line.lost
    gone = {each.dossier.document.number for _, each in taken}
    for name, segments in flows.items():
        points = books.state.flows[name].points
        for k, wip in enumerate(work_in_process(segments)):
            if wip < 0:
                # Pieces leave a point by passing the next one, or by being lost before it.
                first = min((report.document.number for report in named if report.document.flow == name), default=0)
                after = [e for e in books.facts.later.get(name, ()) if e.document > first and e.document not in gone]
                onward = points[k + 1 : k + 2]
                took = {
                    e.document for e in after if (e.passed and e.point in onward) or (e.lost and e.point == points[k])
                }
                later = ", ".join(map(format_number, sorted(took, reverse=True)[:NAMED])) + (
                    ", ..." if len(took) > NAMED else ""
                )
                text = f"the pieces have moved on: after it, point {points[k]} would hold {format_quantity(wip)}"
                return Rejection(Reason.NEGATIVE_WIP, text + (f"; reverse {later} first" if took else ""))
    return None


def _check_stock(books: Books, taken: Sequence[tuple[Dossier, Taken]]) -> Rejection | None:
    """Refuse to take back the receipt of a product or by-product whose stock is gone."""
    received: dict[StockKey, int] = {}
    for dossier, each in taken:
        for share in shares_of(books, dossier, each.gone):
            if share.item.process != ACTIVITY and share.item.sign > 0:
                key = stock_key(dossier.document, share.item)
                received[key] = received.get(key, 0) + share.quantity(find_posting(dossier, share))
        for said in goods_of_actuals(books, dossier, each.share):
            if said.quantity > 0:
                key = StockKey(dossier.document.plant, *said.key)
                received[key] = received.get(key, 0) + said.quantity
    for key, units in received.items():
        have = books.stock(key)
        if have is not None and have < units:
            return Rejection(
                Reason.STOCK_GONE,
                f"location {key.location} holds {format_quantity(have)} of {key.material}, "
                f"the receipt was {format_quantity(units)}",
            )
    return None
