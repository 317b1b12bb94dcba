"""Backpressure: the amount delivered and not acknowledged yet, and its limit in memory.

The idea: while the journal is busy the broker keeps the rest. Counting needs no packet ids, because
acknowledgements come in the order of the deliveries. A chunk's bytes count until its last delivery is acknowledged.
"""

from collections import deque
from typing import Final

MAX_HELD: Final = 16_384
MAX_HELD_BYTES: Final = 4 * 1024 * 1024
"""Deliveries, and their bytes, that may wait for acknowledgement before reading pauses."""


class Unacknowledged:
    """The amount delivered and not acknowledged, by chunks: acknowledgements come in order."""

    def __init__(self) -> None:
        self._chunks: deque[tuple[int, int]] = deque()
        self._deliveries = 0
        self._bytes = 0

    @property
    def full(self) -> bool:
        """Whether the broker should keep the rest."""
        return self._deliveries >= MAX_HELD or self._bytes >= MAX_HELD_BYTES

    def add(self, deliveries: int, size: int) -> None:
        """Count a chunk."""
        self._chunks.append((deliveries, size))
        self._deliveries += deliveries
        self._bytes += size

    def drop(self, deliveries: int) -> None:
        """Count the oldest deliveries as acknowledged."""
        while deliveries and self._chunks:
            count, size = self._chunks.popleft()
            if count > deliveries:
                self._chunks.appendleft((count - deliveries, size))
                count, size = deliveries, 0
            self._deliveries -= count
            self._bytes -= size
            deliveries -= count
