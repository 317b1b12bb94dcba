"""Times for people and JSON, durations, and the gateway's clock."""

import math
from collections import deque
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from devices.errors import Rejection, show
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.dates import FIRST_YEAR, LAST_YEAR, instant
from gateway.errors import Reason
from gateway.journal import SET_US

DOUBT_S: Final = 60.0
"""A clock that was set is followed after running for this time."""
_LONG_US: Final = 86_400_000_000

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: int) -> str:
    """Print microseconds UTC as ISO 8601 with milliseconds.

    >>> iso(1_795_334_400_123_456)
    '2026-11-22T08:00:00.123Z'
    """
    seconds, rest = divmod(at, 1_000_000)
    return f"{_second(seconds)}.{rest // 1000:03d}Z"


@lru_cache(maxsize=256)
def _second(seconds: int) -> str:
    return f"{_EPOCH + timedelta(seconds=seconds):%Y-%m-%dT%H:%M:%S}"


def zone_of(master: MasterData, plant: str) -> str:
    """Return the time zone of a plant; of any other name the one that all plants share, else UTC."""
    if plant in master.plants:
        return master.plants[plant].time_zone
    zones = {each.time_zone for each in master.plants.values()}
    return zones.pop() if len(zones) == 1 else "UTC"


def read_time(text: str, zone: str, *, loose: bool = False) -> int | Rejection:
    """Read an ISO 8601 date or time, microseconds UTC; without an offset it is the zone's.

    loose: accept a time that no clock shows, or shows twice.

    >>> read_time("1971-01-01T01:00", "Europe/Berlin") == read_time("1971-01-01T00:00Z", "UTC")
    True
    >>> print(read_time("2201-01-01", "UTC").text)
    expected a time from 1971 to 2200, got '2201-01-01'
    """
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return Rejection(Reason.BAD_COMMAND, f"expected a time such as 2026-11-22T06:00, got {show(text)}")
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        return Rejection(Reason.BAD_COMMAND, f"expected a time from {FIRST_YEAR} to {LAST_YEAR}, got {show(text)}")
    if moment.tzinfo is None:
        if not loose:
            return instant(moment, zone)
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return int(moment.timestamp() * 1_000_000)


def read_begin(text: str, zone: str) -> int | Rejection:
    """Read the begin of a period: a time, or the first moment of a date, even if clocks go forward over midnight."""
    return read_time(text, zone, loose=len(text) <= len("2026-11-22"))


def read_end(text: str, zone: str) -> int | Rejection:
    """Read the end of a period: the moment after a time, or after a whole date.

    >>> read_end("1971-01-01", "UTC") == read_begin("1971-01-02", "UTC")
    True
    """
    try:
        return read_begin(str(date.fromisoformat(text) + timedelta(days=1)), zone)
    except (ValueError, OverflowError):
        at = read_begin(text, zone)
        return at + 1 if isinstance(at, int) else at


class Moment(NamedTuple):
    """A reading of the clock, microseconds UTC."""

    at: int
    beside: int | None
    """The time of the machine's clock, while it is in doubt which one is right."""


class SteadyClock:
    """The gateway's clock: the machine's, which is not followed immediately when it is set.

    A clock that is set is right from then on, or was set wrongly and will be set again; the gateway cannot know which.
    So for a while (`DOUBT_S`) time goes on as before, and the machine's time is reported next to it. After that a
    steady clock is followed, forward or back. One that is behind the messages before the start is in doubt as well.
    Adjustments are followed at once. Any thread may ask.
    """

    def __init__(self, wall: Callable[[], int], monotonic: Callable[[], float], at: int) -> None:
        """Begin at `at` or now, whichever is later; `wall` gives microseconds UTC, `monotonic` seconds."""
        self.wall: Final = wall
        self.monotonic: Final = monotonic
        self._lock = Lock()
        self._ahead = max(wall(), at) - round(monotonic() * 1e6)
        self._doubted: int | None = None
        self._since_s = monotonic()
        self._set_s = monotonic() if abs(wall() - at) >= _LONG_US else float("-inf")
        self.followed = 0
        """The number of times that it followed a clock that was set."""

    def __call__(self) -> int:
        """Return microseconds UTC."""
        return self.look().at

    def look(self) -> Moment:
        """Return the time, and the machine's time if it differs."""
        with self._lock:
            now_s, wall = self.monotonic(), self.wall()
            passed = round(now_s * 1e6)
            ahead, before = wall - passed, self._doubted
            if abs(ahead - self._ahead) < SET_US:
                self._ahead, self._doubted = ahead, None
                return Moment(wall, None)
            if before is None or abs(ahead - before) >= SET_US:
                self._since_s = now_s
            self._doubted = ahead
            if now_s - self._since_s < DOUBT_S:
                return Moment(self._ahead + passed, wall)
            self._ahead, self._doubted, self._set_s = ahead, None, now_s
            self.followed += 1
            return Moment(wall, None)

    @property
    def stands_s(self) -> float:
        """The seconds since a set clock was followed, also at the start after a day without a message."""
        return self.monotonic() - self._set_s


class Durations:
    """The last durations of something that happens again and again; any thread may ask."""

    def __init__(self, most: int = 1_000) -> None:
        self._last: deque[float] = deque(maxlen=most)

    def note(self, seconds: float) -> None:
        """Take one more."""
        self._last.append(seconds)

    def percentile(self, per_cent: int) -> float | None:
        """Return the seconds within which this part of them ended; None if there were none.

        >>> some = Durations()
        >>> for seconds in range(1, 201):
        ...     some.note(seconds)
        >>> some.percentile(50), some.percentile(99), Durations().percentile(50)
        (100, 198, None)
        """
        last = sorted(self._last)
        return last[math.ceil(len(last) * per_cent / 100) - 1] if last else None
