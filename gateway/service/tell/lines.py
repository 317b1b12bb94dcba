"""The lines in the ledger: their status, and the reasons why open pieces wait. No gateway needs to run.

These are lines that are maintained, or that have counts, postings or quarantine entries.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, func, select

from gateway.backflush.memory.records import LineFigures, Window
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import MasterData
from gateway.backflush.values.quantities import format_quantity
from gateway.backflush.values.window_policy import FOREVER
from gateway.ledger.database import tables as t
from gateway.ledger.database.conditions import OPEN
from gateway.ledger.store.load import load_lines
from gateway.service.tell.line_status import Look, line_picture
from gateway.service.times import iso

LINES: Final = ("lines", "production_versions", "devices")
"""The tables that say which lines there are, and what they make."""
_OF_THE_RUNNING: Final = frozenset(
    ["gateway", "unit", "description", "takt_s", "order", "rate_per_min", "stale_devices", "day"]
)
"""Fields that only a running gateway publishes."""


@dataclass(frozen=True, slots=True)
class Waits:
    """Open pieces of a line at a point, and the reason why they wait."""

    units: str
    point: str
    what: str
    """Empty: they wait only for a time."""
    until: str | None = None
    """The latest time of their posting."""


def lines_now(
    connection: Connection, master: MasterData, now: int, *, plant: str = "", line: str = ""
) -> list[dict[str, Any]]:
    """Return the status of each line, with its waiting pieces and its open quarantine entries.

    `master` may be built of the tables in `LINES` alone.
    """
    state = load_lines(connection, master, now)
    look = Look(state, now)
    columns = t.quarantine.c
    entries = select(columns.plant, columns.line, func.count()).where(OPEN, columns.line != "")
    held = {(row[0], row[1]): row[2] for row in connection.execute(entries.group_by(columns.plant, columns.line))}
    waits: dict[tuple[str, str], list[Waits]] = {}
    for key, wait in _waits(state):
        waits.setdefault(key, []).append(wait)
    known = master.lines.keys() | state.lines.keys() | held.keys()
    return [
        {
            **_picture(look, state.lines.get(key) or LineFigures(*key)),
            "quarantine": held.get(key, 0),
            "waits": [
                {"units": w.units, "point": w.point, "for": w.what, "until": w.until} for w in waits.get(key, ())
            ],
        }
        for key in sorted(known)
        if plant in ("", key[0]) and line in ("", key[1])
    ]


def _picture(look: Look, figures: LineFigures) -> dict[str, Any]:
    return {name: value for name, value in line_picture(look, figures).items() if name not in _OF_THE_RUNNING}


def _waits(state: State) -> Iterator[tuple[tuple[str, str], Waits]]:
    """Yield waiting pieces by line: their window is open, or an earlier point has not passed them."""
    for window in state.windows.values():
        if window.units:
            until = iso(window.close_at) if window.close_at < FOREVER else None
            units = format_quantity(window.units)
            yield (window.plant, window.line), Waits(units, window.key.point, _closing(window), until)
    for flow in state.flows.values():
        for index, segment in enumerate(flow.segments):
            for queued in segment.queue:
                what = f"point {flow.points[index - 1]}"
                yield (flow.plant, queued.heading.line), Waits(format_quantity(queued.passed), flow.points[index], what)


def _closing(window: Window) -> str:
    """Describe the event that closes a window early."""
    return {"pieces": f"{window.pieces} pieces", "scan": "a scan"}.get(window.policy, "")
