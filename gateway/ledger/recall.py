"""What is read back into memory by its name: lots and shifts with marks and accounts, cost objects with flows."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, select

from gateway.backflush.changes import Facts, Needs
from gateway.backflush.documents import TO_STOCK
from gateway.backflush.explosion import Explosion
from gateway.backflush.versions import Run
from gateway.ledger import tables as t
from gateway.ledger import values
from gateway.ledger.bulk import Reads, reads


def read_back(connection: Connection, needs: Needs, facts: Facts, scopes: Iterable[str]) -> None:
    """Add what is wanted by name to facts; `scopes` are the lots and shifts in memory.

    Flows come with their marks of those too: another gateway may have made them since the scope was read.
    """
    rows = reads(connection)
    bearers = {(row[4], row[1]) for row in rows.find(t.flows, _keys(needs.flows))}
    bearers |= {(cost_object, plant) for plant, cost_object in needs.bearers}
    _add_flows(rows, rows.find(t.flows, bearers, ("cost_object", "plant")), facts, scopes)
    _add_dues(rows, _keys(needs.scopes), facts)
    _add_explosions(rows, needs.explosions, facts)
    for plant, line, at in needs.runs:
        facts.runs |= read_runs(connection, at, t.runs.c.plant == plant, t.runs.c.line == line)


def read_runs(connection: Connection, at: int, *of: ColumnElement[bool]) -> dict[tuple[str, str], list[Run]]:
    """Return the runs of lines that are in force at a time or later: from the last one that has begun by then on."""
    runs = t.runs.c
    begun = select(runs.plant, runs.line, func.max(runs.start_at).label("begin")).where(runs.start_at <= at, *of)
    last = begun.group_by(runs.plant, runs.line).subquery()
    same = and_(runs.plant == last.c.plant, runs.line == last.c.line)
    found = select(t.runs).outerjoin(last, same).where(runs.start_at >= func.coalesce(last.c.begin, at), *of)
    result: dict[tuple[str, str], list[Run]] = {}
    for row in connection.execute(found.order_by(*t.runs.primary_key)):
        result.setdefault((row.plant, row.line), []).append(values.run(row))
    return result


def read_to_stock(connection: Connection, facts: Facts) -> None:
    """Add all flows that are made to stock to facts."""
    to_stock = t.flows.c.cost_object.startswith(TO_STOCK, autoescape=True)
    _add_flows(reads(connection), connection.execute(select(t.flows).where(to_stock)).all(), facts, ())


def _add_flows(rows: Reads, flows: Sequence[Sequence[Any]], facts: Facts, scopes: Iterable[str]) -> None:
    """Add flows with their segments, marks without a scope and of some, waiting units, and newest explosions."""
    ids = [(flow[0],) for flow in flows]
    segments: dict[str, list[Sequence[Any]]] = {}
    for row in sorted(rows.find(t.flow_segments, ids)):
        segments.setdefault(row[0], []).append(row)
    for name, *content in flows:
        facts.flows[name] = values.flow((name, *content), segments[name])
        facts.revisions[name] = content[-1]
    for row in sorted(rows.find(t.waiting, ids)):
        flow = facts.flows[row[0]]
        flow.segments[flow.points.index(row[1])].queue.append(values.waiting(row))
    _add_dues(rows, [(scope, *flow) for scope in ("", *scopes) for flow in ids], facts)
    _add_explosions(rows, (flow.explosion for flow in facts.flows.values()), facts)


def _add_dues(rows: Reads, keys: Sequence[tuple[str, ...]], facts: Facts) -> None:
    facts.dues.update(map(values.mark, rows.find(t.marks, keys)))
    facts.accounts.update(map(values.account, rows.find(t.accounts, keys)))


def _add_explosions(rows: Reads, explosions: Iterable[str], facts: Facts) -> None:
    for name, content in rows.find(t.explosions, _keys(set(explosions) - facts.explosions.keys() - {""})):
        facts.explosions[name] = Explosion.parse(content)


def _keys(names: Iterable[str]) -> list[tuple[str]]:
    return [(name,) for name in dict.fromkeys(names)]
