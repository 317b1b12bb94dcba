"""Points at which a test can kill or stop the gateway, one per step from receipt to publish.

The idea: the effect of a crash depends only on the data that is durable and published by then. So there is one point on
either side of each act that makes something durable or publishes it, and tests die at each of them: a real process by
SIGKILL (`BACKFLUSH_FAILPOINT=journal.synced:3`: at the third passing), a simulated one by an exception. A real one can
also be stopped there, like a paused machine (`BACKFLUSH_FAILPOINT=commit.written:1:stop`).

Laws
    off by default        a passing is one comparison, per batch, commit or chunk, never per message
    never by accident     the environment arms a point only together with `BACKFLUSH_FAILPOINTS=allowed`
"""

import re
import signal
import threading
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Final

from gateway.errors import UsageError

VARIABLE, PERMISSION = "BACKFLUSH_FAILPOINT", "BACKFLUSH_FAILPOINTS"


class Point(StrEnum):
    """The points, in the order in which a message passes them."""

    RECEIVED = "received"
    """A chunk from the broker is in memory, and not stored."""
    JOURNAL_WRITING = "journal.writing"
    """A batch is packed, and about to be written."""
    JOURNAL_SYNCED = "journal.synced"
    """A batch is durable, and not acknowledged yet."""
    ACKNOWLEDGED = "acknowledged"
    """Acknowledgements are handed to the connection."""
    FOLDING = "folding"
    """The pump has taken batches, and folded none of them."""
    STEPPED = "stepped"
    """The engine has stepped; the commit has not begun."""
    COMMIT_BEGUN = "commit.begun"
    """The transaction holds only the new offset."""
    COMMIT_HALF = "commit.half"
    """The transaction holds the documents, but not the balances."""
    COMMIT_WRITTEN = "commit.written"
    """The transaction holds everything, but is not committed."""
    COMMITTED = "committed"
    """The transaction is committed, but not answered yet."""
    IMPORTED = "imported"
    """Master data is committed; this process has not loaded it."""
    PUBLISHING = "publishing"
    """The loop knows of a commit, and has published nothing of it."""
    PUBLISHED = "published"
    """Answers, statuses and events of a commit are handed to the connection."""
    CURSOR_WRITING = "cursor.writing"
    """The broker has events, and the ledger does not know it yet."""
    CURSOR_WRITTEN = "cursor.written"
    """The ledger knows which events the broker has."""


_ASKED: Final = re.compile(f"({'|'.join(map(re.escape, Point))})(?::([1-9][0-9]*)(:stop)?)?")
Action = Callable[[Point], None]


class _Armed:
    action: Action | None = None


def reach(point: Point) -> None:
    """Run the armed action, if there is one."""
    if _Armed.action is not None:
        _Armed.action(point)


def arm(action: Action | None) -> None:
    """Run an action at every passing of any point; None ends it."""
    _Armed.action = action


def arm_from(environment: Mapping[str, str]) -> str:
    """Arm the failpoint of an environment; return it in words, empty if there is none. UsageError if it is invalid."""
    wanted = environment.get(VARIABLE, "")
    if not wanted:
        return ""
    if environment.get(PERMISSION) != "allowed":
        raise UsageError(f"{VARIABLE} kills the gateway on purpose: expected {PERMISSION}=allowed beside it, got none")
    asked = _ASKED.fullmatch(wanted)
    if asked is None:
        expected = f"POINT, POINT:COUNT or POINT:COUNT:stop with a point of {', '.join(Point)}"
        raise UsageError(f"{VARIABLE}: expected {expected}; got {wanted}")
    name, count, stop = asked.groups()
    arm(_Signal(Point(name), int(count or "1"), signal.SIGSTOP if stop else signal.SIGKILL))
    return f"this process {'stops' if stop else 'kills'} itself at {wanted}"


class _Signal:
    """Sends this process a signal at a point's n-th passing, as `kill -9` and `kill -STOP` do."""

    def __init__(self, point: Point, left: int, number: signal.Signals) -> None:
        self._point = point
        self._left = left
        self._number = number

    def __call__(self, point: Point) -> None:
        if point is self._point:
            self._left -= 1
            if not self._left:
                # To this thread: if another thread stopped the process, this one would go on for a while.
                signal.pthread_kill(threading.get_ident(), self._number)
