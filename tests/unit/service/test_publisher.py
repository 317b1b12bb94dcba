"""What the publisher does with messages while others wait for room, and with events while the ledger is read."""

import asyncio
import json
from collections import deque
from collections.abc import Callable

import pytest

from gateway.backflush.values.documents import FINAL, Confirmation, Document
from gateway.ledger.reports.outbox import Posted
from gateway.mqtt.topics import Topics
from gateway.mqtt.wire.packets import NO_EXTRAS, Extras
from gateway.service.tell.messages import Message
from gateway.service.tell.publisher import MOST_KEPT, PAUSE_S, Publisher

DAY = "2026-11-22"
TOPICS = Topics("bf", "gw1")


class Narrow:
    """A connection with room for so many acknowledged publications."""

    def __init__(self, room: int) -> None:
        self.room = room
        self.connected = False
        self.sent: list[str] = []

    def publish(self, topic: str, payload: bytes, *, qos: int = 1, **_options: object) -> bool:
        if qos and not self.room:
            return False
        self.room -= bool(qos)
        self.sent.append(f"{topic} {payload.decode()}")
        return True


async def test_what_is_not_acknowledged_does_not_wait_behind_what_has_no_room() -> None:
    connection = Narrow(room=1)
    publisher = Publisher(connection, TOPICS, lambda _after, _limit: [], Noted())
    publisher.send([Message("first", b"1"), Message("second", b"2"), Message("log", b"3", qos=0)])
    connection.room = 1
    publisher.send([Message("third", b"4")])
    publisher.flush()
    await publisher.stop()
    assert connection.sent == ["first 1", "log 3", "second 2"], "in their order, and the third still waits"


class Noted:
    """Where a publisher notes how far it is."""

    cursor = 0
    live = True


class Broken:
    """A connection that is up until it is lost, and acknowledges nothing by itself; and a clock."""

    def __init__(self) -> None:
        self.connected = True
        self.now_s = 0.0
        self.sent: list[tuple[str, int | None]] = []
        self.unanswered: list[Callable[[], None]] = []
        self.publisher = Publisher(self, TOPICS, lambda _after, _limit: [], Noted(), lambda: self.now_s)

    def publish(
        self,
        topic: str,
        payload: bytes,
        *,
        extras: Extras = NO_EXTRAS,
        on_done: Callable[[], None] | None = None,
        **_options: object,
    ) -> bool:
        if self.connected:
            self.sent.append((f"{topic} {payload.decode()}", extras.expiry_s))
            self.unanswered += [on_done] if on_done is not None else []
        return self.connected

    def lose(self) -> None:
        """Lose the connection, and with it what was not acknowledged."""
        self.connected = False
        self.unanswered.clear()
        self.publisher.lose()

    def again(self, after_s: float) -> list[tuple[str, int | None]]:
        """Let time go by, connect again, and return what is sent then."""
        self.now_s += after_s
        self.connected = True
        self.sent.clear()
        self.publisher.flush()
        return self.sent


def feedback(name: str) -> Message:
    return Message(name, b"ok", expiry_s=30)


async def test_what_a_lost_connection_has_not_had_acknowledged_is_sent_again_before_what_came_later() -> None:
    broken = Broken()
    broken.publisher.send([feedback("known"), feedback("first"), Message("response", b"1"), feedback("second")])
    broken.unanswered[0]()
    broken.lose()
    broken.publisher.send([feedback("later")])
    again = [name for name, _ in broken.again(after_s=1)]
    assert again == ["first ok", "response 1", "second ok", "later ok"]
    for answer in broken.unanswered:
        answer()
    broken.lose()
    assert broken.again(after_s=1) == [], "nothing that was acknowledged comes again"


async def test_of_a_retained_topic_the_newest_message_is_the_last_whatever_was_under_way() -> None:
    broken = Broken()
    broken.publisher.send([Message(topic, b"1", retain=True) for topic in ("alert", "line", "line")])
    broken.publisher.send([Message("line", b"2", retain=True)])
    broken.lose()
    broken.publisher.send([Message("alert", b"", retain=True)])
    assert dict(name.split(" ") for name, _ in broken.again(after_s=1)) == {"alert": "", "line": "2"}


async def test_an_answer_is_worth_something_for_its_time_alone_however_long_it_waited_here() -> None:
    broken = Broken()
    broken.publisher.send([feedback("under-way")])
    broken.lose()
    broken.publisher.send([feedback("kept"), Message("response", b"1")])
    assert broken.again(after_s=12) == [("under-way ok", 18), ("kept ok", 18), ("response 1", None)]
    broken.lose()
    assert broken.again(after_s=18) == [("response 1", None)], "a scanner has repeated its scan by then"


async def test_what_is_left_out_because_too_much_waits_is_said(caplog: pytest.LogCaptureFixture) -> None:
    broken = Broken()
    broken.lose()
    broken.publisher.send([feedback(str(k)) for k in range(MOST_KEPT + 2)])
    assert [name for name, _ in broken.again(after_s=1)] == [f"{k} ok" for k in range(2, MOST_KEPT + 2)]
    assert "left out" in caplog.text


class Outbox:
    """A ledger whose documents a publisher reads, a connection that acknowledges when it is told to, and the cursor.

    `during` holds what happens on the loop while the publisher's next reads are under way, one for each; what a read
    finds was there when it began.
    """

    def __init__(self, documents: int) -> None:
        self.documents = documents
        self.cursor, self.live, self.connected = 0, True, False
        self.sent: list[int] = []
        self.during: deque[Callable[[], None]] = deque()
        self._answers: deque[Callable[[], None]] = deque()
        self._loop = asyncio.get_running_loop()
        self.publisher = Publisher(self, TOPICS, self._read, self)

    def publish(
        self, topic: str, payload: bytes, *, on_done: Callable[[], None] | None = None, **_options: object
    ) -> bool:
        assert on_done is not None, topic
        self.sent.append(int(json.loads(payload)["subject"]))
        self._answers.append(on_done)
        return True

    def acknowledge(self) -> None:
        """Answer everything that was sent."""
        while self._answers:
            self._answers.popleft()()

    def commit(self) -> list[Posted]:
        """Add a document, and return it as the commit that offers it."""
        self.documents += 1
        return [scrapped(self.documents)]

    async def quiet(self) -> None:
        """Wait until the publisher reads no more."""
        own = {asyncio.current_task()}
        while others := asyncio.all_tasks() - own:
            await asyncio.wait(others)

    def _read(self, after: int, limit: int) -> list[Posted]:
        found = [scrapped(number) for number in range(after + 1, self.documents + 1)[:limit]]
        if self.during:
            asyncio.run_coroutine_threadsafe(self._happen(), self._loop).result()
        return found

    async def _happen(self) -> None:
        self.during.popleft()()


def scrapped(number: int) -> Posted:
    """Return a document that has one event."""
    document = Document(number, "scrap", "1000", "L01", "P", "1", "", "", "", DAY, DAY, "", 0, 0, "", "", "", 0)
    return Posted(document, [Confirmation(number, FINAL, "", 0, 1, automatic=False)], [], [], [], [])


async def test_the_cursor_stands_where_the_broker_has_acknowledged() -> None:
    outbox = Outbox(documents=2)
    outbox.publisher.follow(0)
    await outbox.quiet()
    assert (outbox.sent, outbox.cursor) == ([1, 2], 0)
    outbox.acknowledge()
    assert outbox.cursor == 2
    outbox.publisher.offer(outbox.commit(), 3)
    assert (outbox.sent, outbox.cursor) == ([1, 2, 3], 2)
    outbox.publisher.resend()
    await outbox.quiet()
    assert outbox.sent == [1, 2, 3, 3], "what the connection lost is sent again"
    outbox.acknowledge()
    assert outbox.cursor == 3


async def test_what_a_connection_loses_while_the_ledger_is_read_is_sent_again() -> None:
    outbox = Outbox(documents=2)
    outbox.during += [lambda: None, outbox.publisher.resend]
    outbox.publisher.follow(0)
    await outbox.quiet()
    assert outbox.sent == [1, 2, 1, 2]
    outbox.acknowledge()
    assert outbox.cursor == 2


async def test_documents_that_the_ledger_does_not_have_are_looked_for_with_a_pause() -> None:
    """A ledger that was emptied beside the gateway was read again and again, as fast as it answered."""
    outbox, reads = Outbox(documents=0), []
    outbox.during.extend([lambda: reads.append(1)] * 100_000)
    outbox.publisher.offer([], 5)
    outbox.publisher.follow(0)
    await asyncio.sleep(10 * PAUSE_S)
    await outbox.publisher.stop()
    assert 1 <= len(reads) <= 11


async def test_what_is_committed_while_the_ledger_is_read_does_not_wait_for_the_next_document() -> None:
    outbox = Outbox(documents=1)
    outbox.during += [lambda: None, lambda: outbox.publisher.offer(outbox.commit(), 2)]
    outbox.publisher.follow(0)
    await outbox.quiet()
    assert outbox.sent == [1, 2]
    outbox.commit()
    outbox.publisher.offer([], 3)
    await outbox.quiet()
    assert outbox.sent == [1, 2, 3], "a commit that was not told to offer its documents says how many there are"
