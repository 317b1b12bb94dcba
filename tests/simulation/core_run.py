"""One seed of the simulated core: a plant, a broker, and a gateway that dies at any step.

The gateway is the real one (`gateway.app.Gateway`: front, journal, pump, engine, ledger, publisher), with real files.
Only its connection and its clock are simulated, and there are no threads: a seed decides what happens next, and where
it dies, which is either between two steps or at a fail point in the middle of one. What a death leaves is what is
durable; the next life begins with that.

The auditor knows the truth: what devices have made, what was acknowledged, what was answered and published.
"""

import json
import random
import sqlite3
from collections.abc import Callable, Collection, Iterator
from functools import partial
from typing import Any, NamedTuple, cast

from sqlalchemy import Connection, func, select

from gateway.app import Gateway
from gateway.errors import LedgerUnavailable
from gateway.failpoints import Point, arm
from gateway.journal import Entry, Reader
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.reports.outbox import documents_after
from gateway.service.entries import CLOCK, IMPORT
from gateway.service.tell.posting_events import events_of
from gateway.service.times import DOUBT_S
from gateway.settings import Settings
from tests.simulation.core_answers import check_answers
from tests.simulation.core_broker import Message, SimulatedBroker, SimulatedConnection
from tests.simulation.core_loop import Crash, SimulatedLoop
from tests.simulation.core_plant import COUNTERS, Asker, Counter

STEPS = 160
ROUNDS = 600
AGAIN = 12
"""Rounds after which everybody says again what he knows: a broker may have forgotten it."""
NOON = 1_795_345_200_000_000
"""2026-11-22, 12:00 in Berlin."""
NOON_DATE = "2026-11-22"
SETS_S = (0, 0, 0, -1, 1, -30, 30, -3600, 3600, -86_400, 86_400, -250 * 86_400, 400 * 86_400, 3650 * 86_400)
"""By how much the clock may be wrong: never so much that the plant was not there yet."""
IN_COMMIT = (Point.COMMIT_BEGUN, Point.COMMIT_HALF, Point.COMMIT_WRITTEN)


class Told(NamedTuple):
    """What came to pass in one seed."""

    crashes: int
    documents: int


class Simulation:
    """The world of one seed."""

    def __init__(self, settings: Settings, seed: int, imports: list[bytes], die_at: Point | None = None) -> None:
        """Take settings whose journal and ledger exist, and master data to be imported now and then.

        It dies at `die_at` as soon as it passes it, and later at others.
        """
        self.chance = random.Random(seed)
        self._settings = settings
        self._imports = imports
        self._broker = SimulatedBroker(self.chance, self)
        self._counters = [Counter(device, self.chance) for device in COUNTERS]
        self._asker = Asker()
        self._events: dict[str, bytes] = {}
        self._arrived: set[str] = set()
        self._stored: set[Message] = set()
        self._batches = 0
        self._journal = Reader(settings.journal_path)
        self._engine = open_database(settings.database_url, read_only=True)
        self._ledger = self._engine.connect()
        self._time = 0.0
        self._off_s = 0
        self._fuse = die_at
        self._trouble: Point | None = None
        self._lost: list[Message] = []
        self.crashes = 0
        self.died_at: set[Point] = set()
        self._begin()

    # -- the gateway's lives

    def _begin(self) -> None:
        self._loop = SimulatedLoop(self.chance)
        self._loop.turn(self._time)
        self._gateway = self._loop.run_until_complete(self._compose())
        self._connection = cast("SimulatedConnection", self._gateway.connection)

    async def _compose(self) -> Gateway:
        """Put the gateway together, on the loop that it will live on."""
        most = self.chance.choice([1, 4, 20, 4096])
        connect = partial(SimulatedConnection, self._broker, most)
        return Gateway(
            self._settings, connect=connect, clock=lambda: NOON + int((self._loop.time() + self._off_s) * 1e6)
        )

    def _end(self) -> None:
        """Have the process end: what is not durable is gone."""
        self._time = self._loop.time()
        self._trouble, fuse, self._fuse = None, self._fuse, None  # who is dead dies of nothing more
        self._loop.die()
        self._fuse = fuse
        if self._connection.connected:
            self._broker.detach()
        self._gateway.pump.stop()
        self._gateway.journal.close()

    def _crash(self) -> None:
        self.crashes += 1
        self._end()
        self._begin()

    def passed(self, point: Point) -> None:
        """Die at a point, or have the disk or the database fail there, if that is due."""
        if point is self._fuse:
            self._fuse = None
            self.died_at.add(point)
            raise Crash(point)
        if point is self._trouble:
            self._trouble = None
            if point is Point.COMMITTED:
                raise LedgerUnavailable("the answer to a commit was lost")
            raise sqlite3.OperationalError("database or disk is full")

    # -- what happens

    def run(self) -> Told:
        """Let everything happen, bring it to rest, and hold the books against the truth."""
        arm(self.passed)
        try:
            for _ in range(STEPS):
                self._survive(self._happen)
            while not self._survive(self._settle):
                pass
            while not self._survive(self._check_dates):
                pass
            return Told(self.crashes, self._check())
        finally:
            arm(None)
            self._end()
            self._ledger.close()
            self._engine.dispose()
            self._journal.close()

    def _survive(self, act: Callable[[], None]) -> bool:
        """Do something, and begin again if it dies of it; return whether it was done."""
        try:
            act()
        except Crash:
            self._crash()
            return False
        return True

    def _happen(self) -> None:
        often = (self._speak, self._deliver, self._take, self._pass_time, self._turn, self._turn)
        sometimes = (self._scan, self._ask, self._repeat, self._connect)
        breaks = (self._light, self._light, self._die, self._disturb, self._lose)
        seldom = (*breaks, self._restart, self._import, self._set_clock)
        kind = self.chance.choices((often, sometimes, seldom), (85, 12, 6))[0]
        act: Callable[[], None] = self.chance.choice(kind)
        act()

    def _speak(self) -> None:
        message = self.chance.choice(self._counters).speak()
        fate = self.chance.random()
        if fate < 0.05:
            return
        if fate < 0.12:
            self._lost.append(message)
            return
        for _ in range(2 if fate < 0.2 else 1):
            self._broker.receive(message)
        if self._lost and self.chance.random() < 0.3:
            self._broker.receive(self._lost.pop())
        if fate > 0.97:
            self._broker.receive(Message("bf/v1/1000/L01/nobody/count", b"7"))
            self._broker.receive(Message("bf/v1/1000/L01/pumps/count", b'{"good":'))

    def _restart(self) -> None:
        self.chance.choice(self._counters).restart()

    def _scan(self) -> None:
        self._broker.receive(self._asker.scan())

    def _ask(self) -> None:
        newest = self._number(select(func.max(t.documents.c.number)))
        asked = self.chance.choice(["work", "reverse", "reverse", "post"])
        if asked == "work":
            message = self._asker.request("work", "L02", {})
        elif asked == "post":
            message = self._asker.request("post", "L01", {"type": "assembly", "quantity": "3"})
        else:
            number = max(1, newest - self.chance.randint(0, 5))
            message = self._asker.request("reverse", "L01", {"document": f"{number:010d}"})
        self._broker.receive(message)

    def _repeat(self) -> None:
        if self._asker.open:
            self._broker.receive(self.chance.choice(list(self._asker.open.values())))

    def _deliver(self) -> None:
        self._now(partial(self._broker.deliver, self.chance.choice([1, 3, 50])))

    def _take(self) -> None:
        self._now(partial(self._broker.take, self.chance.choice([1, 5, 100])))

    def _pass_time(self) -> None:
        self._loop.turn(self.chance.choice([0.0, 0.001, 0.01, 0.1, 0.1, 1.5, 4.0]))

    def _turn(self) -> None:
        self._gateway.worker.turn()

    def _connect(self) -> None:
        if not self._connection.connected:
            self._now(partial(self._broker.attach, self._connection))

    def _lose(self) -> None:
        if self._connection.connected:
            self._now(partial(self._connection.end, "lost"))
        if self.chance.random() < 0.3:
            self._broker.forget()

    def _now(self, act: Callable[[], None]) -> None:
        """Have the loop do something next."""
        self._loop.call_soon(act)
        self._loop.turn()

    def _import(self) -> None:
        entry = Entry(IMPORT, "tests", self.chance.choice(self._imports))
        task = self._loop.create_task(self._gateway.submit(entry))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._loop.turn()

    def _die(self) -> None:
        raise Crash

    def _light(self) -> None:
        if self._fuse is Point.IMPORTED:
            self._import()
        elif self._fuse is None:
            self._fuse = self.chance.choice(list(Point))

    def _set_clock(self) -> None:
        """Set the machine's clock, rightly or wrongly; a gateway that begins has nothing to hold it against."""
        self._off_s = self.chance.choice(SETS_S)

    def _disturb(self) -> None:
        self._trouble = self.chance.choice([Point.JOURNAL_WRITING, *IN_COMMIT, Point.COMMITTED])

    def _settle(self) -> None:
        """Let everybody say all that he knows, until everything is answered and nothing is on its way."""
        self._trouble, self._off_s = None, 0
        for round_ in range(ROUNDS):
            self._connect()
            if round_ % AGAIN == 0:
                for message in (*(m for c in self._counters for m in c.say_all()), *self._asker.open.values()):
                    self._broker.receive(message)
            self._now(partial(self._broker.deliver, 100))
            self._now(partial(self._broker.take, 100))
            self._loop.turn(0.6)
            self._turn()
            if round_ > AGAIN and self._rests():
                return
        raise AssertionError(f"it does not come to rest: {self._asker.open} {self._gateway.vitals.health()}")

    def _rests(self) -> bool:
        gateway = self._gateway
        waits = gateway.front.waiting or gateway.vitals.health()["outbox"] != 0 or self._asker.open
        return self._broker.at_rest and not waits and gateway.pump.number > gateway.journal.last

    # -- the auditor, while it runs

    def acknowledged(self, message: Message) -> None:
        """Check that a message is stored when it is acknowledged."""
        if "/_gateway/" in message.topic:
            return  # the gateway's own canary
        for batch in self._journal.read(self._batches, 10_000):
            self._stored.update(Message(entry.topic, entry.payload) for entry in batch.entries)
            self._batches = batch.number
        assert message in self._stored, f"acknowledged, and not in the journal: {message}"

    def published(self, message: Message) -> None:
        """Check that a publication tells nothing but what is committed."""
        if "/_posting/" in message.topic:
            body = json.loads(message.payload)
            before = self._events.setdefault(body["id"], message.payload)
            assert before == message.payload, f"event {body['id']} was {before!r}, and is {message.payload!r}"
            self._exists(body["data"]["document"])
        elif message.topic.endswith("/feedback"):
            body = json.loads(message.payload)
            if body["result"] == "ok":
                self._exists(body["data"]["document"])
        elif "/_response/" in message.topic:
            body = json.loads(message.payload)
            kept = self._number(select(func.count()).where(t.commands.c.command == body["transaction"]))
            assert kept or body["status"] == "error", f"answered, and not committed: {body}"

    def arrived(self, message: Message) -> None:
        """Let those who wait hear their answers, and note which events have arrived."""
        if "/_posting/" in message.topic:
            self._arrived.add(json.loads(message.payload)["id"])
        elif message.topic.endswith("/feedback"):
            body = json.loads(message.payload)
            if body["code"] == "BF9001":
                self._not_stored(body["ref"])
            elif body["result"] != "queued":
                self._asker.hear(body["ref"], body)
        elif "/_response/" in message.topic:
            body = json.loads(message.payload)
            self._asker.hear(body["transaction"], body)

    def _not_stored(self, scan: str) -> None:
        """Repeat a scan later that was told to be not stored, or make it anew under another id at once."""
        anew = self._asker.scan_again(scan) if self.chance.random() < 0.5 else None
        if anew is not None:
            self._broker.receive(anew)

    def _exists(self, document: str) -> None:
        found = self._number(select(func.count()).where(t.documents.c.number == int(document)))
        assert found, f"document {document} is told, and not committed"

    def _number(self, wanted: Any) -> int:
        with self._ledger.begin():
            return int(self._ledger.scalar(wanted) or 0)

    # -- the auditor, at the end

    def _check(self) -> int:
        with reading(self._settings.database_url) as ledger:
            assert [str(result) for result in audit(ledger) if not result.ok] == []
            self._check_units(ledger)
            check_answers(ledger, self._asker, set(self._scans("message", "waited")))
            self._check_refused(ledger)
            return self._check_events(ledger)

    def _check_units(self, ledger: Connection) -> None:
        made = {counter.device: counter.made for counter in self._counters}
        marks = t.device_marks.c
        sums = ledger.execute(select(marks.device, func.sum(marks.units)).group_by(marks.device))
        read = {device: int(units) for device, units in sums}
        assert dict.fromkeys(made, 0) | read == made, f"made {made}, read {read}"
        entries = sum(entry.kind != CLOCK for entry in self._entries())
        ended = ledger.scalar(select(func.sum(t.outcomes.c.messages)))
        assert ended == entries, f"the journal has {entries} entries, and {ended} have ended in some way"

    def _check_dates(self) -> None:
        """Hold the dates of what is made once the clock has been right for a while against what day it was."""
        columns = t.documents.c
        self._settle()
        self._loop.turn(DOUBT_S)
        self._settle()
        newest = self._number(select(func.max(columns.number)))
        for counter in self._counters:
            counter.speak()
        self._settle()
        # On the other lines a report that has waited is documented with the date that it had.
        dates = select(columns.posting_date).where(columns.number > newest, columns.line == "L01").distinct()
        with self._ledger.begin():
            assert {*self._ledger.scalars(dates)} <= {NOON_DATE}, "dated by a clock that was wrong before"

    def _scans(self, *kinds: str) -> list[str]:
        """Return the ids of the scans that the journal holds as entries of some kinds."""
        entries = [entry for entry in self._entries() if entry.kind in kinds and entry.topic.endswith("scanner/scan")]
        return [json.loads(entry.payload)["id"] for entry in entries]

    def _entries(self) -> Iterator[Entry]:
        for number in range(self._journal.last):
            for batch in self._journal.read(number, 1):
                yield from batch.entries

    def _check_refused(self, ledger: Connection) -> None:
        """Hold what was told to be not stored against the quarantine: each is there, or settled by a later scan."""
        q = t.quarantine.c
        kept = ledger.scalar(select(func.count()).where(q.code == "BF9001", q.state.in_(("open", "repeated"))))
        folded = ledger.scalar(
            select(func.sum(t.quarantine_folds.c.messages)).where(
                t.quarantine_folds.c.number.in_(select(q.number).where(q.code == "BF9001"))
            )
        )
        refused = len(self._scans("refused"))
        assert (kept or 0) + int(folded or 0) == refused, f"{refused} were told, {kept} and {folded} are kept"

    def _check_events(self, ledger: Connection) -> int:
        """Hold what was published against the documents: every event has arrived, and none is of anything else."""
        source = f"bf/v1/_gateway/{self._settings.gateway.id}"
        first = ledger.scalar(select(func.min(t.documents.c.number))) or 1
        posted = documents_after(ledger, first - 1, 100_000)
        expected = {json.loads(e.payload)["id"]: e.payload for each in posted for e in events_of(each, source)}
        assert self._events == expected, f"not of a document, or not published: {_odd(self._events, expected)}"
        assert self._arrived == expected.keys(), f"not arrived: {_odd(self._arrived, expected)}"
        return len(posted)


def _odd(some: Collection[str], others: Collection[str]) -> list[str]:
    return sorted({*some} ^ {*others})
