"""What was planned and what was made stand on one row, across shifts and versions, and have totals."""

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

from gateway.backflush.memory.events import Actual, Post, Reverse, Work
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.movements import StockKey
from gateway.cli.shared.arguments import master_of
from gateway.ledger.database.connection import reading
from gateway.ledger.reports import day_curve, devices, lists, postings, present, produced
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.used import statistics
from gateway.service.tell.lines import lines_now
from tests.builders import (
    EARLY_LATE_NIGHT,
    bom,
    component,
    item,
    moment,
    order,
    plant,
    points,
    product,
    q,
    routing,
    shift,
    used,
    version,
    worked,
)
from tests.integration.cli_program import SHIPPED, Commands
from tests.integration.stored_plant import Shop, master_data, reader

DAYS = ("2026-03-16", "2026-03-17")


def rows(shop: Shop, by: str = "shift", line: str = "") -> list[str]:
    """Show what was produced: line, version, day, shift, planned, yield, per cent."""
    with reader(shop.url) as connection:
        found: list[Record] = produced.sum_rows(produced.production(connection, shop.state.master, line=line), by)
    names = ("line", "version", "date", "shift", "planned", "yield", "percent")
    return [" ".join(str(record[name]) for name in names if record[name] != "") for record in found]


def made(shop: Shop, clock: str, quantity: int, version_: str = "V1", line: str = "L1") -> None:
    """Post pieces at a time."""
    shop.now = moment(clock)
    answer = shop.ask(Post("assembly", "1000", line, "FG", version_, q(quantity)), line=line)
    assert answer.startswith("ok"), answer


def two_lines() -> MasterData:
    """Return a plant of three shifts, with a version of FG on each of two lines."""
    return plant(shifts=EARLY_LATE_NIGHT, versions=[version("V1"), version("V2", line="L2")])


def test_plan_and_actual_are_one_row_of_each_shift(shop: Shop) -> None:
    shop.bring(two_lines(), [order("O1", 100, version="V1", start=DAYS[0], finish=DAYS[1], line="L1")])
    made(shop, "2026-03-16 07:00", 17)
    made(shop, "2026-03-16 15:00", 20)
    made(shop, "2026-03-17 07:00", 8)
    assert shop.ask(Reverse(1, q(1))).startswith("ok")
    assert rows(shop) == [
        "L1 V1 2026-03-16 E 17 16 94.1",
        "L1 V1 2026-03-16 L 16 20 125",
        "L1 V1 2026-03-16 N 17 0 0",
        "L1 V1 2026-03-17 E 17 8 47.1",
        "L1 V1 2026-03-17 L 16 0 0",
        "L1 V1 2026-03-17 N 17 0 0",
    ]
    assert rows(shop, "day") == ["L1 V1 2026-03-16 50 36 72", "L1 V1 2026-03-17 50 8 16"]
    assert rows(shop, "total") == ["L1 V1 100 44 44"]


def test_an_order_that_names_no_version_or_line_stands_with_what_was_made_for_it(shop: Shop) -> None:
    orders = [
        order("O1", 10, line="L1", start=DAYS[0]),  # the only version on its line
        order("O2", 20, version="V2", line="", start=DAYS[0]),  # the only line of its version
        order("O3", 30, line="", start=DAYS[1]),  # what was made that day says which
        order("O4", 40, line="", start="2026-03-18"),  # nothing says which
    ]
    shop.bring(two_lines(), orders)
    made(shop, "2026-03-16 07:00", 10)
    made(shop, "2026-03-17 07:00", 15, "V2", "L2")
    assert rows(shop, "day") == [
        "2026-03-18 40 0 0",
        "L1 V1 2026-03-16 10 10 100",
        "L2 V2 2026-03-16 20 0 0",
        "L2 V2 2026-03-17 30 15 50",
    ]
    assert rows(shop, "total", "L2") == ["L2 V2 50 15 30"], "a filter changes no row"


def test_a_day_has_one_plan_in_production_and_curve(shop: Shop) -> None:
    ordered = order("O1", 100, version="V1", line="", start=DAYS[0], finish="2026-03-18")
    shop.bring(two_lines(), [ordered, order("O2", 7, line="L1", start=DAYS[1])])
    with reader(shop.url) as connection:
        planned = {
            row["date"]: row["planned"]
            for row in produced.sum_rows(produced.production(connection, shop.state.master), "day")
        }
        for date in DAYS:
            found = day_curve.curve(connection, shop.state.master, "1000", "L1", date, shop.now)
            assert found[-1]["planned"] == planned[date]


def test_an_order_that_leaves_its_line_open_is_of_one_line_in_all_reports(shop: Shop) -> None:
    """Lot sizes choose a version, as they do when it is made; else what was made on the day says which."""
    few, many = version("V1", lot_size_to=q(100)), version("V2", line="L2", lot_size_from=q(101), lot_size_to=q(10_000))
    both = version("V1", material="FH"), version("V2", material="FH", line="L2")
    sized = plant(
        shifts=EARLY_LATE_NIGHT,
        materials=[product(), product("FH"), component("A", 5)],
        boms=[bom([item("A", 2), item("A", 3, "0020", issue_mode="manual")]), bom([item("A", 1)], material="FH")],
        routings=[routing(points("0010")), routing(points("0010"), material="FH")],
        versions=[few, many, *both],
    )
    orders = [
        order("O1", 50, line="", start=DAYS[0]),
        order("O2", 500, line="", start=DAYS[0]),
        order("O3", 7, line="", start=DAYS[0], material="FH"),
    ]
    shop.bring(sized, orders)
    shop.now = moment("2026-03-16 07:00")
    assert shop.ask(Post("assembly", "1000", "L2", "FH", "V2", q(1)), line="L2").startswith("ok")
    with reader(shop.url) as connection:
        planned = {
            line: sum(int(row["planned"]) for row in produced.production(connection, sized, line=line))
            for line in ("L1", "L2")
        }
        assert planned == {"L1": 50, "L2": 507}
        for line, pieces in planned.items():
            found = day_curve.curve(connection, sized, "1000", line, DAYS[0], shop.now)
            assert found[-1]["planned"] == str(pieces)
        of_lines = {
            line: [o["order"] for o in lists.orders(connection, sized, lists.OrderFilter(f"1000/{line}"))]
            for line in planned
            for line in planned
        }
        assert of_lines == {"L1": ["O1"], "L2": ["O2"]}
        [needs] = lists.orders(connection, sized, lists.OrderFilter(order="O2"))
    assert [(need["component"], need["quantity"]) for need in needs["components"]] == [("A", "2500")]


def test_the_first_and_the_last_day_of_the_calendar_are_asked_for_like_any_other(shop: Shop) -> None:
    shop.bring(
        two_lines(), [order("O1", 100, start="0001-01-01", finish="9999-12-31"), order("O2", 7, start="9999-12-31")]
    )
    with reader(shop.url) as connection:
        for date, planned in (("0001-01-01", ["100", "7"]), ("9999-12-31", ["7"])):
            found = produced.sum_rows(produced.production(connection, shop.state.master, since=date), "total")
            assert sum(int(row["planned"]) for row in found) == sum(map(int, planned))
            assert day_curve.curve(connection, shop.state.master, "1000", "L1", date, shop.now) == []


def test_what_was_used_stands_beside_its_standard_and_replaced_dues_are_no_status(shop: Shop) -> None:
    shop.bring(master_data(), stock={StockKey("1000", "SCARCE", "TIGHT"): q(60)})
    for pieces, actual in ((3, Actual()), (2, used("SCARCE 7")), (1, worked("0.25"))):
        assert shop.ask(Post("assembly", "1000", "L3", "FO", "", q(pieces), actual=actual)).startswith("ok")
    with reader(shop.url) as connection:
        found = statistics(connection, master_data())
        newest, said, _ = postings.documents(connection)
    names = ("measure", "detail", "quantity", "standard", "difference", "unit")
    assert [" ".join(str(record[name]) for name in names) for record in found] == [
        "activity machine 0.3125 0.075 0.2375 H",
        "activity setup 0.5 0.5 0 H",
        "by_product A 0 1 -1 PC",
        "component B 0.003 0.005 -0.002 KG",
        "component SCARCE 19 18 1 PC",
        "yield final 6 None None PC",
    ]
    statuses = [(record["status"]["issue"], record["status"]["activity"]) for record in (newest, said)]
    assert statuses == [("posted", "posted"), ("posted", "posted")]


def test_what_a_cumulated_posting_lacks_is_lacking_in_each_of_its_shifts(shop: Shop) -> None:
    """A component that ran out was told as used in both shifts."""
    known = master_data()
    shifts = (shift("early", "06:00", "08:30"), shift("late", "08:30", "22:00"))
    master = replace(known, plants={"1000": replace(known.plants["1000"], shifts=shifts)})
    shop.bring(master, [order("PO1", 30, version="V1")], {StockKey("1000", "SCARCE", "TIGHT"): q(2)})
    assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(4))).startswith("ok")
    shop.wait(3600)
    assert shop.ask(Post("assembly", "1000", "L1", "FG", "", q(8))).startswith("ok")
    assert shop.ask(Work("1000", "L1")).startswith("ok"), shop.answers
    with reader(shop.url) as connection:
        found = [record for record in statistics(connection, master) if record["detail"] == "SCARCE"]
        late = statistics(connection, master, since="2026-03-18")
        made = produced.production(connection, master)
        planned = [r for r in statistics(connection, master) if r["measure"] == "planned"]
    names = ("shift", "quantity", "standard", "difference", "backlog")
    assert [" ".join(record[name] for name in names) for record in found] == ["early 0 4 -4 4", "late 0 8 -8 8"]
    assert late == []
    assert {(r["shift"], r["quantity"]) for r in planned} == {(r["shift"], r["planned"]) for r in made}
    assert {r["shift"] for r in planned} == {"early", "late"}


NOW = 1_700_000_000_000_000
"""Before the day of the curve, as it is for the command."""
MORE = ("P-OPEN,1000,MOTOR-24,,,2099-01-05,2099-01-06,7,no", "P-CLOSED,1000,MOTOR-24,0001,L04,2099-01-05,,9,yes")


def test_a_report_that_reads_some_tables_says_what_it_says_with_all(tmp_path: Path) -> None:
    shutil.copytree(SHIPPED, tmp_path / "tables")
    orders = tmp_path / "tables" / "planned_orders.csv"
    head, *shipped = orders.read_text().splitlines()
    orders.write_text("\n".join([f"{head},closed", *(f"{row},no" for row in shipped), *MORE]))
    backflush = Commands(tmp_path / "data")
    assert backflush("init").status == 0
    assert backflush("masterdata", "import", str(tmp_path / "tables")).status == 0
    assert backflush("post", "1000/L04", "--material", "MOTOR-24", "--quantity", "5").status == 0
    with reading(f"sqlite:///{tmp_path}/data/ledger.sqlite") as connection:
        master = master_of(connection)
        expected = {
            "stock": present.stock(connection, master),
            "production": produced.sum_rows(produced.production(connection, master), "shift"),
            "statistics": statistics(connection, master),
            "curve 1000/L04 --date 2099-01-05": day_curve.curve(connection, master, "1000", "L04", "2099-01-05", NOW),
            "devices": devices.devices(connection, master),
            "lines": lines_now(connection, master, time.time_ns() // 1000),
        }
    assert sum(float(row["planned"] or 0) for row in expected["curve 1000/L04 --date 2099-01-05"]) > 0
    for words, records in expected.items():
        told = backflush("report", *words.split(), "--json")
        assert (words, timeless(told.json)) == (words, timeless(json.loads(json.dumps(records))))


def timeless(records: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return records without what says when they were made."""
    return [{name: said for name, said in record.items() if name != "ts"} for record in records]
