"""Returns: components that a document has issued come back to the store, because they were not used.

A return corrects excess use of the document: its units, its dues and the posted quantity of its account stay, else the
next units would issue it again. So it is booked as reported, at the amount of the issue, to the lots it was taken from,
the last one first.

Law: returns and reversals together bring back no more of a component than its document has issued.
"""

from collections.abc import Iterable

from devices.errors import Rejection
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.events import ActualComponent, Sender
from gateway.backflush.plant.explode import profile_of
from gateway.backflush.posting.actuals import quantity_of
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.order_reduction import COMPONENT, recreate
from gateway.backflush.posting.prices import currency_step
from gateway.backflush.reversal.actual_reversal import forget_usage
from gateway.backflush.reversal.reversal import begin_reversal
from gateway.backflush.reversal.sharing import as_of_now
from gateway.backflush.reversal.withdrawal import sum_actuals
from gateway.backflush.values.documents import (
    CONSUMPTION,
    DIRECT,
    ISSUE,
    REPORTS,
    Document,
    MaterialItem,
    format_number,
)
from gateway.backflush.values.movements import StockKey, reversal_of
from gateway.backflush.values.quantities import format_quantity, proportion
from gateway.errors import Reason


def give_back(
    books: Books, dossier: Dossier, components: Iterable[ActualComponent], sender: Sender
) -> Document | Rejection:
    """Book a return of a document's components, or refuse it; a refusal changes nothing."""
    dossier = as_of_now(books, dossier)
    number = format_number(dossier.document.number)
    if dossier.document.type not in REPORTS | CONSUMPTION:
        text = f"document {number} is of type {dossier.document.type}: name the one whose components were returned"
        return Rejection(Reason.NOT_REVERSIBLE, text)
    parts: list[tuple[MaterialItem, int]] = []
    for component in components:
        found = _lots(books, dossier, component, parts)
        if isinstance(found, Rejection):
            return found
        parts += found
    document = begin_reversal(books, dossier, sender)
    before = sum_actuals(dossier)
    after, step = dict(before), currency_step(books.state.master, document.plant)
    for item, quantity in parts:
        own, position = document.number, books.next_item(document.number)
        amount = proportion(quantity, item.amount, -item.quantity, step)
        back = item._replace(document=own, item=position, origin=DIRECT, process=ISSUE, mirrors=item.document)
        key = StockKey(document.plant, item.material, item.location, item.batch, item.stock_type)
        movement = reversal_of(item.movement)
        books.move(document, key, back._replace(movement=movement, quantity=quantity, amount=-amount))
        forget_usage(books, document, "component", item.material, item.unit, quantity)
        name = COMPONENT + item.material
        after[name] = max(0, after.get(name, 0) - quantity)
    profile = profile_of(books.state.master, document.plant, document.material)
    if not isinstance(profile, Rejection) and profile.recreate_orders_on_reversal:
        recreate(books, document, dossier.reductions, before, after)
    return document


def _lots(
    books: Books, dossier: Dossier, component: ActualComponent, before: Iterable[tuple[MaterialItem, int]]
) -> list[tuple[MaterialItem, int]] | Rejection:
    """Return the items that a component goes back to, and the quantity for each beyond that returned `before`."""
    document = dossier.document
    quantity = quantity_of(books.state.master, document.plant, component)
    if isinstance(quantity, Rejection):
        return quantity
    cumulated = {row.posted_by for row in dossier.rows if row.cumulate} - {document.number}
    issued = [
        item
        for item in dossier.items
        if (item.material, item.process) == (component.material, ISSUE)
        and item.quantity < 0
        and item.document not in cumulated
        and component.location in ("", item.location)
        and component.batch in ("", item.batch)
    ]
    back = {
        key: sum(i.quantity for i in dossier.mirrored if (i.mirrors, *i[5:9]) == key)
        for key in {(item.document, *item[5:9]) for item in issued}
    }
    for item, part in before:
        key = (item.document, *item[5:9])
        back[key] = back.get(key, 0) + part
    parts, left = [], quantity
    for item in reversed(issued):
        key = (item.document, *item[5:9])
        gone = min(back[key], -item.quantity)
        back[key] -= gone
        part = min(left, -item.quantity - gone)
        if part > 0:
            parts.append((item, part))
            left -= part
    if left:
        number, there = format_number(document.number), format_quantity(quantity - left)
        text = f"document {number} has {there} of {component.material} that"
        more = "; a cumulated posting belongs to no single document" if cumulated else ""
        return Rejection(Reason.BAD_QUANTITY, f"{text} can be returned, not {format_quantity(quantity)}{more}")
    return parts
