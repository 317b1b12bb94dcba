"""The step: journal entries and a time go in, changes come out. Total, deterministic, no reads.

The state is changed in place and every change is noted in `Changes`, which the shell commits with the journal offset;
if that fails the state is loaded again. What it has to see of the ledger was read before (`prefetch`).

Law: the ledger is a fold of `step` and `tick` over the journal, however the entries are grouped into commits.
"""

from collections.abc import Iterable
from typing import assert_never

from gateway.backflush.eviction import evict
from gateway.backflush.inputs.commands import command
from gateway.backflush.inputs.counts import confirm
from gateway.backflush.inputs.imports import find_listed, import_master_data
from gateway.backflush.inputs.labels import choice_at
from gateway.backflush.inputs.quarantine import refuse
from gateway.backflush.inputs.readings import cover_of_unknown
from gateway.backflush.inputs.scans import scan
from gateway.backflush.inputs.setback import set_back
from gateway.backflush.memory.changes import NO_FACTS, NOTHING, Changes, Facts, Needs
from gateway.backflush.memory.events import (
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    Presence,
    Refused,
    Scanned,
)
from gateway.backflush.memory.records import Outcome
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.windows import post_window, restore_closings, take_due
from gateway.backflush.posting.worklist import WORK_AT_ONCE, due_plants, next_work, retry, update, work
from gateway.backflush.reversal.told_late import knows_pieces, take_back
from gateway.backflush.values.documents import HEAD_STRIDE
from gateway.errors import Reason


def step(state: State, changes: Changes, facts: Facts, now: int, events: Iterable[Event]) -> None:
    """Work on events that arrived at `now`, in order."""
    books = Books(state, changes, facts, now)
    if now < state.now:
        set_back(books)
    if facts.marks:
        for (device, boot, kind), mark in facts.marks.items():
            state.marks_of_devices.setdefault(device, {}).setdefault((boot, kind), mark)
    for event in events:
        books.entry = event.entry
        match event:
            case Counted():
                confirm(books, event)
            case Scanned():
                scan(books, event)
            case Presence():
                ours = not_ours(state, event.plant, event.line) is None
                if ours and event.device in state.master.devices:  # others are never enrolled by what they say
                    state.online[event.device] = event.online
                    changes.online[event.device] = event.online
                books.outcome("state")
            case Refused():
                _refuse(books, event)
            case Command():
                command(books, event)
            case MasterDataImport():
                changes.responses.append(import_master_data(books, event))
                books.outcome("import")
            case Configured():
                before, state.rules = judges(state), event.rules
                if judges(state) and not before:
                    state.look_again()
                changes.rules = True
                state.resolved.forget()
                books.outcome("settings")
            case _:
                assert_never(event)


def due_at(state: State) -> int | None:
    """Return when the next tick is due: a window closes, or the worklist runs; None when nothing waits for time."""
    if state.updates or state.arrived:
        return state.now
    times = next_work(state)
    if state.closings:
        times.append(state.closings[0][0])
    return min(times, default=None)


def rests(state: State, now: int) -> bool:
    """Say whether a tick at `now` would only move the time on."""
    if now < state.now or state.updates or state.arrived or (state.closings and state.closings[0][0] <= now):
        return False
    return not due_plants(state, now)


def needs_of_tick(state: State, now: int) -> Needs:
    """Name the needs of a tick: a due worklist, backlog for stock just arrived, yield that turned out to be scrap."""
    if rests(state, now):
        return NOTHING
    due = due_plants(state, now)
    ending = {key for at, key in state.closings if at <= now} if state.closings and state.closings[0][0] <= now else ()
    short = [window for key in ending if (window := state.windows.get(key)) is not None and window.good < 0]
    return Needs(
        worklist=("", "", "", WORK_AT_ONCE) if due else None,
        held=tuple(sorted(state.holds)) if due else (),
        arrived=tuple(sorted(state.arrived)),
        short=tuple(sorted((w.key, w.short, knows_pieces(state)) for w in short if w.close_at <= now)),
    )


def settle(state: State, changes: Changes, now: int) -> None:
    """Post what the update worker was handed, so that a command sees it posted."""
    if state.updates:
        update(Books(state, changes, NO_FACTS, now), state.updates[-1].document)


def needs_updates(state: State, wanted: Needs) -> bool:
    """Say whether the update worker has to be done before a tick looks: not for stock, but in older journals."""
    return bool(wanted.worklist or wanted.short) or not judges(state)


def tick(state: State, changes: Changes, facts: Facts, now: int) -> None:
    """End a batch: close windows whose time has come, run the worklist if due, work off what stock has come for.

    The update worker posts what earlier batches handed to it: nobody who reports waits for that.
    """
    if not rests(state, now):
        _end(Books(state, changes, facts, now))
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    state.now = now


def _end(books: Books) -> None:
    """Do what waits for the end of a batch."""
    state, changes, facts, now = books.state, books.changes, books.facts, books.now
    if now < state.now:
        set_back(books)
    # What comes from here on is for the next tick: this one has not seen what is short of it.
    seen, state.arrived = state.arrived, set()
    update(books, state.handed)
    for window in take_due(state, now):
        if window.good < 0:
            take_back(books, window)
        post_window(books, window)
    due = due_plants(state, now) if facts.worklist else set()
    if due:
        # What the update worker has just posted was still open when the worklist was read.
        done = changes.updated_rows
        rows = [row for row in facts.worklist if row.plant in due and (row.document, row.key) not in done]
        work(books, rows, actor="schedule", reason="")
    if facts.arrived:
        # What was scrap may have been taken back of a record since it was read.
        records = [changes.updated_backlog.get((r.document, r.item), r) for r in facts.arrived]
        retry(books, records, actor="arrival", reason="stock has come")
    if seen:
        left = {(r.plant, r.material, r.location) for r in facts.arrived if r.open}
        state.short -= seen - left - state.arrived


def _refuse(books: Books, event: Refused) -> None:
    scanned = event.rejection.code == Reason.NOT_STORED
    content = choice_at(books, event.device) if scanned else cover_of_unknown(books, event.device)
    refuse(books, event, event.rejection, content)
    if event.feedback:
        outcome = Outcome("nok", event.rejection.code, "NOT POSTED", event.rejection.text)
        books.feedback(event.entry, event.plant, event.line, event.device, "", outcome)


def _index_stock(state: State) -> None:
    """Keep of the stock what somebody will look at, by where it lies."""
    state.components, stock = find_listed(state.master, state.orders.values()), state.stock
    state.stock, state.shelves = {}, {}
    for key, quantity in stock.items():
        state.lay(key, quantity)


def restore(state: State, *, midway: bool = False) -> None:
    """Derive what is derived, after the state was loaded: after a tick, or `midway`, before that of the newest batch.

    Law: a restart changes nothing of what is posted.
    """
    restore_closings(state, midway=midway)
    index_orders(state)
    _index_stock(state)
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    # Stock may have come between the last commit and the tick that would have seen it; where none has, nothing fits it.
    state.look_again()
    # What is held back was dropped by the update worker, and is posted with its release.
    state.updates = [row for row in state.updates if not state.is_held(row)]
    flows, state.flows_of = list(state.flows.values()), {}
    for flow in flows:
        state.add_flow(flow)
    state.resolved.forget()
    evict(state)
