"""Statuses of devices: told when their condition changes, figures now and then, a thousand at little cost."""

import json

from gateway.backflush.memory.changes import GAP, Ask
from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.state import State
from gateway.backflush.values.counting import CounterPosition
from gateway.mqtt.topics import Topics
from gateway.service.tell.device_status import (
    FIGURES_EVERY_S,
    LOOK_EVERY_S,
    MOST_FIGURES,
    DeviceStatuses,
    KnownOfDevices,
)
from gateway.service.tell.messages import Message
from tests.builders import counter, plant, scanner

SECOND = 1_000_000


class Hall:
    """Devices, a stopwatch, and what is known of them."""

    def __init__(self, devices: int = 0) -> None:
        many = [counter(f"C{number}") for number in range(2, devices + 2)]
        self.state = State(master=plant(devices=[counter(), scanner(), *many]))
        self.passed = 0.0
        self.heard = 0
        self.silent = False
        self.held: dict[str, int] = {}
        self.qos0: frozenset[str] = frozenset()
        owns = lambda line: line[1] != "L2"  # noqa: E731 - the lines of another gateway
        self.statuses = DeviceStatuses(Topics("bf/v1", "gw1"), owns, lambda: self.passed, lambda: self.qos0)

    def look(self, seconds: float = LOOK_EVERY_S) -> list[Message]:
        """Let time pass, and return what is told."""
        self.passed += seconds
        if not self.statuses.is_due:
            return []
        known = KnownOfDevices(
            lambda device: Signs(self.heard, None, self.silent and device.device == "C1"), frozenset(), self.held
        )
        return self.statuses.look(self.state, known)

    def count(self, total: int) -> None:
        """Let every counter be heard with a total."""
        self.heard += SECOND
        for name in self.state.master.devices:
            self.state.marks_of_devices[name] = {("", "good"): CounterPosition(total, total, None, self.heard, total)}


def test_a_condition_is_told_at_once_and_figures_now_and_then() -> None:
    hall = Hall()
    hall.count(1)
    first = hall.look()
    assert [message.topic for message in first] == [f"bf/v1/1000/L1/_device/{name}" for name in ("C1", "S1")]
    assert all(message.retain and message.qos == 1 for message in first)
    assert hall.look(LOOK_EVERY_S / 2) == hall.look() == []
    hall.count(2)
    assert hall.look() == [], "its figures alone"
    hall.silent = True
    hall.qos0 = frozenset({"C1"})
    hall.held = {"C1": 3}
    hall.state.skewed["C1"] = (-5 * SECOND, 1)
    hall.statuses.note([Ask("1000", "L1", "C1", GAP)], 9 * SECOND)
    [told] = hall.look()
    assert json.loads(told.payload) == {
        "state": "stale", "since": "1970-01-01T00:00:02.000Z", "heard_at": "1970-01-01T00:00:02.000Z",
        "kind": "counter", "role": "good", "point": "", "total": 2, "seq": 2, "gap": "1970-01-01T00:00:09.000Z",
        "flapping": False, "skew_s": -5, "qos0": True, "disabled": False, "quarantine": 3,
    }  # fmt: skip
    hall.held, hall.state.skewed["C1"] = {"C1": 4}, (-6 * SECOND, 2)
    assert hall.look() == [], "how much it is may wait"
    assert {message.topic[-2:] for message in hall.look(FIGURES_EVERY_S)} == {"C1", "S1"}


def test_a_device_that_goes_or_moves_leaves_its_topic_empty() -> None:
    hall = Hall()
    hall.look()
    hall.state.master = plant(devices=[counter(line="L3"), scanner(disabled=True)])
    told = {message.topic: message.payload for message in hall.look()}
    assert told["bf/v1/1000/L1/_device/C1"] == b""
    assert json.loads(told["bf/v1/1000/L3/_device/C1"])["state"] == "unknown"
    assert json.loads(told["bf/v1/1000/L1/_device/S1"])["state"] == "disabled"
    hall.state.master = plant(devices=[counter(line="L2")])
    told = {message.topic: message.payload for message in hall.look()}
    assert told.pop("bf/v1/1000/L3/_device/C1") == b"", "L2 is another gateway's"
    assert told.keys() == {"bf/v1/1000/L1/_device/S1"}, "enabled again"


def test_thousands_of_counting_devices_are_told_a_few_at_a_time() -> None:
    hall = Hall(2_000)
    hall.count(1)
    assert len(hall.look()) == 2_002
    told: set[str] = set()
    for total in range(2, 24):  # the first ones are due again before the last ones had their turn
        hall.count(total)
        some = hall.look(LOOK_EVERY_S if told else FIGURES_EVERY_S)
        assert len(some) == MOST_FIGURES
        told.update(message.topic for message in some)
    assert len(told) == 2_002, "each has its turn"
