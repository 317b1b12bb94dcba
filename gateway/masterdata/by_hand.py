"""Changes by hand: a command's change survives an import that repeats the rows of earlier files or of the present.

An exported run that a command has begun or ended is nothing new: it is in force as in the file.

An import touches only the rows it changes. The canonical text notes on a row that a command has disabled it; a file
with any other row takes effect, and the note is dropped.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from gateway.masterdata.rows import BY_HAND, DeviceRow, Key, RunRow
from gateway.masterdata.tables import Finding, Tables


def note_disabled(devices: Tables, device: str) -> Tables:
    """Return devices with a note that a command has disabled one."""
    return replace(devices, retired={(DeviceRow.table, (device,)): {BY_HAND: "yes"}})


def keep_disabled(new: Tables, in_force: Tables) -> tuple[Tables, list[Finding]]:
    """Replace file rows that repeat earlier files by the rows in force, with a finding for each."""
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
    """Leave out runs that are already in force as in the file, by commands, which no file has to repeat."""
    so = {row.key(): row for row in runs}
    said = {row.key(): row for row in in_force.of(RunRow)}
    rows = (said.get(row.key()) if row == so.get(row.key()) else row for row in new.of(RunRow))
    return replace(new, rows={**new.rows, RunRow.table: tuple(filter(None, rows))})
