"""Check the configuration and master data: every finding with its place, not only the first."""

import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import click

from gateway.cli.run.masterdata import count_findings, print_findings
from gateway.cli.shared.arguments import in_force
from gateway.cli.shared.command import BROKEN, Invocation, answer_no, command, pass_invocation, tell
from gateway.cli.shared.output import print_json, print_records
from gateway.errors import NoLedger, Unavailable, UsageError

if TYPE_CHECKING:
    from gateway.masterdata.checks.sources import SourceMatch
    from gateway.masterdata.tables import Finding, Tables
    from gateway.settings import Settings


_SAFE_SQLITE: Final = (3, 51, 3)
"""In older versions two connections that reset a write-ahead log at once may damage the database."""


_SHOWN: Final = 5
"""Of the rows of a source, and of the devices that are not heard."""
_OTHERWISE: Final = {
    "counter": "its scans are posted all the same",
    "scanner": "its totals are counted all the same, though no start of a run asks for them",
}
"""By kind: the fate of the other kind's messages."""


class Checked(NamedTuple):
    """Findings, and the files and data that were checked."""

    findings: list["Finding"]
    looked_at: list[str]
    away: bool = False
    """Whether the database did not answer, so that the master data in force is unknown."""
    matches: Sequence["SourceMatch"] = ()
    """The rows of the sources."""
    unheard: Sequence[str] = ()
    """Devices that neither their own topics nor a row reach."""


@command(example="backflush check config/masterdata", data=True)
@click.argument("source", metavar="[DIR|FILE]", required=False, type=click.Path(exists=True, path_type=Path))
@click.option("--all", "all_of_them", is_flag=True, help="List every row of each source, not only the first ones.")
@pass_invocation
def check(invocation: Invocation, source: Path | None, *, all_of_them: bool, as_json: bool) -> None:
    """Check configuration and master data, and print every finding.

    Checks the master data of a folder or file, by default those in force. Changes nothing. A warning may be
    intended; an error must be corrected before the gateway runs or the data is imported. With sources in the
    configuration it lists what the first rows of each read. Status 3: the database did not answer.
    """
    checked = _check(invocation, source)
    matches = [match._asdict() for match in checked.matches]
    if as_json:
        records = [finding._asdict() for finding in checked.findings]
        print_json(
            {"findings": records, "checked": checked.looked_at, "sources": matches, "unheard": [*checked.unheard]}
        )
    else:
        if matches:
            _print_matches(matches, len(matches) if all_of_them else _SHOWN)
        print_findings(checked.findings)
        if checked.unheard:
            first, more = ", ".join(checked.unheard[:_SHOWN]), len(checked.unheard) - _SHOWN
            left = f" and {more} more (--json)" if more > 0 else ""
            tell(f"devices that are not heard here, because their lines are of other gateways: {first}{left}")
        tell(f"checked {', '.join(checked.looked_at)}: {count_findings(checked.findings)}")
    if checked.away:
        raise click.exceptions.Exit(BROKEN)
    if any(finding.severity == "error" for finding in checked.findings):
        answer_no()


def _print_matches(matches: list[dict[str, Any]], most: int) -> None:
    """Print the first rows of each source, `most` of them, and the number of others."""
    of = {number: [*rows] for number, rows in groupby(matches, itemgetter("source"))}
    shown = [row for rows in of.values() for row in rows[:most]]
    left = [f"{len(rows) - most} of source {number}" for number, rows in of.items() if len(rows) > most]
    more = f"more rows: {', '.join(left)}; --all lists them" if left else ""
    print_records(shown, ">source decoder device kind tag topic", empty="", more=more)


def _check(invocation: Invocation, source: Path | None) -> Checked:
    from gateway.masterdata.checks.check import check_tables
    from gateway.masterdata.checks.sources import check_sources, match_rows, out_of_reach
    from gateway.masterdata.importing import prepare
    from gateway.masterdata.tables import Finding, Tables
    from gateway.service.local.imports import prepare_import
    from gateway.settings import DEFAULT_FILE

    file = invocation.config or DEFAULT_FILE
    looked_at = [str(file) if invocation.config or file.exists() else "the configuration by default"]
    try:
        settings = invocation.settings()
    except UsageError as error:
        findings = list(_of_configuration(error, file))
        if source is not None:
            findings += prepare(source, Tables()).findings
            looked_at.append(str(source))
        return Checked(findings, looked_at)
    findings = list(_of_settings(settings, file))
    if invocation.config is not None and not settings.gateway.data_dir.is_absolute():
        findings.append(_of_relative_folder(settings, file))
    tables, away, unread = Tables(), False, True
    try:
        tables = in_force(settings)
        unread = False
    except (Unavailable, UsageError) as error:
        away = isinstance(error, Unavailable)
        findings.append(Finding(str(file), 0, "database.url", f"the master data in force was not checked: {error}", ""))
    if source is not None:
        prepared = prepare_import(settings, source, tables)
        findings += prepared.findings
        looked_at.append(str(source))
        tables = prepared.merged
    elif tables.rows:
        findings += check_tables(tables)
        looked_at.append(f"the master data in force ({tables.digest[:12]})")
    elif not unread:
        tell("no master data is in force yet: `backflush check DIR` checks a folder before its import")
    findings += _of_lines(settings, tables, file)
    findings += _of_scanners(settings, tables, file)
    findings += _of_patterns(settings, tables, file)
    if settings.source:
        findings += check_sources(settings.sources, tables, str(file))
        looked_at.append(_count_sources(settings))
    if not unread:
        findings += _of_ledger(invocation, tables)
    unheard = [row.device for row in out_of_reach(settings.sources, tables, settings.gateway.lines)]
    return Checked(findings, looked_at, away, [*match_rows(settings.sources, tables)], unheard)


def _count_sources(settings: "Settings") -> str:
    """Count what the sources would read: the sources of each decoder, and their rows."""
    from gateway.backflush.values.quantities import number_of

    rows = sum(len(source.rows) for source in settings.sources)
    decoders = sorted({source.decoder for source in settings.sources})
    sources = number_of(len(settings.source), "source")
    return f"{sources} ({', '.join(decoders)}) with {number_of(rows, 'row')}"


def _of_lines(settings: "Settings", tables: "Tables", file: Path) -> Iterator["Finding"]:
    """Warn of configured lines without master data: the gateway would silently post nothing."""
    from gateway.masterdata.checks.catalogue import Catalogue
    from gateway.masterdata.rows import PlantRow
    from gateway.masterdata.tables import Finding

    known = Catalogue(tables)
    plants = {row.plant for row in tables.of(PlantRow)}
    for pattern in settings.gateway.lines if plants else ():
        plant, _, line = pattern.partition("/")
        if pattern != "*" and (plant not in plants or (line not in ("*", "_") and (plant, line) not in known.lines)):
            text = f"the master data have no {'plant' if line == '*' else 'line'} {pattern.removesuffix('/*')}"
            yield Finding(str(file), 0, "gateway.lines", text, "", "warning")


def _of_scanners(settings: "Settings", tables: "Tables", file: Path) -> Iterator["Finding"]:
    """Warn that two pieces may count as one if scanners send neither an id nor a time."""
    from gateway.backflush.values.quantities import number_of
    from gateway.masterdata.rows import DeviceRow
    from gateway.masterdata.tables import Finding

    seconds = settings.posting.duplicate_window_s
    sources = [source for source in settings.sources if source.decoder == "proglove"]
    named = {row.device for source in sources for row in source.rows}  # each of their scans has an id
    devices = [device for device in tables.of(DeviceRow) if device.kind == "scanner" and not device.disabled]
    scanners = [device.device for device in devices if device.device not in named]
    if scanners and seconds:
        text = (
            f"{number_of(len(scanners), 'scanner')}, {scanners[0]} first: scans with neither id nor ts are one if"
            f" equal within {seconds} s, so send either"
        )
        yield Finding(str(file), 0, "posting.duplicate_window_s", text, "", "warning")


def _of_patterns(settings: "Settings", tables: "Tables", file: Path) -> Iterator["Finding"]:
    """Warn of aliases that a pattern of the site reads as something else."""
    from devices.barcodes.patterns import fits_any
    from gateway.masterdata.rows import AliasRow
    from gateway.masterdata.tables import Finding

    patterns = settings.rules.patterns
    for alias in tables.of(AliasRow) if patterns else ():
        if fits_any(alias.code, patterns):
            text = f"alias {alias.code} fits a pattern, so it is read by that and its row is never used"
            yield Finding(str(file), 0, "scan.patterns", text, "", "warning")


def _of_ledger(invocation: Invocation, tables: "Tables") -> Iterator["Finding"]:
    """Warn about what no table shows: products made by lot, and devices that are not what their rows say."""
    from gateway.cli.shared.arguments import ledger, plant_times
    from gateway.ledger.reports.devices import find_other_kinds
    from gateway.ledger.reports.postings import format_time
    from gateway.ledger.reports.present import lots_in_process
    from gateway.masterdata.checks.catalogue import Catalogue
    from gateway.masterdata.checks.remainders import lots
    from gateway.masterdata.rows import DeviceRow

    with suppress(NoLedger), ledger(invocation) as connection:
        known = Catalogue(tables)
        yield from lots(known, lots_in_process(connection))
        rows = {row.device: row for row in tables.of(DeviceRow)}
        clock = plant_times(connection)
        for name, at in sorted(find_other_kinds(connection, {row.device: row.kind for row in rows.values()}).items()):
            row = rows[name]
            heard = f"{_OTHERWISE[row.kind]}, the last at {clock(row.plant, format_time(at))}"
            text = f"{name} is a {row.kind} here, and {heard}: give it the kind that it is"
            yield known.at(row, "kind", text, "warning")


def _of_configuration(error: UsageError, file: Path) -> Iterator["Finding"]:
    """Split an error of the configuration into its findings."""
    from pydantic import ValidationError

    from gateway.masterdata.tables import Finding
    from gateway.settings import faults

    if not isinstance(error.__cause__, ValidationError):
        yield Finding(str(file), 0, "", str(error).removeprefix(f"{file}: "), "")
        return
    for setting, text in faults(error.__cause__):
        yield Finding(str(file), 0, setting, text, "")


def _of_relative_folder(settings: "Settings", file: Path) -> "Finding":
    """Warn if the same configuration file means another journal and ledger in each working directory."""
    from gateway.masterdata.tables import Finding

    folder = settings.gateway.data_dir
    text = f"{folder} is {folder.absolute()} here, and changes with the working directory: use an absolute path"
    return Finding(str(file), 0, "gateway.data_dir", text, "", "warning")


def _of_settings(settings: "Settings", file: Path) -> Iterator["Finding"]:
    """Find contradictions between settings, and faults that show only when the gateway runs."""
    from gateway.ledger.database.connection import database_url
    from gateway.masterdata.tables import Finding
    from gateway.mqtt.broker import Address
    from gateway.mqtt.certificate import ending
    from gateway.mqtt.topics import Topics
    from gateway.service.watch.file_permissions import too_wide
    from gateway.settings import MqttSection

    mqtt = settings.mqtt
    attempts = (
        ("mqtt.url", lambda: Address.parse(mqtt.url)),
        ("mqtt.base_topic", lambda: Topics(mqtt.base_topic, settings.gateway.id)),
        (
            "gateway.lines",
            lambda: Topics(MqttSection().base_topic, settings.gateway.id).filters(settings.gateway.lines),
        ),
        ("database.url", lambda: database_url(settings.database_url)),
    )
    for field, attempt in attempts:
        try:
            attempt()
        except UsageError as error:
            yield Finding(str(file), 0, field, str(error).removeprefix(f"{field}: "), "")
    yield from _of_logins(settings, file)
    for end in ending(time.time(), settings.certificates):
        yield Finding(str(file), 0, end.setting, str(end).partition(": ")[2], "", "error" if end.over else "warning")
    for wide in too_wide(settings, file):
        yield Finding(str(wide.path), 0, "", f"has rights {wide.got}, expected {wide.expected}", "", "warning")
    if settings.journal.keep_days == 0:
        text = (
            "0 keeps no posted batches: telegrams cannot be traced, and a ledger that is restored or audited with"
            " --deep cannot be built again from the journal"
        )
        yield Finding(str(file), 0, "journal.keep_days", text, "", "warning")
    if mqtt.session_expiry_s == 0:
        text = "0 ends the session with the connection: messages that arrive while the gateway is away are lost"
        yield Finding(str(file), 0, "mqtt.session_expiry_s", text, "", "warning")
    if "*" not in settings.gateway.lines and settings.database_url.startswith("sqlite"):
        yield from _of_shared_file(file)


def _of_logins(settings: "Settings", file: Path) -> Iterator["Finding"]:
    """Find what the logins of the gateway and of its host applications name and is not there."""
    from gateway.masterdata.tables import Finding

    files = settings.certificates
    for place, login in settings.logins.items():
        try:
            login.secret()
        except UsageError as error:
            text = str(error).partition("password_file: ")[2]
            yield Finding(str(file), 0, f"{place}.password_file", text, "")
        if bool(login.cert_file) != bool(login.key_file):
            text = "expected cert_file and key_file together, got one of them"
            yield Finding(str(file), 0, f"{place}.cert_file", text, "")
        if login.key_file is not None:
            files[f"{place}.key_file"] = login.key_file
    for setting, path in files.items():
        if not path.is_file():
            yield Finding(str(file), 0, setting, f"expected a file, found none at {path}", "")


def _of_shared_file(file: Path) -> Iterator["Finding"]:
    """Warn if several gateways are likely to write one SQLite file, and its version may damage that."""
    import sqlite3

    from gateway.masterdata.tables import Finding

    if sqlite3.sqlite_version_info < _SAFE_SQLITE:
        text = (
            f"one of several gateways, on SQLite {sqlite3.sqlite_version}: before {'.'.join(map(str, _SAFE_SQLITE))}"
            " two processes that write one file can, rarely, damage it; use PostgreSQL, or a newer SQLite"
        )
        yield Finding(str(file), 0, "gateway.lines", text, "", "warning")
