"""Time stamps of telegrams, and the moments that they name."""

import json
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.decoders import decode_count, decode_scan
from devices.errors import Malformed, Rejection
from devices.messages import Reading

BERLIN = ZoneInfo("Europe/Berlin")


def micros(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


@pytest.mark.parametrize(
    ("ts", "zone", "moment"),
    [
        ('"2026-11-22T08:15:30Z"', None, micros(2026, 11, 22, 8, 15, 30)),
        ('"2026-11-22T08:15:30.1Z"', None, micros(2026, 11, 22, 8, 15, 30) + 100_000),
        ('"2026-11-22T08:15:30,123456789Z"', None, micros(2026, 11, 22, 8, 15, 30) + 123_456),
        ('"2026-11-22t08:15:30z"', None, micros(2026, 11, 22, 8, 15, 30)),
        ('"2026-11-22T08:15:30+01:00"', None, micros(2026, 11, 22, 7, 15, 30)),
        ('"2026-11-22T08:15:30-0530"', None, micros(2026, 11, 22, 13, 45, 30)),
        ('"2026-11-22T08:15:30+01"', None, micros(2026, 11, 22, 7, 15, 30)),
        ('"20261122T081530Z"', None, micros(2026, 11, 22, 8, 15, 30)),
        ('"2026-11-22T08:15Z"', None, micros(2026, 11, 22, 8, 15)),
        ('"2026-W47-7T08:15:30Z"', None, micros(2026, 11, 22, 8, 15, 30)),
        ('"2026-11-22T08:15:30"', BERLIN, micros(2026, 11, 22, 7, 15, 30)),
        ('"2026-11-22 08:15:30.5"', BERLIN, micros(2026, 11, 22, 7, 15, 30) + 500_000),
        ('"2026-07-22T08:15:30"', BERLIN, micros(2026, 7, 22, 6, 15, 30)),
        ('"2026-10-25T02:30:00"', BERLIN, micros(2026, 10, 25, 0, 30)),  # the first of two
        ('"2026-11-22T08:15:30+01:00"', ZoneInfo("Asia/Tokyo"), micros(2026, 11, 22, 7, 15, 30)),
        ("0", None, 0),
        ("1795335330", None, micros(2026, 11, 22, 8, 15, 30)),
        ("1795335330.25", None, micros(2026, 11, 22, 8, 15, 30) + 250_000),
        ("1795335330120", None, micros(2026, 11, 22, 8, 15, 30) + 120_000),
        ("99999999999", None, 99_999_999_999_000_000),
        ("100000000000", None, 100_000_000_000_000),
    ],
)
def test_time_stamps_name_moments(ts: str, zone: ZoneInfo | None, moment: int) -> None:
    reading = decode_count(b'{"ts":%s,"good":1}' % ts.encode(), zone)
    assert reading == Reading(good=1, ts=moment)


@pytest.mark.parametrize(
    ("ts", "zone"),
    [
        ('"2026-11-22T08:15:30"', None),  # whose time?
        ('"2026-03-29T02:30:00"', BERLIN),  # skipped by daylight saving
        ('"2026-02-30T08:15:30Z"', BERLIN),
        ('"2026-11-22T24:15:30Z"', BERLIN),
        ('"2026-11-22T08:15:61Z"', BERLIN),
        ('"2026-11-22T08:15:30+24:00"', BERLIN),
        ('"2026-11-22T08:15:30+01:60"', BERLIN),
        ('"2026-11-22"', BERLIN),
        ('"1969-12-31T23:59:59Z"', BERLIN),
        ('"9999-12-31T23:59:59-01:00"', BERLIN),
        ('"0000-01-01T00:00:00Z"', BERLIN),
        ('"yesterday"', BERLIN),
        ('""', BERLIN),
        ('"1795335330"', BERLIN),
        ('"2026-11-22T08:15:30Z extra"', BERLIN),
        ('"\\u0662026-11-22T08:15:30Z"', BERLIN),
        ("-1", BERLIN),
        ("1e999", BERLIN),
        ("1795335330120000", BERLIN),
        ("9" * 400, BERLIN),
    ],
)
def test_time_stamps_that_cannot_be_are_rejected(ts: str, zone: ZoneInfo | None) -> None:
    for payload in (b'{"ts":%s,"good":1}', b'{"ts":%s,"data":"4006381333931"}'):
        decode = decode_count if b"good" in payload else decode_scan
        rejection = decode(payload % ts.encode(), zone)
        assert isinstance(rejection, Rejection), rejection
        assert rejection.code == Malformed.BAD_TIME


def test_a_rejected_time_never_hides_a_duplicate_key() -> None:
    rejection = decode_count(b'{"ts":"no","ts":"no","good":1}', None)
    assert isinstance(rejection, Rejection)
    assert rejection.code == Malformed.DUPLICATE_KEY


@given(
    st.datetimes(min_value=datetime.fromisoformat("1971-01-01"), max_value=datetime.fromisoformat("9998-01-01")),
    st.integers(-1439, 1439),
)
def test_every_moment_survives_printing(wall_clock: datetime, offset_min: int) -> None:
    moment = wall_clock.replace(tzinfo=timezone(timedelta(minutes=offset_min)))
    reading = decode_count(json.dumps({"ts": moment.isoformat(), "good": 1}).encode(), None)
    assert isinstance(reading, Reading)
    assert reading.ts == (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
