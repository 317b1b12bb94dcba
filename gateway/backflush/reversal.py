"""Reversal: withdraw what is open, mirror what is posted, touch nobody else's rows.

A reversal names a document. Its open rows are withdrawn (a partial one shrinks them), what was posted for it is
mirrored, its direct items as they stand; what waits in the backlog is closed instead of mirrored. The flow's quantities
fall by the document's own lines, orders are re-created if the profile says so. Marks never fall for it, nor do device
marks: what was read stays read; only the fixed items that the document bears are free again, so that the next units of
the lot or shift bring them back.

Laws: the sum of reversals never exceeds the document; a reversal that would make a wip negative, or take stock that
is gone, is refused and changes nothing.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.changes import Dossier
from gateway.backflush.documents import ACTIVITY, Document, format_number
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
from gateway.backflush.points import Segment, Units, work_in_process
from gateway.backflush.quantities import format_quantity, step_of
from gateway.backflush.records import WITHDRAWN
from gateway.backflush.turn import Turn
from gateway.backflush.withdrawal import Line, Rest, ordered, rest_of, said_of, take_back, withdraw
from gateway.errors import Reason

_CONSUMPTION = frozenset({"component", "activity", "component_scrap", "by_product"})
_REPORTS = frozenset({"assembly", "point", "scrap", "rework"})
_REVERSIBLE = _REPORTS | _CONSUMPTION


class Part(NamedTuple):
    """One document of a report, and what is to be taken back of it."""

    dossier: Dossier
    """As the ledger has it."""
    lines: list[Line]
    quantity: int | None
    """None: all that is left of it."""
    rest: Rest


class Reversed(NamedTuple):
    """What a reversal has done."""

    documents: list[Document]
    """The reversals; the last one is that of the document which was named, if anything was left of it."""
    withdrawn: int
    """Units that had waited, or that others had covered."""


def reverse(
    turn: Turn, dossier: Dossier, quantity: int | None, *, actor: str, reason: str, along: bool = False
) -> Reversed | Rejection:
    """Reverse a report by its document, in whole or `quantity` units of it; return what was done or why nothing was.

    along: take what followed automatically from it along. Who names documents is told to reverse that first.
    """
    parts = _judged(turn, dossier, quantity, along=along)
    if isinstance(parts, Rejection):
        return parts
    documents = [_reverse(turn, part, actor=actor, reason=reason) for part in parts]
    return Reversed(documents, sum(part.rest.units for part in parts))


def _reverse(turn: Turn, part: Part, *, actor: str, reason: str) -> Document:
    """Take back one part by a document of its own."""
    dossier, (_, lines, quantity, rest) = _as_of_now(turn, part.dossier), part
    original, left = dossier.document, _left(dossier)
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
    withdraw(turn, document, flow, original.number, rest)
    take_back(turn, document, dossier, lines)
    if quantity != 0:
        before = ordered(dossier, left) | said_of(dossier)
        take_back_rows(turn, document, dossier, quantity)
        if quantity is None:
            mirror_direct(turn, document, dossier)
        profile = profile_of(turn.state.master, flow.plant, flow.material)
        if not isinstance(profile, Rejection) and profile.recreate_orders_on_reversal:
            rest_ = [line.less(taken) for line, taken in zip(left, lines, strict=True)]
            recreate(turn, document, dossier.reductions, before, ordered(dossier, rest_))
    if quantity is None or (left and lines == left):
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
    parts = _judged(turn, dossier, quantity)
    return parts if isinstance(parts, Rejection) else None


def _judged(turn: Turn, named: Dossier, quantity: int | None, *, along: bool = False) -> list[Part] | Rejection:
    """Return what is to be taken back of each document of a report, newest first, or why nothing may be."""
    dossier = _as_of_now(turn, named)
    original = dossier.document
    if original.type not in _REVERSIBLE:
        number = format_number(original.number)
        return Rejection(
            Reason.NOT_REVERSIBLE, f"document {number} is of type {original.type}: reverse the document that caused it"
        )
    if original.type in _CONSUMPTION:
        lines = _consumed(dossier, quantity)
        parts = lines if isinstance(lines, Rejection) else [Part(named, lines, quantity, Rest("", 0, 0, 0))]
    else:
        parts = _fractional(turn, original, quantity) or _parts(turn, named, dossier, quantity, along=along)
    if isinstance(parts, Rejection):
        return parts
    now = [(_as_of_now(turn, part.dossier), part) for part in parts]
    refused = _check_flow(turn, now, dossier) or _check_stock(turn, now)
    for each, _ in now:
        refused = refused or _check_backlog(each)
    return parts if refused is None else refused


def _parts(
    turn: Turn, named: Dossier, dossier: Dossier, quantity: int | None, *, along: bool
) -> list[Part] | Rejection:
    """Share what is to be taken back out: what waits first, then what was documented, the newest first."""
    caused = [turn.facts.documents[number] for number in reversed(dossier.caused)]
    now = [_as_of_now(turn, each) for each in caused]
    left, rest = _left(dossier), rest_of(turn, dossier, now)
    later = [(raw, each, _left(each)) for raw, each in zip(caused, now, strict=True) if each.document.type in _REPORTS]
    none = rest.part(0, 0)
    if quantity is None:
        parts = [Part(raw, lines, None, rest_of(turn, each, now)) for raw, each, lines in later]
        parts = [part for part in parts if part.rest.units or (part.lines and (along or _reports(part.lines)))]
        said = _says_more(dossier) and not dossier.reversed_by
        if left or rest.units or said:
            return [*parts, Part(named, left, None, rest)]
        return parts or _nothing_left(dossier)
    own = [(named, dossier, left)]
    of_report = [(r, d, ls) for r, d, ls in later if d.document.caused_by == dossier.document.number and _reports(ls)]
    sources = [(source, _available(source[2])) for source in (*of_report, *own) if source[2]]
    available = rest.units + sum(units for _, units in sources)
    if not available:
        return _nothing_left(dossier)
    if not 0 < quantity <= available:
        return Rejection(
            Reason.BAD_QUANTITY,
            f"document {format_number(dossier.document.number)} has {format_quantity(available)} left to reverse, "
            f"not {format_quantity(quantity)}",
        )
    waiting = min(quantity, rest.waiting)
    quantity -= waiting
    result: list[Part] = []
    taken: Part | None = None
    for (raw, each, lines), units in sources:
        part = min(quantity, units)
        if not part:
            continue
        quantity -= part
        some = _check_direct(each, part) or _lines(each, lines, part)
        if isinstance(some, Rejection):
            return some
        taken = Part(raw, some, part, none)
        result.append(taken)
    gone = rest.part(waiting, quantity)
    if gone.units:
        refused = _check_direct(dossier, waiting)
        if refused is not None:
            return refused
        if result and result[-1].dossier is named:
            result[-1] = result[-1]._replace(rest=gone)
        else:
            result.append(Part(named, [line.part(0) for line in left], 0, gone))
    return result


def _reports(lines: Iterable[Line]) -> bool:
    """Say whether lines hold what was reported, not what followed from it."""
    return any(not line.confirmation.automatic for line in lines)


def _available(lines: Sequence[Line]) -> int:
    """Return how many units a part of a document may be of: those of its own lines, where it has any."""
    own = [line for line in lines if not line.confirmation.automatic] or lines
    return max((line.units for line in own), default=0)


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


def _nothing_left(dossier: Dossier) -> Rejection:
    """Say why there is nothing to take back of a report."""
    number = format_number(dossier.document.number)
    if dossier.reversed_by or dossier.caused:
        by = ", ".join(format_number(n) for n in dossier.reversed_by) or "what was reversed of its later documents"
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    return Rejection(Reason.NOT_REVERSIBLE, f"document {number} holds no units: another document posted them")


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
    if any(line.good and line.scrap for line in left) or len({line.confirmation.point for line in left}) < len(left):
        return Rejection(
            Reason.BAD_QUANTITY, f"document {number} holds yield and scrap, or several reasons: reverse it as a whole"
        )
    return [line.part(quantity) for line in left]


def _check_flow(turn: Turn, parts: Sequence[tuple[Dossier, Part]], named: Dossier) -> Rejection | None:
    """Refuse a reversal of pieces that have gone on to a later point."""
    flows: dict[str, list[Segment]] = {}
    for dossier, part in parts:
        flow = turn.state.flows[dossier.document.flow]
        copies = [Segment(s.reported, s.documented, s.lost) for s in flow.segments]
        segments = flows.setdefault(flow.id, copies)
        for line in part.lines:
            segment = segments[flow.points.index(line.confirmation.point)]
            segment.documented = Units(segment.documented.good - line.good, segment.documented.scrap - line.scrap)
            segment.lost -= line.lost
    gone = {part.dossier.document.number for _, part in parts}
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


def _check_stock(turn: Turn, parts: Sequence[tuple[Dossier, Part]]) -> Rejection | None:
    """Refuse to take back a receipt, of the product or of a by-product, whose stock is gone."""
    received: dict[StockKey, int] = {}
    for dossier, part in parts:
        if part.quantity == 0:
            continue
        for share in shares_of(turn, dossier, part.quantity):
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
