"""The fixtures of stored plants: one that a test fills, and one that was busy and that nobody changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.stored_plant import Shop, busy_ledger
from tests.servers import Postgres


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Offer a plant without master data, on SQLite."""
    shop = Shop(f"sqlite:///{tmp_path}/ledger.db")
    yield shop
    shop.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> str:
    """Offer one busy ledger on each database, which every test leaves as it was."""
    return busy_ledger(request.param, tmp_path_factory.mktemp("busy"), postgres)
