"""A gateway as it runs in production: a process of its own, with a configuration file, a journal and a ledger.

It is started, asked, killed and ended by its process id; nothing of it is imported into the test's process but what the
command line itself uses to talk to it.
"""

import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from sqlalchemy import Connection

from gateway.ledger.audit.audit import audit
from gateway.ledger.database.connection import reading
from gateway.service.fold.requests import Request
from gateway.service.local.running import ping
from gateway.service.local.submission import submit
from gateway.settings import Settings, load_settings
from tests.integration.cli_program import called
from tests.integration.imports import import_tables

PATIENCE_S = 150
"""How long a test waits for what must come; it never asserts how long something took."""
ROOT = Path(__file__).parents[2]
OWN_RIGHTS = ("setpriv", "--inh-caps=-dac_override", "--bounding-set=-dac_override") if os.geteuid() == 0 else ()
"""Words before a program: it may write what its user may write, even if that is root, who may write everything."""


def until(holds: Callable[[], bool], what: Callable[[], object] | str, patience_s: float = PATIENCE_S) -> None:
    """Wait until something holds; fail with what was seen instead."""
    deadline = time.monotonic() + patience_s
    while not holds():
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience_s} s in vain: {what() if callable(what) else what}")
        time.sleep(0.03)


class GatewayProcess:
    """One gateway; a context manager that kills it at the end if it still runs, and removes its folder."""

    def __init__(
        self,
        broker: str,
        *,
        database: str = "",
        gateway: str = "gw1",
        lines: Sequence[str] = (),
        data: Path | None = None,
        standby: bool = False,
        lease_s: int = 30,
        source: Sequence[dict[str, Any]] = (),
        **sections: dict[str, Any],
    ) -> None:
        """Write its configuration; `sections` has more settings, for instance `posting={"window": "shift"}`."""
        # A folder of its own: pytest's is too long for the control socket on some systems.
        self.folder = Path(tempfile.mkdtemp(prefix="backflush-"))
        self.data = data or self.folder / "data"
        self.config = self.folder / "gateway.toml"
        values: dict[str, dict[str, Any]] = {
            "gateway": {
                "id": gateway,
                "data_dir": str(self.data),
                "lease_s": lease_s,
                "standby": standby,
                **({"lines": lines} if lines else {}),
            },
            "mqtt": {"url": broker},
            "journal": {"min_free": 0},
            # A busy machine would be told `queued` first; tests of that ask for it.
            "posting": {"feedback_timeout_ms": 60_000},
        }
        if database:
            values["database"] = {"url": database}
        for name, settings in sections.items():
            values.setdefault(name, {}).update(settings)
        self.config.write_text(_toml(values) + _toml_sources(source), encoding="utf-8")
        self.settings: Settings = load_settings(self.config)
        self.environment: dict[str, str] = {}
        """What the process sees beside the tests' own environment."""
        self.kills = 0
        self._log = self.folder / "log"
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def log(self) -> str:
        """What the process has said since it was first started."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""

    @property
    def runs(self) -> bool:
        """Whether the process is alive."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The id of the running process."""
        assert self._process is not None, "the gateway was not started"
        return self._process.pid

    def start(self, *words: str) -> Self:
        """Start the process, with words before its command; do not wait for anything."""
        assert not self.runs, "the gateway runs already"
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [*words, sys.executable, "-m", "gateway", "run", "-c", self.config],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=ROOT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **self.environment},
            )
        return self

    def ready(self, phase: str = "ready") -> Self:
        """Wait until it says that it is in a phase."""
        until(lambda: self._alive() and (self.pong() or {}).get("phase") == phase, lambda: f"{phase}\n{self.log}")
        return self

    def _alive(self) -> bool:
        assert self.runs, f"the gateway has ended\n{self.log}"
        return True

    def pong(self) -> dict[str, Any] | None:
        """Return what it answers to a ping; None when it does not answer."""
        return ping(self.settings)

    def health(self) -> dict[str, Any]:
        """Return what its health topic says, asked for now."""
        pong = self.pong()
        assert pong is not None, f"the gateway does not answer\n{self.log}"
        health: dict[str, Any] = pong["health"]
        return health

    def caught_up(self) -> None:
        """Wait until everything that it has journaled is committed."""
        until(
            lambda: bool((health := self.health())["database"]["up"]) and health["journal"]["unconsumed"] == 0,
            lambda: f"{self.health()}\n{self.log}",
        )

    def kill(self) -> None:
        """End the process with SIGKILL."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()
        self.kills += 1

    def stop(self) -> int:
        """End the process with SIGTERM and return its exit status."""
        assert self._process is not None
        self._process.send_signal(signal.SIGTERM)
        return self.ended()

    def ended(self) -> int:
        """Wait until the process has ended and return its exit status."""
        assert self._process is not None
        try:
            return self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"the gateway does not end\n{self.log}") from None

    def limit_file_size(self, size: int) -> None:
        """Let the running process write no file beyond a size; -1 lifts the limit."""
        _, hard = resource.prlimit(self.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (hard if size < 0 else size, hard))

    # -- commands and the ledger

    def import_tables(self, tables: bytes) -> None:
        """Have checked master data take effect, in the running gateway or without one."""
        answer = import_tables(self.settings, tables, "tests")
        assert answer["status"] == "ok", answer

    def ask(
        self,
        verb: str,
        data: dict[str, Any],
        *,
        plant: str = "",
        line: str = "",
        transaction: str = "",
        reason: str = "",
    ) -> dict[str, Any]:
        """Have a request worked on, by the running gateway or without one; a name is made up where none is said."""
        name = transaction or str(uuid.uuid4())
        request = Request(verb=verb, plant=plant, line=line, transaction=name, actor="tests", reason=reason, data=data)
        return submit(self.settings, request)

    def backflush(self, *words: str) -> Any:
        """Call the command line with `--json`, in this process, and return what it prints; its answer must be yes."""
        said = called(self.config, *words, "--json")
        assert said.status == 0, f"{words}: {said.status}\n{said.out}{said.err}"
        return said.json

    @contextmanager
    def ledger(self) -> Iterator[Connection]:
        """Open the ledger read-only, as of one moment."""
        with reading(self.settings.database_url) as connection:
            yield connection

    def audit(self) -> None:
        """Check every law of the ledger."""
        with self.ledger() as connection:
            broken = [result for result in audit(connection) if not result.ok]
        assert not broken, "\n".join(f"{law.law}: {law.figure}: {'; '.join(law.findings)}" for law in broken)


def _toml_sources(sources: Sequence[dict[str, Any]]) -> str:
    """Write sources, with their rows and expressions as tables within a line."""

    def write(value: object) -> str:
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(key)} = {write(part)}" for key, part in value.items()) + "}"
        return f"[{', '.join(map(write, value))}]" if isinstance(value, list) else json.dumps(value)

    return "".join(
        "[[source]]\n" + "".join(f"{key} = {write(value)}\n" for key, value in source.items()) for source in sources
    )


def _toml(values: dict[str, dict[str, Any]]) -> str:
    """Write settings; lists and texts are written alike in JSON and TOML."""
    return "".join(
        f"[{section}]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in keys.items())
        for section, keys in values.items()
    )
