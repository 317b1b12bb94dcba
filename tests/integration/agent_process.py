"""An agent as it runs beside a line: a process of its own that is started, told things, killed and ended."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any, Self

from tests.integration.gateway_process import PATIENCE_S, ROOT


class AgentProcess:
    """One agent; a context manager that kills it at the end if it still runs."""

    def __init__(self, program: str, folder: Path, *options: str, environment: dict[str, str] | None = None) -> None:
        """`program` is `counter` or `scanner`; its store lies in the folder."""
        self.store = folder / "store"
        folder.mkdir(exist_ok=True)
        code = f"import sys; from devices.agents.programs import run_{program} as run; sys.exit(run())"
        self._command = [sys.executable, "-c", code, "--plant", "1000", "--store", str(self.store), *options]
        self._out, self._log = folder / "out", folder / "log"
        self._environment = {**os.environ, **(environment or {})}
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def shown(self) -> list[str]:
        """The lines that it has shown, in all its lives."""
        return self._out.read_text(encoding="utf-8").splitlines()

    @property
    def log(self) -> str:
        """What it has said was amiss."""
        return self._log.read_text(encoding="utf-8")

    @property
    def stored(self) -> list[dict[str, Any]]:
        """The telegrams in its store's file, ended or not."""
        path = self.store / "telegrams"
        lines = path.read_bytes().split(b"\n")[:-1] if path.exists() else []
        entries = [json.loads(line.partition(b" ")[2]) for line in lines]
        return [entry["say"] for entry in entries if "say" in entry]

    def start(self) -> Self:
        """Start it; do not wait for anything."""
        with self._out.open("ab") as out, self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, stdin=subprocess.PIPE, stdout=out, stderr=log, cwd=ROOT, env=self._environment
            )
        return self

    def say(self, *lines: str) -> None:
        """Write lines to its standard input."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.write("".join(f"{line}\n" for line in lines).encode())
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it with SIGKILL."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.kill()
        self._process.wait()

    def stop(self) -> int:
        """End it with SIGTERM and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self._process.wait(PATIENCE_S)

    def end(self) -> int:
        """End its input and return its exit status."""
        assert self._process is not None
        assert self._process.stdin is not None
        self._process.stdin.close()
        return self._process.wait(PATIENCE_S)
