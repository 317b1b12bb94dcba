"""One connection's life, from the first byte to the last; a new connection is a new `Link`.

The idea: a packet id has a meaning within one connection only. So everything keyed by packet ids (deliveries to
acknowledge, publications that the broker has to acknowledge) lives here and dies with the connection; unacknowledged
deliveries come again, and the publisher sends unacknowledged publications again.

Laws
    nothing is acknowledged that the caller did not name, and nothing after the connection's end
    publications in flight <= the broker's limit; beyond that, publish refuses instead of queueing
    deliveries held without acknowledgement <= 16,384 or 4 MiB, and one chunk: beyond that, reading pauses
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple, TypeVar

from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, DisconnectFlags
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import BrokerUnavailable
from gateway.mqtt.broker import Broker, Will, why_not
from gateway.mqtt.wire.backpressure import Unacknowledged
from gateway.mqtt.wire.keepalive import A_KEEPALIVE, PINGREQ, Pulse
from gateway.mqtt.wire.packets import (
    Acknowledgement,
    Delivery,
    Extras,
    acknowledgements,
    properties,
    publication,
    sendable,
)
from gateway.mqtt.wire.stream import MqttSession, Stream

OPEN_TIMEOUT_S: Final = 10.0
"""Timeout for the connection, the CONNACK and the SUBACK, each."""
MAX_IN_FLIGHT: Final = 4096
"""At most this many publications wait for the broker's answer, even if it allows more."""

_FIRST_MID: Final = 256
"""Lower packet ids belong to the library, for its subscriptions: both share one number space."""
_LAST_MID: Final = 65_535
_UNSUPPORTED_VERSION: Final = 0x84
_REFUSED: Final = 0x80
_TOO_LARGE: Final = 0x95
INVALID_TOPIC: Final = 0x90
_FRAME: Final = 64
"""The most bytes of a publication except topic, payload and correlation."""

T = TypeVar("T")


class WrongVersion(BrokerUnavailable):
    """The broker does not speak this version of MQTT, or hung up on hearing it."""


class BrokerTerms(NamedTuple):
    """The terms that the broker granted."""

    protocol: str
    """`5` or `3.1.1`."""
    session_present: bool
    """Whether the broker kept the session: messages of the meantime will be delivered."""
    receive_maximum: int
    """Publications that it accepts unacknowledged."""
    session_expiry_s: int | None
    """Its own limit for keeping the session, if it differs from ours."""
    maximum_packet: int | None
    """Bytes of the largest packet that it accepts, if it sets a limit."""
    refused: tuple[str, ...]
    """Filters that it did not grant with the QoS that was wanted."""


class Hello(NamedTuple):
    """The introduction of a connection."""

    broker: Broker
    version5: bool
    will: Will | None = None
    filters: Mapping[str, int] = MappingProxyType({})
    """Each with its QoS; with 0 the broker keeps none of their messages while we are away."""
    clean: bool = False
    """The broker drops the session that it has kept, and over MQTT 3.1.1 keeps none."""


async def visit(hello: Hello) -> BrokerTerms:
    """Connect, and disconnect at once: nothing is acknowledged. Raises BrokerUnavailable."""
    link = Link(hello, lambda _: None, lambda _topic, _reason: None)
    try:
        terms = await link.open()
        await link.close(0)
    except BrokerUnavailable as error:
        link.abort(str(error))
        raise
    return terms


class Link:
    """A connection to the broker: open it, use it, wait until it is `lost`."""

    def __init__(
        self, hello: Hello, on_deliveries: Callable[[list[Delivery]], None], on_refused: Callable[[str, int], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._broker, self._version5, will, self._filters, self._clean = hello
        self._on_deliveries = on_deliveries
        self._on_refused = on_refused
        self._stream = Stream(self._loop, self._packets, self._end, version5=self._version5)
        self._session = self._make_session(will)
        self._connack: asyncio.Future[tuple[ConnectFlags, ReasonCode, Properties | None]] = self._loop.create_future()
        self._suback: asyncio.Future[list[ReasonCode]] = self._loop.create_future()
        self._gone: asyncio.Future[str] = self._loop.create_future()
        self._why: str | None = None
        self._idle = asyncio.Event()
        self._idle.set()
        self._in_flight: dict[int, tuple[str, Callable[[], None] | None]] = {}
        self._window = MAX_IN_FLIGHT
        self._maximum_packet: int | None = None
        self._mid = _FIRST_MID
        self._held = Unacknowledged()
        self._pulse = Pulse()
        self._keepalive_s = hello.broker.keepalive_s
        self.up = False
        """Whether the broker has accepted the connection, and it is not lost."""

    async def open(self) -> BrokerTerms:
        """Connect and subscribe. Deliveries of a kept session may arrive before this returns.

        Raises BrokerUnavailable (also WrongVersion) with the cause.
        """
        broker = self._broker
        host, port, _ = broker.address
        where = f"the broker at {broker.address}"
        try:
            tls = broker.tls_context()
        except OSError as error:
            raise BrokerUnavailable(f"{where}: the TLS files cannot be used: {error}") from error
        try:
            async with asyncio.timeout(OPEN_TIMEOUT_S):
                await self._loop.create_connection(lambda: self._stream, host, port, ssl=tls)
        except (OSError, TimeoutError) as error:
            raise BrokerUnavailable(f"{where} {why_not(error)}") from error
        if self._version5:
            asked = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the library has no types here
            asked.SessionExpiryInterval = broker.session_expiry_s
            asked.ReceiveMaximum = broker.receive_maximum
            self._session.connect(host, port, broker.keepalive_s, clean_start=self._clean, properties=asked)
        else:
            self._session.connect(host, port, broker.keepalive_s)
        try:
            flags, reason, given = await self._answer(self._connack, f"{where} did not accept the connection")
        except BrokerUnavailable as error:
            raise WrongVersion(str(error)) from error
        if reason.value == _UNSUPPORTED_VERSION:
            raise WrongVersion(f"{where} does not support MQTT {'5' if self._version5 else '3.1.1'}")
        if reason.is_failure:
            raise BrokerUnavailable(f"{where} refuses {broker.login}: {reason}")
        refused: tuple[str, ...] = ()
        if self._filters:
            granted = await self._answer(self._suback, f"{where} did not answer the subscription")
            answers = zip(self._filters.items(), granted, strict=False)
            refused = tuple(name for (name, qos), code in answers if code.value != qos)
        return BrokerTerms(
            protocol="5" if self._version5 else "3.1.1",
            session_present=flags.session_present,
            receive_maximum=getattr(given, "ReceiveMaximum", _LAST_MID),
            session_expiry_s=getattr(given, "SessionExpiryInterval", None),
            maximum_packet=self._maximum_packet,
            refused=refused,
        )

    async def wait_for_end(self) -> str:
        """Wait for the connection's end; return the cause."""
        return await asyncio.shield(self._gone)

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Acknowledge deliveries, all of them, in the order of their arrival (MQTT 3.1.1, 4.6); see Connection."""
        if not self.up:
            return
        due = [mid for mid in mids if mid]
        if due:
            self._stream.write(acknowledgements(due))
        self._held.drop(len(mids))
        if not self._held.full:
            self._stream.resume()

    def publish(
        self, topic: str, payload: bytes, extras: Extras, on_done: Callable[[], None] | None, *, qos: int, retain: bool
    ) -> bool:
        """Publish, or return False if it cannot be sent now; see Connection.publish."""
        if not self.up or self._stream.congested or len(self._in_flight) >= self._window:
            return False
        if not sendable(topic):
            return self._refuse(topic, INVALID_TOPIC, on_done)
        if self._maximum_packet is not None:
            size = len(topic.encode()) + len(payload) + len(extras.correlation or b"") + _FRAME
            if size > self._maximum_packet:
                return self._refuse(topic, _TOO_LARGE, on_done)
        mid = 0
        if qos:
            mid = self._free_mid()
            self._in_flight[mid] = (topic, on_done)
            self._idle.clear()
        given = properties(*extras) if self._version5 else None
        self._stream.write(publication(topic, payload, qos=qos, retain=retain, mid=mid, properties=given))
        if not qos and on_done is not None:
            on_done()
        return True

    def _refuse(self, topic: str, reason: int, on_done: Callable[[], None] | None) -> bool:
        """Refuse a publication that makes the broker hang up: sent again and again, it would block all others."""
        self._on_refused(topic, reason)
        if on_done is not None:
            on_done()
        return True

    def subscribe(self, filters: Sequence[str], *, qos: int) -> bool:
        """Add filters for this connection; False if it is not up."""
        if self.up:
            self._session.subscribe([(name, qos) for name in filters])
            self._session.loop_write()
        return self.up

    def unsubscribe(self, filters: Sequence[str]) -> bool:
        """Remove filters; False if it is not up."""
        if self.up:
            self._session.unsubscribe(list(filters))
            self._session.loop_write()
        return self.up

    async def close(self, timeout_s: float) -> None:
        """Wait for the broker's answers, at most `timeout_s`; then disconnect, so that it does not publish the will."""
        try:
            async with asyncio.timeout(timeout_s):
                if self.up:
                    await self._idle.wait()
        except TimeoutError:
            pass
        if self.up:
            self._why = "closed"
            self._session.disconnect()
            self._session.loop_write()
        self._stream.close()

    def abort(self, why: str) -> None:
        """Drop the connection at once; the broker publishes the will."""
        self._stream.abort(why)

    def _make_session(self, will: Will | None) -> MqttSession:
        session = MqttSession(self._stream, self._broker.client_id, version5=self._version5, clean=self._clean)
        session.on_connect = self._on_connack
        session.on_subscribe = self._on_suback
        session.on_disconnect = self._on_disconnect
        if self._broker.username is not None:
            session.username_pw_set(self._broker.username, self._broker.password)
        if will is not None:
            session.will_set(will.topic, will.payload, will.qos, will.retain)
        return session

    def _free_mid(self) -> int:
        while True:
            self._mid = _FIRST_MID if self._mid == _LAST_MID else self._mid + 1
            if self._mid not in self._in_flight:
                return self._mid

    async def _answer(self, answer: asyncio.Future[T], otherwise: str) -> T:
        """Wait for an answer, for the connection's end, or for a timeout."""
        await asyncio.wait((answer, self._gone), timeout=OPEN_TIMEOUT_S, return_when=asyncio.FIRST_COMPLETED)
        if answer.done():
            return answer.result()
        raise BrokerUnavailable(f"{otherwise}: {self._gone.result() if self._gone.done() else 'no answer'}")

    def _ask(self) -> None:
        """Check whether the broker still answers."""
        if self._gone.done():
            return
        if self._pulse.ask(heard=self._stream.has_heard()):
            self._stream.write(PINGREQ)
            self._loop.call_later(self._keepalive_s / A_KEEPALIVE, self._ask)
        else:
            self.abort(f"the broker has answered nothing for {self._keepalive_s} s, though it was asked")

    # The stream reports

    def _packets(self, deliveries: list[Delivery], answers: list[Acknowledgement], size: int) -> None:
        for mid, reason in answers:
            topic, on_done = self._in_flight.pop(mid, ("", None))
            if reason >= _REFUSED:
                self._on_refused(topic, reason)
            if on_done is not None:
                on_done()
        if not self._in_flight:
            self._idle.set()
        if deliveries:
            self._held.add(len(deliveries), size)
            if self._held.full:
                self._stream.pause()
            self._on_deliveries(deliveries)

    def _end(self, why: str) -> None:
        self.up = False
        self._idle.set()
        if not self._gone.done():
            self._gone.set_result(self._why or why)

    # The library reports

    def _on_connack(
        self, _client: PahoClient, _data: object, flags: ConnectFlags, reason: ReasonCode, given: Properties | None
    ) -> None:
        if self._connack.done():
            return
        if not reason.is_failure:
            self._window = min(MAX_IN_FLIGHT, getattr(given, "ReceiveMaximum", MAX_IN_FLIGHT))
            self._maximum_packet = getattr(given, "MaximumPacketSize", None)
            self._keepalive_s = getattr(given, "ServerKeepAlive", self._keepalive_s)
            self.up = True
            if self._keepalive_s:
                self._loop.call_later(self._keepalive_s / A_KEEPALIVE, self._ask)
            if self._filters:
                self._session.subscribe(list(self._filters.items()))
        self._connack.set_result((flags, reason, given))

    def _on_suback(
        self, _client: PahoClient, _data: object, _mid: int, granted: list[ReasonCode], _given: Properties | None
    ) -> None:
        if not self._suback.done():
            self._suback.set_result(granted)

    def _on_disconnect(
        self, _client: PahoClient, _data: object, flags: DisconnectFlags, reason: ReasonCode, _given: Properties | None
    ) -> None:
        if self._why is None:
            by_broker = flags.is_disconnect_packet_from_server
            self._why = f"the broker says: {reason}" if by_broker else f"the connection was given up: {reason}"
