"""Cards: control codes make choices for the labels after them, or act on the line's run, its windows, the last posting.

A card with an unknown name is refused by itself, and earlier choices stay. Refused cards are not kept: the right one is
scanned next.
"""

from collections.abc import Mapping
from typing import Final

from devices.barcodes import Control, Label, Verb
from devices.errors import Rejection
from gateway.backflush.inputs.contexts import (
    change_line,
    change_operator,
    choose,
    describe_choice,
    language_of,
    place_of_scan,
    point_of_scan,
    run_of,
)
from gateway.backflush.inputs.device_marks import begin_on
from gateway.backflush.inputs.labels import product_named
from gateway.backflush.inputs.runs import start_run, stop_run
from gateway.backflush.inputs.scan_answers import (
    Posting,
    count_documents,
    describe_posting,
    describe_undone,
    not_posted,
    product_of,
)
from gateway.backflush.memory.changes import Dossier
from gateway.backflush.memory.contexts import Context
from gateway.backflush.memory.events import Scanned, Sender
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Outcome
from gateway.backflush.plant.snapshot import ROAMING, Device
from gateway.backflush.plant.versions import Run
from gateway.backflush.posting.answers import withdrawn
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge, unknown_line
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.places import NO_PLACE, PlaceRequest, needs_of_place, no_point, place_at, without_run
from gateway.backflush.posting.windows import close_line
from gateway.backflush.reversal.reopening import is_closing, undo_closing
from gateway.backflush.reversal.reversal import undo
from gateway.backflush.values.documents import LOST, REWORK, SCRAP, Disposition, format_number
from gateway.backflush.values.phrases import ENGLISH, Language, inflect, phrase
from gateway.backflush.values.quantities import MICRO
from gateway.errors import Reason

CHOICES: Final = frozenset(
    {Verb.LINE, Verb.POINT, Verb.QTY, Verb.SCRAP, Verb.LOST, Verb.REWORK, Verb.YIELD, Verb.OPERATOR, Verb.START}
)
"""Cards that book nothing: they make choices for the labels after them."""
_OF_LINE: Final = frozenset({Verb.RUN, Verb.START, Verb.STOP, Verb.CLOSE, Verb.BEGIN, Verb.INFO})
"""Cards that need a line."""
_DISPOSITION_OF: Final[Mapping[Verb, Disposition]] = {Verb.SCRAP: SCRAP, Verb.LOST: LOST, Verb.REWORK: REWORK}


def needs_of_card(inquiry: Inquiry, event: Scanned, card: Control, chosen: Context | None = None) -> None:
    """Name the records that a card touches, and its choices for the labels after it in the batch.

    chosen: the choices of then, if it is replayed.
    """
    context = chosen or inquiry.state.contexts.get(event.device) or Context()
    match card.verb:
        case Verb.POINT:
            inquiry.points.setdefault(event.device, []).append(card.values[0])
            for plant, line in (place_of_scan(event, context), *inquiry.lines.get(event.device, ())):
                needs_of_place(inquiry, plant, line, inquiry.now)
        case Verb.LINE:
            inquiry.lines.setdefault(event.device, []).append((card.values[0], card.values[1]))
        case Verb.RUN | Verb.STOP | Verb.START:
            for plant, line in (place_of_scan(event, context), *inquiry.lines.get(event.device, ())):
                inquiry.runs(plant, line, inquiry.now)
        case Verb.UNDO if context.undo:
            made = range(context.undo, context.undo_to + 1)
            inquiry.once = inquiry.once._replace(documents=(*inquiry.once.documents, *made))
        case _:
            pass


def obey(books: Books, event: Scanned, device: Device, card: Control, context: Context) -> Outcome:
    """Make the choice of a card, or act on it."""
    plant, line = place_of_scan(event, context)
    books.outcome("context")
    if line == ROAMING and card.verb in _OF_LINE:
        return _which_line(books, event)
    if card.verb in CHOICES:
        return _choose(books, event, card, context)
    language = language_of(books, event)
    match card.verb:
        case Verb.RUN:
            return begin_run(books, event, context, (card.values[0], card.values[1], ""))
        case Verb.STOP:
            stopped = stop_run(books, language, plant, line, books.now)
            told = stopped or phrase(language, "had_no_run", line=f"{plant}/{line}")
            return _confirm(language, "stop", f"{told}; {without_run(books, language, plant, line, books.now)}")
        case Verb.CLOSE:
            return _close(books, event, context)
        case Verb.BEGIN:
            return _begin(books, event, card, context)
        case Verb.INFO:
            return _inform(books, event, device, context)
        case _:
            return _undo(books, event, context)


def _which_line(books: Books, event: Scanned) -> Outcome:
    """Ask for the card of the line."""
    refused = not_posted(books, event, NO_PLACE, "which_line")
    if not books.state.rules.leads:
        return refused
    language = language_of(books, event)
    return refused._replace(result="prompt", text=phrase(language, "scan_line"))


def _choose(books: Books, event: Scanned, card: Control, context: Context) -> Outcome:
    """Make the choice of a card that books nothing, unless its name is unknown."""
    plant, line = place_of_scan(event, context)
    language = language_of(books, event)
    said = "".join(card.values)
    match card.verb:
        case Verb.LINE:
            of, name = card.values
            if unknown := unknown_line(books.state.master, of, name):
                return not_posted(books, event, unknown, "which_line")
            if event.line != ROAMING and (of, name) != (plant, line) and books.state.rules.judges_cards:
                own = f"{plant}/{line}"
                text = f"this scanner belongs to line {own}: only a scanner that roams takes the card of another line"
                return not_posted(books, event, Rejection(Reason.WRONG_PLACE, text, (("line", own),)), "not_chosen")
            change_line(books, context, of, name)
            return _confirm(language, "line", f"{of}/{name}")
        case Verb.POINT:
            unknown = judge(books.state, Said(plant, line, point=said)) or _no_point(books, event, (plant, line), said)
            if unknown:
                return not_posted(books, event, unknown, "which_point")
            context.point = said
            return _confirm(language, "point", said)
        case Verb.OPERATOR:
            if unknown := judge(books.state, Said(plant, operator=said)):
                return not_posted(books, event, unknown, "which_operator")
            change_operator(books, context, said)
            language = language_of(books, event)
            return _confirm(language, "operator", books.state.master.operators.get(said, said))
        case Verb.YIELD:
            context.mode, context.reason = "", ""
            return _confirm(language, "yield", phrase(language, "good_pieces"))
        case Verb.QTY:
            context.quantity = int(said) * MICRO
            title = phrase(language, "quantity_of", pieces=said)
            return _ask_for_label(books, event, context, title)
        case Verb.START:
            context.mode, context.reason = "start", ""
            text = phrase(language, "scan_product", line=f"{plant}/{line}")
            return _ask_for_label(books, event, context, phrase(language, "start"), text)
        case _:
            if unknown := judge(books.state, Said("", reasons=(said,))):
                return not_posted(books, event, unknown, "which_reason")
            context.mode, context.reason = _DISPOSITION_OF[card.verb], said
            title = f"{phrase(language, context.mode)} {said}".rstrip()
            return _ask_for_label(books, event, context, title, books.state.master.scrap_reasons.get(said, ""))


def _no_point(books: Books, event: Scanned, of: tuple[str, str], point: str) -> Rejection | None:
    """Refuse a point at which no label of the line's product is posted; while no one product is known, it may wait."""
    master, (plant, line) = books.state.master, of
    if line == ROAMING or not books.state.rules.judges_cards:
        return None
    if run_of(books, plant, line) is None and len(master.versions_of_line.get(of, ())) != 1:
        return None
    place = place_at(books, PlaceRequest(plant, line, point), books.now)
    if isinstance(place, Rejection):
        return place if place.code == Reason.UNKNOWN_POINT else None
    return no_point(books, place, point, event.device)


def _ask_for_label(books: Books, event: Scanned, context: Context, title: str, text: str = "") -> Outcome:
    """Ask for the label that a choice is for."""
    choose(books, event, context)
    language = language_of(books, event)
    return Outcome("prompt", Reason.PROMPT, title, text or phrase(language, "scan_label"))


def _confirm(language: Language, title: str, text: str) -> Outcome:
    return Outcome("info", Reason.CONTEXT, phrase(language, title), text)


def begin_run(books: Books, event: Scanned, context: Context, makes: tuple[str, str, str]) -> Outcome:
    """Begin a run of a material, version and batch on the scanner's line."""
    plant, line = place_of_scan(event, context)
    language = language_of(books, event)
    run = Run(plant, line, books.now, None, *makes, actor=context.operator or event.device)
    begun = start_run(books, language, run)
    if isinstance(begun, Rejection):
        return not_posted(books, event, begun, "no_run")
    return _confirm(language, "run", begun)


def begin_run_of(books: Books, event: Scanned, label: Label, context: Context) -> Outcome:
    """Begin a run of the product of a label, with its batch; nothing is posted."""
    books.outcome("context")
    context.forget_label()
    plant, line = place_of_scan(event, context)
    if line == ROAMING:
        return _which_line(books, event)
    named = product_named(books.state, plant, label)
    if isinstance(named, Rejection):
        return not_posted(books, event, named, "no_run")
    product, _ = named
    return begin_run(books, event, context, (product.material, product.version, label.batch or ""))


def _close(books: Books, event: Scanned, context: Context) -> Outcome:
    begun = books.next_document
    language = language_of(books, event)
    closed = close_line(books, *place_of_scan(event, context))
    if isinstance(closed, Rejection):
        return not_posted(books, event, closed, "empty")
    if not closed.documents:
        return _confirm(language, "closed", closed.late(language))
    context.note_posting(begun, books.next_document - 1, leads=books.state.rules.leads)
    told = count_documents(language, closed.documents), closed.late(language)
    return describe_posting(books, event, Posting(closed.documents, frame="closed_of"), *told)


def _begin(books: Books, event: Scanned, card: Control, context: Context) -> Outcome:
    """Restart a counter of the scanner's line."""
    device, total = card.values
    begun = begin_on(books, *place_of_scan(event, context), device, {"": int(total)})
    if isinstance(begun, Rejection):
        return not_posted(books, event, begun, "not_begun")
    language = language_of(books, event)
    return _confirm(language, "begin", phrase(language, "begins_again", device=device, total=total))


def _inform(books: Books, event: Scanned, device: Device, context: Context) -> Outcome:
    """Describe the settings of the scanner and its line."""
    state, language = books.state, language_of(books, event)
    plant, line = place_of_scan(event, context)
    run, point = run_of(books, plant, line), point_of_scan(event.scan, context, device)
    told = [phrase(language, "without_run", line=f"{plant}/{line}")]
    if run is not None:
        made = f"{product_of(state, plant, run.material, 0).name} {run.version} {run.batch}".rstrip()
        told = [phrase(language, "makes", line=f"{plant}/{line}", product=made)]
    if point:
        told.append(phrase(language, "at_point", point=point))
    if context.operator:
        name = state.master.operators.get(context.operator) or context.operator
        told.append(phrase(language, "by_operator", operator=name))
    if choice := describe_choice(language, context):
        told.append(phrase(language, "next_label", choice=choice))
    return _confirm(language, "info", "; ".join(told))


# -- undo


def _undo(books: Books, event: Scanned, context: Context) -> Outcome:
    """Reverse all reports of the scanner's newest posting that is not undone yet, or none."""
    state, language = books.state, language_of(books, event)
    known, made = books.facts.documents, range(context.undo, context.undo_to + 1)
    reports = [known[number] for number in made if number in known and not known[number].document.caused_by]
    if not reports:
        return _nothing_undone(language, "nothing_left")
    elsewhere = (not_ours(state, each.document.plant, each.document.line) for each in reports)
    refused = next(filter(None, elsewhere), None)
    products, facts = describe_undone(books, reports)
    sender, opens = Sender(context.operator or event.device, "undo by scan"), is_closing(books, reports)
    done = refused or (undo_closing if opens else undo)(books, reports, sender)
    if isinstance(done, Rejection):
        if done.code != Reason.ALREADY_REVERSED:
            return not_posted(books, event, done, "not_undone")
        return _undone_before(books, language, context, reports, done)
    if state.rules.leads:
        context.drop_posting()
    numbers = {each.reverses for each in done.documents}
    undone = [format_number(each.document.number) for each in reports if numbers & {each.document.number, *each.caused}]
    named = ", ".join(f"{each.amount} {each.name}" for each in products if each.units)
    text = inflect(language, "reversed", len(undone), 1, documents=", ".join(undone))
    text = ": ".join(filter(None, (named, text)))
    left = phrase(language, "open_again") if opens else withdrawn(language, done.withdrawn, done.covered)
    text = "; ".join(filter(None, (text, left)))
    title, units = phrase(language, "undone"), sum(each.units for each in products) if state.rules.leads else 0
    return Outcome("ok", Reason.OK, title, text, done.documents[-1].number, units, facts=facts)


def _undone_before(
    books: Books, language: Language, context: Context, reports: list[Dossier], done: Rejection
) -> Outcome:
    """Answer that a person has reversed the posting meanwhile; the next card goes on to the one before it."""
    if not books.state.rules.leads:
        return _nothing_undone(language, "only_last", why=done.text)
    context.drop_posting()
    documents = ", ".join(format_number(each.document.number) for each in reports)
    return _nothing_undone(language, "undone_before", documents=documents)


def _nothing_undone(language: Language, key: str, **fields: str) -> Outcome:
    facts = (("reason", phrase(ENGLISH, key, **fields)),)
    text = phrase(language, key, **fields)
    return Outcome("nok", Reason.NOTHING_TO_UNDO, phrase(language, "nothing_to_undo"), text, facts=facts)
