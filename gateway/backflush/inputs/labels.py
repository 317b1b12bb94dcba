"""Labels: the meaning of a scanned code, and its posting.

A label is a report of its own. Further data of its telegram (another type, actual components or times, a cost object,
an order), and lost or reworked pieces, are posted as a person would post them by hand.
"""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from devices.barcodes import Label
from devices.errors import Malformed, Rejection
from gateway.backflush.inputs.amounts import amount_of
from gateway.backflush.inputs.contexts import describe_choice, language_of, place_of_scan, point_of_scan
from gateway.backflush.inputs.counts import unknown_reason
from gateway.backflush.inputs.quarantine import keep_units
from gateway.backflush.inputs.repetition import UNITS, code_of
from gateway.backflush.inputs.scan_answers import (
    Facts,
    Posting,
    Product,
    describe_posting,
    not_posted,
    product_of,
    refuse_scan,
)
from gateway.backflush.inputs.senders import event_time, time_of
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.events import Post, Scanned, Sender, actual_of
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Outcome, WindowSource
from gateway.backflush.memory.state import State
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.plant.versions import Named
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.drafts import report_at
from gateway.backflush.posting.manual import post
from gateway.backflush.posting.names import Said, judge, judges, no_material, no_order
from gateway.backflush.posting.places import (
    NO_PLACE,
    BookingPlace,
    PlaceRequest,
    needs_of_place,
    no_point,
    place_at,
    too_many,
    unclear_bearer,
)
from gateway.backflush.posting.plausibility import not_plausible
from gateway.backflush.posting.report import report
from gateway.backflush.posting.serials import confirm_pallet, find_confirmed, names_to_confirm
from gateway.backflush.posting.shortages import shortfall
from gateway.backflush.posting.windows import close_windows
from gateway.backflush.values.cost_objects import cost_object_of
from gateway.backflush.values.counting import Increment
from gateway.backflush.values.documents import (
    CONSUMPTION,
    FINAL,
    LOST,
    REWORK,
    SCRAP,
    Disposition,
    DocumentType,
    document_type,
    format_number,
)
from gateway.backflush.values.names import quote
from gateway.backflush.values.phrases import phrase
from gateway.backflush.values.quantities import format_quantity
from gateway.errors import Reason


class Goods(NamedTuple):
    """The goods of a label: material, and pieces in millionths of its base unit."""

    material: str
    version: str
    quantity: int
    batch: str
    order: str


class Meaning(NamedTuple):
    """The meaning of a label: place, time, the names to confirm once, and the operator."""

    wanted: PlaceRequest
    at: int
    serials: tuple[str, ...]
    operator: str


def needs_of_label(inquiry: Inquiry, event: Scanned, label: Label, chosen: Context | None = None) -> None:
    """Name the records that a label touches at its scanner's place, or at places that the batch's cards chose.

    chosen: the choices of then, if it is replayed.
    """
    device = inquiry.state.master.devices.get(event.device)
    if device is None:
        return
    context = chosen or inquiry.state.contexts.get(event.device) or Context()
    if label.serial or label.sscc:
        # The card of another line takes the point of a card back.
        points = (point_of_scan(event.scan, context, device), device.operation, *inquiry.points.get(event.device, ()))
        for point in dict.fromkeys((*(point or FINAL for point in points), LOST)):
            inquiry.serials += names_to_confirm(label, point)
    places: Iterable[tuple[str, str]] = [place_of_scan(event, context)]
    if event.line == ROAMING:
        places = (*places, *inquiry.lines.get(event.device, ()))
    said = event.scan
    at = time_of(inquiry.state, inquiry.now, said.ts, hist=said.hist)
    bearer = cost_object_of(said.sales_order, said.sales_order_item, said.lot)
    for plant, line in places:
        needs_of_place(inquiry, plant, line, at, label.batch or "", bearer)
        if context.mode == "start":
            inquiry.runs(plant, line, inquiry.now)


def post_label(books: Books, event: Scanned, device: Device, label: Label, context: Context) -> Outcome:
    """Process a label."""
    plant, line = place_of_scan(event, context)
    operation = point_of_scan(event.scan, context, device)
    if label.is_pallet:
        return _end(books, event, _pallet(books, event, label, Said(plant, line, point=operation), context), context)
    goods = _goods(books, plant, line, label, context)
    if isinstance(goods, Rejection):
        return _refuse(books, event, goods, context)
    at = event_time(books, event.device, event.scan.ts, hist=event.scan.hist)
    named = Named(goods.material, goods.version)
    wanted = PlaceRequest(plant, line, operation, named, goods.batch, device.window or "reading")
    mode, reason = context.mode, context.reason
    assert mode != "start"
    serials = _serials(label, operation, mode, event.scan.type)
    before = find_confirmed(books, serials)
    if before:
        context.forget_label()
        product = product_of(books.state, plant, goods.material, goods.quantity)
        return _already(books, event, before, product, lost=mode == LOST)
    if line == ROAMING and books.state.rules.reopens:
        return _end(books, event, NO_PLACE, context)
    meaning = Meaning(wanted, at, serials, context.operator)
    if mode in (LOST, REWORK) or event.scan.says_more or goods.order:
        return _end(books, event, _by_hand(books, event, meaning, goods, (mode, reason)), context)
    context.forget_label()
    scrap = {reason: goods.quantity} if mode else {}
    return post_scan(books, event, meaning, Increment(0 if mode else goods.quantity, scrap, 0, at))


def _end(books: Books, event: Scanned, done: Outcome | Rejection, context: Context) -> Outcome:
    """Answer a label that is posted or refused as a whole: a refusal holds no units, and its repetition settles it."""
    title = "which_line" if done is NO_PLACE else "not_posted"
    outcome = refuse_scan(books, event, done, title) if isinstance(done, Rejection) else done
    context.forget_label()
    return outcome


def _refuse(books: Books, event: Scanned, rejection: Rejection, context: Context) -> Outcome:
    """Refuse a label; a card that causes this by its quantity is used up, else later labels were refused for it too."""
    outcome = refuse_scan(books, event, rejection)
    if rejection.code in (Reason.BAD_QUANTITY, Reason.JUMP):
        context.quantity = 0
    return outcome


def _by_hand(
    books: Books, event: Scanned, meaning: Meaning, goods: Goods, chosen: tuple[Disposition | Literal[""], str]
) -> Outcome | Rejection:
    """Post a label that is more than pieces: with further data of its telegram, lost pieces, rework.

    `chosen` holds the mode and the scrap reason. A refusal keeps no units: the scan as a whole is refused.
    """
    wanted = meaning.wanted
    if wanted.line == ROAMING:
        return NO_PLACE
    if event.scan.type and chosen[0]:
        text = f"type: expected none after a card that says {chosen[0]}, got {event.scan.type}"
        return Rejection(Reason.BAD_COMMAND, text)
    if event.scan.order and goods.order not in ("", event.scan.order):
        text = f"the label is of planned order {goods.order}, its telegram says {event.scan.order}"
        return Rejection(Reason.BAD_COMMAND, text)
    action = _action(event, wanted, goods, chosen, meaning.at)
    documents = post(books, action, Sender(meaning.operator, "", event.scan.id or "", event.device))
    if isinstance(documents, Rejection):
        return documents
    for serial in meaning.serials:
        books.confirm_serial(serial, documents[0].number)
    books.outcome("counted")
    kind = action.type if action.type in CONSUMPTION else chosen[0] or "yield"
    posting = Posting(documents, goods.quantity, wanted.operation or FINAL, kind, _number_on(event))
    return describe_posting(books, event, posting)


def _action(
    event: Scanned, wanted: PlaceRequest, goods: Goods, chosen: tuple[Disposition | Literal[""], str], at: int
) -> Post:
    """Combine a label, the cards before it and its telegram into a manual posting."""
    said, (mode, reason) = event.scan, chosen
    by_card: DocumentType = "scrap" if mode in (LOST, SCRAP) else "assembly"
    type_ = document_type(said.type) if said.type else by_card
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
        order=said.order or goods.order,
        actual=actual_of(said.components, said.activities, complete=said.complete),
        after=(wanted.operation or FINAL) if mode == LOST else "",
        rework=goods.quantity if mode == REWORK else 0,
        unclear=unclear_bearer(said.sales_order, said.sales_order_item, said.lot),
    )


def _already(books: Books, event: Scanned, before: tuple[str, int], product: Product | None, *, lost: bool) -> Outcome:
    """Answer that a serial number or pallet is confirmed, in which document, and of which product."""
    books.outcome("duplicate")
    name, document = before
    language = language_of(books, event)
    kind, _, number = name.partition(" ")
    text = phrase(language, f"{kind}_in", number=number, document=format_number(document))
    facts: Facts = (("serial", number),)
    if product is not None:
        text, facts = f"{product.amount} {product.name}: {text}", (*product.facts, *facts)
    title = phrase(language, "lost_before" if lost else "counted_before")
    return Outcome("dup", Reason.SERIAL_USED, title, text, document, facts=facts)


def _serials(label: Label, operation: str, mode: Disposition | Literal[""], type_: str) -> tuple[str, ...]:
    """Return the serial numbers to confirm once: counted at a point, or lost; rework may be repeated."""
    if mode == REWORK or type_:
        return ()
    return names_to_confirm(label, LOST if mode == LOST else operation or FINAL)


def _number_on(event: Scanned) -> str:
    """Return the serial number or SSCC on the label of a scan."""
    label = event.label
    return (label.serial or label.sscc or "") if isinstance(label, Label) else ""


def product_named(state: State, plant: str, label: Label) -> tuple[Named, str] | Rejection:
    """Return what a label names in a plant, and the unit of its GTIN (empty: the base unit); all that it says agrees.

    Of several numbers of an item the plant has to know one: a label has those of its maker and of its customer.
    """
    names, unit = [Named("", label.version, label.order)], ""
    if label.gtin is not None:
        gtin = state.master.gtins.get(label.gtin)
        if gtin is None:
            return Rejection(Reason.UNKNOWN_CODE, f"GTIN {label.gtin} is no known material")
        if not (label.version or label.order or label.items):  # Nearly every label: nothing can contradict it.
            return Named(gtin.material), gtin.unit
        names.append(Named(gtin.material))
        unit = gtin.unit
    codes = label.items or (() if label.gtin or label.order else (label.text,))
    names += filter(None, (_look_up(state, plant, code) for code in codes))
    if len(names) == 1 and not label.order:
        return _unknown_code(plant, label, codes[0])
    for order in sorted({name.order for name in names if name.order}):
        known = state.orders.get(order)
        if known is None or known.plant != plant:
            return no_order(order)
        names.append(Named(known.material, known.version))
    beside, *named = names
    if len(named) == 1 and not any(beside):
        return named[0], unit
    said = [sorted({*filter(None, values)}) for values in zip(*names, strict=True)]
    several = next((values for values in said if len(values) > 1), None)
    if several is not None:
        text = f"barcode: expected one product, got {' and '.join(several)}"
        return Rejection(Malformed.CONTRADICTING_BARCODE, text)
    return Named(*map("".join, said)), unit


def _look_up(state: State, plant: str, code: str) -> Named | None:
    """Return what an alias stands for, else the material of that number; None: it is neither."""
    match state.master.aliases.get(code):
        case ("material", value):
            return Named(value)
        case ("version", value):
            material, _, version = value.partition("/")
            return Named(material, version)
        case ("order", value):
            return Named(order=value)
        case _:
            return Named(code) if (plant, code) in state.master.materials else None


def _unknown_code(plant: str, label: Label, code: str) -> Rejection:
    plain = label.is_plain and label.symbology
    read = f"AIM identifier {label.symbology} makes a plain code of it, which" if plain else "it"
    text = f"code {quote(code)}: {read} is no alias or material of plant {plant}"
    if code.startswith("("):
        text += "; brackets are printed for people, and no scanner sends them"
    if code[:2].upper() == "BF":
        text += "; half a card, or one that a keyboard of another country has typed? print it with `backflush labels`"
    return Rejection(Reason.UNKNOWN_CODE, text)


def _goods(books: Books, plant: str, line: str, label: Label, context: Context) -> Goods | Rejection:
    product = product_named(books.state, plant, label)
    if isinstance(product, Rejection):
        return product
    (material, version, order), unit = product
    known = books.state.master.materials.get((plant, material))
    if known is None:
        return no_material(plant, material)
    quantity = amount_of(label, known, unit, context.quantity)
    if isinstance(quantity, Rejection):
        return quantity
    if not books.fits(plant, line, quantity):
        return Rejection(
            Reason.BAD_QUANTITY,
            f"the label stands for {format_quantity(quantity)} {known.unit}: that is more than is plausible",
        )
    if unlikely := not_plausible(books, plant, line, known, quantity, by_hand=False):
        return unlikely
    return Goods(material, version, quantity, label.batch or "", order)


def _pallet(books: Books, event: Scanned, label: Label, said: Said, context: Context) -> Outcome | Rejection:
    """Close the line's counter windows for a handling unit: its scan may give nothing else but a place."""
    if unknown := judge(books.state, said):
        return unknown
    serials = names_to_confirm(label, said.point or FINAL)
    before = find_confirmed(books, serials)
    if before:
        return _already(books, event, before, None, lost=False)
    if said.line == ROAMING and books.state.rules.reopens:
        return NO_PLACE
    number = f"{'SSCC' if (label.sscc or '').isdigit() else 'licence plate'} {label.sscc}"
    stands_for = f"{number} stands for what was counted for it"
    if context.quantity or context.mode:
        refused = refuse_scan(
            books, event, Rejection(Reason.BAD_QUANTITY, f"{stands_for}: the card before it says something else")
        )
        language = language_of(books, event)
        return refused._replace(text=phrase(language, "no_choice", choice=describe_choice(language, context)))
    if event.scan.says_more and judges(books.state):
        return Rejection(Reason.BAD_COMMAND, f"{stands_for}: its telegram says more")
    documents = close_windows(books, said.plant, said.line, "scan")
    if not documents:
        text = f"{number}: nothing was counted for it on {said.plant}/{said.line}"
        refused = refuse_scan(books, event, Rejection(Reason.UNKNOWN_CODE, text))
        language = language_of(books, event)
        return refused._replace(text=phrase(language, "nothing_counted", line=f"{said.plant}/{said.line}"))
    confirm_pallet(books, serials, documents)
    books.outcome("counted")
    return describe_posting(books, event, Posting(documents, serial=label.sscc or "", frame="pallet"))


def post_scan(books: Books, event: Scanned, meaning: Meaning, new: Increment) -> Outcome:
    """Post a label's units as a document of their own, or keep them in quarantine until they have a place."""
    wanted, at, serials, operator = meaning
    good, scrap = new.good, new.scrap
    units = good + sum(scrap.values())
    place = place_at(books, wanted, at)
    if isinstance(place, BookingPlace):
        unknown = no_point(books, place, wanted.operation, event.device)
        if unknown and not books.state.rules.reopens:
            return refuse_scan(books, event, unknown)
        unknown = unknown or (unknown_reason(books, scrap) if scrap else None)
        place = unknown or too_many(books, place, units) or place
    reference = event.scan.id or ""
    what = place if isinstance(place, Rejection) else report_at(books, place, good, scrap, operator, reference)
    missing = what if isinstance(what, Rejection) else shortfall(books, what)
    if missing is not None:
        said = {"material": wanted.named.material, "version": wanted.named.version}
        said |= {"operator": operator, "reference": reference}
        said |= code_of(books, event.scan.data, UNITS)
        keep_units(books, event, wanted, missing, new, at, serials=serials, **said)
        return not_posted(books, event, missing, "which_line" if missing is NO_PLACE else "not_posted")
    assert not isinstance(what, Rejection)
    books.line(wanted.plant, wanted.line).count(units, at)
    source = WindowSource(books.entry, at)
    source.readings, source.good, source.scrap = 1, good, units - good
    documents = report(books, what, {event.device: source})
    for serial in serials:
        books.confirm_serial(serial, documents[0].number)
    books.outcome("counted")
    posting = Posting(documents, units, what.point, SCRAP if scrap else "yield", _number_on(event))
    return describe_posting(books, event, posting)
