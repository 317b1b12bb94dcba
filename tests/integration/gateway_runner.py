"""Run a gateway from a configuration file until SIGTERM."""

import asyncio
import logging
import signal
import sys
from pathlib import Path

import uvloop

from gateway.app import run_gateway
from gateway.errors import BackflushError, UsageError
from gateway.settings import load_settings


async def main(config: Path) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await run_gateway(load_settings(config), stop=stop)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        uvloop.run(main(Path(sys.argv[1])))
    except BackflushError as error:
        sys.stderr.write(f"backflush: {error}\n")
        sys.exit(2 if isinstance(error, UsageError) else 3)
