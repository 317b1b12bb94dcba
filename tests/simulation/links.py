"""The two protocols that the bad network understands: MQTT, packet by packet, and the commits of PostgreSQL."""

import re
from collections.abc import Callable

from tests.simulation.frames import (
    CONNECT,
    PUBACK,
    PUBLISH,
    Publication,
    acknowledged,
    kind,
    publication,
    sent_again,
    speaks_version_5,
    split,
)
from tests.simulation.proxy import Ends, Line, Network, Pipe, Proxy

OVERTAKEN_S = 0.15
"""How long a publication waits to be overtaken: longer than TCP may hold the next one back (Nagle, 40 ms)."""

_PARSE = re.compile(rb"P\0.{3}([^\0]*)\0[^\0]*UPDATE heads", re.DOTALL)
"""What prepares the statement that every commit begins with, and the name under which it is prepared."""


class MqttLine(Line):
    """A connection of which whole packets are passed on, or not at all, or twice."""

    def __init__(self, proxy: "Proxy", client: Ends, server: Ends) -> None:
        super().__init__(proxy, client, server)
        assert isinstance(proxy, MqttProxy)
        self._mqtt = proxy
        self._waiting = {True: bytearray(), False: bytearray()}
        self._version5 = False
        self._delivered: dict[int, Publication] = {}
        self._overtaken: bytes | None = None

    def shape(self, data: bytes, pipe: Pipe) -> bytes:
        """Pass on the whole packets among what has arrived."""
        if self.ending:
            return b""
        waiting = self._waiting[pipe.up]
        waiting += data
        passed: list[bytes] = []
        for packet in split(waiting):
            self._look(packet, pipe)
            if self._is_lost(packet):
                passed.append(self.lose())
                break
            if self.proxy.breaks_now(packet):
                passed.append(self.broken(packet))
                break
            passed += self._disturbed(packet, pipe)
        return b"".join(passed)

    def _look(self, packet: bytes, pipe: Pipe) -> None:
        heard = self._mqtt.on_acknowledged
        if kind(packet) == CONNECT:
            self._version5 = speaks_version_5(packet)
        elif heard is not None and kind(packet) == PUBLISH and not pipe.up and packet[0] & 0x06:
            delivered = publication(packet, version5=self._version5)
            self._delivered[delivered.mid] = delivered
        elif heard is not None and kind(packet) == PUBACK and pipe.up:
            heard(self._delivered.pop(acknowledged(packet)))

    def _is_lost(self, packet: bytes) -> bool:
        weather, chance = self.proxy.weather, self.proxy.chance
        if weather.lose and kind(packet) == PUBLISH and chance.random() < weather.lose:
            self.proxy.figures["lost"] += 1
            return True
        if weather.lose_answer and kind(packet) == PUBACK and chance.random() < weather.lose_answer:
            self.proxy.figures["answer lost"] += 1
            return True
        return False

    def _disturbed(self, packet: bytes, pipe: Pipe) -> list[bytes]:
        weather, chance = self.proxy.weather, self.proxy.chance
        overtaken, self._overtaken = (self._overtaken, None) if pipe.up else (None, self._overtaken)
        passed = [packet]
        # Only what a device says of pieces: the order of its states is the order of its life.
        said = pipe.up and not self._version5 and kind(packet) == PUBLISH and packet[0] & 0x06
        if said and publication(packet, version5=False).topic.endswith(("/count", "/scan")):
            if chance.random() < weather.double:
                self.proxy.figures["doubled"] += 1
                passed.append(sent_again(packet))
            elif overtaken is None and chance.random() < weather.reorder:
                self._overtaken = packet
                self.proxy.later(OVERTAKEN_S, lambda: self._release(packet, pipe))
                return []
        if overtaken is not None:
            self.proxy.figures["reordered"] += 1
            passed.append(overtaken)
        return passed

    def _release(self, packet: bytes, pipe: Pipe) -> None:
        """Pass on what waited to be overtaken, and was not."""
        if self._overtaken is packet and not self.ending and not self.proxy.silent:
            self._overtaken = None
            pipe.slip(packet)


class MqttProxy(Proxy):
    """A network between MQTT clients and their broker."""

    lines_are = MqttLine

    def __init__(self, network: Network, port: int, seed: object) -> None:
        self.on_acknowledged: Callable[[Publication], None] | None = None
        """Called in the network's thread with each delivery that the client has acknowledged."""
        super().__init__(network, port, seed)


class PostgresLine(Line):
    """A connection that knows when a transaction that wrote is about to be committed."""

    def __init__(self, proxy: "Proxy", client: Ends, server: Ends) -> None:
        super().__init__(proxy, client, server)
        assert isinstance(proxy, PostgresProxy)
        self._postgres = proxy
        self._prepared: set[bytes] = set()
        self._wrote = False
        self._swallows = False

    def shape(self, data: bytes, pipe: Pipe) -> bytes:
        """Pass on what has arrived, unless it is a commit whose fate is to be unknown."""
        if not pipe.up:
            if self._swallows:
                # Ready for the next one: the transaction is over, and the client never hears how.
                return self.lose() if data[-6:-5] == b"Z" else b""
            return super().shape(data, pipe)
        self._prepared.update(_PARSE.findall(data))
        self._wrote = self._wrote or b"UPDATE heads" in data or any(b"\0%b\0" % p in data for p in self._prepared if p)
        if b"COMMIT" not in data:
            return super().shape(data, pipe)
        wrote, self._wrote = self._wrote, False
        if wrote and self._postgres.take("lose_answers"):
            self._swallows = True
            self.proxy.figures["commit answered to nobody"] += 1
        elif wrote and self._postgres.take("lose_commits"):
            self.proxy.figures["commit not delivered"] += 1
            return self.lose()
        return super().shape(data, pipe)


class PostgresProxy(Proxy):
    """A network between the gateway and PostgreSQL."""

    lines_are = PostgresLine

    def __init__(self, network: Network, port: int, seed: object) -> None:
        self.lose_answers = 0
        """So many commits are done and their answers swallowed."""
        self.lose_commits = 0
        """So many commits are swallowed before the server hears of them."""
        super().__init__(network, port, seed)

    def take(self, what: str) -> bool:
        """Say whether one of these is due, and count it down."""
        left: int = getattr(self, what)
        setattr(self, what, max(0, left - 1))
        return left > 0
