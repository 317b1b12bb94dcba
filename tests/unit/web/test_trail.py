"""The trail and the pairing of a site that strangers call: they take no place of others, and fail no answer."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from gateway.web import trail as room
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
