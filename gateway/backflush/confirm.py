"""Confirm what counters count: device, mark, place, window; in that order, and each may end it.

A telegram is believed as a whole or not at all. What is believed advances the marks and is *read*; what has a place
is *counted* into the place's window, what has none goes to quarantine with its units, so that read = counted +
quarantined.
"""

import json
from collections.abc import Mapping

from devices.errors import Reason as Malformed
from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.counting import CounterRule, DeviceMark, Step, Verdict, count
from gateway.backflush.documents import Document
from gateway.backflush.events import Counted
from gateway.backflush.places import FOREVER, Place, Wanted, place_at
from gateway.backflush.plant import Device
from gateway.backflush.posting import post_window
from gateway.backflush.quantities import MICRO
from gateway.backflush.state import Ask, Window, WindowSource
from gateway.backflush.turn import Turn
from gateway.errors import Reason

_ASK_EVERY = 60_000_000
NO_PLACE = Rejection(Reason.NO_LINE, "the device roams, and nothing that it scanned says at which line it is")


def confirm(turn: Turn, event: Counted) -> None:
    """Confirm one count telegram."""
    device = known_device(turn, event.device, event.plant, event.line, event.reading.device)
    if isinstance(device, Rejection):
        _refuse(turn, event, device)
        return
    reading = event.reading
    at = believed_time(turn, reading.ts, hist=reading.hist)
    steps = _differences(turn, device, reading, at) if reading.delta else _steps(turn, device, reading, at)
    if isinstance(steps, Rejection):
        _refuse(turn, event, steps)
        ask(turn, event.plant, event.line, event.device, f"{steps.code} {steps.text}")
        return
    good, scrap, ending = steps
    if not good and not scrap:
        turn.outcome(ending)
        return
    if event.device in turn.state.untrusted and not reading.delta:
        turn.heal(event.device)
    wanted = Wanted(event.plant, event.line, device.operation, batch=reading.batch or "", window=device.window)
    book_units(
        turn,
        event,
        wanted,
        good=good * device.weight,
        scrap={reason: units * device.weight for reason, units in scrap.items()},
        at=at,
        unit=reading.unit or device.unit,
    )


def known_device(turn: Turn, name: str, plant: str, line: str, claimed: str | None) -> Device | Rejection:
    """Return the device that a topic names, if it may speak from there."""
    device = turn.state.master.devices.get(name)
    if device is None:
        return Rejection(Reason.UNKNOWN_DEVICE, f"device {name} is not in the master data")
    if device.disabled:
        return Rejection(Reason.DISABLED_DEVICE, f"device {name} is disabled")
    if device.line != "_" and (device.plant, device.line) != (plant, line):
        return Rejection(
            Reason.WRONG_PLACE, f"device {name} belongs to {device.plant}/{device.line}, not to {plant}/{line}"
        )
    if claimed is not None and claimed != name:
        return Rejection(Malformed.IDENTITY_MISMATCH, f"the payload says device {claimed}, the topic says {name}")
    return device


def believed_time(turn: Turn, ts: int | None, *, hist: bool) -> int:
    """Return the event time.

    The device's own within the skew limit (or stored, within the late limit), else the time of receipt.
    """
    rules = turn.state.rules
    now = turn.now
    if ts is None or ts > now + rules.skew or ts < now - (rules.late_max if hist else rules.skew):
        return now
    return ts


def ask(turn: Turn, plant: str, line: str, device: str, reason: str) -> None:
    """Ask a device to report its totals, at most once a minute."""
    last = turn.state.asked.get(device)
    if last is None or turn.now - last >= _ASK_EVERY:
        turn.state.asked[device] = turn.now
        turn.changes.asks.append(Ask(plant, line, device, reason))


def _refuse(turn: Turn, event: Counted, rejection: Rejection) -> None:
    turn.quarantine(
        "untrusted",
        rejection,
        plant=event.plant,
        line=event.line,
        device=event.device,
        at=turn.now,
        topic=event.topic,
        payload=event.payload,
    )


def _totals(device: Device, reading: Reading) -> list[tuple[str, int]]:
    """Name the totals of a telegram; a bare number means what the device's role says."""
    totals = [(kind, total) for kind in ("good", "gross", "scrap") if (total := getattr(reading, kind)) is not None]
    if len(totals) == 1 and totals[0][0] == "good" and device.role != "good":
        return [(device.role, totals[0][1])]
    return totals


def _steps(turn: Turn, device: Device, reading: Reading, at: int) -> tuple[int, dict[str, int], str] | Rejection:
    """Compare every total with its mark; return yield, scrap by reason and how it ended, and advance the marks."""
    marks = turn.state.marks_of_devices.get(device.device)
    if marks is None:
        marks = turn.state.marks_of_devices[device.device] = {}
    boot = reading.boot or ""
    rule = CounterRule(device.modulus, device.max_step, device.reset == "allow", device.first == "zero")
    since = -1
    totals = _totals(device, reading)
    verdicts: list[tuple[str, int, Step]] = []
    gap = False
    for kind, total in totals:
        mark = marks.get((boot, kind))
        if mark is None and since < 0:
            since = max((m.at for m in marks.values()), default=0)
        known = mark is None and any(key[1] == kind for key in marks)
        verdict = count(mark, rule, total, reading.seq, reading.ts, at, since if known else None)
        if isinstance(verdict, Rejection):
            return verdict
        if mark is not None and reading.seq is not None and mark.seq is not None and reading.seq > mark.seq + 1:
            gap = True
        verdicts.append((kind, total, verdict))
    steps: dict[str, int] = {}
    ending = "heartbeat"
    for kind, total, verdict in verdicts:
        ending = verdict.verdict.value
        if verdict.verdict in (Verdict.LATE, Verdict.DUPLICATE):
            continue
        steps[kind] = verdict.step
        advance(turn, device.device, boot, kind, total, reading, at, verdict.step)
    scrap = _by_reason(turn, device, reading, boot, rule, at, steps.get("scrap", 0))
    good = steps.get("good", 0) + (steps["gross"] - steps.get("scrap", 0) if "gross" in steps else 0)
    if device.role == "gross" and "gross" not in steps and steps.get("scrap"):
        good -= steps["scrap"]
    if gap and good + sum(scrap.values()) == 0:
        ask(turn, device.plant, device.line, device.device, "a gap in the sequence")
    return good, scrap, ending


def advance(turn: Turn, device: str, boot: str, kind: str, total: int, reading: Reading, at: int, step: int) -> None:
    """Move a mark to a believed total."""
    marks = turn.state.marks_of_devices[device]
    mark = marks.get((boot, kind))
    if mark is None:
        mark = marks[boot, kind] = DeviceMark(total, reading.seq, reading.ts, at)
    else:
        mark.total = total
        if reading.seq is not None:
            mark.seq = reading.seq if mark.seq is None else max(mark.seq, reading.seq)
        if reading.ts is not None:
            mark.ts = reading.ts if mark.ts is None else max(mark.ts, reading.ts)
        mark.at = max(mark.at, at)
    mark.units += step
    turn.changes.device_marks[device, boot, kind] = mark


def _by_reason(
    turn: Turn, device: Device, reading: Reading, boot: str, rule: CounterRule, at: int, scrap: int
) -> dict[str, int]:
    """Split a scrap step by reason, as far as the totals per reason explain it."""
    result: dict[str, int] = {}
    left = scrap
    unlimited = rule._replace(max_step=None)
    marks = turn.state.marks_of_devices[device.device]
    for reason, total in reading.scrap_by:
        kind = f"scrap {reason}"
        mark = marks.get((boot, kind))
        verdict = count(mark, unlimited, total, reading.seq, reading.ts, at, at if marks else None)
        if isinstance(verdict, Rejection) or verdict.verdict in (Verdict.LATE, Verdict.DUPLICATE):
            continue
        # The total of all scrap is what counts; reasons only divide it, so their marks carry no units.
        advance(turn, device.device, boot, kind, total, reading, at, 0)
        units = min(left, verdict.step)
        if units:
            result[reason] = units
            left -= units
    if left:
        result[""] = left
    return result


def _differences(turn: Turn, device: Device, reading: Reading, at: int) -> tuple[int, dict[str, int], str] | Rejection:
    """Believe a telegram of differences once, by its identity."""
    identity = delta_identity(reading)
    if identity is None:
        return Rejection(
            Reason.NO_IDENTITY,
            "a difference needs an id, or boot and sequence, else it cannot be told from its repetition",
        )
    content = repr((reading.good, reading.gross, reading.scrap, reading.scrap_by, reading.ts))
    seen = turn.seen((device.device, identity))
    if seen is not None:
        if seen.content == content:
            return 0, {}, "duplicate"
        return Rejection(Reason.CONFLICT, f"difference {identity} was sent before with another content")
    turn.remember((device.device, identity), content)
    marks = turn.state.marks_of_devices.setdefault(device.device, {})
    step: dict[str, int] = dict(_totals(device, reading))
    for kind, units in step.items():
        mark = marks.get(("", f"delta {kind}"))
        total = (mark.total if mark else 0) + units
        advance(turn, device.device, "", f"delta {kind}", total, reading._replace(seq=None, ts=None), at, units)
    scrapped = step.get("scrap", 0)
    good = step.get("good", 0) + (step["gross"] - scrapped if "gross" in step else 0)
    split = {reason: units for reason, units in reading.scrap_by if units}
    rest = scrapped - sum(split.values())
    if rest:
        split[""] = rest
    return good, split, "counted"


def delta_identity(reading: Reading) -> str | None:
    """Return what identifies a telegram of differences."""
    if reading.id:
        return reading.id
    if reading.boot is not None and reading.seq is not None:
        return f"{reading.boot}#{reading.seq}"
    return None


def book_units(
    turn: Turn,
    event: Counted,
    wanted: Wanted,
    *,
    good: int,
    scrap: Mapping[str, int],
    at: int,
    unit: str,
) -> bool:
    """Book units that were read: into the window of their place, or to quarantine. Return whether they have a place."""
    scrapped = sum(scrap.values())
    figures = turn.line(wanted.plant, wanted.line)
    figures.read += good + scrapped
    figures.last_at = max(figures.last_at, at)
    place = place_at(turn, wanted, at) if wanted.line != "_" else NO_PLACE
    if isinstance(place, Place) and unit:
        place, good, scrap = _converted(turn, place, unit, good, scrap)
    if isinstance(place, Rejection):
        figures.quarantined += good + scrapped
        turn.quarantine(
            "unbooked",
            place,
            plant=wanted.plant,
            line=wanted.line,
            device=event.device,
            at=at,
            topic=event.topic,
            payload=event.payload,
            good=good,
            scrap=scrapped,
            content=json.dumps(
                {"scrap": dict(scrap), "batch": wanted.batch, "operation": wanted.operation, "unit": unit}
            ),
        )
        return False
    figures.counted += good + scrapped
    _collect(turn, place, event.device, good, scrap, at)
    turn.outcome("counted")
    return True


def _converted(
    turn: Turn, place: Place, unit: str, good: int, scrap: Mapping[str, int]
) -> tuple[Place | Rejection, int, Mapping[str, int]]:
    """Hold a device's unit against the product's base unit: units are counted in base units only."""
    material = turn.state.master.materials[place.version.plant, place.version.material]
    if unit == material.unit:
        return place, good, scrap
    return (
        Rejection(
            Reason.WRONG_UNIT,
            f"the device counts {unit}, {material.material} is made in {material.unit}; set the device's weight",
        ),
        good,
        scrap,
    )


def _collect(turn: Turn, place: Place, device: str, good: int, scrap: Mapping[str, int], at: int) -> None:
    """Add units to the window of a place, and close it if its policy says so."""
    window = place.window
    if window is None or window.key not in turn.state.windows:
        window = turn.state.windows.get(place.key) or _new_window(turn, place)
        place.window = window
    window.good += good
    for reason, units in scrap.items():
        window.scrap[reason] = window.scrap.get(reason, 0) + units
    source = window.sources.get(device)
    if source is None:
        source = window.sources[device] = WindowSource(turn.entry, at)
    source.last_entry = turn.entry
    source.first_at = min(source.first_at, at)
    source.last_at = max(source.last_at, at)
    source.readings += 1
    source.good += good
    source.scrap += sum(scrap.values())
    turn.changes.windows[window.key] = window
    if window.policy == "reading" or (window.pieces and window.units >= window.pieces * MICRO):
        post_window(turn, window)


def _new_window(turn: Turn, place: Place) -> Window:
    policy = place.policy
    match policy.kind:
        case "timed":
            close_at = turn.now + policy.seconds * 1_000_000
        case "reading":
            close_at = FOREVER
        case _:
            close_at = place.day.end
    window = Window(
        place.key,
        place.wanted.plant,
        place.wanted.line,
        policy.kind,
        close_at,
        policy.pieces,
    )
    turn.open_window(window)
    return window


def close_windows(turn: Turn, plant: str, line: str, policies: frozenset[str] | None = None) -> list[Document]:
    """Close the open windows of a line now: all, or those of some policies."""
    chosen = [
        w
        for w in list(turn.state.windows.values())
        if (w.plant, w.line) == (plant, line) and (policies is None or w.policy in policies)
    ]
    documents: list[Document] = []
    for window in chosen:
        if window.key in turn.state.windows:
            documents.extend(post_window(turn, window))
    return documents
