"""Edge nodes of Sparkplug B 3.0: the host application decides which of their messages are valid.

Idea: a value machine that never touches a socket. The knowledge of one edge node is an `EdgeNode`; `take` and `wait`
return the next one, the outcome of each message, and whether to request a rebirth. A message is given by its turn, its
device and an item, which may be anything that identifies it.

The birth of a node begins its life: before it, aliases have no meaning. From then on each message of the node and its
devices has the next `seq`. One that arrives early waits, at most `REORDER_US` and `WINDOW` messages. If the missing one
does not arrive, it may have been a birth with other aliases: the waiting messages are refused, and so is everything
until the next birth of the node, which brings all totals.

Laws: messages of one life that overtake each other within the window are taken in the order sent; each message has
exactly one outcome; a repetition and the death of an earlier connection change nothing; a birth always begins a
life; at most `WINDOW` messages are held.
"""

from enum import StrEnum
from typing import Final, Generic, NamedTuple, TypeVar

from devices.errors import Malformed, Rejection
from devices.messages import Turn

WINDOW: Final = 16
"""Messages by which one may overtake another."""
REORDER_US: Final = 2_000_000
"""The longest wait for a missing message."""
ASK_AGAIN_US: Final = 10_000_000
"""The pause before a node is asked for a rebirth again."""
_SEQS: Final = 256

NO_BIRTH: Final = Rejection(Malformed.NO_BIRTH, "expected the birth of its node and device first, got no such birth")
GAP: Final = Rejection(Malformed.GAP, "expected the message before it first, got others, and perhaps missed a birth")

Item = TypeVar("Item")


class Fate(StrEnum):
    """The outcome of a message that is not refused."""

    TAKEN = "taken"
    """It arrived in its turn."""
    STALE = "stale"
    """It is known already, or belongs to an earlier connection: it has no effect."""


class NodeMessage(NamedTuple, Generic[Item]):
    """A message on arrival: its turn, its device (empty for the node itself), and an item that identifies it."""

    turn: Turn
    device: str
    item: Item


class Verdict(NamedTuple, Generic[Item]):
    """The end of one message: its fate, or the refusal `NO_BIRTH` or `GAP`."""

    item: Item
    fate: Fate | Rejection


class EdgeNode(NamedTuple, Generic[Item]):
    """A host application's knowledge of one edge node."""

    seq: int | None = None
    """The number of the newest message in turn; None: the node is not born."""
    bdseq: int | None = None
    """The number of its connection, from its birth."""
    devices: frozenset[str] = frozenset()
    """The devices that are born."""
    held: tuple[tuple[int, NodeMessage[Item]], ...] = ()
    """Messages that arrived early, each with its time of arrival, microseconds."""
    asked_at: int | None = None
    """The time of the last request for a rebirth that has not come yet."""


class Advance(NamedTuple, Generic[Item]):
    """The changes after a message or after some time; `ask`: request a rebirth now."""

    node: EdgeNode[Item]
    outcomes: tuple[Verdict[Item], ...] = ()
    ask: bool = False


def take(node: EdgeNode[Item], arrival: NodeMessage[Item], now: int) -> Advance[Item]:
    """Judge a message that arrives at `now`, and those that waited for it."""
    turn, item = arrival.turn, arrival.item
    if turn.kind == "NDEATH":
        return _end(node, arrival)
    if turn.kind == "NBIRTH":
        return Advance(EdgeNode(turn.seq, turn.bdseq), (*_gap(node), Verdict(item, Fate.TAKEN)))
    if node.seq is None:
        return _ask(node, [Verdict(item, NO_BIRTH)], now)
    ahead = (turn.seq - node.seq - 1) % _SEQS
    if ahead == 0:
        return _follow(node, arrival, now)
    if ahead >= _SEQS - WINDOW or any(early.turn.seq == turn.seq for _, early in node.held):
        return Advance(node, (Verdict(item, Fate.STALE),))
    if ahead <= WINDOW:
        return Advance(node._replace(held=(*node.held, (now, arrival))))
    return _ask(forget(node), [*_gap(node), Verdict(item, GAP)], now)


def judge(node: EdgeNode[Item], arrival: NodeMessage[Item], now: int) -> Advance[Item]:
    """Judge a message as `take` does, where none waits any longer: what is missing before it will not come."""
    advance = take(node, arrival, now)
    if not advance.node.held:
        return advance
    return _ask(forget(advance.node), [*advance.outcomes, *_gap(advance.node)], now)


def wait(node: EdgeNode[Item], now: int) -> Advance[Item]:
    """Give up a message that is overdue; a clock that goes back ends no wait."""
    if not node.held or now - min(at for at, _ in node.held) < REORDER_US:
        return Advance(node)
    return _ask(forget(node), _gap(node), now)


def _end(node: EdgeNode[Item], death: NodeMessage[Item]) -> Advance[Item]:
    """End a life, unless an earlier connection has died; numbers of connections go from 255 to 0 as well."""
    bdseq = death.turn.bdseq
    if bdseq is not None and node.bdseq is not None and 0 < (node.bdseq - bdseq) % _SEQS < _SEQS // 2:
        return Advance(node, (Verdict(death.item, Fate.STALE),))
    return Advance(EdgeNode(asked_at=node.asked_at), (*_gap(node), Verdict(death.item, Fate.TAKEN)))


def _follow(node: EdgeNode[Item], arrival: NodeMessage[Item], now: int) -> Advance[Item]:
    """Take the next message, and those that waited for it."""
    outcomes: list[Verdict[Item]] = []
    devices, held, complete = node.devices, node.held, True
    after: NodeMessage[Item] | None = arrival
    while after is not None:
        (kind, seq, _), device, item = after
        if kind == "DBIRTH":
            devices |= {device}
        elif kind == "DDEATH":
            devices -= {device}
        if kind == "DDATA" and device not in devices:
            outcomes.append(Verdict(item, NO_BIRTH))
            complete = False
        else:
            outcomes.append(Verdict(item, Fate.TAKEN))
        after = next((early for _, early in held if early.turn.seq == (seq + 1) % _SEQS), None) if held else None
        held = tuple(entry for entry in held if entry[1] is not after) if held else held
    node = EdgeNode(seq, node.bdseq, devices, held, node.asked_at)
    return Advance(node, tuple(outcomes)) if complete else _ask(node, outcomes, now)


def _gap(node: EdgeNode[Item]) -> list[Verdict[Item]]:
    return [Verdict(early.item, GAP) for _, early in node.held]


def forget(node: EdgeNode[Item]) -> EdgeNode[Item]:
    """Forget the life of a node, whose aliases may have changed; its connection stays the same."""
    return EdgeNode(bdseq=node.bdseq, asked_at=node.asked_at)


def _ask(node: EdgeNode[Item], outcomes: list[Verdict[Item]], now: int) -> Advance[Item]:
    ask = node.asked_at is None or not 0 <= now - node.asked_at < ASK_AGAIN_US
    return Advance(node._replace(asked_at=now) if ask else node, tuple(outcomes), ask)
