"""The journal keeps what it was given, in order, and says so when it cannot."""

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gateway.journal import (
    MAX_ENTRIES,
    Entry,
    Journal,
    JournalBatch,
    JournalCorrupt,
    JournalInUse,
    JournalUnavailable,
    Reader,
)
from gateway.journal.reader import READ_BYTES


def telegram(total: int) -> Entry:
    return Entry("message", "bf/v1/1000/L04/c1/count", str(total).encode())


def test_batches_come_back_in_order_with_their_entries(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        written = [journal.append(1_000 * n, [telegram(n), telegram(n + 1)]) for n in range(1, 8)]
        assert [batch.number for batch in written] == [1, 2, 3, 4, 5, 6, 7]
        assert journal.read(0, 100) == written
        assert journal.read(2, 3) == written[2:5]
        assert journal.read(7, 100) == []


def test_a_reader_far_behind_takes_large_batches_a_few_at_a_time(tmp_path: Path) -> None:
    large = Entry("message", "bf/v1/1000/L04/c1/count", b"x" * (READ_BYTES // 2))
    with Journal.open(tmp_path / "journal") as journal:
        written = [journal.append(n, [large]) for n in range(5)]
        parts = [journal.read(after, 100) for after in (0, 2, 4)]
        assert [len(part) for part in parts] == [2, 2, 1]
        assert [batch for part in parts for batch in part] == written


def test_a_tick_is_a_batch_without_entries(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.append(5_000, []) == JournalBatch(1, 5_000, (), 1)
        assert journal.read(0, 1) == [JournalBatch(1, 5_000, (), 1)]


def test_time_never_goes_back_by_an_adjustment_of_the_clock_and_does_where_it_was_set_back(tmp_path: Path) -> None:
    clock = [9_001_000, 9_001_000, 9_000_400, 9_002_000, 9_001_999]
    with Journal.open(tmp_path / "journal") as journal:
        told = [9_001_000, 9_001_001, 9_001_002, 9_002_000, 9_002_001]
        assert [journal.append(at, []).at for at in clock] == told
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.append(7_002_002, []).at == 9_002_002
        assert journal.append(7_002_002, []).at == 7_002_002
        assert [batch.at for batch in journal.read(5, 9)] == [9_002_002, 7_002_002]


def test_number_and_id_go_on_after_reopening(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        first_id = journal.id
        journal.append(1, [telegram(1)])
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.id == first_id
        assert journal.last == 1
        assert journal.append(2, [telegram(2)]).number == 2
    with Journal.open(tmp_path / "another") as journal:
        assert journal.id != first_id


def test_a_batch_holds_at_most_65536_entries(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        assert len(journal.append(1, [telegram(1)] * MAX_ENTRIES).entries) == MAX_ENTRIES
        with pytest.raises(ValueError, match="at most 65536 entries, got 65537"):
            journal.append(2, [telegram(1)] * (MAX_ENTRIES + 1))
        assert journal.last == 1


def test_a_second_process_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    program = "import sys; from gateway.journal import Journal; Journal.open(sys.argv[1])"
    with Journal.open(path):
        other = subprocess.run(
            [sys.executable, "-c", program, str(path)], check=False, capture_output=True, text=True, timeout=30
        )
        assert other.returncode != 0
        assert f"{path}: process" in other.stderr
        with pytest.raises(JournalInUse, match="writes this journal"):
            Journal.open(path)
    Journal.open(path).close()


def test_a_journal_has_one_writer_under_whatever_name(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    theirs = tmp_path / "other" / "journal.sqlite"
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        theirs.symlink_to(tmp_path / "journal.sqlite")
        with pytest.raises(JournalInUse, match="writes this journal"):
            Journal.open(theirs)
        theirs.unlink()
        theirs.hardlink_to(tmp_path / "journal.sqlite")
        with pytest.raises(JournalUnavailable, match="expected a file with one name, got one with 2"):
            Journal.open(theirs)
        journal.append(1_000, [telegram(1)])
    with pytest.raises(JournalUnavailable, match="hard links"):
        Journal.open(tmp_path / "journal.sqlite")
    theirs.unlink()
    with Journal.open(tmp_path / "journal.sqlite") as journal:
        assert [batch.number for batch in journal.read(0, 10)] == [1]


def test_a_lock_that_leads_elsewhere_is_not_followed(tmp_path: Path) -> None:
    """H9: the lock's file is emptied and written to, whosever it is."""
    (tmp_path / "theirs").write_text("precious")
    (tmp_path / "journal.sqlite.lock").symlink_to(tmp_path / "theirs")
    with pytest.raises(JournalUnavailable, match="cannot be locked"):
        Journal.open(tmp_path / "journal.sqlite")
    assert (tmp_path / "theirs").read_text() == "precious"


def test_a_reader_sees_a_batch_as_soon_as_it_is_durable(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal, Reader(tmp_path / "journal") as reader:
        assert (reader.id, reader.first, reader.last) == (journal.id, 1, 0)
        batch = journal.append(1, [telegram(1)])
        assert (reader.last, reader.read(0, 10)) == (1, [batch])
    with Reader(tmp_path / "journal") as reader:
        assert reader.read(0, 10) == [batch]


def test_a_reader_creates_nothing(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="found no such file"):
        Reader(tmp_path / "journal")
    assert list(tmp_path.iterdir()) == []


def test_another_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "ledger"
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE stock (material TEXT)")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(JournalUnavailable, match="expected a journal, found another SQLite database"):
        Journal.open(path)
    with pytest.raises(JournalUnavailable, match="expected a journal, found another SQLite database"):
        Reader(path)
    assert path.read_bytes() == before


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "notes"
    path.write_text("no database, only text, and long enough to look at" * 20)
    for opener in (Journal.open, Reader):
        with pytest.raises(JournalUnavailable, match="file is not a database"):
            opener(path)


def test_reading_and_appending_in_two_threads_loses_nothing(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        writer = threading.Thread(target=lambda: [journal.append(n, [telegram(n)]) for n in range(300)])
        writer.start()
        seen: list[JournalBatch] = []
        while len(seen) < 300:
            seen += journal.read(len(seen), 50)
        writer.join()
        assert [batch.entries[0].payload for batch in seen] == [str(n).encode() for n in range(300)]


@pytest.mark.parametrize(
    ("damage", "number", "why"),
    [
        ("UPDATE batch SET body = zeroblob(length(body)) WHERE number = 2", 2, "checksum"),
        ("UPDATE batch SET body = substr(body, 1, 5) WHERE number = 3", 3, "checksum"),
        ("UPDATE batch SET at = at + 1 WHERE number = 1", 1, "checksum"),
        ("DELETE FROM batch WHERE number = 2", 2, "missing"),
        ("UPDATE batch SET number = 9 WHERE number = 4", 4, "missing"),
    ],
)
def test_a_damaged_batch_is_named(tmp_path: Path, damage: str, number: int, why: str) -> None:
    path = tmp_path / "journal"
    with Journal.open(path) as journal:
        for n in range(1, 5):
            journal.append(n, [telegram(n)] * 3)
    vandal = sqlite3.connect(path)
    vandal.execute(damage)
    vandal.commit()
    vandal.close()
    with Reader(path) as reader, pytest.raises(JournalCorrupt, match=f"{path}: batch {number} .*{why}") as caught:
        reader.read(0, 10)
    assert caught.value.number == number


def test_nothing_is_appended_to_a_journal_whose_end_is_damaged(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal.open(path) as journal:
        journal.append(1, [telegram(1)])
    vandal = sqlite3.connect(path)
    vandal.execute("UPDATE batch SET at = 1 << 60")
    vandal.commit()
    vandal.close()
    with pytest.raises(JournalCorrupt, match=f"{path}: batch 1 "):
        Journal.open(path)
    with pytest.raises(JournalCorrupt):  # and not because the first attempt had left it locked
        Journal.open(path)


def test_a_torn_page_is_an_error_and_never_a_batch(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    with Journal.open(path) as journal:
        written = [journal.append(n, [telegram(n)] * 400) for n in range(1, 20)]
    content = bytearray(path.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 512] = bytes(512)
    path.write_bytes(content)
    with Reader(path) as reader:
        readable: list[JournalBatch] = []

        def read_all() -> None:
            while True:
                readable.extend(reader.read(len(readable), 1))

        with pytest.raises(JournalCorrupt, match=str(path)):
            read_all()
        assert readable == written[: len(readable)]


def test_pruning_takes_the_oldest_and_never_the_last(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        for n in range(1, 11):
            journal.append(n, [telegram(n)] * 500)
        full = journal.used
        assert journal.prune(4) == 3
        assert (journal.first, journal.last) == (4, 10)
        assert journal.prune(100, limit=2) == 2
        assert journal.prune(100) == 4
        assert journal.prune(100) == 0
        assert (journal.first, journal.last) == (10, 10)
        assert journal.used < full / 2
        with pytest.raises(JournalCorrupt, match=r"batch 4 .* missing, the next one is 10"):
            journal.read(3, 1)
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.append(0, []) == JournalBatch(11, 11, (), 1)


def test_a_moment_leads_to_its_batch(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal") as journal:
        assert journal.since(0, 500) == 1
        for at in (100, 200, 300, 400):
            journal.append(at, [])
        journal.prune(2)
        table = [(0, 2), (150, 2), (200, 2), (201, 3), (400, 4), (401, 5)]
        assert [(at, journal.since(at, 500)) for at, _ in table] == table


def test_what_a_clock_that_was_ahead_has_dated_is_as_old_as_what_came_around_it(tmp_path: Path) -> None:
    second, ahead = 1_000_000, 1 << 30
    with Journal.open(tmp_path / "journal") as journal:
        for at in (1, 2, ahead, ahead + 1, 3, 4):
            journal.append(at * second, [])
        assert [journal.since(at * second, 5 * second) for at in (0, 2, 3, 4, 5)] == [1, 2, 5, 6, 7]


def test_a_full_journal_refuses_whole_batches_and_goes_on_when_there_is_space(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal", max_bytes=400_000) as journal:

        def fill() -> None:
            for n in range(1, 1000):
                journal.append(n, [telegram(n)] * 200)

        with pytest.raises(JournalUnavailable, match=r"was not stored.*SQLITE_FULL") as caught:
            fill()
        assert isinstance(caught.value.__cause__, sqlite3.Error)
        stored = journal.last
        assert [batch.number for batch in journal.read(0, 1000)] == list(range(1, stored + 1))
        journal.prune(stored)
        assert journal.append(5_000, [telegram(1)] * 200).number == stored + 1


def test_a_journal_at_its_bound_drops_what_is_consumed_before_its_time_and_nothing_else(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal", max_bytes=4_000_000) as journal:

        def fill() -> None:
            for n in range(1, 100_000):
                journal.append(n, [telegram(n)] * 20)

        with pytest.raises(JournalUnavailable, match="SQLITE_FULL"):
            fill()
        last = journal.last
        for consumed in (last - 10, last - 10, last - 10):
            while journal.tidy(consumed, aged=1):
                pass
            assert 1 < journal.first <= consumed
            with pytest.raises(JournalUnavailable, match="SQLITE_FULL"):
                fill()
        assert [batch.number for batch in journal.read(last - 11, 10)] == list(range(last - 10, last))


def test_a_journal_far_from_its_bound_keeps_what_is_consumed_for_its_time(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal", max_bytes=4_000_000) as journal:
        for at in range(1, 11):
            journal.append(at, [telegram(at)])
        assert not journal.tidy(10, 4)
        assert journal.first == 4


def test_an_append_leaves_the_wanted_space_free(tmp_path: Path) -> None:
    with Journal.open(tmp_path / "journal", min_free=2**62) as journal:
        with pytest.raises(JournalUnavailable, match=r"to stay free on the disk, there are \d+ \(SQLITE_FULL\)$"):
            journal.append(1, [])
        assert journal.last == 0
