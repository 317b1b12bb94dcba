"""What is worked off from the backlog is dated when its stock was there."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

GUARDED = {**SMALL, "storage_locations": SMALL["storage_locations"].replace("RM       yes", "RM       no")}
LATE = ("--force", "--reason", "found late")
FROM_A_LINE = {
    "materials": """plant material unit decimals standard_price issue_location receiving_location rem_profile
                    1000  B        KG   3        1              FG             FG                 -""",
    "boms": """plant material alternative
               1000  A        1""",
    "bom_items": """plant material alternative item component quantity
                    1000  A        1           0010 B         1""",
    "routings": """plant material routing
                   1000  A        1""",
    "operations": """plant material routing operation work_center
                     1000  A        1       0010      W""",
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  A        1       1               1       L2   RM""",
}


def test_no_shortage_is_issued_before_the_receipt_that_covers_it() -> None:
    """W15."""
    with Rig(GUARDED, more=FROM_A_LINE) as rig:
        rig.write(
            "materials",
            [row | {"rem_profile": "" if row["material"] == "B" else "R"} for row in rig.table("materials")],
        )
        rig.take_masterdata()
        rig.done("post", "1000/L1", "--quantity", "4", "--at", "2026-10-30T12:20", *LATE)
        assert [record["material"] for record in rig.backlog()] == ["A"]
        rig.done("post", "1000/L2", "--quantity", "5", "--at", "2026-11-02T12:10", *LATE)
        assert rig.backlog() == []
        *_, covering, issued = rig.documents()
        assert (issued["type"], issued["production_date"]) == ("backlog", "2026-10-30")
        assert issued["posting_date"] == covering["posting_date"] == "2026-11-02"
        rig.audit()
