"""Roles of a PostgreSQL ledger, below the triggers: three, each with the least rights that it needs.

    owner    makes and upgrades the schema (`backflush init`), and does nothing else
    app      a gateway: it adds to history, changes records, and can change neither history nor the schema
    read     reports, displays, other programs: reading only

The rights follow from the kinds of tables (`tables`): history is inserted, records are inserted and changed, a
quarantine entry only in the columns that settle it, and rows of the moment may be removed as well.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from sqlalchemy import Connection

from gateway.errors import UsageError
from gateway.ledger.database import tables as t
from gateway.ledger.database.schema import check_schema, upgrade_sql

SETTLES: Final = ("state", "reason")
"""The columns of a quarantine entry that may change."""


class Roles(NamedTuple):
    """The roles that get rights; empty: none."""

    app: str = ""
    read: str = ""


def grant(connection: Connection, roles: Roles) -> None:
    """Grant the roles their rights and revoke all others. UsageError if the database has no roles, or not these."""
    _has_roles(connection)
    check_schema(connection)
    for role in filter(None, roles):
        if not connection.exec_driver_sql("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,)).scalar():
            raise UsageError(f"roles: expected a role {role}, found none; `createuser {role}` makes it")
    for statement in grants(connection, roles):
        connection.exec_driver_sql(statement)


def script(connection: Connection, roles: Roles) -> str:
    """Return the SQL of `init`, for an owner to run; it changes nothing itself."""
    _has_roles(connection)
    schema = _schema(connection)
    lines = [
        "-- The ledger of a backflush gateway. Run it as the role that is to own the ledger: all of it or nothing.",
        "BEGIN;",
        f"SET LOCAL search_path TO {schema};",
        upgrade_sql(connection).strip(),
        *(f"{statement};" for statement in grants(connection, roles)),
        "COMMIT;",
    ]
    return "\n".join(filter(None, lines))


def _has_roles(connection: Connection) -> None:
    if connection.dialect.name != "postgresql":
        raise UsageError("roles: expected a PostgreSQL ledger; SQLite has none, there the rights are those of the file")


def _schema(connection: Connection) -> str:
    name = str(connection.exec_driver_sql("SELECT current_schema()").scalar())
    return connection.dialect.identifier_preparer.quote(name)


def grants(connection: Connection, roles: Roles) -> Iterator[str]:
    """Yield the statements that grant the roles their rights."""
    quote = connection.dialect.identifier_preparer.quote
    schema = _schema(connection)
    # Before version 15 every role may create functions and operators in `public`, which others then call.
    yield f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC"
    for role in filter(None, roles):
        yield f"REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM {quote(role)}"
        yield f"REVOKE ALL ON SCHEMA {schema} FROM {quote(role)}"
        yield f"GRANT USAGE ON SCHEMA {schema} TO {quote(role)}"
        yield f"GRANT SELECT ON {schema}.alembic_version TO {quote(role)}"
    for table in t.metadata.sorted_tables:
        if roles.read:
            yield f"GRANT SELECT ON {schema}.{quote(table.name)} TO {quote(roles.read)}"
        if roles.app:
            for right in _rights(table.name):
                yield f"GRANT {right} ON {schema}.{quote(table.name)} TO {quote(roles.app)}"


def _rights(table: str) -> Iterator[str]:
    yield "SELECT, INSERT"
    if table == t.quarantine.name:
        yield f"UPDATE ({', '.join(SETTLES)})"
    elif table in _RECORDS:
        yield "UPDATE"
    elif table not in _HISTORY:
        yield "UPDATE, DELETE"


_HISTORY: Final = frozenset(table.name for table in t.HISTORY)
_RECORDS: Final = frozenset(table.name for table in t.RECORDS)


def excess(connection: Connection) -> list[str]:
    """Return the rights of this connection's role that no gateway needs; on SQLite none."""
    if connection.dialect.name != "postgresql":
        return []
    superuser = "SELECT rolsuper FROM pg_roles WHERE rolname = current_user"
    if connection.exec_driver_sql(superuser).scalar():
        return ["it is a superuser"]
    table = t.documents.name
    owner = "SELECT pg_has_role(current_user, relowner, 'USAGE') FROM pg_class WHERE oid = to_regclass(%s)"
    if connection.exec_driver_sql(owner, (table,)).scalar():
        return ["it owns the tables, so it can switch off what protects their history"]
    may = []
    for right in ("UPDATE", "DELETE", "TRUNCATE"):
        asked = "SELECT has_table_privilege(%s, %s)"
        names = [name for name in sorted(_HISTORY) if connection.exec_driver_sql(asked, (name, right)).scalar()]
        may += [f"it may {right} {', '.join(names)}"] if names else []
    if connection.exec_driver_sql("SELECT has_schema_privilege(current_schema(), 'CREATE')").scalar():
        may.append("it may create in the schema")
    return may
