"""Pictures of lines: how often they are told is no matter of a clock that was set."""

import re

from gateway.backflush.memory.records import LineFigures
from gateway.backflush.memory.state import State
from gateway.mqtt.topics import Topics
from gateway.service.tell.outgoing import PICTURE_EVERY_S, Notifier
from gateway.service.tell.payloads import GatewayState, LineStatus

DAY_US = 86_400_000_000
LINE = "1000", "L01"


def notifier(passed: list[float]) -> Notifier:
    """Return one whose seconds are those that have passed."""
    return Notifier(Topics("bf/v1", "gw1"), ["*"], lambda: passed[0])


def test_home_assistant_learns_a_line_once_for_each_connection_and_reads_what_its_status_has() -> None:
    passed, state = [0.0], State()
    state.lines[LINE] = LineFigures(*LINE)
    teller = notifier(passed)
    teller.home.on = True
    topics = []
    for _ in range(3):
        teller.all_lines(state)
        topics.append([message.topic for message in teller.pictures(state, DAY_US, frozenset())])
        passed[0] += PICTURE_EVERY_S
        if len(topics) == 2:
            teller.home.begin_anew()
    status, home = "bf/v1/1000/L01/_status", "homeassistant/device/_bf_2Fv1__1000/L01/config"
    assert topics == [[status, home], [status], [status, home]]
    teller.home.begin_anew()
    [message] = teller.home.show(*LINE)
    read = re.findall(r"value_json\.(\w+)", message.payload.decode())
    assert len(read) > 6
    assert {*read} <= {*LineStatus.__annotations__, *GatewayState.__annotations__}
    assert notifier(passed).home.show(*LINE) == []


def test_a_line_is_published_once_a_second_whatever_the_clock_says_and_its_rate_is_by_the_stopwatch() -> None:
    passed = [0.0]
    state = State()
    line = state.lines[LINE] = LineFigures(*LINE)
    teller = notifier(passed)

    def told(clock_us: int) -> list[bytes]:
        teller.all_lines(state)
        return [message.payload for message in teller.pictures(state, clock_us, frozenset())]

    assert len(told(400 * DAY_US)) == 1
    assert told(400 * DAY_US) == []
    passed[0], line.counted = PICTURE_EVERY_S, 2_000_000
    [picture] = told(DAY_US)
    assert b'"rate_per_min":"120"' in picture
    assert b'"ts":"1970-01-02T' in picture
