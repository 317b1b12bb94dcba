"""The two packets that make up the traffic, PUBLISH and PUBACK, as values; every other packet passes through as bytes.

The idea: a pure parser that never touches a socket. The MQTT library reads one packet with several small reads, locks
and objects; almost all packets of a gateway are publications and their acknowledgements, so a whole chunk from the
socket is cut here in one loop, and rare, intricate packets are left to the library.

Sources: MQTT 3.1.1 sections 2.2, 3.3, 3.4; MQTT 5.0 sections 2.2.2, 3.3, 3.4.

Laws
    cut(a + b) gives the same as cut(a), then cut(rest of a + b): chunks do not matter
    deliveries and answers stand in the order of their packets
    for any bytes the result is packets or Malformed; nothing beyond a packet's end is read
"""

import re
from collections.abc import Iterable
from functools import lru_cache
from struct import pack
from typing import Final, NamedTuple

_PUBLISH: Final = 0x30
_PUBACK: Final = 0x40
_LONGEST_LENGTH: Final = 4
"""The most bytes of a remaining length."""

_ONE_BYTE: Final = 0x7F
"""The largest length that needs no second byte."""

_FIXED_SIZES: Final = {0x01: 1, 0x02: 4, 0x23: 2}
"""Payload format, expiry, topic alias: properties of a publication with a fixed size."""
_TEXTS: Final = {0x03: 1, 0x08: 1, 0x09: 1, 0x26: 2}
"""Content type, response topic, correlation data, user property: properties made of this many counted strings."""
_SUBSCRIPTION: Final = 0x0B
_RESPONSE_TOPIC: Final = 0x08
_CORRELATION: Final = 0x09
_USER_PROPERTY: Final = 0x26
_TRACEPARENT: Final = b"traceparent"


_UNFIT: Final = re.compile(r"[+#\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_LONGEST_TOPIC: Final = 65_535


class MalformedPacket(Exception):
    """The broker violated the protocol; the connection cannot go on."""


class Extras(NamedTuple):
    """The properties of a publication on MQTT 5."""

    expiry_s: int | None = None
    correlation: bytes | None = None


NO_EXTRAS: Final = Extras()


class Delivery(NamedTuple):
    """One publication that the broker delivered. `mid` is 0 if there is nothing to acknowledge (QoS 0)."""

    topic: str
    payload: bytes
    qos: int
    retain: bool
    response_topic: str | None
    correlation: bytes | None
    mid: int
    size: int = 0
    """The original size of a payload of which only the beginning was kept; else 0."""
    sha256: str = ""
    """The digest of such a payload as a whole."""
    traceparent: str = ""
    """The trace context of its sender, as it came."""


class Acknowledgement(NamedTuple):
    """The broker's acknowledgement of our publication; a reason of 128 and above is a refusal (MQTT 5)."""

    mid: int
    reason: int


@lru_cache(32_768)
def sendable(topic: str) -> bool:
    """Return whether a broker accepts publications to a topic (MQTT 5, 4.7.1 and 4.7.3); on others it hangs up.

    >>> sendable("bf/v1/1000/L04/_status"), sendable("bf/v1/1000/+/_status"), sendable("")
    (True, False, False)
    """
    return bool(topic) and _UNFIT.search(topic) is None and len(topic.encode()) <= _LONGEST_TOPIC


class Cut(NamedTuple):
    """The content of a chunk: whole packets, and the rest that waits for more bytes."""

    deliveries: list[Delivery]
    answers: list[Acknowledgement]
    control: bytes
    """All other packets, whole and in order."""
    rest: bytes
    wanted: int
    """The fewest bytes, the rest included, that can complete the next packet."""


def cut(data: bytes, *, version5: bool) -> Cut:
    """Cut a chunk, which begins at a packet, into packets. Raises Malformed."""
    deliveries: list[Delivery] = []
    answers: list[Acknowledgement] = []
    control: list[bytes] = []
    position, size, wanted = 0, len(data), 2
    while position + 2 <= size:
        kind = data[position] & 0xF0
        length = data[position + 1]
        body = position + 2
        if length > _ONE_BYTE:
            length, body = _varint(data, position + 1, min(size, position + 1 + _LONGEST_LENGTH))
            if body == 0:
                wanted = size - position + 1
                break
        end = body + length
        if end > size:
            wanted = end - position
            break
        if kind == _PUBLISH:
            deliveries.append(_delivery(data, data[position], body, end, version5=version5))
        elif kind == _PUBACK:
            if length < 2:  # noqa: PLR2004 - the packet id
                raise MalformedPacket(f"PUBACK: expected at least 2 bytes, got {length}")
            mid = data[body] << 8 | data[body + 1]
            answers.append(Acknowledgement(mid, data[body + 2] if length > 2 else 0))  # noqa: PLR2004 - the reason follows the packet id
        else:
            control.append(data[position:end])
        position = end
    return Cut(deliveries, answers, b"".join(control), data[position:], wanted)


def beginning(data: bytes, *, version5: bool) -> tuple[Delivery, int] | None:
    """Read a publication whose end has not come, and the number of missing bytes. Raises Malformed.

    None for another packet, and for one whose payload has not begun.
    """
    if data[0] & 0xF0 != _PUBLISH:
        return None
    length, body = _varint(data, 1, 1 + _LONGEST_LENGTH)
    at = body + 2 + (data[body] << 8 | data[body + 1]) + (2 if data[0] & 0x06 else 0)
    if version5:
        size, at = _varint(data, at, at + _LONGEST_LENGTH) if at + _LONGEST_LENGTH <= len(data) else (0, len(data))
        at += size
    if at >= len(data):
        return None
    end = body + length
    return _delivery(data, data[0], body, end, version5=version5), end - len(data)


def acknowledgements(mids: Iterable[int]) -> bytes:
    """Encode one PUBACK for each packet id, in order."""
    packets = [_PUBACK << 24 | 2 << 16 | mid for mid in mids]
    return pack(f">{len(packets)}I", *packets)


def publication(topic: str, payload: bytes, *, qos: int, retain: bool, mid: int, properties: bytes | None) -> bytes:
    """Encode a PUBLISH. `properties` is None on MQTT 3.1.1, and the result of `properties()` on MQTT 5."""
    name = topic.encode()
    head = pack(">H", len(name)) + name
    if qos:
        head += pack(">H", mid)
    if properties is not None:
        head += properties
    first = _PUBLISH | qos << 1 | retain
    return bytes((first, *_encode_length(len(head) + len(payload)))) + head + payload


def properties(expiry_s: int | None, correlation: bytes | None) -> bytes:
    """Encode the properties of a publication (MQTT 5), their length included."""
    encoded = b"" if expiry_s is None else pack(">BI", 0x02, expiry_s)
    if correlation is not None:
        encoded += pack(">BH", _CORRELATION, len(correlation)) + correlation
    return bytes(_encode_length(len(encoded))) + encoded


def _delivery(data: bytes, first: int, body: int, end: int, *, version5: bool) -> Delivery:
    qos = first >> 1 & 3
    if qos > 1:
        raise MalformedPacket(f"PUBLISH: expected QoS 0 or 1, as subscribed, got {qos}")
    at = body + 2
    if at > end:
        raise MalformedPacket("PUBLISH: expected a topic, got the end")
    at += data[body] << 8 | data[body + 1]
    mid = 0
    name_end = at
    if qos:
        at += 2
        if at <= end:
            mid = data[at - 2] << 8 | data[at - 1]
        if mid == 0:
            raise MalformedPacket("PUBLISH: expected a packet id, got none")
    response_topic = correlation = None
    traceparent = ""
    if version5:
        if at < end and data[at] == 0:
            at += 1
        else:
            response_topic, correlation, traceparent, at = _properties(data, at, end)
    if at > end:
        raise MalformedPacket("PUBLISH: the topic ends beyond the packet")
    # A topic that is not UTF-8 must become a rejection later, not a connection that breaks again and again.
    topic = str(data[body + 2 : name_end], "utf-8", "backslashreplace")
    return Delivery(topic, data[at:end], qos, first & 1 == 1, response_topic, correlation, mid, 0, "", traceparent)


def _properties(data: bytes, at: int, end: int) -> tuple[str | None, bytes | None, str, int]:
    length, at = _varint(data, at, end)
    stop = at + length
    if at == 0 or stop > end:
        raise MalformedPacket("PUBLISH: the properties end beyond the packet")
    response_topic: str | None = None
    correlation: bytes | None = None
    traceparent = ""
    while at < stop:
        name = data[at]
        at += 1
        if name in _FIXED_SIZES:
            at += _FIXED_SIZES[name]
        elif name == _SUBSCRIPTION:
            _, at = _varint(data, at, stop)
            if at == 0:
                raise MalformedPacket("PUBLISH: a subscription identifier without end")
        elif name in _TEXTS:
            key = b""
            for _ in range(_TEXTS[name]):
                start = at + 2
                at = start + int.from_bytes(data[at:start], "big")
                key = key or data[start:at]
            if name == _USER_PROPERTY and key == _TRACEPARENT:
                traceparent = str(data[start:at], "utf-8", "backslashreplace")
            elif name == _RESPONSE_TOPIC:
                response_topic = str(data[start:at], "utf-8", "backslashreplace")
            elif name == _CORRELATION:
                correlation = data[start:at]
        else:
            raise MalformedPacket(f"PUBLISH: unknown property {name}")
    if at != stop:
        raise MalformedPacket("PUBLISH: a property ends beyond the properties")
    return response_topic, correlation, traceparent, stop


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """Read a variable byte integer; return it and its end, or (0, 0) if the data ends first."""
    value = 0
    for index in range(at, min(end, at + _LONGEST_LENGTH)):
        value |= (data[index] & 0x7F) << 7 * (index - at)
        if data[index] <= _ONE_BYTE:
            return value, index + 1
    if end - at >= _LONGEST_LENGTH:
        raise MalformedPacket("a length of more than 4 bytes")
    return 0, 0


def _encode_length(length: int) -> list[int]:
    """Write a variable byte integer."""
    digits = []
    while length > _ONE_BYTE:
        digits.append(length & 0x7F | 0x80)
        length >>= 7
    return [*digits, length]
