"""Device marks: the position up to which each total of a counter was read, by life and by the total's name.

The device's role gives a bare number its meaning, and a role may be corrected; new firmware may name its totals.
Either way the same counter goes on: good and gross are two names of one total, and a bare number continues it under any
role. A counter that restarts has another life; a person may enter the total at which it begins.

Law: whatever the names of a total, its steps add up to the pieces it has counted.
"""

from collections.abc import Mapping
from itertools import product

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.inputs.senders import find_device
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.posting.books import Books
from gateway.backflush.values.counting import ENDED, NEXT_LIFE, PASSED_ON, CounterPosition, is_of_ended, restart_totals
from gateway.errors import Reason

Marks = Mapping[tuple[str, str], CounterPosition]
_MAIN = ("good", "gross")
_ENDS_SINCE = 7
"""The first edition that keeps the end of a life that a person has ended: before, a repetition of it was counted."""


def totals_of(device: Device, reading: Reading) -> list[tuple[str, int]]:
    """Name the totals of a telegram; the device's role gives a bare number its meaning."""
    good, gross, scrap = reading[:3]
    if reading.rework is not None:
        counted = totals_of(device, reading._replace(rework=None)) if (good, gross, scrap) != (None, None, None) else []
        return [*counted, ("rework", reading.rework)]
    if good is not None:
        if gross is None and scrap is None:
            return [(device.role, good)]
        # A counter of yield needs no difference: its gross total adds no information.
        totals = [("good", good)]
    else:
        totals = [("gross", gross)] if gross is not None else []
    if scrap is not None:
        totals.append(("scrap", scrap))
    return totals


def _names(kind: str, reading: Reading) -> tuple[str, ...]:
    """Return the earlier names that a total may have had."""
    if kind in _MAIN:
        return _MAIN
    return (*_MAIN, kind) if kind == "scrap" and reading.scrap is None else (kind,)


def find_mark(marks: Marks, life: str, kind: str, reading: Reading) -> tuple[str, CounterPosition] | None:
    """Return the mark of a total in one life, and its name so far; None if it has none."""
    mark = marks.get((life, kind))
    if mark is not None and mark.restart != PASSED_ON:
        return kind, mark
    names = _names(kind, reading)
    if reading.scrap is None and any((life, name) in marks for name in _MAIN):
        # If no name has it, the role was that of a scrap counter meanwhile.
        names = (*names, "scrap")
    for name in names:
        before = marks.get((life, name))
        if before is not None and before.restart != PASSED_ON:
            return name, before
    return None if mark is None else (kind, mark)


def needs_of_life(inquiry: Inquiry, device: str, boot: str) -> None:
    """Name the life of a device, if it may be older than those in memory."""
    marks = inquiry.state.marks_of_devices.get(device)
    if marks and (boot, "good") not in marks and not any(life == boot for life, _ in marks):
        inquiry.marks.append((device, boot))


def mark_of(books: Books, device: str, life: str, kind: str, reading: Reading) -> CounterPosition | None:
    """Return the mark of a total in one life; if it had another name, it gets this one."""
    marks = books.state.marks_of_devices[device]
    found = find_mark(marks, life, kind, reading)
    if found is None:
        return None
    name, before = found
    if name == kind:
        if before.restart == PASSED_ON:
            before.restart = 1
            books.changes.device_marks[device, life, kind] = before
        return before
    mark = marks.get((life, kind))
    if mark is None:
        mark = marks[life, kind] = CounterPosition(before.total, None, None, before.at)
    mark.total, mark.seq, mark.ts, mark.at = before.total, before.seq, before.ts, before.at
    mark.restart, mark.strays = before.restart, before.strays
    before.seq = before.ts = before.strays = None
    before.restart = PASSED_ON
    if books.state.strayed.pop((device, life, name), None) is not None:
        books.state.strayed[device, life, kind] = mark
    books.changes.device_marks[device, life, kind] = mark
    books.changes.device_marks[device, life, name] = before
    return mark


def newest_of(marks: Marks, kind: str, reading: Reading) -> int | None:
    """Return the event time of a device's newest mark; None if it never reported this total, under any name."""
    names = _names(kind, reading)
    if not any(known in names for _, known in marks):
        return None
    return max(mark.at for mark in marks.values())


def yield_of(books: Books, device: Device, reading: Reading, counted: int, scrap: int) -> int:
    """Return the yield of steps: scrap is subtracted from all pieces, but never was a part of yield."""
    return counted - scrap if scrap and _is_within_gross(books, device, reading) else counted


def _is_within_gross(books: Books, device: Device, reading: Reading) -> bool:
    """Return whether scrap is a part of the counted pieces: by the telegram, else by the role in force.

    A device whose role is good reports scrap separately if it has counted yield.
    """
    if reading.scrap is not None and (reading.good is not None or reading.gross is not None):
        return reading.good is None
    if device.role == "good":
        marks = books.state.marks_of_devices.get(device.device, {})
        if any(kind in ("good", "delta good") for _, kind in marks):
            return False
    return _is_beside_gross(books, device)


def _is_beside_gross(books: Books, device: Device) -> bool:
    """Return whether a counter stands at a place where one counts all pieces."""
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
    """Restart a counter at totals that a person enters, by kind; an empty kind is that of its role.

    Its present life begins there, and so does the next boot if that comes first. Missing totals begin at zero if all
    are missing, else at an unknown total.
    """
    marks = books.state.marks_of_devices.setdefault(device.device, {})
    lives, boot = _lives(marks), newest_life(books, device.device)
    begun = {kind or device.role: total for kind, total in said.items()}
    reading = _BARE if "" in said else _NAMED
    # A total that had another name gets the one entered.
    renamed = {found[0] for kind in begun if (found := find_mark(marks, boot, kind, reading)) is not None}
    known = [kind for (life, kind), mark in lives.items() if life == boot and mark.restart != PASSED_ON]
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
            _keep_end(books, device.device, kind, mark, at)
            restart_totals(mark, total)
            books.changes.device_marks[device.device, boot, kind] = mark
            books.state.strayed.pop((device.device, boot, kind), None)
        following = marks.setdefault((NEXT_LIFE, kind), CounterPosition(total, None, None, at))
        following.total, following.at, following.strays = total, at, None
        books.changes.device_marks[device.device, NEXT_LIFE, kind] = following
    return begun


def _keep_end(books: Books, device: str, kind: str, mark: CounterPosition, at: int) -> None:
    """Keep the newest reading of a life that a person ends; a word that corrects the one before ends no other life."""
    marks = books.state.marks_of_devices[device]
    known, begun = marks.get((NEXT_LIFE, ENDED + kind)), marks.get((NEXT_LIFE, kind))
    is_corrected = known and begun and mark.restart == 1 and mark.seq is None and mark.total == begun.total
    if is_corrected or " " in kind or books.state.rules.edition < _ENDS_SINCE:
        return
    end = CounterPosition(mark.total, mark.seq, mark.ts, at)
    marks[NEXT_LIFE, ENDED + kind] = books.changes.device_marks[device, NEXT_LIFE, ENDED + kind] = end


def repeats_ended_life(marks: Marks, kind: str, mark: CounterPosition, total: int, reading: Reading) -> bool:
    """Return whether a total repeats the life that a person has ended."""
    ended = marks.get((NEXT_LIFE, ENDED + kind)) if mark.restart else None
    return ended is not None and is_of_ended(mark, ended, total, reading)


def newest_life(books: Books, device: str) -> str:
    """Return the present life of a counter, as far as its totals show it; empty if it names none.

    A total that a person enters belongs to it, because people read a figure and know nothing of lives.
    """
    lives = _lives(books.state.marks_of_devices.get(device, {}))
    return max(lives, key=lambda key: (lives[key].at, key))[0] if lives else ""


def _lives(marks: Mapping[tuple[str, str], CounterPosition]) -> dict[tuple[str, str], CounterPosition]:
    return {key: mark for key, mark in marks.items() if key[0] != NEXT_LIFE and not key[1].startswith("delta ")}


def next_life(marks: Mapping[tuple[str, str], CounterPosition], kind: str) -> CounterPosition | None:
    """Return the start of the next life that a person entered, if the device has not reported since."""
    begun = marks.get((NEXT_LIFE, kind))
    if begun is None or not begun.total or any(mark.at > begun.at for mark in marks.values()):
        return None
    return begun


def begin_on(books: Books, plant: str, line: str, name: str, totals: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Restart a counter of a line at totals that a person enters (`begin_again`)."""
    device = find_device(books, name, plant, line, None)
    if isinstance(device, Rejection):
        return device
    return no_counter(device) or begin_again(books, device, totals)


def no_counter(device: Device) -> Rejection | None:
    """Refuse a total that a person enters for a scanner."""
    if device.kind == "counter":
        return None
    text = f"{device.device} is a {device.kind}: expected a counter, which has totals"
    return Rejection(Reason.BAD_COMMAND, text)
