"""A device that sends what its kind does not is heard, and `check` says so until its row is right."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL


def told(rig: Rig) -> list[str]:
    """Return the warnings of kinds, without their times."""
    found = rig.json("check")["findings"]
    return [text.partition(", the last at")[0] for text in (f["text"] for f in found if f["field"] == "kind")]


def test_check_warns_of_totals_of_a_scanner_and_scans_of_a_counter_which_are_taken() -> None:
    with Rig(SMALL) as rig:
        rig.start()
        assert told(rig) == []
        rig.count("c1", 1)
        assert rig.scan("s1", "P")["result"] == "ok"
        rig.settle()
        assert told(rig) == [], "each is what its row says"
        rig.count("s1", 100)
        rig.count("s1", 103)
        assert rig.scan("c1", "P")["result"] == "ok"
        rig.settle()
        assert rig.stock()["P FG"] == 1 + 1 + 3 + 1
        assert told(rig) == [
            "c1 is a counter here, and its scans are posted all the same",
            "s1 is a scanner here, and its totals are counted all the same, though no start of a run asks for them",
        ]
        rig.change("devices", "s1", kind="counter", first="zero")
        assert [text[:2] for text in told(rig)] == ["c1"], "s1 has scanned as well, but before its row was right"
        assert rig.scan("s1", "P")["result"] == "ok"
        rig.change("devices", "c1", disabled="yes")
        assert [text[:2] for text in told(rig)] == ["s1"]
        rig.audit()
