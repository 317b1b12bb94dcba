"""The fixtures of databases and stored plants: those that a test fills, and one that was busy and nobody changes."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.browser import close_browser
from tests.integration.ledger_plant import OPENED, fresh_ledger
from tests.integration.stored_plant import Shop, busy_ledger
from tests.servers import Postgres


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Offer the name of each kind of database."""
    return str(request.param)


@pytest.fixture
def url(database: str, tmp_path: Path, postgres: Postgres) -> str:
    """Offer a ledger without content on each kind of database."""
    return fresh_ledger(database, tmp_path, postgres)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def busy_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> str:
    """Offer one busy ledger on each database, which every test leaves as it was."""
    return busy_ledger(request.param, tmp_path_factory.mktemp("busy"), postgres)


@pytest.fixture(autouse=True, scope="module")
def one_browser_for_a_module() -> Iterator[None]:
    """End the browser that the tests of a module have shared."""
    yield
    close_browser()


@pytest.fixture(autouse=True)
def closes_what_it_has_opened() -> Iterator[None]:
    """Close the ledgers that a test has opened."""
    yield
    while OPENED:
        OPENED.pop().close()


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    """Offer a plant without master data, on SQLite."""
    shop = Shop(f"sqlite:///{tmp_path}/ledger.db")
    yield shop
    shop.close()
