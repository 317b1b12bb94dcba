"""Totals to differences: the high-water rule.

A counter reports everything that it has counted in one life (`boot`). Per device, boot and kind of total there is one
mark, the highest accepted total. A total above the mark is a step; anything else books nothing:

    above, plausible            counted     the mark moves up
    above, implausible          refused     JUMP: the mark stays, the next plausible total covers it
    above, older                late        only in a life that restarted (rollover, reset, a person's word)
    above, of the life before   late        only after a person's word: a message that the broker repeats
    equal                       heartbeat   or `duplicate`, if sequence or time are not newer
    below, older                late        a reordered or repeated reading
    below                       rollover    if a modulus is configured and the step modulo it is plausible
    below and newer             new life    if `reset` allows it and the total is plausible as one
                                refused     WENT_BACK
    same sequence, other total  refused     CONFLICT

Unreliable order decides nothing: a rejected time is ignored, totals of one second may arrive in any order, and a
sequence that goes back while the total goes up has restarted, so the mark takes it over.

A boot that has no mark yet is a new life that starts at zero, if the device is known; the very first reading of a
device is a baseline that books nothing, unless the device is configured to start at zero. Without boot, sequence and
time a drop is a rollover or refused, never a reset.

A total that is not above the mark may begin a new life that the device did not announce. So such totals are kept
with the mark (`Strays`): late totals that rise among themselves are reported once, and are not healed by the mark.

Laws: under any duplication, loss or reordering, the steps add up to the last accepted total of each life; a replay
books nothing; a counter that has restarted is counted or reported.
"""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Final, Literal, NamedTuple

from devices.errors import Rejection
from devices.messages import Reading
from gateway.errors import Reason

LATE_IN_A_ROW: Final = 3
"""Report after this many late totals that rise among themselves: a queue sent again is rarely that long."""

NEXT_LIFE: Final = " "
"""Stands for a boot (which holds no blanks): the total at which the next life begins, as a person entered it."""

ENDED: Final = "ended "
"""Before the name of a total, in the next life: the newest reading of the life that a person has ended."""

PASSED_ON: Final = -1
"""Stands for the time of a restart: the total has another name since then, and goes on under it."""


Ending = Literal[
    "counted",
    "baseline",
    "heartbeat",
    "duplicate",
    "late",
    "quarantine",
    "context",
    "state",
    "unmapped",
    "further",
    "request",
    "import",
    "settings",
]
"""The outcome of a message: the meaning of its totals, or another kind; context: a card for the labels after it.

unmapped: a message of another publisher that no source asks for; further: no message, but one more quarantine entry of
a message that has one.
"""


class Strays(NamedTuple):
    """The totals of a counter since its mark moved that were not accepted: late, or refused because they went back."""

    total: int
    """The newest one."""
    late: int
    """The number of late ones in a row, each higher than the one before."""
    dropped: int
    """The number that have risen since one went back, including that one and the late ones before it."""
    low: int
    """The lowest of the late ones in a row: a total between it and the newest repeats one of them."""


@dataclass(slots=True, eq=False)
class CounterPosition:
    """The newest accepted reading of one device, boot and kind. Mutable: it is the counter's state."""

    total: int
    """Raw total as the device sent it."""
    seq: int | None
    ts: int | None
    """The device's own time, if it was accepted."""
    at: int
    """Event time (accepted), microseconds UTC."""
    units: int = 0
    """All steps ever read from this mark, raw; for a scrap reason, its units that other reasons hold."""
    _: KW_ONLY
    restart: int = 0
    """The device's time at which its totals restarted (rollover, reset, a person's word), or 1 if that is unknown;
    older totals may be higher. 0: they never did.
    """
    unhealed: int = -1
    """An entry that this many units or fewer would cover is not healed: it may hold pieces of another life."""
    strays: Strays | None = None


def reaches(mark: CounterPosition, units: int, start: int, modulus: int) -> bool:
    """Return whether a mark has read `units` in the life in which it had read `start` more than its total.

    A rollover continues a life, a reset begins another one.
    """
    shift = mark.units - mark.total - start
    return mark.units >= units > mark.unhealed and (shift % modulus == 0 if modulus else shift == 0)


class CounterRule(NamedTuple):
    """The limits of a plausible counter; see `plant.snapshot.Device`."""

    modulus: int | None
    max_step: int | None
    reset_allowed: bool
    starts_at_zero: bool


class Step(NamedTuple):
    """The ending of a total, the raw step, and why the life restarted (rollover or reset)."""

    ending: Ending
    step: int = 0
    note: str = ""


class Increment(NamedTuple):
    """The increment of one message, in millionths of the base unit, and its ending if there is none."""

    good: int
    scrap: Mapping[str, int]
    """By reason."""
    rework: int
    since: int
    """Event time of the reading before: pieces made since then may lie before a change of run."""
    ending: Ending = "counted"


_HEARTBEAT = Step("heartbeat")
_DUPLICATE = Step("duplicate")
LATE: Final = Step("late")
_BASELINE = Step("baseline")


def plausible(step: int, rule: CounterRule, elapsed: int) -> bool:
    """Return whether a step is plausible `elapsed` microseconds after the mark: `max_step` per started minute."""
    if rule.max_step is None:
        return True
    return step <= rule.max_step * (1 + max(0, elapsed) // 60_000_000)


def _first(rule: CounterRule, total: int, at: int, since: int | None) -> Step | Rejection:
    """Judge the first total of a life."""
    if since is None and not rule.starts_at_zero:
        return _BASELINE
    if plausible(total, rule, 0 if since is None else at - since):
        return Step("counted", total)
    return Rejection(Reason.JUMP, f"total {total} at the start of a life is more than max_step {rule.max_step} allows")


def order(mark: CounterPosition, said: Reading) -> int | None:
    """Return 1 for a newer reading, 0 for the same, -1 for an older one: by sequence, else by time; None: unknown.

    >>> order(CounterPosition(9, 4, None, 0), Reading(seq=5))
    1
    >>> order(CounterPosition(9, None, 60, 0), Reading(seq=7, ts=59))
    -1
    """
    by_sequence = said.seq is not None and mark.seq is not None
    ours, theirs = (mark.seq, said.seq) if by_sequence else (mark.ts, said.ts)
    if ours is None or theirs is None:
        return None
    return (theirs > ours) - (theirs < ours)


def count(
    mark: CounterPosition | None, rule: CounterRule, total: int, said: Reading, at: int, since: int | None
) -> Step | Rejection:
    """Compare a total with its mark. `since` is the event time of the device's newest mark, None if it was never seen.

    `said` has no time if that was rejected. Pure: the caller moves the mark if the total ends as counted, baseline or
    heartbeat.
    """
    if mark is None:
        return _first(rule, total, at, since)
    newer = order(mark, said)
    step = total - mark.total
    if newer == 0:
        if step and said.seq is not None and mark.seq is not None:
            return Rejection(
                Reason.CONFLICT, f"sequence {said.seq} was total {mark.total} before and is total {total} now"
            )
        if step > 0 and mark.restart == mark.ts and rule.modulus is None:
            return Rejection(Reason.CONFLICT, f"total {total} is of the second in which it began again at {mark.total}")
        # Within one second a counter goes up, unless it rolled over in that second.
        newer = 0 if not step else None if step < 0 or mark.restart == mark.ts else 1
    if not step:
        return _HEARTBEAT if newer in (1, None) else _DUPLICATE
    if step > 0:
        return _above(mark, rule, total, newer, at)
    return LATE if newer == -1 else _below(mark, rule, total, newer, at)


def _above(mark: CounterPosition, rule: CounterRule, total: int, newer: int | None, at: int) -> Step | Rejection:
    """Judge a total above the mark: the next one, or one from before the restart of the life."""
    if mark.restart and (newer == -1 or (newer is None and _crosses(rule.modulus, total, mark.total))):
        return LATE
    if plausible(total - mark.total, rule, at - mark.at):
        return Step("counted", total - mark.total)
    return Rejection(
        Reason.JUMP, f"total went from {mark.total} to {total}: more than max_step {rule.max_step} a minute allows"
    )


def is_of_ended(mark: CounterPosition, ended: CounterPosition, total: int, said: Reading) -> bool:
    """Return whether a total is of the life that a person has ended: brokers repeat messages.

    Its time tells; else its sequence does, if it is that of the end, or leaves some out and is nearer to the end
    than to the mark. Bare numbers tell nothing.

    >>> is_of_ended(CounterPosition(3, 1, None, 0), CounterPosition(500, 900, None, 0), 498, Reading(seq=899))
    True
    >>> is_of_ended(CounterPosition(3, 1, None, 0), CounterPosition(500, 900, None, 0), 498, Reading(seq=2))
    False
    """
    if total > ended.total or total == mark.total:
        return False
    is_same_time = said.ts is not None and said.ts == ended.ts
    if said.ts is not None and ended.ts is not None and not is_same_time:
        return said.ts < ended.ts
    if said.seq is None or ended.seq is None or said.seq > ended.seq:
        return is_same_time and total == ended.total
    step = said.seq - (mark.seq or 0)
    return (said.seq, total) == (ended.seq, ended.total) or (step > 1 and 2 * step > ended.seq)


def _below(mark: CounterPosition, rule: CounterRule, total: int, newer: int | None, at: int) -> Step | Rejection:
    """Judge a total below the mark that is not older: a rollover, a reset, or refused."""
    if rule.modulus is not None and total < rule.modulus:
        rolled = (total - mark.total) % rule.modulus
        # Nearly a whole turn means that the total went back a little, however long the silence before it was.
        near = 10 * rolled < 9 * rule.modulus and plausible(rolled, rule, at - mark.at)
        if near if rule.max_step is not None else _crosses(rule.modulus, mark.total, total):
            return Step("counted", rolled, f"rollover at {rule.modulus}")
    if (
        newer == 1
        and rule.reset_allowed
        and rule.max_step is not None
        and 0 < 10 * total < 9 * mark.total
        and plausible(total, rule, at - mark.at)
    ):
        return Step("counted", total, "reset")
    why = _no_reset(rule, mark.total, total, newer)
    return Rejection(Reason.WENT_BACK, f"total went back from {mark.total} to {total}: {why}")


def _no_reset(rule: CounterRule, before: int, total: int, newer: int | None) -> str:
    """Explain why a total that went back is neither a rollover nor a reset."""
    rollover = "" if rule.modulus is None else f"no rollover at {rule.modulus}, and "
    if not rule.reset_allowed:
        return f"{rollover}the device's `reset` does not allow it to begin again"
    if rule.max_step is None:
        return f"{rollover}without `max_step` no total is believed to have begun again"
    if newer is None:
        return f"{rollover}without a sequence or time that is newer it may be an old one, and is not taken for a reset"
    if not total:
        return f"{rollover}0 alone may be a glitch: the next total above 0 says whether it has begun again"
    if 10 * total >= 9 * before:
        return f"{rollover}it went back by less than a tenth, which is no reset"
    return f"{rollover}{total} at once is more than max_step {rule.max_step} a minute allows for a reset"


def _crosses(modulus: int | None, high: int, low: int) -> bool:
    """Return whether two totals lie on both sides of a rollover: in the last and the first tenth of the modulus."""
    return modulus is not None and 10 * high >= 9 * modulus and 10 * low < modulus


def stray(mark: CounterPosition, total: int, *, late: bool) -> Rejection | None:
    """Note a total that was not accepted; return a rejection if it is the one to be reported."""
    known = mark.strays
    if known is None:
        mark.strays = Strays(total, int(late), int(not late), total)
        return None
    if total == known.total or (late and known.late and known.low <= total < known.total):
        return None
    rises = total > known.total
    if late:
        # A series of late ones restarts at a lower one; a rise after a drop is never forgotten.
        dropped = known.dropped + (rises and known.dropped > 0)
        row, low = (known.late + 1, known.low) if rises else (1, total)
        mark.strays = Strays(total, row, dropped, low)
    else:
        mark.strays = Strays(total, known.late, max(1, (known.dropped or known.late) + rises), known.low)
    if not late or mark.strays.late != LATE_IN_A_ROW:
        return None
    text = f"{LATE_IN_A_ROW} totals in a row are older than {mark.total} and rise, now to {total}: has it begun again?"
    return Rejection(Reason.OUT_OF_ORDER, text)


def passes(mark: CounterPosition, total: int, said: Reading) -> Rejection | None:
    """Report, once, that a total about to be counted shows that the late ones before it belong to another life."""
    known = mark.strays
    if known is None or not 0 < known.late < LATE_IN_A_ROW or order(mark, said) != -1:
        return None
    mark.strays = known._replace(total=total, late=LATE_IN_A_ROW)
    return Rejection(
        Reason.OUT_OF_ORDER,
        f"total {total} is above {mark.total} and older, as {known.total} before it was: has it begun again?",
    )


def end_strays(mark: CounterPosition, said: Reading) -> bool:
    """End the strays of a mark that moves now; return whether they cannot belong to its life."""
    known, mark.strays = mark.strays, None
    return known is not None and (known.dropped > 1 or (known.late > 0 and order(mark, said) != 1))


def restart_totals(mark: CounterPosition, total: int) -> None:
    """Restart the totals of a mark at one that a person entered; earlier refused totals are not healed."""
    mark.total, mark.seq, mark.restart = total, None, 1
    mark.unhealed, mark.strays = mark.units, None
