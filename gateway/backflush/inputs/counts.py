"""Counts: a counter's telegram is confirmed by device, mark, place and window, in this order; each may end it.

A telegram is accepted as a whole or not at all. Its units advance the marks and are *read*; units with a place are
*counted* into its window, units without one go to quarantine, so that read = counted + quarantined.
"""

from collections.abc import Mapping

from devices.errors import Rejection
from gateway.backflush.inputs.device_marks import needs_of_life
from gateway.backflush.inputs.quarantine import keep_units, refuse
from gateway.backflush.inputs.readings import add_totals, ask, cover_of, delta_identity, heal
from gateway.backflush.inputs.senders import NO_PLACE, event_time, find_device, time_of
from gateway.backflush.memory.events import Counted
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge, judges, no_unit
from gateway.backflush.posting.places import BookingPlace, PlaceRequest, needs_of_place, place_at, too_many
from gateway.backflush.posting.windows import collect
from gateway.backflush.values.counting import Ending, Increment
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.errors import Reason

NOT_COUNTED: Mapping[str, str] = {
    "baseline": "its total is the baseline, and counting starts there",
    "duplicate": "duplicate, the same total was accepted before",
    "heartbeat": "as before, its total was accepted already",
    "late": "late, a newer total was accepted before",
}
"""The outcomes of accepted telegrams that book nothing, in words for a person."""


def needs_of_count(inquiry: Inquiry, event: Counted) -> None:
    """Name the records that a count telegram touches: of its identity or life, and of its possible places."""
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
    # The records of a resolved place were read before.
    if not (isinstance(place, BookingPlace) and place.start <= at < place.end):
        needs_of_place(inquiry, event.plant, event.line, at, reading.batch or "")


def confirm(books: Books, event: Counted) -> Ending | Rejection:
    """Confirm one count telegram, and return its outcome."""
    device = find_device(books, event.device, event.plant, event.line, event.reading.device)
    reading = event.reading
    if isinstance(device, Rejection):
        # The next total covers it, at any gateway.
        known = books.state.master.devices.get(event.device) if device.code == Reason.NOT_ALLOWED else None
        refuse(books, event, device, "{}" if known is None else cover_of(books, known, reading))
        return device
    at = event_time(books, event.device, reading.ts, hist=reading.hist)
    new = add_totals(books, device, reading, at)
    if isinstance(new, Rejection):
        refuse(books, event, new, cover_of(books, device, reading))
        ask(books, event.plant, event.line, event.device, f"{new.code} {new.text}")
        return new
    good, scrap, rework, _, ending = new
    if not good and not scrap and not rework:
        books.outcome(ending)
        return ending
    if event.device in books.state.untrusted and not reading.delta:
        heal(books, device, reading.boot or "")
    unit = reading.unit or device.unit
    # A counter's next telegram nearly always belongs to the same place.
    remembered = (device.device, reading.batch, unit)
    place = books.state.resolved.device_places.get(remembered)
    if (
        place is not None
        and place.start <= at < place.end
        and not (scrap and unknown_reason(books, scrap))
        and too_many(books, place, good + rework + sum(scrap.values()) if scrap else good + rework) is None
    ):
        _book(books, event.device, place, new, at)
        return "counted"
    wanted = PlaceRequest(event.plant, event.line, device.operation, batch=reading.batch or "", window=device.window)
    place = book_units(books, event, wanted, new, at, unit)
    if isinstance(place, Rejection):
        return place
    if fraction(books, place, device.weight) is None:
        books.state.resolved.device_places[remembered] = place
    return "counted"


def book_units(
    books: Books, event: Counted, wanted: PlaceRequest, new: Increment, at: int, unit: str
) -> BookingPlace | Rejection:
    """Book units that were read: into the window of their place, and return that, or into quarantine."""
    place = place_at(books, wanted, at) if wanted.line != ROAMING else NO_PLACE
    if isinstance(place, BookingPlace):
        place = uncountable(books, place, unit, new) or place
    if isinstance(place, Rejection):
        keep_units(books, event, wanted, place, new, at, unit=unit)
        return place
    _book(books, event.device, place, new, at)
    return place


def _book(books: Books, device: str, place: BookingPlace, new: Increment, at: int) -> None:
    """Count units at their place."""
    units = new.good + sum(new.scrap.values()) if new.scrap else new.good
    books.line(place.wanted.plant, place.wanted.line).count(units, at)
    collect(books, place, device, new, at)
    books.outcome("counted")


def uncountable(books: Books, place: BookingPlace, unit: str, new: Increment) -> Rejection | None:
    """Return why units cannot be counted at a place: another unit, a fraction of a piece, or too many."""
    good, scrap, rework, _, _ = new
    refused = _wrong_unit(books, place, unit) or (unknown_reason(books, scrap) if scrap else None)
    refused = refused or too_many(books, place, good + rework + sum(scrap.values()))
    return refused or fraction(books, place, good, rework, *scrap.values())


def unknown_reason(books: Books, scrap: Mapping[str, int]) -> Rejection | None:
    """Return why scrap cannot be counted: one of its reasons is not maintained."""
    return judge(books.state, Said("", reasons=scrap))


def fraction(books: Books, place: BookingPlace, *quantities: int) -> Rejection | None:
    """Refuse a fraction of the smallest quantity of the product's unit: half a piece is never received."""
    material = books.state.master.materials[place.version.plant, place.version.material]
    step = step_of(material.decimals)
    part = next((units for units in quantities if units % step), None)
    if part is None:
        return None
    text = f"{format_quantity(part)} of {material.material}, {material.unit} has {material.decimals} decimals"
    return Rejection(Reason.BAD_QUANTITY, f"{text}: see the device's weight")


def _wrong_unit(books: Books, place: BookingPlace, unit: str) -> Rejection | None:
    """Refuse a device's unit that is not the product's base unit."""
    material = books.state.master.materials[place.version.plant, place.version.material]
    if unit in ("", material.unit):
        return None
    if unit not in material.units and judges(books.state):
        return no_unit(material, unit)
    return Rejection(
        Reason.WRONG_UNIT,
        f"the device counts {unit}, {material.material} is made in {material.unit}; set the device's weight",
    )
