"""The broker's own statistics, and their consequences: drops, restarts, limits, strangers, a gateway's twin.

`$SYS` is Mosquitto's. It is subscribed only over MQTT 5, because some 3.1.1 brokers drop the connection; and never
again if a connection ended before its first message. With QoS 0: the broker must not keep it for an absent gateway.
Totals heal dropped messages, so devices are asked to report.
"""

import asyncio
from collections.abc import Iterable
from typing import Final

from devices.decoders.strict_json import read_object
from gateway.backflush.values.quantities import parse_whole
from gateway.mqtt.broker import Broker
from gateway.mqtt.client import Up
from gateway.mqtt.probe import lets_anybody_in
from gateway.mqtt.topics import DROPPED, UPTIME, DeviceTopic, Topics
from gateway.mqtt.wire.link import BrokerTerms
from gateway.mqtt.wire.packets import Delivery
from gateway.service.parts import Part, begin_task
from gateway.service.program import instance
from gateway.service.receive.broker_session import BrokerSession, ReportRequests
from gateway.service.tell.alerts import Alerts, RecentOffenders
from gateway.service.times import SteadyClock, iso

FEW_IN_FLIGHT: Final = 20
"""Mosquitto's own default, which is too small."""
LASTS_S: Final = 3600
ASK_EVERY_S: Final = 300.0
TWIN_LASTS_S: Final = 120
_STALE_S: Final = 60
"""The highest age of a retained uptime."""


class BrokerWatch(Part):
    """Watches one broker over the gateway's own connection."""

    every_s = 2.0

    def __init__(
        self,
        broker: Broker,
        topics: Topics,
        session: BrokerSession,
        inquiry: ReportRequests,
        alerts: Alerts,
        clock: SteadyClock,
    ) -> None:
        self._broker = broker
        self._topics = topics
        self._session = session
        self._inquiry = inquiry
        self._alerts = alerts
        self._clock = clock
        self._asked = False
        self._shy = False
        self.dropped: int | None = None
        """Messages that the broker has dropped since its start; None: it does not say."""
        self._uptime = 0
        self._uptime_at = 0.0
        self._ask_at = 0.0
        self._probed = False
        self._unsafe = {kind: RecentOffenders(LASTS_S) for kind in ("QoS 0", "retained")}
        self.at_qos0: frozenset[str] = frozenset()
        """Devices that published with QoS 0 lately; any thread may read it."""
        self._tasks: set[asyncio.Task[None]] = set()
        self.answers = False
        """Whether the broker reports drops."""
        session.listen(DROPPED, self._hear_dropped)
        session.listen(UPTIME, self._hear_uptime)
        session.listen(topics.info, self._hear_info)

    def up(self, up: Up) -> None:
        """Begin on a new connection."""
        wanted = [self._topics.info]
        self._asked = up.terms.protocol == "5" and not self._shy
        if self._asked:
            wanted += [DROPPED, UPTIME]
        self.answers = False
        self._session.subscribe(wanted)
        self._look_at_limits(up.terms)
        if not self._probed:
            self._probed = True
            begin_task(self._probe(), self._tasks)

    def down(self) -> None:
        """Note that the connection is lost, perhaps because of the subscription."""
        self._shy = self._shy or (self._asked and not self.answers)
        self._asked = False

    async def tick(self) -> None:
        """Forget devices that have not published unsafely for a while."""
        self.look()

    async def stop(self) -> None:
        """Stop running tasks."""
        for task in self._tasks:
            task.cancel()

    def unsafe(self, deliveries: Iterable[Delivery]) -> None:
        """Take deliveries with QoS 0 or retained: their devices lose messages when the network or broker does."""
        now = self._clock()
        topics = [(d.topic, "retained" if d.retain else "QoS 0") for d in deliveries]
        new = [
            self._unsafe[how].note(topic, now)
            for topic, how in topics
            if topic.endswith(("/count", "/scan")) and self._topics.is_below(topic)
        ]
        if any(new):
            self.look()

    def look(self) -> None:
        """Find the devices that publish unsafely."""
        now = self._clock()
        unsafe = self._unsafe["QoS 0"].names(now)
        of = map(self._topics.parse, unsafe)
        self.at_qos0 = frozenset(topic.device for topic in of if isinstance(topic, DeviceTopic))
        self._alerts.name(
            "qos",
            unsafe,
            "published with QoS 0, so lost messages are not repeated",
            "let these devices publish with QoS 1",
        )
        self._alerts.name(
            "retained",
            self._unsafe["retained"].names(now),
            "published retained, which is quarantined",
            "let these devices publish without the retain flag, and empty the topics with an empty retained message; "
            "this adds a quarantine entry (BF1001); dismiss it if no total closes it",
        )

    # -- messages of the broker

    def _hear_dropped(self, delivery: Delivery) -> None:
        dropped = _number(delivery.payload)
        if dropped is None:
            return
        self.answers = True
        before, self.dropped = self.dropped, dropped
        if before is None:
            # Messages dropped before this program began may have been meant for it.
            before = 0
        more = dropped - before if dropped >= before else dropped
        if more:
            self._alerts.set(
                "dropped",
                f"the broker has dropped {dropped} messages since its start, the last {more} lately: devices are asked "
                "to report again",
                about=DROPPED,
                hint="raise max_queued_messages and max_inflight_messages; totals heal what was dropped, differences "
                "and scans without feedback do not",
                lasting_s=LASTS_S,
            )
            self._ask("the broker has dropped messages")

    def _hear_uptime(self, delivery: Delivery) -> None:
        uptime = _number(delivery.payload)
        if uptime is None:
            return
        self.answers = True
        now = self._clock.monotonic()
        expected = self._uptime + now - self._uptime_at if self._uptime_at else 0
        if uptime < self._uptime or uptime < expected - _STALE_S:
            self.dropped = 0
            self._alerts.set(
                "broker-restarted",
                f"the broker was started again at {iso(self._clock() - uptime * 1_000_000)}: devices are asked to "
                "report again",
                about=UPTIME,
                hint="messages that it had not stored are lost; check persistence and autosave_interval",
                lasting_s=LASTS_S,
            )
            self._ask("the broker was restarted")
        self._uptime, self._uptime_at = uptime, now

    def _ask(self, reason: str) -> None:
        now = self._clock.monotonic()
        if not self._ask_at or now - self._ask_at >= ASK_EVERY_S:
            self._ask_at = now
            self._inquiry.ask_all(reason)

    # -- findings about the broker

    def _look_at_limits(self, terms: BrokerTerms) -> None:
        few = terms.receive_maximum <= FEW_IN_FLIGHT
        wanted = self._broker.session_expiry_s
        short = terms.session_expiry_s is not None and terms.session_expiry_s < wanted
        found = [f"takes {terms.receive_maximum} messages at once"] if few else []
        found += [f"keeps the session for {terms.session_expiry_s} s instead of {wanted} s"] if short else []
        self._alerts.when(
            "broker-limits",
            found,
            f"the broker {' and '.join(found)}",
            hint="raise max_inflight_messages and persistent_client_expiration (Mosquitto)",
        )

    async def _probe(self) -> None:
        """Try to connect as a stranger; a gateway without a login and certificate is proof enough."""
        broker = self._broker
        itself = broker.username is None and broker.cert_file is None
        self._alerts.when(
            "anonymous",
            itself or await lets_anybody_in(broker.address, broker.ca_file),
            "the broker accepts clients without a login, which may then publish like devices",
            about=str(broker.address),
            hint="set allow_anonymous false, and give each device and this gateway a login of its own",
        )

    def _hear_info(self, delivery: Delivery) -> None:
        """Take an info message of this gateway's name: its own, that of an earlier life, or of a twin."""
        if delivery.retain:
            return
        said = read_object(delivery.payload)
        if said.get("instance") not in (None, instance()):
            self._alerts.set(
                "twin",
                f"another running gateway calls itself {self._topics.gateway} as well",
                severity="error",
                about=str(said.get("host", ""))[:100],
                hint="give one of them another gateway.id and data directory",
                lasting_s=TWIN_LASTS_S,
            )


def _number(payload: bytes) -> int | None:
    """Read `17` or `17 seconds`."""
    return parse_whole(payload.split(b" ", 1)[0].decode(errors="replace"))
