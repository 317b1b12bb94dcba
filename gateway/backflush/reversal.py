"""Reversal: withdraw what is open, mirror what is posted, touch nobody else's rows.

A reversal names a document. Its open rows are withdrawn (a partial one shrinks them), what was posted for it is
mirrored, its direct items as they stand; what waits in the backlog is closed instead of mirrored. The flow's quantities
fall by the document's own lines, orders are re-created if the profile says so. Marks never fall for it, nor do device
marks: what was read stays read; only the fixed items that the document bears are free again, so that the next units of
the lot or shift bring them back.

Laws: the sum of reversals never exceeds the document; a reversal that would make a wip negative, or take stock that
is gone, is refused and changes nothing.
"""

from collections.abc import Iterable
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.changes import Dossier
from gateway.backflush.documents import ACTIVITY, FINAL, ISSUE, Confirmation, Document, format_number
from gateway.backflush.explode import profile_of
from gateway.backflush.mirror import (
    mirror_direct,
    posted_of,
    said_records,
    shares_of,
    stock_key,
    take_back_rows,
)
from gateway.backflush.movements import StockKey
from gateway.backflush.orders import COMPONENT, recreate
from gateway.backflush.passing import note
from gateway.backflush.points import Heading, Segment, Units, Waiting, work_in_process
from gateway.backflush.quantities import format_quantity, step_of
from gateway.backflush.records import QUANTITY, WITHDRAWN, Flow
from gateway.backflush.turn import Turn
from gateway.errors import Reason

_CONSUMPTION = frozenset({"component", "activity", "component_scrap", "by_product"})
_REVERSIBLE = frozenset({"assembly", "point", "scrap", "rework"}) | _CONSUMPTION


class Line(NamedTuple):
    """What is to be taken back of one confirmation."""

    confirmation: Confirmation
    good: int
    scrap: int
    lost: int
    rework: int

    @property
    def units(self) -> int:
        """All of it, of whatever kind."""
        return sum(self[1:])

    def less(self, taken: "Line") -> "Line":
        """Return what is left of it."""
        return Line(self.confirmation, *(units - gone for units, gone in zip(self[1:], taken[1:], strict=True)))

    def part(self, quantity: int) -> "Line":
        """Return as much of it as there is of a quantity."""
        return Line(self.confirmation, *(min(units, quantity) for units in self[1:]))


def reverse(turn: Turn, dossier: Dossier, quantity: int | None, *, actor: str, reason: str) -> Document | Rejection:
    """Reverse a document, in whole or `quantity` units of it; return the reversal document or why there is none."""
    dossier = _as_of_now(turn, dossier)
    lines = _judged(turn, dossier, quantity)
    if isinstance(lines, Rejection):
        return lines
    original = dossier.document
    left = _left(dossier)
    flow = turn.state.flows[original.flow]
    document = turn.document(
        "reversal",
        plant=original.plant,
        line=original.line,
        posting_date=turn.posting_date(original.plant, original.posting_date),
        production_date=original.production_date,
        shift=original.shift,
        flow=flow,
        batch=original.batch,
        actor=actor,
        reason=reason,
        reverses=original.number,
    )
    _take_back(turn, document, dossier, lines)
    before = _ordered(dossier, left) | _said(dossier)
    take_back_rows(turn, document, dossier, quantity)
    if quantity is None:
        mirror_direct(turn, document, dossier)
    profile = profile_of(turn.state.master, flow.plant, flow.material)
    if not isinstance(profile, Rejection) and profile.recreate_orders_on_reversal:
        rest = [line.less(taken) for line, taken in zip(left, lines, strict=True)]
        recreate(turn, document, dossier.reductions, before, _ordered(dossier, rest))
    if left and lines == left:
        for serial in dossier.serials:
            turn.confirm_serial(serial, 0)
    return document


def _as_of_now(turn: Turn, dossier: Dossier) -> Dossier:
    """Add what this turn has done already.

    Documents of one cumulated posting share its lots and shortages, and two cards of one replay may name one document.
    """
    again = tuple(made.number for made in turn.changes.documents if made.reverses == dossier.document.number)
    taken = (line for line in turn.changes.confirmations if line.document in again)
    closed, posters = turn.changes.updated_backlog, {row.posted_by for row in dossier.rows} - {0}
    mirrored = [item for item in turn.changes.items if item.mirrors in posters]
    return dossier._replace(
        backlog=tuple(closed.get((record.document, record.item), record) for record in dossier.backlog),
        mirrored=(*dossier.mirrored, *mirrored),
        reversed_by=(*dossier.reversed_by, *again),
        reversing=(*dossier.reversing, *taken),
        activities=(*dossier.activities, *(work for work in turn.changes.activities if work.document in again)),
    )


def may_reverse(turn: Turn, dossier: Dossier, quantity: int | None) -> Rejection | None:
    """Say why a document may not be reversed, or None when it may; change nothing."""
    lines = _judged(turn, dossier, quantity)
    return lines if isinstance(lines, Rejection) else None


def _judged(turn: Turn, dossier: Dossier, quantity: int | None) -> list[Line] | Rejection:
    """Return what is to be taken back of each confirmation, or why nothing may be."""
    original = dossier.document
    if original.type not in _REVERSIBLE:
        number = format_number(original.number)
        return Rejection(
            Reason.NOT_REVERSIBLE, f"document {number} is of type {original.type}: reverse the document that caused it"
        )
    left = _left(dossier)
    if original.type in _CONSUMPTION:
        lines = _consumed(dossier, quantity)
    else:
        lines = _lines(dossier, left, quantity) if left else _without_units(dossier)
        lines = _fractional(turn, original, quantity) or lines
    if isinstance(lines, Rejection):
        return lines
    refused = _check_direct(dossier, quantity) or _check_flow(turn.state.flows[original.flow], lines, dossier)
    refused = refused or _check_stock(turn, dossier, quantity) or _check_backlog(dossier)
    return lines if refused is None else refused


def _fractional(turn: Turn, document: Document, quantity: int | None) -> Rejection | None:
    """Refuse a part of a piece; a material that is no longer known is what it was reported as."""
    made = turn.state.master.materials.get((document.plant, document.material))
    if made is None or not quantity or quantity % step_of(made.decimals) == 0:
        return None
    text = f"the quantity is {format_quantity(quantity)}, {made.unit} has {made.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, text)


def _left(dossier: Dossier) -> list[Line]:
    """Return what is left of each confirmation after earlier reversals."""
    taken: dict[tuple[str, str, bool, bool, bool], tuple[int, int, int, int]] = {}
    for c in dossier.reversing:
        good, scrap, lost, rework = taken.get(c.key, (0, 0, 0, 0))
        taken[c.key] = good - c.yield_, scrap - c.scrap, lost - c.lost, rework - c.rework
    lines = []
    for c in dossier.confirmations:
        good, scrap, lost, rework = taken.get(c.key, (0, 0, 0, 0))
        lines.append(Line(c, c.yield_ - good, c.scrap - scrap, c.lost - lost, c.rework - rework))
    return [line for line in lines if line.units]


def _without_units(dossier: Dossier) -> list[Line] | Rejection:
    """Say whether a document without units to take back can be reversed: for what was said beside units that wait."""
    number = format_number(dossier.document.number)
    if not dossier.confirmations and not dossier.reversed_by:
        if _says_more(dossier):
            return []
        return Rejection(
            Reason.NOT_REVERSIBLE,
            f"document {number} holds no units: they wait for an earlier point, or another document posted them",
        )
    by = ", ".join(format_number(n) for n in dossier.reversed_by)
    return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")


def _consumed(dossier: Dossier, quantity: int | None) -> list[Line] | Rejection:
    """Say whether a document of consumption alone, which has no lines, can be reversed."""
    number = format_number(dossier.document.number)
    units = max((row.units - row.reversed for row in dossier.rows if row.state != WITHDRAWN), default=0)
    if dossier.reversed_by and not units:
        by = ", ".join(format_number(n) for n in dossier.reversed_by)
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    if quantity is not None and not 0 < quantity <= units:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"document {number} has {format_quantity(units)} left to reverse, not {format_quantity(quantity)}",
        )
    return []


def _says_more(dossier: Dossier) -> bool:
    """Say whether a document holds actual quantities."""
    said = any(i.origin == "direct" for i in dossier.items) or any(a.origin == "direct" for a in dossier.activities)
    return said or bool(said_records(dossier))


def _check_direct(dossier: Dossier, quantity: int | None) -> Rejection | None:
    """Refuse to reverse a part of a document that holds actual quantities: nobody knows which part of those."""
    if quantity is not None and _says_more(dossier):
        number = format_number(dossier.document.number)
        return Rejection(Reason.BAD_QUANTITY, f"document {number} holds actual quantities: reverse it as a whole")
    return None


def _lines(dossier: Dossier, left: list[Line], quantity: int | None) -> list[Line] | Rejection:
    """Say how much of each line is taken back."""
    number = format_number(dossier.document.number)
    if quantity is None:
        return left
    # In part: the same units at each point of the document, yield or scrap, as far as the line goes.
    own = [line for line in left if not line.confirmation.automatic] or left
    available = max(line.units for line in own)
    if not 0 < quantity <= available:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"document {number} has {format_quantity(available)} left to reverse, not {format_quantity(quantity)}",
        )
    if any(line.good and line.scrap for line in left) or len({line.confirmation.point for line in left}) < len(left):
        return Rejection(
            Reason.BAD_QUANTITY, f"document {number} holds yield and scrap, or several reasons: reverse it as a whole"
        )
    return [line.part(quantity) for line in left]


def _check_flow(flow: Flow, lines: list[Line], dossier: Dossier) -> Rejection | None:
    """Refuse a reversal of pieces that have gone on to a later point."""
    segments = [Segment(s.reported, s.documented, s.lost) for s in flow.segments]
    for line in lines:
        segment = segments[flow.points.index(line.confirmation.point)]
        segment.documented = Units(segment.documented.good - line.good, segment.documented.scrap - line.scrap)
        segment.lost -= line.lost
    for k, wip in enumerate(work_in_process(segments)):
        if wip < 0:
            later = ", ".join(format_number(n) for n in dossier.later) or "later documents"
            return Rejection(
                Reason.NEGATIVE_WIP,
                f"after it, point {flow.points[k]} would hold {format_quantity(wip)} pieces: reverse {later} first",
            )
    return None


def _check_stock(turn: Turn, dossier: Dossier, quantity: int | None) -> Rejection | None:
    """Refuse to take back a receipt, of the product or of a by-product, whose stock is gone."""
    received: dict[StockKey, int] = {}
    for share in shares_of(turn, dossier, quantity):
        if share.item.process != ACTIVITY and share.item.sign > 0:
            key = stock_key(dossier.document, share.item)
            received[key] = received.get(key, 0) + share.quantity(posted_of(dossier, share)[2])
    original = dossier.document
    for said in dossier.items:
        if said.origin == "direct" and said.document == original.number and said.quantity > 0:
            key = StockKey(original.plant, said.material, said.location, said.batch, said.stock_type)
            received[key] = received.get(key, 0) + said.quantity
    for key, units in received.items():
        have = turn.stock(key)
        if have is not None and have < units:
            return Rejection(
                Reason.STOCK_GONE,
                f"location {key.location} holds {format_quantity(have)} of {key.material}, "
                f"the receipt was {format_quantity(units)}",
            )
    return None


def _check_backlog(dossier: Dossier) -> Rejection | None:
    """Refuse to put back what was never issued: a shortage that a person closed."""
    posters = {dossier.document.number, *(row.posted_by for row in dossier.rows)}
    for record in dossier.backlog:
        if record.document in posters and record.closed > record.reversed:
            name = f"{format_number(record.document)}/{record.item}"
            return Rejection(
                Reason.NOT_REVERSIBLE,
                f"backlog record {name} of {record.material} was closed by hand ({record.reason}): post a correction",
            )
    return None


def _take_back(turn: Turn, document: Document, dossier: Dossier, lines: list[Line]) -> None:
    """Lower the flow by the document's own lines, and say so on the reversal."""
    material = turn.state.master.materials.get((document.plant, document.material))
    unit = material.unit if material else ""
    figures = turn.line(document.plant, document.line)
    flow = turn.state.flows[document.flow]
    explosion = next((row.key.explosion for row in dossier.rows), flow.explosion)
    heading = Heading(
        document.line, explosion, document.production_date, document.shift, document.batch, "", frozenset()
    )
    for c, good, scrap, lost, rework in lines:
        segment = flow.segments[flow.points.index(c.point)]
        waited = segment.waiting.good
        segment.documented = Units(segment.documented.good - good, segment.documented.scrap - scrap)
        segment.lost -= lost
        if c.automatic:
            # What a point had reported itself waits again when the document that took it along is gone.
            again = Waiting(heading, document.number, segment.waiting.good - waited, {})
            if again.good:
                figures.posted -= again.good
                note(turn, flow, c.point, segment.wait(again))
        else:
            segment.reported = Units(segment.reported.good - good, segment.reported.scrap - scrap)
            figures.reversed += good + scrap
        mirrored = Confirmation(document.number, c.point, c.reason, -good, -scrap, c.automatic, -lost, -rework)
        turn.changes.confirmations.append(mirrored)
        scrapped = ("scrap", f"{c.point} {c.reason}".strip(), scrap + lost)
        for measure, detail, units in (("yield", c.point, good), scrapped, ("rework", c.point, rework)):
            if units:
                turn.statistic(
                    document.plant,
                    document.production_date,
                    document.shift,
                    document.line,
                    flow,
                    measure,
                    detail,
                    unit,
                    -units,
                )
    turn.changes.flows[flow.id] = flow


def _ordered(dossier: Dossier, lines: Iterable[Line]) -> dict[str, int]:
    """Add up what is left of a document as orders are reduced by it: its lines, or components without a product."""
    if dossier.document.type != "component":
        return _per_segment((line.confirmation.point, line.good, line.scrap) for line in lines)
    sums: dict[str, int] = {}
    for row in dossier.rows:
        if row.key.process == ISSUE and row.state != WITHDRAWN:
            sums[row.key.segment] = max(sums.get(row.key.segment, 0), row.units - row.reversed)
    return sums


def _said(dossier: Dossier) -> dict[str, int]:
    """Add up the components that a posting of its own said were used; they are taken back as a whole."""
    sums: dict[str, int] = {}
    if dossier.document.type == "component":
        number = dossier.document.number
        said = [(i.material, -i.quantity) for i in dossier.items if (i.origin, i.document) == ("direct", number)]
        for material, quantity in (*said, *((r.material, r.required) for r in said_records(dossier))):
            sums[COMPONENT + material] = sums.get(COMPONENT + material, 0) + quantity
    return sums


def _per_segment(units: Iterable[tuple[str, int, int]]) -> dict[str, int]:
    """Add up units as orders are reduced by them: what passes a segment, and the yield of the last one."""
    sums: dict[str, int] = {}
    for point, good, scrap in units:
        sums[point] = sums.get(point, 0) + good + scrap
        if point == FINAL:
            sums[QUANTITY] = sums.get(QUANTITY, 0) + good
    return sums
