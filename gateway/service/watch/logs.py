"""Logs: also on the log topic, with a limit for repetitions.

A line costs its reader time and its disk space. For each *cause* (the text before its values are filled in) a few lines
pass per minute; the first one of a later minute gives the number held back.
"""

import logging
from collections.abc import Callable

from gateway.mqtt.topics import Topics
from gateway.service.parts import Part
from gateway.service.tell.messages import Message, encode
from gateway.service.times import SteadyClock, iso

log = logging.getLogger("backflush")

MOST_A_MINUTE = 10
MOST_CAUSES = 1_000
_MINUTE_S = 60.0


class Sparing(logging.Filter):
    """Holds back lines that repeat too often within a minute."""

    def __init__(self, clock: Callable[[], float]) -> None:
        """Take a clock in seconds."""
        super().__init__()
        self._clock = clock
        self._said: dict[str, tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Let a line through, or count it."""
        cause, now = str(record.msg), self._clock()
        since, lines = self._said.get(cause, (now, 0))
        if now - since >= _MINUTE_S:
            held_back = lines - MOST_A_MINUTE
            if held_back > 0:
                record.msg, record.args = f"{record.getMessage()} ({held_back} lines like it were held back)", ()
            since, lines = now, 0
        if len(self._said) >= MOST_CAUSES:
            self._said.clear()
        self._said[cause] = since, lines + 1
        return lines < MOST_A_MINUTE


class LogTopic(logging.Handler, Part):
    """Publishes log lines, at QoS 0: only present subscribers get them, and nothing waits for them."""

    def __init__(self, topics: Topics, clock: SteadyClock, send: Callable[[list[Message]], None]) -> None:
        super().__init__()
        self._sparing = Sparing(clock.monotonic)
        self._topic = topics.log
        self._clock = clock
        self._send = send

    async def start(self) -> None:
        """Start to publish log lines."""
        log.addFilter(self._sparing)
        log.addHandler(self)

    async def stop(self) -> None:
        """Stop publishing log lines."""
        log.removeHandler(self)
        log.removeFilter(self._sparing)

    def emit(self, record: logging.LogRecord) -> None:
        """Publish one record; `send` may be called from any thread."""
        body = {"ts": iso(self._clock()), "level": record.levelname.lower(), "text": record.getMessage()}  # `LogLine`
        self._send([Message(self._topic, encode(body), qos=0)])
