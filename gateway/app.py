"""The composition root: settings become objects, objects become tasks. The only reader of the clock.

broker -> Front -> journal -> (acknowledge) -> Worker: pump -> ledger -> (commit) -> Publisher -> broker
"""

import asyncio
import logging
import random
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, NamedTuple

from gateway.errors import Fenced, JournalUnavailable
from gateway.failpoints import Point, reach
from gateway.journal import Entry, Journal, JournalBatch
from gateway.ledger.reports.outbox import read_outbox
from gateway.mqtt.client import Connection, Up
from gateway.mqtt.topics import Topics
from gateway.mqtt.wire.packets import Delivery
from gateway.service.cycles import keep_loaded, search_rarely
from gateway.service.fold.device_presence import DevicePresence
from gateway.service.fold.reporter import Reporter
from gateway.service.fold.worker import Worker
from gateway.service.local.control import sockets
from gateway.service.local.submission import make_pump, rules_after, settings_entry, system_clock
from gateway.service.parts import Part, end_with
from gateway.service.receive.broker_session import BrokerSession, ReportRequests, broker_of, subscriptions
from gateway.service.receive.front import Front
from gateway.service.receive.session_owner import SessionOwner
from gateway.service.receive.sparkplug_host import SparkplugHost, host_access
from gateway.service.tell.alerts import Alerts
from gateway.service.tell.line_days import LineDays
from gateway.service.tell.loop_report import HealthFigures, LoopReport
from gateway.service.tell.messages import Message
from gateway.service.tell.outgoing import Notifier
from gateway.service.tell.pending_replies import Callers, Scanners
from gateway.service.tell.publisher import Publisher
from gateway.service.times import SteadyClock
from gateway.service.watch.broker_watch import BrokerWatch
from gateway.service.watch.health import FlowProgress, Vitals
from gateway.service.watch.host import Watch
from gateway.service.watch.journal import JournalUpkeep, JournalWatch
from gateway.service.watch.logs import LogTopic
from gateway.settings import Settings

log = logging.getLogger("backflush")

ANSWERS_WITHIN_S = 6.0
"""A database that takes longer for a commit is reported as away."""


class Snapshot(NamedTuple):
    """A report of `run_gateway` to its caller."""

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
    """Run until `stop` is set; end properly within 10 s. Raises any error that ended it."""
    gateway = Gateway(settings, on_commit, on_ready)
    search_rarely()
    keep_loaded()
    try:
        await gateway.run(stop)
    finally:
        gateway.journal.close()


class Gateway(Part):
    """One running gateway: its parts, and the calls between them.

    `connect` makes its connection to a broker, `clock` gives microseconds UTC.
    """

    every_s = 2.0

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
        self._terms: Up | None = None
        self.loop = end_with(asyncio.get_running_loop(), self._fail)
        self._failed: asyncio.Future[None] = self.loop.create_future()
        settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.journal = Journal.open(
            settings.journal_path, max_bytes=settings.journal.max_bytes, min_free=settings.journal.min_free
        )
        clock_ = SteadyClock(clock, self.loop.time, self.journal.at)
        topics = Topics(settings.mqtt.base_topic, settings.gateway.id)
        lines = settings.gateway.lines
        self.connection = connect(broker_of(settings), self, **subscriptions(settings, topics), chance=random.random)
        self.front = Front(self.journal, clock_, self._acknowledge, self, sources=settings.sources, proven=False)
        self.pump = make_pump(settings, self.journal, clock_)
        self.notifier = notifier = Notifier(topics, lines, self.loop.time, lambda: self.broker_watch.at_qos0)
        notifier.obey(settings)
        presence = DevicePresence(topics, notifier.owns, settings.watch.flaps)
        reporter = Reporter(self.pump, notifier, presence, clock_)
        self.worker = Worker(self.pump, reporter, clock_, self, standby=settings.gateway.standby)
        self.publisher = Publisher(self.connection, topics, partial(read_outbox, settings.database_url), self.worker)
        send = self.publisher.send
        self.scanners = Scanners(topics, settings.posting.feedback_timeout_ms, clock_, send, lambda: self.pump.state)
        self.callers = Callers()
        self.alerts = Alerts(topics, clock_, send)
        self.vitals = Vitals(settings, topics, self._flow, clock_, self.alerts, send)
        inquiry = ReportRequests(topics, clock_, lambda: self.pump.state.master, send)
        self.session = BrokerSession(topics, lines, self.connection, self.alerts, send, inquiry)
        days = LineDays(settings.database_url, lambda: self.pump.state, notifier.owns, clock_, notifier.take_days)
        self.owner = SessionOwner(self.worker, self.connection, self._fail, contested=settings.gateway.standby)
        self.hosts = [
            SparkplugHost(access, self.front, clock_, self.alerts, self.owner)
            for access in host_access(settings, random.random)
        ]
        self.watch = Watch(settings, self.alerts, clock_)
        self.broker_watch = BrokerWatch(broker_of(settings), topics, self.session, inquiry, self.alerts, clock_)
        self.journal_watch = JournalWatch(self.journal)
        self.parts: tuple[Part, ...] = (
            LogTopic(topics, clock_, partial(self._soon, send)),
            *sockets(settings, self.submit, self.vitals.pong),
            self.watch,
            self.broker_watch,
            self.session,
            self,
            self.front,
            self.journal_watch,
            JournalUpkeep(settings, self.journal, self.worker, self.vitals, clock_),
            self.worker,
            days,
            self.alerts,
            self.callers,
            self.publisher,
            self.vitals,
            self.owner,
            *self.hosts,
        )
        """The parts, in the order of the flow."""

    # -- life

    async def run(self, stop: asyncio.Event) -> None:
        """Start every part, wait for the end, stop every part; raise the error that ended it."""
        ending = asyncio.create_task(stop.wait())
        started: dict[Part, asyncio.Task[None]] = {}
        try:
            for part in self.parts:
                await part.start()
                started[part] = asyncio.create_task(self._keep_ticking(part))
            ends: set[asyncio.Future[Any]] = {ending, self._failed}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        except Exception as error:
            self._fail(error)
            raise
        finally:
            for task in (ending, *started.values()):
                task.cancel()
            for part in started:
                try:
                    await part.stop()
                except Exception as error:  # noqa: BLE001 - after any error the other parts are stopped as well
                    self._fail(error)
            await asyncio.gather(ending, *started.values(), return_exceptions=True)
        if self._failed.done():
            self._failed.result()

    async def _keep_ticking(self, part: Part) -> None:
        try:
            while part.every_s:
                await asyncio.sleep(part.every_s)
                await part.tick()
        except Exception as error:  # noqa: BLE001 - any error of a part ends the gateway
            self._fail(error)

    async def start(self) -> None:
        """Take a first look."""
        await self.tick()

    async def stop(self) -> None:
        """Publish that nothing more is taken."""
        self.vitals.enter("draining")

    async def tick(self) -> None:
        """Check things that send no reports."""
        if self.watch.stands(self.front.stands_s):
            self._look()
        elif "journal" in self.alerts.up or not self.journal_watch.in_place:
            self.front.tick_at(0)  # only a write shows it
        if self.watch.look():
            self.front.tick_at(0)  # the engine must learn the new time
            self._look()
        silent_s = self.vitals.ledger_stands() * self.every_s
        if silent_s >= ANSWERS_WITHIN_S:
            self._ledger_away(f"the database has not answered for {silent_s:.0f} s")
        self._look()

    def _soon(self, call: Callable[[Any], None], value: object) -> None:
        try:
            self.loop.call_soon_threadsafe(call, value)
        except RuntimeError:
            log.debug("the loop is closed: a report of the pump is dropped")

    def _fail(self, error: BaseException) -> None:
        if not self._failed.done():
            self._failed.set_exception(error)
        self.vitals.fails = True
        if isinstance(error, Fenced):
            # Waiting scans go to the new owner of the lines, and `queued` would be a promise on its behalf.
            self.front.give_up()
            self.scanners.cancel()

    def _acknowledge(self, epoch: int, mids: list[int]) -> None:
        self.connection.acknowledge(epoch, mids)
        for host in self.hosts:
            host.connection.acknowledge(epoch, mids)

    def _flow(self) -> FlowProgress:
        return FlowProgress(
            connected=self.connection.connected,
            watched=self.broker_watch.answers,
            waiting_in=self.front.waiting,
            waiting_out=self.publisher.waiting,
            last=self.journal.last,
            consumed=self.worker.consumed,
            used=self.journal_watch.used,
            cursor=self.worker.cursor,
            progress=self.worker.progress,
            commits=self.pump.commits,
            answers=self.scanners.answers,
            disk_free=self.watch.disk.free,
            dropped=self.broker_watch.dropped,
        )

    def _look(self) -> None:
        """Enter `ready` once broker, journal and ledger are up, `degraded` when one goes away."""
        if self.vitals.phase in ("draining", "stopped"):
            return
        if self.vitals.ledger_up and self.connection.connected and not self.session.tidied:
            self.session.tidy_retained()
        ready = self.vitals.follows and self.connection.connected and "journal" not in self.alerts.up
        if ready and self.vitals.phase == "starting" and self._on_ready is not None:
            self._on_ready()
        if ready and (self.vitals.phase == "starting" or not self.watch.ahead):
            self.vitals.enter("ready")
        elif self.vitals.phase == "ready":
            self.vitals.enter("degraded")

    # -- broker

    def on_deliveries(self, epoch: int, deliveries: list[Delivery]) -> None:
        """Journal deliveries."""
        try:
            self.broker_watch.unsafe([d for d in deliveries if d.retain or not d.qos])
            self.front.deliver(epoch, deliveries, self.session.kinds(deliveries))
        except BaseException as error:
            self._fail(error)
            raise

    def on_up(self, up: Up) -> None:
        """Introduce this gateway to a broker that has accepted it, and ask for messages that may be lost."""
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
        self.notifier.home.begin_anew()
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

    def on_down(self, why: str) -> None:
        """Report that there is no broker."""
        if self.vitals.phase in ("draining", "stopped"):
            return
        log.warning("no broker: %s", why)
        self.publisher.lose()
        self.alerts.set("broker", f"no connection to {self.settings.mqtt.url}: {why}", severity="error")
        self.session.note_loss()
        self.broker_watch.down()
        self._look()

    def on_refused(self, topic: str, reason: int) -> None:
        """Report a publication that the broker refuses."""
        self.alerts.report_refusal(topic, reason, "this login")

    # -- journal

    def on_durable(self, batch: JournalBatch) -> None:
        """Hand a batch to the pump."""
        self.alerts.over("journal")
        self.scanners.durable(batch)
        self.worker.offer(batch)
        self._look()

    def on_unwritable(self, error: BaseException, scans: list[Entry]) -> None:
        """Report that the journal cannot be written, or end."""
        if not isinstance(error, JournalUnavailable) or "IOERR" in str(error):
            # After a failed fsync the disk contents are unknown: end, and start again from the disk.
            self.front.give_up()
            self._fail(error)
            return
        self.alerts.set("journal", str(error), severity="error", hint="make room; nothing is acknowledged until then")
        self.scanners.not_stored(scans)
        self._look()

    # -- pump

    @property
    def deaf_since(self) -> int | None:
        """The time since which messages may not be in the journal yet; any thread may ask."""
        return self.front.deaf_since

    def on_fault(self, error: BaseException) -> None:
        """End, from the thread of the ledger."""
        self._soon(self._fail, error)

    def on_report(self, report: LoopReport) -> None:
        """Take a report, from the thread of the ledger."""
        self._soon(self._take, report)

    def _take(self, report: LoopReport) -> None:
        if report.waits:
            log.info("standby: %s", report.error)
            return
        self.owner.take_report(report)
        if report.error:
            self._ledger_away(report.error)
            return
        # Messages of this life are processed by its own settings and lines, not by those of earlier lives.
        if not self.front.proven:
            rules = rules_after(self.settings, report.known)
            self.front.prove(None if report.obeyed == rules else settings_entry(rules))
            self.session.leave(rules.left)
        self.session.leave_lines(report.strange)
        if report.claimed is not None:
            self.session.took_over(report.claimed)
        self.vitals.ledger_up = True
        self.alerts.over("ledger")
        imported = report.figures.digest != self.vitals.figures.digest
        self.vitals.figures = report.figures
        if imported:
            self.publisher.send([self.vitals.info()])
        reach(Point.PUBLISHING)
        self.publisher.follow(self.worker.cursor)
        self.scanners.end_wait(report.entries)
        self.session.own.update(m.topic for m in report.messages if m.retain)
        self.publisher.send(report.messages)
        self.publisher.offer(report.posted, report.figures.documents)
        reach(Point.PUBLISHED)
        self.callers.hand_over(report.answers)
        for host in self.hosts if report.rebirths else ():
            host.ask_all(report.rebirths)
        self.front.tick_at(report.due_at)
        self.watch.figures(report.figures)
        if self._on_commit is not None:
            self._on_commit(Snapshot(self.vitals.phase, report.figures, report.messages, self.publisher.events))
        self._look()

    def _ledger_away(self, why: str) -> None:
        self.vitals.ledger_up = False
        self.alerts.set("ledger", why, severity="error", hint="the journal holds everything until it is back")
        self._look()

    # -- commands

    async def submit(self, entry: Entry) -> Mapping[str, object]:
        """Journal an entry, wait for its commit, and return its answer."""
        key = await self.front.put(entry)
        return await self.callers.answer(key)
