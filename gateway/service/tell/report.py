"""Reports of the ledger's thread to the loop, after each commit and when something changes by itself."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.backflush.memory.changes import Changes, Response
from gateway.backflush.memory.state import Rules, State
from gateway.ledger.reports.outbox import Posted
from gateway.ledger.store.leases import Claimed
from gateway.ledger.store.settings import OldestWaiting, Setting
from gateway.service.tell.messages import Message

MOST_NAMES = 1_000


class HealthFigures(NamedTuple):
    """What the health topic says of the ledger's side."""

    lines: int = 0
    worklist: int = 0
    backlog: int = 0
    quarantine: int = 0
    devices: int = 0
    online: int = 0
    silent: frozenset[str] = frozenset()
    """Devices that are offline, or silent for longer than their `stale_s`."""
    flapping: frozenset[str] = frozenset()
    skewed: Mapping[str, int] = MappingProxyType({})
    """Device: microseconds that its clock is off."""
    late: frozenset[str] = frozenset()
    """Counters that say one total after the other that is older than what they had said."""
    unknown: int = 0
    """Different names of unknown devices since the start, at most `MOST_NAMES`."""
    digest: str = ""
    refused_replies: int = 0
    scrap_open: tuple[str, ...] = ()
    """Lines where scrap is told and not taken off what is posted, though its shift or run is over."""
    beyond_orders: tuple[str, ...] = ()
    """Lines whose run makes more than its sales order wants."""
    waiting: OldestWaiting = OldestWaiting(0, 0)
    weak: tuple[Setting, ...] = ()
    """Settings and rights of the database that weaken the ledger."""
    documents: int = 0
    outcomes: Mapping[str, int] = MappingProxyType({})

    @property
    def judged(self) -> tuple[object, ...]:
        """What may be a reason for an alert: all but what goes on with every message."""
        return self[:-2]

    @property
    def of_devices(self) -> dict[str, int]:
        """What health says of the devices."""
        return {"known": self.devices, "online": self.online, "stale": len(self.silent), "unknown": self.unknown}


class LoopReport(NamedTuple):
    """One report of the ledger's thread to the loop."""

    figures: HealthFigures
    messages: list[Message]
    posted: Sequence[Posted] = ()
    due_at: int | None = None
    """When the next tick is due, microseconds UTC."""
    entries: tuple[int, ...] = ()
    """Scans and commands that are committed now."""
    answers: Mapping[int, Response] = MappingProxyType({})
    """Answers to commands, by entry."""
    error: str = ""
    """Why the ledger is away; empty: it is there."""
    waits: bool = False
    """It is a standby that has not had the lines yet, and must receive nothing."""
    claimed: Claimed | None = None
    """What was got, right after it was."""
    obeyed: Rules | None = None
    """The settings in force, right after the start, if the journal holds no others (`Pump.obeyed`)."""
    strange: frozenset[str] = frozenset()
    """Patterns of lines that it had before, or heard though it does not have them."""


NOTHING: Final = LoopReport(HealthFigures(), [])


class Reply(NamedTuple):
    """Where an answer is wanted, and what it must repeat."""

    topic: str
    correlation: bytes | None


class Committed(NamedTuple):
    """What one commit holds, for those who report it. `state` may only be read before the next fold."""

    changes: Changes
    state: State
    offset: int
    at: int
    replies: dict[int, Reply]
    """By entry: where its sender wants the answer (MQTT 5)."""
