"""What an entry meant when it was written it means for ever: journals of earlier programs fold to what they folded to.

Under `folded` stand the journal and the ledger that a program of that day made of it on SQLite, as SQL: counts that go
on, come twice and go back, scans, cards and an undo, postings to stock, for an order and by lot, reversals in whole and
in part, a run, a period, quarantine entries replayed and dismissed, and an import in between.
"""

import gzip
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.integration.cli_program import Commands

FOLDED = sorted({path.name.partition(".")[0] for path in (Path(__file__).parent / "folded").iterdir()})


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
