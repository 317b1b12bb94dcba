"""The journal's file: one SQLite database, one writer, any number of readers.

The idea: an append is one INSERT, and with WAL and `synchronous=FULL` it has reached the disk when it returns. There is
nothing to recover: a batch is there whole or not at all.

Laws
    append returned           => the batch survives kill -9 and power loss
    append raised             => nothing of it was written, and the next append may succeed
    read(n, k)                == the batches after n, without a gap, or JournalCorrupt; see Reader
    a second writer           is refused while the first one lives; its lock dies with the process
    a removed file            takes nothing: data written into it is lost with the process
    prune                     never takes the last batch: number and time continue from it
"""

import fcntl
import os
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Self

from gateway.errors import JournalUnavailable
from gateway.failpoints import Point, reach
from gateway.journal.batches import MAX_ENTRIES, Entry, JournalBatch, checksum, pack
from gateway.journal.reader import APPLICATION_ID, FORMAT, Reader, check_format, unavailable

MAX_BODY: Final = 256 * 1024 * 1024
"""The most bytes of one packed batch: a reader must be able to hold it in memory."""

_SCHEMA: Final = """
    BEGIN IMMEDIATE;
    CREATE TABLE journal (id TEXT NOT NULL) STRICT;
    CREATE TABLE batch (
        number   INTEGER PRIMARY KEY,
        at       INTEGER NOT NULL,
        checksum BLOB NOT NULL,
        body     BLOB NOT NULL
    ) STRICT;
    INSERT INTO journal (id) VALUES ('{id}');
    PRAGMA application_id = {application_id};
    PRAGMA user_version = {format};
    COMMIT;
"""

SET_US: Final = 2_000_000
"""A clock that changes by less between two readings is being adjusted, not set."""
PRUNED_AT_ONCE: Final = 1000
"""The most batches per deletion, so that an append never waits for more."""
_CROWDED: Final = 0.9
_WRITER_PRAGMAS: Final = (
    "PRAGMA journal_mode = WAL",  # one fsync per commit, and readers never wait for the writer
    "PRAGMA synchronous = FULL",  # NORMAL loses acknowledged commits at a power cut
    "PRAGMA fullfsync = ON",  # macOS: fsync alone stops at the drive's cache
    "PRAGMA checkpoint_fullfsync = ON",
    "PRAGMA wal_autocheckpoint = 4000",  # 16 MiB: big batches would otherwise checkpoint at every fourth commit
    "PRAGMA journal_size_limit = 67108864",  # shrinks a WAL that grew because of a slow reader
    "PRAGMA busy_timeout = 5000",  # a backup tool may hold the file for a moment
    "PRAGMA temp_store = MEMORY",
)


class JournalInUse(JournalUnavailable):
    """Another process writes this journal."""


class Journal:
    """The one writer of a journal. `append` and `read` may run in different threads."""

    def __init__(self, path: Path, lock: int, connection: sqlite3.Connection, min_free: int, bound: int | None) -> None:
        self._file_lock = lock
        self._connection = connection
        self._min_free = min_free
        self._bound = bound
        self._writing = threading.Lock()
        self._reader = Reader(path)
        self.path: Final = path
        self.id: Final = self._reader.id
        self._file = _file(path)
        try:
            newest = self._reader.read(self._reader.last - 1, 1)  # checked: number and time continue from it
        except JournalUnavailable:
            self._reader.close()
            raise
        self._last = newest[0].number if newest else 0
        self._at = newest[0].at if newest else 0

    @classmethod
    def open(cls, path: Path | str, *, max_bytes: int | None = None, min_free: int = 0) -> Self:
        """Open the journal for writing; create it, with an id of its own, if there is none.

        `max_bytes` bounds the file and an append leaves `min_free` bytes of the disk free: beyond either, append
        raises JournalUnavailable. Raises JournalInUse while another process has it open.
        """
        path = Path(path)
        lock = _lock(path)
        connection = None
        try:
            # For its owner alone, under any umask; SQLite's other files take the same mode.
            _make(path)
            connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            created = connection.execute("PRAGMA schema_version").fetchone()[0] == 0
            if not created:
                check_format(connection, path)  # before the first setting: another database must stay as it is
            for pragma in _WRITER_PRAGMAS:
                connection.execute(pragma)
            if created:
                connection.executescript(_SCHEMA.format(id=uuid.uuid4(), application_id=APPLICATION_ID, format=FORMAT))
                sync_folder(path.parent)
                with suppress(PermissionError):  # the folder belongs to another user, and ours exists
                    sync_folder(path.absolute().parent.parent)
            if max_bytes is not None:
                page = connection.execute("PRAGMA page_size").fetchone()[0]
                connection.execute(f"PRAGMA max_page_count = {max(1, max_bytes // page)}")
            return cls(path, lock, connection, min_free, max_bytes)
        except BaseException as error:
            if connection is not None:
                connection.close()
            os.close(lock)
            if isinstance(error, sqlite3.Error):
                raise unavailable(path, "cannot be opened", error) from error
            if isinstance(error, OSError):
                raise JournalUnavailable(f"{path}: cannot be opened: {error.strerror}") from error
            raise

    @property
    def last(self) -> int:
        """The number of the newest batch; 0 in an empty journal."""
        return self._last

    @property
    def at(self) -> int:
        """The time of receipt of the newest batch, microseconds UTC; 0 in an empty journal."""
        return self._at

    @property
    def first(self) -> int:
        """The number of the oldest batch that is kept; 1 in an empty journal."""
        return self._reader.first

    @property
    def used(self) -> int:
        """Bytes that batches occupy; free pages of the file are reused and do not count."""
        return self._reader.used

    @property
    def in_place(self) -> bool:
        """Whether the open file is still the one at the path."""
        return _file(self.path) == self._file

    def append(self, at: int, entries: Sequence[Entry]) -> JournalBatch:
        """Keep the entries as the next batch; it is durable when this returns.

        `at` (microseconds UTC) is raised to the last batch's time + 1 if the clock was adjusted back, but not if it was
        set back. Raises JournalUnavailable if the disk refuses: then nothing was written, and the caller acknowledges
        nothing.
        """
        if len(entries) > MAX_ENTRIES:
            raise ValueError(f"a batch holds at most {MAX_ENTRIES} entries, got {len(entries)}: split it")
        body = pack(entries)
        if len(body) > MAX_BODY:
            raise ValueError(f"a batch holds at most {MAX_BODY} bytes, got {len(body)}: split it")
        with self._writing:
            if not self.in_place:
                raise JournalUnavailable(
                    f"{self.path}: the file was removed or replaced while it was open: put it back, or stop the "
                    "gateway, which posts what it still holds, and start it again"
                )
            self._leave_free(len(body))
            number = self._last + 1
            at = max(at, self._at + 1) if at > self._at - SET_US else at
            try:
                reach(Point.JOURNAL_WRITING)
                self._connection.execute(
                    "INSERT INTO batch (number, at, checksum, body) VALUES (?, ?, ?, ?)",
                    (number, at, checksum(number, at, body), body),
                )
            except sqlite3.Error as error:
                raise unavailable(self.path, f"batch {number} was not stored", error) from error
            self._last, self._at = number, at
        reach(Point.JOURNAL_SYNCED)
        return JournalBatch(number, at, tuple(entries), len(body))

    def read(self, after: int, limit: int) -> list[JournalBatch]:
        """Read at most `limit` batches after number `after`, in order; see Reader.read."""
        return self._reader.read(after, limit)

    def since(self, at: int, now: int) -> int:
        """Find the number of the first batch received between two times; see Reader.since."""
        return self._reader.since(at, now)

    def time_of_receipt(self, number: int) -> int | None:
        """Return the time of receipt of a batch; see Reader.time_of_receipt."""
        return self._reader.time_of_receipt(number)

    def prune(self, before: int, limit: int = PRUNED_AT_ONCE) -> int:
        """Delete at most `limit` of the oldest batches below number `before`; return their number.

        The caller guarantees that they are consumed. Bounded, so that an append never waits long: call again
        while it returns `limit`. The last batch always stays.
        """
        with self._writing:
            end = min(before, self._last)
            try:
                oldest = self._connection.execute("SELECT coalesce(min(number), 1) FROM batch").fetchone()[0]
                gone = self._connection.execute("DELETE FROM batch WHERE number < ?", (min(end, oldest + limit),))
            except sqlite3.Error as error:
                raise unavailable(self.path, "cannot be pruned", error) from error
            return int(gone.rowcount)

    def tidy(self, consumed: int, aged: int) -> bool:
        """Prune consumed batches (below number `consumed`) that are aged; return whether there is more to do.

        At nine tenths of the file's bound, consumed batches are pruned early: they are only evidence, and must not
        block new ones.
        """
        crowded = self._bound is not None and self.used > self._bound * _CROWDED
        return self.prune(consumed if crowded else min(consumed, aged), PRUNED_AT_ONCE) >= PRUNED_AT_ONCE

    def close(self) -> None:
        """Close the file and release its lock. Closing twice is harmless."""
        with self._writing:
            if self._file_lock < 0:
                return
            self._reader.close()
            self._connection.close()
            os.close(self._file_lock)
            self._file_lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _leave_free(self, size: int) -> None:
        if not self._min_free:
            return
        disk = os.statvfs(self.path)
        free = disk.f_bavail * disk.f_frsize
        if free - size < self._min_free:
            raise JournalUnavailable(
                f"{self.path}: expected {self._min_free} bytes to stay free on the disk, there are {free} (SQLITE_FULL)"
            )


def _file(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make(path: Path) -> None:
    """Make the file if there is none; refuse one with several names: each of them may have a writer."""
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    names = os.fstat(file).st_nlink
    os.close(file)
    if names > 1:  # SQLite's log and the lock are named after it: two writers would not see each other
        raise JournalUnavailable(
            f"{path}: expected a file with one name, got one with {names} (hard links): another gateway may write it "
            "under another name; remove the other links, or replace this one by a copy"
        )


def _lock(path: Path) -> int:
    """Take the writer's lock, a separate file, so that SQLite's own locks on the database are not disturbed."""
    real = Path(os.path.realpath(path))  # a symbolic link names the same journal
    lock_path = real.with_name(real.name + ".lock")
    try:
        lock = os.open(lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise JournalUnavailable(f"{path}: cannot be locked: {error}") from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        owner = os.pread(lock, 32, 0).decode("ascii", "replace").strip() or "another"
        os.close(lock)
        raise JournalInUse(f"{path}: process {owner} writes this journal; there can be only one") from error
    with suppress(OSError):  # on a full disk: the owner's name is only for people
        os.ftruncate(lock, 0)
        os.pwrite(lock, str(os.getpid()).encode(), 0)
    return lock


@contextmanager
def writers_lock(path: Path) -> Iterator[None]:
    """Lock a journal against every writer, even if its file does not exist; JournalInUse while one has it."""
    lock = _lock(path)
    try:
        yield
    finally:
        os.close(lock)


def sync_folder(folder: Path) -> None:
    """Make a new file's name as durable as its content."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
