"""Values of the engine's memory, as rows of the tables, and back.

Each pair of functions belongs to one table; a row has the table's columns in their order. Named tuples whose fields
are the columns need none.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from json.encoder import encode_basestring_ascii as _quote
from operator import attrgetter
from sys import intern
from typing import Any

from devices.sources.knowledge import Node, Scope
from gateway.backflush.memory.balance import Account, AccountKey, Balance, BalanceKey, Row
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.noise import MessageGroup
from gateway.backflush.memory.records import (
    Backlog,
    Flow,
    LastScan,
    LineFigures,
    Outcome,
    QuarantineEntry,
    ScanRecord,
    Window,
    WindowKey,
    WindowSource,
)
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import BomItem
from gateway.backflush.plant.versions import Run
from gateway.backflush.values.counting import CounterPosition, Strays
from gateway.backflush.values.documents import Confirmation, Reduction, Source
from gateway.backflush.values.points import Heading, QueuedUnits, Segment, Units
from gateway.errors import Reason
from gateway.ledger.database import tables
from gateway.ledger.store.bulk import Value, Values

_BACKLOG, _CONTEXT, _LINE = (tuple(t.columns.keys()) for t in (tables.backlog, tables.contexts, tables.lines))
_WINDOW_SOURCE = ("first_entry", "first_at", "last_entry", "last_at", "readings", "good", "scrap", "spans")
_backlog_fields, _context_fields, _line_fields, _source_fields = (
    attrgetter(*names) for names in (_BACKLOG[:-1], _CONTEXT[1:], _LINE, _WINDOW_SOURCE)
)
_CUMULATE = 7
"""The place of the only yes or no among the columns of a due that are no part of its key."""
_SOURCE = "%s:[" + ",".join(["%d"] * len(_WINDOW_SOURCE)) + "]"
"""A source within a window's JSON: a hundred windows are written again with every commit."""
_quoted = lru_cache(maxsize=65_536)(json.dumps)


def _json(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def printable(text: str) -> str:
    """Spell out characters that not every database stores: NUL and lone surrogates, found in hostile messages only."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")


def with_position(rows: Sequence[Values]) -> list[Values]:
    """Insert the position within the document after the first column, its number."""
    positions: dict[Value, int] = {}
    result: list[Values] = []
    for row in rows:
        position = positions[row[0]] = positions.get(row[0], 0) + 1
        result.append((row[0], position, *row[1:]))
    return result


def confirmation_row(confirmation: Confirmation) -> Values:
    """Return the row of a confirmation, without its position."""
    return (*confirmation[:5], int(confirmation.automatic), *confirmation[6:])


def confirmation(row: Sequence[Any]) -> Confirmation:
    """Read a confirmation."""
    number, _, point, reason, yield_, scrap, automatic, *aside = row
    return Confirmation(number, point, reason, yield_, scrap, bool(automatic), *aside)


def source_row(source: Source) -> Values:
    """Return the row of a source, without its position."""
    return (*source[:9], int(source.spans_change))


def source(row: Sequence[Any]) -> Source:
    """Read a source."""
    fields = [row[0], *row[2:10], bool(row[10])]
    return Source(*fields)


def reduction(row: Sequence[Any]) -> Reduction:
    """Read a reduction."""
    return Reduction(row[0], *row[2:])


def worklist_row(row: Row) -> Values:
    """Return the row of a due."""
    key = row.key
    return (
        *(row.document, key.process, key.segment, key.explosion, key.scope, key.flow, row.units),
        *(row.plant, row.line, row.posting_date, row.production_date, row.shift, row.timing, int(row.cumulate)),
        *(row.state, row.low, row.posted_by, row.reversed),
    )


def due(row: Sequence[Any]) -> Row:
    """Read a due."""
    number, process, segment, explosion, scope, flow, *fields = row
    fields[_CUMULATE] = bool(fields[_CUMULATE])
    return Row(number, BalanceKey(flow, explosion, segment, process, scope), *fields)


def backlog_row(record: Backlog) -> Values:
    """Return the row of a backlog record."""
    lots = _json([[*lot, units] for lot, units in record.lots.items()])
    return (*(int(field) if isinstance(field, bool) else field for field in _backlog_fields(record)), lots)


def backlog(row: Sequence[Any]) -> Backlog:
    """Read a backlog record."""
    made = Backlog(**dict(zip(_BACKLOG[:-1], row[:-1], strict=True)))
    made.cause, made.determination = Reason(made.cause), bool(made.determination)
    made.lots = {(batch, stock_type): units for batch, stock_type, units in json.loads(row[-1])}
    return made


def flow_segment_rows(flow: Flow) -> list[Values]:
    """Return the rows of a flow's segments."""
    return [
        (
            flow.id,
            position,
            point,
            *segment.reported,
            *segment.documented,
            segment.lost,
            segment.held,
            segment.automatic,
        )
        for position, (point, segment) in enumerate(zip(flow.points, flow.segments, strict=True), 1)
    ]


def flow(row: Sequence[Any], segments: Sequence[Sequence[Any]]) -> Flow:
    """Read a flow and the rows of its segments, in order."""
    identity, plant, material, version, cost_object, explosion, _ = row
    made = Flow(plant, material, version, cost_object, tuple(segment[2] for segment in segments))
    made.explosion = explosion
    assert made.id == identity, f"flow {identity} is stored with the points of {made.id}"
    made.segments = [Segment(Units(*s[3:5]), Units(*s[5:7]), *s[7:10]) for s in segments]
    return made


def balance_row(key: BalanceKey, balance: Balance) -> Values:
    """Return the row of a balance."""
    return (key.scope, *key[:4], balance.due, balance.posted)


def balance(row: Sequence[Any]) -> tuple[BalanceKey, Balance]:
    """Read a balance. Every shift leaves balances of its fixed items: they hold the same few texts once."""
    texts: Any = map(intern, row[:5])
    scope, flow, explosion, segment, process = texts
    return BalanceKey(flow, explosion, segment, process, scope), Balance(*row[5:])


def account_row(key: AccountKey, account: Account) -> Values:
    """Return the row of an account."""
    return (*key, account.posted, account.remainder, account.fraction, account.document)


def account(row: Sequence[Any]) -> tuple[AccountKey, Account]:
    """Read an account."""
    texts: Any = map(intern, (*row[:4], *row[5:7]))
    scope, flow, segment, process, place_of, place = texts
    return AccountKey(scope, flow, segment, process, row[4], place_of, place), Account(*row[7:])


def waiting_row(plant: str, flow: str, point: str, units: QueuedUnits) -> Values:
    """Return the row of waiting units."""
    line, explosion, date, shift, batch, planned, replaced = units.heading
    return (
        *(flow, point, units.document, plant, line, explosion, date, shift, batch, planned),
        *(_json(sorted(replaced)), units.good, _json(units.scrap), int(units.again)),
    )


def waiting(row: Sequence[Any]) -> QueuedUnits:
    """Read waiting units."""
    line, explosion, date, shift, batch, planned, replaced, good, scrap, again = row[4:]
    heading = Heading(line, explosion, date, shift, batch, planned, frozenset(json.loads(replaced)))
    return QueuedUnits(heading, row[2], good, json.loads(scrap), again=bool(again))


def window_row(window: Window) -> Values:
    """Return the row of a window."""
    sources = [_SOURCE % (_quoted(device), *_source_fields(source)) for device, source in window.sources.items()]
    return (
        *window.key,
        *(window.plant, window.close_at, window.pieces, window.good),
        *(_json(window.scrap) if window.scrap else "{}", window.rework, f"{{{','.join(sources)}}}"),
    )


def window(row: Sequence[Any]) -> Window:
    """Read a window."""
    plant, close_at, pieces, good, scrap, rework, sources = row[8:]
    made = Window(WindowKey(*row[:8]), plant, close_at, pieces)
    made.good = good
    made.scrap = json.loads(scrap)
    made.rework = rework
    for device, fields in json.loads(sources).items():
        source = made.sources[device] = WindowSource(0, 0)
        for name, value in zip(_WINDOW_SOURCE, fields, strict=True):
            setattr(source, name, value)
        source.spans = bool(source.spans)
    return made


def device_mark_row(key: tuple[str, str, str], mark: CounterPosition) -> Values:
    """Return the row of a device mark."""
    strays = "" if mark.strays is None else _json(mark.strays)
    return (*key, mark.total, mark.seq, mark.ts, mark.at, mark.units, mark.restart, mark.unhealed, strays)


def device_mark(row: Sequence[Any]) -> tuple[tuple[str, str, str], CounterPosition]:
    """Read a device mark and its key."""
    *figures, restart, unhealed, strays = row[3:]
    kept = Strays(*json.loads(strays)) if strays else None
    mark = CounterPosition(*figures, restart=restart, unhealed=unhealed, strays=kept)
    return (row[0], row[1], row[2]), mark


def names_row(head: int, key: Scope, names: Mapping[str, str]) -> Values:
    """Return the row of the names of a scope."""
    return (head, *key, _json(names))


def node_row(head: int, name: str, node: Node) -> Values:
    """Return the row of an edge node, whose messages do not wait."""
    assert not node.held, f"messages of {name} that wait are not kept"
    return (head, name, node.seq, node.bdseq, _json(sorted(node.devices)), node.asked_at)


def node(row: Sequence[Any]) -> tuple[str, Node]:
    """Read an edge node and its name."""
    _, name, seq, bdseq, devices, asked_at = row
    return name, Node(seq, bdseq, frozenset(json.loads(devices)), asked_at=asked_at)


def order_row(order: Order) -> Values:
    """Return the row of a planned order, without its reductions."""
    return (
        *(order.order, order.plant, order.material, order.version, order.line, order.start, order.finish),
        *(order.quantity, _json([_component(item) for item in order.components])),
    )


def order(row: Sequence[Any]) -> Order:
    """Read a planned order."""
    fields = [*row[:8], tuple(BomItem(**item) for item in json.loads(row[8]))]
    return Order(*fields)


def _component(item: BomItem) -> dict[str, object]:
    return {name: getattr(item, name) for name in BomItem.__dataclass_fields__}


def group_row(group: MessageGroup) -> Values:
    """Return the row of the messages counted with a quarantine entry."""
    sample = printable(group.text), printable(group.topic), group.payload
    return (group.number, group.messages, group.last_entry, group.last_at, *sample)


def group(row: Any, device: str, state: str) -> MessageGroup:  # noqa: ANN401 - a row of quarantine_folds
    """Read the messages counted with a quarantine entry of a device, which is in a state."""
    made = MessageGroup(row.number, device)
    made.messages, made.last_entry, made.last_at = row.messages, row.last_entry, row.last_at
    made.text, made.topic, made.payload, made.open = row.text, row.topic, row.payload, state == "open"
    return made


def quarantine_row(entry: QuarantineEntry) -> Values:
    """Return the row of a quarantine entry."""
    return tuple(printable(field) if isinstance(field, str) else field for field in entry)


def quarantine(row: Sequence[Any]) -> QuarantineEntry:
    """Read a quarantine entry."""
    return QuarantineEntry(*row)


def scan_row(key: tuple[str, str], scan: ScanRecord) -> Values:
    """Return the row of a scan."""
    return (*key, scan.content, *outcome_values(scan.outcome))


def outcome_values(outcome: Outcome) -> Values:
    """Return the values of an answer to a scan; its facts are JSON."""
    # Not by `json.dumps`: it makes an encoder for each object, and every scan has one.
    facts = ", ".join([f"{_quote(name)}: {_quote(value)}" for name, value in outcome.facts])
    return (*outcome[:-1], facts and f"{{{facts}}}")


def _outcome(values: Sequence[Any]) -> Outcome:
    *plain, facts = values
    return Outcome._make((*plain, tuple(json.loads(facts).items()) if facts else ()))


def scan(row: Sequence[Any]) -> tuple[tuple[str, str], ScanRecord]:
    """Read a scan and its key."""
    return (row[0], row[1]), ScanRecord(row[2], _outcome(row[3:]))


def last_scan_row(device: str, scan: LastScan) -> Values:
    """Return the row of a scanner's last scan without an id; its answer is JSON."""
    answer = json.dumps(outcome_values(scan.answer)) if scan.answer is not None else ""
    return (device, scan.content, scan.at, answer)


def last_scan(row: Sequence[Any]) -> LastScan:
    """Read a scanner's last scan without an id."""
    _, content, at, answer = row
    return LastScan(content, at, _outcome(json.loads(answer)) if answer else None)


def context_row(device: str, context: Context) -> Values:
    """Return the row of a scanner's context."""
    return (device, *_context_fields(context))


def context(row: Sequence[Any]) -> Context:
    """Read a scanner's context."""
    return Context(**dict(zip(_CONTEXT[1:], row[1:], strict=True)))


def line_row(line: LineFigures) -> Values:
    """Return the row of a line's figures."""
    row: Values = _line_fields(line)
    return row


def line(row: Sequence[Any]) -> LineFigures:
    """Read a line's figures."""
    return LineFigures(**dict(zip(_LINE, row, strict=True)))


def run_row(run: Run) -> Values:
    """Return the row of a run."""
    return (*run[:3], run.end or 0, *run[4:-1], run.stopped or 0)


def run(row: Sequence[Any]) -> Run:
    """Read a run."""
    plant, line, start, end, *more, stopped = row
    return Run._make((plant, line, start, end or None, *more, stopped or None))


_LATER = ("patterns", "sources", "left")
"""Settings that earlier versions did not have: at its default such a setting is left out, as they wrote it."""


def rules_text(rules: Rules) -> str:
    """Return the settings of the engine as JSON."""
    said = rules._asdict().items()
    return _json({name: value for name, value in said if name not in _LATER or value != Rules._field_defaults[name]})


def rules(text: str | bytes) -> Rules:
    """Read the settings of the engine; an unknown setting of an older version is left out."""
    said: dict[str, Any] = {name: value for name, value in json.loads(text).items() if name in Rules._fields}
    said |= {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
    return Rules(**said)
