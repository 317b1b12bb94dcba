"""The signs of life are true: late is what waits in the journal, and only a good end is told as one."""

import asyncio
import json
from typing import Any

import pytest

from gateway.mqtt.topics import Topics
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.messages import Message
from gateway.service.times import Durations, SteadyClock
from gateway.service.watch.health import FlowProgress, Vitals
from gateway.settings import Settings

NOW = 1_795_334_400_000_000
FLOW = FlowProgress(
    connected=True,
    watched=True,
    waiting_in=0,
    waiting_out=0,
    last=0,
    consumed=0,
    used=0,
    cursor=0,
    progress=(0, 0),
    commits=Durations(),
    answers=Durations(),
    disk_free=None,
    dropped=None,
)
TOPICS = Topics("bf/v1", "gw1")


class Life:
    """One life, with a journal and a clock of its own."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.flow = FLOW
        self.sent: list[Message] = []
        clock = SteadyClock(lambda: NOW + int(self.now_s * 1e6), lambda: self.now_s, NOW)
        alerts = Alerts(TOPICS, clock, self.sent.extend)
        self.vitals = Vitals(Settings(), TOPICS, lambda: self.flow, clock, alerts, self.sent.extend)
        self.vitals.ledger_up = True

    def goes_on(self, seconds: float, last: int, consumed: int) -> bool:
        """Let time pass with the journal and the ledger so far; return whether the ledger follows."""
        self.flow = FLOW._replace(last=last, consumed=consumed)
        for _ in range(round(seconds * 2)):
            self.now_s += 0.5
            asyncio.run(self.vitals.tick())
        return self.vitals.follows

    @property
    def states(self) -> list[dict[str, Any]]:
        """What it has said of its state."""
        return [json.loads(message.payload) for message in self.sent if message.topic == TOPICS.state]


@pytest.mark.parametrize(
    ("steps", "follows"),
    [
        ([(60, 9, 9)], True),
        ([(5, 9, 8)], True),
        ([(7, 9, 8)], False),
        ([(7, 9, 8), (0.5, 20, 9)], False),  # it catches up, and what came meanwhile is not consumed yet
        ([(7, 9, 8), (0.5, 20, 9), (1, 20, 20)], True),
        ([(3, 10 * n, 10 * n - 10) for n in range(1, 20)], True),  # always three seconds behind
        ([(8, 10 * n, 10 * n - 10) for n in range(1, 20)], False),  # always eight
    ],
)
def test_a_gateway_is_late_while_messages_have_waited_in_its_journal_for_more_than_six_seconds(
    steps: list[tuple[float, int, int]], follows: bool
) -> None:
    life = Life()
    assert [life.goes_on(*step) for step in steps][-1] is follows


@pytest.mark.parametrize(
    ("fails", "last"), [(False, {"state": "offline", "phase": "stopped"}), (True, {"state": "offline"})]
)
def test_only_a_life_that_no_error_ends_is_stopped(fails: bool, last: dict[str, str]) -> None:
    life = Life()
    life.vitals.enter("ready")
    life.vitals.fails = fails
    life.vitals.enter("draining")
    asyncio.run(life.vitals.stop())
    assert life.states[-1] == last
    assert ({"state": "online", "phase": "draining"} in life.states) is not fails
