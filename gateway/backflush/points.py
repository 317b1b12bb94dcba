"""Reporting points: what is documented follows from what was reported, in any order of arrival.

Operations after one point, up to and with the next, are a segment; it is named by the point that ends it, and the
last one is `FINAL`. Per segment there are units `reported` and units `documented` (yield and scrap), and `lost`:
yield that was scrapped after the point.

    passed = yield + scrap                                      wip[k] = yield[k] - lost[k] - passed[k+1] >= 0
    waiting (mandatory)        passed[k] = min(reported[k], yield[k-1] - lost[k-1])        from the front; what is
    missing waits filling (optional, backfill)  yield[k] = max(reported yield[k], passed[k+1] + lost[k])    from the
    back

Once nothing waits the documented quantities do not depend on the order of reports. Where reported pieces wait, scrap
goes before yield, so that nothing is received that was already known to be scrap; which of them went on first depends
on what was known first, because a document is never taken back for it.
"""

from collections.abc import Sequence
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


class Segment:
    """The running totals of one segment of a flow. Mutable: it is the flow's state."""

    __slots__ = ("documented", "lost", "reported")

    def __init__(self, reported: Units = _NONE, documented: Units = _NONE, lost: int = 0) -> None:
        self.reported = reported
        self.documented = documented
        self.lost = lost

    @property
    def waiting(self) -> int:
        """Reported units that no document holds yet."""
        return max(0, self.reported.passed - self.documented.passed)


def close(segments: Sequence[Segment], *, filling: bool, automatic_final: bool) -> list[Units]:
    """Return what must be documented per segment, given what is reported; never less than is documented already."""
    reported = [s.reported for s in segments]
    if automatic_final and len(segments) > 1:
        last = segments[-2]
        reported[-1] = Units(max(reported[-1].good, last.reported.good - last.lost), reported[-1].scrap)
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
        passed = units.passed if available is None else min(units.passed, available)
        passed = max(passed, documented.passed)
        fresh = passed - documented.passed
        scrap = min(fresh, max(0, units.scrap - documented.scrap))
        good = documented.good + fresh - scrap
        result.append(Units(good, documented.scrap + scrap))
        available = good - segment.lost
    return result


def work_in_process(segments: Sequence[Segment]) -> list[int]:
    """Return the pieces on the line after each point but the final, past it and not yet past the next."""
    return [here.documented.good - here.lost - there.documented.passed for here, there in pairwise(segments)]
