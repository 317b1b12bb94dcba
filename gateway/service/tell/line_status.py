"""Line status: the content of the retained status topics, from the committed state.

Each replaces the one before, so the next one repairs a lost one.
"""

from collections import deque
from collections.abc import Callable
from decimal import Decimal
from operator import itemgetter
from typing import Final, NamedTuple

from devices.errors import Rejection
from gateway.backflush.memory.device_life import Signs
from gateway.backflush.memory.records import Flow, LineFigures
from gateway.backflush.memory.state import State
from gateway.backflush.plant.orders import QUANTITY
from gateway.backflush.plant.snapshot import Device
from gateway.backflush.plant.versions import Run, run_at
from gateway.backflush.posting.order_reduction import order_in_work
from gateway.backflush.posting.places import version_at
from gateway.backflush.values.documents import FINAL, format_number
from gateway.backflush.values.points import work_in_process
from gateway.backflush.values.quantities import MICRO, format_quantity
from gateway.service.tell.line_days import DayFigures, Days
from gateway.service.tell.line_payloads import DayStatus, LineStatus, OrderStatus, PointStatus, StaleDevice
from gateway.service.times import iso

RATE_OVER_S = 60.0


class Rates:
    """Finished pieces per minute of each line, over the last minute: the yield of its day, as far as it rises.

    A piece that passes several reporting points counts once, and a correction does not slow a line down.
    """

    def __init__(self) -> None:
        self._days: Days = {}
        self._samples: dict[tuple[str, str], deque[tuple[float, int]]] = {}

    def take(self, days: Days, now_s: float) -> None:
        """Note the pieces of newly read days, by a stopwatch."""
        for key, (day, _) in days.items():
            samples = self._samples.setdefault(key, deque())
            finished = samples[-1][1] if samples else 0
            if (before := self._days.get(key)) is not None:
                known = _yield_of(before.day) if before.day["date"] == day["date"] else 0
                finished += max(0, _yield_of(day) - known)
            samples.append((now_s, finished))
            while len(samples) > 2 and samples[1][0] <= now_s - RATE_OVER_S:  # noqa: PLR2004 - one older than the window stays
                samples.popleft()
        self._days = {**self._days, **days}

    def of(self, key: tuple[str, str]) -> int:
        """Return the rate of a line in millionths of pieces per minute; 0 if its day was not read twice yet."""
        samples = self._samples.get(key)
        if not samples:
            return 0
        (first_s, first), (last_s, last) = samples[0], samples[-1]
        elapsed_us = round((last_s - first_s) * 1e6)
        return (last - first) * 60_000_000 // elapsed_us if elapsed_us > 0 else 0


def _yield_of(day: DayStatus) -> int:
    return int(Decimal(day["yield"]) * MICRO)


class OfRunning(NamedTuple):
    """The part of a line's status that only a running gateway knows."""

    gateway: str = ""
    rate: int = 0
    """Millionths of finished pieces per minute."""
    figures: DayFigures | None = None
    """Of its production day."""


STILL: Final = OfRunning()


def unheard(_: Device) -> Signs:
    """Return no signs of life: a display without a gateway has none."""
    return Signs()


class Look:
    """A view of the state by line, valid as long as the state does not change."""

    def __init__(self, state: State, now: int, signs: Callable[[Device], Signs] = unheard) -> None:
        """View a state; `signs` are the signs of life of a device."""
        self.state = state
        self.now = now
        self._signs = signs
        self._counting: dict[tuple[str, str], Flow] = {}
        self._short: dict[tuple[str, str], int] = {}
        for window in state.short_windows():
            place = window.plant, window.line
            self._short[place] = self._short.get(place, 0) + window.short
        for window in state.windows.values():
            flow = state.flows.get(window.key.flow)
            if flow is not None and window.good >= 0:
                known = self._counting.get((window.plant, window.line), flow)
                self._counting[window.plant, window.line] = known if known.to_stock else flow
        self._passing = {
            (f.plant, f.material, f.version): f for f in state.flows.values() if f.to_stock and len(f.points) > 1
        }
        self._devices: dict[tuple[str, str], list[Device]] = {}
        for device in state.master.devices.values():
            if not device.disabled:
                self._devices.setdefault((device.plant, device.line), []).append(device)

    def run(self, plant: str, line: str) -> Run | None:
        """Return the run in force."""
        return run_at(self.state.runs.get((plant, line), []), self.now)

    def flow(self, plant: str, line: str) -> Flow | None:
        """Return the flow whose points a line shows: points with pieces do not vanish with a run.

        The first with points of: the version that the line counts, its run, its last run, the versions it can make.
        Production for a sales order or by lot has no points; those of its version stay.
        """
        counting, begun = self._counting.get((plant, line)), self._newest_run(plant, line)
        named = ((each.material, each.version) for each in (counting, begun) if each is not None)
        for material, version in named:
            flow = self._passing.get((plant, material, version))
            if flow is not None:
                return flow
        versions = self.state.master.versions_of_line.get((plant, line), ())
        flows = [self._passing.get((plant, version.material, version.version)) for version in versions]
        return max(filter(None, flows), key=_on_the_line, default=None)

    def _newest_run(self, plant: str, line: str) -> Run | None:
        """Return the run in force, or the last one."""
        runs = self.state.runs.get((plant, line), [])
        return next((run for run in reversed(runs) if run.start <= self.now), None)

    def since(self, plant: str, line: str) -> int | None:
        """Return when the run in force began, or the last one ended; None if there never was one."""
        newest = self._newest_run(plant, line)
        if newest is None:
            return None
        return newest.start if newest.end is None or self.now < newest.end else newest.end

    def product(self, plant: str, line: str) -> tuple[str, str]:
        """Return the unit and description of what a line makes now; empty if that is not clear."""
        run = self.run(plant, line)
        made = run or version_at(self.state, plant, line, None, self.now)
        material = self.state.master.materials.get((plant, made.material)) if not isinstance(made, Rejection) else None
        return (material.unit, material.description) if material is not None else ("", "")

    def order(self, plant: str, line: str) -> OrderStatus | None:
        """Return the planned order that the next piece of a line reduces."""
        known = self.state.master.plants.get(plant)
        made = version_at(self.state, plant, line, self.run(plant, line), self.now)
        if known is None or isinstance(made, Rejection):
            return None
        order = order_in_work(self.state, made, known.day(self.now).date)
        if order is None:
            return None
        return {"order": order.order, "material": order.material, "open": format_quantity(order.open(QUANTITY))}

    def scrap_open(self, plant: str, line: str) -> int:
        """Return the pieces of a line that were reported as scrap and are still posted as yield."""
        return self._short.get((plant, line), 0)

    def stale(self, plant: str, line: str) -> list[StaleDevice]:
        """Return the devices of a line that are offline or silent."""
        heard = ((device, self._signs(device)) for device in self._devices.get((plant, line), ()))
        stale: list[StaleDevice] = [
            {
                "device": device.device,
                "kind": device.kind,
                "role": device.role if device.kind == "counter" else "",
                "point": device.operation,
                "why": "offline" if signs.online is False else "stale",
                "since": iso(signs.heard_at) if signs.heard_at else None,
            }
            for device, signs in heard
            if signs.silent
        ]
        return sorted(stale, key=itemgetter("device"))


def _on_the_line(flow: Flow) -> int:
    """Return the pieces of a flow that are on the line or wait."""
    return flow.waiting + sum(units for _, units in flow.wip)


def line_picture(look: Look, line: LineFigures, of_running: OfRunning = STILL) -> LineStatus:
    """Return the status of one line."""
    key = (line.plant, line.line)
    run = look.run(*key)
    flow = look.flow(*key)
    since = look.since(*key)
    unit, description = look.product(*key)
    gateway, rate, figures = of_running
    return {
        "gateway": gateway,
        "plant": line.plant,
        "line": line.line,
        "unit": unit,
        "description": description,
        "takt_s": figures.takt_s if figures is not None else None,
        "state_since": iso(since) if since is not None else None,
        "order": look.order(*key),
        "run": {"material": run.material, "version": run.version, "start": iso(run.start), "batch": run.batch}
        if run
        else None,
        "read": format_quantity(line.read),
        "counted": format_quantity(line.counted),
        "posted": format_quantity(line.posted),
        "open": format_quantity(line.counted - line.posted),
        "scrap": format_quantity(line.scrap),
        "scrap_open": format_quantity(look.scrap_open(*key)),
        "rework": format_quantity(line.rework),
        "reversed": format_quantity(line.reversed),
        "quarantined": format_quantity(line.quarantined),
        "worklist": line.worklist,
        "backlog": line.backlog,
        "rate_per_min": format_quantity(rate // MICRO * MICRO if rate >= 100 * MICRO else rate // 10_000 * 10_000),
        "documents": line.documents,
        "last_document": format_number(line.last_document) if line.last_document else None,
        "last_count": iso(line.last_at) if line.last_at else None,
        "stale_devices": look.stale(*key),
        "points": [point_picture(flow, k) for k in range(len(flow.points) - 1)] if flow else [],
        "day": figures.day if figures is not None else None,
        "ts": iso(look.now),
    }


def point_picture(flow: Flow, index: int) -> PointStatus:
    """Return the status of one reporting point."""
    segment = flow.segments[index]
    wip = work_in_process(flow.segments)
    return {
        "point": flow.points[index],
        "material": flow.material,
        "version": flow.version,
        "yield": format_quantity(segment.documented.good),
        "scrap": format_quantity(segment.documented.scrap),
        "lost": format_quantity(segment.lost),
        "waiting": format_quantity(segment.waiting.passed),
        "wip": format_quantity(wip[index]) if flow.points[index] != FINAL else "0",
    }
