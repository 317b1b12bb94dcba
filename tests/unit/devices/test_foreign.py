"""What other publishers send, and what is read of it."""

import gzip
import json
import struct
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from devices.decoders.foreign import READERS, decoder_of
from devices.decoders.foreign.payloads import moment
from devices.errors import Rejection
from devices.messages import MAX_FLOAT32, MAX_FOREIGN, MAX_TOTAL, Publication, Sample
from tests.unit.devices.publishers import ALL, ESP, NOW, RPC, S7, SCAN, UMH, ZIGBEE, told


@pytest.mark.parametrize(
    ("decoder", "topic", "payload", "expected"),
    [(name, topic, payload, said) for name, topic, _, payload, said in ALL],
    ids=[f"{name}: {what}" for name, _, what, _, _ in ALL],
)
def test_what_a_publisher_sends_is_read(decoder: str, topic: str, payload: object, expected: str) -> None:
    written = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    message = decoder_of(decoder).parse(topic, written, retained=False)
    assert told(message) == expected, message


@pytest.mark.parametrize(
    ("expressions", "payload", "expected"),
    [
        ({"good": "count.total"}, {"count": {"total": 5}}, "good=5"),
        ({"good": "g", "scrap": "s", "ts": "at"}, {"g": 5, "s": 1, "at": NOW}, "good=5@0 scrap=1@0"),
        ({"good": "g", "scrap": "s"}, {"g": 5}, "good=5"),
        ({"good": "@"}, 18234, "good=18234"),
        ({"good": "to_number(@)"}, "18234", "good=18234"),
        ({"good": "n", "ts": "t", "each": "[]"}, [{"n": 5, "t": NOW}, {"n": 9, "t": NOW + 1}], "good=5@0 good=9@1"),
        ({"good": "n", "each": "r", "hist": "old"}, {"r": [{"n": 5, "old": True}, {"n": 6}]}, "good=5 hist good=6"),
        ({"good": "tags[?name=='good'] | [0].value"}, {"tags": [{"name": "good", "value": 5}]}, "good=5"),
        ({"good": "g", "ts": "at"}, {"g": 5, "at": NOW // 1000}, "good=5"),
        ({"good": "g"}, {"g": 5.5}, "good=BF1021"),
        ({"good": "g"}, {"g": "5"}, "good=BF1007"),
        ({"good": "g"}, {"h": 5}, "BF1023"),
        ({"good": "g", "each": "r"}, {"r": []}, "nothing"),
        ({"good": "g", "each": "r"}, {"r": 5}, "BF1023"),
        ({"good": "g", "each": "r"}, {"r": [{"g": 5}, {"h": 6}]}, "BF1023"),
        ({"good": "length(g)"}, {"g": 5}, "BF1023"),
        ({"good": "contains(g, `5`)"}, {"g": "55"}, "BF1023"),
    ],
)
def test_an_expression_chooses_from_any_json(expressions: Mapping[str, str], payload: object, expected: str) -> None:
    decoder = decoder_of("jmespath", expressions)
    assert told(decoder.parse("t", json.dumps(payload).encode(), retained=False)) == expected


@pytest.mark.parametrize(
    ("expressions", "said"),
    [
        ({}, "at least one tag"),
        ({"ts": "at"}, "at least one tag"),
        ({"good": "["}, "a JMESPath expression"),
        ({"good": "(" * 400}, "a JMESPath expression"),
        ({"good": "a" * 501}, "at most 500 characters"),
        ({"good": "[@,@][] | [@,@][]"}, "that selects"),
        ({"good": "{a: @}.a"}, "that selects"),
        ({"good": "join(a, b)"}, "one of contains"),
        ({"good": "x[?join(a, b) == 'c']"}, "one of contains"),
        ({"": "a"}, "the name of a tag"),
    ],
)
def test_an_expression_that_could_make_more_of_a_payload_is_refused(expressions: Mapping[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        decoder_of("jmespath", expressions)


@pytest.mark.parametrize(("name", "expressions"), [("modbus", {}), ("kepware", {"good": "a"})])
def test_a_decoder_that_cannot_be_is_refused(name: str, expressions: Mapping[str, str]) -> None:
    with pytest.raises(ValueError, match="expected"):
        decoder_of(name, expressions)


@pytest.mark.parametrize(
    ("decoder", "topic", "payload", "expected"),
    [
        ("kepware", "iotgateway", {"values": [{"id": "T", "v": 5, "q": True}]}, "nothing"),
        ("zigbee2mqtt", ZIGBEE, {"count": 16}, "nothing"),
        ("tasmota", "tele/p/LWT", b"Offline", "offline"),
        ("tasmota", "tele/p/LWT", b"", "nothing"),
        ("shelly", "p/online", b"", "nothing"),
        ("zigbee2mqtt", "z/p/availability", b"", "nothing"),
        ("esphome", "p/status", b"", "nothing"),
        ("proglove", "pg", SCAN, "nothing"),
        ("kepware", "iotgateway", {"good": 5}, "BF1023"),
    ],
)
def test_what_was_retained_is_no_reading(decoder: str, topic: str, payload: object, expected: str) -> None:
    written = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    assert told(decoder_of(decoder).parse(topic, written, retained=True)) == expected


@pytest.mark.parametrize(
    ("decoder", "payload", "expected", "retained"),
    [
        ("kepware", {"id": "T", "v": 5, "q": 192}, "T=BF1020", False),
        ("kepware", {"id": "T", "v": 5, "q": True}, "T=5", False),
        ("proglove", SCAN | {"scan_code": "A\r"}, "scan BF1006", False),
        ("proglove", SCAN, "scan BF1011", True),
    ],
)
def test_older_journals_are_read_as_they_were(decoder: str, payload: object, expected: str, *, retained: bool) -> None:
    parse = decoder_of(decoder, earlier=True).parse
    assert told(parse("t", json.dumps(payload).encode(), retained=retained)) == expected


@pytest.mark.parametrize(
    ("decoder", "topics"),
    [
        ("tasmota", ["tele/hall/p/SENSOR", "stat/hall/p/STATUS8", "hall/p/tele/LWT"]),
        ("shelly", ["hall/p/events/rpc", "hall/p/status/input:2", "hall/p/online"]),
        ("zigbee2mqtt", ["hall/p", "hall/p/availability"]),
        ("esphome", ["hall/p/sensor/good/state", "hall/p/status"]),
    ],
)
def test_values_and_presence_of_a_device_have_one_scope(decoder: str, topics: list[str]) -> None:
    payloads = b"{}", b"5", b"true", b"online", b"Online"
    parse = decoder_of(decoder).parse
    for topic in topics:
        read = [parse(topic, payload, retained=False) for payload in payloads]
        assert {each.scope for each in read if isinstance(each, Publication)} == {"hall/p"}, topic


@pytest.mark.parametrize("decoder", READERS)
def test_what_holds_for_every_format(decoder: str) -> None:
    """Packed, too large, no text and a topic that cannot be shown are refused where the format reads the payload."""
    topic = {
        "s7databus": S7, "umh": f"{UMH}/good", "tasmota": "tele/p/SENSOR", "shelly": RPC, "zigbee2mqtt": ZIGBEE,
        "esphome": ESP, "sparkplug": "spBv1.0/G/NDATA/N",
    }.get(decoder, "t")  # fmt: skip
    parse = decoder_of(decoder, max_bytes=1000).parse
    assert told(parse(topic, gzip.compress(b'{"good":5}'), retained=False)) == "BF1022"
    assert told(parse(topic, b" " * 1001, retained=False)) == "BF1002"
    assert told(parse(topic + "\x01", b"5", retained=False)) == "BF1017"
    assert told(parse("x" * 1001, b"5", retained=False)) == "BF1017"
    json_reasons = {b"\xff": "BF1003", b'{"a":1,"a":2}': "BF1005", b'{"a":NaN}': "BF1004", b"[" * 900: "BF1012"}
    if decoder not in ("esphome", "sparkplug"):
        assert {said: told(parse(topic, said, retained=False)) for said in json_reasons} == json_reasons


def test_a_key_that_comes_twice_is_found_anywhere() -> None:
    """Also where a text holds escaped quotation marks, or an earlier one of two keys holds many."""
    for payload in (
        b'{"values":[{"id":"T","v":5,"v":6}]}',
        b'{"values":[{"id":"T","v":5}],"x":{"a":"b\\"","a":"c"}}',
        b'{"x":{"a":{"b":"c","d":"e"},"a":1},"values":[]}',
    ):
        assert told(decoder_of("kepware").parse("t", payload, retained=False)) == "BF1005"


@pytest.mark.parametrize("stamp", [946_684_799.5, "1999-12-31T23:59:59.5Z", 946_684_799_999])
def test_a_clock_that_was_never_set_gives_no_time(stamp: object) -> None:
    assert moment(stamp) is None


def as_float(number: int, form: str) -> float:
    """Return a number as a float of a publisher shows it."""
    [shown] = struct.unpack(form, struct.pack(form, number))
    assert isinstance(shown, float)
    return shown


@example(value=2.0**24, single=True)
@example(value=2.0**53, single=False)
@given(value=st.integers(-(2**60), 2**60) | st.floats() | st.text() | st.booleans() | st.none(), single=st.booleans())
def test_a_total_is_exact_or_refused(value: float | str | None, single: bool) -> None:
    most = MAX_FLOAT32 if single else MAX_TOTAL
    total = Sample("T", value, most=most).total
    if isinstance(total, Rejection):
        assert "expected" in total.text
        assert "got" in total.text
        assert total.text.isprintable()
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert not 0 <= value <= most - isinstance(value, float) or value != int(value)
    else:
        assert type(total) is int
        assert 0 <= total <= most
        assert total == value
        assert type(value) is int or as_float(total + 1, "<f" if single else "<d") != value
        assert not isinstance(value, bool)


payload_like = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(
            st.sampled_from(
                [
                    "values",
                    "vals",
                    "id",
                    "v",
                    "val",
                    "q",
                    "t",
                    "tags",
                    "COUNTER",
                    "params",
                    "method",
                    "counts",
                    "errors",
                ]
            )
            | st.text(),
            inner,
        )
    ),
    max_leaves=20,
).map(lambda value: json.dumps(value).encode())
topics = st.sampled_from([S7, f"{UMH}/good", RPC, ESP, "tele/p/SENSOR", "spBv1.0/G/DBIRTH/N/D", "t"]) | st.text()
DECODERS = [*map(decoder_of, READERS), decoder_of("jmespath", {"good": "values[].v | [0]", "each": "vals", "ts": "t"})]


@given(topics, payload_like | st.binary(), st.booleans())
def test_decoders_are_total(topic: str, payload: bytes, retained: bool) -> None:
    for decoder in DECODERS:
        message = decoder.parse(topic, payload, retained=retained)
        assert isinstance(message, Publication | Rejection)
        told(message)


@pytest.mark.parametrize(
    "payload",
    [
        b"[" * MAX_FOREIGN,
        b'{"values":[' + b",".join([b"{}"] * 300_000) + b"]}",
        b'{"values":{' + b",".join(b'"%d":1' % i for i in range(90_000)) + b"}}",
        b'"' + b'\\"' * (MAX_FOREIGN // 2 - 1) + b'"',
        b"9" * MAX_FOREIGN,
        b"\x12\x02\x10\x01" * (MAX_FOREIGN // 4),
        b"\x12\x80" * (MAX_FOREIGN // 2),
        b"\xff" * MAX_FOREIGN,
    ],
)
@pytest.mark.timeout(120)
def test_the_worst_messages_cost_bounded_cpu(payload: bytes) -> None:
    """Quadratic work on any of them would take hours and so run into the limit."""
    for topic in ("spBv1.0/G/NDATA/N", "/neuron/n/d/g"):
        for decoder in DECODERS:
            decoder.parse(topic, payload[:MAX_FOREIGN], retained=False)
