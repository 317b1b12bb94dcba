"""Journals that do not belong to the head of the ledger are refused, and nothing is pruned that it still needs."""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gateway.errors import UsageError
from gateway.journal import Entry, Journal
from gateway.service.local.submission import catch_up, make_pump, open_pump, system_clock
from gateway.settings import Settings, load_settings
from tests.integration.cli_program import Commands

MESSAGE = Entry("message", "bf/v1/1000/L01/nobody/count", b"1")


def copied(folder: Path) -> tuple[Settings, Path]:
    """Begin a journal, and return a copy of it after its first batch."""
    settings = load_settings(None, {"gateway": {"data_dir": str(folder)}})
    with Journal.open(settings.journal_path) as journal:
        journal.append(system_clock(), [MESSAGE])
    return settings, Path(shutil.copy(settings.journal_path, folder / "older.sqlite"))


def test_an_older_copy_of_the_journal_is_refused_beside_a_newer_ledger(tmp_path: Path) -> None:
    settings, older = copied(tmp_path)
    with Journal.open(settings.journal_path) as journal:
        for _ in range(3):
            journal.append(system_clock(), [MESSAGE])
        pump = make_pump(settings, journal, system_clock)
        pump.start()
        catch_up(pump)
        assert pump.ledger.open_quarantine() == 4
        pump.stop()
    for name in ("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(older, settings.journal_path)
    refused = pytest.raises(UsageError, match="has consumed 4 batches of this journal, which has 1")
    with Journal.open(settings.journal_path) as journal, refused:
        make_pump(settings, journal, system_clock).start()


def test_an_older_copy_that_has_grown_beyond_the_ledger_is_refused_as_well(tmp_path: Path) -> None:
    settings, older = copied(tmp_path)
    with Journal.open(settings.journal_path) as journal:
        journal.append(system_clock(), [MESSAGE])
        pump = make_pump(settings, journal, system_clock)
        pump.start()
        catch_up(pump)
        pump.stop()
    with Journal.open(older) as journal:
        for _ in range(3):
            journal.append(system_clock(), [MESSAGE])
    older.replace(settings.journal_path)
    refused = pytest.raises(UsageError, match="batch 2 of this journal is not the one that the ledger has consumed")
    with Journal.open(settings.journal_path) as journal, refused:
        make_pump(settings, journal, system_clock).start()


def test_a_journal_is_not_folded_again_under_another_gateway_id(tmp_path: Path) -> None:
    def settings_of(name: str) -> Settings:
        return load_settings(None, {"gateway": {"data_dir": str(tmp_path), "id": name}})

    with open_pump(settings_of("first")):
        pass
    renamed = pytest.raises(UsageError, match='this journal was posted by gateway "first"')
    with renamed, open_pump(settings_of("second")):
        pass


def test_batches_that_changed_nothing_are_not_pruned_before_a_restart_could_pass_them_over(tmp_path: Path) -> None:
    settings = load_settings(None, {"gateway": {"data_dir": str(tmp_path)}})
    with Journal.open(settings.journal_path) as journal:
        pump = make_pump(settings, journal, system_clock)
        journal.append(system_clock(), [MESSAGE])
        pump.start()
        catch_up(pump)
        for _ in range(3):
            journal.append(system_clock(), [])  # ticks at which nothing was due
        catch_up(pump)
        assert (pump.number, pump.needed) == (5, 2)
        journal.prune(pump.needed)
        pump.start()
        catch_up(pump)
        assert (pump.number, pump.ledger.open_quarantine()) == (5, 1)
        pump.stop()


FOLDED = sorted({path.name.partition(".")[0] for path in (Path(__file__).parent / "folded").iterdir()})
"""The days whose journals stand under `folded`, each with the ledger that the program of that day made of it, as SQL
for SQLite: counts that go on, come twice and go back, scans, cards and an undo, postings to stock, for an order and by
lot, reversals in whole and in part, a run, a period, entries of quarantine replayed and dismissed, and an import.
"""


@pytest.mark.parametrize("day", FOLDED)
def test_the_journal_of_an_earlier_program_folds_to_the_ledger_that_it_left(day: str, tmp_path: Path) -> None:
    for what in ("journal", "ledger"):
        kept = Path(__file__).parent / "folded" / f"{day}.{what}.sql.gz"
        with closing(sqlite3.connect(tmp_path / f"{what}.sqlite")) as database:
            database.executescript(gzip.decompress(kept.read_bytes()).decode())
    backflush = Commands(tmp_path)
    assert backflush("init").status == 0
    # The upgrade leaves a checkpoint, from which nothing would be folded again.
    shutil.rmtree(tmp_path / "checkpoints")
    audited = backflush("audit", "--deep", "-v")
    assert "from the first one on" in audited.err + audited.out, audited
    assert (audited.status, audited.err.startswith("audit: ok")) == (0, True), audited
    assert backflush("post", "1000/L06", "--quantity", "1").status == 0
    assert backflush("audit", "--deep").status == 0
