"""Names: the master data knows a name in an input, or it is refused.

One judgement for every door, `judge`: import, command, request, card, label and telegram. Texts are compared exactly.
Only new input is judged; accepted names stay: a run whose version has moved since goes on, a document with a deleted
reason can be reversed.

Older journals have no `open_names` setting: their entries were not judged (`ANYTHING`), and fold as they always did.
"""

from collections.abc import Container, Iterable
from typing import NamedTuple, Protocol

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.state import ANYTHING, State
from gateway.backflush.plant.explode import lists_of
from gateway.backflush.plant.snapshot import ROAMING, MasterData
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.names import misspelt, quote
from gateway.backflush.values.quantities import agree, format_quantity
from gateway.errors import Reason

REASONS, OPERATORS, SALES_ORDERS = "reasons", "operators", "sales_orders"
_SPELT_SINCE = 3
"""The edition from which on the spelling of names without a row is judged."""
_PLACES_SINCE = 4
"""The edition from which on storage locations and work centers are judged."""
Names = Iterable[tuple[str, str]]
"""Kinds of names, each with the name; an empty one is not said."""


class Said(NamedTuple):
    """The names in an input; empty is not given."""

    plant: str
    line: str = ""
    material: str = ""
    version: str = ""
    point: str = ""
    reasons: Iterable[str] = ()
    """Scrap reasons; an empty one is none."""
    operator: str = ""
    order: str = ""
    """A planned order."""
    bearer: str = ""
    """The cost object, as `cost_objects.cost_object_of` names it."""
    ordered: str = ""
    """The material that is made for the sales order."""
    made: int = 0
    """The quantity made for the sales order, if more is to be received."""
    locations: Iterable[str] = ()
    """Storage locations; an empty one is not said."""
    work_centers: Iterable[str] = ()
    names: Names = ()
    """Other names, which need no row: batches, lots, revisions."""


class Measured(Protocol):
    """A material and its base unit."""

    @property
    def material(self) -> str:
        """Its number."""

    @property
    def unit(self) -> str:
        """The unit of its quantities."""


class Maintained(Protocol):
    """Plants and lines that are maintained."""

    @property
    def plants(self) -> Container[str]:
        """Names of plants."""

    @property
    def lines(self) -> Container[tuple[str, str]]:
        """Plant and line."""


def judges(state: State) -> bool:
    """Return whether names are judged: not in older journals."""
    return ANYTHING not in state.rules.open_names


def judge(state: State, said: Said) -> Rejection | None:
    """Refuse the first unknown name: line, planned order, product, point, operator or reason."""
    if not judges(state):
        return None
    master, plant, line = state.master, said.plant, said.line
    refused = _misspelt(state, said.names) if said.names else None
    refused = refused or (unknown_line(master, plant, line) if line not in ("", ROAMING) else None)
    refused = refused or (unknown_plant(master, plant) if plant else None)
    refused = refused or (unknown_order(state, said) if said.order else None)
    refused = refused or (not_made(master, said) if said.material or said.version else None)
    refused = refused or (unknown_point(master, said) if said.point else None)
    refused = refused or _unknown_reason(state, said.reasons) or _unknown_operator(state, said.operator)
    refused = refused or _unknown_place(state, said)
    return refused or (unknown_sales_order(state, said) if parse_cost_object(said.bearer).sold else None)


def _misspelt(state: State, names: Names) -> Rejection | None:
    """Refuse what is no name: the master data could not hold it."""
    if state.rules.edition < _SPELT_SINCE:
        return None
    faults = ((what, misspelt(name)) for what, name in names if name)
    return next((Rejection(Malformed.OUT_OF_RANGE, f"{what}: {fault}") for what, fault in faults if fault), None)


def bearer_names(cost_object: str) -> Names:
    """Return the names of a cost object as people enter them; none for a collector, which has none."""
    bearer = parse_cost_object(cost_object)
    if bearer.sold:
        return zip(("sales_order", "sales_order_item"), bearer.sales_order, strict=True)
    return [("lot", bearer.name)] if cost_object and not bearer.to_stock else ()


def unknown_plant(master: Maintained, plant: str) -> Rejection | None:
    """Refuse a plant that no row of the master data names."""
    return None if plant in master.plants else Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {quote(plant)}")


def unknown_line(master: Maintained, plant: str, line: str) -> Rejection | None:
    """Refuse a line that no row of the master data names; it may not even fit into a topic."""
    refused = unknown_plant(master, plant)
    if refused is None and (plant, line) not in master.lines:
        return Rejection(Reason.UNKNOWN_LINE, f"there is no line {quote(line)} in plant {plant}")
    return refused


def unknown_order(state: State, said: Said) -> Rejection | None:
    """Refuse a planned order that the plant does not have, that is closed, or that is for another product."""
    order = state.orders.get(said.order)
    if order is None or order.plant != said.plant:
        return no_order(said.order)
    if said.order in state.master.closed_orders:
        return Rejection(Reason.UNKNOWN_ORDER, f"planned order {said.order} is closed")
    of, named = (order.material, order.version), (said.material, said.version)
    if any(told and ordered and told != ordered for told, ordered in zip(named, of, strict=True)):
        text = (
            f"planned order {said.order} is for {'/'.join(filter(None, of))}, not for {'/'.join(filter(None, named))}"
        )
        return Rejection(Reason.UNKNOWN_ORDER, text)
    return None


def no_material(plant: str, material: str) -> Rejection:
    """Refuse a material that no row of a plant names."""
    return Rejection(Reason.UNKNOWN_MATERIAL, f"plant {plant} has no material {quote(material)}")


def no_order(order: str) -> Rejection:
    """Refuse an unknown planned order."""
    return Rejection(Reason.UNKNOWN_ORDER, f"there is no planned order {quote(order)}")


def not_made(master: MasterData, said: Said) -> Rejection | None:
    """Refuse a product that the line cannot make, or no line of the plant: no production version of it names one."""
    plant, material, version = said.plant, said.material, said.version
    if material and (plant, material) not in master.materials:
        return no_material(plant, material)
    made = _versions_on(master, said)
    if any(material in ("", v.material) and version in ("", v.version) for v in made):
        return None
    elsewhere = [v.line for v in master.versions.get((plant, material), ()) if version in ("", v.version)]
    return refuse_other_line(said, elsewhere)


def refuse_other_line(said: Said, lines: Iterable[str]) -> Rejection:
    """Refuse a product that only other lines make, or none."""
    what = f"{said.material} {said.version}".strip()
    code = Reason.UNKNOWN_VERSION if said.version else Reason.NO_VERSION
    others = ", ".join(sorted(set(lines)))
    why = f"it is made on {others}" if others else "there is no such production version"
    kind, place = ("plant", said.plant) if said.line in ("", ROAMING) else ("line", f"{said.plant}/{said.line}")
    text = f"{kind} {place} does not make {quote(what)}: {why}"
    return Rejection(code, text, (("line", place), ("product", quote(what))))


def _versions_on(master: MasterData, said: Said) -> Iterable[ProductionVersion]:
    """Return the production versions of the line, or of the plant if no line is given."""
    if said.line not in ("", ROAMING):
        return master.versions_of_line.get((said.plant, said.line), ())
    return (v for (plant, _), versions in master.versions.items() if plant == said.plant for v in versions)


def unknown_point(master: MasterData, said: Said) -> Rejection | None:
    """Refuse an operation that is in no routing of the line, or of the plant if no line is given."""
    made = _versions_on(master, said)
    routings = (routing for v in made for routing in master.routings.get((v.plant, v.material, v.routing), ()))
    if said.point == FINAL or any(said.point == o.operation for routing in routings for o in routing.operations):
        return None
    return no_point(said.plant, said.line, said.point)


def no_point(plant: str, line: str, point: str) -> Rejection:
    """Refuse a reporting point that is no operation of the line's products."""
    where = f"in plant {plant}" if line in ("", ROAMING) else f"on line {plant}/{line}"
    return Rejection(Reason.UNKNOWN_POINT, f"there is no operation {quote(point)} {where}")


def _unknown_reason(state: State, reasons: Iterable[str]) -> Rejection | None:
    known = state.master.scrap_reasons
    unknown = next((reason for reason in reasons if reason and reason not in known), "")
    if not unknown:
        return None
    if REASONS in state.rules.open_names:
        return _misspelt(state, [("scrap_reason", unknown)])
    return Rejection(Reason.UNKNOWN_REASON, f"there is no scrap reason {quote(unknown)}: maintain it in scrap_reasons")


def _unknown_place(state: State, said: Said) -> Rejection | None:
    """Refuse an unknown storage location or work center."""
    master, plant, judged = state.master, said.plant, state.rules.edition >= _PLACES_SINCE
    for location in said.locations:
        if location and (plant, location) not in master.locations:
            listed = judged and any(of == plant for of, _ in master.locations)
            refused = _misspelt(state, [("location", location)])
            if refused or listed:
                return refused or no_location(plant, location)
    unknown = (center for center in said.work_centers if judged and (plant, center) not in master.work_centers)
    return next((no_work_center(plant, center) for center in unknown), None)


def no_location(plant: str, location: str) -> Rejection:
    """Refuse a storage location of a plant that maintains its locations."""
    text = f"there is no storage location {quote(location)} in plant {plant}: maintain it in storage_locations"
    return Rejection(Reason.UNKNOWN_LOCATION, text)


def no_work_center(plant: str, work_center: str) -> Rejection:
    """Refuse a work center that no row of a plant names."""
    return Rejection(Reason.UNKNOWN_ACTIVITY, f"plant {plant} has no work center {quote(work_center)}")


def _unknown_operator(state: State, operator: str) -> Rejection | None:
    if not operator or operator in state.master.operators:
        return None
    if OPERATORS in state.rules.open_names:
        return _misspelt(state, [("operator", operator)])
    return Rejection(Reason.UNKNOWN_OPERATOR, f"there is no operator {quote(operator)}: maintain it in operators")


def unknown_sales_order(state: State, said: Said) -> Rejection | None:
    """Refuse a sales order item that the plant does not have, that is for another material, or has nothing open."""
    master, plant, bearer = state.master, said.plant, said.bearer
    item, name = master.sales_orders.get(bearer), parse_cost_object(bearer).name
    if item is None or item.plant != plant:
        if SALES_ORDERS in state.rules.open_names:
            return None
        order, _, number = name.rpartition(" ")
        what = f"{quote(order)} without an item" if number == "0" else f"{quote(name)}"
        text = f"there is no sales order {what} in plant {plant}: maintain it in sales_orders"
        return Rejection(Reason.UNKNOWN_SALES_ORDER, text)
    if said.ordered not in ("", item.material):
        if _goes_into(state, plant, said.ordered, item.material):
            return None
        text = f"sales order {name} is for {item.material}, and {said.ordered} does not go into it"
        return Rejection(Reason.UNKNOWN_SALES_ORDER, text)
    if said.made < item.quantity:
        return None
    amounts = f"{format_quantity(said.made)} of {format_quantity(item.quantity)} {agree(item.quantity, 'is')} made"
    return Rejection(Reason.UNKNOWN_SALES_ORDER, f"nothing of sales order {name} is open: {amounts}")


def _goes_into(state: State, plant: str, part: str, product: str) -> bool:
    """Return whether a material is anywhere below a product: it may be made for the product's sales order."""
    seen, below = {product}, [product]
    while below:
        above = below.pop()
        lists = [bom.items for bom in lists_of(state.master, plant, above)]
        # A planned order may have a list of its own.
        lists += [order.components for order in state.orders_of.get((plant, above), ())]
        for items in lists:
            below += {item.component for item in items} - seen
            seen.update(below)
    return part in seen


def no_unit(material: Measured, unit: str) -> Rejection:
    """Refuse a unit that a material does not have."""
    return Rejection(
        Reason.NO_UNIT, f"unit {quote(unit)} does not convert to {material.unit}, the unit of {material.material}"
    )
