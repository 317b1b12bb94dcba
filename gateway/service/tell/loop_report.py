"""Reports of the ledger's thread to the loop, after each commit and other changes."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from gateway.backflush.memory.changes import Changes, Response
from gateway.backflush.memory.state import Rules, State
from gateway.ledger.reports.outbox import Posted
from gateway.ledger.store.leases import Claimed
from gateway.ledger.store.server_settings import OldestWaiting, Setting
from gateway.service.tell.messages import Message
from gateway.service.tell.payloads import DevicesHealth

MOST_NAMES = 1_000


class HealthFigures(NamedTuple):
    """The ledger's part of the health topic."""

    lines: int = 0
    worklist: int = 0
    backlog: int = 0
    quarantine: int = 0
    devices: int = 0
    online: int = 0
    silent: frozenset[str] = frozenset()
    """Devices that are offline, or silent longer than their `stale_s`."""
    flapping: frozenset[str] = frozenset()
    skewed: Mapping[str, int] = MappingProxyType({})
    """Device: microseconds that its clock is off."""
    late: frozenset[str] = frozenset()
    """Counters with a series of totals that are older than earlier ones."""
    unknown: int = 0
    """Different names of unknown devices since the start, at most `MOST_NAMES`."""
    digest: str = ""
    refused_replies: int = 0
    scrap_open: tuple[str, ...] = ()
    """Lines with scrap that is not taken off posted yield, though its shift or run is over."""
    beyond_orders: tuple[str, ...] = ()
    """Lines whose run makes more than its sales order wants."""
    waiting: OldestWaiting = OldestWaiting(0, 0)
    weak: tuple[Setting, ...] = ()
    """Settings and rights of the database that weaken the ledger."""
    documents: int = 0
    outcomes: Mapping[str, int] = MappingProxyType({})

    @property
    def judged(self) -> tuple[object, ...]:
        """The figures that may raise an alert: all that do not change with every message."""
        return self[:-2]

    @property
    def of_devices(self) -> DevicesHealth:
        """The devices' part of health."""
        return {"known": self.devices, "online": self.online, "stale": len(self.silent), "unknown": self.unknown}


class LoopReport(NamedTuple):
    """One report of the ledger's thread to the loop."""

    figures: HealthFigures
    messages: list[Message]
    posted: Sequence[Posted] = ()
    due_at: int | None = None
    """The time of the next tick, microseconds UTC."""
    entries: tuple[int, ...] = ()
    """Scans and commands of this commit."""
    answers: Mapping[int, Response] = MappingProxyType({})
    """Answers to commands, by entry."""
    error: str = ""
    """The reason why the ledger is away; empty: it is not."""
    waits: bool = False
    """Whether it is a standby that has not owned the lines yet, and must receive nothing."""
    claimed: Claimed | None = None
    """The result of a claim, right after it."""
    obeyed: Rules | None = None
    """The settings in force, right after the start, if the journal holds no others (`Pump.obeyed`)."""
    known: tuple[Rules, ...] = ()
    """The settings of earlier lives, right after the start."""
    strange: frozenset[str] = frozenset()
    """Patterns of lines that it heard without owning them."""

    rebirths: tuple[str, ...] = ()
    """Edge nodes of Sparkplug (group/node) to ask for their births."""


NOTHING: Final = LoopReport(HealthFigures(), [])


class Reply(NamedTuple):
    """The topic that a sender wants the answer on (empty: the usual one), and the correlation data to repeat."""

    topic: str
    correlation: bytes | None
    asked: str
    """The topic of the message that is answered."""


class Committed(NamedTuple):
    """One commit, for its reports. `state` may only be read before the next fold."""

    changes: Changes
    state: State
    offset: int
    at: int
    replies: dict[int, Reply]
    """By entry: messages with a response topic (MQTT 5), and requests."""
