"""Database settings that put the ledger at risk: unsafe durability options and excess privileges.

Read over the writer's own connection, because some settings belong to a session.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from sqlalchemy import Connection, func, inspect, select, text

from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import OPEN, OPEN_BACKLOG
from gateway.ledger.database.roles import excess
from gateway.ledger.store.load import own_lines

_LOSES = "without it a power cut can lose or damage the ledger"
_SQLITE = (
    ("journal_mode", ("wal",), "put the file on a local disk: a network disk does not support it"),
    ("synchronous", ("2", "3"), "2 is FULL: " + _LOSES),
)
_POSTGRES = (
    ("fsync", ("on",), f"ALTER SYSTEM SET fsync = on: {_LOSES}"),
    ("full_page_writes", ("on",), f"ALTER SYSTEM SET full_page_writes = on: {_LOSES}"),
    ("synchronous_commit", ("on", "remote_apply", "local", "remote_write"), f"set it on: {_LOSES}"),
)
_UNLOGGED: Final = text(
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relpersistence <> 'p' AND pg_table_is_visible(oid) ORDER BY 1"
)

RIGHTS: Final = "role"
"""The name of the setting for rights: they show how a site was set up, not that something has gone wrong."""


class Setting(NamedTuple):
    """One setting or right of the database: actual and expected value."""

    name: str
    text: str
    """The actual value."""
    expected: str
    ok: bool
    hint: str


def examine(connection: Connection) -> list[Setting]:
    """Return the settings and rights that the ledger depends on."""
    if connection.dialect.name != "postgresql":
        return [
            _setting(name, expected, str(connection.exec_driver_sql(f"PRAGMA {name}").scalar()), hint)
            for name, expected, hint in _SQLITE
        ]
    found = [
        _setting(name, expected, str(connection.exec_driver_sql(f"SHOW {name}").scalar()), hint)
        for name, expected, hint in _POSTGRES
    ]
    if not inspect(connection).has_table(t.documents.name):
        return found
    for table in connection.scalars(_UNLOGGED):
        cure = f"ALTER TABLE {table} SET LOGGED: a crash of the server empties it"
        found.append(Setting("unlogged", f"table {table} is unlogged", "a table that is logged", ok=False, hint=cure))
    hint = "let it run as a role without that right: see `backflush init --app-role`"
    rights = "only rights that a gateway needs"
    found += [
        Setting(RIGHTS, f"the gateway's role has rights that it does not need: {right}", rights, ok=False, hint=hint)
        for right in excess(connection)
    ]
    return found


def _setting(name: str, expected: tuple[str, ...], got: str, hint: str) -> Setting:
    return Setting(name, f"{name} is {got}", expected[0], got in expected, hint)


class OldestWaiting(NamedTuple):
    """The time of the oldest open record of each kind, microseconds UTC; 0: none is open."""

    worklist: int
    backlog: int


def waiting_since(connection: Connection, patterns: Sequence[str]) -> OldestWaiting:
    """Return the time of the oldest open row and backlog record of some lines."""
    rows, backlog = t.worklist_rows, t.backlog
    oldest = select(func.min(rows.c.document)).where(OPEN, own_lines(rows, patterns))
    entered = select(t.documents.c.entered_at).where(t.documents.c.number == oldest.scalar_subquery())
    missing = select(func.min(backlog.c.created_at)).where(OPEN_BACKLOG, own_lines(backlog, patterns))
    return OldestWaiting(connection.scalar(entered) or 0, connection.scalar(missing) or 0)
