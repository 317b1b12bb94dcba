"""What is wrong across tables, each thing once: the small plant with one table replaced, and what is found."""

from pathlib import Path

import pytest

from gateway.masterdata.importing import prepare
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.mistakes import Mistake, mistakes
from tests.unit.masterdata.small_plant import SMALL, write_folder

ACROSS = """
an unknown plant
    lines
    plant,line
    2000,L09
    -> 2 plant error: expected a known plant, got 2000

an unknown component
    bom_items
    plant,material,item,component,quantity
    1000,PUMP,0010,RUNG,1
    1000,SEALS,0010,RING,2
    -> 2 component error: BF3011 plant 1000 has no material 'RUNG'

an unknown material of a GTIN
    gtins
    gtin,material
    2000000001012,PIMP
    -> 2 material error: expected a known material, got PIMP

an unknown work center
    lines
    plant,line,work_center
    1000,L01,ASM9
    -> 2 work_center error: BF3019 plant 1000 has no work center 'ASM9'

an unknown location
    opening_stock
    plant,material,location,quantity
    1000,RING,RM09,1
    -> 2 location error: BF3026 there is no storage location 'RM09' in plant 1000: maintain it in storage_locations

items of an unknown bill
    bom_items
    plant,material,alternative,item,component,quantity
    1000,PUMP,2,0010,RING,1
    1000,SEALS,1,0010,RING,2
    -> 2 alternative error: expected a known bill of material, got 1000/PUMP/2

an unknown version of an order
    planned_orders
    order,plant,material,version,start,quantity
    P1,1000,PUMP,0002,2026-01-01,1
    -> 2 version error: got 1000/PUMP/0002

an unknown order
    planned_order_components
    order,item,component,quantity
    P9,0010,RING,1
    -> 2 order error: expected a known planned order, got P9

an unknown component of an order
    planned_order_components
    order,item,component,quantity
    P1,0010,RUNG,1
    -> 2 component error: got 1000/RUNG

an unknown shift
    calendar_exceptions
    plant,date,shift
    1000,2026-12-25,night
    -> 2 shift error: expected a known shift, got 1000/night

a bill of material that contains itself
    bom_items
    plant,material,item,component,quantity
    1000,PUMP,0010,SEALS,1
    1000,SEALS,0010,RING,1
    1000,SEALS,0020,PUMP,1
    -> 4 component error: the bill of material is cyclic: PUMP > SEALS > PUMP

an item that is valid twice
    bom_items
    plant,material,item,component,quantity,valid_from,valid_to
    1000,PUMP,0010,SEALS,1,,2026-06-30
    1000,PUMP,0010,RING,1,2026-06-30,
    1000,SEALS,0010,RING,1,,
    -> 3 valid_from error: valid until 2026-06-30 by another row already

a unit that does not convert
    bom_items
    plant,material,item,component,quantity,unit
    1000,PUMP,0010,GLUE,1,GAL
    1000,SEALS,0010,RING,2,
    -> 2 unit error: BF3013 unit 'GAL' does not convert to L, the unit of GLUE

a GTIN in a unit that does not convert
    gtins
    gtin,material,unit
    2000000001012,PUMP,BOX
    -> 2 unit error: BF3013 unit 'BOX' does not convert to PC, the unit of PUMP

a base unit that converts
    units
    material,unit,numerator,denominator
    GLUE,L,2,1
    GLUE,ML,1,1000
    -> 2 numerator error: L is the base unit of GLUE: expected 1 to 1

a GTIN of two materials
    gtins
    gtin,material
    2000000000015,RING
    -> 2 gtin error: is that of material PUMP in PC already

a phantom without bill
    boms
    plant,material
    1000,PUMP
    -> 3 phantom error: has no bill of material to pass through

a bill without items
    boms
    plant,material,alternative
    1000,PUMP,1
    1000,SEALS,1
    1000,PUMP,2
    -> 4 material warning: has no items

half a piece of stock
    opening_stock
    plant,material,location,quantity
    1000,RING,RM01,0.5
    -> 2 quantity error: expected at most 0 decimals of PC, got 0.5

stock below zero
    opening_stock
    plant,material,location,quantity
    1000,PUMP,FG01,-1
    -> 2 quantity error: allows no negative stock

an alias that leads nowhere
    aliases
    code,kind,value
    CARD,version,PUMP/0009
    -> 2 value error: expected a known material/version, got PUMP/0009

an alias of an order that nobody has planned
    aliases
    code,kind,value
    CARD,order,P9
    -> 2 value error: expected a known planned order, got P9

an alias that is read as something else
    aliases
    code,kind,value
    4006381333931,material,PUMP
    BF5152474810,material,PUMP
    -> 2 code warning: 4006381333931 is read as it stands, by its own form, so this row is never used
    -> 3 code warning: BF5152474810 is read as it stands

an alias of a wrong control code
    aliases
    code,kind,value
    CARD,control,BF:DANCE
    -> 2 value error: expected a control code

a component without issue location
    materials
    plant,material,unit,decimals,rem_profile,phantom
    1000,PUMP,PC,0,REM1,
    1000,SEALS,PC,0,,yes
    1000,RING,PC,0,,
    1000,GLUE,L,3,,
    -> 3 issue_location warning: component GLUE has no issue location

a component of an operation that the routing does not have
    bom_items
    plant,material,item,component,quantity,operation
    1000,PUMP,0010,SEALS,1,0015
    1000,SEALS,0010,RING,2,
    -> 2 operation warning: operation 0015 is not in routing 1 of version 0001

a lot size that is missing
    materials
    plant,material,lot_size_rule
    1000,PUMP,fixed
    -> 2 lot_size error: rule fixed needs a lot size above 0, got none

a phantom that is bulk
    materials
    plant,material,phantom,bulk
    1000,SEALS,yes,yes
    -> 2 bulk error: material SEALS is a phantom and bulk

a net flag without operation scrap
    bom_items
    plant,material,item,component,quantity,net
    1000,PUMP,0010,SEALS,1,yes
    1000,SEALS,0010,RING,2,
    -> 2 net warning: net refers to operation scrap

a batch that expires before it comes
    batches
    plant,material,batch,received,expires
    1000,RING,B1,2026-02-01,2026-01-01
    -> 2 expires error: expected a day from 2026-02-01 on, got 2026-01-01

a component of an order in a unit that does not convert
    planned_order_components
    order,item,component,quantity,unit
    P1,0010,GLUE,1,GAL
    -> 2 unit error: BF3013 unit 'GAL' does not convert to L, the unit of GLUE

no time zone
    plants
    plant
    1000
    -> 2 time_zone warning: UTC is used

a GTIN of two materials of a plant
    materials
    plant,material,gtin
    1000,PUMP,2000000000015
    1000,RING,02000000000015
    -> 3 gtin error: GTIN 02000000000015 is that of material PUMP already

an alias of an unknown material
    aliases
    code,kind,value
    CARD,material,PIMP
    -> 2 value error: expected a known material, got PIMP
"""


@pytest.mark.parametrize("mistake", mistakes(ACROSS), ids=lambda mistake: mistake.what.replace(" ", "_"))
def test_what_is_wrong_across_tables_is_found_with_row_and_field(mistake: Mistake, tmp_path: Path) -> None:
    mistake.must_be_found(tmp_path)


def test_the_small_plant_has_nothing_wrong(tmp_path: Path) -> None:
    assert prepare(write_folder(tmp_path, SMALL), Tables()).findings == []


def test_every_mistake_is_told_and_each_once(tmp_path: Path) -> None:
    wrong = {
        "storage_locations": "plant,location,negative_stock\n1000,RM01,maybe\n1000,FG01,perhaps",
        "scrap_reasons": "reason,text\n05,\n05,again",
        "materials": SMALL["materials"].replace("1000,RING,PC,0", "1000,RING,PC,zero"),
        "bom_items": SMALL["bom_items"] + "\n1000,SEALS,1,0020,PUMP,1,PC,",
    }
    findings = prepare(write_folder(tmp_path, {**SMALL, **wrong}), Tables()).findings
    assert [(f.file, f.row, f.field) for f in findings] == [
        ("materials.csv", 4, "decimals"),
        ("scrap_reasons.csv", 3, "reason"),
        ("storage_locations.csv", 2, "negative_stock"),
        ("storage_locations.csv", 3, "negative_stock"),
        ("bom_items.csv", 5, "component"),
    ]


def test_a_finding_prints_as_one_line_that_an_editor_can_follow(tmp_path: Path) -> None:
    rows = {"scrap_reasons": "reason,text\n05,=1+1"}
    (finding,) = prepare(write_folder(tmp_path, rows), Tables()).findings
    assert str(finding) == (
        "scrap_reasons.csv:2: text: error: expected text, got '=1+1', which a spreadsheet would run as a formula"
    )


def test_a_run_of_long_ago_does_not_keep_its_version_forever(tmp_path: Path) -> None:
    in_force = prepare(write_folder(tmp_path / "before", SMALL), Tables()).merged
    renamed = ("production_versions", "estimate_activities")
    without = {table: SMALL[table].replace("PUMP,0001", "PUMP,0002") for table in renamed}
    prepared = prepare(write_folder(tmp_path / "after", without), in_force, Missing.REMOVED)
    assert {(f.table, f.severity) for f in prepared.findings} == {("runs", "warning"), ("planned_orders", "warning")}
    assert not prepared.refused


_OTHERS = {name: text for name, text in SMALL.items() if name != "estimate_activities"}
ESTIMATED = {**_OTHERS, "rem_profiles": "profile,reporting_points,activity_source\nREM1,optional,cost_estimate"}
HOURS = "plant,material,version,operation,work_center,activity,hours,valid_from,valid_to"


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ((), "production_versions.csv:2: version: error: profile REM1 takes activities from the cost estimate"),
        (("0010,ASM1,LABOUR,1,,2025-12-31",), "production_versions.csv:2: version: error: profile REM1 takes"),
        (("0010,ASM1,LABOUR,1,2026-02-01,",), "version: warning: no cost estimate of version 0001 of PUMP is valid on"),
        (("0010,ASM1,LABOUR,1,,2026-06-30",), "version: warning: no cost estimate of version 0001 of PUMP is valid on"),
        (
            ("0010,ASM1,LABOUR,1,,2026-06-30", "0010,ASM1,LABOUR,2,2026-06-30,"),
            "estimate_activities.csv:3: valid_from: error: expected a day after 2026-06-30",
        ),
        (("0010,ASM1,LABOUR,1,,2026-06-30", "0010,ASM1,LABOUR,2,2026-07-01,"), ""),
        (
            ("0030,ASM1,LABOUR,1,,",),
            "estimate_activities.csv:2: operation: warning: operation 0030 is not in routing 1",
        ),
        (("0010,ASM1,MACHINE,1,,",), "activity: warning: activity MACHINE has no rate at work center ASM1"),
        (("0010,ASM9,LABOUR,1,,",), "work_center: error: BF3019 plant 1000 has no work center 'ASM9'"),
        (("0010,ASM1,LABOUR,1,,",), ""),
    ],
)
def test_a_profile_that_takes_hours_from_the_estimate_needs_one_for_each_version(
    rows: tuple[str, ...], found: str, tmp_path: Path
) -> None:
    table = "\n".join([HOURS, *(f"1000,PUMP,0001,{row}" for row in rows)])
    tables = {**ESTIMATED, **({"estimate_activities": table} if rows else {})}
    findings = [str(finding) for finding in prepare(write_folder(tmp_path, tables), Tables()).findings]
    assert any(found in finding for finding in findings) if found else findings == []
