"""What the publisher does with messages while others wait for room."""

import asyncio

from gateway.mqtt.topics import Topics
from gateway.service.outgoing import Message
from gateway.service.publisher import Publisher


class Narrow:
    """A connection with room for so many acknowledged publications."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.sent: list[str] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, **_options: object) -> bool:
        if qos and not self.room:
            return False
        self.room -= bool(qos)
        self.sent.append(f"{topic} {payload.decode()}")
        return True


def test_what_nobody_acknowledges_does_not_wait_behind_what_has_no_room() -> None:
    async def say() -> list[str]:
        connection = Narrow(room=1)
        topics = Topics("bf", "gw1")
        publisher = Publisher(connection, topics, lambda _after, _limit: [], lambda _: None, lambda _: None)
        publisher.send([Message("first", b"1"), Message("second", b"2"), Message("log", b"3", qos=0)])
        connection.room = 1
        publisher.send([Message("third", b"4")])
        publisher.flush()
        await publisher.close()
        return connection.sent

    assert asyncio.run(say()) == ["first 1", "log 3", "second 2"], "in their order, and the third still waits"
