"""A ledger in memory: what the engine changed, applied as a database would, and read back as the gateway reads it.

Everything in it is a copy of what was committed, so that a crash loses exactly what was not. It refuses what the
database would refuse: a number that comes twice, an order that was read wrong, stock that falls below zero.
"""

from collections import Counter, deque
from collections.abc import Iterable
from copy import deepcopy

from gateway.backflush.eviction import find_pinned
from gateway.backflush.inputs.quarantine import NEVER_HEALED
from gateway.backflush.inputs.repetition import find_refusal
from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey, Row
from gateway.backflush.memory.changes import Changes, Dossier, Facts, Later, Needs, Unvalued, still_held
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import (
    Backlog,
    Cover,
    Flow,
    LastScan,
    LineFigures,
    QuarantineEntry,
    ScanRecord,
    Window,
    WindowKey,
)
from gateway.backflush.memory.state import EDITION, Rules, State
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.schedules import DAY_US
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.plant.versions import Run
from gateway.backflush.posting.serials import PALLET
from gateway.backflush.step import derive_state
from gateway.backflush.values.cost_objects import parse_cost_object
from gateway.backflush.values.counting import CounterPosition
from gateway.backflush.values.documents import (
    ActivityItem,
    AnyProcess,
    Confirmation,
    Document,
    MaterialItem,
    Reduction,
    Source,
)
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.points import QueuedUnits
from tests.cumulated import add_there, beside_of, chosen_of, held_of, hours, in_order, reports_of, sold_of, sum_pieces

BOOTS = 2
"""Lives per device that a reload keeps in memory; older ones have to be asked for."""


class Ledger:
    """The tables. Everything in it is a copy of what was committed."""

    def __init__(self) -> None:
        self.documents: dict[int, Document] = {}
        self.confirmations: list[Confirmation] = []
        self.items: list[MaterialItem] = []
        self.activities: list[ActivityItem] = []
        self.sources: list[Source] = []
        self.reductions: list[Reduction] = []
        self.rows: dict[tuple[int, BalanceKey], Row] = {}
        self.backlog: dict[tuple[int, int], Backlog] = {}
        self.explosions: dict[str, Explosion] = {}
        self.balances: dict[BalanceKey, Balance] = {}
        self.accounts: dict[AccountKey, Account] = {}
        self.flows: dict[str, Flow] = {}
        self.waiting: dict[tuple[str, str, int], QueuedUnits | None] = {}
        self.windows: dict[WindowKey, Window] = {}
        self.device_marks: dict[tuple[str, str, str], CounterPosition] = {}
        self.orders: dict[str, Order] = {}
        self.stock: Counter[StockKey] = Counter()
        self.opening: dict[StockKey, int] = {}
        self.statistics: Counter[tuple[str, ...]] = Counter()
        self.hours: Counter[tuple[object, ...]] = Counter()
        self.collectors: Counter[tuple[str, ...]] = Counter()
        self.scans: dict[tuple[str, str], ScanRecord] = {}
        self.last_scans: dict[str, LastScan] = {}
        self.serials: dict[str, int] = {}
        self.commands: dict[str, tuple[str, str]] = {}
        self.quarantine: dict[int, QuarantineEntry] = {}
        self.groups: dict[int, MessageGroup] = {}
        self.contexts: dict[str, Context] = {}
        self.lines: dict[tuple[str, str], LineFigures] = {}
        self.online: dict[str, bool] = {}
        self.runs: dict[tuple[str, str], list[Run]] = {}
        self.closed_periods: set[tuple[str, str]] = set()
        self.holds: set[tuple[str, str, AnyProcess]] = set()
        self.rules = Rules(edition=EDITION)
        self.master = MasterData()
        self.outcomes: Counter[str] = Counter()
        self.numbers = (0, 0)
        self.now = 0

    def commit(self, changes: Changes, state: State) -> None:
        """Apply everything of one step, or raise."""
        numbers = {document.number for document in changes.documents}
        for document in changes.documents:
            assert document.number not in self.documents, f"document {document.number} comes twice"
            self.documents[document.number] = document
        self.confirmations += changes.confirmations
        self.items += changes.items
        self.activities += changes.activities
        self.sources += changes.sources
        self.reductions += changes.reductions
        for row in changes.rows:
            assert (row.document, row.key) not in self.rows, f"row {row.document} {row.key} comes twice"
            self.rows[row.document, row.key] = deepcopy(row)
        self.rows |= deepcopy(changes.updated_rows)
        for record in changes.backlog:
            self.backlog[record.document, record.item] = deepcopy(record)
        self.backlog |= deepcopy(changes.updated_backlog)
        self.explosions |= changes.explosions
        self.balances |= deepcopy(changes.balances)
        self.accounts |= deepcopy(changes.accounts)
        self.flows |= deepcopy(changes.flows)
        self.windows |= {key: deepcopy(window) for key, window in changes.windows.items() if window is not None}
        for where, units in changes.waiting.items():
            assert units is not None or where in self.waiting or where[2] in numbers, f"{where} does not wait"
            self.waiting[where] = deepcopy(units)
        self.waiting = {where: units for where, units in self.waiting.items() if units is not None}
        for key in [key for key, window in changes.windows.items() if window is None]:
            self.windows.pop(key, None)
        self.device_marks |= deepcopy(changes.device_marks)
        for name, (order, before) in changes.orders.items():
            if name in self.orders:
                assert before == self.orders[name].reduced, f"order {name} was read as {before}"
            self.orders[name] = deepcopy(order)
        self._add(changes)
        self._keep_identities(changes)
        self.contexts |= deepcopy(changes.contexts)
        self.lines |= deepcopy(changes.lines)
        self.online |= changes.online
        for line, since in changes.runs.items():
            stays = [run for run in self.runs.get(line, ()) if run.start < since]
            self.runs[line] = stays + [run for run in state.runs.get(line, ()) if run.start >= since]
        for period, closed in changes.periods.items():
            (self.closed_periods.add if closed else self.closed_periods.discard)(period)
        for place, (held, _) in changes.holds.items():
            (self.holds.add if held else self.holds.discard)(place)
        if changes.rules:
            self.rules = state.rules
        if changes.tables is not None:
            self.master = state.master
        self.numbers = state.documents, state.quarantines
        self.now = state.now

    def _keep_identities(self, changes: Changes) -> None:
        self.scans = changes.scans | self.scans
        assert {s: self.serials.get(s, 0) for s in changes.serials} == {s: b for s, (_, b) in changes.serials.items()}
        self.serials |= {serial: document for serial, (document, _) in changes.serials.items()}
        self.last_scans |= changes.last_scans
        self.commands = {name: command[:2] for name, command in changes.commands.items()} | self.commands
        for entry in changes.quarantine:
            assert entry.number not in self.quarantine, f"quarantine entry {entry.number} comes twice"
            self.quarantine[entry.number] = entry
        self.groups |= deepcopy(changes.groups)
        for number in changes.groups:
            self.quarantine[number] = self.quarantine[number]._replace(state="open", reason="")
        for number, (settled, reason) in changes.quarantine_states.items():
            assert self.quarantine[number].state == "open", f"entry {number} is settled twice"
            self.quarantine[number] = self.quarantine[number]._replace(state=settled, reason=reason)

    def _add(self, changes: Changes) -> None:
        for table, differences in (
            (self.stock, changes.stock),
            (self.statistics, changes.statistics),
            (self.hours, hours(changes)),
            (self.collectors, changes.collectors),
            (self.outcomes, changes.outcomes),
        ):
            for key, difference in differences.items():
                table[key] += difference  # type: ignore[index]  # one loop over three tables
        self.opening |= changes.opening
        for key in changes.guarded:
            if changes.stock.get(key, 0) < 0:
                assert self.stock[key] >= 0, f"the commit would be refused for ever: stock {key} is {self.stock[key]}"

    def load(self, *, midway: bool = False) -> State:
        """Return the state as a restart reads it, after a tick or before that of the newest batch."""
        state = State(documents=self.numbers[0], quarantines=self.numbers[1], now=self.now)
        state.rules, state.master = self.rules, self.master
        sum_pieces(state, self.statistics)
        for (device, boot, kind), mark in self.device_marks.items():
            told = [(m.at, b, k) for (d, b, k), m in self.device_marks.items() if d == device]
            newest = (sorted(((at, b) for at, b, k in told if k == n), reverse=True)[:BOOTS] for _, _, n in told)
            if boot in {b for some in newest for _, b in some}:
                known = state.marks_of_devices.setdefault(device, {})[boot, kind] = deepcopy(mark)
                if known.strays is not None:
                    state.strayed[device, boot, kind] = known
        state.windows, state.flows = in_order(self.windows), in_order(self._flows())
        state.balances, state.explosions = in_order(self.balances), dict(sorted(self.explosions.items()))
        state.accounts, state.runs = deepcopy(self.accounts), {line: list(runs) for line, runs in self.runs.items()}
        state.orders, state.lines = in_order(self.orders), in_order(self.lines)
        state.stock = dict(self.stock)
        state.opening, state.contexts = dict(self.opening), deepcopy(self.contexts)
        state.online, state.closed_periods = dict(self.online), set(self.closed_periods)
        for entry in self.quarantine.values():
            if entry.kind == "untrusted" and entry.at // DAY_US == self.now // DAY_US:
                state.noise.note(entry.at, entry.device, entry.code, entry.number)
                if entry.number in self.groups:
                    group = state.noise.groups[entry.number] = deepcopy(self.groups[entry.number])
                    group.open = entry.state == "open"
            waits = (entry.state, entry.kind) == ("open", "untrusted") and entry.code not in NEVER_HEALED
            if waits and entry.number not in self.groups and (cover := Cover.parse(entry.content)):
                state.untrusted.setdefault(entry.device, {}).setdefault(cover, []).append(entry.number)
            place, held = (entry.plant, entry.line), entry.good + entry.scrap
            refused = find_refusal(entry.number, entry.code, place, held, entry.content)
            alone = entry.state == "open" and entry.number not in self.groups
            if refused is not None and alone and entry.device in self.master.devices:
                state.refused.setdefault(entry.device, {}).setdefault(refused[0], []).append(refused[1])
        open_rows = sorted((r for r in self.rows.values() if r.state == "open"), key=lambda r: (r.document, r.key))
        state.updates = [deepcopy(row) for row in open_rows if row.timing == "update"]
        state.short = {(r.plant, r.material, r.location) for r in self.backlog.values() if r.open}
        state.holds, state.last_scans = set(self.holds), dict(self.last_scans)
        state.scopes = {*find_pinned(state).scopes}
        derive_state(state, midway=midway)
        return state

    def answer(self, wanted: Needs) -> Facts:
        """Read what a batch has to see."""
        facts = Facts(
            scans={i: self.scans[i] for i in wanted.scans if i in self.scans},
            serials={s: self.serials[s] for s in wanted.serials if self.serials.get(s)},
            commands={t: self.commands[t] for t in wanted.commands if t in self.commands},
            quarantine={n: self.quarantine[n] for n in wanted.quarantine if n in self.quarantine},
            folded={n: self.groups[n].messages for n in wanted.quarantine if n in self.groups},
            marks={k: deepcopy(m) for k, m in self.device_marks.items() if k[:2] in wanted.marks},
        )
        if wanted.entries is not None:
            facts.quarantine, facts.more = chosen_of(self.quarantine, *wanted.entries[:2])
            facts.folded = {n: self.groups[n].messages for n in facts.quarantine if n in self.groups}
        if wanted.worklist is not None:
            facts.worklist = self.open_rows(wanted.timing, wanted.held, *wanted.worklist)
        missing = sorted((r for r in self.backlog.values() if r.open), key=lambda r: (r.created_at, r.document, r.item))
        if wanted.backlog is not None:
            plant, line, material, limit = wanted.backlog
            found = [
                record
                for record in missing
                if plant in ("", record.plant) and line in ("", record.line) and material in ("", record.material)
            ]
            facts.backlog = tuple(deepcopy(found[:limit]))
        self._recall(wanted, facts)
        facts.arrived = tuple(deepcopy([r for r in missing if (r.plant, r.material, r.location) in wanted.arrived]))
        for record in facts.arrived:
            place = record.plant, record.material, record.location
            dates = [
                document.posting_date
                for item in self.items
                if item.quantity > 0
                and (document := self.documents[item.document]).entered_at >= record.created_at
                and (document.plant, item.material, item.location) == place
            ]
            if dates:
                facts.came[place] = dates[-1]
        facts.records = {key: deepcopy(self.backlog[key]) for key in wanted.records if key in self.backlog}
        if wanted.latest is not None:
            facts.latest = self._latest(*wanted.latest)
        for some in wanted.short:
            facts.short[some[0]] = self._yields(*some)
        facts.documents = self.dossiers((*wanted.documents, *facts.latest, *sum(facts.short.values(), ())))
        facts.later = {flow: self._later(flow) for flow in {d.document.flow for d in facts.documents.values()}}
        facts.made = {of[:2]: sold_of(self.flows.values(), *of) for of in wanted.sold}
        if wanted.period is not None:
            facts.undone = self._undone(*wanted.period)
        add_there(facts, wanted, self)
        if wanted.unvalued:
            facts.unvalued = tuple(self._unvalued())
            for record in missing:
                key = record.plant, record.material
                facts.missing[key] = facts.missing.get(key, 0) + record.open
        return facts

    def _unvalued(self) -> Iterable[Unvalued]:
        """Yield what waits for its value."""
        for row in self.rows.values():
            if row.state == "open":
                key = row.key
                yield Unvalued(row.plant, key.explosion, key.process, key.segment, bool(key.scope), row.units, 1)
        for (flow, point, _), units in self.waiting.items():
            if units:
                yield Unvalued(self.flows[flow].plant, units.heading.explosion, "", point, None, units.passed, 1)
        for w in self.windows.values():
            yield Unvalued(w.plant, w.key.explosion, "", "", None, max(0, w.good) + sum(w.scrap.values()), 1)

    def _recall(self, wanted: Needs, facts: Facts) -> None:
        """Read back what is wanted by its name."""
        named = [self.flows[name] for name in wanted.flows]
        bearers = {(flow.plant, flow.cost_object) for flow in named}
        loaded = self._flows()
        facts.flows = {n: f for n, f in loaded.items() if (f.plant, f.cost_object) in bearers | {*wanted.bearers}}
        facts.dues = {
            key: deepcopy(balance)
            for key, balance in self.balances.items()
            if (key.scope in wanted.scopes if key.scope else key.flow in facts.flows)
        }
        facts.accounts = {
            account_key: deepcopy(account)
            for account_key, account in self.accounts.items()
            if (account_key.scope in wanted.scopes if account_key.scope else account_key.flow in facts.flows)
        }
        facts.runs = {(plant, line): list(self.runs.get((plant, line), ())) for plant, line, _ in wanted.runs}
        kept = {*wanted.explosions, *(f.explosion for f in facts.flows.values())} - {""}
        facts.explosions = {name: self.explosions[name] for name in kept}

    def _flows(self) -> dict[str, Flow]:
        flows = deepcopy(self.flows)
        for flow in flows.values():
            for point, segment in zip(flow.points, flow.segments, strict=True):
                here = [units for key, units in sorted(self.waiting.items()) if key[:2] == (flow.id, point) and units]
                segment.queue = deque(deepcopy(here))
        return flows

    def _latest(self, plant: str, material: str, version: str, point: str, units: int) -> tuple[int, ...]:
        """Return the newest reports that hold so many units made to stock at a point."""
        made = [d for d in self.documents.values() if parse_cost_object(d.cost_object).to_stock]
        kind = plant, material, version
        return reports_of(self, {d.number for d in made if (d.plant, d.material, d.version) == kind}, point, units)

    def _yields(self, key: WindowKey, units: int, pieces: bool) -> tuple[int, ...]:
        """Return the reports that hold so much yield of a window's flow and point, those of its shift first."""
        own = {n for n, d in self.documents.items() if (d.production_date, d.shift, d.batch) == key[3:6]}
        here = {n for n, d in self.documents.items() if (d.flow, d.line) == (key.flow, key.line)}
        if not pieces:
            here -= {number for serial, number in self.serials.items() if not serial.startswith(PALLET)}
        return reports_of(self, here, key.point, units, own)

    def _undone(self, plant: str, period: str) -> dict[str, int]:
        """Count what of a period is not posted yet."""
        dates = {
            "worklist rows": [r.posting_date for r in self.rows.values() if (r.state, r.plant) == ("open", plant)],
            "backlog records": [r.posting_date for r in self.backlog.values() if r.open and r.plant == plant],
            "open windows": [w.key.date for w in self.windows.values() if w.plant == plant],
            "waiting reports": [
                w.heading.production_date for key, w in self.waiting.items() if w and self.flows[key[0]].plant == plant
            ],
        }
        return {name: sum(date.startswith(period) for date in found) for name, found in dates.items()}

    def open_rows(
        self, timing: str, held: tuple[tuple[str, str, str], ...], plant: str, line: str, process: str, limit: int
    ) -> tuple[Row, ...]:
        """Return the worklist in the order in which it is posted."""
        found = [
            row
            for row in sorted(self.rows.values(), key=lambda r: (r.posting_date, r.document, r.key.process, r.key))
            if row.state == "open"
            and timing in ("", row.timing)
            and plant in ("", row.plant)
            and line in ("", row.line)
            and process in ("", row.key.process)
            and not {(row.plant, row.line, row.key.process), (row.plant, row.line, "")} & set(held)
        ]
        return tuple(deepcopy(found[: limit or None]))

    def _caused(self, number: int) -> tuple[int, ...]:
        """Return what follows from a document, directly or not."""
        below = [d.number for d in self.documents.values() if d.caused_by == number]
        return tuple(sorted([*below, *(n for one in below for n in self._caused(one))]))

    def dossiers(self, numbers: Iterable[int]) -> dict[int, Dossier]:
        """Return documents, with those that follow from them."""
        known = [n for n in numbers if n in self.documents]
        for number in known:
            known += {self.documents[number].caused_by} - {0, *known}
        return {n: self.dossier(n) for one in known for n in (one, *self._caused(one))}

    def _later(self, flow: str) -> tuple[Later, ...]:
        """Return what documents of a flow still hold."""
        found = ((self.documents[c.document], c) for c in self.confirmations)
        of = ((d.reverses or d.number, c) for d, c in found if d.flow == flow)
        return still_held(Later(number, c.point, c.yield_ + c.scrap, c.lost) for number, c in of)

    def dossier(self, number: int) -> Dossier:
        """Return a document with all that stands under it."""
        rows = sorted((r for r in self.rows.values() if r.document == number), key=lambda r: (r.key.process, r.key))
        posters = {number} | {row.posted_by for row in rows}
        reversals = [d.number for d in self.documents.values() if d.reverses == number]
        return Dossier(
            document=self.documents[number],
            confirmations=tuple(c for c in self.confirmations if c.document == number),
            rows=tuple(deepcopy(rows)),
            items=tuple(i for i in self.items if i.document in posters),
            mirrored=tuple(i for i in self.items if i.mirrors in posters - {0}),
            activities=tuple(a for a in self.activities if a.document in {*posters, *reversals}),
            reductions=tuple(r for r in self.reductions if r.document == number),
            backlog=tuple(deepcopy(r) for r in self.backlog.values() if r.document in posters),
            sources=tuple(s for s in self.sources if s.document == number),
            reversed_by=tuple(reversals),
            reversing=tuple(c for c in self.confirmations if c.document in reversals),
            serials=tuple(s for s, confirmed in self.serials.items() if confirmed == number),
            caused=self._caused(number),
            held=held_of(self.rows.values(), posters - {0, number}),
            beside=beside_of(self.serials, number),
        )
