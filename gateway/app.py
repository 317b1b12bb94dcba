"""The composition root: settings become objects, objects become tasks. The only reader of the clock.

broker -> Front -> journal -> (acknowledge) -> Worker: pump -> ledger -> (commit) -> Publisher -> broker
"""

import asyncio
import gc
import logging
import random
from collections.abc import Callable
from typing import Any, NamedTuple

from gateway.errors import Fenced, JournalUnavailable
from gateway.failpoints import Point, reach
from gateway.journal import Batch, Entry, Journal
from gateway.ledger.reports.outbox import read_outbox
from gateway.mqtt import Connection, Delivery, Up, Will
from gateway.mqtt.topics import Topics
from gateway.service.faults import end_with
from gateway.service.fold.device_presence import DevicePresence
from gateway.service.fold.worker import Worker
from gateway.service.local.commands import make_pump, settings_entry, system_clock
from gateway.service.local.control import serve
from gateway.service.receive.broker_session import BrokerSession, broker_of
from gateway.service.receive.front import Front
from gateway.service.receive.session_owner import Tenure
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.messages import Message, encode
from gateway.service.tell.outgoing import Notifier
from gateway.service.tell.pending_replies import Callers, Scanners
from gateway.service.tell.publisher import Publisher
from gateway.service.tell.report import HealthFigures, Report
from gateway.service.times import SteadyClock
from gateway.service.watch.broker import BrokerWatch
from gateway.service.watch.health import Vitals
from gateway.service.watch.host import Watch
from gateway.service.watch.logs import LogTopic, Sparing
from gateway.settings import Settings

log = logging.getLogger("backflush")

HEALTH_EVERY_S = 30.0
LOOK_EVERY_S = 2.0
ANSWERS_WITHIN_S = 6.0
"""A database that takes longer for a commit is told to be away."""


class Snapshot(NamedTuple):
    """What `run_gateway` tells its caller of each report."""

    phase: str
    figures: HealthFigures
    messages: list[Message]
    events: int


async def run_gateway(
    settings: Settings,
    *,
    stop: asyncio.Event,
    on_commit: Callable[[Snapshot], None] | None = None,
    on_ready: Callable[[], None] | None = None,
) -> None:
    """Run until `stop` is set; leave in good order within 10 s. Raises what ended it otherwise."""
    gateway = Gateway(settings, on_commit, on_ready)
    # What is made per message dies by reference; looking for cycles among it all cost a quarter of the processor.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    try:
        await gateway.run(stop)
    finally:
        gateway.journal.close()


class Gateway:
    """One running gateway; `connect` makes its connection to a broker, `clock` gives microseconds UTC."""

    def __init__(
        self,
        settings: Settings,
        on_commit: Callable[[Snapshot], None] | None = None,
        on_ready: Callable[[], None] | None = None,
        connect: Callable[..., Connection] = Connection,
        clock: Callable[[], int] = system_clock,
    ) -> None:
        self.settings = settings
        self._on_commit = on_commit
        self._on_ready = on_ready
        self.topics = Topics(settings.mqtt.base_topic, settings.gateway.id)
        self._filters = self.topics.filters(settings.gateway.lines)
        settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.connection = connect(
            broker_of(settings),
            will=Will(self.topics.state, encode({"state": "offline"})),
            filters=self._filters,
            on_deliveries=self._delivered,
            on_up=self._up,
            on_down=self._down,
            on_refused=self._publication_refused,
            chance=random.random,
        )
        self.journal = Journal.open(
            settings.journal_path, max_bytes=settings.journal.max_bytes, min_free=settings.journal.min_free
        )
        self.loop = end_with(asyncio.get_running_loop(), self._fail)
        self._clock = SteadyClock(clock, self.loop.time, self.journal.at)
        self.front = Front(
            self.journal, self._clock, self.connection.acknowledge, self._durable, self._unwritable, proven=False
        )
        self.pump = make_pump(settings, self.journal, self._clock)
        teller = Notifier(self.topics, settings.gateway.lines, self.loop.time)
        self.worker = Worker(
            self.pump,
            self.journal,
            teller,
            DevicePresence(self.topics, teller.owns, settings.watch.flaps),
            self._clock,
            lambda report: self._soon(self._reported, report),
            lambda error: self._soon(self._fail, error),
            lambda: self.front.deaf_since,
            standby=settings.gateway.standby,
        )
        self.tenure = Tenure(self.worker, contested=settings.gateway.standby)
        self.publisher = Publisher(
            self.connection,
            self.topics,
            lambda after, limit: read_outbox(settings.database_url, after, limit),
            self.worker.set_cursor,
            lambda live: self.worker.set_live(live=live),
        )
        self.alerts = Alerts(self.topics, self._clock, self.loop.time, self.publisher.send)
        self.session = BrokerSession(
            self.topics,
            settings.gateway.lines,
            self.connection,
            self.alerts,
            self.publisher.send,
            lambda: list(self.pump.state.master.devices.values()),
            self._clock,
        )
        self.scanners = Scanners(
            self.topics, settings.posting.feedback_timeout_ms / 1000, self._clock, self.publisher.send
        )
        self.callers = Callers()
        self.vitals = Vitals(
            settings, self.topics, self.connection, self.journal, self.front, self.worker, self.publisher, self._clock
        )
        self.watch = Watch(settings, self.alerts, self._clock)
        self.broker_watch = BrokerWatch(
            broker_of(settings),
            self.topics,
            self.vitals.instance,
            self.session,
            self.alerts,
            lambda filters: self.connection.subscribe(filters, qos=0),
            self._clock,
            self.loop.time,
        )
        self._failed: asyncio.Future[None] = self.loop.create_future()
        self._terms: Up | None = None

    # -- life

    async def run(self, stop: asyncio.Event) -> None:
        """Start everything, wait for the end, stop everything in the order of the flow."""
        control = await serve(self.settings.control_path, self.submit, lambda: self.vitals.pong(self.alerts.up))
        shown = LogTopic(self.topics, self._clock, lambda messages: self._soon(self.publisher.send, messages))
        sparing = Sparing(self.loop.time)
        log.addFilter(sparing)
        log.addHandler(shown)
        self.worker.start()
        connecting = asyncio.create_task(self.connection.run(self.tenure.ours))
        chores = [
            asyncio.create_task(c) for c in (self._health(), self._watch(), self.watch.measure(), *self.vitals.chores())
        ]
        ending = asyncio.create_task(stop.wait())
        try:
            awaited: set[asyncio.Future[Any]] = {ending, self._failed, connecting, *chores}
            await asyncio.wait(awaited, return_when=asyncio.FIRST_COMPLETED)
            for broken in filter(None, (task.exception() for task in (connecting, *chores) if task.done())):
                self._fail(broken)
        finally:
            for chore in (*chores, ending):
                chore.cancel()
            self.broker_watch.close()
            log.removeHandler(shown)
            log.removeFilter(sparing)
            control.close()
            try:
                await self._drain()
            finally:
                self._phase("stopped")
                await self.publisher.close()
                await self.connection.close(3.0)
                connecting.cancel()
                await asyncio.gather(connecting, *chores, ending, return_exceptions=True)
                self.settings.control_path.unlink(missing_ok=True)
        if self._failed.done():
            self._failed.result()

    async def _drain(self) -> None:
        """Take nothing more; fold and publish what was taken, within bounds: what is left stays in the journal."""
        self._phase("draining")
        # What is not durable by then was not acknowledged; the error that ends this life must not be hidden by that.
        await asyncio.wait([asyncio.create_task(self.front.close())], timeout=3.0)
        self.worker.finish()
        await asyncio.to_thread(self.worker.join, 5.0)
        self.alerts.leave()
        if self.connection.connected:
            await self.publisher.settle(2.0)
        self.callers.cancel()

    def _soon(self, call: Callable[[Any], None], value: object) -> None:
        try:
            self.loop.call_soon_threadsafe(call, value)
        except RuntimeError:
            log.debug("the loop is closed: a report of the pump is dropped")

    def _fail(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
        if isinstance(error, Fenced):
            # What waits goes to whoever has the lines now, and `queued` would be a promise for that one to keep.
            self.front.give_up()
            self.scanners.cancel()

    @property
    def phase(self) -> str:
        """Where in its life the gateway is."""
        return self.vitals.phase

    def _phase(self, phase: str) -> None:
        if phase == self.phase:
            return
        self.vitals.phase = phase
        log.info("phase %s", phase)
        self.publisher.send([self.vitals.state(), self.vitals.health_message()])
        self.alerts.publish_event("phase", {"phase": phase})

    def _look(self) -> None:
        """Say ready once broker, journal and ledger are there, degraded when one goes away."""
        if self.phase in ("draining", "stopped"):
            return
        if self.vitals.ledger_up and self.connection.connected and not self.session.tidied:
            self.session.tidy_retained()
        ready = self.vitals.ledger_up and self.connection.connected and "journal" not in self.alerts.up
        if ready and self.phase == "starting" and self._on_ready is not None:
            self._on_ready()
        if ready and (self.phase == "starting" or not self.watch.ahead):
            self._phase("ready")
        elif self.phase == "ready":
            self._phase("degraded")

    # -- broker

    def _delivered(self, epoch: int, deliveries: list[Delivery]) -> None:
        try:
            self.broker_watch.unsafe([d for d in deliveries if d.retain or not d.qos])
            self.front.deliver(epoch, deliveries, self.session.kinds(deliveries))
        except BaseException as error:
            self._fail(error)
            raise

    def _up(self, up: Up) -> None:
        terms = up.terms
        log.info(
            "connected to %s, MQTT %s, session kept: %s", self.settings.mqtt.url, terms.protocol, terms.session_present
        )
        forgotten = not terms.session_present and (self._terms is not None or self.vitals.figures.lines > 0)
        self._terms = up
        self.vitals.protocol = terms.protocol
        self.alerts.over("broker")
        self.alerts.over("publication-refused")
        self.alerts.when(
            "subscriptions",
            terms.refused,
            f"the broker refused {', '.join(terms.refused)}",
            hint="check the broker's access list for this login",
        )
        self.publisher.resend()
        self.publisher.send([self.vitals.state(), self.vitals.info(), *self.alerts.tell_all()])
        if terms.session_present:
            self.alerts.over("session-lost")
        elif forgotten:
            self.session.note_new_session()
        self.session.begin(kept=terms.session_present)
        self.broker_watch.up(up)
        self.session.send_canaries()
        self._look()

    def _down(self, why: str) -> None:
        if self.phase in ("draining", "stopped"):
            return
        log.warning("no broker: %s", why)
        self.alerts.set("broker", f"no connection to {self.settings.mqtt.url}: {why}", severity="error")
        self.session.note_loss(self.loop.time())
        self.broker_watch.down()
        self._look()

    def _publication_refused(self, topic: str, reason: int) -> None:
        self.alerts.set(
            "publication-refused",
            f"not published: {topic!a} (reason {reason})",
            hint="144: the topic name is invalid; otherwise check the broker's access list for this login",
        )

    # -- journal

    def _durable(self, batch: Batch) -> None:
        self.alerts.over("journal")
        self.scanners.durable(batch)
        self.worker.offer(batch)
        self._look()

    def _unwritable(self, error: BaseException, entries: list[Entry]) -> None:
        if not isinstance(error, JournalUnavailable) or "IOERR" in str(error):
            # After a failed fsync nobody knows what is on the disk: end, and start again from what is there.
            self.front.give_up()
            self._fail(error)
            return
        self.alerts.set("journal", str(error), severity="error", hint="make room; nothing is acknowledged until then")
        self.scanners.not_stored(entries)
        self._look()

    # -- pump

    def _reported(self, report: Report) -> None:
        if report.waits:
            log.info("standby: %s", report.error)
            return
        self.tenure.take_report(report)
        if report.error:
            self._ledger_away(report.error)
            return
        # What this life receives is worked on by its own settings and lines, whatever those before it have left.
        if not self.front.proven:
            self.front.prove(None if report.obeyed == self.settings.rules else settings_entry(self.settings))
        self.session.leave(report.strange)
        if report.claimed is not None:
            self.session.took_over(report.claimed)
        self.vitals.ledger_up = True
        self.alerts.over("ledger")
        imported = report.figures.digest != self.vitals.figures.digest
        self.vitals.figures = report.figures
        if imported:
            self.publisher.send([self.vitals.info()])
        reach(Point.PUBLISHING)
        self.publisher.start(self.worker.cursor)
        self.scanners.end_wait(report.entries)
        messages = [m for m in report.messages if not (m.entry and self.scanners.too_late(m.entry))]
        self.session.own.update(m.topic for m in messages if m.retain)
        self.publisher.send(messages)
        self.publisher.offer(report.posted, report.figures.documents)
        reach(Point.PUBLISHED)
        self.callers.hand_over(report.answers)
        self.front.tick_at(report.due_at)
        self.watch.figures(report.figures)
        if self._on_commit is not None:
            self._on_commit(Snapshot(self.phase, report.figures, messages, self.publisher.events))
        self._look()

    def _ledger_away(self, why: str) -> None:
        self.vitals.ledger_up = False
        self.alerts.set("ledger", why, severity="error", hint="the journal holds everything until it is back")
        self._look()

    # -- commands

    async def submit(self, entry: Entry) -> dict[str, Any]:
        """Have an entry journaled and committed, and return its answer."""
        key = await self.front.put(entry)
        return await self.callers.answer(key)

    # -- chores

    async def _health(self) -> None:
        while True:
            await asyncio.sleep(HEALTH_EVERY_S)
            self.session.note_hold(self.loop.time())
            self.session.send_canaries()
            self.vitals.watched = self.broker_watch.answers
            self.publisher.send([self.vitals.health_message(), self.vitals.info()])

    async def _watch(self) -> None:
        while True:
            if self.watch.stands(self.front.stands_s):
                self._look()
            elif "journal" in self.alerts.up or not self.vitals.in_place:
                self.front.tick_at(0)  # trying is what shows it
            if self.watch.look():
                self.front.tick_at(0)  # what waits for time hears what time it is
                self._look()
            self.broker_watch.look()
            silent_s = self.vitals.ledger_stands() * LOOK_EVERY_S
            if silent_s >= ANSWERS_WITHIN_S:
                self._ledger_away(f"the database has not answered for {silent_s:.0f} s")
            await asyncio.sleep(LOOK_EVERY_S)
