"""Scans: a label is a report of its own, a control code changes the meaning of the scanner's next labels.

A scan is identified by its own id, without one by its own time (`identities`): a repetition with the same content, its
time included, is answered again and not posted; with other content it is a conflict. A scan without id and time that
another gateway may have received as well is kept for a person: it cannot be told from its repetition. A serial number
or SSCC is confirmed once per reporting point. Every scan gets exactly one outcome, and a safe answer even if nothing
was posted.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Final

from devices.barcodes import Control, Label, Verb
from devices.errors import Rejection
from gateway.backflush.inputs.device_marks import begin_on
from gateway.backflush.inputs.identities import is_certain, may_be, name_of_replay, scan_name
from gateway.backflush.inputs.labels import describe_posting, needs_of_label, place_of_scan, post_label, refuse_scan
from gateway.backflush.inputs.repetition import settle_refused
from gateway.backflush.inputs.runs import start_run, stop_run
from gateway.backflush.inputs.senders import NO_PLACE, find_device
from gateway.backflush.memory.events import Scanned, Sender
from gateway.backflush.memory.inquiry import Inquiry
from gateway.backflush.memory.records import Context, LastScan, Outcome, QuarantineEntry, ScanRecord
from gateway.backflush.plant.snapshot import ROAMING
from gateway.backflush.plant.versions import Run
from gateway.backflush.posting.answers import withdrawn
from gateway.backflush.posting.books import Books
from gateway.backflush.posting.names import Said, judge, unknown_line
from gateway.backflush.posting.ownership import not_ours
from gateway.backflush.posting.places import without_run
from gateway.backflush.posting.windows import close_line
from gateway.backflush.reversal.reversal import undo
from gateway.backflush.values.documents import LOST, REWORK, SCRAP, Disposition, format_number
from gateway.backflush.values.quantities import MICRO, number_of
from gateway.errors import Reason

CHOICES = frozenset({Verb.LINE, Verb.POINT, Verb.QTY, Verb.SCRAP, Verb.LOST, Verb.REWORK, Verb.YIELD, Verb.OPERATOR})
"""Cards that book nothing: they make choices for the labels after them."""
_DISPOSITION_OF: Final[Mapping[Verb, Disposition]] = {Verb.SCRAP: SCRAP, Verb.LOST: LOST, Verb.REWORK: REWORK}
_DOUBT = "?"
"""Prefix of the content of a scan that its time identifies only perhaps."""
_TWICE = Outcome("dup", Reason.DUPLICATE, "ALREADY SCANNED", "the same code was read a moment ago")


def needs_of_scan(inquiry: Inquiry, event: Scanned) -> None:
    """Name the records that a scan touches: its identity, and those of its label or card."""
    name, label = scan_name(event.scan), event.label
    known = inquiry.state.scans.get((event.device, name))
    if name and (known is None or known.outcome.result == "nok"):
        inquiry.scans.append((event.device, name if known is None else name_of_replay(name)))
    if isinstance(label, Label):
        needs_of_label(inquiry, event, label)
    elif isinstance(label, Control):
        _needs_of_card(inquiry, event, label)


def _needs_of_card(inquiry: Inquiry, event: Scanned, card: Control) -> None:
    """Name the records that a card touches, and its choices for the labels after it in the batch."""
    context = inquiry.state.contexts.get(event.device) or Context()
    match card.verb:
        case Verb.POINT:
            inquiry.points.setdefault(event.device, []).append(card.values[0])
        case Verb.LINE:
            inquiry.lines.setdefault(event.device, []).append((card.values[0], card.values[1]))
        case Verb.RUN | Verb.STOP:
            for plant, line in (place_of_scan(event, context), *inquiry.lines.get(event.device, ())):
                inquiry.runs(plant, line, inquiry.now)
        case Verb.UNDO if context.undo:
            made = range(context.undo, context.undo_to + 1)
            inquiry.once = inquiry.once._replace(documents=(*inquiry.once.documents, *made))
        case _:
            pass


def needs_of_refused(scans: Mapping[tuple[str, str], ScanRecord]) -> tuple[tuple[str, str], ...]:
    """Name the identities under which the replays of refused scans are known."""
    refused = (identity for identity, known in scans.items() if known.outcome.result == "nok")
    return tuple((device, name_of_replay(name)) for device, name in refused)


def scan(books: Books, event: Scanned) -> None:
    """Process one scan and answer its scanner."""
    elsewhere = not_ours(books.state, event.plant, event.line)
    if elsewhere is not None:
        # Not remembered: the owner of the line may still have to post it.
        _tell(books, event, refuse_scan(books, event, elsewhere))
        return
    content = _content(event)
    _tell(books, event, _again(books, event, content) or _first(books, event, content))


def _first(books: Books, event: Scanned, content: str) -> Outcome:
    """Process a new scan, and keep its identity."""
    state, said = books.state, event.scan
    named = may_be(state, books.now, said)
    if event.behind and not named:
        text = "another gateway has had the line since, and may have posted it: replay or dismiss it"
        return refuse_scan(books, event, Rejection(Reason.LEFT_BEHIND, text))
    outcome = _work(books, event, None)
    # Names that any sender may invent are not kept.
    if said.id or (named and event.device in state.master.devices):
        doubt = "" if is_certain(state, books.now, said) else _DOUBT
        books.remember((event.device, scan_name(said)), doubt + content, outcome)
    return outcome


def _again(books: Books, event: Scanned, content: str) -> Outcome | None:
    """Answer a repeated scan; None if it is new."""
    said = event.scan
    seen = _find_repetition(books, event)
    if seen is not None and seen.content.removeprefix(_DOUBT) != content:
        name = said.id or "of the same code at the same time"
        clash = Rejection(Reason.CONFLICT, f"scan {name} was sent before with different content")
        return refuse_scan(books, event, clash)
    certain = is_certain(books.state, books.now, said)
    if seen is not None and (certain or not seen.content.startswith(_DOUBT)):
        books.outcome("duplicate")
        if said.id or seen.outcome.result != "ok":
            return seen.outcome
        return _TWICE._replace(document=seen.outcome.document)
    if certain or (event.behind and seen is None):
        return None
    repeated = _is_repetition(books, event, content)
    if seen is None or repeated is not None:
        return repeated
    text = "the same code came with the same implausible time: replay it if it stands for other pieces"
    return refuse_scan(books, event, Rejection(Reason.WAITED, text))


def _find_repetition(books: Books, event: Scanned) -> ScanRecord | None:
    name = scan_name(event.scan)
    seen = books.find_scan((event.device, name)) if name else None
    if seen is not None and seen.outcome.result == "nok":
        return books.find_scan((event.device, name_of_replay(name))) or seen
    return seen


def rescan(books: Books, event: Scanned, entry: QuarantineEntry) -> Outcome:
    """Process a refused scan again, with its operator's choices of then; the present choices stay."""
    seen = _find_repetition(books, event)
    name = event.scan.id or "of this code at this time"
    if seen is not None and seen.content.removeprefix(_DOUBT) != _content(event):
        return Outcome("nok", Reason.CONFLICT, "NOT POSTED", f"scan {name} is another scan's id")
    if seen is not None and entry.code == Reason.NOT_STORED:
        return _TWICE._replace(text=f"scan {name} has come again since", document=seen.outcome.document)
    chosen = json.loads(entry.content)
    chosen.pop("code", None)
    return _work(books, event, Context(**chosen))


def remember_replay(books: Books, event: Scanned, outcome: Outcome) -> None:
    """Remember a replayed scan: its repetition gets this answer; after a refusal, that it is posted."""
    seen, name = _find_repetition(books, event), scan_name(event.scan)
    if seen is None:
        if is_certain(books.state, books.received, event.scan):
            books.remember((event.device, name), _content(event), outcome)
    elif seen.outcome.result == "nok" and outcome.result != "nok":
        if outcome.result != "dup" and outcome.document:
            outcome = _TWICE._replace(text="it was refused, and is posted by replay", document=outcome.document)
        books.remember((event.device, name_of_replay(name)), seen.content, outcome)


def _content(event: Scanned) -> str:
    said = event.scan
    said = said._replace(id=None, hist=False, device=None)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:32]


def _tell(books: Books, event: Scanned, outcome: Outcome) -> None:
    books.feedback(event.entry, event.plant, event.line, event.device, event.scan.id or "", outcome)


def _is_repetition(books: Books, event: Scanned, content: str) -> Outcome | None:
    """Answer a scan without an identity that repeats the same pull: equal content within the duplicate window."""
    state = books.state
    if event.device not in state.master.devices:
        return None  # refused anyway, and names that any sender may invent are not kept
    before = state.last_scans.get(event.device)
    now = LastScan(content, books.now)
    state.last_scans[event.device] = books.changes.last_scans[event.device] = now
    if before is None or before.content != now.content or now.at - before.at > state.rules.duplicate_window:
        return None
    if event.waited:
        text = "the same code came just before, and the broker had kept them: replay it if it stands for other pieces"
        return refuse_scan(books, event, Rejection(Reason.WAITED, text))
    books.outcome("duplicate")
    return _TWICE


def _context_of(books: Books, device: str) -> Context:
    """Return the choices of a scanner's operator, mutable."""
    context = books.state.contexts.get(device)
    if context is None:
        context = books.state.contexts[device] = Context()
    books.changes.contexts[device] = context
    return context


def _work(books: Books, event: Scanned, chosen: Context | None) -> Outcome:
    """Process a scan, with its operator's choices of then if it is replayed, else with the present ones."""
    device = find_device(books, event.device, event.plant, event.line, event.scan.device)
    if isinstance(device, Rejection):
        return refuse_scan(books, event, device)
    if event.scan.operator and (unknown := judge(books.state, Said(event.plant, operator=event.scan.operator))):
        return refuse_scan(books, event, unknown)
    context = _context_of(books, event.device) if chosen is None else chosen
    if event.scan.operator:
        context.operator = event.scan.operator
    label = event.label
    chooses = isinstance(label, Control) and label.verb is Verb.LINE
    if event.line == ROAMING and not chooses:
        refused = not_ours(books.state, *place_of_scan(event, context))
        if refused is not None:
            return refuse_scan(books, event, refused)
    match label:
        case Rejection():
            return refuse_scan(books, event, label)
        case Control():
            return _control(books, event, label, context)
        case _:
            begun, mode = books.next_document, context.mode
            outcome = post_label(books, event, device, label, context)
            if outcome.document and chosen is None:
                settle_refused(books, event, mode, outcome.document)
            # A scanner undoes only its own postings.
            if outcome.result == "ok" or outcome.code == Reason.WAITS:
                context.undo, context.undo_to = begun, books.next_document - 1
            return outcome


# -- control codes


def _control(books: Books, event: Scanned, control: Control, context: Context) -> Outcome:
    plant, line = place_of_scan(event, context)
    books.outcome("context")
    if line == ROAMING and control.verb in (Verb.RUN, Verb.STOP, Verb.CLOSE, Verb.BEGIN):
        return Outcome("nok", NO_PLACE.code, "WHICH LINE?", NO_PLACE.text)
    if control.verb in CHOICES:
        return _choose(books, plant, line, control, context)
    match control.verb:
        case Verb.RUN:
            who = context.operator or event.device
            run = Run(plant, line, books.now, None, control.values[0], control.values[1], actor=who)
            makes = start_run(books, run)
            if isinstance(makes, Rejection):
                return Outcome("nok", makes.code, "NO RUN", makes.text)
            return _confirm_choice("RUN", makes)
        case Verb.STOP:
            stopped = stop_run(books, plant, line, books.now)
            told = stopped or f"{plant}/{line} had no run"
            return _confirm_choice("STOP", f"{told}; {without_run(books, plant, line, books.now)}")
        case Verb.CLOSE:
            return _close(books, plant, line, context)
        case Verb.BEGIN:
            return _begin(books, plant, line, control)
        case _:
            return _undo(books, event, context)


def _choose(books: Books, plant: str, line: str, control: Control, context: Context) -> Outcome:
    """Make the choice of a card that books nothing, unless its name is unknown."""
    match control.verb:
        case Verb.LINE:
            return _choose_line(books, context, control.values[0], control.values[1])
        case Verb.POINT:
            point = control.values[0]
            if unknown := judge(books.state, Said(plant, line, point=point)):
                return _nobody_knows("POINT", unknown)
            context.point = point
            return _confirm_choice("POINT", point)
        case Verb.QTY:
            context.quantity = int(control.values[0]) * MICRO
            return Outcome("prompt", Reason.PROMPT, f"{control.values[0]} x", "scan the label")
        case Verb.SCRAP | Verb.LOST | Verb.REWORK:
            return _prompt(books, context, _DISPOSITION_OF[control.verb], "".join(control.values))
        case Verb.YIELD:
            context.mode, context.reason = "", ""
            return _confirm_choice("YIELD", "quantities are good pieces")
        case Verb.OPERATOR:
            operator = control.values[0]
            if unknown := judge(books.state, Said(plant, operator=operator)):
                return _nobody_knows("OPERATOR", unknown)
            context.operator = operator
            return _confirm_choice("OPERATOR", books.state.master.operators.get(context.operator, context.operator))
        case _:
            raise AssertionError(control.verb)


def _choose_line(books: Books, context: Context, plant: str, line: str) -> Outcome:
    """Move a roaming scanner to a line that is maintained."""
    unknown = unknown_line(books.state.master, plant, line)
    if unknown is not None:
        return _nobody_knows("LINE", unknown)
    context.plant, context.line = plant, line
    return _confirm_choice("LINE", f"{plant}/{line}")


def _prompt(books: Books, context: Context, mode: Disposition, reason: str) -> Outcome:
    """Classify the next quantity as something other than good pieces."""
    if unknown := judge(books.state, Said("", reasons=(reason,))):
        return _nobody_knows("REASON", unknown)
    context.mode, context.reason = mode, reason
    text = books.state.master.scrap_reasons.get(reason, "")
    return Outcome("prompt", Reason.PROMPT, f"{mode.upper()} {reason}".rstrip(), text or "scan the label")


def _nobody_knows(what: str, unknown: Rejection) -> Outcome:
    """Refuse a card with an unknown name: earlier choices stay."""
    return Outcome("nok", unknown.code, f"WHICH {what}?", unknown.text)


def _confirm_choice(title: str, text: str) -> Outcome:
    return Outcome("info", Reason.CONTEXT, title, text)


def _close(books: Books, plant: str, line: str, context: Context) -> Outcome:
    begun = books.next_document
    closed = close_line(books, plant, line)
    if isinstance(closed, Rejection):
        return Outcome("nok", closed.code, "EMPTY", closed.text)
    if not closed.documents:
        return _confirm_choice("CLOSED", closed.late)
    context.undo, context.undo_to = begun, books.next_document - 1
    text = "; ".join(filter(None, (number_of(len(closed.documents), "document"), closed.late)))
    return describe_posting(books, closed.documents, "CLOSED", text)


def _begin(books: Books, plant: str, line: str, control: Control) -> Outcome:
    """Restart a counter of the scanner's line."""
    device, total = control.values
    begun = begin_on(books, plant, line, device, {"": int(total)})
    if isinstance(begun, Rejection):
        return Outcome("nok", begun.code, "NOT BEGUN", begun.text)
    return _confirm_choice("BEGIN", f"{device} begins again at {total}")


def _undo(books: Books, event: Scanned, context: Context) -> Outcome:
    """Reverse all reports of the scanner's last scan, or none."""
    known, made = books.facts.documents, range(context.undo, context.undo_to + 1)
    reports = [known[number] for number in made if number in known and not known[number].document.caused_by]
    if not reports:
        return Outcome(
            "nok", Reason.NOTHING_TO_UNDO, "NOTHING TO UNDO", "this scanner has posted nothing that could be undone"
        )
    elsewhere = (not_ours(books.state, each.document.plant, each.document.line) for each in reports)
    refused = next(filter(None, elsewhere), None)
    done = refused or undo(books, reports, Sender(context.operator or event.device, "undo by scan"))
    if isinstance(done, Rejection):
        if done.code != Reason.ALREADY_REVERSED:
            return Outcome("nok", done.code, "NOT UNDONE", done.text)
        text = f"{done.text}; UNDO takes back only the last scan; reverse older documents by their number"
        return Outcome("nok", Reason.NOTHING_TO_UNDO, "NOTHING TO UNDO", text)
    numbers = {each.reverses for each in done.documents}
    undone = [format_number(each.document.number) for each in reports if numbers & {each.document.number, *each.caused}]
    text = f"document {undone[0]} is reversed"
    if len(undone) > 1:
        text = f"documents {', '.join(undone)} are reversed"
    text = "; ".join(filter(None, (text, withdrawn(done.withdrawn))))
    return Outcome("ok", Reason.OK, "UNDONE", text, done.documents[-1].number)
