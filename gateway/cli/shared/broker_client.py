"""Tools that connect to the broker: a login and a client id of their own, and a session that leaves nothing behind.

A second connection with the gateway's login or client id would disconnect the gateway, so both are refused.
"""

import asyncio
import random
import ssl
import time
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict, Unpack

import click
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from gateway.errors import BrokerUnavailable, UsageError
from gateway.files import read_secret
from gateway.mqtt.broker import Address, tls_of, why_not

if TYPE_CHECKING:
    from gateway.sections import SourceSection
    from gateway.settings import Settings

CONNECT_S: Final = 10.0
_LOOK_S: Final = 0.5
_UNSUPPORTED: Final = 0x84
_TAKEN_OVER: Final = 0x8E
_NO_WORD: Final = 0x80
"""The library's words for a connection ended without a reason, as always on MQTT 3.1.1."""
_REFUSED: Final = 0x80


class Login(TypedDict, total=False):
    """The options of `login_options`."""

    url: str | None
    username: str | None
    password_file: Path | None
    cert_file: Path | None
    key_file: Path | None


def login_options(function: Any) -> Any:  # noqa: ANN401 - a click decorator over any command
    """Add the broker and the tool's own login."""
    file = click.Path(exists=True, dir_okay=False, path_type=Path)
    for option in (
        click.option("--key-file", type=file, help="The key of that certificate."),
        click.option("--cert-file", type=file, help="The tool's own certificate, where the broker asks for one."),
        click.option("--password-file", type=file, help="Its password."),
        click.option("--username", help="The login of this tool, not the gateway's."),
        click.option("--mqtt", "url", metavar="URL", help="The broker; by default that of the configuration."),
    ):
        function = option(function)
    return function


def refuse_gateways_login(settings: "Settings", username: str | None) -> None:
    """Raise UsageError for a login that would disconnect the gateway."""
    if username and username in (settings.mqtt.username, settings.client_id):
        raise UsageError(
            f"--username: {username} is the gateway's own: a second connection would disconnect the gateway"
        )


def try_login(settings: "Settings", url: str | None, host: "SourceSection | None") -> None:
    """Connect once as the gateway, or as a source's host application, would; nothing of its session is changed.

    Raises BrokerUnavailable, or UsageError for a password that cannot be read.
    """
    from gateway.mqtt import probe
    from gateway.service.receive.broker_session import broker_of

    broker = broker_of(settings, host)
    asyncio.run(probe.try_login(replace(broker, address=Address.parse(url)) if url else broker))


class _WrongVersion(BrokerUnavailable):
    """The broker does not speak this version."""


@dataclass(frozen=True, slots=True)
class Granted:
    """The broker's answer when it accepted the connection."""

    protocol: str
    properties: dict[str, Any]


class Tool:
    """One connection of a tool, as a context manager; messages are read from `messages`."""

    def __init__(self, settings: "Settings", name: str, *, takes: bool = True, **login: Unpack[Login]) -> None:
        """Prepare it; messages are acknowledged at once if it `takes`, else one by one by `take`."""
        url, username = login.get("url"), login.get("username")
        password_file, cert_file, key_file = login.get("password_file"), login.get("cert_file"), login.get("key_file")
        refuse_gateways_login(settings, username)
        if (
            cert_file is not None
            and settings.mqtt.cert_file is not None
            and cert_file.samefile(settings.mqtt.cert_file)
        ):
            raise UsageError(f"--cert-file: {cert_file} is the gateway's own: it would disconnect the gateway")
        self.address: Final = Address.parse(url or settings.mqtt.url)
        self.client_id: Final = f"bf-{name}-{random.SystemRandom().getrandbits(32):08x}"
        self.messages: SimpleQueue[paho.MQTTMessage] = SimpleQueue()
        self._mqtt = settings.mqtt
        self._username = username
        self._password = read_secret(password_file, "--password-file") if password_file is not None else None
        self._certificate = (cert_file, key_file) if cert_file is not None else None
        self._takes = takes
        self._client: paho.Client | None = None
        self._ended: ReasonCode | None = None
        self.granted: Granted

    def __enter__(self) -> Self:
        versions = {"5": [MQTTProtocolVersion.MQTTv5], "3.1.1": [MQTTProtocolVersion.MQTTv311]}.get(
            self._mqtt.protocol, [MQTTProtocolVersion.MQTTv5, MQTTProtocolVersion.MQTTv311]
        )
        while True:
            try:
                self._connect(versions.pop(0))
            except _WrongVersion:
                if not versions:
                    raise
            else:
                return self

    def __exit__(self, *_: object) -> None:
        if self._client is not None:
            self._client.disconnect()
            self._client.loop_stop()

    def subscribe(self, *filters: str) -> dict[str, bool]:
        """Subscribe, and return for each filter whether the broker granted it."""
        answers: SimpleQueue[list[ReasonCode]] = SimpleQueue()
        client = self._connected
        client.on_subscribe = lambda _client, _data, _mid, codes, _properties: answers.put(codes)
        try:
            client.subscribe([(name, 1) for name in filters])
        except ValueError as error:
            raise UsageError(
                f"expected topic filters with + and # as whole levels, # the last, got {', '.join(map(ascii, filters))}"
            ) from error
        codes: list[ReasonCode] = self._answer(answers, "a subscription")
        return {name: code.value < _REFUSED for name, code in zip(filters, codes, strict=True)}

    def ask(self, *filters: str) -> None:
        """Subscribe without waiting: some brokers never answer for topics that they do not have."""
        self._connected.subscribe([(name, 1) for name in filters])

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> bool:
        """Publish, and return whether the broker took it; on MQTT 3.1.1, and with QoS 0, it always claims so."""
        answers: SimpleQueue[ReasonCode] = SimpleQueue()
        client = self._connected
        client.on_publish = lambda _client, _data, _mid, code, _properties: answers.put(code)
        client.publish(topic, payload, qos=qos, retain=retain)
        code: ReasonCode = self._answer(answers, "a publication")
        return code.value < _REFUSED

    def publish_all(self, topic: str, messages: int) -> None:
        """Publish a number of messages, and wait until the broker has answered the last."""
        sent = [self._connected.publish(topic, b"{}", qos=1) for _ in range(messages)]
        deadline = time.monotonic() + CONNECT_S + messages / 1000
        while not sent[-1].is_published() and time.monotonic() < deadline:
            self.check()
            sent[-1].wait_for_publish(_LOOK_S)

    def take(self, message: paho.MQTTMessage) -> None:
        """Acknowledge a message, if it was not acknowledged on arrival."""
        self._connected.ack(message.mid, message.qos)

    def next(self, seconds: float) -> paho.MQTTMessage | None:
        """Return the next message, or None if none comes in time."""
        try:
            return self.messages.get(timeout=seconds)
        except Empty:
            return None

    def hears(self, topic: str, seconds: float) -> bool:
        """Wait for a message on a topic, and return whether one came; others are dropped."""
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            message = self.next(left)
            if message is not None and message.topic == topic:
                return True
        return False

    def check(self) -> None:
        """Raise BrokerUnavailable if the connection is lost: received or missing messages then prove nothing."""
        if self._ended is None and self._connected.is_connected():
            return
        ended = _NO_WORD if self._ended is None else self._ended.value
        why = f": {self._ended}"
        if ended in (_TAKEN_OVER, _NO_WORD):
            perhaps = "perhaps " if ended == _NO_WORD else ""
            why = (
                f": {perhaps}another program has connected with the same login ({self._username or 'none'}), and"
                " disconnects this one; give each tool that runs at the same time a login of its own"
            )
        raise BrokerUnavailable(f"the broker at {self.address} has closed the connection{why}")

    def _end(self, code: ReasonCode) -> None:
        """Note why the connection has ended: the first reason counts."""
        self._ended = self._ended or code

    def _answer(self, answers: "SimpleQueue[Any]", of: str) -> Any:  # noqa: ANN401 - any content of the queue
        """Wait for the broker's answer, as long as there is a connection."""
        for _ in range(round(CONNECT_S / _LOOK_S)):
            with suppress(Empty):
                return answers.get(timeout=_LOOK_S)
            self.check()
        raise BrokerUnavailable(f"the broker at {self.address} does not answer {of} within {CONNECT_S:.0f} s")

    @property
    def _connected(self) -> paho.Client:
        assert self._client is not None, "the tool is not connected"
        return self._client

    def _tls(self) -> ssl.SSLContext:
        try:
            return tls_of(self._mqtt.ca_file, *self._certificate or (None, None))
        except OSError as error:
            raise UsageError(f"ca_file, --cert-file, --key-file: cannot be used: {error.strerror or error}") from error

    def _connect(self, version: MQTTProtocolVersion) -> None:
        name = "5" if version == MQTTProtocolVersion.MQTTv5 else "3.1.1"
        where = f"the broker at {self.address}"
        client = paho.Client(CallbackAPIVersion.VERSION2, self.client_id, protocol=version,
                             clean_session=None if name == "5" else True, reconnect_on_failure=False,
                             manual_ack=not self._takes)  # fmt: skip
        if self._username:
            client.username_pw_set(self._username, self._password)
        if self.address.tls:
            client.tls_set_context(self._tls())
        answers: SimpleQueue[tuple[ReasonCode, Properties | None, bool]] = SimpleQueue()
        client.on_connect = lambda _client, _data, _flags, code, given: answers.put((code, given, True))
        client.on_disconnect = lambda _client, _data, _flags, code, given: answers.put((code, given, False))
        client.on_message = lambda _client, _data, message: self.messages.put(message)
        asked: dict[str, Any] = {}
        if name == "5":
            properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the library has no types here
            properties.SessionExpiryInterval = 0
            if not self._takes:
                properties.ReceiveMaximum = 1
            asked = {"clean_start": True, "properties": properties}
        try:
            client.connect(self.address.host, self.address.port, keepalive=30, **asked)
        except OSError as error:
            raise BrokerUnavailable(f"{where} {why_not(error)}") from error
        client.loop_start()
        try:
            code, given, answered = _wait(answers, f"{where} does not answer")
        except BrokerUnavailable:
            client.loop_stop()
            raise
        if code.is_failure or not answered:
            client.loop_stop()
            # A broker without MQTT 5 refuses, or hangs up without an answer.
            if not answered:
                raise _WrongVersion(f"{where} hangs up without an answer: does it expect TLS, or a certificate?")
            if code.value == _UNSUPPORTED:
                raise _WrongVersion(f"{where} does not support MQTT {name}")
            raise BrokerUnavailable(f"{where} refuses {self._username or 'a client without login'}: {code}")
        self._client = client
        client.on_disconnect = lambda _client, _data, _flags, code, _given: self._end(code)
        self.granted = Granted(name, given.json() if given is not None else {})


def _wait(answers: "SimpleQueue[Any]", otherwise: str) -> Any:  # noqa: ANN401 - any content of the queue
    try:
        return answers.get(timeout=CONNECT_S)
    except Empty:
        raise BrokerUnavailable(f"{otherwise} within {CONNECT_S:.0f} s") from None
