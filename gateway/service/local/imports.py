"""Imports of master data: prepared against the tables in force, returned as data, and put into force."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, Final

from gateway.errors import Reason
from gateway.masterdata.amendments import dump_amendment
from gateway.masterdata.importing import Prepared, prepare
from gateway.masterdata.merge import Change, Missing
from gateway.masterdata.name_checks import judge_import
from gateway.masterdata.rows import DeviceRow, RunRow
from gateway.masterdata.tables import Tables
from gateway.service.local.in_force import runs_in_force
from gateway.service.local.running import PATIENT, Patience
from gateway.service.local.submission import amend_masterdata
from gateway.settings import Settings

_PLACED: Final = frozenset({"plant", "line", "operation", "disabled"})
"""The columns that say where a device is, and whether it counts."""


def prepare_import(settings: Settings, source: Path, in_force: Tables, missing: Missing = Missing.REFUSED) -> Prepared:
    """Return the changes that importing a folder or file would make, and all findings about it."""
    runs = partial(runs_in_force, settings, in_force) if in_force.rows else tuple
    return judge_import(prepare(source, in_force, missing, runs), in_force, settings.posting.open_names)


def with_runs(settings: Settings, in_force: Tables) -> Tables:
    """Return the tables in force, with the runs that commands have begun and ended."""
    runs = runs_in_force(settings, in_force)
    if not runs and not in_force.has_table(RunRow):
        return in_force
    return replace(in_force, rows={**in_force.rows, RunRow.table: runs})


def take_effect(
    settings: Settings, prepared: Prepared, actor: str, reason: str, patience: Patience = PATIENT, transaction: str = ""
) -> dict[str, Any]:
    """Put a prepared import into force, once by the name of its `transaction`, if it has one.

    Return the answer, empty if nothing changes or it is refused.
    """
    if prepared.refused or not prepared.changes:
        return {}
    change = dump_amendment(prepared.amendment._replace(reason=reason, transaction=transaction))
    return amend_masterdata(settings, change, actor, patience)


def count_rows(prepared: Prepared) -> dict[str, dict[str, int]]:
    """Count the rows of each changing table: added, changed, removed, same."""
    kinds = Counter((change.table, change.kind) for change in prepared.changes)
    rows = {}
    for table in dict.fromkeys(table for table, _ in kinds):
        same = len(prepared.merged.rows.get(table, ())) - kinds[table, "added"] - kinds[table, "changed"]
        rows[table] = {kind: kinds[table, kind] for kind in ("added", "changed", "removed")} | {"same": same}
    return rows


def find_grave(changes: Iterable[Change]) -> list[Change]:
    """Return the changes that a person confirms one by one.

    Rows that go, devices that are moved or disabled, and runs that change: a file that is short or old loses what the
    shop floor lives by, and no one sees it in a long list.
    """
    return [
        change
        for change in changes
        if change.kind == "removed"
        or (change.kind == "changed" and change.table == RunRow.table)
        or (
            change.kind == "changed"
            and change.table == DeviceRow.table
            and _PLACED & {name for name, *_ in change.fields}
        )
    ]


def record_of(prepared: Prepared) -> dict[str, Any]:
    """Return the effect of an import as data."""
    going = {"code": str(Reason.ROWS_WOULD_GO), "going": [change.record for change in prepared.going]}
    return {
        "findings": [finding._asdict() for finding in prepared.findings],
        "changes": [change.record for change in prepared.changes],
        "tables": count_rows(prepared),
        **(going if prepared.going else {}),
    }
