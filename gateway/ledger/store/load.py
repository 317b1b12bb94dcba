"""The state of the engine, read from the ledger: exactly what was committed.

A head reads the windows, line figures and worklists of its own lines only: a window of two heads would be
closed twice. Records keyed by versions, devices and orders are read for all lines, because a line may change owners and
a flow may run over several lines. Finished records are not read: see `backflush.eviction`.
"""

import heapq
import json
from collections.abc import Callable, Sequence
from itertools import takewhile
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, TextClause, and_, false, func, or_, select, true, tuple_

from devices.sources.knowledge import Lesson
from gateway.backflush.eviction import LIVES, find_pinned, recall, since
from gateway.backflush.inputs.repetition import find_refusal
from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.memory.records import UNTRUSTED, Cover
from gateway.backflush.memory.state import MADE, YIELD, State, days_before, month_before
from gateway.backflush.plant.schedules import DAY_US
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.posting.order_reduction import index_orders
from gateway.backflush.values.documents import HEAD_STRIDE, UPDATE
from gateway.backflush.values.movements import StockKey
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import HEALED_BY_A_TOTAL, OPEN, OPEN_BACKLOG
from gateway.ledger.store import row_values
from gateway.ledger.store.leases import Head, common
from gateway.ledger.store.reload import read_back, read_runs, read_to_stock
from gateway.ledger.store.stored_imports import Stored, describe_tampering, read_imports, text_of

Snapshot = Callable[[bytes], MasterData]
"""Reads the canonical master data of an import."""
NONE = MasterData()


def load(
    connection: Connection, head: Head, snapshot: Snapshot, known: MasterData = NONE
) -> tuple[State, dict[str, int]]:
    """Return the state and, for the guard against other writers, the revision of each flow.

    Master data that is already `known` is not read.
    """
    state = State(ordinal=head.ordinal, documents=head.documents, quarantines=head.quarantines, now=head.at)
    _load_plant(connection, state, snapshot, known)
    state.owned = common(state.rules.lines, head.patterns)
    _load_devices(connection, state)
    revisions = _load_flows(connection, state, state.owned)
    _load_orders(connection, state)
    _load_stock(connection, state)
    _load_short(connection, state, state.owned)
    for row in _all(connection, t.lines, own_lines(t.lines, state.owned)):
        state.lines[row[0], row[1]] = row_values.line(row)
    _load_made(connection, state)
    return state, revisions


def _load_made(connection: Connection, state: State) -> None:
    """Read the lines' production of this month and the one before."""
    made = t.statistics.c
    lately = made.date >= month_before(state.now), made.measure.in_(MADE), own_lines(t.statistics, state.owned)
    day = made.plant, made.line, made.date
    found = select(*day, func.sum(made.quantity)).where(*lately).group_by(*day)
    for plant, line, date, units in connection.execute(found):
        month = plant, line, date[:7]
        state.made[month] = state.made.get(month, 0) + int(units)
    state.shift_yield_since = days_before(state.now)
    shift = made.plant, made.line, made.date, made.shift, made.detail, made.unit
    since = made.date >= state.shift_yield_since, made.measure == YIELD, own_lines(t.statistics, state.owned)
    yielded = select(*shift, func.sum(made.quantity)).where(*since).group_by(*shift)
    for plant, line, date, name, point, unit, units in connection.execute(yielded):
        state.shift_yield[plant, line, date, name, point, unit] = int(units)


def load_lines(connection: Connection, master: MasterData, now: int) -> State:
    """Return the part of the state for displays of lines: their runs, flows, open windows and figures."""
    state = State(now=now)
    _load_plant(connection, state, lambda _: master, master)
    _load_flows(connection, state, ("*",))
    for row in _all(connection, t.lines):
        state.lines[row[0], row[1]] = row_values.line(row)
    return state


def own_lines(table: Table, patterns: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition for rows of lines within some patterns."""
    if "*" in patterns:
        return true()
    conditions: list[ColumnElement[bool]] = [false()]
    for pattern in patterns:
        plant, line = pattern.split("/")
        conditions.append(table.c.plant == plant if line == "*" else and_(table.c.plant == plant, table.c.line == line))
    return or_(*conditions)


def master_bytes(connection: Connection) -> bytes | None:
    """Return the master data in force, that of the newest import of any head; None before the first.

    LedgerUnavailable if it does not match its digest: nothing is posted by it.
    """
    imports = imports_in_force(connection)
    return text_of(connection, imports) if imports else None


def imports_in_force(connection: Connection) -> list[Stored]:
    """Return the imports, newest first; LedgerUnavailable if the first is not the newest of its head."""
    imports = read_imports(connection)
    if imports:
        kept = connection.scalar(select(t.heads.c.master).where(t.heads.c.ordinal == imports[0].head))
        if kept != imports[0].digest:
            raise describe_tampering(kept or "")
    return imports


def _all(connection: Connection, table: Table, *where: ColumnElement[bool] | TextClause) -> Sequence[Any]:
    return connection.execute(select(table).where(*where).order_by(*table.primary_key)).all()


def _load_plant(connection: Connection, state: State, snapshot: Snapshot, known: MasterData) -> None:
    imports = imports_in_force(connection)
    if imports:
        same = known.digest == imports[0].digest
        state.master = known if same else snapshot(text_of(connection, imports))
    settings = connection.scalar(select(t.rules.c.content).where(t.rules.c.head == state.ordinal))
    if settings is not None:
        state.rules = row_values.rules(settings)
    state.runs_since = since(state)
    state.runs = read_runs(connection, state.runs_since)
    for row in _all(connection, t.periods, t.periods.c.closed != 0):
        state.closed_periods.add((row.plant, row.period))
    for row in _all(connection, t.holds, t.holds.c.held != 0):
        state.holds.add((row.plant, row.line, row.process))


def _load_devices(connection: Connection, state: State) -> None:
    marks = t.device_marks
    newest = (marks.c.at.desc(), marks.c.boot.desc())
    rank = func.row_number().over(partition_by=(marks.c.device, marks.c.kind), order_by=newest)
    ranked = select(marks.c.device, marks.c.boot, rank.label("rank")).subquery()
    kept = select(ranked.c.device, ranked.c.boot).where(ranked.c.rank <= LIVES)
    for row in _all(connection, marks, tuple_(marks.c.device, marks.c.boot).in_(kept)):
        (device, boot, kind), mark = row_values.device_mark(row)
        state.marks_of_devices.setdefault(device, {})[boot, kind] = mark
        if mark.strays is not None:
            state.strayed[device, boot, kind] = mark
    for row in _all(connection, t.device_states):
        state.online[row.device] = bool(row.online)
    _load_sources(connection, state)
    for row in _all(connection, t.contexts):
        state.contexts[row.device] = row_values.context(row)
    for row in _all(connection, t.last_scans):  # old ones too: a clock that was ahead may have dated them
        state.last_scans[row.device] = row_values.last_scan(row)
    entries = t.quarantine
    alone = (
        entries.c.state == "open",
        entries.c.device != "",
        entries.c.number.not_in(select(t.quarantine_folds.c.number)),
    )
    names = ("number", "code", "plant", "line", "device", "yield_", "scrap", "content")
    untrusted = select(*(entries.c[name] for name in names), HEALED_BY_A_TOTAL.label("total")).where(*alone)
    for row in connection.execute(untrusted.order_by(entries.c.number)):
        cover = Cover.parse(row.content) if row.total else None
        if cover is not None:
            state.untrusted.setdefault(row.device, {}).setdefault(cover, []).append(row.number)
        refused = find_refusal(row.number, row.code, (row.plant, row.line), row.yield_ + row.scrap, row.content)
        if refused is not None and row.device in state.master.devices:
            state.refused.setdefault(row.device, {}).setdefault(refused[0], []).append(refused[1])
    _load_noise(connection, state)


def _load_sources(connection: Connection, state: State) -> None:
    """Read what this head's journal has taught of other publishers."""
    names, nodes = t.source_names, t.edge_nodes
    known = _all(connection, names, names.c.head == state.ordinal)
    lives = _all(connection, nodes, nodes.c.head == state.ordinal)
    told = {(row.decoder, row.scope): json.loads(row.names) for row in known}
    state.knowledge.learn(Lesson(told, dict(map(row_values.node, lives))))


def _load_noise(connection: Connection, state: State) -> None:
    """Read this head's untrusted entries of the day, newest first, and note them again."""
    entries, folds = t.quarantine, t.quarantine_folds
    first = state.ordinal * HEAD_STRIDE
    columns = (entries.c.number, entries.c.at, entries.c.device, entries.c.code, entries.c.state)
    mine = entries.c.number.between(first + 1, first + state.quarantines)
    newest = select(*columns).where(mine, entries.c.kind == UNTRUSTED).order_by(entries.c.number.desc())
    with connection.execute(newest.execution_options(yield_per=1000)) as entries_found:
        today = list(takewhile(lambda row: row.at // DAY_US == state.now // DAY_US, entries_found))
    found = {row.number: row for row in today}
    for row in reversed(today):
        state.noise.note(row.at, row.device, row.code, row.number)
    if found:
        for row in connection.execute(select(folds).where(folds.c.number.between(min(found), max(found)))):
            entry = found[row.number]
            state.noise.groups[row.number] = row_values.group(row, entry.device, entry.state)


def _load_flows(connection: Connection, state: State, patterns: Sequence[str]) -> dict[str, int]:
    """Read active flows: make-to-stock, and those of windows, waiting units and the update worker."""
    facts = Facts()
    read_to_stock(connection, facts)
    recall(state, Needs(), facts)
    for row in _all(connection, t.windows, own_lines(t.windows, patterns)):
        window = row_values.window(row)
        state.windows[window.key] = window
        state.closings.append((window.close_at, window.key))
    heapq.heapify(state.closings)
    rows = t.worklist_rows
    handed = select(rows).where(OPEN, rows.c.timing == UPDATE, own_lines(rows, patterns))
    # Sorted here: in the order of their key a database would read all rows ever posted, not only open ones.
    keys = len(rows.primary_key)
    state.updates = [row_values.due(row) for row in sorted(connection.execute(handed), key=lambda row: row[:keys])]
    wanted = find_pinned(state)
    read_back(connection, wanted, facts, ())
    recall(state, wanted, facts)
    return facts.revisions


def _load_orders(connection: Connection, state: State) -> None:
    for row in _all(connection, t.orders):
        state.orders[row.planned_order] = row_values.order(row)
    for name, segment, reduced in _all(connection, t.order_segments):
        state.orders[name].reduced[segment] = reduced
    index_orders(state)


def _load_short(connection: Connection, state: State, patterns: Sequence[str]) -> None:
    """Read the places with open backlog."""
    short = select(t.backlog.c.plant, t.backlog.c.material, t.backlog.c.location).distinct()
    for place in connection.execute(short.where(OPEN_BACKLOG, own_lines(t.backlog, patterns))):
        state.short.add((place.plant, place.material, place.location))


def _load_stock(connection: Connection, state: State) -> None:
    for row in _all(connection, t.stock):
        state.stock[StockKey(*row[:5])] = row.quantity
    for row in _all(connection, t.opening_stock):
        state.opening[StockKey(*row[:5])] = row.quantity
