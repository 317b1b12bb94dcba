"""Closing: what is open on a line is posted now because a person says so, by card, command or request."""

from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.inputs.counts import close_windows
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge
from gateway.backflush.values.documents import Document
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason


class Closed(NamedTuple):
    """What was open on a line."""

    documents: list[Document]
    short: int
    """Scrap that is taken off what is posted."""

    @property
    def late(self) -> str:
        """Say what of the scrap was told late; empty if nothing was."""
        return f"scrap of {format_quantity(self.short)} is taken off what is posted" if self.short else ""


def close_line(books: Books, plant: str, line: str) -> Closed | Rejection:
    """Post what is open on a line, or say that nothing is."""
    closed = Closed(close_windows(books, plant, line), books.end_short(plant, line))
    if closed.documents or closed.short:
        return closed
    return judge(books.state, Said(plant, line)) or Rejection(
        Reason.NOTHING_TO_UNDO, f"nothing is open on {plant}/{line}"
    )
