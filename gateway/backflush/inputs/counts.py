"""Counts: a counter's telegram is confirmed by device, mark, place and window, in this order; each may end it.

A telegram is accepted as a whole or not at all. Its units advance the marks and are *read*; units with a place are
*counted* into its window, units without one go to quarantine, so that read = counted + quarantined.
"""

from collections.abc import Mapping
from typing import NamedTuple

from devices.errors import Rejection
from gateway.backflush.inputs.device_marks import needs_of_life
from gateway.backflush.inputs.quarantine import keep_units, refuse
from gateway.backflush.inputs.readings import NO_SCRAP, add_totals, ask_device, cover_of, delta_identity, heal
from gateway.backflush.inputs.senders import event_time, find_device, time_of
from gateway.backflush.memory.events import Counted
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import LineFigures
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge, judges, no_unit
from gateway.backflush.posting.places import BookingPlace, PlaceRequest, needs_of_place, place_at, too_many
from gateway.backflush.posting.windows import collect
from gateway.backflush.values.counting import PASSED_ON, CounterPosition, Ending, Increment
from gateway.backflush.values.quantities import format_quantity, step_of
from gateway.errors import Reason

NOT_COUNTED: Mapping[str, str] = {
    "baseline": "its total is the baseline, and counting starts there",
    "duplicate": "duplicate, the same total was accepted before",
    "heartbeat": "as before, its total was accepted already",
    "late": "late, a newer total was accepted before",
}
"""The outcomes of accepted telegrams that book nothing, in words for a person."""


class Home(NamedTuple):
    """The place where a counter's last telegram was counted: the next one nearly always belongs there as well."""

    said: tuple[str, str, str | None, str | None, str | None, str | None]
    """Plant, line, and the telegram's words beside its totals: boot, unit, batch, device."""
    device: Device
    place: BookingPlace
    line: LineFigures
    mark: CounterPosition | None
    """The mark of a bare number; None where that is scrap, or was never sent."""


def _find_home(state: State, event: Counted, now: int) -> Home | None:
    """Return the home of a counter, if a telegram received at `now` belongs there by its own time and by `now`."""
    home: Home | None = state.resolved.homes.get(event.device)
    if home is None:
        return None
    _, plant, line, _, reading, _, _ = event
    ts, start, end = reading.ts, home.place.start, home.place.end
    if not start <= now < end or (ts is not None and not start <= ts < end):
        return None
    return home if (plant, line, reading.boot, reading.unit, reading.batch, reading.device) == home.said else None


def needs_of_count(inquiry: Inquiry, event: Counted) -> None:
    """Name the records that a count telegram touches: of its identity or life, and of its possible places."""
    state, reading = inquiry.state, event.reading
    home = _find_home(state, event, inquiry.now)
    # The records of a home were read before.
    if (home is not None and home.mark is not None and not reading.delta) or event.device not in state.master.devices:
        return
    if reading.delta:
        identity = delta_identity(reading)
        if identity and (event.device, identity) not in state.scans:
            inquiry.scans.append((event.device, identity))
    else:
        needs_of_life(inquiry, event.device, reading.boot or "")
    if home is None:
        at = time_of(state, inquiry.now, reading.ts, hist=reading.hist)
        needs_of_place(inquiry, event.plant, event.line, at, reading.batch or "")


def confirm(books: Books, event: Counted) -> Ending | Rejection:
    """Confirm one count telegram, and return its outcome."""
    home = _find_home(books.state, event, books.received)
    return (home and _take_next(books, event, home)) or _confirm(books, event, home)


def _take_next(books: Books, event: Counted, home: Home) -> Ending | None:
    """Take the usual telegram: one bare number at home, the next one and no lower; None for any other.

    Law: `confirm` returns the same without it.
    """
    state, now, device, place, line, mark = books.state, books.received, home.device, home.place, home.line, home.mark
    total, gross, scrap, _, ts, boot, seq, _, _, _, delta, _, _, rework = event.reading
    if total is None or gross is not None or scrap is not None or rework is not None or delta or mark is None:
        return None
    if mark.strays is not None or mark.restart == PASSED_ON:
        return None
    if seq is None:  # that of another publisher, which has none: a higher total, and no older time
        if mark.seq is not None or mark.restart or total <= mark.total or (ts or 0) < (mark.ts or 0):
            return None
    elif mark.seq is None or seq != mark.seq + 1:
        return None
    if event.device in state.skewed or event.device in state.untrusted:
        return None
    step, at, limit = total - mark.total, now if ts is None else ts, device.max_step
    units = step * device.weight
    if step < 0 or (limit is not None and step > limit) or not -state.rules.skew <= at - now <= state.rules.skew:
        return None
    counted = line.counted + units
    if not line.fits(units) or counted > place.most or counted > place.worth:
        return None
    since = mark.at
    mark.total, mark.seq = total, seq
    if ts is not None:
        mark.ts = ts
    if at > since:
        mark.at = at
    mark.units += step
    books.changes.device_marks[event.device, boot or "", device.role] = mark
    if not step:
        books.outcome("heartbeat")
        return "heartbeat"
    _book(books, event.device, place, Increment(units, NO_SCRAP, 0, min(since, at), "counted"), at)
    return "counted"


def _confirm(books: Books, event: Counted, home: Home | None) -> Ending | Rejection:
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
        ask_device(books, event.plant, event.line, event.device, f"{new.code} {new.text}")
        return new
    good, scrap, rework, _, ending = new
    if not good and not scrap and not rework:
        books.outcome(ending)
        return ending
    if event.device in books.state.untrusted and not reading.delta:
        heal(books, device, reading.boot or "")
    if (
        home is not None
        and not (scrap and unknown_reason(books, scrap))
        and too_many(books, home.place, good + rework + sum(scrap.values()) if scrap else good + rework) is None
    ):
        _book(books, event.device, home.place, new, at)
        return "counted"
    wanted = PlaceRequest(event.plant, event.line, device.operation, batch=reading.batch or "", window=device.window)
    place = book_units(books, event, wanted, new, at, reading.unit or device.unit)
    if isinstance(place, Rejection):
        return place
    if fraction(books, place, device.weight) is None:
        state, life = books.state, reading.boot or ""
        mark = state.marks_of_devices[event.device].get((life, device.role)) if device.role != "scrap" else None
        said = (event.plant, event.line, reading.boot, reading.unit, reading.batch, reading.device)
        state.resolved.homes[event.device] = Home(said, device, place, state.lines[said[:2]], mark)
    return "counted"


def book_units(
    books: Books, event: Counted, wanted: PlaceRequest, new: Increment, at: int, unit: str
) -> BookingPlace | Rejection:
    """Book units that were read: into the window of their place, and return that, or into quarantine."""
    place = place_at(books, wanted, at)
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
