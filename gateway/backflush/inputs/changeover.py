"""Changeovers: a person begins or ends a run, and enters the totals of the line's counters at that time."""

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.inputs.counts import NOT_COUNTED, confirm, needs_of_count
from gateway.backflush.inputs.device_marks import begin_on, newest_life, no_counter
from gateway.backflush.inputs.runs import at_time, going_on, start_run, stop_run, version_of, withdraw_run
from gateway.backflush.memory.events import Answer, Command, Counted, RunStart, RunStop
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.plant.versions import Run
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import judges, unknown_line
from gateway.backflush.posting.places import needs_of_place, unclear_bearer, without_run
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.phrases import ENGLISH
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason

_COUNTERS_SINCE = 4
"""The first edition in which a scanner has no total at a changeover."""


def needs_of_run_start(inquiry: Inquiry, event: Command, action: RunStart) -> None:
    """Name the records that the start of a run touches: of its product, and of the line's counters."""
    start = action.start or inquiry.now
    bearer = cost_object_of(action.sales_order, action.sales_order_item, "")
    needs_of_place(inquiry, action.plant, action.line, start, "", bearer)
    for device, reading in action.totals.items():
        read = _date_before(start, reading)
        needs_of_count(inquiry, Counted(event.entry, action.plant, action.line, device, read, "", b""))


def begin_run(books: Books, event: Command, action: RunStart) -> Answer | Rejection:
    """Count the totals at the change under the run before it, then begin the new one."""
    start = action.start or books.now
    run = Run(
        action.plant,
        action.line,
        start,
        None,
        action.material,
        action.version,
        action.batch,
        action.sales_order,
        action.sales_order_item,
        action.revision,
        event.actor,
    )
    refused = unknown_line(books.state.master, run.plant, run.line)
    unclear = unclear_bearer(run.sales_order, run.sales_order_item, "")
    if unclear and judges(books.state):
        refused = refused or Rejection(Reason.BAD_COMMAND, unclear)
    made = refused or version_of(books, run)
    if isinstance(made, Rejection):
        return made
    told: dict[str, dict[str, str]] = {}
    for device, reading in action.totals.items():
        boot = newest_life(books, device) if reading.boot is None else reading.boot
        read = _date_before(start, reading)._replace(boot=boot or None)
        said = Counted(event.entry, action.plant, action.line, device, read, "", b"")
        before = books.line(action.plant, action.line).read
        known = books.state.master.devices.get(device) if books.state.rules.edition >= _COUNTERS_SINCE else None
        ending = (no_counter(known) if known is not None else None) or confirm(books, said)
        told[device] = _became(ending, books.line(action.plant, action.line).read - before)
    begun: dict[str, dict[str, str]] = {}
    for device, total in action.begins.items():
        begins = begin_on(books, action.plant, action.line, device, {"": total})
        begun[device] = _became(begins if isinstance(begins, Rejection) else f"begins again at {total}")
    makes = start_run(books, ENGLISH, run)
    if isinstance(makes, Rejection):
        return makes
    each = [f"{device}: {_print(became)}" for device, became in (*told.items(), *begun.items())]
    data = {"plant": run.plant, "line": run.line, "material": run.material, "version": action.version}
    return Answer("; ".join((makes, *each)), {**data, "totals": told, "begins": begun})


def _date_before(start: int, reading: Reading) -> Reading:
    """Date totals right before the start of a run, unless they have a time of their own."""
    return reading._replace(ts=start - 1 if reading.ts is None else reading.ts)


def needs_of_run_end(inquiry: Inquiry, action: RunStop) -> None:
    """Name the records that the end of a run touches: of that run, or of the one before a withdrawn run."""
    inquiry.runs(action.plant, action.line, min(action.end or inquiry.now, inquiry.now))


def end_run(books: Books, action: RunStop) -> Answer | Rejection:
    """End a run; an end at its start withdraws a run that has not begun."""
    plant, line, end = action.plant, action.line, action.end or books.now
    unknown = None if (plant, line) in books.state.runs else unknown_line(books.state.master, plant, line)
    if unknown is not None:
        return unknown
    taken = withdraw_run(books, plant, line, end)
    if taken:
        return Answer(taken, {"stopped": True})
    stopped = stop_run(books, ENGLISH, plant, line, end)
    told = stopped or f"{plant}/{line} had no run{at_time(books, plant, end)}"
    since = max(end, books.now)
    then = going_on(books, plant, line, since) or without_run(books, ENGLISH, plant, line, since)
    return Answer(f"{told}; {then}", {"stopped": bool(stopped)})


def _became(ending: str | Rejection, units: int = 0) -> dict[str, str]:
    """Name how a total ended: counted units, baseline, heartbeat, duplicate, late, or refused with a code."""
    if isinstance(ending, Rejection):
        return {"result": "refused", "code": str(ending.code), "text": ending.text}
    return {"result": ending, "code": "", "text": format_quantity(units) if ending == "counted" else ""}


def _print(became: dict[str, str]) -> str:
    """Describe the verdicts of totals for a person."""
    result, *more = became.values()
    return " ".join(filter(None, (NOT_COUNTED.get(result, result), *more)))
