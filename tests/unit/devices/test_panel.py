"""The display of an agent on a terminal."""

import io

from devices.agents.panel import Panel
from gateway.service.tell.messages import SIGNALS, signal_of


class Terminal(io.StringIO):
    """A terminal that keeps what it shows."""

    def isatty(self) -> bool:
        return True


def test_each_lamp_of_an_answer_has_its_own_colour() -> None:
    shown = {}
    for led in {signal["led"] for signal in (*SIGNALS.values(), signal_of("ok", "scrap"))}:
        Panel(terminal := Terminal()).show(led, "12 PC")
        shown[terminal.getvalue().partition("m")[0]] = led
    assert all(colour.startswith("\x1b[3") for colour in shown)
    assert {*shown.values()} == {"green", "yellow", "red", "blue", "purple"}
