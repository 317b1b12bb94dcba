"""One byte stream to the broker, shared by the MQTT library and by the fast path of `packets`.

The idea: the event loop owns the socket (name lookup, TCP, TLS and waiting never block it), and the library gets an
object in memory that reads and writes like a socket. It sees every packet except PUBLISH and PUBACK, which are cut out
on their way in and bypass it on their way out. Only whole packets are exchanged on both sides, so the two never
interleave within one.

This is the only module that relies on an undocumented detail of the library: `Client.connect` takes its socket from
`Client._create_socket`. A test of its own guards it.
"""

import asyncio
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode, MQTTProtocolVersion

from gateway.mqtt.wire.packets import Acknowledgement, Delivery, MalformedPacket, beginning, cut

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

_LARGE: Final = 1 << 20
"""The payload of a larger publication, in bytes, is not kept: a broker may pass 256 MiB."""
_ENOUGH: Final = 256 << 10
"""The first bytes of it that always hold topic, response topic and correlation data."""
_KEPT: Final = 4096
_HIGH_WATER: Final = 1024 * 1024
"""With this many bytes to send, publishing is refused until the broker has read some."""


class Stream(asyncio.Protocol):
    """The transport's reader and writer, and the library's socket (`recv`, `send`, `close`, ...)."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        on_packets: Callable[[list[Delivery], list[Acknowledgement], int], None],
        on_lost: Callable[[str], None],
        *,
        version5: bool,
    ) -> None:
        self._loop = loop
        self._version5 = version5
        self._on_packets = on_packets
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._session: MqttSession | None = None
        self._pending: list[bytes] = []
        self._pending_size = 0
        self._wanted = 0
        self._large: _Large | None = None
        self._control = b""
        self._control_at = 0
        self._out: list[bytes] = []
        self.congested = False
        """Whether more than a mebibyte waits to be sent."""
        self._heard = True

    def serve(self, session: "MqttSession") -> None:
        """Let the library read and write through this stream from now on."""
        self._session = session

    def write(self, data: bytes) -> None:
        """Send whole packets; everything written within one turn of the loop is sent together."""
        if not self._out:
            self._loop.call_soon(self._flush)
        self._out.append(data)

    def pause(self) -> None:
        """Stop reading, so that the broker has to keep its messages."""
        if self._transport is not None and self._transport.is_reading():
            self._transport.pause_reading()

    def resume(self) -> None:
        """Read on."""
        if self._transport is not None and not self._transport.is_reading():
            self._transport.resume_reading()

    def has_heard(self) -> bool:
        """Return whether anything came since the last call, or could have come while reading was paused."""
        heard = self._heard
        self._heard = self._transport is not None and not self._transport.is_reading()
        return heard or self._heard

    def _flush(self) -> None:
        if self._out and self._transport is not None and not self._transport.is_closing():
            self._transport.write(b"".join(self._out))
        self._out.clear()

    # The event loop calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the open connection."""
        self._transport = cast("asyncio.Transport", transport)  # some loops' transports do not inherit from it
        self._transport.set_write_buffer_limits(high=_HIGH_WATER)

    def data_received(self, data: bytes) -> None:
        """Cut a chunk, give the library its packets, then report the others."""
        self._heard = True
        if self._large is not None:
            data = self._skip_large(data)
            if not data:
                return
        if self._pending:
            before = self._pending_size
            self._pending.append(data)
            self._pending_size += len(data)
            if self._pending_size < self._wanted:
                if before < _ENOUGH:
                    self._begin_large()
                return
            data = b"".join(self._pending)
            self._pending.clear()
        try:
            found = cut(data, version5=self._version5)
        except MalformedPacket as error:
            self.abort(f"the broker sent what MQTT does not allow: {error}")
            return
        if found.rest:
            self._pending.append(found.rest)
            self._pending_size, self._wanted = len(found.rest), found.wanted
            self._begin_large()
        if found.control:
            self._read_control(found.control)
        if found.deliveries or found.answers:
            self._report(found.deliveries, found.answers, len(data) - len(found.rest))

    def _report(self, deliveries: list[Delivery], answers: list[Acknowledgement], size: int) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._on_packets(deliveries, answers, size)

    def _begin_large(self) -> None:
        """Keep only the beginning of a large publication, once enough of it has arrived."""
        if self._wanted <= _LARGE or self._pending_size < _ENOUGH:
            return
        data = b"".join(self._pending)
        try:
            begun = beginning(data, version5=self._version5)
        except MalformedPacket as error:
            self.abort(f"the broker sent what MQTT does not allow: {error}")
            return
        if begun is not None:
            self._large = _Large(*begun)
            self._pending.clear()

    def _skip_large(self, data: bytes) -> bytes:
        """Count the bytes of a large publication, report it at its end, and return the bytes after it."""
        assert self._large is not None
        rest = self._large.take(data)
        if not self._large.left:
            whole, self._large = self._large.whole(), None
            self._report([whole], [], _KEPT)
        return rest

    def connection_lost(self, exc: Exception | None) -> None:
        """Report the end."""
        self._transport = None
        self._on_lost("the broker closed the connection" if exc is None else f"the connection broke: {exc}")

    def pause_writing(self) -> None:
        """Note that the broker reads too slowly."""
        self.congested = True

    def resume_writing(self) -> None:
        """Note that the broker has caught up."""
        self.congested = False

    def _read_control(self, control: bytes) -> None:
        assert self._session is not None
        self._control, self._control_at = control, 0
        while self._control_at < len(control) and self._session.loop_read() == MQTTErrorCode.MQTT_ERR_SUCCESS:
            pass
        # Packets that the library's callbacks wanted to send meanwhile.
        if self._session.want_write():
            self._session.loop_write()

    # The library calls

    def recv(self, size: int) -> bytes:
        """Return the next bytes of whole control packets."""
        data = self._control[self._control_at : self._control_at + size]
        if not data:
            raise BlockingIOError
        self._control_at += len(data)
        return data

    def send(self, data: bytes | bytearray) -> int:
        """Take one whole packet."""
        self.write(bytes(data))
        return len(data)

    def close(self) -> None:
        """Send all written packets, then close."""
        if self._transport is not None:
            self._flush()
            self._transport.close()

    def abort(self, why: str) -> None:
        """Close at once, for a reason."""
        if self._transport is not None:
            transport, self._transport = self._transport, None
            transport.abort()
            self._on_lost(why)

    def fileno(self) -> int:
        """Return no file: the event loop owns it."""
        return -1

    def setblocking(self, flag: bool) -> None:  # noqa: FBT001 - the socket's own signature
        """Do nothing: no call here blocks."""


class _Large:
    """A publication that is too large: its beginning, size and digest."""

    def __init__(self, delivery: Delivery, left: int) -> None:
        self._delivery = delivery._replace(payload=delivery.payload[:_KEPT], size=len(delivery.payload) + left)
        self._digest = hashlib.sha256(delivery.payload)
        self.left = left

    def take(self, data: bytes) -> bytes:
        """Take its bytes, and return the rest."""
        self._digest.update(data[: self.left])
        rest = data[self.left :]
        self.left -= len(data) - len(rest)
        return rest

    def whole(self) -> Delivery:
        """Return it, once it is complete."""
        return self._delivery._replace(sha256=self._digest.hexdigest())


class MqttSession(paho.Client):
    """The library's client over an open stream."""

    def __init__(self, stream: Stream, client_id: str, *, version5: bool, clean: bool) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id,
            clean_session=None if version5 else clean,
            protocol=MQTTProtocolVersion.MQTTv5 if version5 else MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
            manual_ack=True,
        )
        self._stream = stream
        stream.serve(self)

    def _create_socket(self) -> "SocketLike":
        return self._stream
