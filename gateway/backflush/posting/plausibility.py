"""Plausibility: how much a person or a label may say at once.

The same column as for counters, `max_step`: what the fastest device of the line is believed to count within a day, of
those that can count the product in its unit. A line with a counter that has none has no limit, as that counter has
none; nor has a line of which no device has one. A person who forces it says why.
"""

from devices.errors import Rejection
from gateway.backflush.plant.snapshot import Material
from gateway.backflush.posting.books import Books
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

_SINCE = 2
"""The edition from which on it is judged: what older entries said was taken as it came."""
_MINUTES = 1_440
_NO_LIMIT = 1 << 80
"""More than anybody can say."""


def not_plausible(
    books: Books, plant: str, line: str, made: Material, units: int, *, by_hand: bool
) -> Rejection | None:
    """Refuse more than a line can make in a day; who posts by hand can force it, who scans a label has it posted."""
    if books.state.rules.edition < _SINCE:
        return None
    limits = books.state.resolved.limits
    if limits is None:
        limits = books.state.resolved.limits = {}
        for device in books.state.master.devices.values():
            if device.disabled or device.role == "scrap":
                continue
            where = device.plant, device.line, device.unit
            if device.max_step is not None:
                limits[where] = max(device.max_step * device.weight * _MINUTES, limits.get(where, 0))
            elif device.kind == "counter":
                limits[where] = _NO_LIMIT
    limit = max(limits.get((plant, line, made.unit), 0), limits.get((plant, line, ""), 0)) or _NO_LIMIT
    if units <= limit:
        return None
    text = (
        f"{format_quantity(units)} {made.unit} are more than line {plant}/{line} can make in a day, which is "
        f"{format_quantity(limit)}: {'' if by_hand else 'a posting by hand with '}--force "
        f"{'with' if by_hand else 'and'} a reason takes it"
    )
    return Rejection(Reason.JUMP, text)
