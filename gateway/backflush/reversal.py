"""Reversal: withdraw what is open, mirror what is posted, touch nobody else's rows.

A reversal names a document. Its open rows are withdrawn (a partial one shrinks them), what was posted for it is
mirrored, its direct items as they stand; what waits in the backlog is closed instead of mirrored. The flow's quantities
fall by the document's own lines, orders are re-created if the profile says so. Marks never fall for it, nor do device
marks: what was read stays read; only the fixed items that the document bears are free again, so that the next units of
the lot or shift bring them back.

Laws: the sum of reversals never exceeds the document; a reversal that would make a wip negative, or take stock that
is gone, is refused and changes nothing.
"""

from collections.abc import Sequence
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.changes import Dossier
from gateway.backflush.documents import ACTIVITY, FINAL, TOLD_LATE, Document, format_number
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
from gateway.backflush.orders import recreate
from gateway.backflush.parts import (
    CONSUMPTION,
    NOTHING,
    REPORTS,
    Gone,
    Line,
    Part,
    Pieces,
    Rest,
    gone_of,
    left_of,
    lines_of,
    pieces_of,
    reports,
)
from gateway.backflush.points import Segment, Units, work_in_process
from gateway.backflush.quantities import format_quantity, step_of
from gateway.backflush.records import WITHDRAWN, Flow
from gateway.backflush.turn import Turn
from gateway.backflush.withdrawal import ordered, rest_of, said_of, take_back, withdraw
from gateway.errors import Reason


class Taken(NamedTuple):
    """What is to be taken back of one document of a report."""

    dossier: Dossier
    """As the ledger has it."""
    lines: list[Line]
    gone: Gone | None
    """Of its rows; None: all that is left of them."""
    rest: Rest

    @property
    def whole(self) -> bool:
        """Whether nothing is left of the document."""
        return self.gone is None


class Reversed(NamedTuple):
    """What a reversal has done."""

    documents: list[Document]
    """The reversals; the last one is that of the document which was named, if anything was left of it."""
    withdrawn: int
    """Units that had waited, or that others had covered."""


class _Of(NamedTuple):
    """One document of a report."""

    raw: Dossier
    """As the ledger has it."""
    dossier: Dossier
    """As this turn has it."""
    left: list[Line]


def reverse(
    turn: Turn,
    dossier: Dossier,
    part: Part,
    *,
    actor: str,
    reason: str,
    along: bool = False,
    told_late: bool = False,
) -> Reversed | Rejection:
    """Reverse a report by its document, in whole or in part; return what was done or why nothing was.

    along: take what followed automatically from it along. Who names documents is told to reverse that first.
    told_late: it turned out to be scrap and was never yield, so it leaves what was posted, and orders get it back in
    any case.
    """
    taken = _judged(turn, dossier, part, along=along or told_late)
    if isinstance(taken, Rejection):
        return taken
    reference = TOLD_LATE if told_late else ""
    documents = [_reverse(turn, each, actor=actor, reason=reason, reference=reference) for each in taken]
    return Reversed(documents, sum(each.rest.units for each in taken))


def _reverse(turn: Turn, taken: Taken, *, actor: str, reason: str, reference: str) -> Document:
    """Take back what goes of one document, by a document of its own."""
    dossier = _as_of_now(turn, taken.dossier)
    original, left = dossier.document, left_of(dossier)
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
        reference=reference,
        reverses=original.number,
    )
    withdraw(turn, document, flow, original.number, taken.rest)
    take_back(turn, document, dossier, taken.lines)
    before = ordered(dossier, left) | said_of(dossier)
    take_back_rows(turn, document, dossier, taken.gone)
    if taken.whole:
        mirror_direct(turn, document, dossier)
    profile = profile_of(turn.state.master, flow.plant, flow.material)
    if reference == TOLD_LATE or (not isinstance(profile, Rejection) and profile.recreate_orders_on_reversal):
        stay = [line.less(gone) for line, gone in zip(left, taken.lines, strict=True)]
        recreate(turn, document, dossier.reductions, before, ordered(dossier, stay))
    if taken.whole or (left and taken.lines == left):
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


def may_reverse(turn: Turn, dossier: Dossier, part: Part) -> Rejection | None:
    """Say why a document may not be reversed, or None when it may; change nothing."""
    taken = _judged(turn, dossier, part)
    return taken if isinstance(taken, Rejection) else None


def yield_left(turn: Turn, dossier: Dossier) -> tuple[int, int]:
    """Return how much of the yield that a report has said is not taken back yet, and how much of that waits."""
    own, later = _of_report(turn, dossier)
    rest = rest_of(turn, own.dossier, [each.dossier for each in later])
    held = [own, *(each for each in later if _is_share(own, each))]
    good = sum(line.good for each in held for line in each.left if not line.confirmation.automatic)
    return good + rest.good + rest.covered, rest.good


def _judged(turn: Turn, named: Dossier, part: Part, *, along: bool = False) -> list[Taken] | Rejection:
    """Return what is to be taken back of each document of a report, newest first, or why nothing may be."""
    dossier = _as_of_now(turn, named)
    original = dossier.document
    if original.type not in REPORTS | CONSUMPTION:
        number = format_number(original.number)
        return Rejection(
            Reason.NOT_REVERSIBLE, f"document {number} is of type {original.type}: reverse the document that caused it"
        )
    if original.type in CONSUMPTION:
        gone = _consumed(dossier, part)
        taken = gone if isinstance(gone, Rejection) else [Taken(named, [], gone, Rest())]
    elif part.whole:
        taken = _whole(turn, named, along=along)
    else:
        taken = _fractional(turn, original, part) or _some(turn, named, part, along=along)
    if isinstance(taken, Rejection):
        return taken
    now = [(_as_of_now(turn, each.dossier), each) for each in taken]
    refused = _check_direct(dossier, part) or _check_flow(turn, now, dossier) or _check_stock(turn, now)
    for each, _ in now:
        refused = refused or _check_backlog(each)
    return taken if refused is None else refused


def _of_report(turn: Turn, named: Dossier) -> tuple[_Of, list[_Of]]:
    """Return a report's own document, and those that follow from it, the newest first."""
    raw = [named, *(turn.facts.documents[number] for number in reversed(named.caused))]
    now = [_as_of_now(turn, each) for each in raw]
    own, *later = [_Of(*each, left_of(each[1])) for each in zip(raw, now, strict=True)]
    return own, [each for each in later if each.dossier.document.type in REPORTS]


def _is_share(own: _Of, later: _Of) -> bool:
    """Say whether a later document holds units of the report itself."""
    return later.dossier.document.caused_by == own.dossier.document.number and reports(later.left)


def _whole(turn: Turn, named: Dossier, *, along: bool) -> list[Taken] | Rejection:
    """Take back all that is left of a report."""
    own, later = _of_report(turn, named)
    dossiers = [each.dossier for each in later]
    taken = [Taken(each.raw, each.left, None, rest_of(turn, each.dossier, dossiers)) for each in later]
    taken = [each for each in taken if each.rest.units or (each.lines and (along or reports(each.lines)))]
    rest = rest_of(turn, own.dossier, dossiers)
    if own.left or rest.units or (_says_more(own.dossier) and not own.dossier.reversed_by):
        return [*taken, Taken(named, own.left, None, rest)]
    return taken or _nothing_left(own.dossier)


def _some(turn: Turn, named: Dossier, part: Part, *, along: bool) -> list[Taken] | Rejection:
    """Take back a part of a report: what waits first, then what was documented, the newest first."""
    own, later = _of_report(turn, named)
    rest = rest_of(turn, own.dossier, [each.dossier for each in later])
    held = [each for each in (*(some for some in later if _is_share(own, some)), own) if each.left]
    if not held and not rest.units:
        return _nothing_left(own.dossier)
    pieces = pieces_of(named.document.number, [each.left for each in held], rest, part)
    if isinstance(pieces, Rejection):
        return pieces
    waiting = pieces.waiting(rest)
    pieces = pieces.less(waiting.good, sum(waiting.scrap.values()))
    flow = turn.state.flows[named.document.flow]
    taken = _received(flow, later, rest.point, pieces) if along else []
    for each in held:
        here = pieces.held(each.left)
        if here.good or here.bad:
            lines = lines_of(turn.state.flows[each.dossier.document.flow].points, each.left, here)
            taken.append(Taken(each.raw, lines, gone_of(lines), Rest()))
            pieces = pieces.less(here.good, here.bad)
    gone = waiting._replace(covered=pieces.good)
    if gone.units:
        last = taken.pop() if taken and taken[-1].dossier is named else Taken(named, [], NOTHING, gone)
        taken.append(last._replace(lines=last.lines or [line.none for line in own.left], rest=gone))
    return taken


def _received(flow: Flow, later: Sequence[_Of], point: str, pieces: Pieces) -> list[Taken]:
    """Take the automatic receipts of a report's pieces along, as far as not enough of them are on the line."""
    taken: list[Taken] = []
    needed = pieces.good - work_in_process(flow.segments)[-1] if point in flow.points[-2:-1] else 0
    for each in later:
        good = min(needed, sum(line.good for line in each.left if line.confirmation.point == FINAL))
        if good > 0 and not reports(each.left):
            lines = lines_of(flow.points, each.left, pieces._replace(good=good, bad=0))
            taken.append(Taken(each.raw, lines, gone_of(lines), Rest()))
            needed -= good
    return taken


def _fractional(turn: Turn, document: Document, part: Part) -> Rejection | None:
    """Refuse a part of a piece; a material that is no longer known is what it was reported as."""
    made = turn.state.master.materials.get((document.plant, document.material))
    broken = [units for units in (part.quantity or 0, part.scrap) if made and units % step_of(made.decimals)]
    if made is None or not broken:
        return None
    text = f"the quantity is {format_quantity(broken[0])}, {made.unit} has {made.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, text)


def _nothing_left(dossier: Dossier) -> Rejection:
    """Say why there is nothing to take back of a report."""
    number = format_number(dossier.document.number)
    if dossier.reversed_by or dossier.caused:
        by = ", ".join(format_number(n) for n in dossier.reversed_by) or "what was reversed of its later documents"
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    return Rejection(Reason.NOT_REVERSIBLE, f"document {number} holds no units: another document posted them")


def _consumed(dossier: Dossier, part: Part) -> Gone | Rejection | None:
    """Say how much goes of a document of consumption alone, which has no lines, or why it cannot be reversed."""
    number, quantity = format_number(dossier.document.number), part.quantity
    if part.scrap:
        return Rejection(Reason.BAD_QUANTITY, f"document {number} holds no scrap of the product")
    units = max((row.units - row.reversed for row in dossier.rows if row.state != WITHDRAWN), default=0)
    if dossier.reversed_by and not units:
        by = ", ".join(format_number(n) for n in dossier.reversed_by)
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    if quantity is None:
        return None
    if not 0 < quantity <= units:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"document {number} has {format_quantity(units)} left to reverse, not {format_quantity(quantity)}",
        )
    return {(row.key.process, row.key.segment): quantity for row in dossier.rows}


def _says_more(dossier: Dossier) -> bool:
    """Say whether a document holds actual quantities."""
    said = any(i.origin == "direct" for i in dossier.items) or any(a.origin == "direct" for a in dossier.activities)
    return said or bool(said_records(dossier))


def _check_direct(dossier: Dossier, part: Part) -> Rejection | None:
    """Refuse to reverse a part of a document that holds actual quantities: nobody knows which part of those."""
    if not part.whole and _says_more(dossier):
        number = format_number(dossier.document.number)
        return Rejection(Reason.BAD_QUANTITY, f"document {number} holds actual quantities: reverse it as a whole")
    return None


def _check_flow(turn: Turn, taken: Sequence[tuple[Dossier, Taken]], named: Dossier) -> Rejection | None:
    """Refuse a reversal of pieces that have gone on to a later point."""
    flows: dict[str, list[Segment]] = {}
    for dossier, each in taken:
        flow = turn.state.flows[dossier.document.flow]
        copies = [Segment(s.reported, s.documented, s.lost) for s in flow.segments]
        segments = flows.setdefault(flow.id, copies)
        for line in each.lines:
            segment = segments[flow.points.index(line.confirmation.point)]
            segment.documented = Units(segment.documented.good - line.good, segment.documented.scrap - line.scrap)
            segment.lost -= line.lost
    gone = {each.dossier.document.number for _, each in taken}
    for name, segments in flows.items():
        for k, wip in enumerate(work_in_process(segments)):
            if wip < 0:
                later = ", ".join(format_number(n) for n in named.later if n not in gone) or "later documents"
                return Rejection(
                    Reason.NEGATIVE_WIP,
                    f"after it, point {turn.state.flows[name].points[k]} would hold {format_quantity(wip)} pieces: "
                    f"reverse {later} first",
                )
    return None


def _check_stock(turn: Turn, taken: Sequence[tuple[Dossier, Taken]]) -> Rejection | None:
    """Refuse to take back a receipt, of the product or of a by-product, whose stock is gone."""
    received: dict[StockKey, int] = {}
    for dossier, each in taken:
        for share in shares_of(turn, dossier, each.gone):
            if share.item.process != ACTIVITY and share.item.sign > 0:
                key = stock_key(dossier.document, share.item)
                received[key] = received.get(key, 0) + share.quantity(posted_of(dossier, share)[2])
        original = dossier.document
        for said in dossier.items if each.whole else ():
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
