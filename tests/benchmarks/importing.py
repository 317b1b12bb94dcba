"""What an import costs that changes little in a large plant with its lists, while the gateway works."""

import time
from collections.abc import Iterable, Mapping
from itertools import product

from gateway.ledger.store.stored_imports import read_imports
from gateway.masterdata import rows as r
from gateway.masterdata.amendments import Amendment, amendment, dump_amendment
from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import Missing
from gateway.masterdata.rows import TableRow
from gateway.masterdata.tables import Tables, tables_of
from gateway.service.local.in_force import tables_in_force
from gateway.service.local.read_only import read_ledger
from gateway.service.local.submission import amend_masterdata
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import SQLITE, Bench
from tests.benchmarks.stage import Stage, WrongTotals

MATERIALS, MADE, ITEMS, STEPS, CHANGED = 50_000, 10_000, 8, 3, 500


def imports(bench: Bench) -> Figures:
    """Change the prices of some materials of many, a fifth of which have lists."""
    with bench.stage(SQLITE) as stage:
        plant = tables_in_force(stage.settings).of(r.PlantRow)[0].plant
        _take(stage, amendment(tables_of({}, {}), _large(plant)))
        with stage.gateway() as gateway:
            gateway.wait_ready()
            before, health = _stored(stage), gateway.health()
            began = time.monotonic()
            cheaper = _tables([(r.MaterialRow, _materials(plant, range(0, MATERIALS, MATERIALS // CHANGED), "1.30"))])
            prepared = weigh(cheaper, tables_in_force(stage.settings), (), Missing.KEPT)
            weighed = time.monotonic()
            _take(stage, prepared.amendment)
            done = time.monotonic()
            after = gateway.health()
        return {
            "weighed beside what is in force (s)": weighed - began,
            "from there to in force (s)": done - weighed,
            "processor time of the gateway (s)": float(after["cpu_s"]) - float(health["cpu_s"]),
            "memory of the gateway before (MB)": float(health["memory_mb"]),
            "its memory after (MB)": float(after["memory_mb"]),
            "bytes in the journal": len(dump_amendment(prepared.amendment)),
            "bytes in the ledger": _stored(stage) - before,
            "bytes of all that is in force": len(tables_in_force(stage.settings).text),
        }


def _large(plant: str) -> Tables:
    """Return materials of which some are made, of others, in steps."""
    made = range(MADE)
    of = {number: {"plant": plant, "material": f"M{number:06d}"} for number in made}
    items = (
        {
            **of[n],
            "item": f"{k:04d}",
            "component": f"M{MADE + (n * ITEMS + k) % (MATERIALS - MADE):06d}",
            "quantity": "2",
        }
        for n, k in product(made, range(1, ITEMS + 1))
    )
    steps = [{**of[n], "operation": f"{k:04d}"} for n, k in product(made, range(1, STEPS + 1))]
    version = {"version": "0001", "valid_from": "2026-01-01", "bom_alternative": "1", "routing": "1"}
    return _tables(
        [
            (r.StorageLocationRow, [{"plant": plant, "location": "S-M", "negative_stock": "yes"}]),
            (r.MaterialRow, _materials(plant, range(MATERIALS), "1.25")),
            (r.BomRow, of.values()),
            (r.BomItemRow, items),
            (r.WorkCenterRow, [{"plant": plant, "work_center": "W-M"}]),
            (r.ActivityRateRow, [{"plant": plant, "work_center": "W-M", "activity": "LABOUR", "rate_per_hour": "40"}]),
            (r.ProfileRow, [{"profile": "P-M"}]),
            (r.RoutingRow, of.values()),
            (r.OperationRow, [{**step, "work_center": "W-M"} for step in steps]),
            (r.OperationActivityRow, [{**step, "activity": "LABOUR", "hours": "0.1"} for step in steps]),
            (r.VersionRow, [{**of[n], **version, "line": f"LM{n % 100:02d}"} for n in made]),
        ]
    )


def _materials(plant: str, numbers: Iterable[int], price: str) -> Iterable[Mapping[str, str]]:
    always = {"plant": plant, "standard_price": price, "issue_location": "S-M", "receiving_location": "S-M"}
    for n in numbers:
        row = {**always, "material": f"M{n:06d}", "description": f"part {n}"}
        yield {**row, "rem_profile": "P-M"} if n < MADE else row


def _tables(rows: Iterable[tuple[type[TableRow], Iterable[Mapping[str, str]]]]) -> Tables:
    return tables_of({kind.table: [kind.parse(row) for row in of] for kind, of in rows}, {})


def _take(stage: Stage, change: Amendment) -> None:
    answer = amend_masterdata(stage.settings, dump_amendment(change), "benchmark")
    if answer["status"] != "ok":
        raise WrongTotals(f"the import was not taken: {answer}")


def _stored(stage: Stage) -> int:
    """Return how much imports have stored."""
    with read_ledger(stage.settings) as connection:
        return sum(one.size for one in read_imports(connection))
