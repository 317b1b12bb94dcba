"""An import writes what it changes: a row of its own, and the orders, runs and stock that are others by it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.journal import Journal
from gateway.ledger.database.connection import open_database
from gateway.ledger.database.schema import upgrade_engine
from gateway.ledger.store.writer import Ledger
from gateway.masterdata.amendments import dump_amendment
from gateway.masterdata.files.read import read_all
from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Tables
from gateway.service.fold.pump import Claim, Pump
from gateway.service.local.control import entry_of
from gateway.service.local.submission import catch_up, system_clock
from tests.unit.masterdata.small_plant import SMALL, write_folder

MANY, SOME = 2_000, 50
EVERY = 5
"""Rows of every import: where its gateway stands, the master data in force, and how the entry ended; and the row of the
first writer twice, on which imports wait for one another."""


def test_an_import_of_some_rows_into_a_large_plant_writes_those(tmp_path: Path) -> None:
    plant = _Plant(tmp_path)
    everything = _large(MANY)
    plant.take(everything)
    prices = {"materials": _lines(everything["materials"], SOME, ",1.25", ",1.30")}
    assert plant.take(prices) == (SOME, EVERY)
    orders = {"planned_orders": _lines(everything["planned_orders"], SOME, ",10", ",20")}
    assert plant.take(orders) == (SOME, EVERY + SOME)
    stock = {"opening_stock": f"{everything['opening_stock']}\n1000,M00007,RM01,5"}
    of_a_key = 2  # what was opened with, and what is there
    assert plant.take(stock) == (1, EVERY + of_a_key)
    assert plant.take(everything) == (2 * SOME, EVERY + SOME)
    assert plant.take(everything) == (0, 0)


class _Plant:
    """A ledger whose rows written are counted by the database itself."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        engine = open_database(f"sqlite:///{folder}/ledger.sqlite")
        upgrade_engine(engine)
        self._connection = engine.connect()
        self._journal = Journal.open(folder / "journal.sqlite")
        self._in_force = Tables()
        self._pump = Pump(
            lambda: Ledger(engine, self._connection, "gw1"),
            self._journal,
            Claim(["*"], 86_400_000_000),  # however slow a machine is, no lease is renewed among the imports
            system_clock,
        )
        self._pump.start()

    def take(self, tables: Mapping[str, str]) -> tuple[int, int]:
        """Import tables, and keep what they do not have; return how many rows change, and how many are written."""
        folder = write_folder(self._folder / "tables", tables)
        new, findings = read_all(folder)
        for file in folder.iterdir():
            file.unlink()
        prepared = weigh(new, self._in_force, findings, Missing.KEPT)
        assert not prepared.refused, prepared.findings
        before = self._written
        if prepared.changes:
            entry = entry_of({"import": dump_amendment(prepared.amendment).decode(), "actor": "tests"})
            self._journal.append(system_clock(), [entry])
            [committed] = [done for done in catch_up(self._pump) if done.changes.responses]
            assert [response.status for response in committed.changes.responses] == ["ok"]
        self._in_force = prepared.merged
        return len(prepared.changes), self._written - before

    @property
    def _written(self) -> int:
        driver: Any = self._connection.connection.dbapi_connection
        return int(driver.total_changes)


def _large(many: int) -> dict[str, str]:
    """Return the small plant with many parts and orders more."""
    header, *rows = SMALL["materials"].strip().split("\n")
    empty = "," * (header.count(",") - 3)
    parts = [f"1000,M{n:05d},PC,0{empty},1.25" for n in range(many)]
    materials = [f"{header},standard_price", *(f"{row},1" for row in rows), *parts]
    orders = [f"O{n:05d},1000,PUMP,0001,L01,2026-12-01,,10" for n in range(many)]
    planned = [*SMALL["planned_orders"].strip().split("\n"), *orders]
    return {**SMALL, "materials": "\n".join(materials), "planned_orders": "\n".join(planned)}


def _lines(text: str, many: int, old: str, new: str) -> str:
    """Return the last rows of a table, each with another end."""
    header, *rows = text.strip().split("\n")
    return "\n".join([header, *(row.removesuffix(old) + new for row in rows[-many:])])
