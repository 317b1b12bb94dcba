"""Books and plants on a real ledger: what memory, a restart later or another gateway has is what was posted."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from gateway.backflush.eviction import evict
from gateway.backflush.memory.changes import Needs
from gateway.backflush.memory.events import RunStart, RunStop, Work
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, SalesOrder
from gateway.backflush.posting.places import runs_beyond_orders, sold_by_runs
from gateway.backflush.step import derive_state
from gateway.ledger.database import tables as t
from tests.builders import LINE, PLANT, bom, component, counter, item, operation, plant, q, routing, scanner, version
from tests.integration.stored_book import StoredBook, StoredLedger
from tests.integration.stored_plant import SECOND, START, Shop, master_data

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


HOUR = 3_600 * SECOND
PLANNED = Rules(window="reading", open_names=(), edition=EDITION)


@pytest.mark.parametrize("taken", [1, 2, 3])
def test_the_run_that_is_taken_back_does_not_come_back_with_a_restart(tmp_path: Path, taken: int) -> None:
    shop = Shop(f"sqlite:///{tmp_path}/ledger.db")
    shop.bring(master_data(), rules=PLANNED)
    for hour in (1, 2, 3):
        shop.ask(RunStart(PLANT, "L1", "FG", "V1", START + hour * HOUR))
    assert shop.ask(RunStop(PLANT, "L1", START + taken * HOUR)).startswith("ok the run of FG V1")
    known = shop.state.runs[PLANT, "L1"]
    assert [run.start for run in known] == [START + hour * HOUR for hour in (1, 2, 3) if hour != taken]
    shop.state = shop.ledger.load(shop.masters.__getitem__)
    derive_state(shop.state)
    assert shop.state.runs[PLANT, "L1"] == known
    shop.close()


DEVICES = (counter("G", role="gross"), counter("X", role="scrap"), scanner("S1"))


@pytest.mark.parametrize("edition", [EDITION, 1])
def test_pieces_with_numbers_hold_up_what_is_older_in_older_journals_alone(tmp_path: Path, edition: int) -> None:
    shop = Shop(f"sqlite:///{tmp_path}/ledger.db")
    devices = {device.device: device for device in DEVICES}
    master = replace(master_data(), devices=devices, gtins={"04006381333931": Gtin("FG")})
    shop.bring(master, rules=Rules(window="reading", open_names=(), edition=edition))
    shop.ask(RunStart(PLANT, "L1", "FG", "V1"))
    shop.count("G", gross=10)
    for serial in "12":
        shop.scan(f"010400638133393121{serial}", id=serial)
    shop.count("X", scrap=1)
    shop.ask(Work(PLANT, "L1"))
    assert len(shop.state.short_windows()) == (0 if edition == EDITION else 1)
    shop.close()


def told_beyond(shop: Shop) -> tuple[str, ...]:
    sold = Needs(sold=tuple(sold_by_runs(shop.state).values()))
    return runs_beyond_orders(shop.state, shop.ledger.read(sold).made)


def test_neither_a_new_day_nor_a_restart_takes_the_alert_away(tmp_path: Path) -> None:
    shop = Shop(f"sqlite:///{tmp_path}/ledger.db")
    item = SalesOrder(plant=PLANT, material="FG", quantity=q(5))
    master = replace(master_data(), sales_orders={"SO 4500 10": item})
    shop.bring(master, rules=Rules(window="reading", open_names=(), edition=EDITION))
    shop.ask(RunStart(PLANT, "L1", "FG", "V1", None, "", "4500", "10"))
    for seq, good in enumerate((1, 12)):
        shop.count("C1", boot="a", seq=seq, good=good)
    beyond = told_beyond(shop)
    assert len(beyond) == 1
    evict(shop.state)
    assert told_beyond(shop) == beyond
    shop.state = shop.ledger.load(shop.masters.__getitem__)
    derive_state(shop.state)
    assert told_beyond(shop) == beyond
    shop.close()
