"""Somebody who listens to everything on the broker and may say something: MQTT 5, retain flags as published."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, NamedTuple, Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.subscribeoptions import SubscribeOptions

from tests.servers import Mosquitto

PATIENCE_S = 150


class Heard(NamedTuple):
    """One message."""

    topic: str
    payload: bytes
    retain: bool
    qos: int
    expiry_s: int | None
    correlation: bytes | None

    @property
    def body(self) -> dict[str, Any]:
        """The payload as JSON."""
        body: dict[str, Any] = json.loads(self.payload)
        return body


class Monitor:
    """A client with everything that it has heard; a context manager that connects and subscribes."""

    def __init__(self, broker: Mosquitto, *filters: str, client_id: str = "monitor", login: str = "") -> None:
        """Prepare it; a login is its password as well."""
        self._filters = filters or ("bf/v1/#",)
        self._port = broker.port
        self._came = threading.Condition()
        self._subscribed = threading.Event()
        self.has_heard: list[Heard] = []
        self._client = Client(CallbackAPIVersion.VERSION2, client_id=client_id, protocol=MQTTProtocolVersion.MQTTv5)
        self._client.reconnect_delay_set(1, 1)
        if login:
            self._client.username_pw_set(login, login)
        self._client.on_connect = lambda *_: self._subscribe()
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._hear

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        assert self._subscribed.wait(PATIENCE_S), "the broker does not answer"
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def say(
        self,
        topic: str,
        payload: bytes | str | dict[str, Any],
        *,
        retain: bool = False,
        response_topic: str = "",
        correlation: bytes = b"",
    ) -> None:
        """Publish at QoS 1 and wait until the broker has it; a dict is sent as JSON."""
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        if response_topic:
            properties.ResponseTopic = response_topic
        if correlation:
            properties.CorrelationData = correlation
        content = json.dumps(payload) if isinstance(payload, dict) else payload
        self._client.publish(topic, content, 1, retain, properties).wait_for_publish(PATIENCE_S)

    def whisper(self, topic: str, payload: str) -> None:
        """Publish at QoS 0: nobody says whether it came."""
        self._client.publish(topic, payload, 0)

    def on(self, topic: str) -> list[Heard]:
        """Return what came on a topic, in order."""
        return [heard for heard in list(self.has_heard) if heard.topic == topic]

    def topics(self) -> set[str]:
        """Return the topics on which anything came."""
        return {heard.topic for heard in list(self.has_heard)}

    def wait(self, topic: str, such: Callable[[Heard], bool] = lambda _: True, *, after: int = 0) -> Heard:
        """Return the first message on a topic that is such, beginning with the `after`-th message of all."""
        deadline = time.monotonic() + PATIENCE_S
        seen = after
        with self._came:
            while True:
                for heard in self.has_heard[seen:]:
                    if heard.topic == topic and such(heard):
                        return heard
                seen = len(self.has_heard)
                left = deadline - time.monotonic()
                if left <= 0 or not self._came.wait(left):
                    came = "\n".join(f"{heard.payload[:400]!r}" for heard in self.has_heard if heard.topic == topic)
                    raise AssertionError(f"waited {PATIENCE_S} s for {topic} in vain; what came on it:\n{came}")

    def retained(self) -> dict[str, Heard]:
        """Return what is retained now, as a new subscriber gets it."""
        last = f"monitor/{time.monotonic_ns()}"
        listener = Client(CallbackAPIVersion.VERSION2, client_id="", protocol=MQTTProtocolVersion.MQTTv5)
        found: dict[str, Heard] = {}
        done = threading.Event()

        def hear(_client: Client, _data: object, message: MQTTMessage) -> None:
            if message.topic == last:
                done.set()
            elif message.retain:
                found[message.topic] = _heard(message)

        def subscribe(*_: object) -> None:
            listener.subscribe([(topic, 1) for topic in (*self._filters, last)])

        def end(*_: object) -> None:
            # Retained messages of a subscription come before what is published after its acknowledgement.
            self._client.publish(last, b"", 1)

        listener.on_message = hear
        listener.on_connect = subscribe
        listener.on_subscribe = end
        listener.connect("127.0.0.1", self._port)
        listener.loop_start()
        assert done.wait(PATIENCE_S), "the broker does not answer"
        listener.disconnect()
        listener.loop_stop()
        return found

    def _subscribe(self) -> None:
        options = SubscribeOptions(qos=1, retainAsPublished=True)
        self._client.subscribe([(topic, options) for topic in self._filters])

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        with self._came:
            self.has_heard.append(_heard(message))
            self._came.notify_all()


def _heard(message: MQTTMessage) -> Heard:
    properties = message.properties
    return Heard(
        message.topic,
        bytes(message.payload),
        message.retain,
        message.qos,
        getattr(properties, "MessageExpiryInterval", None),
        getattr(properties, "CorrelationData", None),
    )
