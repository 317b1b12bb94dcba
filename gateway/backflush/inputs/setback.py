"""Setting back: the traces of a clock that was ahead, once time goes back from one journal batch to the next.

Postings stay, with their dates: a person may reverse them. Records that are compared with the time cannot be later
than now: they would have no effect until the clock reaches that time again, perhaps in years.

    windows          of a number of seconds close after the seconds they had left; those of a future day close now
    counters' marks  were moved now at the latest: else no step is plausible, and no life is new
    scans without id came now at the latest: the same code within the duplicate window is still the same pull
    questions to devices, and the offsets of their clocks, are forgotten

Each gateway sets back its own records only.
"""

from gateway.backflush.memory.records import LastScan
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.windows import set_back_windows


def set_back(books: Books) -> None:
    """Move records from after the turn's time back to it."""
    state = books.state
    by, state.now = state.now - books.now, books.now
    set_back_windows(books, by)
    _devices(books)
    latest = books.now + state.rules.skew
    for key, line in state.lines.items():
        if line.last_at > latest:
            line.last_at = books.now
            books.changes.lines[key] = line
    state.asked.clear()
    state.skewed.clear()


def _devices(books: Books) -> None:
    state, now = books.state, books.now
    latest = now + state.rules.skew
    for device in state.master.devices.values():
        if not_ours(state, device.plant, device.line) is not None:
            continue
        newest: dict[str, tuple[int, str]] = {}
        for (boot, kind), mark in state.marks_of_devices.get(device.device, {}).items():
            newest[kind] = max(newest.get(kind, (0, "")), (mark.at, boot))
        for kind, (_, boot) in newest.items():  # older lives may be in memory or not
            mark = state.marks_of_devices[device.device][boot, kind]
            if mark.at > latest or (mark.ts or 0) > latest:
                mark.at = min(mark.at, now)
                mark.ts = None if (mark.ts or 0) > latest else mark.ts
                books.changes.device_marks[device.device, boot, kind] = mark
        last = state.last_scans.get(device.device)
        if last is not None and last.at > now:
            last = LastScan(last.content, now)
            state.last_scans[device.device] = books.changes.last_scans[device.device] = last
