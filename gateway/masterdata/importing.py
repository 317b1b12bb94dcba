"""An import from the file to the decision: read, merge, check, compare. All or nothing, and idempotent."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from gateway.masterdata.check import check_tables, has_errors
from gateway.masterdata.merge import Change, diff, merge
from gateway.masterdata.read import read_all
from gateway.masterdata.tables import Finding, Tables


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
