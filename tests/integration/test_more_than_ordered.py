"""What is made beyond a sales order is told as long as its run goes on, whatever is in memory of it."""

from dataclasses import replace
from pathlib import Path

from gateway.backflush.eviction import evict
from gateway.backflush.memory.changes import Needs
from gateway.backflush.memory.events import RunStart
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import SalesOrder
from gateway.backflush.posting.places import runs_beyond_orders, sold_by_runs
from gateway.backflush.step import derive_state
from tests.builders import q
from tests.integration.stored_plant import PLANT, Shop, master_data


def told(shop: Shop) -> tuple[str, ...]:
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
    beyond = told(shop)
    assert len(beyond) == 1
    evict(shop.state)
    assert told(shop) == beyond
    shop.state = shop.ledger.load(shop.masters.__getitem__)
    derive_state(shop.state)
    assert told(shop) == beyond
    shop.close()
