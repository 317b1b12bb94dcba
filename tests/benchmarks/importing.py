"""What an import costs that changes little in a large plant, while the gateway works."""

import time

from sqlalchemy import select

from gateway.ledger.database import tables as t
from gateway.masterdata.amendments import Amendment, amendment, dump_amendment
from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import Missing
from gateway.masterdata.rows import MaterialRow
from gateway.masterdata.tables import Tables, tables_of
from gateway.service.local.commands import amend_masterdata
from gateway.service.local.snapshot import read_ledger, tables_in_force
from tests.benchmarks.figures import Figures
from tests.benchmarks.rounds import SQLITE, Bench
from tests.benchmarks.stage import Stage, WrongTotals

MATERIALS, CHANGED = 50_000, 500


def imports(bench: Bench) -> Figures:
    """Change the prices of some materials of many."""
    with bench.stage(SQLITE) as stage:
        plant = tables_in_force(stage.settings).of(MaterialRow)[0].plant
        _take(stage, amendment(tables_of({}, {}), _materials(plant, MATERIALS, "1.25")))
        with stage.gateway() as gateway:
            gateway.wait_ready()
            before, cpu = _rows(stage), float(gateway.health()["cpu_s"])
            began = time.monotonic()
            prepared = weigh(_materials(plant, CHANGED, "1.30"), tables_in_force(stage.settings), (), Missing.KEPT)
            weighed = time.monotonic()
            _take(stage, prepared.amendment)
            done = time.monotonic()
            used = float(gateway.health()["cpu_s"]) - cpu
            written = len(_rows(stage) - before)
        return {
            "weighed beside what is in force (s)": weighed - began,
            "from there to in force (s)": done - weighed,
            "processor time of the gateway (s)": used,
            "rows written": written,
            "bytes in the journal": len(dump_amendment(prepared.amendment)),
        }


def _materials(plant: str, many: int, price: str) -> Tables:
    rows = ({"plant": plant, "material": f"M{n:06d}", "unit": "KG", "standard_price": price} for n in range(many))
    return tables_of({MaterialRow.table: [MaterialRow.parse(row) for row in rows]}, {})


def _take(stage: Stage, change: Amendment) -> None:
    answer = amend_masterdata(stage.settings, dump_amendment(change), "benchmark")
    if answer["status"] != "ok":
        raise WrongTotals(f"the import was not taken: {answer}")


def _rows(stage: Stage) -> set[tuple[object, ...]]:
    """Return every row of the ledger."""
    with read_ledger(stage.settings) as connection:
        return {(table.name, *row) for table in t.metadata.sorted_tables for row in connection.execute(select(table))}
