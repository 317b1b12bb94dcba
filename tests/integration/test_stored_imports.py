"""The ledger stores of an import what it changes, and what is in force is found from that, on both databases."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from gateway.backflush.memory.events import MasterDataImport
from gateway.errors import LedgerUnavailable
from gateway.journal import Journal
from gateway.ledger.audit.audit import audit
from gateway.ledger.database.connection import open_database, reading
from gateway.ledger.database.schema import upgrade_engine
from gateway.ledger.store.load import master_bytes
from gateway.ledger.store.stored_imports import read_imports, sum_differences, text_of, walk_imports
from gateway.ledger.store.writer import Ledger, Moved
from gateway.masterdata.amendments import amendment, dump_amendment, load_amendment
from gateway.masterdata.arrival import take
from gateway.masterdata.build import build
from gateway.masterdata.files.read import read_all, read_tables
from gateway.masterdata.importing import weigh
from gateway.masterdata.merge import Missing
from gateway.masterdata.tables import Tables, dump_tables, tables_in
from gateway.service.fold.pump import Claim, Pump
from gateway.service.local.control import entry_of
from gateway.service.local.in_force import tables_in_force
from gateway.service.local.submission import catch_up, system_clock
from tests.integration.cli_program import Commands
from tests.integration.imports import import_tables
from tests.integration.stored_plant import Shop
from tests.integration.test_audit import broken, corrupted
from tests.simulation.test_core import settings_in
from tests.unit.masterdata.small_plant import SMALL, write_folder

PRICES = ["1.25", "1.30", "1.25", "1.25", *(f"2.{number:02}" for number in range(12))]
"""There and back, the same twice, and so many that a whole text becomes the shorter way to say it."""


def _tables(folder: Path, **said: str) -> Tables:
    tables = read_tables(write_folder(folder, {**SMALL, **said}))
    assert isinstance(tables, Tables)
    return tables


def _text(folder: Path, price: str) -> bytes:
    header, *rows = SMALL["materials"].strip().split("\n")
    materials = "\n".join([f"{header},standard_price", *(f"{row},{price}" for row in rows)])
    return dump_tables(_tables(folder / price, materials=materials))


def test_imports_store_what_they_change_and_every_one_of_them_is_read_back(url: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data", url)
    texts = [_text(tmp_path, price) for price in PRICES]
    for text in texts:
        assert import_tables(settings, text, "tests")["status"] == "ok"
    assert tables_in_force(settings).text == texts[-1]
    with reading(url) as connection:
        imports = read_imports(connection)
        assert [text_of(connection, imports, number) for number in range(len(imports))] == texts[::-1]
        assert [(one.digest, text) for one, text in walk_imports(connection)] == [
            (one.digest, text) for one, text in zip(reversed(imports), texts, strict=True)
        ]
        whole = [number for number, one in enumerate(reversed(imports)) if not one.amends]
        assert whole[0] == 0
        assert 1 < len(whole) < len(texts), "the first, and where the differences had become as long as the text"
        assert sum(one.size for one in imports) < 3 * len(whole) * len(texts[-1])
        assert [law.law for law in audit(connection) if not law.ok] == []
    said = Commands(tmp_path / "data", url)
    counts = said("report", "imports", "--limit", "100", "--json").json
    rows = len(SMALL["materials"].strip().split("\n")) - 1
    assert [one["changed"] for one in counts] == [rows] * (len(texts) - 4) + [0, rows, rows, 0]
    assert counts[-1]["added"] > rows
    assert said("audit", "--deep").status == 0


def test_a_difference_that_was_changed_by_sql_is_found_and_not_used(database: str, url: str, tmp_path: Path) -> None:
    settings = settings_in(tmp_path / "data", url)
    for price in PRICES[:3]:
        import_tables(settings, _text(tmp_path, price), "tests")
    another = {
        "sqlite": "CAST(replace(CAST(content AS text), '1.3', '1.4') AS blob)",
        "postgresql": "decode(replace(encode(content, 'escape'), '1.3', '1.4'), 'escape')",
    }
    with corrupted(url, f"UPDATE master_tables SET content = {another[database]}") as connection:  # noqa: S608 - ours
        assert list(broken(audit(connection))) == ["master"]
    shortened = "UPDATE master_tables SET content = substr(content, 1, length(content) - 9)"
    with corrupted(url, shortened) as connection:
        assert list(broken(audit(connection))) == ["master"]
        with pytest.raises(LedgerUnavailable, match="is not what was imported"):
            master_bytes(connection)
    oldest = "DELETE FROM master_tables WHERE sequence = (SELECT min(sequence) FROM master_tables)"
    with corrupted(url, oldest) as connection, pytest.raises(LedgerUnavailable, match="is not what was imported"):
        sum_differences(read_imports(connection))


def test_of_two_gateways_that_import_at_the_same_time_one_steps_again(url: str, tmp_path: Path) -> None:
    """An import is made of the master data in force; what another gateway has brought meanwhile is not undone."""
    name, location = ("Pump works", "Works of Anna"), "1000,NEW1,yes"
    plants, locations = SMALL["plants"], SMALL["storage_locations"]
    base = _tables(tmp_path / "base")
    renamed = _tables(tmp_path / "renamed", plants=plants.replace(*name))
    more = _tables(tmp_path / "more", storage_locations=f"{locations}\n{location}")
    one, two = Shop(url, "gw1", ("1000/L01",)), Shop(url, "gw2", ("1000/L02",))

    def bring(shop: Shop, new: Tables, old: Tables, in_force: bytes) -> bytes:
        found = take(load_amendment(dump_amendment(amendment(old, new))), in_force, shop.state.master)
        entry = shop._next()  # noqa: SLF001 - an entry like any other
        shop.feed(MasterDataImport(entry, found.imported, found.text, "anna", judged=True, differs=found.differs))
        return found.text

    def look(shop: Shop) -> None:
        shop.state = shop.ledger.load(lambda text: build(tables_in(text)).master)

    first = bring(one, base, Tables(), b"")
    with pytest.raises(Moved, match="another gateway has imported master data"):
        bring(two, more, Tables(), b"")  # it has not looked yet, and knows of no master data
    look(two)
    look(one)
    second = bring(two, more, base, first)
    with pytest.raises(Moved, match="another gateway has imported master data"):
        bring(one, renamed, base, first)
    look(one)
    bring(one, renamed, base, second)
    with reading(url) as connection:
        text = text_of(connection, read_imports(connection))
        assert [law.law for law in audit(connection) if not law.ok] == []
    assert (b"NEW1" in text, name[1].encode() in text) == (True, True)
    one.close()
    two.close()


MANY, SOME = 2_000, 50
EVERY = 3
"""Rows of every import: where its gateway stands, the master data in force, and how the entry ended."""


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
