"""Whole pieces stay whole: no movement of a part of a piece, by whatever counter."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

WEIGHED = {
    "devices": """device plant line kind    first weight
                  c4     1000  L1   counter zero  0.4"""
}


def test_pulses_that_are_no_whole_pieces_are_kept_and_not_received() -> None:
    """W06, f_small."""
    with Rig(SMALL, more=WEIGHED) as rig:
        assert "5 pulses" in rig.backflush("check", str(rig.masterdata)).err
        rig.start().count("c4", 1)
        rig.count("c4", 6)
        rig.settle()
        assert rig.stock()["P FG"] == 2
        assert [(entry["code"], entry["yield"]) for entry in rig.quarantine()] == [("BF5006", "0.4")]
        rig.audit()
        rig.write("devices", [row | {"weight": "0.333333"} for row in rig.table("devices")])
        assert rig.backflush("masterdata", "import", str(rig.masterdata)).status == 1
