"""Parts: the units of a report that a reversal takes back, and their lines.

A part is units of yield, or of one reason's scrap. Waiting units go first, then those in documents, the newest document
first, then those that automatic lines have covered. A document loses them at the point that reported it; that point's
demands of earlier ones go with both kinds, automatic receipts with the yield.

Law: no line loses more than earlier reversals have left of it.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.values.documents import (
    ACTIVITY,
    DISPOSITIONS,
    ISSUE,
    LOST,
    RECEIPT,
    SCRAP,
    Confirmation,
    Disposition,
    Process,
    format_number,
)
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

Gone = Mapping[tuple[Process, str], int]
"""(process, segment): units of a document that a reversal takes back there."""
NOTHING: Gone = MappingProxyType({})


class ReportPart(NamedTuple):
    """The part of a report to take back; without quantities, everything left of it."""

    quantity: int | None = None
    """Units of its yield; for a report without yield, of its other kind."""
    scrap: int = 0
    scrap_reason: str | None = None
    """The scrap reason; None if the report has only one."""

    @property
    def whole(self) -> bool:
        """Whether everything left is meant."""
        return self.quantity is None and not self.scrap


WHOLE = ReportPart()


class ReversalLine(NamedTuple):
    """The units to take back of one confirmation."""

    confirmation: Confirmation
    good: int
    scrap: int
    lost: int
    rework: int

    @property
    def units(self) -> int:
        """All of its units, of any kind."""
        return sum(self[1:])

    def less(self, taken: "ReversalLine") -> "ReversalLine":
        """Return the rest of it."""
        return ReversalLine(self.confirmation, *(units - gone for units, gone in zip(self[1:], taken[1:], strict=True)))

    @property
    def none(self) -> "ReversalLine":
        """Nothing of it."""
        return ReversalLine(self.confirmation, 0, 0, 0, 0)


class Rest(NamedTuple):
    """The units of a report that no line of its documents holds, at its point."""

    point: str = ""
    good: int = 0
    """Waiting."""
    scrap: Mapping[str, int] = MappingProxyType({})
    """Waiting, by reason."""
    covered: int = 0

    @property
    def units(self) -> int:
        """All of it."""
        return self.good + self.covered + sum(self.scrap.values())


class Pieces(NamedTuple):
    """Pieces to take back: of yield, and of one other kind and reason."""

    good: int
    bad: int
    kind: Disposition
    reason: str

    def waiting(self, rest: Rest) -> Rest:
        """Return the waiting part of it."""
        scrap = min(self.bad, rest.scrap.get(self.reason, 0))
        return Rest(rest.point, min(self.good, rest.good), {self.reason: scrap} if scrap else {})

    def part_in(self, lines: Sequence[ReversalLine]) -> "Pieces":
        """Return the part of it in a document."""
        own = own_of(lines)
        good = max((line.good for line in own), default=0)
        bad = sum(getattr(line, self.kind) for line in own if line.confirmation.reason == self.reason)
        return self._replace(good=min(self.good, good), bad=min(self.bad, bad))

    def less(self, good: int, bad: int) -> "Pieces":
        """Return the rest of it."""
        return self._replace(good=self.good - good, bad=self.bad - bad)


def remainder_of(dossier: Dossier) -> list[ReversalLine]:
    """Return the rest of each confirmation after earlier reversals."""
    taken: dict[tuple[str, str, bool, bool, bool], tuple[int, int, int, int]] = {}
    for c in dossier.reversing:
        good, scrap, lost, rework = taken.get(c.key, (0, 0, 0, 0))
        taken[c.key] = good - c.yield_, scrap - c.scrap, lost - c.lost, rework - c.rework
    lines = []
    for c in dossier.confirmations:
        good, scrap, lost, rework = taken.get(c.key, (0, 0, 0, 0))
        lines.append(ReversalLine(c, c.yield_ - good, c.scrap - scrap, c.lost - lost, c.rework - rework))
    return [line for line in lines if line.units]


def reports(lines: Sequence[ReversalLine]) -> bool:
    """Return whether lines hold reported units, not automatic ones."""
    return any(not line.confirmation.automatic for line in lines)


def own_of(lines: Sequence[ReversalLine]) -> Sequence[ReversalLine]:
    """Return the lines that a part refers to: the reported ones, if there are any."""
    return [line for line in lines if not line.confirmation.automatic] or lines


def pieces_of(number: int, held: Sequence[Sequence[ReversalLine]], rest: Rest, part: ReportPart) -> Pieces | Rejection:
    """Return the pieces of a part of a report, given its documents' lines; or why there are fewer."""
    own = [line for lines in held for line in own_of(lines)]
    kinds = [kind for kind in DISPOSITIONS if any(getattr(line, kind) for line in own)]
    kind: Disposition = SCRAP if rest.scrap or not kinds else kinds[0]
    most = rest.good + rest.covered + sum(max((line.good for line in own_of(lines)), default=0) for lines in held)
    by_reason = dict(rest.scrap)
    for line in own:
        if units := getattr(line, kind):
            by_reason[line.confirmation.reason] = by_reason.get(line.confirmation.reason, 0) + units
    good, bad, reason = part.quantity or 0, part.scrap, part.scrap_reason
    if not most and not bad and by_reason:
        good, bad = 0, good
    if bad and reason is None and len(by_reason) > 1:
        reasons = ", ".join(sorted(by_reason))
        text = (
            f"document {format_number(number)} holds {kind} of the reasons {reasons}: give --scrap and --scrap-reason"
        )
        return Rejection(Reason.BAD_QUANTITY, text)
    if reason is None:
        reason = next(iter(by_reason), "")
    for asked, there, what in ((bad, by_reason.get(reason, 0), f"{kind} {reason}".rstrip()), (good, most, "yield")):
        if not 0 <= asked <= there or part.quantity == 0:
            left = f"{format_quantity(there)} left to reverse ({what}), not {format_quantity(asked)}"
            return Rejection(Reason.BAD_QUANTITY, f"document {format_number(number)} has {left}")
    return Pieces(good, bad, kind, reason)


def lines_of(points: Sequence[str], left: Sequence[ReversalLine], pieces: Pieces) -> list[ReversalLine]:
    """Return the part of each line of a document that goes with pieces in it."""
    own = own_of(left)
    here = max(points.index(line.confirmation.point) for line in own)
    lines = []
    for line in left:
        c = line.confirmation
        if line in own:
            taken = line.none._replace(good=min(line.good, pieces.good))
            if c.reason == pieces.reason:
                taken = taken._replace(**{pieces.kind: min(getattr(line, pieces.kind), pieces.bad)})
        else:
            # Lost pieces had passed their point; all others that were no yield had not.
            demanded = points.index(c.point) < here + (pieces.kind == LOST)
            taken = line.none._replace(good=min(line.good, pieces.good + pieces.bad if demanded else pieces.good))
        lines.append(taken)
    return lines


def units_by_segment(lines: Sequence[ReversalLine]) -> Gone:
    """Return the units that go at each segment: receipts with the yield, the rest with all passed units."""
    gone: dict[tuple[Process, str], int] = {}
    for line in lines:
        point = line.confirmation.point
        passed = line.good + line.scrap
        due: tuple[tuple[Process, int], ...] = ((RECEIPT, line.good), (ISSUE, passed), (ACTIVITY, passed))
        for process, units in due:
            gone[process, point] = gone.get((process, point), 0) + units
    return {at: units for at, units in gone.items() if units}
