"""Booking places: flow, point, explosion, production day and window of units, resolved at the event's time.

Resolving is the expensive part of confirming, and its result holds for a while (the run, the shift): a `BookingPlace`
is kept with the times between which it is valid, so that a counter's next telegram costs one comparison. All are
dropped when master data, runs, orders or periods change.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final, NamedTuple

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.balance import scope_of
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Flow, Window, WindowKey
from gateway.backflush.memory.state import State, month_before
from gateway.backflush.plant.explode import points_of, profile_of, routing_at
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import LATEST, ROAMING, ProductionDay
from gateway.backflush.plant.versions import Named, ProductionVersion, Run, resolve, run_at
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, bearer_names, judge, judges, unknown_order
from gateway.backflush.posting.prices import MOST_WORTH, most_units
from gateway.backflush.values.cost_objects import Bearer, collector_of, cost_object_of, parse_cost_object
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.names import quote
from gateway.backflush.values.phrases import ENGLISH, Language, phrase
from gateway.backflush.values.quantities import LIMIT, format_quantity
from gateway.backflush.values.window_policy import WindowPolicy, parse_window
from gateway.errors import Reason

_SAID_BY_SCANNERS_SINCE = 4
"""The first edition in which a point that a card or telegram of a scanner says is judged."""

NO_PIECES: Final[Mapping[str, int]] = MappingProxyType({})
NO_PLACE: Final = Rejection(Reason.NO_LINE, "the device roams and has scanned no card that names its line")


class PlaceRequest(NamedTuple):
    """The request for a booking place."""

    plant: str
    line: str
    operation: str = ""
    """The counting point; empty is the final backflush."""
    named: Named = Named()
    batch: str = ""
    window: str = ""
    cost_object: str = ""
    """Sales order or lot, as `cost_object_of` names it; empty is the run's, else make-to-stock."""
    revision: str = ""


@dataclass(slots=True)
class BookingPlace:
    """A resolved booking place, valid for start <= event time < end."""

    start: int
    end: int
    wanted: PlaceRequest
    version: ProductionVersion
    flow: str
    point: str
    explosion: str
    day: ProductionDay
    batch: str
    policy: WindowPolicy
    run_start: int
    most: int
    """The units of one line whose quantities by this explosion the ledger can always hold, ..."""
    worth: int
    """... and those whose amounts it can hold, in a month."""
    window: Window | None = field(default=None)

    @property
    def key(self) -> WindowKey:
        """The key of its window."""
        day, line, policy = self.day, self.wanted.line, self.policy.kind
        return WindowKey(self.flow, self.point, self.explosion, day.date, day.shift, self.batch, line, policy)


def needs_of_place(inquiry: Inquiry, plant: str, line: str, at: int, batch: str = "", cost_object: str = "") -> None:
    """Name every lot, shift and cost object to which pieces of a line may belong at a time."""
    known = inquiry.state.master.plants.get(plant)
    if known is None:
        return
    day = known.day(at)
    inquiry.scope(scope_of("", day.date, day.shift))
    inquiry.lot(batch)
    inquiry.bearer(plant, cost_object)
    order = inquiry.state.master.sales_orders.get(cost_object)
    if order is not None:
        inquiry.sold[plant, cost_object, order.material] = None
    inquiry.runs(plant, line, at)
    run = run_at(inquiry.state.runs.get((plant, line), ()), at)
    if run is not None:
        inquiry.lot(batch_of(run, day))
        inquiry.bearer(plant, cost_object_of(run.sales_order, run.sales_order_item, ""))


def place_at(books: Books, wanted: PlaceRequest, at: int) -> BookingPlace | Rejection:
    """Return the booking place of an event, resolved at its own time; a device that roams has none without a line."""
    if wanted.line == ROAMING:
        return NO_PLACE
    known: BookingPlace | None = books.state.resolved.places.get(wanted)
    if known is not None and known.start <= at < known.end:
        return known
    place = _resolve(books, wanted, at)
    if isinstance(place, BookingPlace):
        books.state.resolved.places[wanted] = place
    return place


def no_point(books: Books, place: BookingPlace, named: str, device: str = "") -> Rejection | None:
    """Refuse a named operation that is no reporting point: it would be taken for the line's end.

    A device may stand at one by its row, and its pieces are counted at the end; the last operation is the end.
    """
    edition, master = books.state.rules.edition, books.state.master
    if edition < 1 or place.point != FINAL or named in ("", FINAL):
        return None
    row = master.devices.get(device)
    if device and (edition < _SAID_BY_SCANNERS_SINCE or (row is not None and named == row.operation)):
        return None
    routing = routing_at(master, place.version, place.day.date)
    if isinstance(routing, Rejection) or named == routing.operations[-1].operation:
        return None
    points = ", ".join(books.state.flows[place.flow].points)
    text = f"operation {named} of {place.version.material} is no reporting point; the points are {points}"
    return Rejection(Reason.UNKNOWN_POINT, text)


def _resolve(books: Books, wanted: PlaceRequest, at: int) -> BookingPlace | Rejection:
    state = books.state
    plant = state.master.plants.get(wanted.plant)
    if plant is None:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {quote(wanted.plant)}")
    day = plant.day(at)
    if plant.closed_period_policy == "wait" and (wanted.plant, day.date[:7]) in state.closed_periods:
        return Rejection(Reason.PERIOD_CLOSED, f"period {day.date[:7]} of plant {wanted.plant} is closed")
    runs = state.runs_from(wanted.plant, wanted.line, at)
    run = run_at(runs, at)
    names = (("batch", wanted.batch), ("revision", wanted.revision), *bearer_names(wanted.cost_object))
    unknown = judge(state, Said(wanted.plant, wanted.line, names=names))
    version, lasting = (unknown, True) if unknown else _version(state, wanted, run, day.date)
    if isinstance(version, Rejection):
        return version
    # A label may name another product than the run's: then nothing else of the run applies.
    own = run if run and run.material == version.material and run.version in ("", version.version) else None
    cost_object = wanted.cost_object or _cost_object(version, own)
    bearer = parse_cost_object(cost_object).bearer
    to_stock = bearer is Bearer.STOCK
    revision = wanted.revision or (own.revision if own else "")
    order = state.orders.get(wanted.named.order)
    explosion = books.explosion(version, day.date, revision, order, bearer)
    if isinstance(explosion, Rejection):
        return explosion
    profile = profile_of(state.master, version.plant, version.material)
    routing = routing_at(state.master, version, day.date)
    if isinstance(profile, Rejection):
        return profile
    if isinstance(routing, Rejection):
        return routing
    points = points_of(routing, profile)
    operations = [o.operation for o in routing.operations]
    if not to_stock and wanted.operation in points[:-1] and wanted.operation != operations[-1]:
        text = f"operation {wanted.operation} reports for stock only; {cost_object} is received after {operations[-1]}"
        return Rejection(Reason.UNKNOWN_POINT, text)
    points = points if to_stock else (FINAL,)
    said = "" if wanted.operation in operations else wanted.operation
    point = judge(state, Said(wanted.plant, wanted.line, point=said)) or _point(wanted.operation, points, operations)
    if isinstance(point, Rejection):
        return point
    flow = books.flow(version.plant, version.material, version.version, cost_object, points)
    changes = [time for r in runs for time in (r.start, r.end) if time is not None]
    start = max([day.start, *(time for time in changes if time <= at)])
    end = min([day.end, *(time for time in changes if time > at)])
    policy = parse_window(wanted.window or state.rules.window) or WindowPolicy("timed", seconds=1)
    most, worth = most_units(state.master, version.plant, explosion)
    return BookingPlace(
        start=start,
        end=end if lasting else at,
        wanted=wanted,
        version=version,
        flow=flow.id,
        point=point,
        explosion=explosion.id,
        day=day,
        batch=wanted.batch or (batch_of(own, day) if own else ""),
        policy=policy,
        run_start=run.start if run else 0,
        most=most,
        worth=worth if judges(state) else worth * LIMIT // MOST_WORTH,  # older journals: of all pieces ever made
    )


def without_run(books: Books, language: Language, plant: str, line: str, at: int) -> str:
    """Describe the treatment of a line's reports from a time on while it has no run: it may still be producing."""
    counted = version_at(books.state, plant, line, None, at)
    if isinstance(counted, Rejection):
        return phrase(language, "counters_wait", why=counted.text)
    return phrase(language, "counters_count", product=f"{counted.material} {counted.version}")


def version_at(state: State, plant: str, line: str, run: Run | None, at: int) -> ProductionVersion | Rejection:
    """Return the version of a line's pieces at a time, in a run or without one, if no message names another."""
    known = state.master.plants.get(plant)
    return _version(state, PlaceRequest(plant, line), run, known.day(at).date if known is not None else "")[0]


def too_many(books: Books, place: BookingPlace, units: int) -> Rejection | None:
    """Refuse units that would make an item of their explosion larger than the ledger can hold.

    Quantities add up without end, amounts by month: the collectors have one row for each.
    """
    plant, name = place.wanted.plant, place.wanted.line
    line = books.state.lines.get((plant, name))
    counted = line.counted if line is not None else 0
    in_all = units + counted
    if in_all <= place.most:
        if in_all <= place.worth:
            return None
        month = place.day.date[:7]
        if line is not None and judges(books.state):
            # A person may force or replay units of a month long ago: they are compared with the limit alone.
            made = books.state.made.get((plant, name, month), 0) if month >= month_before(books.now) else 0
            if in_all - line.posted + made <= place.worth:
                return None
    within, what = (place.most, "in all") if units + counted > place.most else (place.worth, "in a month")
    product = f"{place.version.material} {place.version.version}"
    return Rejection(
        Reason.BAD_QUANTITY,
        f"expected at most {format_quantity(within)} units of {product} on a line {what}, got "
        f"{format_quantity(units)} more: they, their components or their value are beyond what the ledger can hold",
    )


def no_batch_rule(rule: str) -> Rejection | None:
    """Refuse a word in braces that no rule of a batch knows (`batch_of`): it would stand in the batch as it is.

    >>> print(no_batch_rule("{line}-{datum}").text)
    batch: expected {date}, {shift} or {line} in braces, got '{datum}'
    """
    unknown = next((word for word in re.findall(r"{[^{}]*}", rule) if word not in ("{date}", "{shift}", "{line}")), "")
    text = f"batch: expected {{date}}, {{shift}} or {{line}} in braces, got {quote(unknown)}"
    return Rejection(Malformed.OUT_OF_RANGE, text) if unknown else None


def batch_of(run: Run, day: ProductionDay) -> str:
    """Return the receiving batch of a run; its rule may hold the pieces' `{date}`, `{shift}` and `{line}`.

    >>> run = Run("1000", "L04", 0, None, "FG", "0001", batch="{line}-{date}{shift}")
    >>> batch_of(run, ProductionDay("2026-11-22", "N", 0, 0))
    'L04-20261122N'
    """
    rule = run.batch
    for name, value in (("{date}", day.date.replace("-", "")), ("{shift}", day.shift), ("{line}", run.line)):
        rule = rule.replace(name, value)
    return rule


def _version(
    state: State, wanted: PlaceRequest, run: Run | None, date: str
) -> tuple[ProductionVersion | Rejection, bool]:
    """Choose the version, and return whether the choice lasts: not if orders decide, which get used up."""
    master = state.master
    where = f"line {wanted.plant}/{wanted.line}"
    candidates = master.versions_of_line.get((wanted.plant, wanted.line), ())
    named = wanted.named
    if named.order:
        said = Said(wanted.plant, wanted.line, named.material, named.version, order=named.order)
        unknown = unknown_order(state, said)
        if unknown is not None:
            return unknown, True
        wanted_order = state.orders[named.order]
        of_order = Named(wanted_order.material, wanted_order.version or named.version)
        made = candidates if judges(state) else master.versions.get((wanted.plant, wanted_order.material), ())
        named_by = f"planned order {named.order}"
        return _why_not_made(
            state, wanted, of_order, resolve(made, of_order, date, wanted_order.quantity, named_by)
        ), True
    if named.version:
        return _why_not_made(state, wanted, named, resolve(candidates, named, date, None, where)), True
    if run is not None and (not named.material or named.material == run.material):
        of_material = master.versions.get((wanted.plant, run.material), ())
        return resolve(of_material, Named(run.material, run.version), date, None, f"the run of {where}"), True
    order = next(
        (
            o
            for o in state.orders_on.get((wanted.plant, wanted.line), ())
            if o.start <= date <= (o.finish or LATEST)
            and o.open(QUANTITY)
            and (not named.material or named.material == o.material)
        ),
        None,
    )
    if order is not None:
        planned = Named(order.material, order.version)
        return _why_not_made(state, wanted, planned, resolve(candidates, planned, date, order.quantity, where)), False
    return _why_not_made(state, wanted, named, resolve(candidates, named, date, None, where)), True


def _why_not_made(
    state: State, wanted: PlaceRequest, named: Named, found: ProductionVersion | Rejection
) -> ProductionVersion | Rejection:
    """Refine a refusal: the line cannot make the product."""
    if not isinstance(found, Rejection):
        return found
    return judge(state, Said(wanted.plant, wanted.line, named.material, named.version)) or found


def pieces_for(books: Books, plant: str, cost_object: str) -> int:
    """Return the number of pieces made for a sales order, of all versions, by all gateways."""
    read = books.facts.made.get((plant, cost_object))
    if read is None:
        return 0
    made = (plant, books.state.master.sales_orders[cost_object].material, cost_object)
    # Uncommitted pieces are our own.
    ours = (f for f in books.changes.flows.values() if (f.plant, f.material, f.cost_object) == made)
    return _sum_made(read, ours)


def _sum_made(read: Mapping[str, int], newer: Iterable[Flow]) -> int:
    """Return the pieces of flows as they were read, or as in memory if that is newer."""
    return sum({**read, **{flow.id: flow.segments[-1].documented.good for flow in newer}}.values())


def beyond_order(
    state: State, language: Language, plant: str, material: str, cost_object: str, read: Mapping[str, int] = NO_PIECES
) -> str:
    """Describe the pieces made beyond a sales order, by memory and the ledger; empty if there are none."""
    item = state.master.sales_orders.get(cost_object)
    if item is None or (item.plant, item.material) != (plant, material):
        return ""
    versions = state.master.versions.get((plant, material), ())
    kinds = ((plant, material, version.version, cost_object) for version in versions)
    made = _sum_made(read, (flow for kind in kinds for flow in state.flows_of.get(kind, ())))
    if made <= item.quantity:
        return ""
    amounts = {"made": format_quantity(made), "wanted": format_quantity(item.quantity)}
    return phrase(language, "beyond_order", order=parse_cost_object(cost_object).name, **amounts)


def sold_by_runs(state: State) -> dict[tuple[str, str], tuple[str, str, str]]:
    """Return the sales orders of runs in force, by line: (plant, cost object, material)."""
    runs = {line: run for line, some in sorted(state.runs.items()) if (run := run_at(some, state.now)) is not None}
    return {
        line: (run.plant, cost_object_of(run.sales_order, run.sales_order_item, ""), run.material)
        for line, run in runs.items()
        if run.sales_order
    }


def runs_beyond_orders(state: State, read: Mapping[tuple[str, str], Mapping[str, int]]) -> tuple[str, ...]:
    """Describe the lines whose run makes more than its sales order wants; `read` holds made pieces by flow."""
    told = []
    for (_, line), (plant, cost_object, material) in sold_by_runs(state).items():
        beyond = beyond_order(state, ENGLISH, plant, material, cost_object, read.get((plant, cost_object), NO_PIECES))
        told += [f"{plant}/{line}: {beyond}"] if beyond else []
    return tuple(told)


def unclear_bearer(sales_order: str, sales_order_item: str, lot: str) -> str:
    """Describe the contradiction in given cost objects; empty if there is none."""
    if sales_order and lot:
        return f"expected a sales order or a lot, got sales order {quote(sales_order)} and lot {quote(lot)}"
    if sales_order_item and not sales_order:
        return f"expected the sales order of item {quote(sales_order_item)}, got none"
    return ""


def _cost_object(version: ProductionVersion, run: Run | None) -> str:
    ordered = cost_object_of(run.sales_order, run.sales_order_item, "") if run is not None else ""
    return ordered or collector_of(version.plant, version.material, version.version)


def _point(operation: str, points: tuple[str, ...], operations: list[str]) -> str | Rejection:
    if not operation or operation == FINAL or points == (FINAL,):
        return FINAL
    if operation in points:
        return operation
    if operation in operations and operation > points[-2]:
        return FINAL
    return Rejection(
        Reason.UNKNOWN_POINT, f"operation {operation} is no reporting point; the points are {', '.join(points)}"
    )
