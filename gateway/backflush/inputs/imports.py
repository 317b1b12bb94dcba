"""Imports: master data in force from one entry on, unless waiting units could not be posted or valued by it.

Opening stock moves the stock by the change of its rows, and may not take it below zero at a location that forbids it.
A location that newly forbids it has its stock read into memory. The base unit of a material stays while the ledger has
any row of it: stock would read as another quantity, 997 kg as 997 g, and waiting units would post it. Imports of older
journals are not judged by this.
"""

import json
from collections.abc import Iterable, Sequence

from gateway.backflush.inputs.runs import end_to_keep, note_change
from gateway.backflush.memory.changes import Needs, Response, Signature
from gateway.backflush.memory.events import MasterDataImport
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import State
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import Imported, MasterData, PlannedOrder
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.posting.prices import too_dear
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity, number_of
from gateway.errors import Reason

_TOLD = 5
"""The most hindrances that the text of a refusal names."""


def needs_of_import(inquiry: Inquiry, event: MasterDataImport) -> None:
    """Name the records that the judgement of an import touches, and the lines of its runs."""
    state = inquiry.state
    for run in event.imported.runs or ():
        inquiry.runs(run.plant, run.line, run.start)
    inquiry.once = Needs(unvalued=True, stocked=now_guarded(state, event), remeasured=find_new_units(state, event))


def import_master_data(books: Books, event: MasterDataImport) -> Response:
    """Take over master data, unless waiting units could not be valued by it."""
    hindered = refuse_new_units(books, event) or refuse_shortfall(books, event)
    if hindered is not None:
        return hindered
    refused = too_dear(books.facts, books.state.explosions, event.imported.master)
    if refused is not None:
        return Response(event.entry, "", "import", "", "", "error", refused.code, refused.text, "{}")
    if event.differs:
        books.changes.amended = books.state.master.digest, event.differs
    take_over(books, event.imported, event.actor)
    open_stock(books, event)
    books.changes.tables, books.changes.imported_by = event.tables, Signature(event.actor, event.reason, books.now)
    data = json.dumps({"digest": event.imported.master.digest, **event.answer.data})
    return Response(event.entry, "", "import", "", "", "ok", Reason.OK, event.answer.text, data)


def take_over(books: Books, imported: Imported, actor: str) -> None:
    """Replace the master data; runs and orders change by the differences."""
    state = books.state
    state.master = imported.master
    state.resolved.forget()
    if imported.runs is not None:
        for run in imported.runs:
            runs = state.runs_from(run.plant, run.line, run.start)
            kept = (other for other in runs if other.start != run.start)
            begun = run._replace(actor=actor, stopped=end_to_keep(books, run.end))
            state.runs[run.plant, run.line] = sorted([*kept, begun], key=lambda r: r.start)
            note_change(books, run.plant, run.line, run.start)
    if imported.orders is not None:
        for planned in imported.orders:
            old = state.orders.get(planned.order)
            order = Order(*planned)
            if old is not None:
                order.reduced = old.reduced
            state.orders[planned.order] = order
            books.changes.orders[planned.order] = (order, dict(order.reduced))
        index_orders(state)


# -- opening stock


def now_guarded(state: State, event: MasterDataImport) -> tuple[tuple[str, str], ...]:
    """Return the places (plant, location) whose stock matters from now on.

    Those that no longer allow it to go below zero, and those that do, if the import makes a material a component.
    """
    if not event.judged:
        return ()
    before, free = _free(state.master), _free(event.imported.master)
    more = find_listed(event.imported.master, event.imported.orders or ()) - state.components
    plants = {plant for plant, _ in more}
    return tuple(sorted((before - free) | {place for place in free if place[0] in plants}))


def find_listed(master: MasterData, orders: Iterable[PlannedOrder | Order]) -> frozenset[tuple[str, str]]:
    """Return the (plant, material) of every list, of materials and of orders."""
    boms = (bom for several in master.boms.values() for bom in several)
    found = {(bom.plant, item.component) for bom in boms for item in bom.items}
    return frozenset(found | {(order.plant, item.component) for order in orders for item in order.components})


def refuse_shortfall(books: Books, event: MasterDataImport) -> Response | None:
    """Refuse an import that takes more stock than there is, with every shortfall."""
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
    """Refuse an import with all its hindrances, the first ones in the text; None if there are none."""
    if not hindered:
        return None
    rest = len(hindered) - _TOLD
    text = "; ".join(hindered[:_TOLD]) + (f"; and {rest} more" if rest > 0 else "")
    return Response(event.entry, "", "import", "", "", "error", code, text, json.dumps({name: hindered}))


def open_stock(books: Books, event: MasterDataImport) -> None:
    """Move the stock by the change of the rows; the master data is already that of the import."""
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
    """Return the changes of rows, in the order of their keys."""
    given = event.imported.opening_stock
    if given is None:
        return []
    differences = ((key, given.get(key, 0) - state.opening.get(key, 0)) for key in sorted({*given, *state.opening}))
    return [(key, difference) for key, difference in differences if difference]


def _free(master: MasterData) -> set[tuple[str, str]]:
    return {place for place, location in master.locations.items() if location.negative_stock}


# -- base units


def find_new_units(state: State, event: MasterDataImport) -> tuple[tuple[str, str], ...]:
    """Return the materials (plant, material) that an import gives another base unit."""
    before, after = state.master.materials, event.imported.master.materials
    if not event.judged or before is after:
        return ()
    return tuple(key for key, known in after.items() if key in before and before[key].unit != known.unit)


def refuse_new_units(books: Books, event: MasterDataImport) -> Response | None:
    """Refuse an import that changes the base unit of a material with rows in the ledger, naming their kinds."""
    before, after = books.state.master.materials, event.imported.master.materials
    hindered = []
    for key in find_new_units(books.state, event):
        if there := books.facts.there.get(key):
            found = ", ".join(number_of(number, what) for what, number in sorted(there.items()))
            units = f"{before[key].unit}, not {after[key].unit}"
            hindered.append(f"the base unit of {'/'.join(key)} stays {units}: the ledger has {found} of it")
    return refuse_with(event, Reason.NO_UNIT, "units", hindered)
