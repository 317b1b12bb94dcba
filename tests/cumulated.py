"""What cumulated postings hold, summed over rows in memory; what stands beside an SSCC; what is made of an order."""

from collections.abc import Collection, Iterable, Mapping

from gateway.backflush.changes import Held
from gateway.backflush.records import POSTED, Flow, Row
from gateway.backflush.serials import BESIDE
from gateway.backflush.state import MADE


def held_of(rows: Iterable[Row], posters: Collection[int]) -> tuple[Held, ...]:
    """Sum rows that some documents have posted, by document and mark."""
    found = [row for row in rows if row.state == POSTED and row.posted_by in posters]
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


def sold_of(flows: Iterable[Flow], plant: str, cost_object: str, material: str) -> dict[str, int]:
    """Return how many pieces of a material are made for a cost object, by flow."""
    of = [flow for flow in flows if (flow.plant, flow.cost_object, flow.material) == (plant, cost_object, material)]
    return {flow.id: flow.segments[-1].documented.good for flow in of}
