"""Direct items: reported actual quantities, not exploded ones.

Actual components replace those of the explosion that they name, or all of them (that due is not raised), actual times
likewise; a list of components or times without a product is a posting of its own. The bill of material decides whether
and where they are issued or received. They bypass the separation of processes: they are booked at once, at today's
prices.
"""

from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.balance import Account
from gateway.backflush.memory.events import Actual, ActualComponent
from gateway.backflush.plant.explode import issue_location
from gateway.backflush.plant.explosion import ExplodedItem, Listed, Terms
from gateway.backflush.plant.snapshot import BomItem, MasterData
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.posting.names import no_material, no_unit
from gateway.backflush.posting.prices import terms_of
from gateway.backflush.values.documents import ACTIVITY, ISSUE
from gateway.backflush.values.names import quote
from gateway.backflush.values.quantities import LIMIT_AT_ONCE, format_quantity, step_of
from gateway.errors import Reason


class ActualItem(NamedTuple):
    """One reported item, and its quantity."""

    item: ExplodedItem
    terms: Terms
    quantity: int
    batch: str


class Saying(NamedTuple):
    """The list by which reported components are read."""

    listed: Listed
    """(component, sign): the places where the list issues or receives it, and their proportions."""
    issue: str
    """The movement type of issues."""
    receipt: str
    """That of by-products."""
    sign: int = 0
    """-1: all are issued; +1: all are received; 0: as in the list, unknown ones are issued."""

    def sign_of(self, material: str) -> int:
        """Return whether a component is issued or received."""
        return self.sign or (1 if (material, 1) in self.listed and (material, -1) not in self.listed else -1)

    def share_out(self, material: str, quantity: int, step: int) -> Iterator[tuple[str, int]]:
        """Split a quantity among the list's places of a component, in their ratio and in whole steps.

        The place of a component that is not on the list is empty.
        """
        places = self.listed.get((material, self.sign_of(material)), {}) or {"": Fraction(1)}
        total, reached, done = sum(places.values()) or 1, Fraction(0), 0
        *_, last = places
        for place, weight in places.items():
            reached += weight
            upto = quantity if place == last else int((2 * quantity * reached / total + step) // (2 * step)) * step
            if upto > done:
                yield place, upto - done
                done = upto


def quantity_of(master: MasterData, plant: str, component: ActualComponent, *, least: int = 1) -> int | Rejection:
    """Return the reported quantity of a component, in its base unit."""
    name = component.material
    material = master.materials.get((plant, name))
    if material is None:
        return no_material(plant, name)
    factor = (1, 1) if component.unit in ("", material.unit) else material.units.get(component.unit)
    if factor is None:
        return no_unit(material, component.unit)
    quantity, rest = divmod(component.quantity * factor[0], factor[1])
    if rest or quantity < least or quantity % step_of(material.decimals):
        expected = f"{'above 0' if least else '0 or more'} {material.unit}, {material.decimals} decimals"
        return Rejection(
            Reason.BAD_QUANTITY,
            f"component {name}: expected {expected}; give a by-product without a sign, and returned components by "
            "reverse --component",
        )
    return quantity


def actual_items(
    master: MasterData, version: ProductionVersion, actual: Actual, saying: Saying
) -> Iterator[ActualItem | Rejection]:
    """Yield the reported items: by-products are received, components issued, at the list's places; 0 is none."""
    for component in actual.components or ():
        quantity = quantity_of(master, version.plant, component, least=0)
        if isinstance(quantity, Rejection):
            yield quantity
            return
        if not quantity:
            continue
        step = step_of(master.materials[version.plant, component.material].decimals)
        places = [(component.location, quantity)] if component.location else None
        for place, part in places or saying.share_out(component.material, quantity, step):
            yield _direct_item(master, version, component, saying, place, part)
    for activity in actual.activities or ():
        center = master.work_centers.get((version.plant, activity.work_center))
        if center is None:
            yield Rejection(Reason.BAD_COMMAND, f"plant {version.plant} has no work center {activity.work_center}")
            return
        if activity.activity not in center.rates:
            known = ", ".join(sorted(center.rates)) or "none"
            text = f"work center {activity.work_center} has no rate for activity {quote(activity.activity)}"
            yield Rejection(Reason.UNKNOWN_ACTIVITY, f"{text}; it has {known}")
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
        yield _value(item, terms_of(master, version.plant, item, ""), activity.hours, "")


def _direct_item(
    master: MasterData, version: ProductionVersion, component: ActualComponent, saying: Saying, at: str, quantity: int
) -> ActualItem | Rejection:
    """Return a quantity of a component at one place; an empty place is chosen by rule."""
    material = master.materials[version.plant, component.material]
    sign = saying.sign_of(component.material)
    place = at or issue_location(master, version, BomItem("", component.material, 0), material)
    if sign > 0:
        place = place or version.receiving_location or material.receiving_location
    item = ExplodedItem(
        process=ISSUE,
        segment="",
        fixed=False,
        sign=sign,
        object=component.material,
        place=place,
        unit=material.unit,
        numerator=1,
        denominator=1,
        step=step_of(material.decimals),
    )
    movement = saying.receipt if sign > 0 else saying.issue
    return _value(item, terms_of(master, version.plant, item, movement), quantity, component.batch)


def _value(item: ExplodedItem, terms: Terms, quantity: int, batch: str) -> ActualItem | Rejection:
    amount = Account().value(quantity, terms)
    if max(quantity, amount) < LIMIT_AT_ONCE:
        return ActualItem(item, terms, quantity, batch)
    return Rejection(
        Reason.BAD_QUANTITY,
        f"{item.object}: {format_quantity(quantity)} {item.unit}, worth {format_quantity(amount)}, is more than is "
        "plausible",
    )
