"""The monitor: it listens to the status topics over a connection of its own, through every outage.

aiomqtt does not reconnect by itself, so a new connection is made every two seconds while there is none. A refused
subscription is an outage with its reason: figures that do not come must not look like a plant that stands still.
"""

import asyncio
import logging
import random
from collections.abc import Callable
from typing import Final

import aiomqtt

from gateway.errors import UsageError
from gateway.files import read_secret
from gateway.mqtt.broker import Address, tls_of
from gateway.service.floor.floor import Floor
from gateway.settings import Settings

_AGAIN_S: Final = 2.0
_CONNECT_S: Final = 10
_KEEPALIVE_S: Final = 6
"""The broker is missed within one and a half times of it."""
_REFUSED: Final = 0x80
_VERSIONS: Final = {
    "5": [aiomqtt.ProtocolVersion.V5],
    "3.1.1": [aiomqtt.ProtocolVersion.V311],
    "auto": [aiomqtt.ProtocolVersion.V5, aiomqtt.ProtocolVersion.V311],
}

log = logging.getLogger("backflush.web")


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
                granted = await client.subscribe(topic, qos=1)
                if any(_number(code) >= _REFUSED for code in granted):
                    raise aiomqtt.MqttError(f"it refuses {topic} to this login")
            if self._why:
                log.info("the broker at %s is back", self._address)
            self._why = ""
            self._floor.up()
            self._on_news()
            async for message in client.messages:
                payload = message.payload
                if isinstance(payload, bytes | bytearray):
                    self._floor.hear(str(message.topic), bytes(payload), retained=message.retain)
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


def _number(code: object) -> int:
    """Return the broker's answer to a subscription as a number: MQTT 3.1.1 has plain ones."""
    number = getattr(code, "value", code)
    assert isinstance(number, int)
    return number
