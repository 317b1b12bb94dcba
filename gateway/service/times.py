"""Times as people and JSON read them, and the clock of the journal."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache

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


class Steady:
    """A clock that never goes back: while the wall clock is behind, it goes half as fast until it is overtaken.

    So what waits for time waits twice as long at most, whatever was done to the wall clock.
    """

    def __init__(self, wall: Callable[[], int], monotonic: Callable[[], float], at: int) -> None:
        """Begin at `at` or now, whichever is later; `wall` gives microseconds UTC, `monotonic` seconds."""
        self._wall = wall
        self._monotonic = monotonic
        self._at = at
        self._looked = monotonic()

    def __call__(self) -> int:
        """Return microseconds UTC."""
        before, self._looked = self._looked, self._monotonic()
        self._at = max(self._wall(), self._at + round((self._looked - before) * 500_000))
        return self._at
