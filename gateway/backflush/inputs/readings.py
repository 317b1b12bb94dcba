"""Readings: the units that a telegram adds to the earlier totals of its device (`values.counting.count`).

A telegram is accepted as a whole or not at all: a refused total leaves every mark of its telegram unchanged.
"""

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.inputs.device_marks import (
    find_mark,
    mark_of,
    newest_of,
    next_life,
    repeats_ended_life,
    totals_of,
    yield_of,
)
from gateway.backflush.memory.changes import GAP, Ask
from gateway.backflush.memory.records import Cover
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.posting.books import Books
from gateway.backflush.values.counting import (
    LATE,
    NEXT_LIFE,
    PASSED_ON,
    CounterPosition,
    CounterRule,
    Ending,
    Increment,
    Step,
    count,
    end_strays,
    passes,
    reaches,
    stray,
)
from gateway.errors import Reason

_ASK_EVERY = 60_000_000
NO_SCRAP: Mapping[str, int] = MappingProxyType({})
_UNSEEN = CounterPosition(0, None, None, 0)


def add_totals(books: Books, device: Device, reading: Reading, at: int) -> Increment | Rejection:
    """Compare every total of a telegram with its mark, and move the marks if all of them are accepted."""
    if reading.delta:
        return _differences(books, device, reading, at)
    marks = books.state.marks_of_devices.get(device.device)
    if marks is None:
        marks = books.state.marks_of_devices[device.device] = {}
    if reading.ts is not None and reading.ts != at:
        reading = reading._replace(ts=None)  # a rejected time orders nothing either
    boot, seq = reading.boot or "", reading.seq
    rule = rule_of(device)
    judged: list[tuple[str, int, int]] = []
    ending: Ending = "heartbeat"
    steps = 0
    gap = False
    since = at
    for kind, total in totals_of(device, reading):
        mark = marks.get((boot, kind))
        if mark is None or mark.restart == PASSED_ON:
            mark = mark_of(books, device.device, boot, kind, reading)
        if mark is not None and mark.at < since:
            since = mark.at
        if mark is not None and seq is not None and mark.seq is not None and seq > mark.seq + 1:
            gap = True
        life = boot
        if mark is None:
            mark_of(books, device.device, NEXT_LIFE, kind, reading)
            mark, life = next_life(marks, kind), NEXT_LIFE
        newest = newest_of(marks, kind, reading) if mark is None else None
        if mark is not None and repeats_ended_life(marks, kind, mark, total, reading):
            verdict: Step | Rejection = LATE
        else:
            verdict = count(mark, rule, total, reading, at, newest)
        told = (
            verdict if mark is None else _note_stray(books, (device.device, life, kind), mark, total, reading, verdict)
        )
        if isinstance(told, Rejection):
            return told
        ending = told.ending
        if ending not in ("late", "duplicate"):
            judged.append((kind, total, told.step))
            steps += told.step
    refused = _unbelievable(books, device, steps)
    if refused is not None:
        return refused
    good, scrap, rework = _move_marks(books, device, reading, judged, at, gap=gap)
    return Increment(good, scrap, rework, since, ending)


def _move_marks(
    books: Books, device: Device, reading: Reading, judged: list[tuple[str, int, int]], at: int, *, gap: bool
) -> tuple[int, dict[str, int], int]:
    """Move the marks, and split the steps into yield, scrap by reason, and rework, in base units."""
    boot, weight = reading.boot or "", device.weight
    good = scrap = rework = 0
    for kind, total, step in judged:
        advance(books, (device.device, boot, kind), total, step, reading, at)
        if kind == "scrap":
            scrap = step
        elif kind == "rework":
            rework = step
        else:
            good += step
    good = yield_of(books, device, reading, good, scrap)
    split = _by_reason(books, device, reading, boot, at, scrap) if scrap or reading.scrap_by else {}
    if gap and not good and not scrap:
        ask_device(books, device.plant, device.line, device.device, GAP)
    return good * weight, {reason: units * weight for reason, units in split.items()}, rework * weight


def _note_stray(
    books: Books,
    key: tuple[str, str, str],
    mark: CounterPosition,
    total: int,
    reading: Reading,
    verdict: Step | Rejection,
) -> Step | Rejection:
    """Note a total that is not above its mark, and refuse it if it may belong to another life."""
    if books.replays or total == mark.total:
        return verdict
    before, told = mark.strays, None
    if isinstance(verdict, Step):
        if verdict.ending == "counted":
            told = passes(mark, total, reading)
        elif verdict.ending == "late" and not _is_old(mark, reading):
            told = stray(mark, total, late=True)
    elif verdict.code != Reason.JUMP and (before is not None or total < mark.total):
        stray(mark, total, late=False)
    if mark.strays is not before:
        books.changes.device_marks[key] = mark
        books.state.strayed[key] = mark
    return told or verdict


def _is_old(mark: CounterPosition, reading: Reading) -> bool:
    """Return whether a late reading is certainly older: by its time, and because it was stored or has a sequence."""
    if reading.ts is None or mark.ts is None or reading.ts >= mark.ts:
        return False
    return reading.hist or reading.seq is not None


def cover_of(books: Books, device: Device, reading: Reading) -> str:
    """Return the cover of a refused telegram: for each of its totals one of the same life that is as high.

    No total covers a refused difference. No mark changes: the device may be another gateway's.
    """
    if reading.delta:
        return "{}"
    boot, marks = reading.boot or "", books.state.marks_of_devices.get(device.device, {})
    totals = []
    for kind, total in totals_of(device, reading):
        _, mark = find_mark(marks, boot, kind, reading) or ("", next_life(marks, kind) or _UNSEEN)
        totals.append((kind, mark.units + max(0, total - mark.total), mark.units - mark.total))
    return Cover(boot, tuple(totals)).text


def heal(books: Books, device: Device, boot: str) -> None:
    """Settle the untrusted entries of a device that a just accepted total of one life covers."""
    covers = books.state.untrusted[device.device]
    marks = {kind: mark for (life, kind), mark in books.state.marks_of_devices[device.device].items() if life == boot}
    modulus = device.modulus or 0
    for cover in [cover for cover in covers if cover.boot in (boot, NEXT_LIFE)]:
        if all(kind in marks and reaches(marks[kind], units, start, modulus) for kind, units, start in cover.totals):
            for number in covers.pop(cover):
                books.changes.quarantine_states[number] = ("healed", "a later total of the same life covers it")
    if not covers:
        del books.state.untrusted[device.device]


def cover_of_unknown(books: Books, device: str) -> str:
    """Return the cover of a message that was not understood: the next total of the newest life, or the very first."""
    marks = books.state.marks_of_devices.get(device)
    boot, _ = max(marks, key=lambda key: (marks[key].at, key)) if marks else (NEXT_LIFE, "")
    return Cover(boot, ()).text


def _unbelievable(books: Books, device: Device, steps: int) -> Rejection | None:
    """Refuse steps that no figure could hold, whatever the device's own limit."""
    if books.fits(device.plant, device.line, steps * device.weight):
        return None
    return Rejection(
        Reason.JUMP, f"{steps} at once, or added to all that its line has counted, is more than is plausible"
    )


@lru_cache(maxsize=65_536)
def _rule(modulus: int | None, max_step: int | None, reset: str, first: str) -> CounterRule:
    return CounterRule(modulus, max_step, reset == "allow", first == "zero")


def rule_of(device: Device) -> CounterRule:
    """Return the counting rule of a device."""
    return _rule(device.modulus, device.max_step, device.reset, device.first)


def advance(books: Books, key: tuple[str, str, str], total: int, step: int, reading: Reading, at: int) -> None:
    """Move the mark of a device, boot and kind to an accepted total."""
    device, boot, kind = key
    marks = books.state.marks_of_devices[device]
    mark = marks.get((boot, kind))
    if mark is None:
        mark = marks[boot, kind] = CounterPosition(total, reading.seq, reading.ts, at)
        begun = next_life(marks, kind)
        if begun is not None:
            begun.total, begun.strays = 0, None
            books.state.strayed.pop((device, NEXT_LIFE, kind), None)
            books.changes.device_marks[device, NEXT_LIFE, kind] = begun
    else:
        seq, ts = reading.seq, reading.ts
        if mark.strays is not None:
            if end_strays(mark, reading):
                mark.unhealed = mark.units + step
            books.state.strayed.pop(key, None)
        if total < mark.total:
            mark.restart = reading.ts or 1
        mark.total = total
        # Even if they go back: an impossible order has restarted.
        if seq is not None:
            mark.seq = seq
        if ts is not None:
            mark.ts = ts
        mark.at = max(mark.at, at)
    mark.units += step
    books.changes.device_marks[key] = mark


def _by_reason(books: Books, device: Device, reading: Reading, boot: str, at: int, scrap: int) -> dict[str, int]:
    """Split a scrap step by reason: by the growth of their totals, then by units that earlier steps could not hold.

    The total of all scrap counts; reasons only divide it. So the mark of a reason keeps as `units` those of its pieces
    that are booked under another reason, because pieces were moved to it: the next scrap makes up for them.
    """
    grown = _growth(books, device, reading, boot, at, scrap)
    marks = books.state.marks_of_devices[device.device]
    result: dict[str, int] = {}
    left = scrap
    for reason, (_, growth) in grown.items():
        mark = marks.get((boot, f"scrap {reason}"))
        result[reason] = max(0, min(left, growth, growth + (mark.units if mark else 0)))
        left -= result[reason]
    for reason, (total, growth) in grown.items():
        kind = f"scrap {reason}"
        mark = marks.get((boot, kind))
        more = max(0, min(left, growth + (mark.units if mark else 0) - result[reason]))
        result[reason] += more
        left -= more
        advance(books, (device.device, boot, kind), total, growth - result[reason], reading, at)
    return {reason: units for reason, units in (*result.items(), ("", left)) if units}


def _growth(
    books: Books, device: Device, reading: Reading, boot: str, at: int, scrap: int
) -> dict[str, tuple[int, int]]:
    """Return the plausible totals of reasons, and the growth or decrease of each."""
    grown: dict[str, tuple[int, int]] = {}
    unlimited = rule_of(device)._replace(max_step=None)
    marks = books.state.marks_of_devices[device.device]
    for reason, total in reading.scrap_by:
        mark = marks.get((boot, f"scrap {reason}"))
        verdict = count(mark, unlimited, total, reading, at, at if marks else None)
        if not isinstance(verdict, Rejection):
            if verdict.ending not in ("late", "duplicate"):
                grown[reason] = total, verdict.step
        elif mark is not None and verdict.code is Reason.WENT_BACK:
            grown[reason] = total, total - mark.total
    if sum(growth for _, growth in grown.values()) > scrap and len(grown) == len(reading.scrap_by):
        # They add up to all scrap: a reason that is missing now has none.
        for (life, kind), mark in marks.items():
            reason = kind.removeprefix("scrap ")
            if life == boot and reason not in (kind, *grown) and mark.total:
                grown[reason] = 0, -mark.total
    if sum(growth for _, growth in grown.values()) < 0:
        # All of them are lower: the totals have restarted, as that of all scrap has.
        return {reason: (total, total) for reason, (total, _) in grown.items()}
    return grown


def _differences(books: Books, device: Device, reading: Reading, at: int) -> Increment | Rejection:
    """Accept a telegram of differences once, by its identity."""
    identity = delta_identity(reading)
    if identity is None:
        return Rejection(
            Reason.NO_IDENTITY,
            "a difference needs an id, or boot and sequence; otherwise a repetition cannot be recognised",
        )
    content = repr((*reading[:3], reading.rework, reading.scrap_by, reading.ts))
    seen = books.find_scan((device.device, identity))
    if seen is not None:
        if seen.content == content:
            return Increment(0, NO_SCRAP, 0, at, "duplicate")
        return Rejection(Reason.CONFLICT, f"difference {identity} was sent before with different content")
    refused = _unbelievable(books, device, sum(units for _, units in totals_of(device, reading)))
    if refused is not None:
        return refused
    books.remember((device.device, identity), content)
    marks = books.state.marks_of_devices.setdefault(device.device, {})
    step: dict[str, int] = dict(totals_of(device, reading))
    for kind, units in step.items():
        mark = marks.get(("", f"delta {kind}"))
        total = (mark.total if mark else 0) + units
        advance(books, (device.device, "", f"delta {kind}"), total, units, reading._replace(seq=None, ts=None), at)
    scrapped = step.get("scrap", 0)
    good = yield_of(books, device, reading, step.get("good", 0) + step.get("gross", 0), scrapped)
    split = {reason: units for reason, units in reading.scrap_by if units}
    rest = scrapped - sum(split.values())
    if rest:
        split[""] = rest
    weight = device.weight
    scrap = {reason: units * weight for reason, units in split.items()}
    return Increment(good * weight, scrap, step.get("rework", 0) * weight, at)


def delta_identity(reading: Reading) -> str | None:
    """Return the identity of a telegram of differences."""
    if reading.id:
        return reading.id
    if reading.boot is not None and reading.seq is not None:
        return f"{reading.boot}#{reading.seq}"
    return None


def ask_device(books: Books, plant: str, line: str, device: str, reason: str) -> None:
    """Ask a device to report its totals, at most once a minute."""
    last = books.state.asked.get(device)
    if last is None or books.now - last >= _ASK_EVERY:
        books.state.asked[device] = books.now
        books.changes.asks.append(Ask(plant, line, device, reason))
