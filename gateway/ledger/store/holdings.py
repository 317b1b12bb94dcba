"""Holdings of a material: all quantities in its base unit, which would be wrong in another unit."""

from collections.abc import Iterator

from sqlalchemy import Connection, Select, func, select, union

from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.posting.order_reduction import COMPONENT
from gateway.backflush.values.documents import ACTIVITY
from gateway.ledger.database import tables as t


def there(connection: Connection, plant: str, material: str) -> dict[str, int]:
    """Count the ledger's rows of a material, by kind, without zeros."""
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
