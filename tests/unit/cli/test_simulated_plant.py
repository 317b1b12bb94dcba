"""Simulated plants from master data: the shipped plant, as it is and wider."""

from pathlib import Path

import pytest

from devices.simulators import CounterSpec, ScannerSpec
from gateway.backflush.plant.snapshot import MasterData
from gateway.cli.shared.simulated_plant import Pace, lines_of, specs_of, widen
from gateway.errors import UsageError
from gateway.masterdata.build import build
from gateway.masterdata.checks.check import check_tables
from gateway.masterdata.files.read import read_tables
from gateway.masterdata.tables import Tables

SHIPPED = Path(__file__).parents[3] / "config" / "masterdata"


def shipped() -> Tables:
    """Read the shipped plant."""
    tables = read_tables(SHIPPED)
    assert isinstance(tables, Tables), tables[0]
    return tables


def test_the_line_with_reporting_points_comes_first() -> None:
    assert [line for _, line in lines_of(build(shipped()).master)] == ["L04", "L01", "L02", "L03", "L05", "L06"]


def test_every_device_of_the_chosen_lines_speaks() -> None:
    master = build(shipped()).master
    specs = specs_of(master, [("1000", "L04"), ("1000", "L05")], Pace(), seed=1)
    assert sorted(spec.device for spec in specs) == [
        *("c-L04-0010", "c-L04-0030", "c-L04-good", "c-L04-scrap", "c-L05-good", "c-L05-scrap"),
        *("s-L04-0020", "s-roaming"),
    ]
    [roaming] = [spec for spec in specs if isinstance(spec, ScannerSpec) and spec.line == "_"]
    assert roaming.codes[0].text == "BF:LINE:1000:L05"


def test_lines_without_counters_are_refused() -> None:
    with pytest.raises(UsageError, match="expected lines with counters, got 1000/L99"):
        specs_of(build(shipped()).master, [("1000", "L99")], Pace(), seed=1)
    with pytest.raises(UsageError, match="got none"):
        specs_of(MasterData(), [], Pace(), seed=1)


@pytest.mark.parametrize("number", [1, 6, 7, 20])
def test_a_wider_plant_passes_the_checks_of_an_import(number: int) -> None:
    tables = widen(shipped(), number)
    assert [str(finding) for finding in check_tables(tables) if finding.severity == "error"] == []
    master = build(tables).master
    lines = lines_of(master)
    assert len(lines) == max(6, number)
    counters = [spec for spec in specs_of(master, lines, Pace(), seed=1) if isinstance(spec, CounterSpec)]
    assert {(spec.plant, spec.line) for spec in counters} == set(lines)
