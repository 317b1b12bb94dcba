"""A gateway with a real ledger and no broker: entries are stepped by the engine and committed by the store.

`busy` lets one small plant do everything once that a ledger has a law for; the figures are small enough to be followed
by hand. Entry ids are the journal's: each event has one, and the last is the offset.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from devices.barcodes import parse_barcode
from devices.messages import Reading, Scan
from gateway.backflush.memory.changes import Changes
from gateway.backflush.memory.events import (
    Action,
    BacklogRetry,
    Command,
    Configured,
    Counted,
    Event,
    MasterDataImport,
    Post,
    Presence,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    Scanned,
    Work,
)
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import Imported, MasterData, PlannedOrder, RemProfile, StorageLocation
from gateway.backflush.prefetch import gather, inquire, is_barrier
from gateway.backflush.step import needs_of_tick, settle_updates, step, tick
from gateway.backflush.values.movements import StockKey
from gateway.canonical import join, print_row
from gateway.ledger.database.connection import open_database
from gateway.ledger.store.writer import Ledger
from tests.builders import (
    bom,
    component,
    counter,
    item,
    moment,
    operation,
    order,
    plant,
    product,
    q,
    routing,
    scanner,
    version,
)
from tests.integration.ledger_plant import fresh_ledger
from tests.servers import Postgres

PLANT = "1000"
TTL = 30_000_000
SECOND = 1_000_000
START = moment("08:00")


class Shop:
    """One gateway. `now` stands still unless it is moved."""

    def __init__(
        self,
        url: str,
        gateway: str = "gw1",
        lines: tuple[str, ...] = ("*",),
        masters: dict[bytes, MasterData] | None = None,
    ) -> None:
        self.url = url
        self.now = START
        self.entry = 0
        self.masters: dict[bytes, MasterData] = {} if masters is None else masters
        self.ledger = Ledger.open(url, gateway=gateway, create=True)
        self.ledger.claim(f"journal of {gateway}", lines, self.now, TTL)
        self.state = self.ledger.load(self.masters.__getitem__)
        self.answers: list[str] = []

    def close(self) -> None:
        """Stop the gateway."""
        self.ledger.close()

    def feed(self, *events: Event) -> None:
        """Step each event alone, as the journal numbers them, then let a tick happen."""
        for event in events:
            if is_barrier(event):
                changes = Changes()
                settle_updates(self.state, changes, self.now)
                self._commit(changes)
            changes, facts = Changes(), gather(inquire(self.state, [event], self.now), self.ledger.read)
            step(self.state, changes, facts, self.now, [event])
            self._commit(changes)
        changes = Changes()
        inquiry = Inquiry(self.state, self.now, once=needs_of_tick(self.state, self.now))
        tick(self.state, changes, gather(inquiry, self.ledger.read), self.now)
        self._commit(changes)

    def _commit(self, changes: Changes) -> None:
        self.ledger.commit(changes, self.entry, self.now)
        self.answers += [f"{answer.status} {answer.text}" for answer in changes.responses]
        self.answers += [f"{told.outcome.result} {told.outcome.text}" for told in changes.feedback]

    def wait(self, seconds: int) -> None:
        """Let time pass, and a tick happen."""
        self.now += seconds * SECOND
        self.feed()

    def bring(
        self,
        master: MasterData,
        orders: Iterable[PlannedOrder] = (),
        stock: Mapping[StockKey, int] | None = None,
        rules: Rules = Rules(window="reading"),  # noqa: B008 - a value that cannot change
        *,
        judged: bool = False,
    ) -> str:
        """Import master data and settings, and return the answer; stock that is not judged may be taken beyond zero."""
        described = [
            {"device": d.device, "weight": str(d.weight // SECOND), "role": d.role} for d in master.devices.values()
        ]
        tables = join(
            {"devices": list(map(print_row, described)), "plants": [print_row({"plant": str(len(self.masters))})]}
        )
        master = replace(master, digest=hashlib.sha256(tables).hexdigest())
        self.masters[tables] = master
        self.feed(Configured(self._next(), rules))
        imported = Imported(master, None, tuple(orders) or None, stock)
        self.feed(MasterDataImport(self._next(), imported, tables, "anna", judged=judged))
        return self.answers[-1]

    def count(self, device: str, line: str = "L1", **reading: Any) -> None:
        """Send a count telegram of totals."""
        self.tell(device, line, Reading(**reading))

    def tell(self, device: str, line: str, reading: Reading) -> Counted:
        """Send a reading, and return what entered the journal."""
        said = Counted(self._next(), PLANT, line, device, reading, f"bf/v1/{PLANT}/{line}/{device}/count", b"{}")
        self.feed(said)
        return said

    def scan(self, text: str, line: str = "L1", **said: Any) -> None:
        """Send a scan."""
        self.feed(Scanned(self._next(), PLANT, line, "S1", Scan(text, **said), parse_barcode(text), "scan", b"\x1b[2J"))

    def ask(self, action: Action, replays: Mapping[int, Event] | None = None, line: str = "L1") -> str:
        """Give a command, and return its answer."""
        entry = self._next()
        self.feed(Command(entry, "x", PLANT, line, action, "anna", "test", f"tx-{entry}", repr(action), replays or {}))
        return self.answers[-1]

    def _next(self) -> int:
        self.entry += 1
        return self.entry


BACKGROUND = RemProfile(
    "R",
    order_reduction="own_version",
    goods_issue_timing="background",
    activity_timing="background",
    cumulate_goods_issues=True,
    recreate_orders_on_reversal=True,
)
POINTS = RemProfile("P", reporting_points="mandatory")
ONLINE = RemProfile("O", stock_determination=True)


def master_data() -> MasterData:
    """Three lines: L1 posts issues later, L2 has a reporting point, L3 posts all at once; SCARCE may run short."""
    made = [product(), product("FP", rem_profile="P"), product("FO", 12, rem_profile="O")]
    parts = [
        *(component("A", 5), component("B", "0.37", decimals=3, unit="KG")),
        component("SCARCE", 2, issue_location="TIGHT"),
    ]
    hours = {"machine": "0.0125", "setup": "0.5"}
    built = plant(
        materials=[*made, *parts],
        boms=[
            bom([item("A", 2), item("B", "0.3333", "0020"), item("SCARCE", 1, "0030")]),
            bom([item("A", 1, operation="0010"), item("B", "0.125", "0020", operation="0020")], material="FP"),
            bom([item("B", "0.0007"), item("SCARCE", 3, "0020"), item("A", "-0.1", "0030")], material="FO"),
        ],
        routings=[
            routing([operation("0010", hours)]),
            routing([operation("0010", {"machine": 1}, point=True), operation("0020", hours)], material="FP", base=60),
            routing([operation("0010", hours)], material="FO"),
        ],
        versions=[version(), version(material="FP", line="L2"), version(material="FO", line="L3")],
        devices=[
            counter("C1", weight=2 * SECOND),
            *(counter("P1", line="L2", operation="0010"), counter("P2", line="L2")),
            *(counter("W3", line="L3", window="30s"), counter("C9", line="L9", max_step=100)),
            scanner("S1", line="L3"),
        ],
    )
    profiles = {profile.profile: profile for profile in (BACKGROUND, POINTS, ONLINE)}
    tight = StorageLocation(PLANT, "TIGHT")
    return replace(built, profiles=profiles, locations={**built.locations, (PLANT, "TIGHT"): tight})


def busy(shop: Shop) -> None:
    """Let the plant do everything once; what it leaves is figured in the tests of reports."""
    shop.bring(
        master_data(),
        [order("PO1", 30, version="V1"), order("PO2", 100, version="V1", start="2026-03-18")],
        {StockKey(PLANT, "SCARCE", "TIGHT"): q(7), StockKey(PLANT, "A", "RAW"): q(1000)},
    )
    shop.feed(Presence(shop._next(), PLANT, "L1", "C1", online=True))  # noqa: SLF001 - an entry like any other
    shop.count("C1", boot="a", seq=1, good=5)
    shop.count("C1", boot="a", seq=2, good=12, scrap=3, scrap_by=(("DENT", 2),))
    shop.count("C1", boot="a", seq=2, good=12, scrap=3, scrap_by=(("DENT", 2),))
    shop.count("C1", boot="b", seq=3, good=4)
    shop.count("P2", "L2", good=6)
    shop.count("P1", "L2", good=10, scrap=1)
    shop.count("W3", "L3", gross=20, scrap=2)
    shop.wait(30)
    shop.scan("FO", "L3", id="scan-1", operator="4711")
    shop.scan("FO", "L3", id="scan-2")
    assert shop.ask(Reverse(1, q(4))).startswith("ok"), shop.answers
    assert shop.ask(Work(PLANT, "L1")).startswith("ok"), shop.answers
    assert shop.ask(Reverse(1)).startswith("ok"), shop.answers
    shop.count("C1", boot="b", seq=4, good=9)
    assert shop.ask(Reverse(3)).startswith("ok"), shop.answers
    shop.count("C9", "L9", good=7)
    shop.count("C9", "L9", good=8)
    shop.count("C9", "L9", good=9000)
    refused = Counted(shop.entry, PLANT, "L9", "C9", Reading(good=7), "", b"")
    extended = replace(master_data(), versions_of_line={(PLANT, "L9"): (version(line="L9"),)})
    assert shop.ask(QuarantineDismiss((1,))).startswith("ok"), shop.answers
    shop.bring(
        replace(master_data(), versions_of_line={**master_data().versions_of_line, **extended.versions_of_line}),
        stock={StockKey(PLANT, "SCARCE", "TIGHT"): q(60), StockKey(PLANT, "A", "RAW"): q(900)},
    )
    assert shop.ask(QuarantineReplay((2,)), {2: refused}).startswith("ok"), shop.answers
    assert shop.ask(BacklogRetry(limit=2)).startswith("ok"), shop.answers
    assert shop.ask(Post("assembly", PLANT, "L3", "FO", "", q(2), batch="LOT7")).startswith("ok"), shop.answers
    shop.count("P2", "L2", good=13)
    shop.count("W3", "L3", gross=23, scrap=2)


def busy_ledger(database: str, folder: Path, postgres: Postgres) -> str:
    """Make a ledger in which the plant was busy, and return its address."""
    url = fresh_ledger(database, folder, postgres)
    shop = Shop(url)
    try:
        busy(shop)
    finally:
        shop.close()
    return url


@contextmanager
def reader(url: str) -> Iterator[Connection]:
    """Open a ledger as reports and the audit do."""
    engine = open_database(url, read_only=True)
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def without_triggers(connection: Connection) -> Iterator[None]:
    """Take away what protects history, and put it back: who changes it knows how."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        yield
        connection.exec_driver_sql("SET LOCAL session_replication_role = origin")
        return
    triggers = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").all()
    for trigger in triggers:
        connection.exec_driver_sql(f"DROP TRIGGER {trigger.name}")
    yield
    for trigger in triggers:
        connection.exec_driver_sql(trigger.sql)
