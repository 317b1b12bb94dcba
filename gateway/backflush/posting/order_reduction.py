"""Order reduction: production reduces planned orders, and a reversal gives back (`recreate`).

A receipt reduces the order quantity; what passes a segment reduces the dependent requirements of its operations at
once, on the oldest order that still needs them. The rule says which orders count: `own_version`,
`own_and_unassigned`, `all_versions`; over-production reduces nothing more.

Components that were posted without a product reduce requirements only: by the list those of the segments, as said those
of the component itself, kept under its name beside the segments. What an order still needs of a component is what its
open units explode to, less that; of one that is not backflushed, what all its units explode to, less what was said.
"""

from collections.abc import Mapping, Sequence
from datetime import date

from gateway.backflush.memory.records import Flow
from gateway.backflush.memory.state import State
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import QUANTITY, Order
from gateway.backflush.plant.snapshot import RemProfile
from gateway.backflush.posting.books import Books
from gateway.backflush.values.cost_objects import Bearer
from gateway.backflush.values.documents import FINAL, ISSUE, NEED, Document, Reduction
from gateway.backflush.values.points import Units

COMPONENT = "component "
"""How the key begins under which it is kept what was said to be used of a component, beside the segments."""


def reduce_orders(
    books: Books, document: Document, flow: Flow, profile: RemProfile, point: str, delta: Units, named: str = ""
) -> None:
    """Reduce the orders that a document's units at one point count for."""
    orders = orders_of(books, document, flow, profile, named)
    reduce_segment(books, document, orders, point, delta.passed)
    if point == FINAL:
        reduce_segment(books, document, orders, QUANTITY, delta.good)


def reduce_requirements(
    books: Books, document: Document, flow: Flow, orders: Sequence[Order], explosion: Explosion, used: Mapping[str, int]
) -> None:
    """Reduce what orders need of components that were said to be used; `explosion` is that of orders without a list."""
    for material, quantity in sorted(used.items()):
        left = quantity
        for order in orders:
            own = _explosion_of(books, flow, order, document.production_date) if order.components else explosion
            taken = min(left, open_need(own, order, material))
            if taken:
                change_order(books, document, order, COMPONENT + material, taken)
                left -= taken


def open_need(explosion: Explosion, order: Order, material: str) -> int:
    """Return how much an order still needs of a component."""
    total = -order.reduced.get(COMPONENT + material, 0)
    for item in explosion.items:
        if item.process in (ISSUE, NEED) and item.sign < 0 and item.object == material:
            # What was made has not issued what is not backflushed: its stock is still there, and still spoken for.
            made = order.reduced.get(item.segment, 0) if item.process == ISSUE else 0
            gone = min(order.quantity, made)
            total += item.quantity(order.quantity) - item.quantity(gone)
    return max(0, total)


def _explosion_of(books: Books, flow: Flow, order: Order, production_date: str) -> Explosion:
    """Return the explosion of an order by its own list; nothing where it cannot be exploded."""
    versions = books.state.master.versions.get((flow.plant, flow.material), ())
    version = next((v for v in versions if v.version == flow.version), None)
    made = books.explosion(version, production_date, "", order, Bearer.STOCK) if version is not None else None
    return made if isinstance(made, Explosion) else Explosion(())


def orders_of(books: Books, document: Document, flow: Flow, profile: RemProfile, named: str) -> list[Order]:
    """Return the orders that a document counts for: the named one, else by the profile's rule."""
    if named:
        order = books.state.orders.get(named)
        return [order] if order is not None and named not in books.state.master.closed_orders else []
    if profile.order_reduction == "none":
        return []
    return eligible(books, flow, profile, document.production_date)


def eligible(books: Books, flow: Flow, profile: RemProfile, production_date: str) -> list[Order]:
    """Return the orders of the material that the profile's rule and window of days allow, oldest first."""
    allowed = {"own_version": {flow.version}, "own_and_unassigned": {flow.version, ""}}.get(profile.order_reduction)
    orders = [
        order
        for order in books.state.orders_of.get((flow.plant, flow.material), ())
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
    """Give back to orders what a document took beyond the units that are left of it after a reversal, per key.

    What it had taken from no order goes first, then the youngest order.
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
    """Note the orders of each material, and those that are planned on each line, oldest first; none that is closed."""
    state.orders_of, state.orders_on = {}, {}
    for order in sorted(state.orders.values(), key=lambda o: (o.start, o.order)):
        if order.order in state.master.closed_orders:
            continue
        state.orders_of.setdefault((order.plant, order.material), []).append(order)
        state.orders_on.setdefault((order.plant, order.line), []).append(order)
