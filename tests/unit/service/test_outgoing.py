"""Pictures of lines: how often they are told is no matter of a clock that was set."""

from gateway.backflush.memory.records import LineFigures
from gateway.backflush.memory.state import State
from gateway.mqtt.topics import Topics
from gateway.service.tell.outgoing import PICTURE_EVERY_S, Notifier

DAY_US = 86_400_000_000
LINE = "1000", "L01"


def test_a_line_is_told_of_once_a_second_whatever_the_clock_says_and_its_rate_is_by_the_stopwatch() -> None:
    passed = [0.0]
    state = State()
    line = state.lines[LINE] = LineFigures(*LINE)
    teller = Notifier(Topics("bf/v1", "gw1"), ["*"], lambda: passed[0])

    def told(clock_us: int) -> list[bytes]:
        teller.all_lines(state)
        return [message.payload for message in teller.pictures(state, clock_us, frozenset())]

    assert len(told(400 * DAY_US)) == 1
    assert told(400 * DAY_US) == []
    passed[0], line.counted = PICTURE_EVERY_S, 2_000_000
    [picture] = told(DAY_US)
    assert b'"rate_per_min":"120"' in picture
    assert b'"ts":"1970-01-02T' in picture
