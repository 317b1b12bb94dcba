"""Devices: the sender of a message, its right to that topic, and its event time."""

from devices.errors import Malformed, Rejection
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge
from gateway.backflush.posting.ownership import not_ours
from gateway.errors import Reason


def find_device(books: Books, name: str, plant: str, line: str, claimed: str | None) -> Device | Rejection:
    """Return the device that a topic names, if it may publish there."""
    elsewhere = not_ours(books.state, plant, line)
    if elsewhere is not None:
        return elsewhere
    device = books.state.master.devices.get(name)
    if device is None:
        return Rejection(Reason.UNKNOWN_DEVICE, f"device {name} is not in the master data")
    if device.disabled:
        return Rejection(Reason.DISABLED_DEVICE, f"device {name} is disabled")
    if (device.plant, device.line) != (plant, line):
        if unknown := judge(books.state, Said(plant, line)):
            return unknown
        if device.line != ROAMING:
            own = f"{device.plant}/{device.line}"
            text = f"device {name} belongs to {own}, not to {plant}/{line}"
            return Rejection(Reason.WRONG_PLACE, text, (("line", own),))
    if claimed is not None and claimed != name:
        return Rejection(Malformed.IDENTITY_MISMATCH, f"the payload says device {claimed}, the topic says {name}")
    return device


def event_time(books: Books, device: str, ts: int | None, *, hist: bool) -> int:
    """Return the event time.

    The device's own within the skew limit (or stored, within the late limit), else the time of receipt. The offset
    of a rejected clock is kept until the clock is accepted again.
    """
    skewed, now = books.state.skewed, books.received
    if ts is None:
        return now
    if not believable(books.state, now, ts, hist=hist):
        if not hist and not books.replays:
            skewed[device] = (ts - now, skewed.get(device, (0, 0))[1] + 1)
        return now
    if skewed and not books.replays:
        skewed.pop(device, None)
    return ts


def time_of(state: State, now: int, ts: int | None, *, hist: bool) -> int:
    """Return the event time of a message that arrived at a time: its own, if that is accepted."""
    return ts if ts is not None and believable(state, now, ts, hist=hist) else now


def believable(state: State, now: int, ts: int, *, hist: bool) -> bool:
    """Return whether a device's own time is accepted: if two clocks are in doubt, it decides which one is right."""
    rules, beside = state.rules, state.beside
    early = rules.late_max if hist else rules.skew
    if now - early <= ts <= now + rules.skew:
        return True
    return beside is not None and beside - early <= ts <= beside + rules.skew
