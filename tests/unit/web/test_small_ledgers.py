"""The API and the lists of a line over a small ledger: each asks for what it shows, and judges what it gets."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.ledger.database.schema import upgrade
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
