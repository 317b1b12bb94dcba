"""Hours: the pieces in documents, by the quarter of an hour in which they were made.

Each hour of each plant's clock begins with a quarter of an hour UTC, so no sum depends on a time zone. Pieces were made
at the last reading behind their document, else when it was entered; a reversal takes them back at that time of the
document that it reverses.

Law: the sums of a quarter are those of the confirmations: yield at the last point, scrap and losses, rework.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple

from gateway.backflush.memory.changes import Changes
from gateway.backflush.values.documents import FINAL, Document, Measure, Source

QUARTER: Final = 900_000_000
"""Microseconds."""
PIECES: Final[tuple[Measure, ...]] = ("yield", "scrap", "rework")
"""The figures of a quarter of an hour."""


class HourKey(NamedTuple):
    """A quarter of an hour of one product at a line, by production day and shift."""

    plant: str
    line: str
    date: str
    quarter: int
    """Its begin, microseconds UTC."""
    shift: str
    material: str
    version: str


def time_made(document: Document, sources: Iterable[Source]) -> int:
    """Return the time at which the pieces of a document were made."""
    return max((source.last_at for source in sources), default=document.entered_at)


def sum_hours(changes: Changes) -> dict[HourKey, list[int]]:
    """Sum yield, scrap and rework of documents by the quarter of an hour."""
    sums: dict[HourKey, list[int]] = {}
    if not changes.confirmations:
        return sums
    documents = {document.number: document for document in changes.documents}
    made: dict[int, int] = {}
    for source in changes.sources:
        made[source.document] = max(source.last_at, made.get(source.document, 0))
    made |= changes.taken_back
    for line in changes.confirmations:
        good, scrap = line.yield_ if line.point == FINAL else 0, line.scrap + line.lost
        if good or scrap or line.rework:
            of = documents[line.document]
            at = made.get(of.number, of.entered_at)
            day = of.plant, of.line, of.production_date, at - at % QUARTER
            units = sums.setdefault(HourKey(*day, of.shift, of.material, of.version), [0, 0, 0])
            units[0] += good
            units[1] += scrap
            units[2] += line.rework
    return sums
