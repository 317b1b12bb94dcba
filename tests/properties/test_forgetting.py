"""Whether something is in memory never changes a result: lots, shifts and orders that are done are read back.

The same story of every door is told to two books. One drops all that is done after each commit that chance chooses, and
starts again now and then; the other one forgets nothing. Their ledgers must be the same, row by row.

A journal of before names were judged is told without restarts. There each start looked for stock, so that the update
worker posted earlier; such journals fold as they did.
"""

from typing import Any

from hypothesis import example, given

from gateway.backflush.memory.records import Outcome
from gateway.backflush.memory.state import ANYTHING, EDITION, Rules
from tests.differences import plain
from tests.memory import Ledger
from tests.stories import PROFILES, Teller, Told, rules_of_a_gateway, stories


def tables(ledger: Ledger) -> dict[str, object]:
    """Return all that a ledger holds, but the words of answers: no total is shown of a shift that memory has not."""
    scans = {key: scan._replace(outcome=_wordless(scan.outcome)) for key, scan in ledger.scans.items()}
    last_scans = {
        key: scan._replace(answer=scan.answer and _wordless(scan.answer)) for key, scan in ledger.last_scans.items()
    }
    return {name: plain(table) for name, table in (vars(ledger) | {"scans": scans, "last_scans": last_scans}).items()}


def _wordless(answer: Outcome) -> Outcome:
    return answer._replace(title="", text="", facts=())


def _counted(pieces: int, *, crashes: bool = False) -> Told:
    return Told("count", pieces, "", "", "", 0, forgets=False, crashes=crashes)


@given(stories(), PROFILES, rules_of_a_gateway())
# The stock ends, and the start looks for more while rows wait for the update worker.
@example(
    story=[_counted(27), _counted(1), _counted(1, crashes=True)],
    profile={"goods_issue": True, "activities": True, "activity_timing": "update"},
    rules=Rules(window="reading", worklist="60s", open_names=(), edition=EDITION),
)
def test_what_is_dropped_from_memory_never_changes_a_result(
    story: list[Told], profile: dict[str, Any], rules: Rules
) -> None:
    if ANYTHING in rules.open_names:
        story = [now._replace(crashes=False) for now in story]
    forgets, remembers = (Teller({**profile}, rules, remembers=each).tell_all(story) for each in (False, True))
    assert tables(forgets.ledger) == tables(remembers.ledger)
