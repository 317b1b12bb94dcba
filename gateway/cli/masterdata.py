"""Master data in and out: an import is all or nothing, tells every finding, and shows what it changes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from gateway.cli.frame import Invocation, actor_option, answer_no, command, group, pass_invocation, tell
from gateway.cli.reading import in_force
from gateway.cli.screen import inert, print_json
from gateway.cli.unanswered import answered, timeout_option

if TYPE_CHECKING:
    from gateway.masterdata.importing import Prepared
    from gateway.masterdata.merge import Change
    from gateway.masterdata.tables import Finding
    from gateway.settings import Settings

_SHOWN = 40
"""Changes that a person is shown; JSON has all of them."""

_source = click.argument("source", metavar="DIR|FILE", type=click.Path(exists=True, path_type=Path))


@group("masterdata")
def masterdata() -> None:
    """Import, export and compare the tables that people maintain."""


def finding_record(finding: "Finding") -> dict[str, Any]:
    """Return a finding as data."""
    return finding._asdict()


def print_findings(findings: Iterable["Finding"]) -> None:
    """Print findings one a line, the way compilers do."""
    for finding in findings:
        click.echo(inert(str(finding)), err=True)


def counted(findings: Sequence["Finding"]) -> str:
    """Say how many findings there are.

    >>> counted([])
    'no errors, no warnings'
    """
    found = Counter(finding.severity for finding in findings)
    return ", ".join(f"{found[kind] or 'no'} {kind}{'' if found[kind] == 1 else 's'}" for kind in ("error", "warning"))


def _print_changes(changes: Sequence["Change"], *, all_of_them: bool) -> None:
    shown = changes if all_of_them else changes[:_SHOWN]
    for change in shown:
        click.echo(inert(str(change)))
    if len(changes) > len(shown):
        click.echo(f"... and {len(changes) - len(shown)} more; --all shows them")
    kinds = Counter(change.kind for change in changes)
    if changes:
        summary = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
        tell(f"{summary} in {len({change.table for change in changes})} tables")


def _change_record(change: "Change") -> dict[str, Any]:
    fields = {column: {"before": before, "after": after} for column, before, after in change.fields}
    return {"table": change.table, "key": list(change.key), "kind": change.kind, "fields": fields}


_all = click.option("--all", "all_of_them", is_flag=True, help="Show every change, not only the first.")


@command("import", example="backflush masterdata import config/masterdata", data=True)
@_source
@actor_option
@timeout_option
@_all
@pass_invocation
def import_(
    invocation: Invocation, source: Path, actor: str, timeout: float | None, *, all_of_them: bool, as_json: bool
) -> None:
    """Import a folder of CSV files, an XLSX file or a YAML file.

    All or nothing: one error refuses the whole import. Importing the same again changes nothing. A table that is
    given replaces that table; runs and planned orders are added or changed by their key.
    """
    from gateway.masterdata.importing import prepare

    settings = invocation.settings()
    prepared = prepare(source, in_force(settings))
    take_effect(settings, prepared, actor, timeout=timeout, all_of_them=all_of_them, as_json=as_json)


def take_effect(
    settings: "Settings",
    prepared: "Prepared",
    actor: str,
    *,
    timeout: float | None,
    all_of_them: bool = True,
    as_json: bool,
    also: Mapping[str, Any] = MappingProxyType({}),
) -> None:
    """Import what was prepared and tell what it changes, in JSON with `also`; end with status 1 if it is refused."""
    from gateway.addresses import public
    from gateway.masterdata.tables import dump_tables
    from gateway.service.client import import_tables

    response: dict[str, Any] = {}
    if not prepared.refused and prepared.changes:
        tables = dump_tables(prepared.new)
        response = answered(
            settings,
            lambda patience: import_tables(settings, tables, actor, patience),
            timeout=timeout,
            much=True,
            as_json=as_json,
        )
    imported = response.get("status") == "ok"
    if as_json:
        print_json(
            {
                "imported": imported,
                "digest": prepared.merged.digest,
                "findings": [finding_record(finding) for finding in prepared.findings],
                "changes": [_change_record(change) for change in prepared.changes],
                **({"response": response} if response else {}),
                **also,
            }
        )
    else:
        print_findings(prepared.findings)
        if not prepared.refused:
            _print_changes(prepared.changes, all_of_them=all_of_them)
    if prepared.refused:
        tell(f"refused, nothing was imported: {counted(prepared.findings)}")
        answer_no()
    where = f"{prepared.merged.digest[:12]} is in force in {public(settings.database_url)}"
    if not prepared.changes:
        tell(f"nothing changes: master data {where} already")
    elif imported:
        tell(f"imported: master data {where}")
    else:
        tell(f"backflush: {response.get('code', '')} {response.get('text', '')}")
        answer_no()


@command("export", example="backflush masterdata export /tmp/masterdata", data=True)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@pass_invocation
def export(invocation: Invocation, folder: Path, *, as_json: bool) -> None:
    """Write the master data in force as a folder of CSV files; importing them again changes nothing."""
    from gateway.masterdata.write import export_tables

    tables = in_force(invocation.settings())
    files = export_tables(tables, folder)
    if as_json:
        print_json({"digest": tables.digest, "files": [str(file) for file in files]})
    else:
        tell(f"{len(files)} tables of master data {tables.digest[:12]} in {folder}")


@command("diff", example="backflush masterdata diff config/masterdata", data=True)
@_source
@_all
@pass_invocation
def diff(invocation: Invocation, source: Path, *, all_of_them: bool, as_json: bool) -> None:
    """Say what an import would change and what is wrong with it; import nothing."""
    from gateway.masterdata.importing import prepare

    prepared = prepare(source, in_force(invocation.settings()))
    if as_json:
        print_json(
            {
                "findings": [finding_record(finding) for finding in prepared.findings],
                "changes": [_change_record(change) for change in prepared.changes],
            }
        )
    else:
        print_findings(prepared.findings)
        _print_changes(prepared.changes, all_of_them=all_of_them)
        if not prepared.changes:
            tell("nothing would change")
    if prepared.refused:
        tell(f"would be refused: {counted(prepared.findings)}")
        answer_no()


masterdata.add_command(import_)
masterdata.add_command(export)
masterdata.add_command(diff)
