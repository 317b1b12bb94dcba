"""Passwords: hashed with argon2id, and guessed slowly.

A hash takes 19 MiB and about 50 ms on purpose, so it is made in a thread, two at once. An unknown name takes as long as
a known one. After five failures an account and an address have to wait, twice as long each time, up to 15 minutes.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST, LONGEST = 12, 128
_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_NOBODYS: Final = _HASHER.hash("the password of an account that does not exist")
_FREE: Final = 5
_FIRST_S, _LONGEST_S = 2.0, 900.0
_FORGOTTEN_S: Final = 3_600.0
_MOST: Final = 10_000
"""Accounts and addresses that are remembered; the oldest are forgotten first."""


def fault_of(password: str) -> str | None:
    """Describe why a text may be no password; None if it may.

    >>> fault_of("short")
    'expected a password of 12 to 128 characters, got 5'
    """
    if SHORTEST <= len(password) <= LONGEST:
        return None
    return f"expected a password of {SHORTEST} to {LONGEST} characters, got {len(password)}"


def hash_password(password: str) -> str:
    """Hash a password, with a salt of its own."""
    return _HASHER.hash(password)


def _verify(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


class Guesses(NamedTuple):
    """Failures in a row, and the time of the last."""

    failures: int
    at_s: float


class PasswordDoor:
    """Judges passwords; `stopwatch` gives seconds."""

    def __init__(self, stopwatch: Callable[[], float]) -> None:
        self._stopwatch = stopwatch
        self._failures: OrderedDict[str, Guesses] = OrderedDict()
        self._two = asyncio.Semaphore(2)

    def _wait_s(self, *keys: str) -> float:
        """Return the seconds that an account and an address have to wait before they may try again."""
        now = self._stopwatch()
        return max((self._wait(self._failures.get(key), now) for key in keys), default=0.0)

    def _wait(self, failed: Guesses | None, now: float) -> float:
        if failed is None or failed.failures < _FREE:
            return 0.0
        pause = min(_LONGEST_S, _FIRST_S * 2.0 ** min(failed.failures - _FREE, 20))
        return max(0.0, failed.at_s + pause - now)

    async def hash(self, password: str) -> str:
        """Hash a new password; two at once, with those that are judged."""
        async with self._two:
            return await asyncio.to_thread(hash_password, password)

    async def fault_in(
        self, hashed: str | None, password: str, *keys: str
    ) -> Literal["", "too_many", "wrong_password"]:
        """Return why a password is not taken as that of an account (None: there is none); count it if it is wrong.

        It counts as a failure until it is found right: guesses at the same time are limited as well.
        """
        now = self._stopwatch()
        if self._wait_s(*keys) > 0:
            return "too_many"
        for key in keys:
            before = self._failures.pop(key, None)
            failures = before.failures if before is not None and now - before.at_s < _FORGOTTEN_S else 0
            self._failures[key] = Guesses(failures + 1, now)
        while len(self._failures) > _MOST:
            self._failures.popitem(last=False)
        async with self._two:
            right = await asyncio.to_thread(_verify, hashed or _NOBODYS, password[: LONGEST + 1])
        if right and hashed is not None:
            for key in keys:
                self._failures.pop(key, None)
            return ""
        return "wrong_password"
