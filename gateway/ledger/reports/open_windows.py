"""Open windows: counted pieces that no document holds yet, with what closes each of them."""

from sqlalchemy import Connection, select

from gateway.backflush.values.documents import FINAL
from gateway.backflush.values.quantities import format_quantity
from gateway.backflush.values.window_policy import FOREVER
from gateway.ledger.database import tables as t
from gateway.ledger.reports.postings import Record, fields, format_time, on_line
from gateway.ledger.store import row_values


def windows(connection: Connection, *, line: str = "") -> list[Record]:
    """Return the open windows by line and production date; their times are those of their readings.

    The yield is below zero where scrap came after its pieces were posted. One without `closes_at` closes by its pieces,
    by a scan or by a person alone.
    """
    flows, columns = t.flows.c, t.windows.c
    of_flow = select(t.windows, flows.material, flows.version).join_from(t.windows, t.flows, flows.id == columns.flow)
    order = (columns.plant, columns.line, columns.production_date, *t.windows.primary_key)
    found = []
    for row in connection.execute(on_line(of_flow, t.windows, line).order_by(*order)):
        window = row_values.window(row[: len(t.windows.c)])
        sources = window.sources
        found.append({
            **fields(row, "plant", "line"),
            "point": "" if window.key.point == FINAL else window.key.point,
            **fields(row, "material", "version", "production_date", "shift", "batch"),
            "yield": format_quantity(window.good),
            "scrap": format_quantity(sum(window.scrap.values())),
            "rework": format_quantity(window.rework),
            "devices": sorted(sources),
            "readings": sum(each.readings for each in sources.values()),
            "first_at": _time(min((each.first_at for each in sources.values()), default=0)),
            "last_at": _time(max((each.last_at for each in sources.values()), default=0)),
            "closes_by": window.policy,
            "closes_at": _time(window.close_at if window.close_at < FOREVER else 0),
        })  # fmt: skip
    return found


def _time(at: int) -> str | None:
    return format_time(at) if at else None
