"""An import changes what it says and nothing else; what would be lost is asked about."""

import csv
import sqlite3
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import openpyxl

from tests.cases.rig import Rig, rows
from tests.cases.test_read_back import SMALL

ORDERS = {
    "planned_orders": """order plant material version line start      finish     quantity
                         O1    1000  P        1       L1   2026-11-20 2026-12-31 100""",
    "rem_profiles": """profile order_reduction
                       R       own_version""",
}


def test_a_file_of_one_row_removes_no_device_unasked() -> None:
    """It names what would go, and a person says what becomes of it."""
    with Rig(SMALL) as rig:
        rig.write("devices", rows("device plant line kind\n c9 1000 L1 counter"))
        said = rig.backflush("masterdata", "import", str(rig.masterdata))
        assert said.status == 1
        assert "- devices c1: " in said.out
        assert "BF5014: rows would go, 3 of devices; --remove removes them, --merge keeps them" in said.err
        assert rig.backflush("masterdata", "diff", str(rig.masterdata)).status == 1
        assert "devices: 1 added, 3 as before" in rig.take_masterdata("--merge").err
        assert "nothing changes" in rig.take_masterdata("--merge").err
        assert "devices: 3 removed, 1 as before" in rig.take_masterdata("--remove").err
        assert rig.backflush("masterdata", "import", "--merge", "--remove", str(rig.masterdata)).status == 2


def test_a_workbook_goes_out_is_changed_and_comes_back(tmp_path: Path) -> None:
    """As a planner does it; and a formula, a merged cell and a hidden sheet are sentences with their place."""
    with Rig() as rig:
        file = tmp_path / "plant.xlsx"
        rig.done("masterdata", "export", str(file))
        assert "nothing would change" in rig.done("masterdata", "diff", str(file)).err
        book = openpyxl.load_workbook(file)
        columns = {cell.value: position for position, cell in enumerate(book["materials"][1], start=1)}
        book["materials"].cell(2, columns["standard_price"], 99.5)
        book.save(file)
        said = rig.done("masterdata", "import", str(file))
        assert "~ materials 1000/ADHESIVE: standard_price 64 -> 99.5" in said.out
        assert "materials: 1 changed, 29 as before\nas before: plants, " in said.err
        book["materials"].cell(3, columns["standard_price"], "=1+1")
        book["devices"].merge_cells("B2:B3")
        book["units"].sheet_state = "hidden"
        book.save(file)
        refused = rig.backflush("masterdata", "import", str(file))
        assert refused.status == 1
        for where in (":3: materials.standard_price: error: ", ":2: devices: error: ", ": units: error: "):
            assert f"plant.xlsx{where}expected a " in refused.err, refused
        template = tmp_path / "template.xlsx"
        rig.done("masterdata", "template", str(template))
        assert "nothing changes" in rig.done("masterdata", "import", "--merge", str(template)).err


def test_an_export_has_the_runs_that_are_in_force_and_says_nothing_new(tmp_path: Path) -> None:
    """F13: a run begun by command was missing, and one ended by command had no end."""
    with Rig(SMALL) as rig:
        rig.start()
        rig.done("run-stop", "1000/L1")
        rig.done("run-start", "1000/L1", "P", "1", "--batch", "B7")
        rig.done("run-start", "1000/L1", "P", "1", "--start", "2199-01-01T06:00")
        rig.done("masterdata", "export", str(tmp_path / "out"))
        with (tmp_path / "out" / "runs.csv").open() as file:
            runs = [(row["start"], bool(row["end"]), row["batch"]) for row in csv.DictReader(file)]
        assert [runs[0], runs[1][1:], runs[2]] == [
            ("2026-01-01T00:00:00", True, ""),
            (True, "B7"),
            ("2199-01-01T06:00:00", False, ""),
        ]
        for source in (tmp_path / "out", tmp_path / "out" / "runs.csv", rig.masterdata):
            assert "nothing changes" in rig.done("masterdata", "import", str(source)).err, source
        rig.done("run-stop", "1000/L1", "--end", "2199-01-01T06:00")
        changed = rig.done("masterdata", "import", str(tmp_path / "out" / "runs.csv")).out
        assert "+ runs 1000/L1/2199-01-01T06:00:00" in changed, "a run that was taken back is a new one"
        rig.audit()


def test_a_run_of_before_of_which_a_command_has_said_more_than_a_file_may_hinders_no_import(tmp_path: Path) -> None:
    with Rig(SMALL) as rig:
        rig.done("run-start", "1000/L1", "P", "1", "--batch", "B1")
        with closing(sqlite3.connect(rig.gateway.data / "ledger.sqlite")) as ledger, ledger:
            ledger.execute("UPDATE runs SET batch = ? WHERE batch = 'B1'", ["B" * 41])  # as earlier versions took it
        assert "nothing changes" in rig.take_masterdata().err
        rig.done("masterdata", "export", str(tmp_path / "out"))
        assert "BBB" not in (tmp_path / "out" / "runs.csv").read_text(encoding="utf-8")


def test_what_is_said_again_is_not_done_again() -> None:
    """A run that was ended stays ended, an adopted device stays adopted, whatever else the import brings."""
    with Rig(SMALL) as rig:
        rig.start()
        rig.done("run-stop", "1000/L1")
        rig.say("bf/v1/1000/L1/new/count", "7")
        rig.settle()
        rig.done("devices", "adopt", "new", "--set", "first=zero", "--reason", "a second counter")
        rig.add("production_versions", [row | {"version": "2"} for row in rig.table("production_versions")])
        rig.take_masterdata("--merge")
        rig.say("bf/v1/1000/L1/new/count", "9")
        rig.count("c1", 3)
        rig.settle()
        assert sorted(entry["code"] for entry in rig.quarantine()) == ["BF2001", "BF3002", "BF3002"]
        rig.audit()


def test_a_file_says_nothing_of_the_columns_and_items_that_it_does_not_have() -> None:
    """A locked version stays locked, a withdrawn order withdrawn, and the other item of a list in it."""
    tables = {
        "planned_orders": "order plant material version start quantity closed\n O1 1000 P 1 2026-11-20 100 yes",
        "planned_order_components": "order item component quantity\n O1 0010 A 9",
        "bom_items": f"{SMALL['bom_items']}\n 1000 P 1 0020 A 0.5",
    }
    with Rig({**SMALL, **tables}) as rig:
        rig.change("production_versions", "P", locked="yes")
        for table in ("production_versions", "planned_orders"):
            rig.write(table, [{c: row[c] for c in row if c not in ("locked", "closed")} for row in rig.table(table)])
        (rig.masterdata / "planned_order_components.csv").write_text("order,item,component,quantity\n")
        (rig.masterdata / "boms.csv").unlink()
        rig.write("bom_items", [row | {"quantity": "7"} for row in rig.table("bom_items")[:1]])
        assert "bom_items: 1 changed, 1 as before\nas before: " in rig.take_masterdata("--merge").err
        assert "nothing changes" in rig.take_masterdata("--merge").err
        said = rig.backflush("post", "1000/L1", "--quantity", "1")
        assert (said.status, "locked" in str(said)) == (1, True)
        assert [order["closed"] for order in rig.json("report", "orders")] == [True]
        rig.write("planned_order_components", rows(tables["planned_order_components"]))
        assert "nothing changes" in rig.take_masterdata("--merge").err, "the order had its list all the time"


def test_an_order_that_planning_has_withdrawn_is_not_reduced() -> None:
    """W13: 45 of O1 are made, O1 is withdrawn and O2 of 40 planned; the next 20 are those of O2."""
    with Rig({**SMALL, **ORDERS}) as rig:
        rig.done("post", "1000/L1", "--quantity", "45")
        withdrawn = [row | {"closed": "yes"} for row in rig.table("planned_orders")]
        [second] = rows("order plant material version line start finish quantity\n O2 1000 P 1 L1 2026-11-25 - 40")
        rig.write("planned_orders", [*withdrawn, second])
        rig.take_masterdata()
        rig.done("post", "1000/L1", "--quantity", "20")
        said = rig.backflush("post", "1000/L1", "--quantity", "1", "--order", "O1")
        assert (said.status, "O1 is closed" in str(said)) == (1, True)
        assert _open(rig) == {"O1": 55, "O2": 20}
        wanted = [row for row in rig.json("report", "statistics") if row["measure"] == "planned"]
        on_the_day = sum(Decimal(row["quantity"]) for row in wanted if row["date"] == "2026-11-25")
        in_all = sum(Decimal(row["quantity"]) for row in wanted)
        assert (on_the_day, in_all) == (41, 85), "a closed order wanted what was made of it, over all its days"
        rig.write("planned_orders", [row | {"closed": "no"} for row in rig.table("planned_orders")])
        rig.take_masterdata()
        rig.done("post", "1000/L1", "--quantity", "60")
        assert _open(rig) == {"O1": 0, "O2": 15}
        rig.audit()


def test_a_base_unit_stays_while_the_ledger_has_anything_of_the_material() -> None:
    """Of a component and of the product; a material that nobody has used takes another one."""
    with Rig(SMALL, more={"materials": "plant material unit\n 1000 NEW PC"}) as rig:
        rig.done("post", "1000/L1", "--quantity", "4")
        for material, unit in (("A", "G"), ("P", "DZ")):
            before = rig.table("materials")
            rig.write("materials", [row | {"unit": unit} if row["material"] == material else row for row in before])
            said = rig.backflush("masterdata", "import", str(rig.masterdata))
            assert (said.status, "BF3013" in said.err, f"of 1000/{material} stays" in said.err) == (1, True, True), said
            rig.write("materials", before)
        rig.change("materials", "NEW", unit="KG")
        assert rig.stock() == {"P FG": 4, "A RM": -1}
        rig.audit()


def _open(rig: Rig) -> dict[str, int]:
    return {order["order"]: int(order["open"]) for order in rig.json("report", "orders")}
