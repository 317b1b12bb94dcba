"""Books on a real ledger: what each has in memory, a restart later or beside another gateway, is what was posted."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.database import tables as t
from tests.builders import LINE, PLANT, bom, component, counter, item, operation, plant, q, routing, scanner, version
from tests.integration.stored_book import StoredBook, StoredLedger

ORDER = "SO 4500 10"


def two_lines() -> MasterData:
    """Return a plant where two lines make one version; each lot or shift takes two S, however many pieces it has."""
    made = plant(
        materials=[component("A"), component("S", 3)],
        boms=[bom([item("A"), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010")])],
        devices=[counter(window="shift")],
    )
    lines = {(PLANT, line): (version(),) for line in (LINE, "L2")}
    return replace(made, versions_of_line=lines, lines=dict.fromkeys(lines, ""))


@contextmanager
def two_gateways(url: str, *, forgets: bool) -> Iterator[tuple[StoredBook, StoredBook]]:
    """Open one ledger as two gateways with a line each; `forgets` is whether the first drops what is done."""
    with (
        closing(StoredLedger(url, "gw1", f"{PLANT}/{LINE}")) as one,
        closing(StoredLedger(url, "gw2", f"{PLANT}/L2", beside=one)) as other,
    ):
        yield StoredBook(two_lines(), ledger=one, forgets=lambda: forgets), StoredBook(two_lines(), ledger=other)


@pytest.mark.parametrize("batch", ["", "B1"])
def test_a_sales_order_of_two_gateways_takes_the_setup_of_a_shift_or_lot_once(url: str, batch: str) -> None:
    with two_gateways(url, forgets=False) as (one, other):
        assert one.post(1, cost_object="SO 4400 10", batch=batch).status == "ok"
        assert other.post(5, line="L2", cost_object=ORDER, batch=batch).status == "ok"
        assert one.post(5, cost_object=ORDER, batch=batch).status == "ok"
        assert one.stock("S") == "-4"


def test_what_another_gateway_has_made_of_a_sales_order_is_read_with_it_again(url: str) -> None:
    with two_gateways(url, forgets=True) as (one, other):
        assert one.post(5, cost_object=ORDER).status == "ok"
        one.count(good=1, boot="b1", seq=1)  # its window keeps the shift in memory, not the order
        assert (one.state.bearers, len(one.state.scopes), len(one.state.windows)) == (set(), 1, 1)
        assert other.post(5, line="L2", cost_object=ORDER).status == "ok"
        assert one.post(1, cost_object=ORDER).status == "ok"
        assert one.stock("S") == "-2"
        with one.ledger.reading() as connection:
            assert set(connection.scalars(select(t.marks.c.posted))) == {q(11)}


def test_a_scan_that_a_clock_ahead_has_dated_is_known_after_restarts_and_set_back_with_the_clock(url: str) -> None:
    """A scanner without ids reads one code twice, an hour apart."""
    with closing(StoredLedger(url)) as ledger:
        book = StoredBook(plant(devices=[counter(), scanner()]), ledger=ledger)
        right = book.now
        book.now = right + 86_400_000_000
        assert book.scan("FG").result == "ok"
        book.wait(10)
        book.count(good=1)
        book.crash()
        book.now = right
        book.tick()
        book.count(good=2)
        book.crash()
        book.wait(3_600)
        assert book.scan("FG").result == "ok"
