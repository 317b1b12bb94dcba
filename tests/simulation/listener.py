"""Clients beside the plant: one hears what the gateway says of postings and scans, one steals the gateway's id."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Self

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion


class Listener:
    """Keeps what posting events say, by their ids; a context manager that stays connected as well as it can."""

    def __init__(self, port: int) -> None:
        self.events: dict[str, bytes] = {}
        """A digest of each event, by its id."""
        self.documents: set[int] = set()
        """The documents that events are about."""
        self.repeated = 0
        self.contradicting: list[str] = []
        """Ids under which different things were said."""
        self.codes: Counter[str] = Counter()
        """How scans were answered, every answer counted."""
        self._port = port
        self._client = Client(CallbackAPIVersion.VERSION2, "listener", protocol=MQTTProtocolVersion.MQTTv311)
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = lambda client, *_: client.subscribe(
            [("bf/v1/+/+/_posting/+", 1), ("bf/v1/+/+/+/feedback", 1)]
        )
        self._client.on_message = self._hear

    def __enter__(self) -> Self:
        self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _hear(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        body = json.loads(message.payload)
        if message.topic.endswith("/feedback"):
            self.codes[body["code"]] += 1
            return
        digest = hashlib.blake2b(message.payload, digest_size=8).digest()
        known = self.events.setdefault(body["id"], digest)
        self.repeated += known is not digest
        if known != digest:
            self.contradicting.append(body["id"])
        self.documents.add(int(body["data"]["document"]))


class Thief:
    """Another client with the gateway's id: each disconnects the other, as long as it is there."""

    def __init__(self, port: int, client_id: str, *, wipes: bool = False) -> None:
        """`wipes`: it asks for a new session, so that the broker forgets the gateway's."""
        self.connections = 0
        self._port = port
        self._client = Client(
            CallbackAPIVersion.VERSION2, client_id, clean_session=wipes, protocol=MQTTProtocolVersion.MQTTv311
        )
        self._client.reconnect_delay_set(1, 1)
        self._client.on_connect = self._connected

    def __enter__(self) -> Self:
        with suppress(OSError):  # the broker may be away at this moment
            self._client.connect("127.0.0.1", self._port)
        self._client.loop_start()
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def _connected(self, *_: object) -> None:
        self.connections += 1


class Stopwatch:
    """Does something every now and then, in a thread of its own; a context manager."""

    def __init__(self, sample: Callable[[], None], every_s: float) -> None:
        self._sample = sample
        self._every_s = every_s
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._ended.wait(self._every_s):
            self._sample()
