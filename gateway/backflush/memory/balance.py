"""Balances and accounts: counted units are due, booked units are posted, and the difference is still to be posted.

Every flow keeps two things, because units and quantities part when a quantity is rounded:

    Balance   units      of one segment and process: due (counted) and posted
    Account   quantity   of one component or activity at one place: posted, and the exact rest owed beyond it

A document raises a `Row` on a balance: its units are due. A row that is posted moves the balance over the `Span` of
its units, and owes the exact share of that span to its accounts; an account posts the whole steps of its debt, rounded
half up, and carries the rest on. So a total is rounded once, however its units are split into readings, documents,
bills of material and prices:

    >>> pieces, wire = Balance(), Account()
    >>> pieces.owe(9_000_000)                                # nine pieces are counted
    >>> for _ in range(3):                                   # three documents of three pieces, 4 of wire for 9 pieces
    ...     low = pieces.post(3_000_000)
    ...     print(wire.post_share(pieces.posted - low, 4, 9, 1_000_000) // 1_000_000, "of wire")
    1 of wire
    2 of wire
    1 of wire
    >>> pieces, wire.posted, wire.remainder
    (Balance(due=9000000, posted=9000000), 4000000, '0/1')

Laws (audited by `gateway.ledger.audit.dues`)
    due - posted == the units of the open rows of a balance
    the spans of its posted and replaced rows cover 0 to `posted`, each unit once
    posted + rest of an account == the exact sum of its rows' debts, less what reversals took back
    post(a) + post(b) == post(a + b); a posting leaves at most half a step, unless it catches up
"""

from dataclasses import dataclass
from math import gcd
from typing import Literal, NamedTuple

from gateway.backflush.plant.explosion import ExplodedItem, Terms
from gateway.backflush.values.documents import Process, Timing
from gateway.backflush.values.quantities import MICRO, proportion


def scope_of(batch: str, date: str, shift: str) -> str:
    """Name the scope of fixed items: the lot, else the shift.

    >>> scope_of("L7", "2026-11-22", "E"), scope_of("", "2026-11-22", "E"), scope_of("", "2026-11-22", "")
    ('lot L7', 'shift 2026-11-22 E', 'shift 2026-11-22')
    """
    return f"lot {batch}" if batch else f"shift {date} {shift}".rstrip()


class BalanceKey(NamedTuple):
    """The key of a balance. `scope` is empty for proportional items, else the lot or shift of fixed items."""

    flow: str
    explosion: str
    segment: str
    process: Process
    scope: str


class Span(NamedTuple):
    """Units `low` (exclusive) to `high` (inclusive) of one balance."""

    low: int
    high: int

    def last(self, units: int) -> "Span":
        """Return the upper end, which a reversal takes back first.

        >>> Span(10, 15).last(2)
        Span(low=13, high=15)
        """
        return Span(self.high - units, self.high)


@dataclass(slots=True)
class Balance:
    """Units due, and units posted or replaced by actual quantities. Both only grow, except by `withdraw`."""

    due: int = 0
    posted: int = 0

    @property
    def open(self) -> int:
        """Units still to be posted."""
        return self.due - self.posted

    def owe(self, units: int) -> None:
        """Add units that are due."""
        self.due += units

    def post(self, units: int) -> int:
        """Move `posted` over units that are due; return their first position."""
        low = self.posted
        self.posted = low + units
        return low

    def withdraw(self, units: int) -> None:
        """Take back units that are not posted, because their document is reversed.

        >>> balance = Balance(due=5, posted=3); balance.withdraw(2); balance.open
        0
        """
        self.due -= units


RowState = Literal["open", "posted", "replaced", "withdrawn"]
"""The state of a row."""


@dataclass(slots=True)
class Row:
    """One due of one document: units of one process, segment and explosion. The worklist is the open rows.

    When it is posted it owes its accounts the exact share of its units, and `posted_by` is the document that holds
    their postings. If actual quantities replace it, it is never posted, and E(low + units) - E(low) is their standard.
    """

    document: int
    key: BalanceKey
    units: int
    plant: str
    line: str
    posting_date: str
    production_date: str
    shift: str
    timing: Timing
    cumulate: bool
    state: RowState = "open"
    low: int = 0
    """The position of its first unit on its balance, once it is posted or replaced."""
    posted_by: int = 0
    reversed: int = 0
    """Units taken back after they were posted, from the upper end; an open row is shrunk instead."""

    @property
    def span(self) -> Span:
        """The part of its balance that its remaining units cover."""
        return Span(self.low, self.low + self.units - self.reversed)


class AccountKey(NamedTuple):
    """The key of an account. `scope` (a lot or shift) and `segment` are given for fixed items only."""

    scope: str
    flow: str
    segment: str
    process: Process
    sign: int
    """+1 for receipts and activities, -1 for issues."""
    object: str
    place: str


class Charge(NamedTuple):
    """The charge of a balance's units to one account, and its terms."""

    key: AccountKey
    item: ExplodedItem
    fixed: int
    """The whole quantity of fixed items, in millionths."""
    terms: Terms
    name: tuple[object, ...]
    """The key of charges that are booked together."""


def account_key(flow: str, scope: str, item: ExplodedItem) -> AccountKey:
    """Return the account that an item of a flow belongs to."""
    segment = item.segment if scope else ""
    return AccountKey(scope, flow, segment, item.process, item.sign, item.object, item.place)


class Account:
    """The posted quantity, and the debt beyond it as an exact fraction. Mutable: it is the flow's state.

    After a reversal more may be posted than is owed: then nothing is posted until later units have caught up, because
    no posting is negative. A fixed item or setup has an account for each lot or shift: the first list that comes
    charges it once, and it is free again when the document that bears it is reversed. A posting is valued at the price
    then in force; the fraction of a cent that rounding leaves is carried on in the same way; the reversal of a part
    takes its part of the fraction along.

    >>> carton = Account()
    >>> [carton.post_share(1_000_000, 1, 4, 1_000_000) for _ in range(6)]   # six pieces at a quarter of a carton
    [0, 1000000, 0, 0, 0, 1000000]
    >>> carton.posted, carton.remainder
    (2000000, '-500000/1')
    """

    __slots__ = ("_base", "_cents", "_cents_base", "_rest", "document", "posted")

    def __init__(self, posted: int = 0, remainder: str = "0/1", fraction: str = "0/1", document: int = 0) -> None:
        self.posted = posted
        """In millionths, unsigned."""
        self._rest, self._base = map(int, remainder.split("/"))
        self._cents, self._cents_base = map(int, fraction.split("/"))
        self.document = document
        """For fixed items: the document that bears them, or actual quantities in their place; 0: not charged yet."""

    @property
    def remainder(self) -> str:
        """Owed less posted, in millionths."""
        return _text(self._rest, self._base)

    @property
    def fraction(self) -> str:
        """The worth of the posted quantities beyond their amounts, in millionths of the currency."""
        return _text(self._cents, self._cents_base)

    def copy(self) -> "Account":
        """Return an independent copy."""
        return Account(self.posted, self.remainder, self.fraction, self.document)

    def owe(self, units: int, numerator: int, denominator: int) -> None:
        """Add an exact share, units x numerator / denominator; negative units take it back."""
        if denominator != self._base:
            self._rest, self._base, numerator = _common(self._rest, self._base, numerator, denominator)
        self._rest += units * numerator

    def post_share(self, units: int, numerator: int, denominator: int, step: int) -> int:
        """Owe a share and post the whole steps of the debt; return them."""
        if denominator != self._base:
            self._rest, self._base, numerator = _common(self._rest, self._base, numerator, denominator)
        self._rest += units * numerator
        divisor = self._base * step
        quantity = (2 * self._rest + divisor) // (2 * divisor) * step
        if quantity <= 0:
            return 0
        self.posted += quantity
        self._rest -= quantity * self._base
        return quantity

    def take_back(self, quantity: int) -> None:
        """Lower the posted quantity by a mirrored one."""
        self.posted -= quantity
        self._rest += quantity * self._base

    def charge(self, quantity: int, document: int) -> int:
        """Charge fixed items once, to the first document that comes; return the quantity charged now."""
        if self.document:
            return 0
        self.document = document
        self.posted = quantity
        return quantity

    def free(self) -> int:
        """Let the next units bear the fixed items, because their document is reversed; return the quantity charged."""
        quantity, self.posted, self.document = self.posted, 0, 0
        return quantity

    def value(self, quantity: int, terms: Terms) -> int:
        """Return the amount of a quantity posted now; the fraction that rounding leaves is carried on."""
        price, unit = terms.price, terms.price_unit
        if unit != self._cents_base:
            self._cents, self._cents_base, price = _common(self._cents, self._cents_base, price, unit)
        self._cents += quantity * price
        divisor = self._cents_base * terms.step
        amount = (2 * self._cents + divisor) // (2 * divisor) * terms.step
        self._cents -= amount * self._cents_base
        return amount

    def give_back(self, quantity: int, left: int, amount: int, terms: Terms, parts: int = 0) -> int:
        """Return the amount of a mirrored part of `left`, which was posted for an `amount`.

        The rest is worth as much as if the part had never been posted: the fraction of a cent is carried on, if the
        price is that of the posting: `amount` is off by the cents of that posting and of the `parts` already mirrored.
        The last part is mirrored at the rest of the amount.

        >>> oil = Account()
        >>> kilo = Terms("261", "", 640_000, 1_000_000, 10_000)     # at 0.64, in whole cents
        >>> posted = oil.value(1_000_000, kilo), oil.value(2_000_000, kilo)
        >>> posted, oil.give_back(1_000_000, 2_000_000, posted[1], kilo), oil.fraction
        ((640000, 1280000), 640000, '0/1')
        """
        value = amount if quantity == left else proportion(quantity, amount, left, terms.step)
        if abs(left * terms.price - amount * terms.price_unit) > (parts + 3) * terms.step * terms.price_unit:
            return value
        before, price = (self._cents, self._cents_base), terms.price
        if terms.price_unit != self._cents_base:
            self._cents, self._cents_base, price = _common(self._cents, self._cents_base, price, terms.price_unit)
        self._cents -= quantity * price
        if quantity != left:
            divisor = self._cents_base * terms.step
            value = max(0, min(amount, -((2 * self._cents + divisor) // (2 * divisor) * terms.step)))
        self._cents += value * self._cents_base
        if abs(self._cents) > _MOST * self._cents_base:
            self._cents, self._cents_base = before
        return value


_MOST = MICRO // 2
"""The largest fraction that reversals may leave; the next posting takes it up."""


def _common(rest: int, base: int, numerator: int, denominator: int) -> tuple[int, int, int]:
    """Bring a fraction and a share to one base."""
    if not rest:
        return 0, denominator, numerator
    divisor = gcd(base, denominator)
    return rest * (denominator // divisor), base // divisor * denominator, numerator * (base // divisor)


def _text(rest: int, base: int) -> str:
    if not rest:
        return "0/1"
    divisor = gcd(rest, base)
    return f"{rest // divisor}/{base // divisor}"
