"""Checks of cost estimates: the hours that a profile may take from there instead of the routing."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

from gateway.masterdata import rows as r
from gateway.masterdata.checks.catalogue import Catalogue, group
from gateway.masterdata.tables import Finding


def missing(known: Catalogue) -> Iterator[Finding]:
    """Refuse a version without the estimate that its profile needs, and warn of days without one."""
    of_version = group(known.tables.of(r.EstimateActivityRow), lambda row: (row.plant, row.material, row.version))
    for version in known.tables.of(r.VersionRow):
        profile = known.profile_of(version)
        if profile is None or profile.activity_source != "cost_estimate":
            continue
        rows = [
            row
            for row in of_version.get(version.key(), [])
            if row.valid_from <= version.valid_to and row.valid_to >= version.valid_from
        ]
        name = f"version {version.version} of {version.material}"
        if not rows:
            text = f"profile {profile.profile} takes activities from the cost estimate, and {name} has none"
            yield known.at(version, "version", text)
        elif gap := _first_gap(version, rows):
            yield known.at(version, "version", f"no cost estimate of {name} is valid on {gap}", "warning")


def _first_gap(version: r.VersionRow, rows: list[r.EstimateActivityRow]) -> str:
    """Return the first day of a version without any row; empty if there is none."""
    day = version.valid_from
    for row in sorted(rows, key=lambda row: row.valid_from):
        if row.valid_from > day:
            return day
        if row.valid_to >= version.valid_to:
            return ""
        if row.valid_to >= day:
            day = (date.fromisoformat(row.valid_to) + timedelta(days=1)).isoformat()
    return day


def activities(known: Catalogue) -> Iterator[Finding]:
    """Refuse hours that are valid twice on one day, and warn of operations and activities unknown elsewhere."""
    rates = {row.key() for row in known.tables.of(r.ActivityRateRow)}
    rows = known.tables.of(r.EstimateActivityRow)
    for same in group(rows, lambda row: row.key()[:-1]).values():
        for before, after in pairwise(sorted(same, key=lambda row: row.valid_from)):
            if after.valid_from <= before.valid_to:
                text = (
                    f"expected a day after {before.valid_to}, on which the row before it ends, got {after.valid_from}"
                )
                yield known.at(after, "valid_from", text)
    for row in rows:
        if (row.plant, row.work_center, row.activity) not in rates:
            text = f"activity {row.activity} has no rate at work center {row.work_center}, so it costs nothing"
            yield known.at(row, "activity", text, "warning")
        version = known.versions.get((row.plant, row.material, row.version))
        routing = version.routing if version is not None else ""
        operations = known.operations.get((row.plant, row.material, routing), [])
        if operations and row.operation not in {operation.operation for operation in operations}:
            text = f"operation {row.operation} is not in routing {routing} of version {row.version}"
            yield known.at(row, "operation", text, "warning")


RULES = (missing, activities)
