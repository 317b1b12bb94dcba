"""What a person has closed of a shortage was never issued: the reversal of its posting takes back what was."""

from tests.cases.rig import Rig
from tests.cases.test_backlog_dates import GUARDED


def used(rig: Rig) -> tuple[str, str, str]:
    """Return what was used of A, its standard, and the difference."""
    [row] = [row for row in rig.json("report", "statistics") if row["measure"] == "component"]
    return row["quantity"], row["standard"], row["difference"]


def test_a_posting_is_reversed_after_a_person_has_closed_its_shortage() -> None:
    """A typed quantity was too high, and what was missing for it was closed by hand."""
    with Rig(GUARDED) as rig:
        rig.done("post", "1000/L1", "--quantity", "4")
        [record] = rig.backlog()
        rig.done("backlog", "close", f"{record['document']}/{record['item']}", "--reason", "from the floor")
        assert used(rig) == ("0", "1", "-1")
        before = rig.stock()
        rig.done("reverse", record["document"], "--quantity", "3", "--reason", "typed wrong")
        after = rig.stock()
        assert {key: after[key] - before[key] for key in before if after[key] != before[key]} == {"P FG": -3}
        assert used(rig) == ("0", "0.25", "-0.25")
        rig.audit()


def test_what_is_used_is_what_was_issued_by_whomever_it_was_posted() -> None:
    """What a person had closed without an issue counted as used for good; by hand, and by a cumulated worklist."""
    timed = "profile goods_issue_timing cumulate_goods_issues\nR background yes"
    for profiles in ({}, {"rem_profiles": timed}):
        stock = {"opening_stock": "plant material location quantity\n1000 A RM 3"}
        with Rig({**GUARDED, **profiles, **stock}) as rig:
            rig.done("post", "1000/L1", "--quantity", "24")
            rig.done("post", "1000/L1", "--quantity", "16")
            rig.done("work")
            for record in rig.backlog():
                name = f"{record['document']}/{record['item']}"
                if record["quantity"] == "4":
                    rig.done("backlog", "close", name, "--reason", "from the floor")
                else:
                    rig.done("backlog", "correct", name, "--quantity", "3", "--reason", "only 3 were used")
            assert used(rig) == ("3", "10", "-7")
            assert rig.stock()["A RM"] == 0
            rig.audit()
