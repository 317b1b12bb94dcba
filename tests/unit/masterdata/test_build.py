"""What the engine gets: the same plant, indexed, in exact numbers."""

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.backflush.plant.explode import explode
from gateway.backflush.plant.explosion import Explosion
from gateway.backflush.plant.snapshot import BomItem, EstimateActivity, Gtin, Imported, StandardValue
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import MICRO
from gateway.masterdata.build import build, narrow
from gateway.masterdata.importing import prepare
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Tables
from tests.unit.masterdata.small_plant import SMALL, write_folder

CONFIGURED = Path(__file__).parents[3] / "config" / "masterdata"


def built(folder: Path, **tables: str) -> Imported:
    prepared = prepare(write_folder(folder, {**SMALL, **tables}), Tables())
    assert not prepared.refused, "\n".join(map(str, prepared.findings))
    return build(prepared.merged)


def at(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * MICRO


def test_the_snapshot_is_indexed_the_way_the_engine_reads_it(tmp_path: Path) -> None:
    master = built(tmp_path).master
    assert master.plants["1000"].day(at("2026-11-23T12:00:00")).shift == "early"
    assert master.materials["1000", "GLUE"].units == {"ML": (1, 1000)}
    assert master.gtins["02000000001012"] == Gtin("PUMP", "")
    assert master.gtins["02000000000015"] == Gtin("PUMP", "PC")
    assert [item.component for item in master.boms["1000", "PUMP", "1"][0].items] == ["SEALS", "GLUE"]
    routing = master.routings["1000", "PUMP", "1"][0]
    assert [operation.operation for operation in routing.operations] == ["0010", "0020"]
    assert routing.operations[0].activities == (StandardValue("LABOUR", 1_500_000),)
    assert master.work_centers["1000", "ASM1"].rates == {"LABOUR": 41_500_000}
    assert [version.version for version in master.versions_of_line["1000", "L01"]] == ["0001"]
    assert master.estimates["1000", "PUMP", "0001"] == (
        EstimateActivity("0010", "ASM1", "LABOUR", 250_000, fixed=True),
        EstimateActivity("0010", "ASM1", "LABOUR", 1_600_000, 100 * MICRO),
    )
    assert master.profiles["REM1"].reporting_points == "optional"
    assert master.devices["s-roaming"].line == "_"
    assert list(master.lines) == [("1000", "L01")]


def test_a_run_without_offset_is_in_plant_time(tmp_path: Path) -> None:
    runs = built(tmp_path).runs
    assert runs is not None
    assert [(run.start, run.end) for run in runs] == [(at("2026-01-01T05:00:00"), None)]


def test_an_order_brings_its_own_components(tmp_path: Path) -> None:
    orders = built(tmp_path).orders
    assert orders is not None
    assert orders[0].components == (BomItem("0010", "RING", 210 * MICRO),)


def test_opening_stock_is_kept_by_key(tmp_path: Path) -> None:
    assert built(tmp_path).opening_stock == {StockKey("1000", "RING", "RM01"): 5000 * MICRO}


def test_a_table_of_state_that_is_not_given_is_none_and_an_empty_one_is_empty(tmp_path: Path) -> None:
    prepared = prepare(
        write_folder(tmp_path, {"plants": SMALL["plants"], "runs": "plant,line,material,version,start"}), Tables()
    )
    imported = build(prepared.merged)
    assert (imported.runs, imported.orders, imported.opening_stock) == ((), None, None)


def test_an_import_brings_only_the_state_that_it_speaks_of(tmp_path: Path) -> None:
    first = prepare(write_folder(tmp_path / "first", SMALL), Tables())
    reasons = prepare(write_folder(tmp_path / "reasons", {"scrap_reasons": "reason\n05"}), first.merged)
    narrowed = narrow(build(reasons.merged), reasons.amendment)
    assert (narrowed.runs, narrowed.orders, narrowed.opening_stock) == (None, None, None)
    run = {"runs": "plant,line,material,version,start\n1000,L01,PUMP,0001,2026-02-01T06:00"}
    later = prepare(write_folder(tmp_path / "later", run), first.merged)
    assert not later.refused
    runs = narrow(build(later.merged), later.amendment).runs
    assert runs is not None
    assert [one.start for one in runs] == [at("2026-02-01T05:00:00")]


def test_what_is_said_again_is_not_touched(tmp_path: Path) -> None:
    """A run that was ended, an order that was reduced: their rows are as they were, whatever has become of them."""
    first = prepare(write_folder(tmp_path / "first", SMALL), Tables())
    more = {"runs": f"{SMALL['runs']}\n1000,L01,PUMP,0001,2026-03-01T06:00,"}
    more["planned_orders"] = f"{SMALL['planned_orders']}\nP2,1000,PUMP,0001,L01,2026-11-25,,10"
    again = prepare(write_folder(tmp_path / "again", {**SMALL, **more}), first.merged)
    assert not again.refused
    narrowed = narrow(build(again.merged), again.amendment)
    assert [run.start for run in narrowed.runs or ()] == [at("2026-03-01T05:00:00")]
    assert [order.order for order in narrowed.orders or ()] == ["P2"]
    assert narrowed.opening_stock is None


@given(st.sets(st.sampled_from(sorted(SMALL))), st.sets(st.sampled_from(sorted(SMALL))))
@settings(max_examples=60, deadline=None)
def test_whatever_passes_the_checks_can_be_built(first: set[str], second: set[str]) -> None:
    """Import some tables, then empty some of them: what is not refused is built."""
    in_force = Tables()
    for given_tables, rows in ((first, slice(None)), (second, slice(1))):
        with TemporaryDirectory() as folder:
            tables = {name: "\n".join(SMALL[name].strip().split("\n")[rows]) for name in given_tables}
            prepared = prepare(write_folder(Path(folder), tables), in_force, Missing.REMOVED)
        if not prepared.refused:
            assert build(prepared.merged).master.digest == prepared.merged.digest
            in_force = prepared.merged


def test_a_plant_with_runs_cannot_vanish(tmp_path: Path) -> None:
    in_force = prepare(write_folder(tmp_path / "before", SMALL), Tables()).merged
    assert prepare(write_folder(tmp_path / "after", {"plants": "plant"}), in_force, Missing.REMOVED).refused


def test_the_plant_that_comes_with_the_program_imports_and_explodes() -> None:
    prepared = prepare(CONFIGURED, Tables())
    assert [finding for finding in prepared.findings if " in this version: " not in finding.text] == []
    master = build(prepared.merged).master
    versions = [version for versions in master.versions.values() for version in versions]
    assert len(versions) == 7
    for version in versions:
        assert isinstance(explode(master, version, "2026-11-23"), Explosion)
    assert [o.operation for o in master.routings["1000", "MOTOR-24", "1"][0].operations if o.reporting_point] == [
        "0010",
        "0020",
        "0030",
    ]


def test_a_plant_of_real_size_imports_and_explodes(tmp_path: Path) -> None:
    """Five levels of forty assemblies, each of the assembly below and twelve parts, with a line and a counter each."""
    assemblies = [f"A{level}-{n:02d}" for level in range(5) for n in range(40)]
    parts = [f"P-{n:03d}" for n in range(300)]
    tables = {
        "plants": "plant,time_zone\n1000,America/Chicago",
        "rem_profiles": "profile,goods_issue_timing,cumulate_goods_issues\nREM2,background,yes",
        "materials": "plant,material,issue_location,receiving_location,rem_profile\n"
        + "\n".join(f"1000,{name},RM01,FG01,{'REM2' if name in assemblies else ''}" for name in assemblies + parts),
        "boms": "plant,material\n" + "\n".join(f"1000,{name}" for name in assemblies),
        "bom_items": "plant,material,item,component,quantity\n"
        + "\n".join(
            f"1000,{name},{item:04d},{component},{1 + item % 3}.25"
            for number, name in enumerate(assemblies)
            for item, component in enumerate([*assemblies[number + 40 : number + 41], *parts[number : number + 12]])
        ),
        "work_centers": "plant,work_center\n1000,W1",
        "routings": "plant,material\n" + "\n".join(f"1000,{name}" for name in assemblies),
        "operations": "plant,material,operation,work_center\n" + "\n".join(f"1000,{n},0010,W1" for n in assemblies),
        "production_versions": "plant,material,version,bom_alternative,routing,line\n"
        + "\n".join(f"1000,{name},0001,1,1,L-{name}" for name in assemblies),
        "devices": "device,plant,line\n" + "\n".join(f"c-{name},1000,L-{name}" for name in assemblies),
        "runs": "plant,line,material,version,start\n"
        + "\n".join(f"1000,L-{name},{name},0001,2026-01-01T00:00Z" for name in assemblies),
    }
    prepared = prepare(write_folder(tmp_path, tables), Tables())
    assert prepared.findings == []
    master = build(prepared.merged).master
    exploded = [explode(master, version, "2026-06-01") for (version,) in master.versions.values()]
    assert len(exploded) == 200
    assert all(isinstance(explosion, Explosion) for explosion in exploded)
