"""Sharing: the reversal of a report, in whole or in part, is split among its documents.

A report has a document of its own, and later ones with units that had waited or that followed from it (`caused_by`). A
part takes waiting units first, then those in documents, the newest first, then covered ones; actual quantities go in
the same proportion as all units of the report.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.records import Flow
from gateway.backflush.posting.books import Books
from gateway.backflush.reversal.actual_reversal import says_more
from gateway.backflush.reversal.report_parts import (
    NOTHING,
    Gone,
    Pieces,
    ReportPart,
    Rest,
    ReversalLine,
    lines_of,
    own_of,
    pieces_of,
    remainder_of,
    reports,
    units_by_segment,
)
from gateway.backflush.reversal.withdrawal import rest_of
from gateway.backflush.values.documents import FINAL, REPORTS, format_number
from gateway.backflush.values.points import work_in_process
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason


class Taken(NamedTuple):
    """The part to take back of one document of a report."""

    dossier: Dossier
    """As the ledger has it."""
    lines: list[ReversalLine]
    gone: Gone | None
    """The units of its rows; None: all that are left."""
    rest: Rest
    share: Fraction = Fraction(1)
    """The share of its actual quantities."""

    @property
    def whole(self) -> bool:
        """Whether nothing is left of the document."""
        return self.gone is None


class _Of(NamedTuple):
    """One document of a report."""

    raw: Dossier
    """As the ledger has it."""
    dossier: Dossier
    """As this turn has it."""
    left: list[ReversalLine]


def share_out(books: Books, named: Dossier, part: ReportPart, *, along: bool) -> list[Taken] | Rejection:
    """Return the part to take back of each document of a report, the newest first, or a refusal; read-only.

    along: also those that followed automatically.
    """
    return _whole(books, named, along=along) if part.whole else _some(books, named, part, along=along)


def as_of_now(books: Books, dossier: Dossier) -> Dossier:
    """Add this turn's changes to a dossier.

    Documents of one cumulated posting share its lots and shortages, and two cards of one replay may name one document.
    """
    again = tuple(made.number for made in books.changes.documents if made.reverses == dossier.document.number)
    taken = (line for line in books.changes.confirmations if line.document in again)
    posters = {row.posted_by for row in dossier.rows} - {0} | {dossier.document.number}
    closed = books.changes.updated_backlog
    mirrored = [item for item in books.changes.items if item.mirrors in posters]
    return dossier._replace(
        backlog=tuple(closed.get((record.document, record.item), record) for record in dossier.backlog),
        mirrored=(*dossier.mirrored, *mirrored),
        reversed_by=(*dossier.reversed_by, *again),
        reversing=(*dossier.reversing, *taken),
        activities=(*dossier.activities, *(work for work in books.changes.activities if work.document in again)),
    )


def yield_left(books: Books, dossier: Dossier) -> tuple[int, int]:
    """Return the yield of a report that is not taken back yet, and the waiting part of it."""
    own, later = _of_report(books, dossier)
    rest = rest_of(books, own.dossier, [each.dossier for each in later])
    held = [own, *(each for each in later if _is_share(own, each))]
    good = sum(line.good for each in held for line in each.left if not line.confirmation.automatic)
    return good + rest.good + rest.covered, rest.good


def yield_alone(books: Books, dossier: Dossier) -> bool:
    """Return whether a report has only yield left, in any document."""
    own, later = _of_report(books, dossier)
    lines = [line for each in (own, *later) for line in each.left]
    rest = rest_of(books, own.dossier, [each.dossier for each in later])
    return not rest.scrap and not any(line.scrap or line.lost or line.rework for line in lines)


def anything_left(books: Books, named: Dossier) -> bool:
    """Return whether a report has any units left, in any document."""
    own, later = _of_report(books, named)
    dossiers = [each.dossier for each in later]
    held = any(reports(each.left) or rest_of(books, each.dossier, dossiers).units for each in (own, *later))
    return held or says_more(books, own.dossier)


def _of_report(books: Books, named: Dossier) -> tuple[_Of, list[_Of]]:
    """Return a report's own document, and those that follow from it, the newest first."""
    raw = [named, *(books.facts.documents[number] for number in reversed(named.caused))]
    now = [as_of_now(books, each) for each in raw]
    own, *later = [_Of(*each, remainder_of(each[1])) for each in zip(raw, now, strict=True)]
    return own, [each for each in later if each.dossier.document.type in REPORTS]


def _is_share(own: _Of, later: _Of) -> bool:
    """Return whether a later document holds units of the report itself."""
    return later.dossier.document.caused_by == own.dossier.document.number and reports(later.left)


def _whole(books: Books, named: Dossier, *, along: bool) -> list[Taken] | Rejection:
    """Take back everything left of a report."""
    own, later = _of_report(books, named)
    dossiers = [each.dossier for each in later]
    taken = [Taken(each.raw, each.left, None, rest_of(books, each.dossier, dossiers)) for each in later]
    taken = [each for each in taken if each.rest.units or (each.lines and (along or reports(each.lines)))]
    rest = rest_of(books, own.dossier, dossiers)
    if own.left or rest.units or says_more(books, own.dossier):
        return [*taken, Taken(named, own.left, None, rest)]
    return taken or _nothing_left(own.dossier)


def _some(books: Books, named: Dossier, part: ReportPart, *, along: bool) -> list[Taken] | Rejection:
    """Take back a part of a report: waiting units first, then documented ones, the newest first."""
    own, later = _of_report(books, named)
    rest = rest_of(books, own.dossier, [each.dossier for each in later])
    held = [each for each in (*(some for some in later if _is_share(own, some)), own) if each.left]
    if not held and not rest.units:
        return _nothing_left(own.dossier)
    pieces = pieces_of(named.document.number, [each.left for each in held], rest, part)
    if isinstance(pieces, Rejection):
        return pieces
    units = rest.units + sum(line.units for each in held for line in own_of(each.left))
    share = Fraction(pieces.good + pieces.bad, units)
    waiting = pieces.waiting(rest)
    pieces = pieces.less(waiting.good, sum(waiting.scrap.values()))
    flow = books.state.flows[named.document.flow]
    taken = _take_receipts(flow, later, rest.point, pieces) if along else []
    for each in held:
        here = pieces.part_in(each.left)
        if here.good or here.bad:
            lines = lines_of(books.state.flows[each.dossier.document.flow].points, each.left, here)
            taken.append(Taken(each.raw, lines, units_by_segment(lines), Rest(), Fraction(0)))
            pieces = pieces.less(here.good, here.bad)
    gone = waiting._replace(covered=pieces.good)
    if taken and taken[-1].dossier is named:
        taken[-1] = taken[-1]._replace(rest=gone, share=share)
    elif gone.units or says_more(books, own.dossier):
        taken.append(Taken(named, [line.none for line in own.left], NOTHING, gone, share))
    return taken


def _take_receipts(flow: Flow, later: Sequence[_Of], point: str, pieces: Pieces) -> list[Taken]:
    """Also take back automatic receipts of a report's pieces, as far as too few of them are on the line."""
    taken: list[Taken] = []
    needed = pieces.good - work_in_process(flow.segments)[-1] if point in flow.points[-2:-1] else 0
    for each in later:
        good = min(needed, sum(line.good for line in each.left if line.confirmation.point == FINAL))
        if good > 0 and not reports(each.left):
            lines = lines_of(flow.points, each.left, pieces._replace(good=good, bad=0))
            taken.append(Taken(each.raw, lines, units_by_segment(lines), Rest(), Fraction(0)))
            needed -= good
    return taken


def _nothing_left(dossier: Dossier) -> Rejection:
    """Refuse to reverse a report with nothing left."""
    number = format_number(dossier.document.number)
    if dossier.reversed_by or dossier.caused:
        by = ", ".join(format_number(n) for n in dossier.reversed_by) or "what was reversed of its later documents"
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    return Rejection(Reason.NOT_REVERSIBLE, f"document {number} holds no units: another document posted them")


def share_consumption(books: Books, named: Dossier, part: ReportPart) -> list[Taken] | Rejection:
    """Return the part to take back of a document of consumption alone, which has no lines, or a refusal."""
    dossier = as_of_now(books, named)
    number, quantity = format_number(dossier.document.number), part.quantity
    if part.scrap:
        return Rejection(Reason.BAD_QUANTITY, f"document {number} holds no scrap of the product")
    units = max((row.units - row.reversed for row in dossier.rows if row.state != "withdrawn"), default=0)
    if not units and not says_more(books, dossier) and dossier.reversed_by:
        by = ", ".join(format_number(n) for n in dossier.reversed_by)
        return Rejection(Reason.ALREADY_REVERSED, f"document {number} is reversed already, by {by}")
    if quantity is None:
        return [Taken(named, [], None, Rest())]
    if not units:
        text = f"document {number} holds no units of the product: give returned components by --component"
        return Rejection(Reason.BAD_QUANTITY, text)
    if not 0 < quantity <= units:
        left = f"{format_quantity(units)} left to reverse, not {format_quantity(quantity)}"
        return Rejection(Reason.BAD_QUANTITY, f"document {number} has {left}")
    gone = {(row.key.process, row.key.segment): quantity for row in dossier.rows}
    return [Taken(named, [], gone, Rest(), Fraction(quantity, units))]
