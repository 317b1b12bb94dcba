"""The connection of a Sparkplug host application: its state, the order of its messages, its requests for births.

The state is a retained message, and the will takes it back with the same time: so a host application has a connection
of its own, with its own login. It subscribes, then says that it is online, as the specification wants it; edge nodes
that wait for it then send their births. No session outlives the connection, because nodes publish with QoS 0 and a
broker keeps none of that; what was missed is made up for by births.

Laws
    in the journal the host's own state stands before the first message of each connection: births known so far are void
    every message goes to the front once; those of a node that overtake each other go in the order sent (`edge_nodes`)
    a node is asked for its births at most every ten seconds
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from math import inf
from typing import Final, NamedTuple

from devices.decoders.foreign.sparkplug import NAMESPACE, host_state, rebirth, turn_of
from devices.edge_nodes import ASK_AGAIN_US, EdgeNode, NodeMessage, take, wait
from devices.filters import overlaps
from gateway.mqtt.broker import Broker, Will
from gateway.mqtt.client import Connection, Up
from gateway.mqtt.wire.packets import Delivery
from gateway.service.entries import MESSAGE
from gateway.service.parts import Part
from gateway.service.receive.broker_session import broker_of
from gateway.service.receive.front import Front
from gateway.service.receive.session_owner import SessionOwner
from gateway.service.tell.alerts import Alerts
from gateway.service.times import SteadyClock
from gateway.settings import Settings

log = logging.getLogger("backflush")

GOODBYE_S: Final = 3.0
MOST_NODES: Final = 10_000
"""The edge nodes whose messages are put in order; those of others go on as they come."""


class HostAccess(NamedTuple):
    """A host application, its login, and the topics that it hears."""

    host: str
    broker: Broker
    filter: str
    chance: Callable[[], float]
    """Chance in [0, 1), which spreads its reconnects."""
    troubles: dict[str, str]
    """The trouble of each host application of this gateway: one alert names all."""


def host_access(settings: Settings, chance: Callable[[], float]) -> list[HostAccess]:
    """Return the host applications of a configuration: each with a client id and a login of its own."""
    troubles: dict[str, str] = {}
    return [
        HostAccess(source.host, broker_of(settings, source), source.filter, chance, troubles)
        for source in settings.source
        if source.host
    ]


class SparkplugHost(Part):
    """One host application; it is online while its gateway owns its lines and is connected."""

    every_s = 0.25

    def __init__(
        self, access: HostAccess, front: Front, clock: SteadyClock, alerts: Alerts, owner: SessionOwner
    ) -> None:
        """`owner` knows whose the lines are."""
        self.host = access.host
        self._filter = access.filter
        self._troubles = access.troubles
        self._front = front
        self._clock = clock
        self._alerts = alerts
        self._owner = owner
        self._topic, _ = host_state(access.host, 0, online=True)
        self._since = 0
        self._is_online = False
        self._heard = 0
        """The epoch of the connection whose messages have begun to come."""
        self._nodes: dict[str, EdgeNode[Delivery]] = {}
        self._asked: dict[str, float] = {}
        self._running: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self.connection = Connection(
            access.broker, self, will=self._will, filters=(access.filter, self._topic), chance=access.chance, clean=True
        )

    def _will(self) -> Will:
        self._since = self._clock()
        return Will(*host_state(self.host, self._since, online=False))

    async def start(self) -> None:
        """Connect as soon as the lines are ours."""
        self._running = asyncio.create_task(self._owner.run(self.connection))

    async def tick(self) -> None:
        """Give up messages that are overdue."""
        now = self._clock()
        for name, node in [each for each in self._nodes.items() if each[1].held]:
            self._nodes[name], outcomes, _ = wait(node, now)
            self._deliver([outcome.item for outcome in outcomes])

    async def stop(self) -> None:
        """Publish that the host application is offline, and disconnect."""
        self._is_online = False
        topic, payload = host_state(self.host, self._clock(), online=False)
        self.connection.publish(topic, payload, retain=True)
        await self.connection.close(GOODBYE_S)
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    def ask_all(self, nodes: Iterable[str]) -> None:
        """Ask those of some edge nodes that this host application hears."""
        for node in nodes:
            group, _, name = node.partition("/")
            if overlaps(self._filter, f"{NAMESPACE}/{group}/+/{name}/#"):
                self.ask(node)

    def ask(self, node: str) -> None:
        """Ask an edge node, `group/node`, for its births; again only after a pause."""
        now_s = self._loop.time()
        if now_s - self._asked.get(node, -inf) < ASK_AGAIN_US / 1_000_000:
            return
        if len(self._asked) >= MOST_NODES:
            self._asked.clear()
        group, _, name = node.partition("/")
        if self.connection.publish(*rebirth(group, name, self._clock()), qos=0):
            self._asked[node] = now_s

    # -- the connection reports

    def on_deliveries(self, epoch: int, deliveries: list[Delivery]) -> None:
        """Put messages in order, and hand them to the front."""
        try:
            self._take(epoch, deliveries)
        except BaseException as error:
            self._owner.fail(error)
            raise

    def on_up(self, up: Up) -> None:
        """Publish that the host application is online."""
        log.info("host application %s is online, MQTT %s", self.host, up.terms.protocol)
        self._is_online = True
        self._say_online()
        refused = ", ".join(up.terms.refused)
        self._warn(f"the broker refused {refused} to the host application {self.host}" if refused else "")

    def on_down(self, why: str) -> None:
        """Report that the host application is offline."""
        self._warn(f"the host application {self.host} is offline: {why}")

    def _warn(self, trouble: str) -> None:
        """Raise the alert of the host applications, or clear it once none is in trouble."""
        self._troubles[self.host] = trouble
        found = {host: text for host, text in self._troubles.items() if text}
        self._alerts.when(
            "source",
            found,
            "; ".join(found.values()),
            severity="error",
            about=[*found],
            hint="each has a login and a client id of its own, with the rights of config/acl: see its [[source]]",
        )

    def on_refused(self, topic: str, reason: int) -> None:
        """Report a publication that the broker refuses."""
        self._alerts.report_refusal(topic, reason, "the login of the host application")

    # -- order

    def _take(self, epoch: int, deliveries: list[Delivery]) -> None:
        if epoch != self._heard:
            self._heard = epoch
            self._nodes.clear()
            topic, payload = host_state(self.host, self._since, online=True)
            self._front.deliver(
                0, [Delivery(topic, payload, 1, retain=False, response_topic=None, correlation=None, mid=0)]
            )
        ready: list[Delivery] = []
        for delivery in deliveries:
            ready += self._order(delivery)
        self._deliver(ready)

    def _order(self, delivery: Delivery) -> list[Delivery]:
        """Return the messages that can go on after this one."""
        if delivery.topic == self._topic and self._is_online and b"true" not in delivery.payload:
            self._say_online()  # the will of an earlier connection came late, or another program has this name
        found = None if delivery.retain else turn_of(delivery.topic, delivery.payload)
        if found is None:
            return [delivery]
        scope, turn = found
        group, name, *device = scope.split("/")
        node = f"{group}/{name}"
        if node not in self._nodes and len(self._nodes) >= MOST_NODES:
            return [delivery]
        known = self._nodes.get(node, EdgeNode())
        self._nodes[node], outcomes, _ = take(known, NodeMessage(turn, "/".join(device), delivery), self._clock())
        return [outcome.item for outcome in outcomes]

    def _deliver(self, deliveries: list[Delivery]) -> None:
        if deliveries:
            self._front.deliver(self._heard, deliveries, self._kind)

    def _kind(self, delivery: Delivery) -> str | None:
        return None if delivery.topic == self._topic else MESSAGE

    def _say_online(self) -> None:
        topic, payload = host_state(self.host, self._since, online=True)
        self.connection.publish(topic, payload, retain=True)
