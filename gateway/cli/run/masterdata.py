"""Master data in and out: an import is all or nothing, and shows every finding and every change."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Unpack

import click

from gateway.cli.shared.arguments import in_force
from gateway.cli.shared.command import Invocation, actor_option, answer_no, command, group, pass_invocation, tell
from gateway.cli.shared.output import print_json, say
from gateway.cli.shared.unanswered import Asked, await_answer, timeout_option
from gateway.errors import Reason, UsageError

if TYPE_CHECKING:
    from gateway.masterdata.importing import Prepared
    from gateway.masterdata.merge import Change, Missing
    from gateway.masterdata.tables import Finding
    from gateway.settings import Settings

_SHOWN = 40
"""The most changes shown to a person; JSON has all of them."""

_source = click.argument("source", metavar="DIR|FILE", type=click.Path(exists=True, path_type=Path))


@group("masterdata")
def masterdata() -> None:
    """Import, export and compare the tables that people maintain."""


def print_findings(findings: Iterable["Finding"]) -> None:
    """Print one finding per line, as compilers do."""
    for finding in findings:
        tell(str(finding))


def count_findings(findings: Sequence["Finding"]) -> str:
    """Return the number of errors and warnings, in words.

    >>> count_findings([])
    'no errors, no warnings'
    """
    found = Counter(finding.severity for finding in findings)
    return ", ".join(f"{found[kind] or 'no'} {kind}{'' if found[kind] == 1 else 's'}" for kind in ("error", "warning"))


def _print_changes(changes: Sequence["Change"], *, all_of_them: bool) -> None:
    shown = changes if all_of_them else changes[:_SHOWN]
    for change in shown:
        say(str(change))
    if len(changes) > len(shown):
        say(f"... and {len(changes) - len(shown)} more; --all shows them")


def _tell_tables(prepared: "Prepared") -> None:
    """Print the numbers of changes per table, and the tables of the file without any."""
    from gateway.service.local.imports import count_rows

    tables = count_rows(prepared)
    for table, rows in tables.items():
        same = rows.pop("same")
        tell(f"{table}: {', '.join([*(f'{n} {what}' for what, n in rows.items() if n), f'{same} as before'])}")
    others = [table for table in prepared.new.rows if table not in tables]
    if others:
        tell(f"as before: {', '.join(others)}")


def _going(going: Sequence["Change"]) -> str:
    """Describe the rows that would go, and a person's options."""
    rows = Counter(change.table for change in going)
    told = ", ".join(f"{number} of {table}" for table, number in rows.items())
    return f"{Reason.ROWS_WOULD_GO}: rows would go, {told}; --remove removes them, --merge keeps them"


def _print_prepared(prepared: "Prepared", changes: Sequence["Change"], *, all_of_them: bool) -> None:
    print_findings(prepared.findings)
    _print_changes(changes, all_of_them=all_of_them)
    if prepared.changes and changes is prepared.changes:
        _tell_tables(prepared)


def _why(prepared: "Prepared") -> str:
    """Explain why an import is refused."""
    from gateway.masterdata.checks.check import has_errors

    told = [count_findings(prepared.findings)] if has_errors(prepared.findings) else []
    return "; ".join([*told, *([_going(prepared.going)] if prepared.going else [])])


_all = click.option("--all", "all_of_them", is_flag=True, help="Show every change, not only the first ones.")


def _missing_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add `--remove` and `--merge`, which decide about rows missing in a table of the file."""
    remove = click.option("--remove", is_flag=True, help="Remove rows that a table of the file does not have.")
    keep = click.option("--merge", is_flag=True, help="Keep rows that a table of the file does not have.")
    return remove(keep(function))


def _missing(*, remove: bool, merge: bool) -> "Missing":
    from gateway.masterdata.merge import Missing

    if remove and merge:
        raise UsageError("expected --remove or --merge, got both: rows that the file does not have go, or stay")
    return Missing.REMOVED if remove else Missing.KEPT if merge else Missing.REFUSED


@command("import", example="backflush masterdata import config/masterdata", data=True)
@_source
@_missing_options
@actor_option
@click.option("--reason", default="", help="The reason; `report imports` shows it.")
@click.option("--transaction", default="", help="A name of your own: an import takes effect once per name.")
@timeout_option
@_all
@pass_invocation
def import_(
    invocation: Invocation, source: Path, *, remove: bool, merge: bool, all_of_them: bool, **said: Unpack[Asked]
) -> None:
    """Import a folder or ZIP archive of CSV files, one of them alone, an XLSX file or a YAML file.

    All or nothing: one error refuses the whole import. Importing the same again changes nothing, and unchanged rows
    are not touched. Rows are added or changed by their key. If a table of the file lacks a row that is in force, the
    import is refused, unless --remove or --merge decides its fate; runs and planned orders stay. An item goes if the
    file has other items of its bill of material, routing or order; with --merge, only if the file also has the row of
    that bill of material, routing or order.
    """
    from gateway.service.local.imports import prepare_import

    settings = invocation.settings()
    prepared = prepare_import(settings, source, in_force(settings), _missing(remove=remove, merge=merge))
    take_and_print(settings, prepared, said, all_of_them=all_of_them)


def take_and_print(
    settings: "Settings",
    prepared: "Prepared",
    said: Asked,
    also: Mapping[str, Any] = MappingProxyType({}),
    *,
    all_of_them: bool = True,
) -> None:
    """Run a prepared import and print its changes, in JSON with `also`; end with status 1 if it is refused."""
    from gateway.addresses import public
    from gateway.service.local.imports import record_of, take_effect

    response: dict[str, Any] = {}
    if not prepared.refused and prepared.changes:
        response = await_answer(
            settings,
            lambda patience: take_effect(
                settings, prepared, said["actor"], said["reason"], patience, said.get("transaction", "")
            ),
            said,
            much=True,
        )
    imported = response.get("status") == "ok"
    # Another import may have come in between.
    digest = response["data"].get("digest", prepared.merged.digest) if imported else prepared.merged.digest
    if said["as_json"]:
        told = {"imported": imported, "digest": digest, **record_of(prepared)}
        print_json({**told, **({"response": response} if response else {}), **also})
    else:
        _print_prepared(prepared, prepared.going if prepared.refused else prepared.changes, all_of_them=all_of_them)
    if prepared.refused:
        tell(f"refused, nothing was imported: {_why(prepared)}")
        answer_no()
    where = f"{digest[:12]} is in force in {public(settings.database_url)}"
    if not prepared.changes:
        tell(f"nothing changes: master data {where} already")
    elif imported:
        tell(f"imported: master data {where}")
    else:
        tell(f"backflush: {response.get('code', '')} {response.get('text', '')}")
        answer_no()


@command("export", example="backflush masterdata export /tmp/masterdata", data=True)
@click.argument("target", metavar="DIR|FILE.xlsx|FILE.zip", type=click.Path(path_type=Path))
@pass_invocation
def export(invocation: Invocation, target: Path, *, as_json: bool) -> None:
    """Write the master data in force as CSV files or as a workbook; importing it again changes nothing.

    The CSV files, one of each table, are in a folder or in an archive.

    Runs are written as they are in force: with the ends set by commands, and with the open runs that commands began.
    """
    from gateway.masterdata.files.write import export_files
    from gateway.service.local.imports import with_runs

    settings = invocation.settings()
    tables = in_force(settings)
    if not tables.rows:
        raise UsageError(
            "no master data is in force yet; `backflush masterdata template FILE.xlsx` writes an empty one"
        )
    written = with_runs(settings, tables)
    files = export_files(written, target)
    if as_json:
        print_json({"digest": tables.digest, "files": [str(file) for file in files]})
    else:
        tell(f"{len(written.rows)} tables of master data {tables.digest[:12]} in {target}")


@command("template", example="backflush masterdata template plant.xlsx", data=True)
@click.argument("target", metavar="FILE.xlsx", type=click.Path(dir_okay=False, path_type=Path))
def template(target: Path, *, as_json: bool) -> None:
    """Write an empty workbook to fill in: a sheet per table, with explained columns and lists of allowed words.

    Sheets that are not needed may stay empty or be deleted.
    """
    from gateway.masterdata.files.write import WORKBOOK, write_template
    from gateway.masterdata.rows import TABLES

    if target.suffix.lower() != WORKBOOK:
        raise UsageError(f"expected the name of an .xlsx file to write, got {str(target)!r}")
    if target.exists():
        raise UsageError(f"{str(target)!r} exists already and may have been filled in: it is not overwritten")
    write_template(target)
    if as_json:
        print_json({"file": str(target), "tables": list(TABLES)})
    else:
        tell(f"{len(TABLES)} empty tables in {target}")


@command("diff", example="backflush masterdata diff config/masterdata", data=True)
@_source
@_missing_options
@_all
@pass_invocation
def diff(invocation: Invocation, source: Path, *, remove: bool, merge: bool, all_of_them: bool, as_json: bool) -> None:
    """Show the changes and findings of an import; import nothing."""
    from gateway.masterdata.checks.check import has_errors
    from gateway.service.local.imports import prepare_import, record_of

    settings = invocation.settings()
    prepared = prepare_import(settings, source, in_force(settings), _missing(remove=remove, merge=merge))
    if as_json:
        print_json(record_of(prepared))
    else:
        shown = prepared.going if has_errors(prepared.findings) else prepared.changes
        _print_prepared(prepared, shown, all_of_them=all_of_them)
        if not prepared.changes and not prepared.refused:
            tell("nothing would change")
    if prepared.refused:
        tell(f"would be refused: {_why(prepared)}")
        answer_no()


masterdata.add_command(import_)
masterdata.add_command(export)
masterdata.add_command(diff)
masterdata.add_command(template)
