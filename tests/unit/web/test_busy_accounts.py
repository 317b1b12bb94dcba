"""The file of accounts while another process writes it: who waits for it, who does not, and what stays as it was."""

import asyncio
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from gateway.errors import UsageError
from gateway.web import trail
from gateway.web.accounts import Limits, WebAccounts, digest_of
from tests.asgi import Answer, ask
from tests.unit.web.house import PASSWORD, House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site with a person."""
    with House(tmp_path) as made:
        made.accounts.add_user("anna", "viewer", ["*"], made.hash, time.time())
        yield made


@contextmanager
def busy(house: House) -> Iterator[None]:
    """Write the file, as another process does."""
    with closing(sqlite3.connect(house.settings.accounts_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def send(house: House, path: str, cookie: str, **fields: str) -> Answer:
    """Send a form of somebody who has signed in."""
    body = urlencode({"csrf": house.csrf_of(cookie), "password": PASSWORD, **fields})
    return await ask(house.app, path, "POST", body=body, cookie=cookie, sec_fetch_site="same-origin")


async def test_a_sign_in_waits_for_the_file_and_no_page_waits_with_it(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookie, asked = house.session("viewer"), asyncio.Event()
    monkeypatch.setattr(trail, "_AGAIN_S", 0.001)
    change = house.accounts.change

    def note() -> object:
        asked.set()
        return change()

    monkeypatch.setattr(house.accounts, "change", note)
    with busy(house):
        signing_in = asyncio.create_task(house.sign_in())
        await asked.wait()
        for path in ("/board", "/account", "/healthz", "/login", "/admin/users"):
            assert (await ask(house.app, path, cookie=cookie)).status in (200, 303, 403), path
        assert not signing_in.done()
    answer = await signing_in
    assert answer.status == 303, answer.body
    cookie = answer.headers["set-cookie"].split(";")[0]
    assert (await ask(house.app, "/board", cookie=cookie)).status == 200


async def test_a_file_that_stays_busy_is_said_and_nothing_has_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trail, "PATIENCE_S", 0.0)
    admin, new = house.session("admin"), "another battery horse"
    people, own = house.accounts.users(), {"again": new, "new": new}
    with busy(house):
        answers = [
            await house.sign_in(),
            await ask(house.app, "/pair"),
            await send(house, "/admin/users", admin, name="olga", role="viewer", lines="*", new=new),
            await send(house, "/account/password", admin, **own),
            await send(house, "/logout", admin),
        ]
    assert {answer.status for answer in answers} == {503}
    assert all("The accounts cannot be written now" in answer.body for answer in answers)
    assert (house.accounts.users(), house.accounts.trail()) == (people, [])
    assert (await ask(house.app, "/account", cookie=admin)).status == 200, "the session has not ended"
    assert (await house.sign_in()).status == 303
    assert (await send(house, "/account/password", admin, **own)).status == 200
    assert [line.what for line in house.accounts.trail()] == ["login", "password changed", "login"]


async def test_a_change_is_made_with_its_lines_of_the_trail_or_not_at_all(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    admin = house.session("admin")

    def fail(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(house.accounts, "_add_line", fail)
    answer = await send(house, "/admin/users/anna", admin, role="admin", lines="2000/*", disabled="on", new="")
    assert answer.status == 503
    [anna] = [user for user in house.accounts.users() if user.name == "anna"]
    assert anna == ("anna", "viewer", ("*",), False)


async def test_a_scanner_keeps_its_place_if_the_other_browser_does_not_get_it(house: House) -> None:
    accounts, now_s = house.accounts, time.time()
    accounts.pair_scanner(accounts.offer_pairing("old", now_s, ""), "w-1", "1000", now_s)
    with pytest.raises(UsageError):
        accounts.pair_scanner("000000", "w-1", "1000", now_s)
    code = accounts.offer_pairing("new", now_s, "")
    accounts._file.execute("CREATE TRIGGER full BEFORE INSERT ON keys BEGIN SELECT RAISE(FAIL, 'full'); END")  # noqa: SLF001 - as a full disk does
    with pytest.raises(sqlite3.DatabaseError, match="full"):
        accounts.pair_scanner(code, "w-1", "1000", now_s)
    found = accounts.find_key(digest_of("old"), now_s)
    assert found is not None
    assert found.name == "w-1"


def test_a_session_that_is_too_old_ends_also_while_the_file_is_busy(house: House) -> None:
    secret = house.accounts.begin_session("anna", 1e9, house.hash)
    assert secret is not None
    with busy(house):
        assert house.accounts.find_session(digest_of(secret), 2e9, Limits(3_600, 86_400)) is None


def test_one_host_with_some_addresses_leaves_a_place_to_others(house: House) -> None:
    now_s = time.time()
    for number in range(50):
        house.accounts.offer_pairing(f"crowd {number}", now_s, f"10.0.0.{number % 5}")
    codes = [house.accounts.offer_pairing(f"mine {number}", now_s, "10.0.1.1") for number in range(5)]
    assert len({house.accounts.find_pairing(code, now_s) for code in codes}) == 5
    assert house.accounts.offer_pairing("crowd 0", now_s, "10.0.0.0"), "the first ones stay"
    with pytest.raises(UsageError, match="too many browsers"):
        house.accounts.offer_pairing("one more", now_s, "10.0.0.0")


def test_a_command_waits_for_the_file(tmp_path: Path) -> None:
    accounts = WebAccounts(tmp_path / "web.sqlite")
    assert accounts._file.execute("PRAGMA busy_timeout").fetchone() == (5_000,)  # noqa: SLF001 - what a command does
    accounts.close()
