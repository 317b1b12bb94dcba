"""The API and the lists of a line over a small ledger: each asks for what it shows, and judges what it gets."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text

from gateway.backflush.plant.snapshot import MasterData
from gateway.ledger.database import tables as t
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade
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
