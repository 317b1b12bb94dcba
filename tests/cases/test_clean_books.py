"""The audit finds nothing where nothing was tampered with, whatever is documented of devices and done in a plant."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

PLANT = SMALL | {
    "production_versions": """plant material version bom_alternative routing line receiving_location
                              1000  P        1       1               1       L1   FG
                              1000  P        2       1               1       L2   FG
                              1000  P        3       1               1       L3   FG
                              1000  P        4       1               1       L4   FG""",
    "devices": """device plant line kind    first role  weight
                  c1     1000  L1   counter zero  gross 1
                  k1     1000  L1   counter zero  scrap 1
                  c2     1000  L2   counter zero  gross 1
                  k2     1000  L2   counter zero  scrap 2
                  c3     1000  L3   counter zero  good  1
                  c4     1000  L4   counter zero  gross 1""",
    "runs": """plant line material version start
               1000  L1   P        1       2026-01-01T00:00""",
}


def test_documented_setups_and_upkeep_of_devices_leave_every_law_whole() -> None:
    """W01 n09_audit_false: a scrap counter beside a gross one, weights, roles and devices that change, a replay."""
    with Rig(PLANT) as rig:
        rig.start().count("c1", 10)
        rig.count("c2", 10)
        rig.count("c3", {"good": 3, "rework": 9})
        rig.count("c4", {"gross": 10, "scrap": 3})
        rig.settle()
        rig.count("k1", 1)
        rig.count("c1", 11)
        rig.count("k2", 2)
        rig.count("c4", {"gross": 12, "scrap": 4})
        rig.say("bf/v1/1000/L3/d3/count", "7")
        rig.settle()
        rig.audit(deep=False)
        rig.done("devices", "adopt", "d3", "--like", "c3", "--set", "first=zero", "--reason", "new")
        rig.done("quarantine", "replay", "--device", "d3")
        rig.done("devices", "replace", "d3", "e3", "--reason", "broken")
        rig.add("devices", [{"device": "d3", "plant": "1000", "line": "L3", "kind": "counter", "disabled": "yes"}])
        rig.add("devices", [{"device": "e3", "plant": "1000", "line": "L3", "kind": "counter", "first": "zero"}])
        rig.change("devices", "c3", weight=3)
        rig.count("c2", 20)
        rig.count("e3", 5)
        rig.count("c3", {"good": 5, "rework": 12})
        rig.settle()
        # L1 11 - 1, L2 20 - 2 x 2, L3 3 + 7 + 5 + 2 x 3, L4 12 - 4
        assert rig.stock()["P FG"] == 10 + 16 + 21 + 8
        rig.audit()
