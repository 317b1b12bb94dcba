"""What memory knows and a restart would not, or the other way round: the state has to be what was committed."""

from collections import deque
from collections.abc import Iterator

from gateway.backflush.state import State
from tests.memory import Ledger


def differences(ledger: Ledger, state: State) -> Iterator[str]:
    """Say what memory knows and a restart would not, or the other way round."""
    loaded = ledger.load()
    for name in ("marks", "windows", "lines", "orders", "contexts"):
        mine, theirs = getattr(state, name), getattr(loaded, name)
        for key in mine.keys() | theirs.keys():
            if _plain(mine.get(key)) != _plain(theirs.get(key)):
                yield f"{name} {key}: {_plain(mine.get(key))}, committed {_plain(theirs.get(key))}"
    for name in (
        "runs",
        "closed_periods",
        "opening",
        "untrusted",
        "last_scans",
        "online",
        "rules",
        "documents",
        "quarantines",
    ):
        if _filled(getattr(state, name)) != _filled(getattr(loaded, name)):
            yield f"{name}: {getattr(state, name)}, committed {getattr(loaded, name)}"
    for stock in state.guarded.keys() | loaded.guarded.keys():
        if state.guarded.get(stock, 0) != loaded.guarded.get(stock, 0):
            yield f"guarded stock {stock}: {state.guarded.get(stock)}, committed {loaded.guarded.get(stock)}"
    yield from _forgotten(ledger, state, loaded)


def _forgotten(ledger: Ledger, state: State, loaded: State) -> Iterator[str]:
    """Say what is used and was not committed: a flow or an explosion that nothing refers to may be forgotten."""
    for key, flow in state.flows.items():
        used = any(s.reported.passed or s.documented.passed for s in flow.segments)
        used = used or any(window.flow == key for window in state.windows)
        if used and (key not in loaded.flows or _plain(flow) != _plain(loaded.flows[key])):
            yield f"flow {key}: {_plain(flow)}, committed {_plain(loaded.flows.get(key))}"
    explosions = {window.explosion for window in state.windows} | {mark.explosion for mark in state.marks}
    yield from (f"explosion {key} was not committed" for key in explosions - loaded.explosions.keys())
    for device, marks in state.marks_of_devices.items():
        for (boot, kind), mark in marks.items():
            if _plain(mark) != _plain(ledger.device_marks.get((device, boot, kind))):
                yield f"mark of {device} {boot} {kind}"


def _filled(value: object) -> object:
    return {k: v for k, v in value.items() if v} if isinstance(value, dict) else value


def _plain(value: object) -> object:
    slots = getattr(value, "__slots__", None)
    if isinstance(value, (list, tuple, deque)):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if slots is None or isinstance(value, str):
        return value
    return {name: _plain(getattr(value, name, None)) for name in slots if name != "__dict__"}
