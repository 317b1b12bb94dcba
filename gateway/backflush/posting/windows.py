"""Windows: readings that become one document together, from the first that opens one to the document.

Its policy decides when a window closes (`values.window_policy`):

    reading          the reading that opened it
    100pc            that many pieces, at the latest the end of the shift
    30s              that much time after it was opened
    scan             the scan of a pallet's label, at the latest the end of the shift
    shift            the end of the shift

A person closes all open windows of a line, by card, command or request. A window that is short of yield, because scrap
was reported after its pieces were posted, waits for pieces of its own shift to make up for it; at the end of its shift
or run, or when a person closes it, the tick tries to take it back from posted documents (`reversal.late_scrap`).
"""

from collections.abc import Iterator
from heapq import heappop, heappush
from operator import attrgetter
from typing import Literal, NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.records import Window, WindowKey, WindowSource
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.drafts import Report
from gateway.backflush.posting.names import Said, judge
from gateway.backflush.posting.places import BookingPlace
from gateway.backflush.posting.report import report
from gateway.backflush.values.counting import Increment
from gateway.backflush.values.documents import Document
from gateway.backflush.values.phrases import Language, phrase
from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.backflush.values.window_policy import FOREVER, WindowKind
from gateway.errors import Reason


def collect(books: Books, place: BookingPlace, device: str, new: Increment, at: int) -> None:
    """Add the increment of a device to the window of its place, and close it if its policy demands that."""
    good, scrap, rework, since, _ = new
    window = place.window
    if window is None or books.state.windows.get(window.key) is not window:
        window = books.state.windows.get(place.key) or _open(
            books, place.wanted.plant, place.key, _end_of(books, place), place.policy.pieces
        )
        place.window = window
    was_short = window.good < 0
    window.good += good
    window.rework += rework
    if scrap:
        for reason, units in scrap.items():
            window.scrap[reason] = window.scrap.get(reason, 0) + units
    source = window.sources.get(device)
    if source is None:
        source = window.sources[device] = WindowSource(books.entry, at)
    source.last_entry = books.entry
    if at > source.last_at:
        source.last_at = at
    elif at < source.first_at:
        source.first_at = at
    source.readings += 1
    # Totals entered at the start of a run are those of the moment before it: they split the step exactly.
    if since + 1 < place.run_start:
        source.spans = True
    source.good += good
    if scrap:
        source.scrap += sum(scrap.values())
    books.changes.windows[window.key] = window
    if was_short or window.good < 0:
        _close_at(books, window, place.day.end if window.good < 0 else _end_of(books, place))
    if window.policy == "reading" or (window.pieces and window.units >= window.pieces * MICRO):
        post_window(books, window)


def _open(books: Books, plant: str, key: WindowKey, close_at: int, pieces: int) -> Window:
    """Open a window, and keep the records for posting it after a restart."""
    state = books.state
    window = state.windows[key] = Window(key, plant, close_at, pieces)
    books.changes.flows[key.flow] = state.flows[key.flow]
    books.keep_explosion(key.explosion)
    _close_at(books, window, close_at)
    return window


def open_again(books: Books, plant: str, key: WindowKey) -> Window:
    """Return the window of a key, opened again until the end of the present shift if it is not open."""
    window = books.state.windows.get(key)
    if window is None:
        known = books.state.master.plants.get(plant)
        return _open(books, plant, key, known.day(books.now).end if known is not None else books.now, 0)
    _close_at(books, window, window.close_at)
    return window


def _end_of(books: Books, place: BookingPlace) -> int:
    return place.policy.closes_at(books.now, place.day.end)


def _close_at(books: Books, window: Window, at: int) -> None:
    """Let the tick of a time close a window."""
    window.close_at = at
    books.changes.windows[window.key] = window
    if at < FOREVER:
        heappush(books.state.closings, (at, window.key))


def take_due(state: State, now: int) -> Iterator[Window]:
    """Yield the windows that are due, the oldest first; the caller closes each one it takes."""
    while state.closings and state.closings[0][0] <= now:
        at, key = heappop(state.closings)
        window = state.windows.get(key)
        # Skip entries of windows that were closed otherwise, or close later: after a restart there are none.
        if window is not None and window.close_at == at:
            yield window


def post_window(books: Books, window: Window) -> list[Document]:
    """Close a window: its units become one document (or one per point if pieces had waited).

    One that is short of yield stays open: pieces of the same shift, batch and line make up for it, of any list and
    device; after other pieces the next tick tries again to take it back from posted documents.
    """
    state = books.state
    if window.good < 0:
        books.changes.windows[window.key] = window
        return []
    short = [other for other in state.windows.values() if other.good < 0 and other.key[:2] == window.key[:2]]
    for other in sorted(short, key=attrgetter("key")):
        if other.good >= 0:
            continue
        if other.key[3:7] == window.key[3:7]:
            covered = min(window.good, other.short)
            window.good -= covered
            other.good += covered
            books.changes.windows[other.key] = other
        if other.good == 0:
            post_window(books, other)
        elif other.close_at <= books.now:
            _close_at(books, other, other.close_at)
    del state.windows[window.key]
    books.changes.windows[window.key] = None
    flow = state.flows[window.key.flow]
    return report(
        books,
        Report(
            plant=window.plant,
            line=window.line,
            flow=flow,
            point=window.key.point,
            explosion=window.key.explosion,
            good=window.good,
            scrap=window.scrap,
            production_date=window.key.date,
            shift=window.key.shift,
            batch=window.key.batch,
            cause=0,
            rework=window.rework,
        ),
        window.sources,
    )


# -- closed by people

_JUDGED_SINCE = 2
"""The first edition in which an unknown line is refused: before, nothing was open on it."""


class Closed(NamedTuple):
    """The postings of a line that was closed."""

    documents: list[Document]
    short: int
    """Scrap to be taken back from posted yield."""

    def late(self, language: Language) -> str:
        """Describe the scrap that was reported late; empty if there is none."""
        return describe_short(language, self.short) if self.short else ""


def close_line(books: Books, plant: str, line: str) -> Closed | Rejection:
    """Post everything open on a line now, on a person's word; refuse if nothing is open."""
    if not line:
        return Rejection(Reason.UNKNOWN_LINE, f"expected a line of plant {plant}, got none")
    closed = Closed(close_windows(books, plant, line), end_short(books, plant, line))
    if closed.documents or closed.short:
        return closed
    unknown = judge(books.state, Said(plant, line)) if books.state.rules.edition >= _JUDGED_SINCE else None
    return unknown or Rejection(Reason.NOTHING_TO_UNDO, f"nothing is open on {plant}/{line}")


def describe_short(language: Language, units: int) -> str:
    """Describe the treatment of missing yield: the tick takes it back, but not of pieces with serial numbers."""
    return phrase(language, "late_scrap", units=format_quantity(units))


def close_windows(books: Books, plant: str, line: str, policy: WindowKind | Literal[""] = "") -> list[Document]:
    """Close the open windows of a line now: all, or those of one policy."""
    of_line = (w for w in books.state.windows.values() if (w.plant, w.line) == (plant, line))
    chosen = [w for w in of_line if policy in ("", w.policy)]
    begun = len(books.changes.documents)
    for window in sorted(chosen, key=attrgetter("key")):
        if window.key in books.state.windows:
            post_window(books, window)
    return books.changes.documents[begun:]


def end_short(books: Books, plant: str, line: str) -> int:
    """Let the tick that ends this batch close windows that are short of yield; return their missing units."""
    windows = books.state.short_windows(plant, line)
    for window in windows:
        _close_at(books, window, books.now)
    return sum(window.short for window in windows)


# -- another time


def set_back_windows(books: Books, by: int) -> None:
    """Let windows of a number of seconds close after the seconds they had left, and those of a future day now."""
    state = books.state
    today = {plant.plant: plant.day(books.now).date for plant in state.master.plants.values()}
    for key, window in state.windows.items():
        if key.policy == "timed":
            window.close_at -= by
        elif key.date > today.get(window.plant, key.date) and window.close_at < FOREVER:
            window.close_at = books.now
        else:
            continue
        books.changes.windows[key] = window
    state.closings = sorted((window.close_at, key) for key, window in state.windows.items())  # sorted, it is a heap


def restore_closings(state: State, *, midway: bool) -> None:
    """Derive the closing times of open windows, after the state was loaded."""
    state.closings = []
    for window in state.windows.values():
        # One that is still short after its time was tried already, and is tried again on request.
        if midway or window.good >= 0 or window.close_at > state.now:
            heappush(state.closings, (window.close_at, window.key))
