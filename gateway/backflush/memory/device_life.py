"""Device life: the state of a device, and since when, by its master data, its marks and its signs of life.

The first of these that holds:

    disabled   the master data switch it off
    begins     a person has said at which totals it begins again, and it has not reported since
    offline    it said so, or its last will did, and nothing came since
    stale      nothing came for longer than its `stale_s`
    baseline   its first total is the starting point: nothing is counted yet
    online     it said so
    heard      it is heard, and never says whether it is there
    unknown    nothing of it is known yet
"""

from collections.abc import Mapping
from typing import Literal, NamedTuple

from gateway.backflush.plant.snapshot import Device
from gateway.backflush.values.counting import NEXT_LIFE, PASSED_ON, CounterPosition

DeviceState = Literal["disabled", "begins", "offline", "stale", "baseline", "online", "heard", "unknown"]


class DeviceLife(NamedTuple):
    """The state of a device; `since` is in microseconds UTC, 0 if that is unknown."""

    state: DeviceState
    since: int = 0


class Signs(NamedTuple):
    """Its signs of life: the time of the last one (0: none), what it says of itself, and whether it is missed."""

    heard_at: int = 0
    online: bool | None = None
    silent: bool = False


Marks = Mapping[tuple[str, str], CounterPosition]


def life_of(device: Device, marks: Marks, signs: Signs) -> DeviceLife:
    """Return the state of a device by its marks, (boot, kind) each, and signs of life."""
    if device.disabled:
        return DeviceLife("disabled")
    begun = beginning_of(marks)
    if begun:
        return DeviceLife("begins", begun)
    if signs.silent:
        return DeviceLife("offline" if signs.online is False else "stale", signs.heard_at)
    totals = [mark for (boot, kind), mark in marks.items() if boot != NEXT_LIFE and " " not in kind]
    if totals and not any(mark.units for mark in totals):
        return DeviceLife("baseline", min(mark.at for mark in totals))
    if signs.online:
        return DeviceLife("online")
    return DeviceLife("heard" if signs.heard_at or totals else "unknown")


def beginning_of(marks: Marks) -> int:
    """Return the time at which a person has said where a counter begins again; 0 if it has reported since."""
    begun = max((mark.at for (boot, _), mark in marks.items() if boot == NEXT_LIFE), default=0)
    return 0 if any(mark.at > begun for mark in marks.values()) else begun


def newest_mark(marks: Marks, role: str) -> CounterPosition | None:
    """Return the newest mark of a counter's main total, that of its role if it has one; None without any."""
    known = [(kind == role, mark.at, mark) for (boot, kind), mark in marks.items()
             if boot != NEXT_LIFE and " " not in kind and mark.restart != PASSED_ON]  # fmt: skip
    return max(known, key=lambda each: each[:2], default=(False, 0, None))[2]
