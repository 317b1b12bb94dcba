"""What memory knows and a restart would not, or the other way round: the state has to be what was committed."""

from collections import deque
from collections.abc import Iterator

from gateway.backflush.memory.state import State
from tests.memory import Ledger


def differences(ledger: Ledger, state: State) -> Iterator[str]:
    """Say what memory knows and a restart would not, or the other way round."""
    loaded = ledger.load()
    for name in ("windows", "lines", "orders", "contexts"):
        mine, theirs = getattr(state, name), getattr(loaded, name)
        for key in mine.keys() | theirs.keys():
            if plain(mine.get(key)) != plain(theirs.get(key)):
                yield f"{name} {key}: {plain(mine.get(key))}, committed {plain(theirs.get(key))}"
    for name in ("closed_periods", "opening", "untrusted", "last_scans", "online", "rules", "documents", "quarantines"):
        if _filled(getattr(state, name)) != _filled(getattr(loaded, name)):
            yield f"{name}: {getattr(state, name)}, committed {getattr(loaded, name)}"
    for stock in state.stock.keys() | loaded.stock.keys():
        if state.stock.get(stock, 0) != loaded.stock.get(stock, 0):
            yield f"stock {stock}: {state.stock.get(stock)}, committed {loaded.stock.get(stock)}"
    for line in state.runs.keys() | loaded.runs.keys():
        mine, committed = state.runs.get(line, []), loaded.runs.get(line, [])
        # After the clock was set back a load knows more of them than were dropped before.
        theirs = [run for run in committed if state.knows_runs(*line, run.start)] or committed[-1:]
        if mine[-len(theirs) :] != theirs and (mine or theirs):
            yield f"runs of {line}: {mine}, committed {theirs}"
    yield from _forgotten(ledger, state, loaded)


def _forgotten(ledger: Ledger, state: State, loaded: State) -> Iterator[str]:
    """Say what is used and was not committed, or is not there: what nothing refers to may be forgotten."""
    for due, posted in state.balances.items():
        if plain(posted) != plain(ledger.balances.get(due)):
            yield f"balance {due}: {plain(posted)}, committed {plain(ledger.balances.get(due))}"
    yield from (f"balance {key} is not in memory" for key in loaded.balances.keys() - state.balances.keys())
    for key, flow in state.flows.items():
        used = any(s.reported.passed or s.documented.passed for s in flow.segments)
        used = used or any(window.flow == key for window in state.windows)
        committed = loaded.flows.get(key) or ledger.flows.get(key)
        if used and plain(flow) != plain(committed):
            yield f"flow {key}: {plain(flow)}, committed {plain(committed)}"
    explosions = {window.explosion for window in state.windows} | {balance.explosion for balance in state.balances}
    yield from (f"explosion {key} was not committed" for key in explosions - ledger.explosions.keys())
    for device, marks in state.marks_of_devices.items():
        for (boot, kind), mark in marks.items():
            if plain(mark) != plain(ledger.device_marks.get((device, boot, kind))):
                yield f"mark of {device} {boot} {kind}"


def _filled(value: object) -> object:
    return {k: v for k, v in value.items() if v} if isinstance(value, dict) else value


def plain(value: object) -> object:
    slots = getattr(value, "__slots__", None)
    if isinstance(value, (list, tuple, deque)):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if slots is None or isinstance(value, str):
        return value
    return {name: plain(getattr(value, name, None)) for name in slots if name != "__dict__"}
