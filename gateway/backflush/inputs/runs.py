"""Runs: which version a line makes from when to when. A new run ends the one before it on its line."""

from bisect import insort
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from devices.errors import Rejection
from gateway.backflush.memory.changes import Ask
from gateway.backflush.plant.versions import Named, ProductionVersion, Run, resolve, run_at
from gateway.backflush.posting.books import Turn
from gateway.backflush.posting.names import Said, judge, judges
from gateway.backflush.posting.places import cost_object_of, made_for
from gateway.errors import Reason


def start_run(turn: Turn, run: Run) -> str | Rejection:
    """Begin a run, and say what its line makes for it, or why it may not be; its line's counters are asked to report.

    It ends where a later one begins: that one goes on.
    """
    version = version_of(turn, run)
    if isinstance(version, Rejection):
        return version
    run = run._replace(version=version.version)
    runs = turn.state.runs.setdefault((run.plant, run.line), [])
    before = sum(other.start < run.start for other in runs) - 1
    if before >= 0 and (runs[before].end or run.start) >= run.start:
        runs[before] = runs[before]._replace(end=run.start)
    runs[:] = [other for other in runs if other.start != run.start]
    after = next((other for other in runs if other.start > run.start), None)
    run = run._replace(end=after.start if after else None)
    insort(runs, run, key=lambda r: r.start)
    changed(turn, run.plant, run.line)
    for device in turn.state.master.devices.values():
        if (device.plant, device.line, device.kind) == (run.plant, run.line, "counter") and not device.disabled:
            turn.changes.asks.append(Ask(run.plant, run.line, device.device, "a run starts"))
    return _told(turn, run, after)


def _told(turn: Turn, run: Run, after: Run | None) -> str:
    """Say from when to when a run is made: at another time than now, or until what begins after it."""
    where, what, clock = f"{run.plant}/{run.line}", f"{run.material} {run.version}", partial(_clock, turn, run.plant)
    since = f" from {clock(run.start)} on" if run.start > turn.now else ""
    if after is None:
        return f"{where} makes {what}{since}"
    then = f"{after.material} {after.version}"
    if after.start > turn.now:
        return f"{where} makes {what}{since} until {clock(after.start)}, when {then} begins"
    goes_on = after.end is None or after.end > turn.now
    made = f"{where} made {what} from {clock(run.start)} to {clock(after.start)} alone"
    return f"{made}: {then} goes on since then" if goes_on else f"{made}, when {then} began"


def _clock(turn: Turn, plant: str, at: int) -> str:
    """Write a time as the plant's clocks show it."""
    known = turn.state.master.plants.get(plant)
    zone = ZoneInfo(known.time_zone if known is not None else "UTC")
    return datetime.fromtimestamp(at // 1_000_000, zone).strftime("%Y-%m-%d %H:%M:%S")


def version_of(turn: Turn, run: Run) -> ProductionVersion | Rejection:
    """Return the version that a run would make, or say why the run may not be."""
    state = turn.state
    plant = state.master.plants.get(run.plant)
    if plant is None:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {run.plant!a}")
    bearer = cost_object_of(run.sales_order, run.sales_order_item, "")
    said = Said(run.plant, run.line, run.material, run.version, bearer=bearer, ordered=run.material)
    unknown = judge(state, said._replace(made=made_for(turn, run.plant, bearer)))
    if unknown is not None:
        return unknown
    versions = state.master.versions.get((run.plant, run.material), ())
    if judges(state):
        versions = state.master.versions_of_line.get((run.plant, run.line), ())
    return resolve(versions, Named(run.material, run.version), plant.day(run.start).date, None, f"plant {run.plant}")


def stop_run(turn: Turn, plant: str, line: str, end: int) -> str:
    """End the run in force, and say which one and when; empty if there was none."""
    runs = turn.state.runs.get((plant, line), [])
    run = run_at(runs, end)
    if run is None:
        return ""
    runs[runs.index(run)] = run._replace(end=end)
    changed(turn, plant, line)
    at = "" if end == turn.now else f" at {_clock(turn, plant, end)}"
    return f"the run of {plant}/{line} ends{at}: {run.material} {run.version}".rstrip()


def changed(turn: Turn, plant: str, line: str) -> None:
    """Note that the runs of a line are others now: what is short of yield is not made up for by another product."""
    turn.end_short(plant, line)
    turn.changes.runs.add((plant, line))
    turn.state.resolved.forget()
