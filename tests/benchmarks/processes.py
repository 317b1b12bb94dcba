"""The processes that a round starts and ends: the gateway with its trace, and the publisher."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from gateway.service.local.running import ping
from gateway.settings import Settings
from tests.benchmarks.publisher import Job, Sent

PATIENCE_S = 600.0
ROOT = Path(__file__).parents[2]


class Commit(NamedTuple):
    """A line of the gateway's trace."""

    at_ns: int
    counted: int
    documents: int
    worklist: int


class Gateway:
    """The running gateway and its trace."""

    def __init__(self, settings: Settings, config: Path, trace: Path) -> None:
        """Start the process."""
        self._settings = settings
        trace.write_text("")
        self._trace = trace.open(encoding="ascii")
        self._rest = ""
        self.ready_ns = 0
        self.commits: list[Commit] = []
        self.started_ns = time.time_ns()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.gateway_process", str(config), str(trace)], cwd=ROOT
        )

    def look(self) -> None:
        """Read what the trace has got since the last look."""
        if self.process.poll() is not None:
            raise RuntimeError(f"the gateway ended with status {self.process.returncode}")
        lines = (self._rest + self._trace.read()).split("\n")
        self._rest = lines.pop()
        for line in lines:
            kind, *figures = line.split()
            if kind == "ready":
                self.ready_ns = int(figures[0])
            else:
                self.commits.append(Commit(*map(int, figures)))

    def wait_ready(self) -> float:
        """Wait until it is ready; return how many seconds after its start that was."""
        self._until(lambda: bool(self.ready_ns), "ready")
        return (self.ready_ns - self.started_ns) / 1e9

    def wait_counted(self, many: int) -> int:
        """Wait until so many telegrams are committed; return when they were."""
        self._until(lambda: bool(self.commits) and self.commits[-1].counted >= many, f"{many} telegrams counted")
        return next(commit.at_ns for commit in self.commits if commit.counted >= many)

    def wait_published(self) -> int:
        """Wait until the broker has every posting event; return when that was seen."""
        self._until(lambda: self.health()["outbox"] == 0, "every event published", 0.02)
        return time.time_ns()

    def health(self) -> dict[str, Any]:
        """Return what the gateway says of itself."""
        said = ping(self._settings)
        assert said is not None, "the gateway does not answer"
        health: dict[str, Any] = said["health"]
        return health

    @property
    def rss_mb(self) -> float:
        """Resident memory, in millions of bytes."""
        statm = Path(f"/proc/{self.process.pid}/statm").read_text(encoding="ascii")
        return int(statm.split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6

    def stop(self) -> None:
        """End it in good order; what it has taken is committed."""
        self.process.send_signal(signal.SIGTERM)
        try:
            status = self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            self._trace.close()
        if status:
            raise RuntimeError(f"the gateway ended with status {status}")

    def _until(self, holds: Callable[[], bool], what: str, every_s: float = 0.01) -> None:
        deadline = time.monotonic() + PATIENCE_S
        while True:
            self.look()
            if holds():
                return
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {PATIENCE_S:.0f} s: {what}; last commit {self.commits[-1:]}")
            time.sleep(every_s)


class Publishing:
    """A publisher that has built its packets and waits for the word."""

    def __init__(self, job: Job) -> None:
        """Start it, and wait until it is ready to send."""
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.publisher", job.dumps()],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != "built\n":
            raise RuntimeError("the publisher could not build its packets")

    def go(self) -> None:
        """Have it send."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def wait(self) -> Sent:
        """Wait until the broker has acknowledged everything."""
        said, _ = self._process.communicate(timeout=PATIENCE_S)
        if self._process.returncode:
            raise RuntimeError(f"the publisher ended with status {self._process.returncode}")
        return Sent(*json.loads(said))


def publish(job: Job) -> Sent:
    """Publish all of a job."""
    publishing = Publishing(job)
    publishing.go()
    return publishing.wait()
