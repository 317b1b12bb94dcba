"""What a visitor's request reaches, what is sent of it, and what is said where no gateway has answered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.database.schema import upgrade
from gateway.sections import Verb
from gateway.web.acts import ACTS, wish_of
from gateway.web.asking import VisitorRequest
from gateway.web.rights import SCOPES_OF, Visitor
from tests.unit.web.house import House

LINES = {"line": "1000/L04", "plant": "1000", "transaction": "t-1", "reason": "audit"}
LATEST = {"material": "FG", "version": "0001", "quantity": "5"}


def visitor(*lines: str) -> Visitor:
    """Return an administrator of lines."""
    return Visitor("anna", "session", SCOPES_OF["admin"], lines)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site."""
    with House(tmp_path) as made:
        made.board.floor.hear("bf/v1/2000/L01/_status", b'{"gateway": "elsewhere"}', retained=True)
        yield made


# -- the reach of a request


def test_a_form_says_a_line_only_if_its_act_has_one() -> None:
    for act in ACTS:
        fields = {field.name for field in act.fields}
        wish = wish_of(act, LINES)
        expected = ("1000", "L04") if "line" in fields else ("1000", "") if "plant" in fields else ("", "")
        assert (wish.plant, wish.line) == expected, act.path


@pytest.mark.parametrize("said", [LINES, {**LINES, "plant": "1000/L04"}])
async def test_a_period_is_of_the_whole_plant(house: House, said: dict[str, str]) -> None:
    for act in (each for each in ACTS if each.verb == "period"):
        wish = wish_of(act, {**said, "period": "2026-11"})
        _, refused = await house.asking.judge(visitor("1000/L04"), wish)
        assert refused is not None
        assert refused.code == "BF5007"
        _, refused = await house.asking.judge(visitor("1000/*"), wish._replace(plant="1000"))
        assert refused is None


async def test_the_newest_units_of_a_version_are_of_the_whole_plant(house: House) -> None:
    latest = VisitorRequest("reverse", "t-1", "1000", "L04", data=LATEST)
    _, refused = await house.asking.judge(visitor("1000/L04"), latest)
    assert refused is not None
    assert refused.code == "BF5007"
    for wish in (latest, latest._replace(line="")):
        assert await house.asking.judge(visitor("1000/*"), wish) == (wish, None)


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("reverse", {"document": "0000000001"}),
        ("backlog-close", {"records": ["1/1"]}),
        ("backlog-correct", {"record": "1/1"}),
        ("quarantine-dismiss", {"numbers": ["1"]}),
    ],
)
async def test_a_record_is_where_the_ledger_says(house: House, verb: Verb, data: dict[str, Any]) -> None:
    upgrade(house.settings.database_url)
    wish = VisitorRequest(verb, "t-1", "1000", "L04", data=data)
    assert await house.asking.judge(visitor("*"), wish) == (wish._replace(plant="", line=""), None)
    _, refused = await house.asking.judge(visitor("1000/L04"), wish)
    assert refused is not None
    assert refused.code == "BF5007"


# -- what is sent


@pytest.mark.parametrize("line", ["", "*"])
async def test_a_request_that_needs_the_topic_of_a_line_names_one(house: House, line: str) -> None:
    answer = await house.asking.ask(visitor("*"), VisitorRequest("work", "t-1", "2000", line))
    assert (answer.code, answer.http_status) == ("BF5008", 422)
