"""The ledger as of one moment, for whoever only reads: nothing of the engine's step is loaded for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from gateway.errors import LedgerUnavailable, NoLedger
from gateway.ledger.database.connection import database_url, driver_errors, is_broken_world, reading, told
from gateway.ledger.database.schema import check_schema
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.tables import Tables, load_tables
from gateway.settings import Settings


@contextmanager
def read_ledger(settings: Settings) -> Iterator[Connection]:
    """Open the ledger read-only, in one consistent snapshot. NoLedger, or LedgerUnavailable."""
    url = database_url(settings.database_url)
    if url.get_backend_name() == "sqlite" and url.database and not Path(url.database).exists():
        raise NoLedger(f"{url.database} holds no ledger; `backflush init` creates it")
    try:
        with reading(settings.database_url) as connection:
            check_schema(connection)
            yield connection
    except driver_errors() as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        if cause is None or not is_broken_world(cause):
            raise
        raise LedgerUnavailable(told(cause)) from error


def tables_in_force(settings: Settings) -> Tables:
    """Return the master data that the ledger works with; empty where there is none yet.

    A ledger that is away, or of another schema, is none of which that could be said.
    """
    try:
        with read_ledger(settings) as connection:
            content = master_bytes(connection)
    except NoLedger:
        return Tables()
    return load_tables(content) if content else Tables()
