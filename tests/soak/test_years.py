"""Promise 17 over years: what is done is neither in memory nor read at the start, on both databases.

The engine is fed the shifts, lots, sales orders, runs and prices of years, and commits to a real ledger; beside it the
same with nothing dropped, for the first year, says what that would have cost.

    make soak ARGS="-s -k years"        SOAK_YEARS=1 and SOAK_LINES=2 make it shorter
"""

import gc
import hashlib
import os
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from devices.messages import Reading
from gateway.backflush.eviction import evict
from gateway.backflush.memory.balance import Balance, BalanceKey
from gateway.backflush.memory.changes import Changes
from gateway.backflush.memory.events import Command as Asked
from gateway.backflush.memory.events import Counted, Event, MasterDataImport, Post, RunStart
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import State
from gateway.backflush.plant.orders import Order
from gateway.backflush.plant.snapshot import Imported, MasterData
from gateway.backflush.prefetch import gather, inquire
from gateway.backflush.step import derive_state, needs_of_tick, step, tick
from gateway.backflush.values.movements import StockKey
from gateway.ledger.store.writer import Ledger
from tests.builders import (
    EARLY_LATE_NIGHT,
    PLANT,
    bom,
    component,
    counter,
    item,
    moment,
    operation,
    plant,
    q,
    routing,
    version,
)
from tests.integration.ledger_plant import fresh_url
from tests.servers import Postgres

YEARS = int(os.environ.get("SOAK_YEARS", "5"))
LINES = int(os.environ.get("SOAK_LINES", "5"))
DAYS_OF_A_YEAR = 365
HOUR = 3_600_000_000


def shop(price: int) -> MasterData:
    """Return a plant of some lines, each of which takes fixed items and setup in each lot or shift."""
    return plant(
        materials=[component("A", price), component("S", 3)],
        boms=[bom([item("A"), item("S", 2, "0020", fixed=True)])],
        routings=[routing([operation("0010", {"setup": "0.5"})])],
        versions=[version(f"V{n}", line=f"L{n}") for n in range(LINES)],
        devices=[counter(f"C{n}", line=f"L{n}") for n in range(LINES)],
        shifts=EARLY_LATE_NIGHT,
    )


class Years:
    """A gateway's engine with a real ledger, and a calendar."""

    def __init__(self, url: str, *, forgets: bool) -> None:
        self.forgets = forgets
        self.now = moment("05:00")
        self.entry = self.days = 0
        self.masters: dict[bytes, MasterData] = {}
        self.ledger = Ledger.open(url, gateway="gw1", create=True)
        self.ledger.claim("journal-1", ("*",), 0, HOUR)
        self.state = self.load()

    def load(self) -> State:
        """Read the state as a start does."""
        state = self.ledger.load(self.masters.__getitem__)
        derive_state(state)
        return state

    def feed(self, *events: Event) -> None:
        """Step some events and commit them."""
        changes, facts = Changes(), gather(inquire(self.state, events, self.now), self.ledger.read)
        step(self.state, changes, facts, self.now, events)
        ending = Inquiry(self.state, self.now, once=needs_of_tick(self.state, self.now))
        tick(self.state, changes, gather(ending, self.ledger.read), self.now)
        self.entry += 1
        self.ledger.commit(changes, self.entry, 0)

    def day(self) -> None:
        """Let a day pass: a run by lot or for a sales order on each line, a piece in each shift, a lot of its own."""
        if self.days % 30 == 0 and (self.forgets or not self.days):
            name = f"month {self.days // 30}".encode()
            digest = hashlib.sha256(name).hexdigest()
            self.masters[name] = replace(shop(1 + self.days // 30), digest=digest)
            self.feed(MasterDataImport(self.entry, Imported(self.masters[name], None, None, None), name, "anna"))
            self.state = self.load()
        for n in range(LINES):
            line = f"L{n}"
            order, lot = f"{self.days}" if n % 2 else "", "{line}{date}" if n % 3 == 0 else ""
            self._ask(RunStart(PLANT, line, "FG", f"V{n}", batch=lot, sales_order=order))
            self._ask(Post("assembly", PLANT, line, "FG", "", q(1), cost_object=f"LOT {self.days}-{n}"))
        for _ in range(3):
            self.now += 8 * HOUR
            boot = f"b{self.days // 7}"
            telegram = Reading(good=self.now // HOUR, boot=boot, seq=self.now // HOUR)
            self.feed(*(Counted(self.entry, PLANT, f"L{n}", f"C{n}", telegram, "t", b"") for n in range(LINES)))
        if self.forgets:
            evict(self.state)
            self.ledger.forget()
        self.days += 1

    def _ask(self, action: RunStart | Post) -> None:
        self.feed(Asked(self.entry, "ask", PLANT, "", action, "anna", "years", "", ""))


def grown(url: str, *, forgets: bool) -> int:
    """Return the bytes that a year leaves in memory."""
    gc.collect()
    tracemalloc.start()
    years = Years(url, forgets=forgets)
    for _ in range(10):
        years.day()
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    for _ in range(DAYS_OF_A_YEAR):
        years.day()
    years.state.resolved.forget()
    gc.collect()
    after, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    years.ledger.close()
    return after - before


def size(state: State) -> dict[str, int]:
    """Count what may grow."""
    names = ("balances", "scopes", "bearers", "flows", "explosions")
    runs, lives = sum(map(len, state.runs.values())), sum(map(len, state.marks_of_devices.values()))
    return {name: len(getattr(state, name)) for name in names} | {"runs": runs, "lives": lives}


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
@pytest.mark.timeout(7_200)
def test_years_leave_what_a_month_leaves_and_a_start_reads_as_much(
    database: str, tmp_path: Path, postgres: Postgres
) -> None:
    years = Years(fresh_url(database, tmp_path, postgres), forgets=True)
    sizes = []
    for year in range(YEARS + 1):
        for _ in range(DAYS_OF_A_YEAR if year else 31):
            years.day()
        began = time.perf_counter()
        sizes.append(size(years.load()))
        start_ms = 1_000 * (time.perf_counter() - began)
        years.state = years.load()
        began = time.perf_counter()
        evict(years.state)
        drop_ms = 1_000 * (time.perf_counter() - began)
        print(f"{database}, after {year} years: {sizes[-1]}, start {start_ms:.0f} ms, dropping {drop_ms:.2f} ms")  # noqa: T201 - a soak prints its figures
    years.ledger.close()
    prices = [each.pop("balances") - each["explosions"] for each in sizes]
    assert all(each == sizes[0] for each in sizes)
    assert prices[-1] - prices[0] <= 3 * (YEARS * DAYS_OF_A_YEAR // 30 + 1)


def test_what_a_year_would_leave_in_memory_if_nothing_were_dropped(tmp_path: Path) -> None:
    kept, dropped = (grown(f"sqlite:///{tmp_path}/{forgets}.db", forgets=forgets) for forgets in (False, True))
    print(f"a year of {LINES} lines leaves {kept / 1e6:.1f} MB if nothing is dropped, else {dropped / 1e6:.2f} MB")  # noqa: T201 - the same
    assert dropped < kept / 10


def test_what_each_thing_takes_that_stays() -> None:
    many = 10_000
    some = 1 << 40  # no small figure, which Python shares
    order = Order("", PLANT, "FG", "", "L1", "2026-03-16", "", some)
    made: dict[str, Callable[[int], tuple[object, object]]] = {
        "mark of make-to-stock": lambda n: (
            BalanceKey("FG", f"explosion {n}", "final", "issue", ""),
            Balance(n << 40, n << 40),
        ),
        "planned order": lambda n: (
            f"{n}",
            replace(order, order=f"O{n}", quantity=n << 40, reduced={"final": n << 40}),
        ),
        "guarded stock": lambda n: (StockKey(PLANT, "FG", "FGL", f"B{n}"), n << 40),
    }
    for name, make in made.items():
        tracemalloc.start()
        kept = dict(make(n) for n in range(many))
        taken, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        print(f"{name}: {taken // len(kept)} bytes")  # noqa: T201 - the same
        assert taken < many * 1_500
