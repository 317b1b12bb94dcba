"""The floor under every latency: what the disk alone takes for the two syncs that lie between receipt and answer.

A telegram is told of after its batch is synced in the journal and its commit in the ledger, one after the other. So
two files on the same file system get as much as a small batch and a small commit write, and are synced in turn.
"""

import gc
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.benchmarks.figures import Figures

MANY = 300
_WRITTEN = (2 * 4096, 8 * 4096)
"""Bytes of a small batch and of a small commit in the logs of SQLite."""
_sync = getattr(os, "fdatasync", os.fsync)


def two_syncs(folder: Path) -> list[float]:
    """Return how long two syncs take one after the other, milliseconds each time."""
    with tempfile.TemporaryFile(dir=folder) as journal, tempfile.TemporaryFile(dir=folder) as ledger:
        files = [(file.fileno(), bytes(size)) for file, size in zip((journal, ledger), _WRITTEN, strict=True)]
        took = []
        for _ in range(MANY):
            began = time.perf_counter()
            for file, content in files:
                os.write(file, content)
                _sync(file)
            took.append((time.perf_counter() - began) * 1000)
        return took


@contextmanager
def no_search() -> Iterator[None]:
    """Keep Python from searching for cycles: the gateway does it once in 500,000 objects (`service.cycles`)."""
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def quantile(values: list[float], share: float) -> float:
    """Return the value below which a share of all lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def beside(floor: list[float], latencies: list[float]) -> Figures:
    """Return the floor's figures, and how often latencies hold them."""
    figures = {}
    for percent in (50, 99):
        lowest = quantile(floor, percent / 100)
        figures[f"p{percent} of two syncs alone (ms)"] = lowest
        figures[f"p{percent} in floors (times)"] = quantile(latencies, percent / 100) / lowest
    return figures
