"""A broker as the gateway sees it: it keeps what was not acknowledged, delivers it again, and answers what it got.

It outlives the gateway's crashes. A connection is told apart by its epoch; what was on its way when it was lost
arrived in part, in order. Nobody but this model knows what left the gateway, so it is the witness: `Witness` hears of
every acknowledgement and every publication at the moment at which the gateway lets go of it.
"""

import random
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

from gateway.mqtt.client import Connection, Up
from gateway.mqtt.wire.link import BrokerTerms
from gateway.mqtt.wire.packets import NO_EXTRAS, Delivery, Extras


class Message(NamedTuple):
    """One message for the gateway, or of it."""

    topic: str
    payload: bytes


class Witness(Protocol):
    """Who is told what the gateway does."""

    def acknowledged(self, message: Message) -> None:
        """Hear the gateway say that it has stored a message."""

    def published(self, message: Message) -> None:
        """Hear what the gateway lets go of."""

    def arrived(self, message: Message) -> None:
        """Hear that what it published has arrived."""


class _Sent(NamedTuple):
    message: Message
    on_done: Callable[[], None] | None


class SimulatedBroker:
    """The broker, with the gateway's session."""

    def __init__(self, chance: random.Random, witness: Witness) -> None:
        self._chance = chance
        self._witness = witness
        self._queue: deque[Message] = deque()
        self._in_flight: dict[int, Message] = {}
        self._acknowledgements: list[int] = []
        self._sent: deque[_Sent] = deque()
        self._answers: deque[Callable[[], None]] = deque()
        self._kept = False
        self._mid = 0
        self.connection: SimulatedConnection | None = None

    @property
    def at_rest(self) -> bool:
        """Nothing is on its way in either direction."""
        return not (self._queue or self._in_flight or self._acknowledgements or self._sent or self._answers)

    def receive(self, message: Message) -> None:
        """Take what a device says, for the gateway's session."""
        if self._kept:
            self._queue.append(message)

    def attach(self, connection: "SimulatedConnection") -> None:
        """Let a gateway in: what an earlier connection did not acknowledge comes first."""
        self._queue.extendleft(reversed(self._in_flight.values()))
        self._in_flight.clear()
        self.connection = connection
        connection.begin(session_present=self._kept)
        self._kept = True

    def detach(self) -> None:
        """Lose the connection: of what was on its way, the first part arrived."""
        self.connection = None
        acknowledged = self._chance.randint(0, len(self._acknowledgements))
        for mid in self._acknowledgements[:acknowledged]:
            self._in_flight.pop(mid)
        self._acknowledgements.clear()
        for _ in range(self._chance.randint(0, len(self._sent))):
            self._witness.arrived(self._sent.popleft().message)
        self._sent.clear()
        self._answers.clear()

    def forget(self) -> None:
        """Lose the session, as a broker without persistence does when it is killed."""
        self._queue.clear()
        self._in_flight.clear()
        self._kept = False

    def deliver(self, most: int) -> None:
        """Deliver the next messages as one chunk, and let what came back arrive."""
        if self.connection is None:
            return
        for mid in self._acknowledgements:
            self._in_flight.pop(mid)
        self._acknowledgements.clear()
        chunk: list[Delivery] = []
        retain = False
        while self._queue and len(chunk) < most:
            message = self._queue.popleft()
            self._mid += 1
            self._in_flight[self._mid] = message
            chunk.append(Delivery(message.topic, message.payload, 1, retain, None, None, self._mid))
        if chunk:
            self.connection.bring(chunk)

    def take(self, most: int) -> None:
        """Let what the gateway published arrive, and answer what arrived before."""
        while self._answers and most > 0:
            most -= 1
            self._answers.popleft()()
        while self._sent and most > 0:
            most -= 1
            message, on_done = self._sent.popleft()
            if "/_canary/" in message.topic:
                self.receive(message)
            self._witness.arrived(message)
            if on_done is not None:
                self._answers.append(on_done)

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Hear that messages are stored."""
        for mid in mids:
            assert mid in self._in_flight, f"packet {mid} is acknowledged, which was not delivered or is settled"
            assert mid not in self._acknowledgements, f"packet {mid} is acknowledged twice"
            self._witness.acknowledged(self._in_flight[mid])
            self._acknowledgements.append(mid)

    def publish(self, message: Message, on_done: Callable[[], None] | None, most: int) -> bool:
        """Take a publication on its way, unless too many are."""
        if len(self._sent) + len(self._answers) >= most:
            return False
        self._witness.published(message)
        self._sent.append(_Sent(message, on_done))
        return True


class SimulatedConnection(Connection):
    """The gateway's end of it: what `Connection` promises, without a socket."""

    def __init__(self, broker: SimulatedBroker, most: int, *given: Any, **callbacks: Any) -> None:
        super().__init__(*given, **callbacks)
        self._simulated = broker
        self._most = most

    @property
    def connected(self) -> bool:
        """Whether the broker has let this connection in."""
        return self._simulated.connection is self

    def begin(self, *, session_present: bool) -> None:
        """Begin a connection."""
        self.epoch += 1
        self._listener.on_up(Up(self.epoch, BrokerTerms("5", session_present, self._most, None, None, ())))

    def end(self, why: str) -> None:
        """End a connection."""
        self._simulated.detach()
        self._listener.on_down(why)

    def bring(self, deliveries: list[Delivery]) -> None:
        """Bring what the broker delivers."""
        self._listener.on_deliveries(self.epoch, deliveries)

    def acknowledge(self, epoch: int, mids: Sequence[int]) -> None:
        """Acknowledge, unless that connection is over."""
        if self.connected and epoch == self.epoch:
            self._simulated.acknowledge(mids)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,  # noqa: ARG002 - the broker keeps nothing for others
        extras: Extras = NO_EXTRAS,  # noqa: ARG002 - nothing waits in it, and nobody asks with a correlation
        on_done: Callable[[], None] | None = None,
    ) -> bool:
        """Publish, or return False."""
        assert qos == 1
        return self.connected and self._simulated.publish(Message(topic, payload), on_done, self._most)

    def subscribe(self, filters: Sequence[str], *, qos: int = 1) -> bool:  # noqa: ARG002 - nothing is kept that could come
        """Subscribe to more."""
        return self.connected

    def unsubscribe(self, filters: Sequence[str]) -> bool:  # noqa: ARG002 - nothing is kept that could come
        """Subscribe to less."""
        return self.connected
