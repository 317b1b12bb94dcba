"""Telegrams, good and bad, and what the decoders make of them."""

import json
import tracemalloc
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from devices.barcodes import parse_barcode
from devices.decoders import DECODERS, decode_count, decode_scan, decode_state
from devices.errors import Malformed, Rejection
from devices.messages import DeviceState, Reading, Scan, Used, WorkedHours

BERLIN = ZoneInfo("Europe/Berlin")
FULL = (
    b'{"ts":"2026-11-22T08:15:30.120Z","boot":"c0ffee12","seq":4711,"good":18234,"scrap":17,'
    b'"scrap_by":{"07":12,"03":5},"unit":"PC","batch":"L2611A","hist":false}'
)


def micros(*date: int) -> int:
    return int(datetime(*date, tzinfo=UTC).timestamp()) * 1_000_000  # type: ignore[misc,arg-type]


def test_the_full_count_telegram_is_read() -> None:
    assert decode_count(FULL, None) == Reading(
        good=18234,
        scrap=17,
        scrap_by=(("03", 5), ("07", 12)),
        ts=micros(2026, 11, 22, 8, 15, 30) + 120_000,
        boot="c0ffee12",
        seq=4711,
        unit="PC",
        batch="L2611A",
    )


@pytest.mark.parametrize(
    ("payload", "reading"),
    [
        (b"18234", Reading(good=18234)),
        (b" 18234\r\n", Reading(good=18234)),
        (b"0", Reading(good=0)),
        (b'{"good":0}', Reading(good=0)),
        (b'{"good":-0}', Reading(good=0)),
        (b'{"scrap":3}', Reading(scrap=3)),
        (b'{"gross":10,"scrap":3}', Reading(gross=10, scrap=3)),
        (b'{"gross":10,"good":7,"scrap":3}', Reading(good=7, gross=10, scrap=3)),
        (b'{"good":9007199254740992}', Reading(good=2**53)),
        (b'{"good":1,"hist":true}', Reading(good=1, hist=True)),
        (b'{"good":1,"mode":"total"}', Reading(good=1)),
        (b'{"good":1,"mode":"delta","id":"a1"}', Reading(good=1, delta=True, id="a1")),
        (b'{"good":1,"mode":"delta","boot":"b","seq":0}', Reading(good=1, delta=True, boot="b", seq=0)),
        (b'{"good":1,"temperature":{"head":[21.5,{"x":null}]},"note":"a\\"b"}', Reading(good=1)),
        (b'{"good":1,"b\\u006fot":"x"}', Reading(good=1, boot="x")),
        (b'{"device":"C1","good":1}', Reading(good=1, device="C1")),
    ],
)
def test_legal_counts(payload: bytes, reading: Reading) -> None:
    assert decode_count(payload, None) == reading


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Malformed.EMPTY),
        (b" \n", Malformed.EMPTY),
        (b"\x00", Malformed.NOT_JSON),
        (b"total 5", Malformed.NOT_JSON),
        (b'{"good":5', Malformed.NOT_JSON),
        (b'{"good":5}}', Malformed.NOT_JSON),
        (b'{"good":5}{"good":6}', Malformed.NOT_JSON),
        (b'{"good":5}\x00', Malformed.NOT_JSON),
        (b"{'good':5}", Malformed.NOT_JSON),
        (b'{"good":5,}', Malformed.NOT_JSON),
        (b'{"good":05}', Malformed.NOT_JSON),
        (b"007", Malformed.NOT_JSON),
        (b"+5", Malformed.NOT_JSON),
        (b"0x10", Malformed.NOT_JSON),
        (b"5 6", Malformed.NOT_JSON),
        (b'\xef\xbb\xbf{"good":5}', Malformed.NOT_JSON),
        (b"\xef\xbb\xbf5", Malformed.NOT_JSON),
        (b'{"good":NaN}', Malformed.NOT_JSON),
        (b'{"good":-Infinity}', Malformed.NOT_JSON),
        (b"NaN", Malformed.NOT_JSON),
        (b'{"good":5,"other":Infinity}', Malformed.NOT_JSON),
        (b'{"good":5,"boot":"\xff"}', Malformed.NOT_UTF8),
        (b'{"good":5,"other":"\xed\xa0\x80"}', Malformed.NOT_UTF8),
        (b"\xff\xfe5\x00", Malformed.NOT_UTF8),
        (b'{"good":5,"good":6}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"g\\u006fod":6}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"good":5}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"other":{"a":1,"a":2}}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"scrap":2,"scrap_by":{"03":1,"03":2}}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"boot":"a","boot":"a"}', Malformed.DUPLICATE_KEY),
        (b'{"good":5,"boot":"a\\u0000"}', Malformed.CONTROL_CHARACTER),
        (b'{"good":5,"boot":"a\x01"}', Malformed.CONTROL_CHARACTER),
        (b'{"good":5,"boot":"a\x7f"}', Malformed.CONTROL_CHARACTER),
        (b'{"good":5,"boot":"\\ud800"}', Malformed.CONTROL_CHARACTER),
        (b'{"good":5,"x\\u0000":1}', Malformed.CONTROL_CHARACTER),
        (b'{"good":5,"other":[["\\u001b[2J"]]}', Malformed.CONTROL_CHARACTER),
        (b'{"good":true}', Malformed.WRONG_TYPE),
        (b'{"good":"1"}', Malformed.WRONG_TYPE),
        (b'{"good":1.0}', Malformed.WRONG_TYPE),
        (b'{"good":1e3}', Malformed.WRONG_TYPE),
        (b'{"good":1E+999999}', Malformed.WRONG_TYPE),
        (b'{"good":null}', Malformed.WRONG_TYPE),
        (b'{"good":[1]}', Malformed.WRONG_TYPE),
        (b'{"good":1,"seq":"4"}', Malformed.WRONG_TYPE),
        (b'{"good":1,"boot":4}', Malformed.WRONG_TYPE),
        (b'{"good":1,"hist":1}', Malformed.WRONG_TYPE),
        (b'{"good":1,"scrap_by":[1]}', Malformed.WRONG_TYPE),
        (b'{"good":1,"ts":true}', Malformed.WRONG_TYPE),
        (b'{"good":1,"ts":null}', Malformed.WRONG_TYPE),
        (b"true", Malformed.WRONG_TYPE),
        (b"null", Malformed.WRONG_TYPE),
        (b'"5"', Malformed.WRONG_TYPE),
        (b"5.0", Malformed.WRONG_TYPE),
        (b"-5", Malformed.OUT_OF_RANGE),
        (b"[5]", Malformed.WRONG_TYPE),
        (b"9007199254740993", Malformed.OUT_OF_RANGE),
        (b'{"good":-1}', Malformed.OUT_OF_RANGE),
        (b'{"good":9007199254740993}', Malformed.OUT_OF_RANGE),
        (b'{"good":' + b"9" * 4000 + b"}", Malformed.OUT_OF_RANGE),
        (b'{"good":' + b"9" * 60_000 + b"}", Malformed.OUT_OF_RANGE),
        (b'{"good":1,"seq":-1}', Malformed.OUT_OF_RANGE),
        (b'{"good":1,"boot":""}', Malformed.OUT_OF_RANGE),
        (b'{"good":1,"boot":"a b"}', Malformed.OUT_OF_RANGE),
        (b'{"good":1,"boot":"' + b"a" * 65 + b'"}', Malformed.OUT_OF_RANGE),
        (b'{"good":1,"boot":"a\\n"}', Malformed.CONTROL_CHARACTER),
        (b'{"good":1,"mode":"sum"}', Malformed.OUT_OF_RANGE),
        (b"{}", Malformed.MISSING_FIELD),
        (b'{"boot":"a","seq":1}', Malformed.MISSING_FIELD),
        (b'{"mode":"delta","good":1}', Malformed.MISSING_FIELD),
        (b'{"mode":"delta","good":1,"seq":1}', Malformed.MISSING_FIELD),
        (b'{"gross":1,"scrap":2}', Malformed.CONTRADICTING_TOTALS),
        (b'{"gross":1,"good":2}', Malformed.CONTRADICTING_TOTALS),
        (b'{"gross":9,"good":2,"scrap":3}', Malformed.CONTRADICTING_TOTALS),
        (b'{"good":9,"scrap":3,"scrap_by":{"03":2}}', Malformed.CONTRADICTING_TOTALS),
        (b'{"good":9,"scrap_by":{"03":2}}', Malformed.CONTRADICTING_TOTALS),
        (b'{"good":1,"a":' + b"[" * 8 + b"]" * 8 + b"}", Malformed.TOO_DEEP),
        (b"[" * 60_000, Malformed.TOO_DEEP),
        (b'{"good":1}' + b" " * 65_536, Malformed.TOO_LARGE),
    ],
)
def test_bad_counts_are_rejected_with_their_reason(payload: bytes, reason: Malformed) -> None:
    rejection = decode_count(payload, UTC)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.code == reason, rejection
    assert "expected" in rejection.text
    assert "got" in rejection.text
    assert rejection.text.isprintable()
    assert len(rejection.text) < 300


def test_brackets_in_strings_are_no_depth() -> None:
    assert decode_count(b'{"good":1,"note":"[[[[[[[[[[{{{{{{\\"[["}', None) == Reading(good=1)


@pytest.mark.parametrize(
    ("payload", "scan"),
    [
        (b"4006381333931", Scan("4006381333931")),
        (b"]C1010761234567890010LOT7\x1d3024", Scan("]C1010761234567890010LOT7\x1d3024")),
        (b"BF:RUN:FG-1:0001", Scan("BF:RUN:FG-1:0001")),
        ("Größe".encode(), Scan("Größe")),
        (b"4006381333931\r\n", Scan("4006381333931")),
        (b"\x024006381333931\x03", Scan("4006381333931")),
        (b"[)>\x1e06\x1d1PA\x1e\x04\r", Scan("[)>\x1e06\x1d1PA\x1e\x04")),
        (rb'{"data":"\u00024006381333931\t\r"}', Scan("4006381333931")),
        (
            b'{"id":"0199f3c2-1","ts":1795335330,"data":"]C110A\\u001d3024","operator":"4711","point":"0020","hist":true}',
            Scan("]C110A\x1d3024", "0199f3c2-1", micros(2026, 11, 22, 8, 15, 30), "4711", "0020", hist=True),
        ),
        (b'{"data":"x","battery":99}', Scan("x")),
        (b"[)>\x1e06\x1d1PA\x1e\x04", Scan("[)>\x1e06\x1d1PA\x1e\x04")),
        (rb'{"data":"[)>\u001e06\u001d1PA\u001e\u0004"}', Scan("[)>\x1e06\x1d1PA\x1e\x04")),
        (
            b"""{"data":"x","components":[{"material":"A","quantity":"0.5","unit":"KG","batch":"L7"}],"lot":"L",
            "activities":[{"work_center":"W1","activity":"LABOUR","hours":"1.25"}],"sales_order":"4500"}""",
            Scan(
                "x",
                components=(Used("A", "0.5", "KG", batch="L7"),),
                activities=(WorkedHours("W1", "LABOUR", "1.25"),),
                sales_order="4500",
                lot="L",
            ),
        ),
        (b'{"data":"x","type":"component","components":[]}', Scan("x", type="component", components=())),
    ],
)
def test_legal_scans(payload: bytes, scan: Scan) -> None:
    assert decode_scan(payload, None) == scan


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", Malformed.EMPTY),
        (b"\xff", Malformed.NOT_UTF8),
        (b"\xef\xbb\xbf4006381333931", Malformed.NOT_JSON),
        (b"40063\r81333931", Malformed.CONTROL_CHARACTER),
        (b'{"data":"A\r"}', Malformed.CONTROL_CHARACTER),
        (rb'{"data":"A","operator":"4711\r"}', Malformed.CONTROL_CHARACTER),
        (b"a\x00b", Malformed.CONTROL_CHARACTER),
        (b"\x1b[2J", Malformed.CONTROL_CHARACTER),
        (b"x" * 7_090, Malformed.OUT_OF_RANGE),
        (b"x" * 70_000, Malformed.TOO_LARGE),
        (b"{", Malformed.NOT_JSON),
        (b"{}", Malformed.MISSING_FIELD),
        (b'{"data":""}', Malformed.OUT_OF_RANGE),
        (b'{"data":5}', Malformed.WRONG_TYPE),
        (b'{"data":"a","data":"b"}', Malformed.DUPLICATE_KEY),
        (b'{"data":"a","id":"7","id":"7"}', Malformed.DUPLICATE_KEY),
        (b'{"data":"a","hist":true,"hist":true}', Malformed.DUPLICATE_KEY),
        (b'{"data":"a","x":{"k":1,"k":2}}', Malformed.DUPLICATE_KEY),
        (b'{"data":"a\x7f"}', Malformed.CONTROL_CHARACTER),
        ('{"data":"a","x":"\x85"}'.encode(), Malformed.CONTROL_CHARACTER),
        (b'{"data":"a","ts":"\x7f"}', Malformed.CONTROL_CHARACTER),
        (b'{"data":"a\\u0000"}', Malformed.CONTROL_CHARACTER),
        (b'{"data":"a","x":"\\u001e"}', Malformed.CONTROL_CHARACTER),
        (b'{"data":"a\\ud800"}', Malformed.CONTROL_CHARACTER),
        (b'{"data":"a","point":"00/20"}', Malformed.OUT_OF_RANGE),
        (b'{"data":"a","id":7}', Malformed.WRONG_TYPE),
        (rb'{"data":"[)>\u001e06\u001d1PA\u001e\u0004","id":7}', Malformed.WRONG_TYPE),
        (rb'{"data":"[)>\u001e06\u001d1PA\u001e\u0004","ts":"today"}', Malformed.BAD_TIME),
        (b'{"data":"a","x":[[[[[[[[1]]]]]]]]}', Malformed.TOO_DEEP),
        (b'{"data":"a","components":[{"material":"A"}]}', Malformed.MISSING_FIELD),
        (b'{"data":"a","components":[{"material":"A","quantity":3}]}', Malformed.WRONG_TYPE),
        (b'{"data":"a","components":[{"material":"A","quantity":"1e9"}]}', Malformed.OUT_OF_RANGE),
        (b'{"data":"a","components":[{"material":"A","quantity":"-1"}]}', Malformed.OUT_OF_RANGE),
        (b'{"data":"a","type":"everything"}', Malformed.OUT_OF_RANGE),
        (b'{"data":"a","sales_order_item":"10"}', Malformed.MISSING_FIELD),
    ],
)
def test_bad_scans_are_rejected_with_their_reason(payload: bytes, reason: Malformed) -> None:
    rejection = decode_scan(payload, UTC)
    assert isinstance(rejection, Rejection), rejection
    assert rejection.code == reason, rejection


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [
        (b"online", DeviceState(online=True)),
        (b"offline\n", DeviceState(online=False)),
        (b'{"state":"online","firmware":"1.2"}', DeviceState(online=True)),
        (b'{"state":"offline"}', DeviceState(online=False)),
        (b"", Malformed.EMPTY),
        (b"sleeping", Malformed.NOT_JSON),
        (b'{"state":"sleeping"}', Malformed.OUT_OF_RANGE),
        (b'{"state":true}', Malformed.OUT_OF_RANGE),
        (b'{"state":"online","state":"offline"}', Malformed.DUPLICATE_KEY),
        (b"{}", Malformed.MISSING_FIELD),
        (b"\x00" * 70_000, Malformed.TOO_LARGE),
    ],
)
def test_states(payload: bytes, outcome: DeviceState | Malformed) -> None:
    state = decode_state(payload)
    assert (Malformed(state.code) if isinstance(state, Rejection) else state) == outcome


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [
        (b"18234", 18234),
        (b"0018234\n", 18234),
        (b"0", 0),
        (b"9007199254740992", 2**53),
        (b"9007199254740993", Malformed.OUT_OF_RANGE),
        (b"9" * 60_000, Malformed.OUT_OF_RANGE),
        (b"-1", Malformed.OUT_OF_RANGE),
        (b"1.0", Malformed.WRONG_TYPE),
        (b"1E+999999", Malformed.WRONG_TYPE),
        (b"+1", Malformed.WRONG_TYPE),
        (b"NaN", Malformed.WRONG_TYPE),
        (b"true", Malformed.WRONG_TYPE),
        (b'{"good":1}', Malformed.WRONG_TYPE),
        (b"1 2", Malformed.WRONG_TYPE),
        ("٣".encode(), Malformed.WRONG_TYPE),
        (b"", Malformed.EMPTY),
        (b"\xff", Malformed.NOT_UTF8),
        (b"1" * 65_537, Malformed.TOO_LARGE),
    ],
)
def test_bare_numbers(payload: bytes, outcome: int | Malformed) -> None:
    result = DECODERS["number"](payload, None)
    assert (Malformed(result.code) if isinstance(result, Rejection) else result.good) == outcome


telegram_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner) | st.dictionaries(st.sampled_from([*Reading._fields, "mode", "data"]) | st.text(), inner)
    ),
    max_leaves=20,
).map(lambda value: json.dumps(value).encode())
fragments = st.lists(
    st.sampled_from(
        [b"{", b"}", b"[", b"]", b'"', b"\\", b":", b",", b'"good"', b'"ts"', b"1", b"-", b"e", b"\x00", b"\xed"]
    )
).map(b"".join)


@given(st.binary() | telegram_like | fragments)
def test_decoders_are_total(payload: bytes) -> None:
    for decode in DECODERS.values():
        assert isinstance(decode(payload, BERLIN), Reading | Rejection)
    assert isinstance(decode_scan(payload, None), Scan | Rejection)
    assert isinstance(decode_state(payload), DeviceState | Rejection)


plain_telegrams = st.fixed_dictionaries(
    {"good": st.integers(0, 2**53), "scrap": st.integers(0, 2**53)},
    optional={
        "boot": st.from_regex(r"[!-~]{1,64}", fullmatch=True),
        "seq": st.integers(0, 2**53),
        "batch": st.from_regex(r"[ -~]{1,64}", fullmatch=True),
        "hist": st.booleans(),
    },
)


@given(plain_telegrams)
def test_what_is_printed_is_read(fields: dict[str, object]) -> None:
    assert decode_count(json.dumps(fields).encode(), None) == Reading(**fields)  # type: ignore[arg-type]


@given(plain_telegrams, st.data())
def test_a_key_that_comes_twice_is_always_found(fields: dict[str, object], data: st.DataObject) -> None:
    pairs = [f"{json.dumps(key)}:{json.dumps(value)}" for key, value in fields.items()]
    place = data.draw(st.integers(0, len(pairs)))
    pairs.insert(place, data.draw(st.sampled_from(pairs)))
    rejection = decode_count(("{" + ",".join(pairs) + "}").encode(), None)
    assert isinstance(rejection, Rejection)
    assert rejection.code == Malformed.DUPLICATE_KEY


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * 65_536,
        b'"' * 65_536,
        b'"' + b'\\"' * 32_767,
        b'{"good":' * 8_000,
        b'{"good":1,' + b'"k":1,' * 10_000 + b'"l":1}',
        b'{"good":1,"scrap_by":{' + b",".join(b'"%d":-1' % i for i in range(5_000)) + b"}}",
        b'{"good":1,"scrap_by":{' + b",".join(b'"%d":1' % i for i in range(5_000)) + b"}}",
        b'{"ts":"' + b"1" * 60_000 + b'","good":1}',
        b'{"x":[' + b",".join([b"9" * 4_000] * 16) + b"]}",
        b"9" * 65_536,
        b" " * 65_536,
        b'{"good":1,"a":"' + b"\\u0041" * 10_000 + b'"}',
    ],
)
@pytest.mark.timeout(120)
def test_the_worst_telegrams_cost_bounded_cpu(payload: bytes) -> None:
    """Quadratic work on any of them would take minutes and so run into the limit."""
    for decode in (decode_count, decode_scan, DECODERS["number"]):
        decode(payload[:65_536], BERLIN)


def test_what_is_remembered_is_bounded() -> None:
    parse_barcode("]C10104006381333931")  # the tables of GS1 are there from the first label on
    tracemalloc.start()
    try:
        for number in range(2_000):
            decode_count(b'{"ts":"%d%s","good":1}' % (number, b"9" * 10_000), None)
            parse_barcode(f"]C121{number}" + "x" * 6_000)
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 4_000_000
