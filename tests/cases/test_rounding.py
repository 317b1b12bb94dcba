"""A component that is taken in fractions of a unit is rounded once on all that was due, whatever changes meanwhile."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

SHEETS = SMALL | {
    "materials": """plant material unit decimals standard_price issue_location receiving_location rem_profile
                    1000  P        PC   0        20             FG             FG                 R
                    1000  SHEET    PC   0        5              RM             RM                 -""",
    "boms": """plant material alternative base_quantity
               1000  P        1           248""",
    "bom_items": """plant material alternative item component quantity
                    1000  P        1           0010 SHEET     1""",
    "sales_orders": "order item plant material quantity date\n"
    + "\n".join(f"S{n} 10 1000 P 100 2026-12-01" for n in range(1, 4)),
}


def sheets(rig: Rig) -> int:
    return -int(rig.stock().get("SHEET RM", 0))


def test_a_sheet_for_248_pieces_is_rounded_once_over_prices_and_reversals() -> None:
    """W07 f_remainder_price: also after a reversal; a sales order or lot is rounded alone, and warned of."""
    with Rig(SHEETS) as rig:
        rig.start()
        for n in range(1, 4):
            rig.count("c1", 100 * n)
            rig.settle()
            rig.change("materials", "SHEET", standard_price=5 + n)
        assert sheets(rig) == 1
        with_sheet = next(document for document in rig.documents() if len(document["items"]) > 1)
        rig.done("reverse", with_sheet["document"], "--reason", "wrong")
        rig.done("post", "1000/L1", "--quantity", "100")
        assert sheets(rig) == 1
        needed = "3 sales orders of P: 1.209677 PC of SHEET are needed and 0 are posted"
        assert needed in rig.done("check", str(rig.masterdata)).err
        for n in range(1, 4):
            rig.done("post", "1000/L1", "--quantity", "100", "--sales-order", f"S{n}", "--sales-order-item", "10")
        assert sheets(rig) == 1
        rig.done("post", "1000/L1", "--quantity", "100", "--lot", "L7")
        assert sheets(rig) == 1
        assert "one below 124 takes no SHEET" in rig.done("check").err
        rig.audit()


def test_what_is_fixed_is_charged_once_for_a_shift_or_lot_whatever_a_price_becomes() -> None:
    """f_fixed_twice: a tool for the shift and one for the lot, half an hour of setup for each."""
    plant = SHEETS | {
        "bom_items": """plant material alternative item component quantity fixed_quantity
                        1000  P        1           0010 SHEET     2        yes""",
        "activity_rates": """plant work_center activity rate_per_hour
                             1000  W           SETUP    40""",
        "operation_activities": """plant material routing operation activity hours fixed
                                   1000  P        1       0010      SETUP    0.5   yes""",
    }
    with Rig(plant) as rig:
        rig.start()
        for n, lot in enumerate(("", "", "LOT1", "LOT1"), 1):
            rig.count("c1", {"good": 3 * n, "batch": lot} if lot else {"good": 3 * n})
            rig.settle()
            rig.change("materials", "SHEET", standard_price=5 + n)
        assert sheets(rig) == 4
        assert [len(document["activities"]) for document in rig.documents()] == [1, 0, 1, 0]
        rig.audit()


def test_a_price_by_which_what_waits_cannot_be_valued_is_refused() -> None:
    """A price with a unit of a millionth: the worklist could never be posted, and the gateway ended at each start."""
    plant = SHEETS | {"rem_profiles": "profile goods_issue_timing\nR background"}
    with Rig(plant) as rig:
        rig.start().count("c1", 300)
        rig.settle()
        before = rig.table("materials")
        rig.write("materials", [row | {"standard_price": "999999999999", "price_unit": "0.000001"} for row in before])
        refused = rig.backflush("masterdata", "import", str(rig.masterdata))
        assert refused.status == 1
        assert "BF5006 plant 1000 has counted pieces that are not posted yet: their SHEET would be worth" in refused.err
        rig.done("work")
        assert sheets(rig) == 1
        rig.take_masterdata()
        rig.count("c1", 400)
        rig.settle()
        assert [entry["code"] for entry in rig.quarantine()] == ["BF5006"]
        rig.write("materials", before)
        rig.take_masterdata()
        rig.done("quarantine", "replay", rig.quarantine()[0]["number"])
        assert rig.stock()["P FG"] == 400
        rig.audit()
