"""Changes by hand: a command's change survives an import that repeats the rows of earlier files or of the present.

An exported run that a command has begun or ended says nothing new: it is in force as the file says it.

An import touches only what it changes. The canonical text remembers beside the row that a command has disabled it; a
file that says anything else of the row takes effect, and then nothing is remembered.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.masterdata.rows import BY_HAND, DeviceRow, Key, RunRow
from gateway.masterdata.tables import Finding, Tables


def note_disabled(devices: Tables, device: str) -> Tables:
    """Return devices of which a command has disabled one."""
    return replace(devices, retired={(DeviceRow.table, (device,)): {BY_HAND: "yes"}})


def keep_disabled(new: Tables, in_force: Tables) -> tuple[Tables, list[Finding]]:
    """Take rows of files that say what files said before for what is in force, and tell of each."""
    hand: Mapping[Key, DeviceRow] = {
        row.key(): row
        for row in (in_force.of(DeviceRow) if in_force.retired else ())
        if BY_HAND in in_force.retired.get((row.table, row.key()), ())
    }
    findings, rows = [], []
    for row in new.of(DeviceRow):
        known, origin = hand.get(row.key()), new.origin(row)
        if known is None or not origin.file or row != known.model_copy(update={"disabled": False}):
            rows.append(row)
            continue
        rows.append(known)
        told = f"stays disabled, by a command; `backflush devices disable {row.device} --undo` enables it again"
        findings.append(Finding(origin.file, origin.row, "disabled", told, row.table, "warning"))
    return replace(new, rows={**new.rows, DeviceRow.table: tuple(rows)}) if findings else new, findings


def runs_as_before(new: Tables, in_force: Tables, runs: Iterable[RunRow]) -> Tables:
    """Leave out what files say of runs that are in force as they say: by commands, which no file has to repeat."""
    so = {row.key(): row for row in runs}
    said = {row.key(): row for row in in_force.of(RunRow)}
    rows = (said.get(row.key()) if row == so.get(row.key()) else row for row in new.of(RunRow))
    return replace(new, rows={**new.rows, RunRow.table: tuple(filter(None, rows))})
