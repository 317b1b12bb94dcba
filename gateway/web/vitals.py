"""Vitals: figures that gateways tell of their health, and the newest hour of a few of them.

What came over the broker may be anything: a figure that is none is left out. The hour is in memory alone, and bounded:
a new web process begins a new one, and a gateway that is away leaves a gap.
"""

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from math import isfinite
from typing import Any, Final, NamedTuple

from gateway.service.floor.floor import ABSENT, Floor

EVERY_S: Final = 30.0
"""Gateways tell their health as often."""
HOUR_S: Final = 3_600.0
FIGURES: Final[Mapping[str, tuple[str, ...]]] = {
    "unconsumed": ("journal", "unconsumed"),
    "worklist": ("worklist",),
    "backlog": ("backlog",),
    "quarantine": ("quarantine",),
    "loop_lag_ms": ("loop_lag_ms",),
    "memory_mb": ("memory_mb",),
}
"""The figures of the hour, and where a gateway's health has them."""
WIDTH, HEIGHT = 120, 24
_ROW_S: Final = 300.0
_MOST_GATEWAYS: Final = 64


def part_of(said: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return a part of a message; nothing if it is no object."""
    part = said.get(name)
    return part if isinstance(part, Mapping) else {}


def at_path(said: Mapping[str, Any], path: tuple[str, ...]) -> object:
    """Return what a message has under a path of names."""
    for name in path[:-1]:
        said = part_of(said, name)
    return said.get(path[-1])


def number_in(value: object) -> float | None:
    """Return a figure; None for anything that is none.

    >>> number_in("12.5"), number_in(True), number_in([]), number_in("nan"), number_in(10**400)
    (12.5, 1.0, None, None, None)
    """
    try:
        number = float(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and isfinite(number) else None


class VitalsSample(NamedTuple):
    """The figures of a gateway at a time; none while it is away."""

    at_s: float
    figures: Mapping[str, float]


class Spark(NamedTuple):
    """The course of a figure over the hour, as lines of a drawing of `WIDTH` x `HEIGHT`; a gap parts two of them."""

    name: str
    newest: float | None
    least: float
    most: float
    lines: Sequence[str]


class VitalsHistory:
    """Keeps the hour of each gateway; `clock` gives the time of day."""

    def __init__(self, floor: Floor, clock: Callable[[], float]) -> None:
        self._floor = floor
        self._clock = clock
        self._kept: dict[str, deque[VitalsSample]] = {}
        self._noted_s = float("-inf")

    def note(self, now_s: float) -> None:
        """Keep the present figures; `now_s` is a stopwatch, and what comes sooner than half a minute is left out."""
        if now_s - self._noted_s < EVERY_S:
            return
        self._noted_s = now_s
        for gone in self._kept.keys() - self._floor.reports.keys():
            del self._kept[gone]
        for name in self._floor.reports:
            if name in self._kept or len(self._kept) < _MOST_GATEWAYS:
                kept = self._kept.setdefault(name, deque(maxlen=int(HOUR_S / EVERY_S)))
                kept.append(VitalsSample(self._clock(), dict(self._figures_of(name))))

    def _figures_of(self, name: str) -> Iterator[tuple[str, float]]:
        if not self._floor.connected or self._floor.presence(name).word in ABSENT:
            return
        health = self._floor.health(name)
        for figure, path in FIGURES.items():
            if (number := number_in(at_path(health, path))) is not None:
                yield figure, number

    @property
    def gateways(self) -> list[str]:
        """The gateways of which something is kept."""
        return sorted(self._kept)

    def rows(self, name: str) -> list[VitalsSample]:
        """Return the last sample of every five minutes, the newest first: the hour as a table."""
        return [*{int(sample.at_s // _ROW_S): sample for sample in self._kept[name]}.values()][::-1]

    def sparks(self, name: str) -> list[Spark]:
        """Return the courses of a gateway's figures; one that it does not tell is left out."""
        return [
            _draw(figure, self._kept[name], self._clock())
            for figure in FIGURES
            if any(figure in sample.figures for sample in self._kept[name])
        ]


def _draw(figure: str, samples: Sequence[VitalsSample], now_s: float) -> Spark:
    numbers = [sample.figures[figure] for sample in samples if figure in sample.figures]
    least, most = min(numbers), max(numbers)
    lines: list[list[str]] = [[]]
    for sample in samples:
        if figure not in sample.figures:
            lines.append([])
            continue
        along = max(0.0, 1 - (now_s - sample.at_s) / HOUR_S)
        up = (sample.figures[figure] - least) / (most - least) if most > least else 0.0
        lines[-1].append(f"{along * WIDTH:.1f},{HEIGHT - 2 - up * (HEIGHT - 4):.1f}")
    newest = samples[-1].figures.get(figure)
    return Spark(figure, newest, least, most, [" ".join(points) for points in lines if len(points) > 1])
