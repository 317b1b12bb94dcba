"""Keepalive: whether the broker still answers. A frozen one keeps its connection open, and so does a dead network.

The idea: the broker is pinged twice per keepalive interval, under any traffic, and any byte counts as an answer.
What we send ourselves proves nothing, so it counts nowhere. Questions are counted, not seconds: a program that was
itself paused has asked nothing meanwhile, and gives up nobody for it.

Laws
    given up      once two questions in a row, half a keepalive apart, were followed by no byte for half a keepalive
    therefore     no later than one and a half keepalives after the last byte, while the program runs
    not given up  while nothing is read on purpose: what was not read says nothing
"""

from typing import Final

PINGREQ: Final = b"\xc0\x00"
QUESTIONS: Final = 2
"""In a row without an answer."""
A_KEEPALIVE: Final = 2
"""How often the broker is asked within one."""


class Pulse:
    """Counts the questions that nothing has answered."""

    def __init__(self) -> None:
        self._open = 0

    def ask(self, *, heard: bool) -> bool:
        """Say whether to ask once more, or else that it is over; `heard` is anything since the last question.

        >>> pulse = Pulse()
        >>> [pulse.ask(heard=heard) for heard in (True, False, True, False, False)]
        [True, True, True, True, False]
        """
        if heard:
            self._open = 0
        self._open += 1
        return self._open <= QUESTIONS
