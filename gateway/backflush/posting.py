"""Posting: what was reported becomes documents, dues and items.

`report` raises the reported units of one point; `points.close` says what must be documented; each document raises
dues (`Row`) per process, segment and explosion; a row that is posted now adds E(mark + units) - E(mark) to its
document and moves the mark. Which processes are due, and when, is the profile's matter; that they add up is not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.accounts import Account
from gateway.backflush.booking import book, issuable, post_rows, usage
from gateway.backflush.direct import DirectItem
from gateway.backflush.documents import ACTIVITY, FINAL, ISSUE, RECEIPT, Confirmation, Document, Source
from gateway.backflush.explode import profile_of
from gateway.backflush.movements import StockKey
from gateway.backflush.orders import reduce_orders
from gateway.backflush.places import Place
from gateway.backflush.plant import RemProfile
from gateway.backflush.points import Units, close
from gateway.backflush.quantities import format_quantity
from gateway.backflush.records import Flow, MarkKey, Row, Window, WindowSource
from gateway.backflush.turn import Turn
from gateway.errors import Reason


class Report(NamedTuple):
    """What is reported at one point of a flow, and how its documents are to be headed."""

    plant: str
    line: str
    flow: Flow
    point: str
    explosion: str
    good: int
    scrap: Mapping[str, int]
    """By reason; empty is no reason given."""
    production_date: str
    shift: str
    batch: str = ""
    actor: str = ""
    reason: str = ""
    reference: str = ""
    cause: int | None = None
    """Entry id; None: the current one, 0: a tick."""
    order: str = ""
    """The planned order that was named: it alone is reduced."""
    replaced: frozenset[str] = frozenset()
    """Processes whose dues are not raised, because actual quantities were said."""
    direct: tuple[DirectItem, ...] = ()


def post_window(turn: Turn, window: Window) -> list[Document]:
    """Close a window: its units become one document (or one per point where pieces had waited).

    Where scrap was told after its gross count the yield can be short of zero; such a window stays open until later
    yield of the same point covers it.
    """
    state = turn.state
    if window.good < 0:
        turn.changes.windows[window.key] = window
        return []
    for other in list(state.windows.values()):
        if other.good < 0 and other.key[:2] == window.key[:2]:
            covered = min(window.good, -other.good)
            window.good -= covered
            other.good += covered
            turn.changes.windows[other.key] = other
            if other.good == 0:
                post_window(turn, other)
    del state.windows[window.key]
    turn.changes.windows[window.key] = None
    flow = state.flows[window.key.flow]
    return report(
        turn,
        Report(
            plant=window.plant,
            line=window.line,
            flow=flow,
            point=window.key.point,
            explosion=window.key.explosion,
            good=window.good,
            scrap=window.scrap,
            production_date=window.key.date,
            shift=window.key.shift,
            batch=window.key.batch,
            cause=0,
        ),
        window.sources,
    )


def report(turn: Turn, what: Report, sources: Mapping[str, WindowSource]) -> list[Document]:
    """Report units at a point and post what follows; the first document is that of the report itself.

    Pieces that an earlier point structure has left on the line go on in their own flow, before the new one counts.
    """
    documents: list[Document] = []
    for old in turn.state.flows_of[what.flow.kind]:
        if old is what.flow or not old.explosion or what.point not in old.points[1:]:
            continue
        left = dict(old.wip)[old.points[old.points.index(what.point) - 1]]
        good = min(left, what.good)
        scrap = _first(what.scrap, left - good)
        taken = sum(scrap.values())
        if good + taken:
            part = what._replace(flow=old, explosion=old.explosion, good=good, scrap=scrap)
            documents += _report(turn, part, sources if not documents else {})
            rest = {reason: units - scrap.get(reason, 0) for reason, units in what.scrap.items()}
            what = what._replace(good=what.good - good, scrap={r: units for r, units in rest.items() if units})
    if what.good or what.scrap or not documents:
        documents += _report(turn, what, sources if not documents else {})
    return documents


def _first(scrap: Mapping[str, int], most: int) -> dict[str, int]:
    """Return the first of some scrap, at most so many units."""
    taken: dict[str, int] = {}
    for reason, units in sorted(scrap.items()):
        part = min(units, most)
        if part:
            taken[reason] = part
            most -= part
    return taken


def _report(turn: Turn, what: Report, sources: Mapping[str, WindowSource]) -> list[Document]:
    """Report units in one flow."""
    flow = what.flow
    flow.explosion = what.explosion
    turn.keep_explosion(what.explosion)
    profile = profile_of(turn.state.master, flow.plant, flow.material)
    if isinstance(profile, Rejection):
        # An import took it away after the units were counted: what they consumed is still to be issued.
        profile = RemProfile(profile="")
    index = flow.points.index(what.point)
    scrap = sum(what.scrap.values())
    waited = flow.waiting
    segment = flow.segments[index]
    segment.reported = Units(segment.reported.good + what.good, segment.reported.scrap + scrap)
    turn.changes.flows[flow.id] = flow
    filling = profile.reporting_points != "mandatory" or profile.backfill == "predecessors"
    targets = close(flow.segments, filling=filling, automatic_final=profile.auto_goods_receipt)
    deltas = [
        Units(t.good - s.documented.good, t.scrap - s.documented.scrap)
        for t, s in zip(targets, flow.segments, strict=True)
    ]
    for each, target in zip(flow.segments, targets, strict=True):
        each.documented = target
    moved = [k for k, delta in enumerate(deltas) if delta != (0, 0)]
    documents = []
    if filling:
        documents.append(_document(turn, what, profile, index, [(k, deltas[k]) for k in moved]))
    else:
        for k in [index, *(k for k in moved if k != index)]:
            lines = [(k, deltas[k])] if k in moved else []
            documents.append(_document(turn, what, profile, k, lines))
    turn.changes.sources.extend(sources_of(documents[0].number, sources))
    figures = turn.line(what.plant, what.line)
    figures.posted += what.good + scrap + waited - flow.waiting
    figures.scrap += scrap
    return documents


def sources_of(document: int, sources: Mapping[str, WindowSource]) -> list[Source]:
    """Turn the readings of a window into those of a document."""
    return [
        Source(
            document,
            device,
            s.first_entry,
            s.last_entry,
            s.readings,
            s.good,
            s.scrap,
            s.first_at,
            s.last_at,
            s.spans,
        )
        for device, s in sources.items()
    ]


def _document(
    turn: Turn, what: Report, profile: RemProfile, index: int, lines: Sequence[tuple[int, Units]]
) -> Document:
    """Make one document with its confirmations, dues and online postings. `index` is the point whose report it is."""
    flow = what.flow
    good = sum(delta.good for k, delta in lines if k == index)
    if not good and any(delta.scrap for k, delta in lines if k == index):
        type_ = "scrap"
    else:
        type_ = "assembly" if flow.points[index] == FINAL else "point"
    document = _bracket(turn, what, type_)
    own = flow.points.index(what.point)
    for k, delta in lines:
        reasons = what.scrap if k == own else {"": delta.scrap}
        # What a point had reported itself, and what only waited, is no automatic line.
        segment = flow.segments[k]
        automatic = k != own and segment.documented.passed > segment.reported.passed
        _confirm(turn, what, document, flow.points[k], delta, reasons, automatic=automatic)
    rows = [row for k, delta in lines for row in _dues(turn, what, profile, document, flow.points[k], delta)]
    turn.changes.rows.extend(rows)
    post_rows(turn, document, [row for row in rows if row.timing == "online"], profile)
    if index == own:
        post_direct(turn, document, what, profile)
    for k, delta in lines:
        reduce_orders(turn, document, flow, profile, flow.points[k], delta, what.order)
    waiting = sum(row.timing != "online" for row in rows)
    if waiting:
        turn.line(what.plant, what.line).worklist += waiting
    return document


def _bracket(turn: Turn, what: Report, type_: str) -> Document:
    return turn.document(
        type_,
        plant=what.plant,
        line=what.line,
        posting_date=turn.posting_date(what.plant, what.production_date),
        production_date=what.production_date,
        shift=what.shift,
        flow=what.flow,
        batch=what.batch,
        actor=what.actor,
        reason=what.reason,
        reference=what.reference,
        cause=what.cause,
    )


def _confirm(
    turn: Turn,
    what: Report,
    document: Document,
    point: str,
    delta: Units,
    reasons: Mapping[str, int],
    *,
    automatic: bool,
) -> None:
    left = delta.scrap
    split: dict[str, int] = {}
    for reason, units in reasons.items():
        split[reason] = min(left, units)
        left -= split[reason]
    if left:
        split[""] = split.get("", 0) + left
    good = delta.good
    for reason, units in sorted(split.items()) or [("", 0)]:
        if good or units:
            turn.changes.confirmations.append(Confirmation(document.number, point, reason, good, units, automatic))
            good = 0
    if good:
        turn.changes.confirmations.append(Confirmation(document.number, point, "", good, 0, automatic))
    material = turn.state.master.materials.get((document.plant, document.material))
    unit = material.unit if material else ""
    if delta.good:
        _count(turn, what, "yield", point, unit, delta.good)
    for reason, units in split.items():
        if units:
            _count(turn, what, "scrap", f"{point} {reason}".strip(), unit, units)


def _count(turn: Turn, what: Report, measure: str, detail: str, unit: str, quantity: int) -> None:
    turn.statistic(what.plant, what.production_date, what.shift, what.line, what.flow, measure, detail, unit, quantity)


def _dues(turn: Turn, what: Report, profile: RemProfile, document: Document, point: str, delta: Units) -> Iterable[Row]:
    """Raise the dues of one segment: receipt by yield, issue and activity by yield and scrap."""
    explosion = turn.state.explosions[what.explosion]
    dues = (
        (RECEIPT, delta.good, "online", False),
        (ISSUE, delta.passed if profile.goods_issue else 0, profile.goods_issue_timing, profile.cumulate_goods_issues),
        (ACTIVITY, delta.passed if profile.activities else 0, profile.activity_timing, profile.cumulate_activities),
    )
    for process, units, timing, cumulate in dues:
        if not units or process in what.replaced:
            continue
        for fixed in (False, True):
            if not explosion.part(process, point, fixed=fixed):
                continue
            scope = ""
            if fixed:
                scope = f"lot {what.batch}" if what.batch else f"shift {what.production_date} {what.shift}".rstrip()
            key = MarkKey(what.flow.id, what.explosion, point, process, scope)
            turn.keep_explosion(what.explosion)
            turn.mark(key).due += units
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
            )
            if timing == "update":
                turn.state.updates.append(row)
            yield row


def consume(turn: Turn, what: Report, type_: str, processes: frozenset[str], units: int) -> Document:
    """Post consumption alone, by the bill of material and routing for a reference quantity, or as it was said.

    It raises the dues of `processes` at the reported point, or at all segments where none is named (`FINAL`); the
    flow's quantities stay as they are.
    """
    flow = what.flow
    profile = profile_of(turn.state.master, flow.plant, flow.material)
    if isinstance(profile, Rejection):
        profile = RemProfile(profile="")
    # What is posted by its own type is due whatever the profile says of the product's backflush.
    profile = replace(profile, goods_issue=True, activities=True)
    document = _bracket(turn, what, type_)
    turn.changes.flows[flow.id] = flow
    what = what._replace(replaced=what.replaced | (frozenset((RECEIPT, ISSUE, ACTIVITY)) - processes))
    segments = flow.points if what.point == FINAL else (what.point,)
    rows = [row for point in segments for row in _dues(turn, what, profile, document, point, Units(units))]
    turn.changes.rows.extend(rows)
    post_rows(turn, document, [row for row in rows if row.timing == "online"], profile)
    post_direct(turn, document, what, profile)
    waiting = sum(row.timing != "online" for row in rows)
    if waiting:
        turn.line(what.plant, what.line).worklist += waiting
    return document


def post_direct(turn: Turn, document: Document, what: Report, profile: RemProfile) -> None:
    """Book what was said in place of the standard, or beside it."""
    for direct in what.direct:
        account = Account(direct.item, what.flow.cost_object, origin="direct", batch=direct.batch)
        account.quantity, account.amount = direct.quantity, direct.amount
        usage(turn, what.plant, what, what.flow, direct.item, direct.quantity)
        book(turn, document, account, profile, what.production_date)


def shortfall(turn: Turn, place: Place, units: int) -> Rejection | None:
    """Say which component is short, where the profile rejects shortages and issues at once; change nothing."""
    flow = turn.state.flows[place.flow]
    profile = profile_of(turn.state.master, flow.plant, flow.material)
    if (
        isinstance(profile, Rejection)
        or profile.withdrawal_errors != "reject"
        or profile.goods_issue_timing != "online"
    ):
        return None
    explosion = turn.state.explosions[place.explosion]
    mark = turn.state.marks.get(MarkKey(flow.id, place.explosion, place.point, ISSUE, ""))
    low = mark.posted if mark else 0
    portions = explosion.between(ISSUE, place.point, fixed=False, low=low, high=low + units)
    return _lacking(turn, [(StockKey(flow.plant, i.object, i.place), n) for i, n, _ in portions if i.sign < 0])


def shortfall_said(turn: Turn, profile: RemProfile, place: Place, direct: Iterable[DirectItem]) -> Rejection | None:
    """Say which component that was said is short, where the profile rejects shortages; change nothing."""
    if profile.withdrawal_errors != "reject":
        return None
    plant = place.version.plant
    issues = [d for d in direct if d.item.process == ISSUE and d.item.sign < 0]
    return _lacking(turn, [(StockKey(plant, d.item.object, d.item.place, d.batch), d.quantity) for d in issues])


def _lacking(turn: Turn, wanted: Iterable[tuple[StockKey, int]]) -> Rejection | None:
    needed: dict[StockKey, int] = {}
    for key, quantity in wanted:
        needed[key] = needed.get(key, 0) + quantity
    for key, quantity in needed.items():
        if issuable(turn, key, quantity, determination=False) != quantity:
            return Rejection(
                Reason.SHORTAGE if key.location else Reason.NO_ISSUE_LOCATION,
                f"component {key.material}: location {key.location or '(none)'} lacks {format_quantity(quantity)}",
            )
    return None
