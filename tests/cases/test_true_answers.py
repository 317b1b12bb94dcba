"""Answers say what was done, what is left and what decided: nobody who believes them is deceived."""

from tests.cases.rig import Rig
from tests.cases.test_read_back import SMALL

_TABLES = SMALL | {
    "materials": """plant material unit type   issue_location receiving_location rem_profile
                    1000  P        PC   made   FG             FG                 R
                    1000  X        PC   bought -              -                  -""",
    "bom_items": """plant material alternative item component quantity operation
                    1000  P        1           0010 X         1        0010""",
    "devices": """device plant line kind    first
                  c1     1000  L1   counter zero
                  s1     1000  L1   scanner -""",
    "runs": """plant line material version start
               1000  L1   P        1       2026-01-01T00:00""",
}
_BY_MATERIAL = {
    "plants": """plant name  time_zone     currency issue_location_strategy closed_period_policy
                             1000  Works Europe/Berlin EUR      1                       next"""
}


def test_a_retry_says_what_a_record_without_a_place_needs() -> None:
    """W10."""
    with Rig(_TABLES | _BY_MATERIAL) as rig:
        rig.start()
        rig.count("c1", 5)
        rig.settle()
        rig.change("materials", "X", issue_location="RM")
        said = rig.done("backlog", "retry").out
        assert said.startswith("0 posted in 0 documents, 1 left; X: 5 PC missing, without an issue location")
        [helps] = [part for part in said.split("`") if part.startswith("backflush backlog correct")]
        assert helps.endswith("--location RM --reason WHY")
        rig.done(*helps.split()[1:])
        assert rig.stock() == {"P FG": 5, "X RM": -5}
        assert rig.done("backlog", "retry").out.strip() == "0 posted in 0 documents, 0 left"
        rig.audit()


def test_a_release_releases_what_was_held_by_kind_and_a_stopped_line_is_told_what_is_counted() -> None:
    profile = {"rem_profiles": "profile goods_issue_timing activity_timing\nR background background"}
    with Rig({**_TABLES, **profile}) as rig:
        rig.change("materials", "X", issue_location="RM")
        rig.start()
        rig.done("hold", "1000/L1", "--kind", "issue", "--reason", "stock-taking")
        rig.count("c1", 5)
        rig.settle()
        held = rig.json("work")["data"]
        assert (held["posted"], held["left"], held["held"]) == (0, 1, ["1000/L1 issue"])
        released = rig.done("release", "1000/L1").out.strip()
        assert released == "the worklist of 1000/L1 is released, issue too"
        assert rig.json("work")["data"]["posted"] == 1
        stopped = rig.scan("s1", "BF:STOP")["text"]
        assert stopped.startswith("the run of 1000/L1 ends: P 1; until a run begins, its counters count P 1")
        rig.count("c1", 6)
        rig.settle()
        assert rig.stock()["P FG"] == 6
        assert rig.scan("s1", "P")["result"] == "ok"
        assert rig.scan("s1", "BF:UNDO")["result"] == "ok"
        again = rig.scan("s1", "BF:UNDO")
        assert (again["code"], "left to undo" in again["text"]) == ("BF4005", True)
        rig.audit()


def test_a_gateway_without_master_data_says_that_it_can_post_nothing() -> None:
    with Rig(_TABLES, imports=False) as rig:
        rig.start()
        assert {alert["id"] for alert in rig.alerts()} >= {"no-master-data"}
        found = rig.backflush("doctor", "--json").json
        assert [each["state"] for each in found if "no master data is in force" in each["got"]] == ["warn", "warn"]
        rig.take_masterdata()
        rig.count("c1", 5)
        rig.settle()
        assert "no-master-data" not in {alert["id"] for alert in rig.alerts()}
        assert not [each for each in rig.backflush("doctor", "--json").json if "no master data" in each["got"]]
