"""Device presence: when each known device was last heard, and how often it came and went.

Heard is whatever arrives on one of its topics, believed or not: the question is whether the device and its network
live. Judged by the times of journal batches, so that reading an old journal judges nobody by today's clock. A name
that is not in the master data is never kept.
"""

from collections import deque
from collections.abc import Callable, Iterable

from gateway.backflush.memory.state import State
from gateway.journal import Batch
from gateway.mqtt.topics import KINDS, Topics

FLAPPING_WITHIN_US = 600_000_000
JUDGE_EVERY_US = 1_000_000


class DevicePresence:
    """What was heard of the devices of this gateway's lines."""

    def __init__(self, topics: Topics, owns: Callable[[tuple[str, str]], bool], flaps: int) -> None:
        """Judge the devices of lines that it `owns`; `flaps` changes within ten minutes are too many, 0: never."""
        self._topics = topics
        self._owns = owns
        self._flaps = flaps
        self._digest: str | None = None
        self._devices: dict[str, str] = {}
        self._heard: dict[str, int] = {}
        self._said: dict[str, bytes] = {}
        self._spoke: set[str] = set()
        """Who has said anything else since its last state: a will that an older connection left is over by that."""
        self._changes: dict[str, deque[int]] = {}
        self._judged = 0
        self.silent: frozenset[str] = frozenset()
        """Devices that are offline, or silent for longer than their `stale_s`, as of the last judgement."""
        self.flapping: frozenset[str] = frozenset()
        """Devices that came and went too often."""

    def hear(self, batches: Iterable[Batch]) -> None:
        """Note who speaks in some batches."""
        devices, heard = self._devices, self._heard
        for batch in batches:
            for entry in batch.entries:
                device = devices.get(entry.topic)
                if device is not None:
                    heard[device] = batch.at
                    if entry.topic.endswith("/state"):
                        self._hear_state(device, entry.payload, batch.at)
                    else:
                        self._spoke.add(device)

    def _hear_state(self, device: str, payload: bytes, at: int) -> None:
        self._judged = 0
        self._spoke.discard(device)
        if self._said.get(device, payload) != payload:
            self._changes.setdefault(device, deque(maxlen=max(1, self._flaps))).append(at)
        self._said[device] = payload[:64]

    def begin_anew(self, now: int) -> None:
        """Give everybody time from now on: the clock was set, which says nothing of them."""
        self._judged = 0
        self._heard = dict.fromkeys(self._heard, now)
        self._changes.clear()

    def judge(self, state: State, now: int, until: int) -> None:
        """Say anew who is silent and who flaps, at most once a second.

        `until` is when the newest came of what is folded: silence after it may be this gateway's own.
        """
        if now - self._judged < JUDGE_EVERY_US and state.master.digest == self._digest:
            return
        self._judged = now
        if state.master.digest != self._digest:
            self._learn(state, now)
        silent = []
        for name, heard_at in self._heard.items():
            at = self._heard[name] = min(heard_at, now)  # a clock that was ahead has dated it
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
        """Learn the devices' names; who was never heard is given its time from now on."""
        self._digest = state.master.digest
        mine = [d for d in state.master.devices.values() if not d.disabled and self._owns((d.plant, d.line))]
        self._devices = {self._topics.device(d.plant, d.line, d.device, kind): d.device for d in mine for kind in KINDS}
        known = self._heard
        self._heard = {}
        for device in mine:
            marks = state.marks_of_devices.get(device.device, {}).values()
            newest = max((mark.at for mark in marks), default=now)
            self._heard[device.device] = known.get(device.device, min(newest, now))
        for kept in (self._said, self._changes):
            for name in kept.keys() - self._heard.keys():
                del kept[name]
        self._spoke &= self._heard.keys()
