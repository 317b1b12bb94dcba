"""Explosions: everything that n units account for, frozen.

    E(n)                 one rounding per item, on the cumulated quantity
    E(b) - E(a)          what has to be posted for the units from a to b
    (E(b)-E(a)) + (E(c)-E(b)) == E(c)-E(a)      so cumulating never changes a total

An explosion holds all that was read to make it (bill of material, routing, prices, rates, movement types, locations),
and its id is the hash of that: equal content is the same explosion, any change is another one with marks of its own
from zero. Pieces already counted keep theirs.
"""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

from gateway.backflush.documents import ACTIVITY, ISSUE, RECEIPT
from gateway.backflush.quantities import LIMIT, MICRO, proportion

PROCESSES = (RECEIPT, ISSUE, ACTIVITY)


class ExplodedItem(NamedTuple):
    """One line of an explosion: what a unit accounts for, and where it is booked.

    quantity(n) = n x numerator / denominator, rounded half up to `step`; a fixed item is `numerator` once, if there
    are units at all. amount(n) = quantity(n) x price / price_unit, rounded half up to `amount_step`. All integers are
    millionths.
    """

    process: str
    segment: str
    fixed: bool
    movement: str
    """Empty for an activity."""
    sign: int
    """Effect on stock: +1 receipt and by-product, -1 issue; +1 for an activity. The amount has the opposite effect on
    the cost object,
    except that an activity debits it."""
    object: str
    """Material, or activity type."""
    place: str
    """Storage location, or work center; an empty location is a withdrawal error."""
    cost_center: str
    unit: str
    operation: str
    numerator: int
    denominator: int
    step: int
    price: int
    price_unit: int
    amount_step: int

    def quantity(self, units: int) -> int:
        """Return the cumulated quantity of so many units, in millionths, unsigned."""
        if self.fixed:
            return self.numerator if units > 0 else 0
        return proportion(units, self.numerator, self.denominator, self.step)

    def amount(self, quantity: int) -> int:
        """Return the value of a cumulated quantity, in millionths, unsigned."""
        return proportion(quantity, self.price, self.price_unit, self.amount_step)


class Portion(NamedTuple):
    """What a range of units accounts for at one item: unsigned quantity and amount."""

    item: ExplodedItem
    quantity: int
    amount: int


class Explosion:
    """The frozen items of one version, as of one production date. Immutable after it was made; compared by `id`."""

    __slots__ = ("__dict__", "items")

    def __init__(self, items: Sequence[ExplodedItem]) -> None:
        self.items = tuple(items)

    @cached_property
    def id(self) -> str:
        """The hash of the content."""
        return hashlib.sha256(self.text.encode()).hexdigest()[:32]

    @cached_property
    def text(self) -> str:
        """The canonical content, as the ledger keeps it."""
        return json.dumps([list(item) for item in self.items], separators=(",", ":"), ensure_ascii=True)

    @classmethod
    def parse(cls, text: str) -> "Explosion":
        """Read what `text` wrote."""
        return cls([ExplodedItem(*fields) for fields in json.loads(text)])

    @cached_property
    def most(self) -> int:
        """Units, in millionths, whose quantities and amounts the ledger can hold at every item."""
        worst = MICRO
        for item in self.items:
            each = item.numerator if item.fixed else -(-MICRO * item.numerator // item.denominator)
            worst = max(worst, each, each * item.price // item.price_unit)
        return LIMIT * MICRO // worst

    @cached_property
    def _parts(self) -> dict[tuple[str, str, bool], tuple[ExplodedItem, ...]]:
        parts: dict[tuple[str, str, bool], tuple[ExplodedItem, ...]] = {}
        for item in self.items:
            key = (item.process, item.segment, item.fixed)
            parts[key] = (*parts.get(key, ()), item)
        return parts

    def part(self, process: str, segment: str, *, fixed: bool) -> tuple[ExplodedItem, ...]:
        """Return the items that one mark covers."""
        return self._parts.get((process, segment, fixed), ())

    def between(self, process: str, segment: str, *, fixed: bool, low: int, high: int) -> Iterator[Portion]:
        """Yield E(high) - E(low) for one mark; items without a difference are left out."""
        for item in self._parts.get((process, segment, fixed), ()):
            below, above = item.quantity(low), item.quantity(high)
            if below != above:
                yield Portion(item, above - below, item.amount(above) - item.amount(below))


def money_step(currency: str) -> int:
    """Return the smallest amount of a currency in millionths: hundredths, or whole units where it has none."""
    return MICRO if currency in {"JPY", "KRW", "HUF", "CLP", "ISK", "VND"} else MICRO // 100
