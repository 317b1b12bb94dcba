"""What a ledger in memory holds, summed: of cumulated postings, beside an SSCC, for an order, of a material."""

from collections import Counter
from collections.abc import Collection, Container, Iterable, Mapping
from copy import deepcopy
from itertools import islice
from typing import TYPE_CHECKING, Any

from gateway.backflush.memory.balance import Row
from gateway.backflush.memory.changes import Changes, EntryFilter, Facts, Held, Needs
from gateway.backflush.memory.hours import PIECES, sum_hours
from gateway.backflush.memory.records import Flow, QuarantineEntry
from gateway.backflush.memory.state import MADE, YIELD, State, days_before, month_before
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.posting.serials import BESIDE
from gateway.backflush.values.documents import ACTIVITY

if TYPE_CHECKING:
    from tests.memory import Ledger


def held_of(rows: Iterable[Row], posters: Collection[int]) -> tuple[Held, ...]:
    """Sum rows that some documents have posted, by document and balance."""
    found = [row for row in rows if row.state == "posted" and row.posted_by in posters]
    keys = sorted({(row.posted_by, row.key) for row in found})
    same = [[row for row in found if (row.posted_by, row.key) == key] for key in keys]
    sums = [(sum(row.units for row in some), sum(row.reversed for row in some)) for some in same]
    return tuple(Held(*key, *both) for key, both in zip(keys, sums, strict=True))


def beside_of(serials: Mapping[str, int], number: int) -> tuple[tuple[str, int], ...]:
    """Return what stands under the SSCCs that stand at a document."""
    pallets = {serial.partition(BESIDE)[0] for serial, of in serials.items() if of == number}
    return tuple((serial, of) for serial, of in serials.items() if serial.partition(BESIDE)[0] in pallets)


def made_of(statistics: Mapping[tuple[str, ...], int], since: str) -> dict[tuple[str, str, str], int]:
    """Sum the pieces of the statistics by plant, line and month."""
    made: dict[tuple[str, str, str], int] = {}
    for (plant, date, _, line, _, _, measure, *_), quantity in statistics.items():
        if measure in MADE and date[:7] >= since:
            made[plant, line, date[:7]] = made.get((plant, line, date[:7]), 0) + quantity
    return made


def sum_pieces(state: State, statistics: Mapping[tuple[str, ...], int]) -> None:
    """Set the sums of the statistics that a state holds: pieces by month, yield by shift and point."""
    state.made = made_of(statistics, month_before(state.now))
    state.shift_yield_since = days_before(state.now)
    for (plant, date, shift, line, _, _, measure, point, unit), quantity in statistics.items():
        if measure == YIELD and date >= state.shift_yield_since:
            key = plant, line, date, shift, point, unit
            state.shift_yield[key] = state.shift_yield.get(key, 0) + quantity


def hours(changes: Changes) -> dict[tuple[object, ...], int]:
    """Return the pieces of a quarter of an hour, by its key and yield, scrap or rework."""
    return {
        (*key, measure): units
        for key, made in sum_hours(changes).items()
        for measure, units in zip(PIECES, made, strict=True)
    }


def sold_of(flows: Iterable[Flow], plant: str, cost_object: str, material: str) -> dict[str, int]:
    """Return how many pieces of a material are made for a cost object, by flow."""
    of = [flow for flow in flows if (flow.plant, flow.cost_object, flow.material) == (plant, cost_object, material)]
    return {flow.id: flow.segments[-1].documented.good for flow in of}


def add_there(facts: Facts, wanted: Needs, ledger: "Ledger") -> None:
    """Add the stock of places, and what there is of materials."""
    facts.stock = {key: n for key, n in ledger.stock.items() if (key.plant, key.location) in wanted.stocked}
    facts.there = {key: _there(ledger, *key) for key in wanted.remeasured}


def _there(ledger: "Ledger", plant: str, material: str) -> dict[str, int]:
    """Count what is there of a material."""
    of, component = (plant, material), COMPONENT + material
    holding = {name for name, some in ledger.explosions.items() if material in {item.object for item in some.items}}
    used = {key.flow for key in ledger.balances if key.explosion in holding}
    used |= {window.key.flow for window in ledger.windows.values() if window.key.explosion in holding}
    used |= {flow for (flow, _, _), units in ledger.waiting.items() if units and units.heading.explosion in holding}
    used |= {key.flow for key in ledger.accounts if key.object == material and key.process != ACTIVITY}
    orders = [order for order in ledger.orders.values() if order.plant == plant]
    flows = [(name, flow) for name, flow in ledger.flows.items() if flow.plant == plant]
    counted: dict[str, list[object]] = {
        "place with stock": [n for key, n in ledger.stock.items() if n and (key.plant, key.material) == of],
        "open backlog record": [r for r in ledger.backlog.values() if r.open and (r.plant, r.material) == of],
        "reduced planned order": [
            order
            for order in orders
            if any(n for what, n in order.reduced.items() if order.material == material or what == component)
        ],
        "cost object": [name for name, flow in flows if flow.material == material or name in used],
    }
    return {what: len(found) for what, found in counted.items() if found}


def in_order(kept: Mapping[Any, Any]) -> dict[Any, Any]:
    """Copy as a database reads: in the order of the keys, whatever came first."""
    return {key: deepcopy(kept[key]) for key in sorted(kept)}


def reports_of(
    ledger: "Ledger", within: set[int], point: str, units: int, first: Container[int] = ()
) -> tuple[int, ...]:
    """Return the newest documents that hold so many units of a point, `first` before others."""
    left: Counter[int] = Counter()
    for c in ledger.confirmations:
        if c.document in within and c.point == point:
            reverses = ledger.documents[c.document].reverses
            of = ledger.documents[reverses or c.document]
            reports = {of.number, of.caused_by or of.number} if reverses else {of.number}
            left.update(dict.fromkeys(reports, c.said_yield))
    found = []
    for number in sorted((n for n in left if left[n] > 0), key=lambda n: (n in first, n), reverse=True):
        found.append(number)
        units -= left[number]
        if units <= 0:
            break
    return tuple(found)


def chosen_of(
    quarantine: Mapping[int, QuarantineEntry], which: EntryFilter, until: int
) -> tuple[dict[int, QuarantineEntry], int]:
    """Return the oldest open entries of a filter, and the number of the rest."""
    names = ("plant", "line", "device", "code")
    chosen = {
        number: entry
        for number, entry in sorted(quarantine.items())
        if (entry.state, number > which.after, entry.at <= until) == ("open", True, True)
        and all(getattr(which, name) in ("", getattr(entry, name)) for name in names)
    }
    page = dict(islice(chosen.items(), which.limit))
    return page, len(chosen) - len(page)
