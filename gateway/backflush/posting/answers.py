"""Answers: the result of a report for people, once it is posted.

Its own documents and those that followed, the units that wait for an earlier point, and warnings: another posting date,
missing components, more than a sales order wants.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from gateway.backflush.posting.books import Books
from gateway.backflush.posting.places import beyond_order
from gateway.backflush.values.documents import Document, format_number
from gateway.backflush.values.phrases import ENGLISH, Language, inflect, phrase
from gateway.backflush.values.quantities import MICRO, format_quantity

_TOLD = 5
"""An answer names at most this many missing components."""


class Told(NamedTuple):
    """The result of a report: an answer gives the units posted and those that wait."""

    documents: list[int]
    """Its own documents."""
    following: list[int]
    """Documents that came with it: of units that it released, received or demanded."""
    posted: int
    """Units in documents."""
    waiting: int
    point: str
    """The point for which the first of them wait."""
    aside: tuple[str, ...] = ()
    """Warnings: another posting date, missing components."""
    lost: int = 0
    """Units that were scrapped after their point."""
    rework: int = 0

    @property
    def text(self) -> str:
        """Return it as a sentence."""
        own = ", ".join(map(format_number, self.documents))
        if self.waiting and not self.posted:
            told = f"{self.waits}; its report is document {own}"
        else:
            kinds = ((self.posted, ""), (self.lost, " lost"), (self.rework, " reworked"))
            units = " and ".join(f"{format_quantity(number)}{kind}" for number, kind in kinds if number)
            posted = f"{units} posted in {own}" if units else f"posted {own}"
            told = ", ".join(filter(None, (posted, self.waits)))
        followed = f"{', '.join(map(format_number, self.following))} followed" if self.following else ""
        return "; ".join(filter(None, (told, followed, *self.aside)))

    @property
    def waits(self) -> str:
        """Describe the waiting units; empty if there are none."""
        return waits(ENGLISH, self.waiting, self.point) if self.waiting else ""

    @property
    def data(self) -> dict[str, Any]:
        """Return it as data."""
        documents = [format_number(number) for number in sorted((*self.documents, *self.following))]
        units = {"posted": format_quantity(self.posted), "waiting": format_quantity(self.waiting)}
        beside = {"lost": self.lost, "rework": self.rework}
        units |= {kind: format_quantity(number) for kind, number in beside.items() if number}
        return {"documents": documents, **units, **({"point": self.point} if self.waiting else {})}


def waits(language: Language, units: int, point: str) -> str:
    """Describe units that wait for an earlier point."""
    return inflect(language, "waits", units, MICRO, units=format_quantity(units), point=point)


def withdrawn(language: Language, units: int, covered: int) -> str:
    """Describe withdrawn units of a reversal, `covered` of which other documents hold; empty if there are none."""
    parts = (("withdrawn", units - covered), ("covered", covered))
    return "; ".join(inflect(language, name, n, MICRO, units=format_quantity(n)) for name, n in parts if n)


def describe_reports(books: Books, documents: Sequence[Document], language: Language) -> Told:
    """Describe the result of reports, given their documents of this turn."""
    flows = {document.number: books.state.flows[document.flow] for document in documents}
    own: dict[int, None] = {}
    said = waiting = lost = rework = 0
    point = ""
    for c in reversed(books.changes.confirmations):
        if documents and c.document < documents[0].number:
            break
        flow, of_report = flows.get(c.document), c.said
        if flow is not None:
            lost, rework = lost + c.lost, rework + c.rework
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
    dates = [(d.posting_date, d.production_date) for d in documents]
    sold = {(f.plant, f.material, f.cost_object): None for f in flows.values() if not f.to_stock}
    beyond = [told for order in sold if (told := beyond_order(books.state, language, *order))] if sold else ()
    aside = (*describe_dates(language, dates), *_missing(books, documents, language), *beyond)
    following = [] if len(flows) == len(alone) else sorted(flows.keys() - alone)
    return Told(alone, following, said - waiting, waiting, point, aside, lost, rework)


def describe_dates(language: Language, dates: Iterable[tuple[str, str]]) -> list[str]:
    """Describe postings that are dated on another day than requested: (posting date, requested date).

    >>> describe_dates("en", [("2026-12-01", "2026-11-29"), ("2026-12-01", "2026-12-01")])
    ['posted on 2026-12-01, because period 2026-11 is closed']
    """
    moved = {(on, day[:7]) for on, day in dates if on != day}
    return [phrase(language, "posted_on", date=on, period=period) for on, period in sorted(moved)] if moved else []


def _missing(books: Books, documents: Sequence[Document], language: Language) -> list[str]:
    """Describe the components that could not be issued: pieces are posted all the same."""
    if not books.changes.backlog:
        return []
    numbers, short = {document.number for document in documents}, dict[tuple[str, str], int]()
    for record in books.changes.backlog:
        if record.document in numbers:
            name = record.material, record.unit
            short[name] = short.get(name, 0) + record.required
    told = [f"{format_quantity(units)} {unit} {material}" for (material, unit), units in sorted(short.items())]
    if len(told) > _TOLD:
        told[_TOLD:] = [phrase(language, "more_components", count=str(len(told) - _TOLD))]
    return [phrase(language, "missing", components=", ".join(told))] if told else []
