"""What all rounds share: how much is measured, the databases, and stages that last for more than one round."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Final, NamedTuple

from tests.benchmarks.plant import Shape
from tests.benchmarks.stage import Stage
from tests.servers import Postgres

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
V3, V5 = "3.1.1", "5"


class Sizes(NamedTuple):
    """How much of everything."""

    backlog: int = 100_000
    plain: int = 10_000
    live_s: float = 10.0
    latency_s: float = 10.0
    scans_s: float = 10.0
    documents: int = 10_000
    worklist: int = 100_000
    counters: int = 10_000
    items: int = 5_000_000
    million: int = 1_000_000


QUICK: Final = Sizes(20_000, 2_000, 2.0, 2.0, 2.0, 2_000, 10_000, 2_000, 100_000, 50_000)


class Bench:
    """What all rounds share: sizes, one PostgreSQL, and stages that last for more than one round."""

    def __init__(self, sizes: Sizes) -> None:
        """Start nothing yet."""
        self.sizes = sizes
        self._open = ExitStack()
        self._postgres: Postgres | None = None
        self._kept: dict[str, Stage] = {}

    def close(self) -> None:
        """End whatever runs."""
        self._open.close()

    def postgres(self) -> Postgres:
        """Return the PostgreSQL, started when it is first needed."""
        if self._postgres is None:
            self._postgres = self._open.enter_context(Postgres())
        return self._postgres

    def stage(self, database: str, shape: Shape | None = None, protocol: str = V3) -> Stage:
        """Make a stage for one round."""
        return Stage(shape or Shape(), protocol, self.postgres() if database == POSTGRES else None)

    def kept(self, name: str, make: Callable[[], Stage]) -> Stage:
        """Return a stage that is made in the first round, and lasts."""
        if name not in self._kept:
            self._kept[name] = self._open.enter_context(make())
        return self._kept[name]
