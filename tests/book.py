"""A gateway without a world: entries go in, and the ledger is looked at.

The book drives the engine as the shell does: it answers `prefetch`, steps a barrier alone after a commit, and ticks at
the end of each batch. `crash` throws the state away and loads what was committed. After each commit the laws are
audited.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from devices.messages import Reading, Scan
from gateway.backflush.eviction import evict
from gateway.backflush.memory.changes import NO_FACTS, Changes, Feedback, Response
from gateway.backflush.memory.events import (
    Action,
    BacklogRetry,
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    Period,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    RunStart,
    RunStop,
    Scanned,
    Work,
)
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Outcome, QuarantineEntry
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Imported, MasterData, PlannedOrder
from gateway.backflush.plant.versions import Run
from gateway.backflush.prefetch import gather, inquire, is_barrier
from gateway.backflush.step import needs_of_tick, needs_updates, settle_updates, step, tick
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.service.fold.meanings import meaning_of
from tests.auditor import audit
from tests.builders import LINE, PLANT, Figure, counter, moment, plant, q
from tests.memory import Ledger


def totals(text: str) -> list[dict[str, Any]]:
    """Read telegrams: `a:500+2#3@08:01` is 500, 2 of scrap, boot a, the third, then; nobody believes `@never`."""
    told = []
    for word in text.split():
        read = _TELEGRAM.fullmatch(word)
        assert read is not None, word
        said: dict[str, Any] = {name: value for name, value in read.groupdict().items() if value is not None}
        told.append(said | {name: int(said[name]) for name in ("good", "scrap", "seq") if name in said})
        told[-1].update({"ts": "1970-01-01 00:00"} if said.get("ts") == "never" else {})
    return told


_TELEGRAM = re.compile(r"(?:(?P<boot>\w):)?(?P<good>\d+)(?:\+(?P<scrap>\d+))?(?:#(?P<seq>\d+))?(?:@(?P<ts>\S+))?")


class Told(NamedTuple):
    """What a command's sender was told."""

    status: str
    code: str
    text: str
    data: dict[str, Any]


class Book:
    """One gateway with its ledger. Figures are shown as a planner writes them: `5`, `-0.25`."""

    def __init__(
        self,
        master: MasterData,
        *,
        now: str = "08:00",
        rules: Rules | None = None,
        orders: Iterable[PlannedOrder] = (),
        stock: dict[StockKey, int] | None = None,
        commit_every: int = 1,
        ledger: Ledger | None = None,
        forgets: Callable[[], bool] = lambda: True,
    ) -> None:
        self.forgets = forgets
        """Asked after each commit whether what is done is dropped from memory; it never shows."""
        self.ledger = ledger or Ledger()
        self.state = self.ledger.load()
        self.now = moment(now)
        self.beside: int | None = None
        """What the machine's clock says where it is in doubt."""
        self.entry = 0
        self.responses: list[Response] = []
        self.feedback: list[Feedback] = []
        self.asked: list[str] = []
        self.changes = Changes()
        self.batches = 0
        self.commit_every = commit_every
        """Batches that gather in one commit."""
        self.sent: dict[int, Event] = {}
        if rules is not None:
            self.feed(Configured(self._next(), rules))
        self.load(master, orders=orders, stock=stock)

    # -- driving

    def _next(self) -> int:
        self.entry += 1
        return self.entry

    def feed(self, *events: Event) -> None:
        """Fold one batch as the shell does: barriers alone and after a commit, a tick at the end."""
        part: list[Event] = []
        for event in events:
            self.sent[event.entry] = event
            if not is_barrier(event):
                part.append(event)
                continue
            self._step(part)
            part = []
            settle_updates(self.state, self.changes, self.now)
            self.commit()
            self._step([event])
            if isinstance(event, MasterDataImport):
                self.commit()
                self.crash(midway=True)
        self._step(part)
        self.tick()

    def _step(self, events: list[Event]) -> None:
        self.state.beside = self.beside
        if events:
            facts = gather(inquire(self.state, events, self.now), self.ledger.answer)
            step(self.state, self.changes, facts, self.now, events)

    def tick(self) -> None:
        """End a batch."""
        facts = NO_FACTS
        wanted = needs_of_tick(self.state, self.now)
        if wanted:
            if needs_updates(self.state, wanted):
                settle_updates(self.state, self.changes, self.now)
            self.commit()
            facts = gather(Inquiry(self.state, self.now, once=needs_of_tick(self.state, self.now)), self.ledger.answer)
        tick(self.state, self.changes, facts, self.now)
        self.batches += 1
        if self.batches % self.commit_every == 0:
            self.commit()

    def commit(self) -> None:
        """Commit what has gathered, and audit the ledger."""
        changes, self.changes = self.changes, Changes()
        self.ledger.commit(changes, self.state)
        self.responses += changes.responses
        self.feedback += changes.feedback
        self.asked += [ask.device for ask in changes.asks]
        if changes.tables is None:
            self.audit()
        if self.forgets():
            evict(self.state)

    def audit(self) -> None:
        """Hold every law to the ledger, and the ledger to the state in memory."""
        audit(self.ledger, self.state)

    def crash(self, *, only_if: bool = True, midway: bool = False) -> None:
        """Forget what is in memory, and load what was committed: after a tick, or before that of the newest batch."""
        if only_if:
            self.changes = Changes()
            self.state = self.ledger.load(midway=midway)

    def at(self, text: str, zone: str = "UTC") -> None:
        """Set the clock, and let a tick happen."""
        self.now = moment(text, zone)
        self.tick()

    def wait(self, seconds: int) -> None:
        """Let time pass, and a tick happen."""
        self.now += seconds * 1_000_000
        self.tick()

    # -- what devices say

    def counted(self, device: str = "C1", *, line: str = LINE, **reading: Any) -> Counted:
        """Make a count telegram of totals; `ts` may be a wall-clock time."""
        if isinstance(reading.get("ts"), str):
            reading["ts"] = moment(reading["ts"])
        entry = self._next()
        return Counted(entry, PLANT, line, device, Reading(**reading), f"count/{device}", b"{}")

    def count(self, device: str = "C1", *, line: str = LINE, **reading: Any) -> None:
        """Feed one count telegram."""
        self.feed(self.counted(device, line=line, **reading))

    def scanned(self, text: str, device: str = "S1", *, line: str = LINE, **said: Any) -> Scanned:
        """Make a scan telegram."""
        if isinstance(said.get("ts"), str):
            said["ts"] = moment(said["ts"])
        meaning = meaning_of(text, self.state.master, self.state.rules.dialect)
        return Scanned(self._next(), PLANT, line, device, Scan(text, **said), meaning, f"scan/{device}", b"{}")

    def scan(self, text: str, device: str = "S1", *, line: str = LINE, **said: Any) -> Outcome:
        """Feed one scan, and return what its scanner is told."""
        self.feed(self.scanned(text, device, line=line, **said))
        self.commit()
        return self.feedback[-1].outcome

    # -- what people ask for

    def ask(self, action: Action, *, transaction: str = "", digest: str = "", reason: str = "test") -> Told:
        """Feed a command, and return what its sender is told."""
        replays: dict[int, Event] = {}
        if isinstance(action, QuarantineReplay):
            quarantine = self.ledger.quarantine
            named = quarantine if action.which is not None else action.numbers
            sent = {n: self.sent.get(quarantine[n].entry) for n in named if n in quarantine}
            replays = {n: event for n, event in sent.items() if isinstance(event, Counted | Scanned)}
        place = (PLANT, getattr(action, "line", "") or LINE)
        if isinstance(action, QuarantineReplay | QuarantineDismiss):
            place = ("", "")
        told_by = ("anna", reason, transaction, digest or repr(action))
        self.feed(Command(self._next(), type(action).__name__, *place, action, *told_by, replays))
        self.commit()
        told = self.responses[-1]
        return Told(told.status, told.code, told.text, json.loads(told.data))

    def post(self, quantity: Figure, type_: Any = "assembly", **more: Any) -> Told:
        """Post pieces of FG by hand."""
        transaction, digest = more.pop("transaction", ""), more.pop("digest", "")
        settings: dict[str, Any] = {"plant": PLANT, "line": LINE, "material": "FG", "version": "", **more}
        if isinstance(settings.get("at"), str):
            settings["at"] = moment(settings["at"])
        return self.ask(Post(type_, quantity=q(quantity), **settings), transaction=transaction, digest=digest)

    def reverse(self, document: int, quantity: Figure | None = None) -> Told:
        """Reverse a document."""
        return self.ask(Reverse(document, None if quantity is None else q(quantity)))

    def work(self, **wanted: Any) -> Told:
        """Post the worklist."""
        return self.ask(Work(**wanted))

    def retry(self, **wanted: Any) -> Told:
        """Work off the backlog."""
        return self.ask(BacklogRetry(**wanted))

    def replay(self, *numbers: int) -> Told:
        """Replay quarantine entries; all open ones unless some are named."""
        return self.ask(QuarantineReplay(numbers or tuple(e.number for e in self.open_entries())))

    def dismiss(self, *numbers: int, reason: str = "scrapped by hand") -> Told:
        """Dismiss quarantine entries."""
        return self.ask(QuarantineDismiss(numbers), reason=reason)

    def run(self, material: str = "FG", version: str = "", **more: Any) -> Told:
        """Start a run."""
        settings: dict[str, Any] = {"plant": PLANT, "line": LINE, **more}
        if isinstance(settings.get("start"), str):
            settings["start"] = moment(settings["start"])
        return self.ask(RunStart(material=material, version=version, **settings))

    def stop(self, end: str = "") -> Told:
        """Stop the run."""
        return self.ask(RunStop(PLANT, LINE, moment(end) if end else None))

    def period(self, month: str, *, closed: bool) -> Told:
        """Close or open a posting period."""
        return self.ask(Period(PLANT, month, closed))

    def load(
        self,
        master: MasterData,
        *,
        orders: Iterable[PlannedOrder] = (),
        stock: dict[StockKey, int] | None = None,
        runs: Iterable[Run] = (),
    ) -> None:
        """Import master data."""
        imported = Imported(master, tuple(runs) or None, tuple(orders) or None, stock)
        self.feed(MasterDataImport(self._next(), imported, b"tables", "anna"))

    # -- looking

    def open_entries(self) -> list[QuarantineEntry]:
        """Return the open quarantine entries."""
        return [entry for entry in self.ledger.quarantine.values() if entry.state == "open"]

    def documents(self) -> list[str]:
        """Return the types of all documents, in order; document n is number n."""
        return [document.type for document in self.ledger.documents.values()]

    def stock(self, material: str, location: str = "") -> str:
        """Return the stock of a material, at one location or all."""
        stock = self.ledger.stock
        return format_quantity(
            sum(v for k, v in stock.items() if k.material == material and location in ("", k.location))
        )

    def moved(self, number: int) -> list[str]:
        """Return the goods movements of a document: `261 A -10`."""
        items = (item for item in self.ledger.items if item.document == number)
        return [f"{item.movement} {item.material} {format_quantity(item.quantity)}" for item in items]

    def hours(self, number: int) -> list[str]:
        """Return the activities of a document: `machine 0.5`."""
        items = (item for item in self.ledger.activities if item.document == number)
        return [f"{item.activity} {format_quantity(item.hours)}" for item in items]

    def confirmed(self, number: int) -> list[str]:
        """Return what a document reports: `0010 4+1 DENT auto` are four good, one scrap at point 0010."""
        return [
            " ".join(
                filter(
                    None,
                    (
                        f"{c.point} {format_quantity(c.yield_)}+{format_quantity(c.scrap)}",
                        c.reason,
                        f"lost {format_quantity(c.lost)}" if c.lost else "",
                        f"rework {format_quantity(c.rework)}" if c.rework else "",
                        "auto" if c.automatic else "",
                    ),
                )
            )
            for c in self.ledger.confirmations
            if c.document == number and (c.yield_ or c.scrap or c.lost or c.rework)
        ]

    def wip(self) -> dict[str, str]:
        """Return the pieces on the line after each point, over all flows."""
        total: Counter[str] = Counter()
        for flow in self.ledger.flows.values():
            for point, pieces in flow.wip:
                total[point] += pieces
        return {point: format_quantity(pieces) for point, pieces in total.items()}

    def waiting(self) -> str:
        """Return the reported pieces that wait for a predecessor."""
        return format_quantity(sum(flow.waiting for flow in self.ledger.flows.values()))

    def backlog(self) -> dict[str, str]:
        """Return what is open in the backlog, by material."""
        total: Counter[str] = Counter()
        for record in self.ledger.backlog.values():
            if record.open:
                total[record.material] += record.open
        return {material: format_quantity(missing) for material, missing in total.items()}

    def open_rows(self) -> dict[str, str]:
        """Return the units in the worklist, by process."""
        total: Counter[str] = Counter()
        for row in self.ledger.rows.values():
            if row.state == "open":
                total[row.key.process] += row.units
        return {process: format_quantity(units) for process, units in total.items()}

    def collected(self) -> dict[tuple[str, str], str]:
        """Return the balance of each cost element: `("issue", "A")`."""
        total: Counter[tuple[str, str]] = Counter()
        for (_, _, _, element, detail), amount in self.ledger.collectors.items():
            total[element, detail] += amount
        return {key: format_quantity(amount) for key, amount in total.items()}

    def balance(self) -> str:
        """Return the balance of all cost collectors: debits less credits."""
        return format_quantity(self.ledger.collectors.total())

    def reduced(self, order: str) -> dict[str, str]:
        """Return what an order was reduced by, per segment and of its quantity."""
        return {segment: format_quantity(units) for segment, units in self.ledger.orders[order].reduced.items()}

    def line(self, line: str = LINE) -> dict[str, str]:
        """Return the figures of a line that are not zero."""
        figures = self.ledger.lines[PLANT, line]
        names = ("read", "counted", "quarantined", "posted", "scrap", "rework", "reversed")
        return {name: format_quantity(getattr(figures, name)) for name in names if getattr(figures, name)}

    def statistic(self, measure: str, detail: str = "", date: str = "", shift: str = "") -> str:
        """Return a sum of the statistics."""
        wanted = ((6, measure), (7, detail), (1, date), (2, shift))
        sums = self.ledger.statistics.items()
        return format_quantity(sum(v for key, v in sums if all(said in ("", key[at]) for at, said in wanted)))


OpenBook = Callable[..., Book]
"""Opens a book as its constructor does, on a ledger of its choice."""


def story(device: dict[str, Any], *said: str | dict[str, Any]) -> Book:
    """Feed the telegrams of one counter, one by one, as `totals` reads them or in full."""
    book = Book(plant(devices=[counter(**device)]))
    for some in said:
        for reading in totals(some) if isinstance(some, str) else [some]:
            book.count(**reading)
    return book
