"""The step: journal entries and a time go in, changes come out. Total, deterministic, no reads.

The state is changed in place and every change is noted in `Changes`, which the shell commits with the journal offset;
if that fails the state is loaded again. `needs` names what a part of a batch has to see of the ledger first. A
*barrier* (a command, an undo, an import) is stepped alone and after a commit, because what it has to see may have
been posted by the entries before it.

Law: the ledger is a fold of `step` and `tick` over the journal, however the entries are grouped into commits.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import assert_never

from devices.barcodes import Control, Label, Verb
from gateway.backflush.changes import Changes, Facts, Needs, Response
from gateway.backflush.commands import command
from gateway.backflush.confirm import confirm, refuse
from gateway.backflush.documents import ACTIVITY, FINAL, HEAD_STRIDE, ISSUE
from gateway.backflush.events import (
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
    Presence,
    QuarantineDismiss,
    QuarantineReplay,
    Refused,
    Reverse,
    ReverseLatest,
    Scanned,
    Work,
)
from gateway.backflush.labels import LOST
from gateway.backflush.movements import StockKey
from gateway.backflush.orders import index_orders
from gateway.backflush.plant import Imported
from gateway.backflush.posting import post_window
from gateway.backflush.readings import cover_of_unknown, delta_identity
from gateway.backflush.records import Order, Outcome
from gateway.backflush.runs import changed
from gateway.backflush.scans import scan
from gateway.backflush.schedules import next_run, parse_schedule
from gateway.backflush.state import RECENT_SCANS, State
from gateway.backflush.turn import Turn
from gateway.backflush.worklist import retry, update, work
from gateway.errors import Reason

WORK_AT_ONCE = 50_000
"""Open rows that one scheduled run of the worklist posts; what is beyond waits for the next."""
_PLACES = 50_000
NO_FACTS = Facts()


def is_barrier(event: Event) -> bool:
    """Say whether an event must be stepped alone, after everything before it is committed."""
    match event:
        case Command() | MasterDataImport() | Configured():
            return True
        case Scanned():
            return isinstance(event.label, Control) and event.label.verb is Verb.UNDO
        case _:
            return False


def needs(state: State, events: Iterable[Event]) -> Needs:
    """Name what events have to see of the ledger, beyond what is in memory."""
    scans: list[tuple[str, str]] = []
    serials: list[str] = []
    marks: list[tuple[str, str]] = []
    documents: list[int] = []
    chosen: dict[str, list[str]] = {}
    result = Needs()
    for event in events:
        match event:
            case Counted():
                reading = event.reading
                if reading.delta:
                    identity = delta_identity(reading)
                    if identity and (event.device, identity) not in state.scans:
                        scans.append((event.device, identity))
                else:
                    known = state.marks_of_devices.get(event.device)
                    boot = reading.boot or ""
                    if known and (boot, "good") not in known and not any(key[0] == boot for key in known):
                        marks.append((event.device, boot))
            case Scanned():
                if event.scan.id and (event.device, event.scan.id) not in state.scans:
                    scans.append((event.device, event.scan.id))
                if isinstance(event.label, Control) and event.label.verb is Verb.POINT:
                    # The labels after it stand there, though nobody has worked on it yet.
                    chosen.setdefault(event.device, []).append(event.label.values[0])
                serials.extend(_serials(state, event, chosen.get(event.device, ())))
                if is_barrier(event) and (context := state.contexts.get(event.device)) and context.undo:
                    documents.append(context.undo)
            case Command():
                result = _needs_of_command(state, event)
            case _:
                pass
    if documents or scans or serials or marks:
        result = result._replace(
            documents=(*result.documents, *documents), scans=tuple(scans), serials=tuple(serials), marks=tuple(marks)
        )
    return result


def _serials(state: State, event: Scanned, points: Iterable[str] = ()) -> list[str]:
    """Name the serial numbers that a label may confirm where its scanner stands, or at any of some points."""
    label = event.label
    if not isinstance(label, Label) or not (label.serial or label.sscc):
        return []
    device = state.master.devices.get(event.device)
    context = state.contexts.get(event.device)
    point = event.scan.point or (context.point if context else "") or (device.operation if device else "") or FINAL
    where = dict.fromkeys((point, *points))
    if label.sscc and label.gtin is None:
        return [f"sscc {label.sscc} {point}" for point in where]
    gtin = state.master.gtins.get(label.gtin or "")
    identity = f"serial {label.serial}" if label.serial else f"sscc {label.sscc}"
    return [f"{identity} {gtin.material if gtin else label.text} {point}" for point in (*where, LOST)]


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
        case Hold(plant, line, process, False):
            held = tuple(sorted(state.holds - {(plant, line, process)}))
            return result._replace(worklist=(plant, line, process, WORK_AT_ONCE), held=held)
        case Work(plant, line, process, limit):
            return result._replace(worklist=(plant, line, process, limit), held=tuple(sorted(state.holds)))
        case BacklogRetry(plant, line, material, limit):
            return result._replace(backlog=(plant, line, material, limit))
        case QuarantineReplay(numbers):
            again = [replay for replay in event.replays.values() if isinstance(replay, Scanned)]
            # Where their scanners stood then is known with their entries; it was one of these.
            points = {point for flow in state.flows.values() for point in flow.points} if again else set()
            return result._replace(
                quarantine=numbers,
                scans=tuple((replay.device, replay.scan.id) for replay in again if replay.scan.id),
                serials=tuple(serial for replay in again for serial in _serials(state, replay, sorted(points))),
            )
        case QuarantineDismiss(numbers):
            return result._replace(quarantine=numbers)
        case _:
            return result


def step(state: State, changes: Changes, facts: Facts, now: int, events: Iterable[Event]) -> None:
    """Work on events that arrived at `now`, in order."""
    turn = Turn(state, changes, facts, now)
    if facts.marks:
        for (device, boot, kind), mark in facts.marks.items():
            state.marks_of_devices.setdefault(device, {}).setdefault((boot, kind), mark)
    for event in events:
        turn.entry = event.entry
        match event:
            case Counted():
                confirm(turn, event)
            case Scanned():
                scan(turn, event)
            case Presence():
                if event.device in state.master.devices:  # others are never enrolled by what they say
                    state.online[event.device] = event.online
                    changes.online[event.device] = event.online
                turn.outcome("state")
            case Refused():
                _refused(turn, event)
            case Command():
                command(turn, event)
            case MasterDataImport():
                take_over(turn, event.imported)
                changes.tables = event.tables
                turn.outcome("import")
                done = Response(event.entry, "", "import", "", "", "ok", Reason.OK, "the master data is in force", "{}")
                changes.responses.append(done)
            case Configured():
                state.rules = event.rules
                changes.rules = True
                state.places.clear()
                turn.outcome("settings")
            case _:
                assert_never(event)


def due_at(state: State) -> int | None:
    """Return when the next tick is due: a window closes, or the worklist runs; None when nothing waits for time."""
    if state.updates:
        return state.now
    times = [state.closings[0][0]] if state.closings else []
    schedule = parse_schedule(state.rules.worklist)
    for name in _waiting(state):
        plant = state.master.plants.get(name)
        at = next_run(schedule, plant, state.now) if schedule is not None and plant is not None else None
        if at is not None:
            times.append(at)
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


def needs_of_tick(state: State, now: int) -> Needs:
    """Name what the tick has to see: the worklist when it is due, the backlog of what has arrived."""
    due = due_plants(state, now)
    return Needs(
        worklist=("", "", "", WORK_AT_ONCE) if due else None,
        held=tuple(sorted(state.holds)) if due else (),
        arrived=tuple(sorted(state.arrived)),
    )


def settle(state: State, changes: Changes, now: int) -> None:
    """Post what the update worker was handed, so that a command sees it posted."""
    if state.updates:
        update(Turn(state, changes, NO_FACTS, now), state.updates[-1].document)


def tick(state: State, changes: Changes, facts: Facts, now: int) -> None:
    """End a batch: close windows whose time has come, run the worklist if due, work off what stock has come for.

    The update worker posts what earlier batches handed to it: nobody who reports waits for that.
    """
    turn = Turn(state, changes, facts, now)
    update(turn, state.handed)
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    while state.closings and state.closings[0][0] <= now:
        _, key = heappop(state.closings)
        window = state.windows.get(key)
        if window is not None and window.close_at <= now:
            post_window(turn, window)
    due = due_plants(state, now) if facts.worklist else set()
    if due:
        # What the update worker has just posted was still open when the worklist was read.
        done = changes.updated_rows
        rows = [row for row in facts.worklist if row.plant in due and (row.document, row.key) not in done]
        work(turn, rows, actor="schedule", reason="")
    if facts.arrived:
        retry(turn, facts.arrived, actor="arrival", reason="stock has come")
    if state.arrived:
        left = {(r.plant, r.material, r.location) for r in facts.arrived if r.open}
        state.short -= state.arrived - left
        state.arrived.clear()
    state.now = now
    _forget(state)


def _forget(state: State) -> None:
    """Keep what is derived or looked up again within bounds."""
    if len(state.places) > _PLACES:
        state.places.clear()
    if len(state.serials) > 2 * RECENT_SCANS:
        for key in list(state.serials)[:RECENT_SCANS]:
            del state.serials[key]


def _refused(turn: Turn, event: Refused) -> None:
    refuse(turn, event, event.rejection, cover_of_unknown(turn, event.device))
    if event.feedback:
        outcome = Outcome("nok", event.rejection.code, "NOT POSTED", event.rejection.text)
        turn.feedback(event.entry, event.plant, event.line, event.device, "", outcome)


def take_over(turn: Turn, imported: Imported) -> None:
    """Replace the master data; runs, orders and opening stock are changed by what differs."""
    state = turn.state
    state.master = imported.master
    state.places.clear()
    if imported.runs is not None:
        for run in imported.runs:
            runs = state.runs.setdefault((run.plant, run.line), [])
            runs[:] = sorted([*(r for r in runs if r.start != run.start), run], key=lambda r: r.start)
            changed(turn, run.plant, run.line)
    if imported.orders is not None:
        for planned in imported.orders:
            old = state.orders.get(planned.order)
            order = Order(*planned)
            if old is not None:
                order.reduced = old.reduced
            state.orders[planned.order] = order
            turn.changes.orders[planned.order] = (order, dict(order.reduced))
        state.orders_of = index_orders(state.orders)
    if imported.opening_stock is not None:
        for key in sorted({*imported.opening_stock, *state.opening}):
            _open_stock(turn, key, imported.opening_stock.get(key, 0))


def _open_stock(turn: Turn, key: StockKey, quantity: int) -> None:
    state, changes = turn.state, turn.changes
    difference = quantity - state.opening.get(key, 0)
    if not difference:
        return
    state.opening[key] = quantity
    changes.opening[key] = quantity
    changes.stock[key] = changes.stock.get(key, 0) + difference
    if turn.stock(key) is not None:
        state.guarded[key] = state.guarded.get(key, 0) + difference


def restore(state: State) -> None:
    """Derive what is derived, after the state was loaded."""
    state.closings = []
    for window in state.windows.values():
        heappush(state.closings, (window.close_at, window.key))
    state.orders_of = index_orders(state.orders)
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    # Stock may have come between the last commit and the tick that would have seen it.
    state.arrived = set(state.short)
    state.flows_of = {}
    for flow in state.flows.values():
        state.flows_of.setdefault(flow.kind, []).append(flow)
    state.places.clear()
