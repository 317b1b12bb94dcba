"""A connection of the gateway to its broker, for as long as the gateway runs.

The idea: one `Link` after another, numbered by an epoch. Every delivery names its epoch, and an acknowledgement of an
earlier one is dropped: the broker delivers that message again, and its effect is idempotent. The session is persistent
and subscribed again at each connect, so nothing that the broker keeps is lost while we are away. Only the caller of
`run` may drop it, because another gateway has had its content. A `clean` connection has no session that outlives it.

Deliveries arrive before they are safe. The receiver makes them durable, and only then calls `acknowledge`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import count
from typing import Final, NamedTuple, Protocol

from gateway.errors import BrokerUnavailable
from gateway.mqtt.broker import Broker, Will
from gateway.mqtt.wire.link import BrokerTerms, Hello, Link, WrongVersion, visit
from gateway.mqtt.wire.packets import NO_EXTRAS, Delivery, Extras

FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 30.0
LASTING_S: Final = 10.0
"""A connection that is lost sooner counts as a failure."""
_EPOCHS: Final = count(1)
TRUSTED_FAILURES: Final = 8
"""After this many failures in a row 3.1.1 is tried even with a broker that has spoken MQTT 5."""


class Up(NamedTuple):
    """The connection is up and subscribed."""

    epoch: int
    terms: BrokerTerms


class ConnectionListener(Protocol):
    """Is called by a connection, on its loop."""

    def on_deliveries(self, epoch: int, deliveries: list[Delivery]) -> None:
        """Take the broker's deliveries: once per chunk from the socket, in order, also before `on_up`."""

    def on_up(self, up: Up) -> None:
        """Note that the connection is up."""

    def on_down(self, why: str) -> None:
        """Note that a connection was lost, or that an attempt failed."""

    def on_refused(self, topic: str, reason: int) -> None:
        """Note that the broker answered a publication with an error (MQTT 5 reason, 128 and above)."""


class Connection:
    """Keeps one connection up: `run` it, get deliveries, acknowledge them, publish."""

    def __init__(
        self,
        broker: Broker,
        listener: ConnectionListener,
        *,
        will: Callable[[], Will] | None = None,
        filters: Sequence[str] | Mapping[str, int],
        chance: Callable[[], float],
        clean: bool = False,
    ) -> None:
        """Prepare it; nothing happens before `run`. `chance` in [0, 1) spreads the reconnects of many clients.

        `will` is called for each attempt to connect. Subscriptions have QoS 1 unless
        `filters` gives each its own.
        """
        self._broker = broker
        self._listener = listener
        self._will = will
        self._filters = dict(filters) if isinstance(filters, Mapping) else dict.fromkeys(filters, 1)
        self._chance = chance
        self._clean = clean
        self._link: Link | None = None
        self._closing = asyncio.Event()
        self.epoch = 0
        """The number of the newest connection, which no other of this program has; 0 before the first."""

    @property
    def connected(self) -> bool:
        """Whether the broker has accepted us, and the connection is not lost."""
        return self._link is not None and self._link.up

    async def run(self, ours: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]] | None = None) -> None:
        """Connect, and connect again whenever the connection is lost, until `close` or cancellation.

        `ours` is awaited before each attempt: it returns once the session is ours, and gets a function that drops it.
        """
        failures = 0
        protocol = self._broker.protocol
        version5 = protocol != "3.1.1"
        # Up to this failure a hang-up proves nothing about the version: a broker that has spoken 5 has other trouble.
        trusted = 0
        try:
            while not self._closing.is_set():
                try:
                    if ours is not None:
                        await ours(partial(self._drop_session, version5=version5))
                    link, terms = await self._connect(version5=version5)
                except BrokerUnavailable as error:
                    self._listener.on_down(str(error))
                    if protocol == "auto" and isinstance(error, WrongVersion) and failures >= trusted:
                        version5 = not version5
                        if not version5:
                            continue
                    failures += 1
                    await self._pause(failures)
                    continue
                since = asyncio.get_running_loop().time()
                trusted = TRUSTED_FAILURES if terms.protocol == "5" else 0
                self._listener.on_up(Up(self.epoch, terms))
                self._listener.on_down(await link.wait_for_end())
                version5 = protocol != "3.1.1"
                # A connection that does not last is a failure as well: another client may have our id.
                lasted = asyncio.get_running_loop().time() - since > LASTING_S
                failures = 1 if lasted else failures + 1
                await self._pause(failures)
        finally:
            if self._link is not None:
                self._link.abort("cancelled")

    def acknowledge(self, epoch: int, mids: Sequence[int]) -> None:
        """Acknowledge that these deliveries are safe: all of them, in the order of arrival.

        Include those of QoS 0, with the `mid` 0: reading pauses while too much is held. An `epoch` that is over is
        ignored.
        """
        if epoch == self.epoch and self._link is not None:
            self._link.acknowledge(mids)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        extras: Extras = NO_EXTRAS,
        on_done: Callable[[], None] | None = None,
    ) -> bool:
        """Publish, or return False if it cannot be sent now (away, or too much in flight): the caller keeps it.

        `on_done` is called once the broker has answered (QoS 1), or at once (QoS 0). If the connection is lost before
        that, it is never called, and the caller publishes again. MQTT 3.1.1 drops the `extras`.
        """
        link = self._link
        return link is not None and link.publish(topic, payload, extras, on_done, qos=qos, retain=retain)

    def subscribe(self, filters: Sequence[str], *, qos: int = 1) -> bool:
        """Subscribe to more filters, as long as this connection lasts; False if it is away.

        With QoS 0 the broker keeps no messages while we are away, though the session keeps the subscription.
        """
        return self._link is not None and self._link.subscribe(filters, qos=qos)

    def unsubscribe(self, filters: Sequence[str]) -> bool:
        """Remove filters of `subscribe`, or of an earlier configuration in the session; False if it is away."""
        return self._link is not None and self._link.unsubscribe(filters)

    async def close(self, timeout_s: float = 5.0) -> None:
        """Wait for the answers to publications, at most `timeout_s`; then disconnect properly.

        The broker then publishes no will, and keeps the session.
        """
        self._closing.set()
        if self._link is not None:
            await self._link.close(timeout_s)

    async def _connect(self, *, version5: bool) -> tuple[Link, BrokerTerms]:
        self.epoch = epoch = next(_EPOCHS)
        will = self._will() if self._will is not None else None
        hello = Hello(self._broker, version5, will, self._filters, self._clean)
        deliver = self._listener.on_deliveries
        self._link = link = Link(hello, lambda deliveries: deliver(epoch, deliveries), self._listener.on_refused)
        try:
            return link, await link.open()
        except BrokerUnavailable as error:
            link.abort(str(error))
            raise

    async def _drop_session(self, *, version5: bool) -> None:
        """Have the broker forget the session: its messages were delivered to another gateway as well."""
        await visit(Hello(replace(self._broker, session_expiry_s=0), version5, clean=True))

    async def _pause(self, failures: int) -> None:
        """Wait longer after each failure, between half of the pause and all of it, at most 30 s; `close` ends it."""
        pause_s = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2 ** min(failures - 1, 16)) * (0.5 + self._chance() / 2)
        try:
            async with asyncio.timeout(pause_s):
                await self._closing.wait()
        except TimeoutError:
            pass
