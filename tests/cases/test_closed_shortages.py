"""What a person has closed of a shortage was never issued: the reversal of its posting takes back what was."""

from tests.cases.rig import Rig
from tests.cases.test_backlog_dates import GUARDED


def test_a_posting_is_reversed_after_a_person_has_closed_its_shortage() -> None:
    """A typed quantity was too high, and what was missing for it was closed by hand."""
    with Rig(GUARDED) as rig:
        rig.done("post", "1000/L1", "--quantity", "4")
        [record] = rig.backlog()
        rig.done("backlog", "close", f"{record['document']}/{record['item']}", "--reason", "from the floor")
        before = rig.stock()
        rig.done("reverse", record["document"], "--quantity", "3", "--reason", "typed wrong")
        after = rig.stock()
        assert {key: after[key] - before[key] for key in before if after[key] != before[key]} == {"P FG": -3}
        rig.audit()
