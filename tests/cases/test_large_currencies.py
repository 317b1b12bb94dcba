"""Currencies of large numbers: a month is bounded by what the columns hold, not what a line has ever made."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

RUPIAH = SMALL | {
    "plants": """plant name time_zone currency issue_location_strategy closed_period_policy
                 1000 Plant Asia/Jakarta IDR 3 next""",
    "devices": """device plant line kind    first
                  c1     1000  L1   counter zero""",
}


def test_a_line_in_rupiah_makes_what_a_month_holds_and_keeps_what_is_beyond_it() -> None:
    """Motorcycles at 20 million: 100,000 of them are two million million."""
    with Rig(RUPIAH) as rig:
        rig.change("materials", "P", standard_price="20000000")
        rig.start().count("c1", 60_000)
        rig.settle()
        assert (rig.quarantine(), int(rig.stock()["P FG"])) == ([], 60_000)
        rig.restart()
        rig.count("c1", 99_000)
        rig.count("c1", 101_000)
        rig.settle()
        assert ([entry["code"] for entry in rig.quarantine()], int(rig.stock()["P FG"])) == (["BF5006"], 99_000)
        rig.audit()
