"""The web process as it runs in production, beside a gateway: a process of its own with the gateway's configuration."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Self

from tests.integration.cli_program import Said, called
from tests.integration.gateway_process import PATIENCE_S, ROOT, until

PASSWORD = "correct horse battery"


class WebProcess:
    """One web process; a context manager that kills it at the end if it still runs."""

    def __init__(self, config: Path) -> None:
        self.config = config
        self.url = ""
        self._log = config.with_name("web.log")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    @property
    def log(self) -> str:
        """What the process has said."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process is not None
        return self._process.pid

    def command(self, *words: str) -> Said:
        """Call `backflush web ...`, within this process."""
        return called(self.config, "web", *words)

    def add_user(self, name: str = "anna", role: str = "admin", lines: str = "*") -> Self:
        """Add a user with the password of these tests."""
        file = self.config.with_name("password")
        file.write_text(PASSWORD)
        done = self.command("user", "add", name, "--role", role, "--lines", lines, "--password-file", str(file))
        assert done.status == 0, done.err
        return self

    def start(self, port: int = 0) -> Self:
        """Start it, and wait until it tells its address."""
        before = len(self.log)
        with self._log.open("ab") as log:
            words = [sys.executable, "-m", "gateway", "web", "-c", str(self.config), "--port", str(port)]
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT,
                                             env={**os.environ, "PYTHONUNBUFFERED": "1"})  # fmt: skip

        def is_there() -> bool:
            assert self._process is not None
            assert self._process.poll() is None, self.log
            return "the board is at" in self.log[before:]

        until(is_there, lambda: self.log)
        found = re.search(r"the board is at (\S+)/board", self.log[before:])
        assert found is not None
        self.url = found[1]
        return self

    @property
    def port(self) -> int:
        """The port that it listens on."""
        return int(self.url.rpartition(":")[2])

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """End it with SIGTERM and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def freeze(self) -> None:
        """Stop it in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        os.kill(self.pid, signal.SIGCONT)
