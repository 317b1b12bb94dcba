"""A run that was taken back is gone from the ledger, whatever run comes after it."""

from pathlib import Path

import pytest

from gateway.backflush.memory.events import RunStart, RunStop
from gateway.backflush.memory.state import EDITION, Rules
from gateway.backflush.step import derive_state
from tests.integration.stored_plant import PLANT, SECOND, START, Shop, master_data

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
