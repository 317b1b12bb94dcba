"""What is wrong on the shop floor, each thing once: the small plant with one table replaced, and what is found."""

from pathlib import Path

import pytest

from gateway.masterdata.importing import prepare
from gateway.masterdata.name_checks import judge_import
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.mistakes import Mistake, mistakes
from tests.unit.masterdata.small_plant import SMALL, write_folder

SHOP = """
an unknown profile
    rem_profiles
    profile
    REM2
    -> 2 rem_profile error: expected a known REM profile, got REM1

an unknown line of a run
    runs
    plant,line,material,version,start
    1000,L09,PUMP,0001,2026-01-01
    -> 2 line error: expected a known line, got 1000/L09

an unknown version of a run
    runs
    plant,line,material,version,start
    1000,L01,PUMP,0002,2026-01-01
    -> 2 version error: expected a known production version, got 1000/PUMP/0002

a version without bill
    production_versions
    plant,material,version,routing,line
    1000,PUMP,0001,1,L01
    -> 2 bom_alternative error: has no bill of material

a version without routing
    production_versions
    plant,material,version,bom_alternative,line
    1000,PUMP,0001,1,L01
    -> 2 routing error: has no routing

a version of an unknown routing
    production_versions
    plant,material,version,bom_alternative,routing,line
    1000,PUMP,0001,1,2,L01
    -> 2 routing error: expected a known routing, got 1000/PUMP/2

lot sizes upside down
    production_versions
    plant,material,version,bom_alternative,routing,line,lot_size_from,lot_size_to
    1000,PUMP,0001,1,1,L01,100,10
    -> 2 lot_size_from error: end before they begin

a validity upside down
    production_versions
    plant,material,version,bom_alternative,routing,line,valid_from,valid_to
    1000,PUMP,0001,1,1,L01,2026-02-01,2026-01-31
    -> 2 valid_to error: expected a day from 2026-02-01 on, got 2026-01-31

numbers that do not sort
    operations
    plant,material,routing,operation,work_center
    1000,PUMP,1,0010,ASM1
    1000,PUMP,1,0020,ASM1
    1000,PUMP,1,5,ASM1
    1000,PUMP,1,10,ASM1
    -> 4 operation error: expected numbers of equal length, got 10 before 5

an activity without rate
    activity_rates
    plant,work_center,activity,rate_per_hour
    1000,ASM1,MACHINE,1
    -> 2 activity warning: activity LABOUR has no rate

shifts that overlap
    shifts
    plant,shift,days,start,end
    1000,early,Mon-Fri,06:00,14:00
    1000,late,Mon,13:30,22:00
    -> 3 start error: late starts on Mon before shift early ends at 14:00

a night shift that runs into the next week
    shifts
    plant,shift,days,start,end
    1000,night,Sun,22:00,06:30
    1000,early,Mon,06:00,14:00
    -> 3 start error: early starts on Mon before shift night ends at 06:30

a counter without line
    devices
    device,plant,line,kind
    c-good,1000,_,counter
    -> 2 line error: needs a line: only scanners roam

a device without plant
    devices
    device,plant,line
    c-good,,L01
    -> 2 plant error: has no plant

an operation that the line does not know
    devices
    device,plant,line,operation
    c-good,1000,L01,0099
    -> 2 operation error: BF3010 there is no operation '0099' on line 1000/L01

an operation that is no reporting point, before the last one
    operations
    plant,material,routing,operation,work_center,reporting_point
    1000,PUMP,1,0010,ASM1,no
    1000,PUMP,1,0020,ASM1,yes
    -> 4 operation error: operation 0010 of line 1000/L01 is no reporting point of PUMP; the points are 0020

an operation that is not the last one of a routing without points
    rem_profiles
    profile,reporting_points
    REM1,none
    -> 4 operation warning: operation 0010 of line 1000/L01 is counted as final: PUMP has no reporting points

a window that holds nothing
    devices
    device,plant,line,window
    c-good,1000,L01,0s
    -> 2 window error: expected a window (reading, 100pc, 30s, shift or scan), got '0s'

a limit that lets a whole turn of the counter be believed
    devices
    device,plant,line,modulus,max_step
    c-good,1000,L01,10000,200
    -> 2 max_step warning: lets 12000 pieces be believed, as many as the counter can show (10000)

an operation that the plant does not know
    devices
    device,plant,line,operation,kind
    s,1000,_,0099,scanner
    -> 2 operation error: BF3010 there is no operation '0099' in plant 1000

a unit of a device that does not convert
    devices
    device,plant,line,unit
    c-good,1000,L01,BOX
    -> 2 unit error: BF3013 unit 'BOX' does not convert to PC, the unit of PUMP

a weight of which no pulses are a whole piece
    devices
    device,plant,line,weight
    c-good,1000,L01,0.333333
    -> 2 weight error: 0.333333 PC a pulse of PUMP, whose unit has 0 decimals: no pulses of it are a whole step

a weight of which several pulses are a whole piece
    devices
    device,plant,line,weight
    c-good,1000,L01,0.4
    -> 2 weight warning: it takes 5 pulses to a whole step, and totals in between go to quarantine

a line that makes nothing
    devices
    device,plant,line
    c-good,1000,L09
    -> 2 line warning: makes nothing

good and gross at one place
    devices
    device,plant,line,role
    a,1000,L01,good
    b,1000,L01,gross
    -> 3 role error: pieces would be posted twice

reject for a counter
    rem_profiles
    profile,withdrawal_errors
    REM1,reject
    -> 2 withdrawal_errors error: counter c-scrap counts PUMP

a receipt without reporting points
    rem_profiles
    profile,auto_goods_receipt
    REM1,yes
    -> 2 auto_goods_receipt error: expected reporting points for an automatic goods receipt

backfill without reporting points
    rem_profiles
    profile,backfill
    REM1,predecessors
    -> 2 backfill error: expected reporting points to fill

runs that overlap
    runs
    plant,line,material,version,start,end
    1000,L01,PUMP,0001,2026-01-01T06:00,2026-01-02T06:00
    1000,L01,PUMP,0001,2026-01-02T04:59:59Z,
    -> 3 start error: while that of PUMP lasts

a run that ends before it starts
    runs
    plant,line,material,version,start,end
    1000,L01,PUMP,0001,2026-01-02,2026-01-01
    -> 2 end error: before it starts

a version without receiving location
    production_versions
    plant,material,version,bom_alternative,routing,line
    1000,SEALS,0001,1,1,L02
    -> 2 receiving_location error: version 0001 of SEALS has no receiving location, nor has its material

a version that is not backflushed
    production_versions
    plant,material,version,bom_alternative,routing,line,receiving_location
    1000,SEALS,0001,1,,L02,FG01
    -> 2 material warning: material SEALS has no REM profile

a refusal that comes too late
    rem_profiles
    profile,withdrawal_errors,goods_issue_timing
    REM1,backlog,online
    REM9,reject,background
    -> 3 goods_issue_timing error: expected online issue with reject, got background

a version that is made on another line
    runs
    plant,line,material,version,start
    1000,L02,PUMP,0001,2026-01-01
    -> 2 line error: version 0001 of PUMP is made on line L01, not on L02

an operation that only one of two products has
    production_versions
    plant,material,version,bom_alternative,routing,line,receiving_location
    1000,PUMP,0001,1,1,L01,
    1000,SEALS,0001,1,9,L01,FG01
    -> 4 operation warning: operation 0010 of line 1000/L01 is not in routing 9 of SEALS
"""


@pytest.mark.parametrize("mistake", mistakes(SHOP), ids=lambda mistake: mistake.what.replace(" ", "_"))
def test_what_is_wrong_on_the_shop_floor_is_found_with_row_and_field(mistake: Mistake, tmp_path: Path) -> None:
    mistake.must_be_found(tmp_path)


def test_a_profile_that_demands_points_needs_a_routing_with_points(tmp_path: Path) -> None:
    wrong = {
        "rem_profiles": "profile,reporting_points\nREM1,mandatory",
        "operations": SMALL["operations"].replace(",yes", ",no"),
        "devices": "device,plant,line\nc-good,1000,L01",
    }
    findings = prepare(write_folder(tmp_path, {**SMALL, **wrong}), Tables()).findings
    assert [str(finding) for finding in findings] == [
        "production_versions.csv:2: routing: warning: profile REM1 demands reporting points, routing 1 has none"
    ]


POINTS = """device,plant,line,operation,kind,role,disabled
c-first,1000,L01,0010,counter,good,
c-last,1000,L01,0020,counter,gross,
c-scrap,1000,L01,,counter,scrap,
c-off,1000,L01,,counter,good,yes
s-off,1000,_,,scanner,,yes
s-last,1000,L01,0020,scanner,,"""
"""Whatever counts pieces stands at a reporting point; nothing says that one is finished."""
BEHIND = SMALL["operations"] + "\n1000,PUMP,1,0030,ASM1,no"
"""An operation after the last point."""


@pytest.mark.parametrize(
    ("change", "warned"),
    [
        ({}, True),
        ({"rem_profiles": "profile,reporting_points\nREM1,mandatory"}, True),
        ({"rem_profiles": "profile,reporting_points,auto_goods_receipt\nREM1,mandatory,yes"}, False),
        ({"devices": f"{POINTS}\nc-end,1000,L01,,counter,good,"}, False),
        ({"devices": f"{POINTS}\ns-end,1000,L01,,scanner,,"}, False),
        ({"devices": f"{POINTS}\ns-all,1000,_,,scanner,,"}, False),
        ({"devices": f"{POINTS}\ns-elsewhere,1000,L02,,scanner,,"}, True),
        ({"devices": POINTS.split("c-first", maxsplit=1)[0]}, False),
        ({"operations": BEHIND, "devices": f"{POINTS}\nc-end,1000,L01,0030,counter,good,"}, False),
    ],
)  # fmt: skip
def test_a_product_that_no_device_says_to_be_finished_is_warned_of(
    change: dict[str, str], warned: bool, tmp_path: Path
) -> None:  # fmt: skip
    findings = prepare(write_folder(tmp_path, {**SMALL, "devices": POINTS, **change}), Tables()).findings
    assert any("no device reports PUMP as finished" in finding.text for finding in findings) is warned


def test_a_word_in_braces_that_no_batch_rule_knows_is_found_in_the_run_that_brings_it(tmp_path: Path) -> None:
    run = "1000,L01,PUMP,0001,2026-01-0"
    runs = f"plant,line,material,version,start,batch\n{run}1,{{date}}\n{run}2,{{datum}}"
    prepared = prepare(write_folder(tmp_path, {**SMALL, "runs": runs}), Tables())
    assert [str(finding) for finding in judge_import(prepared, Tables(), ()).findings] == [
        "runs.csv:3: batch: error: BF1008 batch: expected {date}, {shift} or {line} in braces, got '{datum}'"
    ]


def test_stock_that_falls_is_warned_of_and_stock_that_rises_is_not(tmp_path: Path) -> None:
    head = "plant,material,location,quantity\n1000,"
    there = {**SMALL, "opening_stock": f"{head}STEEL,RM01,50000\n1000,PUMP,FG01,5"}
    new = {**SMALL, "opening_stock": f"{head}STEEL,RM01,30300\n1000,PUMP,FG01,6"}
    in_force = prepare(write_folder(tmp_path / "there", there), Tables()).merged
    found = judge_import(prepare(write_folder(tmp_path / "new", new), in_force), in_force, ()).findings
    assert [(each.row, each.severity, each.text) for each in found if each.field == "quantity"] == [
        (2, "warning", "the stock falls by 19700: the row had 50000; a receipt is added to what the row has")
    ]
