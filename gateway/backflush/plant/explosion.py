"""Explosions: everything that n units account for, frozen.

    share(n) == n x numerator / denominator      exact, of each item
    share(b) - share(a)                          the debt of the units from a to b to its account (`memory.balance`)

An explosion holds everything that determines quantities (bill of material, routing, scrap factors, locations), and its
id is the hash of that: equal content is the same explosion, any change makes a new one with balances from zero. Pieces
already counted keep theirs. It holds no price, rate, movement type or timing: those are taken when posting.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from gateway.backflush.values.documents import ACTIVITY, ISSUE, NEED, Process
from gateway.backflush.values.quantities import MICRO, proportion


class ExplodedItem(NamedTuple):
    """One line of an explosion: the share of one unit, and its place.

    A unit's share is numerator / denominator; a fixed item is `numerator` once, if there are units at all. All integers
    are millionths, `step` is the smallest quantity that can be posted.
    """

    process: Process
    segment: str
    fixed: bool
    sign: int
    """Effect on stock: +1 receipt and by-product, -1 issue; +1 for an activity. The amount has the opposite effect on
    the cost object, except that an activity debits it.
    """
    object: str
    """Material, or activity type."""
    place: str
    """Storage location, or work center; an empty location is a withdrawal error."""
    unit: str
    numerator: int
    denominator: int
    step: int

    def quantity(self, units: int) -> int:
        """Return the cumulated quantity of a number of units, rounded half up, in millionths, unsigned."""
        if self.fixed:
            return self.numerator if units > 0 else 0
        return proportion(units, self.numerator, self.denominator, self.step)

    @property
    def name(self) -> str:
        """Its name when actual quantities are reported."""
        return name_of(self.process, self.object, self.place)


Listed = dict[tuple[str, int], dict[str, Fraction]]
"""(component, sign): the places where it is issued or received, and the quantity at each."""


def name_of(process: Process, of: str, place: str) -> str:
    """Name the thing that actual quantities replace: a component at any place, an activity of one work center."""
    return f"{process} {place} {of}" if process == ACTIVITY else f"{process} {of}"


class Explosion:
    """The frozen items of one version, as of one production date. Immutable; compared by `id`."""

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
        """Read a `text`."""
        return cls([ExplodedItem(*fields) for fields in json.loads(text)])

    @cached_property
    def _parts(self) -> dict[tuple[Process, str, bool], tuple[ExplodedItem, ...]]:
        parts: dict[tuple[Process, str, bool], tuple[ExplodedItem, ...]] = {}
        for item in self.items:
            key = (item.process, item.segment, item.fixed)
            parts[key] = (*parts.get(key, ()), item)
        return parts

    def split(self, process: Process, names: Collection[str]) -> "tuple[Explosion, Explosion]":
        """Return the items of a process without some names, and those with them: each part has balances of its own."""
        items = [item for item in self.items if item.process == process]
        named = [item for item in items if item.name in names]
        return Explosion([item for item in items if item.name not in names]), Explosion(named)

    @cached_property
    def needed(self) -> "Explosion":
        """The components that are not backflushed, as the standard for their use; it has no place."""
        return Explosion([item._replace(process=ISSUE, place="") for item in self.items if item.process == NEED])

    def places(self, passed: Mapping[str, int]) -> Listed:
        """Return the places of the components of units that pass segments; of fixed ones only if no others are."""
        found: Listed = {}
        for fixed in (True, False):
            listed: Listed = {}
            for item in self.items:
                if item.process in (ISSUE, NEED) and item.fixed is fixed and passed.get(item.segment, 0) > 0:
                    places = listed.setdefault((item.object, item.sign), {})
                    units = (
                        item.numerator if fixed else Fraction(passed[item.segment] * item.numerator, item.denominator)
                    )
                    places[item.place] = places.get(item.place, Fraction(0)) + units
            found |= listed
        return found

    def kinds(self, process: Process, segment: str) -> tuple[bool, ...]:
        """Return whether it has proportional items, fixed ones, or both: each kind has balances of its own."""
        return self._kinds.get((process, segment), ())

    @cached_property
    def _kinds(self) -> dict[tuple[Process, str], tuple[bool, ...]]:
        kinds: dict[tuple[Process, str], tuple[bool, ...]] = {}
        for process, segment, fixed in sorted(self._parts):
            kinds[process, segment] = (*kinds.get((process, segment), ()), fixed)
        return kinds

    def part(self, process: Process, segment: str, *, fixed: bool) -> tuple[ExplodedItem, ...]:
        """Return the items that one balance covers."""
        return self._parts.get((process, segment, fixed), ())


def money_step(currency: str) -> int:
    """Return the smallest amount of a currency in millionths: hundredths, or whole units if it has none."""
    return MICRO if currency in {"JPY", "KRW", "HUF", "CLP", "ISK", "VND"} else MICRO // 100


class Terms(NamedTuple):
    """The movement type and value of an item when it is posted; they decide no quantity."""

    movement: str
    """Empty for an activity."""
    cost_center: str
    price: int
    price_unit: int
    step: int
    """The smallest amount of the currency, in millionths."""
