"""Reload by name: lots and shifts with balances and accounts, cost objects with flows."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import CTE, Connection, Select, and_, func, literal, select, tuple_, union

from gateway.backflush.memory.changes import Facts, Needs
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.versions import Run
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.values.cost_objects import BEGINNINGS, Bearer
from gateway.backflush.values.documents import ACTIVITY
from gateway.backflush.values.movements import StockKey
from gateway.ledger.database import tables as t
from gateway.ledger.store import row_values
from gateway.ledger.store.bulk import Reads, reads


def read_back(connection: Connection, needs: Needs, facts: Facts, scopes: Iterable[str]) -> None:
    """Add records by name to facts; `scopes` are the lots and shifts in memory.

    Flows come with their balances of those too: another gateway may have made them since the scope was read.
    """
    rows = reads(connection)
    bearers = {(row[4], row[1]) for row in rows.find(t.flows, _keys(needs.flows))}
    bearers |= {(cost_object, plant) for plant, cost_object in needs.bearers}
    _add_flows(rows, rows.find(t.flows, bearers, ("cost_object", "plant")), facts, scopes)
    _add_dues(rows, _keys(needs.scopes), facts)
    _add_explosions(rows, needs.explosions, facts)
    facts.there = {key: there(connection, *key) for key in needs.remeasured}
    if needs.stocked:
        held = select(t.stock).where(tuple_(t.stock.c.plant, t.stock.c.location).in_(needs.stocked))
        facts.stock = {StockKey(*row[:5]): row.quantity for row in connection.execute(held)}
    for plant, line, at in needs.runs:
        facts.runs |= read_runs(connection, at, plant=plant, line=line)


def read_runs(connection: Connection, at: int, *, plant: str = "", line: str = "") -> dict[tuple[str, str], list[Run]]:
    """Return the runs in force at a time or later, of a line or of all, beginning with the last one begun by then."""
    runs = t.runs.c
    of = _places() if not line else select(literal(plant).label("plant"), literal(line).label("line")).cte("place")
    here = runs.plant == of.c.plant, runs.line == of.c.line
    begin = select(func.max(runs.start_at)).where(*here, runs.start_at <= at).scalar_subquery().correlate(of)
    # An outer join is read from its left: over the key of each place, whatever the database's statistics.
    found = select(t.runs).select_from(of.outerjoin(t.runs, and_(*here, runs.start_at >= func.coalesce(begin, at))))
    result: dict[tuple[str, str], list[Run]] = {}
    for row in connection.execute(found.order_by(*t.runs.primary_key)):
        if row.plant is not None:
            result.setdefault((row.plant, row.line), []).append(row_values.run(row))
    return result


def _places() -> CTE:
    """Return the lines with runs, each found over the key, however many runs there are."""
    runs = t.runs.c
    plants = select(func.min(runs.plant).label("plant")).cte("plants", recursive=True)
    next_plant = select(func.min(runs.plant)).where(runs.plant > plants.c.plant).scalar_subquery()
    plants = plants.union_all(select(next_plant).where(plants.c.plant.is_not(None)))
    first = select(func.min(runs.line)).where(runs.plant == plants.c.plant).scalar_subquery()
    places = (
        select(plants.c.plant, first.label("line")).where(plants.c.plant.is_not(None)).cte("places", recursive=True)
    )
    after = runs.plant == places.c.plant, runs.line > places.c.line
    next_line = select(func.min(runs.line)).where(*after).scalar_subquery()
    return places.union_all(select(places.c.plant, next_line).where(places.c.line.is_not(None)))


def read_to_stock(connection: Connection, facts: Facts) -> None:
    """Add all flows that are made to stock to facts."""
    to_stock = t.flows.c.cost_object.startswith(BEGINNINGS[Bearer.STOCK], autoescape=True)
    _add_flows(reads(connection), connection.execute(select(t.flows).where(to_stock)).all(), facts, ())


def _add_flows(rows: Reads, flows: Sequence[Sequence[Any]], facts: Facts, scopes: Iterable[str]) -> None:
    """Add flows with segments, balances without a scope and of some scopes, waiting units and newest explosions."""
    ids = [(flow[0],) for flow in flows]
    segments: dict[str, list[Sequence[Any]]] = {}
    for row in sorted(rows.find(t.flow_segments, ids)):
        segments.setdefault(row[0], []).append(row)
    for name, *content in flows:
        facts.flows[name] = row_values.flow((name, *content), segments[name])
        facts.revisions[name] = content[-1]
    for row in sorted(rows.find(t.waiting, ids)):
        flow = facts.flows[row[0]]
        flow.segments[flow.points.index(row[1])].queue.append(row_values.waiting(row))
    _add_dues(rows, [(scope, *flow) for scope in ("", *scopes) for flow in ids], facts)
    _add_explosions(rows, (flow.explosion for flow in facts.flows.values()), facts)


def _add_dues(rows: Reads, keys: Sequence[tuple[str, ...]], facts: Facts) -> None:
    facts.dues.update(map(row_values.balance, rows.find(t.marks, keys)))
    facts.accounts.update(map(row_values.account, rows.find(t.accounts, keys)))


def _add_explosions(rows: Reads, explosions: Iterable[str], facts: Facts) -> None:
    for name, content in rows.find(t.explosions, _keys(set(explosions) - facts.explosions.keys() - {""})):
        facts.explosions[name] = Explosion.parse(content)


def _keys(names: Iterable[str]) -> list[tuple[str]]:
    return [(name,) for name in dict.fromkeys(names)]


def there(connection: Connection, plant: str, material: str) -> dict[str, int]:
    """Count the rows of a material, by kind, without zeros: all in its base unit, and wrong in another one."""
    stock, backlog, orders, segments = t.stock.c, t.backlog.c, t.orders.c, t.order_segments.c
    reduced = (
        select(func.count(orders.planned_order.distinct()))
        .join_from(t.orders, t.order_segments, segments.planned_order == orders.planned_order)
        .where(orders.plant == plant, segments.reduced != 0)
        .where((orders.material == material) | (segments.segment == COMPONENT + material))
    )
    wanted: dict[str, Select[int]] = {
        "place with stock": select(func.count())
        .select_from(t.stock)
        .where(stock.plant == plant, stock.material == material, stock.quantity != 0),
        "open backlog record": select(func.count())
        .select_from(t.backlog)
        .where(
            backlog.plant == plant, backlog.material == material, backlog.required > backlog.issued + backlog.closed
        ),
        "reduced planned order": reduced,
        "cost object": _flows(connection, plant, material),
    }
    counted = {what: int(connection.scalar(query) or 0) for what, query in wanted.items()}
    return {what: number for what, number in counted.items() if number}


def _flows(connection: Connection, plant: str, material: str) -> Select[int]:
    """Count the flows of a product, and those in which a component was issued, is due, or will be."""
    flows, accounts = t.flows.c, t.accounts.c
    exploded = list(_explosions(connection, material))
    using = union(
        select(accounts.flow).where(accounts.object == material, accounts.process != ACTIVITY),
        *(select(of.c.flow).where(of.c.explosion.in_(exploded)) for of in (t.marks, t.windows, t.waiting)),
    ).subquery()
    return select(func.count()).where(
        flows.plant == plant, (flows.material == material) | flows.id.in_(select(using.c.flow))
    )


def _explosions(connection: Connection, material: str) -> Iterator[str]:
    """Yield the explosions that hold a material."""
    columns = t.explosions.c
    for name, content in connection.execute(select(columns.id, columns.content)):
        if material in content and any(
            item.object == material and item.process != ACTIVITY for item in Explosion.parse(content).items
        ):
            yield name
