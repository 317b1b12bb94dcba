"""Shortages that a person is told at once: where the profile rejects them, a posting that lacks a component is refused.

What is judged is all that the posting would issue: at the points that it fills and those that have waited for it, in
flows of an older structure, fixed items, and what was said. Nothing is changed by it.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.booking import allocate
from gateway.backflush.consumption import consumption, reached
from gateway.backflush.documents import ISSUE
from gateway.backflush.movements import StockKey
from gateway.backflush.plant import RemProfile
from gateway.backflush.points import Units
from gateway.backflush.posting import Report, closing, dues, profile_by, shares
from gateway.backflush.quantities import format_quantity
from gateway.backflush.turn import Turn
from gateway.errors import Reason


class _Part(NamedTuple):
    """Units that pass one segment."""

    what: Report
    profile: RemProfile
    point: str
    delta: Units


def shortfall(turn: Turn, what: Report) -> Rejection | None:
    """Say which component is short for a report, where the profile rejects shortages."""
    return _lacking(turn, what, _parts(turn, what))


def shortfall_of_consumption(turn: Turn, what: Report, processes: frozenset[str], units: int) -> Rejection | None:
    """Say which component is short for consumption alone, where the profile rejects shortages."""
    alone, profile = consumption(turn, what, processes)
    return _lacking(turn, what, (_Part(alone, profile, point, Units(units)) for point in reached(alone)))


def _parts(turn: Turn, what: Report) -> Iterator[_Part]:
    for share in shares(turn, what):
        profile = profile_by(turn, share.flow)
        _, targets = closing(share, profile)
        for point, segment, target in zip(share.flow.points, share.flow.segments, targets, strict=True):
            before = segment.documented
            yield _Part(share, profile, point, Units(target.good - before.good, target.scrap - before.scrap))


def _lacking(turn: Turn, what: Report, parts: Iterable[_Part]) -> Rejection | None:
    profile = profile_by(turn, what.flow)
    if profile.withdrawal_errors != "reject":
        return None
    needed: dict[StockKey, int] = {}
    for key, quantity in (*_said(what), *(issue for part in parts for issue in _exploded(turn, part))):
        needed[key] = needed.get(key, 0) + quantity
    for key, quantity in needed.items():
        found = allocate(turn, key, quantity, determination=profile.stock_determination)
        if sum(part for _, part in found) != quantity:
            return Rejection(
                Reason.SHORTAGE if key.location else Reason.NO_ISSUE_LOCATION,
                f"component {key.material}: location {key.location or '(none)'} lacks {format_quantity(quantity)}",
            )
    return None


def _said(what: Report) -> Iterator[tuple[StockKey, int]]:
    for item, quantity, _, batch in what.direct:
        if item.process == ISSUE and item.sign < 0:
            yield StockKey(what.plant, item.object, item.place, batch), quantity


def _exploded(turn: Turn, part: _Part) -> Iterator[tuple[StockKey, int]]:
    """Yield what a part issues at once; whoever sent what is issued later is gone by then."""
    explosion = turn.state.explosions[part.what.explosion]
    for key, units, timing, _ in dues(turn, part.what, part.profile, part.point, part.delta):
        if key.process != ISSUE or timing != "online":
            continue
        mark = turn.state.marks.get(key)
        low = mark.posted if mark else 0
        for item, quantity, _ in explosion.between(
            ISSUE, key.segment, fixed=bool(key.scope), low=low, high=low + units
        ):
            if item.sign < 0:
                yield StockKey(part.what.plant, item.object, item.place), quantity
