"""The ledger stores of an import what it changes, and what is in force is found from that, on both databases."""

from pathlib import Path

import pytest

from gateway.errors import LedgerUnavailable
from gateway.ledger.audit.audit import audit
from gateway.ledger.database.connection import reading
from gateway.ledger.store.imports import read_imports, text_of, walk_imports
from gateway.ledger.store.load import master_bytes
from gateway.masterdata.files.read import read_tables
from gateway.masterdata.tables import Tables, dump_tables
from gateway.service.local.snapshot import tables_in_force
from tests.integration.cli_program import Commands
from tests.integration.imports import import_tables
from tests.integration.test_audit import broken, corrupted
from tests.simulation.test_core import settings_in
from tests.unit.masterdata.small_plant import SMALL, write_folder

PRICES = ["1.25", "1.30", "1.25", "1.25", *(f"2.{number:02}" for number in range(12))]
"""There and back, the same twice, and so many that a whole text becomes the shorter way to say it."""


def _text(folder: Path, price: str) -> bytes:
    header, *rows = SMALL["materials"].strip().split("\n")
    materials = "\n".join([f"{header},standard_price", *(f"{row},{price}" for row in rows)])
    tables = read_tables(write_folder(folder / price, {**SMALL, "materials": materials}))
    assert isinstance(tables, Tables)
    return dump_tables(tables)


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
