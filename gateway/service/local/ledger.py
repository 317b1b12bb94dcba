"""The ledger as a whole: created, upgraded and audited."""

from collections.abc import Callable
from typing import Final

from sqlalchemy import Connection

from gateway.journal import Reader
from gateway.ledger.audit.audit import LAWS, LawResult, audit
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.database.roles import Roles, grant
from gateway.ledger.database.schema import REVISIONS, revision, upgrade
from gateway.service.fold.belonging import examine_pair
from gateway.service.fold.checkpoint import begin_anew, begin_checkpoint
from gateway.service.fold.refold import FOLD, fold_again
from gateway.service.local.read_only import read_ledger
from gateway.service.local.submission import system_clock
from gateway.settings import Settings

JOURNAL: Final = "journal"
LAW_NAMES: Final = (*(law.name for law in LAWS), JOURNAL, FOLD)
"""All laws, in the order of the report: those of the ledger alone, its match with the journal, `--deep`."""


def create_ledger(settings: Settings, roles: Roles) -> str:
    """Create the ledger, or upgrade its schema, and grant roles their rights; return its schema."""
    settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    schema = upgrade(settings.database_url)
    if settings.journal_path.exists():
        with Reader(settings.journal_path) as journal:
            begin_checkpoint(settings, journal, system_clock())
    if any(roles):
        engine = open_database(settings.database_url)
        try:
            with engine.begin() as connection:
                grant(connection, roles)
        finally:
            engine.dispose()
    return schema


def audit_ledger(
    settings: Settings, connection: Connection, progress: Callable[[int, int], None], *, deep: bool
) -> list[LawResult]:
    """Check every law: of the ledger, of its journal, and, if `deep`, by folding that journal again."""
    results = audit(connection, progress)
    wrong = examine_pair(settings, connection)
    if wrong is not None:
        figure = wrong or "it is the one that the ledger has processed"
        results.append(LawResult(JOURNAL, figure, not wrong, (wrong,) if wrong else ()))
    return [*results, fold_again(settings, connection)] if deep else results


def admit_restored(settings: Settings, program: str) -> list[str]:
    """Upgrade a restored ledger that a `program` has made; return the broken laws."""
    with reading(settings.database_url) as connection:
        older = revision(connection) != REVISIONS[-1]
    if older:
        upgrade(settings.database_url)
    with read_ledger(settings) as connection:
        broken = [result.law for result in audit(connection) if not result.ok]
    begin_anew(settings, program=program, now=system_clock())
    return broken
