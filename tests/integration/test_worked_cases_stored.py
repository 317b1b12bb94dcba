"""The worked cases once more, each on SQLite and on PostgreSQL: the same tables, read from a real ledger."""

# ruff: noqa: F403  -- every case of the module, those that come later as well

from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.book import OpenBook
from tests.integration.ledger_plant import fresh_ledger
from tests.integration.stored_book import StoredBook, StoredLedger
from tests.servers import Postgres
from tests.unit.backflush.test_backflush_indicator import (  # noqa: F401 - cases of another page
    test_a_part_of_a_report_gives_back_a_part_of_what_was_said_with_it,
    test_an_order_needs_it_until_it_is_issued_because_its_stock_is_still_there,
    test_its_use_is_held_against_what_was_made,
)
from tests.unit.backflush.test_worked_cases import *


@pytest.fixture(params=["sqlite", "postgresql"])
def open_book(request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres) -> Iterator[OpenBook]:
    """Open books on fresh databases."""
    names = count()
    with ExitStack() as opened:

        def opens(*what: Any, **how: Any) -> StoredBook:
            (folder := tmp_path / str(next(names))).mkdir()
            ledger = StoredLedger(fresh_ledger(request.param, folder, postgres))
            opened.callback(ledger.close)
            return StoredBook(*what, **how, ledger=ledger)

        yield opens
