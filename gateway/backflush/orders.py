"""Planned orders are reduced by what was made: run schedule quantities are never converted, only used up.

A receipt reduces the order quantity; what passes a segment reduces the dependent requirements of its operations at
once, on the oldest order that still needs them. The rule says which orders count: `own_version`,
`own_and_unassigned`, `all_versions`; over-production reduces nothing more.
"""

from datetime import date, timedelta

from gateway.backflush.documents import FINAL, Document, Reduction
from gateway.backflush.plant import RemProfile
from gateway.backflush.points import Units
from gateway.backflush.records import QUANTITY, Flow, Order
from gateway.backflush.turn import Turn


def reduce_orders(
    turn: Turn, document: Document, flow: Flow, profile: RemProfile, point: str, delta: Units, named: str = ""
) -> None:
    """Reduce the orders that a document's units at one point count for: the named one, else by the profile's rule."""
    if named:
        order = turn.state.orders.get(named)
        orders = [order] if order is not None else []
    elif profile.order_reduction == "none":
        return
    else:
        orders = eligible(turn, flow, profile, document.production_date)
    _reduce(turn, document, orders, point, delta.passed)
    if point == FINAL:
        _reduce(turn, document, orders, QUANTITY, delta.good)


def eligible(turn: Turn, flow: Flow, profile: RemProfile, production_date: str) -> list[Order]:
    """Return the orders of the material that the profile's rule and window of days allow, oldest first."""
    allowed = {
        "own_version": {flow.version},
        "own_and_unassigned": {flow.version, ""},
    }.get(profile.order_reduction)
    orders = [
        order
        for order in turn.state.orders_of.get((flow.plant, flow.material), ())
        if allowed is None or order.version in allowed
    ]
    if profile.order_window_days is not None:
        day, days = date.fromisoformat(production_date), timedelta(days=profile.order_window_days)
        orders = [o for o in orders if day - days <= date.fromisoformat(o.start) <= day + days]
    return orders


def _reduce(turn: Turn, document: Document, orders: list[Order], segment: str, units: int) -> None:
    for order in orders:
        if not units:
            return
        taken = min(units, order.open(segment))
        if taken:
            change_order(turn, document, order, segment, taken)
            units -= taken


def change_order(turn: Turn, document: Document, order: Order, segment: str, units: int) -> None:
    """Reduce one order (or re-create it, with negative units), and keep the trace."""
    changed = turn.changes.orders.setdefault(order.order, (order, dict(order.reduced)))
    assert changed[0] is order
    order.reduced[segment] = order.reduced.get(segment, 0) + units
    turn.changes.reductions.append(Reduction(document.number, order.order, segment, units))


def index_orders(orders: dict[str, Order]) -> dict[tuple[str, str], list[Order]]:
    """Return the orders by plant and material, oldest first."""
    index: dict[tuple[str, str], list[Order]] = {}
    for order in sorted(orders.values(), key=lambda o: (o.start, o.order)):
        index.setdefault((order.plant, order.material), []).append(order)
    return index
