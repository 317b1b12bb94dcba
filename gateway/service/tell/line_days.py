"""Line days: the figures of the present production day of each line, read from the ledger every ten seconds.

They are read in a thread and over a connection of their own, so they cost no commit any time, and in one snapshot, so
pieces that pass from a window into a document count once. Nothing is kept but the newest figures and plan.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final, NamedTuple

from sqlalchemy import Connection

from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import MasterData, Plant
from gateway.backflush.values.quantities import format_quantity
from gateway.backflush.values.window_policy import FOREVER
from gateway.ledger.database.connection import driver_errors, reading
from gateway.ledger.reports.day_curve import DayPlan, LineDay, days_of, plan_of_day
from gateway.service.parts import Part, ask_apart
from gateway.service.tell.line_payloads import DayStatus
from gateway.service.times import SteadyClock, iso

READ_EVERY_S: Final = 10.0
PLAN_EVERY_S: Final = 60.0
"""The plan changes with an import, which is noticed, and with closed and unassigned orders, which are not."""


class DayFigures(NamedTuple):
    """The figures of a line's production day."""

    day: DayStatus
    takt_s: float | None
    """Working time by planned pieces; None: nothing is planned."""


Days = Mapping[tuple[str, str], DayFigures]
_WITH_TIME: Final = frozenset(["planned_now", "hours"])
"""The figures of a day that change as time passes."""


def is_news(before: DayFigures | None, after: DayFigures) -> bool:
    """Return whether a line's day has changed otherwise than by time."""
    if before is None or before.takt_s != after.takt_s:
        return True
    was: Mapping[str, object] = before.day
    return any(value != was[name] for name, value in after.day.items() if name not in _WITH_TIME)


class LineDays(Part):
    """Reads the days of this gateway's lines, and hands them over."""

    every_s = 1.0

    def __init__(
        self,
        url: str,
        state: Callable[[], State],
        owns: Callable[[tuple[str, str]], bool],
        clock: SteadyClock,
        hand_over: Callable[[Days], None],
    ) -> None:
        self._url = url
        self._state = state
        self._owns = owns
        self._clock = clock
        self._hand_over = hand_over
        self._read_s = float("-inf")
        self._until = 0
        """The end of a shift, at which another one begins."""
        self._of = ""
        """The digest of the master data of the last reading."""
        self._plans: dict[str, tuple[str, DayPlan, float]] = {}
        """By plant: the digest of the master data, the plan, and when it was read."""

    async def tick(self) -> None:
        """Read them if it is time, a shift has ended or the master data are others; without a ledger there are none."""
        master, now, now_s = self._state().master, self._clock(), self._clock.monotonic()
        if now_s - self._read_s < READ_EVERY_S and now < self._until and master.digest == self._of:
            return
        try:
            days = await ask_apart(partial(self._read, master, now))
            self._read_s, self._of = now_s, master.digest
            self._until = min((plant.day(now).end for plant in master.plants.values()), default=FOREVER)
        except driver_errors():
            days = {}  # the ledger's thread reports the fault
        self._hand_over(days)

    def _read(self, master: MasterData, now: int) -> Days:
        known = {*master.lines, *list(self._state().lines)}  # a list at once: the ledger's thread adds lines
        with reading(self._url) as connection:
            days = days_of(connection, master, filter(self._owns, known), now, self._plan)
        return {key: figures_of(day, master.plants[key[0]], now) for key, day in days.items()}

    def _plan(self, connection: Connection, master: MasterData, plant: Plant, date: str) -> DayPlan:
        """Return the plan of a day, read again once a minute."""
        now_s = self._clock.monotonic()
        digest, plan, at_s = self._plans.get(plant.plant, ("", None, 0.0))
        if plan is None or (digest, plan.date) != (master.digest, date) or now_s - at_s >= PLAN_EVERY_S:
            plan = plan_of_day(connection, master, plant, date)
            self._plans[plant.plant] = master.digest, plan, now_s
        return plan


def figures_of(day: LineDay, plant: Plant, now: int) -> DayFigures:
    """Return a line's day in the form of its status."""
    present, made = plant.day(now), day.made
    status: DayStatus = {
        "date": day.date,
        "shift": present.shift,
        "shift_end": iso(present.end) if present.shift else None,
        "planned": format_quantity(day.planned),
        "planned_now": format_quantity(day.planned_now),
        "yield": format_quantity(made.good),
        "scrap": format_quantity(made.scrap),
        "rework": format_quantity(made.rework),
        "hours": [
            {
                "hour": end.hour,
                "until": iso(end.until),
                "planned": format_quantity(end.planned),
                "yield": format_quantity(end.made.good) if end.made is not None else None,
                "scrap": format_quantity(end.made.scrap) if end.made is not None else None,
            }
            for end in day.hours
        ],
    }
    return DayFigures(status, round(day.works / day.planned, 3) if day.planned and day.works else None)
