"""Points at which the gateway can be made to die or to stop, one per step from receipt to publish.

The idea: what a crash may do depends only on what is durable and what was said to others by then. So there is one
point on either side of each act that makes something durable or says something, and tests die at each of them: a real
process by SIGKILL (`BACKFLUSH_FAILPOINT=journal.synced:3`: at the third passing), a simulated one by an exception. A
real one can be stopped there as well, as a paused machine is (`BACKFLUSH_FAILPOINT=commit.written:1:stop`).

Laws
    off by default        a passing is one look at one name, and is done per batch, commit or chunk, never per message
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
    """A chunk from the broker is in memory, nothing of it is stored."""
    JOURNAL_WRITING = "journal.writing"
    """A batch is packed, and about to be written."""
    JOURNAL_SYNCED = "journal.synced"
    """A batch is durable, and not acknowledged yet."""
    ACKNOWLEDGED = "acknowledged"
    """Acknowledgements were handed to the connection."""
    FOLDING = "folding"
    """The pump has taken batches, and folded nothing of them."""
    STEPPED = "stepped"
    """The engine has stepped; the commit has not begun."""
    COMMIT_BEGUN = "commit.begun"
    """The transaction holds the new offset, and nothing else."""
    COMMIT_HALF = "commit.half"
    """The transaction holds the documents, and not the balances."""
    COMMIT_WRITTEN = "commit.written"
    """The transaction holds everything, and is not committed."""
    COMMITTED = "committed"
    """The transaction is committed, and not answered yet."""
    IMPORTED = "imported"
    """Master data is committed; this process has not loaded it."""
    PUBLISHING = "publishing"
    """The loop knows of a commit, and has told nobody."""
    PUBLISHED = "published"
    """Answers, pictures and events of a commit were handed to the connection."""
    CURSOR_WRITING = "cursor.writing"
    """The broker has events, and the ledger does not know it yet."""
    CURSOR_WRITTEN = "cursor.written"
    """The ledger knows which events the broker has."""


_ASKED: Final = re.compile(f"({'|'.join(map(re.escape, Point))})(?::([1-9][0-9]*)(:stop)?)?")
Action = Callable[[Point], None]


class _Armed:
    action: Action | None = None


def reach(point: Point) -> None:
    """Do what was armed, if anything was."""
    if _Armed.action is not None:
        _Armed.action(point)


def arm(action: Action | None) -> None:
    """Have an action done at every passing of any point; None ends it."""
    _Armed.action = action


def arm_from(environment: Mapping[str, str]) -> str:
    """Arm what an environment asks for; return what was armed, in words, or nothing. UsageError where it is amiss."""
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
                # To this thread: a process that is stopped by another of its threads would go on here for a while.
                signal.pthread_kill(threading.get_ident(), self._number)
