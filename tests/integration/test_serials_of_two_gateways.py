"""A serial number is posted once, at whichever of two gateways of one ledger it is read, and how soon after another."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from sqlalchemy import func, select

from devices.barcodes import parse_barcode
from devices.messages import Scan
from gateway.backflush.memory.changes import Changes
from gateway.backflush.memory.events import Reverse, Scanned
from gateway.backflush.plant.snapshot import Gtin
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import step
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from gateway.ledger.store.writer import Moved
from tests.builders import plant, scanner, version
from tests.integration.stored_plant import PLANT, Shop, reader

GTIN = "04006381333931"
A1 = f"01{GTIN}21A1"


@contextmanager
def two_shops(url: str) -> Iterator[tuple[Shop, Shop]]:
    """Open two gateways with a line and a scanner each, S1 at L1 and S3 at L3."""
    with ExitStack() as opened:
        one = Shop(url, "gw1", (f"{PLANT}/L1",))
        opened.callback(one.close)
        versions, devices = [version(), version("V3", line="L3")], [scanner("S1"), scanner("S3", line="L3")]
        one.bring(plant(versions=versions, gtins={GTIN: Gtin("FG")}, devices=devices))
        two = Shop(url, "gw2", (f"{PLANT}/L3",), one.masters)
        opened.callback(two.close)
        two.entry = 1000  # no transaction of the other's
        yield one, two


def read(shop: Shop, name: str) -> Scanned:
    line = "L1" if shop.state.owned == (f"{PLANT}/L1",) else "L3"
    device = line.replace("L", "S")
    entry = shop._next()  # noqa: SLF001 - an entry like any other
    return Scanned(entry, PLANT, line, device, Scan(A1, id=name), parse_barcode(A1), "scan", b"x")


def said(shop: Shop, name: str) -> str:
    """Scan, and return the result."""
    shop.feed(read(shop, name))
    return shop.answers[-1].split()[0]


def received(url: str) -> int:
    with reader(url) as connection:
        stock = select(func.sum(t.stock.c.quantity)).where(t.stock.c.material == "FG")
        return (connection.scalar(stock) or 0) // MICRO


def test_what_another_gateway_has_confirmed_meanwhile_is_known(url: str) -> None:
    """t18."""
    with two_shops(url) as (one, two):
        assert said(one, "1") == "ok"
        assert (said(two, "1"), received(url)) == ("dup", 1)
        assert one.ask(Reverse(1)).startswith("ok")
        assert said(two, "2") == "ok"
        assert (said(one, "2"), said(two, "3"), received(url)) == ("dup", "dup", 1)
        assert two.ask(Reverse(10**10 + 1), line="L3").startswith("ok")
        assert (said(one, "3"), said(two, "4"), received(url)) == ("ok", "dup", 1)


def test_of_two_gateways_that_confirm_at_the_same_time_one_steps_again(url: str) -> None:
    """t19."""
    with two_shops(url) as (one, two):

        def stepped(shop: Shop, *names: str) -> Changes:
            changes = Changes()
            for name in names:
                event = read(shop, name)
                facts = gather(inquire(shop.state, [event], shop.now), shop.ledger.read)
                step(shop.state, changes, facts, shop.now, [event])
            return changes

        first, second = stepped(one, "1", "2"), stepped(two, "1")  # both have read before either commits
        assert [told.outcome.result for told in first.feedback] == ["ok", "dup"]
        one.ledger.commit(first, one.entry, one.now)
        with pytest.raises(Moved, match="a serial number"):
            two.ledger.commit(second, two.entry, two.now)
        two.state = two.ledger.load(two.masters.__getitem__)
        assert (said(two, "1"), received(url)) == ("dup", 1)
