"""One commit: the rows of one step, and the guards that may stop it.

A commit is one transaction: documents, dues, balances, device marks, windows, quarantine, figures and the journal
offset of their origin.

    head       compare-and-set of the sequence: of two writers with one head, one is `Fenced`
    guards     what other writers change as well (the master data in force, stock that must not go negative, orders, a
               flow over both lines, a serial number, an open quarantine entry): `Moved` if one is not as this writer
               has seen it

Writers cannot deadlock: every commit writes the tables in one order, and shared rows in the order of their keys; the
most shared ones come last, to be locked for the shortest time.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final, NamedTuple

from sqlalchemy import Table

from gateway.backflush.memory.changes import Changes, Facts
from gateway.backflush.memory.hours import sum_hours
from gateway.backflush.memory.state import State
from gateway.errors import LedgerUnavailable
from gateway.failpoints import Point, reach
from gateway.ledger.database import tables as t
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import Bulk, Conflict, Values
from gateway.ledger.store.chain import chain_content, chain_link
from gateway.ledger.store.leases import Head, describe_takeover
from gateway.ledger.store.stored_imports import pack

_FAIL, _KEEP, _REPLACE, _ADD, _SUCCEED, _VACANT = Conflict
_CLOSE_WINDOW = f"DELETE FROM windows WHERE {' AND '.join(f'{key.name} = ?' for key in t.windows.primary_key)}"  # noqa: S608 - names of our own columns

NEWEST: Final = (
    "(SELECT coalesce(max((SELECT m.at FROM master_tables m WHERE m.head = h.ordinal ORDER BY m.sequence DESC LIMIT 1)"
    "), 0) FROM heads h)"
)
"""The time of the newest import of any head, which is the newest one of its head: found over the key of each."""
_ADVANCE: Final = (
    "UPDATE heads SET sequence = ?, journal_offset = ?, documents = ?, quarantines = ?, chain = ?, master = ?, at = ?,"  # noqa: S608 - names of our own
    f" read_at = ? WHERE ordinal = ? AND sequence = ? AND {NEWEST} = ?"
)


class Moved(LedgerUnavailable):
    """Another writer changed what the step relied on: nothing was committed; load and step again."""


@dataclass(frozen=True, slots=True)
class Commit:
    """The rows to write, prepared before the transaction begins."""

    changes: Changes
    state: State
    before: Head
    after: Head
    sealed: list[tuple[Table, list[Values]]]
    links: list[Values]
    """The new row of the hash chain; none if there are no documents."""
    revisions: dict[str, int]
    """The new revision of every flow with a change in it or its balances."""
    orders: dict[str, Values]
    """Orders with content that is new to this writer: a mere reduction must not undo an import."""
    explosions: list[Values]
    """Explosions that are new to this writer: they are immutable, and may be long."""
    newest: int
    """Time of the newest import before this commit, as this writer has seen it."""
    imported: int
    """Time of the newest import: it is in force, even against the clocks."""
    tables: bytes
    """The stored content of an import."""


@dataclass(slots=True)
class Seen:
    """The writer's knowledge of existing rows, and of rows that others write as well."""

    revisions: dict[str, int] = field(default_factory=dict)
    orders: dict[str, Values] = field(default_factory=dict)
    explosions: set[str] = field(default_factory=set)
    imported: int = 0
    """Time of the newest import of any head."""
    spent: int = 0
    """The bytes that imports have stored since the last whole one; each is followed by a load."""

    def update(self, commit: Commit) -> None:
        """Note a commit."""
        self.revisions.update(commit.revisions)
        self.orders.update(commit.orders)
        self.explosions.update(commit.changes.explosions)
        self.imported = commit.imported

    def note(self, facts: Facts, state: State) -> None:
        """Note facts that enter memory."""
        self.revisions.update((name, seen) for name, seen in facts.revisions.items() if name not in state.flows)

    def keep(self, state: State) -> None:
        """Drop everything that the state no longer holds."""
        self.revisions = {name: revision for name, revision in self.revisions.items() if name in state.flows}
        self.orders = {name: row for name, row in self.orders.items() if name in state.orders}
        self.explosions &= state.explosions.keys()


class Folded(NamedTuple):
    """The position up to which the journal is folded."""

    offset: int
    read_at: int
    """The time of the last batch."""


def prepare(changes: Changes, state: State, before: Head, seen: Seen, folded: Folded, now: int) -> Commit:
    """Prepare a commit; records that `changes` only names (runs, rules, flows, numbers) come from the state."""
    sealed = _rows_to_seal(changes)
    after = before._replace(
        offset=folded.offset,
        read_at=folded.read_at,
        sequence=before.sequence + 1,
        documents=state.documents,
        quarantines=state.quarantines,
        master=state.master.digest if changes.tables is not None else before.master,
        at=state.now,
    )
    links: list[Values] = []
    if changes.documents:
        content = chain_content({table.name: rows for table, rows in sealed})
        first, last = changes.documents[0].number, changes.documents[-1].number
        facts = (after.ordinal, after.sequence, folded.offset, now, first, last, state.master.digest)
        after = after._replace(chain=chain_link(before.chain, content, facts))
        links = [(*facts, content, after.chain)]
    flows = sorted({*changes.flows, *(key.flow for key in changes.balances), *(key.flow for key in changes.accounts)})
    revisions = {name: seen.revisions.get(name, 0) + 1 for name in flows}
    orders = {name: row_values.order_row(order) for name, (order, _) in sorted(changes.orders.items(), key=_key)}
    fresh = {name: row for name, row in orders.items() if seen.orders.get(name) != row}
    unseen = sorted(changes.explosions.keys() - seen.explosions)
    explosions: list[Values] = [(key, changes.explosions[key].text) for key in unseen]
    imported = seen.imported if changes.tables is None else max(changes.imported_by.at, seen.imported + 1)
    tables = b"" if changes.tables is None else pack(changes.tables, changes.amended, seen.spent)
    newest = seen.imported
    return Commit(changes, state, before, after, sealed, links, revisions, fresh, explosions, newest, imported, tables)


def write(bulk: Bulk, commit: Commit, until: int) -> None:
    """Write a commit, and renew the leases unless `until` is 0; Moved or Fenced if it must not be written."""
    changes, state, after = commit.changes, commit.state, commit.after
    if changes.periods or changes.tables is not None:
        bulk.be_alone(t.heads)  # every commit writes its head, and one under way has read what this one changes
    _advance(bulk, commit)
    if until:
        renew(bulk, after, until)
    reach(Point.COMMIT_BEGUN)
    _link(bulk, commit)
    for table, rows in commit.sealed:
        bulk.write(table, rows, _FAIL)
    reach(Point.COMMIT_HALF)
    _write_flows(bulk, changes, state, commit.revisions)
    bulk.write(t.explosions, commit.explosions, _KEEP)
    _write_dues(bulk, changes, state)
    _write_devices(bulk, changes, after.ordinal)
    _write_plant(bulk, commit)
    _write_shared(bulk, changes, after.ordinal, list(commit.orders.values()))
    _guard(bulk, changes)
    reach(Point.COMMIT_WRITTEN)


def renew(bulk: Bulk, head: Head, until: int) -> None:
    """Keep the lines of a head until a time; Fenced if they were taken over."""
    rows = [(until, head.ordinal, pattern) for pattern in head.patterns]
    bulk.change("UPDATE leases SET until = ? WHERE head = ? AND pattern = ?", rows, lambda: describe_takeover(head))


def only(bulk: Bulk, head: Head, patterns: Sequence[str]) -> None:
    """Give back all lines of a head except some; Fenced if they were taken over."""
    stands = "UPDATE heads SET sequence = sequence WHERE ordinal = ? AND sequence = ?"
    bulk.change(stands, [(head.ordinal, head.sequence)], lambda: describe_takeover(head))
    gone = [(head.ordinal, pattern) for pattern in head.patterns if pattern not in patterns]
    bulk.change("DELETE FROM leases WHERE head = ? AND pattern = ?", gone)


def _rows_to_seal(changes: Changes) -> list[tuple[Table, list[Values]]]:
    """Return the rows that the hash chain covers; all belong to documents of this commit."""
    if not changes.documents:
        under = changes.confirmations or changes.items or changes.activities or changes.sources or changes.reductions
        assert not under, f"of documents that are not of this commit: {under}"
        return []
    # As plain tuples: printing and binding named ones takes several times as long.
    rows: list[list[Values]] = [
        [tuple(document) for document in changes.documents],
        row_values.with_position([row_values.confirmation_row(confirmation) for confirmation in changes.confirmations]),
        [tuple(item) for item in changes.items],
        [tuple(activity) for activity in changes.activities],
        row_values.with_position([row_values.source_row(source) for source in changes.sources]),
        row_values.with_position(list(changes.reductions)),
    ]
    numbers = {document.number for document in changes.documents}
    for table, some in zip(t.SEALED, rows, strict=True):
        strange = {row[0] for row in some} - numbers
        assert not strange, f"{table.name} of documents that are not of this commit: {strange}"
    return list(zip(t.SEALED, rows, strict=True))


def _advance(bulk: Bulk, commit: Commit) -> None:
    """Advance the head; refuse what was stepped by other master data than the newest, and a head that was taken over.

    So an import is in force for the next message of every gateway, and none undoes another one's.
    """
    before, after = commit.before, commit.after
    row = (after.sequence, after.offset, after.documents, after.quarantines, after.chain, after.master, after.at)
    where = before.ordinal, before.sequence, commit.newest
    bulk.change(_ADVANCE, [(*row, after.read_at, *where)], lambda: Moved("another gateway has imported master data"))


def _link(bulk: Bulk, commit: Commit) -> None:
    """Add the link of the hash chain; refuse documents of a period that another gateway has closed meanwhile.

    They belong to the next open one.
    """
    dated = {(document.plant, document.posting_date[:7]) for document in commit.changes.documents}
    dated -= commit.state.closed_periods
    names, places = (", ".join(words) for words in (t.batches.columns.keys(), "?" * len(t.batches.columns)))
    of = " OR ".join(["plant = ? AND period = ?"] * len(dated)) or "1 = 0"
    sql = (
        f"INSERT INTO batches ({names}) SELECT {places}"  # noqa: S608 - names of our own columns
        f" WHERE NOT EXISTS (SELECT 1 FROM periods WHERE closed <> 0 AND ({of}))"
    )
    rows = [(*link, *chain.from_iterable(sorted(dated))) for link in commit.links]
    bulk.change(sql, rows, lambda: Moved("a period was closed by another gateway"))


def _write_flows(bulk: Bulk, changes: Changes, state: State, revisions: dict[str, int]) -> None:
    rows: list[Values] = []
    for name, revision in revisions.items():
        flow = state.flows[name]
        rows.append((name, flow.plant, flow.material, flow.version, flow.cost_object, flow.explosion, revision))
    bulk.write(t.flows, rows, _SUCCEED, lambda: Moved("a flow was changed by another gateway"))
    segments = [row for name in sorted(changes.flows) for row in row_values.flow_segment_rows(changes.flows[name])]
    bulk.write(t.flow_segments, segments, _REPLACE)
    # Not sorted: the flow that they belong to is locked by now.
    bulk.write(t.marks, [row_values.balance_row(*pair) for pair in changes.balances.items()], _REPLACE)
    bulk.write(t.accounts, [row_values.account_row(*pair) for pair in changes.accounts.items()], _REPLACE)


def _write_dues(bulk: Bulk, changes: Changes, state: State) -> None:
    bulk.write(t.worklist_rows, list(map(row_values.worklist_row, changes.rows)), _FAIL)
    _put(bulk, t.worklist_rows, changes.updated_rows, lambda _, row: row_values.worklist_row(row))
    bulk.change(_CLOSE_WINDOW, [key for key, window in changes.windows.items() if window is None])
    if changes.waiting:
        gone = [key for key, units in changes.waiting.items() if units is None]
        bulk.change("DELETE FROM waiting WHERE flow = ? AND point = ? AND document = ?", gone)
        wait = [
            row_values.waiting_row(state.flows[flow].plant, flow, point, units)
            for (flow, point, _), units in changes.waiting.items()
            if units is not None
        ]
        bulk.write(t.waiting, wait, _REPLACE)
    opened = [row_values.window_row(window) for window in changes.windows.values() if window is not None]
    bulk.write(t.windows, opened, _REPLACE)
    bulk.write(t.backlog, list(map(row_values.backlog_row, changes.backlog)), _FAIL)
    bulk.write(t.backlog, list(map(row_values.backlog_row, changes.updated_backlog.values())), _REPLACE)


def _write_sources(bulk: Bulk, changes: Changes, ordinal: int) -> None:
    """Write what this head's journal has taught of other publishers."""
    gone = [(ordinal, *key) for key, names in sorted(changes.names.items(), key=_key) if names is None]
    bulk.change("DELETE FROM source_names WHERE head = ? AND decoder = ? AND scope = ?", gone)
    named = [row_values.names_row(ordinal, key, names) for key, names in changes.names.items() if names is not None]
    bulk.write(t.source_names, sorted(named), _REPLACE)
    lost = [(ordinal, name) for name, node in sorted(changes.nodes.items(), key=_key) if node is None]
    bulk.change("DELETE FROM edge_nodes WHERE head = ? AND node = ?", lost)
    nodes = [row_values.node_row(ordinal, name, node) for name, node in changes.nodes.items() if node is not None]
    bulk.write(t.edge_nodes, sorted(nodes, key=_key_of_node), _REPLACE)


def _key_of_node(row: Values) -> Values:
    return row[:2]


def _write_devices(bulk: Bulk, changes: Changes, ordinal: int) -> None:
    _put(bulk, t.device_marks, changes.device_marks, row_values.device_mark_row)
    if changes.names or changes.nodes:
        _write_sources(bulk, changes, ordinal)
    _put(bulk, t.device_states, changes.online, lambda device, online: (device, int(online)))
    _put(bulk, t.contexts, changes.contexts, row_values.context_row)
    _put(bulk, t.scans, changes.scans, row_values.scan_row, _KEEP)
    _put(bulk, t.last_scans, changes.last_scans, row_values.last_scan_row)
    _put(bulk, t.commands, changes.commands, lambda command, answer: (command, *answer), _KEEP)
    bulk.write(t.quarantine, list(map(row_values.quarantine_row, changes.quarantine)), _FAIL)
    _put(bulk, t.quarantine_folds, changes.groups, lambda _, group: row_values.group_row(group))
    _settle_entries(bulk, changes)


def _settle_entries(bulk: Bulk, changes: Changes) -> None:
    """Settle quarantine entries that are open: the first of two gateways settles an entry, the other steps again."""

    def refusal() -> Exception:
        return Moved("a quarantine entry was settled by another gateway")

    settle, states = "UPDATE quarantine SET state = ?, reason = ? WHERE number = ? AND state", changes.quarantine_states
    for number in sorted({*changes.groups, *states}):
        if number in changes.groups:
            # Another gateway may have settled the entry meanwhile, unknown to this one.
            bulk.change(f"{settle} <> 'open'", [("open", "", number)])
        if number in states:
            bulk.change(f"{settle} = 'open'", [(*states[number], number)], refusal)


def _write_plant(bulk: Bulk, commit: Commit) -> None:
    changes, state, head = commit.changes, commit.state, commit.after
    if changes.runs:
        changed = sorted(changes.runs.items())
        begin = [(*line, since) for line, since in changed]
        bulk.change("DELETE FROM runs WHERE plant = ? AND line = ? AND start_at >= ?", begin)
        runs = [run for line, since in changed for run in state.runs.get(line, ()) if run.start >= since]
        bulk.write(t.runs, list(map(row_values.run_row, runs)), _FAIL)
    _put(bulk, t.periods, changes.periods, lambda key, closed: (*key, int(closed)))
    _put(bulk, t.holds, changes.holds, lambda key, held: (*key, int(held[0]), *held[1]))
    if changes.rules:
        bulk.write(t.rules, [(head.ordinal, row_values.rules_text(state.rules))], _REPLACE)
    if changes.tables is not None:
        row = (head.ordinal, head.sequence, commit.imported, head.master, commit.tables, *changes.imported_by[:2])
        bulk.write(t.master_tables, [row], _FAIL)
    _put(bulk, t.lines, changes.lines, lambda _, line: row_values.line_row(line))


def _write_shared(bulk: Bulk, changes: Changes, ordinal: int, orders: Sequence[Values]) -> None:
    """Write rows shared with other writers: differences, in the order of their keys."""
    if changes.serials:
        _write_serials(bulk, changes)
    _put(bulk, t.outcomes, changes.outcomes, lambda outcome, messages: (ordinal, outcome, messages), _ADD)
    bulk.write(t.orders, orders, _REPLACE)
    reduced: list[Values] = []
    for name, (order, before) in sorted(changes.orders.items(), key=_key):
        for segment in sorted(order.reduced):
            difference = order.reduced[segment] - before.get(segment, 0)
            if difference:
                reduced.append((name, segment, difference))
    bulk.write(t.order_segments, reduced, _ADD)
    _put(bulk, t.opening_stock, changes.opening, _flat)
    _put(bulk, t.stock, changes.stock, _flat, _ADD)
    _put(bulk, t.collectors, changes.collectors, _flat, _ADD)
    _put(bulk, t.statistics, changes.statistics, _flat, _ADD)
    _put(bulk, t.hours, sum_hours(changes), lambda key, units: (*key, *units), _ADD)


def _write_serials(bulk: Bulk, changes: Changes) -> None:
    """Confirm and free serial numbers, if they are as the step has seen them: each is posted once, wherever scanned."""

    def refusal() -> Exception:
        return Moved("a serial number was confirmed or freed by another gateway")

    serials = sorted(changes.serials.items())
    taken = [(serial, document) for serial, (document, before) in serials if not before]
    bulk.write(t.serials, taken, _VACANT, refusal)
    freed = [(document, serial, before) for serial, (document, before) in serials if before]
    bulk.change("UPDATE serials SET document = ? WHERE serial = ? AND document = ?", freed, refusal)


def _guard(bulk: Bulk, changes: Changes) -> None:
    """Check, at the end of the transaction, the rows that another writer may have used up."""
    if changes.guarded:
        falling = sorted(key for key in changes.guarded if changes.stock.get(key, 0) < 0)
        for *key, quantity in bulk.find(t.stock, falling):
            if quantity < 0:
                raise Moved(f"stock {'/'.join(key)} was used up by another gateway")
    wanted = {
        (name, segment): reduced
        for name, (order, before) in changes.orders.items()
        for segment, reduced in order.reduced.items()
        if reduced != before.get(segment, 0)
    }
    for name, segment, reduced in bulk.find(t.order_segments, sorted(wanted)):
        if reduced != wanted[name, segment]:
            raise Moved(f"order {name} was reduced by another gateway")


def _put(
    bulk: Bulk,
    table: Table,
    changed: Mapping[Any, Any],
    row: Callable[[Any, Any], Values],
    conflict: Conflict = Conflict.REPLACE,
) -> None:
    """Write changed rows in the order of their keys. In most commits most tables have none."""
    if changed:
        bulk.write(table, [row(key, changed[key]) for key in sorted(changed)], conflict)


def _flat(key: tuple[str, ...], value: int) -> Values:
    return (*key, value)


def _key(pair: tuple[Any, object]) -> Any:  # noqa: ANN401 - keys of every kind that can be sorted
    return pair[0]
