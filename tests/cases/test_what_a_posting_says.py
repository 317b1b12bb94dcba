"""What a posting says of itself: its orders, who bears its cost, its numbers; and the points of its line."""

from datetime import datetime
from zoneinfo import ZoneInfo

from tests.cases.rig import Rig, until

LINE = "1000/L1"
PLANT = {
    "materials": """material plant description unit type standard_price rem_profile
                    P 1000 Pump PC made 20 R
                    A 1000 Part PC bought 5 -""",
    "storage_locations": """plant location name negative_stock
                            1000 FG Finished yes
                            1000 RM Raw yes""",
    "work_centers": """plant work_center name cost_center
                       1000 W1 Assembly C1""",
    "activity_rates": """plant work_center activity rate_per_hour
                         1000 W1 machine 60""",
    "boms": """plant material alternative base_quantity
               1000 P 1 1""",
    "bom_items": """plant material alternative item component quantity unit issue_location
                    1000 P 1 0010 A 2 PC RM""",
    "routings": """plant material routing base_quantity
                   1000 P R1 1""",
    "operations": """plant material routing operation work_center reporting_point
                     1000 P R1 0010 W1 yes
                     1000 P R1 0020 W1 no""",
    "operation_activities": """plant material routing operation activity hours
                               1000 P R1 0020 machine 0.1""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000 P 0001 1 R1 L1 FG""",
    "rem_profiles": """profile reporting_points order_reduction
                       R mandatory own_version""",
    "devices": """device plant line operation kind window
                  c1 1000 L1 0010 counter reading
                  c2 1000 L1 - counter reading""",
    "planned_orders": """order plant material version line start quantity
                         PO-1 1000 P 0001 L1 2026-11-01 100""",
    "sales_orders": """order item plant material quantity date
                       4500 10 1000 P 50 2026-12-31""",
}


def test_a_posting_names_orders_cost_objects_and_the_numbers_of_its_parts() -> None:
    """f_points_topic, f_small: what can be seen of a posting, by report, trace, event, reversal, points of the line."""
    with Rig(PLANT) as rig:
        rig.start()
        rig.count("c1", {"good": 0})
        rig.count("c2", {"good": 0})
        rig.done("run-start", LINE, "P", "0001")
        rig.count("c1", {"good": 7})
        rig.count("c2", {"good": 3})
        rig.settle()

        def points() -> list[tuple[str, str]]:
            return [(point["point"], point["wip"]) for point in rig.status(LINE)["points"]]

        until(lambda: points() == [("0010", "4")], lambda: str(rig.status(LINE)))

        made = rig.documents()[-1]
        number = made["document"]
        assert (made["material_document"], made["activity_document"]) == (f"{number}-1", f"{number}-2")
        assert [(row["order"], row["point"], row["quantity"]) for row in made["orders"]] == [
            ("PO-1", "final", "3"), ("PO-1", "", "3")
        ]  # fmt: skip
        assert {row["cost_object"] for row in (*made["items"], *made["activities"])} == {"PCC 1000 P 0001"}
        for part in ("1", "2"):
            assert rig.json("trace", f"{number}-{part}")["document"] == number
        shown = rig.done("trace", number).out
        assert f"goods movements {number}-1" in shown
        assert f"activities {number}-2" in shown
        assert "PO-1: its components for 3 at final" in shown
        assert "cost object PCC 1000 P 0001" in shown
        [reading] = made["readings"]
        counted = datetime.fromisoformat(reading["last_at"]).astimezone(ZoneInfo("Europe/Berlin"))
        assert f"c2: 1 reading, yield 3, {counted:%Y-%m-%d %H:%M:%S}" in shown, "by the plant's clock"
        first = rig.documents()[0]
        assert rig.backflush("trace", f"{first['document']}-2").status == 1, "it has no activities"

        event = rig.monitor.wait(f"bf/v1/{LINE}/_posting/receipt", lambda heard: heard.body["subject"] == number)
        said = event.body["data"]
        assert (said["cost_object"], said["sales_order"]) == ("PCC 1000 P 0001", "")
        assert (said["orders"], said["material_document"]) == (made["orders"], f"{number}-1")

        rig.done("post", LINE, "--quantity", "2", "--sales-order", "4500", "--sales-order-item", "10")
        sold = rig.monitor.wait(f"bf/v1/{LINE}/_posting/receipt", lambda heard: heard.body["data"]["sales_order"] != "")
        said = sold.body["data"]
        assert (said["sales_order"], said["sales_order_item"], said["cost_object"]) == ("4500", "10", "SO 4500 10")
        (item,) = said["items"]
        assert (item["stock_type"], item["cost_object"]) == ("E/4500/10", "SO 4500 10")
        at_0010 = rig.monitor.retained()[f"bf/v1/{LINE}/_point/0010"].body
        assert (points(), at_0010["wip"]) == ([("0010", "4")], "4"), "its pieces are not those of make-to-stock"
        rig.done("reverse", said["material_document"], "--reason", "another order")
        assert rig.documents()[-1]["reverses"] == said["document"]

        rig.done("run-stop", LINE)
        until(lambda: rig.status(LINE)["run"] is None, lambda: str(rig.status(LINE)))
        assert points() == [("0010", "4")]
        rig.restart()
        until(lambda: rig.status(LINE)["run"] is None, lambda: str(rig.status(LINE)))
        assert points() == [("0010", "4")]
        rig.audit()
