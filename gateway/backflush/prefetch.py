"""Needs: what a part of a batch has to see of the ledger, named before it is stepped, and read in one go (`gather`).

What is named may be more than what is touched, never less: every lot, shift and cost object that a piece may belong to,
by what was said of it, by the runs in force and by its time. What the answers rest on in turn (the rows of a document,
the time of a quarantine entry) is read after them.

A *barrier* (a command, an undo, an import) is stepped alone and after a commit, because what it has to see may have
been posted by the entries before it.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from devices.barcodes import Control, Label, Verb
from gateway.backflush.eviction import missing, recall
from gateway.backflush.inputs.base_units import needs_of_import
from gateway.backflush.inputs.counts import believable
from gateway.backflush.inputs.identities import name_of_replay, scan_name
from gateway.backflush.inputs.readings import delta_identity
from gateway.backflush.memory.balance import scope_of
from gateway.backflush.memory.changes import NO_FACTS, NOTHING, Facts, Needs
from gateway.backflush.memory.events import (
    BacklogClose,
    BacklogCorrect,
    BacklogRetry,
    Command,
    Configured,
    Counted,
    Event,
    Hold,
    MasterDataImport,
    Period,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    ReverseLatest,
    RunStart,
    RunStop,
    Scanned,
    Work,
    time_said,
)
from gateway.backflush.memory.records import QuarantineEntry
from gateway.backflush.memory.state import State
from gateway.backflush.plant.schedules import next_run, parse_schedule
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.plant.versions import run_at
from gateway.backflush.posting.names import judges
from gateway.backflush.posting.places import BookingPlace, batch_of, cost_object_of
from gateway.backflush.posting.serials import LOST, names_to_confirm
from gateway.backflush.values.documents import ACTIVITY, FINAL, ISSUE, TO_STOCK

WORK_AT_ONCE = 50_000
"""Open rows that one scheduled run of the worklist posts; what is beyond waits for the next."""


def is_barrier(event: Event) -> bool:
    """Say whether an event must be stepped alone, after everything before it is committed."""
    match event:
        case Command() | MasterDataImport() | Configured():
            return True
        case Scanned():
            return isinstance(event.label, Control) and event.label.verb is Verb.UNDO
        case _:
            return False


def needs_of_replay(state: State, event: Command, entries: Iterable[QuarantineEntry], now: int) -> Needs:
    """Name what a replay of entries has to see: its messages, and the serial numbers that units without a place had."""
    wanted = needs(state, [event], now)
    serials = [serial for entry in entries for serial in json.loads(entry.content).get("serials", ())]
    return wanted._replace(serials=(*wanted.serials, *serials))


def needs(state: State, events: Iterable[Event], now: int) -> Needs:
    """Name what events that arrived at `now` have to see of the ledger, beyond what is in memory."""
    asked, result = _Asked(state, now), NOTHING
    for event in events:
        match event:
            case Counted():
                asked.counted(event)
            case Scanned():
                asked.scanned(event)
            case MasterDataImport():
                for run in event.imported.runs or ():
                    asked.run_of(run.plant, run.line, run.start)
                result = needs_of_import(state, event)
            case Command():
                asked.ordered(event)
                result = _needs_of_command(state, event)
            case _:
                pass
    return asked.added_to(result)


class _Asked:
    """What events ask for, gathered."""

    __slots__ = (
        "bearers",
        "chosen",
        "documents",
        "lines",
        "marks",
        "now",
        "runs",
        "scans",
        "scopes",
        "serials",
        "sold",
        "state",
    )

    def __init__(self, state: State, now: int) -> None:
        self.state = state
        self.now = now
        self.documents: list[int] = []
        self.scans: list[tuple[str, str]] = []
        self.serials: list[str] = []
        self.marks: list[tuple[str, str]] = []
        self.scopes: dict[str, None] = {}
        self.bearers: dict[tuple[str, str], None] = {}
        self.sold: dict[tuple[str, str, str], None] = {}
        self.runs: dict[tuple[str, str], int] = {}
        self.chosen: dict[str, list[str]] = {}
        """Device: points that it chooses in the batch. The labels after it stand there, though nobody has worked on it
        yet.
        """
        self.lines: dict[str, list[tuple[str, str]]] = {}
        """Likewise (plant, line)."""

    def added_to(self, result: Needs) -> Needs:
        """Return what was asked for, with what is needed besides."""
        named = self.documents or self.scans or self.serials or self.marks
        if not (named or self.scopes or self.bearers or self.sold or self.runs):
            return result
        return result._replace(
            documents=(*result.documents, *self.documents),
            scans=(*result.scans, *self.scans),
            serials=(*result.serials, *self.serials),
            marks=(*result.marks, *self.marks),
            scopes=(*result.scopes, *self.scopes),
            bearers=(*result.bearers, *self.bearers),
            sold=(*result.sold, *self.sold),
            runs=tuple((*line, at) for line, at in self.runs.items()),
        )

    def counted(self, event: Counted) -> None:
        state, reading = self.state, event.reading
        device = state.master.devices.get(event.device)
        if device is None:
            return
        if reading.delta:
            identity = delta_identity(reading)
            if identity and (event.device, identity) not in state.scans:
                self.scans.append((event.device, identity))
        else:
            known = state.marks_of_devices.get(event.device)
            boot = reading.boot or ""
            if known and (boot, "good") not in known and not any(key[0] == boot for key in known):
                self.marks.append((event.device, boot))
        at = self._time(reading.ts, hist=reading.hist)
        place = state.resolved.device_places.get((event.device, reading.batch, reading.unit or device.unit))
        # What was resolved already was read for it.
        if not (isinstance(place, BookingPlace) and place.start <= at < place.end):
            self.touched(event.plant, event.line, at, reading.batch or "")

    def scanned(self, event: Scanned) -> None:
        state, said, label = self.state, event.scan, event.label
        name = scan_name(said)
        known = state.scans.get((event.device, name))
        if name and (known is None or known.outcome.result == "nok"):
            self.scans.append((event.device, name if known is None else name_of_replay(name)))
        context = state.contexts.get(event.device)
        if isinstance(label, Control):
            if label.verb is Verb.POINT:
                self.chosen.setdefault(event.device, []).append(label.values[0])
            elif label.verb is Verb.LINE:
                self.lines.setdefault(event.device, []).append((label.values[0], label.values[1]))
            elif label.verb is Verb.UNDO and context and context.undo:
                self.documents.extend(range(context.undo, context.undo_to + 1))
        if not isinstance(label, Label) or event.device not in state.master.devices:
            return
        self.serials.extend(_serials(state, event, self.chosen.get(event.device, ())))
        places = [(event.plant, event.line)]
        if event.line == ROAMING:
            places = self.lines.get(event.device, [])
            if context is not None:
                places = [(context.plant or event.plant, context.line), *places]
        cost_object = cost_object_of(said.sales_order, said.sales_order_item, said.lot)
        for plant, line in places:
            self.touched(plant, line, self._time(said.ts, hist=said.hist), label.batch or "", cost_object)

    def ordered(self, event: Command) -> None:
        match event.action:
            case Post(_, plant, line, at=at, batch=batch, cost_object=cost_object):
                self.touched(plant, line, self.now if at is None else at, batch, cost_object)
            case RunStop(plant, line, end):
                self.run_of(plant, line, self.now if end is None else end)
            case RunStart(plant, line, start=start, totals=totals, sales_order=order, sales_order_item=item):
                self.touched(plant, line, self.now if start is None else start, "", cost_object_of(order, item, ""))
                for device, reading in totals.items():
                    at = (self.now if start is None else start) - 1 if reading.ts is None else reading.ts
                    self.counted(Counted(event.entry, plant, line, device, reading._replace(ts=at), "", b""))
            case QuarantineReplay():
                # Where their scanners stood then is known with their entries; it was one of these points and plants.
                points = sorted({point for flow in self.state.flows.values() for point in flow.points})
                plants = [(plant, "") for plant in self.state.master.plants]
                for replay in event.replays.values():
                    if isinstance(replay, Counted):
                        self.counted(replay)
                    elif isinstance(replay, Scanned):
                        self.chosen[replay.device], self.lines[replay.device] = points, plants
                        self.scanned(replay)
            case _:
                pass

    def touched(self, plant: str, line: str, at: int, batch: str, cost_object: str = "") -> None:
        """Ask for every lot, shift and cost object that pieces of a line may belong to at a time."""
        known = self.state.master.plants.get(plant)
        if known is None:
            return
        day = known.day(at)
        self._scope("", day.date, day.shift)
        self._scope(batch, "", "")
        self._bearer(plant, cost_object)
        if cost_object in self.state.master.sales_orders:
            self.sold[plant, cost_object, self.state.master.sales_orders[cost_object].material] = None
        self.run_of(plant, line, at)
        run = run_at(self.state.runs.get((plant, line), ()), at)
        if run is not None:
            self._scope(batch_of(run, day), "", "")
            self._bearer(plant, cost_object_of(run.sales_order, run.sales_order_item, ""))

    def run_of(self, plant: str, line: str, at: int) -> None:
        """Ask for the runs of a line from a time on."""
        if not self.state.knows_runs(plant, line, at):
            self.runs[plant, line] = min(at, self.runs.get((plant, line), at))

    def _scope(self, batch: str, date: str, shift: str) -> None:
        if batch or date:
            scope = scope_of(batch, date, shift)
            if scope not in self.state.scopes:
                self.scopes[scope] = None

    def _bearer(self, plant: str, cost_object: str) -> None:
        if cost_object and not cost_object.startswith(TO_STOCK) and (plant, cost_object) not in self.state.bearers:
            self.bearers[plant, cost_object] = None

    def _time(self, ts: int | None, *, hist: bool) -> int:
        return ts if ts is not None and believable(self.state, self.now, ts, hist=hist) else self.now


def gather(state: State, wanted: Callable[[], Needs], read: Callable[[Needs], Facts]) -> Facts:
    """Read what is wanted, and what the answers rest on, until all of it is in memory; `wanted` is asked each time."""
    asked = wanted()
    if not asked:
        return NO_FACTS
    facts = read(asked)
    refused = [(d, name) for (d, name), known in facts.scans.items() if known.outcome.result == "nok"]
    if refused:
        facts.scans |= read(Needs(scans=tuple((device, name_of_replay(name)) for device, name in refused))).scans
    came = bool(missing(state, asked))
    recall(state, asked, facts)
    while more := missing(state, _still_wanted(state, wanted if came else None, facts, asked)):
        found, came = read(more), True
        recall(state, more, found)
        assert not missing(state, more), f"the ledger has no {missing(state, more)}"
    return facts


def _still_wanted(state: State, wanted: Callable[[], Needs] | None, facts: Facts, asked: Needs) -> Needs:
    """Name what is wanted once something came into memory (else None), and what the answers rest on."""
    rests = facts.documents or facts.worklist or facts.quarantine or facts.unvalued
    rested = _rested_on(state, facts, asked.replayed) if rests else Needs()
    return _joined(wanted(), rested) if wanted else rested


def _joined(one: Needs, other: Needs) -> Needs:
    names = ("scopes", "bearers", "flows", "explosions", "runs")
    both: dict[str, Any] = {name: (*getattr(one, name), *getattr(other, name)) for name in names}
    return Needs(**both)


def _rested_on(state: State, facts: Facts, replayed: Iterable[tuple[int, int]]) -> Needs:
    """Name what rows, documents and quarantine entries rest on; what is replayed may be of the time that it says."""
    times = dict(replayed)
    asked = _Asked(state, state.now)
    dossiers = facts.documents.values()
    documents = [dossier.document for dossier in dossiers]
    rows = [*facts.worklist, *(row for dossier in dossiers for row in dossier.rows)]
    keys = [*(row.key for row in rows), *(held.key for dossier in dossiers for held in dossier.held)]
    scopes = {row.key.scope for row in rows} - {""}
    # What a reversed document had taken along waits again, headed as the document is.
    scopes |= {scope_of(document.batch, document.production_date, document.shift) for document in documents}
    flows = {key.flow for key in keys} | {document.flow for document in documents} - {""}
    for entry in facts.quarantine.values():
        said = json.loads(entry.content)
        for plant, line in {(entry.plant, entry.line), (said.get("plant", ""), said.get("line", ""))}:
            for at in {entry.at, times.get(entry.number, entry.at)}:
                asked.touched(plant, line, at, said.get("batch", ""))
    return Needs(
        scopes=(*asked.scopes, *scopes),
        bearers=tuple(asked.bearers),
        flows=tuple(flows),
        explosions=tuple({key.explosion for key in keys} | {each.explosion for each in facts.unvalued}),
        runs=tuple((*line, at) for line, at in asked.runs.items()),
    )


def _serials(state: State, event: Scanned, points: Iterable[str]) -> list[str]:
    """Name the serial numbers that a label may confirm where its scanner stands, or at any of some points."""
    label = event.label
    if not isinstance(label, Label) or not (label.serial or label.sscc):
        return []
    device = state.master.devices.get(event.device)
    context = state.contexts.get(event.device)
    point = event.scan.point or (context.point if context else "") or (device.operation if device else "") or FINAL
    return [serial for place in dict.fromkeys((point, *points, LOST)) for serial in names_to_confirm(label, place)]


def _needs_of_command(state: State, event: Command) -> Needs:
    result = Needs(commands=(event.transaction,) if event.transaction else ())
    match event.action:
        case Reverse(document=document):
            return result._replace(documents=(document,))
        case ReverseLatest(plant, _, material, version, point, quantity):
            return result._replace(latest=(plant, material, version, point, quantity))
        case BacklogCorrect(record=record):
            return result._replace(records=(record,))
        case BacklogClose(records):
            return result._replace(records=records)
        case Period(plant, period, True):
            return result._replace(period=(plant, period))
        case Hold(plant, line, process, False, every):
            held = tuple(sorted(state.holds.difference(state.holds_to_release(plant, line, process, every=every))))
            timing, limit = ("update", 0) if judges(state) else ("", WORK_AT_ONCE)
            return result._replace(worklist=(plant, line, process, limit), timing=timing, held=held)
        case Work(plant, line, process, limit):
            return result._replace(worklist=(plant, line, process, limit), held=tuple(sorted(state.holds)))
        case BacklogRetry(plant, line, material, limit, _):
            return result._replace(backlog=(plant, line, material, limit))
        case QuarantineReplay(numbers):
            said = ((number, time_said(replay)) for number, replay in event.replays.items())
            return result._replace(quarantine=numbers, replayed=tuple((n, ts) for n, ts in said if ts is not None))
        case QuarantineDismiss(numbers):
            return result._replace(quarantine=numbers)
        case _:
            return result


def due_at(state: State) -> int | None:
    """Return when the next tick is due: a window closes, or the worklist runs; None when nothing waits for time."""
    if state.updates or state.arrived:
        return state.now
    times = [state.closings[0][0]] if state.closings else []
    schedule = parse_schedule(state.rules.worklist)
    if schedule is not None and schedule.kind not in ("demand", "rows"):
        plants = [state.master.plants[name] for name in _waiting(state) if name in state.master.plants]
        times += [at for plant in plants if (at := next_run(schedule, plant, state.now)) is not None]
    return min(times, default=None)


def due_plants(state: State, now: int) -> set[str]:
    """Return the plants whose worklist the tick at `now` posts, and so has to see; what is held back counts nowhere."""
    schedule = parse_schedule(state.rules.worklist)
    if schedule is None or schedule.kind == "demand":
        return set()
    waiting = _waiting(state)
    if schedule.kind == "rows":
        return set(waiting) if sum(waiting.values()) >= schedule.rows else set()
    plants = [state.master.plants[name] for name in waiting if name in state.master.plants]
    times = {plant.plant: next_run(schedule, plant, state.now) for plant in plants}
    return {name for name, at in times.items() if at is not None and at <= now}


def _waiting(state: State) -> dict[str, int]:
    """Count the open rows of each plant that a run of the worklist posts: not those that are held back."""
    waiting: dict[str, int] = {}
    for line in state.lines.values():
        if line.worklist and (line.plant, line.line, "") not in state.holds:
            for process, rows in ((ISSUE, line.open_issues), (ACTIVITY, line.open_activities)):
                if rows and (line.plant, line.line, process) not in state.holds:
                    waiting[line.plant] = waiting.get(line.plant, 0) + rows
    return waiting


def rests(state: State, now: int) -> bool:
    """Say whether nothing waits for a tick at `now`: all it would do is to move the time on."""
    if now < state.now or state.updates or state.arrived or (state.closings and state.closings[0][0] <= now):
        return False
    return not due_plants(state, now)


def needs_of_tick(state: State, now: int) -> Needs:
    """Name what the tick has to see: the worklist when due, the backlog of what has arrived, yield that is scrap."""
    if rests(state, now):
        return NOTHING
    due = due_plants(state, now)
    ending = {key for at, key in state.closings if at <= now} if state.closings and state.closings[0][0] <= now else ()
    short = [window for key in ending if (window := state.windows.get(key)) is not None and window.good < 0]
    return Needs(
        worklist=("", "", "", WORK_AT_ONCE) if due else None,
        held=tuple(sorted(state.holds)) if due else (),
        arrived=tuple(sorted(state.arrived)),
        short=tuple(sorted((window.key, window.short) for window in short if window.close_at <= now)),
    )
