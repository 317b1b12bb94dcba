"""Importing, from the file to the decision: read, merge, check, compare. All or nothing, and idempotent."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.masterdata.amendments import Amendment, amend_text, amendment
from gateway.masterdata.by_hand import keep_disabled, runs_as_before
from gateway.masterdata.checks.check import check_tables, has_errors
from gateway.masterdata.checks.leading_zeros import find_lost_zeros
from gateway.masterdata.merge import Change, Missing, diff, merge
from gateway.masterdata.rows import RunRow
from gateway.masterdata.tables import Finding, Tables


class Prepared(NamedTuple):
    """The effect of an import; it is refused if any finding is an error, or rows would go without a person's word."""

    new: Tables
    """The tables in the files."""
    merged: Tables
    """The tables that would be in force."""
    findings: list[Finding]
    changes: list[Change]
    going: list[Change]
    """Rows that would go without the person's decision."""
    amendment: Amendment
    """The changes."""

    @property
    def refused(self) -> bool:
        """Return whether the import is refused."""
        return has_errors(self.findings) or bool(self.going)


def prepare(
    path: Path, in_force: Tables, missing: Missing = Missing.REFUSED, runs: Callable[[], Iterable[RunRow]] = tuple
) -> Prepared:
    """Read master data and return all findings and all changes.

    runs: those in force, which commands have begun and ended; read only if the files have any.
    """
    # The readers of workbooks and YAML are large, and a gateway at work reads no files.
    from gateway.masterdata.files.read import read_all  # noqa: PLC0415 - see above

    new, findings = read_all(path)
    if any(finding.severity == "error" and not finding.table for finding in findings):
        # An unreadable file proves nothing about the tables: no finding should follow from their absence.
        return Prepared(new, in_force, list(findings), [], [], Amendment(Tables(), {}))
    if new.has_table(RunRow):
        new = runs_as_before(new, in_force, runs())
    return weigh(new, in_force, findings, missing)


def weigh(
    new: Tables, in_force: Tables, findings: Sequence[Finding] = (), missing: Missing = Missing.REFUSED
) -> Prepared:
    """Return the changes and findings of tables already read, against the data in force."""
    new, stay = keep_disabled(new.fill(in_force), in_force)
    findings = [*findings, *stay]
    merged, asked = merge(in_force, new, missing)
    findings += find_lost_zeros(new, in_force, merged)
    told = {(finding.file, finding.table, finding.row, finding.field) for finding in findings}
    found = check_tables(merged)
    if asked and missing is Missing.REFUSED:
        # A finding that only follows from their absence is no fault yet: a person has not decided that the rows go.
        stays = set(check_tables(merge(in_force, new, Missing.KEPT).tables))
        found = [finding for finding in found if finding in stays]
    across = [f for f in found if not f.row or (f.file, f.table, f.row, f.field) not in told]
    changes = diff(in_force, merged)
    going = [] if missing is Missing.REMOVED else [change for change in changes if (change.table, change.key) in asked]
    if not changes:
        # A table without rows is as good as none.
        return Prepared(new, in_force, [*findings, *across], [], [], Amendment(Tables(), {}))
    change = amendment(in_force, merged)
    merged.keep_text(amend_text(in_force.text, change))
    checked = change._replace(beside=in_force.digest) if in_force.rows and not has_errors(across) else change
    return Prepared(new, merged, [*findings, *across], changes, going, checked)
