"""Imports of master data: prepared against what is in force, told as data, made to take effect."""

from collections import Counter
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from gateway.errors import Reason
from gateway.masterdata.amendments import dump_amendment
from gateway.masterdata.importing import Prepared, prepare
from gateway.masterdata.merge import Change, Missing
from gateway.masterdata.names import judge_import
from gateway.masterdata.rows import RunRow
from gateway.masterdata.tables import Tables
from gateway.service.local.commands import amend_masterdata
from gateway.service.local.running import PATIENT, Patience
from gateway.service.local.snapshot import runs_in_force
from gateway.settings import Settings


def prepare_import(settings: Settings, source: Path, in_force: Tables, missing: Missing = Missing.REFUSED) -> Prepared:
    """Say what importing a folder or file would change in what is in force, and everything that is wrong with it."""
    runs = partial(runs_in_force, settings, in_force) if in_force.rows else tuple
    return judge_import(prepare(source, in_force, missing, runs), in_force, settings.posting.open_names)


def with_runs(settings: Settings, in_force: Tables) -> Tables:
    """Return the tables in force with runs as commands have begun and ended them."""
    runs = runs_in_force(settings, in_force)
    if not runs and not in_force.has_table(RunRow):
        return in_force
    return replace(in_force, rows={**in_force.rows, RunRow.table: runs})


def take_effect(
    settings: Settings, prepared: Prepared, actor: str, reason: str, patience: Patience = PATIENT
) -> dict[str, Any]:
    """Have what was prepared take effect; return the answer, empty where nothing changes or all is refused."""
    if prepared.refused or not prepared.changes:
        return {}
    change = dump_amendment(prepared.amendment._replace(reason=reason))
    return amend_masterdata(settings, change, actor, patience)


def count_rows(prepared: Prepared) -> dict[str, dict[str, int]]:
    """Count what becomes of the rows of each table that changes: added, changed, removed, same."""
    kinds = Counter((change.table, change.kind) for change in prepared.changes)
    rows = {}
    for table in dict.fromkeys(table for table, _ in kinds):
        same = len(prepared.merged.rows.get(table, ())) - kinds[table, "added"] - kinds[table, "changed"]
        rows[table] = {kind: kinds[table, kind] for kind in ("added", "changed", "removed")} | {"same": same}
    return rows


def record_of(prepared: Prepared) -> dict[str, Any]:
    """Return what an import would do as data."""
    going = {"code": str(Reason.ROWS_WOULD_GO), "going": list(map(_change_record, prepared.going))}
    return {
        "findings": [finding._asdict() for finding in prepared.findings],
        "changes": [_change_record(change) for change in prepared.changes],
        "tables": count_rows(prepared),
        **(going if prepared.going else {}),
    }


def _change_record(change: Change) -> dict[str, Any]:
    fields = {column: {"before": before, "after": after} for column, before, after in change.fields}
    return {"table": change.table, "key": list(change.key), "kind": change.kind, "fields": fields}
