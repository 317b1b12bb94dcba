"""The demo's screen: one calm table of lines, taken from the gateways' own status messages.

On a terminal the table is drawn twice a second; elsewhere a line is printed every few seconds; with JSON nothing
is. Log lines would break up the table, so absent gateways and alerts stand below it instead.
"""

import logging
import shutil
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple

from gateway.cli.shared.command import tell
from gateway.cli.shared.floor_listener import listening
from gateway.cli.shared.layout import wrap
from gateway.cli.shared.line_table import group_digits, points_of_lines, table_of_lines, total
from gateway.cli.shared.output import plain, say, terminal
from gateway.service.floor.floor import Floor

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gateway.cli.run.demo_board import Describe
    from gateway.ledger.audit.audit import LawResult
    from gateway.settings import Settings

_REFRESH_PER_S: Final = 2
_LINE_EVERY_S: Final = 5.0


class DemoTotals(NamedTuple):
    """The sums of all lines in the ledger, in whole pieces."""

    read: int = 0
    counted: int = 0
    posted: int = 0
    open: int = 0
    scrapped: int = 0
    documents: int = 0
    quarantined: int = 0
    others: int = 0
    """Reported by people and other devices, beside the simulated devices."""

    @property
    def by_devices(self) -> int:
        """The pieces that the simulated devices have reported."""
        return self.read - self.others


class Screen:
    """The screen of a running demo."""

    def __init__(self, settings: "Settings", broker: str, *, quiet: bool) -> None:
        from gateway.addresses import public

        self._settings = settings
        self._is_quiet = quiet
        self._floor = Floor(settings.mqtt.base_topic, "", "", time.monotonic, time.time)
        self._where = f"{settings.mqtt.url}{f' ({broker}, built in)' if broker else ''}"
        self._database = public(settings.database_url)
        self._ways: list[Describe] = []
        self._began = time.monotonic()
        self._take: Callable[[], None] = lambda: None
        self.phase = ""
        """The demo's present work, if it is not just running."""

    def tell_way(self, describe: "Describe") -> None:
        """Take the description of something to look at, by name; without a terminal it is printed once."""
        self._ways.append(describe)
        if not (self._is_quiet or terminal().is_terminal):
            for name, text in describe().items():
                tell(f"{name}: {text}")

    @contextmanager
    def show(self) -> Iterator[None]:
        """Show it while the context lasts."""
        root = logging.getLogger()
        before = root.handlers[:]
        root.handlers[:] = [logging.NullHandler()]
        try:
            if self._is_quiet:
                yield
                return
            show = self._draw if terminal().is_terminal else self._speak
            with listening(self._settings, self._floor, {}) as self._take, show():
                yield
        finally:
            root.handlers[:] = before

    @contextmanager
    def _draw(self) -> Iterator[None]:
        from rich.live import Live

        with Live(get_renderable=self._render, console=terminal(), refresh_per_second=_REFRESH_PER_S, transient=True):
            yield

    @contextmanager
    def _speak(self) -> Iterator[None]:
        """Print a line every few seconds."""
        tell(f"broker {self._where}, database {self._database}")
        over = threading.Event()

        def speak() -> None:
            while not over.wait(_LINE_EVERY_S):
                self._take()
                pictures = [row.picture for row in self._floor.rows]
                sums = {name: total(name, pictures) for name in ("counted", "posted", "open", "documents")}
                said = "  ".join(f"{name} {group_digits(str(figure))}" for name, figure in sums.items())
                tell(f"{_clock(self._began)}  {said}")

        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        try:
            yield
        finally:
            over.set()
            speaker.join()

    def _render(self) -> "RenderableType":
        from rich.console import Group

        self._take()
        phase = f"{self.phase} ..." if self.phase else "Ctrl-C ends the demo and audits the ledger"
        width = shutil.get_terminal_size().columns
        rows = self._floor.rows
        table = [plain(line) for line in table_of_lines(rows, width)]
        points = [plain(line, "dim") for line in points_of_lines(rows, width)]
        apart = [plain("")] if points else []
        told = [
            *(f"! {trouble}" for trouble in self._floor.troubles),
            *(f"* {alert}" for alert in self._floor.alerts[:2]),
        ]
        warnings = [plain(line, "yellow") for text in told for line in wrap(text, width)]
        return Group(*self._header(width), *table, plain(""), *points, *apart, *warnings, plain(phase, "bold"))

    def _header(self, width: int) -> list["RenderableType"]:
        about = {"broker": self._where, "database": self._database}
        ways = {name: text for describe in self._ways for name, text in describe().items()}
        lines = [(name, text, "dim") for name, text in about.items()] + [
            (name, text, "") for name, text in ways.items()
        ]
        shown = [
            plain(line, style) for name, text, style in lines for line in wrap(f"{name:<9} {text}", width, " " * 10)
        ]
        return [plain(f"backflush demo   {_clock(self._began)}", "bold"), *shown, plain("")]


def _clock(began: float) -> str:
    minutes, seconds = divmod(int(time.monotonic() - began), 60)
    return f"{minutes:02d}:{seconds:02d}"


def print_summary(
    figures: DemoTotals, *, read: int, made: int, seconds: float, laws: "Sequence[LawResult]", unanswered: int
) -> None:
    """Print the result of the demo."""
    broken = [law for law in laws if not law.ok]
    said = {name: group_digits(str(value)) for name, value in figures._asdict().items()}
    verdict = "all of them were read" if read == made else f"but {group_digits(str(read))} were read"
    rows = {
        "made": f"{group_digits(str(made))} pieces by the simulated devices: {verdict}",
        "read": f"{said['read']} = counted {said['counted']} + quarantined {said['quarantined']}",
        "counted": f"{said['counted']} = posted {said['posted']} + open {said['open']}",
        "scrapped": said["scrapped"],
        "documents": f"{said['documents']}, in {seconds:.0f} s of production",
        "audit": f"BROKEN: {', '.join(law.law for law in broken)}" if broken else f"ok, {len(laws)} laws hold",
    }
    if figures.others:
        rows["others"] = f"{said['others']} of the read pieces, by people and other devices"
    if unanswered:
        rows["scans"] = f"{unanswered} without an answer"
    for name, text in rows.items():
        say(f"{name:<10} {text}", indent=" " * 11)
    for law in broken:
        for finding in law.findings:
            tell(f"{law.law}: {finding}")
