"""Identities: recognising a repeated scan.

By its own id; without one by its text and its own time, however much later it comes. An impossible time proves nothing:
a clock that stands still stamps many pulls alike. So it identifies

    for certain   within the skew limit, or of a scan that was stored (`hist`) within the late limit
    perhaps       as old as a stored scan may be, but not marked as stored: equal ones are shown to a person
    not at all    outside of both: as if there were no time, except that two times are two pulls

A certain identity stays certain, however old its repetition is.
"""

import hashlib

from devices.messages import Scan
from gateway.backflush.inputs.senders import believable
from gateway.backflush.memory.state import State


def scan_name(said: Scan) -> str:
    """Return the name under which a scan is remembered, if it identifies; empty without id and time.

    No id holds a blank, so no id is such a name.
    """
    if said.id or said.ts is None:
        return said.id or ""
    return f"at {said.ts} {hashlib.sha256(said.data.encode()).hexdigest()[:32]}"


def name_of_replay(name: str) -> str:
    """Return the name under which the replay of a refused scan is remembered; the answer to the scan itself stays."""
    return f"posted {name}"


def is_certain(state: State, now: int, said: Scan) -> bool:
    """Return whether a scan that arrived at a time is identified beyond doubt."""
    return bool(said.id) or (said.ts is not None and believable(state, now, said.ts, hist=said.hist))


def may_be(state: State, now: int, said: Scan) -> bool:
    """Return whether a scan that arrived at a time is identified at least perhaps."""
    return bool(said.id) or (said.ts is not None and believable(state, now, said.ts, hist=True))
