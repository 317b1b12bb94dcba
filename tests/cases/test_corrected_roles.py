"""A counter's role that is put right: nothing is counted again, and what was refused meanwhile is told in truth."""

from tests.cases.rig import Rig, until
from tests.cases.test_scrap_within_gross import BESIDE, LINE, made


def test_a_role_that_is_put_right_counts_nothing_again_and_the_audit_holds() -> None:
    """A counter of gross pieces was imported as one of good ones, its scrap counter as well."""
    wrong = {"devices": BESIDE["devices"].replace("gross", "good ").replace("scrap", "good ")}
    with Rig(BESIDE | wrong) as rig:
        rig.start().count("g", 5000)
        rig.count("x", 0)
        rig.settle()
        rig.change("devices", "x", role="scrap")
        rig.change("devices", "g", role="gross")
        rig.count("g", 5100)
        rig.count("x", 3)
        rig.settle()
        rig.scan("s1", "BF:CLOSE")
        rig.settle()
        until(lambda: rig.status(LINE)["read"] == "5100", lambda: rig.status(LINE))
        assert made(rig) == (5097, 3)
        rig.audit()


def test_a_scan_that_was_refused_and_replayed_is_told_its_document_and_the_card_nothing() -> None:
    """The scanner was disabled while it was used; the operator scans again what was told as not posted."""
    with Rig(BESIDE) as rig:
        rig.start()
        rig.change("devices", "s1", disabled="yes")
        for name, data in (("a", "BF:QTY:5"), ("b", "P")):
            assert rig.scan("s1", data, id=name)["result"] == "nok"
        rig.change("devices", "s1", disabled="")
        said = rig.json("quarantine", "replay", "--device", "s1")["data"]["entries"]
        assert [answer.split(":")[0] for answer in said.values()] == ["nothing is booked", "replayed"]
        again = rig.scan("s1", "P", id="b")
        assert (again["result"], int(again["data"]["document"]), made(rig)) == ("dup", 1, (1, 0))
        assert [entry["state"] for entry in reversed(rig.quarantine("all"))] == ["healed", "replayed"]
        rig.audit()
