"""The API and the lists of a line over a small ledger: each asks for what it shows, and judges what it gets."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Text, event, insert, text

from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
from gateway.ledger.reports import present
from gateway.ledger.reports.devices import devices
from gateway.ledger.reports.lists import RUN_KEY, runs
from gateway.web.api.lists import ListOrder
from gateway.web.ledger_reader import TooLong
from gateway.web.problems import API
from tests.asgi import ask
from tests.unit.web.house import House


class Reading(House):
    """A site with a ledger."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        upgrade(self.settings.database_url)

    def tell(self, topic: str, said: object) -> None:
        """Let a message come."""
        self.board.floor.hear(f"bf/v1/{topic}", json.dumps(said).encode(), retained=False)

    async def read(self, path: str) -> Any:
        """Return an answer of the API."""
        token = self.accounts.add_token(f"t-{time.monotonic_ns()}", ["read"], ["*"], time.time(), None)
        answer = await ask(self.app, f"{API}{path}", authorization=f"Bearer {token}")
        assert answer.status == 200, answer.body
        return json.loads(answer.body)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[Reading]:
    """Offer a site with a ledger that has no rows."""
    with Reading(tmp_path) as made:
        yield made


async def test_no_alert_spoils_what_the_api_reads_of_the_ledger(house: Reading) -> None:
    house.tell("_gateway/gw1/state", {"state": "online", "phase": "ready"})
    said: list[object] = [5, None, [["c-1"]], [{}]]
    for objects in said:
        house.tell("_gateway/gw1/alert/silent", {"id": "silent", "severity": "error", "objects": objects})
        for path in ("/documents", "/devices"):
            assert (await house.read(path))["items"] == [], objects


async def test_an_alert_is_what_its_topic_names(house: Reading) -> None:
    said: list[dict[str, object]] = [{"text": "x"}, {"id": 5}, {"id": None}, {"id": {"a": [1]}}, {"id": "a"}]
    for number, message in enumerate(said):
        house.tell(f"_gateway/gw1/alert/{number}", message)
    assert [each["id"] for each in (await house.read("/alerts"))["items"]] == ["0", "1", "2", "3", "4"]
    assert [each["id"] for each in (await house.read("/alerts?limit=1"))["items"]] == ["0"]


async def test_a_question_of_many_statements_ends_by_its_time(house: Reading) -> None:
    given_up, ended = threading.Event(), threading.Event()

    def ask_on(connection: Connection) -> None:
        try:
            while not given_up.is_set():
                connection.execute(text("SELECT 1"))
        finally:
            ended.set()

    with pytest.raises(TooLong):
        await house.reader.ask(ask_on)
    has_ended = await asyncio.to_thread(ended.wait, 20.0)
    given_up.set()
    assert has_ended, "it holds a reader although its answer was given up"


def test_pages_of_runs_ask_for_one_millisecond_and_leave_none_out(house: Reading) -> None:
    engine = open_database(house.settings.database_url)
    starts = [*range(1_795_335_330_000_000, 1_795_335_340_000_000, 1_000_000)]
    starts += [1_795_335_335_000_000 + 100 * number for number in range(1, 6)]
    row = {name: "" for name, column in t.runs.c.items() if not column.nullable}
    with engine.begin() as connection:
        rows = [{**row, "plant": "1000", "line": "L04", "start_at": at, "end_at": 0, "stopped_at": 0, "batch": str(at)}
                for at in starts]  # fmt: skip
        connection.execute(insert(t.runs), rows)
    said: list[str] = []
    order = ListOrder(RUN_KEY)
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *found: said.append(found[2]))
        shown: list[Any] = []
        while found := runs(connection, limit=2, after=order.key_of(shown[-1]) if shown else None):
            shown += found
    engine.dispose()
    assert [each["batch"] for each in shown] == [str(at) for at in sorted(starts, reverse=True)]
    asked = [text for text in said if text.startswith("SELECT")]
    assert [text for text in asked if "LIMIT" not in text and "runs.line = " not in text] == []


@pytest.mark.parametrize("with_changes", [True, False])
def test_devices_without_their_changes_search_no_imports(house: Reading, *, with_changes: bool) -> None:
    engine = open_database(house.settings.database_url)
    said: list[str] = []
    with engine.connect() as connection:
        event.listen(connection, "before_cursor_execute", lambda *found: said.append(found[2]))
        assert devices(connection, MasterData(), with_changes=with_changes) == []
    engine.dispose()
    assert any(t.master_tables.name in text for text in said) is with_changes


# -- stock


def stocked(house: Reading, number: int) -> list[tuple[str, str]]:
    """Put stock of many materials into the ledger, and return their keys, in order."""
    keys = [(f"M{each:05}", f"L{each % 3}") for each in range(number)]
    row = {"plant": "1000", "batch": "", "stock_type": "", "quantity": 5_000_000}
    with open_database(house.settings.database_url).begin() as connection:
        connection.execute(insert(t.stock), [{**row, "material": name, "location": place} for name, place in keys])
    return keys


def test_a_page_of_stock_reads_no_more_than_it_shows(house: Reading) -> None:
    keys = stocked(house, 120)
    engine, found, read = open_database(house.settings.database_url), [], 0
    with engine.connect() as connection:
        after: tuple[str, ...] = ()
        while some := present.stock(connection, MasterData(), present.StockFilter("1000"), limit=51, after=after):
            read += len(some)
            found += some[:50]
            after = tuple(some[min(len(some), 50) - 1][name] for name in STOCK_KEY)
        some = present.stock(connection, MasterData(), present.StockFilter(location="L1"), limit=3)
        assert [each["location"] for each in some] == ["L1"] * 3
    engine.dispose()
    assert [(each["material"], each["location"]) for each in found] == keys
    assert read == 51 + 51 + 20


STOCK_KEY = ("plant", "material", "location", "batch", "stock_type")


async def test_stock_of_more_than_two_thousand_keys_needs_a_filter(house: Reading) -> None:
    cookie = house.session("viewer")
    stocked(house, 2_000)
    assert (await ask(house.app, "/stock", cookie=cookie)).status == 200
    with open_database(house.settings.database_url).begin() as connection:
        row = {"plant": "1000", "batch": "7", "stock_type": "", "quantity": 5_000_000}
        connection.execute(insert(t.stock), [{**row, "material": "M00001", "location": "L1"}])
    page = await ask(house.app, "/stock", cookie=cookie)
    assert (page.status, "more than 2000 stocks: choose a material or a location" in page.body) == (400, True)
    page = await ask(house.app, "/stock?material=M00001", cookie=cookie)
    assert (page.status, page.body.count("<tr>")) == (200, 1 + 2)
    seen, path = [], "/stock?limit=500"
    while path:
        answer = await house.read(path)
        seen += [tuple(each[name] for name in STOCK_KEY) for each in answer["items"]]
        path = f"/stock?limit=500&after={answer['next']}" if answer["next"] else ""
    assert (len(seen), seen) == (2_001, sorted(set(seen)))


# -- what waits


async def test_lines_of_the_worklist_can_be_ticked_by_those_who_may_act(house: Reading) -> None:
    row = {name: "" if isinstance(column.type, Text) else 0 for name, column in t.lines.c.items()}
    with open_database(house.settings.database_url).begin() as connection:
        connection.execute(insert(t.lines), [{**row, "plant": "1000", "line": "L<1>", "open_issues": 2}])
    page = (await ask(house.app, "/worklist", cookie=house.session("corrector"))).body
    assert 'form="ticked" name="lines" value="1000/L&lt;1&gt;"' in page
    assert '<form class="acts" id="ticked"' in page
    page = (await ask(house.app, "/worklist", cookie=house.session("operator"))).body
    assert "L&lt;1&gt;" in page
    assert "ticked" not in page


# -- a ledger that is away


def take_away(house: Reading, state: str) -> None:
    """Put the ledger into a state in which nobody can read it."""
    path = Path(house.settings.database_url.removeprefix("sqlite:///"))
    if state == "of another schema":
        with open_database(house.settings.database_url).begin() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        return
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    if state == "damaged":
        path.write_bytes(b"no ledger" * 1_000)
    elif state == "a folder":
        path.mkdir()


@pytest.mark.parametrize("state", ["missing", "damaged", "of another schema", "a folder"])
async def test_a_ledger_that_cannot_be_read_is_away_and_no_fault_of_the_visitor(tmp_path: Path, state: str) -> None:
    with Reading(tmp_path) as house:
        take_away(house, state)
        cookie = house.session("admin")
        token = house.accounts.add_token("t", ["read"], ["*"], time.time(), None)
        for name in ("/stock", "/documents", "/documents/1", "/devices/c-1", "/quarantine.csv"):
            page = await ask(house.app, name, cookie=cookie)
            assert (page.status, page.headers["retry-after"]) == (503, "5"), name
            assert "The ledger cannot be read now" in page.body
            assert "Change the filter" not in page.body
        german = await ask(house.app, "/stock?lang=de", cookie=cookie)
        assert "Der Buchungsbestand ist gerade nicht lesbar" in german.body
        for name in ("/stock", "/documents", "/documents/1/telegrams"):
            answer = await ask(house.app, f"{API}{name}", authorization=f"Bearer {token}")
            assert (answer.status, answer.headers["retry-after"]) == (503, "5"), name
            assert answer.headers["content-type"] == "application/problem+json"
        await house.reader.refresh()
        assert (await ask(house.app, "/readyz")).status == 503
