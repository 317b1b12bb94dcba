"""A GPIO line of the board: each edge is a pulse, by the kernel's character device (libgpiod).

The kernel queues and numbers the edges, so that none is missed while the program is busy, and edges that overflow the
queue are counted by their numbers.
"""

from collections.abc import Iterator
from datetime import timedelta

import gpiod
from gpiod.line import Bias, Edge

from devices.agents.inputs import InputAddress

_EDGES = {"rising": Edge.RISING, "falling": Edge.FALLING}
_BIASES = {"as-is": Bias.AS_IS, "pull-up": Bias.PULL_UP, "pull-down": Bias.PULL_DOWN, "none": Bias.DISABLED}
_QUEUE = 1024


class GpioLine:
    """`gpio:/dev/gpiochip0?line=17&edge=rising&bias=pull-up&debounce_ms=5`."""

    pulses = True

    def __init__(self, address: InputAddress) -> None:
        """Read the address."""
        self._chip = address.path
        self._line = address.whole("line")
        self._settings = gpiod.LineSettings(
            edge_detection=_EDGES[address.word("edge", "rising", *_EDGES)],
            bias=_BIASES[address.word("bias", "as-is", *_BIASES)],
            debounce_period=timedelta(milliseconds=address.number("debounce_ms", 0)),
        )

    def values(self) -> Iterator[int]:
        """Yield the number of new pulses."""
        with gpiod.request_lines(
            self._chip, consumer="backflush-counter", config={self._line: self._settings}, event_buffer_size=_QUEUE
        ) as lines:
            last = 0
            while True:
                last, pulses = count_edges(last, [event.line_seqno for event in lines.read_edge_events()])
                yield pulses


def count_edges(last: int, numbers: list[int]) -> tuple[int, int]:
    """Return the number of the newest edge, and the count of edges since `last`, dropped ones included.

    >>> count_edges(4, [5, 6, 9])
    (9, 5)
    """
    newest = max([last, *numbers])
    return newest, newest - last
