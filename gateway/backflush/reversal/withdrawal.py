"""Withdrawal: a reversed report lowers the flow, by its lines and by its units that no line holds.

The units that a report stated at its point are documented, in its own document or in later ones that it caused; or they
wait; or units that another report had demanded or received before cover them. Waiting units leave the queue, covered
ones are no longer reported: the automatic pieces stay, and cover the next report of them.

    said = documented + waiting + covered + taken back
"""

from collections.abc import Iterable, Sequence

from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.records import Flow
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.drafts import note
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.reversal.actual_reversal import records_of_actuals
from gateway.backflush.reversal.report_parts import Rest, ReversalLine
from gateway.backflush.values.documents import DIRECT, FINAL, ISSUE, RECEIPT, UNPOSTED, Confirmation, Document
from gateway.backflush.values.points import Heading, QueuedUnits, Units, hold_back, less, sum_scrap


def rest_of(books: Books, dossier: Dossier, caused: Sequence[Dossier]) -> Rest:
    """Return the rest of a report beyond the lines of its document and of those that it caused."""
    original = dossier.document
    point = next((c.point for c in dossier.confirmations if c.said), "")
    if not point:
        return Rest()
    flow = books.state.flows[original.flow]
    segment = flow.segments[flow.points.index(point)]
    own = segment.of(original.number)
    good, scrap = sum(units.good for units in own), sum_scrap(units.scrap for units in own)
    covered = sum(c.said_yield for c in dossier.confirmations) - good
    for each in (dossier, *(one for one in caused if one.document.caused_by == original.number)):
        here = [c for c in (*each.confirmations, *each.reversing) if c.point == point and not c.automatic]
        if each.document.flow == original.flow and each.document.type != "reversal":
            # A reversal of its lines also lowered the stated units: said - lines is the rest.
            covered -= sum(c.yield_ for c in here) - sum(c.said_yield for c in each.reversing)
    return Rest(point, good, scrap, max(0, min(covered, segment.covered)))


def withdraw(books: Books, document: Document, flow: Flow, report: int, rest: Rest) -> None:
    """Take back a rest by a reversal, and record it there."""
    if not rest.units:
        return
    segment = flow.segments[flow.points.index(rest.point)]
    left, scrap = rest.good, rest.scrap
    for units in segment.of(report):
        taken = units.take(left, scrap)
        left, scrap = left - taken.good, less(scrap, taken.scrap)
        _settle(books, document, flow, rest.point, units, taken.passed)
    good = rest.good + rest.covered
    segment.reported = Units(segment.reported.good - good, segment.reported.scrap - sum(rest.scrap.values()))
    # Covered units may wait again, because their cover was reversed, or others are covered in their place.
    too_many = sum(units.good for units in segment.queue) - segment.waiting.good
    for units in sorted(segment.queue, key=lambda each: (not each.again, -each.document)):
        if too_many <= 0:
            break
        taken = units.take(too_many, {})
        too_many -= taken.good
        _settle(books, document, flow, rest.point, units, taken.passed)
    segment.tidy()
    _uncount(books, document, rest.units)
    for reason in sorted({"", *rest.scrap}):
        gone = rest.scrap.get(reason, 0)
        if good or gone:
            said = Confirmation(
                *(document.number, rest.point, reason, 0, 0), automatic=False, said_yield=-good, said_scrap=-gone
            )
            books.changes.confirmations.append(said)
        good = 0


def _settle(books: Books, document: Document, flow: Flow, point: str, units: QueuedUnits, taken: int) -> None:
    """Count units that no longer wait as settled."""
    known = (document.plant, units.heading.line) in books.state.lines
    books.line(document.plant, units.heading.line if known else document.line).post(taken)
    note(books, flow, point, units)


def _uncount(books: Books, document: Document, units: int) -> None:
    """Count reported units as reversed, unless they are posted again."""
    figures = books.line(document.plant, document.line)
    if document.reference in UNPOSTED:
        figures.post(-units)
    else:
        figures.reverse(units)


def explosion_of(books: Books, dossier: Dossier) -> str:
    """Return the explosion of a document's units."""
    flow = books.state.flows[dossier.document.flow]
    known = (row.key.explosion for row in dossier.rows)
    # Actual quantities of some items have split the explosion of their process; a whole one has a receipt.
    return next((e for e in known if books.state.explosions[e].part(RECEIPT, FINAL, fixed=False)), flow.explosion)


def lower_flow(books: Books, document: Document, dossier: Dossier, lines: list[ReversalLine]) -> None:
    """Lower the flow by the document's own lines, and record it on the reversal."""
    material = books.state.master.materials.get((document.plant, document.material))
    unit = material.unit if material else ""
    figures = books.line(document.plant, document.line)
    flow = books.state.flows[document.flow]
    day = document.production_date, document.shift
    heading = Heading(document.line, explosion_of(books, dossier), *day, document.batch, "", frozenset())
    for c, good, scrap, lost, rework in lines:
        segment = flow.segments[flow.points.index(c.point)]
        waited = segment.waiting.good
        segment.documented = Units(segment.documented.good - good, segment.documented.scrap - scrap)
        segment.lost -= lost
        said = (0, 0)
        if c.automatic:
            segment.automatic -= good
            # A point's own reported units wait again when the document that took them along is gone.
            again = QueuedUnits(heading, document.number, segment.waiting.good - waited, {}, again=True)
            if again.good:
                figures.post(-again.good)
                note(books, flow, c.point, segment.wait(again))
        else:
            said = good, scrap
            segment.reported = Units(segment.reported.good - good, segment.reported.scrap - scrap)
            _uncount(books, document, good + scrap)
        if c.point == FINAL:
            # No later piece repeats this receipt.
            hold_back(flow.segments, good)
        if not (good or scrap or lost or rework):
            continue
        mirrored = Confirmation(document.number, c.point, c.reason, -good, -scrap, c.automatic, -lost, -rework)
        books.changes.confirmations.append(mirrored._replace(said_yield=-said[0], said_scrap=-said[1]))
        scrapped = ("scrap", f"{c.point} {c.reason}".strip(), scrap + lost)
        for measure, detail, units in (("yield", c.point, good), scrapped, ("rework", c.point, rework)):
            if units:
                books.statistic(document, flow, measure, detail, unit, -units)
    books.changes.flows[flow.id] = flow


def sum_for_orders(dossier: Dossier, lines: Iterable[ReversalLine]) -> dict[str, int]:
    """Add up the rest of a document that reduces orders: its lines, or components without a product."""
    if dossier.document.type != "component":
        return _per_segment((line.confirmation.point, line.good, line.scrap) for line in lines)
    sums: dict[str, int] = {}
    for row in dossier.rows:
        if row.key.process == ISSUE and row.state != "withdrawn":
            sums[row.key.segment] = max(sums.get(row.key.segment, 0), row.units - row.reversed)
    return sums


def sum_actuals(dossier: Dossier) -> dict[str, int]:
    """Add up the reported components of a document, less returns and reversals."""
    sums: dict[str, int] = {}
    number = dossier.document.number
    own = [i for i in dossier.items if (i.origin, i.document) == (DIRECT, number) and i.quantity < 0]
    said = [(i.material, -i.quantity) for i in own]
    for material, quantity in (*said, *((r.material, r.required - r.reversed) for r in records_of_actuals(dossier))):
        sums[COMPONENT + material] = sums.get(COMPONENT + material, 0) + quantity
    for item in dossier.mirrored:
        name = COMPONENT + item.material
        if item.mirrors == number and name in sums:
            sums[name] = max(0, sums[name] - item.quantity)
    return sums


def _per_segment(units: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Add up the units that reduce orders: those that pass a segment, and the yield of the last one."""
    sums: dict[str, int] = {}
    for point, good, scrap in units:
        sums[point] = sums.get(point, 0) + good + scrap
        if point == FINAL:
            sums[QUANTITY] = sums.get(QUANTITY, 0) + good
    return sums
