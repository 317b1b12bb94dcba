"""An import of opening stock moves the stock by its changes, never below zero where that is not allowed; base units."""

import random
from dataclasses import replace
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest

from gateway.backflush.memory.events import Post
from gateway.backflush.plant.snapshot import MasterData, StorageLocation
from gateway.backflush.values.movements import StockKey
from gateway.ledger.audit.audit import audit
from gateway.ledger.reports import present
from tests.builders import order, q
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.stored_plant import PLANT, Shop, master_data, reader

SCARCE = StockKey(PLANT, "SCARCE", "TIGHT")
BATCH = SCARCE._replace(batch="B1")


def allowing(*, negative: bool) -> MasterData:
    """Return master data whose place TIGHT allows negative stock, or does not."""
    known, place = master_data(), (PLANT, "TIGHT")
    return replace(known, locations={**known.locations, place: StorageLocation(*place, negative_stock=negative)})


def there(shop: Shop) -> dict[str, str]:
    """Return the stock of SCARCE by batch, as the ledger has it."""
    with reader(shop.url) as connection:
        found = present.stock(connection, master_data(), present.StockFilter(material="SCARCE"))
        assert [law for law in audit(connection) if not law.ok] == []
    return {record["batch"]: record["quantity"] for record in found}


def test_stock_that_is_not_there_is_not_taken_and_all_of_it_is_named(shop: Shop) -> None:
    shop.bring(master_data(), stock={SCARCE: q(60), BATCH: q(5)}, judged=True)
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(10))) == "ok 10 posted in 0000000001"
    said = shop.bring(master_data(), stock={SCARCE: q(29)}, judged=True)
    assert said == "error location TIGHT holds 30 of SCARCE, the import takes 31"
    said = shop.bring(master_data(), stock={SCARCE: q(29), BATCH: q(-1)}, judged=True)
    lacking = ("30 of SCARCE, the import takes 31", "5 of SCARCE B1, the import takes 6")
    assert said == f"error {'; '.join(f'location TIGHT holds {each}' for each in lacking)}"
    assert there(shop) == {"": "30", "B1": "5"}
    assert shop.bring(master_data(), stock={SCARCE: q(30)}, judged=True).startswith("ok")
    assert there(shop) == {"": "0", "B1": "0"}


def test_an_import_of_before_stock_was_judged_is_folded_as_it_was(shop: Shop) -> None:
    shop.bring(master_data(), stock={SCARCE: q(6)})
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(2))).startswith("ok")
    assert shop.bring(master_data(), stock={SCARCE: q(1)}).startswith("ok")
    assert there(shop) == {"": "-5"}


def test_where_stock_may_go_below_zero_it_is_taken(shop: Shop) -> None:
    shop.bring(allowing(negative=True), stock={SCARCE: q(6)}, judged=True)
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(2))).startswith("ok")
    assert shop.bring(allowing(negative=True), stock={}, judged=True).startswith("ok")
    assert there(shop) == {"": "-6"}


def test_a_place_that_no_longer_allows_negative_stock_knows_what_it_holds(url: str) -> None:
    """Until its next start the gateway took such a place for empty, and left what was issued there to the backlog."""
    shop = Shop(url)
    shop.bring(allowing(negative=True), stock={SCARCE: q(100)}, judged=True)
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(1))).startswith("ok")
    said = shop.bring(master_data(), stock={SCARCE: q(2)}, judged=True)
    assert said == "error location TIGHT holds 97 of SCARCE, the import takes 98"
    assert shop.bring(master_data(), stock={SCARCE: q(3)}, judged=True).startswith("ok")
    assert shop.state.stock[SCARCE] == 0
    assert shop.bring(master_data(), stock={SCARCE: q(100)}, judged=True).startswith("ok")
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(2))).startswith("ok")
    assert there(shop) == {"": "91"}
    shop.close()


@pytest.mark.parametrize("seed", range(8))
def test_what_is_in_memory_of_stock_is_what_a_start_would_read(seed: int, shop: Shop) -> None:
    chance, numbers = random.Random(seed), count()
    for _ in numbers:
        said = {key: q(chance.randint(0, 9)) for key in (SCARCE, BATCH) if chance.random() < 0.8}
        shop.bring(allowing(negative=chance.random() < 0.4), stock=said, judged=True)
        shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(chance.randint(1, 2))))
        if next(numbers) > 12:
            break
    free = {place for place, location in shop.state.master.locations.items() if location.negative_stock}
    known = {key: n for key, n in shop.state.stock.items() if (key.plant, key.location) not in free}
    read = shop.ledger.load(shop.masters.__getitem__).stock
    assert {key: n for key, n in known.items() if n} == {k: n for k, n in read.items() if n and k[:3:2] not in free}


def test_the_import_says_what_is_not_there_and_ends_with_status_1(tmp_path: Path) -> None:
    backflush, bought = Commands(tmp_path / "data"), tmp_path / "bought"
    assert backflush("init").status == 0
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    assert backflush("post", "1000/L05", "--quantity", "10").status == 0
    bought.mkdir()
    (bought / "opening_stock.csv").write_text("plant,material,location,quantity\n1000,PLUG-3,RM01,9\n")
    guarded = "plant,location,name,negative_stock\n1000,RM01,Raw material at the lines,no\n"
    (bought / "storage_locations.csv").write_text(guarded)
    said = backflush("masterdata", "import", "--merge", str(bought))
    assert said.status == 1, said
    [there] = backflush("report", "stock", "--material", "PLUG-3", "--json").json
    taken = Decimal(there["quantity"]) + 10 - 9
    told = f"BF5004 location RM01 holds {there['quantity']} of PLUG-3, the import takes {taken}"
    assert said.err.splitlines()[-1] == f"backflush: {told}"
    assert backflush("audit").status == 0


def told_in(material: str, unit: str = "DZ") -> MasterData:
    """Return master data that tells a material in another unit."""
    known, key = master_data(), (PLANT, material)
    return replace(known, materials={**known.materials, key: replace(known.materials[key], unit=unit)})


def test_the_unit_of_an_unused_material_may_change(shop: Shop) -> None:
    shop.bring(master_data(), [order("O1", 10, material="FO")], judged=True)
    for material in ("FO", "SCARCE", "A"):
        assert shop.bring(told_in(material), judged=True).startswith("ok")
        assert shop.bring(master_data(), judged=True).startswith("ok")


def test_what_was_posted_of_a_product_and_its_components_keeps_their_units(url: str) -> None:
    shop = Shop(url)
    stock = {StockKey(PLANT, "SCARCE", "TIGHT"): q(60)}
    shop.bring(master_data(), stock=stock, judged=True)
    said = shop.bring(told_in("SCARCE"), stock=stock, judged=True)
    assert said == f"error the base unit of {PLANT}/SCARCE stays PC, not DZ: the ledger has 1 place with stock of it"
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(100))).startswith("ok")
    for material in ("FO", "SCARCE"):
        said = shop.bring(told_in(material), stock=stock, judged=True)
        assert said.startswith(f"error the base unit of {PLANT}/{material} stays PC, not DZ: the ledger has ")
        assert "1 cost object" in said
    assert "1 open backlog record" in said
    assert shop.bring(told_in("FO"), stock=stock).startswith("ok"), "what was stored before was not judged"
    shop.close()


def test_what_waits_in_a_worklist_or_a_window_keeps_its_unit(shop: Shop) -> None:
    shop.bring(master_data(), judged=True)
    shop.count("C1", good=0)
    shop.count("C1", good=5)
    used = [key for key in master_data().materials if shop.bring(told_in(key[1]), judged=True).startswith("error")]
    assert len(used) > 1, "a product and its components"
