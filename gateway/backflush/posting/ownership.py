"""Ownership: the lines that belong to this gateway. Another writer may have the same message, and posts it."""

from devices.errors import Rejection
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING
from gateway.errors import Reason


def not_ours(state: State, plant: str, line: str) -> Rejection | None:
    """Refuse a message for another gateway's line: that gateway may have it as well, and posts it."""
    if line in ("", ROAMING) or owns(state, plant, line):
        return None
    text = f"line {plant}/{line} is not of this gateway, which has {', '.join(state.owned) or 'none'}"
    return Rejection(Reason.NOT_ALLOWED, text)


def owns(state: State, plant: str, line: str) -> bool:
    """Return whether a line belongs to this gateway."""
    return "*" in state.owned or f"{plant}/{line}" in state.owned or f"{plant}/*" in state.owned
