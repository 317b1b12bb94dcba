"""Confirm what counters count: device, mark, place, window; in that order, and each may end it.

A telegram is believed as a whole or not at all. What is believed advances the marks and is *read*; what has a place
is *counted* into the place's window, what has none goes to quarantine with its units, so that read = counted +
quarantined.
"""

import json
from collections.abc import Mapping

from devices.errors import Malformed, Rejection
from gateway.backflush.inputs.lives import begin_again
from gateway.backflush.inputs.quarantine import quarantine
from gateway.backflush.inputs.readings import add_totals, ask, cover_of, delta_identity, heal
from gateway.backflush.inputs.totals import needs_of_life
from gateway.backflush.memory.events import Counted, Refused, Scanned
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge, judges, no_unit
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.places import BookingPlace, PlaceRequest, needs_of_place, place_at, too_many
from gateway.backflush.posting.windows import collect
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.errors import Reason

COUNTED = "counted"
"""How a telegram ended that booked something."""
NO_PLACE = Rejection(Reason.NO_LINE, "the device roams and has scanned no card that names its line")


def needs_of_count(inquiry: Inquiry, event: Counted) -> None:
    """Name what a count telegram touches: its identity or its life, and where its pieces may belong."""
    state, reading = inquiry.state, event.reading
    device = state.master.devices.get(event.device)
    if device is None:
        return
    if reading.delta:
        identity = delta_identity(reading)
        if identity and (event.device, identity) not in state.scans:
            inquiry.scans.append((event.device, identity))
    else:
        needs_of_life(inquiry, event.device, reading.boot or "")
    at = time_of(inquiry, reading.ts, hist=reading.hist)
    place = state.resolved.device_places.get((event.device, reading.batch, reading.unit or device.unit))
    # What was resolved already was read for it.
    if not (isinstance(place, BookingPlace) and place.start <= at < place.end):
        needs_of_place(inquiry, event.plant, event.line, at, reading.batch or "")


def confirm(books: Books, event: Counted) -> str | Rejection:
    """Confirm one count telegram, and say how it ended."""
    device = find_device(books, event.device, event.plant, event.line, event.reading.device)
    reading = event.reading
    if isinstance(device, Rejection):
        # The next total covers it, at whichever gateway.
        known = books.state.master.devices.get(event.device) if device.code == Reason.NOT_ALLOWED else None
        refuse(books, event, device, "{}" if known is None else cover_of(books, known, reading))
        return device
    at = event_time(books, event.device, reading.ts, hist=reading.hist)
    new = add_totals(books, device, reading, at)
    if isinstance(new, Rejection):
        refuse(books, event, new, cover_of(books, device, reading))
        ask(books, event.plant, event.line, event.device, f"{new.code} {new.text}")
        return new
    good, scrap, ending, rework, since = new
    if not good and not scrap and not rework:
        books.outcome(ending)
        return ending
    if event.device in books.state.untrusted and not reading.delta:
        heal(books, device, reading.boot or "")
    weight = device.weight
    good, rework, unit = good * weight, rework * weight, reading.unit or device.unit
    if scrap:
        scrap = {reason: units * weight for reason, units in scrap.items()}
    # A counter's next telegram belongs where its last one did, nearly always.
    remembered = (device.device, reading.batch, unit)
    place = books.state.resolved.device_places.get(remembered)
    if (
        place is not None
        and place.start <= at < place.end
        and not (scrap and unknown_reason(books, scrap))
        and too_many(books, place, good + rework + sum(scrap.values()) if scrap else good + rework) is None
    ):
        _book(books, event.device, place, good, scrap, rework, at, since)
        return COUNTED
    wanted = PlaceRequest(event.plant, event.line, device.operation, batch=reading.batch or "", window=device.window)
    place = book_units(books, event, wanted, good=good, scrap=scrap, rework=rework, at=at, unit=unit, since=since)
    if isinstance(place, Rejection):
        return place
    if fraction(books, place, weight) is None:
        books.state.resolved.device_places[remembered] = place
    return COUNTED


def find_device(books: Books, name: str, plant: str, line: str, claimed: str | None) -> Device | Rejection:
    """Return the device that a topic names, if it may speak from there."""
    elsewhere = not_ours(books.state, plant, line)
    if elsewhere is not None:
        return elsewhere
    device = books.state.master.devices.get(name)
    if device is None:
        return Rejection(Reason.UNKNOWN_DEVICE, f"device {name} is not in the master data")
    if device.disabled:
        return Rejection(Reason.DISABLED_DEVICE, f"device {name} is disabled")
    if (device.plant, device.line) != (plant, line):
        if unknown := judge(books.state, Said(plant, line)):
            return unknown
        if device.line != ROAMING:
            text = f"device {name} belongs to {device.plant}/{device.line}, not to {plant}/{line}"
            return Rejection(Reason.WRONG_PLACE, text)
    if claimed is not None and claimed != name:
        return Rejection(Malformed.IDENTITY_MISMATCH, f"the payload says device {claimed}, the topic says {name}")
    return device


def begin_on(books: Books, plant: str, line: str, name: str, totals: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Let a counter of a line begin again where a person says (`lives.begin_again`)."""
    device = find_device(books, name, plant, line, None)
    if isinstance(device, Rejection):
        return device
    if device.kind != "counter":
        return Rejection(Reason.BAD_COMMAND, f"{name} is a {device.kind}: expected a counter, which has totals")
    return begin_again(books, device, totals)


def event_time(books: Books, device: str, ts: int | None, *, hist: bool) -> int:
    """Return the event time.

    The device's own within the skew limit (or stored, within the late limit), else the time of receipt. How far off a
    clock is that is not believed is kept until it is.
    """
    skewed, now = books.state.skewed, books.received
    if ts is None:
        return now
    if not believable(books.state, now, ts, hist=hist):
        if not hist and not books.replays:
            skewed[device] = (ts - now, skewed.get(device, (0, 0))[1] + 1)
        return now
    if skewed and not books.replays:
        skewed.pop(device, None)
    return ts


def time_of(inquiry: Inquiry, ts: int | None, *, hist: bool) -> int:
    """Return the event time of a message that has just arrived."""
    return ts if ts is not None and believable(inquiry.state, inquiry.now, ts, hist=hist) else inquiry.now


def believable(state: State, now: int, ts: int, *, hist: bool) -> bool:
    """Say whether a device's own time is believed: where two clocks are in doubt, it says which one is right."""
    rules, beside = state.rules, state.beside
    early = rules.late_max if hist else rules.skew
    if now - early <= ts <= now + rules.skew:
        return True
    return beside is not None and beside - early <= ts <= beside + rules.skew


def refuse(books: Books, event: Counted | Scanned | Refused, rejection: Rejection, content: str = "{}") -> None:
    """Keep a message that is not believed: it holds no units."""
    quarantine(
        books,
        "untrusted",
        rejection,
        plant=event.plant,
        line=event.line,
        device=event.device,
        at=books.now,
        topic=event.topic,
        payload=event.payload,
        content=content,
    )


def keep_units(
    books: Books,
    event: Counted | Scanned,
    wanted: PlaceRequest,
    rejection: Rejection,
    *,
    good: int,
    scrap: Mapping[str, int],
    at: int,
    **content: str | tuple[str, ...],
) -> None:
    """Keep units that were read and have no place; `content` is what else a replay has to know of them."""
    scrapped = sum(scrap.values())
    books.line(wanted.plant, wanted.line).quarantine(good + scrapped, at)
    said = {"scrap": dict(scrap), "batch": wanted.batch, "operation": wanted.operation, **content}
    quarantine(
        books,
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
    books: Books,
    event: Counted,
    wanted: PlaceRequest,
    *,
    good: int,
    scrap: Mapping[str, int],
    rework: int,
    at: int,
    unit: str,
    since: int | None = None,
) -> BookingPlace | Rejection:
    """Book units that were read: into the window of their place, which is returned, or to quarantine."""
    place = place_at(books, wanted, at) if wanted.line != ROAMING else NO_PLACE
    if isinstance(place, BookingPlace):
        place = uncountable(books, place, unit, good, scrap, rework) or place
    if isinstance(place, Rejection):
        again = {"rework": str(rework)} if rework else {}
        keep_units(books, event, wanted, place, good=good, scrap=scrap, at=at, unit=unit, **again)
        return place
    _book(books, event.device, place, good, scrap, rework, at, at if since is None else since)
    return place


def _book(
    books: Books,
    device: str,
    place: BookingPlace,
    good: int,
    scrap: Mapping[str, int],
    rework: int,
    at: int,
    since: int,
) -> None:
    """Count units at their place."""
    units = good + sum(scrap.values()) if scrap else good
    books.line(place.wanted.plant, place.wanted.line).count(units, at)
    # Totals that the start of a run carried are those of the moment before it: they split the step to the piece.
    collect(books, place, device, good, scrap, rework, at, spans=since + 1 < place.run_start)
    books.outcome(COUNTED)


def uncountable(
    books: Books, place: BookingPlace, unit: str, good: int, scrap: Mapping[str, int], rework: int = 0
) -> Rejection | None:
    """Say why units cannot be counted at a place: in another unit, in parts of a piece, or beyond belief."""
    refused = _wrong_unit(books, place, unit) or (unknown_reason(books, scrap) if scrap else None)
    refused = refused or too_many(books, place, good + rework + sum(scrap.values()))
    return refused or fraction(books, place, good, rework, *scrap.values())


def unknown_reason(books: Books, scrap: Mapping[str, int]) -> Rejection | None:
    """Say why scrap cannot be counted: nobody maintains a reason of it."""
    return judge(books.state, Said("", reasons=scrap))


def fraction(books: Books, place: BookingPlace, *quantities: int) -> Rejection | None:
    """Refuse a part of the smallest quantity that the product's unit has: half a piece is never received."""
    material = books.state.master.materials[place.version.plant, place.version.material]
    step = step_of(material.decimals)
    part = next((units for units in quantities if units % step), None)
    if part is None:
        return None
    text = f"{format_quantity(part)} of {material.material}, {material.unit} has {material.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, f"{text}: see the device's weight")


def _wrong_unit(books: Books, place: BookingPlace, unit: str) -> Rejection | None:
    """Hold a device's unit against the product's base unit: units are counted in base units only."""
    material = books.state.master.materials[place.version.plant, place.version.material]
    if unit in ("", material.unit):
        return None
    if unit not in material.units and judges(books.state):
        return no_unit(material, unit)
    return Rejection(
        Reason.WRONG_UNIT,
        f"the device counts {unit}, {material.material} is made in {material.unit}; set the device's weight",
    )
