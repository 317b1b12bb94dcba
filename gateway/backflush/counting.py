"""Totals to differences: the high-water rule.

A counter reports all that it has ever counted in one life (`boot`). Per device, boot and kind of total there is one
mark, the highest total that was believed. A total above the mark is a step; anything else books nothing:

    above, plausible            counted     the mark moves up
    above, implausible          refused     JUMP: the mark stays, the next believable total covers it
    equal                       heartbeat   or `duplicate`, if sequence or time are not newer
    below, not newer            late        a reordered or repeated reading; above as well, if the life began anew since
    below and newer             rollover    if a modulus is configured and the step modulo it is plausible
                                new life    if `reset` allows it and the total itself is plausible
                                refused     WENT_BACK
    same sequence, other total  refused     CONFLICT; with the same total it is a duplicate, whatever its time

What cannot be an order decides nothing about how many pieces there are: a time that is not believed is not told here,
and in one life an older sequence with a higher total is a sequence that began again. Where `max_step` is not known
nothing is plausible as a rollover but a step from the last tenth of the modulus to its first, and nothing as a reset; a
reset is a total above zero and below nine tenths of the mark.

A boot that has no mark yet is a new life that starts at zero, if the device is known; the very first reading of a
device is a baseline that books nothing, unless the device says that it starts at zero. Without boot, sequence and
time a drop is a rollover or refused, never a reset.

Laws: whatever is duplicated, lost or reordered, the steps add up to the last believed total of each life; a replay
books nothing.
"""

from enum import Enum
from typing import NamedTuple

from devices.errors import Rejection
from gateway.errors import Reason


class Verdict(Enum):
    """What a total means."""

    COUNTED = "counted"
    BASELINE = "baseline"
    HEARTBEAT = "heartbeat"
    DUPLICATE = "duplicate"
    LATE = "late"


class DeviceMark:
    """The newest believed reading of one device, boot and kind. Mutable: it is the counter's state."""

    __slots__ = ("anew", "at", "seq", "total", "ts", "units")

    def __init__(
        self, total: int, seq: int | None, ts: int | None, at: int, units: int = 0, *, anew: bool = False
    ) -> None:
        self.total = total
        """Raw total as the device sent it."""
        self.seq = seq
        self.ts = ts
        """The device's own time, where it was believed."""
        self.at = at
        """Event time (believed), microseconds UTC."""
        self.units = units
        """All steps ever read from this mark, raw."""
        self.anew = anew
        """Whether it rolled over or was reset: an older reading may then stand above it."""


def reaches(mark: DeviceMark, units: int, start: int, modulus: int) -> bool:
    """Say whether a mark has read so many units in the life in which it had read `start` more than its total says.

    A rollover goes on with a life, a reset begins another one.
    """
    shift = mark.units - mark.total - start
    return mark.units >= units and (shift % modulus == 0 if modulus else shift == 0)


class CounterRule(NamedTuple):
    """What is believable of a counter; see `plant.Device`."""

    modulus: int | None
    max_step: int | None
    reset_allowed: bool
    starts_at_zero: bool


class Step(NamedTuple):
    """The outcome: `verdict`, the raw step, and whether the life began anew (rollover or reset)."""

    verdict: Verdict
    step: int = 0
    note: str = ""


_HEARTBEAT = Step(Verdict.HEARTBEAT)
_DUPLICATE = Step(Verdict.DUPLICATE)
_LATE = Step(Verdict.LATE)
_BASELINE = Step(Verdict.BASELINE)


def plausible(step: int, rule: CounterRule, elapsed: int) -> bool:
    """Say whether a step is believable `elapsed` microseconds after the mark: `max_step` per started minute."""
    if rule.max_step is None:
        return True
    return step <= rule.max_step * (1 + max(0, elapsed) // 60_000_000)


def _turns(before: int, total: int, rule: CounterRule) -> bool:
    """Say whether a step without a limit goes from the last tenth of the modulus to its first."""
    modulus = rule.modulus or 0
    return 10 * before >= 9 * modulus and 10 * total <= modulus


def _is_reset(before: int, total: int, rule: CounterRule) -> bool:
    """Say whether a drop can be a reset: not to nothing, not by a little, and never without a limit."""
    return rule.max_step is not None and 0 < 10 * total < 9 * before


def _first(rule: CounterRule, total: int, at: int, since: int | None) -> Step | Rejection:
    """Judge the first total of a life."""
    if since is None and not rule.starts_at_zero:
        return _BASELINE
    if plausible(total, rule, 0 if since is None else at - since):
        return Step(Verdict.COUNTED, total, "first reading, starts at zero" if since is None else "new life")
    return Rejection(Reason.JUMP, f"total {total} at the start of a life is more than max_step {rule.max_step} allows")


def count(
    mark: DeviceMark | None,
    rule: CounterRule,
    total: int,
    seq: int | None,
    ts: int | None,
    at: int,
    since: int | None,
) -> Step | Rejection:
    """Compare a total with its mark. `since` is the event time of the device's newest mark, None if it was never seen.

    Pure: the caller moves the mark when the verdict is COUNTED, BASELINE or HEARTBEAT.
    """
    if mark is None:
        return _first(rule, total, at, since)
    if seq is not None and mark.seq is not None:
        newer, same = seq > mark.seq, seq == mark.seq
    elif ts is not None and mark.ts is not None:
        # A clock of whole seconds tells two readings of one second apart by their totals alone.
        newer, same = ts > mark.ts or (ts == mark.ts and total > mark.total), ts == mark.ts and total == mark.total
    else:
        newer, same = False, False
    if same:
        if total == mark.total:
            return _DUPLICATE
        return Rejection(
            Reason.CONFLICT,
            f"sequence {seq} was total {mark.total} before and is total {total} now",
        )
    step = total - mark.total
    if step == 0:
        return _HEARTBEAT if newer or (seq is None and ts is None) else _DUPLICATE
    ordered = (seq is not None and mark.seq is not None) or (ts is not None and mark.ts is not None)
    if ordered and not newer and (step < 0 or mark.anew):
        return _LATE
    if step > 0:
        if plausible(step, rule, at - mark.at):
            return Step(Verdict.COUNTED, step)
        return Rejection(
            Reason.JUMP,
            f"total went from {mark.total} to {total}: more than max_step {rule.max_step} a minute allows",
        )
    if rule.modulus is not None and total < rule.modulus:
        rolled = step % rule.modulus
        if plausible(rolled, rule, at - mark.at) if rule.max_step is not None else _turns(mark.total, total, rule):
            return Step(Verdict.COUNTED, rolled, f"rollover at {rule.modulus}")
    if newer and rule.reset_allowed and _is_reset(mark.total, total, rule) and plausible(total, rule, at - mark.at):
        return Step(Verdict.COUNTED, total, "reset")
    return Rejection(
        Reason.WENT_BACK, f"total went back from {mark.total} to {total}, which is no rollover and no allowed reset"
    )
