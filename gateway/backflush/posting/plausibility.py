"""Plausibility: the most that a person or a label may report at once.

The same column as for counters, `max_step`: the most that the line's fastest device may count within a day, among those
that can count the product in its unit. A line with an unlimited counter has no limit, nor has a line without any limit.
A person may force more, with a reason.
"""

from devices.errors import Rejection
from gateway.backflush.plant.snapshot import Material
from gateway.backflush.posting.books import Books
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

_SINCE = 2
"""The first edition with this limit: older entries were not judged."""
_MINUTES = 1_440
_NO_LIMIT = 1 << 80
"""More than any input can hold."""


def not_plausible(
    books: Books, plant: str, line: str, made: Material, units: int, *, by_hand: bool
) -> Rejection | None:
    """Refuse more than a line can make in a day; a manual posting may force it, a label cannot."""
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
