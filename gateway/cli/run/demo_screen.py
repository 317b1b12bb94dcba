"""The demo's screen: one calm table of lines, taken from the gateway's own status messages.

On a terminal the table is drawn twice a second; elsewhere a line is printed every few seconds; with JSON nothing
is. Log lines would break up the table, so the newest warning stands below it instead.
"""

import json
import logging
import math
import shutil
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from gateway.cli.shared.command import tell
from gateway.cli.shared.line_table import group_digits, points_of_lines, table_of_lines, total
from gateway.cli.shared.output import plain, say, terminal
from gateway.service.floor.floor import LineView

if TYPE_CHECKING:
    from rich.console import RenderableType

    from gateway.app import Snapshot
    from gateway.cli.run.demo_board import Describe
    from gateway.ledger.audit.audit import LawResult
    from gateway.settings import Settings

_REFRESH_PER_S: Final = 2
_LINE_EVERY_S: Final = 5.0
_SHOWN_S: Final = 20.0


class DemoTotals(NamedTuple):
    """The sums of all lines in the ledger, in whole pieces."""

    read: int = 0
    counted: int = 0
    posted: int = 0
    open: int = 0
    scrapped: int = 0
    documents: int = 0
    quarantined: int = 0


class _Warnings(logging.Handler):
    """Keeps the newest warning."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._newest = ""
        self._at = 0.0

    def newest(self, within_s: float) -> str:
        """Return it, unless it is older."""
        return self._newest if time.monotonic() - self._at < within_s else ""

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self._newest, self._at = record.getMessage(), time.monotonic()


class Screen:
    """The screen of a running demo."""

    def __init__(self, settings: "Settings", lines: Sequence[tuple[str, str]], broker: str) -> None:
        from gateway.addresses import public

        self._pictures: dict[tuple[str, str], dict[str, Any]] = {line: {} for line in sorted(lines)}
        self._where = f"{settings.mqtt.url}{f' ({broker}, built in)' if broker else ''}"
        self._database = public(settings.database_url)
        self._folder = str(settings.gateway.data_dir)
        self._board: Describe = dict
        self._snapshot: Snapshot | None = None
        self._began = time.monotonic()
        self._warnings = _Warnings()
        self.phase = ""
        """The demo's present work, if it is not just running."""

    @property
    def warning(self) -> str:
        """The newest warning of the gateway."""
        return self._warnings.newest(math.inf)

    def take(self, snapshot: "Snapshot") -> None:
        """Take the gateway's report of a commit."""
        self._snapshot = snapshot
        for message in snapshot.messages:
            if message.topic.endswith("/_status") and message.payload:
                picture = json.loads(message.payload)
                self._pictures[picture["plant"], picture["line"]] = picture

    def take_board(self, describe: "Describe") -> None:
        """Take the description of the way to the board; without a terminal it is printed once."""
        self._board = describe
        if not terminal().is_terminal:
            for name, text in describe().items():
                tell(f"{name}: {text}")

    @contextmanager
    def show(self, *, quiet: bool) -> Iterator[None]:
        """Show it while the context lasts."""
        root = logging.getLogger()
        before = root.handlers[:]
        root.handlers[:] = [self._warnings]
        try:
            if quiet:
                yield
            elif terminal().is_terminal:
                from rich.live import Live

                with Live(get_renderable=self._render, console=terminal(), refresh_per_second=_REFRESH_PER_S,
                          transient=True):  # fmt: skip
                    yield
            else:
                with self._speak():
                    yield
        finally:
            root.handlers[:] = before

    @contextmanager
    def _speak(self) -> Iterator[None]:
        """Print a line every few seconds."""
        tell(f"broker {self._where}, database {self._database}")
        over = threading.Event()

        def speak() -> None:
            while not over.wait(_LINE_EVERY_S):
                sums = {name: self._sum(name) for name in ("counted", "posted", "open", "documents")}
                tell(f"{_clock(self._began)}  " + "  ".join(f"{name} {figure}" for name, figure in sums.items()))

        speaker = threading.Thread(target=speak, daemon=True)
        speaker.start()
        try:
            yield
        finally:
            over.set()
            speaker.join()

    def _sum(self, name: str) -> str:
        return group_digits(str(total(name, list(self._pictures.values()))))

    def _render(self) -> "RenderableType":
        from rich.console import Group

        newest = self._warnings.newest(_SHOWN_S)
        warning = [plain(f"! {newest}", "yellow")] if newest else []
        phase = f"{self.phase} ..." if self.phase else "Ctrl-C ends the demo and audits the ledger"
        width = shutil.get_terminal_size().columns
        rows = [LineView(*key, picture) for key, picture in sorted(self._pictures.items())]
        table = [plain(line) for line in table_of_lines(rows, width)]
        points = [plain(line, "dim") for line in points_of_lines(rows, width)]
        apart = [plain("")] if points else []
        return Group(*self._header(), *table, plain(""), *points, *apart, *warning, plain(phase, "bold"))

    def _header(self) -> list["RenderableType"]:
        from rich.text import Text

        snapshot = self._snapshot
        phase = snapshot.phase if snapshot is not None else "starting"
        first = Text()
        first.append("backflush demo", style="bold")
        first.append(f"   gateway {phase}", style="green" if phase == "ready" else "yellow")
        first.append(f"   {_clock(self._began)}   events {group_digits(str(snapshot.events if snapshot else 0))}")
        return [
            first,
            plain(f"broker    {self._where}", "dim"),
            plain(f"database  {self._database}", "dim"),
            *(plain(f"{name:<9} {text}") for name, text in self._board().items()),
            plain(f"look      BACKFLUSH_GATEWAY__DATA_DIR={self._folder} backflush audit", "dim"),
            plain(""),
        ]


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
    if unanswered:
        rows["scans"] = f"{unanswered} without an answer"
    for name, text in rows.items():
        say(f"{name:<10} {text}", indent=" " * 11)
    for law in broken:
        for finding in law.findings:
            tell(f"{law.law}: {finding}")
