"""What a foreman asks at a terminal: close the window, take a planned run back, post far too much."""

from typing import Any

from tests.cases.rig import Rig, rows, until
from tests.cases.test_read_back import SMALL
from tests.integration.cli_program import called

WINDOWED = {
    **{name: table for name, table in SMALL.items() if name != "runs"},
    "devices": """device plant line kind    first max_step window
                  c1     1000  L1   counter zero  100      shift
                  s1     1000  L1   scanner -     -        -""",
    "sales_orders": "order item plant material quantity date\nS1 10 1000 P 3 2026-12-01",
}


def test_a_window_is_closed_by_command_request_and_card_alike() -> None:
    """Pieces stood open until the shift's end, and only a scanner's card could post them."""
    with Rig(WINDOWED, mqtt={"allow_requests": ["window-close"]}) as rig:
        rig.start()
        rig.count("c1", 3)
        rig.settle()
        assert rig.done("window-close", "1000/L1").out == "3 posted in 0000000001\n"
        rig.count("c1", 5)
        rig.settle()
        assert rig.request("window-close", "1000/L1", {})["data"]["posted"] == "2"
        rig.count("c1", 9)
        rig.settle()
        assert rig.scan("s1", "BF:CLOSE")["result"] == "ok"
        assert [document["yield"] for document in rig.documents()] == ["3", "2", "4"]
        told = {
            (answer["code"], answer["text"])
            for answer in (
                called(rig.gateway.config, "window-close", "1000/L1", "--json").json,
                rig.request("window-close", "1000/L1", {}),
                rig.scan("s1", "BF:CLOSE"),
            )
        }
        assert told == {("BF4005", "nothing is open on 1000/L1")}
        rig.audit()


def test_a_planned_run_is_taken_back_and_stays_away() -> None:
    with Rig(WINDOWED) as rig:
        rig.start()
        rig.done("run-start", "1000/L1", "P", "1", "--start", "2199-01-01T06:00")
        assert "is taken back" in str(rig.done("run-stop", "1000/L1", "--end", "2199-01-01T06:00"))
        assert rig.json("report", "runs") == []
        rig.restart()
        assert rig.json("report", "runs") == []
        rig.audit()


def said(answer: dict[str, Any]) -> tuple[str, str]:
    """Return the code and the reason of a refusal; a scanner's operator reads it in words of his own."""
    return answer["code"], answer["data"].get("reason", answer["text"])


def test_far_too_much_by_hand_or_label_is_asked_about() -> None:
    """F16: 99,999,999 pieces were posted at once."""
    with Rig(WINDOWED, mqtt={"allow_requests": ["post"]}) as rig:
        rig.start()
        rig.scan("s1", "BF:QTY:200000")
        told = {
            (code, reason.partition(":")[0])
            for code, reason in (
                said(called(rig.gateway.config, "post", "1000/L1", "--quantity", "200000", "--json").json),
                said(rig.request("post", "1000/L1", {"quantity": "200000"})),
                said(rig.scan("s1", "P")),
            )
        }
        assert told == {("BF2004", "200000 PC are more than line 1000/L1 can make in a day, which is 144000")}
        assert rig.documents() == []
        assert called(rig.gateway.config, "post", "1000/L1", "--quantity", "200000", "--force").status == 1
        rig.done("post", "1000/L1", "--quantity", "200000", "--force", "--reason", "of a week")
        rig.audit()


def test_who_makes_more_than_a_sales_order_wants_is_told() -> None:
    with Rig(WINDOWED) as rig:
        rig.write("runs", rows("plant line material version start sales_order sales_order_item\n"
                               "1000 L1 P 1 2026-01-01T00:00 S1 10"))  # fmt: skip
        rig.take_masterdata()
        rig.start()
        beyond = "more than is open of sales order S1 10: 5 are made, 3 ordered"
        order = ("--sales-order", "S1", "--sales-order-item", "10")
        assert beyond in str(rig.done("post", "1000/L1", "--quantity", "5", *order))
        until(lambda: f"1000/L1: {beyond}" in {alert["text"] for alert in rig.alerts()}, lambda: str(rig.alerts()))
        rig.done("run-stop", "1000/L1")
        until(lambda: "sales-order" not in {alert["id"] for alert in rig.alerts()}, lambda: str(rig.alerts()))
