"""The two programs: `backflush-counter` and `backflush-scanner`.

Exit status: 0 nothing waits in the store, 1 something does, 2 wrong usage, 3 the store
failed.
"""

import argparse
import asyncio
import sys
from collections.abc import Callable
from contextlib import closing

from devices.agents.agent import Agent, clock_ms
from devices.agents.counter import PieceCounter
from devices.agents.inputs import COUNTERS, SCANNERS, InputSource, Kind, open_input
from devices.agents.options import broker_of, counter_options, read_options, scanner_options
from devices.agents.panel import Panel
from devices.agents.scanner import LabelScanner
from devices.agents.store import Store
from devices.agents.store_file import Foreign, StoreFile

_WAITS, _USAGE, _FAILED = 1, 2, 3


def run_counter() -> int:
    """Run `backflush-counter`; return its exit status."""

    def make(options: argparse.Namespace, source: InputSource, store: Store, panel: Panel) -> PieceCounter:
        return PieceCounter(store, panel, options.total, clock_ms, pulses=source.pulses, alive_s=options.alive)

    return _run(counter_options("backflush-counter"), COUNTERS, make)


def run_scanner() -> int:
    """Run `backflush-scanner`; return its exit status."""

    def make(options: argparse.Namespace, source: InputSource, store: Store, panel: Panel) -> LabelScanner:
        del source
        said = {name: getattr(options, name) for name in ("operator", "point") if getattr(options, name)}
        return LabelScanner(store, panel, clock_ms, said, repeat_s=options.repeat)

    return _run(scanner_options("backflush-scanner"), SCANNERS, make)


def _run(
    parser: argparse.ArgumentParser,
    kinds: dict[str, Kind],
    make: Callable[[argparse.Namespace, InputSource, Store, Panel], PieceCounter | LabelScanner],
) -> int:
    options = read_options(parser, sys.argv[1:])
    panel = Panel()
    try:
        source = open_input(options.input, kinds)
        broker = broker_of(options)
    except (OSError, ValueError) as error:
        panel.warn(str(error))
        return _USAGE
    try:
        with closing(StoreFile(options.store)) as file:
            file.belong(f"{options.plant}/{options.line}/{options.device}")
            store = Store(file)
            if store.unreadable:
                panel.warn(f"{options.store}: {store.unreadable} lines are damaged and left out")
            place = f"{options.base}/{options.plant}/{options.line}/{options.device}"
            agent = Agent(make(options, source, store, panel), store, panel, place, getattr(options, "every", 0.0))
            waiting = asyncio.run(agent.run(source, broker))
    except Foreign as error:
        panel.warn(str(error))
        return _USAGE
    except OSError as error:
        panel.warn(f"{error.filename or options.store}: {error.strerror or error}")
        return _FAILED
    if waiting:
        panel.warn(f"waiting in {options.store}, and sent with the next start: {waiting}")
    return _WAITS if waiting else 0
