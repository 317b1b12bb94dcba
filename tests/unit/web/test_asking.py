"""What a visitor's request reaches, what is sent of it, and what is said where no gateway has answered."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from gateway.backflush.plant.snapshot import MasterData
from gateway.errors import Unavailable
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
from gateway.sections import Verb
from gateway.service.local.running import ask_for_visitor
from gateway.web.acts import ACTS, wish_of
from gateway.web.asking import VisitorRequest, actor_of
from gateway.web.ledger_reader import MasterFacts
from gateway.web.orders import add_order
from gateway.web.problems import API
from gateway.web.rights import SCOPES_OF, Kind, Role, Visitor
from tests.asgi import ask
from tests.builders import counter
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


async def test_a_device_that_is_adopted_is_where_it_will_stand_whatever_else_is_named(house: House) -> None:
    own = {"op": "adopt", "new": "c-9", "old": "c-1"}
    house.reader.facts = MasterFacts(master=MasterData(devices={"c-1": counter("c-1", line="L04")}))
    _, refused = await house.asking.judge(
        visitor("1000/L04"), VisitorRequest("devices", "t-1", "1000", "L05", data=own)
    )
    assert refused is not None
    assert refused.code == "BF5007"


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


@pytest.mark.parametrize(
    ("verb", "data"),
    [
        ("backlog-close", {"records": [f"{number}/1" for number in range(10_001)]}),
        ("quarantine-dismiss", {"numbers": [*range(10_001)]}),
        ("quarantine-replay", {"numbers": [None] * 10_001}),
    ],
)
async def test_a_request_of_too_many_records_is_refused_before_the_ledger_is_asked(
    house: House, verb: Verb, data: dict[str, Any]
) -> None:
    # There is no ledger: asking it is another refusal.
    _, refused = await house.asking.judge(visitor("1000/*"), VisitorRequest(verb, "t-1", data=data))
    assert refused is not None
    assert (refused.code, "expected at most 10000 records" in refused.text) == ("BF5008", True)


@pytest.mark.parametrize("verb", ["quarantine-replay", "quarantine-dismiss", "work", "backlog-retry"])
async def test_all_that_a_filter_finds_is_all_of_the_own_plant(house: House, verb: Verb) -> None:
    wish = VisitorRequest(verb, "t-1", reason="audit", data={"device": "w-1"})
    assert await house.asking.judge(visitor("1000/*"), wish) == (wish._replace(plant="1000"), None)
    assert await house.asking.judge(visitor("1000/L04"), wish) == (wish._replace(plant="1000", line="L04"), None)
    assert await house.asking.judge(visitor("*"), wish) == (wish, None)
    _, refused = await house.asking.judge(visitor("1000/L04", "1000/L05"), wish)
    assert refused is not None
    assert (refused.code, "Name one of yours: 1000/L04, 1000/L05." in refused.text) == ("BF5007", True)


@pytest.mark.parametrize(
    ("kind", "actor"),
    [("session", "web:anna"), ("token", "token:anna"), ("display", "display:anna"), ("scanner", "scanner:anna")],
)
def test_an_actor_is_of_one_kind_whatever_its_name(kind: Kind, actor: str) -> None:
    assert actor_of(Visitor("anna", kind, frozenset(), ("*",))) == actor


async def test_a_display_named_like_a_person_reads_no_answer_of_that_person(house: House) -> None:
    upgrade(house.settings.database_url)
    row = {name: "" for name, column in t.commands.c.items() if not column.nullable}
    said = {"command": "t-1", "actor": "web:anna", "response": '["ok", "BF0000", "done", {}]'}
    with open_database(house.settings.database_url).begin() as connection:
        connection.execute(insert(t.commands), [{**row, "at": 0, **said}])
    for name, status in (("anna", 403), ("bert", 403)):
        shown = await ask(house.app, "/pair")
        code = shown.body.split("display add ")[1].split()[0]
        house.accounts.pair(code, name, ["1000/L01"], time.time())
        cookie = shown.headers["set-cookie"].split(";")[0]
        assert (await ask(house.app, f"{API}/requests/t-1", cookie=cookie)).status == status
    house.accounts.add_user("anna", "viewer", ["1000/L01"], house.hash, time.time())
    cookie = f"bf={house.accounts.begin_session('anna', time.time(), house.hash)}"
    assert (await ask(house.app, f"{API}/requests/t-1", cookie=cookie)).status == 200


# -- what is sent


@pytest.mark.parametrize("line", ["", "*"])
async def test_a_request_that_needs_the_topic_of_a_line_names_one(house: House, line: str) -> None:
    answer = await house.asking.ask(visitor("*"), VisitorRequest("work", "t-1", "2000", line))
    assert (answer.code, answer.http_status) == ("BF5008", 422)


def disable(device: str, reason: str = "broken") -> VisitorRequest:
    """Return the request that a device be disabled."""
    return VisitorRequest("devices", "t-1", reason=reason, data={"op": "disable", "old": device})


async def test_a_gateway_that_runs_nowhere_is_told(house: House) -> None:
    house.board.floor.hear("bf/v1/2000/L01/_status", b"", retained=True)
    gone = await house.asking.ask(visitor("*"), disable("c-L04-good"))
    assert (gone.code, gone.text) == (
        "BF9001",
        UNSENT.format(f"gateway {house.settings.gateway.id} does not run on this machine"),
    )


@pytest.mark.parametrize(
    ("lines", "row", "is_allowed"),
    [
        ("1000/L04", {"order": "P-1", "plant": "1000", "line": "L04"}, True),
        ("1000/L04", {"order": "P-1", "plant": "1000", "line": "L05"}, False),
        ("1000/L04", {"order": "P-1", "plant": "1000"}, False),
        ("1000/*", {"order": "P-1", "plant": "1000"}, True),
        ("1000/*", {"order": "P-1"}, False),
        ("1000/*", {"order": "P-\x00", "plant": "2000"}, False),
        ("*", {"order": "P-1"}, True),
    ],
)
async def test_an_order_is_of_its_line_or_of_its_plant(
    house: House, lines: str, row: dict[str, str], *, is_allowed: bool
) -> None:
    upgrade(house.settings.database_url)
    planner = Visitor("paul", "session", SCOPES_OF["planner"], (lines,))
    wish = VisitorRequest("import", "t-1", reason="audit", data=add_order(row))
    _, refused = await house.asking.judge(planner, wish)
    assert (refused is None) is is_allowed


async def test_a_planner_changes_orders_and_nothing_else_of_the_master_data(house: House) -> None:
    upgrade(house.settings.database_url)
    row = {"order": "P-1", "plant": "1000"}
    wanted = add_order(row)["tables"]
    asked: list[dict[str, Any]] = [
        {"tables": {**wanted, "materials": []}},
        {"tables": {"materials": []}},
        {"tables": []},
        {},
    ]
    for data in asked:
        found: list[tuple[Role, bool]] = [("planner", False), ("corrector", False), ("admin", True)]
        for role, is_allowed in found:
            person = Visitor("p", "session", SCOPES_OF[role], ("*",))
            _, refused = await house.asking.judge(person, VisitorRequest("import", "t-1", reason="x", data=data))
            assert (refused is None) is is_allowed, (role, data)


# -- what is said where no gateway has answered


async def test_a_change_under_way_as_the_process_ends_is_not_known_yet(house: House) -> None:
    asked, judged, gone = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def stay_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        asked.set()
        await judged.wait()
        writer.close()
        await writer.wait_closed()
        gone.set()

    async with await asyncio.start_unix_server(stay_silent, house.settings.control_path), asyncio.timeout(60):
        task = asyncio.create_task(house.asking.ask(visitor("*"), VisitorRequest("work", "t-1", "1000", "L04")))
        await asked.wait()
        house.asking.give_up()
        answer = await task
        judged.set()
        await gone.wait()
    assert (answer.status, answer.http_status) == ("unknown", 202)


UNSENT = "this attempt was not sent: {}; an earlier one of this name may still be done"


@pytest.fixture
def lost(house: House) -> House:
    """Offer a site whose ledger cannot be read."""
    Path(house.settings.database_url.removeprefix("sqlite:///")).write_bytes(b"no ledger" * 1000)
    return house


async def test_a_ledger_that_is_away_is_no_fault_of_a_change(lost: House) -> None:
    for wish in (disable("c-L04-good"), VisitorRequest("reverse", "t-1", data={"document": "0000000001"})):
        answer = await lost.asking.ask(visitor("*"), wish)
        assert (answer.code, answer.http_status) == ("BF9001", 503)
        assert answer.text.startswith(UNSENT.partition("{")[0])
        assert answer.text.endswith(UNSENT.partition("}")[2])


def test_a_socket_that_may_not_be_used_is_no_gateway_that_does_not_run(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_socket: object, _address: str) -> None:
        raise PermissionError(13, os.strerror(13))

    assert ask_for_visitor(house.settings, {}, 1) is None
    monkeypatch.setattr("socket.socket.connect", refuse)
    with pytest.raises(Unavailable, match="Permission denied"):
        ask_for_visitor(house.settings, {}, 1)
