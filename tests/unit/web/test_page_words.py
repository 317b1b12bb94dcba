"""Times, words and figures that every page shows in one way."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest

import gateway.web
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.web.ledger_reader import MasterFacts
from gateway.web.order_lists import ORDERS
from gateway.web.tables import Bar, PageWords
from gateway.web.tiles import LineFacts, read_picture, tile_of
from tests.asgi import ask
from tests.unit.web.house import House
from tests.unit.web.test_work_lists import LISTS

TEMPLATES = Path(gateway.web.__file__).parent / "templates"


def get(house: House, path: str, cookie: str) -> tuple[int, str]:
    """Open a page as a person."""
    answer = asyncio.run(ask(house.app, path, cookie=cookie, accept="text/html"))
    return answer.status, answer.body


@pytest.mark.parametrize(
    ("zones", "shown"),
    [(("Europe/Berlin",), r"\d\d:\d\d:\d\d<"), (("Europe/Berlin", "Asia/Tokyo"), r"\d\d:\d\d:\d\d UTC<")],
)
@pytest.mark.parametrize("page", ["/account", "/admin/trail"])
def test_times_of_accounts_are_those_of_the_plants_or_say_that_they_are_utc(
    tmp_path: Path, page: str, zones: tuple[str, ...], shown: str
) -> None:
    with House(tmp_path) as house:
        plants = {zone: Plant(zone, time_zone=zone) for zone in zones}
        house.reader.facts = MasterFacts(master=MasterData(plants=plants))
        cookie = house.session("admin")
        house.accounts.note(1_795_335_330.0, "anna", "login", "", "127.0.0.1")
        status, body = get(house, page, cookie)
    assert status == 200
    found = re.findall(r"<time datetime=\"[^\"]+\"[^>]*>([^<]*<)", body)
    assert found
    assert all(re.search(shown, each) and (("UTC" in each) == ("UTC" in shown)) for each in found)


def test_no_template_prints_a_time_of_its_own() -> None:
    for path in TEMPLATES.glob("*.html"):
        assert re.findall(r"strftime|\.\w+_s ?}}", path.read_text()) == [], path.name


def test_a_page_that_is_not_there_keeps_the_menu_of_a_person_and_is_plain_for_others(tmp_path: Path) -> None:
    with House(tmp_path) as house:
        status, body = get(house, "/no/such/page", house.session("viewer"))
        assert (status, 'href="/documents"' in body) == (404, True)
        status, body = get(house, "/no/such/page", "")
        assert (status, 'href="/documents"' in body, "There is no such page" in body) == (404, False, True)


def test_a_line_that_never_counted_has_no_time_of_a_last_count() -> None:
    said: dict[str, Any] = {"plant": "1000", "line": "L01", "run": {"material": "P"}, "last_count": None,
                            "state_since": "2026-01-01T00:00:00.000Z", "ts": "2026-03-01T00:00:00.000Z"}  # fmt: skip
    assert tile_of(read_picture(said), "stopped", LineFacts(), 97.0)["since"] is None
    assert tile_of(read_picture({**said, "last_count": "no time"}), "stopped", LineFacts(), 97.0)["since"] is None
    counted = {**said, "last_count": "2026-02-28T23:59:50.000Z"}
    assert tile_of(read_picture(counted), "stopped", LineFacts(), 97.0)["since"] == 87


def test_an_alert_leads_to_its_page_and_devices_whatever_a_client_of_the_broker_calls_it() -> None:
    [alerts] = [which for which in LISTS if which.name == "alerts"]
    words = PageWords("en", MasterData())

    def links(name: Any, objects: Any) -> list[str]:
        row = words.table("id=alert objects", [alerts.row({"id": name, "objects": objects}, words)]).rows[0]
        return [each.link for some in row.cells if not isinstance(some, Bar) for each in some]

    assert links("silent", ["c 1", "c-2"]) == ["/devices", "/devices/c%201", "/devices/c-2"]
    assert links("backlog-age", []) == ["/backlog"]
    assert links("silent", {"c": 1}) == ["/devices", ""]
    assert links(["odd"], "x") == ["", ""]


@pytest.mark.parametrize(("made", "link"), [("3", "/documents?order=P%201&line=1000%2FL04"), ("0", "")])
def test_an_order_leads_to_the_documents_that_have_made_it(made: str, link: str) -> None:
    record = {"order": "P 1", "plant": "1000", "line": "L04", "reduced": made}
    papers = ORDERS.row(record, PageWords("en", MasterData()))["papers"]
    assert (papers.link if papers else "") == link
