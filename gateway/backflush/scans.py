"""Scans: a label is a report of its own, a control code changes what the scanner's next labels mean.

A scan is identified by its own id: the same id with the same content gets its first outcome again, with another
content it is a conflict. A serial number or SSCC is confirmed once per reporting point. Every scan gets exactly one
outcome, and a safe answer even where nothing was posted.
"""

import hashlib
import json
from dataclasses import asdict
from typing import NamedTuple

from devices.barcodes import Control, Label, Verb
from devices.errors import Rejection
from gateway.backflush.confirm import NO_PLACE, believed_time, close_windows, keep_units, known_device, refuse
from gateway.backflush.counting import Verdict
from gateway.backflush.documents import FINAL
from gateway.backflush.events import Scanned
from gateway.backflush.passing import report_at
from gateway.backflush.places import Place, Wanted, place_at, too_many
from gateway.backflush.plant import ROAMING, Device
from gateway.backflush.posting import report
from gateway.backflush.quantities import MICRO, format_quantity, step_of
from gateway.backflush.records import Context, LastScan, Outcome, WindowSource
from gateway.backflush.reversal import reverse
from gateway.backflush.runs import start_run, stop_run
from gateway.backflush.shortages import not_on_line, shortfall
from gateway.backflush.turn import Turn
from gateway.backflush.versions import Named, Run
from gateway.errors import Reason

LOST = "lost"
"""In place of the point in the serial number of a piece that was lost."""


class Goods(NamedTuple):
    """What a label stands for: material, and pieces in millionths of its base unit."""

    material: str
    version: str
    quantity: int
    batch: str
    identity: str
    """Serial number or SSCC with its kind; empty when the label has none."""


def scan(turn: Turn, event: Scanned) -> None:
    """Work on one scan and tell its scanner how it ended."""
    said = event.scan
    identity = (event.device, said.id) if said.id else None
    content = _content(event)
    if identity is not None:
        seen = turn.seen(identity)
        if seen is not None:
            if seen.content == content:
                turn.outcome("duplicate")
                _tell(turn, event, seen.outcome)
                return
            clash = Rejection(Reason.CONFLICT, f"scan {said.id} was sent before with another content")
            _tell(turn, event, _refuse(turn, event, clash))
            return
    outcome = _repeated(turn, event) if identity is None else None
    if outcome is None:
        outcome = _work(turn, event, None)
    if identity is not None:
        turn.remember(identity, content, outcome)
    _tell(turn, event, outcome)


def rescan(turn: Turn, event: Scanned, chosen: str, at: int) -> Outcome:
    """Work on a refused scan again, with what its operator had chosen then, at the time at which it was received."""
    seen = turn.seen((event.device, event.scan.id)) if event.scan.id else None
    if seen is not None and seen.content != _content(event):
        return Outcome("nok", Reason.CONFLICT, "NOT POSTED", f"scan {event.scan.id} is another scan's id")
    context = context_of(turn, event.device)
    turn.state.contexts[event.device] = Context(**json.loads(chosen))
    outcome = _work(turn, event, at)
    turn.state.contexts[event.device] = turn.changes.contexts[event.device] = context
    return outcome


def _content(event: Scanned) -> str:
    said = event.scan
    return _digest((said.data, said.operator, said.point))


def _digest(said: object) -> str:
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _tell(turn: Turn, event: Scanned, outcome: Outcome) -> None:
    turn.feedback(event.entry, event.plant, event.line, event.device, event.scan.id or "", outcome)


def _repeated(turn: Turn, event: Scanned) -> Outcome | None:
    """Say whether a scan without an id is the same trigger pull again: the same text within the duplicate window."""
    state = turn.state
    if event.device not in state.master.devices:
        return None  # refused anyway, and nobody keeps names that anybody may make up
    before = state.last_scans.get(event.device)
    now = LastScan(_digest(event.scan.data), turn.now)
    state.last_scans[event.device] = turn.changes.last_scans[event.device] = now
    if before is None or before.content != now.content or now.at - before.at > state.rules.duplicate_window:
        return None
    turn.outcome("duplicate")
    return Outcome("dup", Reason.DUPLICATE, "ALREADY SCANNED", "the same code was read a moment ago")


def _refuse(turn: Turn, event: Scanned, rejection: Rejection) -> Outcome:
    context = turn.state.contexts.get(event.device)
    refuse(turn, event, rejection, json.dumps(asdict(context)) if context else "{}")
    return Outcome("nok", rejection.code, "NOT POSTED", rejection.text)


def context_of(turn: Turn, device: str) -> Context:
    """Return what the scanner's operator has chosen, to be changed."""
    context = turn.state.contexts.setdefault(device, Context())
    turn.changes.contexts[device] = context
    return context


def _work(turn: Turn, event: Scanned, at: int | None) -> Outcome:
    """Work on a scan; `at` is the event time of a replay."""
    device = known_device(turn, event.device, event.plant, event.line, event.scan.device)
    if isinstance(device, Rejection):
        return _refuse(turn, event, device)
    context = context_of(turn, event.device)
    if event.scan.operator:
        context.operator = event.scan.operator
    label = event.label
    match label:
        case Rejection():
            return _refuse(turn, event, label)
        case Control():
            return _control(turn, event, label, context)
        case _:
            outcome = _label(turn, event, device, label, context, at)
            # Only what this scanner posted itself is undone by it.
            if outcome.result == "ok":
                context.undo = outcome.document
            return outcome


def _at(event: Scanned, context: Context) -> tuple[str, str]:
    """Return plant and line: those of the topic, or what a roaming scanner has chosen."""
    if event.line != ROAMING:
        return event.plant, event.line
    return context.plant or event.plant, context.line or ROAMING


# -- control codes


def _control(turn: Turn, event: Scanned, control: Control, context: Context) -> Outcome:
    plant, line = _at(event, context)
    turn.outcome("context")
    if line == ROAMING and control.verb in (Verb.RUN, Verb.STOP, Verb.CLOSE):
        return Outcome("nok", NO_PLACE.code, "WHICH LINE?", NO_PLACE.text)
    match control.verb:
        case Verb.LINE:
            context.plant, context.line = control.values[0], control.values[1]
            return _chosen("LINE", f"{context.plant}/{context.line}")
        case Verb.POINT:
            context.point = control.values[0]
            return _chosen("POINT", context.point)
        case Verb.QTY:
            context.quantity = int(control.values[0]) * MICRO
            return Outcome("prompt", Reason.PROMPT, f"{control.values[0]} x", "scan the label")
        case Verb.SCRAP | Verb.LOST | Verb.REWORK:
            return _prompt(turn, context, control.verb.lower(), "".join(control.values))
        case Verb.YIELD:
            context.mode, context.reason = "", ""
            return _chosen("YIELD", "quantities are good pieces")
        case Verb.OPERATOR:
            context.operator = control.values[0]
            return _chosen("OPERATOR", turn.state.master.operators.get(context.operator, context.operator))
        case Verb.RUN:
            run = Run(plant, line, turn.now, None, control.values[0], control.values[1])
            refused = start_run(turn, run)
            if refused is not None:
                return Outcome("nok", refused.code, "NO RUN", refused.text)
            return _chosen("RUN", f"{run.material} {run.version} on {plant}/{line}")
        case Verb.STOP:
            stopped = stop_run(turn, plant, line, turn.now)
            return _chosen("STOP", f"{plant}/{line} makes nothing now" if stopped else "there was no run")
        case Verb.CLOSE:
            return _close(turn, plant, line, context)
        case Verb.UNDO:
            return _undo(turn, event, context)


def _prompt(turn: Turn, context: Context, mode: str, reason: str) -> Outcome:
    """Take the next quantity for something else than good pieces."""
    context.mode, context.reason = mode, reason
    text = turn.state.master.scrap_reasons.get(reason, "")
    return Outcome("prompt", Reason.PROMPT, f"{mode.upper()} {reason}".rstrip(), text or "scan the label")


def _chosen(title: str, text: str) -> Outcome:
    return Outcome("info", Reason.CONTEXT, title, text)


def _close(turn: Turn, plant: str, line: str, context: Context) -> Outcome:
    documents = close_windows(turn, plant, line)
    if not documents:
        return Outcome("nok", Reason.NOTHING_TO_UNDO, "EMPTY", f"nothing is open on {plant}/{line}")
    context.undo = documents[-1].number
    return Outcome("ok", Reason.OK, "CLOSED", f"{len(documents)} documents", documents[-1].number)


def _undo(turn: Turn, event: Scanned, context: Context) -> Outcome:
    dossier = turn.facts.documents.get(context.undo)
    if not context.undo or dossier is None:
        return Outcome("nok", Reason.NOTHING_TO_UNDO, "NOTHING TO UNDO", "this scanner has posted nothing yet")
    done = reverse(turn, dossier, None, actor=context.operator or event.device, reason="undo by scan")
    if isinstance(done, Rejection):
        return Outcome("nok", done.code, "NOT UNDONE", done.text)
    context.undo = 0
    return Outcome("ok", Reason.OK, "UNDONE", f"document {dossier.document.number:010d} is reversed", done.number)


# -- labels


def _label(turn: Turn, event: Scanned, device: Device, label: Label, context: Context, at: int | None) -> Outcome:
    plant, line = _at(event, context)
    operation = event.scan.point or context.point or device.operation
    if label.sscc and label.gtin is None:
        return _pallet(turn, event, label, plant, line, operation)
    goods = _goods(turn, plant, line, label, context)
    if isinstance(goods, Rejection):
        return _refuse(turn, event, goods)
    if at is None:
        at = believed_time(turn, event.device, event.scan.ts, hist=event.scan.hist)
    named = Named(goods.material, goods.version)
    wanted = Wanted(plant, line, operation, named, goods.batch, device.window or "reading")
    if context.mode in ("lost", "rework"):
        outcome = _aside(turn, event, wanted, goods, context, at)
        context.quantity, context.mode, context.reason = 0, "", ""
        return outcome
    scrap = {context.reason: goods.quantity} if context.mode else {}
    good = 0 if context.mode else goods.quantity
    context.quantity, context.mode, context.reason = 0, "", ""
    serial = serial_key(goods, operation)
    before = turn.serial(serial)
    if before:
        turn.outcome("duplicate")
        return Outcome(
            "dup", Reason.SERIAL_USED, "ALREADY COUNTED", f"{goods.identity} is in document {before:010d}", before
        )
    return post_scan(turn, event, wanted, good, scrap, at, serial, context.operator)


def _aside(turn: Turn, event: Scanned, wanted: Wanted, goods: Goods, context: Context, at: int) -> Outcome:
    """Post what becomes of pieces that were counted before: they are lost after the point, or worked again.

    A refusal keeps no units: none were read. A serial number is lost once, and may be worked again any number of times.
    """
    lost = context.mode == "lost"
    serial = serial_key(goods, LOST) if lost else ""
    before = turn.serial(serial)
    if before:
        turn.outcome("duplicate")
        return Outcome("dup", Reason.SERIAL_USED, "ALREADY LOST", f"it is in document {before:010d}", before)
    place = place_at(turn, wanted, at) if wanted.line != ROAMING else NO_PLACE
    if isinstance(place, Rejection):
        return _refuse(turn, event, place)
    what = report_at(turn, place, 0, {})._replace(actor=context.operator, reference=event.scan.id or "")
    what = what._replace(lost={context.reason: goods.quantity}) if lost else what._replace(rework=goods.quantity)
    refused = not_on_line(turn, what) or shortfall(turn, what)
    if refused is not None:
        return _refuse(turn, event, refused)
    source = WindowSource(turn.entry, at)
    source.readings = 1
    document = report(turn, what, {event.device: source})[0]
    if serial:
        turn.confirm_serial(serial, document.number)
    turn.outcome("counted")
    figures = turn.line(wanted.plant, wanted.line)
    figures.last_at = max(figures.last_at, at)
    unit = turn.state.master.materials[wanted.plant, goods.material].unit
    title = f"{format_quantity(goods.quantity)} {unit} {context.mode.upper()}"
    where = wanted.line if what.point == FINAL else f"{wanted.line}/{what.point}"
    return Outcome("ok", Reason.OK, title, where, document.number, goods.quantity, what.point)


def _goods(turn: Turn, plant: str, line: str, label: Label, context: Context) -> Goods | Rejection:
    master = turn.state.master
    material, version, unit = "", "", ""
    if label.gtin is not None:
        found = master.gtins.get(label.gtin)
        if found is None:
            return Rejection(Reason.UNKNOWN_CODE, f"GTIN {label.gtin} is no known material")
        material, unit = found.material, found.unit
    else:
        kind, value = master.aliases.get(label.text, ("", ""))
        if kind == "material":
            material = value
        elif kind == "version":
            material, _, version = value.partition("/")
        elif (plant, label.text) in master.materials:
            material = label.text
        else:
            return Rejection(
                Reason.UNKNOWN_CODE, f"code {label.text[:80]!a} is no GTIN, alias or material of plant {plant}"
            )
    known = master.materials.get((plant, material))
    if known is None:
        return Rejection(Reason.UNKNOWN_MATERIAL, f"plant {plant} has no material {material}")
    factor = (1, 1) if not unit or unit == known.unit else known.units.get(unit)
    if factor is None:
        return Rejection(Reason.NO_UNIT, f"unit {unit} of GTIN {label.gtin} does not convert to {known.unit}")
    pieces = label.count * MICRO if label.count is not None else context.quantity or MICRO
    quantity, rest = divmod(pieces * factor[0], factor[1])
    if rest or quantity <= 0 or quantity % step_of(known.decimals):
        return Rejection(
            Reason.BAD_QUANTITY,
            f"the label stands for {format_quantity(pieces)}, which is no exact quantity above zero",
        )
    if not turn.bears(plant, line, quantity):
        return Rejection(
            Reason.BAD_QUANTITY, f"the label stands for {format_quantity(quantity)} {known.unit}: that is beyond belief"
        )
    identity = f"serial {label.serial}" if label.serial else f"sscc {label.sscc}" if label.sscc else ""
    return Goods(material, version, quantity, label.batch or "", identity)


def serial_key(goods: Goods, operation: str) -> str:
    """Return what may be confirmed once: a serial number of a material, or an SSCC, at one point."""
    return f"{goods.identity} {goods.material} {operation or FINAL}" if goods.identity else ""


def _pallet(turn: Turn, event: Scanned, label: Label, plant: str, line: str, operation: str) -> Outcome:
    """Close what the line's counters have counted for a handling unit."""
    serial = f"sscc {label.sscc} {operation or FINAL}"
    before = turn.serial(serial)
    if before:
        turn.outcome("duplicate")
        return Outcome(
            "dup", Reason.SERIAL_USED, "ALREADY COUNTED", f"SSCC {label.sscc} is in document {before:010d}", before
        )
    documents = close_windows(turn, plant, line, frozenset({"scan"}))
    if not documents:
        return _refuse(
            turn,
            event,
            Rejection(Reason.UNKNOWN_CODE, f"SSCC {label.sscc}: nothing was counted for it on {plant}/{line}"),
        )
    turn.confirm_serial(serial, documents[0].number)
    turn.outcome(Verdict.COUNTED.value)
    return Outcome("ok", Reason.OK, "PALLET", f"SSCC {label.sscc}", documents[0].number)


def post_scan(
    turn: Turn,
    event: Scanned,
    wanted: Wanted,
    good: int,
    scrap: dict[str, int],
    at: int,
    serial: str,
    operator: str,
) -> Outcome:
    """Post a label's units as a document of their own, or keep them in quarantine until they have a place."""
    units = good + sum(scrap.values())
    place = place_at(turn, wanted, at) if wanted.line != ROAMING else NO_PLACE
    if isinstance(place, Place):
        place = too_many(turn, place, units) or place
    what = place if isinstance(place, Rejection) else report_at(turn, place, good, scrap)
    missing = what if isinstance(what, Rejection) else shortfall(turn, what)
    if missing is not None:
        said = {"material": wanted.named.material, "version": wanted.named.version, "serial": serial}
        said |= {"operator": operator, "reference": event.scan.id or ""}
        keep_units(turn, event, wanted, missing, good=good, scrap=scrap, at=at, **said)
        return Outcome("nok", missing.code, "NOT POSTED", missing.text)
    assert not isinstance(what, Rejection)
    figures = turn.line(wanted.plant, wanted.line)
    figures.read += units
    figures.counted += units
    figures.last_at = max(figures.last_at, at)
    source = WindowSource(turn.entry, at)
    source.readings, source.good, source.scrap = 1, good, units - good
    flow = what.flow
    what = what._replace(actor=operator, reference=event.scan.id or "")
    document = report(turn, what, {event.device: source})[0]
    if serial:
        turn.confirm_serial(serial, document.number)
    turn.outcome("counted")
    unit = turn.state.master.materials[wanted.plant, flow.material].unit
    total = flow.segments[flow.points.index(what.point)].reported.good
    where = wanted.line if what.point == FINAL else f"{wanted.line}/{what.point}"
    return Outcome(
        "ok",
        Reason.OK,
        f"{format_quantity(units)} {unit}{' SCRAP' if scrap else ''}",
        f"{where} total {format_quantity(total)}",
        document.number,
        units,
        what.point,
    )
