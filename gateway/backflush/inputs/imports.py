"""Imports: master data in force from one entry on, unless what waits could not be posted or valued by it."""

from gateway.backflush.inputs.base_units import find_new_units, refuse_new_units
from gateway.backflush.inputs.opening_stock import now_guarded, open_stock, refuse_shortfall
from gateway.backflush.inputs.runs import note_change
from gateway.backflush.memory.changes import Needs, Response, Signature
from gateway.backflush.memory.events import MasterDataImport
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import Imported
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.posting.prices import too_dear
from gateway.errors import Reason


def needs_of_import(inquiry: Inquiry, event: MasterDataImport) -> None:
    """Name what the judging of an import touches, and the lines whose runs it brings."""
    state = inquiry.state
    for run in event.imported.runs or ():
        inquiry.runs(run.plant, run.line, run.start)
    inquiry.once = Needs(unvalued=True, stocked=now_guarded(state, event), remeasured=find_new_units(state, event))


def import_master_data(books: Books, event: MasterDataImport) -> Response:
    """Take master data over, unless what waits could not be valued by it."""
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
    return Response(event.entry, "", "import", "", "", "ok", Reason.OK, "the master data is in force", "{}")


def take_over(books: Books, imported: Imported, actor: str) -> None:
    """Replace the master data; runs and orders are changed by what differs."""
    state = books.state
    state.master = imported.master
    state.resolved.forget()
    if imported.runs is not None:
        for run in imported.runs:
            runs = state.runs_from(run.plant, run.line, run.start)
            kept = (other for other in runs if other.start != run.start)
            state.runs[run.plant, run.line] = sorted([*kept, run._replace(actor=actor)], key=lambda r: r.start)
            note_change(books, run.plant, run.line)
    if imported.orders is not None:
        for planned in imported.orders:
            old = state.orders.get(planned.order)
            order = Order(*planned)
            if old is not None:
                order.reduced = old.reduced
            state.orders[planned.order] = order
            books.changes.orders[planned.order] = (order, dict(order.reduced))
        index_orders(state)
