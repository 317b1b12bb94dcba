"""The demo's plant: planned for today and tomorrow, and as tables that an import takes."""

from datetime import UTC, datetime

import pytest

from devices.simulators import CounterSpec
from gateway.backflush.values.quantities import MICRO
from gateway.cli.run.demo_plant import begin_of_day, past_of, plan, temper
from gateway.cli.shared.simulated_plant import Pace, lines_of, specs_of, widen
from gateway.masterdata.build import build
from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.rows import PlannedOrderRow
from tests.unit.cli.test_simulated_plant import shipped

NIGHT = int(datetime(2026, 12, 3, 3, 0, tzinfo=UTC).timestamp()) * 1_000_000
"""Four o'clock in the plant: the production day is the one before."""


@pytest.mark.parametrize("lines", [1, 6, 8])
def test_each_line_has_an_order_for_the_production_day_and_the_next_one(lines: int) -> None:
    wide = widen(shipped(), lines)
    tables = plan(wide, build(wide).master, 2.0, NIGHT)
    assert [str(finding) for finding in check_tables(tables) if finding.severity == "error"] == []
    orders = {(row.line, row.start): row.quantity for row in tables.of(PlannedOrderRow)}
    names = [f"L{number:02d}" for number in range(1, max(6, lines) + 1)]
    assert orders == {(name, day): 172_800 * MICRO for name in names for day in ("2026-12-02", "2026-12-03")}


def test_its_past_begins_with_the_production_day_unless_its_steps_were_too_large_for_the_counters() -> None:
    plant = build(shipped()).master.plants["1000"]
    assert begin_of_day(plant, NIGHT) == NIGHT - 22 * 3_600_000_000
    assert [past_of(rate, NIGHT) is None for rate in (0.01, 1.0, 20.0, 200.0, 201.0, 1e6)] == [False] * 4 + [True] * 2
    # Law: no step makes more pieces than the counter of L02 may jump.
    assert all((past := past_of(rate, 0)) and past.step_s * rate < 15_000 for rate in (0.01, 5.0, 20.0, 200.0))


def test_one_line_is_slow_one_stands_and_one_scraps() -> None:
    master = build(shipped()).master
    before = specs_of(master, lines_of(master), Pace(1.0), seed=1)
    changed = {
        after.device: after for spec, after in zip(before, temper(before, NIGHT), strict=True)
        if after != spec and isinstance(after, CounterSpec)
    }  # fmt: skip
    assert sorted(changed) == ["c-L02-good", "c-L02-scrap", "c-L03-good", "c-L03-scrap", "c-L05-scrap",
                               "c-L06-good", "c-L06-scrap"]  # fmt: skip
    assert changed["c-L02-good"].rate_per_s == pytest.approx(0.9)
    assert changed["c-L05-scrap"].rate_per_s == pytest.approx(0.1)
    assert changed["c-L03-good"].until_us == NIGHT - 11 * 60_000_000
