"""Which faults a run has, and when: a pure function of its seed.

Each fault has a lane, what it happens to; faults of one lane do not overlap, those of different lanes do. Every fault
that the run can have happens at least once; the rest of the time is filled by chance.
"""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple


class Kind(NamedTuple):
    """One way in which something goes wrong."""

    name: str
    lane: str
    shortest_s: float
    longest_s: float
    needs: str = ""
    """`postgresql`: only with this database."""


KINDS = (
    Kind("the gateway is killed", "gateway", 0.0, 0.6),
    Kind("the gateway is told to end", "gateway", 0.0, 0.3),
    Kind("the gateway is frozen", "gateway", 0.3, 1.2),
    Kind("the gateway's connection is cut", "gateway", 0.0, 0.1),
    Kind("the gateway's connection breaks in a packet", "gateway", 0.3, 0.6),
    Kind("the gateway's connection is half-open", "gateway", 0.5, 1.5),
    Kind("the gateway's connection dribbles", "gateway", 0.5, 1.0),
    Kind("the gateway's connection is slow", "gateway", 0.5, 1.0),
    Kind("deliveries are lost before the acknowledgement", "gateway", 0.3, 0.6),
    Kind("acknowledgements are lost", "gateway", 0.3, 0.6),
    Kind("the gateway's client id is stolen", "gateway", 0.2, 0.6),
    Kind("the gateway's session is wiped", "gateway", 0.1, 0.2),
    Kind("the broker is killed", "broker", 0.1, 0.8),
    Kind("the broker is frozen", "broker", 0.3, 1.0),
    Kind("the broker is replaced by one with the packaged configuration", "broker", 0.1, 0.3),
    Kind("the devices' connections are cut", "devices", 0.0, 0.1),
    Kind("the devices' connections break in a packet", "devices", 0.3, 0.6),
    Kind("the devices' connections are half-open", "devices", 0.3, 1.0),
    Kind("the devices' connections dribble", "devices", 0.3, 0.8),
    Kind("telegrams are slow", "devices", 0.3, 1.0),
    Kind("telegrams are doubled", "devices", 0.5, 1.5),
    Kind("telegrams are reordered", "devices", 0.5, 1.5),
    Kind("telegrams are lost before the acknowledgement", "devices", 0.3, 0.8),
    Kind("answers to telegrams are lost", "devices", 0.3, 0.8),
    Kind("the disk is full", "disk", 0.5, 1.5),
    Kind("an fsync fails", "disk", 0.2, 0.5),
    Kind("the clock steps", "clock", 1.0, 3.0),
    Kind("the database is killed", "database", 0.2, 1.0, "postgresql"),
    Kind("the database is stopped at once", "database", 0.2, 1.0, "postgresql"),
    Kind("the database is away", "database", 2.0, 3.0, "postgresql"),
    Kind("the database is frozen", "database", 0.3, 1.0, "postgresql"),
    Kind("the database's connections are cut", "database", 0.0, 0.1, "postgresql"),
    Kind("the database's connections are half-open", "database", 0.3, 1.0, "postgresql"),
    Kind("answers to commits are lost", "database", 0.3, 0.8, "postgresql"),
    Kind("commits are lost", "database", 0.3, 0.8, "postgresql"),
)


class Fault(NamedTuple):
    """One fault of a run."""

    at_s: float
    kind: Kind
    for_s: float

    def __str__(self) -> str:
        return f"{self.at_s:7.2f} s  {self.kind.name}, for {self.for_s:.2f} s"


def kinds(database: str) -> tuple[Kind, ...]:
    """Return what a run with a database can have."""
    return tuple(kind for kind in KINDS if kind.needs in ("", database))


def schedule(seed: int, seconds: float, possible: Sequence[Kind], calm_s: float = 2.0) -> list[Fault]:
    """Plan the faults of a run of about so many seconds, in the order of their beginning.

    Where every kind once takes longer than that, the run is longer. `calm_s` is the longest time in which nothing
    happens to a lane.
    """
    chance = Random(f"{seed}/schedule")
    faults: list[Fault] = []
    for lane in dict.fromkeys(kind.lane for kind in possible):
        own = [kind for kind in possible if kind.lane == lane]
        # All of them once, in any order; then any of them.
        wanted = chance.sample(own, len(own))
        at_s = chance.uniform(0.2, 1.0)
        while wanted or at_s < seconds:
            kind = wanted.pop() if wanted else chance.choice(own)
            fault = Fault(round(at_s, 2), kind, round(chance.uniform(kind.shortest_s, kind.longest_s), 2))
            faults.append(fault)
            at_s = fault.at_s + fault.for_s + chance.uniform(0.2, min(0.6, calm_s) if wanted else calm_s)
    return sorted(faults, key=lambda fault: fault.at_s)
