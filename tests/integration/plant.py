"""A plant for the tests of the running gateway: the shipped master data, devices for it, and what was booked of it.

`Booked` is read from the ledger's documents and open windows alone, and `expected` from what the simulated devices
know that they have made; both say units by place, a line (`L01`) or a reporting point of it (`L04/0020`).
"""

import csv
import shutil
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, func, select

from devices.simulators import Code, CounterSpec, Faults, ScannerSpec, Truth
from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.database import tables as t
from gateway.ledger.store.row_values import window as window_of
from gateway.masterdata.importing import prepare
from gateway.masterdata.tables import Tables, dump_tables
from tests.integration.gateway_process import GatewayProcess

SHIPPED = Path(__file__).parents[2] / "config" / "masterdata"
LINES = "L01", "L02", "L03", "L04", "L05", "L06"
PUMP_BOX = Code("]d20102000000001012\x1d21{n}", pieces=12)
"""A box of twelve pumps with a serial number of its own."""
CABLE = Code("]d20102000000000077", pieces=1)
"""A cable without a serial number: two scans of it are two cables."""
MOTOR = Code("KANBAN-MOTOR", pieces=1)
BAD_NETWORK = Faults(duplicate=0.05, lose=0.05, reorder=0.05, late=0.02, late_s=20)


class Units(NamedTuple):
    """Pieces at one place."""

    good: int
    scrap: int


class LineFigures(NamedTuple):
    """What the ledger says of all lines together, in pieces."""

    read: int
    counted: int
    quarantined: int
    posted: int


def shop(folder: Path, **rows: Sequence[str]) -> Path:
    """Write the shipped master data into a folder, with more rows of its tables, each a line of its CSV file."""
    shutil.copytree(SHIPPED, folder)
    for table, lines in rows.items():
        with (folder / f"{table}.csv").open("a", encoding="utf-8") as file:
            file.write("".join(f"{line}\n" for line in lines))
    return folder


def tables(folder: Path) -> bytes:
    """Read master data as the import does, and return what travels."""
    prepared = prepare(folder, Tables())
    assert not prepared.refused, "\n".join(map(str, prepared.findings))
    return dump_tables(prepared.new)


def stocked(gateway: GatewayProcess, folder: Path, **rows: Sequence[str]) -> GatewayProcess:
    """Give a gateway the shipped master data, with more rows of its tables; it runs already or does not yet."""
    gateway.import_tables(tables(shop(folder, **rows)))
    return gateway


def counters(*, interval_s: float = 0.2, rate_per_s: float = 20) -> list[CounterSpec]:
    """Make the shipped counters, with a share of scrap at each."""
    made = []
    for line in LINES:
        spec = partial(CounterSpec, plant="1000", line=line, interval_s=interval_s)
        if line == "L02":
            made += [
                spec(device="c-L02-good", rate_per_s=rate_per_s, modulus=1_000_000),
                spec(device="c-L02-scrap", rate_per_s=1, totals=("scrap",), scrap_share=1),
            ]
            continue
        both = partial(spec, totals=("good", "scrap"), scrap_share=0.03, scrap_reasons=("03", "07"))
        made.append(both(device=f"c-{line}-good", rate_per_s=rate_per_s))
        if line == "L04":
            made += [spec(device=f"c-L04-{point}", rate_per_s=rate_per_s) for point in ("0010", "0030")]
    return made


def scanners(*, rate_per_s: float) -> list[ScannerSpec]:
    """Make a scanner at a reporting point and two at final postings; the shop must have `SCANNERS`."""
    made = (("L04", "s-L04-0020", MOTOR), ("L05", "s-L05", CABLE), ("L06", "s-L06", PUMP_BOX))
    return [
        ScannerSpec(plant="1000", line=line, device=device, codes=(code,), rate_per_s=rate_per_s, repeat_after_s=2)
        for line, device, code in made
    ]


SCANNERS = (
    "s-L05,1000,L05,,scanner,good,native,,,quarantine,zero,,",
    "s-L06,1000,L06,,scanner,good,native,,,quarantine,zero,,",
)
"""Rows of `devices` for the scanners that are not shipped."""


def expected(truth: Iterable[Truth]) -> dict[str, Units]:
    """Sum what the simulated devices have made, by place."""
    good: Counter[str] = Counter()
    scrap: Counter[str] = Counter()
    for device in truth:
        _, _, point = device.device.rpartition("-")
        place = f"{device.line}/{point}" if point.isdigit() else device.line
        good[place] += device.good
        scrap[place] += device.scrap
    return {place: Units(good[place], scrap[place]) for place in sorted(good)}


def booked(connection: Connection) -> dict[str, Units]:
    """Sum what is reported to the ledger's flows and what waits in open windows, by place."""
    with (SHIPPED / "production_versions.csv").open(encoding="utf-8") as file:
        line_of = {row["material"]: row["line"] for row in csv.DictReader(file)}
    good: Counter[str] = Counter()
    scrap: Counter[str] = Counter()
    joined = select(t.flows.c.material, t.flow_segments).join(t.flows, t.flows.c.id == t.flow_segments.c.flow)
    for row in connection.execute(joined):
        place = _place(line_of[row.material], row.point)
        good[place] += row.reported_yield
        scrap[place] += row.reported_scrap
    for row in connection.execute(select(t.windows)):
        window = window_of(row)
        place = _place(window.line, window.key.point)
        good[place] += window.good
        scrap[place] += sum(window.scrap.values())
    return {place: Units(good[place] // MICRO, scrap[place] // MICRO) for place in sorted(good) if good[place]}


def _place(line: str, point: str) -> str:
    return line if point == FINAL else f"{line}/{point}"


def figures(connection: Connection) -> LineFigures:
    """Sum the figures of all lines."""
    columns = (t.lines.c.read, t.lines.c.counted, t.lines.c.quarantined, t.lines.c.posted)
    sums = connection.execute(select(*(func.coalesce(func.sum(column), 0) for column in columns))).one()
    return LineFigures(*(int(value) // MICRO for value in sums))


def in_windows(connection: Connection, *policies: str) -> int:
    """Sum the units of open windows, of some policies or all."""
    rows = connection.execute(select(t.windows)).all()
    windows = [window_of(row) for row in rows if not policies or row.policy in policies]
    return sum(window.units for window in windows) // MICRO


def receipts(connection: Connection) -> dict[str, int]:
    """Sum the receipts of every product."""
    items = t.material_items.c
    found = select(items.material, func.sum(items.quantity)).where(items.process == "receipt").group_by(items.material)
    return {material: int(quantity) // MICRO for material, quantity in connection.execute(found)}


def documents_of_scans(connection: Connection) -> Counter[str]:
    """Count the documents of each scan."""
    found = select(t.documents.c.reference).where(t.documents.c.reference != "", t.documents.c.reverses == 0)
    return Counter(connection.scalars(found))
