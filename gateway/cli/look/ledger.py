"""The ledger as a whole: create it, and prove that it is right."""

import sys

import click

from gateway.cli.shared.arguments import ledger, telling_what_is_made
from gateway.cli.shared.command import Invocation, answer_no, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import inert, print_json, print_table


@command(example="backflush init --app-role backflush_app --read-role backflush_read", data=True)
@click.option("--app-role", default="", help="PostgreSQL: grant this role only what a gateway needs.")
@click.option("--read-role", default="", help="PostgreSQL: grant this role read access only.")
@click.option("--print-sql", is_flag=True, help="PostgreSQL: print the SQL and change nothing.")
@pass_invocation
def init(invocation: Invocation, app_role: str, read_role: str, *, print_sql: bool, as_json: bool) -> None:
    """Create the ledger, or bring its schema up to date.

    Harmless when it is. The data directory is made as well. With PostgreSQL run it as the role that owns the ledger,
    and the gateway as another one; or have the owner run what --print-sql prints.
    """
    from gateway.addresses import public
    from gateway.journal import Reader
    from gateway.ledger.database.connection import open_database, reading
    from gateway.ledger.database.roles import Roles, grant, script
    from gateway.ledger.database.schema import upgrade
    from gateway.service.fold.checkpoint import begin_checkpoint
    from gateway.service.local.commands import system_clock

    settings = invocation.settings()
    if print_sql:
        with database_errors(), reading(settings.database_url) as connection:
            sql = script(connection, Roles(app_role, read_role))
        print_json({"sql": sql}) if as_json else click.echo(sql)
        return
    settings.gateway.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    roles = Roles(app_role, read_role)
    with database_errors(), telling_what_is_made(settings):
        revision = upgrade(settings.database_url)
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
    where = public(settings.database_url)
    if as_json:
        print_json({"database": where, "schema": revision, "roles": roles._asdict()})
    else:
        granted = [f"{name} may {what}" for name, what in ((app_role, "post"), (read_role, "read")) if name]
        tell("; ".join([f"{where}: schema {revision} is in place", *granted]))


@command(example="backflush audit", data=True)
@click.option("--deep", is_flag=True, help="Also process the journal again, and compare the result with the ledger.")
@click.option("-v", "--verbose", is_flag=True, help="Print every law with its figure, not only the broken ones.")
@pass_invocation
def audit(invocation: Invocation, *, deep: bool, verbose: bool, as_json: bool) -> None:
    """Check every law of the ledger.

    Prints one line where all laws hold, and each that is broken with what breaks it. Status 0 means that all hold, 1
    that one is broken. Works while the gateway runs, on one snapshot.
    """
    from gateway.ledger.audit.audit import LawResult
    from gateway.ledger.audit.audit import audit as check_laws
    from gateway.service.fold.belonging import examine_pair

    results: list[LawResult] = []
    with ledger(invocation) as connection:
        results += check_laws(connection, _progress)
        wrong = examine_pair(invocation.settings(), connection)
        if wrong is not None:
            findings = (wrong,) if wrong else ()
            results.append(
                LawResult("journal", wrong or "it is the one that the ledger has processed", not wrong, findings)
            )
        if deep:
            from gateway.cli.look.refold import fold_again

            results.append(fold_again(invocation.settings(), connection))
    ok = all(result.ok for result in results)
    if as_json:
        laws = [{**result._asdict(), "findings": list(result.findings)} for result in results]
        print_json({"audit": "ok" if ok else "broken", "laws": laws})
    else:
        shown = [result for result in results if verbose or not result.ok]
        rows = [[result.law, "holds" if result.ok else "BROKEN", inert(result.figure)] for result in shown]
        if rows:
            print_table([("law", False), ("", False), ("figure", False)], rows)
        for result in results:
            for finding in result.findings:
                tell(f"{result.law}: {finding}")
        broken = [result.law for result in results if not result.ok]
        numbers = next(result.figure for result in results if result.law == "numbers")
        held = f"ok, all {len(results)} laws hold: {numbers}"
        tell(f"audit: {held if ok else 'BROKEN: ' + ', '.join(broken)}")
    if not ok:
        answer_no()


def _progress(seen: int, total: int) -> None:
    if sys.stderr.isatty():
        click.echo(f"\r{seen:,} of {total:,} documents", err=True, nl=seen >= total)
