"""Watch the plant: a live table of its lines, from the gateways' messages on the broker. Changes nothing.

On a terminal it is drawn twice a second and at each key; elsewhere it is printed now and then, without colours. While
the broker or a gateway is away it shows that, and the age of each figure; it reconnects automatically.
"""

import os
import re
import select
import shutil
import sys
import termios
import time
import tty
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click

from gateway.cli.shared.arguments import PLACE, LinePlace
from gateway.cli.shared.broker_client import Tool, login_options
from gateway.cli.shared.command import FiniteNumber, Invocation, command, pass_invocation
from gateway.cli.shared.floor_listener import listening
from gateway.cli.shared.layout import wrap
from gateway.cli.shared.line_table import points_of_lines, table_of_lines
from gateway.cli.shared.output import plain, print_json, terminal
from gateway.errors import BrokerUnavailable
from gateway.ledger.reports.cells import inert
from gateway.service.floor.floor import READY, Floor, LineView

if TYPE_CHECKING:
    from gateway.settings import Settings

_DRAW_S: Final = 0.5
_SETTLE_S: Final = 1.0
"""The retained messages have come by then."""
_ALERTS: Final = 5
_NOTHING: Final = "no line has published its status"
_KEYS: Final = {b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[5~": "back", b"\x1b[6~": "on", b" ": "on", b"b": "back",
                b"k": "up", b"j": "down", b"p": "points", b"q": "quit", b"\x1b": "quit"}  # fmt: skip
_KEY: Final = re.compile(rb"\x1b\[[0-9;]*[@-~]|(?s:.)")
_READ: Final = 1_024


@command(example="backflush watch 1000/L04 --username display", data=True)
@click.argument("place", metavar="[PLANT[/LINE]]", type=PLACE, required=False, default=LinePlace())
@login_options
@click.option(
    "--every",
    type=FiniteNumber(0.2),
    default=5.0,
    show_default=True,
    help="Seconds between prints when not on a terminal.",
)
@click.option("--for", "seconds", type=FiniteNumber(), metavar="S", help="Stop after this many seconds.")
@pass_invocation
def watch(
    invocation: Invocation,
    place: LinePlace,
    *,
    every: float,
    seconds: float | None,
    as_json: bool,
    **login: Any,  # noqa: ANN401 - the options of `login_options`
) -> None:
    """Watch the lines of a plant.

    Keys: arrows, space and b move, p shows the reporting points, q ends, as Ctrl-C does. With --json there is one
    object a line. It needs a login with the rights of a display.
    """
    settings = invocation.settings()
    floor = Floor(settings.mqtt.base_topic, place.plant, place.line, time.monotonic, time.time)
    ends_s = time.monotonic() + seconds if seconds is not None else float("inf")
    Tool(settings, "watch", **login)  # refuses a bad login at once
    with listening(settings, floor, login) as take:
        if as_json or not terminal().is_terminal:
            _print(floor, take, every, ends_s, as_json=as_json)
        else:
            _show(floor, take, _where(settings, login), ends_s)
    if not floor.ever:
        raise BrokerUnavailable(floor.troubles[0])


def _where(settings: "Settings", login: dict[str, Any]) -> str:
    from gateway.addresses import public

    return public(login["url"] or settings.mqtt.url)


def _print(floor: Floor, take: Callable[[], None], every: float, ends_s: float, *, as_json: bool) -> None:
    """Print the floor now and then, and at least once."""
    next_s = time.monotonic() + _SETTLE_S
    printed = False
    while True:
        while (left := min(next_s, ends_s) - time.monotonic()) > 0:
            time.sleep(min(left, _DRAW_S))
            take()
        if printed and time.monotonic() >= ends_s:
            return
        next_s, printed = next_s + every, True
        if as_json:
            print_json(floor.record(), lines=True)
        else:
            for line in [*_head(floor), *_table(floor), *_alerts(floor), ""]:
                click.echo(line)
        sys.stdout.flush()


def _show(floor: Floor, take: Callable[[], None], where: str, ends_s: float) -> None:
    """Draw the floor on a terminal, until a key or the time ends it."""
    from rich.console import Group
    from rich.live import Live

    view = View(floor, where)
    with _keys() as pressed, Live(console=terminal(), screen=True, auto_refresh=False) as live:
        while time.monotonic() < ends_s:
            take()
            lines = view.draw(*shutil.get_terminal_size())
            live.update(Group(*(plain(text, style) for text, style in lines)), refresh=True)
            key = pressed(_DRAW_S)
            if key == "quit":
                return
            view.press(key)


@contextmanager
def _keys() -> Iterator[Callable[[float], str]]:
    """Yield a function that returns the next key, empty if none is pressed in time; restore the terminal at the end."""

    def nothing(seconds: float) -> str:
        time.sleep(seconds)
        return ""

    if not sys.stdin.isatty():
        yield nothing
        return
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)

    waiting: deque[str] = deque()

    def read_key(seconds: float) -> str:
        ready, _, _ = select.select([number], [], [], 0 if waiting else seconds)
        waiting.extend(keys_in(os.read(number, _READ)) if ready else ())
        return waiting.popleft() if waiting else ""

    tty.setcbreak(number)
    try:
        yield read_key
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)


def keys_in(typed: bytes) -> list[str]:
    r"""Return the pressed keys, in order: several may come at once; other input is ignored.

    >>> keys_in(b"kk\x1b[Bpx\x1b[Hq"), keys_in(b"\x1b")
    (['up', 'up', 'down', 'points', 'quit'], ['quit'])
    """
    return [_KEYS[key] for key in _KEY.findall(typed) if key in _KEYS]


def _head(floor: Floor, where: str = "") -> list[str]:
    """Return the header: gateways, and troubles."""
    ready = [name for name, phase in floor.gateways.items() if phase == READY and floor.connected]
    there = f"gateway {', '.join(ready)} ready" if ready else ""
    parts = filter(None, ("backflush watch", where, there))
    return [inert("   ".join(parts)), *(f"! {inert(trouble)}" for trouble in floor.troubles)]


def _alerts(floor: Floor) -> list[str]:
    alerts = floor.alerts
    more = [f"... and {len(alerts) - _ALERTS} more alerts"] if len(alerts) > _ALERTS else []
    return [*(f"* {inert(alert)}" for alert in alerts[:_ALERTS]), *more]


def _table(floor: Floor) -> list[str]:
    return table_of_lines(floor.rows, None) if floor.rows else [_NOTHING]


class View:
    """The view: the page of lines, and whether their points are shown."""

    def __init__(self, floor: Floor, where: str) -> None:
        self._floor = floor
        self._where = where
        self._first = 0
        self._page = 1
        self._points = False

    def press(self, key: str) -> None:
        """Handle a key."""
        if key == "points":
            self._points = not self._points
        self._first += {"up": -1, "down": 1, "back": -self._page, "on": self._page}.get(key, 0)

    def draw(self, width: int, height: int) -> list[tuple[str, str]]:
        """Return lines and their styles for a screen of this size; no figure is cut, further lines are counted."""
        rows = self._floor.rows
        title, *troubles = _head(self._floor, self._where)
        above = [*_style([title], "bold", width), *_style(troubles, "bold red", width), ("", "")]
        below = _style(_alerts(self._floor), "yellow", width)
        self._first = max(0, min(self._first, len(rows) - 1))
        foot = self._foot(0, len(rows), width)
        body = self._body(rows, width, height - len(above) - len(below) - len(foot))
        if len(body) + len(above) + len(below) + len(foot) > height:
            # The figures come first.
            below = _style([f"* {len(self._floor.alerts)} alerts"], "yellow", width) if below else []
            body = self._body(rows, width, height - len(above) - len(below) - len(foot))
        return [*above, *body, *below, *self._foot(self._page, len(rows), width)]

    def _body(self, rows: Sequence[LineView], width: int, room: int) -> list[tuple[str, str]]:
        """Return as many lines of the plant as there is room for, at least one."""
        if not rows:
            return [(_NOTHING, "")]
        self._page = len(rows) - self._first
        while True:
            shown = slice(self._first, self._first + self._page)
            table = [(line, "") for line in table_of_lines(rows, width, shown=shown)]
            points = points_of_lines(rows[shown], width) if self._points else []
            lines = [*table, *((line, "dim") for line in points)]
            over = len(lines) - room
            if over <= 0 or self._page == 1:
                return table if over > 0 else lines
            each = max(1, len(lines) // (self._page + 1))
            self._page = max(1, self._page - max(1, over // each))

    def _foot(self, page: int, rows: int, width: int) -> list[tuple[str, str]]:
        last = min(rows, self._first + page)
        some = f"lines {self._first + 1} to {last} of {rows}, arrows move   " if last - self._first < rows else ""
        return _style([f"{some}p points   q ends"], "dim", width)


def _style(texts: Iterable[str], style: str, width: int) -> list[tuple[str, str]]:
    return [(line, style) for text in texts for line in wrap(text, width)]
