"""The deep audit passes a ledger whose sentences were worded otherwise, and finds every other difference."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.journal import Entry
from gateway.service.local.submission import catch_up, open_pump, system_clock
from gateway.settings import load_settings
from tests.integration.cli_program import SHIPPED, Commands

SCANNER = "bf/v1/1000/_/s-roaming"


@pytest.fixture
def ledger(tmp_path: Path) -> tuple[Commands, Path]:
    """Offer a ledger with an entry in quarantine, a scan and a request."""
    backflush = Commands(tmp_path)
    assert backflush("init").status == 0
    assert backflush("masterdata", "import", str(SHIPPED)).status == 0
    with open_pump(load_settings(tmp_path / "gateway.toml")) as (journal, pump):
        for topic, payload in (
            ("bf/v1/1000/L06/c-L06-good/count", b"nonsense"),
            (f"{SCANNER}/scan", b'{"id":"scan-1","data":"BF:LINE:1000:L06"}'),
            (f"{SCANNER}/scan", b'{"id":"scan-2","data":"]C10102000000001012217001"}'),
            ("bf/v1/1000/L06/_request/run-stop", b'{"transaction":"t1","actor":"anna","data":{}}'),
        ):
            journal.append(system_clock(), [Entry("message", topic, payload)])
        catch_up(pump)
    return backflush, tmp_path / "ledger.sqlite"


def changed(path: Path, statement: str) -> None:
    """Change a ledger behind its triggers, and put those back."""
    with closing(sqlite3.connect(path)) as database, database:
        triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            database.execute(f"DROP TRIGGER {name}")
        assert database.execute(statement).rowcount > 0, statement
        for _, sql in triggers:
            database.execute(sql)


WORDING = (
    "UPDATE quarantine SET text = 'other words'",
    "UPDATE scans SET title = 'OTHER WORDS', text = 'other words'",
    "UPDATE commands SET response = json_set(response, '$[2]', 'other words')",
)
FACTS = (
    "UPDATE quarantine SET code = 'BF9999'",
    "UPDATE quarantine SET device = 'another'",
    "UPDATE scans SET quantity = quantity + 1",
    "UPDATE scans SET code = 'BF9999'",
    "UPDATE commands SET response = json_set(response, '$[1]', 'BF9999')",
    "UPDATE commands SET response = json_set(response, '$[3].stopped', json('7'))",
    "UPDATE commands SET response = 'garbage'",
)


def test_another_wording_of_stored_answers_is_no_difference(ledger: tuple[Commands, Path]) -> None:
    backflush, path = ledger
    for statement in WORDING:
        changed(path, statement)
    audited = backflush("audit", "--deep")
    assert audited.status == 0, audited


def test_another_code_or_quantity_is_found(ledger: tuple[Commands, Path]) -> None:
    backflush, path = ledger
    kept = path.read_bytes()
    for statement in FACTS:
        path.write_bytes(kept)
        changed(path, statement)
        audited = backflush("audit", "--deep", "--json")
        assert [law["law"] for law in audited.json["laws"] if not law["ok"]] == ["fold"], statement
