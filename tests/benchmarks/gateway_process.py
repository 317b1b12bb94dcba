"""The gateway in a process of its own, as `backflush run` runs it, with a trace of its commits.

    python -m tests.benchmarks.gateway_process CONFIG TRACE

The trace has a line for each report of the gateway's pump: the time at which the loop heard of a commit (so a little
after it), and the figures that it holds. Times are nanoseconds of the system's clock.
"""

import asyncio
import logging
import signal
import sys
import time
from pathlib import Path

import uvloop

from gateway.app import Snapshot, run_gateway
from gateway.settings import load_settings


async def _run(config: Path, trace_path: Path) -> None:
    settings = load_settings(config)
    logging.basicConfig(level=settings.log.level.upper(), format="%(asctime)s %(name)s %(message)s")
    stop = asyncio.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(name, stop.set)
    with trace_path.open("w", buffering=1, encoding="ascii") as trace:

        def committed(snapshot: Snapshot) -> None:
            figures = snapshot.figures
            counted = figures.outcomes.get("counted", 0)
            trace.write(f"commit {time.time_ns()} {counted} {figures.documents} {figures.worklist}\n")

        def ready() -> None:
            trace.write(f"ready {time.time_ns()}\n")

        await run_gateway(settings, stop=stop, on_commit=committed, on_ready=ready)


if __name__ == "__main__":
    uvloop.run(_run(Path(sys.argv[1]), Path(sys.argv[2])))
