"""Opening stock, and at which places stock is guarded: what an import of them changes, and when it is refused.

An import moves the stock by what its rows have changed, and may not take it below zero where that is not allowed. Where
it ends to be allowed, what is there is seen from then on. Imports that were stored before this was judged are not.
"""

import json
from collections.abc import Iterable, Sequence

from gateway.backflush.memory.changes import Response
from gateway.backflush.memory.events import MasterDataImport
from gateway.backflush.memory.state import State
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import MasterData, PlannedOrder
from gateway.backflush.posting.books import Books
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

_TOLD = 5


def now_guarded(state: State, event: MasterDataImport) -> tuple[tuple[str, str], ...]:
    """Return the places (plant, location) whose stock is to be seen from now on.

    Where it could go below zero and no longer can, and where it may if an import has made anything a component.
    """
    if not event.judged:
        return ()
    before, free = _free(state.master), _free(event.imported.master)
    more = find_listed(event.imported.master, event.imported.orders or ()) - state.components
    plants = {plant for plant, _ in more}
    return tuple(sorted((before - free) | {place for place in free if place[0] in plants}))


def find_listed(master: MasterData, orders: Iterable[PlannedOrder | Order]) -> frozenset[tuple[str, str]]:
    """Return what any list holds, of materials and of orders: (plant, material)."""
    boms = (bom for several in master.boms.values() for bom in several)
    found = {(bom.plant, item.component) for bom in boms for item in bom.items}
    return frozenset(found | {(order.plant, item.component) for order in orders for item in order.components})


def refuse_shortfall(books: Books, event: MasterDataImport) -> Response | None:
    """Refuse an import that takes more stock than is there, with all of it."""
    free = _free(event.imported.master)
    gone = []
    for key, difference in _differences(books.state, event) if event.judged else ():
        have = books.facts.stock.get(key, books.state.stock.get(key, 0))
        if difference < 0 and have + difference < 0 and (key.plant, key.location) not in free:
            gone.append(
                f"location {key.location} holds {format_quantity(have)} of "
                f"{' '.join(filter(None, (key.material, key.batch, key.stock_type)))}, "
                f"the import takes {format_quantity(-difference)}"
            )
    return refuse_with(event, Reason.STOCK_GONE, "stock", gone)


def refuse_with(event: MasterDataImport, code: Reason, name: str, hindered: Sequence[str]) -> Response | None:
    """Refuse an import with all that hinders it, the first of it in the text; None where nothing does."""
    if not hindered:
        return None
    rest = len(hindered) - _TOLD
    text = "; ".join(hindered[:_TOLD]) + (f"; and {rest} more" if rest > 0 else "")
    return Response(event.entry, "", "import", "", "", "error", code, text, json.dumps({name: hindered}))


def open_stock(books: Books, event: MasterDataImport) -> None:
    """Move the stock by what the rows have changed; the master data is that of the import already."""
    state, changes = books.state, books.changes
    state.components = find_listed(state.master, state.orders.values())
    for key, held in books.facts.stock.items():
        state.lay(key, held - state.stock.get(key, 0))
    for key, difference in _differences(state, event):
        quantity = state.opening.get(key, 0) + difference
        state.opening[key] = changes.opening[key] = quantity
        changes.stock[key] = changes.stock.get(key, 0) + difference
        state.lay(key, difference)
        if event.judged and state.guards(key):
            changes.guarded.add(key)


def _differences(state: State, event: MasterDataImport) -> list[tuple[StockKey, int]]:
    """Return by how much rows have changed, in the order of their keys."""
    given = event.imported.opening_stock
    if given is None:
        return []
    differences = ((key, given.get(key, 0) - state.opening.get(key, 0)) for key in sorted({*given, *state.opening}))
    return [(key, difference) for key, difference in differences if difference]


def _free(master: MasterData) -> set[tuple[str, str]]:
    return {place for place, location in master.locations.items() if location.negative_stock}
