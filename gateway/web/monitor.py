"""The monitor: it listens to the status topics over a connection of its own, through every outage, and sends requests.

aiomqtt does not reconnect by itself, so a new connection is made every two seconds while there is none. A refused
subscription is an outage with its reason: figures that do not come must not look like a plant that stands still.
"""

import asyncio
import json
import logging
import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from devices.decoders.strict_json import read_object
from gateway.errors import BrokerUnavailable, Reason, Unanswered, UsageError
from gateway.files import read_secret
from gateway.mqtt.broker import Address, tls_of
from gateway.service.floor.floor import Floor
from gateway.service.traces import TRACEPARENT
from gateway.settings import Settings

_AGAIN_S: Final = 2.0
_CONNECT_S: Final = 10
_KEEPALIVE_S: Final = 6
"""The broker is missed within one and a half times of it."""
_REFUSED: Final = 0x80
_ANSWER: Final = {"transaction": str, "status": str, "code": str, "text": str, "data": dict}
"""The form of an answer."""
_VERSIONS: Final = {
    "5": [aiomqtt.ProtocolVersion.V5],
    "3.1.1": [aiomqtt.ProtocolVersion.V311],
    "auto": [aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311],
}

log = logging.getLogger("backflush.web")


class Channel:
    """Other topics over the same connection: a login that is the client id can have one connection alone.

    A broker that refuses them is no outage of the monitor's own; nothing is heard on them, and that is said once.
    """

    def __init__(self, answers: str, hear: Callable[[str, bytes], None]) -> None:
        """`hear` gets each message of the filter `answers`."""
        self.answers = answers
        self.hear = hear
        self.client: aiomqtt.Client | None = None

    async def publish(self, topic: str, payload: bytes) -> None:
        """Hand a message to the broker, which proves nothing: it acknowledges what it denies as well."""
        if self.client is None:
            raise BrokerUnavailable("the broker is away")
        try:
            await self.client.publish(topic, payload, qos=1)
        except aiomqtt.MqttError as error:
            raise BrokerUnavailable(f"the broker is away: {error}") from error


class _Asked(NamedTuple):
    """A request that waits for its answer."""

    answers: str
    """The topic of its answer."""
    said: Mapping[str, Any]
    mark: bytes
    """Its correlation data: MQTT 5 has them, and the gateway gives them back."""


class Monitor:
    """Keeps a floor up to date; `on_news` is called after each message and each change of the connection."""

    def __init__(self, settings: Settings, floor: Floor, on_news: Callable[[], None]) -> None:
        self._settings = settings
        self._floor = floor
        self._on_news = on_news
        self._address = Address.parse(settings.mqtt.url)
        self._versions = list(_VERSIONS[settings.mqtt.protocol])
        web = settings.web
        if web.mqtt_username in {settings.client_id, *(login.username for login in settings.logins.values())}:
            raise UsageError(f"web.mqtt_username: {web.mqtt_username} is the gateway's own: it would be disconnected")
        self._password = (
            read_secret(web.mqtt_password_file, "web.mqtt_password_file") if web.mqtt_password_file else None
        )
        self._why = ""
        self._client: aiomqtt.Client | None = None
        """The connection, while it stands."""
        self._asked: dict[asyncio.Future[Mapping[str, Any]], _Asked] = {}
        """Those who wait for an answer."""
        self.channels: list[Channel] = []
        """These hear as well, as long as the connection stands."""

    async def ask(self, topic: str, answers: str, said: Mapping[str, Any], traceparent: str = "") -> Mapping[str, Any]:
        """Publish a request and wait for its answer on the topic of `answers`.

        BrokerUnavailable: it was surely not sent. Unanswered: it may have been. A transaction that waits already is
        refused with another content: MQTT 3.1.1 could not tell the two answers apart.
        """
        client = self._client
        if client is None:
            raise BrokerUnavailable(f"the broker is away: {self._why}")
        waiting: asyncio.Future[Mapping[str, Any]] = asyncio.get_running_loop().create_future()
        transaction = said["transaction"]
        others = [each.said for each in self._asked.values() if each.answers == answers and each.said != said]
        if any(other["transaction"] == transaction for other in others):
            text = f"transaction {transaction} waits for its answer, with different content"
            return {"status": "error", "code": str(Reason.CONFLICT), "text": text, "data": {}}
        asked = self._asked[waiting] = _Asked(answers, said, uuid.uuid4().bytes)
        try:
            try:
                await _subscribe(client, answers)
            except aiomqtt.MqttError as error:
                raise BrokerUnavailable(f"the broker: {error}") from error
            try:
                await client.publish(topic, json.dumps(said), qos=1, properties=self._mark(asked.mark, traceparent))
            except aiomqtt.MqttError as error:
                raise Unanswered(f"the broker went away before it answered: {error}") from error
            return await waiting
        finally:
            del self._asked[waiting]

    def _mark(self, mark: bytes, traceparent: str) -> Properties | None:
        if self._versions[0] != aiomqtt.ProtocolVersion.V5:
            return None
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # the library has no types here
        properties.CorrelationData = mark
        if traceparent:
            properties.UserProperty = (TRACEPARENT, traceparent)
        return properties

    def _hear_answer(self, topic: str, payload: bytes, mark: bytes | None) -> None:
        """Give an answer to the request that it is of; one of another form is of none."""
        said = read_object(payload)
        if not said or not all(isinstance(said.get(name), kind) for name, kind in _ANSWER.items()):
            return
        for waiting, asked in self._asked.items():
            is_named = (asked.answers, asked.said["transaction"]) == (topic, said["transaction"])
            if is_named and mark in (None, asked.mark) and not waiting.done():
                waiting.set_result(said)

    async def run(self) -> None:
        """Listen until the task is cancelled."""
        while True:
            try:
                await self._listen()
            except (aiomqtt.MqttError, OSError, ValueError) as error:
                self._note(str(error) or type(error).__name__)
                self._versions.append(self._versions.pop(0))
            await asyncio.sleep(_AGAIN_S)

    async def _listen(self) -> None:
        async with self._connect() as client:
            for topic in self._floor.filters:
                await _subscribe(client, topic)
            for channel in self.channels:
                await _open(channel, client)
            if self._why:
                log.info("the broker at %s is back", self._address)
            self._why = ""
            self._floor.up()
            self._on_news()
            self._client = client
            try:
                async for message in client.messages:
                    self._take(message)
            finally:
                self._client = None
                for channel in self.channels:
                    channel.client = None

    def _take(self, message: aiomqtt.Message) -> None:
        topic, payload = str(message.topic), bytes(message.payload)
        channel = next((each for each in self.channels if message.topic.matches(each.answers)), None)
        if channel is not None:
            channel.hear(topic, payload)
        elif "/_response/" in topic:
            self._hear_answer(topic, payload, getattr(message.properties, "CorrelationData", None))
        else:
            self._floor.hear(topic, payload, retained=message.retain)
            self._on_news()

    def _connect(self) -> aiomqtt.Client:
        address, web = self._address, self._settings.web
        return aiomqtt.Client(
            address.host,
            address.port,
            username=web.mqtt_username if self._password is not None else None,
            password=self._password,
            identifier=f"bf-web-{random.SystemRandom().getrandbits(32):08x}",
            protocol=self._versions[0],
            timeout=_CONNECT_S,
            keepalive=_KEEPALIVE_S,
            tls_context=tls_of(self._settings.mqtt.ca_file) if address.tls else None,
        )

    def _note(self, why: str) -> None:
        """Note that the broker is away; the log tells it once for each reason."""
        if why != self._why:
            log.warning("the broker at %s is away: %s", self._address, why)
        self._why = why
        self._floor.away(why)
        self._on_news()


async def _subscribe(client: aiomqtt.Client, topic: str) -> None:
    """Subscribe to a topic; MqttError if the broker refuses it."""
    granted = await client.subscribe(topic, qos=1)
    if any(_number(code) >= _REFUSED for code in granted):
        raise aiomqtt.MqttError(f"it refuses {topic} to this login")


async def _open(channel: Channel, client: aiomqtt.Client) -> None:
    try:
        await _subscribe(client, channel.answers)
    except aiomqtt.MqttError as error:
        log.warning("the broker: %s", error)
    channel.client = client


def _number(code: object) -> int:
    """Return the broker's answer to a subscription as a number: MQTT 3.1.1 has plain ones."""
    number = getattr(code, "value", code)
    assert isinstance(number, int)
    return number
