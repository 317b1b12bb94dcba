"""The master data in force, and the runs: nothing of the engine's step is loaded for it."""

from time import time_ns

from sqlalchemy import Connection, select

from gateway.backflush.plant.versions import Run
from gateway.errors import NoLedger
from gateway.ledger.database import tables as t
from gateway.ledger.store.load import master_bytes
from gateway.ledger.store.row_values import run
from gateway.masterdata.cells import microseconds, moment_text
from gateway.masterdata.rows import PlantRow, RunRow
from gateway.masterdata.tables import Tables, tables_in
from gateway.service.local.read_only import read_ledger
from gateway.settings import Settings

_AS_IN_FILES = ("plant", "line", "material", "version", "batch", "sales_order", "sales_order_item", "revision")


def tables_in_force(settings: Settings) -> Tables:
    """Return the ledger's master data in force; empty if there is none yet.

    A ledger that is away, or of another schema, raises instead.
    """
    try:
        with read_ledger(settings) as connection:
            return tables_in(master_bytes(connection) or b"")
    except NoLedger:
        return Tables()


def is_any_in_force(connection: Connection) -> bool:
    """Return whether any master data is in force; LedgerUnavailable if it does not match its digest."""
    return master_bytes(connection) is not None


def runs_in_force(settings: Settings, tables: Tables) -> tuple[RunRow, ...]:
    """Return the runs of the tables as commands have ended them, and open runs that commands have begun.

    A run that was withdrawn or replaced is left out, and one with values that no file may hold, such as a longer batch.
    """
    try:
        with read_ledger(settings) as connection:
            found = [run(row) for row in connection.execute(select(t.runs).order_by(*t.runs.primary_key))]
    except NoLedger:
        return tables.of(RunRow)
    zones = {plant.plant: plant.time_zone for plant in tables.of(PlantRow)}
    said = {(row.plant, row.line, microseconds(row.start, zones[row.plant])): row for row in tables.of(RunRow)}
    now = time_ns() // 1_000
    kept = (each for each in found if each[:3] in said or ((each.end or now + 1) > now and each.plant in zones))
    rows = (_run_row(each, said.get(each[:3]), zones[each.plant]) for each in kept if each.end != each.start)
    return tuple(sorted(filter(None, rows), key=RunRow.key))


def _run_row(run: Run, said: RunRow | None, zone: str) -> RunRow | None:
    """Print a run as a row; values from a file keep their wording. None: no file can hold it."""
    start = said.start if said is not None else moment_text(run.start, zone)
    end = "" if run.end is None else moment_text(run.end, zone)
    if said is not None and said.end and microseconds(said.end, zone) == run.end:
        end = said.end
    cells = {"start": start, "end": end, **{name: getattr(run, name) for name in _AS_IN_FILES}}
    try:
        return RunRow.parse({name: cell for name, cell in cells.items() if cell})
    except ValueError:
        return None
