"""Time stamps of devices: a moment in microseconds since 1970-01-01T00:00Z, or none.

Accepted are ISO 8601 date-times (with `Z`, an offset, or without either: then in the device's time zone) and epoch
numbers (below 1e11 seconds, from there on milliseconds; decimals are allowed).

Idea: a date-time with offset is a sum of two independent parts, the whole seconds of its first 19 characters and the
fraction less the offset of the rest. Both repeat from telegram to telegram, so each is parsed once and remembered,
in bounded memory.

Laws: no moment before 1970 or from the year 10000 on; a local time that daylight saving skips is none; a repeated one
is the first of the two. A clock that is merely wrong is not judged here.
"""

import re
from datetime import UTC, datetime, timedelta, tzinfo
from functools import lru_cache

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_END = 253_402_300_800_000_000
_MILLISECONDS_FROM = 100_000_000_000
_LONGEST = 40

_SECONDS = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}")
_REST = re.compile(r"(?:[.,]([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):?([0-9]{2})?)")
_LOCAL_REST = re.compile(r"(?:[.,]([0-9]{1,9}))?")
_OTHER_FORMS = re.compile(r"[0-9W:-]{7,10}[Tt ][0-9:.,]{2,15}(?:[Zz]|[+-][0-9:]{2,5})?")


def from_iso(text: str, zone: tzinfo | None) -> int | None:
    """Return the moment of an ISO 8601 date-time, or None if there is none.

    `zone` is the device's time zone, for texts without offset; digits beyond the microsecond are cut off.

    >>> from_iso("1970-01-01T01:00:00.5+01:00", None)
    500000
    """
    if len(text) > _LONGEST:  # nor may it be remembered
        return None
    seconds = _seconds(text[:19])
    rest = _rest(text[19:])
    if seconds is None or rest is None:
        return _from_other(text, zone)
    moment = seconds + rest
    return moment if 0 <= moment < _END else None


def from_epoch(number: float) -> int | None:
    """Return the moment of an epoch number, or None if it is negative, not finite or beyond the year 9999."""
    if not 0 <= number < _END // 1000:
        return None
    moment = round(number * (1_000_000 if number < _MILLISECONDS_FROM else 1000))
    return moment if moment < _END else None


@lru_cache(maxsize=4096)
def _seconds(text: str) -> int | None:
    if _SECONDS.fullmatch(text) is None:
        return None
    try:
        return _since_epoch(datetime.fromisoformat(text.upper()).replace(tzinfo=UTC))
    except ValueError:
        return None


@lru_cache(maxsize=8192)
def _rest(text: str) -> int | None:
    """Return fraction less offset in microseconds; None without a possible offset."""
    match = _REST.fullmatch(text)
    if match is None:
        return None
    fraction, sign, hours, minutes = match.groups()
    offset = int(hours or 0) * 60 + int(minutes or 0)
    if offset >= 24 * 60 or int(minutes or 0) >= 60:
        return None
    shift = offset * 60_000_000
    return _microseconds(fraction) + (shift if sign == "-" else -shift)


def _from_other(text: str, zone: tzinfo | None) -> int | None:
    """Read the forms that the fast way cannot: local times, and the basic, week and minute forms of ISO 8601."""
    seconds = _seconds(text[:19])
    if seconds is not None:
        local = _LOCAL_REST.fullmatch(text[19:])
        if local is None:
            return None
        return _in_zone(_EPOCH + timedelta(microseconds=seconds + _microseconds(local.group(1))), zone)
    if _OTHER_FORMS.fullmatch(text) is None:
        return None
    try:
        moment = datetime.fromisoformat(text.upper())
    except ValueError:
        return None
    return _in_zone(moment, zone) if moment.tzinfo is None else _check_bounds(moment)


def _in_zone(wall_clock: datetime, zone: tzinfo | None) -> int | None:
    if zone is None:
        return None
    moment = wall_clock.replace(tzinfo=zone)
    try:
        back = moment.astimezone(UTC).astimezone(zone)
    except OverflowError:
        return None
    skipped = back.replace(tzinfo=None) != moment.replace(tzinfo=None)
    return None if skipped else _check_bounds(moment)


def _check_bounds(moment: datetime) -> int | None:
    microseconds = _since_epoch(moment)
    return microseconds if 0 <= microseconds < _END else None


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


def _microseconds(fraction: str | None) -> int:
    return int(fraction[:6].ljust(6, "0")) if fraction else 0
