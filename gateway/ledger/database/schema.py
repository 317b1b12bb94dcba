"""The schema of the ledger: created and upgraded by Alembic, on both databases by the same steps, in one transaction.

A gateway only runs on the schema it knows: an older one is upgraded by `backflush init`, a newer one is left alone.
"""

from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import ProgrammingError

from gateway.errors import NoLedger, UsageError
from gateway.ledger.database.connection import is_forbidden, open_database
from gateway.ledger.database.tables import metadata

if TYPE_CHECKING:
    from alembic.config import Config

REVISIONS: Final = ("0001", "0002", "0003", "0004")
"""The schema revisions that this program knows, oldest first; the last is the one it needs."""

_UPGRADE_LOCK: Final = 0x62666C75


def upgrade(url: str) -> str:
    """Create the schema or bring it up to date, and return its revision."""
    engine = open_database(url)
    try:
        return upgrade_engine(engine)
    finally:
        engine.dispose()


def upgrade_engine(engine: Engine) -> str:
    """Do the same for a given engine, the only way to reach a database in memory."""
    from alembic import command  # noqa: PLC0415 - slow to import: a gateway with the right schema needs none

    config = _alembic()
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_UPGRADE_LOCK})")
        check_encoding(connection)
        found = _find_revision(connection)
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except ProgrammingError as error:
            if not is_forbidden(error.orig):
                raise
            raise UsageError(
                f"the ledger's schema is {found or 'not there'}, this program needs {REVISIONS[-1]}, and this role may "
                "not change it; run `backflush init` as the role that owns the ledger"
            ) from error
    return REVISIONS[-1]


def upgrade_sql(connection: Connection) -> str:
    """Return the SQL of `upgrade` for a PostgreSQL ledger; empty if its schema is up to date."""
    from alembic import command  # noqa: PLC0415 - slow to import

    check_encoding(connection)
    found = _find_revision(connection)
    if found == REVISIONS[-1]:
        return ""
    printed = StringIO()
    command.upgrade(_alembic(printed), f"{found or 'base'}:head", sql=True)
    return printed.getvalue()


def _alembic(output: StringIO | None = None) -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - slow to import

    config = Config(output_buffer=output)
    config.set_main_option("script_location", str(Path(__file__).parents[1] / "migrations").replace("%", "%%"))
    return config


def _find_revision(connection: Connection) -> str:
    """Return the revision of a ledger that this program can upgrade; empty if there is none."""
    found = revision(connection)
    if found and found not in REVISIONS:
        raise _newer(found)
    return found


def revision(connection: Connection) -> str:
    """Return the schema revision of a ledger; empty if there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return ""
    return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar() or ""


def check_encoding(connection: Connection) -> None:
    """Refuse a database whose encoding lacks characters: one message with such a character would stop the ledger."""
    if connection.dialect.name != "postgresql":
        return
    encoding = connection.exec_driver_sql("SHOW server_encoding").scalar()
    if encoding != "UTF8":
        raise UsageError(
            f"database.url: expected a database of encoding UTF8, got {encoding}; `createdb --encoding=UTF8 "
            "--template=template0` makes one"
        )


def check_schema(connection: Connection) -> None:
    """Refuse a ledger whose schema is not the one this program needs, by a UsageError with the remedy."""
    found = revision(connection)
    where = connection.engine.url.render_as_string(hide_password=True).partition("?")[0]
    if not found:
        raise NoLedger(f"{where} holds no ledger; `backflush init` creates it")
    if found not in REVISIONS:
        raise _newer(found)
    if found != REVISIONS[-1]:
        raise UsageError(
            f"the ledger's schema is {found}, this program needs {REVISIONS[-1]}; `backflush init` upgrades it"
        )
    lacks = missing_columns(connection)
    if lacks:
        raise UsageError(
            f"{where}: expected the tables of schema {found}, got them without {', '.join(lacks[:3])}: a development "
            "version has made this ledger, and there is no upgrade from it. Move it and the journal away, and import "
            "the master data again"
        )


def describe_change(connection: Connection) -> str:
    """Describe the damage to the schema of a ledger that was in order before; empty if there is none."""
    found = revision(connection)
    if not found:
        return "its tables were removed"
    if found != REVISIONS[-1]:
        return f"its schema was changed to {found}, and this program needs {REVISIONS[-1]}"
    lacks = missing_columns(connection)
    return f"its tables were changed: {', '.join(lacks[:3])} is gone" if lacks else ""


def missing_columns(connection: Connection) -> list[str]:
    """Return the missing parts of the schema, as `table` or `table.column`: a development version made it."""
    sql = (
        "SELECT c.relname, a.attname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid WHERE c.relkind = 'r'"
        " AND a.attnum > 0 AND NOT a.attisdropped AND pg_table_is_visible(c.oid)"
        if connection.dialect.name == "postgresql"
        else "SELECT m.name, c.name FROM sqlite_master m JOIN pragma_table_info(m.name) c WHERE m.type = 'table'"
    )
    there = {(row[0], row[1]) for row in connection.exec_driver_sql(sql)}
    tables = {table for table, _ in there}
    lacks = [
        name if name not in tables else f"{name}.{column.name}"
        for name, table in metadata.tables.items()
        for column in table.columns
        if (name, column.name) not in there
    ]
    return sorted(dict.fromkeys(lacks))


def _newer(found: str) -> UsageError:
    return UsageError(
        f"the ledger's schema is {found}, this program knows none newer than {REVISIONS[-1]}; install the newer program"
    )
