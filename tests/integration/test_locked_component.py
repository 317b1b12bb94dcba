"""A component whose stock row another transaction holds: a document waits or fails as a whole, and is tried again.

Never is there a document without that component, nor one without the others.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from sqlalchemy import select, text

from devices.messages import Reading
from gateway.backflush.memory.events import Counted
from gateway.backflush.step import derive_state
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import LedgerUnavailable
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.store.writer import Ledger
from tests.builders import bom, plant, q
from tests.integration.stored_plant import PLANT, TTL, Shop, reader

LOCK = "UPDATE stock SET quantity = quantity WHERE material = 'A'"
STEP_S = 0.1


def shop_with(url: str, *, negative_stock: bool) -> Shop:
    """Return a shop that makes FG from A and B, of which it has 100 each."""
    shop = Shop(url)
    there = {StockKey(PLANT, name, "RAW"): q(100) for name in ("A", "B")}
    shop.bring(plant(boms=[bom({"A": 2, "B": 1})], negative_stock=negative_stock), stock=there)
    shop.count("C1", boot="x", seq=1, good=1)
    return shop


def telegram(shop: Shop, good: int) -> Counted:
    """Return the next telegram of the counter."""
    shop.entry += 1
    return Counted(shop.entry, PLANT, "L1", "C1", Reading(boot="x", seq=good, good=good), "count", b"{}")


@contextmanager
def locked(url: str) -> Iterator[None]:
    """Hold the stock row of A in a transaction of somebody else, who changes nothing in the end."""
    engine = open_database(url)
    try:
        with engine.connect() as connection:
            connection.execute(text(LOCK))
            yield
            connection.rollback()
    finally:
        engine.dispose()


def seen(url: str) -> list[str]:
    """Return every document with its movements, as a reader sees them."""
    with reader(url) as connection:
        items = t.material_items.c
        found = select(t.documents.c.number, items.movement, items.material, items.quantity)
        rows = connection.execute(
            found.outerjoin_from(t.documents, t.material_items, items.document == t.documents.c.number)
        )
        return sorted(f"{n} {movement} {material} {format_quantity(units)}" for n, movement, material, units in rows)


FIRST = ["1 131 FG 1", "1 261 A -2", "1 261 B -1"]
BOTH = [*FIRST, "2 131 FG 4", "2 261 A -8", "2 261 B -4"]


@pytest.mark.parametrize("negative_stock", [True, False])
def test_a_document_waits_as_a_whole_for_a_component_that_is_locked(url: str, negative_stock: bool) -> None:
    shop = shop_with(url, negative_stock=negative_stock)
    said = telegram(shop, 5)
    with ThreadPoolExecutor(1) as writer:
        with locked(url):
            done: Future[None] = writer.submit(shop.feed, said)
            with pytest.raises(TimeoutError):
                done.result(STEP_S)
            assert seen(url) == FIRST
        done.result(150)
    assert seen(url) == BOTH
    shop.close()
    with reader(url) as connection:
        assert all(result.ok for result in audit(connection))


@pytest.mark.parametrize("negative_stock", [True, False])
def test_a_document_that_waited_too_long_is_not_there_at_all_and_is_made_again(url: str, negative_stock: bool) -> None:
    shop = shop_with(url, negative_stock=negative_stock)
    give_up_soon(shop)
    said = telegram(shop, 5)
    with locked(url):
        with pytest.raises(LedgerUnavailable, match="lock"):
            shop.feed(said)
        assert seen(url) == FIRST
    reopen(shop)
    shop.feed(said)
    shop.close()
    assert seen(url) == BOTH
    with reader(url) as connection:
        assert all(result.ok for result in audit(connection))


def give_up_soon(shop: Shop) -> None:
    """Let the writer's connection wait less long for a lock than the product does."""
    connection = shop.ledger._connection  # noqa: SLF001 - how long it waits is no setting of the product
    wait = "PRAGMA busy_timeout = 50" if connection.dialect.name == "sqlite" else "SET lock_timeout = 50"
    with connection.begin():
        connection.exec_driver_sql(wait)


def reopen(shop: Shop) -> None:
    """Open the ledger anew, as the gateway does after it was away."""
    shop.ledger.close()
    shop.ledger = Ledger.open(shop.url, gateway="gw1")
    shop.ledger.claim("journal of gw1", ("*",), shop.now, TTL)
    shop.state = shop.ledger.load(shop.masters.__getitem__)
    derive_state(shop.state)
