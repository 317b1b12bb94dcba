"""The mirror: the opposite of a posting, at its amounts and stock keys.

The reversal of a whole document mirrors its quantity of an account exactly, a partial one in proportion to the units
taken back: the rest is the share of the units left, rounded once, however many reversals there were. A cumulated
posting is mirrored likewise, by all its units of all documents. The difference between mirror and exact share stays in
the account's remainder. Only issued quantities come back: quantities in the backlog go first and are closed instead,
then those that a person had closed, which are no longer given up.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from gateway.backflush.memory.balance import AccountKey, Row, account_key
from gateway.backflush.memory.changes import Dossier, Held
from gateway.backflush.memory.records import Backlog, Flow
from gateway.backflush.plant.explosion import ExplodedItem
from gateway.backflush.posting.booking import charges, stock_type_of, usage
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.backflush.posting.portions import Portion
from gateway.backflush.reversal.report_parts import Gone
from gateway.backflush.values.documents import (
    ACTIVITY,
    EXPLODED,
    MIRROR,
    RECEIPT,
    ActivityItem,
    Document,
    MaterialItem,
    format_number,
)
from gateway.backflush.values.movements import StockKey, reversal_of
from gateway.backflush.values.quantities import proportion

REVERSED_BY = "reversed by "
"""Prefix of the reason of a backlog record that a reversal has closed."""


def stock_key(document: Document, item: ExplodedItem) -> StockKey:
    """Return the stock key of a document's item."""
    if item.process != RECEIPT:
        return StockKey(document.plant, item.object, item.place)
    return StockKey(document.plant, item.object, item.place, document.batch, stock_type_of(document.cost_object))


class PostedShare(NamedTuple):
    """The quantity and amount that a posting booked for a share."""

    booked: Sequence[MaterialItem | ActivityItem]
    records: Sequence[Backlog]
    quantity: int
    """All of it, including the backlog, ..."""
    left: int
    """... the part that is not mirrored yet, ..."""
    amount: int
    """... and the worth of that, as far as it was issued or received."""


class PostingShare:
    """The share of one account in one posting for the reversed document, and the part of it that is taken back."""

    __slots__ = ("alone", "fixed", "flow", "freed", "gone", "held", "item", "left", "mixed", "poster", "row", "whole")

    def __init__(self, flow: Flow, item: ExplodedItem, row: Row) -> None:
        self.flow = flow
        self.item = item
        self.row = row
        self.poster = row.posted_by
        self.alone = not row.cumulate or row.posted_by == row.document
        """Whether the posting holds nothing of other documents."""
        self.whole = Fraction(0)
        """Exact share of all the units in the posting; ..."""
        self.left = Fraction(0)
        """... of those not taken back yet; ..."""
        self.gone = Fraction(0)
        """... of those taken back now."""
        self.fixed = 0
        """The document's fixed items, ..."""
        self.freed: list[AccountKey] = []
        """... the accounts of those taken back now, ..."""
        self.held = 0
        """... and their quantity."""
        self.mixed = False
        """Whether the posting also holds unknown fixed items: of other documents, or taken back before."""

    def quantity(self, of: PostedShare) -> int:
        """Return the quantity to mirror."""
        left = of.left
        if (self.gone, self.held) == (self.left, self.fixed) and (self.alone or not self.mixed):
            return max(0, left)
        if not self.mixed:
            each = Fraction(max(0, of.quantity - self.fixed)) / self.whole if self.whole else Fraction(0)
            part = self._steps(each * self.left) - self._steps(each * (self.left - self.gone))
        elif self.alone and self.left:
            part = self._steps(max(0, left - self.fixed) * self.gone / self.left)
        else:
            part = self._steps(self.gone)
        return max(0, min(left, self.held + part))

    def _steps(self, exact: Fraction) -> int:
        """Return the whole steps of an exact quantity, rounded half up."""
        step = self.item.step
        return (2 * exact + step) // (2 * step) * step


def shares_of(books: Books, dossier: Dossier, gone: Gone | None, *, fixed_stay: bool = False) -> list[PostingShare]:
    """Return the shares of a document's rows in postings, and the parts that a reversal takes back; read-only."""
    shares: dict[tuple[object, ...], PostingShare] = {}
    for row in dossier.rows:
        if row.state != "posted":
            continue
        flow, units = books.state.flows[row.key.flow], units_to_take(row, gone)
        for key, item, fixed in charges(flow.id, row.key.scope, _part(books, row)):
            name = (row.posted_by, *key[3:])
            share = shares.get(name)
            if share is None:
                share = shares[name] = PostingShare(flow, item, row)
            if row.key.scope:
                share.mixed = share.mixed or 0 < row.units == row.reversed
                account = books.find_account(key)
                if fixed and account is not None and account.document == row.document:
                    share.fixed += account.posted
                    if row.reversed + units == row.units and not fixed_stay:
                        share.held += account.posted
                        share.freed.append(key)
                continue
            each = Fraction(item.numerator, item.denominator)
            share.gone += units * each
            if share.alone:
                share.whole += row.units * each
                share.left += (row.units - row.reversed) * each
    for held in dossier.held:
        own = sum(row.units for row in dossier.rows if (row.posted_by, row.key) == (held.poster, held.key))
        _add_held(books, shares, held, others=held.units != own)
    return list(shares.values())


def _add_held(books: Books, shares: Mapping[tuple[object, ...], PostingShare], held: Held, *, others: bool) -> None:
    """Add to shares the units of a balance in their cumulated posting, of all its documents."""
    flow, key = books.state.flows[held.key.flow], held.key
    explosion = books.state.explosions[key.explosion]
    for item in explosion.part(key.process, key.segment, fixed=bool(key.scope)):
        share = shares.get((held.poster, *account_key(flow.id, key.scope, item)[3:]))
        if share is None or share.alone or share.flow.cost_object != flow.cost_object:
            continue
        if key.scope:
            share.mixed = share.mixed or others
            continue
        each = Fraction(item.numerator, item.denominator)
        share.whole += held.units * each
        share.left += (held.units - held.reversed) * each


def units_to_take(row: Row, gone: Gone | None) -> int:
    """Return the units of a row that a reversal takes back: the whole rest unless a part is named."""
    left = row.units if row.state == "open" else row.units - row.reversed
    return left if gone is None else min(gone.get((row.key.process, row.key.segment), 0), left)


def _part(books: Books, row: Row) -> tuple[ExplodedItem, ...]:
    explosion = books.state.explosions[row.key.explosion]
    return explosion.part(row.key.process, row.key.segment, fixed=bool(row.key.scope))


def find_posting(dossier: Dossier, share: PostingShare) -> PostedShare:
    """Return the booking of a posting for a share; the mirrored part of a cumulated activity is unknown."""
    item, cost_object = share.item, share.flow.cost_object
    if item.process == ACTIVITY:
        same = [w for w in dossier.activities if (w.work_center, w.activity) == (item.place, item.object)]
        worked = [w for w in same if (w.document, w.origin) == (share.poster, EXPLODED)]
        back = [w for w in same if w.origin == MIRROR and w.document in dossier.reversed_by] if share.alone else []
        both = [*worked, *back]
        hours = sum(w.hours for w in worked)
        return PostedShare(worked, (), hours, sum(w.hours for w in both), sum(w.amount for w in both))
    records = [r for r in dossier.backlog if _is_of(r, share)]
    goods = [
        i
        for i in dossier.items
        if (i.document, i.origin, i.material, i.location) == (share.poster, EXPLODED, item.object, item.place)
        and i.cost_object == cost_object
        and (i.quantity < 0) == (item.sign < 0)
    ]
    movements = {reversal_of(i.movement) for i in goods} | {reversal_of(r.movement) for r in records}
    places = {item.place, *(r.issued_location for r in records)}
    back_ = [
        i
        for i in dossier.mirrored
        if (i.mirrors, i.origin, i.material, i.cost_object) == (share.poster, MIRROR, item.object, cost_object)
        and i.movement in movements
        and i.location in places
    ]
    quantity = sum(r.required for r in records) + item.sign * sum(i.quantity for i in goods)
    left = quantity - sum(r.reversed for r in records) + item.sign * sum(i.quantity for i in back_)
    amount = sum(r.issued_amount for r in records) - item.sign * sum(i.amount for i in (*goods, *back_))
    return PostedShare(goods, records, quantity, left, amount)


def take_back_rows(
    books: Books, document: Document, dossier: Dossier, gone: Gone | None, *, fixed_stay: bool = False
) -> None:
    """Withdraw open rows, book the mirror of posted ones, take back the standard of replaced ones.

    fixed_stay: the document still bears its fixed items, though all their units may go.
    """
    shares = shares_of(books, dossier, gone, fixed_stay=fixed_stay)
    for row in dossier.rows:
        if not (fixed_stay and row.key.scope and row.state != "open"):
            _take_back_row(books, row, units_to_take(row, gone))
    for share in shares:
        _take_back_share(books, document, dossier, share)


def _take_back_row(books: Books, row: Row, units: int) -> None:
    changes = books.changes
    if row.state == "open":
        row.units -= units
        books.balance(row.key).withdraw(units)
        if not row.units:
            row.state = "withdrawn"
            books.line(row.plant, row.line).wait(row.key.process, -1)
        changes.updated_rows[row.document, row.key] = row
    elif row.state != "withdrawn" and units:
        flow, span = books.state.flows[row.key.flow], row.span.last(units)
        row.reversed += units
        changes.updated_rows[row.document, row.key] = row
        for item in _part(books, row):
            if row.state == "replaced":
                standard = item.quantity(span.high) - item.quantity(span.low)
                if row.key.scope:
                    standard = _free_standard(books, row, item)
                usage(books, row, flow, item, 0, standard=-standard)
            elif not row.key.scope:
                books.account(account_key(flow.id, "", item)).owe(-units, item.numerator, item.denominator)


def _free_standard(books: Books, row: Row, item: ExplodedItem) -> int:
    """Let the next units bear fixed items that actual quantities replaced; return their standard."""
    account = books.account(account_key(row.key.flow, row.key.scope, item))
    if row.reversed != row.units or account.document != row.document:
        return 0
    account.free()
    return item.numerator


def _take_back_share(books: Books, document: Document, dossier: Dossier, share: PostingShare) -> None:
    posted = find_posting(dossier, share)
    quantity = share.quantity(posted)
    for key in share.freed:
        books.account(key).free()
    account = books.account(account_key(share.flow.id, "", share.item))
    # If a posting holds rounded quantities of several flows' accounts, none takes back more than it has posted.
    quantity = min(quantity, share.held + account.posted)
    account.take_back(quantity - share.held)
    if not quantity:
        return
    item = share.item
    if item.process != RECEIPT:
        usage(books, share.row, share.flow, item, -quantity, standard=-quantity)
    terms = books.terms(share.flow, item)
    for of in posted.booked[:1]:
        center = of.cost_center if isinstance(of, ActivityItem) else ""
        terms = terms._replace(movement="" if isinstance(of, ActivityItem) else of.movement, cost_center=center)
    for record in posted.records[:1]:
        terms = terms._replace(movement=record.movement)
    portion = Portion(item, terms, share.flow.cost_object, account, posted_by=share.poster)
    _mirror(books, document, dossier, portion, (quantity, posted.left), posted.amount)


def _mirror(
    books: Books, document: Document, dossier: Dossier, portion: Portion, part: tuple[int, int], amount: int
) -> None:
    """Book the opposite of a part of a posting; a quantity that was never issued books nothing.

    `part` is a quantity and the whole; `amount` is the worth of the whole, as far as it was issued or received.
    """
    item, (quantity, left) = portion.item, part
    step = portion.terms.step
    if item.process == ACTIVITY:
        worth = _worth(books, dossier, portion, part, amount)
        number, position = document.number, books.next_item(document.number)
        where, of = (item.place, portion.terms.cost_center, item.object), portion.cost_object
        books.work(document, ActivityItem(number, position, MIRROR, *where, -quantity, -worth, of))
        return
    records = [record for record in dossier.backlog if _same(record, portion)]
    left -= not_issued(records)
    quantity -= close_missing(books, records, quantity, document.number)
    whole = _worth(books, dossier, portion, (quantity, left), amount)
    done = booked = 0
    for key, units in _spread(dossier, portion, stock_key(document, item), quantity):
        done += units
        value = (min(whole, proportion(done, amount, left, step)) if done != quantity else whole) - booked
        booked += value
        number, position = document.number, books.next_item(document.number)
        movement, moved, worth = reversal_of(portion.terms.movement), -item.sign * units, item.sign * value
        of, poster = portion.cost_object, portion.posted_by
        what = MaterialItem(
            number, position, MIRROR, item.process, movement, *key[1:], moved, item.unit, worth, of, poster
        )
        books.move(document, key, what)


def _worth(books: Books, dossier: Dossier, portion: Portion, part: tuple[int, int], amount: int) -> int:
    """Return the amount of a mirrored part of a posting; older ledgers carried no fraction on."""
    quantity, left = part
    valued_alone = any(record.issued for record in dossier.backlog if _same(record, portion))
    if quantity and not valued_alone and books.state.rules.edition > 0:
        return portion.account.give_back(quantity, left, amount, portion.terms, len(dossier.reversed_by))
    return proportion(quantity, amount, left, portion.terms.step) if quantity != left else amount


def _is_of(record: Backlog, share: PostingShare) -> bool:
    return (record.document, record.origin, record.material, record.location, record.cost_object) == (
        share.poster,
        EXPLODED,
        share.item.object,
        share.item.place,
        share.flow.cost_object,
    ) and share.item.sign < 0


def _spread(dossier: Dossier, portion: Portion, otherwise: StockKey, quantity: int) -> list[tuple[StockKey, int]]:
    """Return the stock that a quantity goes back to: the lots it was taken from, the last one first."""
    item = portion.item
    taken: dict[StockKey, int] = {}
    # Backlog was issued later, from the stock in its record.
    for record in dossier.backlog:
        if _same(record, portion):
            for key, units in reversed(record.issued_from.items()):
                taken[key] = taken.get(key, 0) + units
    for posted in reversed(dossier.items):
        same = (posted.document, posted.origin, posted.movement, posted.material, posted.location, posted.cost_object)
        if same == (portion.posted_by, EXPLODED, portion.terms.movement, item.object, item.place, portion.cost_object):
            key = otherwise._replace(batch=posted.batch, stock_type=posted.stock_type)
            taken[key] = taken.get(key, 0) + abs(posted.quantity)
    parts = []
    for key, units in taken.items():
        part = min(quantity, units - _sum_returns(dossier, portion, key))
        if part > 0:
            parts.append((key, part))
            quantity -= part
    return [*parts, (otherwise, quantity)] if quantity else parts


def _sum_returns(dossier: Dossier, portion: Portion, key: StockKey) -> int:
    """Return the quantity that earlier reversals put back to a stock from which one posting took it."""
    same = (portion.posted_by, MIRROR, reversal_of(portion.terms.movement), portion.cost_object, *key[1:])
    return sum(
        abs(item.quantity)
        for item in dossier.mirrored
        if (item.mirrors, item.origin, item.movement, item.cost_object, *item[5:9]) == same
    )


def _same(record: Backlog, portion: Portion) -> bool:
    same = (record.cost_object, record.movement, record.material, record.location) == portion.key
    return same and (record.document, record.origin) == (portion.posted_by, EXPLODED)


def close_missing(books: Books, records: Sequence[Backlog], quantity: int, number: int) -> int:
    """Take back never-issued quantity up to a limit, by the reversal of a number; return the quantity.

    Open quantity is closed and goes first; then quantity that a person has closed, whose reason stays.
    """
    left = quantity
    for record in records:
        closed = min(left, record.open)
        if closed:
            left -= closed
            record.closed += closed
            record.reversed += closed
            record.reason = f"{REVERSED_BY}{format_number(number)}"
            books.changes.updated_backlog[record.document, record.item] = record
            if not record.open:
                books.line(record.plant, record.line).lack(-1)
            elif judges(books.state) and books.stock(record.stock_key) is not None:
                # The rest may fit the stock; in older journals it waited for more.
                books.state.arrived.add(record.stock_key[:3])
    for record in records:
        given_up = min(left, not_issued([record]))
        if given_up:
            left -= given_up
            record.reversed += given_up
            books.changes.updated_backlog[record.document, record.item] = record
    return quantity - left


def not_issued(records: Iterable[Backlog]) -> int:
    """Return the reversible quantity of records for which nothing comes back: it is open, or given up."""
    return sum(record.required - record.issued - record.reversed for record in records)
