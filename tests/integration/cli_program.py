"""The program as a person runs it: arguments in; two streams and an exit status out.

`Program` starts a process for each command; `Commands` calls the same entry point in this one, which spares half a
second of imports where a test gives many commands.
"""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import click

from gateway.cli.root import main

SHIPPED = Path(__file__).parents[2] / "config" / "masterdata"
_TIMEOUT_S = 300


class Screen(io.StringIO):
    """What a person reads."""

    def isatty(self) -> bool:
        """Say that somebody watches."""
        return True


def commands(group: click.Group, names: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Walk through all commands."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*names, name))
        else:
            yield (*names, name), command


class Said(NamedTuple):
    """What a finished program has said."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, which must be JSON alone."""
        return json.loads(self.out)


class Commands:
    """`backflush` within this process, with a configuration file and a data directory of its own."""

    def __init__(self, folder: Path, database: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = folder / "gateway.toml"
        self._file.write_text(
            f'[gateway]\ndata_dir = "{folder}"\n[database]\nurl = "{database}"\n[journal]\nmin_free = "1MB"\n'
        )

    def __call__(self, *arguments: str) -> Said:
        """Run a command to its end."""
        return called(self._file, *arguments)


def called(configuration: Path | None, *arguments: str) -> Said:
    """Run a command to its end, within this process."""
    where = ["-c", str(configuration)] if configuration else []
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main([*where, *arguments])
    return Said(status, out.getvalue(), err.getvalue())


class Program:
    """`backflush` with a data directory of its own."""

    def __init__(self, folder: Path, **settings: str) -> None:
        """Prepare it; `settings` are variables of the environment without their prefix, for instance MQTT__URL."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("BACKFLUSH_")}
        own = {f"BACKFLUSH_{name}": value for name, value in settings.items()}
        self._environment: Mapping[str, str] = {
            **kept,
            "BACKFLUSH_GATEWAY__DATA_DIR": str(folder),
            "BACKFLUSH_JOURNAL__MIN_FREE": "1MB",
            **own,
        }

    def __call__(self, *arguments: str) -> Said:
        """Run a command to its end."""
        done = subprocess.run(
            self._command(arguments),
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT_S,
            check=False,
        )
        return Said(done.returncode, done.stdout, done.stderr)

    def here(self, *arguments: str) -> Said:
        """Run a command to its end within this process, where a process of its own is not the point."""
        with patch.dict(os.environ, self._environment, clear=True):
            return called(None, *arguments)

    @contextmanager
    def running(self, *arguments: str, until: str) -> Iterator[subprocess.Popen[str]]:
        """Run a command beside the test, from the line on standard error that holds `until`; then end it."""
        process = subprocess.Popen(
            self._command(arguments),
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        try:
            _wait_for(process, until)
            yield process
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(_TIMEOUT_S)
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate()

    @staticmethod
    def _command(arguments: tuple[str, ...]) -> list[str]:
        return [sys.executable, "-m", "gateway", *arguments]


def _wait_for(process: subprocess.Popen[str], until: str) -> None:
    assert process.stderr is not None
    heard = []
    deadline = time.monotonic() + _TIMEOUT_S
    for line in process.stderr:
        heard.append(line)
        if until in line:
            return
        assert time.monotonic() < deadline, f"did not say {until!r} in time: {''.join(heard)}"
    raise AssertionError(f"ended without saying {until!r}: {''.join(heard)}")
