"""Times as people and JSON read them."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(at: int) -> str:
    """Print microseconds UTC as ISO 8601 with milliseconds.

    >>> iso(1_795_334_400_123_456)
    '2026-11-22T08:00:00.123Z'
    """
    moment = _EPOCH + timedelta(microseconds=at)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
