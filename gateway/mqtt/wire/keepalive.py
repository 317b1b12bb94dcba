"""Keepalive: detects a broker that no longer answers. A frozen one keeps its connection open, like a dead network.

The idea: the broker is pinged twice per keepalive interval, under any traffic, and any byte counts as an answer.
Our own traffic proves nothing, so it does not count. Questions are counted, not seconds: a program that was itself
paused has asked nothing meanwhile, so it does not give up the connection.

Laws
    given up      once two questions in a row, half a keepalive apart, were followed by no byte for half a keepalive
    therefore     no later than one and a half keepalives after the last byte, while the program runs
    not given up  while reading is paused on purpose: unread bytes prove nothing
"""

from typing import Final

PINGREQ: Final = b"\xc0\x00"
QUESTIONS: Final = 2
"""Questions in a row without an answer."""
A_KEEPALIVE: Final = 2
"""Questions to the broker per keepalive."""


class Pulse:
    """Counts unanswered questions."""

    def __init__(self) -> None:
        self._open = 0

    def ask(self, *, heard: bool) -> bool:
        """Return whether to ask once more; False: give up. `heard`: anything came since the last question.

        >>> pulse = Pulse()
        >>> [pulse.ask(heard=heard) for heard in (True, False, True, False, False)]
        [True, True, True, True, False]
        """
        if heard:
            self._open = 0
        self._open += 1
        return self._open <= QUESTIONS
