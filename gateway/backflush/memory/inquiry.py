"""An inquiry: the records that a step touches and memory does not hold, named before the step.

Each input names them next to the code that touches them (`needs_of_...`), from its content, the runs in force and the
time. It may over-fetch, never under-fetch. Records in memory are left out, so the same question, asked again once the
answer is in memory, asks only for the next records.
"""

from collections.abc import Iterable

from gateway.backflush.memory.balance import BalanceKey, scope_of
from gateway.backflush.memory.changes import NOTHING, Needs
from gateway.backflush.memory.events import Event
from gateway.backflush.memory.state import State
from gateway.backflush.values.cost_objects import parse_cost_object


class Inquiry:
    """The ledger rows that events of `now` ask for."""

    __slots__ = (
        "_bearers",
        "_explosions",
        "_flows",
        "_runs",
        "_scopes",
        "events",
        "lines",
        "marks",
        "now",
        "once",
        "points",
        "scans",
        "serials",
        "sold",
        "state",
    )

    def __init__(self, state: State, now: int, events: Iterable[Event] = (), once: Needs = NOTHING) -> None:
        self.state = state
        self.now = now
        self.events = events
        self.once = once
        """The needs of an event that is stepped alone, or of the tick."""
        self.scans: list[tuple[str, str]] = []
        self.serials: list[str] = []
        self.marks: list[tuple[str, str]] = []
        self.sold: dict[tuple[str, str, str], None] = {}
        self.points: dict[str, list[str]] = {}
        """Device: points that its cards choose in this batch. The labels after them belong there, though the cards are
        not processed yet.
        """
        self.lines: dict[str, list[tuple[str, str]]] = {}
        """Device: (plant, line) likewise."""
        self._scopes: dict[str, None] = {}
        self._bearers: dict[tuple[str, str], None] = {}
        self._flows: dict[str, None] = {}
        self._explosions: dict[str, None] = {}
        self._runs: dict[tuple[str, str], int] = {}

    def scope(self, name: str) -> None:
        """Ask for the balances and accounts of a lot or shift."""
        if name and name not in self.state.scopes:
            self._scopes[name] = None

    def lot(self, batch: str) -> None:
        """Ask for a lot, if there is one."""
        if batch:
            self.scope(scope_of(batch, "", ""))

    def bearer(self, plant: str, cost_object: str) -> None:
        """Ask for the flows of a sales order or lot that bears cost; those made to stock are always there."""
        made_for = plant, cost_object
        if cost_object and not parse_cost_object(cost_object).to_stock and made_for not in self.state.bearers:
            self._bearers[made_for] = None

    def flow(self, name: str) -> None:
        """Ask for the flows of a flow's cost object."""
        if name and name not in self.state.flows:
            self._flows[name] = None

    def explosion(self, name: str) -> None:
        """Ask for an explosion."""
        if name not in self.state.explosions:
            self._explosions[name] = None

    def balance(self, key: BalanceKey) -> None:
        """Ask for the records of a balance's key, except its lot or shift."""
        self.flow(key.flow)
        self.explosion(key.explosion)

    def runs(self, plant: str, line: str, at: int) -> None:
        """Ask for the runs of a line since a time."""
        if not self.state.knows_runs(plant, line, at):
            self._runs[plant, line] = min(at, self._runs.get((plant, line), at))

    def needs(self) -> Needs:
        """Return everything asked for."""
        named = self.scans or self.serials or self.marks or self.sold
        if not (named or self._scopes or self._bearers or self._runs or self._flows or self._explosions):
            return self.once
        return self.once._replace(
            scans=tuple(self.scans),
            serials=tuple(self.serials),
            marks=tuple(self.marks),
            sold=tuple(self.sold),
            scopes=tuple(self._scopes),
            bearers=tuple(self._bearers),
            flows=tuple(self._flows),
            explosions=tuple(self._explosions),
            runs=tuple((*line, at) for line, at in self._runs.items()),
        )

    def names(self) -> Needs:
        """Return the part of it that enters memory by name."""
        all_ = self.needs()
        if all_ is self.once:
            return NOTHING
        return Needs(
            scopes=all_.scopes, bearers=all_.bearers, flows=all_.flows, explosions=all_.explosions, runs=all_.runs
        )
