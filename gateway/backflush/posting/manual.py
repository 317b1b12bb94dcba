"""Manual postings: pieces that no device has counted, and quantities used besides the standard.

The type decides which dues are raised: a product at a point raises those of a counted one; a component posting only
issues, an activity posting only books times, component scrap and by-products name their items. Actual quantities
replace the standard of their process. Components that are not backflushed are issued by a component posting, by name or
with the whole list; their standard is that of the units made.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from devices.errors import Rejection
from gateway.backflush.memory.events import Actual, ActualComponent, Post, Sender
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import WindowSource
from gateway.backflush.plant.explode import profile_of
from gateway.backflush.plant.explosion import Listed
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.plant.versions import Named
from gateway.backflush.posting.actuals import ActualItem, Saying, actual_items
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.consumption import consume, segments_of
from gateway.backflush.posting.drafts import Report, report_at
from gateway.backflush.posting.names import Said, judge, judges, unknown_line
from gateway.backflush.posting.places import (
    BookingPlace,
    PlaceRequest,
    needs_of_place,
    no_point,
    pieces_for,
    place_at,
    too_many,
)
from gateway.backflush.posting.plausibility import not_plausible
from gateway.backflush.posting.report import report
from gateway.backflush.posting.shortages import not_on_line, segments_passed, shortfall, shortfall_of_consumption
from gateway.backflush.values.documents import (
    ACTIVITY,
    CONSUMPTION,
    FINAL,
    ISSUE,
    NEED,
    Document,
    DocumentType,
    Process,
)
from gateway.backflush.values.quantities import MICRO, format_quantity, step_of
from gateway.errors import Reason

_PRODUCT: Final[frozenset[DocumentType]] = frozenset({"assembly", "point", "scrap"})
_SCRAP: Final[frozenset[DocumentType]] = frozenset({"scrap", "component_scrap"})
_BY_LIST: Final[Mapping[DocumentType, tuple[tuple[Process, ...], tuple[int, ...]]]] = {
    "component": ((NEED,), (-1, 1)),
    "component_scrap": ((ISSUE, NEED), (-1,)),
    "by_product": ((ISSUE, NEED), (1,)),
}
"""The processes and signs of a list that a posting without named components covers.
"""


def needs_of_post(inquiry: Inquiry, action: Post) -> None:
    """Name the records that a manual posting touches."""
    at = action.at or inquiry.now
    needs_of_place(inquiry, action.plant, action.line, at, action.batch, action.cost_object)


def post(books: Books, action: Post, sender: Sender) -> list[Document] | Rejection:
    """Post by hand; a refusal changes nothing."""
    at = action.at or books.now
    wanted = PlaceRequest(
        action.plant,
        action.line,
        action.after or action.point,
        Named(action.material, action.version, action.order),
        action.batch,
        "",
        action.cost_object,
        action.revision,
    )
    place = unknown_line(books.state.master, action.plant, action.line) or place_at(books, wanted, at)
    if isinstance(place, Rejection):
        return place
    if unknown := _unknown(books, action, place):
        return unknown
    profile = profile_of(books.state.master, place.version.plant, place.version.material)
    if isinstance(profile, Rejection):
        return profile
    if refused := _out_of_place(action) or no_point(books, place, action.after or action.point, sender.device):
        return refused
    scrap = {action.scrap_reason: action.quantity} if action.type == "scrap" and action.quantity else {}
    lost, scrap = (scrap, {}) if action.after else ({}, scrap)
    what = report_at(books, place, 0 if scrap or lost else action.quantity, scrap)._replace(
        actor=sender.actor,
        reason=_why(books, action, sender),
        reference=sender.reference,
        order=action.order,
        replaced=action.actual.replaced if action.type in _PRODUCT else action.actual.replaced | {NEED},
        lost=lost,
        rework=action.rework,
    )
    direct = _direct(books, place, _saying(books, what, profile, action), action)
    if isinstance(direct, Rejection):
        return direct
    if refused := _bad_quantity(books, place, action, forced=action.force and bool(sender.reason)):
        return refused
    what = what._replace(direct=direct)
    if action.type not in _PRODUCT:
        dues = _dues_of(action)
        short = shortfall_of_consumption(books, what, dues, action.quantity)
        return short or [consume(books, what, action.type, dues, action.quantity)]
    short = not_on_line(books, what) or shortfall(books, what)
    if short is not None:
        return short
    scrapped = sum(scrap.values())
    last_at = at if books.state.rules.edition < 1 else min(at, books.now)
    books.line(action.plant, action.line).count(what.good + scrapped, last_at)
    source = WindowSource(books.entry, at)
    source.readings, source.good, source.scrap = 1, what.good, scrapped
    return report(books, what, {sender.device: source})


def _why(books: Books, action: Post, sender: Sender) -> str:
    """Return the reason of the document; component scrap adds its scrap reason, having no pieces to hold it."""
    if action.type != "component_scrap" or not action.scrap_reason or not judges(books.state):
        return sender.reason
    return ": ".join(filter(None, (f"scrap {action.scrap_reason}", sender.reason)))


def _unknown(books: Books, action: Post, place: BookingPlace) -> Rejection | None:
    """Refuse an unknown reason or sales order, and two cost objects."""
    if action.unclear and judges(books.state):
        return Rejection(Reason.BAD_COMMAND, action.unclear)
    if action.scrap_reason and action.type not in _SCRAP and judges(books.state):
        text = f"scrap_reason: expected a posting of scrap or component scrap, got one of {action.type}"
        return Rejection(Reason.BAD_COMMAND, text)
    components = action.actual.components or ()
    said = Said(
        action.plant,
        reasons=(action.scrap_reason,),
        bearer=action.cost_object,
        locations=[component.location for component in components],
        work_centers=[activity.work_center for activity in action.actual.activities or ()],
        names=[("batch", component.batch) for component in components],
    )
    receives = action.type in ("assembly", "point") and action.quantity > 0
    made = pieces_for(books, action.plant, action.cost_object) if receives else 0
    return judge(books.state, said._replace(ordered=place.version.material, made=made))


def _bad_quantity(books: Books, place: BookingPlace, action: Post, *, forced: bool) -> Rejection | None:
    """Refuse a negative quantity, zero if one is needed, a fraction that the unit does not have, and too much."""
    given = action.actual.components is not None or action.actual.activities is not None
    if action.type in _PRODUCT:
        given = bool(action.rework)
    made = books.state.master.materials[place.version.plant, place.version.material]
    for what, units in (("quantity", action.quantity), ("rework", action.rework)):
        if units < 0 or (not units and what == "quantity" and not given):
            return Rejection(Reason.BAD_QUANTITY, f"the {what} is {format_quantity(units)}, expected more than 0")
        if units % step_of(made.decimals):
            text = f"the {what} is {format_quantity(units)}, {made.unit} has {made.decimals} decimals"
            return Rejection(Reason.BAD_QUANTITY, text)
        if not books.fits(action.plant, action.line, units):
            return Rejection(
                Reason.BAD_QUANTITY, f"the {what} is {format_quantity(units)}: that is more than is plausible"
            )
    units = action.quantity + action.rework
    unlikely = None if forced else not_plausible(books, action.plant, action.line, made, units, by_hand=True)
    return unlikely or too_many(books, place, units)


def _out_of_place(action: Post) -> Rejection | None:
    """Refuse components of an activity posting, times of a component posting, and both of pieces that were counted."""
    actual = action.actual
    if action.after and (action.type != "scrap" or action.point or action.rework or actual != Actual()):
        return Rejection(Reason.BAD_COMMAND, "after: expected scrap alone, without point, rework and actual quantities")
    if action.rework and action.type not in _PRODUCT:
        return Rejection(Reason.BAD_COMMAND, f"rework: expected a posting of the product, got one of {action.type}")
    if actual.complete and actual.components is None and actual.activities is None:
        return Rejection(Reason.BAD_COMMAND, "complete: expected components or activities, got none")
    if action.type == "activity" and actual.components is not None:
        return Rejection(Reason.BAD_COMMAND, "a posting of type activity takes activities, it got components")
    if action.type not in _PRODUCT | {"activity"} and actual.activities is not None:
        name = action.type.replace("_", "-")
        return Rejection(Reason.BAD_COMMAND, f"a posting of type {name} takes components, it got activities")
    return None


def _dues_of(action: Post) -> frozenset[Process]:
    """Return the dues of consumption for its reference quantity: none if every item was reported."""
    match action.type:
        case "component":
            return frozenset[Process]({ISSUE}) - action.actual.replaced
        case "activity":
            return frozenset[Process]({ACTIVITY}) - action.actual.replaced
        case _:
            return frozenset()


def _direct(books: Books, place: BookingPlace, saying: Saying, action: Post) -> tuple[ActualItem, ...] | Rejection:
    """Value the reported items; without a list those of the bill of material, or its components not backflushed."""
    actual = action.actual
    if action.type in _BY_LIST and actual.components is None and action.quantity > 0:
        standard = _standard(books, place, action.quantity, action.type)
        actual = Actual(standard) if standard or action.type != "component" else actual
    found = list(actual_items(books.state.master, place.version, actual, saying))
    refused = next((each for each in found if isinstance(each, Rejection)), None)
    if refused is not None:
        return refused
    items = tuple(each for each in found if isinstance(each, ActualItem))
    nothing = actual.components is not None or action.type in ("component_scrap", "by_product")
    if (
        not items
        and action.type not in _PRODUCT
        and (nothing or (action.type == "activity" and actual.activities is not None))
    ):
        what = "activity" if action.type == "activity" else "component"
        return Rejection(Reason.NOTHING_TO_POST, f"there is nothing to post: no {what} was said or is in the list")
    return items


def _saying(books: Books, what: Report, profile: RemProfile, action: Post) -> Saying:
    """Return the list by which named components are read."""
    issue = profile.movement_scrap if action.type == "component_scrap" else profile.movement_issue
    sign = {"component_scrap": -1, "by_product": 1}.get(action.type, 0)
    return Saying(_places_in_list(books, what, action), issue, profile.movement_by_product, sign)


def _places_in_list(books: Books, what: Report, action: Post) -> Listed:
    """Return the places of each component on the list, and its quantity at each.

    Reported quantities replace those of the lists for the posted units, at all segments that these pass. For any other
    component the operations of the point decide, else all.
    """
    explosion = books.state.explosions[what.explosion]
    if books.state.rules.edition < 1:  # The list's last item of a component counted for all of them.
        items = sorted(
            (i for i in explosion.items if i.process in (ISSUE, NEED)), key=lambda i: i.segment == what.point
        )
        return {(item.object, item.sign): {item.place: Fraction(1)} for item in items}
    listed = explosion.places(dict.fromkeys(what.flow.points, MICRO))
    named = {component.material for component in action.actual.components or () if not component.location}
    apart = any(name in named and len(places) > 1 for (name, _), places in listed.items())
    listed |= explosion.places(dict.fromkeys(segments_of(what) if action.type in CONSUMPTION else (what.point,), MICRO))
    if apart and action.type in _PRODUCT and action.quantity > 0:
        listed |= _places_of_report(books, what)
    return listed


def _places_of_report(books: Books, what: Report) -> Listed:
    """Return the places where the units of a report take their components."""
    made: Listed = {}
    for part in segments_passed(books, what):
        if part.what.replaced == what.replaced:
            here = books.state.explosions[part.what.explosion].places({part.point: part.delta.passed})
            for key, places in here.items():
                sums = made.setdefault(key, {})
                sums.update({place: sums.get(place, 0) + units for place, units in places.items()})
    return made


def _standard(books: Books, place: BookingPlace, units: int, type_: DocumentType) -> tuple[ActualComponent, ...]:
    """Return the requirements of the bill of material for units, at the point's operations or at all."""
    processes, signs = _BY_LIST[type_]
    explosion = books.state.explosions[place.explosion]
    flow = books.state.flows[place.flow]
    segments = flow.points if place.point == FINAL else (place.point,)
    return tuple(
        ActualComponent(item.object, quantity, "", item.place)
        for point in segments
        for item in explosion.items
        if (item.segment, item.fixed) == (point, False) and item.process in processes and item.sign in signs
        if (quantity := item.quantity(units))
    )
