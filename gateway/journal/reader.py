"""A reader of a journal's file: in the gateway next to the writer, or in another process.

Laws
    read(n, k)  == the batches after n, without a gap, or JournalCorrupt: k, or fewer once they hold READ_BYTES
    a reader    changes nothing, never waits, and sees a batch once it is durable
"""

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final, Self

from gateway.errors import JournalUnavailable, remedy_of
from gateway.journal.batches import JournalBatch, checksum, unpack

APPLICATION_ID: Final = 0x62666A6C
"""`bfjl`, so that `file` and we can tell a journal from another database."""
FORMAT: Final = 1
READ_BYTES: Final = 1 << 20
"""One read ends with the batch that reaches this many packed bytes, so that a reader far behind needs little memory."""


class JournalCorrupt(JournalUnavailable):
    """Batch `number` is not as it was written."""

    def __init__(self, path: Path, number: int, why: str) -> None:
        super().__init__(f"{path}: batch {number} cannot be trusted: {why}")
        self.path: Final = path
        self.number: Final = number


class Reader:
    """A read-only view of a journal, for this or another process; it sees each batch once it is durable."""

    def __init__(self, path: Path | str) -> None:
        self.path: Final = Path(path)
        self._lock = threading.Lock()
        if not self.path.is_file():
            raise JournalUnavailable(f"{self.path}: expected a journal, found no such file")
        try:
            # Read-only also means that it never checkpoints: SQLite before 3.51.3 can corrupt a WAL that two
            # connections reset.
            self._connection = sqlite3.connect(
                f"{self.path.absolute().as_uri()}?mode=ro",
                uri=True,
                timeout=5.0,
                isolation_level=None,
                check_same_thread=False,
            )
        except sqlite3.Error as error:
            raise unavailable(self.path, "cannot be read", error) from error
        try:
            check_format(self._connection, self.path)
            self.id: Final = _id_of(self._connection, self.path)
        except JournalUnavailable:
            self._connection.close()
            raise
        except sqlite3.Error as error:
            self._connection.close()
            raise unavailable(self.path, "cannot be read", error) from error

    @property
    def first(self) -> int:
        """The number of the oldest batch that is kept; 1 in an empty journal."""
        return self._number("SELECT coalesce(min(number), 1) FROM batch")

    @property
    def last(self) -> int:
        """The number of the newest batch; 0 in an empty journal."""
        return self._number("SELECT coalesce(max(number), 0) FROM batch")

    @property
    def used(self) -> int:
        """Bytes that batches occupy; free pages of the file are reused and do not count."""
        try:
            with self._lock:
                return _space_used(self._connection)
        except sqlite3.Error as error:
            raise unavailable(self.path, "cannot be read", error) from error

    def read(self, after: int, limit: int) -> list[JournalBatch]:
        """Read the next batches after number `after`, in order: at most `limit`, and no more once they hold READ_BYTES.

        Raises JournalCorrupt for a missing batch, also if `after` lies before the oldest one kept.
        """
        try:
            with self._lock:
                found = self._connection.execute(
                    "SELECT number, at, checksum, body FROM batch WHERE number > ? ORDER BY number LIMIT ?",
                    (after, limit),
                )
                rows, size = [], 0
                while size < READ_BYTES and (row := found.fetchone()) is not None:
                    rows.append(row)
                    size += len(row[3]) if isinstance(row[3], bytes) else 0
                found.close()
        except sqlite3.Error as error:
            raise JournalCorrupt(self.path, after + 1, f"SQLite says: {error}") from error
        batches = []
        for expected, (number, at, check, body) in enumerate(rows, after + 1):
            if number != expected:
                raise JournalCorrupt(self.path, expected, f"it is missing, the next one is {number}")
            if not (isinstance(at, int) and isinstance(body, bytes)) or number < 1:
                raise JournalCorrupt(self.path, number, "expected a number from 1 on, a time and a body, got others")
            if check != checksum(number, at, body):
                raise JournalCorrupt(self.path, number, "its checksum does not match")
            try:
                batches.append(JournalBatch(number, at, unpack(body), len(body)))
            except (ValueError, TypeError) as error:
                raise JournalCorrupt(self.path, number, f"its body holds no entries: {error}") from error
        return batches

    def since(self, at: int, now: int) -> int:
        """Find the number of the first batch received from `at` to `now` (microseconds UTC); last + 1 if there is none.

        Batches that a clock ahead of time has dated later than now are skipped: those after them tell their age. Only
        batches before the result are read.
        """
        found = self._number(
            "SELECT coalesce((SELECT number FROM batch WHERE at BETWEEN ? AND ? ORDER BY number LIMIT 1), 0)", at, now
        )
        return found or self.last + 1

    def time_of_receipt(self, number: int) -> int | None:
        """Return the time of receipt of a batch; None if it is not kept. Its content is not read."""
        if self._number("SELECT count(*) FROM batch WHERE number = ?", number):
            return self._number("SELECT coalesce(max(at), 0) FROM batch WHERE number = ?", number)
        return None

    def copy(self, target: Path, progress: Callable[[int, int], None]) -> tuple[int, int]:
        """Copy the journal into a new file, as of one moment; return its oldest and newest number as of then.

        The writer continues meanwhile. `progress` gets the number of pages done, and of all pages.
        """
        copy = sqlite3.connect(target)
        try:
            with self._lock:
                # The open transaction holds the moment: without it every append would restart the copy.
                self._connection.execute("BEGIN")
                try:
                    first, last = self._connection.execute(
                        "SELECT coalesce(min(number), 1), coalesce(max(number), 0) FROM batch"
                    ).fetchone()
                    self._connection.backup(
                        copy, pages=4096, progress=lambda _, left, total: progress(total - left, total), sleep=0
                    )
                finally:
                    self._connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise unavailable(self.path, "cannot be copied", error) from error
        finally:
            copy.close()
        return int(first), int(last)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _number(self, sql: str, *values: int) -> int:
        try:
            with self._lock:
                number = self._connection.execute(sql, values).fetchone()[0]
        except sqlite3.Error as error:
            raise unavailable(self.path, "cannot be read", error) from error
        if not isinstance(number, int):
            raise JournalUnavailable(f"{self.path}: expected numbers and times, got {type(number).__name__}")
        return number


def check_format(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a database that is no journal, or one of another format."""
    application = connection.execute("PRAGMA application_id").fetchone()[0]
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise JournalUnavailable(
            f"{path}: expected a journal, found another SQLite database (application id {application})"
        )
    if version != FORMAT:
        raise JournalUnavailable(f"{path}: expected journal format {FORMAT}, got {version}")


def _id_of(connection: sqlite3.Connection, path: Path) -> str:
    named = connection.execute("SELECT id FROM journal").fetchall()
    if len(named) != 1 or not isinstance(named[0][0], str):
        raise JournalUnavailable(f"{path}: expected a journal with one id, got {len(named)}")
    return named[0][0]


def _space_used(connection: sqlite3.Connection) -> int:
    pages, free, size = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
    )
    return int((pages - free) * size)


def unavailable(path: Path, what: str, error: sqlite3.Error) -> JournalUnavailable:
    """Describe a refusal of the database in one line."""
    # The driver's own errors (a closed connection) carry no name.
    code = getattr(error, "sqlite_errorname", type(error).__name__)
    return JournalUnavailable(f"{path}: {what}: {error} ({code}){remedy_of(error)}")
