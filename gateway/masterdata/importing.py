"""An import from the file to the decision: read, merge, check, compare. All or nothing, and idempotent."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.errors import UsageError
from gateway.masterdata.check import check_tables, has_errors
from gateway.masterdata.merge import Change, diff, merge
from gateway.masterdata.read import read_all
from gateway.masterdata.tables import Finding, Origin, Tables, load_tables


class Prepared(NamedTuple):
    """What an import would do; it is refused when any finding is an error."""

    new: Tables
    """What the files say."""
    merged: Tables
    """What would be in force."""
    findings: list[Finding]
    changes: list[Change]

    @property
    def refused(self) -> bool:
        """Say whether nothing of this may be imported."""
        return has_errors(self.findings)


class Arrived(NamedTuple):
    """An import that has arrived where it takes effect."""

    new: Tables
    merged: Tables


def arrive(content: bytes, in_force: Tables) -> Arrived:
    """Merge an import that was checked before with what is in force now; UsageError where they do not fit together.

    Two imports that were checked at the same time are each sound with what was in force then, and need not be sound
    together.
    """
    brought = load_tables(content)
    here = {
        (name, row.key()): Origin("import", number)
        for name, rows in brought.rows.items()
        for number, row in enumerate(rows, start=1)
    }
    new = Tables(brought.rows, here, retired=brought.retired)
    merged = merge(in_force, new)
    errors = [finding for finding in check_tables(merged) if finding.severity == "error"]
    if errors:
        raise UsageError(f"{len(errors)} errors with what is in force now, first {errors[0]!s:.300}")
    return Arrived(new, merged)


def prepare(path: Path, in_force: Tables) -> Prepared:
    """Read master data and say everything that is wrong with it and everything that it would change."""
    new, findings = read_all(path)
    if any(finding.severity == "error" and not finding.table for finding in findings):
        # What cannot be read at all says nothing about the tables: no finding should follow from their absence.
        return Prepared(new, in_force, list(findings), [])
    return weigh(new, in_force, findings)


def weigh(new: Tables, in_force: Tables, findings: Sequence[Finding] = ()) -> Prepared:
    """Say what tables would change that were read already, and what is wrong with them beside what is in force."""
    merged = merge(in_force, new)
    told = {(finding.file, finding.table, finding.row, finding.field) for finding in findings}
    across = [f for f in check_tables(merged) if not f.row or (f.file, f.table, f.row, f.field) not in told]
    return Prepared(new, merged, [*findings, *across], diff(in_force, merged))
