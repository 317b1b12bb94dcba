"""The processor time of folding alone: that of its thread, without a broker and whatever else the machine does.

The journal is written before, and folded as the gateway does it. A figure is the lower eighth of many parts: the others
had to share their core and its caches with somebody. What the kernel does to sync a commit is the thread's as well: it
is most of it where each commit holds one message.
"""

import time
from itertools import islice
from typing import Final, NamedTuple

from gateway.journal import Entry, Journal
from gateway.service.entries import MESSAGE
from gateway.service.fold.pump import Pump
from gateway.service.local.submission import make_pump
from tests.benchmarks.figures import Figures
from tests.benchmarks.floor import no_search, quantile
from tests.benchmarks.rounds import Bench

PARTS: Final = 24


class Load(NamedTuple):
    """What is folded: `many` in all, so many messages in a journal batch, so many of those in a commit."""

    kind: str
    many: int
    batch: int
    commit: int


LOADS: Final = {
    "telegrams, 1,000 in a batch": Load("counts", 24_000, 1_000, 1),
    "telegrams, one in a batch, 500 in a commit": Load("counts", 4_000, 1, 500),
    "telegrams, one in a commit": Load("counts", 1_200, 1, 1),
    "scans with a document each, 250 in a commit": Load("scans", 6_000, 250, 1),
    "scans with a document each, one in a commit": Load("scans", 480, 1, 1),
}


def fold_alone(bench: Bench, database: str) -> Figures:
    """Fold each load into a ledger of its own."""
    return {f"{name} (us)": _fold(bench, database, load) for name, load in LOADS.items()}


def _fold(bench: Bench, database: str, load: Load) -> float:
    with bench.stage(database) as stage, Journal.open(stage.settings.journal_path) as journal:
        begin = time.time_ns() // 1000
        says = stage.shape.counts if load.kind == "counts" else stage.shape.scans
        messages = says(0, load.many, begin, 1000.0)
        stage.sent += load.many
        while batch := [Entry(MESSAGE, topic, payload) for topic, payload in islice(messages, load.batch)]:
            journal.append(max(begin, journal.at + 1000 * load.batch), batch)
        journal.append(journal.at + 2_000_000, [])  # the tick that closes the last windows
        pump = make_pump(stage.settings, journal, lambda: time.time_ns() // 1000)
        pump.start()
        try:
            with no_search():
                parts = _parts(pump, load)
        finally:
            pump.stop()
        stage.verify(laws=False)
        return quantile(parts, 1 / 8)


def _parts(pump: Pump, load: Load) -> list[float]:
    """Return what each message of a part took, microseconds."""
    parts, done, began = [], 0, time.thread_time()
    while pump.is_behind:
        number = pump.number
        pump.fold(pump.behind(load.commit))
        done += (pump.number - number) * load.batch
        if done >= load.many // PARTS:
            now = time.thread_time()
            parts.append((now - began) / done * 1e6)
            began, done = now, 0
    return parts
