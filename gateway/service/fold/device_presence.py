"""Device presence: the last sign of life of each known device, and how often it came and went.

Any message on one of its topics counts, accepted or not: it shows that the device and its network live. The times are
those of journal batches, so that an old journal is not judged by today's clock. What the broker had kept is of an
unknown time and no sign of life; a kept state still says whether the device is there. Names outside the master data
are never kept.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet

from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import Device
from gateway.journal import JournalBatch
from gateway.mqtt.topics import KINDS, Topics

FLAPPING_WITHIN_US = 600_000_000
JUDGE_EVERY_US = 1_000_000


class DevicePresence:
    """Signs of life of the devices of this gateway's lines."""

    def __init__(self, topics: Topics, owns: Callable[[tuple[str, str]], bool], flaps: int) -> None:
        """Judge the devices of lines that it `owns`; `flaps` changes within ten minutes are too many, 0: never."""
        self._topics = topics
        self._owns = owns
        self._flaps = flaps
        self._digest: str | None = None
        self._devices: dict[str, str] = {}
        self._heard: dict[str, int] = {}
        self._begun: dict[str, int] = {}
        """Devices of which no time is known: that at which waiting for them began."""
        self._said: dict[str, bytes] = {}
        self._spoke: set[str] = set()
        """Devices with another message since their last state: that makes the will of an older connection void."""
        self._changes: dict[str, deque[int]] = {}
        self._judged = 0
        self.silent: frozenset[str] = frozenset()
        """Devices that are offline, or silent longer than their `stale_s`, as of the last judgement."""
        self.flapping: frozenset[str] = frozenset()
        """Devices that came and went too often."""

    def hear(self, batches: Iterable[JournalBatch]) -> None:
        """Note the devices in some batches."""
        devices, heard = self._devices, self._heard
        for batch in batches:
            for entry in batch.entries:
                device = devices.get(entry.topic)
                if device is not None:
                    if not entry.retain:
                        heard[device] = batch.at
                    if entry.topic.endswith("/state"):
                        self._hear_state(device, entry.payload, batch.at)
                    elif not entry.retain:
                        self._spoke.add(device)

    def hear_published(self, heard: AbstractSet[str], spoke: Mapping[str, bool], at: int) -> None:
        """Note devices `heard` in messages of other publishers, and whether each `spoke`, beyond its presence, last."""
        for device in heard & self._heard.keys():
            self._heard[device] = at
        for device in spoke.keys() & self._heard.keys():
            if spoke[device]:
                self._spoke.add(device)
            else:
                self._judged = 0
                self._spoke.discard(device)

    def _hear_state(self, device: str, payload: bytes, at: int) -> None:
        self._judged = 0
        self._spoke.discard(device)
        if self._said.get(device, payload) != payload:
            self._changes.setdefault(device, deque(maxlen=max(1, self._flaps))).append(at)
        self._said[device] = payload[:64]

    def signs(self, state: State, device: Device) -> Signs:
        """Return the signs of life of a device."""
        name = device.device
        heard_at, online = self._heard.get(name, 0), state.online.get(name)
        if heard_at == self._begun.get(name):
            heard_at = 0
        return Signs(heard_at, None if online is False and name in self._spoke else online, name in self.silent)

    def begin_anew(self, now: int) -> None:
        """Restart the time of all devices: the clock was set, which proves nothing about them."""
        self._judged = 0
        self._heard = dict.fromkeys(self._heard, now)
        self._begun = dict(self._heard)
        self._changes.clear()

    def judge(self, state: State, now: int, until: int) -> None:
        """Find the silent and the flapping devices again, at most once a second.

        `until` is the time of the newest folded batch: silence after it may be this gateway's own.
        """
        if now - self._judged < JUDGE_EVERY_US and state.master.digest == self._digest:
            return
        self._judged = now
        if state.master.digest != self._digest:
            self._learn(state, now)
        silent = []
        for name, heard_at in self._heard.items():
            at = self._heard[name] = min(heard_at, now)  # it was dated by a clock ahead of time
            device = state.master.devices[name]
            left = state.online.get(name) is False and name not in self._spoke
            if left or (device.stale_s and until - at > device.stale_s * 1_000_000):
                silent.append(name)
        self.silent = frozenset(silent)
        self.flapping = frozenset(
            device
            for device, times in self._changes.items()
            if self._flaps and len(times) == self._flaps and now - times[0] <= FLAPPING_WITHIN_US
        )

    def _learn(self, state: State, now: int) -> None:
        """Learn the devices' names; the time of one never heard starts now."""
        self._digest = state.master.digest
        mine = [d for d in state.master.devices.values() if not d.disabled and self._owns((d.plant, d.line))]
        self._devices = {self._topics.device(d.plant, d.line, d.device, kind): d.device for d in mine for kind in KINDS}
        known = self._heard
        self._heard = {}
        for device in mine:
            marks = state.marks_of_devices.get(device.device, {}).values()
            newest = max((mark.at for mark in marks), default=0)
            if not newest and device.device not in known:
                self._begun[device.device] = now
            self._heard[device.device] = known.get(device.device, min(newest or now, now))
        for kept in (self._said, self._changes, self._begun):
            for name in kept.keys() - self._heard.keys():
                del kept[name]
        self._spoke &= self._heard.keys()
