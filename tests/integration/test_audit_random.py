"""Whatever happens in whatever order, the audit finds nothing; a failing seed is in the name of the test."""

import random
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select

from devices.messages import Reading
from gateway.backflush.memory.events import (
    Actual,
    ActualActivity,
    ActualComponent,
    BacklogClose,
    BacklogCorrect,
    BacklogRetry,
    Event,
    Hold,
    Period,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    ReverseLatest,
    RunStart,
    Work,
)
from gateway.backflush.memory.state import Rules
from gateway.backflush.plant.snapshot import MasterData, PlannedOrder, RemProfile
from gateway.backflush.step import derive_state
from gateway.backflush.values.documents import DocumentType
from gateway.backflush.values.movements import StockKey
from gateway.backflush.values.quantities import MICRO
from gateway.ledger.audit.audit import audit
from gateway.ledger.database import tables as t
from gateway.ledger.reports.postings import Record
from gateway.ledger.reports.used import statistics
from tests.builders import PROCESSES, order, q, version
from tests.integration.stored_plant import PLANT, Shop, master_data, reader
from tests.servers import Postgres

EVENTS = 80
TYPES: tuple[DocumentType, ...] = ("assembly", "scrap", "component", "activity", "component_scrap", "by_product")
TYPES_AT_A_POINT: tuple[DocumentType, ...] = ("point", "scrap", "component", "activity")
PLACES = {"C1": "L1", "P1": "L2", "P2": "L2", "W3": "L3", "C9": "L9"}
"""Counters and the lines on which they stand; L9 makes nothing until an import says so."""


class Chance:
    """What happens to a plant, by one seed."""

    def __init__(self, seed: int, shop: Shop) -> None:
        self.random = random.Random(seed)
        self.shop = shop
        self.totals = {device: [0, 0] for device in PLACES}
        self.boots = dict.fromkeys(PLACES, 0)
        self.sequence = 0
        self.sent: dict[int, Event] = {}
        self.points = RemProfile(
            "P",
            reporting_points=self.random.choice(["mandatory", "optional"]),
            backfill=self.random.choice(["none", "predecessors"]),
            auto_goods_receipt=self.random.random() < 0.3,
            order_reduction="all_versions",
            recreate_orders_on_reversal=self.random.random() < 0.5,
            goods_issue_timing=self.random.choice(["online", "background", "update"]),
        )
        shop.bring(self.master(), self.orders(), self.stock(), self.rules())

    def master(self) -> MasterData:
        known = master_data()
        lines = dict(known.versions_of_line)
        if self.random.random() < 0.5:
            lines[PLANT, "L9"] = (version(line="L9"),)
        return replace(known, versions_of_line=lines, profiles={**known.profiles, "P": self.points})

    def orders(self) -> list[PlannedOrder]:
        made = [("FG", "L1"), ("FP", "L2"), ("FG", "L1")]
        return [
            order(f"PO{n}", self.random.randint(1, 40), version="V1", material=material, line=line)
            for n, (material, line) in enumerate(made)
        ]

    def stock(self) -> dict[StockKey, int]:
        return {StockKey(PLANT, "SCARCE", "TIGHT"): q(self.random.randint(0, 300))}

    def rules(self) -> Rules:
        return Rules(
            window=self.random.choice(["reading", "5pc", "20s"]), worklist=self.random.choice(["demand", "1000s"])
        )

    def count(self) -> None:
        device = self.random.choice(list(PLACES))
        if self.random.random() < 0.05:
            self.boots[device] += 1
            self.totals[device] = [0, 0]
        good, scrap = self.totals[device]
        good += self.random.randint(0, 9) + (5000 if device == "C9" and self.random.random() < 0.1 else 0)
        scrap = min(good, scrap + self.random.randint(0, 3))
        self.totals[device] = [good, scrap]
        self.sequence += 1
        late, scrapped = self.random.choice([0, 0, 0, 7]), self.random.random() < 0.6
        reading = Reading(
            good=None if device == "W3" else good,
            gross=good if device == "W3" else None,
            scrap=scrap if scrapped else None,
            scrap_by=(("DENT", scrap // 2), ("SCRATCH", scrap - scrap // 2)) if scrapped else (),
            boot=str(self.boots[device]),
            seq=max(0, self.sequence - late),
            batch=self.random.choice([None, "B1"]),
        )
        said = self.shop.tell(device, PLACES[device], reading)
        self.sent[said.entry] = said

    def scan(self) -> None:
        self.shop.scan(self.random.choice(["FO", "FG", "nope"]), "L3", id=f"scan-{self.random.randint(1, 60)}")

    def reverse(self) -> None:
        part = q(self.random.randint(1, 6)) if self.random.random() < 0.4 else None
        self.shop.ask(Reverse(self.random.randint(1, 1 + self.shop.state.documents), part))

    def work(self) -> None:
        self.shop.ask(Work(limit=self.random.choice([1, 5, 1000])))

    def retry(self) -> None:
        self.shop.ask(BacklogRetry(limit=self.random.choice([1, 100])))

    def wait(self) -> None:
        self.shop.wait(self.random.choice([1, 20, 4000]))

    def bring(self) -> None:
        self.shop.bring(self.master(), self.orders(), self.stock(), self.shop.state.rules)

    def settle(self) -> None:
        number = self.random.randint(1, 1 + self.shop.state.quarantines)
        with reader(self.shop.url) as connection:
            entry = connection.scalar(select(t.quarantine.c.entry).where(t.quarantine.c.number == number))
        if entry not in self.sent:
            self.shop.ask(QuarantineDismiss((number,)))
        else:
            self.shop.ask(QuarantineReplay((number,)), {number: self.sent[entry]})

    def post(self) -> None:
        said = (
            ActualComponent("SCARCE", q(self.random.randint(1, 9))),
            ActualComponent("B", q("0.25"), location="RAW"),
        )
        worked = (ActualActivity("W1", "machine", q("0.75")),)
        actual = self.random.choice(
            [Actual(), Actual(), Actual(said), Actual(None, worked), Actual(said, worked), Actual(None, ())]
        )
        kind = self.random.choice(TYPES)
        line, quantity = self.random.choice(["L1", "L3"]), q(self.random.randint(1, 5))
        bearer, named = self.random.choice(["", "", "SO 77 10", "LOT L7"]), self.random.choice(["", "", "PO0"])
        self.shop.ask(
            Post(
                kind, PLANT, line, "", "", quantity, scrap_reason="DENT", cost_object=bearer, order=named, actual=actual
            )
        )

    def post_at_a_point(self) -> None:
        kind, point = self.random.choice(TYPES_AT_A_POINT), self.random.choice(["0010", ""])
        self.shop.ask(Post(kind, PLANT, "L2", "", "", q(self.random.randint(1, 5)), point))

    def reverse_latest(self) -> None:
        material, point = self.random.choice([("FG", "final"), ("FP", "0010"), ("FP", "final"), ("FO", "final")])
        line = {"FG": "L1", "FP": "L2", "FO": "L3"}[material]
        self.shop.ask(ReverseLatest(PLANT, line, material, "V1", point, q(self.random.randint(1, 12))))

    def hold(self) -> None:
        line, process = self.random.choice(["L1", "L2"]), self.random.choice(PROCESSES)
        self.shop.ask(Hold(PLANT, line, process, self.random.random() < 0.5))

    def restart(self) -> None:
        self.shop.state = self.shop.ledger.load(self.shop.masters.__getitem__)
        derive_state(self.shop.state)

    def correct(self) -> None:
        with reader(self.shop.url) as connection:
            records = connection.execute(select(t.backlog.c.document, t.backlog.c.item)).all()
        if records:
            document, item = self.random.choice(records)
            if self.random.random() < 0.5:
                self.shop.ask(BacklogClose(((document, item),)))
            else:
                quantity, place = self.random.choice([q(1), None]), self.random.choice(["", "RAW", "TIGHT"])
                self.shop.ask(BacklogCorrect((document, item), quantity, location=place))

    def period(self) -> None:
        self.shop.ask(Period(PLANT, "2026-03", self.random.random() < 0.5, self.random.random() < 0.7))

    def run(self) -> None:
        self.shop.ask(RunStart(PLANT, "L1", "FG", "", sales_order=self.random.choice(["", "77"])))

    def happen(self) -> None:
        often: list[Callable[[], None]] = [self.count] * 10
        now_and_then = [self.scan, self.scan, self.reverse, self.reverse, self.reverse, self.settle, self.work]
        seldom = [
            *(self.retry, self.wait, self.bring, self.post, self.post, self.correct, self.period, self.run),
            *(self.post_at_a_point, self.reverse_latest, self.hold, self.restart),
        ]
        self.random.choice([*often, *now_and_then, *seldom])()


@pytest.mark.parametrize(("database", "seed"), [*(("sqlite", seed) for seed in range(1, 7)), ("postgresql", 7)])
def test_whatever_happens_every_law_is_kept(database: str, seed: int, tmp_path: Path, postgres: Postgres) -> None:
    url = postgres.fresh_url() if database == "postgresql" else f"sqlite:///{tmp_path}/ledger.db"
    shop = Shop(url)
    try:
        chance = Chance(seed, shop)
        for _ in range(EVENTS):
            chance.happen()
    finally:
        shop.close()
    with reader(url) as connection:
        broken = [result for result in audit(connection) if not result.ok]
        documents = connection.scalar(select(func.count()).select_from(t.documents))
        told, moved, waits, given_up = _use_of_scarce(connection)
    assert broken == []
    assert documents
    assert sum(Decimal(record["backlog"]) * MICRO for record in told) == waits
    sign = {"component": MICRO, "by_product": -MICRO}
    assert sum(Decimal(record["quantity"]) * sign[record["measure"]] for record in told) == moved + given_up


def _use_of_scarce(connection: Connection) -> tuple[list[Record], int, int, int]:
    """Return what the statistics say was used of a material; what was issued of it, waits, and was given up."""
    items, records = t.material_items.c, t.backlog.c
    told = [record for record in statistics(connection, master_data()) if record["detail"] == "SCARCE"]
    moved = -(connection.scalar(select(func.sum(items.quantity)).where(items.material == "SCARCE")) or 0)
    of = func.sum(records.required - records.issued - records.closed), func.sum(records.closed - records.reversed)
    waits, given_up = connection.execute(select(*of).where(records.material == "SCARCE")).one()
    return told, int(moved), int(waits or 0), int(given_up or 0)
