"""The broker session: after connecting, a gateway proves its rights, tidies up, and asks for lost messages.

Its rights may be revoked later, so it proves them again and again.
"""

import asyncio
import logging
import secrets
from collections.abc import Callable, Iterable
from typing import Any

from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.store.leases import Claimed
from gateway.mqtt.broker import Address, Broker, Will
from gateway.mqtt.client import Connection
from gateway.mqtt.topics import Topics
from gateway.mqtt.wire.packets import Delivery
from gateway.sections import SourceSection
from gateway.service.entries import MESSAGE, WAITED
from gateway.service.fold.requests import transaction_in
from gateway.service.parts import Part
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.messages import COMMAND_EXPIRY_S, OFFLINE, Message, encode
from gateway.service.tell.payloads import ReportCommand
from gateway.service.times import iso
from gateway.service.traces import note_request
from gateway.settings import Settings

log = logging.getLogger("backflush")

CANARY_TIMEOUT_S = 5.0
CANARY_PATIENCE = 11
"""The number of further waits while the broker still delivers kept messages."""
TAKEOVERS = 3
TAKEOVER_WITHIN_S = 60.0
RETAINED_WAIT_S = 2.0
TAKEN_LASTS_S = 3600


def broker_of(settings: Settings, host: SourceSection | None = None) -> Broker:
    """Return the configured broker, with the login of the gateway, or of a source's host application.

    A host application has a client id of its own, and no session that outlives its connection.
    """
    mqtt, login = settings.mqtt, host or settings.mqtt
    return Broker(
        address=Address.parse(mqtt.url),
        client_id=settings.client_id if host is None else host.username or f"{settings.client_id}-{host.host}",
        protocol=mqtt.protocol,
        username=login.username or None,
        password=login.secret(),
        session_expiry_s=mqtt.session_expiry_s if host is None else 0,
        receive_maximum=mqtt.receive_maximum,
        keepalive_s=mqtt.keepalive_s,
        ca_file=mqtt.ca_file,
        cert_file=login.cert_file,
        key_file=login.key_file,
    )


def subscriptions(settings: Settings, topics: Topics) -> dict[str, Any]:
    """Return the will and the filters of the gateway's connection.

    A host application of Sparkplug has a connection of its own, because its state needs the will.
    """
    will = Will(topics.state, encode(OFFLINE))
    filters = dict.fromkeys(topics.filters(settings.gateway.lines), 1)
    filters |= {source.filter: source.qos for source in settings.sources if not source.host}
    return {"will": lambda: will, "filters": filters}


class ReportRequests:
    """Asks devices to report their totals, and every scan without feedback."""

    def __init__(
        self,
        topics: Topics,
        clock: Callable[[], int],
        master: Callable[[], MasterData],
        send: Callable[[list[Message]], None],
    ) -> None:
        self._topics = topics
        self._clock = clock
        self._master = master
        self._send = send

    def ask_all(self, reason: str) -> None:
        """Ask every device."""
        command: ReportCommand = {"command": "report", "reason": reason, "ts": iso(self._clock())}
        self._send(
            [
                Message(self._topics.command(d.plant, d.line, d.device), encode(command), expiry_s=COMMAND_EXPIRY_S)
                for d in self._master().devices.values()
                if not d.disabled
            ]
        )


class BrokerSession(Part):
    """The gateway's own traffic over its connection: canaries, and retained topics of an earlier life."""

    every_s = 30.0

    def __init__(
        self,
        topics: Topics,
        lines: list[str],
        connection: Connection,
        alerts: Alerts,
        send: Callable[[list[Message]], None],
        inquiry: ReportRequests,
    ) -> None:
        self._topics = topics
        self._inquiry = inquiry
        self._retained_filters = topics.filters_of_retained(lines)
        self._own_filters = set(topics.filters(lines))
        self._strange: frozenset[str] = frozenset()
        self._strange_filters: set[str] = set()
        self._connection = connection
        self._alerts = alerts
        self._send = send
        self._loop = asyncio.get_running_loop()
        self._canaries: set[str] = set()
        self._mark = b"{}"
        self._live = False
        """Whether the broker has delivered its kept messages: this connection's first canary has come back."""
        self._round = 0
        self._heard = 0
        self._listeners: dict[str, Callable[[Delivery], None]] = {}
        self._found: set[str] | None = None
        self._losses: list[float] = []
        self._stands = False
        self.tidied = False
        """Whether that is done or under way: once, after the ledger has named the lines."""
        self.own: set[str] = set()
        """Retained topics that this life has published."""

    def kinds(self, deliveries: list[Delivery]) -> Callable[[Delivery], str | None] | None:
        """Return a function from deliveries to kinds of journal entries; None if all are plain messages.

        This gateway's own messages have no kind: even if a session is still subscribed to them, they never enter the
        journal; quarantining an alert would raise the next one. Nor have requests to other gateways, which answer them.
        """
        if not self._live or any("/_" in d.topic or d.topic.startswith("$") for d in deliveries):
            return self._kind
        self._heard += len(deliveries)
        return None

    def _kind(self, delivery: Delivery) -> str | None:
        topic = delivery.topic
        if ("/_" in topic or topic.startswith("$")) and self._take(delivery):
            return None
        self._heard += 1
        return MESSAGE if self._live or not topic.endswith("/scan") else WAITED

    async def tick(self) -> None:
        """Check whether the connection has held, and prove its rights again."""
        self._note_hold(self._loop.time())
        self.send_canaries()

    def listen(self, topic: str, hear: Callable[[Delivery], None]) -> None:
        """Pass messages of a topic that is neither a device's nor a request's to `hear`, without journaling them."""
        self._listeners[topic] = hear

    def subscribe(self, topics: list[str]) -> None:
        """Subscribe to such topics; the broker keeps none of their messages while this gateway is away."""
        self._connection.subscribe(topics, qos=0)

    def _take(self, delivery: Delivery) -> bool:
        topic = delivery.topic
        if topic in self._canaries and delivery.payload == self._mark:
            self._live = True
            self._canaries.discard(topic)
            if not self._canaries:
                self._alerts.over("subscription")
            return True
        hear = self._listeners.get(topic)
        if hear is not None:
            try:
                hear(delivery)
            except Exception as error:  # noqa: BLE001 - the boundary: it would come again, and end each life
                log.warning("a message on %s cannot be read: %s", topic, type(error).__name__)
            return True
        if not self._topics.is_written(topic):
            if topic.startswith("$") or self._topics.is_of_another(topic):
                return True
            if delivery.traceparent:
                note_request(topic.rpartition("/")[2], transaction_in(delivery.payload), delivery.traceparent)
            return False
        if self._found is not None and delivery.retain and delivery.payload:
            self._found.add(topic)
        return True

    def send_canaries(self) -> None:
        """Prove that the subscriptions work: a forbidden one looks like success on MQTT 3.1.1."""
        self._canaries = {self._topics.canary(kind) for kind in ("count", "scan", "state")}
        self._send([Message(topic, self._mark, expiry_s=30) for topic in sorted(self._canaries)])
        self._round += 1
        self._loop.call_later(CANARY_TIMEOUT_S, self._canary_lost, self._round, self._heard, CANARY_PATIENCE)

    def _canary_lost(self, number: int, heard: int, patience: int) -> None:
        if not self._canaries or number != self._round or not self._connection.connected:
            return
        if self._heard != heard and patience:  # messages that the broker kept for us come first
            self._loop.call_later(CANARY_TIMEOUT_S, self._canary_lost, number, self._heard, patience - 1)
            return
        kinds = ", ".join(sorted(topic.rpartition("/")[2] for topic in self._canaries))
        self._alerts.set(
            "subscription",
            f"this gateway does not hear its own canary of {kinds}: the broker does not deliver what it subscribes to",
            severity="error",
            hint="check the broker's access list for this login (read rights)",
        )

    def begin(self, *, kept: bool) -> None:
        """Begin on a new connection, of a session that the broker had `kept`: drop temporary subscriptions."""
        self._stands = True
        # A canary of an earlier connection may still be on its way.
        self._mark = encode({"canary": secrets.token_hex(8)})
        self._live = not kept  # messages before this call came on a kept session
        self._connection.unsubscribe([*self._retained_filters, *sorted(self._strange_filters)])
        if self._found is not None:
            self._found, self.tidied = None, False

    def leave_lines(self, patterns: frozenset[str]) -> None:
        """Remove subscriptions of the kept session to lines that are not this gateway's."""
        if not patterns <= self._strange:
            self._strange = patterns
            self.leave(name for pattern in patterns for name in self._topics.filters([pattern]))

    def leave(self, filters: Iterable[str]) -> None:
        """Remove subscriptions of the kept session that are no longer wanted, now and on each new connection."""
        strange = {*filters} - self._own_filters - self._strange_filters
        if strange:
            self._strange_filters |= strange
            self._connection.unsubscribe(sorted(strange))

    def tidy_retained(self) -> None:
        """Find retained messages of an earlier life, and clear those that are no longer published."""
        if not self._connection.subscribe(self._retained_filters):
            return
        self.tidied = True
        self._found = set()
        self._loop.call_later(RETAINED_WAIT_S, self._tidy)

    def _tidy(self) -> None:
        if self._found is None:
            return  # the connection was lost meanwhile: the next one repeats this
        found, self._found = self._found, None
        self._connection.unsubscribe(self._retained_filters)
        gone = found - self.own - {self._topics.alert(name) for name in self._alerts.up}
        self._send([Message(topic, b"", retain=True) for topic in sorted(gone)])

    def note_loss(self) -> None:
        """Note a lost connection; several within a minute look like another client with our id."""
        self._live = False
        if not self._stands:
            return  # a failed attempt is no loss
        self._stands = False
        now_s = self._loop.time()
        self._losses = [at for at in self._losses if now_s - at < TAKEOVER_WITHIN_S] + [now_s]
        if len(self._losses) >= TAKEOVERS:
            self._alerts.set(
                "takeover",
                f"the connection was lost {len(self._losses)} times within a minute",
                severity="error",
                hint="another client may use this gateway's client id or login: each disconnects the other",
            )

    def _note_hold(self, now_s: float) -> None:
        """Clear the alert once the connection has held for a minute."""
        if not self._losses or now_s - self._losses[-1] >= TAKEOVER_WITHIN_S:
            self._losses = []
            self._alerts.over("takeover")

    def note_new_session(self) -> None:
        """Report that the broker has lost this session, and ask for messages that may be lost with it."""
        self._alerts.set(
            "session-lost",
            "the broker has lost this session: devices are asked to report again",
            hint="switch the broker's persistence on; totals heal what it lost",
        )
        self._inquiry.ask_all("the session was lost")

    def took_over(self, claimed: Claimed) -> None:
        """Report that lines or a ledger of other gateways were taken over without the rest of their journals."""
        if not (claimed.taken_from or claimed.fresh):
            return
        names = ", ".join(claimed.taken_from)
        whose = f"whose lease had expired: {names}" if names else "which other journals have written"
        self._alerts.set(
            "took-over",
            f"this gateway has taken over {'the lines of a gateway' if names else 'a ledger'} {whose}; devices are "
            "asked to report again",
            about=names,
            hint=(
                "messages that the other acknowledged but did not post stay in its journal until it runs again; "
                "totals make up for them meanwhile; look for scans without feedback"
            ),
            lasting_s=TAKEN_LASTS_S,
        )
        self._speak_for(name for name in claimed.taken_from if name != self._topics.gateway)
        self._inquiry.ask_all("another gateway has taken over")

    def _speak_for(self, gateways: Iterable[str]) -> None:
        """Publish `offline` for gateways and clear their alerts, because they may no longer be able to.

        Their wills do not if they hang, or if their login, and with it their session, is this gateway's.
        """
        for name in gateways:
            topics = Topics(self._topics.base, name)
            self._send([Message(topics.state, encode(OFFLINE), retain=True)])
            self._retained_filters.append(topics.alert("+"))
            self.tidied = False
