"""Uplinks of devices: an MQTT connection that carries one or many of them.

paho runs on the event loop (its own thread would cost five times as much); only connecting, which may block, runs in a
thread. For simulated devices paho keeps every publish until the broker has acknowledged it, and sends it again after a
reconnect. An owner with a store of its own has paho forget everything with the connection, and sends it again itself:
it alone knows which telegrams are late by then.

Laws: no message published with QoS 1 is forgotten while the program runs; at most `WINDOW` of them wait for the broker;
callbacks run on the event loop. MQTT has one last will per connection: it reports the first device offline, the others
report it themselves when they leave.
"""

import asyncio
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol, Self
from urllib.parse import urlsplit

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.reasoncodes import ReasonCode

WINDOW: Final = 2_000
_PAUSE_S: Final = 0.002
_FIRST_RETRY_S: Final = 0.25
_LAST_RETRY_S: Final = 8.0
_KEEPALIVE_CHECK_S: Final = 1.0


class Unreachable(Exception):
    """The broker refuses, or does not answer in time; unacknowledged messages are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerAccess:
    """The broker's address, and the devices' login there."""

    url: str
    """`mqtt://host[:port]` or `mqtts://host[:port]`."""
    base: str = "bf/v1"
    client_id: str = "backflush-simulator"
    username: str | None = None
    password: str | None = None
    ca_file: str | None = None
    cert_file: str | None = None
    key_file: str | None = None
    own_connections: bool = False
    """Each device has a connection of its own, with its id as client id and, if there is a password, as login."""
    patience_s: float = 30.0
    """The wait for the broker, at the start and for acknowledgements, before giving up."""

    def tls(self) -> ssl.SSLContext:
        """Return the terms of `mqtts`; OSError if a file cannot be used."""
        context = ssl.create_default_context(cafile=self.ca_file)
        if self.cert_file is not None:
            context.load_cert_chain(self.cert_file, self.key_file)
        return context


class UplinkMessage(NamedTuple):
    """One message to be published."""

    topic: str
    payload: bytes
    retain: bool = False
    qos: int = 1


class UplinkPresence(NamedTuple):
    """The topics that a connection hears, and its messages when it comes and goes."""

    hears: Sequence[str]
    """Topic filters."""
    online: Callable[[], Sequence[UplinkMessage]]
    """Is called after each connection."""
    offline: Callable[[], Sequence[UplinkMessage]]
    will: Callable[[], UplinkMessage | None]
    """Is called before each connection."""

    @classmethod
    def of(cls, places: Sequence[str]) -> Self:
        """Return the presence of devices that stand at these topics, without the last segment."""

        def announce(state: str) -> list[UplinkMessage]:
            return [
                UplinkMessage(f"{place}/state", b'{"state":"%s"}' % state.encode(), retain=True) for place in places
            ]

        hears = [f"{place}/{kind}" for place in places for kind in ("feedback", "command")]
        return cls(hears, lambda: announce("online"), lambda: announce("offline"), lambda: announce("offline")[0])


class Owner(Protocol):
    """A sender with a store of its own."""

    def connect(self) -> None:
        """Send what waits: the broker is there, and no message is on the way."""

    def acknowledge(self, mid: int) -> None:
        """Take the broker's acknowledgement of a message, by its number from `send`."""


class Uplink:
    """One connection; enter it as an async context manager, which waits for the broker unless there is an owner."""

    def __init__(
        self,
        broker: BrokerAccess,
        client_id: str,
        presence: UplinkPresence,
        hear: Callable[[str, bytes], None],
        owner: Owner | None = None,
    ) -> None:
        """`hear` gets topic and payload of what the presence hears."""
        self._broker = broker
        self._client_id = client_id
        self._owner = owner
        self._presence = presence
        self._hear = hear
        self._loop = asyncio.get_running_loop()
        self._connected = asyncio.Event()
        self._lost = asyncio.Event()
        self._refused: str = "no answer"
        self._waiting: set[int] = set()
        self._acknowledged = 0
        self._client = self._build()

    async def __aenter__(self) -> Self:
        self._connecting = asyncio.create_task(self._stay_connected())
        if self._owner is not None:
            return self
        try:
            async with asyncio.timeout(self._broker.patience_s):
                await self._connected.wait()
        except TimeoutError:
            await self._stop()
            where = f"{self._broker.url} within {self._broker.patience_s} s"
            raise Unreachable(f"expected a connection to {where}, got {self._refused}") from None
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        try:
            if self._owner is None or self.is_connected:
                for message in self._presence.offline():
                    self.send(message)
                await self.drain()
        finally:
            await self._stop()

    async def publish(self, message: UplinkMessage) -> None:
        """Publish a message; waits only while too many are unacknowledged."""
        while len(self._waiting) >= WINDOW:  # noqa: ASYNC110 - acknowledgements come one by one
            await asyncio.sleep(_PAUSE_S)
        self.send(message)

    def send(self, message: UplinkMessage) -> int:
        """Hand a message over without waiting; return its number on this connection."""
        mid = self._client.publish(message.topic, message.payload, message.qos, message.retain).mid
        if message.qos:
            self._waiting.add(mid)
        return mid

    @property
    def is_connected(self) -> bool:
        """Whether the broker has accepted the connection, and no loss of it is known."""
        return self._client.is_connected()

    @property
    def refusal(self) -> str:
        """The reason why the last attempt to connect failed."""
        return self._refused

    async def drain(self) -> None:
        """Wait until the broker has acknowledged everything; raises `Unreachable` if it makes no progress."""
        acknowledged, waited_s = self._acknowledged, 0.0
        while self._waiting:
            await asyncio.sleep(_PAUSE_S)
            waited_s = waited_s + _PAUSE_S if self._acknowledged == acknowledged else 0.0
            acknowledged = self._acknowledged
            if waited_s > self._broker.patience_s:
                missing = f"{len(self._waiting)} messages"
                raise Unreachable(f"expected acknowledgements from {self._broker.url}, got none for {missing}")

    def _build(self) -> paho.Client:
        client_id = self._client_id
        client = paho.Client(CallbackAPIVersion.VERSION2, client_id, protocol=paho.MQTTv311)
        client.max_inflight_messages_set(WINDOW)
        broker = self._broker
        username = client_id if broker.own_connections and broker.password is not None else broker.username
        if username is not None:
            client.username_pw_set(username, broker.password)
        address = urlsplit(broker.url)
        port = address.port or (8883 if address.scheme == "mqtts" else 1883)
        if address.scheme == "mqtts":
            client.tls_set_context(broker.tls())
        elif address.scheme != "mqtt":
            raise Unreachable(f"expected a broker's address like mqtt://host:1883, got {broker.url!r}")
        client.connect_async(address.hostname or "127.0.0.1", port, keepalive=30)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_publish = self._on_publish
        client.on_message = self._on_message
        client.on_socket_open = self._on_socket_open
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_socket_register_write
        client.on_socket_unregister_write = self._on_socket_unregister_write
        return client

    async def _stay_connected(self) -> None:
        pause_s = _FIRST_RETRY_S
        while True:
            self._lost.clear()
            try:
                if self._owner is not None:
                    self._client = self._build()
                    self._waiting.clear()
                will = self._presence.will()
                if will is not None:
                    self._client.will_set(will.topic, will.payload, will.qos, will.retain)
                await asyncio.to_thread(self._client.reconnect)
            except (OSError, UnicodeError) as error:  # a file that is being replaced, or a name that none can have
                self._refused = str(error)
            else:
                while not self._lost.is_set():
                    self._client.loop_misc()
                    # Not `wait_for`: before Python 3.12 it loses a cancellation that comes together with the event.
                    with suppress(TimeoutError):
                        async with asyncio.timeout(_KEEPALIVE_CHECK_S):
                            await self._lost.wait()
                    pause_s = _FIRST_RETRY_S if self._client.is_connected() else pause_s
            await asyncio.sleep(pause_s)
            pause_s = min(2 * pause_s, _LAST_RETRY_S)

    def _on_connect(
        self, client: paho.Client, _data: object, _flags: object, reason: ReasonCode, _properties: object
    ) -> None:
        if reason.is_failure:
            self._refused = str(reason)
            return
        if self._presence.hears:
            client.subscribe([(topic, 1) for topic in self._presence.hears])
        for message in self._presence.online():
            self.send(message)
        self._connected.set()
        if self._owner is not None:
            self._owner.connect()

    def _on_disconnect(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._lost.set)

    def _on_publish(
        self, _client: paho.Client, _data: object, mid: int, _reason: ReasonCode, _properties: object
    ) -> None:
        self._waiting.discard(mid)
        self._acknowledged += 1
        if self._owner is not None:
            self._owner.acknowledge(mid)

    def _on_message(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        self._hear(message.topic, bytes(message.payload))

    # Connecting calls these from a thread, everything else from the event loop.

    def _on_socket_open(self, _client: paho.Client, _data: object, socket: "paho.SocketLike") -> None:
        self._loop.call_soon_threadsafe(self._loop.add_reader, socket, self._read, socket)

    def _on_socket_close(self, _client: paho.Client, _data: object, socket: "paho.SocketLike") -> None:
        self._loop.remove_reader(socket)
        self._loop.remove_writer(socket)

    def _on_socket_register_write(self, _client: paho.Client, _data: object, socket: "paho.SocketLike") -> None:
        self._loop.call_soon_threadsafe(self._write_when_ready, socket)

    def _on_socket_unregister_write(self, _client: paho.Client, _data: object, socket: "paho.SocketLike") -> None:
        self._loop.call_soon_threadsafe(self._stop_writing, socket)

    def _write_when_ready(self, socket: "paho.SocketLike") -> None:
        if self._client.socket() is socket and self._client.want_write():
            self._loop.add_writer(socket, self._client.loop_write)

    def _stop_writing(self, socket: "paho.SocketLike") -> None:
        if self._client.socket() is socket and not self._client.want_write():
            self._loop.remove_writer(socket)

    def _read(self, socket: "paho.SocketLike") -> None:
        self._client.loop_read()
        # Data that TLS has already decrypted does not make the socket readable again.
        while self._client.socket() is socket and isinstance(socket, ssl.SSLSocket) and socket.pending():
            self._client.loop_read()

    async def _stop(self) -> None:
        self._connecting.cancel()
        await asyncio.gather(self._connecting, return_exceptions=True)
        self._client.disconnect()
