"""The ledger as a whole: create and audit it."""

import sys

import click

from gateway.cli.shared.arguments import ledger, telling_what_is_made
from gateway.cli.shared.command import Invocation, answer_no, command, database_errors, pass_invocation, tell
from gateway.cli.shared.output import print_json, print_table
from gateway.ledger.reports.cells import inert


@command(example="backflush init --app-role backflush_app --read-role backflush_read", data=True)
@click.option("--app-role", default="", help="PostgreSQL: grant this role only what a gateway needs.")
@click.option("--read-role", default="", help="PostgreSQL: grant this role read access only.")
@click.option("--print-sql", is_flag=True, help="PostgreSQL: print the SQL and change nothing.")
@pass_invocation
def init(invocation: Invocation, app_role: str, read_role: str, *, print_sql: bool, as_json: bool) -> None:
    """Create the ledger, or bring its schema up to date.

    Harmless if it is up to date. The data directory is created as well. With PostgreSQL run it as the role that owns
    the ledger, and the gateway as another one; or have the owner run the output of --print-sql.
    """
    from gateway.addresses import public
    from gateway.ledger.database.connection import reading
    from gateway.ledger.database.roles import Roles, script
    from gateway.service.local.ledger import create_ledger

    settings = invocation.settings()
    if print_sql:
        with database_errors(), reading(settings.database_url) as connection:
            sql = script(connection, Roles(app_role, read_role))
        print_json({"sql": sql}) if as_json else click.echo(sql)
        return
    roles = Roles(app_role, read_role)
    with database_errors(), telling_what_is_made(settings):
        revision = create_ledger(settings, roles)
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

    Prints one line if all laws hold, else each broken law with its findings. Status 0 means that all hold, 1
    that one is broken. Works while the gateway runs, on one snapshot.
    """
    from gateway.service.local.ledger import audit_ledger

    with ledger(invocation) as connection:
        results = audit_ledger(invocation.settings(), connection, _progress, deep=deep)
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
