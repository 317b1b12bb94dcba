"""Scrap is booked by the reasons that its counter tells, though a reject is put from one to another."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL


def test_a_reject_that_is_put_to_another_reason_is_booked_there_with_the_next_scrap() -> None:
    with Rig(SMALL, more={"scrap_reasons": "reason text\n03 short\n07 bent"}) as rig:
        rig.start()
        for good, by in (
            (100, {"03": 5}),
            (150, {"03": 4, "07": 2}),
            (200, {"03": 4, "07": 2}),
            (250, {"03": 6, "07": 2}),
        ):
            rig.count("c1", {"good": good, "scrap": sum(by.values()), "scrap_by": by})
            rig.settle()
        [day] = rig.json("report", "production")
        assert (day["yield"], day["scrap_by"], rig.quarantine()) == ("250", {"03": "6", "07": "2"}, [])
        rig.audit()
