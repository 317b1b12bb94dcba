"""The doctor's look at the database: schema, settings, rights, clock, and waiting rows of the ledger."""

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from gateway.cli.run.diagnosis import FAIL, OK, WARN, Diagnosis, judge
from gateway.cli.shared.output import age
from gateway.errors import LedgerUnavailable

if TYPE_CHECKING:
    from gateway.settings import Settings

_CLOCK_S: Final = 2.0


def examine_database(settings: "Settings") -> Iterator[Diagnosis]:
    """Look at the database, as a reader."""
    from gateway.addresses import public
    from gateway.cli.shared.command import database_errors
    from gateway.ledger.database.connection import open_database
    from gateway.ledger.database.schema import REVISIONS, missing_columns, revision
    from gateway.ledger.store.server_settings import RIGHTS, examine
    from gateway.service.local.read_only import missing_file

    where = public(settings.database_url)
    if missing_file(settings) is not None:
        yield Diagnosis("database", WARN, f"{where} is not there yet", "a ledger", "`backflush init` creates it")
        return
    engine = open_database(settings.database_url, read_only=True)
    try:
        with database_errors(), engine.connect() as connection, connection.begin():
            found = revision(connection)
            lacks = missing_columns(connection) if found == REVISIONS[-1] else []
            got = f"{where}: schema {found or 'none'}" + (f" without {', '.join(lacks[:3])}" if lacks else "")
            hint = "a development version created it: create a new one" if lacks else "`backflush init` upgrades it"
            sound = found == REVISIONS[-1] and not lacks
            yield judge("database", got, ok=sound, expected=f"schema {REVISIONS[-1]}", hint=hint, otherwise=FAIL)
            for setting in examine(connection):
                otherwise = WARN if setting.name == RIGHTS else FAIL
                yield judge("database", setting.text, ok=setting.ok, expected=setting.expected,
                             hint=setting.hint, otherwise=otherwise)  # fmt: skip
            if connection.dialect.name == "postgresql":
                yield _clock(connection)
            if sound:
                yield from _ledger(connection, settings)
    finally:
        engine.dispose()


def _clock(connection: Any) -> Diagnosis:  # noqa: ANN401 - a SQLAlchemy connection
    before = time.time()
    there = float(connection.exec_driver_sql("SELECT extract(epoch FROM clock_timestamp())").scalar())
    off = abs(there - (before + time.time()) / 2)
    return judge("clock", f"differs from the database's by {off:.1f} s", ok=off < _CLOCK_S,
                  expected=f"less than {_CLOCK_S:.0f} s", hint="let both follow one time server (NTP)")  # fmt: skip


def _ledger(connection: Any, settings: "Settings") -> Iterator[Diagnosis]:  # noqa: ANN401 - a SQLAlchemy connection
    from sqlalchemy import func, select

    from gateway.backflush.values.quantities import number_of
    from gateway.ledger.database import tables as t
    from gateway.ledger.store.server_settings import waiting_since
    from gateway.service.fold.belonging import examine_pair
    from gateway.service.local.in_force import is_any_in_force

    wrong = examine_pair(settings, connection)
    if wrong is not None:
        hint = "an older copy was restored: move it away, and a new journal begins"
        yield judge("ledger", wrong or "it has processed this journal", ok=not wrong, expected="that it has",
                     hint=hint, otherwise=FAIL)  # fmt: skip
    try:
        known = is_any_in_force(connection)
    except LedgerUnavailable as error:
        yield Diagnosis("ledger", FAIL, str(error), "what was imported", "`backflush audit`")
        return
    yield judge("ledger", "master data is in force" if known else "no master data is in force: nothing can be posted",
                 ok=known, expected="master data", hint="`backflush masterdata import DIR`")  # fmt: skip
    documents = connection.scalar(select(func.count()).select_from(t.documents))
    yield Diagnosis("ledger", OK, number_of(documents, "document"))
    open_ = connection.scalar(select(func.count()).where(t.quarantine.c.state == "open"))
    yield judge("ledger", number_of(open_, "open quarantine entry"), ok=not open_, expected="none",
                 hint="`backflush quarantine list`")  # fmt: skip
    now = time.time_ns() // 1000
    waiting = waiting_since(connection, ("*",))
    limits = settings.watch
    for name, since, limit, hint in (
        ("worklist", waiting.worklist, limits.worklist_age, "`backflush work`"),
        ("backlog", waiting.backlog, limits.backlog_age, "`backflush backlog list --sum`"),
    ):
        waits = (now - since) // 1_000_000 if since else 0
        got = f"the oldest open {name} record has waited for {age(waits)}" if since else f"the {name} is empty"
        yield judge("ledger", got, ok=not (limit and waits > limit), expected=f"at most {age(limit)}", hint=hint)
