"""Direct items: quantities that were said, not exploded.

Actual components replace the explosion's (that due is not raised), actual times likewise; a list of components or
times without a product is a posting of its own. They bypass the separation of processes: what was said is booked at
once, at today's prices.
"""

from collections.abc import Iterator
from typing import NamedTuple

from devices.errors import Rejection
from devices.messages import Used, Worked
from gateway.backflush.accounts import Account, Terms
from gateway.backflush.documents import ACTIVITY, ISSUE
from gateway.backflush.explode import issue_location
from gateway.backflush.explosion import ExplodedItem
from gateway.backflush.plant import BomItem, MasterData
from gateway.backflush.prices import terms_of
from gateway.backflush.quantities import LIMIT_AT_ONCE, format_quantity, parse_quantity, step_of
from gateway.backflush.versions import ProductionVersion
from gateway.errors import Reason


class ActualComponent(NamedTuple):
    """A component as it was really used; an empty unit is its base unit, an empty location is chosen by rule."""

    material: str
    quantity: int
    unit: str = ""
    location: str = ""
    batch: str = ""


class ActualActivity(NamedTuple):
    """Hours as they were really worked."""

    work_center: str
    activity: str
    hours: int


class Actual(NamedTuple):
    """What was said in place of the standard; None: nothing was said, the standard holds."""

    components: tuple[ActualComponent, ...] | None = None
    activities: tuple[ActualActivity, ...] | None = None


def actual_of(components: tuple[Used, ...] | None, activities: tuple[Worked, ...] | None) -> Actual:
    """Return what a telegram said in place of the standard."""
    used, worked = None, None
    if components is not None:
        used = tuple(
            ActualComponent(c.material, parse_quantity(c.quantity) or 0, c.unit, c.location, c.batch)
            for c in components
        )
    if activities is not None:
        worked = tuple(ActualActivity(a.work_center, a.activity, parse_quantity(a.hours) or 0) for a in activities)
    return Actual(used, worked)


class DirectItem(NamedTuple):
    """One item as said, and how much of it."""

    item: ExplodedItem
    terms: Terms
    quantity: int
    batch: str


def direct_items(
    master: MasterData, version: ProductionVersion, actual: Actual, movement: str, *, received: bool
) -> Iterator[DirectItem | Rejection]:
    """Yield what was said, valued at today's prices; `received` are by-products."""
    for component in actual.components or ():
        material = master.materials.get((version.plant, component.material))
        if material is None:
            yield Rejection(Reason.UNKNOWN_MATERIAL, f"plant {version.plant} has no material {component.material}")
            return
        factor = (1, 1) if component.unit in ("", material.unit) else material.units.get(component.unit)
        if factor is None:
            yield Rejection(
                Reason.NO_UNIT, f"component {component.material}: {component.unit} does not convert to {material.unit}"
            )
            return
        quantity, rest = divmod(component.quantity * factor[0], factor[1])
        if rest or quantity <= 0 or quantity % step_of(material.decimals):
            yield Rejection(
                Reason.BAD_QUANTITY,
                f"component {component.material}: expected above 0 {material.unit}, {material.decimals} decimals",
            )
            return
        place = component.location or issue_location(master, version, BomItem("", component.material, 0), material)
        if received:
            place = component.location or version.receiving_location or material.receiving_location
        item = ExplodedItem(
            process=ISSUE,
            segment="",
            fixed=False,
            sign=1 if received else -1,
            object=component.material,
            place=place,
            unit=material.unit,
            numerator=1,
            denominator=1,
            step=step_of(material.decimals),
        )
        yield _valued(item, terms_of(master, version.plant, item, movement), quantity, component.batch)
    for activity in actual.activities or ():
        center = master.work_centers.get((version.plant, activity.work_center))
        if center is None:
            yield Rejection(Reason.BAD_COMMAND, f"plant {version.plant} has no work center {activity.work_center}")
            return
        if activity.activity not in center.rates:
            known = ", ".join(sorted(center.rates)) or "none"
            text = f"work center {activity.work_center} has no rate for activity {activity.activity}; it has {known}"
            yield Rejection(Reason.UNKNOWN_ACTIVITY, text)
            return
        if activity.hours <= 0:
            yield Rejection(Reason.BAD_QUANTITY, f"activity {activity.activity}: expected more than 0 hours")
            return
        item = ExplodedItem(
            process=ACTIVITY,
            segment="",
            fixed=False,
            sign=1,
            object=activity.activity,
            place=activity.work_center,
            unit="H",
            numerator=1,
            denominator=1,
            step=1,
        )
        yield _valued(item, terms_of(master, version.plant, item, ""), activity.hours, "")


def _valued(item: ExplodedItem, terms: Terms, quantity: int, batch: str) -> DirectItem | Rejection:
    amount = Account().value(quantity, terms)
    if max(quantity, amount) < LIMIT_AT_ONCE:
        return DirectItem(item, terms, quantity, batch)
    return Rejection(
        Reason.BAD_QUANTITY,
        f"{item.object}: {format_quantity(quantity)} {item.unit}, worth {format_quantity(amount)}, is beyond belief",
    )
