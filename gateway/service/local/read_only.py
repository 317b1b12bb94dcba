"""The ledger as of one moment, read-only: neither the engine's step nor master data is loaded for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection

from gateway.errors import NoLedger
from gateway.ledger.database.connection import database_url, reachable, reading
from gateway.ledger.database.schema import check_schema
from gateway.settings import Settings


def missing_file(settings: Settings) -> Path | None:
    """Return the path of a SQLite ledger that is not there."""
    url = database_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    try:
        is_there = Path(url.database).exists()
    except OSError:  # a folder that may not be looked into: the database says so
        is_there = True
    return None if is_there else Path(url.database)


@contextmanager
def read_ledger(settings: Settings) -> Iterator[Connection]:
    """Open the ledger read-only, in one consistent snapshot. NoLedger, or LedgerUnavailable."""
    missing = missing_file(settings)
    if missing is not None:
        raise NoLedger(f"{missing}: expected a ledger, found no such file; `backflush init` creates it")
    with reachable(), reading(settings.database_url) as connection:
        check_schema(connection)
        yield connection
