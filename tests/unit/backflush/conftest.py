"""Where the cases of this folder keep their books."""

import pytest

from tests.book import Book, OpenBook


@pytest.fixture
def open_book() -> OpenBook:
    """Open books on the ledger in memory."""
    return Book
