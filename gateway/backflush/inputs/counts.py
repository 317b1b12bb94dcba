"""Confirm what counters count: device, mark, place, window; in that order, and each may end it.

A telegram is believed as a whole or not at all. What is believed advances the marks and is *read*; what has a place
is *counted* into the place's window, what has none goes to quarantine with its units, so that read = counted +
quarantined.
"""

import json
from collections.abc import Mapping
from operator import attrgetter

from devices.errors import Reason as Malformed
from devices.errors import Rejection
from gateway.backflush.inputs.quarantine import quarantine
from gateway.backflush.inputs.readings import added, ask, begin_again, cover_of, heal
from gateway.backflush.memory.events import Counted, Refused, Scanned
from gateway.backflush.memory.records import Window, WindowSource
from gateway.backflush.memory.state import FOREVER, State
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.posting.books import Turn
from gateway.backflush.posting.names import Said, judge, judges, no_unit, not_ours
from gateway.backflush.posting.places import Place, Wanted, place_at, too_many
from gateway.backflush.posting.report import post_window
from gateway.backflush.values.documents import Document
from gateway.backflush.values.quantities import MICRO, format_quantity, step_of
from gateway.errors import Reason

COUNTED = "counted"
"""How a telegram ended that booked something."""
NO_PLACE = Rejection(Reason.NO_LINE, "the device roams, and nothing that it scanned says at which line it is")


def confirm(turn: Turn, event: Counted) -> str | Rejection:
    """Confirm one count telegram, and say how it ended."""
    device = known_device(turn, event.device, event.plant, event.line, event.reading.device)
    reading = event.reading
    if isinstance(device, Rejection):
        # The next total covers it, at whichever gateway.
        known = turn.state.master.devices.get(event.device) if device.code == Reason.NOT_ALLOWED else None
        refuse(turn, event, device, "{}" if known is None else cover_of(turn, known, reading))
        return device
    at = believed_time(turn, event.device, reading.ts, hist=reading.hist)
    new = added(turn, device, reading, at)
    if isinstance(new, Rejection):
        refuse(turn, event, new, cover_of(turn, device, reading))
        ask(turn, event.plant, event.line, event.device, f"{new.code} {new.text}")
        return new
    good, scrap, ending, rework, since = new
    if not good and not scrap and not rework:
        turn.outcome(ending)
        return ending
    if event.device in turn.state.untrusted and not reading.delta:
        heal(turn, device, reading.boot or "")
    weight = device.weight
    if scrap:
        scrap = {reason: units * weight for reason, units in scrap.items()}
    unit = reading.unit or device.unit
    # A counter's next telegram belongs where its last one did, nearly always.
    remembered = (device.device, reading.batch, unit)
    place = turn.state.resolved.device_places.get(remembered)
    in_all = (good + rework) * weight + sum(scrap.values())
    named = not scrap or unknown_reason(turn, scrap) is None
    if named and isinstance(place, Place) and place.start <= at < place.end and too_many(turn, place, in_all) is None:
        _book(turn, event.device, place, good * weight, scrap, rework * weight, at, since)
        return COUNTED
    wanted = Wanted(event.plant, event.line, device.operation, batch=reading.batch or "", window=device.window)
    units = {"good": good * weight, "rework": rework * weight}
    place = book_units(turn, event, wanted, **units, scrap=scrap, at=at, unit=unit, since=since)
    if isinstance(place, Rejection):
        return place
    if fraction(turn, place, weight) is None:
        turn.state.resolved.device_places[remembered] = place
    return COUNTED


def known_device(turn: Turn, name: str, plant: str, line: str, claimed: str | None) -> Device | Rejection:
    """Return the device that a topic names, if it may speak from there."""
    elsewhere = not_ours(turn.state, plant, line)
    if elsewhere is not None:
        return elsewhere
    device = turn.state.master.devices.get(name)
    if device is None:
        return Rejection(Reason.UNKNOWN_DEVICE, f"device {name} is not in the master data")
    if device.disabled:
        return Rejection(Reason.DISABLED_DEVICE, f"device {name} is disabled")
    if (device.plant, device.line) != (plant, line):
        if unknown := judge(turn.state, Said(plant, line)):
            return unknown
        if device.line != ROAMING:
            text = f"device {name} belongs to {device.plant}/{device.line}, not to {plant}/{line}"
            return Rejection(Reason.WRONG_PLACE, text)
    if claimed is not None and claimed != name:
        return Rejection(Malformed.IDENTITY_MISMATCH, f"the payload says device {claimed}, the topic says {name}")
    return device


def begin_on(turn: Turn, plant: str, line: str, name: str, totals: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Let a counter of a line begin again where a person says (`readings.begin_again`)."""
    device = known_device(turn, name, plant, line, None)
    if isinstance(device, Rejection):
        return device
    if device.kind != "counter":
        return Rejection(Reason.BAD_COMMAND, f"{name} is a {device.kind}: expected a counter, which has totals")
    return begin_again(turn, device, totals)


def believed_time(turn: Turn, device: str, ts: int | None, *, hist: bool) -> int:
    """Return the event time.

    The device's own within the skew limit (or stored, within the late limit), else the time of receipt. How far off a
    clock is that is not believed is kept until it is.
    """
    skewed, now = turn.state.skewed, turn.received
    if ts is None:
        return now
    if not believable(turn.state, now, ts, hist=hist):
        if not hist and not turn.replays:
            skewed[device] = (ts - now, skewed.get(device, (0, 0))[1] + 1)
        return now
    if skewed and not turn.replays:
        skewed.pop(device, None)
    return ts


def believable(state: State, now: int, ts: int, *, hist: bool) -> bool:
    """Say whether a device's own time is believed: where two clocks are in doubt, it says which one is right."""
    rules, beside = state.rules, state.beside
    early = rules.late_max if hist else rules.skew
    if now - early <= ts <= now + rules.skew:
        return True
    return beside is not None and beside - early <= ts <= beside + rules.skew


def refuse(turn: Turn, event: Counted | Scanned | Refused, rejection: Rejection, content: str = "{}") -> None:
    """Keep a message that is not believed: it holds no units."""
    quarantine(
        turn,
        "untrusted",
        rejection,
        plant=event.plant,
        line=event.line,
        device=event.device,
        at=turn.now,
        topic=event.topic,
        payload=event.payload,
        content=content,
    )


def keep_units(
    turn: Turn,
    event: Counted | Scanned,
    wanted: Wanted,
    rejection: Rejection,
    *,
    good: int,
    scrap: Mapping[str, int],
    at: int,
    **content: str | tuple[str, ...],
) -> None:
    """Keep units that were read and have no place; `content` is what else a replay has to know of them."""
    scrapped = sum(scrap.values())
    turn.line(wanted.plant, wanted.line).quarantine(good + scrapped, at)
    said = {"scrap": dict(scrap), "batch": wanted.batch, "operation": wanted.operation, **content}
    quarantine(
        turn,
        "unbooked",
        rejection,
        plant=wanted.plant,
        line=wanted.line,
        device=event.device,
        at=at,
        topic=event.topic,
        payload=event.payload,
        good=good,
        scrap=scrapped,
        content=json.dumps(said),
    )


def book_units(
    turn: Turn,
    event: Counted,
    wanted: Wanted,
    *,
    good: int,
    scrap: Mapping[str, int],
    rework: int,
    at: int,
    unit: str,
    since: int | None = None,
) -> Place | Rejection:
    """Book units that were read: into the window of their place, which is returned, or to quarantine."""
    place = place_at(turn, wanted, at) if wanted.line != ROAMING else NO_PLACE
    if isinstance(place, Place):
        place = uncountable(turn, place, unit, good, scrap, rework) or place
    if isinstance(place, Rejection):
        again = {"rework": str(rework)} if rework else {}
        keep_units(turn, event, wanted, place, good=good, scrap=scrap, at=at, unit=unit, **again)
        return place
    _book(turn, event.device, place, good, scrap, rework, at, at if since is None else since)
    return place


def _book(
    turn: Turn,
    device: str,
    place: Place,
    good: int,
    scrap: Mapping[str, int],
    rework: int,
    at: int,
    since: int,
) -> None:
    """Count units at their place."""
    units = good + sum(scrap.values()) if scrap else good
    turn.line(place.wanted.plant, place.wanted.line).count(units, at)
    # Totals that the start of a run carried are those of the moment before it: they split the step to the piece.
    _collect(turn, place, device, good, scrap, rework, at, spans=since + 1 < place.run_start)
    turn.outcome(COUNTED)


def uncountable(
    turn: Turn, place: Place, unit: str, good: int, scrap: Mapping[str, int], rework: int = 0
) -> Rejection | None:
    """Say why units cannot be counted at a place: in another unit, in parts of a piece, or beyond belief."""
    refused = _wrong_unit(turn, place, unit) or (unknown_reason(turn, scrap) if scrap else None)
    refused = refused or too_many(turn, place, good + rework + sum(scrap.values()))
    return refused or fraction(turn, place, good, rework, *scrap.values())


def unknown_reason(turn: Turn, scrap: Mapping[str, int]) -> Rejection | None:
    """Say why scrap cannot be counted: nobody maintains a reason of it."""
    return judge(turn.state, Said("", reasons=scrap))


def fraction(turn: Turn, place: Place, *quantities: int) -> Rejection | None:
    """Refuse a part of the smallest quantity that the product's unit has: half a piece is never received."""
    material = turn.state.master.materials[place.version.plant, place.version.material]
    step = step_of(material.decimals)
    part = next((units for units in quantities if units % step), None)
    if part is None:
        return None
    text = f"{format_quantity(part)} of {material.material}, {material.unit} has {material.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, f"{text}: see the device's weight")


def _wrong_unit(turn: Turn, place: Place, unit: str) -> Rejection | None:
    """Hold a device's unit against the product's base unit: units are counted in base units only."""
    material = turn.state.master.materials[place.version.plant, place.version.material]
    if unit in ("", material.unit):
        return None
    if unit not in material.units and judges(turn.state):
        return no_unit(material, unit)
    return Rejection(
        Reason.WRONG_UNIT,
        f"the device counts {unit}, {material.material} is made in {material.unit}; set the device's weight",
    )


def _collect(
    turn: Turn, place: Place, device: str, good: int, scrap: Mapping[str, int], rework: int, at: int, *, spans: bool
) -> None:
    """Add units to the window of a place, and close it if its policy says so."""
    window = place.window
    if window is None or turn.state.windows.get(window.key) is not window:
        window = turn.state.windows.get(place.key) or _new_window(turn, place)
        place.window = window
    was_short = window.good < 0
    window.good += good
    window.rework += rework
    for reason, units in scrap.items():
        window.scrap[reason] = window.scrap.get(reason, 0) + units
    source = window.sources.get(device)
    if source is None:
        source = window.sources[device] = WindowSource(turn.entry, at)
    source.last_entry = turn.entry
    if at > source.last_at:
        source.last_at = at
    elif at < source.first_at:
        source.first_at = at
    source.readings += 1
    if spans:
        source.spans = True
    source.good += good
    if scrap:
        source.scrap += sum(scrap.values())
    turn.changes.windows[window.key] = window
    if was_short or window.good < 0:
        turn.close_at(window, place.day.end if window.good < 0 else _close_at(turn, place))
    if window.policy == "reading" or (window.pieces and window.units >= window.pieces * MICRO):
        post_window(turn, window)


def _new_window(turn: Turn, place: Place) -> Window:
    window = Window(place.key, place.wanted.plant, _close_at(turn, place), place.policy.pieces)
    turn.open_window(window)
    return window


def _close_at(turn: Turn, place: Place) -> int:
    """Return when a window that begins now is closed by its policy."""
    match place.policy.kind:
        case "timed":
            return turn.now + place.policy.seconds * 1_000_000
        case "reading":
            return FOREVER
        case _:
            return place.day.end


def close_windows(turn: Turn, plant: str, line: str, policies: frozenset[str] | None = None) -> list[Document]:
    """Close the open windows of a line now: all, or those of some policies."""
    of_line = (w for w in turn.state.windows.values() if (w.plant, w.line) == (plant, line))
    chosen = [w for w in of_line if policies is None or w.policy in policies]
    begun = len(turn.changes.documents)
    for window in sorted(chosen, key=attrgetter("key")):
        if window.key in turn.state.windows:
            post_window(turn, window)
    return turn.changes.documents[begun:]
