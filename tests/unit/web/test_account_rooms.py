"""The pages of accounts: people change their own password, administrators change accounts, and each says who acts."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest

from gateway.web.accounts import digest_of
from gateway.web.passwords import hash_password
from tests.asgi import Answer, ask
from tests.unit.web.house import PASSWORD, House

NEW = "another battery horse"
HASH = hash_password(PASSWORD)


class Person(NamedTuple):
    """Somebody who has signed in."""

    house: House
    name: str
    cookie: str
    csrf: str

    async def get(self, path: str) -> Answer:
        """Get a page."""
        return await ask(self.house.app, path, cookie=self.cookie)

    async def send(self, path: str, **fields: str) -> Answer:
        """Send a form of a page, with the own password unless another is said."""
        body = urlencode({"csrf": self.csrf, "password": PASSWORD, **fields})
        return await ask(self.house.app, path, "POST", body=body, cookie=self.cookie, sec_fetch_site="same-origin")


def enter(house: House, name: str, role: str = "viewer") -> Person:
    """Add a user if there is none, and sign in."""
    if name not in {user.name for user in house.accounts.users()}:
        house.accounts.add_user(name, role, ["*"], HASH, time.time())  # type: ignore[arg-type]
    cookie = f"bf={house.accounts.begin_session(name, time.time(), HASH)}"
    return Person(house, name, cookie, house.csrf_of(cookie))


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site."""
    with House(tmp_path) as made:
        yield made


@pytest.fixture
def admin(house: House) -> Person:
    """Offer an administrator."""
    return enter(house, "boss", "admin")


def trail(house: House) -> list[tuple[str, str, str]]:
    """Return who did what to what, the newest first."""
    return [(line.actor, line.what, line.object) for line in house.accounts.trail()]


async def test_a_person_changes_the_password_and_stays_here_alone(house: House) -> None:
    here, there = enter(house, "olga"), enter(house, "olga")
    done = await here.send("/account/password", new=NEW, again=NEW)
    assert (done.status, "The password is changed" in done.body) == (200, True)
    cookie = done.headers["set-cookie"].split(";")[0]
    assert (await ask(house.app, "/account", cookie=cookie)).status == 200
    for old in (here, there):
        assert (await old.get("/account")).status == 401
    assert (await house.sign_in("olga")).status == 403
    assert (await house.sign_in("olga", NEW)).status == 303
    assert ("olga", "password changed", "olga") in trail(house)


@pytest.mark.parametrize(
    ("fields", "status", "text"),
    [
        ({"new": NEW, "again": f"{NEW}!"}, 400, "not the same"),
        ({"new": "short", "again": "short"}, 400, "12 to 128"),
        ({"new": NEW, "again": NEW, "password": "a wrong password"}, 403, "Your password is wrong"),
    ],
)
async def test_a_password_that_is_not_changed_stays(
    house: House, fields: dict[str, str], status: int, text: str
) -> None:
    person = enter(house, "olga")
    answer = await person.send("/account/password", **fields)
    assert (answer.status, text in answer.body) == (status, True)
    assert (await person.get("/account")).status == 200
    assert (await house.sign_in("olga")).status == 303


async def test_a_person_ends_own_sessions_alone(house: House) -> None:
    here, there, other = enter(house, "olga"), enter(house, "olga"), enter(house, "anna")
    page = await here.get("/account")
    digests = [digest_of(each.cookie.removeprefix("bf=")).hex() for each in (here, there, other)]
    assert [digest in page.body for digest in digests] == [False, True, False]
    for digest in digests[1:]:
        assert (await here.send("/account/sessions/end", session=digest)).status == 303
    assert [(await each.get("/account")).status for each in (here, there, other)] == [200, 401, 200]


async def test_programs_and_displays_have_no_account(house: House) -> None:
    token = house.accounts.add_token("andon", ["board"], ["*"], time.time(), None)
    assert (await ask(house.app, "/account", authorization=f"Bearer {token}")).status == 403


async def test_an_administrator_adds_and_changes_a_user(house: House, admin: Person) -> None:
    done = await admin.send("/admin/users", name="olga", role="planner", lines="1000/L01, 2000/*", new=NEW)
    assert (done.status, done.headers["location"]) == (303, "/admin/users")
    assert (await house.sign_in("olga", NEW)).status == 303
    [olga] = [user for user in house.accounts.users() if user.name == "olga"]
    assert (olga.role, olga.lines) == ("planner", ("1000/L01", "2000/*"))
    assert "olga" in (await admin.get("/admin/users")).body
    assert 'value="1000/L01 2000/*"' in (await admin.get("/admin/users/olga")).body
    done = await admin.send("/admin/users/olga", role="viewer", lines="*", new="", disabled="on")
    assert done.status == 303
    [olga] = [user for user in house.accounts.users() if user.name == "olga"]
    assert olga == ("olga", "viewer", ("*",), True)
    assert (await house.sign_in("olga", NEW)).status == 403
    await admin.send("/admin/users/olga", role="viewer", lines="*", new=PASSWORD)
    assert (await house.sign_in("olga")).status == 303
    told = [what for actor, what, of in trail(house) if (actor, of) == ("boss", "olga")]
    assert told[::-1] == [
        "user added as planner", "role viewer", "lines *", "user disabled", "password changed", "user enabled",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "fields", "text"),
    [
        ("/admin/users", {"name": "a b", "role": "viewer", "lines": "*", "new": NEW}, "at most 40 characters"),
        ("/admin/users", {"name": "boss", "role": "viewer", "lines": "*", "new": NEW}, "This name is taken"),
        ("/admin/users", {"name": "olga", "role": "king", "lines": "*", "new": NEW}, "no such role"),
        ("/admin/users", {"name": "olga", "role": "viewer", "lines": "L01", "new": NEW}, "Lines are patterns"),
        ("/admin/users", {"name": "olga", "role": "viewer", "lines": "", "new": NEW}, "Lines are patterns"),
        ("/admin/users", {"name": "olga", "role": "viewer", "lines": "*", "new": "short"}, "12 to 128"),
        ("/admin/users/boss", {"role": "viewer", "lines": "*"}, "You cannot change your own role"),
        ("/admin/tokens", {"name": "andon", "lines": "*"}, "Choose what the token may do"),
        ("/admin/tokens", {"name": "andon", "lines": "*", "scope_read": "on", "days": "0"}, "whole number from 1"),
        ("/admin/tokens", {"name": "andon", "lines": "*", "scope_read": "on", "days": "\u0663"}, "whole number from 1"),
        ("/admin/tokens/remove", {"name": "nothing"}, "removed already"),
        ("/admin/displays", {"name": "hall", "lines": "*", "code": "123456"}, "No display shows this code"),
    ],
)
async def test_a_change_that_cannot_be_made_says_why(
    house: House, admin: Person, path: str, fields: dict[str, str], text: str
) -> None:
    before = house.accounts.users()
    answer = await admin.send(path, **fields)
    assert (answer.status, text in answer.body) == (400, True), answer.body[:2_000]
    assert (house.accounts.users(), house.accounts.keys("token"), trail(house)) == (before, [], [])


@pytest.mark.parametrize("path", ["/admin/users", "/admin/tokens", "/admin/displays", "/admin/tokens/remove"])
async def test_every_change_asks_for_the_own_password_again(
    house: House, admin: Person, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.web.passwords._FIRST_S", 900.0)
    house.accounts.add_token("andon", ["read"], ["*"], time.time(), None)
    fields = {"name": "new", "role": "viewer", "lines": "*", "new": NEW, "scope_read": "on", "code": "1"}
    wrong = {**fields, "name": "andon" if "remove" in path else "new", "password": "a wrong password"}
    answer = await admin.send(path, **wrong)
    assert (answer.status, "Your password is wrong" in answer.body) == (403, True)
    assert [user.name for user in house.accounts.users()] == ["boss"]
    assert [key.name for key in house.accounts.keys("token")] == ["andon"]
    for _ in range(4):
        await admin.send(path, **wrong)
    assert "Too many failed attempts" in (await admin.send(path, **{**wrong, "password": PASSWORD})).body


async def test_a_token_is_shown_once_and_removed(house: House, admin: Person) -> None:
    made = await admin.send("/admin/tokens", name="andon", lines="1000/*", scope_board="on", days="30")
    secret = made.body.split("<code>")[1].split("</code>")[0]
    [key] = house.accounts.keys("token")
    assert (made.status, key.name, key.scopes, key.lines) == (200, "andon", ("board",), ("1000/*",))
    assert key.expires_s is not None
    assert 29 < (key.expires_s - key.created_s) / 86_400 < 31
    assert (await ask(house.app, "/board", authorization=f"Bearer {secret}")).status == 200
    again = await admin.get("/admin/tokens")
    assert ("andon" in again.body, secret in again.body) == (True, False)
    assert (await admin.send("/admin/tokens/remove", name="andon")).status == 303
    assert (await ask(house.app, "/board", authorization=f"Bearer {secret}")).status == 401
    assert [what for _, what, of in trail(house) if of == "andon"] == ["token removed", "token added"]


async def test_a_display_is_connected_and_removed(house: House, admin: Person) -> None:
    shown = await ask(house.app, "/pair")
    cookie = shown.headers["set-cookie"].split(";")[0]
    code = shown.body.split('class="code">')[1].split("<")[0]
    assert (await admin.send("/admin/displays", name="hall-1", lines="1000/*", code=code)).status == 303
    assert (await ask(house.app, "/board?view=wall", cookie=cookie)).status == 200
    assert (await admin.send("/admin/displays/remove", name="hall-1")).status == 303
    assert (await ask(house.app, "/board?view=wall", cookie=cookie)).status == 401


async def test_the_trail_is_read_page_by_page_without_a_loss(house: House, admin: Person) -> None:
    for number in range(250):
        house.accounts.note(number, "anna", "login", f"mark-{number}-", "10.0.0.7")
    path, seen = "/admin/trail", []
    while path:
        body = (await admin.get(path)).body
        seen += [part.split("-")[0] for part in body.split("mark-")[1:]]
        path = body.split('href="/admin/trail?before=')[1].split('"')[0] if "before=" in body else ""
        path = f"/admin/trail?before={path}" if path else ""
    assert seen == [str(number) for number in reversed(range(250))]
    for wrong in ("x", "-1", "9" * 30):
        assert (await admin.get(f"/admin/trail?before={wrong}")).status == 200


async def test_hostile_text_of_accounts_is_inert(house: House, admin: Person) -> None:
    hostile = '<script>alert(1)</script>"><b>'
    house.accounts.add_user(hostile, "viewer", [hostile], HASH, time.time())
    house.accounts.add_token(hostile, ["read"], [hostile], time.time(), None)
    house.accounts.note(time.time(), hostile, hostile, hostile, hostile)
    for path in ("/admin/users", "/admin/tokens", "/admin/trail"):
        body = (await admin.get(path)).body
        assert "&lt;script&gt;" in body
        assert not any(wrong in body for wrong in ("<script>alert", "<b>")), path
    answer = await admin.send("/admin/users", name=hostile, role="viewer", lines=hostile, new=NEW)
    assert "<script>alert" not in answer.body
