"""Labels: what a scanned code stands for, and what is posted for it.

A label is a report of its own. What its telegram says beside it (another type, actual components or times, a cost
object, an order), and pieces that are lost or worked again, are posted as a person would post them by hand.
"""

import json
from dataclasses import asdict
from typing import NamedTuple

from devices.barcodes import Label
from devices.errors import Rejection
from gateway.backflush.confirm import NO_PLACE, believed_time, close_windows, keep_units, refuse
from gateway.backflush.direct import actual_of
from gateway.backflush.documents import FINAL
from gateway.backflush.events import Post, Scanned
from gateway.backflush.manual import CONSUMPTION, Sender, post
from gateway.backflush.passing import report_at
from gateway.backflush.places import Place, Wanted, cost_object_of, place_at, too_many
from gateway.backflush.plant import ROAMING, Device
from gateway.backflush.posting import report
from gateway.backflush.quantities import MICRO, format_quantity, step_of
from gateway.backflush.records import Context, Outcome, WindowSource
from gateway.backflush.shortages import shortfall
from gateway.backflush.turn import Turn
from gateway.backflush.versions import Named
from gateway.errors import Reason

SCRAP, LOST, REWORK = "scrap", "lost", "rework"
"""What a card before the label made of its pieces. `LOST` also stands in place of the point of a lost serial number."""


class Goods(NamedTuple):
    """What a label stands for: material, and pieces in millionths of its base unit."""

    material: str
    version: str
    quantity: int
    batch: str
    identity: str
    """Serial number of its GTIN, or SSCC; empty when the label has none."""


def refuse_scan(turn: Turn, event: Scanned, rejection: Rejection) -> Outcome:
    """Keep a scan that is not posted, with what its operator had chosen, and tell so."""
    refuse(turn, event, rejection, chosen_at(turn, event.device))
    return Outcome("nok", rejection.code, "NOT POSTED", rejection.text)


def chosen_at(turn: Turn, device: str) -> str:
    """Return what the operator of a scanner has chosen, as a replay needs it."""
    context = turn.state.contexts.get(device)
    return json.dumps(asdict(context)) if context else "{}"


def scanned_at(event: Scanned, context: Context) -> tuple[str, str]:
    """Return plant and line: those of the topic, or what a roaming scanner has chosen."""
    if event.line != ROAMING:
        return event.plant, event.line
    return context.plant or event.plant, context.line or ROAMING


def post_label(turn: Turn, event: Scanned, device: Device, label: Label, context: Context, at: int | None) -> Outcome:
    """Work on a label; `at` is the event time of a replay."""
    plant, line = scanned_at(event, context)
    operation = event.scan.point or context.point or device.operation
    if label.sscc and label.gtin is None:
        outcome = _pallet(turn, label, plant, line, operation)
        return refuse_scan(turn, event, outcome) if isinstance(outcome, Rejection) else outcome
    goods = _goods(turn, plant, line, label, context)
    if isinstance(goods, Rejection):
        return refuse_scan(turn, event, goods)
    if at is None:
        at = believed_time(turn, event.device, event.scan.ts, hist=event.scan.hist)
    named = Named(goods.material, goods.version)
    wanted = Wanted(plant, line, operation, named, goods.batch, device.window or "reading")
    mode, reason = context.mode, context.reason
    serial = _serial(goods, operation, mode, event.scan.type)
    before = turn.serial(serial)
    if before:
        _use_up(context)
        turn.outcome("duplicate")
        text = f"{goods.identity} is in document {before:010d}"
        return Outcome("dup", Reason.SERIAL_USED, f"ALREADY {'LOST' if mode == LOST else 'COUNTED'}", text, before)
    if mode in (LOST, REWORK) or event.scan.says_more:
        sender = Sender(context.operator, "", event.scan.id or "", event.device)
        done = _by_hand(turn, event, wanted, goods, (mode, reason), at, serial, sender)
        outcome = refuse_scan(turn, event, done) if isinstance(done, Rejection) else done
        _use_up(context)
        return outcome
    _use_up(context)
    scrap = {reason: goods.quantity} if mode else {}
    good = 0 if mode else goods.quantity
    return post_scan(turn, event, wanted, good, scrap, at, serial, context.operator)


def _use_up(context: Context) -> None:
    """Forget what was chosen for one label."""
    context.quantity, context.mode, context.reason = 0, "", ""


def _by_hand(
    turn: Turn,
    event: Scanned,
    wanted: Wanted,
    goods: Goods,
    chosen: tuple[str, str],
    at: int,
    serial: str,
    sender: Sender,
) -> Outcome | Rejection:
    """Post what is more than pieces of a label: with what its telegram says beside it, lost pieces, rework.

    `chosen` are the mode and the scrap reason. A refusal keeps no units: the scan as a whole is refused.
    """
    if wanted.line == ROAMING:
        return NO_PLACE
    if event.scan.type and chosen[0]:
        text = f"type: expected none after a card that says {chosen[0]}, got {event.scan.type}"
        return Rejection(Reason.BAD_COMMAND, text)
    action = _action(event, wanted, goods, chosen, at)
    documents = post(turn, action, sender)
    if isinstance(documents, Rejection):
        return documents
    if serial:
        turn.confirm_serial(serial, documents[0].number)
    turn.outcome("counted")
    unit = turn.state.master.materials[wanted.plant, goods.material].unit
    kind = action.type if action.type in CONSUMPTION else chosen[0]
    title = f"{format_quantity(goods.quantity)} {unit} {kind.upper().replace('_', ' ')}".rstrip()
    point = wanted.operation or FINAL
    where = wanted.line if point == FINAL else f"{wanted.line}/{point}"
    return Outcome("ok", Reason.OK, title, where, documents[0].number, goods.quantity, point)


def _action(event: Scanned, wanted: Wanted, goods: Goods, chosen: tuple[str, str], at: int) -> Post:
    """Say as a manual posting what a label, the cards before it and its telegram say together."""
    said, (mode, reason) = event.scan, chosen
    type_ = said.type.replace("-", "_") or ("scrap" if mode in (LOST, SCRAP) else "assembly")
    return Post(
        type_,
        wanted.plant,
        wanted.line,
        goods.material,
        goods.version,
        0 if mode == REWORK else goods.quantity,
        point="" if mode == LOST else wanted.operation,
        scrap_reason=reason,
        at=at,
        batch=goods.batch,
        cost_object=cost_object_of(said.sales_order, said.sales_order_item, said.lot),
        order=said.order,
        actual=actual_of(said.components, said.activities),
        after=(wanted.operation or FINAL) if mode == LOST else "",
        rework=goods.quantity if mode == REWORK else 0,
    )


def _serial(goods: Goods, operation: str, mode: str, type_: str) -> str:
    """Return what may be confirmed once: counted at a point, lost; a piece may be worked again any number of times."""
    if mode == REWORK or type_:
        return ""
    return serial_key(goods.identity, LOST if mode == LOST else operation)


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
    return Goods(material, version, quantity, label.batch or "", identity_of(label))


def identity_of(label: Label) -> str:
    """Return what a label is alone in: an SSCC is one pallet whatever else it says, a serial number is its GTIN's."""
    if label.sscc:
        return f"sscc {label.sscc}"
    return f"serial {label.serial} of {label.gtin or label.text}" if label.serial else ""


def serial_key(identity: str, operation: str) -> str:
    """Return what may be confirmed once: a serial number or an SSCC, at one point."""
    return f"{identity} {operation or FINAL}" if identity else ""


def _pallet(turn: Turn, label: Label, plant: str, line: str, operation: str) -> Outcome | Rejection:
    """Close what the line's counters have counted for a handling unit."""
    serial = serial_key(identity_of(label), operation)
    before = turn.serial(serial)
    if before:
        turn.outcome("duplicate")
        return Outcome(
            "dup", Reason.SERIAL_USED, "ALREADY COUNTED", f"SSCC {label.sscc} is in document {before:010d}", before
        )
    documents = close_windows(turn, plant, line, frozenset({"scan"}))
    if not documents:
        text = f"SSCC {label.sscc}: nothing was counted for it on {plant}/{line}"
        return Rejection(Reason.UNKNOWN_CODE, text)
    turn.confirm_serial(serial, documents[0].number)
    turn.outcome("counted")
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
