"""Device status: the retained topic of each device, from what the marks and its signs of life say.

A condition (state, flags, open quarantine entries) is published as soon as a look finds it changed; figures that grow
(total, sequence, time) at most every `FIGURES_EVERY_S`, a limited number per look, so that a thousand devices cost no
more than a few messages a second. Only devices of the master data have a topic; a device that goes leaves it empty.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from gateway.backflush.memory.changes import GAP, Ask
from gateway.backflush.memory.device_life import Signs, life_of, newest_mark
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import Device
from gateway.mqtt.topics import Topics
from gateway.service.tell.messages import Message, encode
from gateway.service.tell.payloads import DeviceStatus
from gateway.service.times import iso

LOOK_EVERY_S = 2.0
FIGURES_EVERY_S = 30.0
AGAIN_EVERY_S = 600.0
"""The interval of repeating an unchanged status, for a broker that has lost it."""
MOST_FIGURES = 100
"""The most statuses per look whose figures alone have changed, or that are repeated."""
_FIGURES = ("heard_at", "total", "seq")
"""They change with nearly every message."""
_AMOUNTS = ("skew_s", "quarantine")
"""Of these, whether there is any counts; how much may wait like a figure."""


class KnownOfDevices(NamedTuple):
    """Facts about the devices besides the state of the engine."""

    signs: Callable[[Device], Signs]
    flapping: frozenset[str]
    quarantine: Mapping[str, int]
    """Open entries by device."""


class _Published(NamedTuple):
    topic: str
    status: DeviceStatus
    at_s: float

    def condition(self) -> tuple[object, ...]:
        return _condition(self.status)


def _condition(status: DeviceStatus) -> tuple[object, ...]:
    said = {name: bool(value) if name in _AMOUNTS else value for name, value in status.items() if name not in _FIGURES}
    return tuple(said.values())


class DeviceStatuses:
    """Remembers the published statuses; `unsafe` names the devices that publish with QoS 0."""

    def __init__(
        self,
        topics: Topics,
        owns: Callable[[tuple[str, str]], bool],
        monotonic: Callable[[], float],
        unsafe: Callable[[], frozenset[str]],
    ) -> None:
        self._topics = topics
        self._owns = owns
        self._monotonic = monotonic
        self._unsafe = unsafe
        self._told: dict[str, _Published] = {}
        self._gaps: dict[str, int] = {}
        self._looked_s = float("-inf")

    def note(self, asks: Iterable[Ask], at: int) -> None:
        """Note the devices that were asked to report because of a gap."""
        for ask in asks:
            if ask.reason == GAP:
                self._gaps[ask.device] = at

    @property
    def is_due(self) -> bool:
        """Whether it is time for another look."""
        return self._monotonic() - self._looked_s >= LOOK_EVERY_S

    def look(self, state: State, known: KnownOfDevices) -> list[Message]:
        """Look at every device, and return the statuses to publish."""
        now_s = self._looked_s = self._monotonic()
        messages: list[Message] = []
        due: list[tuple[float, str, _Published]] = []
        unsafe, told = self._unsafe(), self._told
        devices = {d.device: d for d in state.master.devices.values() if self._owns((d.plant, d.line))}
        for name, device in devices.items():
            topic = self._topics.device_status(device.plant, device.line, name)
            new = _Published(topic, self._status(state, device, known, unsafe), now_s)
            old = told.get(name)
            if old is None or old.topic != topic or old.condition() != new.condition():
                if old is not None and old.topic != topic:
                    messages.append(Message(old.topic, b"", retain=True))
                told[name] = new
                messages.append(_message(new))
            elif now_s - old.at_s >= (FIGURES_EVERY_S if old.status != new.status else AGAIN_EVERY_S):
                due.append((old.at_s, name, new))
        for _, name, new in sorted(due)[:MOST_FIGURES]:
            told[name] = new
            messages.append(_message(new))
        gone = [told.pop(name) for name in told.keys() - devices.keys()]
        messages += [Message(each.topic, b"", retain=True) for each in gone]
        self._gaps = {name: at for name, at in self._gaps.items() if name in devices}
        return messages

    def _status(self, state: State, device: Device, known: KnownOfDevices, unsafe: frozenset[str]) -> DeviceStatus:
        name = device.device
        marks, signs = state.marks_of_devices.get(name, {}), known.signs(device)
        life, mark = life_of(device, marks, signs), newest_mark(marks, device.role)
        gap, off = self._gaps.get(name), state.skewed.get(name)
        return {
            "state": life.state,
            "since": iso(life.since) if life.since else None,
            "heard_at": iso(signs.heard_at) if signs.heard_at else None,
            "kind": device.kind,
            "role": device.role if device.kind == "counter" else "",
            "point": device.operation,
            "total": mark.total if mark is not None else None,
            "seq": mark.seq if mark is not None else None,
            "gap": iso(gap) if gap else None,
            "flapping": name in known.flapping,
            "skew_s": round(off[0] / 1e6) if off is not None else None,
            "qos0": name in unsafe,
            "disabled": device.disabled,
            "quarantine": known.quarantine.get(name, 0),
        }


def _message(told: _Published) -> Message:
    return Message(told.topic, encode(told.status), retain=True)
