"""The trail and the pairing of a site that strangers call: they take no place of others, and fail no answer."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from gateway.errors import UsageError
from gateway.web import trail as room
from gateway.web.accounts import Limits, digest_of
from tests.asgi import ask
from tests.unit.web.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """Offer a site of its own."""
    with House(tmp_path) as made:
        yield made


def trail(house: House) -> list[tuple[str, str]]:
    """Return the lines of the trail, the newest first."""
    return [(line.what, line.object) for line in house.accounts.trail()]


def test_refusals_displace_refusals_alone(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_TRAIL", 2)
    monkeypatch.setattr(room, "_MOST_REFUSALS", 3)
    for number in range(4):
        house.accounts.note(number, "cli", "user added", str(number))
    for number in range(6):
        house.accounts.note(number, "", "refused", str(number), "10.0.0.9")
    refusals = [("refused", str(number)) for number in (5, 4, 3)]
    assert trail(house) == [*refusals, ("user added", "3"), ("user added", "2")]


def test_an_address_repeats_a_refusal_once_a_minute_and_adds_few(house: House) -> None:
    note = house.accounts.note
    for at_s in (100.0, 101.0, 159.0, 160.0):
        note(at_s, "anna", "login failed", "wrong_password", "10.0.0.9")
    note(160.5, "anna", "login failed", "wrong_password", "10.0.0.8")
    assert [line.at_s for line in house.accounts.trail()] == [160.5, 160.0, 100.0]
    for number in range(50):
        note(161.0, "", "refused", f"GET /{number}", "10.0.0.9")
    assert len(trail(house)) == 2 + 10


def test_addresses_without_end_add_no_lines_without_end(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "_MOST_ADDRESSES", 3)
    for number in range(9):
        house.accounts.note(100.0, "", "refused", "GET /", f"10.0.0.{number}")
    assert len(trail(house)) == 3
    house.accounts.note(160.0, "", "refused", "GET /", "10.0.0.8")
    assert len(trail(house)) == 4


async def test_a_busy_file_fails_no_refusal(house: House) -> None:
    with closing(sqlite3.connect(house.settings.accounts_path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert (await house.sign_in("anna", "wrong")).status == 403
        other.execute("ROLLBACK")
    house.accounts.note(time.time(), "cli", "user added", "anna")
    assert trail(house) == [("user added", "anna")]


async def test_an_address_leaves_places_to_the_browsers_of_others(house: House) -> None:
    answers = [await ask(house.app, "/pair") for _ in range(11)]
    assert [answer.status for answer in answers] == [200] * 10 + [503]
    cookie = answers[0].headers["set-cookie"].split(";")[0]
    assert (await ask(house.app, "/pair", cookie=cookie)).status == 200, "its code is shown again"
    assert (await ask(house.app, "/pair", client="127.0.0.2")).status == 200
    code = answers[0].body.split("display add ")[1].split()[0]
    house.accounts.pair(code, "hall-1", ["*"], time.time())
    assert (await ask(house.app, "/pair")).status == 200, "one is paired"


def test_a_clock_that_was_wrong_for_a_while_destroys_no_lines(house: House) -> None:
    days_s = 86_400.0
    for number in range(150):
        house.accounts.note(1_000.0 + number, "cli", "user added", str(number))
    house.accounts.note(500 * days_s, "", "refused", "GET /", "10.0.0.9")
    assert len(house.accounts.trail(1_000)) == 151
    for number in range(100):
        house.accounts.note(500 * days_s + number, "cli", "user added", "later")
    assert len(house.accounts.trail(1_000)) == 101


def test_what_began_while_the_clock_was_ahead_is_over(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, 0.0)
    limits = Limits(3_600, 86_400)
    secret = house.accounts.begin_session("anna", 1e9, house.hash)
    assert secret is not None
    assert house.accounts.find_session(digest_of(secret), 1e9, limits) is not None
    assert house.accounts.find_session(digest_of(secret), 5e8, limits) is None
    for number in range(11):
        with suppress(UsageError):
            house.accounts.offer_pairing(f"s{number}", 1e9, "10.0.0.9")
    code = house.accounts.offer_pairing("mine", 5e8, "10.0.0.9")
    assert house.accounts.find_pairing(code, 5e8) == digest_of("mine")


async def test_accounts_that_cannot_be_written_are_said(house: House) -> None:
    house.accounts.add_user("anna", "viewer", ["*"], house.hash, time.time())
    house.accounts._file.execute("PRAGMA query_only = ON")  # noqa: SLF001 - as a full disk does
    for answer in (await house.sign_in(), await ask(house.app, "/pair")):
        assert (answer.status, "The accounts cannot be written now" in answer.body) == (503, True)


async def test_an_address_with_a_slash_too_many_leads_nowhere(house: House) -> None:
    for path in ("/login/", "/board/", "/api/v1/lines/"):
        assert (await ask(house.app, path)).status == 404
