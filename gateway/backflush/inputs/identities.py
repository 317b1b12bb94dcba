"""Identities: how a repeated scan is recognised.

By its own id; without one by its text and its own time, at any distance. A time says nothing where it cannot be one: a
clock that stands still stamps many pulls alike. So it identifies

    for certain   within the skew limit, or of a scan that was stored (`hist`) within the late limit
    perhaps       as old as a stored scan may be, but not said to be stored: equal ones are shown to a person
    not at all    outside of both: it is as if nothing was said, except that two times are two pulls

What was known for certain once stays so, however old its repetition is.
"""

import hashlib

from devices.messages import Scan
from gateway.backflush.inputs.devices import believable
from gateway.backflush.memory.state import State


def scan_name(said: Scan) -> str:
    """Return the name under which a scan is remembered, if it identifies; empty if it said neither id nor time.

    No id holds a blank, so it is none of these.
    """
    if said.id or said.ts is None:
        return said.id or ""
    return f"at {said.ts} {hashlib.sha256(said.data.encode()).hexdigest()[:32]}"


def name_of_replay(name: str) -> str:
    """Return the name under which it is remembered that a refused scan was posted by replay: what it was told stays."""
    return f"posted {name}"


def is_certain(state: State, now: int, said: Scan) -> bool:
    """Say whether a scan that arrived at a time is identified beyond doubt."""
    return bool(said.id) or (said.ts is not None and believable(state, now, said.ts, hist=said.hist))


def may_be(state: State, now: int, said: Scan) -> bool:
    """Say whether a scan that arrived at a time is identified at least perhaps."""
    return bool(said.id) or (said.ts is not None and believable(state, now, said.ts, hist=True))
