"""Books and plants on a real ledger: what memory, a restart later or another gateway has is what was posted."""

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from devices.barcodes import parse_barcode
from devices.messages import Scan
from gateway.backflush.eviction import evict
from gateway.backflush.memory.changes import Changes, Needs
from gateway.backflush.memory.events import (
    Command,
    Configured,
    Event,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    RunStart,
    RunStop,
    Scanned,
    Work,
)
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin, MasterData, SalesOrder
from gateway.backflush.posting.places import runs_beyond_orders, sold_by_runs
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import derive_state, step
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from gateway.ledger.store.writer import Moved
from tests.builders import LINE, PLANT, bom, component, counter, item, operation, plant, q, routing, scanner, version
from tests.integration.stored_book import StoredBook, StoredLedger
from tests.integration.stored_plant import SECOND, START, Shop, master_data, reader

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
        first = StoredBook(two_lines(), ledger=one, forgets=lambda: forgets)
        second = StoredBook(two_lines(), ledger=other)
        first.crash()  # what the second has imported is in force for it as well
        yield first, second


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


def stepped(shop: Shop, *events: Event) -> Changes:
    """Step events that are not committed yet."""
    changes = Changes()
    for event in events:
        facts = gather(inquire(shop.state, [event], shop.now), shop.ledger.read)
        step(shop.state, changes, facts, shop.now, [event])
    return changes


def test_of_two_gateways_that_confirm_at_the_same_time_one_steps_again(url: str) -> None:
    """t19."""
    with two_shops(url) as (one, two):
        # Both have read before either commits.
        first, second = stepped(one, read(one, "1"), read(one, "2")), stepped(two, read(two, "1"))
        assert [told.outcome.result for told in first.feedback] == ["ok", "dup"]
        one.ledger.commit(first, one.entry, one.now)
        with pytest.raises(Moved, match="a serial number"):
            two.ledger.commit(second, two.entry, two.now)
        two.state = two.ledger.load(two.masters.__getitem__)
        assert (said(two, "1"), received(url)) == ("dup", 1)


@pytest.mark.parametrize(("winner", "made"), [("dismissed", 0), ("replayed", 1)])
def test_of_two_persons_that_settle_an_entry_at_the_same_time_the_second_is_told_what_the_first_did(
    url: str, winner: str, made: int
) -> None:
    """A roaming scanner's label for another gateway's line is settled by both: that one, and the one that heard it."""
    with ExitStack() as opened:
        hearer = Shop(url, "gw1", (f"{PLANT}/_",))
        opened.callback(hearer.close)
        devices, gtins = [scanner("R1", line="_")], {GTIN: Gtin("FG")}
        hearer.bring(plant(versions=[version("V3", line="L3")], gtins=gtins, devices=devices), rules=PLANNED)
        heard = [
            Scanned(entry, PLANT, "_", "R1", Scan(code), parse_barcode(code), "scan", b"x")
            for entry, code in enumerate((f"BF:LINE:{PLANT}:L3", A1), 3)
        ]
        hearer.feed(*heard)
        owner = Shop(url, "gw2", (f"{PLANT}/L3",), hearer.masters)
        opened.callback(owner.close)
        owner.feed(Configured(1, PLANNED))

        dismissal = Command(9, "x", "", "", QuarantineDismiss((1,)), "anna", "torn", "", "", {})
        replay = Command(9, "x", "", "", QuarantineReplay((1,)), "ben", "", "", "", {1: heard[1]})
        tries = [(hearer, dismissal), (owner, replay)]
        (first, _), (second, late) = tries if winner == "dismissed" else tries[::-1]
        changes = {shop.ledger.gateway: stepped(shop, command) for shop, command in tries}
        first.ledger.commit(changes[first.ledger.gateway], 9, first.now)
        with pytest.raises(Moved, match="a quarantine entry was settled by another gateway"):
            second.ledger.commit(changes[second.ledger.gateway], 9, second.now)
        second.state = second.ledger.load(second.masters.__getitem__)
        derive_state(second.state)
        second.feed(late)
        assert second.answers[-1] == f"ok 1 entry: 1 {winner}"
        assert received(url) == made
