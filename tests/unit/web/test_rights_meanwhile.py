"""What happens while a password is judged: its account may change, and strangers may guess."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from gateway.masterdata.tables import Tables
from gateway.service.local.imports import prepare_import, take_effect
from gateway.web.passwords import PasswordDoor
from gateway.web.sign_in import SignIn
from tests.asgi import Answer, ask
from tests.integration.cli_program import SHIPPED
from tests.unit.web.house import PASSWORD, House
from tests.unit.web.test_account_rooms import HASH, Person, enter

NEW = "another battery horse"
FAR = {"client": "10.0.0.9", "scheme": "https"}


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site with a viewer."""
    with House(tmp_path) as made:
        made.accounts.add_user("anna", "viewer", ["*"], HASH, time.time())
        yield made


def door_of(house: House) -> PasswordDoor:
    """Return the door that judges the passwords of a site."""
    [room] = [each for each in house.site._rooms if isinstance(each, SignIn)]  # noqa: SLF001 - it has the door
    return room._passwords  # noqa: SLF001 - see above


@asynccontextmanager
async def under_way(house: House, request: Awaitable[Answer]) -> AsyncIterator["asyncio.Task[Answer]"]:
    """Keep a request waiting for the judgement of its password."""
    door = door_of(house)
    before = dict(door._failures)  # noqa: SLF001 - each request counts before its password is judged
    for _ in range(2):
        await door._two.acquire()  # noqa: SLF001 - as two others that are judged
    task = asyncio.ensure_future(request)
    while dict(door._failures) == before:  # noqa: SLF001, ASYNC110 - nothing tells it
        await asyncio.sleep(0)
    yield task
    for _ in range(2):
        door._two.release()  # noqa: SLF001 - see above


async def test_a_sign_in_under_way_does_not_outlive_its_password(house: House) -> None:
    async with under_way(house, house.sign_in()) as answer:
        house.accounts.change_password("anna", house.hash)
    assert ((await answer).status, "set-cookie" in (await answer).headers) == (403, False)
    async with under_way(house, house.sign_in()) as answer:
        house.accounts.disable_user("anna")
    assert (await answer).status == 403
    house.accounts.disable_user("anna", undo=True)
    assert (await house.sign_in()).status == 303


@pytest.mark.parametrize("what", ["role", "lines", "password", "disabled"])
async def test_an_administrator_who_is_one_no_longer_makes_no_change(house: House, what: str) -> None:
    boss = enter(house, "boss", "admin")
    async with under_way(house, boss.send("/admin/users/anna", role="corrector", lines="*", new="")) as answer:
        if what == "role":
            house.accounts.change_role("boss", "viewer")
        elif what == "lines":
            house.accounts.change_lines("boss", ["1000/*"])
        elif what == "password":
            house.accounts.change_password("boss", HASH)
        else:
            house.accounts.disable_user("boss")
    assert ((await answer).status, "changed meanwhile" in (await answer).body) == (403, True)
    assert {user.role for user in house.accounts.users() if user.name == "anna"} == {"viewer"}


async def test_a_session_that_has_ended_changes_no_password(house: House) -> None:
    olga = enter(house, "olga")
    door = door_of(house)
    await door._two.acquire()  # noqa: SLF001 - the judgement waits, the hash of the new password does not
    task = asyncio.ensure_future(olga.send("/account/password", new=NEW, again=NEW))
    while not any("session" in key for key in door._failures):  # noqa: SLF001, ASYNC110 - nothing tells it
        await asyncio.sleep(0)
    house.accounts.disable_user("olga")
    house.accounts.disable_user("olga", undo=True)
    door._two.release()  # noqa: SLF001 - see above
    assert (await task).status == 403
    assert (await house.sign_in("olga")).status == 303


async def guess(house: House, times: int = 6) -> list[int]:
    """Guess the password of anna from far away."""
    return [(await house.sign_in(password="a wrong password", **FAR)).status for _ in range(times)]


async def test_guesses_keep_no_one_out_where_this_person_has_signed_in(house: House) -> None:
    assert (await house.sign_in()).status == 303
    assert await guess(house) == [403] * 5 + [429]
    assert (await house.sign_in(client="10.0.0.8", scheme="https")).status == 429, "a new address"
    assert (await house.sign_in()).status == 303, "a known address"
    assert [(await house.sign_in(password="wrong")).status for _ in range(6)] == [403] * 5 + [429]


async def test_guesses_keep_no_one_out_whose_session_holds(house: House) -> None:
    boss = enter(house, "boss", "admin")
    house.accounts.change_role("anna", "admin")
    anna: Person = enter(house, "anna")
    assert await guess(house) == [403] * 5 + [429]
    change = {"role": "planner", "lines": "*", "new": ""}
    assert (await anna.send("/admin/users/boss", **change)).status == 303
    statuses = [(await anna.send("/account/password", new=NEW, again=NEW, password="x")).status for _ in range(5)]
    assert statuses == [403] * 5
    assert "Too many" in (await anna.send("/account/password", new=NEW, again=NEW)).body
    assert (await boss.get("/account")).status == 200
    assert PASSWORD != NEW


async def test_a_path_that_no_name_can_be_is_no_page(house: House) -> None:
    boss = enter(house, "boss", "admin")
    for path in ("/devices/\0", "/devices/a\0b", "/api/v1/requests/\0", "/line/1000/L\n01/latest", "/line/1000/\x7f"):
        assert (await boss.get(path)).status == 404, path
    assert (await boss.send("/devices/\0/adopt", reason="x")).status == 404
    assert (await ask(house.app, "/\0")).status == 404


@pytest.mark.parametrize("days", ["9" * 5_000, "0", "3651", "-1", "1e3"])
async def test_days_that_are_none_are_said(house: House, days: str) -> None:
    boss = enter(house, "boss", "admin")
    answer = await boss.send("/admin/tokens", name="mes", lines="*", scope_read="on", days=days)
    assert (answer.status, "whole number from 1 to 3650" in answer.body) == (400, True)


async def test_a_name_that_differs_in_its_case_alone_is_refused(house: House) -> None:
    boss = enter(house, "boss", "admin")
    for name in ("Anna", "ANNA", "anna"):
        answer = await boss.send("/admin/users", name=name, role="viewer", lines="*", new=NEW)
        assert (answer.status, "This name is taken" in answer.body) == (400, True), name
    assert (await boss.send("/admin/tokens", name="MES", lines="*", scope_read="on")).status == 200
    assert (await boss.send("/admin/tokens", name="mes", lines="*", scope_read="on")).status == 400
    assert [key.name for key in house.accounts.keys("token")] == ["MES"]


async def test_a_line_that_is_not_maintained_is_marked(house: House) -> None:
    boss = enter(house, "boss", "admin")
    take_effect(house.settings, prepare_import(house.settings, SHIPPED, Tables()), "anna", "first")
    await house.reader.refresh()
    for name, lines in (("typo", "1000/L99 1000/L04"), ("fine", "1000/* 1000/L04 1000/_")):
        assert (await boss.send("/admin/users", name=name, role="viewer", lines=lines, new=NEW)).status == 303
    assert (await boss.get("/admin/users")).body.count("Not maintained: ") == 1
    assert "Not maintained: 1000/L99<" in (await boss.get("/admin/users")).body
    assert (await boss.send("/admin/tokens", name="mes", lines="2000/*", scope_read="on")).status == 200
    assert "Not maintained: 2000/*" in (await boss.get("/admin/tokens")).body


# -- what a refusal says


async def test_a_refusal_is_a_page_that_names_the_right_and_leads_back(house: House) -> None:
    cookie = house.session("viewer", "1000/*")
    said = {"cookie": cookie, "accept": "text/html", "referer": "http://127.0.0.1:8765/worklist?line=1000%2FL01"}
    page = await ask(house.app, "/worklist/hold?line=1000/L01", **said)
    assert page.status == 403
    assert "The right correct is missing. Your rights: board, read." in page.body
    assert '<nav class="side"' in page.body
    assert 'class="button" href="/worklist?line=1000%2FL01"' in page.body
    for path, text in (
        ("/alerts", "This is of all lines together. Your lines: 1000/*."),
        ("/documents?line=2000/L01", "2000/L01 is not one of your lines. Your lines: 1000/*."),
        ("/stock?plant=2000", "2000/* is not one of your lines."),
    ):
        assert text in (await ask(house.app, path, **said)).body, path
    single = {**said, "cookie": house.session("viewer", "1000/L01"), "accept_language": "de"}
    assert "Das betrifft ein ganzes Werk. Ihre Linien: 1000/L01." in (await ask(house.app, "/stock", **single)).body
    said["referer"] = "http://evil.example/board2"
    for away in ("http://evil.example/x", "http://127.0.0.1:8765//evil.example", "javascript:alert(1)"):
        page = await ask(house.app, "/alerts", **{**said, "referer": away})
        assert ("evil" in page.body, 'class="button" href="/board"' in page.body) == (False, True)


async def test_a_form_of_another_site_is_refused_by_a_page(house: House) -> None:
    page = await ask(house.app, "/login", "POST", body="name=anna", sec_fetch_site="cross-site", accept="text/html")
    assert (page.status, "Open the page again" in page.body) == (403, True)


async def test_a_program_is_told_which_right_and_which_lines(house: House) -> None:
    board = house.accounts.add_token("wall", ["board"], ["*"], time.time(), None)
    mes = house.accounts.add_token("mes", ["read"], ["1000/*"], time.time(), None)

    async def told(token: str, path: str) -> str:
        answer = await ask(house.app, f"/api/v1{path}", authorization=f"Bearer {token}")
        assert (answer.status, answer.headers["content-type"]) == (403, "application/problem+json")
        return answer.body

    assert "The right read is missing. Your rights: board." in await told(board, "/lines")
    assert "This is of all lines together. Your lines: 1000/*." in await told(mes, "/alerts")
    assert "2000/L01 is not one of your lines. Your lines: 1000/*." in await told(mes, "/lines/2000/L01")
