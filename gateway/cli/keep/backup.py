"""Backups: ledger, journal and web accounts in one file, made while the gateway runs, restored while it does not."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gateway.cli.shared.command import Invocation, answer_no, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import print_json
from gateway.errors import UsageError

if TYPE_CHECKING:
    from gateway.service.local.backup import Manifest

_FILE = click.argument("file", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))


@command(example="backflush backup /var/backups/backflush-2026-11-22.zip", data=True)
@_FILE
@click.option(
    "--without-ledger", is_flag=True, help="Leave the ledger out; first back up the database with its own tool."
)
@pass_invocation
def backup(invocation: Invocation, file: Path, *, without_ledger: bool, as_json: bool) -> None:
    """Back up ledger, journal and web accounts into one new file.

    Gateway and web process may run. The file holds everything that was acknowledged before the backup began; after a
    restore the devices' next totals add the pieces counted since. PostgreSQL is dumped with its own `pg_dump`.
    """
    from gateway.service.local.backup import backup as back_up
    from gateway.service.local.read_only import missing_file
    from gateway.service.local.submission import system_clock
    from gateway.service.program import program_version
    from gateway.service.times import iso

    settings = invocation.settings()
    missing = missing_file(settings)
    if missing is not None and not without_ledger:
        raise UsageError(f"{missing}: expected a ledger, found no such file: there is nothing to back up")
    with database_errors():
        manifest = back_up(
            settings,
            file,
            at=iso(system_clock()),
            program=program_version(),
            with_ledger=not without_ledger,
            progress=_progress,
        )
    if as_json:
        print_json({"file": str(file), "bytes": file.stat().st_size, **manifest.model_dump(mode="json")})
    else:
        tell(f"{file}: {_describe(manifest)}")


@command(example="backflush restore /var/backups/backflush-2026-11-22.zip", data=True)
@_FILE
@click.option(
    "--keep-journal", is_flag=True, help="Restore the ledger alone, and continue with the journal that is there."
)
@click.option("--force", is_flag=True, help="Move existing files aside; nothing is deleted.")
@pass_invocation
def restore(invocation: Invocation, file: Path, *, keep_journal: bool, force: bool, as_json: bool) -> None:
    """Restore a backup, then check every law of the ledger.

    Stop gateway and web process first. With --keep-journal nothing is lost: the gateway posts later messages from its
    journal, and accounts stay. A PostgreSQL ledger is restored into an empty database. Status 1 means that a law is
    broken.
    """
    from gateway.service.local.backup import restore as put_back
    from gateway.service.local.ledger import admit_restored

    settings = invocation.settings()
    with database_errors():
        restored = put_back(settings, file, keep_journal=keep_journal, force=force, progress=_progress)
        broken = admit_restored(settings, restored.manifest.program)
    aside = [str(path) for path in restored.aside]
    if as_json:
        audit = {"audit": "broken" if broken else "ok", "broken": broken}
        print_json({"restored": restored.manifest.model_dump(mode="json"), "aside": aside, **audit})
    else:
        tell(
            f"restored from {file}: {_describe(restored.manifest)}" + ("; the journal was kept" if keep_journal else "")
        )
        for path in aside:
            tell(f"what was there is {path}")
        tell(f"audit: {'BROKEN: ' + ', '.join(broken) if broken else 'ok'}")
    if broken:
        answer_no()


def _describe(manifest: "Manifest") -> str:
    journal = f"journal batches {manifest.journal.first} to {manifest.journal.last}"
    if manifest.accounts is not None:
        journal += ", web accounts"
    if manifest.ledger is None:
        return f"gateway {manifest.gateway} as of {manifest.at}, {journal}, without its ledger"
    ledger = f"{manifest.ledger.documents} documents, schema {manifest.ledger.schema_revision}"
    return f"gateway {manifest.gateway} as of {manifest.at}, {ledger}, {journal}"


def _progress(part: str, done: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{part}: {done:,} of {total:,}", err=True, nl=done >= total)
