"""What a network between MQTT peers may look at: where packets begin and end, and what a publication is.

It is written apart from the gateway's own reading of packets, because it judges that.
"""

from typing import NamedTuple

CONNECT = 1
PUBLISH = 3
PUBACK = 4
_DUP = 0x08


class Publication(NamedTuple):
    """What a PUBLISH packet says."""

    topic: str
    mid: int
    """0 with QoS 0."""
    payload: bytes


def split(waiting: bytearray) -> list[bytes]:
    """Take the whole packets off the front of what has arrived."""
    packets: list[bytes] = []
    at, end = 0, len(waiting)
    while True:
        length, digits, place = 0, 0, at + 1
        while place < end and digits < 4:
            length |= (waiting[place] & 0x7F) << (7 * digits)
            digits += 1
            place += 1
            if not waiting[place - 1] & 0x80:
                break
        else:
            break
        if place + length > end:
            break
        packets.append(bytes(waiting[at : place + length]))
        at = place + length
    del waiting[:at]
    return packets


def kind(packet: bytes) -> int:
    """Return which of the kinds of MQTT packets it is."""
    return packet[0] >> 4


def speaks_version_5(connect: bytes) -> bool:
    """Read the protocol's level from a CONNECT packet."""
    name = _body(connect)
    return connect[name + 2 + int.from_bytes(connect[name : name + 2])] == 5


def publication(packet: bytes, *, version5: bool) -> Publication:
    """Read a PUBLISH packet."""
    at = _body(packet)
    size = int.from_bytes(packet[at : at + 2])
    topic = packet[at + 2 : at + 2 + size].decode()
    at += 2 + size
    mid = 0
    if packet[0] & 0x06:
        mid = int.from_bytes(packet[at : at + 2])
        at += 2
    if version5:
        length, digits = 0, 0
        while True:
            length |= (packet[at] & 0x7F) << (7 * digits)
            digits += 1
            at += 1
            if not packet[at - 1] & 0x80:
                break
        at += length
    return Publication(topic, mid, packet[at:])


def acknowledged(packet: bytes) -> int:
    """Read the packet id of a PUBACK."""
    at = _body(packet)
    return int.from_bytes(packet[at : at + 2])


def sent_again(packet: bytes) -> bytes:
    """Mark a PUBLISH as one that may have been sent before."""
    return bytes((packet[0] | _DUP,)) + packet[1:]


def _body(packet: bytes) -> int:
    at = 1
    while packet[at] & 0x80:
        at += 1
    return at + 1
