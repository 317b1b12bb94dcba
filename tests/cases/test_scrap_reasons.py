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
            if good == 150:
                on_screen = rig.on_screen("trace", "c1", columns=200)
                assert "scrap 03: total 4, 1 more booked under this reason," in on_screen, on_screen
                assert "scrap 07: total 2, 1 of it booked under another reason," in on_screen, on_screen
        [day] = rig.json("report", "production")
        assert (day["yield"], day["scrap_by"], rig.quarantine()) == ("250", {"03": "6", "07": "2"}, [])
        on_screen = rig.on_screen("trace", "c1", columns=200)
        assert "scrap 03: total 6," in on_screen, on_screen
        assert "scrap 07: total 2," in on_screen, on_screen
        rig.audit()
