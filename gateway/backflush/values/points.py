"""Reporting points: documented units follow from reported ones, in any order of arrival.

Operations after one point, up to and with the next, are a segment; it is named by the point that ends it, and the
last one is `FINAL`. Per segment there are units `reported` and units `documented` (yield and scrap), and `lost`:
yield that was scrapped after the point.

    passed = yield + scrap                                      wip[k] = yield[k] - lost[k] - passed[k+1] >= 0
    waiting[k] = max(0, reported[k] - documented[k])            yield and scrap each
    mandatory            passed[k] = min(reported[k], yield[k-1] - lost[k-1])      from the front; the rest waits
    optional, backfill   yield[k] = max(reported yield[k], passed[k+1] + lost[k])  from the back

Waiting units stand in the segment's queue under the heading with which they were reported, and are documented under
it, first in, first out. Documented units without a report are automatic; they cover a report that comes after them.

Once nothing waits the documented quantities do not depend on the order of reports, neither in sum nor by heading and
scrap reason. Of waiting pieces, scrap goes before yield, so that no piece is received that is already known to be
scrap; which went on first depends on what was known first, because no document is reversed for this.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple


class Units(NamedTuple):
    """Yield and scrap, in millionths."""

    good: int = 0
    scrap: int = 0

    @property
    def passed(self) -> int:
        """Pieces that went through: yield and scrap."""
        return self.good + self.scrap


_NONE = Units()


class Heading(NamedTuple):
    """The heading of the documents of reported units, whenever these are made."""

    line: str
    explosion: str
    production_date: str
    shift: str
    batch: str
    order: str
    """The planned order named: only this one is reduced."""
    replaced: frozenset[str]
    """Processes that post nothing by the standard, because actual quantities were reported."""


class QueuedUnits:
    """Reported units of one heading that no document holds yet. Mutable: their number falls."""

    __slots__ = ("again", "document", "good", "heading", "scrap")

    def __init__(
        self, heading: Heading, document: int, good: int, scrap: Mapping[str, int], *, again: bool = False
    ) -> None:
        self.heading = heading
        self.document = document
        """The document of their report, or the reversal that made them wait again."""
        self.good = good
        self.scrap = dict(scrap)
        """By reason."""
        self.again = again
        """Whether a reversal made them wait: their report is no longer known."""

    @property
    def passed(self) -> int:
        """All pieces of it."""
        return self.good + sum(self.scrap.values()) if self.scrap else self.good

    def take(self, good: int, scrap: Mapping[str, int]) -> "QueuedUnits":
        """Take units from it, as far as it has them."""
        some = {reason: min(units, scrap[reason]) for reason, units in self.scrap.items() if scrap.get(reason)}
        taken = QueuedUnits(self.heading, self.document, min(self.good, good), some, again=self.again)
        self.good -= taken.good
        self.scrap = less(self.scrap, taken.scrap)
        return taken


def first(scrap: Mapping[str, int], most: int) -> dict[str, int]:
    """Return the first scrap units, at most `most`."""
    taken: dict[str, int] = {}
    for reason, units in sorted(scrap.items()):
        part = min(units, most)
        if part:
            taken[reason] = part
            most -= part
    return taken


def sum_scrap(parts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Add up scrap by reason."""
    sums: dict[str, int] = {}
    for scrap in parts:
        for reason, units in scrap.items():
            sums[reason] = sums.get(reason, 0) + units
    return sums


def less(scrap: Mapping[str, int], taken: Mapping[str, int]) -> dict[str, int]:
    """Subtract scrap by reason."""
    return {reason: left for reason, units in scrap.items() if (left := units - taken.get(reason, 0))}


class Segment:
    """The running totals of one segment of a flow. Mutable: it is the flow's state."""

    __slots__ = ("automatic", "documented", "held", "lost", "queue", "reported")

    def __init__(
        self, reported: Units = _NONE, documented: Units = _NONE, lost: int = 0, held: int = 0, automatic: int = 0
    ) -> None:
        self.reported = reported
        self.documented = documented
        self.lost = lost
        self.held = held
        """Pieces past it whose receipt was reversed: they are not received automatically again."""
        self.automatic = automatic
        """Documented yield that later points demanded, or the last one received: it may cover own reports."""
        self.queue: deque[QueuedUnits] = deque()
        """Waiting units, oldest first; their sum is `waiting`."""

    @property
    def waiting(self) -> Units:
        """Reported units that no document holds yet."""
        reported, documented = self.reported, self.documented
        return Units(max(0, reported.good - documented.good), max(0, reported.scrap - documented.scrap))

    @property
    def covered(self) -> int:
        """Reported yield that automatic lines cover, or had covered."""
        own = self.documented.good - self.automatic
        return self.reported.good - own - sum(units.good for units in self.queue if not units.again)

    def copy(self) -> "Segment":
        """Return an independent copy."""
        made = Segment(self.reported, self.documented, self.lost, self.held, self.automatic)
        made.queue.extend(
            QueuedUnits(units.heading, units.document, units.good, units.scrap, again=units.again)
            for units in self.queue
        )
        return made

    def wait(self, units: QueuedUnits) -> QueuedUnits:
        """Append units to the queue; return the queue's item that now holds them."""
        if self.queue and (self.queue[-1].document, self.queue[-1].heading) == (units.document, units.heading):
            last = self.queue[-1]
            last.good += units.good
            for reason, scrapped in units.scrap.items():
                last.scrap[reason] = last.scrap.get(reason, 0) + scrapped
            return last
        self.queue.append(units)
        return units

    def of(self, document: int) -> "list[QueuedUnits]":
        """Return a report's waiting units, newest first."""
        found = []
        for units in reversed(self.queue):
            if units.document < document:
                break
            if units.document == document:
                found.append(units)
        return found

    def take(self, units: Units) -> list[tuple[QueuedUnits, QueuedUnits]]:
        """Take units from the queue, as far as it has them: pairs of the item left and the units taken."""
        good, scrap = units
        parts = []
        for entry in self.queue:
            if not good and not scrap:
                break
            taken = entry.take(good, first(entry.scrap, scrap))
            if taken.passed:
                good, scrap = good - taken.good, scrap - taken.passed + taken.good
                parts.append((entry, taken))
        emptied = sum(not left.passed for left, _ in parts)
        while emptied and not self.queue[0].passed:
            self.queue.popleft()
            emptied -= 1
        if emptied:
            # Scrap goes on before yield that has waited longer.
            self.tidy()
        return parts

    def tidy(self) -> None:
        """Drop empty items from the queue."""
        self.queue = deque(entry for entry in self.queue if entry.passed)


def close(segments: Sequence[Segment], *, filling: bool, automatic_final: bool) -> list[Units]:
    """Return the units to document per segment, given the reported ones; never less than is documented already."""
    reported = [s.reported for s in segments]
    if automatic_final and len(segments) > 1:
        last = segments[-2]
        reported[-1] = Units(max(reported[-1].good, last.reported.good - last.lost - last.held), reported[-1].scrap)
    return _fill(segments, reported) if filling else _wait(segments, reported)


def _fill(segments: Sequence[Segment], reported: Sequence[Units]) -> list[Units]:
    result = [Units()] * len(segments)
    demand = 0
    for k in reversed(range(len(segments))):
        documented = segments[k].documented
        demanded = demand + segments[k].lost if k < len(segments) - 1 else 0
        good = max(reported[k].good, demanded, documented.good)
        scrap = max(reported[k].scrap, documented.scrap)
        result[k] = Units(good, scrap)
        demand = good + scrap
    return result


def _wait(segments: Sequence[Segment], reported: Sequence[Units]) -> list[Units]:
    result: list[Units] = []
    available: int | None = None
    for segment, units in zip(segments, reported, strict=True):
        documented = segment.documented
        scrap = max(0, units.scrap - documented.scrap)
        fresh = max(0, units.good - documented.good) + scrap
        if available is not None:
            fresh = min(fresh, max(0, available - documented.passed))
        scrap = min(fresh, scrap)
        good = documented.good + fresh - scrap
        result.append(Units(good, documented.scrap + scrap))
        available = good - segment.lost
    return result


def hold_back(segments: Sequence[Segment], good: int = 0) -> None:
    """Keep pieces whose receipt was reversed from being received automatically while they are on the line."""
    if len(segments) > 1:
        last = segments[-2]
        last.held = max(0, min(last.held + good, last.documented.good - last.lost - segments[-1].documented.passed))


def work_in_process(segments: Sequence[Segment]) -> list[int]:
    """Return the pieces on the line after each point but the final, past it and not yet past the next."""
    return [here.documented.good - here.lost - there.documented.passed for here, there in pairwise(segments)]
