"""Devices, one by one: a new one becomes a row of its table, new hardware replaces old, one is disabled.

Each is an import of the table `devices` with one row added or changed, and is checked like every import.
"""

from collections.abc import Mapping

from pydantic import ValidationError

from devices.plain import plain
from gateway.backflush.values.names import quote
from gateway.errors import UsageError
from gateway.masterdata.by_hand import note_disabled
from gateway.masterdata.importing import Prepared, weigh
from gateway.masterdata.rows import DeviceRow
from gateway.masterdata.tables import Tables, tables_of

_NOT_TAKEN = ("first", "disabled")
"""Columns about the start and end of one piece of hardware: another one never inherits them."""


def device_of(tables: Tables, device: str) -> DeviceRow:
    """Return a device of the master data; UsageError if there is none of this name."""
    found = _rows(tables).get(device)
    if found is None:
        raise UsageError(
            f"device {quote(device)}: expected a device in the master data; `backflush report devices` lists them"
        )
    return found


def refuse_known(tables: Tables, device: str) -> None:
    """Raise UsageError for a device that is in the master data already."""
    row = _rows(tables).get(device)
    if row is not None:
        raise UsageError(f"device {device} is in the master data already, at {row.plant}/{row.line}")


def adopt_device(tables: Tables, said: Mapping[str, str], like: str) -> Prepared:
    """Add a new device to the master data; missing values come from the device that it is like."""
    refuse_known(tables, said["device"])
    cells = device_of(tables, like).cells() if like else {}
    named = {column: value for column, value in said.items() if value}
    return _weigh(tables, _row({**cells, **dict.fromkeys(_NOT_TAKEN, ""), **named}))


def replace_device(tables: Tables, old: str, new: str, first: str) -> Prepared:
    """Replace old hardware, which is disabled, by new; `first` is the meaning of its first total."""
    refuse_known(tables, new)
    cells = device_of(tables, old).cells()
    ended = _row({**cells, "disabled": "yes"})
    return _weigh(tables, ended, _row({**cells, "device": new, "first": first, "disabled": ""}), off=old)


def disable_device(tables: Tables, device: str, *, undo: bool) -> Prepared:
    """Disable a device, or, to `undo` that, enable it again."""
    row = _row({**device_of(tables, device).cells(), "disabled": "" if undo else "yes"})
    return _weigh(tables, row, off="" if undo else device)


def _weigh(tables: Tables, *rows: DeviceRow, off: str = "") -> Prepared:
    """Prepare rows against those in force; one of them may be switched off."""
    all_rows = _rows(tables) | {row.device: row for row in rows}
    new = tables_of({DeviceRow.table: all_rows.values()}, {})
    prepared = weigh(note_disabled(new, off) if off else new, tables)
    # Warnings about other tables do not concern a change of devices.
    told = [finding for finding in prepared.findings if finding.severity == "error" or finding.table == DeviceRow.table]
    return prepared._replace(findings=told)


def _rows(tables: Tables) -> dict[str, DeviceRow]:
    return {row.device: row for row in tables.of(DeviceRow)}


def _row(cells: Mapping[str, str]) -> DeviceRow:
    unknown = sorted(cells.keys() - DeviceRow.model_fields.keys())
    if unknown:
        raise UsageError(
            f"--set {quote(unknown[0])}: expected a column of devices: {', '.join(DeviceRow.model_fields)}"
        )
    try:
        return DeviceRow.parse({column: value for column, value in cells.items() if value})
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False)[0]
        raise UsageError(f"{'.'.join(('devices', *map(str, found['loc'])))}: {plain(found)}") from error
