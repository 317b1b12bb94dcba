"""The step: journal entries and a time in, changes out. Total, deterministic, no reads.

The state is changed in place and every change is noted in `Changes`, which the shell commits with the journal offset;
if that fails the state is loaded again. The ledger rows that it needs were read before (`prefetch`).

Law: the ledger is a fold of `step` and `tick` over the journal, however the entries are grouped into commits.
"""

from collections.abc import Iterable
from typing import assert_never

from gateway.backflush.eviction import evict
from gateway.backflush.inputs.commands import command
from gateway.backflush.inputs.counts import confirm
from gateway.backflush.inputs.imports import find_listed, import_master_data
from gateway.backflush.inputs.published import notice, refuse_unread, take_parts
from gateway.backflush.inputs.scans import scan
from gateway.backflush.inputs.setback import set_back
from gateway.backflush.memory.changes import NO_FACTS, Changes, Facts, Needs
from gateway.backflush.memory.events import (
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    Presence,
    Published,
    Refused,
    Scanned,
    Sender,
)
from gateway.backflush.memory.state import State
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.posting.windows import post_window, restore_closings, take_due
from gateway.backflush.posting.worklist import WORK_AT_ONCE, due_plants, next_work, retry, update, work
from gateway.backflush.reversal.late_scrap import knows_pieces, take_back_yield
from gateway.backflush.values.documents import HEAD_STRIDE


def step(state: State, changes: Changes, facts: Facts, now: int, events: Iterable[Event]) -> None:
    """Process events that arrived at `now`, in order."""
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
            case Published():
                take_parts(books, event)
            case Presence():
                notice(books, event)
            case Refused():
                refuse_unread(books, event)
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
    """Return the time of the next tick: a window closes, or the worklist runs; None if nothing waits for a time."""
    if state.updates or state.arrived:
        return state.now
    times = next_work(state)
    if state.closings:
        times.append(state.closings[0][0])
    return min(times, default=None)


def rests(state: State, now: int) -> bool:
    """Return whether a tick at `now` would only advance the time."""
    if now < state.now or state.updates or state.arrived or (state.closings and state.closings[0][0] <= now):
        return False
    return not due_plants(state, now)


def needs_of_tick(state: State, now: int) -> Needs:
    """Name the needs of a tick: a due worklist, backlog for stock just arrived, yield that turned out to be scrap."""
    due = due_plants(state, now)
    ending = {key for at, key in state.closings if at <= now} if state.closings and state.closings[0][0] <= now else ()
    short = [window for key in ending if (window := state.windows.get(key)) is not None and window.good < 0]
    return Needs(
        worklist=("", "", "", WORK_AT_ONCE) if due else None,
        held=tuple(sorted(state.holds)) if due else (),
        arrived=tuple(sorted(state.arrived)),
        short=tuple(sorted((w.key, w.short, knows_pieces(state)) for w in short if w.close_at <= now)),
    )


def settle_updates(state: State, changes: Changes, now: int) -> None:
    """Post the rows of the update worker, so that a command sees them posted."""
    if state.updates:
        update(Books(state, changes, NO_FACTS, now), state.updates[-1].document)


def needs_updates(state: State, wanted: Needs) -> bool:
    """Return whether the update worker must finish before a tick reads: for stock only in older journals."""
    return bool(wanted.worklist or wanted.short) or not judges(state)


def tick(state: State, changes: Changes, facts: Facts, now: int) -> None:
    """End a batch: close windows that are due, run the worklist if due, issue backlog for which stock has arrived.

    The update worker posts the rows of earlier batches, so that no report waits for them.
    """
    if not rests(state, now):
        _end(Books(state, changes, facts, now))
    move_on(state, now)


def move_on(state: State, now: int) -> None:
    """End a batch for whose end nothing waits."""
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    state.now = now


def _end(books: Books) -> None:
    """Do the work that waits for the end of a batch."""
    state, changes, facts, now = books.state, books.changes, books.facts, books.now
    if now < state.now:
        set_back(books)
    # Stock that arrives from here on is for the next tick: this one has not read its backlog.
    seen, state.arrived = state.arrived, set()
    update(books, state.handed)
    for window in take_due(state, now):
        if window.good < 0:
            take_back_yield(books, window)
        post_window(books, window)
    due = due_plants(state, now) if facts.worklist else set()
    if due:
        # Rows that the update worker has just posted were open when the worklist was read.
        done = changes.updated_rows
        rows = [row for row in facts.worklist if row.plant in due and (row.document, row.key) not in done]
        work(books, rows, Sender("schedule"))
    if facts.arrived:
        # A record may have changed since it was read, when scrap was taken back.
        records = [changes.updated_backlog.get((r.document, r.item), r) for r in facts.arrived]
        retry(books, records, Sender("arrival", "stock has come"))
    if seen:
        left = {(r.plant, r.material, r.location) for r in facts.arrived if r.open}
        state.short -= seen - left - state.arrived


def _index_stock(state: State) -> None:
    """Index the stock that is looked at, by place."""
    state.components, stock = find_listed(state.master, state.orders.values()), state.stock
    state.stock, state.shelves = {}, {}
    for key, quantity in stock.items():
        state.lay(key, quantity)


def derive_state(state: State, *, midway: bool = False) -> None:
    """Compute derived values after a load: after a tick, or `midway`, before the tick of the newest batch.

    Law: a restart changes no posting, but in journals that do not judge names: there it always looked for stock.
    """
    restore_closings(state, midway=midway)
    index_orders(state)
    _index_stock(state)
    state.handed = state.ordinal * HEAD_STRIDE + state.documents
    # Stock may have arrived between the last commit and its tick; without any, no backlog fits.
    state.look_again()
    # The update worker dropped held rows; they are posted with their release.
    state.updates = [row for row in state.updates if not state.is_held(row)]
    flows, state.flows_of = list(state.flows.values()), {}
    for flow in flows:
        state.add_flow(flow)
    state.resolved.forget()
    evict(state)
