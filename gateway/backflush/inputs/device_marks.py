"""Device marks: up to where each total of a counter was read, by life and by the name that the total goes by.

A bare number is what the device's role says, and a role may be corrected; firmware may begin to name what it counts.
Either way it is the same counter that goes on: good and gross are two names of one total, and a bare number is one
whatever its role was. A counter that begins again has another life; where it begins, a person may say.

Law: by whatever names a total goes, its steps add up to what it has counted.
"""

from collections.abc import Mapping
from itertools import product

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.inputs.devices import find_device
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.posting.books import Books
from gateway.backflush.values.counting import NEXT_LIFE, PASSED_ON, CounterPosition, begin
from gateway.errors import Reason

Marks = Mapping[tuple[str, str], CounterPosition]
_MAIN = ("good", "gross")


def totals_of(device: Device, reading: Reading) -> list[tuple[str, int]]:
    """Name the totals of a telegram; a bare number means what the device's role says."""
    good, gross, scrap = reading[:3]
    if reading.rework is not None:
        counted = totals_of(device, reading._replace(rework=None)) if (good, gross, scrap) != (None, None, None) else []
        return [*counted, ("rework", reading.rework)]
    if good is not None:
        if gross is None and scrap is None:
            return [(device.role, good)]
        # Who counts yield itself needs no difference: the gross total beside it says nothing more.
        totals = [("good", good)]
    else:
        totals = [("gross", gross)] if gross is not None else []
    if scrap is not None:
        totals.append(("scrap", scrap))
    return totals


def _names(kind: str, reading: Reading) -> tuple[str, ...]:
    """Return by what names a total may have gone before."""
    if kind in _MAIN:
        return _MAIN
    return (*_MAIN, kind) if kind == "scrap" and reading.scrap is None else (kind,)


def find_mark(marks: Marks, life: str, kind: str, reading: Reading) -> tuple[str, CounterPosition] | None:
    """Return the mark of a total in one life, and the name that it goes by so far; None if it has none."""
    mark = marks.get((life, kind))
    if mark is not None and mark.anew != PASSED_ON:
        return kind, mark
    names = _names(kind, reading)
    if reading.scrap is None and any((life, name) in marks for name in _MAIN):
        # If none of them has it, the role was that of a scrap counter meanwhile.
        names = (*names, "scrap")
    for name in names:
        before = marks.get((life, name))
        if before is not None and before.anew != PASSED_ON:
            return name, before
    return None if mark is None else (kind, mark)


def needs_of_life(inquiry: Inquiry, device: str, boot: str) -> None:
    """Name the life of a device, if it may have been one before those in memory."""
    marks = inquiry.state.marks_of_devices.get(device)
    if marks and (boot, "good") not in marks and not any(life == boot for life, _ in marks):
        inquiry.marks.append((device, boot))


def mark_of(books: Books, device: str, life: str, kind: str, reading: Reading) -> CounterPosition | None:
    """Return the mark of a total in one life; from now on it goes by this name, where it went by another one."""
    marks = books.state.marks_of_devices[device]
    found = find_mark(marks, life, kind, reading)
    if found is None:
        return None
    name, before = found
    if name == kind:
        if before.anew == PASSED_ON:
            before.anew = 1
            books.changes.device_marks[device, life, kind] = before
        return before
    mark = marks.get((life, kind))
    if mark is None:
        mark = marks[life, kind] = CounterPosition(before.total, None, None, before.at)
    mark.total, mark.seq, mark.ts, mark.at = before.total, before.seq, before.ts, before.at
    mark.anew, mark.strays = before.anew, before.strays
    before.seq = before.ts = before.strays = None
    before.anew = PASSED_ON
    if books.state.strayed.pop((device, life, name), None) is not None:
        books.state.strayed[device, life, kind] = mark
    books.changes.device_marks[device, life, kind] = mark
    books.changes.device_marks[device, life, name] = before
    return mark


def newest_of(marks: Marks, kind: str, reading: Reading) -> int | None:
    """Return the event time of a device's newest mark; None if this total was never seen of it, by any name."""
    names = _names(kind, reading)
    if not any(known in names for _, known in marks):
        return None
    return max(mark.at for mark in marks.values())


def yield_of(books: Books, device: Device, reading: Reading, counted: int, scrap: int) -> int:
    """Return what is made good of steps: of all pieces their scrap is taken off, of yield it never was a part."""
    return counted - scrap if scrap and _is_within_gross(books, device, reading) else counted


def _is_within_gross(books: Books, device: Device, reading: Reading) -> bool:
    """Say whether scrap is a part of pieces that are counted too: the telegram says it, else the role that is in force.

    A device whose role is good has told its scrap apart, if it has counted yield.
    """
    if reading.scrap is not None and (reading.good is not None or reading.gross is not None):
        return reading.good is None
    if device.role == "good":
        marks = books.state.marks_of_devices.get(device.device, {})
        if any(kind in ("good", "delta good") for _, kind in marks):
            return False
    return _is_beside_gross(books, device)


def _is_beside_gross(books: Books, device: Device) -> bool:
    """Say whether a counter stands where one counts all pieces."""
    gross = books.state.resolved.gross
    if gross is None:
        gross = books.state.resolved.gross = frozenset(
            (d.plant, d.line, d.operation)
            for d in books.state.master.devices.values()
            if d.role == "gross" and not d.disabled
        )
    return (device.plant, device.line, device.operation) in gross


_BARE, _NAMED = Reading(good=0), Reading(scrap=0)


def begin_again(books: Books, device: Device, said: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Let a counter begin again where a person says, by kind of total; a kind without a name is that of its role.

    The life that it is in begins there, and so does the next boot if nothing comes of this one before. Totals that
    were not said begin at zero if all do, else at an unknown total.
    """
    marks = books.state.marks_of_devices.setdefault(device.device, {})
    lives, boot = _lives(marks), newest_life(books, device.device)
    begun = {kind or device.role: total for kind, total in said.items()}
    reading = _BARE if "" in said else _NAMED
    # Totals that go by another name until now go by the one that is said.
    renamed = {found[0] for kind in begun if (found := find_mark(marks, boot, kind, reading)) is not None}
    known = [kind for (life, kind), mark in lives.items() if life == boot and mark.anew != PASSED_ON]
    known = [kind for kind in known if kind in begun or kind not in renamed]
    missing = [kind for kind in known if kind not in begun and " " not in kind]
    if missing and any(begun.values()):
        text = f"{device.device} says {', '.join(sorted({*begun, *missing}))}: expected where each of them begins"
        return Rejection(Reason.BAD_COMMAND, text)
    for kind, life in product(begun, (boot, NEXT_LIFE)):
        mark_of(books, device.device, life, kind, reading)
    at = max([books.now, *(mark.at for mark in lives.values())])
    for kind, total in {**dict.fromkeys(known if not any(begun.values()) else missing, 0), **begun}.items():
        mark = marks.get((boot, kind))
        if mark is not None:
            begin(mark, total)
            books.changes.device_marks[device.device, boot, kind] = mark
            books.state.strayed.pop((device.device, boot, kind), None)
        following = marks.setdefault((NEXT_LIFE, kind), CounterPosition(total, None, None, at))
        following.total, following.at, following.strays = total, at, None
        books.changes.device_marks[device.device, NEXT_LIFE, kind] = following
    return begun


def newest_life(books: Books, device: str) -> str:
    """Return the life that a counter is in, as far as its totals have told; empty where it names none.

    It is that of a total that a person says, who reads a figure and knows nothing of lives.
    """
    lives = _lives(books.state.marks_of_devices.get(device, {}))
    return max(lives, key=lambda key: (lives[key].at, key))[0] if lives else ""


def _lives(marks: Mapping[tuple[str, str], CounterPosition]) -> dict[tuple[str, str], CounterPosition]:
    return {key: mark for key, mark in marks.items() if key[0] != NEXT_LIFE and not key[1].startswith("delta ")}


def next_life(marks: Mapping[tuple[str, str], CounterPosition], kind: str) -> CounterPosition | None:
    """Return where a person has said that the next life begins, if the device has not gone on since."""
    begun = marks.get((NEXT_LIFE, kind))
    if begun is None or not begun.total or any(mark.at > begun.at for mark in marks.values()):
        return None
    return begun


def begin_on(books: Books, plant: str, line: str, name: str, totals: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Let a counter of a line begin again where a person says (`begin_again`)."""
    device = find_device(books, name, plant, line, None)
    if isinstance(device, Rejection):
        return device
    if device.kind != "counter":
        return Rejection(Reason.BAD_COMMAND, f"{name} is a {device.kind}: expected a counter, which has totals")
    return begin_again(books, device, totals)
