"""Points at which the gateway can be made to die, one per step from receipt to publish.

The idea: what a crash may do depends only on what is durable and what was said to others by then. So there is one
point on either side of each act that makes something durable or says something, and tests die at each of them: a real
process by SIGKILL (`BACKFLUSH_FAILPOINT=journal.synced:3`: at the third passing), a simulated one by an exception.

Laws
    off by default        a passing is one look at one name, and is done per batch, commit or chunk, never per message
    never by accident     the environment arms a point only together with `BACKFLUSH_FAILPOINTS=allowed`
"""

import os
import signal
from collections.abc import Callable, Mapping
from enum import StrEnum

from gateway.errors import UsageError

VARIABLE, PERMISSION = "BACKFLUSH_FAILPOINT", "BACKFLUSH_FAILPOINTS"


class Point(StrEnum):
    """The points, in the order in which a message passes them."""

    RECEIVED = "received"
    """A chunk from the broker is in memory, nothing of it is stored."""
    JOURNAL_WRITING = "journal.writing"
    """A batch is packed, and about to be written."""
    JOURNAL_SYNCED = "journal.synced"
    """A batch is durable; nobody knows it yet."""
    ACKNOWLEDGED = "acknowledged"
    """Acknowledgements were handed to the connection."""
    FOLDING = "folding"
    """The pump has taken batches, and folded nothing of them."""
    STEPPED = "stepped"
    """The engine has stepped; the commit has not begun."""
    COMMIT_BEGUN = "commit.begun"
    """The transaction holds the new offset, and nothing else."""
    COMMIT_HALF = "commit.half"
    """The transaction holds the documents, and not the marks."""
    COMMIT_WRITTEN = "commit.written"
    """The transaction holds everything, and is not committed."""
    COMMITTED = "committed"
    """The transaction is committed; nobody knows it yet."""
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


Action = Callable[[Point], None]


class _Armed:
    action: Action | None = None


def passed(point: Point) -> None:
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
    name, _, count = wanted.partition(":")
    if name not in set(Point) or not (count or "1").isdigit() or int(count or "1") < 1:
        raise UsageError(f"{VARIABLE}: expected POINT or POINT:COUNT with a point of {', '.join(Point)}; got {wanted}")
    arm(_Kill(Point(name), int(count or "1")))
    return f"this process kills itself at {wanted}"


class _Kill:
    """Kills this process at a point's n-th passing, as `kill -9` does."""

    def __init__(self, point: Point, left: int) -> None:
        self._point = point
        self._left = left

    def __call__(self, point: Point) -> None:
        if point is self._point:
            self._left -= 1
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
