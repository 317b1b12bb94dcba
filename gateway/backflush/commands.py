"""Commands.

What people and systems ask for. A refusal changes nothing; the same transaction gets its first answer again.
"""

import json
from collections.abc import Callable
from typing import Any, NamedTuple, assert_never

from devices.errors import Rejection
from devices.messages import Reading
from gateway.backflush.confirm import book_units, confirm, wrong_unit
from gateway.backflush.documents import Document, format_number
from gateway.backflush.events import (
    BacklogRetry,
    Command,
    Counted,
    Period,
    Post,
    QuarantineDismiss,
    QuarantineReplay,
    Reverse,
    RunStart,
    RunStop,
    Scanned,
    Work,
)
from gateway.backflush.places import Place, Wanted, place_at
from gateway.backflush.posting import Report, report, shortfall
from gateway.backflush.quantities import format_quantity
from gateway.backflush.reversal import reverse
from gateway.backflush.runs import start_run, stop_run, version_of
from gateway.backflush.scans import post_scan, rescan
from gateway.backflush.state import OPEN, QuarantineEntry, Response, WindowSource
from gateway.backflush.turn import Turn
from gateway.backflush.versions import Named, Run
from gateway.backflush.worklist import Worked, retry, work
from gateway.errors import Reason

_NO_READING = Reading()


class Answer(NamedTuple):
    """What a command's sender is told."""

    text: str
    data: dict[str, Any]


def command(turn: Turn, event: Command) -> None:
    """Work on one command and answer its sender."""
    turn.outcome("request")
    if event.transaction:
        known = turn.changes.commands.get(event.transaction) or turn.facts.commands.get(event.transaction)
        if known is not None:
            digest, answer = known
            if digest == event.digest:
                turn.changes.responses.append(_response(event, *json.loads(answer)))
            else:
                text = f"transaction {event.transaction} was used before with another content"
                turn.changes.responses.append(_response(event, "error", Reason.CONFLICT, text, {}))
            return
    result = _run(turn, event)
    if isinstance(result, Rejection):
        told: tuple[str, str, str, dict[str, Any]] = ("error", str(result.code), result.text, {})
    else:
        told = ("ok", str(Reason.OK), result.text, result.data)
    if event.transaction:
        turn.changes.commands[event.transaction] = (event.digest, json.dumps(told))
    turn.changes.responses.append(_response(event, *told))


def _response(event: Command, status: str, code: str, text: str, data: dict[str, Any]) -> Response:
    return Response(
        event.entry,
        event.transaction,
        event.verb,
        event.plant,
        event.line,
        status,
        code,
        text,
        json.dumps(data),
    )


def _run(turn: Turn, event: Command) -> Answer | Rejection:
    action = event.action
    match action:
        case Rejection():
            return action
        case RunStart():
            return _start(turn, event, action)
        case RunStop():
            stopped = stop_run(turn, action.plant, action.line, action.end or turn.now)
            where = f"{action.plant}/{action.line}"
            return Answer(f"the run of {where} ends" if stopped else f"{where} had no run", {"stopped": stopped})
        case Post():
            return _post(turn, event, action)
        case Reverse():
            return _reverse(turn, event, action)
        case Work():
            return _worked(turn, work(turn, turn.facts.worklist, actor=event.actor, reason=event.reason), action.limit)
        case BacklogRetry():
            return _worked(turn, retry(turn, turn.facts.backlog, actor=event.actor, reason=event.reason), action.limit)
        case QuarantineReplay():
            return _each(turn, action.numbers, lambda entry: _replay(turn, event, entry))
        case QuarantineDismiss():
            if not event.reason:
                return Rejection(Reason.BAD_COMMAND, "dismissing a quarantine entry needs a reason")
            return _each(turn, action.numbers, lambda entry: _dismiss(turn, event, entry))
        case Period():
            return _period(turn, action)
        case _:
            assert_never(action)


def _start(turn: Turn, event: Command, action: RunStart) -> Answer | Rejection:
    """Count the totals at the change under the run before it, then begin the new one."""
    start = action.start or turn.now
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
    )
    refused = version_of(turn, run)
    if isinstance(refused, Rejection):
        return refused
    for device, reading in action.totals.items():
        at = start - 1 if reading.ts is None else reading.ts
        confirm(turn, Counted(event.entry, action.plant, action.line, device, reading._replace(ts=at), "", b""))
    start_run(turn, run)
    return Answer(
        f"{action.plant}/{action.line} makes {action.material} {action.version}".rstrip(),
        {"plant": run.plant, "line": run.line, "material": run.material, "version": action.version},
    )


def _post(turn: Turn, event: Command, action: Post) -> Answer | Rejection:
    if action.quantity <= 0:
        return Rejection(
            Reason.BAD_QUANTITY, f"the quantity is {format_quantity(action.quantity)}, expected more than 0"
        )
    at = action.at or turn.now
    wanted = Wanted(action.plant, action.line, action.point, Named(action.material, action.version), action.batch)
    place = place_at(turn, wanted, at)
    if isinstance(place, Rejection):
        return place
    scrap = {action.scrap_reason: action.quantity} if action.type == "scrap" else {}
    good = 0 if scrap else action.quantity
    short = shortfall(turn, place, action.quantity)
    if short is not None:
        return short
    figures = turn.line(action.plant, action.line)
    figures.read += action.quantity
    figures.counted += action.quantity
    figures.last_at = max(figures.last_at, at)
    source = WindowSource(turn.entry, at)
    source.readings, source.good, source.scrap = 1, good, action.quantity - good
    documents = report(
        turn,
        Report(
            plant=action.plant,
            line=action.line,
            flow=turn.state.flows[place.flow],
            point=place.point,
            explosion=place.explosion,
            good=good,
            scrap=scrap,
            production_date=place.day.date,
            shift=place.day.shift,
            batch=place.batch,
            actor=event.actor,
            reason=event.reason,
            reference=event.transaction,
        ),
        {"": source},
    )
    return _documents(documents)


def _documents(documents: list[Document]) -> Answer:
    numbers = [format_number(d.number) for d in documents]
    return Answer(f"posted {', '.join(numbers)}", {"documents": numbers})


def _reverse(turn: Turn, event: Command, action: Reverse) -> Answer | Rejection:
    dossier = turn.facts.documents.get(action.document)
    number = format_number(action.document)
    if dossier is None:
        return Rejection(Reason.UNKNOWN_DOCUMENT, f"there is no document {number}")
    done = reverse(turn, dossier, action.quantity, actor=event.actor, reason=event.reason)
    if isinstance(done, Rejection):
        return done
    return Answer(
        f"document {number} is reversed by {format_number(done.number)}",
        {"document": format_number(done.number), "reverses": number},
    )


def _worked(turn: Turn, worked: Worked, limit: int) -> Answer:
    more = len(turn.facts.worklist) >= limit or len(turn.facts.backlog) >= limit
    return Answer(
        f"{worked.posted} posted in {worked.documents} documents, {worked.left} left",
        {"documents": worked.documents, "posted": worked.posted, "left": worked.left, "more": more},
    )


# -- quarantine


def _each(turn: Turn, numbers: tuple[int, ...], act: Callable[[QuarantineEntry], str]) -> Answer:
    """Act on each entry that is open, and say of each what became of it."""
    results = {}
    for number in numbers:
        entry = turn.facts.quarantine.get(number)
        if entry is None:
            results[format_number(number)] = "unknown"
        elif entry.state != OPEN:
            results[format_number(number)] = entry.state
        else:
            results[format_number(number)] = act(entry)
    return Answer(f"{len(results)} entries", {"entries": results})


def _settle(turn: Turn, entry: QuarantineEntry, state: str, reason: str) -> str:
    turn.changes.quarantine_states[entry.number] = (state, reason)
    open_of_device = turn.state.untrusted.get(entry.device)
    if open_of_device and entry.number in open_of_device:
        open_of_device.remove(entry.number)
    return state


def _dismiss(turn: Turn, event: Command, entry: QuarantineEntry) -> str:
    return _settle(turn, entry, "dismissed", f"{event.actor}: {event.reason}")


def _replay(turn: Turn, event: Command, entry: QuarantineEntry) -> str:
    """Post an entry as if it came now, at its own event time; a new defect leaves it open with the new reason."""
    if entry.kind == "unbooked":
        return _replay_units(turn, event, entry)
    again = event.replays.get(entry.number)
    known = len(turn.changes.quarantine)
    match again:
        case Counted():
            confirm(turn, again)
        case Scanned():
            told = rescan(turn, again, entry.content, entry.at)
            if told.result == "nok" and len(turn.changes.quarantine) == known:
                return f"still refused: {told.text}"
        case _:
            return "still refused"
    if len(turn.changes.quarantine) > known:
        refused = turn.changes.quarantine.pop()
        turn.state.quarantines -= 1
        turn.changes.outcomes["quarantine"] -= 1
        if refused.kind == "untrusted":
            open_of_device = turn.state.untrusted.get(entry.device)
            if open_of_device and refused.number in open_of_device:
                open_of_device.remove(refused.number)
            return f"still refused: {refused.text}"
        turn.changes.quarantine.append(refused)
        turn.state.quarantines += 1
        turn.changes.outcomes["quarantine"] += 1
    return _settle(turn, entry, "replayed", f"by {event.actor}")


def _replay_units(turn: Turn, event: Command, entry: QuarantineEntry) -> str:
    said = json.loads(entry.content)
    wanted = Wanted(
        entry.plant,
        entry.line,
        said.get("operation", ""),
        Named(said.get("material", ""), said.get("version", "")),
        said.get("batch", ""),
        "reading",
    )
    place = place_at(turn, wanted, entry.at)
    if isinstance(place, Place):
        place = wrong_unit(turn, place, said.get("unit", "")) or place
    if isinstance(place, Rejection):
        return f"still refused: {place.text}"
    units = entry.good + entry.scrap
    short = shortfall(turn, place, units)
    if short is not None:
        return f"still refused: {short.text}"
    before = turn.serial(said.get("serial", ""))
    if before:
        return f"still refused: {said['serial']} is in document {before:010d}"
    figures = turn.line(entry.plant, entry.line)
    # The units were read when the entry was made; they only change places now.
    figures.read -= units
    figures.quarantined -= units
    here = turn.entry
    turn.entry = entry.entry
    again = event.replays.get(entry.number)
    if isinstance(again, Scanned):
        outcome = post_scan(
            turn, again, wanted, entry.good, said["scrap"], entry.at, said.get("serial", ""), said.get("operator", "")
        )
        document = outcome.document
    else:
        counted = Counted(entry.entry, entry.plant, entry.line, entry.device, _NO_READING, entry.topic, entry.payload)
        known = turn.state.documents
        book_units(turn, counted, wanted, good=entry.good, scrap=said["scrap"], at=entry.at, unit=said.get("unit", ""))
        document = turn.state.documents if turn.state.documents > known else 0
    turn.entry = here
    return _settle(turn, entry, "replayed", f"by {event.actor}" + (f", document {document:010d}" if document else ""))


# -- periods


def _period(turn: Turn, action: Period) -> Answer | Rejection:
    if action.plant not in turn.state.master.plants:
        return Rejection(Reason.UNKNOWN_PLANT, f"there is no plant {action.plant}")
    key = (action.plant, action.period)
    if action.closed:
        turn.state.closed_periods.add(key)
    else:
        turn.state.closed_periods.discard(key)
    turn.changes.periods[key] = action.closed
    turn.state.places.clear()
    return Answer(f"period {action.period} of plant {action.plant} is {'closed' if action.closed else 'open'}", {})
