"""Reports: reported units become documents, dues and items.

`report` adds the reported units of one point; `points.close` returns the units to document; each document raises dues
(`Row`) per process, segment and explosion; a row that is posted now owes its accounts the share of its units and moves
the balance. The profile decides which processes are due, and when; they add up under every profile. Replaced quantities
and components that are not backflushed move the balance as well; they only add the standard for actual quantities.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import copy

from gateway.backflush.memory.balance import Account, BalanceKey, Row, scope_of
from gateway.backflush.memory.records import Flow, WindowSource
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.booking import book, post_rows, usage
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.dates import posting_date
from gateway.backflush.posting.drafts import Draft, DraftLine, Report, draft_documents, fills
from gateway.backflush.posting.order_reduction import orders_of, reduce_orders, reduce_requirements
from gateway.backflush.posting.portions import Portion
from gateway.backflush.posting.prices import profile_in_force
from gateway.backflush.values.documents import (
    ACTIVITY,
    DIRECT,
    FINAL,
    ISSUE,
    NEED,
    ONLINE,
    RECEIPT,
    UPDATE,
    Confirmation,
    Document,
    DocumentType,
    Measure,
    Process,
    Source,
    Timing,
)
from gateway.backflush.values.points import Units, close, first, less


def report(books: Books, what: Report, sources: Mapping[str, WindowSource]) -> list[Document]:
    """Report units at a point and post the documents that follow; the first one is the report's own."""
    documents: list[Document] = []
    parts = split_report(books, what)
    last = max(k for k, share in enumerate(parts) if not k or share.good or share.scrap)
    for k, share in enumerate(parts):
        caused_by = documents[0].number if documents else 0
        own = (
            sources if k == last else split_sources(sources, share.good, sum(share.scrap.values())) if k < last else {}
        )
        documents += _report(books, share._replace(caused_by=caused_by) if documents else share, own)
    return documents


def split_report(books: Books, what: Report) -> list[Report]:
    """Split a report among the flows that its units continue; read-only.

    Pieces that an earlier point structure left on the line continue in their own flow, before the new one counts. Units
    that wait there for points without reports come along with the next report.
    """
    if what.lost:
        return _shares_of_lost(books, what)
    result: list[Report] = []
    stuck: list[Report] = []
    profile = profile_by(books, what.flow)
    for old in books.state.flows_of[what.flow.kind]:
        if old is what.flow or not old.explosion or what.point not in old.points[1:]:
            continue
        received, left = _older_pieces(old, what, profile)
        good = min(received + left, what.good)
        scrap = first(what.scrap, left - max(0, good - received))
        if good or scrap:
            result.append(what._replace(flow=old, explosion=old.explosion, good=good, scrap=scrap))
            # Actual quantities are posted once.
            what = what.bare._replace(good=what.good - good, scrap=less(what.scrap, scrap))
        elif old.waiting and fills(profile) and not set(old.points[:-1]) & set(what.flow.points):
            stuck.append(what.bare._replace(flow=old, explosion=old.explosion, good=0, scrap={}))
    if what.good or what.scrap or not result:
        result.append(what)
    return [*result, *stuck]


def _older_pieces(old: Flow, what: Report, profile: RemProfile) -> tuple[int, int]:
    """Return the pieces of an older structure that a report may mean: received already, and on their way to the point.

    On their way are pieces after the point before it, and after earlier ones if the points between are not reported; if
    later points count for earlier ones, also the units waiting there, because the report takes them along.
    """
    index, segments = old.points.index(what.point), old.segments
    units = [segment.documented for segment in segments]
    if fills(profile):
        units = close(segments, filling=True, automatic_final=profile.auto_goods_receipt)
    before = index - 1
    left = units[before].good - segments[before].lost - units[index].passed
    while fills(profile) and before and old.points[before] not in what.flow.points:
        before -= 1
        left += units[before].good - segments[before].lost - units[before + 1].passed
    received = units[index].good - segments[index].reported.good if what.point == FINAL else 0
    return max(0, received), left


def _shares_of_lost(books: Books, what: Report) -> list[Report]:
    """Split lost pieces among flows: those that an older point structure left on the line after the point go first."""
    result: list[Report] = []
    for old in books.state.flows_of[what.flow.kind]:
        if old is not what.flow and old.explosion and what.point in old.points[:-1]:
            lost = first(what.lost, dict(old.wip)[what.point])
            if lost:
                result.append(what._replace(flow=old, explosion=old.explosion, lost=lost))
                what = what._replace(lost=less(what.lost, lost))
    return [*result, what] if what.lost else result


def _report(books: Books, what: Report, sources: Mapping[str, WindowSource]) -> list[Document]:
    """Report units in one flow."""
    flow = what.flow
    flow.explosion = what.explosion
    books.keep_explosion(what.explosion)
    books.changes.flows[flow.id] = flow
    profile = profile_by(books, flow)
    sheets = draft_documents(books, what, profile)
    if what.caused_by and not (what.good or what.scrap or what.lost or sheets[0].lines):
        del sheets[0]
    documents = [_document(books, sheet, profile) for sheet in sheets]
    if sources:
        books.changes.sources.extend(sources_of(documents[0].number, sources))
    figures = books.line(what.plant, what.line)
    figures.lose(sum(what.scrap.values()) + sum(what.lost.values()))
    figures.repeat(what.rework)
    return documents


def profile_by(books: Books, flow: Flow) -> RemProfile:
    """Return the profile of a flow."""
    return profile_in_force(books.state.master, flow.plant, flow.material)


def split_sources(sources: Mapping[str, WindowSource], good: int, scrap: int) -> dict[str, WindowSource]:
    """Take the readings of a number of units from those of a window; the rest stays there."""
    taken: dict[str, WindowSource] = {}
    for device, source in sources.items():
        units = min(good, max(0, source.good)), min(scrap, max(0, source.scrap))
        if any(units):
            part = taken[device] = copy(source)
            part.good, part.scrap = units
            source.good, source.scrap = source.good - units[0], source.scrap - units[1]
            good, scrap = good - units[0], scrap - units[1]
    return taken


def sources_of(document: int, sources: Mapping[str, WindowSource]) -> list[Source]:
    """Turn the readings of a window into those of a document."""
    return [
        Source(
            document, device, s.first_entry, s.last_entry, s.readings, s.good, s.scrap, s.first_at, s.last_at, s.spans
        )
        for device, s in sources.items()
    ]


def _document(books: Books, sheet: Draft, profile: RemProfile) -> Document:
    """Make one document with its confirmations, dues and online postings."""
    what, flow = sheet.what, sheet.what.flow
    at_point = [line for line in sheet.lines if line.point == sheet.point]
    good = what.good or any(line.good for line in at_point)
    if what.lost or ((what.scrap or any(line.scrap for line in at_point)) and not good):
        type_: DocumentType = "scrap"
    elif what.rework and not (what.good or what.scrap):
        type_ = "rework"
    else:
        type_ = "assembly" if sheet.point == FINAL else "point"
    document = bracket(books, what, type_)
    lines = sheet.lines
    if (what.good or what.scrap) and not any(line.point == what.point and not line.automatic for line in lines):
        lines = [*lines, DraftLine(what.point, 0, {}, automatic=False)]
    for line in lines:
        _confirm(books, what, document, line)
    _confirm_aside(books, what, document)
    deltas = sheet.deltas
    rows = [row for point, delta in deltas.items() for row in raise_dues(books, what, profile, document, point, delta)]
    books.changes.rows.extend(rows)
    post_rows(books, document, [row for row in rows if row.timing == ONLINE], profile)
    post_direct(books, document, what, profile)
    orders = orders_of(books, document, flow, profile, what.order)
    for point, delta in deltas.items():
        reduce_orders(books, document, orders, point, delta)
    if what.direct:
        _reduce_needs(books, document, what, orders)
    return document


def _reduce_needs(books: Books, document: Document, what: Report, orders: Sequence[Order]) -> None:
    """Reduce the orders' needs of components that are not backflushed by their reported use."""
    explosion = books.state.explosions[what.explosion]
    used = {item.object: 0 for item in explosion.needed.items}
    for item, _, quantity, _ in what.direct:
        if item.sign < 0 and item.object in used:
            used[item.object] += quantity
    if any(used.values()):
        reduce_requirements(books, document, what.flow, orders, explosion, used)


def bracket(books: Books, what: Report, type_: DocumentType) -> Document:
    """Begin the document of a report."""
    flow = what.flow
    document = Document(
        number=books.next_document,
        type=type_,
        plant=what.plant,
        line=what.line,
        material=flow.material,
        version=flow.version,
        cost_object=flow.cost_object,
        flow=flow.id,
        batch=what.batch,
        posting_date=posting_date(books.state, what.plant, what.production_date),
        production_date=what.production_date,
        shift=what.shift,
        entered_at=books.now,
        cause=books.entry if what.cause is None else what.cause,
        actor=what.actor,
        reason=what.reason,
        reference=what.reference,
        reverses=0,
        caused_by=what.caused_by,
    )
    return books.begin(document)


def _confirm(books: Books, what: Report, document: Document, line: DraftLine) -> None:
    unit = _unit(books, document)
    good = line.good
    if good:
        _count(books, what, "yield", line.point, unit, good)
    said = what if line.point == what.point and not line.automatic else what.bare
    told = said.good
    for reason in sorted({*line.scrap, *said.scrap}) or [""]:
        units, scrapped = line.scrap.get(reason, 0), said.scrap.get(reason, 0)
        confirmed = Confirmation(document.number, line.point, reason, good, units, line.automatic, 0, 0, told, scrapped)
        books.changes.confirmations.append(confirmed)
        good = told = 0
        if units:
            _count(books, what, "scrap", f"{line.point} {reason}".strip(), unit, units)


def _confirm_aside(books: Books, what: Report, document: Document) -> None:
    """Confirm pieces that were counted before: lost and reworked ones."""
    unit = _unit(books, document)
    for reason, units in sorted(what.lost.items()):
        lost = Confirmation(document.number, what.point, reason, 0, 0, automatic=False, lost=units)
        books.changes.confirmations.append(lost)
        _count(books, what, "scrap", f"{what.point} {reason}".strip(), unit, units)
    if what.rework:
        again = Confirmation(document.number, what.point, "", 0, 0, automatic=False, rework=what.rework)
        books.changes.confirmations.append(again)
        _count(books, what, "rework", what.point, unit, what.rework)


def _unit(books: Books, document: Document) -> str:
    material = books.state.master.materials.get((document.plant, document.material))
    return material.unit if material else ""


def _count(books: Books, what: Report, measure: Measure, detail: str, unit: str, quantity: int) -> None:
    books.statistic(what, what.flow, measure, detail, unit, quantity)


def raise_dues(
    books: Books, what: Report, profile: RemProfile, document: Document, point: str, delta: Units
) -> Iterable[Row]:
    """Raise the dues of one segment."""
    for key, units, timing, cumulate, replaced in dues(books, what, profile, point, delta):
        books.keep_explosion(key.explosion)
        books.balance(key).owe(units)
        row = Row(
            document.number,
            key,
            units,
            plant=what.plant,
            line=what.line,
            posting_date=document.posting_date,
            production_date=what.production_date,
            shift=what.shift,
            timing=timing,
            cumulate=cumulate,
            state="replaced" if replaced else "open",
        )
        if timing != ONLINE:
            books.line(what.plant, what.line).wait(key.process, 1)
        if timing == UPDATE:
            books.state.updates.append(row)
        yield row


Due = tuple[BalanceKey, int, Timing, bool, bool]
"""The growth of one balance of a segment, when it is posted, whether cumulated, and whether it is replaced.

Then actual quantities stand in its place, reported now or later: the balance moves at once, without a posting.
"""


def dues(books: Books, what: Report, profile: RemProfile, point: str, delta: Units) -> Iterator[Due]:
    """Yield the dues of units at one segment: receipt by yield, issue and activity by yield and scrap."""
    whole = books.state.explosions[what.explosion]
    processes: tuple[tuple[Process, int, Timing, bool], ...] = (
        (RECEIPT, delta.good, ONLINE, False),
        (ISSUE, delta.passed if profile.goods_issue else 0, profile.goods_issue_timing, profile.cumulate_goods_issues),
        (ACTIVITY, delta.passed if profile.activities else 0, profile.activity_timing, profile.cumulate_activities),
    )
    for process, units, timing, cumulate in processes:
        if not units:
            continue
        needs = process == ISSUE and whole.needed.items
        parts = _split_explosion(books, whole, process, what.replaced) if what.replaced or needs else ((whole, False),)
        for explosion, replaced in parts:
            for fixed in explosion.kinds(process, point):
                scope = scope_of(what.batch, what.production_date, what.shift) if fixed else ""
                key = BalanceKey(what.flow.id, explosion.id, point, process, scope)
                yield key, units, ONLINE if replaced else timing, cumulate, replaced


def _split_explosion(
    books: Books, whole: Explosion, process: Process, names: frozenset[str]
) -> Iterator[tuple[Explosion, bool]]:
    """Split an explosion into the standard items of a process, and those that actual quantities replace.

    If they replace only some items, each part is an explosion of its own: a balance always covers a whole one.
    """
    rest, named = whole.split(process, names) if names and process not in names else (whole, whole)
    parts = [(rest, False), (named, True)] if rest is not whole and named.items else [(whole, process in names)]
    if process == ISSUE and NEED not in names and whole.needed.items:
        parts.append((whole.needed, True))
    for part, replaced in parts:
        yield books.state.explosions.setdefault(part.id, part), replaced


def post_direct(books: Books, document: Document, what: Report, profile: RemProfile) -> None:
    """Book the quantities reported in place of the standard, or in addition to it."""
    for direct in what.direct:
        item, terms, quantity, batch = direct
        portion = Portion(item, terms, what.flow.cost_object, Account(), quantity, origin=DIRECT, batch=batch)
        usage(books, what, what.flow, item, quantity, standard=0)
        book(books, document, portion, profile, what.production_date)
