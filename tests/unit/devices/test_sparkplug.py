"""Sparkplug B as the reference implementation of Eclipse Tahu writes it, and what is read of it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tahutils.tahu import sparkplug_b as tahu
from tahutils.tahu.sparkplug_b_pb2 import Payload

from devices.decoders.foreign import decoder_of
from devices.decoders.foreign.protobuf import fields, write
from devices.decoders.foreign.sparkplug import host_state, rebirth, turn_of
from devices.edge_nodes import EdgeNode, Fate, NodeMessage, take
from devices.errors import Rejection
from devices.messages import Names, Publication, Turn
from tests.unit.devices.publishers import NOW, told

Type = tahu.MetricDataType


def parse(kind: str, payload: Any, where: str = "N", *, retained: bool = False) -> Publication | Rejection:
    written = payload if isinstance(payload, bytes) else payload.SerializeToString()
    return decoder_of("sparkplug").parse(f"spBv1.0/G/{kind}/{where}", written, retained=retained)


def heard(kind: str, payload: Any, where: str = "N") -> Publication:
    message = parse(kind, payload, where)
    assert isinstance(message, Publication), message
    return message


def of(*metrics: Callable[[Any], object], seq: int | None = 0) -> Any:
    """Write a payload of the time `NOW`."""
    payload = Payload(timestamp=NOW)
    if seq is not None:
        payload.seq = seq
    for metric in metrics:
        metric(payload)
    return payload


def metric(name: str | None, alias: int | None, kind: int, value: object, ms: int = 0) -> Callable[[Any], Any]:
    return lambda payload: tahu.addMetric(payload, name, alias, kind, value, NOW + ms)


def test_the_life_of_a_node_and_its_device() -> None:
    death = tahu.getNodeDeathPayload()
    birth = tahu.getNodeBirthPayload()
    tahu.addMetric(birth, "Node Control/Rebirth", None, Type.Boolean, value=False)
    tahu.addMetric(birth, "Running", 1, Type.Boolean, value=True)
    said = heard("NBIRTH", birth)
    assert said.turn is not None
    assert said.turn.bdseq is not None
    assert said.turn == Turn("NBIRTH", 0, said.turn.bdseq)
    assert said.online is True
    assert said.names == (Names("G/N", (("1", "Running"),), whole=True),)

    device = tahu.getDeviceBirthPayload()
    tahu.addMetric(device, "Counters/Good", 2, Type.UInt64, 18234, NOW)
    tahu.addMetric(device, "Counters/Scrap", 3, Type.UInt32, 17, NOW)
    born = heard("DBIRTH", device, "N/D")
    assert told(born) == "Counters/Good=18234@0 Counters/Scrap=17@0 G/N/D:2=Counters/Good,3=Counters/Scrap! online"
    assert born.turn == Turn("DBIRTH", 1)

    data = tahu.getDdataPayload()
    tahu.addHistoricalMetric(data, None, 2, Type.UInt64, 18230).timestamp = NOW - 5000
    tahu.addMetric(data, None, 2, Type.UInt64, 18240, NOW)
    tahu.addNullMetric(data, None, 3, Type.UInt32, NOW)
    more = heard("DDATA", data, "N/D")
    assert told(more) == "#2=18230@-5000 hist #2=18240@0 #3=BF1020@0"
    assert more.turn == Turn("DDATA", 2)

    gone = heard("NDEATH", death)
    assert (gone.online, gone.samples) == (False, ())
    assert gone.turn is not None
    assert gone.turn.bdseq == said.turn.bdseq

    node: EdgeNode[int] = EdgeNode()
    for place, message in enumerate([said, born, more, gone]):
        assert message.turn is not None
        node, outcomes, ask = take(node, NodeMessage(message.turn, message.scope[4:], place), 0)
        assert ([end.fate for end in outcomes], ask) == ([Fate.TAKEN], False)


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        (Type.UInt8, 255, "255"),
        (Type.UInt16, 65_535, "65535"),
        (Type.UInt32, 2**32 - 1, "4294967295"),
        (Type.UInt64, 2**53, "9007199254740992"),
        (Type.UInt64, 2**53 + 1, "BF1008"),
        (Type.UInt64, 2**64 - 1, "BF1008"),
        (Type.Int8, 127, "127"),
        (Type.Int8, -1, "BF1008"),
        (Type.Int16, -1, "BF1008"),
        (Type.Int32, -1, "BF1008"),
        (Type.Int64, -1, "BF1008"),
        (Type.Int64, 18_234, "18234"),
        (Type.Float, 18_234.0, "18234"),
        (Type.Float, 16_777_218.0, "BF1008"),
        (Type.Float, 0.1, "BF1021"),
        (Type.Float, float("nan"), "BF1020"),
        (Type.Double, 16_777_218.0, "16777218"),
        (Type.Double, 175.87498474121094, "BF1021"),
        (Type.Boolean, True, "BF1007"),
        (Type.String, "18234", "BF1007"),
        (Type.Bytes, b"18234", "BF1007"),
    ],
)
def test_every_type_is_an_exact_total_or_refused(kind: int, value: object, said: str) -> None:
    assert told(parse("NDATA", of(metric("M", None, kind, value)))) == f"M={said}@0"


def typeless(value: int, field: str) -> Callable[[Any], object]:
    return lambda payload: payload.metrics.add(alias=1, **{field: value})


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        (of(typeless(5, "int_value")), "#1=5@0"),
        (of(typeless(5, "long_value")), "#1=5@0"),
        (of(typeless(2**32 - 5, "int_value")), "#1=BF1008@0"),
        (of(typeless(2**32 - 5, "long_value")), "#1=4294967291@0"),
        (of(lambda payload: payload.metrics.add(alias=1)), "#1=BF1020@0"),
        (of(lambda payload: payload.metrics.add(alias=1, int_value=5, datatype=Type.Int8, timestamp=9)), "#1=5"),
        (of(lambda payload: payload.metrics.add(alias=1, int_value=2**32 - 5, datatype=Type.Int8)), "#1=BF1008@0"),
        (of(lambda payload: payload.metrics.add(int_value=5)), "BF1023"),
        (of(lambda payload: payload.metrics.add(name="a\tb", int_value=5)), "BF1023"),
        (of(), "nothing"),
        (b"\x1f\x8b\x08", "BF1022"),
        (b"\x12\x7f", "BF1023"),
        (b'{"metrics":[]}', "BF1023"),
    ],
)
def test_what_other_encoders_send(payload: Any, said: str) -> None:
    assert told(parse("NDATA", payload)) == said


@pytest.mark.parametrize(("quality", "said"), [(192, "5"), (0, "BF1020"), (500, "BF1020")])
def test_a_value_of_bad_quality_is_none(quality: int, said: str) -> None:
    payload = of(metric("M", None, Type.Int32, 5))
    properties = payload.metrics[0].properties
    properties.keys.extend(["Units", "Quality"])
    properties.values.add(type=Type.String, string_value="PC")
    properties.values.add(type=Type.Int32, int_value=quality)
    assert told(parse("NDATA", payload)) == f"M={said}@0"


def test_a_message_without_a_sequence_says_zero() -> None:
    """Encoders of the third version of protocol buffers leave a zero out."""
    assert heard("NDATA", of(seq=None)).turn == Turn("NDATA", 0)


@pytest.mark.parametrize(
    ("topic", "said"),
    [
        ("spBv1.0/STATE/host", "nothing"),
        ("spBv1.0/G/NCMD/N", "nothing"),
        ("spBv1.0/G/DCMD/N/D", "nothing"),
        ("spBv1.0/G/NDATA/N/D", "BF1023"),
        ("spBv1.0/G/DDATA/N", "BF1023"),
        ("spBv1.0/G/NMETA/N", "BF1023"),
        ("spBv1.0/G", "BF1023"),
        ("spAv1.0/G/NDATA/N", "BF1023"),
    ],
)
def test_topics(topic: str, said: str) -> None:
    assert told(decoder_of("sparkplug").parse(topic, b"", retained=False)) == said


@pytest.mark.parametrize(
    ("metrics", "twice"),
    [
        ([("Good", 1), ("Good", 2)], "'Good'"),
        ([("Good", None), ("Good", None)], "'Good'"),
        ([("Good", 1), ("Bad", 1)], "'1'"),
    ],
)
@pytest.mark.parametrize("kind", ["NBIRTH", "DBIRTH"])
def test_a_birth_that_says_a_name_or_an_alias_twice_is_refused(
    kind: str, metrics: list[tuple[str, int | None]], twice: str
) -> None:
    """Else two values would count under one tag."""
    birth = of(*[metric(name, alias, Type.UInt64, 5) for name, alias in metrics])
    said = parse(kind, birth, "N/D" if kind == "DBIRTH" else "N")
    assert isinstance(said, Rejection)
    assert (said.code, said.text) == (
        "BF1023",
        f"payload: expected each name and each alias once in a birth, got {twice}",
    )
    assert told(parse("NDATA", birth)) != "BF1023"


@pytest.mark.parametrize("kind", ["NBIRTH", "DBIRTH"])
def test_a_birth_names_each_metric(kind: str) -> None:
    """An alias alone would be read by the names of the birth before, which it makes void."""
    birth = of(metric("Good", 5, Type.UInt64, 110), metric(None, 7, Type.UInt64, 900))
    assert told(parse(kind, birth, "N/D" if kind == "DBIRTH" else "N")) == "BF1023"


@pytest.mark.parametrize("kind", ["NBIRTH", "NDEATH"])
@pytest.mark.parametrize(("number", "is_read"), [(255, True), (2**63 - 1, True), (2**63, False), (2**64 - 1, False)])
def test_the_number_of_a_connection_is_one_that_the_ledger_can_hold(kind: str, number: int, is_read: bool) -> None:
    payload = of(metric("bdSeq", None, Type.UInt64, number))
    assert isinstance(parse(kind, payload), Publication) is is_read
    assert (turn_of(f"spBv1.0/G/{kind}/N", payload.SerializeToString()) is not None) is is_read


def test_a_retained_birth_is_of_another_life() -> None:
    message = parse("NBIRTH", of(metric("M", 1, Type.Int32, 5)), retained=True)
    assert message == Publication("G/N")


def test_a_request_for_a_rebirth_is_understood() -> None:
    topic, written = rebirth("G", "N", NOW * 1000)
    payload = Payload.FromString(written)
    [asked] = payload.metrics
    assert topic == "spBv1.0/G/NCMD/N"
    assert (payload.timestamp, payload.HasField("seq")) == (NOW, False)
    assert (asked.name, asked.datatype, asked.boolean_value) == ("Node Control/Rebirth", Type.Boolean, True)


def test_the_state_of_the_host_application() -> None:
    topic, written = host_state("line-1", NOW * 1000, online=True)
    assert topic == "spBv1.0/STATE/line-1"
    assert json.loads(written) == {"online": True, "timestamp": NOW}


whole = st.integers(0, 2**63 - 1)
metrics = st.fixed_dictionaries(
    {"alias": whole, "long_value": whole},
    optional={"timestamp": st.integers(NOW, NOW * 2), "is_historical": st.booleans()},
)


@given(st.lists(metrics, max_size=5), st.integers(0, 255), st.integers(NOW, NOW * 2))
def test_what_the_library_writes_is_read(said: list[dict[str, Any]], seq: int, time: int) -> None:
    payload = Payload(timestamp=time, seq=seq)
    for each in said:
        payload.metrics.add(**each)
    message = heard("NDATA", payload)
    assert message.turn == Turn("NDATA", seq)
    assert [(int(s.id), s.value, s.ts, s.hist) for s in message.samples] == [
        (m["alias"], m["long_value"], m.get("timestamp", time) * 1000, m.get("is_historical", False)) for m in said
    ]


@given(st.integers(0, 2**64 - 1))
def test_numbers_are_written_as_they_are_read(number: int) -> None:
    assert fields(write((8, number), (18, b"x" * 200))) == [(8, number), (18, b"x" * 200)]


@given(st.binary(max_size=200))
def test_bytes_are_fields_or_refused(data: bytes) -> None:
    try:
        found = fields(data)
    except (ValueError, IndexError):
        return
    assert len(found) <= len(data)


@pytest.mark.parametrize(
    ("metric", "bdseq", "totals"),
    [
        (b"\x0a\x05bdSeq\x50\x07", 7, []),
        (b"\x0a\x05bdSeq\x58\x07", 7, []),
        (b"\x0a\x01n\x20\x01\x50\x80\x02", None, ["BF1008"]),
    ],
    ids=["a connection's number as int", "as long", "256 in 8 bits"],
)
def test_a_number_is_read_from_the_field_that_an_encoder_chose(
    metric: bytes, bdseq: int | None, totals: list[str]
) -> None:
    said = heard("NBIRTH", b"\x12" + bytes([len(metric)]) + metric)
    assert said.turn is not None
    assert said.turn.bdseq == bdseq
    assert [each.total.code for each in said.samples if isinstance(each.total, Rejection)] == totals
    assert len(said.samples) == len(totals)


@pytest.mark.parametrize("kind", ["NBIRTH", "DBIRTH", "NDATA", "DDATA", "NDEATH", "DDEATH"])
def test_the_order_of_messages_is_judged_by_the_turn_that_each_has_when_it_is_read(kind: str) -> None:
    where = "N/D" if kind.startswith("D") else "N"
    numbered = metric("bdSeq", None, Type.UInt64, 7)
    for payload in (of(seq=3), of(seq=259), *([of(numbered, seq=None)] if kind in ("NBIRTH", "NDEATH") else [])):
        written = payload.SerializeToString()
        assert turn_of(f"spBv1.0/G/{kind}/{where}", written) == (f"G/{where}", heard(kind, written, where).turn)
    assert turn_of(f"spBv1.0/G/{kind}/{where}", b"\xff") is None
    assert turn_of("spBv1.0/STATE/h", b"{}") is None


def test_a_number_of_more_than_ten_bytes_is_none() -> None:
    assert fields(b"\x08" + b"\xff" * 9 + b"\x01") == [(8, 2**64 - 1)]
    with pytest.raises(ValueError, match="ten bytes"):
        fields(b"\x08" + b"\xff" * 10 + b"\x01")
