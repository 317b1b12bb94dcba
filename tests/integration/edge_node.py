"""An edge node of Sparkplug B, made of the reference implementation: it is born, sends totals, and dies."""

import json
import threading
import time
from collections.abc import Callable
from typing import Any, Self

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from tahutils.tahu import sparkplug_b as tahu

Type = tahu.MetricDataType
PATIENCE_S = 150


class TahuNode:
    """One edge node with one device; a context manager that dies by its will at the end unless it has left."""

    def __init__(self, port: int, group: str = "hall", name: str = "node1") -> None:
        self._place = f"{group}/{{}}/{name}"
        self._lock = threading.Lock()
        self.totals = {"Good": 0, "Scrap": 0}
        self.births = 0
        self.rebirths = 0
        """Requests for births that it was sent."""
        self.states: list[dict[str, Any]] = []
        """States of host applications that it heard."""
        self._client = paho.Client(CallbackAPIVersion.VERSION2, f"{group}-{name}", protocol=paho.MQTTv311)
        self._client.on_message = self._hear
        death = tahu.getNodeDeathPayload()
        self._client.will_set(self._topic("NDEATH"), bytes(death.SerializeToString()), 1)
        self._client.connect("127.0.0.1", port)
        self._client.subscribe([(self._topic("NCMD"), 1), ("spBv1.0/STATE/+", 1)])
        self._client.loop_start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.die()

    def die(self) -> None:
        """Lose the connection: the broker publishes the will."""
        self._client.loop_stop()
        if (socket := self._client.socket()) is not None:
            socket.close()

    def _topic(self, kind: str, device: str = "") -> str:
        return f"spBv1.0/{self._place.format(kind)}" + f"/{device}" * bool(device)

    def _hear(self, _client: paho.Client, _data: object, message: paho.MQTTMessage) -> None:
        if message.topic.startswith("spBv1.0/STATE/"):
            self.states.append(json.loads(message.payload))
            return
        self.rebirths += 1
        self.be_born()

    def be_born(self) -> None:
        """Send the births of the node and of its device, which give the totals their aliases."""
        with self._lock:
            self.births += 1
            node = tahu.getNodeBirthPayload()
            tahu.addMetric(node, "Node Control/Rebirth", None, Type.Boolean, value=False)
            self._send("NBIRTH", "", node)
            device = tahu.getDeviceBirthPayload()
            for alias, (name, total) in enumerate(self.totals.items(), start=10 + self.births % 2):
                tahu.addMetric(device, name, alias, Type.UInt64, total, _now())
            self._send("DBIRTH", "press", device)

    def report(self, good: int, scrap: int, *, lost: bool = False) -> None:
        """Send new totals by their aliases, or lose the message on its way."""
        with self._lock:
            self.totals = {"Good": good, "Scrap": scrap}
            data = tahu.getDdataPayload()
            for alias, total in enumerate(self.totals.values(), start=10 + self.births % 2):
                tahu.addMetric(data, None, alias, Type.UInt64, total, _now())
            if not lost:
                self._send("DDATA", "press", data)

    def wait(self, holds: Callable[["TahuNode"], bool]) -> None:
        """Wait until something holds of it."""
        deadline = time.monotonic() + PATIENCE_S
        while not holds(self):
            assert time.monotonic() < deadline, (self.states, self.births, self.rebirths)
            time.sleep(0.03)

    def _send(self, kind: str, device: str, payload: Any) -> None:
        self._client.publish(self._topic(kind, device), bytes(payload.SerializeToString()), 0)


def _now() -> int:
    return time.time_ns() // 1_000_000
