"""What cumulated postings hold, summed over rows in memory."""

from collections.abc import Collection, Iterable

from gateway.backflush.changes import Held
from gateway.backflush.records import POSTED, Row


def held_of(rows: Iterable[Row], posters: Collection[int]) -> tuple[Held, ...]:
    """Sum rows that some documents have posted, by document and mark."""
    found = [row for row in rows if row.state == POSTED and row.posted_by in posters]
    keys = sorted({(row.posted_by, row.key) for row in found})
    same = [[row for row in found if (row.posted_by, row.key) == key] for key in keys]
    sums = [(sum(row.units for row in some), sum(row.reversed for row in some)) for some in same]
    return tuple(Held(*key, *both) for key, both in zip(keys, sums, strict=True))
