"""Drafts: the reported units to document now, and the headings of their documents.

A report joins the queue of its segment, `points.close` returns the units to document per segment, and those are taken
from the queues: so units keep the explosion, day, shift, batch, line, order and scrap reason of their report, however
long they have waited. Units that no queue holds are automatic.

    a document holds one heading              its units' demands of earlier points stand in it under the same one
    a document holds the units of one report          not of others waiting with them: it is their origin (`caused_by`)
    documents of one report depend on those of earlier points only, so that they can be reversed one after the other
    reported = documented lines that are not automatic + units covered by automatic ones + waiting
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from gateway.backflush.memory.records import Flow
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.actuals import ActualItem
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.places import BookingPlace
from gateway.backflush.values.documents import FINAL, format_number
from gateway.backflush.values.points import Heading, QueuedUnits, Segment, Units, close, first, hold_back


class Report(NamedTuple):
    """The units reported at one point of a flow, and the heading of their documents."""

    plant: str
    line: str
    flow: Flow
    point: str
    explosion: str
    good: int
    scrap: Mapping[str, int]
    """By reason; empty: none was given."""
    production_date: str
    shift: str
    batch: str = ""
    actor: str = ""
    reason: str = ""
    reference: str = ""
    cause: int | None = None
    """Entry id; None: the current one, 0: a tick."""
    order: str = ""
    """The planned order named: only this one is reduced."""
    replaced: frozenset[str] = frozenset()
    """Processes that post nothing by the standard, because actual quantities were reported."""
    direct: tuple[ActualItem, ...] = ()
    lost: Mapping[str, int] = MappingProxyType({})
    """By reason: pieces that had passed the point and were scrapped before the next one."""
    rework: int = 0
    caused_by: int = 0
    """The document of the report that this one belongs to or follows from; 0: it is the first one."""

    @property
    def bare(self) -> "Report":
        """The report without its units and actual quantities."""
        return self._replace(good=0, scrap={}, direct=(), lost={}, rework=0)

    @property
    def heading(self) -> Heading:
        """The part of it that waiting units keep."""
        return Heading(
            self.line, self.explosion, self.production_date, self.shift, self.batch, self.order, self.replaced
        )


def report_at(
    books: Books, place: BookingPlace, good: int, scrap: Mapping[str, int], actor: str = "", reference: str = ""
) -> Report:
    """Return the report of units at a place."""
    return Report(
        plant=place.wanted.plant,
        line=place.wanted.line,
        flow=books.state.flows[place.flow],
        point=place.point,
        explosion=place.explosion,
        good=good,
        scrap=scrap,
        production_date=place.day.date,
        shift=place.day.shift,
        batch=place.batch,
        actor=actor,
        reference=reference,
    )


class DraftLine(NamedTuple):
    """The units that a document confirms at one point."""

    point: str
    good: int
    scrap: Mapping[str, int]
    """By reason."""
    automatic: bool
    """Whether it was not reported there: a later point demanded it, or the last one received it."""


class Draft(NamedTuple):
    """One document to be made: its heading, the point of its report, its lines."""

    what: Report
    point: str
    lines: list[DraftLine]

    def add(self, line: DraftLine) -> None:
        """Add a line: one of each kind at a point, because reversals find their lines by kind and point."""
        for k, (point, good, scrap, automatic) in enumerate(self.lines):
            if (point, automatic) == (line.point, line.automatic):
                reasons = sorted({*scrap, *line.scrap})
                summed = {reason: scrap.get(reason, 0) + line.scrap.get(reason, 0) for reason in reasons}
                self.lines[k] = DraftLine(point, good + line.good, summed, automatic)
                return
        self.lines.append(line)

    @property
    def deltas(self) -> dict[str, Units]:
        """Units by point."""
        sums: dict[str, Units] = {}
        for point, good, scrap, _ in self.lines:
            before = sums.get(point, Units())
            sums[point] = Units(before.good + good, before.scrap + sum(scrap.values()))
        return sums


_Key = tuple[str, Heading, int]
"""The key of a draft: its point, its heading, the document of its units' report."""


class ReportEffect(NamedTuple):
    """The effect of a report on a flow."""

    sheets: list[Draft]
    """The first one is the report's own."""
    covered: int
    """Its units that automatic lines had covered before."""
    taken: list[QueuedUnits]
    """Units that left the queues."""
    touched: list[tuple[str, QueuedUnits]]
    """Points, and the changed items of their queues."""


def fills(profile: RemProfile) -> bool:
    """Return whether a report at a later point counts for the earlier points as well."""
    return profile.reporting_points != "mandatory" or profile.backfill == "predecessors"


def draft_documents(books: Books, what: Report, profile: RemProfile) -> list[Draft]:
    """Add the reported units, and return the documents to make; the first one is the report's own."""
    flow = what.flow
    sheets, covered, taken, touched = close_points(books, what, profile, flow.segments)
    books.line(what.plant, what.line).post(covered)
    for units in taken:
        books.line(what.plant, _line_of(books, what, units.heading)).post(units.passed)
    for point, units in touched:
        note(books, flow, point, units)
    return sheets


def close_points(books: Books, what: Report, profile: RemProfile, segments: Sequence[Segment]) -> ReportEffect:
    """Take a report into segments of its flow, which may be copies of them; change nothing else."""
    number, heading = books.next_document, what.heading
    sheets = {(what.point, heading, number): Draft(what, what.point, [])}
    taken: list[QueuedUnits] = []
    touched: list[tuple[str, QueuedUnits]] = []
    hold_back(segments)
    here = segments[what.flow.points.index(what.point)]
    here.lost += sum(what.lost.values())
    if len(segments) == 1 and (all_of_it := _close_all(what, heading, here, number)):
        return all_of_it
    joined, covered = _join(what, heading, here, number)
    filling = fills(profile)
    targets = close(segments, filling=filling, automatic_final=profile.auto_goods_receipt)
    automatic: dict[str, int] = {}
    parts: list[QueuedUnits] = []
    for point, segment, target in zip(what.flow.points, segments, targets, strict=True):
        delta = Units(target.good - segment.documented.good, target.scrap - segment.documented.scrap)
        segment.documented = target
        before, parts = parts, []
        if delta == (0, 0):
            continue
        for left, part in segment.take(delta):
            if left is not joined:
                touched.append((point, left))
            _sheet(books, sheets, what, point, part).add(DraftLine(point, part.good, part.scrap, automatic=False))
            parts.append(part)
        taken.extend(parts)
        good = delta.good - sum(part.good for part in parts)
        if point == FINAL:
            # The last point receives the units that have just passed the one before.
            for part in before:
                at = what.flow.points[-2] if filling else point
                received = min(good, part.good)
                if received:
                    good -= received
                    _sheet(books, sheets, what, at, part).add(DraftLine(point, received, {}, automatic=True))
        automatic[point] = good
    hold_back(segments)
    _fill_in(sheets, what, segments, automatic, own=filling)
    if joined.passed or joined.document != number:
        touched.append((what.point, joined))
    return ReportEffect(list(sheets.values()), covered, taken, touched)


def _close_all(what: Report, heading: Heading, only: Segment, number: int) -> ReportEffect | None:
    """Document all of a report at the only point of its flow, as nearly always; None if units wait or are covered.

    The long way comes to the same, at three times the price.
    """
    before = only.reported
    if only.queue or only.documented != before:
        return None
    units = QueuedUnits(heading, number, what.good, first(what.scrap, sum(what.scrap.values())))
    own = Draft(what, what.point, [])
    if not units.passed:
        return ReportEffect([own], 0, [], [])
    only.reported = only.documented = Units(before.good + units.good, before.scrap + units.passed - units.good)
    own.lines.append(DraftLine(what.point, units.good, units.scrap, automatic=False))
    return ReportEffect([own], 0, [units], [])


def _fill_in(
    sheets: dict[_Key, Draft], what: Report, segments: Sequence[Segment], automatic: Mapping[str, int], *, own: bool
) -> None:
    """Add automatic lines to the documents whose units demanded them, the rest to the report's `own` or to another."""
    points, waited = what.flow.points, list(sheets.values())[1:]
    number = next(iter(sheets))[2]
    for k in reversed(range(len(points))):
        good = automatic.get(points[k], 0)
        for sheet in waited if good and points[k] != FINAL else ():
            deltas = sheet.deltas
            wanted = deltas.get(points[k + 1], Units()).passed - deltas.get(points[k], Units()).good
            given = min(good, wanted)
            if given > 0:
                good -= given
                sheet.add(DraftLine(points[k], given, {}, automatic=True))
        if good:
            key = (what.point if own else points[k], what.heading, number)
            follows = what.bare._replace(caused_by=number, reference=what.reference or format_number(number))
            sheets.setdefault(key, Draft(follows, points[k], [])).add(DraftLine(points[k], good, {}, automatic=True))
    for sheet in sheets.values():
        for line in sheet.lines:
            if line.automatic:
                segments[points.index(line.point)].automatic += line.good
        sheet.lines.sort(key=lambda line: points.index(line.point))


def note(books: Books, flow: Flow, point: str, units: QueuedUnits) -> None:
    """Have the ledger keep waiting units, or forget those that no longer wait."""
    books.changes.waiting[flow.id, point, units.document] = units if units.passed else None


def _join(what: Report, heading: Heading, segment: Segment, number: int) -> tuple[QueuedUnits, int]:
    """Put reported units into the queue, except those that automatic lines had covered; return their number too."""
    before, scrap = segment.waiting, sum(what.scrap.values())
    segment.reported = Units(segment.reported.good + what.good, segment.reported.scrap + scrap)
    after = segment.waiting
    good, scrapped = after.good - before.good, after.scrap - before.scrap
    units = QueuedUnits(heading, number, good, first(what.scrap, scrapped))
    covered = what.good + scrap - good - scrapped
    return (segment.wait(units) if units.passed else units), covered


def _line_of(books: Books, what: Report, heading: Heading) -> str:
    """Return the line of units that waited; the releasing one if theirs belongs to another gateway now."""
    return heading.line if (what.plant, heading.line) in books.state.lines else what.line


def _sheet(books: Books, sheets: dict[_Key, Draft], what: Report, point: str, part: QueuedUnits) -> Draft:
    """Return the document that holds a report's units at a point."""
    key = (point, part.heading, part.document)
    found = sheets.get(key)
    if found is None:
        fields = part.heading._replace(line=_line_of(books, what, part.heading))._asdict()
        own = what.reference if part.document == books.next_document else ""
        since = own or format_number(part.document)
        follows = what.bare._replace(**fields, reference=since, caused_by=part.document)
        found = sheets[key] = Draft(follows, point, [])
    return found
