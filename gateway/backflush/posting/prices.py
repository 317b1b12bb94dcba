"""Prices: the movement type and value of an item at the moment of posting.

Movement types come from the profile, prices and rates from the master data in force. None of them decides a quantity,
so none of them is frozen in an explosion: an import that changes them changes the value of later postings only.
"""

from collections.abc import Mapping
from typing import Final

from devices.errors import Rejection
from gateway.backflush.memory.changes import Facts
from gateway.backflush.plant.explode import profile_of
from gateway.backflush.plant.explosion import ExplodedItem, Explosion, Terms, money_step
from gateway.backflush.plant.snapshot import MasterData, RemProfile
from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import ACTIVITY, RECEIPT
from gateway.backflush.values.movements import FOR_SALES_ORDER
from gateway.backflush.values.quantities import LIMIT, MICRO, format_quantity
from gateway.errors import Reason

MOST_WORTH: Final = 2 * LIMIT
"""No item of a line's pieces of a month may be worth more.

A collector holds four times as much: pieces of a closed month are added to the next, a price may have fallen meanwhile,
another line may make for the same sales order.
"""


def profile_in_force(master: MasterData, plant: str, material: str) -> RemProfile:
    """Return the profile of a product for posting.

    If an import removed it after the units were counted, their components are still to be issued.
    """
    profile = profile_of(master, plant, material)
    return RemProfile(profile="") if isinstance(profile, Rejection) else profile


def terms_of(master: MasterData, plant: str, item: ExplodedItem, movement: str) -> Terms:
    """Return the terms of an item that moves by a movement type; a material no longer maintained is worth nothing."""
    if item.process == ACTIVITY:
        center = master.work_centers.get((plant, item.place))
        rate = center.rates.get(item.object, 0) if center is not None else 0
        return Terms("", center.cost_center if center is not None else "", rate, MICRO, currency_step(master, plant))
    return terms_of_material(master, plant, item.object, movement)


def terms_of_material(master: MasterData, plant: str, material: str, movement: str) -> Terms:
    """Return the terms of a material that moves by a movement type."""
    found = master.materials.get((plant, material))
    price, unit = (found.price, found.price_unit) if found is not None else (0, MICRO)
    return Terms(movement, "", price, unit, currency_step(master, plant))


def currency_step(master: MasterData, plant: str) -> int:
    """Return the smallest amount of a plant's currency, in millionths."""
    known = master.plants.get(plant)
    return money_step(known.currency if known is not None else "")


def movement_of(profile: RemProfile, cost_object: str, item: ExplodedItem) -> str:
    """Return the movement type by which an exploded item is posted."""
    if item.process == RECEIPT:
        return FOR_SALES_ORDER if parse_cost_object(cost_object).sold else profile.movement_receipt
    return profile.movement_by_product if item.sign > 0 else profile.movement_issue


def most_units(master: MasterData, plant: str, explosion: Explosion) -> tuple[int, int]:
    """Return the most units, in millionths, of which the ledger can hold every item's quantity, and its amount."""
    largest, dearest = MICRO, 1
    for item in explosion.items:
        each = item.numerator if item.fixed else -(-MICRO * item.numerator // item.denominator)
        terms = terms_of(master, plant, item, "")
        largest, dearest = max(largest, each), max(dearest, each * terms.price // terms.price_unit)
    return LIMIT * MICRO // largest, MOST_WORTH * MICRO // dearest


def too_dear(facts: Facts, explosions: Mapping[str, Explosion], master: MasterData) -> Rejection | None:
    """Refuse prices that would make unvalued units worth more than the ledger can hold."""
    worth: dict[tuple[str, str], int] = {}
    for each in facts.unvalued:
        for item in explosions[each.explosion].items:
            if each.process not in ("", item.process) or each.segment not in ("", item.segment):
                continue
            if each.fixed not in (None, item.fixed):
                continue
            units = each.rows if item.fixed else each.units
            quantity = -(-units * item.numerator // item.denominator)
            _add(worth, each.plant, item.object, quantity, terms_of(master, each.plant, item, ""))
    for (plant, material), quantity in facts.missing.items():
        _add(worth, plant, material, quantity, terms_of_material(master, plant, material, ""))
    if sum(worth.values()) < LIMIT:
        return None
    plant, name = max(worth, key=lambda key: (worth[key], key))
    text = (
        f"plant {plant} has counted pieces that are not posted yet: their {name} would be worth "
        f"{format_quantity(worth[plant, name])} by the new price, beyond what the ledger can hold"
    )
    return Rejection(Reason.BAD_QUANTITY, text)


def _add(worth: dict[tuple[str, str], int], plant: str, name: str, quantity: int, terms: Terms) -> None:
    worth[plant, name] = worth.get((plant, name), 0) - (-quantity * terms.price // terms.price_unit)
