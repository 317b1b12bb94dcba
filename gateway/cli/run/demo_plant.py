"""The demo's plant: the shipped one, with planned orders for today, and what its lines have made of them so far.

Nothing is painted: the counters have had no network since the production day began, and tell at the start what they
have counted, each total with its time. So the board shows a day with its hours, whenever the demo begins. One line is
slower than planned, one faster, one stands, and one makes much scrap.

Pieces that are told late belong to the hour of their reading only if each reading becomes a document of its own, so the
demo's windows close with each reading.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date as Date
from datetime import timedelta
from typing import Final

from devices.simulators import CounterSpec, Past, ScannerSpec
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.ledger.reports.planned import shifts_of, spans_of
from gateway.masterdata import rows as r
from gateway.masterdata.tables import Tables, tables_of

Spec = CounterSpec | ScannerSpec

WINDOW: Final = "reading"
_STEP_S: Final = 900.0
"""The hours of a curve are sums of quarters of an hour."""
_LEAST_STEP_S: Final = 60.0
_MOST_PIECES: Final = 12_000
"""Between two telegrams: a counter of the plant may not jump further."""
_STOCK: Final = 20
"""The opening stock is for an hour of a small plant; that of the demo lasts a day at a piece a second."""
_STANDS_S: Final = 11 * 60
_PACE_OF_SLOW: Final = 0.9
_PACE_OF_FAST: Final = 1.01
_SCRAP_OF_SCRAPPING: Final = 5


def past_of(rate: float, since_us: int) -> Past | None:
    """Return the past of a production day at a pace; None if its steps would be too large for the counters."""
    step_s = min(_STEP_S, _MOST_PIECES / rate)
    # A reading at the full hour is of the hour that begins.
    return Past(since_us - 1_000, step_s) if step_s >= _LEAST_STEP_S else None


def begin_of_day(plant: Plant, now_us: int) -> int:
    """Return when the present production day began."""
    return min(span.start for span in spans_of(plant, plant.day(now_us).date))


def plan(tables: Tables, master: MasterData, rate: float, now_us: int) -> Tables:
    """Return the plant with an order for each line today and tomorrow, at a pace, and with enough stock."""
    rows = {name: list(some) for name, some in tables.rows.items()}
    rows[r.PlannedOrderRow.table] = list(_orders(tables, master, rate, now_us))
    rows[r.OrderComponentRow.table] = []
    rows[r.OpeningStockRow.table] = [
        row.model_copy(update={"quantity": row.quantity * _STOCK}) for row in tables.of(r.OpeningStockRow)
    ]
    return tables_of(rows, {})


def _orders(tables: Tables, master: MasterData, rate: float, now_us: int) -> Iterator[r.PlannedOrderRow]:
    for run in tables.of(r.RunRow):
        plant = master.plants[run.plant]
        today = Date.fromisoformat(plant.day(now_us).date)
        for date in (today, today + timedelta(days=1)):
            works_s = sum(span.end - span.start for span in shifts_of(plant, list(spans_of(plant, str(date))))) / 1e6
            if works_s:
                yield r.PlannedOrderRow.parse({
                    "order": f"{run.line}-{date:%m%d}", "plant": run.plant, "line": run.line, "material": run.material,
                    "version": run.version, "start": str(date), "finish": str(date),
                    "quantity": str(round(rate * works_s)),
                })  # fmt: skip


def temper(specs: Iterable[Spec], now_us: int) -> list[Spec]:
    """Return the devices, some of them at another pace than planned."""
    return [_temper(spec, now_us) if isinstance(spec, CounterSpec) else spec for spec in specs]


def _temper(spec: CounterSpec, now_us: int) -> CounterSpec:
    match spec.line:
        case "L02":
            return replace(spec, rate_per_s=spec.rate_per_s * _PACE_OF_SLOW)
        case "L03":
            return replace(spec, until_us=now_us - round(_STANDS_S * 1e6))
        case "L06":
            return replace(spec, rate_per_s=spec.rate_per_s * _PACE_OF_FAST)
        case "L05" if "scrap" in spec.totals:
            return replace(spec, rate_per_s=spec.rate_per_s * _SCRAP_OF_SCRAPPING)
        case _:
            return spec
