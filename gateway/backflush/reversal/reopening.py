"""Reopening: an undo opens again what a scanner has only closed, by the label of a pallet or a card.

Counters had counted those pieces, and go on counting from there. So the undo reverses the documents, and the pieces
stand in windows again: the next pallet, a person who closes the line, or the end of the present shift posts them.

Laws
    readings, units and scrap leave a document with its reversal and stand in the window: read and counted stay
    a window that is opened again is of the line, day, shift, batch, point and list of its document
"""

from collections.abc import Iterable, Sequence

from devices.errors import Rejection
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.events import Sender
from gateway.backflush.memory.records import Window, WindowKey, WindowSource
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.windows import open_again
from gateway.backflush.reversal.reversal import Reversed, undo
from gateway.backflush.reversal.withdrawal import explosion_of
from gateway.backflush.values.documents import REOPENED, Confirmation, Document, Source


def is_closing(books: Books, reports: Iterable[Dossier]) -> bool:
    """Return whether reports are of windows, which no entry of their own has made."""
    return books.state.rules.reopens and all(each.document.cause == 0 for each in reports)


def undo_closing(books: Books, reports: Sequence[Dossier], sender: Sender) -> Reversed | Rejection:
    """Reverse reports of windows, and open the windows again; all that have anything left, or none."""
    known = books.facts.documents
    numbers = {number for each in reports for number in (each.document.number, *each.caused)}
    explosions = {number: _explosion_of(books, known[number]) for number in numbers}
    done = undo(books, reports, sender, REOPENED)
    if isinstance(done, Rejection):
        return done
    lines: dict[int, list[Confirmation]] = {each.number: [] for each in done.documents}
    for line in books.changes.confirmations:
        if line.document in lines and (line.said or line.rework):
            lines[line.document].append(line)
    for each in done.documents:
        if said := lines[each.number]:
            _reopen(books, each, known[each.reverses].sources, explosions[each.reverses], said)
    return done


def _explosion_of(books: Books, report: Dossier) -> str:
    """Return the explosion of a report's units, of those that wait as well."""
    segments, number = books.state.flows[report.document.flow].segments, report.document.number
    waiting = (units.heading.explosion for segment in segments for units in segment.of(number))
    return next(waiting, "") or explosion_of(books, report)


def _reopen(
    books: Books, document: Document, sources: Iterable[Source], explosion: str, said: Sequence[Confirmation]
) -> None:
    """Put what a reversal has taken back of a report into its window again, with the readings behind it."""
    of = document.production_date, document.shift, document.batch, document.line
    window = open_again(books, document.plant, WindowKey(document.flow, said[0].point, explosion, *of, "scan"))
    figures = books.line(document.plant, document.line)
    good = scrap = 0
    for line in said:
        good, scrap = good - line.said_yield, scrap - line.said_scrap
        window.rework -= line.rework
        figures.repeat(line.rework)
        if line.said_scrap:
            window.scrap[line.reason] = window.scrap.get(line.reason, 0) - line.said_scrap
    window.good += good
    for source in sources:
        units = min(good, max(0, source.yield_)), min(scrap, max(0, source.scrap))
        good, scrap = good - units[0], scrap - units[1]
        _take_readings(books, document, window, source, units)
        figures.lose(-units[1])


def _take_readings(books: Books, document: Document, window: Window, source: Source, units: tuple[int, int]) -> None:
    """Move the readings of a device from a report to a window."""
    good, scrap = units
    back = source._replace(document=document.number, readings=-source.readings, yield_=-good, scrap=-scrap)
    books.changes.sources.append(back)
    known = window.sources.get(source.device)
    if known is None:
        known = window.sources[source.device] = WindowSource(source.first_entry, source.first_at)
    known.first_entry, known.first_at = min(known.first_entry, source.first_entry), min(known.first_at, source.first_at)
    known.last_entry, known.last_at = max(known.last_entry, source.last_entry), max(known.last_at, source.last_at)
    known.readings += source.readings
    known.good += good
    known.scrap += scrap
    known.spans = known.spans or source.spans_change
