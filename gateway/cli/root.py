"""The program `backflush`: its commands by purpose, each loaded only when it is called.

A named command whose module is not installed does not exist: it is neither listed nor found.
"""

import importlib
import importlib.util
from collections.abc import Sequence
from typing import Final

import click

from gateway.cli.shared.command import common_options, run

SECTIONS: Final = {
    "Run": {
        "run": "run.run:run",
        "demo": "run.demo:demo",
        "init": "look.ledger:init",
        "check": "run.check:check",
        "doctor": "run.doctor:doctor",
        "masterdata": "run.masterdata:masterdata",
        "web": "run.web:web",
    },
    "Produce": {
        "run-start": "produce.requests:run_start",
        "run-stop": "produce.requests:run_stop",
        "window-close": "produce.requests:window_close",
        "post": "produce.post:post",
        "reverse": "produce.requests:reverse",
        "work": "produce.requests:work",
        "hold": "produce.requests:hold",
        "release": "produce.requests:release",
        "backlog": "produce.upkeep:backlog",
        "quarantine": "produce.quarantine:quarantine",
        "period": "produce.upkeep:period",
    },
    "Look": {
        "report": "look.reports:report",
        "trace": "look.trace:trace",
        "audit": "look.ledger:audit",
        "watch": "look.watch:watch",
    },
    "Keep": {"backup": "keep.backup:backup", "restore": "keep.backup:restore"},
    "Devices and the broker": {
        "devices": "devices.devices:devices",
        "simulate": "devices.simulate:simulate",
        "listen": "devices.listen:listen",
        "scan": "devices.scan:scan",
        "labels": "devices.labels:labels",
        "bench": "devices.bench:bench",
    },
}
"""Section: {command: its place, as `module:attribute` of this package}."""

_PLACES: Final = {name: place for commands in SECTIONS.values() for name, place in commands.items()}


class Program(click.Group):
    """All commands, loaded one by one."""

    def list_commands(self, _context: click.Context) -> list[str]:
        """List the commands in the order of the sections."""
        return [name for name, place in _PLACES.items() if _exists(place)]

    def get_command(self, _context: click.Context, name: str) -> click.Command | None:
        """Load a command."""
        place = _PLACES.get(name)
        if place is None or not _exists(place):
            return None
        module, _, attribute = place.partition(":")
        found = getattr(importlib.import_module(f"gateway.cli.{module}"), attribute)
        assert isinstance(found, click.Command)
        return found

    def format_commands(self, context: click.Context, formatter: click.HelpFormatter) -> None:
        """Print the commands section by section."""
        there = self.list_commands(context)
        for section, commands in SECTIONS.items():
            lines = []
            for name in commands:
                found = self.get_command(context, name) if name in there else None
                if found is not None:
                    lines.append((name, found.get_short_help_str(limit=62)))
            if lines:
                with formatter.section(section):
                    formatter.write_dl(lines, col_max=14)


def _exists(place: str) -> bool:
    return importlib.util.find_spec(f"gateway.cli.{place.partition(':')[0]}") is not None


@click.group(
    cls=Program,
    params=common_options(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`backflush COMMAND --help` says more, with an example. Exit status: 0 done, 1 the answer is no, "
    "2 wrong usage or configuration, 3 broker, database or disk failed, 130 interrupted.",
)
@click.version_option(package_name="backflush-gateway", message="backflush %(version)s")
def program() -> None:
    """Post production from MQTT counters and scanners: receipts, component issues and activities, exactly once."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    return run(program, arguments)
