"""What is answered of a run is what the line makes."""

from datetime import UTC, datetime, timedelta

from tests.cases.rig import Rig
from tests.cases.test_backlog_dates import FROM_A_LINE
from tests.cases.test_read_back import SMALL


def test_a_run_that_begins_before_the_one_in_force_does_not_replace_it() -> None:
    """The answer says until when it was, and what goes on."""
    versions = FROM_A_LINE["production_versions"].replace("L2", "L1")
    with Rig(SMALL, more={**FROM_A_LINE, "production_versions": versions}) as rig:
        rig.start()
        rig.done("run-start", "1000/L1", "P", "1")
        begin = datetime.now(UTC) - timedelta(hours=1)
        said = rig.done("run-start", "1000/L1", "A", "1", "--start", begin.isoformat(timespec="seconds"))
        assert "1000/L1 made A 1 from " in str(said)
        assert "P 1 goes on since then" in str(said)
        rig.count("c1", 3)
        rig.settle()
        assert rig.stock()["P FG"] == 3
        rig.audit()
