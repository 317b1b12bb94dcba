"""Setting back: what a clock that was ahead has left, once time goes back from one journal batch to the next.

What is posted stays, with its dates: a person may reverse it. What is kept to be compared with the time cannot be later
than now: nothing would come of it until the clock has been there again, perhaps in years.

    windows          of a number of seconds close after the seconds that were left; one of a future day closes now
    counters' marks  were moved now at the latest: else a step is never held to be plausible, nor a life new
    scans without id came now at the latest: the same code within the duplicate window is the same pull still
    what was asked of devices, and how far their clocks were off, begins anew

What another gateway owns is its own to set back.
"""

from gateway.backflush.memory.records import LastScan
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.windows import set_back_windows


def set_back(books: Books) -> None:
    """Take back to the turn's time what lies after it."""
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
