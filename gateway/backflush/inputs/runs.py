"""Runs: the version that a line makes during a period. A new run ends the one before it on its line.

A run ends when it was stopped or the next one begins, whichever is first: so taking the next one back gives it back
the end that was said, if one was.
"""

from bisect import insort
from datetime import datetime
from zoneinfo import ZoneInfo

from devices.errors import Rejection
from gateway.backflush.memory.changes import Ask
from gateway.backflush.plant.versions import Named, ProductionVersion, Run, resolve, run_at
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, bearer_names, judge, judges
from gateway.backflush.posting.places import no_batch_rule, pieces_for
from gateway.backflush.posting.windows import end_short
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.names import quote
from gateway.backflush.values.phrases import Language, phrase
from gateway.errors import Reason

_TAKEN_BACK_SINCE = 2
"""The first edition in which a run may be withdrawn: before, it ended at its start."""
_RULES_SINCE = 4
"""The first edition in which the rule of a batch is judged."""
_STOPPED_SINCE = 5
"""The first edition that keeps the end that was said: before, a run went on when the next one was taken back."""


def start_run(books: Books, language: Language, run: Run) -> str | Rejection:
    """Begin a run, and describe it, or return why it may not begin; its line's counters are asked to report.

    It ends at the start of a later run, which stays.
    """
    version = version_of(books, run)
    if isinstance(version, Rejection):
        return version
    run = run._replace(version=version.version)
    runs = books.state.runs[run.plant, run.line] = books.state.runs_from(run.plant, run.line, run.start)
    before, since = sum(other.start < run.start for other in runs) - 1, run.start
    if before >= 0 and (runs[before].end or run.start) >= run.start:
        runs[before] = runs[before]._replace(end=run.start)
        since = runs[before].start
    runs[:] = [other for other in runs if other.start != run.start]
    after = next((other for other in runs if other.start > run.start), None)
    run = run._replace(end=after.start if after else None)
    insort(runs, run, key=lambda r: r.start)
    note_change(books, run.plant, run.line, since)
    for device in books.state.master.devices.values():
        if (device.plant, device.line, device.kind) == (run.plant, run.line, "counter") and not device.disabled:
            books.changes.asks.append(Ask(run.plant, run.line, device.device, "a run starts"))
    return _describe(books, language, run, after)


def _describe(books: Books, language: Language, run: Run, after: Run | None) -> str:
    """Describe the period of a run, if it starts at another time than now or ends at the next run."""
    said = {"line": f"{run.plant}/{run.line}", "product": f"{run.material} {run.version}"}
    late = run.start != books.now
    if late:
        said["start"] = _clock(books, run.plant, run.start)
    if after is None:
        return phrase(language, "makes_from" if late else "makes", **said)
    said |= {"end": _clock(books, run.plant, after.start), "next": f"{after.material} {after.version}"}
    if after.start > books.now:
        return phrase(language, "makes_within" if late else "makes_until", **said)
    goes_on = after.end is None or after.end > books.now
    return phrase(language, "made_only" if goes_on else "made_before", **said)


def _clock(books: Books, plant: str, at: int) -> str:
    """Print a time as the plant's clocks show it."""
    known = books.state.master.plants.get(plant)
    zone = ZoneInfo(known.time_zone if known is not None else "UTC")
    return datetime.fromtimestamp(at // 1_000_000, zone).strftime("%Y-%m-%d %H:%M:%S")


def version_of(books: Books, run: Run) -> ProductionVersion | Rejection:
    """Return the version that a run would make, or why the run may not begin."""
    state = books.state
    plant = state.master.plants.get(run.plant)
    if plant is None:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {quote(run.plant)}")
    bearer = cost_object_of(run.sales_order, run.sales_order_item, "")
    names = (("batch", run.batch), ("revision", run.revision), *bearer_names(bearer))
    said = Said(run.plant, run.line, run.material, run.version, bearer=bearer, ordered=run.material, names=names)
    unknown = judge(state, said._replace(made=pieces_for(books, run.plant, bearer)))
    unknown = unknown or (no_batch_rule(run.batch) if state.rules.edition >= _RULES_SINCE else None)
    if unknown is not None:
        return unknown
    versions = state.master.versions.get((run.plant, run.material), ())
    if judges(state):
        versions = state.master.versions_of_line.get((run.plant, run.line), ())
    return resolve(versions, Named(run.material, run.version), plant.day(run.start).date, None, f"plant {run.plant}")


def stop_run(books: Books, language: Language, plant: str, line: str, end: int) -> str:
    """End the run in force, and describe it; empty if there was none."""
    runs = books.state.runs_from(plant, line, end)
    run = run_at(runs, end)
    if run is None:
        return ""
    runs[runs.index(run)] = run._replace(end=end, stopped=end_to_keep(books, end))
    note_change(books, plant, line, run.start)
    said = {"line": f"{plant}/{line}", "product": f"{run.material} {run.version}".rstrip()}
    if end == books.now:
        return phrase(language, "run_ends", **said)
    return phrase(language, "run_ended", end=_clock(books, plant, end), **said)


def end_to_keep(books: Books, end: int | None) -> int | None:
    """Return the end that a run keeps, whatever run comes next."""
    return end if books.state.rules.edition >= _STOPPED_SINCE else None


def going_on(books: Books, plant: str, line: str, at: int) -> str:
    """Describe the run in force at a time; empty if there is none."""
    run = run_at(books.state.runs_from(plant, line, at), at)
    return f"{run.material} {run.version}, which began at {_clock(books, plant, run.start)}, goes on" if run else ""


def at_time(books: Books, plant: str, at: int) -> str:
    """Describe a time that is not now; empty for now."""
    return "" if at == books.now else f" at {_clock(books, plant, at)}"


def withdraw_run(books: Books, plant: str, line: str, start: int) -> str:
    """Withdraw the run that is still to begin at a time, and describe the run that goes on; empty if there is none.

    The run before it, if that ended at its start, goes on until it was stopped or the next one begins.
    """
    runs = books.state.runs_from(plant, line, min(start, books.now))
    place = next((k for k, run in enumerate(runs) if run.start == start > books.now), None)
    if place is None or books.state.rules.edition < _TAKEN_BACK_SINCE:
        return ""
    taken, since = runs.pop(place), start
    text = f"the run of {taken.material} {taken.version} on {plant}/{line} that was to begin at "
    text += f"{_clock(books, plant, start)} is taken back"
    if place and runs[place - 1].end == start:
        before = runs[place - 1]
        ends = [at for at in (before.stopped, *(run.start for run in runs[place:])) if at is not None]
        end = min(ends, default=None)
        runs[place - 1] = before._replace(end=end)
        since = before.start
        text += f"; {before.material} {before.version} {'still ends then' if end == start else 'goes on'}"
        text += f" until {_clock(books, plant, end)}" if end is not None and end != start else ""
    note_change(books, plant, line, since)
    return text


def note_change(books: Books, plant: str, line: str, since: int) -> None:
    """Note that the runs of a line have changed since a time.

    Another product does not make up for windows that are short of yield.
    """
    end_short(books, plant, line)
    changed = books.changes.runs
    changed[plant, line] = min(since, changed.get((plant, line), since))
    books.state.resolved.forget()
