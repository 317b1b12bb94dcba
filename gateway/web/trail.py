"""The trail of the accounts: sign-ins, refusals and changes, in the file of the accounts.

Anybody can add refusals: they are bounded apart from the other lines, and do not fail by a busy file.
"""

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Final, NamedTuple

_MINUTE_S: Final = 60.0
"""A refusal that is repeated is written once a minute at most."""
_TRAIL_KEPT_S: Final = 400 * 86_400.0
_MOST_AT_WRONG_TIME: Final = 100
_MOST_TRAIL: Final = 100_000
"""Lines of the trail besides refusals."""
_MOST_REFUSALS: Final = 20_000
"""Anybody can add refusals: they may not fill the disk of the journal, nor take the place of other lines."""
_MOST_PER_MINUTE: Final = 10
"""Refusals that an address adds to the trail; each is a write that pages wait for."""
_MOST_ADDRESSES: Final = 1_000
_REFUSALS: Final = ("refused", "login failed", "password refused")
IS_REFUSAL: Final = f"(what IN {_REFUSALS})"
PATIENCE_S: Final = 5.0
"""A change waits so long for a file that another process writes."""
_AGAIN_S: Final = 0.02


class TrailLine(NamedTuple):
    """A sign-in, a refusal, or a change of an account."""

    number: int
    at_s: float
    actor: str
    what: str
    object: str
    address: str


class Trail:
    """The trail, and the transactions of its file."""

    def __init__(self, file: sqlite3.Connection) -> None:
        self._file = file
        self._refused: dict[str, tuple[float, set[tuple[str, ...]]]] = {}
        """The refusals of an address since the beginning of its minute."""

    @asynccontextmanager
    async def change(self) -> AsyncIterator[None]:
        """Begin a change of several steps: all of them are made, or none. They await nothing.

        A busy file is waited for, and no other page waits with it. OperationalError: it stays busy, or fails.
        """
        ends_s = time.monotonic() + PATIENCE_S
        while True:
            try:
                self._file.execute("BEGIN IMMEDIATE")
                break
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > ends_s:
                    raise
            await asyncio.sleep(_AGAIN_S)
        with self._whole():
            yield

    @contextmanager
    def _change(self) -> Iterator[None]:
        """Begin a change, or a step of the one that has begun."""
        if self._file.in_transaction:
            yield
            return
        self._file.execute("BEGIN IMMEDIATE")
        with self._whole():
            yield

    @contextmanager
    def _whole(self) -> Iterator[None]:
        try:
            yield
            self._file.execute("COMMIT")
        except BaseException:
            if self._file.in_transaction:
                self._file.execute("ROLLBACK")
            raise

    def note(self, now_s: float, actor: str, what: str, thing: str = "", address: str = "") -> None:
        """Add a line to the trail, and forget those of more than a year ago, and all but the newest ones.

        A refusal does not fail by a busy file: the log has it as well.
        """
        line = (now_s, actor, what, thing, address)
        if what not in _REFUSALS:
            self._refused.pop(address, None)
            self._add_line(line)
        elif not self._is_repetition(now_s, address, (actor, what, thing)):
            with suppress(sqlite3.OperationalError):
                self._add_line(line)

    def _add_line(self, line: tuple[float, str, str, str, str]) -> None:
        is_refusal = line[2] in _REFUSALS
        most = _MOST_REFUSALS if is_refusal else _MOST_TRAIL
        with self._change():
            self._file.execute("INSERT INTO trail VALUES (?, ?, ?, ?, ?)", line)
            # A clock that was wrong for a while has written a few lines: the earliest of the newest says the time.
            [now_s] = self._file.execute(
                "SELECT min(at_s) FROM (SELECT at_s FROM trail ORDER BY rowid DESC LIMIT ?)", (_MOST_AT_WRONG_TIME,)
            ).fetchone()
            self._file.execute("DELETE FROM trail WHERE at_s < ?", (now_s - _TRAIL_KEPT_S,))
            those = f"FROM trail WHERE {IS_REFUSAL} = ?1"
            oldest = f"SELECT rowid {those} ORDER BY rowid DESC LIMIT 1 OFFSET ?2"
            self._file.execute(f"DELETE {those} AND rowid <= ({oldest})", (is_refusal, most))

    def _is_repetition(self, now_s: float, address: str, line: tuple[str, ...]) -> bool:
        """Return whether an address has added a refusal in this minute already, or as many as it may."""
        minute = self._refused.get(address)
        if minute is None or not 0 <= now_s - minute[0] < _MINUTE_S:
            self._refused = {one: kept for one, kept in self._refused.items() if 0 <= now_s - kept[0] < _MINUTE_S}
            if len(self._refused) >= _MOST_ADDRESSES:
                return True
            minute = self._refused[address] = (now_s, set())
        if line in minute[1] or len(minute[1]) >= _MOST_PER_MINUTE:
            return True
        minute[1].add(line)
        return False

    def trail(self, limit: int = 100, before: int = 1 << 62) -> list[TrailLine]:
        """Return the newest lines of the trail, or those before one of them."""
        found = self._file.execute(
            "SELECT rowid, * FROM trail WHERE rowid < ? ORDER BY rowid DESC LIMIT ?", (before, limit)
        )
        return [TrailLine(*row) for row in found]

    def has_come_from(self, user: str, address: str) -> bool:
        """Return whether a user has signed in at an address before."""
        wanted = "SELECT 1 FROM trail WHERE what = 'login' AND actor = ? AND address = ?"
        return self._file.execute(wanted, (user, address)).fetchone() is not None
