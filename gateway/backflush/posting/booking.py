"""Booking: open rows become items, items become goods movements, activities and shortages.

A row that is posted owes its accounts the exact share of its units; its document posts the rounded debt of the
accounts (`memory.balance`). A row that actual quantities replace owes nothing; its standard goes to the statistics
and is booked nowhere. A component is issued as far as stock, location and the profile's stock determination allow; the
missing quantity becomes a backlog record, and the account counts it as posted all the same: nothing is posted twice
when it is issued later. Each issue is valued when it is posted.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from devices.errors import Rejection
from gateway.backflush.memory.balance import AccountKey, BalanceKey, Charge, Row, account_key
from gateway.backflush.memory.records import Flow
from gateway.backflush.plant.explosion import ExplodedItem
from gateway.backflush.plant.snapshot import LATEST, Batch, RemProfile
from gateway.backflush.posting.books import Books, Made
from gateway.backflush.posting.portions import Portion
from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.documents import ACTIVITY, RECEIPT, ActivityItem, Document, MaterialItem, Measure
from gateway.backflush.values.movements import CONSIGNMENT, StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

_RUN = attrgetter("key", "plant", "line", "production_date", "shift", "state")
"""The key of rows that are posted together."""
DIFFERENCE = " difference"
"""Suffix of the measure that holds usage minus standard; use by the standard has none."""


def post_rows(books: Books, document: Document, rows: Iterable[Row], profile: RemProfile) -> None:
    """Post rows under a document: the portions of their accounts are summed, then booked.

    Consecutive rows of one balance, made on one line in one shift, count as one.
    """
    portions: dict[tuple[object, ...], Portion] = {}
    accounts = books.changes.accounts
    for _, together in groupby(rows, key=_RUN):
        run = list(together)
        first, of, replaced = run[0], run[0].key, run[0].state == "replaced"
        balance, flow = books.balance(of), books.state.flows[of.flow]
        low = balance.posted
        for row in run:
            row.low = balance.post(row.units)
            if not replaced:
                row.state, row.posted_by = "posted", document.number
        charged = _charge(books, flow, of)
        if replaced:
            for _, item, _, _, _ in charged:
                usage(books, first, flow, item, 0, standard=_standard(books, first, item, low, balance.posted))
            continue
        for key, item, fixed, terms, name in charged:
            account = accounts.get(key) or books.account(key)
            if of.scope:
                quantity = account.charge(fixed, first.document)
            else:
                quantity = account.post_share(balance.posted - low, item.numerator, item.denominator, item.step)
            if not quantity:
                continue
            portion = portions.get(name)
            if portion is None:
                if of.scope:
                    # The fraction of a cent belongs to the component, fixed or not.
                    account = books.account(key._replace(scope="", segment=""))
                portion = portions[name] = Portion(item, terms, flow.cost_object, account)
            portion.quantity += quantity
            if item.process != RECEIPT:
                usage(books, first, flow, item, quantity, standard=quantity)
    for portion in portions.values():
        book(books, document, portion, profile, document.production_date)


def _charge(books: Books, flow: Flow, of: BalanceKey) -> Sequence[Charge]:
    """Return the charges of a balance's units; those of proportional items are remembered."""
    known = books.state.resolved.charges.get(of)
    if known is not None:
        return known
    items = books.state.explosions[of.explosion].part(of.process, of.segment, fixed=bool(of.scope))
    made = tuple(
        Charge(key, item, fixed, books.terms(flow, item), (flow.cost_object, item.unit, *key[3:]))
        for key, item, fixed in charges(of.flow, of.scope, items)
    )
    if not of.scope:
        books.state.resolved.charges[of] = made
    return made


def charges(flow: str, scope: str, items: Sequence[ExplodedItem]) -> Iterator[tuple[AccountKey, ExplodedItem, int]]:
    """Yield items with their accounts; fixed ones of one account are charged as one, with their whole quantity."""
    if not scope:
        for item in items:
            yield account_key(flow, scope, item), item, 0
        return
    sums: dict[AccountKey, tuple[ExplodedItem, int]] = {}
    for item in items:
        key = account_key(flow, scope, item)
        sums[key] = item, sums.get(key, (item, 0))[1] + item.numerator
    for key, (item, quantity) in sums.items():
        yield key, item, quantity


def _standard(books: Books, row: Row, item: ExplodedItem, low: int, high: int) -> int:
    """Return the standard of units that actual quantities replace; for fixed items that of the lot or shift."""
    if not row.key.scope:
        return item.quantity(high) - item.quantity(low)
    account = books.account(account_key(row.key.flow, row.key.scope, item))
    if account.document not in (0, row.document):
        return 0
    account.charge(0, row.document)
    return item.numerator


def usage(books: Books, made: Made, flow: Flow, item: ExplodedItem, used: int, *, standard: int) -> None:
    """Count a usage, and its excess over the standard, on the day and shift of production."""
    measure: Measure = ACTIVITY if item.process == ACTIVITY else "component" if item.sign < 0 else "by_product"
    if used:
        books.statistic(made, flow, measure, item.object, item.unit, used)
    if used != standard:
        books.statistic(made, flow, measure + DIFFERENCE, item.object, item.unit, used - standard)


def book(books: Books, document: Document, portion: Portion, profile: RemProfile, production_date: str) -> None:
    """Book a portion of a document: a receipt or activity always, an issue as far as stock and location allow."""
    item, terms = portion.item, portion.terms
    if item.process == ACTIVITY:
        amount = portion.account.value(portion.quantity, terms)
        number, position = document.number, books.next_item(document.number)
        where, of = (item.place, terms.cost_center, item.object), portion.cost_object
        books.work(document, ActivityItem(number, position, portion.origin, *where, portion.quantity, amount, of))
        return
    stock_type = stock_type_of(portion.cost_object) if item.process == RECEIPT else ""
    batch = document.batch if item.process == RECEIPT else portion.batch
    wanted = StockKey(document.plant, item.object, item.place, batch, stock_type)
    parts = [(wanted, portion.quantity)]
    if item.sign < 0:
        date, determination = document.posting_date, profile.stock_determination
        parts = allocate(books, wanted, portion.quantity, date, determination=determination)
    for key, quantity in parts:
        portion.quantity -= quantity
        what = MaterialItem(
            document.number,
            books.next_item(document.number),
            portion.origin,
            item.process,
            terms.movement,
            key.material,
            key.location,
            key.batch,
            key.stock_type,
            item.sign * quantity,
            item.unit,
            -item.sign * portion.account.value(quantity, terms),
            portion.cost_object,
            mirrors=0,
        )
        books.move(document, key, what)
    if portion.quantity:
        cause = Reason.SHORTAGE if item.place else Reason.NO_ISSUE_LOCATION
        books.shortage(document, portion, cause, production_date, determination=profile.stock_determination)


def allocate(
    books: Books, wanted: StockKey, quantity: int, date: str, *, determination: bool
) -> list[tuple[StockKey, int]]:
    """Choose the stock for an issue on a day: from the wanted key, all or nothing.

    With stock determination, if no batch is named, also from other stock of the location: own before consignment, first
    expired before first received, as much as there is. Expired stock is issued by name only. The missing rest is
    issued from the key all the same if it may go negative.
    """
    if not (determination and _searches_stock(books, wanted, determination=determination)):
        issued = issuable(books, wanted, quantity, determination=determination)
        return [(wanted, issued)] if issued else []
    free = books.stock(wanted) is None
    parts: dict[StockKey, int] = {}
    for key in _lots(books, wanted, date)[0]:
        part = min(quantity, max(0, books.state.stock[key]))
        if part:
            parts[key] = part
            quantity -= part
    if free and quantity:
        parts[wanted] = parts.get(wanted, 0) + quantity
    return [*parts.items()]


def issuable(books: Books, key: StockKey, quantity: int, *, determination: bool) -> int:
    """Return the quantity that may be issued: all or nothing, or the available stock with stock determination."""
    if not key.location:
        return 0
    have = books.stock(key)
    if have is None or have >= quantity:
        return quantity
    return max(0, have) if determination else 0


def stock_type_of(cost_object: str) -> str:
    """Return the stock type of a cost object's receipts: sales-order stock, or unrestricted."""
    known = parse_cost_object(cost_object)
    return "E/" + "/".join(known.name.split()) if known.sold else ""


def lacking(books: Books, wanted: StockKey, quantity: int, date: str, *, determination: bool) -> Rejection | None:
    """Return the shortage of a component on a day, with its available stock; None if there is enough."""
    parts = allocate(books, wanted, quantity, date, determination=determination)
    found = sum(part for _, part in parts)
    if found == quantity:
        return None
    what = f"component {wanted.material}"
    if not wanted.location:
        text = f"{what}: needed are {format_quantity(quantity)}, and it has no issue location"
        return Rejection(Reason.NO_ISSUE_LOCATION, text)
    there = format_quantity(found or books.stock(wanted) or 0)
    text = f"{what}: location {wanted.location} holds {there}, needed are {format_quantity(quantity)}"
    return Rejection(Reason.SHORTAGE, text + name_unused(books, wanted, date, determination=determination))


def name_unused(books: Books, wanted: StockKey, date: str, *, determination: bool) -> str:
    """Describe other stock of a place that is not issued on a day, expired or of another name; empty: none."""
    if not wanted.location or books.stock(wanted) is None:
        return ""
    good, bad = _lots(books, wanted, date)
    searched = _searches_stock(books, wanted, determination=determination)
    others = bad if searched else [key for key in (*good, *bad) if key != wanted]
    lots = [(f"of batch {key.batch}" if key.batch else "without a batch", books.stock(key) or 0) for key in others]
    there = [f"{format_quantity(units)} {name}" for name, units in lots if units > 0]
    why = "expired and issued by name only" if searched else "issued by name only"
    return f"; {why}: {', '.join(there)}" if there else ""


def _searches_stock(books: Books, wanted: StockKey, *, determination: bool) -> bool:
    """Return whether other stock is searched; in older journals not if stock may go negative."""
    searched = determination and not wanted.batch and bool(wanted.location)
    return searched and (books.state.rules.edition > 0 or books.stock(wanted) is not None)


def _lots(books: Books, wanted: StockKey, date: str) -> tuple[list[StockKey], list[StockKey]]:
    """Return the stock of a material at a location in the order of issue on a day, and its expired stock.

    Own before consignment, then first expired, then first received; batches without expiry come last.
    """
    known, lots = books.state.master.batches, []
    for key in books.state.shelves.get(wanted[:3], ()):
        if key.stock_type in ("", CONSIGNMENT):
            batch = known.get((key.plant, key.material, key.batch), Batch())
            order = (key.stock_type, batch.expires or LATEST, batch.received, key.batch)
            lots.append((batch.is_expired(date), order, key))
    lots.sort()
    good, bad = ([key for is_expired, _, key in lots if is_expired is which] for which in (False, True))
    return good, bad
