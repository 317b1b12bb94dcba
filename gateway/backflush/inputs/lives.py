"""Lives of a counter: which one it is in, and where a person says that its totals begin again."""

from collections.abc import Mapping
from itertools import product

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.inputs.totals import find_mark, mark_of
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.posting.books import Books
from gateway.backflush.values.counting import NEXT_LIFE, PASSED_ON, CounterPosition, begin
from gateway.errors import Reason

_BARE, _NAMED = Reading(good=0), Reading(scrap=0)


def begin_again(books: Books, device: Device, said: Mapping[str, int]) -> dict[str, int] | Rejection:
    """Let a counter begin again where a person says, by kind of total; a kind without a name is that of its role.

    The life that it is in begins there, and so does the next boot if nothing comes of this one before. Totals that
    were not said begin at zero if all do, else nobody knows where.
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
