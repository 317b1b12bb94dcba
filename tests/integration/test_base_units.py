"""A base unit stays while the ledger has anything of the material: what is kept would read as another quantity."""

from dataclasses import replace

from gateway.backflush.memory.events import Post
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.movements import StockKey
from tests.builders import order, q
from tests.integration.stored_plant import PLANT, Shop, master_data


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
