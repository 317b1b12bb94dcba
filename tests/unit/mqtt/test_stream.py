"""What the stream relies on in the MQTT library beyond its documentation: a new release of it has to pass here."""

import asyncio
import hashlib
import socket
from collections.abc import Callable
from typing import Any

import pytest

from gateway.mqtt.wire.packets import Acknowledgement, Delivery, properties, publication
from gateway.mqtt.wire.stream import MqttSession, Stream

CONNACK = {False: b"\x20\x02\x00\x00", True: b"\x20\x03\x00\x00\x00"}
SUBACK = {False: b"\x90\x04\x00\x01\x01\x80", True: b"\x90\x05\x00\x01\x00\x01\x87"}
PUBLISH = {False: b"\x32\x07\x00\x01t\x00\x09ab", True: b"\x32\x08\x00\x01t\x00\x09\x00ab"}
PINGRESP = b"\xd0\x00"

Heard = list[object]


class Wire:
    """A stream over one end of a socket pair, the library on it, and the other end in the test's hands."""

    def __init__(self, loop: asyncio.AbstractEventLoop, *, version5: bool) -> None:
        self.has_heard: Heard = []
        self.far, self.near = socket.socketpair()
        self.far.setblocking(False)  # noqa: FBT003
        self.near.setblocking(False)  # noqa: FBT003
        self._loop = loop
        self.stream = Stream(loop, self._packets, self._note("lost"), version5=version5)
        self.session = MqttSession(self.stream, "gateway", version5=version5, clean=False)
        self.session.on_connect = lambda _c, _d, _f, reason, _p: self.has_heard.append(("connack", reason.value))
        self.session.on_subscribe = lambda _c, _d, _m, codes, _p: self.has_heard.append([code.value for code in codes])

    async def open(self) -> None:
        await self._loop.create_connection(lambda: self.stream, sock=self.near)
        self.session.connect("ignored", 1, 60)

    async def receive(self) -> bytes:
        return await self._loop.sock_recv(self.far, 65_536)

    async def send(self, data: bytes, until: Callable[[Heard], bool]) -> None:
        await self._loop.sock_sendall(self.far, data)
        async with asyncio.timeout(20):
            while not until(self.has_heard):  # noqa: ASYNC110
                await asyncio.sleep(0)

    async def close(self) -> None:
        self.stream.abort("test over")
        await asyncio.sleep(0)
        self.far.close()

    def _packets(self, deliveries: list[Delivery], answers: list[Acknowledgement], size: int) -> None:
        self.has_heard += [*deliveries, *answers, size]

    def _note(self, word: str) -> Callable[[str], Any]:
        return lambda why: self.has_heard.append((word, why))


@pytest.mark.parametrize("version5", [False, True])
async def test_the_library_speaks_through_the_stream_and_never_sees_a_publication(version5: bool) -> None:
    wire = Wire(asyncio.get_running_loop(), version5=version5)
    await wire.open()
    connect = await wire.receive()
    assert connect[0] == 0x10
    assert connect.endswith(b"\x00\x07gateway")
    both = CONNACK[version5] + PUBLISH[version5]
    await wire.send(both, lambda heard: len(heard) == 3)
    assert wire.has_heard == [("connack", 0), Delivery("t", b"ab", 1, False, None, None, 9), len(both)]  # noqa: FBT003
    wire.session.subscribe([("a", 1), ("b", 1)])
    wire.session.loop_write()
    subscribe = await wire.receive()
    # The library begins its packet ids with 1, and ours begin where its own cannot reach.
    assert subscribe[2:4] == b"\x00\x01"
    await wire.send(SUBACK[version5], lambda heard: len(heard) == 4)
    assert wire.has_heard[3] == ([1, 0x87] if version5 else [1, 0x80])
    wire.session.disconnect()
    wire.session.loop_write()
    assert (await wire.receive())[0] == 0xE0
    await wire.close()


@pytest.mark.parametrize("size", [1, 2, 3, 5])
async def test_packets_in_pieces_are_the_same_packets(size: int) -> None:
    wire = Wire(asyncio.get_running_loop(), version5=False)
    await wire.open()
    await wire.receive()
    data = CONNACK[False] + PUBLISH[False] + PINGRESP + b"\x40\x02\x01\x00" + PUBLISH[False]
    for start in range(0, len(data), size):
        wire.stream.data_received(data[start : start + size])
    told = [item for item in wire.has_heard if not isinstance(item, int)]
    delivery = Delivery("t", b"ab", 1, False, None, None, 9)  # noqa: FBT003
    assert told == [("connack", 0), delivery, Acknowledgement(256, 0), delivery]
    await wire.close()


async def test_everything_written_in_one_turn_leaves_as_one_piece_and_in_order() -> None:
    wire = Wire(asyncio.get_running_loop(), version5=False)
    await wire.open()
    await wire.receive()
    wire.stream.write(b"one ")
    wire.session.subscribe("t", 1)
    wire.session.loop_write()
    wire.stream.write(b" two")
    sent = await wire.receive()
    assert sent.startswith(b"one \x82")
    assert sent.endswith(b" two")
    await wire.close()


async def test_any_byte_is_heard_once_and_what_is_not_read_on_purpose_is_no_silence() -> None:
    wire = Wire(asyncio.get_running_loop(), version5=True)
    await wire.open()
    heard = [wire.stream.has_heard(), wire.stream.has_heard()]
    await wire.send(PUBLISH[True], bool)
    heard += [wire.stream.has_heard(), wire.stream.has_heard()]
    wire.stream.pause()
    heard += [wire.stream.has_heard(), wire.stream.has_heard()]
    wire.stream.resume()
    heard += [wire.stream.has_heard(), wire.stream.has_heard()]
    await wire.close()
    assert heard == [True, False, True, False, True, True, True, False]


async def test_a_forbidden_packet_ends_the_connection_with_its_reason() -> None:
    wire = Wire(asyncio.get_running_loop(), version5=False)
    await wire.open()
    await wire.receive()
    await wire.send(CONNACK[False] + b"\x36\x07\x00\x01t\x00\x09ab", lambda heard: len(heard) == 1)
    assert "expected QoS 0 or 1" in str(wire.has_heard)
    assert "lost" in str(wire.has_heard)
    await wire.close()


@pytest.mark.parametrize("version5", [False, True])
def test_of_a_large_publication_the_beginning_is_kept_its_size_and_what_identifies_it(version5: bool) -> None:
    """H9: a broker may let pass 256 MiB, of which every copy was kept."""
    payload = bytes(range(256)) * 20_000
    given = properties(7, b"c" * 65_535) if version5 else None
    large = publication("t" * 65_535, payload, qos=1, retain=True, mid=5, properties=given)
    sent = PUBLISH[version5] + large + PUBLISH[version5]

    async def scenario(piece: int) -> tuple[Heard, int]:
        wire = Wire(asyncio.get_running_loop(), version5=version5)
        await wire.open()
        most = 0
        for at in range(0, len(sent), piece):
            wire.stream.data_received(sent[at : at + piece])
            most = max(most, sum(map(len, wire.stream._pending)))  # noqa: SLF001 - what is held in memory
        await wire.close()
        return [heard for heard in wire.has_heard if isinstance(heard, Delivery)], most

    for piece in (1_000, 65_536, 262_144, 300_001):
        heard, most = asyncio.run(scenario(piece))
        small = Delivery("t", b"ab", 1, retain=False, response_topic=None, correlation=None, mid=9)
        digest = hashlib.sha256(payload).hexdigest()
        correlation = b"c" * 65_535 if version5 else None
        kept = small._replace(topic="t" * 65_535, payload=payload[:4_096], retain=True, correlation=correlation, mid=5)
        kept = kept._replace(size=len(payload), sha256=digest)
        assert heard == [small, kept, small], piece
        assert most < 1 << 20
