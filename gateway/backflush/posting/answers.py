"""Answers: what people are told became of a report, once it is posted.

Which of its documents are its own and which followed, what waits for an earlier point, and what nobody asks for and
has to know: another posting date, components that are missing, more than a sales order wants.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.backflush.posting.books import Books
from gateway.backflush.posting.places import beyond_order
from gateway.backflush.values.documents import Document, format_number
from gateway.backflush.values.quantities import agree, format_quantity

_TOLD = 5
"""The most missing components that an answer names."""


class Told(NamedTuple):
    """What became of a report: an answer says what was posted and what waits."""

    documents: list[int]
    """Its own."""
    following: list[int]
    """Those that came with it: what it has released, received or demanded."""
    posted: int
    """Units that documents hold."""
    waiting: int
    point: str
    """For which the first of them wait."""
    aside: tuple[str, ...] = ()
    """What nobody who reports asks for, and has to know: another posting date, and what is missing."""

    @property
    def text(self) -> str:
        """Say it."""
        own = ", ".join(map(format_number, self.documents))
        if self.waiting and not self.posted:
            told = f"{self.waits}; its report is document {own}"
        else:
            posted = f"{format_quantity(self.posted)} posted in {own}" if self.posted else f"posted {own}"
            told = ", ".join(filter(None, (posted, self.waits)))
        followed = f"{', '.join(map(format_number, self.following))} followed" if self.following else ""
        return "; ".join(filter(None, (told, followed, *self.aside)))

    @property
    def waits(self) -> str:
        """Say what waits; empty where nothing does."""
        return waits(self.waiting, self.point) if self.waiting else ""

    @property
    def data(self) -> dict[str, Any]:
        """Say it as data."""
        documents = [format_number(number) for number in sorted((*self.documents, *self.following))]
        units = {"posted": format_quantity(self.posted), "waiting": format_quantity(self.waiting)}
        return {"documents": documents, **units, **({"point": self.point} if self.waiting else {})}


def waits(units: int, point: str) -> str:
    """Say that units wait for an earlier point."""
    return f"{format_quantity(units)} {agree(units, 'waits')} for point {point}"


def withdrawn(units: int) -> str:
    """Say of units that had waited that nobody waits for them any more; empty where none had."""
    return f"{format_quantity(units)} that no document held {agree(units, 'is')} withdrawn" if units else ""


def describe_reports(books: Books, documents: Sequence[Document]) -> Told:
    """Say what became of reports, given the documents of this turn that were made for them."""
    flows = {document.number: books.state.flows[document.flow] for document in documents}
    own: dict[int, None] = {}
    said = waiting = 0
    point = ""
    for c in reversed(books.changes.confirmations):
        if documents and c.document < documents[0].number:
            break
        flow, of_report = flows.get(c.document), c.said
        if flow is None or not of_report:
            continue
        first = c.document not in own
        own[c.document] = None
        said += of_report
        at = flow.points.index(c.point)
        if first and flow.segments[at].queue:
            left = sum(units.passed for units in flow.segments[at].of(c.document))
            waiting += left
            point = flow.points[at - 1] if left and at else point
    alone = sorted(own) or [document.number for document in documents[:1]]
    dates = {(d.posting_date, d.production_date) for d in documents}
    sold = {(f.plant, f.material, f.cost_object): None for f in flows.values() if not f.to_stock}
    beyond = filter(None, (beyond_order(books.state, *order) for order in sold))
    aside = (*describe_dates(dates), *_missing(books, documents), *beyond)
    return Told(alone, sorted(flows.keys() - set(alone)), said - waiting, waiting, point, aside)


def describe_dates(dates: Iterable[tuple[str, str]]) -> list[str]:
    """Say that postings are dated on another day than theirs: (posting date, the day that was asked for).

    >>> describe_dates([("2026-12-01", "2026-11-29"), ("2026-12-01", "2026-12-01")])
    ['posted on 2026-12-01, because period 2026-11 is closed']
    """
    moved = sorted({(on, day[:7]) for on, day in dates if on != day})
    return [f"posted on {on}, because period {period} is closed" for on, period in moved]


def _missing(books: Books, documents: Sequence[Document]) -> list[str]:
    """Say which components could not be issued: pieces are posted all the same."""
    if not books.changes.backlog:
        return []
    numbers, short = {document.number for document in documents}, dict[tuple[str, str], int]()
    for record in books.changes.backlog:
        if record.document in numbers:
            name = record.material, record.unit
            short[name] = short.get(name, 0) + record.required
    told = [f"{format_quantity(units)} {unit} {material}" for (material, unit), units in sorted(short.items())]
    more = [f"{len(told) - _TOLD} more components"] if len(told) > _TOLD else []
    return [f"missing, and kept in the backlog: {', '.join([*told[:_TOLD], *more])}"] if told else []
