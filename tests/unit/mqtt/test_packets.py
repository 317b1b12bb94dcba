"""Bytes become packets and packets bytes, whatever the chunks and whatever the bytes."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.mqtt.wire.packets import (
    Acknowledgement,
    Delivery,
    MalformedPacket,
    acknowledgements,
    cut,
    properties,
    publication,
    sendable,
)

PINGRESP = b"\xd0\x00"
SUBACK = b"\x90\x03\x00\x01\x01"

topics = st.text(st.characters(exclude_characters="\0+#", exclude_categories=["Cs"]), min_size=1, max_size=40)
mids = st.integers(1, 65_535)


@st.composite
def publications(draw: st.DrawFn, *, version5: bool) -> tuple[bytes, Delivery]:
    """Draw a packet and what has to be read from it."""
    topic, payload = draw(topics), draw(st.binary(max_size=300))
    qos, retain = draw(st.integers(0, 1)), draw(st.booleans())
    mid = draw(mids) if qos else 0
    correlation = draw(st.none() | st.binary(max_size=200)) if version5 else None
    expiry_s = draw(st.none() | st.integers(0, 2**32 - 1))
    packet = publication(
        topic,
        payload,
        qos=qos,
        retain=retain,
        mid=mid,
        properties=properties(expiry_s, correlation) if version5 else None,
    )
    return packet, Delivery(topic, payload, qos, retain, None, correlation, mid)


def test_the_packets_of_the_standard() -> None:
    data = (
        b"\x30\x06\x00\x03a/bX"  # QoS 0
        b"\x33\x08\x00\x03a/b\x00\x0aX"  # QoS 1, retained, packet id 10
        b"\x3a\x07\x00\x03a/b\x12\x34"  # QoS 1, sent again, packet id 0x1234, no payload
        b"\x40\x02\x00\x07" + PINGRESP
    )
    found = cut(data, version5=False)
    assert found.deliveries == [
        Delivery("a/b", b"X", 0, retain=False, response_topic=None, correlation=None, mid=0),
        Delivery("a/b", b"X", 1, retain=True, response_topic=None, correlation=None, mid=10),
        Delivery("a/b", b"", 1, retain=False, response_topic=None, correlation=None, mid=0x1234),
    ]
    assert found.answers == [Acknowledgement(7, 0)]
    assert (found.control, found.rest) == (PINGRESP, b"")


def test_all_properties_of_a_publication_are_understood() -> None:
    given_properties = (
        b"\x01\x01"  # payload format
        b"\x02\x00\x00\x00\x1e"  # expiry
        b"\x03\x00\x10application/json"
        b"\x08\x00\x0bbf/v1/reply"
        b"\x09\x00\x03\x00\x01\x02"  # correlation
        b"\x0b\x80\x01"  # subscription identifier 128
        b"\x23\x00\x05"  # topic alias
        b"\x26\x00\x0btraceparent\x00\x04here\x26\x00\x01k\x00\x01v"  # user properties
    )
    body = b"\x00\x03a/b\x00\x01" + bytes([len(given_properties)]) + given_properties + b"payload"
    found = cut(bytes([0x32, len(body)]) + body, version5=True)
    assert found.deliveries == [
        Delivery("a/b", b"payload", 1, retain=False, response_topic="bf/v1/reply", correlation=b"\0\1\2", mid=1,
                 traceparent="here")
    ]  # fmt: skip


def test_a_refusal_is_an_answer_with_its_reason() -> None:
    assert cut(b"\x40\x03\x00\x07\x87\x40\x04\x00\x08\x10\x00", version5=True).answers == [
        Acknowledgement(7, 0x87),
        Acknowledgement(8, 0x10),
    ]


def test_acknowledgements_are_sent_in_order() -> None:
    assert acknowledgements([1, 65_535, 256]) == b"\x40\x02\x00\x01\x40\x02\xff\xff\x40\x02\x01\x00"
    assert acknowledgements([]) == b""


@pytest.mark.parametrize("version5", [False, True])
@given(data=st.data())
def test_what_is_published_is_delivered(version5: bool, data: st.DataObject) -> None:
    sent = data.draw(st.lists(publications(version5=version5), max_size=8))
    found = cut(b"".join(packet for packet, _ in sent), version5=version5)
    assert found.deliveries == [delivery for _, delivery in sent]
    assert (found.answers, found.control, found.rest) == ([], b"", b"")


@given(data=st.data())
def test_chunks_do_not_matter(data: st.DataObject) -> None:
    parts = data.draw(
        st.lists(
            publications(version5=True).map(lambda drawn: drawn[0])
            | mids.map(lambda mid: acknowledgements([mid]))
            | st.sampled_from([PINGRESP, SUBACK]),
            max_size=10,
        )
    )
    stream = b"".join(parts)
    whole = cut(stream, version5=True)
    deliveries, answers, control, rest = [], [], b"", b""
    for chunk in _chunks(stream, data.draw(st.lists(st.integers(1, 60)))):
        found = cut(rest + chunk, version5=True)
        deliveries += found.deliveries
        answers += found.answers
        control += found.control
        rest = found.rest
        assert len(rest) < found.wanted
    assert (deliveries, answers, control, rest) == whole[:4]


def _chunks(stream: bytes, sizes: list[int]) -> list[bytes]:
    chunks = []
    for size in sizes:
        chunks.append(stream[:size])
        stream = stream[size:]
    return [*chunks, stream]


@pytest.mark.parametrize("size", [0, 1, 127, 128, 16_383, 16_384, 2_097_152])
def test_every_size_of_length_is_written_and_read(size: int) -> None:
    packet = publication("t", bytes(size), qos=1, retain=False, mid=9, properties=None)
    assert cut(packet, version5=False).deliveries[0].payload == bytes(size)
    almost = cut(packet[:-1], version5=False)
    assert (almost.deliveries, almost.wanted) == ([], len(packet))


def test_a_topic_that_is_not_utf_8_is_shown_and_breaks_nothing() -> None:
    found = cut(b"\x32\x08\x00\x04a/\xff\xfe\x00\x01", version5=False)
    assert found.deliveries[0].topic == r"a/\xff\xfe"


@pytest.mark.parametrize(
    ("packet", "why"),
    [
        (b"\x34\x07\x00\x03a/b\x00\x01", "QoS 0 or 1, as subscribed, got 2"),
        (b"\x36\x07\x00\x03a/b\x00\x01", "QoS 0 or 1, as subscribed, got 3"),
        (b"\x32\x07\x00\x03a/b\x00\x00", "expected a packet id"),
        (b"\x32\x05\x00\x03a/b", "expected a packet id"),
        (b"\x30\x03\x00\x03a", "topic ends beyond"),
        (b"\x30\x01\x00", "expected a topic"),
        (b"\x40\x01\x00", "PUBACK"),
        (b"\x30\xff\xff\xff\xff\x01", "more than 4 bytes"),
    ],
)
def test_what_mqtt_forbids_is_refused(packet: bytes, why: str) -> None:
    with pytest.raises(MalformedPacket, match=why):
        cut(packet + PINGRESP, version5=False)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"\x00\x01t\x00\x01\x02\x7f\x00", "unknown property 127"),
        (b"\x00\x01t\x00\x01\x09\x01", "properties end beyond"),
        (b"\x00\x01t\x00\x01\x03\x02\x00\x00", "a property ends beyond"),
        (b"\x00\x01t\x00\x01\x03\x08\x00\x09", "a property ends beyond"),
        (b"\x00\x01t\x00\x01\x02\x0b\x80", "without end"),
        (b"\x00\x01t\x00\x01\x80", "properties end beyond"),
        (b"\x00\x01t\x00\x01", "properties end beyond"),
    ],
)
def test_properties_that_do_not_add_up_are_refused(body: bytes, why: str) -> None:
    with pytest.raises(MalformedPacket, match=why):
        cut(bytes([0x32, len(body)]) + body, version5=True)


@given(st.binary(max_size=200), st.booleans())
@example(data=b"\x32\x04\x00\x00\x00\x01", version5=True)
@example(data=b"\x30\x80\x80\x80", version5=False)
def test_no_bytes_are_too_strange_to_cut(data: bytes, version5: bool) -> None:
    try:
        found = cut(data, version5=version5)
    except MalformedPacket:
        return
    assert data.endswith(found.rest)
    assert len(found.rest) < found.wanted


@pytest.mark.parametrize(
    "topic", ["", "+", "bf/v1/1000/+/_status", "bf/v1/#", "a\x00b", "a\nb", "\ud800", "x" * 65_536, "\u00e9" * 40_000]
)
def test_a_topic_that_no_broker_takes_is_not_sent(topic: str) -> None:
    assert not sendable(topic)


@pytest.mark.parametrize("topic", ["bf/v1/1000/L04/_status", "$SYS/x", "a b", "x" * 65_535, "\u00e9"])
def test_every_other_topic_is(topic: str) -> None:
    assert sendable(topic)
