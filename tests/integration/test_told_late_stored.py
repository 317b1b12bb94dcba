"""Scrap that is told late finds the yield it is taken off, past any number of pieces that have serial numbers."""

from dataclasses import replace
from pathlib import Path

import pytest

from gateway.backflush.memory.events import RunStart, Work
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.plant.snapshot import Gtin
from tests.builders import counter, scanner
from tests.integration.stored_plant import PLANT, Shop, master_data

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
