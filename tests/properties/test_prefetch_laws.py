"""A step touches nothing that it has not named: what is neither in memory nor in the answer to its needs is asked for.

Stories of every door are told to a guarded book, in batches, while chance drops what is done, starts again and sets the
clock back.
"""

from typing import Any

import pytest
from hypothesis import given

from gateway.backflush.memory.state import EDITION, Rules
from tests.guarded import Guarded
from tests.stories import PROFILES, Teller, Told, rules_of_a_gateway, stories


def tale(*things: dict[str, Any] | str) -> list[Told]:
    """Return a story of what is done while all that is finished is dropped at once."""
    said = [{"what": thing} if isinstance(thing, str) else thing for thing in things]
    least = {"pieces": 3, "at": "", "lot": "", "cost_object": "", "number": 0, "forgets": True, "crashes": False}
    return [Told(**{**least, **each}) for each in said]


DAYS = ({"what": "wait", "pieces": 5, "number": 7},) * 3
PROFILE = {
    "goods_issue": True,
    "activities": True,
    "goods_issue_timing": "online",
    "activity_timing": "online",
    "reporting_points": "optional",
    "cumulate_goods_issues": False,
}
RARE = {
    "a document without rows, of an order that is finished": (
        tale({"what": "rework", "cost_object": "SO 4500 10"}, *DAYS, "reverse"),
        PROFILE,
    ),
    "units that wait again, in a lot that no row names": (
        tale({"what": "post", "lot": "B1"}, {"what": "post", "number": 1, "lot": "B2"}, *DAYS, "reverse"),
        PROFILE | {"goods_issue": False, "activities": False},
    ),
    "a posting that is held together with pieces of another list": (
        tale("post", {"what": "import", "number": 1}, "post", "work", *DAYS, {"what": "reverse", "number": 1}),
        PROFILE | {"goods_issue_timing": "background", "cumulate_goods_issues": True},
    ),
    "a scan of another line and point than its scanner's now": (
        tale(
            {"what": "cards", "number": 5},
            {"what": "broken", "number": 4},
            {"what": "cards", "number": 6},
            {"what": "replay", "number": 7},
        ),
        PROFILE,
    ),
    "a serial number that is held at another point than its repetition's": (
        tale(*({"what": what, "number": n} for what, n in (("cards", 6), ("broken", 3), ("cards", 1), ("cards", 3)))),
        PROFILE,
    ),
    "a serial number at the end, for the card of another line has taken the point back": (
        tale({"what": "cards", "number": 2}, {"what": "cards", "number": 0}),
        PROFILE,
    ),
    "a telegram of a time that is too late by now": (
        tale("count", {"what": "broken", "at": "2026-03-15 05:00"}, *DAYS, {"what": "replay", "number": 7}),
        PROFILE,
    ),
    "a serial number of a scan that the journal no longer has": (
        tale({"what": "broken", "number": 1}, {"what": "replay", "pieces": 5, "number": 7}),
        PROFILE,
    ),
}


@pytest.mark.parametrize(("story", "profile"), RARE.values(), ids=RARE)
def test_a_rare_step_touches_nothing_that_was_not_read(story: list[Told], profile: dict[str, Any]) -> None:
    rules = Rules("reading", worklist="60s", late_max=96 * 3_600_000_000, edition=EDITION)
    Teller(profile, rules, Guarded).tell_all(story)


@given(stories(), PROFILES, rules_of_a_gateway())
def test_a_step_touches_nothing_that_was_not_read(story: list[Told], profile: dict[str, Any], rules: Rules) -> None:
    Teller(profile, rules, Guarded).tell_all(story)
