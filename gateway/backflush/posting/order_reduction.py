"""Order reduction: production reduces planned orders, and a reversal gives back (`recreate`).

A receipt reduces the order quantity; units that pass a segment reduce the dependent requirements of its operations at
once, on the oldest order that still needs them. The rule decides which orders count: `own_version`,
`own_and_unassigned`, `all_versions`; over-production reduces nothing more.

Components posted without a product reduce requirements only: by the list those of the segments, by name those of the
component itself, kept under its name next to the segments. An order still needs the components of its open units, less
that quantity; of a component that is not backflushed, those of all its units, less the reported use.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from devices.errors import Rejection
from gateway.backflush.memory.records import Flow
from gateway.backflush.memory.state import State
from gateway.backflush.plant.explode import profile_of
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import QUANTITY, Order
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.plant.versions import ProductionVersion
from gateway.backflush.posting.books import Books
from gateway.backflush.values.cost_objects import Bearer
from gateway.backflush.values.documents import FINAL, ISSUE, NEED, Document, Reduction
from gateway.backflush.values.points import Units

COMPONENT = "component "
"""Prefix of the key for a component's reported use, next to those of the segments."""


def reduce_orders(books: Books, document: Document, orders: Sequence[Order], point: str, delta: Units) -> None:
    """Reduce orders by a document's units at one point."""
    reduce_segment(books, document, orders, point, delta.passed)
    if point == FINAL:
        reduce_segment(books, document, orders, QUANTITY, delta.good)


def reduce_requirements(
    books: Books, document: Document, flow: Flow, orders: Sequence[Order], explosion: Explosion, used: Mapping[str, int]
) -> None:
    """Reduce the orders' needs of components by reported use; `explosion` is that of orders without a list."""
    for material, quantity in sorted(used.items()):
        left = quantity
        for order in orders:
            own = _explosion_of(books, flow, order, document.production_date) if order.components else explosion
            taken = min(left, open_need(own, order, material))
            if taken:
                change_order(books, document, order, COMPONENT + material, taken)
                left -= taken


def open_need(explosion: Explosion, order: Order, material: str) -> int:
    """Return the quantity of a component that an order still needs."""
    total = -order.reduced.get(COMPONENT + material, 0)
    for item in explosion.items:
        if item.process in (ISSUE, NEED) and item.sign < 0 and item.object == material:
            # Made units have not issued such a component: its stock is still there, and still reserved.
            made = order.reduced.get(item.segment, 0) if item.process == ISSUE else 0
            gone = min(order.quantity, made)
            total += item.quantity(order.quantity) - item.quantity(gone)
    return max(0, total)


def _explosion_of(books: Books, flow: Flow, order: Order, production_date: str) -> Explosion:
    """Return the explosion of an order by its own list; an empty one if it cannot be exploded."""
    versions = books.state.master.versions.get((flow.plant, flow.material), ())
    version = next((v for v in versions if v.version == flow.version), None)
    made = books.explosion(version, production_date, "", order, Bearer.STOCK) if version is not None else None
    return made if isinstance(made, Explosion) else Explosion(())


def orders_of(books: Books, document: Document, flow: Flow, profile: RemProfile, named: str) -> list[Order]:
    """Return the orders that a document reduces: the named one, else by the profile's rule."""
    if named:
        order = books.state.orders.get(named)
        return [order] if order is not None and named not in books.state.master.closed_orders else []
    if profile.order_reduction == "none":
        return []
    return eligible(books.state, flow, profile, document.production_date)


def order_in_work(state: State, version: ProductionVersion, production_date: str) -> Order | None:
    """Return the order that the next piece of a version reduces; None if there is none."""
    profile = profile_of(state.master, version.plant, version.material)
    if isinstance(profile, Rejection) or profile.order_reduction == "none":
        return None
    orders = eligible(state, version, profile, production_date)
    return next((order for order in orders if order.open(QUANTITY)), None)


def eligible(state: State, flow: Flow | ProductionVersion, profile: RemProfile, production_date: str) -> list[Order]:
    """Return the orders of the material that the profile's rule and window of days allow, oldest first."""
    allowed = {"own_version": {flow.version}, "own_and_unassigned": {flow.version, ""}}.get(profile.order_reduction)
    orders = [
        order
        for order in state.orders_of.get((flow.plant, flow.material), ())
        if allowed is None or order.version in allowed
    ]
    if profile.order_window_days is not None:
        day, days = date.fromisoformat(production_date), profile.order_window_days
        orders = [o for o in orders if abs((date.fromisoformat(o.start) - day).days) <= days]
    return orders


def reduce_segment(books: Books, document: Document, orders: Sequence[Order], segment: str, units: int) -> None:
    """Reduce the needs of orders at one segment, or their quantity, by a number of units."""
    for order in orders:
        if not units:
            return
        taken = min(units, order.open(segment))
        if taken:
            change_order(books, document, order, segment, taken)
            units -= taken


def change_order(books: Books, document: Document, order: Order, segment: str, units: int) -> None:
    """Reduce one order (or re-create it, with negative units), and keep the trace."""
    changed = books.changes.orders.setdefault(order.order, (order, dict(order.reduced)))
    assert changed[0] is order
    order.reduced[segment] = order.reduced.get(segment, 0) + units
    books.changes.reductions.append(Reduction(document.number, order.order, segment, units))


def recreate(
    books: Books,
    document: Document,
    reductions: Sequence[Reduction],
    before: Mapping[str, int],
    after: Mapping[str, int],
) -> None:
    """Give back to orders the units that a document took beyond those left after a reversal, per key.

    Units that it took from no order go first, then the youngest order.
    """
    for key, units in before.items():
        took = [r for r in reductions if r.segment == key][::-1]
        total = sum(r.quantity for r in took)
        given = total - min(total, units)
        left = min(total, units) - min(total, after.get(key, 0))
        for reduction in took:
            back = min(given, reduction.quantity)
            given -= back
            order = books.state.orders.get(reduction.order)
            part = min(left, reduction.quantity - back, order.reduced.get(key, 0) if order else 0)
            if order is not None and part > 0:
                left -= part
                change_order(books, document, order, key, -part)


def index_orders(state: State) -> None:
    """Index the open orders of each material, and those planned on each line, oldest first."""
    state.orders_of, state.orders_on = {}, {}
    for order in sorted(state.orders.values(), key=lambda o: (o.start, o.order)):
        if order.order in state.master.closed_orders:
            continue
        state.orders_of.setdefault((order.plant, order.material), []).append(order)
        state.orders_on.setdefault((order.plant, order.line), []).append(order)
