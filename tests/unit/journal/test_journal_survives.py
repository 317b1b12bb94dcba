"""A batch that was reported as durable is there, and what goes into its row comes out of it."""

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.journal import Journal, Reader
from gateway.journal.batches import MAX_ENTRIES, Entry, checksum, entry_id, locate, pack, unpack

APPENDER = """
import sys
from gateway.journal import Entry, Journal
journal = Journal.open(sys.argv[1])
while True:
    number = journal.last + 1
    batch = journal.append(number, [Entry("message", "t", b"%d/%d" % (number, i)) for i in range(number % 50)])
    sys.stdout.write(f"{batch.number}\\n")
    sys.stdout.flush()
"""

# The soft limit of the file size is a disk that is full, and full no longer once it is lifted.
FULL_DISK = """
import resource, sys
from gateway.journal import Entry, Journal, JournalUnavailable
journal = Journal.open(sys.argv[1])
journal.append(1, [Entry("message", "t", b"before")])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
refused = 0
for n in range(20):
    try:
        journal.append(2, [Entry("message", "t", bytes(20_000))])
    except JournalUnavailable as error:
        refused += 1
assert 0 < refused < 20, refused
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
journal.append(3, [Entry("message", "t", b"after")])
print(journal.last, refused)
"""


def test_every_reported_batch_is_there_after_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    chance = random.Random(20_261_122)
    reported = 0
    for _ in range(5):
        until = reported + chance.randrange(20, 150)
        with subprocess.Popen(
            [sys.executable, "-c", APPENDER, str(path)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            while reported < until:
                reported = int(process.stdout.readline())
            os.kill(process.pid, signal.SIGKILL)
            # What it still managed to say before it died counts as well.
            for line in process.stdout:
                if line.endswith("\n"):
                    reported = int(line)
        with Reader(path) as reader:
            batches = reader.read(0, 1_000_000)
        assert len(batches) >= reported
        for number, batch in enumerate(batches, 1):
            assert batch.number == number
            assert [entry.payload for entry in batch.entries] == [b"%d/%d" % (number, i) for i in range(number % 50)]
        reported = len(batches)


def test_a_disk_that_refuses_leaves_no_half_batch_and_may_recover(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    run = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], check=False, capture_output=True, text=True, timeout=60
    )
    assert run.returncode == 0, run.stderr
    last, refused = map(int, run.stdout.split())
    assert last == 22 - refused
    with Journal.open(path) as journal:
        batches = journal.read(0, 100)
    assert batches[0].entries[0].payload == b"before"
    assert batches[-1].entries[0].payload == b"after"
    assert all(batch.entries[0].payload == bytes(20_000) for batch in batches[1:-1])


entries = st.builds(
    Entry,
    kind=st.sampled_from(["message", "command", "import", "settings"]),
    topic=st.text(max_size=60),
    payload=st.binary(max_size=200),
    qos=st.integers(0, 2),
    retain=st.booleans(),
    response_topic=st.none() | st.text(max_size=60),
    correlation=st.none() | st.binary(max_size=40),
    size=st.integers(0, 2**40),
    sha256=st.none() | st.text("0123456789abcdef", min_size=64, max_size=64),
)


@given(st.lists(entries, max_size=20))
def test_unpacking_gives_back_what_was_packed(batch: list[Entry]) -> None:
    assert unpack(pack(batch)) == tuple(batch)


@given(st.integers(1, 2**40), st.integers(0, MAX_ENTRIES - 1))
def test_an_entry_id_names_one_entry(number: int, index: int) -> None:
    assert locate(entry_id(number, index)) == (number, index)


@pytest.mark.parametrize(
    ("number", "at", "body", "what"),
    [
        (1, 1000, b"abc", "the same"),
        (2, 1000, b"abc", "another number"),
        (1, 1001, b"abc", "another time"),
        (1, 1000, b"abd", "another body"),
        (1, 1000, b"", "no body"),
    ],
)
def test_the_checksum_covers_number_time_and_body(number: int, at: int, body: bytes, what: str) -> None:
    assert (checksum(number, at, body) == checksum(1, 1000, b"abc")) == (what == "the same")
